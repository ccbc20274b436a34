# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""MicroPython's zsensor: any sensor that Zephyr has a driver for.

from zsensor import ACCEL_X, Sensor
sensor = Sensor("accel0")
sensor.measure()
sensor.get_float(ACCEL_X)
"""

import _vhal

from kernel.devices import devices

# ACCEL_X, AMBIENT_TEMP, HUMIDITY …: Zephyr's channels, and its attributes as ATTR_*.
for _name in dir(_vhal):
    if _name.startswith("SENSOR_CHAN_"):
        globals()[_name.removeprefix("SENSOR_CHAN_")] = getattr(_vhal, _name)
    elif _name.startswith("SENSOR_ATTR_"):
        globals()[_name.removeprefix("SENSOR_")] = getattr(_vhal, _name)
del _name


class Sensor:
    """Sensor(name): by label or alias.  Units are Zephyr's: m/s², °C, %, kPa …"""

    def __init__(self, name):
        self._device = devices.of_kind(name, "sensor")

    def measure(self):
        """Has the sensor measure all its channels."""
        _vhal.sensor_fetch(self._device)

    def _get(self, channel):
        whole, millionths = _vhal.sensor_get(self._device, channel)
        return whole * 1_000_000 + millionths

    def get_float(self, channel):
        """A channel as it was last measured.  UnsupportedError: it has no such channel."""
        return self._get(channel) / 1e6

    def get_micros(self, channel):
        """The same in millionths, as an integer."""
        return self._get(channel)

    def get_millis(self, channel):
        """The same in thousandths."""
        return int(self._get(channel) / 1000)

    def get_int(self, channel):
        """The same without what lies behind the point."""
        return int(self._get(channel) / 1_000_000)

    def attr_set(self, channel, attribute, value):
        """Sets an attribute (ATTR_*) of a channel: the rate, the range."""
        millionths = round(value * 1_000_000)
        whole = int(millionths / 1_000_000)
        _vhal.sensor_set(self._device, channel, attribute, whole, millionths - whole * 1_000_000)
