# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""ADC: voltages as numbers."""

import array

import _vhal

from kernel.devices import devices
from kernel.errors import InvalidPinError


class ADC:
    """ADC(id, *, resolution=None, oversampling=0)

    id: (device, channel), as ("adc0", 1); a channel of "adc0" as a number; or the name of a node
    with `io-channels`.  Gain, reference and resolution are those of the channel's node in the
    devicetree.  resolution: bits, 1..16.  oversampling: each sample is the mean of
    2**oversampling conversions.
    """

    def __init__(self, id, *, resolution=None, oversampling=0):
        if isinstance(id, int) and not isinstance(id, bool):
            id = (0, id)
        if isinstance(id, (tuple, list)) and len(id) == 2:
            self._device = devices.of_kind(id[0], "adc")
            self._channel = devices.channel(self._device, id[1])
        else:
            node = devices.get(id) if isinstance(id, str) else id
            entries = getattr(node, "properties", {}).get("io-channels")
            if not entries:
                there = [f"({n.name!r}, channel)" for n in devices.find(kind="adc")]
                raise InvalidPinError(f"no ADC {id!r}; there are {', '.join(there) or 'none'}")
            self._device = devices.of_kind(entries[0].controller, "adc")
            self._channel = entries[0].cells.get("input", 0)
        self._name = f"{self._device.path} channel {self._channel}"
        settings = self._settings()
        if resolution is None:
            resolution = settings.get("zephyr,resolution", 12)
        self._resolution = resolution
        if not 1 <= self._resolution <= 16:
            raise ValueError(f"resolution must be in 1..16 bits, not {self._resolution}")
        if not 0 <= oversampling <= 15:
            raise ValueError(f"oversampling must be in 0..15, not {oversampling}")
        self._oversampling = oversampling
        self._gain = settings.get("zephyr,gain", "ADC_GAIN_1")
        millivolts = _vhal.adc_setup(
            self._device,
            self._channel,
            self._gain,
            settings.get("zephyr,reference", "ADC_REF_INTERNAL"),
            settings.get("zephyr,acquisition-time", 0),
            settings.get("zephyr,input-positive", -1),
            settings.get("zephyr,input-negative", -1),
        )
        millivolts = settings.get("zephyr,vref-mv", millivolts) or millivolts
        self._full_uv = millivolts * 1000 / _ratio(self._gain)

    def _settings(self):
        for node in devices[self._device.path].children:
            if node.registers and node.registers[0][1] == self._channel:
                return node.properties
        return {}

    def read(self):
        """One sample, as the converter gives it: 0..2**resolution - 1."""
        return _vhal.adc_read(self._device, self._channel, self._resolution, self._oversampling)

    def read_u16(self):
        """One sample, 0..65535 whatever the resolution."""
        sample = max(0, self.read())
        return round(sample * 65535 / ((1 << self._resolution) - 1))

    def read_uv(self):
        """One sample in microvolts."""
        if not self._full_uv:
            from kernel.errors import UnsupportedError

            raise UnsupportedError(f"{self._name}: the reference voltage is not known")
        return round(self.read() * self._full_uv / ((1 << self._resolution) - 1))

    def read_into(self, buffer, *, interval_us=0):
        """Fills a writable buffer of 16-bit words (array('H')) with samples; returns their number.

        interval_us: between two samples, where the driver can keep time.
        """
        _vhal.adc_read(
            self._device,
            self._channel,
            self._resolution,
            self._oversampling,
            buffer,
            interval_us,
        )
        return memoryview(buffer).nbytes // 2

    def stream(self, callback, *, count=64, interval_us=0):
        """Samples in a thread until callback(samples), an array of 16-bit words, returns True.

        Returns the thread.  The GIL is free while samples are taken.
        """
        import threading

        def work():
            samples = array.array("H", bytes(2 * count))
            while True:
                self.read_into(samples, interval_us=interval_us)
                if callback(samples):
                    return

        if not 1 <= count <= 65536:
            raise ValueError(f"count must be in 1..65536, not {count}")
        thread = threading.Thread(target=work, name="adc", daemon=True)
        thread.start()
        return thread

    def __repr__(self):
        return f"<ADC {self._name}, {self._resolution} bits>"


def _ratio(name):
    """The gain of a name of Zephyr's: ADC_GAIN_1_6 is 1/6."""
    parts = name.removeprefix("ADC_GAIN_").split("_")
    return int(parts[0]) / int(parts[1]) if len(parts) == 2 else int(parts[0])


class ADCBlock:
    """ADCBlock(id, *, bits=None): the converter whose channels connect() gives."""

    def __init__(self, id, *, bits=None):
        self._id = id
        self._bits = bits
        devices.of_kind(id, "adc")

    def init(self, *, bits=None):
        """Sets the resolution of the channels to come."""
        self._bits = bits

    def connect(self, channel, source=None):
        """The ADC of a channel."""
        return ADC((self._id, channel), resolution=self._bits)
