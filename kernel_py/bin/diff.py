# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Show how two files differ.

usage: diff [-uqi] FILE FILE

  -u, --unified        three lines around each change
  -q, --brief          only whether they differ
  -i, --ignore-case    capital and small letters are the same

The exit status is 0 if they are the same, 1 if they differ, 2 after an error.  Both files are held
in memory.
"""

import os

from kernel import command


def names(one, two):
    """Of a directory and a file, the file of the same name in the directory is meant."""
    for name in (one, two):
        if name != "-":
            os.stat(name)  # what is not there is told by its own name
    if one != "-" and two != "-" and os.path.isdir(one) != os.path.isdir(two):
        if os.path.isdir(one):
            return command.into(two, one), two
        return one, command.into(one, two)
    return one, two


def read(name):
    with command.open_input(name) as file:
        return [line.decode("utf-8", "surrogateescape") for line in file]


def span(start, end):
    if end - start <= 1:
        return str(end)
    return f"{start + 1},{end}"


def lines(mark, texts):
    for text in texts:
        command.write_text(f"{mark} {text}".rstrip("\n"))
        if not text.endswith("\n"):
            print("\\ No newline at end of file")


def normal(first, second, matches):
    for kind, a, b, c, d in matches.get_opcodes():
        if kind == "equal":
            continue
        print(f"{span(a, b)}{kind[0] if kind != 'replace' else 'c'}{span(c, d)}".replace("i", "a"))
        lines("<", first[a:b])
        if kind == "replace":
            print("---")
        lines(">", second[c:d])


def main(cmd):
    cmd.expect(2)
    one, two = cmd.operands
    first, second = map(read, names(one, two))
    left, right = first, second
    if cmd["i"]:
        left, right = [line.lower() for line in first], [line.lower() for line in second]
    if left == right:
        return
    cmd.status = 1
    if cmd["q"]:
        command.write_text(f"Files {one} and {two} differ")
        return
    import difflib

    if cmd["u"]:
        for line in difflib.unified_diff(first, second, one, two):
            command.write_text(line.rstrip("\n"))
            if not line.endswith("\n"):
                print("\\ No newline at end of file")
        return
    normal(first, second, difflib.SequenceMatcher(None, left, right, autojunk=False))


command.run(main, __doc__, argv, failed=2)
