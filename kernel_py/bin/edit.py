# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Edit text on the whole screen.

usage: edit [-v] [+LINE] [FILE]

  -v, --view    no changes

The keys are nano's: ^S saves, ^X leaves, ^W searches, ^K cuts a line and ^U pastes it, M-U undoes,
^G shows all of them.  +LINE is the line to begin with.
"""

from kernel import command, edit


def main(cmd):
    cmd.expect(0, 2)
    words = cmd.operands
    line = 1
    if words and words[0][:1] == "+" and words[0][1:].isdigit():
        line = max(int(words.pop(0)[1:]), 1)
    if len(words) > 1:
        raise command.UsageError(f"extra operand '{words[1]}'")
    terminal = command.terminal()
    if terminal is None:
        cmd.error("standard output is no terminal (`ed` needs none)")
        return
    editor = edit.Editor(terminal, words[0] if words else "", line=line, view=cmd["v"])
    with cmd.trying():
        editor.load()
        command.flush()
        editor.run()


command.run(main, __doc__, argv)
