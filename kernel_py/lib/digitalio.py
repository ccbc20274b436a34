# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""CircuitPython's digitalio, on machine.Pin.  One object a pin: a second raises ValueError."""

import enum

from kernel.errors import InvalidHardwareStatusError
from machine import Pin

_used = set()


class Direction(enum.Enum):
    INPUT = 0
    OUTPUT = 1

    def __repr__(self):
        return f"digitalio.Direction.{self.name}"


class Pull(enum.Enum):
    UP = 1
    DOWN = 2

    def __repr__(self):
        return f"digitalio.Pull.{self.name}"


class DriveMode(enum.Enum):
    PUSH_PULL = 0
    OPEN_DRAIN = 1

    def __repr__(self):
        return f"digitalio.DriveMode.{self.name}"


_PULLS = {None: None, Pull.UP: Pin.PULL_UP, Pull.DOWN: Pin.PULL_DOWN}


class DigitalInOut:
    """DigitalInOut(pin): an input without pull at first.  pin: board.led0, board.D5, "led0" …"""

    def __init__(self, pin):
        self._pin = Pin(pin)
        self._named = self._pin._named
        if self._named in _used:
            self._pin = None
            raise ValueError(f"{self._named.name} in use")
        _used.add(self._named)
        self._pull, self._mode = None, DriveMode.PUSH_PULL
        self._direction = Direction.INPUT
        self._pin.init(Pin.IN, None)

    def deinit(self):
        """Lets go of the pin."""
        if self._pin is not None:
            _used.discard(self._named)
            self._pin.init(Pin.IN, None)
            self._pin = None

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.deinit()

    def __del__(self):
        if getattr(self, "_pin", None) is not None:
            _used.discard(self._named)

    def _open(self):
        if self._pin is None:
            raise InvalidHardwareStatusError(f"{self._named.name}: deinitialised")
        return self._pin

    def switch_to_output(self, value=False, drive_mode=DriveMode.PUSH_PULL):
        """Makes it an output."""
        mode = Pin.OPEN_DRAIN if drive_mode is DriveMode.OPEN_DRAIN else Pin.OUT
        self._open().init(mode, None, value=bool(value))
        self._value = bool(value)
        self._direction, self._mode, self._pull = Direction.OUTPUT, drive_mode, None

    def switch_to_input(self, pull=None):
        """Makes it an input."""
        if pull not in _PULLS:
            raise ValueError("pull must be None, Pull.UP or Pull.DOWN")
        self._open().init(Pin.IN, _PULLS[pull])
        self._direction, self._pull = Direction.INPUT, pull

    @property
    def direction(self):
        self._open()
        return self._direction

    @direction.setter
    def direction(self, direction):
        if direction is Direction.OUTPUT:
            self.switch_to_output()
        elif direction is Direction.INPUT:
            self.switch_to_input()
        else:
            raise ValueError("direction must be Direction.INPUT or Direction.OUTPUT")

    @property
    def value(self):
        return bool(self._open().value())

    @value.setter
    def value(self, value):
        pin = self._open()
        if self._direction is not Direction.OUTPUT:
            raise AttributeError("cannot set the value of an input")
        pin.value(value)
        self._value = bool(value)

    @property
    def pull(self):
        self._open()
        if self._direction is Direction.OUTPUT:
            raise AttributeError("an output has no pull")
        return self._pull

    @pull.setter
    def pull(self, pull):
        if self._direction is Direction.OUTPUT:
            raise AttributeError("an output has no pull")
        self.switch_to_input(pull)

    @property
    def drive_mode(self):
        self._open()
        if self._direction is Direction.INPUT:
            raise AttributeError("an input has no drive mode")
        return self._mode

    @drive_mode.setter
    def drive_mode(self, mode):
        if self._direction is Direction.INPUT:
            raise AttributeError("an input has no drive mode")
        # The value that was set: the level may be another, of an open drain.
        self.switch_to_output(self._value, mode)
