# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Commands as a person sees them: on the terminal, typed, interrupted, full-screen."""

import re

import pytest

SEQUENCES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture(autouse=True)
def needs_commands(run):
    """A board without /bin has none."""
    status, _, _ = run("import os, sys; sys.exit(not os.path.isfile('/bin/ls.py'))")
    if status:
        pytest.skip("this machine has no /bin")


def shown(console, line, until=b">>> ", timeout=60.0):
    """What a line shows, without its echo and the terminal's sequences."""
    console.send(line + "\r")
    text = SEQUENCES.sub(b"", console.expect(until, timeout))
    return text.partition(b"\r\n")[2].replace(b"\r\n", b"\n").decode()


def test_the_terminal_s_columns(console):
    """As in the seed: one line, two blanks between names, . and .. first."""
    shown(console, "import os; os.makedirs('/tmp/columns/empty', exist_ok=True)")
    shown(console, "for n in ('b', 'a'): open('/tmp/columns/' + n, 'w').close()\r")
    assert shown(console, "ls /tmp/columns") == ".  ..  a  b  empty\n"
    assert shown(console, "ls -A /tmp/columns") == "a  b  empty\n"
    assert shown(console, "ls /tmp/columns/empty") == ".  ..\n"
    assert shown(console, "ls /tmp/columns | cat") == "a\nb\nempty\n"
    lines = shown(console, "ls /bin").splitlines()
    assert lines[0].startswith(".  ") and len(lines) > 3
    assert max(map(len, lines)) <= 80
    shown(console, "rm -r /tmp/columns")


def test_what_is_typed(console):
    console.send("cat\r")
    console.send("some words\r")
    console.expect("some words\r\nsome words\r\n")  # the echo, and cat's
    console.send("\x04")
    console.expect(">>> ")
    console.send("wc -w\rone two\rthree\r\x04")
    console.expect("\r\n3\r\n>>> ")
    console.check_alive()


@pytest.mark.parametrize(
    "line, sign",
    [
        ("cat", None),
        ("sleep 1000", None),
        ("tail -f /tmp/followed", "the last line\r\n"),
        ("watch -n 1000 echo wat''ched", "watched\r\n"),
        ("top -d 1000", "%CPU"),
        ("cat | grep x | sort", None),
        ("find /bin -exec sleep 100 ';'", None),
    ],
    ids=["cat", "sleep", "tail", "watch", "top", "pipe", "find"],
)
def test_ctrl_c_ends(console, line, sign):
    shown(console, "echo the last line > /tmp/followed")
    console.send(line + "\r")
    if sign:
        console.expect(sign, 60)
    else:
        console.settle(1.0)
    console.send(b"\x03")
    assert b"Traceback" not in console.expect("KeyboardInterrupt", 60)
    console.expect(">>> ")
    console.check_alive()


def test_tail_follows(console):
    shown(console, "echo first > /tmp/followed")
    shown(console, "import threading, time")
    shown(
        console,
        "t = threading.Timer(1, lambda: open('/tmp/followed', 'a').write('sec' + 'ond\\n'))",
    )
    console.send("t.start()\r")
    console.expect(">>> ")
    console.send("tail -f /tmp/followed\r")
    console.expect("first\r\n", 60)
    console.expect("second\r\n", 60)
    console.send(b"\x03")
    console.expect(">>> ")


def test_q_ends_top(console):
    console.send("top -d 1000\r")
    console.expect("%CPU", 60)
    console.settle()
    console.send("q")
    console.expect(">>> ")
    console.check_alive()


def test_ed(console):
    console.send("rm -f /tmp/ed.txt\r")
    console.expect(">>> ")
    console.send("ed -p '* ' /tmp/ed.txt\r")
    console.expect("/tmp/ed.txt: No such file or directory\r\n* ", 60)
    for line in ("a", "first line", "second line", "."):
        console.send(line + "\r")
    console.send("1s/first/1st/p\r")
    console.expect("\r\n1st line\r\n* ")
    console.send("g/line/n\r")
    console.expect("\r\n1\t1st line\r\n2\tsecond line\r\n* ")
    console.send("zz\r")
    console.expect("\r\n?\r\n* ")
    console.send("h\r")
    console.expect("\r\nInvalid address\r\n* ")
    console.send("q\r")
    console.expect("\r\n?\r\n* ")
    console.send("w\r")
    console.expect("\r\n21\r\n* ")
    console.send(b"\x03")
    console.expect("?\r\n* ")
    console.send("q\r")
    console.expect(">>> ")
    assert shown(console, "cat /tmp/ed.txt") == "1st line\nsecond line\n"


def test_edit(console):
    shown(console, "rm -f /tmp/edit.txt")
    console.send("edit /tmp/edit.txt\r")
    console.expect("ZPy edit", 60)
    console.expect("New File")
    console.send("hello, wörld 日本\rsecond\r")
    console.send("\x1b[A\x1b[A\x1b[F!")  # up, up, End
    console.expect("Modified")
    console.send("\x13")  # ^S
    console.expect("Wrote 2 lines")
    console.send("\x0b\x0b\x1bu")  # cut, cut, undo
    console.expect("Undid a change")
    console.send("\x18")  # ^X
    console.expect("Save modified buffer?")
    console.send("n")
    console.expect(">>> ")
    assert shown(console, "cat /tmp/edit.txt") == "hello, wörld 日本!\nsecond\n"
    console.check_alive()


def test_edit_searches_and_saves_as_it_leaves(console):
    shown(console, "seq = '\\n'.join(f'line {i}' for i in range(1, 101))")
    shown(console, "n = open('/tmp/edit2.txt', 'w').write(seq + '\\n')")
    console.send("edit /tmp/edit2.txt\r")
    console.expect("Read 100 lines", 60)
    console.send("\x17line 77\r")  # ^W
    console.send("\x03")  # ^C: where
    console.expect("line 77/101, col 1/8")
    console.send("\x1f42\r")  # ^_
    console.send("X\x18")
    console.expect("Save modified buffer?")
    console.send("y")
    console.expect("File Name to Write: /tmp/edit2.txt")
    console.send("\r")
    console.expect(">>> ")
    assert shown(console, "sed = [l for l in open('/tmp/edit2.txt') if 'X' in l]; print(sed)") == (
        "['Xline 42\\n']\n"
    )


def test_history_and_time(console):
    shown(console, "pwd")
    assert re.search(r"(?m)^ +\d+  pwd\n +\d+  history 2\n", shown(console, "history 2"))
    assert "real\t0m" in shown(console, "sh('time true')")


def test_manuals(console):
    assert shown(console, "man pwd") == "Print the working directory.\n\nusage: pwd\n"
    assert shown(console, "pwd -h") == "Print the working directory.\n\nusage: pwd\n"
