# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Show the manual of a command.

usage: man NAME ...
       man -k WORD

  -k, --apropos WORD    the commands whose manual has this word, one a line

The manual is the docstring of the command's file.
"""

from kernel import command, shell


def search(cmd, word):
    rows = []
    for name in shell.commands():
        path = shell.find(name)
        try:
            text = command.manual_of(path)
        except (OSError, SyntaxError, ValueError) as error:
            cmd.error(str(error), name)
            continue
        if word.lower() in f"{name}\n{text}".lower():
            rows.append((name, text.partition("\n")[0]))
    if not rows:
        cmd.error("nothing appropriate", word)
    for line in command.table(rows):
        command.write_text(line)


def main(cmd):
    if cmd["k"] is not None:
        search(cmd, cmd["k"])
        return
    cmd.expect(1, -1)
    for index, name in enumerate(cmd.operands):
        path = shell.find(name)
        if path is None:
            cmd.error(f"No manual entry for {name}", status=16)
            continue
        try:
            text = command.manual_of(path)
        except (OSError, SyntaxError, ValueError) as error:
            cmd.error(str(error), path)
            continue
        if index:
            print()
        command.write_text(text or f"{path} has no docstring")


command.run(main, __doc__, argv)
