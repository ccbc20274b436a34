# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The interactive session, on a sim machine."""

import os
import time

import pytest

from machine import Machine

PASTE, PASTED = "\x1b[200~", "\x1b[201~"


@pytest.fixture(scope="module")
def shared():
    with Machine() as machine:
        yield machine.ready()


@pytest.fixture
def repl(shared):
    """The module's machine, with an empty line."""
    shared.send("\x03\x03")
    shared.sync()
    return shared


@pytest.mark.parametrize(
    "line, shown",
    [
        ("6 * 7", "42\n"),
        ("1; 2; None; 3", "1\n2\n3\n"),
        ("x = 5", ""),
        ("'é' 'ü'", "'éü'\n"),
        ("_", "'éü'\n"),
        ("__name__", "'__main__'\n"),
        ("import sys; sys.modules['__main__'].__dict__ is globals()", "True\n"),
        ("print('a', end='')", "a"),
        ("import sys; sys.stdout.write('ä\\n')", "ä\n2\n"),
        ("sys.stdout.buffer.write(b'raw')", "raw3\n"),
        (
            "sys.stdout.isatty(), sys.stdin.isatty(), sys.__stdout__ is sys.stdout",
            "(True, True, True)\n",
        ),
        ("print('\\udcff')", "\\udcff\n"),
        ("# a comment", ""),
        ("", ""),
        ("   ", ""),
        ("exit", "Use exit() or Ctrl-D (i.e. EOF) to exit\n"),
        ("kernel.log.info('hello')", "[ZPy] INFO  kernel: hello\n"),
        (
            "import kernel.log as log; log.get('net').error('no carrier')",
            "[ZPy] ERROR net: no carrier\n",
        ),
    ],
)
def test_lines(repl, line, shown):
    assert repl.run(line) == shown


def test_a_traceback_shows_the_source_and_not_the_kernel(repl):
    repl.run("def inner():\n    return 1 / 0\n")
    shown = repl.run("inner()")
    assert shown.startswith('Traceback (most recent call last):\n  File "<python-input-')
    assert "    inner()\n" in shown and "    return 1 / 0\n" in shown
    assert shown.endswith("ZeroDivisionError: division by zero\n")
    assert "kernel" not in shown
    assert repl.run("import sys; type(sys.last_value).__name__") == "'ZeroDivisionError'\n"


def test_a_syntax_error(repl):
    shown = repl.run("x = = 1")
    assert "x = = 1\n" in shown and shown.endswith("SyntaxError: invalid syntax\n")
    assert "Traceback" not in shown


def test_odd_text_for_the_compiler(repl):
    assert "Error" in repl.run("eval('(' * 10**5)")
    assert "Error" in repl.run("'\\N{no such name}'")
    assert repl.run("2 + 2") == "4\n"


def test_the_last_exception_has_no_context_of_the_kernel(repl):
    assert repl.run(
        "try: raise KeyError(1)\nexcept KeyError as e: print(e.__context__)\n"
    ).endswith("None\n")


def test_a_block(repl):
    assert repl.run("for i in range(3):\n    print(i)\n").endswith("0\n1\n2\n")
    repl.send("if True:\r")
    repl.expect("... ")
    # The indentation is there already; who types it nevertheless does not get it twice.
    repl.send("y = 1\r")
    repl.expect("... ")
    repl.send("    z = 2\r")
    repl.expect("... ")
    repl.send("\r")
    repl.expect(">>> ")
    assert repl.run("y + z") == "3\n"


def test_a_block_is_left_by_control_d_and_control_c(repl):
    repl.send("if True:\r")
    repl.expect("... ")
    repl.send("print('in' 'side')\r")
    repl.expect("... ")
    repl.send("\x15\x04")
    repl.expect("inside")
    repl.sync()
    repl.send("if True:\r")
    repl.expect("... ")
    repl.send("\x03")
    repl.expect("KeyboardInterrupt")
    repl.sync()


def test_decorators_and_strings_over_lines(repl):
    repl.send("def twice(f): return lambda: f() * 2\r\r")
    repl.send("@twice\rdef f():\r    return '''a\r\r b'''\r\r")
    repl.sync()
    assert repl.run("f()") == "'a\\n\\n ba\\n\\n b'\n"
    repl.send("v = [1,\r2,\r3]\r")
    repl.sync()
    assert repl.run("v") == "[1, 2, 3]\n"


PROGRAM = """\
def outer(n):
    total = 0
    for i in range(n):
        if i % 2:
            total += i
        else:
            total -= i
    return total

class A:
    def f(self):
        return outer(10)

print(A().f(), 'pasted')
"""


def test_a_paste_without_marks(repl):
    repl.send(PROGRAM.replace("\n", "\r"))
    repl.expect("5 pasted\r\n")


def test_a_paste_that_comes_slowly(repl):
    """A chunk for each line, as quick as a serial line brings them."""
    for line in PROGRAM.splitlines():
        os.write(repl.fd, line.encode() + b"\r")
        time.sleep(0.002)
    repl.expect("5 pasted\r\n")


def test_a_bracketed_paste(repl):
    # With an empty line inside of the function, which ends a block that is typed.
    program = PROGRAM.replace("    for i", "\n    for i").replace("\n", "\r")
    repl.send(PASTE + program + "12 + 30" + PASTED)
    repl.quiet()
    repl.send("\r")
    repl.expect("5 pasted\r\n42\r\n")


def test_a_long_paste(repl):
    lines = "".join(f"x{i} = {i}\r" for i in range(2000))
    repl.send(lines)
    repl.send("print(x1999, 'all' 'done')\r")
    repl.expect("1999 alldone")


def test_a_long_block(repl):
    body = "".join(f"    x{i} = {i}\r" for i in range(3000))
    started = time.monotonic()
    repl.send("def long():\r" + body + "    return x2999\r\r")
    repl.send("print(long(), 'all' 'done')\r")
    repl.expect("2999 alldone")
    assert time.monotonic() - started < 20


def test_the_warning_of_a_line_comes_once(repl):
    shown = repl.run("if 1:\n    print('\\d')\n")
    assert shown.count("SyntaxWarning") <= 1 and "DeprecationWarning" not in shown


# --- interrupts ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "while True: pass\r",
        "import time; time.sleep(1000)",
        "import _thread; lock = _thread.allocate_lock(); lock.acquire(); lock.acquire()",
        "import select; select.select([], [], [], 1000)",
        "import threading; threading.Event().wait()",
        "input('text: ')",
        "import sys; sys.stdin.read()",
        "for n in range(10**9): n",
        "import asyncio; await asyncio.sleep(1000)",
        "asyncio.run(asyncio.sleep(1000))",
    ],
)
def test_control_c(repl, line):
    # The sum tells that the line runs, unlike its echo.
    repl.send(
        f"print('run' 'ning'); {line}\r"
        if not line.startswith(("while", "for"))
        else f"print('run' 'ning')\r{line}\r\r"
    )
    repl.expect("running\r\n")
    time.sleep(0.3)
    started = time.monotonic()
    repl.send("\x03")
    repl.expect("KeyboardInterrupt")
    assert time.monotonic() - started < 5
    repl.sync()
    assert repl.run("1 + 1") == "2\n"


def test_control_c_that_comes_with_the_line(repl):
    for _ in range(20):
        repl.send("while True: pass\r\r\x03")
        repl.expect("KeyboardInterrupt")
    repl.sync()


def test_many_control_c(repl):
    repl.send("\x03" * 50)
    repl.send("while True: pass\r\r")
    repl.send("\x03" * 50)
    repl.sync()


def test_an_await_is_cancelled(repl):
    repl.send(
        "import asyncio\rasync def f():\r    try: await asyncio.sleep(1000)\r"
        "    finally: print('clean' 'ed')\r\r"
    )
    repl.send("await f()\r")
    time.sleep(0.5)
    repl.send("\x03")
    repl.expect("cleaned\r\n")
    repl.expect("KeyboardInterrupt")


# --- the rest of the session ---------------------------------------------------------------


def test_await(repl):
    repl.run("import asyncio")
    assert repl.run("await asyncio.sleep(0.01, 'value')") == "'value'\n"
    assert repl.run("x = await asyncio.sleep(0, 7); x") == "7\n"
    assert repl.run("async with asyncio.timeout(5): print('in')\n").endswith("in\n")
    assert repl.run("[i async for i in a()]").endswith("NameError: name 'a' is not defined\n")
    shown = repl.run("await asyncio.wait_for(asyncio.sleep(10), 0.01)")
    assert shown.endswith("TimeoutError\n") and "kernel" not in shown
    repl.run("task = asyncio.ensure_future(asyncio.sleep(0)) if 0 else None")
    assert repl.run("kernel.loop.run(asyncio.sleep(0, 3))") == "3\n"


def test_input(repl):
    repl.send("who = input('name? ')\r")
    repl.expect("name? ")
    repl.send("Zoe\x7fë!\x01*\r")
    repl.sync()
    assert repl.run("who") == "'*Zoë!'\n"
    repl.send("import sys; print(sys.stdin.readlines())\r")
    repl.send("one\rtwo\r\x04")
    repl.expect("['one\\n', 'two\\n']")
    repl.send("input()\r\x04")
    repl.expect("EOFError")
    repl.sync()


def test_type_ahead_for_input(repl):
    repl.send("a = input(); b = input()\rfirst\rsecond\r")
    repl.sync()
    assert repl.run("a, b") == "('first', 'second')\n"


def test_broken_streams(repl):
    repl.send("import sys; sys.stdout = None\r5\r")
    repl.send("sys.stdout = sys.__stdout__\r")
    repl.sync()
    repl.send("sys.stdout.close(); sys.stderr.close()\r")
    repl.sync()
    repl.run("class Bad:\n    def write(self, s): raise OSError('bad')\n    flush = write\n")
    repl.send("sys.stdout = Bad()\r")
    repl.expect("sys.stdout failed and was restored")
    repl.sync()


def test_hooks(repl):
    repl.run("import sys; sys.excepthook = lambda *a: print('hook', a[0].__name__)")
    assert repl.run("1 / 0") == "hook ZeroDivisionError\n"
    repl.run("sys.excepthook = lambda *a: 1 / 0")
    shown = repl.run("int('x')")
    assert "Error in sys.excepthook:" in shown and "Original exception was:" in shown
    assert "ZeroDivisionError" in shown and "ValueError" in shown
    repl.run("sys.excepthook = sys.__excepthook__")
    repl.run("sys.displayhook = lambda value: print('shown', value)")
    assert repl.run("5") == "shown 5\n"
    repl.run("sys.displayhook = sys.__displayhook__")


def test_prompts(repl):
    repl.send("import sys; sys.ps1 = 'in> '\r")
    repl.expect("\r\nin> ")
    repl.send("sys.ps1 = '>>> '\r")
    repl.expect("\r\n>>> ")


def test_help(repl):
    assert "help(object)" in repl.run("help")
    assert "help(object)" in repl.run("help()")
    shown = repl.run("help(len)")
    assert "Return the number of items in a container." in shown
    assert "Apache-2.0" in repl.run("license")
    assert "Python Software Foundation" in repl.run("copyright")


def test_completion_and_history(repl):
    repl.send("kernel.lo\t")
    repl.expect("kernel.lo")
    for keys in ("\x15", "impo", "\t", " sys; sys.platf", "\t", "\r"):
        # One by one, as a TAB in the midst of other input is text.
        repl.send(keys)
        repl.quiet(0.05)
    repl.send("sys.platform\r")
    repl.expect("'linux'")
    repl.sync()
    repl.send("'first' 'line'\r")
    repl.expect("firstline")
    repl.send("'other' 'line'\r")
    repl.expect("otherline")
    repl.expect(">>> ")
    repl.send("\x1b[A\x1b[A\r")
    repl.expect("firstline")
    repl.expect(">>> ")
    repl.send("\x12'oth")
    repl.quiet(0.1)
    repl.send("\r")
    repl.expect("otherline")


def test_a_thread_does_not_stall_the_prompt(repl):
    repl.run("import threading; stop = []")
    repl.run("def spin():\n    while not stop: pass\n")
    repl.run("t = threading.Thread(target=spin); t.start()")
    assert repl.run("2 + 2") == "4\n"
    repl.send("while True: pass\r\r")
    time.sleep(0.2)
    repl.send("\x03")
    repl.expect("KeyboardInterrupt")
    repl.run("stop.append(1); t.join()")


def test_an_exception_of_any_kind_leaves_the_prompt(repl):
    for line in (
        "raise BaseException('b')",
        "raise KeyboardInterrupt",
        "raise GeneratorExit",
        "raise MemoryError",
        "raise EOFError",
        "raise OSError(5, 'x')",
        "class E(Exception):\n    def __str__(self): raise RuntimeError\n\nraise E",
    ):
        repl.run(line)
        assert repl.run("1 + 1") == "2\n"


def test_getsource_of_what_was_typed(repl):
    repl.run("def typed():\n    return 'source'\n")
    assert "return 'source'" in repl.run("import inspect; print(inspect.getsource(typed))")
