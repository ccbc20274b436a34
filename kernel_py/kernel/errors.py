# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""What the hardware answers when it cannot: exceptions that carry an errno.

    OSError
     └── PeripheralError                   a device failed, or refused
          ├── InvalidPinError              there is no such pin, or it cannot do that
          ├── InvalidHardwareStatusError   the device is not in a state to do it
          ├── HardwareInitializationError  the device did not start
          └── UnsupportedError             not with this driver or board (a NotImplementedError)

`PeripheralError("text")` has the errno that fits the class, `PeripheralError(errno, "text")`
the one given.  C raises the same classes.
"""

import errno


class PeripheralError(OSError):
    """A device failed: EIO unless another errno is given."""

    errno_default = errno.EIO

    def __init__(self, *args):
        if len(args) < 2:
            # The small profile has no docstrings.
            text = (self.__doc__ or type(self).__name__).partition(":")[0]
            args = (self.errno_default, *(args or (text,)))
        super().__init__(*args)


class InvalidPinError(PeripheralError):
    """There is no such pin, or it cannot do that: ENXIO."""

    errno_default = errno.ENXIO


class InvalidHardwareStatusError(PeripheralError):
    """The device is not in a state to do it: EBUSY."""

    errno_default = errno.EBUSY


class HardwareInitializationError(PeripheralError):
    """The device did not start: ENODEV."""

    errno_default = errno.ENODEV


class UnsupportedError(PeripheralError, NotImplementedError):
    """This driver or board cannot do it: ENOTSUP."""

    errno_default = errno.ENOTSUP


_CLASSES = {
    errno.ENXIO: InvalidPinError,
    errno.EBUSY: InvalidHardwareStatusError,
    errno.EALREADY: InvalidHardwareStatusError,
    errno.ENODEV: HardwareInitializationError,
    errno.ENOTSUP: UnsupportedError,
    errno.EOPNOTSUPP: UnsupportedError,
    errno.ENOSYS: UnsupportedError,
}


def from_errno(number, text):
    """Return (not raise) the exception for what a driver answered.

    number: an errno; Zephyr's negative ones are taken as well.  ETIMEDOUT is a TimeoutError.
    """
    number = abs(number)
    if number == errno.ETIMEDOUT:
        return TimeoutError(number, text)
    return _CLASSES.get(number, PeripheralError)(number, text)
