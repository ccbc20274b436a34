# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Show how long the machine has been running.

usage: uptime [-p]

  -p, --pretty    only that
"""

import time

import _vosal

from kernel import command, session


def span(seconds):
    minutes = int(seconds) // 60
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    text = f"{days} day{'s' * (days != 1)}, " if days else ""
    if hours:
        return f"{text}{hours}:{minutes:02}"
    return f"{text}{minutes} min" if days or minutes else f"{int(seconds)} s"


def main(cmd):
    cmd.expect(0)
    up = span(_vosal.uptime_ns() / 1e9)
    if cmd["p"]:
        print("up", up)
        return
    count = len(session.sessions())
    now = time.strftime("%H:%M:%S")
    print(f"{now} up {up}, {count} session{'s' * (count != 1)}")


command.run(main, __doc__, argv)
