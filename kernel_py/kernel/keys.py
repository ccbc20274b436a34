# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Which keys the bytes of a terminal stand for.

A key has a name: "left", "pageup", "ctrl-left", "alt-b", "ctrl-s", "enter", "backspace".
"""

import _codecs

# States of the parser of escape sequences
_OUTSIDE, _ESCAPE, _CSI, _SS3, _CONSOLE_KEY, _STRING, _STRING_ESCAPE = range(7)
_SEQUENCE_MAX = 32
_STRING_MAX = 256

_LETTERS = {"A": "up", "B": "down", "C": "right", "D": "left", "F": "end", "H": "home"}
_NUMBERS = {
    "1": "home",
    "2": "insert",
    "3": "delete",
    "4": "end",
    "5": "pageup",
    "6": "pagedown",
    "7": "home",
    "8": "end",
    "200": "paste",
    "201": "pasted",
}
_CONTROLS = {0x08: "backspace", 0x09: "tab", 0x0A: "enter", 0x0D: "enter", 0x7F: "backspace"}
# In the second parameter, less one: 1 is Shift, 2 Alt, 4 Ctrl.
_MODIFIERS = ("", "shift-", "alt-", "alt-", "ctrl-", "ctrl-", "ctrl-", "ctrl-")


class Sequences:
    """The parser of escape sequences: active from ESC on, until the sequence is complete."""

    def __init__(self):
        self._state = _OUTSIDE
        self._text = ""

    @property
    def active(self):
        """True inside of a sequence."""
        return self._state != _OUTSIDE

    def begin(self):
        """An ESC has come."""
        self._state = _ESCAPE
        self._text = ""

    def feed(self, byte):
        """One more byte: the name of the key if it is complete, "" if there is none (yet).

        None: the byte does not belong to the sequence, which has ended.
            "report ROW COLUMN" tells where the cursor is.
        "paste" and "pasted" begin and end what the terminal marks as pasted.
        """
        if byte < 0x20 or byte == 0x7F:
            return self._control(byte)
        if byte >= 0x80 and self._state != _STRING:
            self._state = _OUTSIDE
            return None
        char = chr(byte)
        state = self._state
        if state == _ESCAPE:
            if char in "[O":
                self._state = _CSI if char == "[" else _SS3
            elif char in "]P^_X":
                self._state = _STRING
            else:
                self._state = _OUTSIDE
                return "alt-" + char
        elif state == _CSI:
            if char == "[" and not self._text:
                self._state = _CONSOLE_KEY
            elif "@" <= char <= "~":
                self._state = _OUTSIDE
                return _csi(self._text, char)
            else:
                self._more(char, _SEQUENCE_MAX)
        elif state == _STRING:
            self._more(char, _STRING_MAX)
        else:
            self._state = _OUTSIDE
            if state == _SS3:
                return _LETTERS.get(char, "")
        return ""

    def _control(self, byte):
        if self._state == _ESCAPE and byte in (0x08, 0x7F):
            self._state = _OUTSIDE
            return "alt-backspace"
        if self._state == _STRING and byte == 0x1B:
            self._state = _STRING_ESCAPE
            return ""
        # A control character ends any sequence; the end of a string is only dropped.
        ended = self._state == _STRING and byte == 0x07
        self._state = _OUTSIDE
        return "" if ended else None

    def _more(self, char, limit):
        self._text += char
        if len(self._text) > limit:
            self._state = _OUTSIDE


def _csi(parameters, final):
    number, _, rest = parameters.partition(";")
    if final == "~":
        name = _NUMBERS.get(number, "")
    elif final == "Z":
        return "shift-tab"
    elif final == "R" and number.isdigit() and rest.isdigit():
        return f"report {number} {rest}"  # where the cursor is: the answer to ESC [ 6 n
    else:
        name = _LETTERS.get(final, "")
    modifier = rest.partition(";")[0]
    if name and modifier.isdigit() and 1 <= int(modifier) <= len(_MODIFIERS):
        return _MODIFIERS[int(modifier) - 1] + name
    return name


class Decoder:
    """Turns the bytes of a terminal into keys and text, for who wants all keys."""

    def __init__(self):
        self._sequences = Sequences()
        self._partial = b""  # the beginning of a UTF-8 sequence
        self._after_cr = False
        self.pasting = False

    def feed(self, data):
        """Yields (True, text) for characters and (False, name) for other keys, in their order.

        What is pasted is text, with "\\n" for its ends of lines and "\\t" for its tabs.
        """
        index = 0
        size = len(data)
        while index < size:
            byte = data[index]
            if self._sequences.active:
                name = self._sequences.feed(byte)
                if name is not None:
                    index += 1
                    if name in ("paste", "pasted"):
                        self.pasting = name == "paste"
                    elif name:
                        yield False, name
                    continue
            after_cr, self._after_cr = self._after_cr, byte == 0x0D
            if byte == 0x1B:
                self._sequences.begin()
                index += 1
            elif byte == 0x0A and after_cr:
                index += 1  # the second half of one Enter
            elif byte >= 0x20 and byte != 0x7F:
                end = index
                while end < size and data[end] >= 0x20 and data[end] != 0x7F:
                    end += 1
                text = self._text(data[index:end])
                index = end
                if text:
                    yield True, text
            else:
                index += 1
                self._partial = b""
                if self.pasting:
                    if byte in (0x09, 0x0A, 0x0D):
                        yield True, "\t" if byte == 0x09 else "\n"
                else:
                    yield False, _CONTROLS.get(byte) or "ctrl-" + chr(byte | 0x40).lower()

    def _text(self, data):
        data = self._partial + data
        text, used = _codecs.utf_8_decode(data, "replace", False)
        self._partial = data[used:]
        if not text.isascii():
            # C1 controls would be commands to the terminal.
            text = "".join([char for char in text if not "\x80" <= char <= "\x9f"])
        return text
