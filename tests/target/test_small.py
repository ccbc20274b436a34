# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The small profile (`./zpy test --small`): it fits, and what is left in it works."""

import textwrap

import pytest

from zpy import bench


@pytest.fixture(scope="module", autouse=True)
def leave_no_heap_in_use(shared_session):
    """What comes after this file gets a machine that has just booted."""
    yield
    shared_session.close()


def test_fits(build_dir):
    sizes = bench.section_sizes(build_dir / "zephyr" / "zephyr.elf")
    assert bench.image_size(sizes) <= bench.SMALL_BUDGET, sizes


PARTS = 16  # all modules at once do not fit into 32 MB


@pytest.mark.parametrize("part", range(PARTS))
def test_every_module_imports(shared_session, run, part):
    """All that lies in the image: nothing lacks what was left out."""
    code = """
        import importlib, os, sys
        top, part, parts = "/lib/python3.14", int(sys.argv[1]), int(sys.argv[2])
        names = []
        for here, _, files in os.walk(top):
            package = here[len(top) + 1:].replace("/", ".")
            for file in files:
                stem, _, suffix = file.rpartition(".")
                # Programs are for running; sysconfig's data has a name that is no identifier.
                if suffix not in ("py", "pyc") or stem in ("__main__", "this") or "-" in stem:
                    continue
                if stem == "__init__":
                    names.append(package)
                else:
                    names.append(f"{package}.{stem}" if package else stem)
        names = sorted(filter(None, names))
        size = -(-len(names) // parts)
        failed = []
        for name in names[part * size:(part + 1) * size]:
            try:
                importlib.import_module(name)
            except BaseException as error:
                failed.append(f"{name}: {error!r}")
        print(len(names))
        print(*failed, sep="\\n")
    """
    shared_session.close()  # an empty heap
    status, out, err = run(textwrap.dedent(code), argv=["-c", str(part), str(PARTS)], timeout=600)
    shared_session.close()
    count, _, failed = out.decode().partition("\n")
    assert (status, failed.strip()) == (0, ""), err.decode()
    assert int(count) > 250


def test_library_at_work(run):
    """Modules with a C half, those that are deflated, and the loop."""
    code = """
        import asyncio, datetime, decimal, hashlib, json, re, threading, zlib
        async def both():
            return await asyncio.gather(asyncio.sleep(0.01, 1), asyncio.to_thread(int, "2"))
        print(asyncio.run(both()))
        print(json.loads(json.dumps({"a": [1, 2.5]})))
        print(zlib.decompress(zlib.compress(b"x" * 1000)) == b"x" * 1000)
        print(hashlib.sha256(b"").hexdigest()[:8], decimal.Decimal("0.1") + 1)
        print(re.sub("(a+)", r"<\\1>", "baaa"), datetime.date(2026, 1, 2).isoformat())
    """
    status, out, err = run(textwrap.dedent(code))
    assert (status, err) == (0, b"")
    assert out.decode().splitlines() == [
        "[1, 2]",
        "{'a': [1, 2.5]}",
        "True",
        "e3b0c442 1.1",
        "b<aaa> 2026-01-02",
    ]


def test_host_names(run):
    """Without unicodedata: ASCII names work, others are refused by name."""
    code = """
        import socket
        print(socket.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)[0][4])
        print("example.org".encode("idna"))
        for name in ("b\\u00fccher.example", "a..b"):
            try:
                socket.getaddrinfo(name, 80)
            except UnicodeError as error:
                print(error.reason)
    """
    assert run(textwrap.dedent(code)) == (
        0,
        b"('127.0.0.1', 80)\nb'example.org'\n"
        b"this image has no unicodedata: ASCII names alone\nlabel empty\n",
        b"",
    )


def test_traceback_without_sources(run):
    status, _, err = run("import json; json.loads('{')")
    assert status == 1
    assert b"json/decoder.py" in err and b"JSONDecodeError" in err


def test_shell_and_network(console):
    """What the prompt offers is there: commands, a block, await, help without texts."""
    console.send("pwd\r")
    console.expect("/\r\n")
    console.expect(">>> ")
    console.send("sh('echo one two | wc -w')\r")
    console.expect("2\r\n")
    console.expect(">>> ")
    console.send("import asyncio; await asyncio.sleep(0.01, 'sle' + 'pt')\r")
    console.expect("'slept'")
    console.expect(">>> ")
    console.check_alive()
