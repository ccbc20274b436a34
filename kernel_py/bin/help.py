# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Show what commands there are.

usage: help [NAME ...]

With NAME, the manual of this command, as `man` shows it.  At the >>> prompt, help is Python's.
"""

from kernel import command, shell


def main(cmd):
    if cmd.operands:
        cmd.status = command.run_words(["man", *cmd.operands])
        return
    rows = [(name, command.summary_of(shell.find(name) or "")) for name in shell.commands()]
    for line in command.table(rows):
        command.write_text(line)
    print("\n`man NAME` tells more, and so does -h or --help after a command.")


command.run(main, __doc__, argv)
