# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""DAC: numbers as voltages."""

import _vhal

from kernel.devices import devices
from kernel.errors import InvalidPinError


class DAC:
    """DAC(id, bits=12, *, buffering=True)

    id: (device, channel), as ("dac0", 0), or a channel of the first as a number.  bits: 1..16.
    """

    def __init__(self, id, bits=12, *, buffering=True):
        if isinstance(id, int):
            id = (0, id)
        if not isinstance(id, (tuple, list)) or len(id) != 2:
            there = [f"({n.name!r}, channel)" for n in devices.find(kind="dac")]
            raise InvalidPinError(f"no DAC {id!r}; there are {', '.join(there) or 'none'}")
        self._device = devices.of_kind(id[0], "dac")
        self._channel = devices.channel(self._device, id[1])
        if not 1 <= bits <= 16:
            raise ValueError(f"bits must be in 1..16, not {bits}")
        self._bits = bits
        _vhal.dac_setup(self._device, self._channel, bits, buffering)

    def write(self, value):
        """Sets the output: 0..2**bits - 1."""
        if not 0 <= value < 1 << self._bits:
            raise ValueError(f"value must be in 0..{(1 << self._bits) - 1}, not {value}")
        _vhal.dac_write(self._device, self._channel, value)

    def write_u16(self, value):
        """Sets the output, 0..65535 whatever the resolution."""
        if not 0 <= value <= 65535:
            raise ValueError(f"value must be in 0..65535, not {value}")
        self.write(round(value * ((1 << self._bits) - 1) / 65535))
