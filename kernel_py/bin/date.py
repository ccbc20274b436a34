# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Show or set the time.

usage: date [-uIR] [-d TIME | -r FILE] [+FORMAT]
       date -s TIME

  -d, --date TIME       show this time: 2026-11-26 15:04:05, @ and seconds since 1970
  -r, --reference FILE  the time when this file was changed last
  -s, --set TIME        set the clock
  -u, --utc             in UTC
  -I, --iso-8601        the date as 2026-11-26
  -R, --rfc-email       as in a mail

FORMAT is that of strftime: %Y-%m-%d %H:%M:%S.
"""

import os
import time

from kernel import command


def set_clock(cmd, when):
    import _vosal

    if _vosal.BOARD == "sim":
        # The clock is that of the computer on which the machine is simulated.
        cmd.error("cannot set date: Operation not permitted")
        return
    try:
        time.clock_settime(time.CLOCK_REALTIME, when)
    except (OSError, OverflowError) as error:
        text = command.reason(error) if isinstance(error, OSError) else error
        cmd.error(f"cannot set date: {text}")


def main(cmd):
    cmd.expect(0, 1)
    form = cmd.operands[0] if cmd.operands else None
    if form is not None and not form.startswith("+"):
        raise command.UsageError(f"invalid date '{form}' (to set the clock: date -s TIME)")
    when = time.time()
    if cmd["s"] is not None:
        when = command.parse_time(cmd["s"])
        set_clock(cmd, when)
        if cmd.status:
            return
    elif cmd["d"] is not None:
        when = command.parse_time(cmd["d"])
    elif cmd["r"] is not None:
        when = os.stat(cmd["r"]).st_mtime
    if form is not None:
        form = form[1:]
    elif cmd["I"]:
        form = "%Y-%m-%d"
    elif cmd["R"]:
        form = "%a, %d %b %Y %H:%M:%S %z"
    else:
        form = "%a %b %e %H:%M:%S %Z %Y"
    try:
        fields = time.gmtime(when) if cmd["u"] else time.localtime(when)
        if cmd["u"]:
            form = form.replace("%Z", "UTC")  # which C libraries call GMT
        text = time.strftime(form, fields)
    except (OverflowError, OSError, ValueError) as error:
        raise command.UsageError(f"this time cannot be shown: {error}") from None
    print(text)


command.run(main, __doc__, argv)
