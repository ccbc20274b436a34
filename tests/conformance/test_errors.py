# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""kernel.errors: what the hardware answers, as exceptions with an errno."""

import errno
import unittest

try:
    from kernel import errors
except ImportError:
    errors = None


def setUpModule():
    """Without the kernel there is nothing to test."""
    if errors is None:
        raise unittest.SkipTest("not on a ZPy machine")


class Errors(unittest.TestCase):
    """The classes and what makes them of an errno."""

    def test_classes(self):
        for name, number in {
            "PeripheralError": errno.EIO,
            "InvalidPinError": errno.ENXIO,
            "InvalidHardwareStatusError": errno.EBUSY,
            "HardwareInitializationError": errno.ENODEV,
            "UnsupportedError": errno.ENOTSUP,
        }.items():
            kind = getattr(errors, name)
            with self.assertRaises(OSError) as caught:
                raise kind("no such thing")
            self.assertIsInstance(caught.exception, errors.PeripheralError)
            self.assertEqual(
                (caught.exception.errno, caught.exception.strerror), (number, "no such thing")
            )
            self.assertIn("no such thing", str(caught.exception))
            self.assertEqual(kind(errno.EPERM, "not yours").errno, errno.EPERM)
            self.assertEqual(kind().errno, number)
        self.assertTrue(issubclass(errors.UnsupportedError, NotImplementedError))

    def test_from_errno(self):
        for number, kind in {
            errno.EIO: errors.PeripheralError,
            -errno.EIO: errors.PeripheralError,
            errno.ENXIO: errors.InvalidPinError,
            errno.EBUSY: errors.InvalidHardwareStatusError,
            errno.ENODEV: errors.HardwareInitializationError,
            -errno.ENOSYS: errors.UnsupportedError,
            errno.ETIMEDOUT: TimeoutError,
        }.items():
            error = errors.from_errno(number, "text")
            self.assertIs(type(error), kind)
            self.assertEqual((error.errno, error.strerror), (abs(number), "text"))


if __name__ == "__main__":
    unittest.main()
