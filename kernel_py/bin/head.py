# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Print the beginning of files.

usage: head [-n NUM | -c NUM] [-qv] [FILE ...]

  -n, --lines NUM    so many lines (10); with a minus, all but so many at the end
  -c, --bytes NUM    so many bytes; K, M, G are powers of 1024
  -q, --quiet        no names above several files
  -v, --verbose      a name above each file

-NUM is -n NUM.  Without FILE, or where FILE is -, standard input is read.
"""

from kernel import command


def first_lines(file, output, count):
    while count > 0:
        line = file.readline(command.BLOCK)
        if not line:
            return
        output.write(line)
        count -= line.endswith(b"\n")


def all_but(file, output, count):
    from collections import deque

    kept = deque()
    for line in file:
        kept.append(line)
        if len(kept) > count:
            output.write(kept.popleft())


def first_bytes(file, output, count):
    while count > 0:
        block = file.read(min(count, command.BLOCK))
        if not block:
            return
        output.write(block)
        count -= len(block)


def main(cmd):
    lines = cmd.number("n", 10, least=-(1 << 62))
    count = cmd.number("c")
    names = cmd.operands or ["-"]
    titles = cmd["v"] or (len(names) > 1 and not cmd["q"])
    output = command.Output()
    gap = ""
    for name in names:
        with cmd.reading(name), command.open_input(name) as file:
            if titles:
                title = "standard input" if name == "-" else name
                output.write(f"{gap}==> {title} <==\n".encode(errors="replace"))
                gap = "\n"
            if count is not None:
                first_bytes(file, output, count)
            elif lines < 0:
                all_but(file, output, -lines)
            else:
                first_lines(file, output, lines)
    output.flush()


if argv and argv[0][:1] == "-" and argv[0][1:].isdigit():
    argv[:1] = ["-n", argv[0][1:]]
command.run(main, __doc__, argv)
