# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Show the kernel's log.

usage: dmesg [-n NUM] [-l LEVEL]

  -n, --lines NUM      only the last lines
  -l, --level LEVEL    only lines of this level and above: debug, info, warning, error
"""

from kernel import command, log

LEVELS = ("debug", "info", "warning", "error")


def main(cmd):
    cmd.expect(0)
    lines = log.lines()
    if cmd["l"] is not None:
        if cmd["l"] not in LEVELS:
            raise command.UsageError(f"unknown level '{cmd['l']}' (there are {', '.join(LEVELS)})")
        wanted = {name.upper()[:5] for name in LEVELS[LEVELS.index(cmd["l"]) :]}
        wanted |= {"WARN"} & {name[:4] for name in wanted}
        lines = [line for line in lines if line.partition("] ")[2].split(" ", 1)[0] in wanted]
    if cmd["n"] is not None:
        count = cmd.number("n")
        lines = lines[-count:] if count else []
    for line in lines:
        command.write_text(line)


command.run(main, __doc__, argv)
