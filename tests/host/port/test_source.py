# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Which sources a build takes: any CPython 3.14, no other, and what it says when there is none."""

import shutil
import subprocess

import pytest

from zpy.paths import ROOT

SCRIPT = ROOT / "modules" / "cpython" / "cmake" / "source.cmake"


@pytest.fixture
def look(tmp_path, monkeypatch):
    """Run source.cmake on a tree that says to be that version; return what CMake did."""
    if not shutil.which("cmake"):
        pytest.skip("cmake is not here")
    # The suite's own tells where CPython is.
    for name in ("CPYTHON_SRC", "ZLIB_SRC"):
        monkeypatch.delenv(name, raising=False)
    zephyr = tmp_path / "zephyr"
    zlib = tmp_path / "modules" / "lib" / "zlib"
    zephyr.mkdir()
    zlib.mkdir(parents=True)
    (zlib / "inflate.c").touch()

    def run(version, place="cpython", *arguments):
        if version:
            include = tmp_path / place / "Include"
            include.mkdir(parents=True)
            (include / "patchlevel.h").write_text(
                f'/* Version as a string */\n#define PY_VERSION      \t"{version}"\n'
            )
        return subprocess.run(
            ["cmake", f"-DZEPHYR_BASE={zephyr}", *arguments, "-P", str(SCRIPT)],
            capture_output=True,
            text=True,
        )

    return run


@pytest.mark.parametrize("version", ["3.14.0", "3.14.6", "3.14.7", "3.14.12+"])
def test_any_patch_release(look, version):
    done = look(version)
    assert done.returncode == 0, done.stderr
    assert f"CPython {version}: " in done.stdout


@pytest.mark.parametrize("version", ["3.13.9", "3.15.0a2", "3.1.4", "4.14.0"])
def test_other_versions_are_refused(look, version):
    done = look(version)
    assert done.returncode != 0
    text = " ".join(done.stderr.split())
    assert f"is CPython {version}; ZPy builds with 3.14 (3.14.0 and later patch releases)" in text
    assert "Check out a tag v3.14.*" in text
    assert "-DCPYTHON_SRC=<folder>" in text


def test_named_folder(look, tmp_path):
    done = look("3.14.6", "elsewhere", f"-DCPYTHON_SRC={tmp_path / 'elsewhere'}")
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "elsewhere") in done.stdout


def test_no_source(look, tmp_path):
    done = look(None)
    assert done.returncode != 0
    text = " ".join(done.stderr.split())
    assert f"No source of cpython at {tmp_path / 'cpython'}" in text
    assert "west update" in text
