# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Print the end of files.

usage: tail [-n NUM | -c NUM] [-fqv] [FILE ...]

  -n, --lines NUM    so many lines (10); with a plus, from that line on
  -c, --bytes NUM    so many bytes; with a plus, from that byte on; K, M, G are powers of 1024
  -f, --follow       go on with what is added to the file, until Ctrl-C
  -q, --quiet        no names above several files
  -v, --verbose      a name above each file

-NUM is -n NUM.  Without FILE, or where FILE is -, standard input is read.
"""

import os
import sys

from kernel import command


def number(text):
    """(number, counted from the start)"""
    value = command.parse_size(text)
    if value is None:
        raise command.UsageError(f"invalid number: '{text}'")
    return abs(value), text[0] == "+"


def skip_lines(file, output, count):
    while count > 0:
        line = file.readline(command.BLOCK)
        if not line:
            return
        count -= line.endswith(b"\n")
    copy(file, output)


def skip_bytes(file, output, count):
    while count > 0:
        block = file.read(min(count, command.BLOCK))
        if not block:
            return
        count -= len(block)
    copy(file, output)


def copy(file, output):
    for block in command.blocks(file):
        output.write(block)


def last_lines(file, output, count):
    """Of a file, its end is looked for from behind; of other input, only the end is kept."""
    end = position = file.seek(0, os.SEEK_END) if file.seekable() else 0
    if not end:  # so it is with what has no size beforehand, as in /proc
        from collections import deque

        for line in deque(file, maxlen=count):
            output.write(line)
        return
    while position > 0 and count:
        size = min(4096, position)
        position -= size
        file.seek(position)
        block = file.read(size)
        at = size - (position + size == end)  # what stands at the very end ends the last line
        while count and (at := block.rfind(b"\n", 0, at)) >= 0:
            count -= 1
            if not count:
                file.seek(position + at + 1)
                copy(file, output)
    if count:
        file.seek(0)
        copy(file, output)


def last_bytes(file, output, count):
    if file.seekable():
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - count, 0))
        copy(file, output)
        return
    kept = b""
    for block in command.blocks(file):
        kept = (kept + block)[-count:] if count else b""
    output.write(kept)


def follow(files, output, titles):
    """Prints what is added, looking twice a second; a file that shrinks is read anew."""
    import time

    last = files[-1][0]
    while True:
        output.flush()
        time.sleep(0.5)
        for name, file in files:
            if os.fstat(file.fileno()).st_size < file.tell():
                command.flush()
                print(f"tail: {name}: file truncated", file=sys.stderr)
                file.seek(0)
            block = file.read(command.BLOCK)
            if block and titles and name != last:
                output.write(f"\n==> {name} <==\n".encode(errors="replace"))
                last = name
            while block:
                output.write(block)
                block = file.read(command.BLOCK)


def main(cmd):
    count, from_start = number(cmd["c"] or cmd["n"] or "10")
    if cmd["c"] is not None:
        action = skip_bytes if from_start else last_bytes
    else:
        action = skip_lines if from_start else last_lines
    if from_start:
        count = max(count - 1, 0)
    names = cmd.operands or ["-"]
    titles = cmd["v"] or (len(names) > 1 and not cmd["q"])
    output = command.Output()
    opened = []
    try:
        gap = ""
        for name in names:
            with cmd.reading(name):
                file = command.open_input(name)
                if name != "-":
                    opened.append((name, file))
                if titles:
                    title = "standard input" if name == "-" else name
                    output.write(f"{gap}==> {title} <==\n".encode(errors="replace"))
                    gap = "\n"
                action(file, output, count)
                if not cmd["f"] and name != "-":
                    opened.pop()
                    file.close()
        output.flush()
        if cmd["f"] and opened:
            follow(opened, output, titles)
    finally:
        for _, file in opened:
            file.close()


if argv and argv[0][:1] == "-" and argv[0][1:].isdigit():
    argv[:1] = ["-n", argv[0][1:]]
command.run(main, __doc__, argv)
