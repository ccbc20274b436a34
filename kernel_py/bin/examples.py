# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""List the example programs, in the order in which to read them.

usage: examples [NAME ...]

With NAME, run this one.  The sources are in /examples, to be read and changed.
"""

import os

from kernel import command

DIRECTORY = "/examples"


def order():
    """The programs: as README.md lists them, then those that it does not list."""
    names = sorted(name for name in os.listdir(DIRECTORY) if name.endswith(".py"))
    try:
        with open(f"{DIRECTORY}/README.md", encoding="utf-8") as file:
            text = file.read()
    except OSError:
        return names
    return sorted(names, key=lambda name: (text.find(f"`{name}`") % (len(text) + 1), name))


def main(cmd):
    if not cmd.operands:
        rows = [(name, command.summary_of(f"{DIRECTORY}/{name}")) for name in order()]
        for line in command.table(rows):
            command.write_text(line)
        return
    for name in cmd.operands:
        path = f"{DIRECTORY}/{name.removesuffix('.py')}.py"
        if not os.path.isfile(path):
            cmd.error("no such example", name)
            continue
        cmd.status = max(cmd.status, command.run_words([path]))


command.run(main, __doc__, argv)
