# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Show the bytes of files.

usage: hexdump [-C] [-n NUM] [-s NUM] [FILE ...]

  -C, --canonical      bytes and, beside them, characters
  -n, --length NUM     only so many bytes
  -s, --skip NUM       begin after so many bytes

Without -C, words of two bytes, the low one first.  Repeated rows are shown as *.
"""

from kernel import command

WIDTH = 16
PRINTED = "".join(chr(i) if 32 <= i < 127 else "." for i in range(256))


def canonical(row):
    left, right = row[:8].hex(" "), row[8:].hex(" ")
    text = "".join(PRINTED[byte] for byte in row)
    return f"{left:<23}  {right:<23}  |{text}|"


def words(row):
    padded = row + b"\0" * (len(row) % 2)
    pairs = [f"{padded[i + 1]:02x}{padded[i]:02x}" for i in range(0, len(padded), 2)]
    return f"{' '.join(pairs):{WIDTH // 2 * 5 - 1}}"


def rows(cmd, names, skip, length):
    """The bytes of all files as one, in rows."""
    kept = b""
    for name in names:
        with cmd.trying(name), command.open_input(name) as file:
            if skip and file.seekable():
                size = file.seek(0, 2)
                file.seek(min(skip, size))
                skip -= min(skip, size)
            while length > 0 and (block := file.read(min(command.BLOCK, length + skip))):
                block, skip = block[skip:], skip - min(skip, len(block))
                length -= len(block)
                kept += block
                whole = len(kept) - len(kept) % WIDTH
                for start in range(0, whole, WIDTH):
                    yield kept[start : start + WIDTH]
                kept = kept[whole:]
    if kept:
        yield kept


def main(cmd):
    offset = start = cmd.number("s", 0)
    show = canonical if cmd["C"] else words
    gap = "  " if cmd["C"] else " "
    last = None
    repeated = False
    for row in rows(cmd, cmd.operands or ["-"], start, cmd.number("n", 1 << 62)):
        if row == last and len(row) == WIDTH:
            if not repeated:
                print("*")
            repeated = True
        else:
            print(f"{offset:08x}{gap}{show(row)}" if cmd["C"] else f"{offset:07x} {show(row)}")
            repeated = False
        last = row
        offset += len(row)
    if offset > start:
        print(f"{offset:08x}" if cmd["C"] else f"{offset:07x}")


command.run(main, __doc__, argv)
