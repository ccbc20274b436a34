# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Wait for some time.

usage: sleep NUMBER[smhd] ...

NUMBER may have a fraction.  The unit is seconds, or minutes, hours, days: m, h, d.  Several times
are added.
"""

import time

from kernel import command

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(text):
    unit = UNITS.get(text[-1:])
    try:
        value = float(text[:-1] if unit else text) * (unit or 1)
    except ValueError:
        value = -1
    if not 0 <= value < 1e9:
        raise command.UsageError(f"invalid time interval '{text}'")
    return value


def main(cmd):
    cmd.expect(1, -1)
    time.sleep(sum(map(seconds, cmd.operands)))


command.run(main, __doc__, argv)
