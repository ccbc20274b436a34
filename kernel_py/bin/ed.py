# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Edit text, line by line.

usage: ed [-sv] [-p PROMPT] [FILE]

  -s, --silent           no byte counts
  -v, --verbose          say what is wrong, as H does
  -p, --prompt PROMPT    show this when a command is expected; P shows and hides it

The commands are those of POSIX ed: docs/ed.md lists them.  The first steps: a (append text, which
ends with a line that is a dot), ,n (show all lines), 2d (delete line 2), s/old/new/, w (write), q.
"""

import stat
import sys
from os import fstat

from kernel import command, ed


def readline(prompt):
    """A line of standard input; on a terminal, with its line editor."""
    if prompt:
        sys.stdout.write(prompt)
    sys.stdout.flush()
    line = sys.stdin.readline()
    return line.rstrip("\n") if line else None


def complain(text):
    command.flush()
    print(command.shown(text), file=sys.stderr)


def screen_lines():
    terminal = command.terminal()
    return max(terminal.size()[1] - 2, 1) if terminal is not None else 22


def is_script():
    """True if the commands come from a file: then the first error ends the session."""
    try:
        return stat.S_ISREG(fstat(sys.stdin.fileno()).st_mode)
    except OSError:
        return False  # a pipe, or what has no descriptor


def main(cmd):
    cmd.expect(0, 1)
    script = is_script()
    editor = ed.Editor(
        readline,
        lambda text: sys.stdout.write(text),
        complain,
        interactive=not script,
        quiet=cmd["s"],
        verbose=cmd["v"],
        prompt=cmd["p"],
        screen_lines=screen_lines,
    )
    if cmd.operands:
        cmd.status = editor.load(cmd.operands[0])
        if cmd.status and script:
            return
    cmd.status = max(editor.run(), cmd.status)


command.run(main, __doc__, argv)
