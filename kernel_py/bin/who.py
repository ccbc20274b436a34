# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Show the sessions at the machine's prompts; end one.

usage: who [-k ID]

  -k ID    end the session with this number: what it runs is interrupted, its connection closed

The session marked with * is this one.
"""

import time

from kernel import command, session


def duration(seconds):
    seconds = int(seconds)
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m"
    return f"{seconds // 3600}h{seconds // 60 % 60:02}"


def find(text):
    for one in session.sessions():
        if text == str(one.id):
            return one
    return None


def main(cmd):
    cmd.expect(0)
    here = session.current()
    if cmd["k"] is not None:
        one = find(cmd["k"])
        if one is None:
            cmd.error("there is no such session", cmd["k"])
        elif one.id == session.CONSOLE:
            cmd.error("the console's session ends with the interpreter: exit()", cmd["k"])
        else:
            one.end(f"ended from {here.name}")
        return
    now = time.monotonic()
    rows = [("", "ID", "NAME", "SINCE", "IDLE")]
    for one in session.sessions():
        since = used = ""
        if hasattr(one.terminal, "since"):  # the console's is older than all
            since = duration(now - one.terminal.since)
            used = "runs" if one.running else duration(now - one.terminal.used)
        rows.append(("*" if one is here else "", one.id, one.name, since, used))
    print("\n".join(command.table(rows, "<>", gap=1)))


command.run(main, __doc__, argv)
