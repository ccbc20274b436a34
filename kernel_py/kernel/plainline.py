# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Lines from a terminal that edits them itself, or from a program: no echo, no escape codes.

It takes the line editor's place where `terminal.editing` is false: `nc`, a pipe, telnet before it
has agreed to more.
"""

INTERRUPT, END = 0x03, 0x04


class Edit(Exception):
    """The terminal has turned out to be one that wants the editor; nothing is lost."""


def readline(terminal, controls=b""):
    """The next line, without its end.  controls: see Editor.readline().

    Returns a str, or the number of a control character that stood where a line begins.  What
    comes before the end of the input is a line too.

    Raises EOFError at the end, and for Ctrl-D alone where a line begins; KeyboardInterrupt for
    Ctrl-C; Edit when the terminal wants the editor.
    """
    line = bytearray()
    while True:
        data = terminal.read()
        if not data:
            if line:
                return _text(line)
            raise EOFError
        if terminal.editing:
            terminal.unread(bytes(line) + data)
            raise Edit
        if terminal.after_cr:
            terminal.after_cr = False
            if data[0] == 0x0A:
                data = data[1:]
                if not data:
                    continue
        if INTERRUPT in data:
            ends = [at for at in (data.find(b"\n"), data.find(b"\r")) if at >= 0]
            at = data.index(INTERRUPT)
            if not ends or at < min(ends):
                terminal.unread(data[at + 1 :])
                raise KeyboardInterrupt
        if not line and (data[0] == END or data[0] in controls):
            terminal.unread(data[1:])
            if data[0] == END:
                raise EOFError
            return data[0]
        head, end, rest = data.partition(b"\n")
        before, cr, after = head.partition(b"\r")
        if cr:
            # CR LF, CR NUL or CR alone: one end of a line.
            head, rest = before, after + end + rest
            terminal.after_cr = True
            end = cr
            if rest[:1] == b"\0":
                rest = rest[1:]
        line += head
        if end:
            terminal.unread(rest)
            return _text(line)


def _text(line):
    return line.decode("utf-8", "replace").replace("\0", "\ufffd")
