# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Write a message to all sessions.

usage: wall [MESSAGE ...]

Without MESSAGE standard input is read, and each line goes out when it has been typed: a chat.
"""

import sys

from kernel import command, session


def tell(text):
    """One line to all sessions but this one; returns how many could not be reached."""
    here = session.current()
    text = "".join(char if char.isprintable() else "?" for char in text)
    line = f"\r\n[{here.name}] {text}\r\n".encode("utf-8", "replace")
    missed = 0
    for one in session.sessions():
        if one is here:
            continue
        # Whoever does not read must not make others wait.
        write = getattr(one.terminal, "try_write", one.terminal.write)
        if write(line) is False:
            missed += 1
    return missed


def main(cmd):
    messages = [" ".join(cmd.operands)] if cmd.operands else sys.stdin
    for message in messages:
        message = message.rstrip("\n")
        if message and (missed := tell(message)):
            cmd.error(f"{missed} sessions could not be reached")


command.run(main, __doc__, argv)
