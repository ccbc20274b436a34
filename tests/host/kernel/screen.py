# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""A terminal for tests: what a user would see, and scripted input."""

import unicodedata

from kernel.terminal import Terminal


class Screen:
    """The screen of a vt100 with `columns` by `rows` cells, and all that scrolled off it."""

    def __init__(self, columns=80, rows=24):
        self.columns, self.rows = columns, rows
        self.lines = [[]]  # lists of (character with its combining ones); all the history
        self.top = 0  # the index in lines of the first row on the screen
        self.row = 0  # the cursor: an index in lines, and a column
        self.column = 0
        self.bells = 0
        self.asked = 0  # how often the terminal was asked where its cursor is
        self._main = None  # the other screen, while the alternate one is shown
        self._pending = ""

    def write(self, data):
        """Shows bytes."""
        self._pending += data.decode()
        while self._pending:
            if self._pending[0] != "\x1b":
                self._char(self._pending[0])
                self._pending = self._pending[1:]
                continue
            assert self._pending[1:2] in ("[", ""), self._pending[:10]
            end = next((i for i, c in enumerate(self._pending[2:], 2) if "@" <= c <= "~"), None)
            if end is None:
                return
            self._csi(self._pending[2:end], self._pending[end])
            self._pending = self._pending[end + 1 :]

    def _char(self, char):
        if char == "\r":
            self.column = 0
        elif char == "\n":
            self._go_row(self.row + 1)
        elif char == "\b":
            assert self.column > 0, "backspace at the left edge"
            self.column -= 1
        elif char == "\a":
            self.bells += 1
        else:
            assert unicodedata.category(char) != "Cc", ascii(char)
            width = 2 if unicodedata.east_asian_width(char) in "WF" else 1
            line = self.lines[self.row]
            if unicodedata.category(char) in ("Mn", "Me", "Cf"):
                at = self.column - 1
                while at > 0 and line[at] == "":
                    at -= 1
                line[at] += char
                return
            # The editor's second principle.
            assert self.column + width < self.columns, "the last column was written"
            line.extend(" " * (self.column - len(line)))
            line[self.column : self.column + width] = [char] + [""] * (width - 1)
            self.column += width

    def _go_row(self, row):
        while row >= len(self.lines):
            self.lines.append([])
        self.row = row
        self.top = max(self.top, self.row - self.rows + 1)

    def _csi(self, parameters, final):
        count = int(parameters) if parameters.isdigit() else 1
        if final == "A":
            self.row = max(self.row - count, self.top)
        elif final == "B":
            self._go_row(min(self.row + count, self.top + self.rows - 1))
        elif final == "C":
            self.column = min(self.column + count, self.columns - 1)
        elif final == "m":
            pass  # colours take no place
        elif final == "H":
            row, _, column = parameters.partition(";")
            self._go_row(self.top + min(int(row or 1), self.rows) - 1)
            self.column = min(int(column or 1), self.columns) - 1
        elif final == "K":
            del self.lines[self.row][self.column :]
        elif final == "J":
            if parameters == "2":
                for line in self.lines[self.top :]:
                    line.clear()
            else:
                del self.lines[self.row][self.column :]
                del self.lines[self.row + 1 :]
        elif final == "n":
            assert parameters == "6"
            self.asked += 1
        elif parameters == "?1049":
            self._alternate(final == "h")
        else:
            assert parameters in ("?2004", "?25"), (parameters, final)

    def _alternate(self, on):
        """The screen that programs use for themselves, or the one before."""
        if on:
            self._main = self.lines, self.top, self.row, self.column
            self.lines, self.top, self.row, self.column = [[]], 0, 0, 0
        elif self._main is not None:
            self.lines, self.top, self.row, self.column = self._main
            self._main = None

    def text(self):
        """All rows, joined by line ends, without blanks at the end."""
        return "\n".join("".join(line).rstrip() for line in self.lines).rstrip("\n")

    def visible(self):
        """The rows on the screen."""
        return ["".join(line).rstrip() for line in self.lines[self.top : self.top + self.rows]]


class Exhausted(Exception):
    """The scripted input has been used up."""


class Script(Terminal):
    """A terminal whose input is a list of chunks, and whose output is a Screen."""

    def __init__(self, *chunks, columns=80, rows=24):
        self.screen = Screen(columns, rows)
        self.written = []
        self.armed = False
        self.chunks = [chunk.encode() if isinstance(chunk, str) else chunk for chunk in chunks]
        super().__init__(self._next, self._show, lambda: (columns, rows))

    def _next(self, timeout):
        if self.chunks:
            # A pause in the input: nothing more comes within a time.
            if self.chunks[0] is None:
                self.chunks.pop(0)
                if timeout is not None:
                    return b""
                return self._next(timeout)
            return self.chunks.pop(0)
        if timeout is None:
            raise Exhausted
        return b""

    def _show(self, data):
        self.written.append(bytes(data))
        self.screen.write(bytes(data))

    def arm(self):
        self.armed = True
        super().arm()

    def disarm(self):
        self.armed = False

    @property
    def output(self):
        """All bytes written so far."""
        return b"".join(self.written)
