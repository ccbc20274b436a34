# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The line editor: from the bytes of a terminal to a line of text.

Three principles:
- Time is linear in the input.  Runs of printable bytes are handled whole; what is typed at the
  end of the line is only appended to the screen; everything else is drawn once for each chunk
  of input, and never more than a screenful.
- The last column of the screen is never written.  No terminal then wraps by itself, so that
  all terminals agree where the cursor is; longer lines are broken into rows here.
- No input can break it.  What is not understood is dropped, and the prompt stays.
"""

import _codecs

from .keys import Sequences
from .textwidth import plain, text_width, wrap

INDENT = 4
_LINE_KEPT = 10_000  # longer lines do not enter the history

# 0 for the bytes that are control characters, 1 for those that are text.
_KINDS = bytes(0 if byte < 0x20 or byte == 0x7F else 1 for byte in range(256))


class Control(Exception):
    """A control character that the caller wanted to have, typed on an empty line."""

    def __init__(self, byte):
        super().__init__(byte)
        self.byte = byte


class Editor:
    """Reads lines from a terminal.

    history: a History, or None
    complete(text, position) -> (start, candidates): what may stand in text[start:position]
    """

    def __init__(self, terminal, history=None, complete=None):
        self.terminal = terminal
        self.history = history
        self.complete = complete
        self.pasting = False  # the line ended inside a bracketed paste
        self._killed = ""
        self._output = []

    # --- the interface ---------------------------------------------------------------------

    def readline(self, prompt="", *, shown=False, indent="", controls=b""):
        """Lets the user edit a line; returns it without its end.

        shown: the prompt is on the screen already
        indent: text to begin with; it goes when the user begins with a blank
        controls: control characters that raise Control on an empty line

        Raises EOFError for Ctrl-D on an empty line, KeyboardInterrupt for Ctrl-C.
        """
        if not self.terminal.editing:
            line = self._plain(prompt, shown, controls)
            if line is not None:
                return line
            shown = True
        self._begin(prompt, controls, shown)
        if indent:
            self._text = indent
            self._pos = self._soft = len(indent)
            self._append(indent)
        self._flush()
        try:
            while True:
                data = self.terminal.read()
                if not data:
                    raise EOFError  # the terminal is gone
                if self.history is not None and self.history.waiting:
                    self._index += self.history.load()
                rest = self._feed(data)
                if rest is not None:
                    self.terminal.unread(rest)
                    return self._accepted()
                if self._dirty:
                    self._draw()
                self._flush()
        except BaseException:
            # An interrupt from the terminal, or the end: leave the line as it is.
            if self._search is not None:
                self._end_search()
            self._leave()
            raise

    def _plain(self, prompt, shown, controls):
        """A line from a terminal that needs no editor; None if it wants one after all."""
        from .plainline import Edit, readline

        self.pasting = False
        if not shown:
            self.terminal.write(prompt.replace("\n", "\r\n").encode("utf-8", "replace"))
        try:
            line = readline(self.terminal, controls)
        except Edit:
            return None
        if isinstance(line, int):
            raise Control(line)
        return line

    def pending(self, seconds):
        """True if more input is there, or comes within some seconds: somebody is pasting."""
        data = self.terminal.read(seconds)
        self.terminal.unread(data)
        # The LF of a CR LF is no further input.
        return bool(data) and not (self.terminal.after_cr and data == b"\n")

    # --- the state of one line -------------------------------------------------------------

    def _begin(self, prompt, controls, shown):
        self._controls = controls
        self._measure()
        above, newline, own = prompt.rpartition("\n")
        if text_width(plain(own)) > self._width * 3 // 4:
            # A wide prompt stays above; the line begins below it, after the prompt's end.
            above, newline, own = prompt, "\n", self._end_of(own)
            self._put("" if shown else above.replace("\n", "\r\n"))
            self._put("\r\n" + own)
        elif not shown:
            self._put((above + newline).replace("\n", "\r\n") + own)
        self._own_prompt = own
        self._set_prompt(own)
        self._text = ""
        self._pos = 0
        self._soft = 0  # length of the indentation that nobody typed
        self._partial = b""  # the beginning of a UTF-8 sequence
        self._sequences = Sequences()
        self._dirty = False
        self._killing = False  # the last key killed text: the next kill adds to it
        self._tabbed = False  # the last key was a TAB that could complete nothing
        self._search = None
        self._edited = {}  # changed lines of the history, by index
        self._index = len(self.history.lines) if self.history else 0
        # The cursor on the screen, its row counted from the first row of the prompt.
        self._row = 0
        self._column = self._prompt_width
        self._top = 0  # the first row that is on the screen

    def _measure(self):
        columns, lines = self.terminal.size()
        self._width = max(columns - 1, 4)
        self._height = max(lines - 1, 1)

    def _set_prompt(self, prompt):
        self._prompt = prompt.replace("\t", " ")
        self._prompt_width = text_width(plain(prompt))

    def _end_of(self, text):
        """The end of a text that is too wide for a prompt."""
        text = plain(text)[-(self._width // 2) :]
        while text_width(text) > self._width // 2:
            text = text[1:]
        return text

    def _accepted(self):
        line = self._text
        if self.history is not None and len(line) <= _LINE_KEPT:
            self.history.add(line)
        return line

    def _put(self, text):
        if text:
            self._output.append(text)

    def _flush(self):
        if self._output:
            data = "".join(self._output).encode("utf-8", "replace")
            self._output.clear()
            self.terminal.write(data)

    # --- input -----------------------------------------------------------------------------

    def _feed(self, data):
        """Uses input up to the end of the line; returns what is left then, otherwise None."""
        index = 0
        if self.terminal.after_cr and data:
            self.terminal.after_cr = False
            if data[0] == 0x0A:
                index = 1
        kinds = data.translate(_KINDS)
        size = len(data)
        while index < size:
            byte = data[index]
            if self._sequences.active:
                key = self._sequences.feed(byte)
                if key is not None:
                    index += 1
                    self._named_key(key)
                    continue
            if kinds[index]:
                end = kinds.find(0, index)
                if end < 0:
                    end = size
                self._text_bytes(data[index:end])
                index = end
                continue
            index += 1
            if self._partial:
                self._partial = b""
                self._type("\ufffd")
            if byte == 0x0D or byte == 0x0A:
                self.terminal.after_cr = byte == 0x0D
                self._finish()
                return data[index:]
            if byte == 0x09 and (self.pasting or data[index:].strip(b"\t")):
                # In the midst of other input a TAB is no key that somebody pressed.
                self._type("\t" if self._text[: self._pos].strip() else self._tab_stop())
            elif not self.pasting or byte == 0x1B or byte == 0x03:
                self._key(byte, data[index:])
        return None

    def _text_bytes(self, data):
        text, used = _codecs.utf_8_decode(self._partial + data, "replace", False)
        self._partial = (self._partial + data)[used:]
        if not text.isascii() and not text.isprintable():
            # C1 controls would be commands to the terminal.
            text = "".join([char for char in text if not "\x80" <= char <= "\x9f"])
        if text:
            self._type(text)

    def _type(self, text):
        if self._search is not None:
            self._find(self._search[0] + text, self._index + 1)
            return
        if self._soft and self._pos == self._soft and text[0] in " \t":
            self._text = self._text[self._pos :]
            self._pos = 0
            self._dirty = True
        self._insert(text)

    def _insert(self, text):
        self._soft = 0
        self._killing = self._tabbed = False
        if self._pos == len(self._text):
            # A local variable with the only reference: CPython extends such a string in place,
            # which keeps a long line linear however small the pieces it comes in.
            line, self._text = self._text, ""
            line += text
            self._text = line
            self._pos = len(line)
            if not self._dirty:
                self._append(text)
        else:
            self._text = self._text[: self._pos] + text + self._text[self._pos :]
            self._pos += len(text)
            self._dirty = True

    def _key(self, byte, ahead):
        """One control character; ahead: the input that comes after it."""
        if byte == 0x03:
            self.terminal.unread(ahead)
            self.pasting = False
            raise KeyboardInterrupt
        if byte == 0x1B:
            self._sequences.begin()
            return
        if not self._text and self._search is None:
            if byte in self._controls:
                self.terminal.unread(ahead)
                raise Control(byte)
            if byte == 0x04:
                self.terminal.unread(ahead)
                raise EOFError
        action = _KEYS.get(byte)
        if action is not None:
            self._act(action)

    def _act(self, action):
        if self._search is not None:
            if action in _SEARCH_KEYS:
                _SEARCH_KEYS[action](self)
                return
            self._end_search()
        if action is not Editor._complete:
            self._tabbed = False
        killing, self._killing = self._killing, False
        if action in _KILLS:
            self._killing = killing
        action(self)
        if self._pos != self._soft:
            self._soft = 0

    def _named_key(self, name):
        """A key that came as an escape sequence; "" is none."""
        if name in ("paste", "pasted"):
            if self._search is not None:
                self._end_search()
            self.pasting = name == "paste"
            return
        # With a modifier (Shift, Alt, Ctrl) left and right go by words, others do as without.
        action = _NAMED_KEYS.get(name) or _NAMED_KEYS.get(name.rpartition("-")[2])
        if action is not None:
            self._act(action)

    # --- the end of the line ---------------------------------------------------------------

    def _finish(self):
        if self._search is not None:
            self._end_search()
        if self._soft and self._pos == self._soft == len(self._text):
            # Only the indentation that nobody typed: an empty line.
            self._text = ""
        self._leave()

    def _leave(self):
        """Puts the cursor below the line."""
        if self._dirty:
            self._draw()
        rows = len(self._breaks()) - self._row
        self._put((f"\x1b[{rows}B" if rows > 0 else "") + "\r\n")
        self._flush()

    # --- the screen ------------------------------------------------------------------------

    def _breaks(self):
        return wrap(self._text, self._prompt_width, self._width)[0]

    def _append(self, text):
        """Draws text that was added at the end, where the cursor is."""
        breaks, self._column = wrap(text, self._column, self._width)
        shown = text.replace("\t", " ")
        start = 0
        for index in breaks:
            self._put(shown[start:index] + "\r\n")
            start = index
        self._put(shown[start:])
        self._row += len(breaks)
        self._top = max(self._top, self._row - self._height + 1)

    def _locate(self):
        """The row and column of the cursor, and the breaks of the text."""
        breaks = self._breaks()
        if type(breaks) is range:
            row = 0
            if breaks and self._pos >= breaks[0]:
                row = min((self._pos - breaks[0]) // self._width + 1, len(breaks))
        else:
            row = sum(index <= self._pos for index in breaks)
        start = breaks[row - 1] if row else 0
        column = text_width(self._text[start : self._pos])
        return row, column if row else column + self._prompt_width, breaks

    def _draw(self):
        """Draws the rows that fit the screen, with the cursor among them."""
        self._dirty = False
        row, column, breaks = self._locate()
        up = self._row - self._top
        self._put((f"\x1b[{up}A" if up > 0 else "") + "\r")
        self._top = min(
            max(self._top, row - self._height + 1), row, max(0, len(breaks) + 1 - self._height)
        )
        last = min(len(breaks) + 1, self._top + self._height) - 1
        for current in range(self._top, last + 1):
            start = breaks[current - 1] if current else 0
            end = breaks[current] if current < len(breaks) else len(self._text)
            self._put("" if current else self._prompt)
            self._put(self._text[start:end].replace("\t", " ") + "\x1b[K")
            self._put("\r\n" if current < last else "\x1b[J")
        self._row, self._column = last, -1
        self._go(row, column)

    def _go(self, row, column):
        """Moves the cursor to a place on the screen."""
        down = row - self._row
        if down:
            self._put(f"\x1b[{down}B" if down > 0 else f"\x1b[{-down}A")
        if column == self._column - 1:
            self._put("\b")
        elif column != self._column:
            self._put("\r" + (f"\x1b[{column}C" if column else ""))
        self._row, self._column = row, column

    def _move(self, position):
        """Moves the cursor to an index of the text."""
        self._pos = min(max(position, 0), len(self._text))
        if self._dirty:
            return
        row, column, _ = self._locate()
        if self._top <= row < self._top + self._height:
            self._go(row, column)
        else:
            self._dirty = True

    def _redraw_below(self):
        """Draws prompt and line anew in the row where the cursor is."""
        self._row = self._top = 0
        self._column = self._prompt_width
        self._dirty = True

    def _bell(self):
        self._put("\a")

    # --- what keys do ----------------------------------------------------------------------

    def _replace(self, start, end, text=""):
        """Puts text in the place of text[start:end], the cursor after it."""
        if end == len(self._text) == self._pos == start + 1 and not text and not self._dirty:
            char = self._text[-1]
            if (
                char.isascii()
                and self._column > (0 if self._row else self._prompt_width)
                and not (self._row and self._column == 1)
            ):
                self._text = self._text[:-1]
                self._pos = start
                self._column -= 1
                self._put("\b \b")
                return
        self._text = self._text[:start] + text + self._text[end:]
        self._pos = start + len(text)
        self._dirty = True

    def _set_text(self, text):
        self._text = text
        self._pos = len(text)
        self._soft = 0
        self._dirty = True

    def _word_left(self):
        index = self._pos
        while index and not self._text[index - 1].isalnum():
            index -= 1
        while index and self._text[index - 1].isalnum():
            index -= 1
        return index

    def _word_right(self):
        index = self._pos
        size = len(self._text)
        while index < size and not self._text[index].isalnum():
            index += 1
        while index < size and self._text[index].isalnum():
            index += 1
        return index

    def _left_of(self, index):
        """The index of the character before, over combining ones."""
        index -= 1
        while index > 0 and self._text[index] > "\x7f" and not text_width(self._text[index]):
            index -= 1
        return max(index, 0)

    def _right_of(self, index):
        index += 1
        size = len(self._text)
        while index < size and self._text[index] > "\x7f" and not text_width(self._text[index]):
            index += 1
        return min(index, size)

    def _go_left(self):
        self._move(self._left_of(self._pos))

    def _go_right(self):
        self._move(self._right_of(self._pos))

    def _go_home(self):
        self._move(0)

    def _go_end(self):
        self._move(len(self._text))

    def _go_word_left(self):
        self._move(self._word_left())

    def _go_word_right(self):
        self._move(self._word_right())

    def _delete_left(self):
        if not self._pos:
            return
        before = self._text[: self._pos]
        if before.isspace() and not before.strip(" "):
            # In the indentation: to the tab stop before.
            self._replace((self._pos - 1) // INDENT * INDENT, self._pos)
            self._soft = min(self._soft, self._pos)
        else:
            # Of a character with combining ones, the last of these alone.
            self._replace(self._pos - 1, self._pos)

    def _delete_right(self):
        if self._pos < len(self._text):
            self._replace(self._pos, self._right_of(self._pos))

    def _kill(self, start, end):
        if start == end:
            return
        text = self._text[start:end]
        if not self._killing:
            self._killed = text
        elif start < self._pos:
            self._killed = text + self._killed
        else:
            self._killed += text
        self._killing = True
        self._replace(start, end)

    def _kill_to_end(self):
        self._kill(self._pos, len(self._text))

    def _kill_to_start(self):
        self._kill(0, self._pos)

    def _kill_blank_word_left(self):
        before = self._text[: self._pos].rstrip()
        self._kill(len(before) - len(before.split()[-1]) if before else 0, self._pos)

    def _kill_word_left(self):
        self._kill(self._word_left(), self._pos)

    def _kill_word_right(self):
        self._kill(self._pos, self._word_right())

    def _yank(self):
        if self._killed:
            self._insert(self._killed)

    def _transpose(self):
        at = min(self._pos, len(self._text) - 1)
        if at > 0:
            text = self._text
            self._text = text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]
            self._pos = at + 1
            self._dirty = True

    def _clear(self):
        # The terminal may be another one by now: its size and its paste mode are new.
        self._measure()
        self._put("\x1b[H\x1b[2J\x1b[?2004h")
        self._redraw_below()

    # --- history ---------------------------------------------------------------------------

    def _recall(self, index):
        if self.history is None or not 0 <= index <= len(self.history.lines):
            self._bell()
            return
        self._edited[self._index] = self._text
        self._index = index
        lines = self.history.lines
        self._set_text(self._edited.get(index, lines[index] if index < len(lines) else ""))

    def _previous(self):
        self._recall(self._index - 1)

    def _next(self):
        self._recall(self._index + 1)

    def _search_history(self):
        if self.history is None:
            self._bell()
            return
        self._search = ("", self._text, self._pos)
        self._show_search("", True)

    def _show_search(self, query, found):
        shown = query if text_width(query) < self._width // 3 else self._end_of(query)[-8:]
        prompt = f"({'' if found else 'failed '}reverse-i-search)`{shown}': "
        self._set_prompt(self._end_of(prompt) if len(prompt) * 2 > self._width else prompt)
        self._dirty = True

    def _find(self, query, before):
        _, text, position = self._search
        self._search = (query, text, position)
        index = self.history.search(query, before)
        if index >= 0:
            self._index = index
            self._text = self.history.lines[index]
            self._pos = self._text.find(query)
        self._show_search(query, index >= 0)

    def _search_again(self):
        self._find(self._search[0], self._index)

    def _search_shorter(self):
        self._find(self._search[0][:-1], len(self.history.lines))

    def _cancel_search(self):
        _, self._text, self._pos = self._search
        self._index = len(self.history.lines)
        self._end_search()

    def _end_search(self):
        self._search = None
        self._set_prompt(self._own_prompt)
        self._dirty = True

    def _cancel(self):
        """Ctrl-G: there is no search to be cancelled."""
        self._bell()

    # --- completion ------------------------------------------------------------------------

    def _tab_stop(self):
        return " " * (INDENT - self._pos % INDENT)

    def _complete(self):
        before = self._text[: self._pos]
        if not before.strip() or self.complete is None:
            self._insert(self._tab_stop())
            return
        try:
            start, candidates = self.complete(self._text, self._pos)
        except Exception:
            # The user's objects answered for their attributes, and what they raise is theirs.
            start, candidates = self._pos, []
        if not candidates:
            self._bell()
            return
        typed = self._text[start : self._pos]
        common = _common_prefix(candidates)
        if common != typed and common.startswith(typed):
            self._insert(common[len(typed) :])
        elif len(candidates) > 1:
            if self._tabbed:
                self._list(candidates)
            else:
                self._bell()
                self._tabbed = True

    def _list(self, candidates):
        """Shows candidates in columns below the line, at most a screenful of them."""
        width = min(max(map(text_width, candidates)) + 2, self._width)
        across = max(self._width // width, 1)
        shown = candidates[: across * max(self._height - 2, 1)]
        rows = -(-len(shown) // across)
        down = len(self._breaks()) - self._row
        self._put((f"\x1b[{down}B" if down > 0 else "") + "\r\n")
        for row in range(rows):
            line = [f"{text}{' ' * (width - text_width(text))}" for text in shown[row::rows]]
            self._put("".join(line).rstrip()[: self._width] + "\r\n")
        if len(shown) < len(candidates):
            self._put(f"... and {len(candidates) - len(shown)} more\r\n")
        self._redraw_below()


def _common_prefix(texts):
    first, last = min(texts), max(texts)
    for index, char in enumerate(first):
        if char != last[index]:
            return first[:index]
    return first


_KEYS = {
    0x01: Editor._go_home,
    0x02: Editor._go_left,
    0x04: Editor._delete_right,
    0x05: Editor._go_end,
    0x06: Editor._go_right,
    0x07: Editor._cancel,
    0x08: Editor._delete_left,
    0x09: Editor._complete,
    0x0B: Editor._kill_to_end,
    0x0C: Editor._clear,
    0x0E: Editor._next,
    0x10: Editor._previous,
    0x12: Editor._search_history,
    0x14: Editor._transpose,
    0x15: Editor._kill_to_start,
    0x17: Editor._kill_blank_word_left,
    0x19: Editor._yank,
    0x7F: Editor._delete_left,
}
_NAMED_KEYS = {
    "alt-b": Editor._go_word_left,
    "alt-d": Editor._kill_word_right,
    "alt-f": Editor._go_word_right,
    "alt-backspace": Editor._kill_word_left,
    "up": Editor._previous,
    "down": Editor._next,
    "right": Editor._go_right,
    "left": Editor._go_left,
    "end": Editor._go_end,
    "home": Editor._go_home,
    "delete": Editor._delete_right,
    "shift-right": Editor._go_word_right,
    "alt-right": Editor._go_word_right,
    "ctrl-right": Editor._go_word_right,
    "shift-left": Editor._go_word_left,
    "alt-left": Editor._go_word_left,
    "ctrl-left": Editor._go_word_left,
}
_KILLS = {
    Editor._kill_to_end,
    Editor._kill_to_start,
    Editor._kill_blank_word_left,
    Editor._kill_word_left,
    Editor._kill_word_right,
}
_SEARCH_KEYS = {
    Editor._search_history: Editor._search_again,
    Editor._delete_left: Editor._search_shorter,
    Editor._cancel: Editor._cancel_search,
}
