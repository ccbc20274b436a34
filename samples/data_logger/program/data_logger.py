# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Logs the acceleration that Zephyr's driver of `accel0` measures, as CSV.

The file is in /flash where there is a flash file system, else in /tmp.
"""

import csv
import os
import time

import _vhal

from kernel.devices import devices

CHANNELS = ("ACCEL_X", "ACCEL_Y", "ACCEL_Z")


def measure():
    """The channels' values in m/s²."""
    sensor = devices["accel0"].device
    _vhal.sensor_fetch(sensor)
    values = []
    for name in CHANNELS:
        whole, millionths = _vhal.sensor_get(sensor, getattr(_vhal, "SENSOR_CHAN_" + name))
        values.append(whole + millionths / 1e6)
    return values


def main(rows=10, interval=1.0, path=None):
    """Appends so many rows; returns the path."""
    if path is None:
        path = "/flash/log.csv" if os.path.isdir("/flash") else "/tmp/log.csv"
    new = not os.path.exists(path)
    with open(path, "a", newline="") as file:
        log = csv.writer(file)
        if new:
            log.writerow(("time", *map(str.lower, CHANNELS)))
        for count in range(rows):
            if count:
                time.sleep(interval)
            log.writerow((f"{time.time():.3f}", *(f"{v:.4f}" for v in measure())))
            # A power cut costs one row at most.
            file.flush()
            os.fsync(file.fileno())
    print(f"{rows} rows in {path}")
    return path


if __name__ == "__main__":
    main()
