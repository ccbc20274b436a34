# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The full-screen editor, by what the user sees and what is in the file."""

import os
import random

import pytest
from screen import Exhausted, Script

from kernel import edit
from kernel.textwidth import text_width

LEFT, RIGHT, UP, DOWN = "\x1b[D", "\x1b[C", "\x1b[A", "\x1b[B"
HOME, END, DELETE = "\x1b[H", "\x1b[F", "\x1b[3~"
PAGE_UP, PAGE_DOWN = "\x1b[5~", "\x1b[6~"
SAVE, LEAVE, CUT, PASTE, SEARCH = "\x13", "\x18", "\x0b", "\x15", "\x17"
UNDO, REDO, GO = "\x1bu", "\x1be", "\x1f"


class Session:
    """An editor with scripted keys; each chunk is drawn before the next one comes."""

    def __init__(self, path, *keys, columns=60, rows=14, **options):
        self.terminal = Script(*keys, columns=columns, rows=rows)
        self.snapshots = []
        read = self.terminal._read

        def watch(timeout):
            if timeout is None:
                self.snapshots.append((self.rows(), self.cursor()))
            return read(timeout)

        self.terminal._read = watch
        self.editor = edit.Editor(self.terminal, str(path), **options)
        self.editor.load()
        try:
            self.editor.run()
            self.left = True
        except Exhausted:
            self.left = False
        except KeyboardInterrupt:
            self.left = True  # a Ctrl-C was typed after the key that leaves

    def rows(self):
        rows = self.terminal.screen.visible()
        return rows + [""] * (self.terminal.screen.rows - len(rows))

    def cursor(self):
        screen = self.terminal.screen
        return screen.row - screen.top, screen.column

    @property
    def screen(self):
        """The rows when the last key had been drawn."""
        return self.snapshots[-1][0]

    @property
    def text(self):
        """The lines of text on the screen."""
        return self.screen[1:-3]

    @property
    def message(self):
        return self.screen[-3].strip()

    @property
    def at(self):
        return self.snapshots[-1][1]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "f"


def put(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def edited(path, text, *keys, **options):
    """What is in the file after keys, a save and leaving."""
    put(path, text)
    session = Session(path, *keys, SAVE, LEAVE, **options)
    assert session.left
    return path.read_bytes().decode()


@pytest.mark.parametrize(
    "text, keys, expected",
    [
        ("abc\n", ["X"], "Xabc\n"),
        ("abc\n", [END, "X"], "abcX\n"),
        ("abc\n", [RIGHT, "X"], "aXbc\n"),
        ("abc\n", ["\x06", "\x06", "\x02", "X"], "aXbc\n"),
        ("abc\n", ["\x05X\x01Y"], "YabcX\n"),
        ("abc\n", [END, "\x7f"], "ab\n"),
        ("abc\n", [DELETE], "bc\n"),
        ("abc\n", ["\x04"], "bc\n"),
        ("a\nb\n", [END, DELETE], "ab\n"),
        ("a\nb\n", [DOWN, "\x7f"], "ab\n"),
        ("a\nb\n", [DOWN, HOME, LEFT, "X"], "aX\nb\n"),
        ("a\nb\n", [END, RIGHT, "X"], "a\nXb\n"),
        ("abc\n", [RIGHT, "\r"], "a\nbc\n"),
        ("abc\n", [RIGHT, "\r\n"], "a\nbc\n"),
        ("long line\nx\nlong line\n", [END, DOWN, DOWN, "X"], "long line\nx\nlong lineX\n"),
        ("one\ntwo\nthree\n", [CUT], "two\nthree\n"),
        ("one\ntwo\nthree\n", [CUT, CUT, DOWN, PASTE], "three\none\ntwo\n"),
        ("one\ntwo\nthree\n", [CUT, DOWN, CUT, PASTE], "two\nthree\n"),
        ("one\ntwo\n", [DOWN, CUT, PASTE, PASTE], "one\ntwo\ntwo\n"),
        ("one\ntwo\n", ["\x1b6", DOWN, PASTE], "one\none\ntwo\n"),
        ("one two\n", [END, "\x1b\x7f", "2"], "one 2\n"),
        ("one two\n", ["\x1b[1;5C", "X"], "one Xtwo\n"),
        ("one two\n", [END, "\x1b[1;5D", "X"], "one Xtwo\n"),
        ("a\n", ["\t"], "\ta\n"),
        ("a\nb\nc\n", ["\x1b/", "X", "\x1b\\", "Y"], "Ya\nb\nc\nX\n"),
        ("a\nb\nc\n", [GO, "2\r", "X"], "a\nXb\nc\n"),
        ("abc\nabc\n", [GO, "2,3\r", "X"], "abc\nabXc\n"),
        ("a\nb\nc\n", [GO, "-2\r", "X"], "a\nb\nXc\n"),
        ("", ["hello"], "hello\n"),
        ("no end", [END, "!"], "no end!\n"),
        ("x", ["\x7f", DELETE], ""),
        ("é日本\n", [RIGHT, RIGHT, "X"], "é日X本\n"),
        ("e\u0301x\n", [RIGHT, "Y"], "e\u0301Yx\n"),
        ("abc\n", ["\x1b[200~1\r2\t3\x1b[201~"], "1\n2\t3abc\n"),
        ("日\n", ["\xe6".encode("latin-1"), b"\x97", b"\xa5"], "日日\n"),
        ("abc\n", ["X", "\x7f", "Y"], "Yabc\n"),
        ("abc\n", ["\x1bOC", "X", "\x1bOH", "Y"], "YaXbc\n"),
        ("aba\n", ["\x1c", "a\r", "X\r", "a"], "XbX\n"),
        ("aba\n", ["\x1c", "a\r", "aa\r", "y", "n"], "aaba\n"),
        ("Abc abc\n", ["\x1c", "ABC\r", "x\r", "y", "y"], "x x\n"),
        ("a\na\na\n", [DOWN, "\x1c", "a\r", "b\r", "a"], "b\nb\nb\n"),
    ],
)
def test_keys(path, text, keys, expected):
    assert edited(path, text, *keys) == expected


@pytest.mark.parametrize("undo, redo", [(UNDO, REDO), ("\x1a", REDO)])
def test_undo(path, undo, redo):
    assert edited(path, "abc\n", "one", undo) == "abc\n"
    assert edited(path, "abc\n", "one", undo, redo) == "oneabc\n"
    assert edited(path, "abc\n", "one", " ", "two", undo) == "one abc\n"
    assert edited(path, "a\nb\nc\n", CUT, CUT, undo) == "b\nc\n"
    assert edited(path, "a\nb\nc\n", CUT, CUT, undo, undo) == "a\nb\nc\n"
    assert edited(path, "a\nb\nc\n", DOWN, "\x7f", undo, undo, undo) == "a\nb\nc\n"
    assert edited(path, "abc\n", "x", undo, "y", redo) == "yabc\n"
    assert edited(path, "abc\n", RIGHT, "\r", "x", undo, undo) == "abc\n"


def test_undo_comes_to_the_saved_state(path):
    put(path, "abc\n")
    session = Session(path, "x", SAVE, "y", UNDO, LEAVE)
    assert session.left and path.read_text() == "xabc\n"
    session = Session(path, "x", SAVE, UNDO, LEAVE)
    assert not session.left and session.message.startswith("Save modified buffer?")


def test_random_changes_are_undone_and_redone(path):
    rng = random.Random(5)
    base = "one two\n\tthree\n日本語\n\nlast"
    keys = ["a", " ", "日", "\r", "\x7f", DELETE, LEFT, RIGHT, UP, DOWN, CUT, PASTE, HOME, END]
    keys += ["\t", "\x1b\x7f", "\x1b6"]
    for _ in range(40):
        typed = [rng.choice(keys) for _ in range(rng.randint(1, 30))]
        put(path, base)
        session = Session(path, *typed)
        final = session.editor.text.lines[:]
        text = session.editor.text
        steps = 0
        while text.undo() is not None:
            steps += 1
        assert text.lines == base.split("\n"), typed
        while text.redo() is not None:
            steps -= 1
        assert text.lines == final and not steps, typed


def test_screen(path):
    put(path, "one\n\ttwo\nthree\x01\n")
    session = Session(path, DOWN, END, columns=62)
    assert "ZPy edit" in session.screen[0] and str(path)[-20:] in session.screen[0]
    assert session.text[:3] == ["one", "        two", "three^A"]
    assert session.screen[-2].startswith("^G Help") and "^K Cut" in session.screen[-2]
    assert session.at == (2, 11)
    assert session.snapshots[0][0][-3].strip() == "[ Read 3 lines ]"


def test_the_title_tells_of_changes(path):
    put(path, "one\n")
    assert Session(path).screen[0].endswith("f")
    assert Session(path, "x").screen[0].endswith("Modified")
    assert not Session(path, "x", SAVE).screen[0].endswith("Modified")
    assert Session(path, view=True).screen[0].endswith("View")
    assert "New Buffer" in Session("").screen[0]


def test_the_screen_before_comes_back(path):
    terminal = Script("x", LEAVE, "n", columns=40, rows=10)
    terminal.write(b"$ edit f\r\n")
    edit.Editor(terminal, str(path)).run()
    assert terminal.screen.text() == "$ edit f"
    assert (terminal.screen.row, terminal.screen.column) == (1, 0)
    assert terminal.armed


def test_long_lines_scroll(path):
    put(path, "".join(str(i % 10) for i in range(200)) + "\nshort\n")
    session = Session(path, columns=41)
    assert session.text[0] == "0123456789012345678901234567890123456789"[:39] + ">"
    session = Session(path, END, columns=41)
    assert session.text[0].startswith("<") and session.text[0].endswith("9")
    row, column = session.at
    assert column == len(session.text[0])
    session = Session(path, END, DOWN, columns=41)
    assert session.text[0].endswith(">") and session.text[1] == "short" and session.at == (2, 5)
    for count in range(30, 60):
        session = Session(path, GO, f"1,{count}\r", columns=41)
        row, column = session.at
        assert session.text[0][column] == str((count - 1) % 10)


def test_wide_characters_at_the_edges(path):
    put(path, "日本語" * 30 + "\n")
    for count in range(1, 90):
        session = Session(path, GO, f"1,{count}\r", columns=24)
        assert all(text_width(row) < 24 for row in session.screen)
        # The cursor is on the character that it is said to be on.
        row, column = session.at
        found, shown = 0, session.text[0]
        while text_width(shown[:found]) < column:
            found += 1
        assert shown[found : found + 1] == "日本語"[(count - 1) % 3]


def test_scrolling(path):
    put(path, "".join(f"line {i}\n" for i in range(1, 101)))
    session = Session(path, PAGE_DOWN, PAGE_DOWN)
    assert session.text[0] == "line 17" and session.at[0] == 1
    assert Session(path, PAGE_DOWN, PAGE_UP).text[0] == "line 1"
    assert Session(path, "\x1b[1;5F").text[-1] != "line 1"
    session = Session(path, GO, "50\r")
    assert session.text[session.at[0] - 1] == "line 50"
    session = Session(path, *[DOWN] * 12)
    assert session.text[-1] == "line 13" and session.text[0] == "line 4"
    session = Session(path, PAGE_DOWN * 30)
    assert session.text[-2:] == ["line 100", ""] and session.at == (len(session.text), 0)


def test_only_changes_are_written(path):
    put(path, "".join(f"line {i}\n" for i in range(100)))
    session = Session(path, *"abc")
    sizes = [len(chunk) for chunk in session.terminal.written]
    assert max(sizes[-4:]) < 80, sizes


def test_search(path):
    put(path, "one\ntwo\nThree two\n")
    assert Session(path, SEARCH, "TWO\r").at == (2, 0)
    assert Session(path, SEARCH, "two\r", "\x1bw").at == (3, 6)
    session = Session(path, SEARCH, "two\r", "\x1bw", "\x1bw")
    assert session.at == (2, 0) and session.message == "[ Search Wrapped ]"
    assert Session(path, SEARCH, "nope\r").message == '[ "nope" not found ]'
    assert Session(path, SEARCH, "one\r").message == "[ This is the only occurrence ]"
    assert Session(path, SEARCH, "two\r", SEARCH, "\r").at == (3, 6)
    assert Session(path, SEARCH, "two", "\x03").message == "[ Cancelled ]"
    assert Session(path, "\x1bw").message == "[ No current search pattern ]"


def test_where(path):
    put(path, "one\n\ttwo\n")
    assert Session(path, DOWN, RIGHT, "\x03").message == "[ line 2/3, col 9/12 ]"


def test_leaving(path):
    put(path, "one\n")
    assert Session(path, LEAVE).left
    session = Session(path, "x", LEAVE)
    assert session.message.startswith("Save modified buffer?") and not session.left
    assert Session(path, "x", LEAVE, "n").left and path.read_text() == "one\n"
    assert not Session(path, "x", LEAVE, "\x03", RIGHT).left
    session = Session(path, "x", LEAVE, "y")
    assert session.message.startswith("File Name to Write: ")
    assert Session(path, "x", LEAVE, "y", "\r").left and path.read_text() == "xone\n"


def test_save_under_another_name(path):
    other = path.with_name("other")
    put(path, "one\n")
    session = Session(path, "x", "\x0f", "\x15" + str(other) + "\r", "y", SAVE, LEAVE)
    assert session.left and path.read_text() == "one\n" and other.read_text() == "xyone\n"
    put(other, "there\n")
    session = Session(path, "x", "\x0f", "\x15" + str(other) + "\r")
    assert "exists: overwrite it?" in session.screen[-3]
    session = Session(path, "x", "\x0f", "\x15" + str(other) + "\r", "n")
    assert session.message == "[ Cancelled ]" and other.read_text() == "there\n"
    session = Session("", "x", SAVE, str(path.with_name("new")) + "\r", LEAVE)
    assert session.left and path.with_name("new").read_text() == "x\n"


def test_a_new_file(path):
    session = Session(path)
    assert session.message == "[ New File ]"
    assert Session(path, LEAVE).left and not path.exists()
    assert Session(path, "x", SAVE, LEAVE).left and path.read_text() == "x\n"


def test_a_save_that_fails_keeps_the_text(path, monkeypatch):
    put(path, "one\n")

    def full(number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    session = Session(path, "x", SAVE, columns=120)
    assert "No space left on device" in session.message
    assert session.screen[0].endswith("Modified") and session.text[0] == "xone"
    assert path.read_text() == "one\n" and os.listdir(path.parent) == ["f"]
    session = Session(path, "x", LEAVE, "y", "\r", columns=120)
    assert not session.left and "No space left on device" in session.message


def test_a_directory_is_no_file(path):
    with pytest.raises(IsADirectoryError):
        edit.Editor(Script(), str(path.parent)).load()
    session = Session(path, "x", "\x0f", "\x15" + str(path.parent) + "\r", "y", columns=150)
    assert "Is a directory" in session.message


def test_the_file_has_changed_meanwhile(path):
    put(path, "one\n")
    terminal = Script(SAVE, "n", LEAVE, "n", columns=80)
    editor = edit.Editor(terminal, str(path))
    editor.load()
    put(path, "somebody else\n")
    editor._type("x")
    editor.run()
    assert path.read_text() == "somebody else\n"


def test_view_changes_nothing(path):
    put(path, "one\n")
    session = Session(path, "x", CUT, "\r", view=True)
    assert session.text[0] == "one" and session.message == "[ The file is only to be viewed ]"
    assert Session(path, "x", LEAVE, view=True).left


def test_bytes_stay_what_they_are(path):
    for data in (
        b"\xff\xfe bad \x80\n",
        b"a\r\nb\r\n",
        b"mixed\r\nends\n",
        b"\x00\x01\x02\n",
        b"\xc2\x85 next line\xe2\x80\xa8\n",
        b"\xef\xbb\xbfwith a mark\n",
        b"\n\n\n",
    ):
        put(path, data)
        assert Session(path, " ", "\x7f", SAVE, LEAVE).left
        assert path.read_bytes() == data
    put(path, b"a\r\nb\r\n")
    assert Session(path, END, "\r", "x", SAVE, LEAVE).left
    assert path.read_bytes() == b"a\r\nx\r\nb\r\n"


def test_python_files_are_indented(tmp_path):
    path = tmp_path / "f.py"
    assert edited(path, "", "if x:", "\r", "y", "\r", "z") == "if x:\n    y\n    z\n"
    assert edited(path, "x\n", "\t", "y") == "    yx\n"
    assert edited(path, "        x\n", "\x1b[1;5C" + HOME + RIGHT * 8, "\x7f") == "    x\n"
    # What comes in one piece was typed by no person.
    assert edited(path, "", "if x:\r    y\rz") == "if x:\n    y\nz\n"


def test_the_mode_stays(path):
    put(path, "one\n")
    path.chmod(0o640)
    assert Session(path, "x", SAVE, LEAVE).left
    assert path.stat().st_mode & 0o777 == 0o640


def test_insert_a_file(path):
    other = path.with_name("other")
    put(other, "in\nserted\n")
    assert edited(path, "one\n", "\x12", str(other) + "\r", "X") == "in\nserted\nXone\n"
    session = Session(path, "\x12", "/nope/x\r", columns=100)
    assert session.message == "[ Error reading /nope/x: No such file or directory ]"


def test_help(path):
    put(path, "one\n")
    session = Session(path, "\x07", columns=80, rows=30)
    assert any("search again" in row for row in session.screen)
    session = Session(path, "\x07", "q", columns=80, rows=30)
    assert session.text[0] == "one"


def test_size(path):
    put(path, "one\n")
    for columns in (2, 5, 10, 20, 37, 200):
        for rows in (1, 2, 3, 4, 5, 10, 50):
            if columns >= 10 and rows >= 2:
                Session(path, "x", LEAVE, "\x03", SEARCH, "o\r", columns=columns, rows=rows)


def test_the_screen_is_resized(path):
    put(path, "x" * 100 + "\n")
    session = Session(path, "\x1b[20;50R", columns=80, rows=24)
    assert len(session.screen[1]) == 49 and session.screen[19].startswith("^X")
    sizes = [(80, 24), (30, 12)]
    terminal = Script("a", "b", columns=80, rows=24)
    terminal.size = lambda: sizes[0]
    editor = edit.Editor(terminal, str(path))
    editor.load()
    read = terminal._read

    def then(timeout):
        if len(terminal.chunks) == 1 and len(sizes) > 1:
            sizes.pop(0)
        return read(timeout)

    terminal._read = then
    with pytest.raises(Exhausted):
        editor.run()
    assert editor._width == 29


def test_random_keys_break_nothing(path):
    rng = random.Random(7)
    pieces = ["a", "日", "\t", "\x1b", "[", "A", "\r", "\x18", "\x03", "\x17", "y", "n", "\x7f"]
    pieces += [chr(i) for i in range(32)] + ["\x1b[" + c for c in "ABCDHF3~5~6~"] + ["\x80\xff"]
    for _ in range(150):
        put(path, "one\ntwo\tthree\n日本\x01\n" * 8)
        keys = [rng.choice(pieces) for _ in range(rng.randint(1, 60))]
        keys = [k for k in keys if k not in ("\x0f", "\x12", "\x13")]
        Session(path, *keys, columns=rng.randint(10, 70), rows=rng.randint(2, 20))
        assert not [name for name in os.listdir(path.parent) if name[0] == "."], keys
