# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Show what uses the CPU, again and again.

usage: top [-d SECONDS] [-n NUM]

  -d, --delay SECONDS     look every so many seconds (2)
  -n, --iterations NUM    end after so many looks

On a terminal q ends it, a blank looks at once.  %CPU is the share of one CPU since the last look.
"""

import time

import _vosal

from kernel import command, scheduler


def look():
    """(time, processes)"""
    return time.monotonic_ns(), scheduler.ps()


def rows_of(before, after):
    (then, old), (now, new) = before, after
    used = {process.pid: process.cpu_ns for process in old}
    span = max(now - then, 1)
    rows = []
    for process in new:
        share = max(process.cpu_ns - used.get(process.pid, 0), 0) * 100 / span
        rows.append((share, process))
    rows.sort(key=lambda row: (-row[0], row[1].pid))
    return rows


def show(cmd, rows, terminal):
    columns, lines = terminal.size() if terminal is not None else (80, 1 << 20)
    total, used, _ = _vosal.heap_info()
    head = [
        f"top - {time.strftime('%H:%M:%S')}, up {command.duration(_vosal.uptime_ns() / 1e9)}, "
        f"{len(rows)} threads and tasks",
        f"heap: {command.human(used)} of {command.human(total)} in use; {_vosal.CPUS} CPUs",
        "",
    ]
    cells = [("PID", "KIND", "STATE", "PRI", "STACK", "%CPU", "TIME", "NAME")]
    for share, p in rows[: max(lines - len(head) - 2, 1)]:
        stack = f"{100 * p.stack_used // p.stack_size}%" if p.stack_size else "-"
        priority = "-" if p.priority is None else p.priority
        seconds = command.duration(p.cpu_ns / 1e9)
        cells.append((p.pid, p.kind, p.state, priority, stack, f"{share:.1f}", seconds, p.name))
    if terminal is not None:
        command.flush()
        terminal.write(b"\x1b[H\x1b[2J")
    for line in head + command.table(cells, "><<>>>><", gap=1):
        command.write_text(line[: columns - 1])
    command.flush()


def pause(terminal, seconds):
    """Waits; False if the user wants to end."""
    if terminal is None:
        time.sleep(seconds)
        return True
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        keys = terminal.read(left)
        if b"q" in keys:
            return False
        if keys:
            return True
    return True


def main(cmd):
    cmd.expect(0)
    delay = cmd.seconds("d", 2.0)
    left = cmd.number("n", -1, least=1)
    terminal = command.terminal()
    before = look()
    time.sleep(min(delay, 0.2))
    while left:
        left -= 1
        after = look()
        show(cmd, rows_of(before, after), terminal)
        before = after
        if left and not pause(terminal, delay):
            return


command.run(main, __doc__, argv)
