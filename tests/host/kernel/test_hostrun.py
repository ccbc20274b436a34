# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Programs run for the host."""

import subprocess
import sys
import time

import pytest

from machine import PYTHON, HostRun, Machine, RawRepl


@pytest.fixture(scope="module")
def raw():
    """A machine in the raw REPL."""
    with Machine() as machine:
        machine.ready()
        yield RawRepl(machine)


@pytest.fixture
def run(raw):
    """run(code, ...) -> (status, stdout, stderr)"""
    return lambda code, **options: HostRun(raw.machine, code, **options).finish()


@pytest.mark.parametrize(
    "code, status, out, err",
    [
        ("print('hi')", 0, b"hi\n", b""),
        ("", 0, b"", b""),
        ("print('a'); import sys; print('b', file=sys.stderr); print('c')", 0, b"a\nc\n", b"b\n"),
        ("import sys; sys.exit()", 0, b"", b""),
        ("import sys; sys.exit(3)", 3, b"", b""),
        ("import sys; sys.exit(True)", 1, b"", b""),
        ("import sys; sys.exit(-1)", 255, b"", b""),
        ("import sys; sys.exit('the reason')", 1, b"", b"the reason\n"),
        ("import sys; sys.exit((1, 2))", 1, b"", b"(1, 2)\n"),
        ("raise SystemExit", 0, b"", b""),
        ("print('no line end', end='')", 0, b"no line end", b""),
        (
            "import sys; sys.stdout.buffer.write(bytes(range(256))) and None",
            0,
            bytes(range(256)),
            b"",
        ),
        ("print('\\r\\n\\x10O\\x10X1')", 0, b"\r\n\x10O\x10X1\n", b""),
        ("print(__name__, __file__)", 0, b"__main__ prog.py\n", b""),
        ("import sys; print(sys.stdin.isatty(), sys.stdout.isatty())", 0, b"False False\n", b""),
        ("import kernel.log; kernel.log.info('logged')", 0, b"", b"[ZPy] INFO  kernel: logged\n"),
        ("import sys; sys.__stdout__.write('x') and None", 0, b"x", b""),
        ("import atexit; atexit.register(print, 'exit'); print('body')", 0, b"body\nexit\n", b""),
        (
            "import atexit, logging, weakref\nclass A: pass\na = A()\n"
            "weakref.finalize(a, print, 'final')\ndel a\n@atexit.register\ndef f(): 1/0\n"
            "atexit.register(print, 'no')\natexit.unregister(print)\nlogging.warning('w')",
            0,
            b"final\n",
            None,
        ),
        (
            "import threading, time\n"
            "threading.Thread(target=lambda: (time.sleep(0.2), print('thread'))).start()\n"
            "print('main')",
            0,
            b"main\nthread\n",
            b"",
        ),
        (
            "from concurrent.futures import ThreadPoolExecutor\n"
            "pool = ThreadPoolExecutor(2)\npool.submit(print, 'pool')",
            0,
            b"pool\n",
            b"",
        ),
        (
            "import asyncio\nasync def f(): print(await asyncio.to_thread(lambda: 5))\n"
            "asyncio.run(f())",
            0,
            b"5\n",
            b"",
        ),
    ],
)
def test_programs(run, code, status, out, err):
    # Twice: the first must leave the machine as it was.
    for _ in range(2):
        found = run(code)
        assert found[:2] == (status, out)
        assert found[2] == err or err is None


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n    return 1 / 0\n\nf()\n",
        "x = = 1\n",
        "raise KeyError('k') from ValueError('v')\n",
        "try:\n    1/0\nexcept Exception:\n    raise RuntimeError('second')\n",
        "import sys\nsys.excepthook = lambda *a: print('hook', a[1])\n1/0\n",
        "import json\njson.loads('{')\n",
        "class E(Exception):\n    def __str__(self):\n        raise OSError\n\nraise E\n",
        "raise ExceptionGroup('group', [ValueError(1), TypeError(2)])\n",
        "import threading\nt = threading.Thread(target=lambda: 1/0)\nt.start(); t.join()\n",
        "print('out')\nassert False, 'text'\n",
    ],
)
def test_output_is_that_of_python(run, code, tmp_path):
    """Compared with the same interpreter on the host."""
    program = tmp_path / "prog.py"
    program.write_text(code)
    host = subprocess.run(
        [PYTHON, str(program)],
        capture_output=True,
        cwd=tmp_path,
        env={"NO_COLOR": "1", "PYTHON_COLORS": "0", "LANG": "C.UTF-8"},
    )

    def without_addresses(text):
        return [
            line
            for line in text.decode().splitlines()
            if "0x" not in line and "in run" not in line and "Thread-" not in line
        ]

    status, out, err = run(code, filename=str(program))
    assert (status, out) == (host.returncode, host.stdout)
    assert without_addresses(err) == without_addresses(host.stderr)


def test_arguments_and_environment(run):
    code = "import os, sys; print(sys.argv, os.environ.get('COLOUR'))"
    assert (
        run(code, argv=["prog.py", "a", "é"], env={"COLOUR": "red"})[1]
        == "['prog.py', 'a', 'é'] red\n".encode()
    )
    assert run(code)[1] == b"['prog.py'] None\n"


def test_standard_input(run):
    assert run("print(input('? '), input())", stdin=b"one\ntwo\n") == (0, b"? one two\n", b"")
    assert run("import sys; print(sys.stdin.read().split())", stdin=b"a b\nc\n\nd") == (
        0,
        b"['a', 'b', 'c', 'd']\n",
        b"",
    )
    assert run("import sys; print([l for l in sys.stdin])", stdin=b"a\nb")[1] == b"['a\\n', 'b']\n"
    binary = bytes(range(256)) * 40
    assert run("import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())", stdin=binary) == (
        0,
        binary,
        b"",
    )
    status, _, err = run("input()")
    assert status == 1 and err.endswith(b"EOFError: EOF when reading a line\n")


def test_standard_input_is_only_asked_for_when_read(raw):
    program = HostRun(raw.machine, "print('nothing')", stdin=b"unused\n")
    program.finish()
    assert program.requests == 2  # the request and its end
    assert program.stdin == b"unused\n"


def test_isatty(run):
    assert (
        run("import sys; print(sys.stdin.isatty(), sys.stdout.isatty())", isatty=True)[1]
        == b"True True\n"
    )


def test_files(run):
    files = {"helper.py": b"value = 42\n", "data/table.txt": b"1 2\n"}
    code = (
        "import helper, sys\nprint(helper.value, sys.path[0])\n"
        "print(open('/tmp/hostrun/data/table.txt').read())"
    )
    assert run(code, files=files) == (0, b"42 /tmp/hostrun\n1 2\n\n", b"")
    # The next program gets its own, and nothing of the last.
    assert run(code.replace("value", "other"), files={"helper.py": b"other = 7\n"})[1].startswith(
        b"7 "
    )
    status, _, err = run("import helper")
    assert status == 1 and b"ModuleNotFoundError" in err
    status, _, err = run("pass", files={"../escape.py": b""})
    assert status == 1 and b"does not lie in /tmp/hostrun" in err


def test_what_a_program_changes_does_not_stay(run, raw):
    run(
        "import os, signal, sys\nos.chdir('/tmp')\nos.environ['LEFT'] = '1'\nsys.path.clear()\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\nsys.argv = None\nsys.stdout = None\n"
        "sys.excepthook = sys.displayhook = None"
    )
    status, out, err = run(
        "import os, signal, sys\n"
        "print(os.getcwd() != '/tmp', 'LEFT' in os.environ, len(sys.path) > 1,"
        " signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    )
    assert (status, out, err) == (0, b"True False True True\n", b"")
    assert raw.execute("print('x')") == (b"x\r\n", b"")


def test_objects_of_a_program_are_freed(run, raw):
    run(
        "import kernel\nclass Big: pass\nobj = Big()\nobj.me = obj\nimport weakref\n"
        "kernel.probe = weakref.ref(obj)\n1/0"
    )
    assert raw.execute("import kernel; print(kernel.probe() is None); del kernel.probe") == (
        b"True\r\n",
        b"",
    )


@pytest.mark.parametrize(
    "code",
    [
        "print('go', flush=True)\nwhile True: pass",
        "import time\nprint('go', flush=True)\ntime.sleep(1000)",
        "import threading\nprint('go', flush=True)\nthreading.Event().wait()",
        "import threading, time\nt = threading.Thread(target=time.sleep, args=(3,))\nt.start()\n"
        "print('go', flush=True)",
        "import asyncio\nasync def f():\n    print('go', flush=True)\n"
        "    await asyncio.sleep(1000)\n"
        "asyncio.run(f())",
    ],
)
def test_interrupt(raw, code):
    program = HostRun(raw.machine, code)
    program.until(b"go")
    time.sleep(0.2)
    started = time.monotonic()
    raw.machine.send(b"\x03")
    status, _, err = program.finish()
    assert status == 130 and err.rstrip().endswith(b"KeyboardInterrupt")
    assert time.monotonic() - started < 2.5
    assert raw.execute("print('next')") == (b"next\r\n", b"")


def test_interrupt_of_input_that_is_caught(raw):
    code = (
        "print('go', flush=True)\ntry:\n    input()\nexcept KeyboardInterrupt:\n"
        "    print('caught', flush=True)\nprint(input())"
    )
    program = HostRun(raw.machine, code, stdin=b"line\n")
    answer = program.answer
    program.answer = lambda count: answer(count) if program._request is not None else None
    program.until(b"go")
    while program.requests < 3:
        program.step()
    raw.machine.send(b"\x03")
    program.until(b"caught")
    program.answer = answer
    assert program.finish()[:2] == (0, b"go\ncaught\nline\n")


def test_a_request_that_is_none(raw):
    """The machinery's own failure still ends with a status."""
    program = HostRun(raw.machine, "x")
    program._request = b"this is no JSON"
    status, _, err = program.finish()
    assert status == 1 and err.startswith(b"hostrun: Traceback")
    program = HostRun(raw.machine, "x")
    program._request = b"{}"
    status, _, err = program.finish()
    assert status == 1 and b"KeyError: 'code'" in err


def test_unittest_and_pickle_find_main(run):
    code = (
        "import pickle, unittest\nclass A: pass\nclass T(unittest.TestCase):\n"
        "    def test_it(self): self.assertIsInstance(pickle.loads(pickle.dumps(A())), A)\n"
        "if __name__ == '__main__': unittest.main()\n"
    )
    status, out, err = run(code, argv=["prog.py", "-v"])
    assert status == 0 and b"OK" in err and b"Ran 1 test" in err


def test_much_output(run):
    status, out, err = run("for i in range(20000): print(i)")
    assert status == 0 and out == b"".join(b"%d\n" % i for i in range(20000))


def test_threads_write_whole_frames(run):
    code = (
        "import sys, threading\ndef f(stream, text):\n"
        "    for i in range(300): print(text * 5, file=stream)\n"
        "ts = [threading.Thread(target=f, args=a) for a in ((sys.stdout, 'o'),"
        " (sys.stderr, 'e'))]\nfor t in ts: t.start()\nfor t in ts: t.join()\n"
    )
    assert run(code) == (0, b"ooooo\n" * 300, b"eeeee\n" * 300)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_the_prompt_works_after_programs(raw):
    raw.leave()
    raw.machine.sync()
    raw.__init__(raw.machine)
