# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""A program on the machine behaves as it does under python: streams, arguments, exit status."""

import hashlib
import random
import textwrap
import threading

import pytest


def test_output(run):
    assert run("print(6 * 7)") == (0, b"42\n", b"")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("pass", 0),
        ("import sys; sys.exit()", 0),
        ("import sys; sys.exit(3)", 3),
        ("import sys; sys.exit(True)", 1),
        ("raise SystemExit(255)", 255),
        ("1 / 0", 1),
        ("def f(:", 1),
    ],
)
def test_exit_status(run, code, expected):
    assert run(code)[0] == expected


def test_exit_message(run):
    assert run("import sys; sys.exit('no good')") == (1, b"", b"no good\n")


def test_traceback_shows_the_line(run):
    code = "def f():\n    return 1 / 0\n\nf()\n"
    status, out, err = run(code, filename="prog.py")
    assert (status, out) == (1, b"")
    assert b'File "prog.py", line 2, in f' in err
    assert b"return 1 / 0" in err
    assert err.endswith(b"ZeroDivisionError: division by zero\n")
    assert b"hostrun" not in err


def test_streams_are_kept_apart(run):
    code = """
        import sys
        for i in range(50):
            print("out", i)
            print("err", i, file=sys.stderr)
    """
    status, out, err = run(textwrap.dedent(code))
    assert status == 0
    assert out.decode().split("\n") == [f"out {i}" for i in range(50)] + [""]
    assert err.decode().split("\n") == [f"err {i}" for i in range(50)] + [""]


def test_arguments(run):
    argv = ("prog.py", "--flag", "", "größe", "a b")
    status, out, err = run("import sys; print(ascii(sys.argv[1:]))", argv=argv)
    assert (status, err) == (0, b"")
    assert out == b"['--flag', '', 'gr\\xf6\\xdfe', 'a b']\n"


def test_standard_input(run):
    code = "import sys; print(input()); print(len(sys.stdin.read()))"
    assert run(code, stdin=b"first\nsecond\nthird") == (0, b"first\n12\n", b"")


def test_standard_input_is_binary_clean(run):
    data = random.Random(1).randbytes(20_000)
    code = "import sys, zlib; d = sys.stdin.buffer.read(); print(len(d), zlib.crc32(d))"
    import zlib

    assert run(code, stdin=data) == (0, b"%d %d\n" % (len(data), zlib.crc32(data)), b"")


def test_end_of_input(run):
    status, out, err = run("input()")
    assert status == 1
    assert err.endswith(b"EOFError: EOF when reading a line\n")


def test_output_is_binary_clean(run):
    code = "import sys; sys.stdout.buffer.write(bytes(range(256)) * 4 + b'\\x10' * 9)"
    assert run(code) == (0, bytes(range(256)) * 4 + b"\x10" * 9, b"")


def test_much_output(run):
    code = """
        import sys
        block = bytes(range(256)) * 16
        for _ in range(256):
            sys.stdout.buffer.write(block)
    """
    status, out, err = run(textwrap.dedent(code), timeout=300)
    assert (status, err, len(out)) == (0, b"", 1 << 20)
    expected = hashlib.sha256(bytes(range(256)) * 4096).digest()
    assert hashlib.sha256(out).digest() == expected


def test_files_travel_along(run):
    files = {"helper.py": b"VALUE = 42\n", "data/x.bin": b"\x00\x10\xff"}
    code = """
        import helper, pathlib
        here = pathlib.Path(helper.__file__).parent
        print(helper.VALUE, (here / "data/x.bin").read_bytes())
    """
    status, out, err = run(textwrap.dedent(code), files=files)
    assert (status, err) == (0, b"")
    assert out == b"42 b'\\x00\\x10\\xff'\n"


def test_programs_do_not_see_each_other(run):
    run("import sys; left_over = 1; sys.argv.append('x')")
    assert run("import sys; print('left_over' in globals(), sys.argv)") == (
        0,
        b"False ['-c']\n",
        b"",
    )


def test_interrupt(shared_session):
    session = shared_session.get()
    out, err = bytearray(), bytearray()
    from zpy.session import request

    code = "import time\nprint('started', flush=True)\nwhile True: time.sleep(0.01)\n"
    program = session.program(request(code, ["-c"]), None, out.extend, err.extend, 60)
    timer = threading.Timer(2.0, program.interrupt)
    timer.start()
    try:
        status = program.run()
        program.finish()
    except BaseException:
        shared_session.close()
        raise
    finally:
        timer.cancel()
    assert status == 130
    assert out == b"started\n"
    assert err.endswith(b"KeyboardInterrupt\n")


def test_interrupt_of_a_busy_loop(shared_session):
    session = shared_session.get()
    err = bytearray()
    from zpy.session import request

    code = "while True: pass\n"
    program = session.program(request(code, ["-c"]), None, err.extend, err.extend, 60)
    timer = threading.Timer(2.0, program.interrupt)
    timer.start()
    try:
        status = program.run()
        program.finish()
    except BaseException:
        shared_session.close()
        raise
    finally:
        timer.cancel()
    assert status == 130
    assert err.endswith(b"KeyboardInterrupt\n")
