# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The line editor, by what the user sees and what the caller gets."""

import random
import time

import pytest
from screen import Exhausted, Script

from kernel.history import History
from kernel.lineedit import Control, Editor
from kernel.textwidth import text_width, wrap

LEFT, RIGHT, UP, DOWN = "\x1b[D", "\x1b[C", "\x1b[A", "\x1b[B"
HOME, END, DELETE = "\x1b[H", "\x1b[F", "\x1b[3~"
CTRL_LEFT, CTRL_RIGHT = "\x1b[1;5D", "\x1b[1;5C"
PASTE, PASTED = "\x1b[200~", "\x1b[201~"


def edit(*keys, history=None, complete=None, columns=80, rows=24, prompt=">>> ", **options):
    """Types keys, one chunk each; returns (line, screen)."""
    terminal = Script(*keys, columns=columns, rows=rows)
    editor = Editor(terminal, history, complete)
    return editor.readline(prompt, **options), terminal.screen


def see(*keys, **options):
    """Types keys that do not end the line; returns the rows and the cursor of the screen."""
    terminal = Script(*keys, columns=options.pop("columns", 80), rows=options.pop("rows", 24))
    editor = Editor(terminal, options.pop("history", None), options.pop("complete", None))
    editor._leave = lambda: None
    with pytest.raises(Exhausted):
        editor.readline(options.pop("prompt", ">>> "), **options)
    screen = terminal.screen
    return screen.text(), (screen.row - screen.top, screen.column)


@pytest.mark.parametrize(
    "keys, line",
    [
        (["abc\r"], "abc"),
        (["a", "b", "c", "\n"], "abc"),
        (["ac", LEFT, "b\r"], "abc"),
        (["bc", "\x01", "a", "\x05", "d\r"], "abcd"),
        (["bc", HOME, "a", END, "d\r"], "abcd"),
        (["bc", "\x1b[1~", "a", "\x1b[4~", "d\r"], "abcd"),
        (["bc", "\x1b[7~", "a", "\x1b[8~", "d\r"], "abcd"),
        (["bc", "\x1bOH", "a", "\x1bOF", "d\r"], "abcd"),
        (["ac", "\x1bOD", "b", "\x1bOC", "d\r"], "abcd"),
        (["ac", "\x02", "b", "\x06", "d\r"], "abcd"),
        (["abc\x7f\r"], "ab"),
        (["abc\x08\r"], "ab"),
        (["\x7f\x7fabc", LEFT, "\x7f\r"], "ac"),
        (["abc", HOME, DELETE, "\r"], "bc"),
        (["abc", HOME, "\x04", "\r"], "bc"),
        (["abc\x04\r"], "abc"),
        (["one two.three", "\x17", "\r"], "one "),
        (["one two.three", "\x1b\x7f", "\r"], "one two."),
        (["one two.three", "\x1bb", "\x1bb", "X\r"], "one Xtwo.three"),
        (["one two.three", CTRL_LEFT, CTRL_LEFT, "X\r"], "one Xtwo.three"),
        (["one two", HOME, "\x1bf", "X\r"], "oneX two"),
        (["one two", HOME, CTRL_RIGHT, CTRL_RIGHT, "X\r"], "one twoX"),
        (["one two", HOME, "\x1bd", "\r"], " two"),
        (["one two", "\x1bb", "\x0b", "\r"], "one "),
        (["one two", "\x1bb", "\x15", "\r"], "two"),
        (["one two", "\x17", "\x17", HOME, "\x19", "!\r"], "one two!"),
        (["one two", HOME, "\x1bd", "\x1bd", END, "\x19", "\r"], "one two"),
        (["one", "\x15", "two ", "\x19", "\x19", "\r"], "two oneone"),
        (["ab", "\x14", "\r"], "ba"),
        (["abc", LEFT, "\x14", "\r"], "acb"),
        (["a", "\x14", "\r"], "a"),
        (["\t", "x\r"], "    x"),
        (["  ", "\t", "x\r"], "    x"),
        (["      ", "\x7f", "x\r"], "    x"),
        (["ab", "\x00", "c\r"], "abc"),
        (["ab\x1b", "[", "D", "X\r"], "aXb"),
        (["ab\x1b[99~\x1b[5~\x1bOZ\x1b[[Ac\r"], "abc"),
        (["ab\x1b[?1;2cc\x1b[24;80Rd\r"], "abcd"),
        (["ab\x1b]0;title\x07c\x1bPq\x1b\\d\r"], "abcd"),
        (["ab\x1b[1;2", "\r"], "ab"),
        (["ab\x1b[" + "1" * 40 + "c\r"], "ab" + "1" * 7 + "c"),
        (["a\x1bé\r"], "aé"),
        ([b"caf\xc3", b"\xa9\r"], "café"),
        ([b"a\xffb\xc3\r"], "a\ufffdb\ufffd"),
        ([b"a\xc2\x9bb\r"], "ab"),
        (["日本語", "\x7f", "\r"], "日本"),
        (["日語", LEFT, "本\r"], "日本語"),
        (["e\u0301x", LEFT, LEFT, "a\r"], "ae\u0301x"),
        (["e\u0301", "\x7f", "\r"], "e"),
    ],
)
def test_keys(keys, line):
    assert edit(*keys)[0] == line


def test_keys_that_do_nothing():
    keys = "\x0f\x11\x13\x16\x18\x1a\x1c\x1d\x1e\x1f"
    assert edit("ab", keys, "c\r")[0] == "abc"


def test_line_ends():
    terminal = Script("a\r\nb\nc\rd\r", "\ne\n\n")
    editor = Editor(terminal)
    assert [editor.readline() for _ in range(6)] == ["a", "b", "c", "d", "e", ""]


def test_rest_of_the_input_stays():
    terminal = Script("one\rtwo\r")
    editor = Editor(terminal)
    assert editor.readline() == "one"
    assert terminal.read() == b"two\r"


def test_control_c_and_control_d():
    with pytest.raises(KeyboardInterrupt):
        edit("abc\x03")
    with pytest.raises(EOFError):
        edit("abc\x15\x04")
    with pytest.raises(Control) as raised:
        edit("\x01", controls=b"\x01")
    assert raised.value.byte == 1
    assert edit("bc\x01a\r", controls=b"\x01")[0] == "abc"
    assert edit("\x01a\r")[0] == "a"


def test_input_after_an_interrupt_stays():
    terminal = Script("abc\x03def\r")
    editor = Editor(terminal)
    with pytest.raises(KeyboardInterrupt):
        editor.readline()
    assert editor.readline() == "def"


def test_the_end_of_the_terminal():
    terminal = Script("abc", b"")
    with pytest.raises(EOFError):
        Editor(terminal).readline()


# --- the screen ----------------------------------------------------------------------------


def test_screen_of_simple_editing():
    assert see("abc") == (">>> abc", (0, 7))
    assert see("abc", LEFT, LEFT, "X") == (">>> aXbc", (0, 6))
    assert see("abc", HOME, DELETE) == (">>> bc", (0, 4))
    assert see("abc\x7f\x7f") == (">>> a", (0, 5))
    assert see("日本", LEFT) == (">>> 日本", (0, 6))
    assert see("日本\x7f") == (">>> 日", (0, 6))
    assert see("e\u0301", "x") == (">>> e\u0301x", (0, 6))


def test_screen_of_long_lines():
    text = "0123456789" * 3
    assert see(text, columns=11) == (">>> 012345\n6789012345\n6789012345\n6789", (3, 4))
    assert see(text, HOME, columns=11)[1] == (0, 4)
    assert see(text, HOME, "X", columns=11) == (
        ">>> X01234\n5678901234\n5678901234\n56789",
        (0, 5),
    )
    # The cursor after a full row waits at its end.
    assert see("012345", columns=11) == (">>> 012345", (0, 10))
    assert see("0123456", columns=11) == (">>> 012345\n6", (1, 1))
    assert see("0123456\x7f", columns=11) == (">>> 012345", (0, 10))
    # A wide character does not fit into what is left of the row.
    assert see("01234日", columns=11) == (">>> 01234\n日", (1, 2))


def test_a_line_larger_than_the_screen():
    text = "".join(chr(ord("a") + i % 26) for i in range(300))
    screen, cursor = see(text, HOME, columns=11, rows=5)
    assert cursor == (1, 4)
    assert screen.splitlines()[-4].startswith(">>> abcdef")
    screen, cursor = see(text, HOME, RIGHT, "\x0b", columns=11, rows=5)
    assert screen.splitlines()[-1] == ">>> a"
    assert edit(text, HOME, "X", END, "Y\r", columns=11, rows=5)[0] == f"X{text}Y"


def test_the_line_below_is_free_after_the_end():
    _, screen = edit("0123456789" * 3, HOME, "\r", columns=11)
    assert (screen.row, screen.column) == (4, 0)


def test_prompts():
    assert see("x", prompt="\x1b[32mgo\x1b[0m ")[1] == (0, 4)
    assert see("x", LEFT, "y", prompt="one\ntwo ") == ("one\ntwo yx", (1, 5))
    text, cursor = see("ab", LEFT, "c", prompt="p" * 70 + " ")
    assert text.splitlines()[1].endswith("p acb")
    assert see("ab", LEFT, "c", prompt="日本> ")[0] == "日本> acb"


def test_a_prompt_that_is_shown_already():
    terminal = Script("bc", HOME, "a\r")
    terminal.screen.write(b"name? ")
    assert Editor(terminal).readline("name? ", shown=True) == "abc"
    assert terminal.screen.text() == "name? abc"


def test_clear_screen():
    terminal = Script("abc", "\x0c", "d\r")
    terminal.screen.write(b"old\r\nold\r\n")
    assert Editor(terminal).readline(">>> ") == "abcd"
    assert terminal.screen.text().startswith(">>> abcd")


def rendered(editor, columns):
    """The rows that a line takes, and the place of the cursor."""
    width = columns - 1
    breaks, _ = wrap(editor._text, text_width(editor._prompt), width)
    edges = [0, *breaks, len(editor._text)]
    rows = [editor._text[a:b].replace("\t", " ") for a, b in zip(edges, edges[1:], strict=False)]
    rows[0] = editor._prompt + rows[0]
    row = sum(b <= editor._pos for b in breaks)
    column = text_width(rows[row][: editor._pos - edges[row] + (4 if row == 0 else 0)])
    return [row.rstrip() for row in rows], row, column


KEYS = [
    LEFT,
    RIGHT,
    HOME,
    END,
    DELETE,
    "\x7f",
    "\x7f",
    "\x0b",
    "\x15",
    "\x17",
    "\x19",
    "\x14",
    CTRL_LEFT,
    CTRL_RIGHT,
    "\x1bd",
    UP,
    DOWN,
    "\t",
    "a",
    "b",
    " ",
    "cde",
    "xyz" * 5,
    "é",
    "日",
    "e\u0301",
    "本" * 7,
    "(",
    "\x12a\x07",
    "\x12",
    "\x0e",
    PASTE + "p q" + PASTED,
]


@pytest.mark.parametrize("seed", range(30))
def test_the_screen_always_shows_the_line(seed):
    """Random keys: after each one the screen is what a full drawing would give."""
    rng = random.Random(seed)
    columns, rows = rng.choice([(12, 24), (21, 24), (80, 24), (13, 4)])
    history = History()
    history.lines = ["alpha", "beta = 日本", "g" * 50]
    terminal = Script(columns=columns, rows=rows)
    editor = Editor(terminal, history)
    count = 0

    def check():
        # The scripted terminal is asked for input when all before has been handled.
        nonlocal count
        count += 1
        if editor._search is None and columns * rows > 100:
            lines, row, column = rendered(editor, columns)
            screen = terminal.screen
            shown = ["".join(line).rstrip() for line in screen.lines[screen.row - row :]]
            assert shown == lines[: len(shown)] and len(shown) >= min(len(lines), 1)
            assert screen.column == column
        if count > 150:
            raise Exhausted
        return rng.choice(KEYS).encode()

    terminal._read = lambda timeout: check() if timeout is None else b""
    with pytest.raises(Exhausted):
        editor.readline(">>> ")


# --- history -------------------------------------------------------------------------------


def past(*lines):
    history = History()
    for line in lines:
        history.add(line)
    return history


def test_history_keys():
    lines = ("one", "two", "three")
    assert edit(UP, "\r", history=past(*lines))[0] == "three"
    assert edit(UP, UP, "\r", history=past(*lines))[0] == "two"
    assert edit(UP, UP, UP, UP, UP, DOWN, "\r", history=past(*lines))[0] == "two"
    assert edit("new", UP, DOWN, "\r", history=past(*lines))[0] == "new"
    assert edit("\x10", "\x10", "\x0e", "!\r", history=past(*lines))[0] == "three!"
    assert edit(UP, "X", UP, DOWN, "\r", history=past(*lines))[0] == "threeX"


def test_history_keeps():
    history = past("a", "a", "", "  ", "b")
    assert history.lines == ["a", "b"]
    edit("c\r", history=history)
    assert history.lines == ["a", "b", "c"]
    small = History(2)
    for line in "abc":
        small.add(line)
    assert small.lines == ["b", "c"]


def test_search():
    lines = ("import os", "x = 1", "import sys", "y = 2")
    assert edit("\x12", "imp", "\r", history=past(*lines))[0] == "import sys"
    assert edit("\x12", "imp", "\x12", "\r", history=past(*lines))[0] == "import os"
    assert edit("\x12", "impx", "\x7f", "\r", history=past(*lines))[0] == "import sys"
    assert edit("abc", "\x12", "imp", "\x07", "\r", history=past(*lines))[0] == "abc"
    assert edit("\x12", "imp", END, "!\r", history=past(*lines))[0] == "import sys!"
    assert edit("\x12", "nowhere", "\r", history=past(*lines))[0] == ""
    text, _ = see("\x12", "imp", history=past(*lines))
    assert text == "(reverse-i-search)`imp': import sys"
    text, _ = see("\x12", "imp", "\x07", history=past(*lines))
    assert text == ">>>"
    with pytest.raises(KeyboardInterrupt):
        edit("\x12", "imp", "\x03", history=past(*lines))


# --- completion ----------------------------------------------------------------------------


def from_words(*words):
    def complete(text, position):
        start = text.rfind(" ", 0, position) + 1
        return start, [word for word in words if word.startswith(text[start:position])]

    return complete


def test_completion():
    words = from_words("alpha", "alphabet", "beta")
    assert edit("b", "\t", "\r", complete=words)[0] == "beta"
    assert edit("x al", "\t", "\r", complete=words)[0] == "x alpha"
    assert edit("z", "\t", "\r", complete=words)[0] == "z"
    text, cursor = see("al", "\t", "\t", "\t", complete=words)
    assert text == ">>> alpha\nalpha     alphabet\n>>> alpha"
    assert cursor == (2, 9)
    text, _ = see("al", "\t", "\t", complete=words)
    assert text == ">>> alpha"


def test_completion_of_very_much():
    words = from_words(*[f"n{i * 7919 % 10000:04}" for i in range(1000)])
    text, _ = see("n", "\t", "\t", complete=words)
    assert "more" in text and len(text.splitlines()) <= 24 and text.endswith(">>> n")


def test_completion_that_fails():
    def broken(text, position):
        raise RuntimeError("a __dir__ of the user's")

    assert edit("a", "\t", "b\r", complete=broken)[0] == "ab"


def test_tab_in_the_midst_of_input_is_no_key():
    words = from_words("alpha")
    assert edit("a\tb\r", complete=words)[0] == "a\tb"
    assert edit("\tb\r", complete=words)[0] == "    b"


# --- pasting -------------------------------------------------------------------------------


def test_bracketed_paste():
    terminal = Script(PASTE + "one\ttwo\rthree" + PASTED, "!\r")
    editor = Editor(terminal, complete=from_words("x"))
    assert editor.readline() == "one\ttwo"
    assert editor.pasting
    assert editor.readline() == "three!"
    assert not editor.pasting


def test_controls_in_a_paste_are_dropped():
    terminal = Script(PASTE + "a\x04\x01\x15\x0bb" + PASTED + "\r")
    assert Editor(terminal).readline(controls=b"\x01") == "ab"


def test_an_interrupt_ends_a_paste():
    terminal = Script(PASTE + "abc\r", "\x03", "x\r")
    editor = Editor(terminal)
    editor.readline()
    with pytest.raises(KeyboardInterrupt):
        editor.readline()
    assert editor.readline() == "x" and not editor.pasting


def test_indentation_that_is_offered():
    assert edit("x\r", indent="    ")[0] == "    x"
    assert edit("\r", indent="    ")[0] == ""
    assert edit("\x7f", "x\r", indent="    ")[0] == "x"
    assert edit("  x\r", indent="    ")[0] == "  x"
    assert edit(" ", "   ", "x\r", indent="    ")[0] == "    x"
    assert edit("\t", "x\r", indent="    ")[0] == "        x"
    assert see(indent="    ") == (">>>", (0, 8))
    assert see("  y", indent="    ") == (">>>   y", (0, 7))


# --- robustness ----------------------------------------------------------------------------


def chunks(data, size):
    return [data[i : i + size] for i in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 16, 4096])
def test_a_line_of_100_kilobytes(size):
    text = "x = '" + "0123456789" * 10_000 + "'"
    started = time.process_time()
    line, screen = edit(*chunks(text, size), "\r")
    assert line == text
    assert time.process_time() - started < 8
    assert screen.text().replace("\n", "") == ">>> " + text


def test_100_kilobytes_into_the_middle():
    text = "0123456789" * 10_000
    terminal = Script("ab", LEFT, *chunks(text, 4096), "\r")
    assert Editor(terminal).readline() == "a" + text + "b"
    # What is drawn again is a screenful for each chunk, not the line.
    assert len(terminal.output) < 26 * 80 * 25 * 2


def test_wide_text_of_100_kilobytes():
    text = "日本語" * 11_000
    assert edit(*chunks(text.encode(), 4096), "\r")[0] == text


@pytest.mark.parametrize("seed", range(40))
def test_garbage(seed):
    """Random bytes: nothing but the documented exceptions, and the editor goes on."""
    rng = random.Random(seed)
    alphabet = [bytes([byte]) for byte in range(256)] + [
        b"\x1b[",
        b"\x1bO",
        b"\x1b]",
        b"\x1b[200~",
        b"\x1b[201~",
        b"\x12",
        b"\x1b[A",
        b"\t\t",
        b"\xe6\x97\xa5",
        b"\xcc\x81",
        b"abc",
        b"1;5",
    ]
    data = b"".join(rng.choices(alphabet, k=3000))
    pieces = []
    while data:
        size = rng.choice([1, 2, 7, 100])
        pieces.append(data[:size])
        data = data[size:]
    terminal = Script(*pieces, b"\r\x03", b"abc\r", columns=rng.choice([10, 80]), rows=5)
    editor = Editor(terminal, past("one", "two"), from_words("alpha", "abacus"))
    results = []
    while not results or str(results[-1]).strip() != "abc":
        try:
            results.append(editor.readline(">>> ", controls=b"\x01\x02", indent=" " * (seed % 3)))
        except (KeyboardInterrupt, EOFError, Control) as error:
            results.append(error)
    assert any(isinstance(result, KeyboardInterrupt) for result in results)
