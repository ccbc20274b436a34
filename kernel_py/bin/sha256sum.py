# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Compute or check SHA-256 digests.

usage: sha256sum [-c] [FILE ...]

  -c, --check    read lines as this command prints them, and check the files
  -q, --quiet    with -c, only name files that are wrong

Without FILE, or where FILE is -, standard input is read.
"""

import hashlib

from kernel import command


def digest(name):
    found = hashlib.sha256()
    with command.open_input(name) as file:
        for block in command.blocks(file):
            found.update(block)
    return found.hexdigest()


def check(cmd, name):
    wrong = bad = unread = checked = 0
    with command.open_input(name) as file:
        for data in file:
            line = data.decode("utf-8", "surrogateescape").rstrip("\n")
            expected, _, path = line.partition("  ")
            if not path or len(expected) != 64:
                bad += 1
                continue
            checked += 1
            try:
                right = digest(path) == expected.lower()
            except OSError as error:
                unread += 1
                cmd.error(error, path)
                command.write_text(f"{path}: FAILED open or read")
                continue
            wrong += not right
            if not right or not cmd["q"]:
                command.write_text(f"{path}: {'OK' if right else 'FAILED'}")
    if not checked:
        cmd.error("no properly formatted checksum lines found", name)
    elif bad:
        warn(cmd, bad, "line is improperly formatted", "lines are improperly formatted")
    if unread:
        warn(cmd, unread, "listed file could not be read", "listed files could not be read")
    if wrong:
        cmd.status = 1
        warn(cmd, wrong, "computed checksum did NOT match", "computed checksums did NOT match")


def warn(cmd, count, one, many):
    cmd.error(f"WARNING: {count} {one if count == 1 else many}", status=0)


def main(cmd):
    for name in cmd.operands or ["-"]:
        with cmd.trying(name):
            if cmd["c"]:
                check(cmd, name)
            else:
                command.write_text(f"{digest(name)}  {name}")


command.run(main, __doc__, argv)
