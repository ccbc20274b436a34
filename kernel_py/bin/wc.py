# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Count lines, words and bytes.

usage: wc [-lwmc] [FILE ...]

  -l, --lines    lines
  -w, --words    words
  -m, --chars    characters
  -c, --bytes    bytes

Without an option: lines, words and bytes.  Without FILE, standard input is read.
"""

import codecs
import os
import stat
import sys

from kernel import command


def count(file, characters):
    lines = words = chars = size = 0
    inside = False  # a word that began in the block before
    decoder = codecs.getincrementaldecoder("utf-8")("replace") if characters else None
    for block in command.blocks(file):
        size += len(block)
        lines += block.count(b"\n")
        found = len(block.split())
        words += found - (inside and not block[:1].isspace())
        inside = not block[-1:].isspace()
        if decoder:
            chars += len(decoder.decode(block))
    return {"l": lines, "w": words, "m": chars, "c": size}


def width_for(names, several):
    """The width of the columns: that of the largest number that there can be."""
    if not several and len(names) == 1:
        return 1
    size = 0
    least = 1
    for name in names:
        try:
            status = os.fstat(sys.stdin.fileno()) if name == "-" else os.stat(name)
        except OSError:
            least = 7 if name == "-" else least
            continue
        if stat.S_ISREG(status.st_mode):
            size += status.st_size
        else:
            least = 7
    return max(len(str(size)), least)


def main(cmd):
    wanted = [letter for letter in "lwmc" if cmd[letter]] or ["l", "w", "c"]
    names = cmd.operands or ["-"]
    width = width_for(names, len(wanted) > 1)
    total = dict.fromkeys("lwmc", 0)

    def show(counts, name):
        text = " ".join(f"{counts[letter]:{width}}" for letter in wanted)
        command.write_text(f"{text} {name}" if name else text)

    for name in names:
        with cmd.trying(name), command.open_input(name) as file:
            counts = count(file, "m" in wanted)
            for letter in counts:
                total[letter] += counts[letter]
            show(counts, name if cmd.operands else "")
    if len(names) > 1:
        show(total, "total")


command.run(main, __doc__, argv)
