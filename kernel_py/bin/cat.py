# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Print files, one after the other.

usage: cat [-n] [FILE ...]

  -n, --number    number the lines

Without FILE, or where FILE is -, standard input is printed.
"""

from kernel import command


class Numbered:
    """Puts a number before each line on its way out."""

    def __init__(self, output):
        self.output = output
        self.line = 0
        self.fresh = True

    def write(self, data):
        start = 0
        while start < len(data):
            if self.fresh:
                self.line += 1
                self.output.write(b"%6d\t" % self.line)
            end = data.find(b"\n", start) + 1
            self.fresh = end > 0
            end = end or len(data)
            self.output.write(data[start:end])
            start = end


def main(cmd):
    output = command.Output()
    sink = Numbered(output) if cmd["n"] else output
    for name in cmd.operands or ["-"]:
        with cmd.trying(name), command.open_input(name) as file:
            for block in command.blocks(file):
                sink.write(block)
    output.flush()


command.run(main, __doc__, argv)
