# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""A serial line on standard input and output: what a machine in QEMU is, for a board on a desk.

python -m zpy.serial_line /dev/ttyACM0 115200
"""

import os
import select
import sys

import serial

CHUNK = 4096


def main(port, baud):
    """Moves bytes both ways until either end closes; return the exit status."""
    try:
        line = serial.Serial(port, int(baud), timeout=0, exclusive=True)
    except (OSError, ValueError) as error:
        print(f"{port}: {error}", file=sys.stderr)
        return 1
    with line:
        while True:
            ready, _, _ = select.select([0, line.fileno()], [], [])
            if 0 in ready:
                data = os.read(0, CHUNK)
                if not data:
                    return 0
                _write_all(line.fileno(), data)
            if line.fileno() in ready:
                try:
                    data = os.read(line.fileno(), CHUNK)
                except BlockingIOError:
                    continue
                except OSError as error:
                    # The board is gone: unplugged, or its USB adapter reset.
                    print(f"{port}: {error}", file=sys.stderr)
                    return 1
                if not data:
                    return 0
                _write_all(1, data)


def _write_all(fd, data):
    while data:
        try:
            data = data[os.write(fd, data) :]
        except BlockingIOError:
            select.select([], [fd], [])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
