# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Sort lines.

usage: sort [-rnuf] [-k NUM] [-t CHAR] [-o FILE] [FILE ...]

  -r, --reverse                 the largest first
  -n, --numeric-sort            by the number at the beginning
  -u, --unique                  of equal lines only the first
  -f, --ignore-case             capital letters as small ones
  -k, --key NUM                 by the field with this number, and those after it
  -t, --field-separator CHAR    what stands between fields, instead of blanks
  -o, --output FILE             write there; it may be one of the input files

The order is that of the bytes.  All lines are held in memory.  Without FILE, or where FILE is -,
standard input is read.
"""

from kernel import command

DIGITS = b"0123456789"


def numeric(line):
    """The number at the beginning of a line."""
    text = line.lstrip()
    end = 1 if text[:1] == b"-" else 0
    while end < len(text) and text[end] in DIGITS + b".":
        end += 1
    try:
        return float(text[:end])
    except ValueError:
        return 0.0


def key_function(cmd):
    field = cmd.number("k", 1, least=1)
    separator = cmd["t"]
    if separator is not None:
        separator = separator.encode()
        if len(separator) != 1:
            raise command.UsageError("the separator must be one character")

    def key(line):
        if field > 1:
            parts = line.split(separator, field - 1)
            line = parts[-1] if len(parts) == field else b""
        if cmd["f"]:
            line = line.upper()
        return numeric(line) if cmd["n"] else line

    return key


def main(cmd):
    key = key_function(cmd)
    lines = []
    for name in cmd.operands or ["-"]:
        with cmd.trying(name), command.open_input(name) as file:
            for line in file:
                lines.append(line.rstrip(b"\n"))
    if cmd.status:
        cmd.status = 2
        return
    lines.sort(key=lambda line: (key(line), line) if not cmd["u"] else key(line))
    if cmd["r"]:
        lines.reverse()
    if cmd["u"]:
        lines = [line for i, line in enumerate(lines) if not i or key(line) != key(lines[i - 1])]
    if cmd["o"] is None:
        write(lines, command.Output())
    else:
        with open(cmd["o"], "wb") as file:
            write(lines, file)


def write(lines, output):
    for line in lines:
        output.write(line + b"\n")
    output.flush()


command.run(main, __doc__, argv, failed=2)
