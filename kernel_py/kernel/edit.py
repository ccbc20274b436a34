# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""A full-screen editor that feels like nano, on any terminal.

    Editor(terminal, "/tmp/a").run()

Three principles:
- No text is lost.  A file is written beside its old content and takes its place when it is whole;
  after an error the text is still in the editor.
- Bytes that are no UTF-8, and ends of lines of another system, come out as they went in.
- Only what changes on the screen is written: the terminal may be a slow serial line.  Its last
  column stays empty, as in the line editor.
"""

import errno
import os

from .command import reason
from .keys import Decoder
from .textwidth import char_width, text_width

TAB = 8
INDENT = 4  # what the tab key means in Python files
_UNDO_MAX = 2000
_HELP = """\
 ^S  save                           ^O  save under another name
 ^X  leave                          ^R  insert a file
 ^W  search                         M-W  search again
 ^\\  replace                        ^_  go to a line
 ^K  cut the line                   ^U  paste
 M-6  copy the line                 M-U, ^Z  undo
 M-E  redo                          ^C  where is the cursor
 ^A ^E  begin, end of the line      ^Y ^V  page up, page down
 M-\\ M-/  first, last line          ^L  draw the screen again
 ^D  delete the character           M-Del  delete the word before

 Alt is the key M-; ESC before a key does the same.
 What several ^K in a row cut, ^U pastes together.

 Any key goes on."""
_SHORTCUTS = (
    (("^G", "Help"), ("^S", "Save"), ("^W", "Where Is"), ("^K", "Cut"), ("M-U", "Undo")),
    (("^X", "Exit"), ("^O", "Write Out"), ("^_", "Go To Line"), ("^U", "Paste"), ("M-E", "Redo")),
)


class Cancelled(Exception):
    """The question was not answered."""


# --- the text ------------------------------------------------------------------------------


class Text:
    """The lines of a file, with undo.

    After the last end of line comes one more line, an empty one: a place to go on.
    """

    def __init__(self):
        self.lines = [""]
        self.modified = False
        self.crlf = False
        self._undo = []  # (row, lines before, lines after, cursor before, cursor after, kind)
        self._redo = []
        self._saved_at = 0  # the length of _undo at which the file is as saved; -1: never

    def load(self, data):
        """Takes the content of a file."""
        text = data.decode("utf-8", "surrogateescape")
        self.crlf = "\r\n" in text and text.count("\r\n") == text.count("\n")
        if self.crlf:
            text = text.replace("\r\n", "\n")
        self.lines = text.split("\n")

    def blocks(self):
        """The bytes to save, in pieces."""
        end = "\r\n" if self.crlf else "\n"
        if self.lines == [""]:
            return
        for start in range(0, len(self.lines), 512):
            text = end.join(self.lines[start : start + 512])
            if start + 512 < len(self.lines) or self.lines[-1]:
                text += end
            yield text.encode("utf-8", "surrogateescape")

    def count(self):
        """How many lines the file has: an empty one at the end is the place after its last."""
        return len(self.lines) - (not self.lines[-1])

    def saved(self):
        """The file is now as the text is."""
        self._saved_at = len(self._undo)
        self._close()
        self.modified = False

    def _close(self):
        """What is typed next is a step of its own."""
        if self._undo:
            self._undo[-1] = self._undo[-1][:5] + ("",)

    def replace(self, row, count, new, before, after, kind=""):
        """Puts lines in the place of lines[row:row+count]; before, after: the cursor.

        Steps of the same kind that follow each other on the same line are one for undo.
        """
        old = self.lines[row : row + count]
        self.lines[row : row + count] = new
        self._redo.clear()
        if self._saved_at > len(self._undo):
            self._saved_at = -1
        last = self._undo[-1] if self._undo else None
        if (
            kind
            and last is not None
            and last[5] == kind
            and last[0] == row
            and last[4] == before
            and len(last[2]) == count
            and self._saved_at != len(self._undo)
        ):
            self._undo[-1] = (row, last[1], new, last[3], after, kind)
        else:
            self._undo.append((row, old, new, before, after, kind))
            if len(self._undo) > _UNDO_MAX:
                del self._undo[0]
                self._saved_at = self._saved_at - 1 if self._saved_at > 0 else -1
        self.modified = self._saved_at != len(self._undo)

    def undo(self):
        """Takes a step back; returns the cursor, or None if there is none."""
        if not self._undo:
            return None
        row, old, new, before, after, _ = step = self._undo.pop()
        self.lines[row : row + len(new)] = old
        self._redo.append(step)
        self.modified = self._saved_at != len(self._undo)
        return before

    def redo(self):
        """Takes it forth again."""
        if not self._redo:
            return None
        row, old, new, before, after, _ = self._redo.pop()
        self.lines[row : row + len(old)] = new
        self._undo.append((row, old, new, before, after, ""))
        self.modified = self._saved_at != len(self._undo)
        return after


# --- how a line looks ----------------------------------------------------------------------


def _plain(line):
    """True if each character of the line is itself, one column wide."""
    return line.isascii() and line.isprintable()


def shape(char, column):
    """What is shown for a character at a column."""
    if char == "\t":
        return " " * (TAB - column % TAB)
    if char < " ":
        return "^" + chr(ord(char) + 64)
    if "\x7f" <= char <= "\x9f":
        return "^?" if char == "\x7f" else "\ufffd"
    if "\ud800" <= char <= "\udfff" or char in "\u2028\u2029\ufeff":
        return "\ufffd"  # a byte that is no UTF-8, or what would do something to the terminal
    return char


def _width(shown):
    """Columns of one shape."""
    return len(shown) if shown.isascii() else sum(map(char_width, shown))


def column_of(line, index):
    """The column of the character with this index."""
    if _plain(line):
        return index
    column = 0
    for char in line[:index]:
        column += _width(shape(char, column))
    return column


def index_at(line, wanted):
    """The index of the character at a column, or of the nearest one before it."""
    if _plain(line):
        return min(wanted, len(line))
    column = 0
    for index, char in enumerate(line):
        width = _width(shape(char, column))
        if column + width > wanted and width:
            return index
        column += width
    return len(line)


def cut(line, start, width):
    """The part of a line that is shown from a column on; and whether there is more."""
    if _plain(line):
        return line[start : start + width], len(line) > start + width
    shown = []
    column = 0
    for char in line:
        text = shape(char, column)
        wide = _width(text)
        left, column = column, column + wide
        if left >= start + width and wide:
            return "".join(shown), True
        if column <= start and (wide or left < start):
            continue
        if left < start or column > start + width:
            # Half of it is outside.
            text = " " * (min(column, start + width) - max(left, start)) if char != "\t" else text
            if char == "\t":
                text = text[max(start - left, 0) :][: start + width - max(left, start)]
        shown.append(text)
    return "".join(shown), column > start + width


# --- the editor ----------------------------------------------------------------------------


class Editor:
    """Edits a file on a terminal.

    path: the file, or "" for none yet; it need not exist
    line: where to begin, from 1
    view: no changes
    """

    def __init__(self, terminal, path="", *, line=1, view=False):
        self.terminal = terminal
        self.path = path
        self.text = Text()
        self.view = view
        self._python = path.endswith(".py")
        self._decoder = Decoder()
        self._events = []  # what has been read and not used, the next one last
        self._row, self._index = line - 1, 0
        self._column = 0  # where up and down want to be
        self._top = 0
        self._cut = []
        self._cutting = False  # the last key was ^K
        self._sought = ""
        self._message = ""
        self._question = None  # (text before, answer, index in it) while there is one
        self._shown = []
        self._cursor = None
        self._size = None  # what terminal.size() said last
        self._reported = None  # what the terminal itself said
        self._status = None  # of the file when it was read: (mtime, size)
        self._done = False

    # --- files -----------------------------------------------------------------------------

    def load(self):
        """Reads the file.  OSError if that fails; a file that is not there is a new one."""
        if not self.path:
            return
        try:
            with open(self.path, "rb") as file:
                data = file.read()
                self._status = self._stamp()
        except FileNotFoundError:
            self._message = "New File"
            return
        if os.path.isdir(self.path):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), self.path)
        self.text.load(data)
        lines = self.text.count()
        self._message = f"Read {lines} line{'s' * (lines != 1)}"
        if self.view:
            self._message += " (only to be viewed)"
        elif not os.access(self.path, os.W_OK):
            self._message = f"File '{self.path}' is unwritable"

    def _stamp(self):
        status = os.stat(self.path)
        return status.st_mtime_ns, status.st_size

    def _save(self, path):
        """Writes the text to a file; returns True, or False after a message."""
        if path == self.path and self._status is not None:
            try:
                changed = self._stamp() != self._status
            except OSError:
                changed = False  # it is gone: it will be there again
            if changed and not self._confirm("The file has changed meanwhile: save all the same?"):
                self._message = "Cancelled"
                return False
        elif path != self.path and os.path.exists(path):
            if not self._confirm(f'File "{path}" exists: overwrite it?'):
                self._message = "Cancelled"
                return False
        try:
            if os.path.isdir(path):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
            self._write(path)
        except OSError as error:
            self._message = f"Error writing {path}: {reason(error)}"
            return False
        except MemoryError:
            self._message = f"Error writing {path}: out of memory"
            return False
        self.path = path
        self._python = path.endswith(".py")
        self._status = self._stamp()
        self.text.saved()
        count = self.text.count()
        self._message = f"Wrote {count} line{'s' * (count != 1)}"
        return True

    def _write(self, path):
        try:
            mode = os.stat(path).st_mode
        except FileNotFoundError:
            mode = None
        if mode is not None and mode & 0o170000 != 0o100000 or os.path.islink(path):
            with open(path, "wb") as file:  # a device, or another name for the file
                for block in self.text.blocks():
                    file.write(block)
            return
        directory, name = os.path.split(path)
        beside = os.path.join(directory, f".{name[:200]}.edit")
        try:
            with open(beside, "wb") as file:
                for block in self.text.blocks():
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())
            if mode is not None:
                self._keep_mode(beside, mode)
            os.replace(beside, path)
        except BaseException:
            if os.path.exists(beside):
                os.remove(beside)
            raise

    def _keep_mode(self, path, mode):
        try:
            os.chmod(path, mode & 0o7777)
        except OSError as error:
            if error.errno not in (errno.ENOTSUP, errno.ENOSYS, errno.EPERM):
                raise

    # --- the session -----------------------------------------------------------------------

    def run(self):
        """Edits until the user leaves.  The terminal's interrupt key is a key meanwhile."""
        self.terminal.disarm()
        self._row = min(max(self._row, 0), len(self.text.lines) - 1)
        # The other screen, and a question to the terminal: how large is it?
        self._put("\x1b[?1049h\x1b[?2004h" + _ASK_SIZE)
        try:
            while not self._done:
                self._draw()
                is_text, key = self._next()
                self._message = ""
                if is_text:
                    self._type(key)
                else:
                    self._key(key)
        except EOFError:
            return  # the terminal is gone
        finally:
            rows = self._measure()[1]
            self._put(f"\x1b[m\x1b[{rows};1H\r\x1b[K\x1b[?25h\x1b[?1049l")
            # What was typed ahead and not used is for whoever reads next.
            self.terminal.unread(_as_bytes(self._events))
            self.terminal.arm()

    def _put(self, text):
        self.terminal.write(text.encode("utf-8", "replace"))

    def _next(self):
        """The next (True, text) or (False, key)."""
        while not self._events:
            data = self.terminal.read()
            if not data:
                raise EOFError
            self._events = list(self._decoder.feed(data))[::-1]
        is_text, key = self._events.pop()
        if not is_text and key.startswith("report "):
            _, rows, columns = key.split()
            self._reported = max(int(columns), 2), max(int(rows), 1)
            self._draw()
            return self._next()
        return is_text, key

    def _measure(self):
        """(columns, rows) of the screen."""
        size = self.terminal.size()
        if size != self._size:
            if self._size is not None:
                self._reported = None
            self._size = size
        columns, rows = self._reported or size
        return max(columns, 10), max(rows, 2)

    # --- the screen ------------------------------------------------------------------------

    def _draw(self):
        columns, rows = self._measure()
        width = columns - 1
        bottom = 3 if rows >= 10 else 1
        top = 1 if rows >= 4 else 0
        height = rows - top - bottom
        self._height = height
        if len(self._shown) != rows or self._width != width:
            self._width = width
            self._shown = [None] * rows
            self._put("\x1b[m\x1b[2J")
        self._scroll(height)
        lines = self.text.lines
        screen = [self._title(width)] if top else []
        line = lines[self._row]
        column = column_of(line, self._index)
        start = _page_start(column, width)
        for row in range(self._top, self._top + height):
            if row >= len(lines):
                screen.append("")
            else:
                screen.append(_row_of(lines[row], start if row == self._row else 0, width))
        screen.append(self._status_line(width))
        if bottom == 3:
            screen += [_shortcuts(pairs, width) for pairs in _SHORTCUTS]
        if self._question is None:
            cursor = top + self._row - self._top, column - start
        else:
            cursor = rows - bottom, self._answer_column
        self._update(screen[:rows], cursor)

    _width = 0
    _height = 1
    _answer_column = 0

    def _scroll(self, height):
        """Keeps the cursor on the screen, as nano does: by half a screen."""
        if not self._top <= self._row < self._top + height:
            near = self._row in (self._top - 1, self._top + height)
            if near:
                self._top = self._row if self._row < self._top else self._row - height + 1
            else:
                self._top = self._row - height // 2
        self._top = max(0, min(self._top, len(self.text.lines) - 1))

    def _title(self, width):
        left = "  ZPy edit" if width >= 40 else ""
        state = "View" if self.view else "Modified" if self.text.modified else ""
        name = _printable(self.path or "New Buffer")
        room = width - len(left) - len(state) - 4
        if text_width(name) > room:
            name = "..." + _tail(name, room - 3) if room > 6 else ""
        middle = max((width - text_width(name)) // 2, len(left) + 2)
        middle = min(middle, width - len(state) - 2 - text_width(name))
        text = left + " " * (middle - len(left)) + name
        text += " " * (width - text_width(text) - len(state) - 1) + state
        text = text[:width] + " " * (width - text_width(text))
        return f"\x1b[7m{text}\x1b[m"

    def _status_line(self, width):
        if self._question is not None:
            before, answer, index = self._question
            before = _tail(before, width // 2)
            room = width - text_width(before) - 1
            column = column_of(answer, index)
            start = max(column - room + 1, 0)
            self._answer_column = text_width(before) + column - start
            text = before + cut(answer, start, room)[0]
            return "\x1b[7m" + text + " " * (width - text_width(text)) + "\x1b[m"
        if not self._message:
            return ""
        text = cut(f"[ {_printable(self._message)} ]", 0, width)[0]
        blank = " " * ((width - text_width(text)) // 2)
        return f"{blank}\x1b[7m{text}\x1b[m"

    def _update(self, screen, cursor):
        """Writes what differs from what is on the screen."""
        output = []
        for number, text in enumerate(screen):
            old = self._shown[number]
            if text == old:
                continue
            same = 0
            if old is not None and "\x1b" not in text + old:
                same = _common(old, text)
            output.append(f"\x1b[{number + 1};{text_width(text[:same]) + 1}H{text[same:]}\x1b[K")
            self._shown[number] = text
        if output or cursor != self._cursor:
            output.append(f"\x1b[{cursor[0] + 1};{cursor[1] + 1}H")
            self._cursor = cursor
            self._put(("\x1b[?25l" if len(output) > 2 else "") + "".join(output))
            if len(output) > 2:
                self._put("\x1b[?25h")

    def _redraw(self):
        self._shown = []
        self._reported = None
        self._put(_ASK_SIZE)

    # --- questions -------------------------------------------------------------------------

    def _ask(self, question, answer=""):
        """Lets the user type an answer.  Raises Cancelled for ^C."""
        index = len(answer)
        try:
            while True:
                self._question = (question, answer, index)
                self._draw()
                is_text, key = self._next()
                if is_text:
                    key = key.replace("\n", " ")
                    answer = answer[:index] + key + answer[index:]
                    index += len(key)
                elif key == "enter":
                    return answer
                elif key in ("ctrl-c", "ctrl-g"):
                    raise Cancelled
                elif key == "backspace" and index:
                    answer = answer[: index - 1] + answer[index:]
                    index -= 1
                elif key in ("delete", "ctrl-d"):
                    answer = answer[:index] + answer[index + 1 :]
                elif key in ("left", "ctrl-b"):
                    index = max(index - 1, 0)
                elif key in ("right", "ctrl-f"):
                    index = min(index + 1, len(answer))
                elif key in ("home", "ctrl-a"):
                    index = 0
                elif key in ("end", "ctrl-e"):
                    index = len(answer)
                elif key in ("ctrl-u", "ctrl-k"):
                    answer, index = "", 0
        finally:
            self._question = None

    def _choose(self, question, letters):
        """Lets the user press one of some letters.  Raises Cancelled for ^C."""
        try:
            while True:
                self._question = (question + " ", "", 0)
                self._draw()
                is_text, key = self._next()
                if is_text and key[0].lower() in letters:
                    if len(key) > 1:
                        self._events.append((True, key[1:]))
                    return key[0].lower()
                if key in ("ctrl-c", "ctrl-g"):
                    raise Cancelled
        finally:
            self._question = None

    def _confirm(self, question):
        try:
            return self._choose(question + " (y/n)", "yn") == "y"
        except Cancelled:
            return False

    # --- keys ------------------------------------------------------------------------------

    def _key(self, key):
        cutting, self._cutting = self._cutting, False
        action = _KEYS.get(key)
        if action is None:
            if key.startswith(("ctrl-", "alt-")):
                self._message = "Unknown key"
            return
        if self.view and action in _CHANGES:
            self._message = "The file is only to be viewed"
            return
        self._cutting = cutting and action is Editor._cut_line
        try:
            action(self)
        except Cancelled:
            self._message = "Cancelled"
        except MemoryError:
            self._message = "Out of memory: nothing was done"

    def _place(self):
        return self._row, self._index

    def _go(self, row, index, keep_column=False):
        self._row = min(max(row, 0), len(self.text.lines) - 1)
        line = self.text.lines[self._row]
        if keep_column:
            self._index = index_at(line, self._column)
        else:
            self._index = min(max(index, 0), len(line))
            self._column = column_of(line, self._index)

    def _change(self, row, count, new, cursor, kind=""):
        """Replaces lines and moves the cursor."""
        before = self._place()
        self.text.replace(row, count, new, before, cursor, kind)
        self._go(*cursor)

    def _type(self, text):
        self._cutting = False
        if self.view:
            self._message = "The file is only to be viewed"
            return
        line = self.text.lines[self._row]
        before, after = line[: self._index], line[self._index :]
        if "\n" not in text:
            cursor = self._row, self._index + len(text)
            kind = "type" if not text.isspace() else ""
            self._change(self._row, 1, [before + text + after], cursor, kind)
            return
        new = (before + text).split("\n")
        cursor = self._row + len(new) - 1, len(new[-1])
        new[-1] += after
        self._change(self._row, 1, new, cursor)

    def _enter(self):
        line = self.text.lines[self._row]
        before, after = line[: self._index], line[self._index :]
        indent = ""
        # In what comes in one piece the indentation is there already.
        if self._python and not self._events:
            indent = before[: len(before) - len(before.lstrip(" \t"))]
            if before.rstrip().endswith(":"):
                indent += " " * INDENT
        self._change(self._row, 1, [before, indent + after], (self._row + 1, len(indent)))

    def _tab(self):
        if self._python:
            column = column_of(self.text.lines[self._row], self._index)
            self._type(" " * (INDENT - column % INDENT))
        else:
            self._type("\t")

    def _backspace(self):
        line = self.text.lines[self._row]
        if self._index:
            start = self._index - 1
            before = line[: self._index]
            if self._python and before.isspace() and "\t" not in before:
                start = (self._index - 1) // INDENT * INDENT
            new = line[:start] + line[self._index :]
            self._change(self._row, 1, [new], (self._row, start), "erase")
        elif self._row:
            above = self.text.lines[self._row - 1]
            self._change(self._row - 1, 2, [above + line], (self._row - 1, len(above)))

    def _delete(self):
        line = self.text.lines[self._row]
        if self._index < len(line):
            end = _right_of(line, self._index)
            new = line[: self._index] + line[end:]
            self._change(self._row, 1, [new], self._place(), "delete")
        elif self._row + 1 < len(self.text.lines):
            below = self.text.lines[self._row + 1]
            self._change(self._row, 2, [line + below], self._place())

    def _delete_word(self):
        if not self._index:
            self._backspace()
            return
        line = self.text.lines[self._row]
        start = _word_left(line, self._index)
        self._change(self._row, 1, [line[:start] + line[self._index :]], (self._row, start))

    def _cut_line(self):
        if not self._cutting:
            self._cut = []
        self._cutting = True
        line = self.text.lines[self._row]
        last = self._row == len(self.text.lines) - 1
        if last and not line:
            return
        self._cut.append(line)
        if last:
            self._change(self._row, 1, [""], (self._row, 0))
        else:
            self._change(self._row, 1, [], (self._row, 0))

    def _copy_line(self):
        self._cut = [self.text.lines[self._row]]
        self._message = "Copied 1 line"

    def _paste(self):
        if not self._cut:
            self._message = "Cutbuffer is empty"
            return
        count = len(self._cut)
        self._change(self._row, 0, self._cut[:], (self._row + count, 0))

    def _undo(self):
        self._restore(self.text.undo(), "Nothing to undo", "Undid")

    def _redo(self):
        self._restore(self.text.redo(), "Nothing to redo", "Redid")

    def _restore(self, cursor, nothing, done):
        self._message = nothing if cursor is None else f"{done} a change"
        if cursor is not None:
            self._go(*cursor)

    def _left(self):
        if self._index:
            self._go(self._row, _left_of(self.text.lines[self._row], self._index))
        elif self._row:
            self._go(self._row - 1, len(self.text.lines[self._row - 1]))

    def _right(self):
        line = self.text.lines[self._row]
        if self._index < len(line):
            self._go(self._row, _right_of(line, self._index))
        elif self._row + 1 < len(self.text.lines):
            self._go(self._row + 1, 0)

    def _up(self):
        if self._row:
            self._go(self._row - 1, 0, keep_column=True)

    def _down(self):
        if self._row + 1 < len(self.text.lines):
            self._go(self._row + 1, 0, keep_column=True)

    def _page(self, rows):
        self._top = max(0, min(self._top + rows, len(self.text.lines) - self._height))
        self._go(self._row + rows, 0, keep_column=True)

    def _page_up(self):
        self._page(-max(self._height - 2, 1))

    def _page_down(self):
        self._page(max(self._height - 2, 1))

    def _home(self):
        self._go(self._row, 0)

    def _end(self):
        self._go(self._row, len(self.text.lines[self._row]))

    def _first_line(self):
        self._go(0, 0)

    def _last_line(self):
        self._go(len(self.text.lines) - 1, len(self.text.lines[-1]))

    def _word_left(self):
        line = self.text.lines[self._row]
        if self._index:
            self._go(self._row, _word_left(line, self._index))
        else:
            self._left()

    def _word_right(self):
        line = self.text.lines[self._row]
        index = self._index
        while index < len(line) and line[index].isalnum():
            index += 1
        while index < len(line) and not line[index].isalnum():
            index += 1
        if index == self._index:
            self._right()
        else:
            self._go(self._row, index)

    # --- search ----------------------------------------------------------------------------

    def _find(self, sought, row, index):
        """The next place of a text from a place on, as (row, index, wrapped); or None.

        Capital and small letters are the same.
        """
        lines = self.text.lines
        sought = sought.lower()
        count = len(lines)
        for step in range(count + 1):
            current = (row + step) % count
            line = lines[current]
            # Few letters are longer in lower case: their lines are taken as they are.
            low = line.lower()
            if len(low) != len(line):
                low = line
            start = index if step == 0 else 0
            at = low.find(sought, start)
            if at >= 0 and not (step == count and at >= index):
                return current, at, row + step >= count
        return None

    def _search(self):
        shown = f" [{_printable(self._sought)[:20]}]" if self._sought else ""
        sought = self._ask(f"Search{shown}: ") or self._sought
        if not sought:
            self._message = "Cancelled"
            return
        self._sought = sought
        self._search_again()

    def _search_again(self):
        if not self._sought:
            self._message = "No current search pattern"
            return
        found = self._find(self._sought, self._row, self._index + 1)
        if found is None:
            self._message = f'"{self._sought}" not found'
            return
        row, index, wrapped = found
        if (row, index) == self._place():
            self._message = "This is the only occurrence"
        elif wrapped:
            self._message = "Search Wrapped"
        self._go(row, index)

    def _replace(self):
        shown = f" [{_printable(self._sought)[:20]}]" if self._sought else ""
        sought = self._ask(f"Search (to replace){shown}: ") or self._sought
        if not sought:
            self._message = "Cancelled"
            return
        self._sought = sought
        new = self._ask("Replace with: ")
        begin = self._place()
        row, index = begin
        count = 0
        everywhere = wrapped = False
        try:
            while (found := self._find(sought, row, index)) is not None:
                row, index, over = found
                wrapped = wrapped or over
                if wrapped and (row, index) >= begin:
                    break
                self._go(row, index)
                choice = (
                    "a" if everywhere else self._choose("Replace this instance? (y/n/a)", "yna")
                )
                everywhere = choice == "a"
                if choice == "n":
                    index += 1
                    continue
                line = self.text.lines[row]
                line = line[:index] + new + line[index + len(sought) :]
                if wrapped and row == begin[0]:
                    begin = (row, begin[1] + len(new) - len(sought))
                index += len(new)
                self._change(row, 1, [line], (row, index))
                count += 1
        finally:
            self._message = f"Replaced {count} occurrence{'s' * (count != 1)}"
        if not count:
            self._message = f'"{sought}" not found'

    def _go_to_line(self):
        answer = self._ask("Enter line number, column number: ")
        line, _, column = answer.replace(",", " ").strip().partition(" ")
        try:
            row = int(line or self._row + 1)
            index = int(column or 1) - 1
        except ValueError:
            self._message = "Invalid line or column number"
            return
        # As in nano, a negative number counts from the end.
        self._go(row - 1 if row > 0 else len(self.text.lines) + row, max(index, 0))

    # --- the rest --------------------------------------------------------------------------

    def _save_as(self):
        path = self._ask("File Name to Write: ", self.path)
        if not path:
            raise Cancelled
        self._save(path)

    def _save_now(self):
        if not self.path:
            self._save_as()
        else:
            self._save(self.path)

    def _leave(self):
        if self.text.modified:
            if self._choose("Save modified buffer? (y/n)", "yn") == "y":
                path = self._ask("File Name to Write: ", self.path)
                if not path or not self._save(path):
                    self._message = self._message or "Cancelled"
                    return
        self._done = True

    def _insert_file(self):
        path = self._ask("File to insert: ")
        if not path:
            raise Cancelled
        try:
            if os.path.isdir(path):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
            with open(path, "rb") as file:
                text = file.read().decode("utf-8", "surrogateescape")
        except OSError as error:
            self._message = f"Error reading {path}: {reason(error)}"
            return
        if text:
            self._type(text.replace("\r\n", "\n"))
        lines = text.count("\n") + (not text.endswith("\n")) if text else 0
        self._message = f"Inserted {lines} line{'s' * (lines != 1)}"

    def _where(self):
        lines = len(self.text.lines)
        line = self.text.lines[self._row]
        column = column_of(line, self._index) + 1
        columns = column_of(line, len(line)) + 1
        self._message = f"line {self._row + 1}/{lines}, col {column}/{columns}"

    def _help(self):
        columns, rows = self._measure()
        text = [self._title(columns - 1)] if rows >= 4 else []
        text += [cut(line, 0, columns - 1)[0] for line in _HELP.split("\n")]
        self._update((text + [""] * rows)[:rows], (rows - 1, 0))
        self._next()


def _as_bytes(events):
    """Text that was read and not used, as bytes again; keys are dropped."""
    return "".join(key for is_text, key in reversed(events) if is_text).encode()


_ASK_SIZE = "\x1b[999;999H\x1b[6n"


def _page_start(column, width):
    """The first column shown of the line with the cursor, as nano chooses it."""
    if column + 2 < width or width <= 8:
        return 0 if column + 2 < width else max(column - width + 2, 0)
    return column - 6 - (column - 6) % (width - 8)


def _row_of(line, start, width):
    text, more = cut(line, start, width)
    if start:
        text = "<" + (text[1:] if _plain(text) else cut(text, 1, width - 1)[0])
    if more:
        text = (text[: width - 1] if _plain(text) else cut(text, 0, width - 1)[0]) + ">"
    return text.rstrip(" ")


def _shortcuts(pairs, width):
    cell = max(width // len(pairs), 1)
    parts = []
    for key, text in pairs:
        shown = f"{key} {text}"[: cell - 1]
        keys = min(len(key), len(shown))
        parts.append(f"\x1b[7m{shown[:keys]}\x1b[m{shown[keys:]}{' ' * (cell - len(shown))}")
    return "".join(parts).rstrip()


def _common(first, second):
    """How many characters two rows have in common at their beginning, whole ones."""
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    while count and count < len(second) and not second[count].isascii():
        count -= 1  # a combining character belongs to the one before
    return count


def _printable(text):
    return "".join(shape(char, 0) for char in text)


def _tail(text, width):
    """The end of a text that fits a width."""
    while text_width(text) > width:
        text = text[1:]
    return text


def _left_of(line, index):
    index -= 1
    while index > 0 and not _width(shape(line[index], 0)):
        index -= 1
    return index


def _right_of(line, index):
    index += 1
    while index < len(line) and not _width(shape(line[index], 0)):
        index += 1
    return index


def _word_left(line, index):
    while index and not line[index - 1].isalnum():
        index -= 1
    while index and line[index - 1].isalnum():
        index -= 1
    return index


_KEYS = {
    "enter": Editor._enter,
    "tab": Editor._tab,
    "backspace": Editor._backspace,
    "delete": Editor._delete,
    "ctrl-d": Editor._delete,
    "alt-backspace": Editor._delete_word,
    "left": Editor._left,
    "right": Editor._right,
    "up": Editor._up,
    "down": Editor._down,
    "ctrl-b": Editor._left,
    "ctrl-f": Editor._right,
    "ctrl-p": Editor._up,
    "ctrl-n": Editor._down,
    "home": Editor._home,
    "end": Editor._end,
    "ctrl-a": Editor._home,
    "ctrl-e": Editor._end,
    "pageup": Editor._page_up,
    "pagedown": Editor._page_down,
    "ctrl-y": Editor._page_up,
    "ctrl-v": Editor._page_down,
    "ctrl-left": Editor._word_left,
    "ctrl-right": Editor._word_right,
    "alt-b": Editor._word_left,
    "alt-f": Editor._word_right,
    "ctrl-home": Editor._first_line,
    "ctrl-end": Editor._last_line,
    "alt-\\": Editor._first_line,
    "alt-/": Editor._last_line,
    "ctrl-k": Editor._cut_line,
    "ctrl-u": Editor._paste,
    "alt-6": Editor._copy_line,
    "alt-u": Editor._undo,
    "ctrl-z": Editor._undo,
    "alt-e": Editor._redo,
    "ctrl-w": Editor._search,
    "alt-w": Editor._search_again,
    "ctrl-\\": Editor._replace,
    "ctrl-_": Editor._go_to_line,
    "alt-g": Editor._go_to_line,
    "ctrl-o": Editor._save_as,
    "ctrl-s": Editor._save_now,
    "ctrl-x": Editor._leave,
    "ctrl-r": Editor._insert_file,
    "ctrl-c": Editor._where,
    "ctrl-g": Editor._help,
    "ctrl-l": Editor._redraw,
}
_CHANGES = {
    Editor._enter,
    Editor._tab,
    Editor._backspace,
    Editor._delete,
    Editor._delete_word,
    Editor._cut_line,
    Editor._paste,
    Editor._undo,
    Editor._redo,
    Editor._replace,
    Editor._insert_file,
    Editor._save_now,
}
