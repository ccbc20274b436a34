# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Finding Zephyr, and fetching it."""

import subprocess

import pytest

from zpy import workspace
from zpy.errors import Missing


@pytest.fixture(autouse=True)
def nothing_around(bare_home, tmp_path, monkeypatch):
    monkeypatch.setattr(workspace, "WORKSPACE", tmp_path / "own")
    monkeypatch.setattr(workspace, "_enclosing", lambda: None)


def test_nothing():
    assert workspace.find() is None


def test_zephyr_base(make_tree, monkeypatch):
    base = make_tree()
    monkeypatch.setenv("ZEPHYR_BASE", str(base))
    tree = workspace.find()
    assert (tree.base, tree.found_by, tree.version) == (base, "ZEPHYR_BASE", (4, 0, 0))


def test_zephyr_base_that_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("ZEPHYR_BASE", str(tmp_path))
    with pytest.raises(Missing, match="no Zephyr tree"):
        workspace.find()


def test_registered(make_tree, register):
    base = make_tree()
    register(base)
    assert workspace.find().base == base


def test_registered_but_gone(tmp_path, register):
    register(tmp_path / "was-here")
    assert workspace.find() is None


def test_newest_of_several(make_tree, register):
    old, new = make_tree("a", "4.0.0"), make_tree("b", "4.1.99")
    register(new, old)
    assert workspace.find().base == new


def test_a_tree_that_can_build_goes_first(make_tree, register):
    complete, newer = make_tree("a", "4.0.0"), make_tree("b", "4.2.0", cpython=False)
    register(complete, newer)
    assert workspace.find().base == complete


def test_rubbish_in_the_registry(bare_home, make_tree, register):
    base = make_tree()
    register(base)
    (bare_home / ".cmake" / "packages" / "Zephyr" / "junk").write_bytes(b"\xff\x00\xfe")
    assert workspace.find().base == base


def test_own_workspace(make_tree):
    base = make_tree("own")
    assert workspace.find().base == base


def test_cpython_source(make_tree, tmp_path, monkeypatch):
    base = make_tree(cpython=False)
    tree = workspace.Tree(base, "test")
    assert tree.cpython is None
    assert "CPython" in tree.lacks()
    include = tmp_path / "elsewhere" / "Include"
    include.mkdir(parents=True)
    (include / "patchlevel.h").write_text('#define PY_VERSION "3.14.9"\n')
    monkeypatch.setenv("CPYTHON_SRC", str(tmp_path / "elsewhere"))
    assert tree.cpython == tmp_path / "elsewhere"
    assert not tree.lacks()
    assert workspace.cpython_version(tree.cpython) == "3.14.9"


def test_toolchain_of_the_users(make_tree, bare_home, monkeypatch):
    assert not workspace.toolchain_registered()
    sdk = bare_home / "sdk" / "cmake"
    sdk.mkdir(parents=True)
    registry = bare_home / ".cmake" / "packages" / "Zephyr-sdk"
    registry.mkdir(parents=True)
    (registry / "0").write_text(str(sdk))
    assert workspace.toolchain_registered()


def test_check_when_nothing_can_be_had(monkeypatch):
    monkeypatch.setattr(workspace, "reachable", lambda: False)
    with pytest.raises(Missing, match="no Zephyr tree here") as caught:
        workspace.check()
    assert "\n" not in str(caught.value)


def test_check_when_cpython_is_missing(make_tree, register, monkeypatch):
    monkeypatch.setattr(workspace, "reachable", lambda: False)
    register(make_tree(cpython=False))
    with pytest.raises(Missing, match="lacks CPython's source"):
        workspace.check()


def test_addresses_of_the_real_manifest():
    urls = workspace._project_urls()
    assert urls[0].endswith("/zephyr")
    assert any(url.endswith("/cpython") for url in urls)


def _git(*arguments, cwd):
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    subprocess.run(["git", *identity, *arguments], cwd=cwd, check=True, capture_output=True)


@pytest.fixture
def remote(tmp_path, make_tree, monkeypatch):
    """A west.yml whose projects are git repositories in a directory here."""
    pytest.importorskip("west")
    make_tree("remotes", west=False)
    top = tmp_path / "remotes"
    for name in ("zephyr", "cpython"):
        (top / name / "share" / "zephyr-package").mkdir(parents=True, exist_ok=True)
        (top / name / "share" / "zephyr-package" / "x").write_text("x")
        _git("init", "-q", "-b", "main", cwd=top / name)
        _git("add", "-A", cwd=top / name)
        _git("commit", "-q", "-m", "all", cwd=top / name)
    manifest = tmp_path / "west.yml"
    manifest.write_text(
        "manifest:\n"
        "  remotes:\n"
        "    - name: here\n"
        f"      url-base: file://{top}\n"
        "  projects:\n"
        "    - name: zephyr\n"
        "      remote: here\n"
        "      revision: main\n"
        "    - name: cpython\n"
        "      remote: here\n"
        "      revision: main\n"
        "  self:\n"
        "    path: zpy\n"
    )
    monkeypatch.setattr(workspace, "MANIFEST", manifest)
    monkeypatch.setattr(workspace, "LOG", tmp_path / "log")
    return top


def test_fetch(remote):
    assert not workspace.up_to_date()
    assert workspace.reachable()
    tree = workspace.obtain()
    assert tree.found_by == ".zpy/workspace"
    assert tree.version == (4, 0, 0)
    assert tree.cpython == tree.topdir / "cpython"
    assert workspace.up_to_date()
    assert workspace.find() == tree


def test_fetch_that_fails_says_where_to_look(remote):
    text = workspace.MANIFEST.read_text()
    workspace.MANIFEST.write_text(text.replace("revision: main", "revision: gone", 1))
    with pytest.raises(Missing, match=r"west update failed \(see .*west-update.log\)"):
        workspace.fetch()


def test_unreachable(remote):
    text = workspace.MANIFEST.read_text()
    workspace.MANIFEST.write_text(text.replace("file://", "file:///nowhere"))
    assert not workspace.reachable()
