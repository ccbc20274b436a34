# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The shell at the console: Ctrl-C, TAB, the prompt `$`, and failures that leave it alive."""

import re
import time

import pytest

PROMPT, SHELL = ">>> ", "$ "
INTERRUPTED = "KeyboardInterrupt\n"


def type_and_wait(console, line, prompt=PROMPT):
    """Types a line; returns what it shows."""
    console.send(line + "\r")
    console.expect(line.strip()[-4:] + "\r\n")
    return console.expect(prompt).decode().replace("\r\n", "\n")


def interrupted(console, line):
    """Types a line and then Ctrl-C; returns what that shows."""
    console.send(line + "\r")
    console.expect(line + "\r\n")
    console.settle()
    console.send("\x03")
    return console.expect(PROMPT).decode().replace("\r\n", "\n").removesuffix(PROMPT)


@pytest.fixture
def shell(console):
    """The console in a shell, and out of it again."""
    type_and_wait(console, "sh()", SHELL)
    yield console
    console.send("\x03")
    console.settle()
    type_and_wait(console, "exit")


def test_interrupt_of_a_command(console):
    assert interrupted(console, "sleep 1000") == INTERRUPTED
    console.check_alive()


def test_interrupt_of_a_command_that_runs_another(console):
    """What the commands and the kernel do meanwhile is nothing to the user."""
    for line in ("watch -t -n 100 sleep 0", "watch -t sleep 100", "time sleep 100"):
        shown = interrupted(console, line)
        assert shown.endswith(INTERRUPTED) and "Traceback" not in shown
    for line in ("run('/bin/sleep.py', 1000)", "sh('sleep 1000 | cat')", "scheduler.wait(job)"):
        type_and_wait(console, "import time; job = scheduler.spawn(time.sleep, 1000)")
        shown = interrupted(console, line)
        assert re.fullmatch(
            r'Traceback \(most recent call last\):\n  File "[^"]*", line 1, in <module>\n'
            rf"    {re.escape(line)}\n(    [~^]*\n)?{INTERRUPTED}",
            shown,
        ), shown
        type_and_wait(console, "scheduler.kill(job)")


def test_interrupt_of_a_command_that_computes(console):
    type_and_wait(console, "_ = open('/tmp/spin.py', 'w').write('while True: pass')")
    # Where a script of the user's was is of interest.
    shown = interrupted(console, "/tmp/spin.py")
    assert 'File "/tmp/spin.py", line 1' in shown and shown.endswith("\n" + INTERRUPTED)
    assert "kernel" not in shown
    console.check_alive()


@pytest.mark.parametrize("line", ["sleep 1000", "cat | grep x | sort"])
def test_interrupt_at_any_time(console, line):
    """While the command is looked up, imported, started: a Ctrl-C is never lost."""
    for round_ in range(20):
        console.send(line + "\r")
        console.expect(line)
        time.sleep(round_ / 1000)
        console.send("\x03")
        assert "KeyboardInterrupt" in console.expect(PROMPT).decode()
    console.check_alive()


def test_interrupt_of_a_pipeline(console):
    for line in ("sleep 1000 | cat", "yes_forever | sleep 1000"):
        type_and_wait(console, "_ = open('/bin/yes_forever.py', 'w').write('while 1: print(1)')")
        assert interrupted(console, line) == INTERRUPTED
    type_and_wait(console, "rm /bin/yes_forever.py")
    assert "pipe" not in type_and_wait(console, "ps")
    console.check_alive()


def test_interrupt_in_the_shell(shell):
    shell.send("ec\x03")
    shell.expect("KeyboardInterrupt\r\n$ ")
    shell.send("sleep 1000\r")
    shell.settle()
    shell.send("\x03")
    shell.expect("KeyboardInterrupt\r\n$ ")
    assert type_and_wait(shell, "echo $?", SHELL) == "130\n"


def test_failures(shell):
    type_and_wait(shell, "echo 'def f(): return 1 / 0' > /tmp/bad.py", SHELL)
    type_and_wait(shell, "echo 'f()' >> /tmp/bad.py", SHELL)
    shown = type_and_wait(shell, "/tmp/bad.py", SHELL)
    assert shown.startswith('Traceback (most recent call last):\n  File "/tmp/bad.py", line 2')
    assert shown.endswith("ZeroDivisionError: division by zero\n")
    assert "kernel" not in shown
    type_and_wait(shell, "echo 'x = = 1' > /tmp/bad.py", SHELL)
    shown = type_and_wait(shell, "/tmp/bad.py", SHELL)
    assert shown.startswith('  File "/tmp/bad.py", line 1')
    assert shown.endswith("SyntaxError: invalid syntax\n")
    assert type_and_wait(shell, "nothing-there", SHELL) == (
        "sh: nothing-there: command not found\n"
    )
    assert type_and_wait(shell, "echo $?", SHELL) == "127\n"
    assert type_and_wait(shell, "echo a | | b", SHELL) == "sh: unexpected |\n"


def test_lines_that_go_on(shell):
    shell.send("echo 'one\r")
    shell.expect("> ")
    assert type_and_wait(shell, "two'", SHELL) == "one\ntwo\n"


def test_completion(shell):
    shell.send("pw\t")
    shell.expect("pwd ")
    shell.send("\r")
    shell.expect(SHELL)
    shell.send("ls /exam\t")
    shell.expect("/examples/")
    shell.send("hello_k\t")
    shell.expect("hello_kernel.py ")
    shell.send("\r")
    shell.expect(SHELL)


def test_completion_at_the_prompt(console):
    console.send("sysi\t")
    console.expect("sysinfo")
    console.send("\r")
    console.expect("Scheduler: ")
    console.expect(PROMPT)
    console.send("cat /examples/READ\t")
    console.expect("README.")
    console.send("\x03")
    console.expect(PROMPT)


def test_completion_of_names_that_are_there(console):
    """In a session that has not used them yet."""
    console.send("vfs.op\t")
    console.expect("vfs.open")
    console.send("\x03")
    console.expect(PROMPT)


def test_a_kernel_module_is_changed_while_it_runs(shell):
    edit = "ed /lib/kernel/shellsyntax.py"
    shell.send(edit + "\r")
    shell.settle()
    for line in ("/^def quote/a", '    return "changed"', ".", "w", "q"):
        shell.send(line + "\r")
        shell.expect(line[-1] + "\r\n")
    shell.expect(SHELL)
    type_and_wait(shell, "reload kernel.shellsyntax", SHELL)
    type_and_wait(shell, "exit")
    try:
        assert type_and_wait(shell, "kernel.shellsyntax.quote('a b')") == "'changed'\n"
        shown = type_and_wait(
            shell, "import inspect; print(inspect.getsource(kernel.shellsyntax.quote))"
        )
        assert 'return "changed"' in shown
    finally:
        type_and_wait(shell, "sh('rm /lib/kernel/shellsyntax.py; reload kernel.shellsyntax')")
    assert type_and_wait(shell, "kernel.shellsyntax.quote('a b')") == "\"'a b'\"\n"
    type_and_wait(shell, "sh()", SHELL)
