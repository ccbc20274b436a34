# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""`./zpy run` from end to end, on the sim board."""

import hashlib
import os
import signal
import subprocess
import sys
import time

import pytest

from zpy.paths import ROOT


@pytest.fixture
def sim(zpy):
    def run_sim(*arguments, **more):
        return zpy("run", "--board", "sim", *arguments, **more)

    return run_sim


def test_print(sim):
    done = sim("-c", "print(1+1)")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"2\n", b"")


@pytest.mark.parametrize(
    ("code", "status"),
    [("import sys; sys.exit(7)", 7), ("1/0", 1), ("raise SystemExit", 0), ("def", 1)],
)
def test_exit_status(sim, code, status):
    assert sim("-c", code).returncode == status


def test_arguments_after_the_code(sim):
    done = sim("-c", "import sys; print(sys.argv)", "--board", "x", "-c")
    assert done.stdout == b"['-c', '--board', 'x', '-c']\n"


def test_script(sim, tmp_path):
    script = tmp_path / "prog.py"
    script.write_text("import sys\nprint(__name__, len(sys.argv), sys.argv[1:])\n")
    done = sim(str(script), "--flag", "ä")
    assert (done.stdout, done.stderr) == ("__main__ 3 ['--flag', 'ä']\n".encode(), b"")


def test_script_with_another_encoding(sim, tmp_path):
    script = tmp_path / "prog.py"
    script.write_bytes(b"# -*- coding: latin-1 -*-\nprint(ascii('\xe4'))\n")
    assert sim(str(script)).stdout == b"'\\xe4'\n"


def test_program_from_standard_input(sim):
    assert sim(stdin=b"print('piped')\n").stdout == b"piped\n"
    assert sim("-", "a", stdin=b"import sys; print(sys.argv)\n").stdout == b"['-', 'a']\n"


def test_no_program_at_all(sim):
    done = sim(stdin=b"")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_standard_input(sim):
    code = "import sys; print(input()); print(sys.stdin.read().upper(), end='')"
    done = sim("-c", code, stdin="eins\nzwei\nüß\n".encode())
    assert done.stdout == "eins\nZWEI\nÜSS\n".encode()


def test_binary_input_and_output(sim):
    data = bytes(range(256)) * 100 + b"\x10\x10\x03\x04\x01"
    code = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"
    assert sim("-c", code, stdin=data).stdout == data


def test_streams_are_kept_apart(sim):
    code = "import sys\nfor i in range(99): print(i); print(-i, file=sys.stderr)"
    done = sim("-c", code)
    assert done.stdout == b"".join(b"%d\n" % i for i in range(99))
    assert done.stderr == b"".join(b"%d\n" % -i for i in range(99))


def test_a_megabyte(sim):
    code = "import sys\nfor i in range(64): sys.stdout.buffer.write(bytes([i]) * 16384)"
    done = sim("-c", code)
    expected = b"".join(bytes([i]) * 16384 for i in range(64))
    assert hashlib.sha256(done.stdout).digest() == hashlib.sha256(expected).digest()


def test_files_that_travel_along(sim, tmp_path):
    package = tmp_path / "mypkg"
    (package / "sub").mkdir(parents=True)
    (package / "__init__.py").write_text("from mypkg.sub.deep import VALUE\n")
    (package / "sub" / "deep.py").write_text("VALUE = 'deep'\n")
    (tmp_path / "one.py").write_text("VALUE = 'one'\n")
    code = "import mypkg, one; print(mypkg.VALUE, one.VALUE)"
    done = sim("--with", str(package), "--with", str(tmp_path / "one.py"), "-c", code)
    assert (done.stdout, done.stderr) == (b"deep one\n", b"")


def test_timeout(sim):
    started = time.monotonic()
    done = sim("--timeout", "1", "-c", "import time; time.sleep(60)")
    assert done.returncode == 124
    assert b"did not end within 1 s" in done.stderr
    assert time.monotonic() - started < 20


def start(tmp_path, *arguments):
    return subprocess.Popen(
        [sys.executable, str(ROOT / "zpy"), "run", "--board", "sim", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "ZPY_DIR": str(tmp_path / "dot-zpy")},
    )


def test_interrupt(tmp_path):
    code = (
        "import time\ntry:\n print('up', flush=True)\n time.sleep(60)\nfinally: print('cleaned')"
    )
    with start(tmp_path, "-c", code) as process:
        assert process.stdout.readline() == b"up\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert out == b"cleaned\n"
    assert err.endswith(b"KeyboardInterrupt\n")
    assert process.returncode == 130


def test_program_that_survives_an_interrupt(tmp_path):
    code = (
        "import time\ntry:\n print('up', flush=True)\n time.sleep(60)\n"
        "except KeyboardInterrupt: print('no', flush=True)\n"
        "raise SystemExit(4)"
    )
    with start(tmp_path, "-c", code) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    assert (out, process.returncode) == (b"no\n", 4)


def test_two_interrupts_kill(tmp_path):
    code = (
        "import time\nprint('up', flush=True)\n"
        "while True:\n  try: time.sleep(60)\n  except KeyboardInterrupt: pass"
    )
    with start(tmp_path, "-c", code) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 130


def test_reader_of_the_output_goes_away(tmp_path):
    code = "for i in range(10**6): print(i)"
    with start(tmp_path, "-c", code) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(30) == 128 + signal.SIGPIPE


def test_machine_that_kills_itself(sim):
    done = sim("-c", "print('last', flush=True)\nimport os; os._exit(3)")
    assert done.returncode == 70
    assert done.stdout == b"last\n"
    assert b"the machine ended under the program" in done.stderr


def test_background(zpy):
    assert b"nothing is running" in zpy("stop").stderr
    assert zpy("run", "--attach").returncode == 1
    try:
        done = zpy("run", "--board", "sim", "--detach")
        assert done.returncode == 0, done.stderr
        assert b"runs in the background" in done.stderr
        again = zpy("run", "--board", "sim", "--detach")
        assert again.returncode == 1
        assert b"running already" in again.stderr
        for word in (b"back-1", b"back-2"):  # one visit after the other
            typed = b"print('back' + '%s')\r" % word[4:]
            assert word in zpy("run", "--attach", stdin=typed).stdout
    finally:
        stopped = zpy("stop")
    assert b"sim is stopped" in stopped.stderr
    assert b"nothing is running" in zpy("stop").stderr
