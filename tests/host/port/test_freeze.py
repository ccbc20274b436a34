# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""What freeze.py puts into the image. Needs CPython's source and its exact version to run on."""

import json
import os
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest

# Runs on the target's version: describes the code objects that a run of freeze.py has left.
DESCRIBE = """
import json, marshal, re, sys
out = sys.argv[1]
with open(f"{out}/frozen.bin", "rb") as file:
    blob = file.read()
with open(f"{out}/frozen.c") as file:
    text = file.read()
def columns(code):
    found = any(p[2] is not None for p in code.co_positions())
    return found or any(columns(c) for c in code.co_consts if hasattr(c, "co_code"))
rows = {}
pattern = r'\\{"([^"]+)", AT\\((\\d+)\\), (\\d+), (true|false)\\}'
for name, offset, size, package in re.findall(pattern, text):
    code = marshal.loads(blob[int(offset):int(offset) + int(size)])
    rows[name] = [code.co_filename, package == "true", columns(code), code.co_consts[:1] != ()
                  and isinstance(code.co_consts[0], str)]
print(json.dumps(rows))
"""

# Runs on the target's version: the lines of all code stay the same without columns.
COMPARE = """
import sys
sys.path.insert(0, sys.argv[1])
import freeze
def lines(code):
    for start, end, line in code.co_lines():
        for offset in range(start, end, 2):
            yield offset, line
def pairs(one, two):
    yield one, two
    for a, b in zip(one.co_consts, two.co_consts, strict=True):
        if hasattr(a, "co_code"):
            yield from pairs(a, b)
count = 0
for path in sys.argv[2:]:
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec", dont_inherit=True)
    for one, two in pairs(code, freeze.without_columns(code)):
        assert list(lines(one)) == list(lines(two)), one
        assert all(p[2] is None for p in two.co_positions())
        count += 1
print(count)
"""


@pytest.fixture(scope="session")
def freeze(target_python, cpython_src, scripts, tmp_path_factory):
    """A function that runs freeze.py."""
    work = tmp_path_factory.mktemp("freeze")

    def python(code, *arguments):
        path = work / "code.py"
        path.write_text(code)
        return run([target_python, path, *arguments])

    def run(command):
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=work,
            env={
                **os.environ,
                "PYTHONPATH": str(cpython_src / "Lib"),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
        )

    def freeze(out, *arguments, lib=cpython_src / "Lib"):
        return run([target_python, scripts / "freeze.py", "--lib", lib, "--out", out, *arguments])

    freeze.python = python
    return freeze


def describe(freeze, out):
    done = freeze.python(DESCRIBE, out)
    assert done.returncode == 0, done.stderr
    manifest = dict(line.rstrip("\n").split("\t") for line in (out / "manifest").open())
    return SimpleNamespace(out=out, modules=json.loads(done.stdout), files=manifest)


@pytest.fixture(scope="session")
def kernel(tmp_path_factory):
    """A package of the project's own."""
    top = tmp_path_factory.mktemp("kernel_py") / "kernel"
    (top / "net").mkdir(parents=True)
    (top / "__init__.py").write_text('"""The kernel."""\n')
    (top / "boot.py").write_text("def boot():\n    return 1 / 0\n")
    (top / "net" / "__init__.py").write_text("")
    (top / "motd.txt").write_text("hello")
    (top / "__pycache__").mkdir()
    (top / "__pycache__" / "boot.cpython-314.pyc").write_text("")
    return top


@pytest.fixture(scope="session")
def full(freeze, kernel, tmp_path_factory):
    out = tmp_path_factory.mktemp("full")
    frozen = ("--freeze", "kernel", "--freeze", "kernel.b*")
    root = ("--root", f"{kernel}=kernel", *frozen)
    done = freeze(out, *root, "--with", "cjk", "--depfile", out / "d")
    assert done.returncode == 0, done.stderr
    return describe(freeze, out)


def test_bootstrap_keeps_upstreams_names(full):
    """The interpreter looks for these file names to shorten tracebacks."""
    assert full.modules["_frozen_importlib"][0] == "<frozen importlib._bootstrap>"
    external = full.modules["_frozen_importlib_external"][0]
    assert external == "<frozen importlib._bootstrap_external>"
    assert full.modules["zipimport"][0] == "<frozen zipimport>"
    text = (full.out / "frozen.c").read_text()
    assert '{"_frozen_importlib", "importlib._bootstrap"}' in text


def test_stdlib(full):
    for name in (
        "os",
        "json",
        "json.decoder",
        "asyncio.base_events",
        "encodings",
        "encodings.utf_8",
        "traceback",
    ):
        assert name in full.modules
    filename, package, columns, docstring = full.modules["json"]
    assert re.fullmatch(r"/lib/python3\.\d+/json/__init__\.py", filename)
    assert package and docstring and not columns
    assert full.modules["json.decoder"][1] is False


def test_sources_are_files(full):
    """FrozenImporter's __file__ and every co_filename name a file in the manifest."""
    for name, (filename, package, _, _) in full.modules.items():
        if filename.startswith("<"):
            continue
        inner = name.replace(".", "/") + ("/__init__.py" if package else ".py")
        assert filename.endswith(f"/{inner}")
        assert full.files[filename].endswith(inner.rpartition("/")[2])
    for host in full.files.values():
        assert os.path.isfile(host)


def test_what_stays_out(full):
    for name in (
        "tkinter",
        "test",
        "idlelib",
        "multiprocessing",
        "ensurepip",
        "ssl",
        "this.that",
        "_pyrepl.unix_console",
        "encodings.mbcs",
        "importlib._bootstrap",
    ):
        assert name not in full.modules
    assert not [path for path in full.files if "/test/" in path or "__hello__" in path]


def test_own_package(full, kernel):
    """What --freeze names is a custom module, the rest of a --root is compiled."""
    text = (full.out / "frozen.c").read_text()
    custom = text[text.index("custom_modules") : text.index("aliases[]")]
    assert re.findall(r'"(\S+)"', custom) == ["kernel", "kernel.boot"]
    filename, _, columns, _ = full.modules["kernel.boot"]
    assert filename.endswith("/kernel/boot.py") and columns
    directory = filename.rpartition("/")[0]
    assert full.files[filename] == str(kernel / "boot.py")
    assert full.files[f"{directory}/motd.txt"] == str(kernel / "motd.txt")
    assert full.files[f"{directory}/net/__init__.py"] == str(kernel / "net" / "__init__.py")
    made = [path for path in full.files if "kernel" in path and "__pycache__" in path]
    (compiled,) = made
    assert re.fullmatch(rf"{directory}/net/__pycache__/__init__\.cpython-\d+\.pyc", compiled)


def test_compressed(full):
    """What few programs import is a .pyc file beside its source."""
    for path in ("encodings/cp932", "email/mime/text", "_pyrepl/utils", "argparse", "json/tool"):
        assert path.replace("/", ".") not in full.modules
        directory, _, name = f"/{path}".rpartition("/")
        assert [p for p in full.files if p.endswith(f"{directory}/{name}.py")]
        assert [p for p in full.files if f"{directory}/__pycache__/{name}.cpython-" in p]
    assert not [p for p in full.files if "/json/__pycache__/__init__" in p]
    assert [p for p in full.files if "/encodings/__pycache__/big5." in p]  # --with cjk


def test_source_only(full):
    assert "pydoc_data.topics" not in full.modules
    assert [p for p in full.files if "/topics." in p] == ["/lib/python3.14/pydoc_data/topics.py"]


def test_tables(full):
    """A character set is a .pyc file alone, in the place of its source."""
    for name in ("cp437", "iso8859_2", "koi8_r", "mac_roman"):
        files = [path for path in full.files if f"/{name}." in path]
        assert files == [f"/lib/python3.14/encodings/{name}.pyc"]


def test_stand_ins_are_optional(full):
    """What is written in C needs no second form in Python."""
    assert not [path for path in full.files if "/_pydecimal" in path or "/_pyio" in path]


def test_depfile(full, kernel, cpython_src):
    text = (full.out / "d").read_text()
    assert text.startswith(f"{full.out}/frozen.c: ")
    for path in (kernel, kernel / "boot.py", cpython_src / "Lib", cpython_src / "Lib/os.py"):
        assert f"  {path}" in text


def test_assembles(full):
    if shutil.which("gcc") is None:
        pytest.skip("no gcc")
    subprocess.run(["gcc", "-c", full.out / "frozen.S", "-o", full.out / "frozen.o"], check=True)
    assert (full.out / "frozen.o").stat().st_size > (full.out / "frozen.bin").stat().st_size


def test_core(freeze, tmp_path, target_python, kernel):
    done = freeze(
        tmp_path,
        "--core",
        "--no-sources",
        "--optimize",
        "2",
        "--root",
        f"{kernel}=kernel",
        "--freeze",
        "kernel.boot",
        "--with",
        "pydecimal",
    )
    assert done.returncode == 0, done.stderr
    core = describe(freeze, tmp_path)
    assert {"_frozen_importlib", "zipimport", "codecs", "kernel.boot"} <= set(core.modules)
    assert len(core.modules) < 15
    assert not [path for path in core.files if path.endswith(".py")]
    assert [path for path in core.files if path.endswith("/kernel/net/__init__.pyc")]
    decoder = next(path for path in core.files if path.endswith("/json/decoder.pyc"))
    with open(core.files[decoder], "rb") as file:
        assert int.from_bytes(file.read(8)[4:], "little") == 1  # by hash, unchecked
    (decimal,) = [path for path in core.files if "_pydecimal" in path]
    assert decimal.endswith("/_pydecimal.pyc")
    for path in ("xml/", "doctest", "encodings/koi8_r"):
        assert not [name for name in core.files if path in name]
    library = core.files[decoder].removesuffix("/json/decoder.pyc")
    done = freeze.python(
        "import sys; sys.path.insert(0, sys.argv[1]); import textwrap, json; "
        "print(textwrap.__file__, textwrap.fill.__doc__, json.loads('[1]'))",
        library,
    )
    assert done.stdout == f"{library}/textwrap.pyc None [1]\n", done.stderr


def test_include_and_exclude(freeze, tmp_path):
    done = freeze(tmp_path, "--core", "--include", "doctest.py", "--exclude", "email/*")
    assert done.returncode == 0, done.stderr
    names = (tmp_path / "manifest").read_text()
    assert "/doctest.py" in names and "/email/" not in names
    # With sources, compiled files are where SourceFileLoader looks.
    assert re.search(r"/json/__pycache__/decoder\.cpython-\d+\.pyc\t", names)


def test_selected_tests(freeze, tmp_path):
    done = freeze(tmp_path, "--tests", "test_json", "test_grammar")
    assert done.returncode == 0, done.stderr
    names = (tmp_path / "manifest").read_text()
    for part in (
        "/test/test_json/test_decode.py",
        "/test/support/__init__.py",
        "/test_grammar.py",
        "/test/__pycache__/test_grammar.cpython-",
        "/test/libregrtest/main.py",
        "/__hello__.py",
    ):
        assert part in names
    assert "/test/test_os.py" not in names
    assert '{"__hello__", ' in (tmp_path / "frozen.c").read_text()
    done = freeze(tmp_path, "--tests", "test_nothing")
    assert done.returncode == 1 and "there is no test_nothing" in done.stderr


def test_lines_survive_without_columns(freeze, scripts, cpython_src):
    names = ("argparse", "typing", "asyncio/base_events", "dataclasses", "tarfile", "enum", "this")
    done = freeze.python(COMPARE, scripts, *(cpython_src / f"Lib/{name}.py" for name in names))
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 500


def test_every_pattern_still_matches(scripts, cpython_src):
    """A pattern that names nothing is left over from an older CPython, or misspelt."""
    sys.path.insert(0, str(scripts))
    import stdlib

    sys.path.remove(str(scripts))
    lib = cpython_src / "Lib"
    paths = {str(path.relative_to(lib)) for path in lib.rglob("*")}
    patterns = [
        *stdlib.EXCLUDE,
        *stdlib.CORE_EXCLUDE,
        *stdlib.SOURCE_ONLY,
        *stdlib.CORE,
        *stdlib.FROZEN,
        *stdlib.FROZEN_EXCEPT,
        *stdlib.TABLES,
        *stdlib.CORE_INCLUDE,
        *(p for group in stdlib.OPTIONAL.values() for p in group),
        *(f"test/{p}" for p in stdlib.TEST_EXCLUDE),
    ]
    for pattern in patterns:
        if "__pycache__" not in pattern:
            assert any(stdlib.fnmatch.fnmatchcase(path, pattern) for path in paths), pattern


# A source tree small enough to change


@pytest.fixture
def tree(tmp_path, cpython_src):
    lib = tmp_path / "src" / "Lib"
    (lib / "importlib").mkdir(parents=True)
    for name in ("importlib/_bootstrap.py", "importlib/_bootstrap_external.py", "zipimport.py"):
        (lib / name).write_text("x = 1\n")
    (lib / "abc.py").write_text("def f():\n    return 1\n")
    (lib / "copy.py").write_text("y = 2\n")
    (tmp_path / "src" / "Include").symlink_to(cpython_src / "Include")
    return SimpleNamespace(lib=lib, out=tmp_path / "out")


def compiled(done):
    assert done.returncode == 0, done.stderr
    return int(done.stdout.rsplit("compiled ", 1)[1])


def test_only_edits_are_compiled(freeze, tree):
    assert compiled(freeze(tree.out, lib=tree.lib)) == 5
    before = (tree.out / "frozen.bin").read_bytes()
    assert compiled(freeze(tree.out, lib=tree.lib)) == 0
    assert (tree.out / "frozen.bin").read_bytes() == before
    (tree.lib / "abc.py").write_text("def f():\n    return 'edited'\n")
    assert compiled(freeze(tree.out, lib=tree.lib)) == 1
    assert b"edited" in (tree.out / "frozen.bin").read_bytes()
    (tree.lib / "three.py").write_text("z = 3\n")
    assert compiled(freeze(tree.out, lib=tree.lib)) == 1
    (tree.lib / "copy.py").unlink()
    assert compiled(freeze(tree.out, lib=tree.lib)) == 0
    assert '"copy"' not in (tree.out / "frozen.c").read_text()
    assert compiled(freeze(tree.out, "--optimize", "2", lib=tree.lib)) == 5
    (tree.out / "frozen.bin").write_bytes(b"interrupted")
    assert compiled(freeze(tree.out, "--optimize", "2", lib=tree.lib)) == 5
    (tree.out / "freeze.cache").write_bytes(b"\xffgarbage")
    assert compiled(freeze(tree.out, "--optimize", "2", lib=tree.lib)) == 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--root", "{0}"], "give SOURCE=MODULE"),
        (["--root", "{0}/nothing=kernel"], "there is no"),
        (["--root", "{0}/src=kernel"], "it has no __init__.py"),
        (["--root", "{0}/bad.py=bad"], "bad.py: "),
        (["--root", "{0}/bad.py=9bad"], "is no module name"),
        (["--root", "{0}/ok.py=ok", "--root", "{0}/ok.py=ok"], "two files make module ok"),
        (["--root", "{0}/ok.py=ok", "--freeze", "oh"], "--freeze oh: no --root has such a module"),
        (["--root", "{0}/ok.py=json", "--root", "{0}/ok.py=json"], "two files make module json"),
        (["--with", "nothing"], "no such group: nothing (there are: cjk, pure, pydecimal, ssl)"),
        (["--include", "nothing"], "nothing stays out as nothing"),
    ],
)
def test_bad_arguments(freeze, tree, tmp_path, arguments, message):
    (tmp_path / "bad.py").write_text("def f(:\n")
    (tmp_path / "ok.py").write_text("")
    done = freeze(tree.out, *(word.format(tmp_path) for word in arguments), lib=tree.lib)
    assert done.returncode == 1
    assert message in done.stderr and "Traceback" not in done.stderr


def test_no_source_tree(freeze, tmp_path):
    done = freeze(tmp_path / "out", lib=tmp_path)
    assert done.returncode == 1 and "is not in a CPython source tree" in done.stderr


def test_another_version_is_refused(scripts, cpython_src, tmp_path):
    if sys.version_info[:2] == (3, 14):
        pytest.skip("this Python is the target's version")
    done = subprocess.run(
        [sys.executable, scripts / "freeze.py", "--lib", cpython_src / "Lib", "--out", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "run this with 3.14" in done.stderr and "Traceback" not in done.stderr
