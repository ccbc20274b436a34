# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""C beside Python: the modules of samples/c_driver and samples/zos_native."""

import array
import errno
import gc
import unittest

try:
    import c_driver
    import zos_native

    from kernel import errors, interrupts, vosal
except ImportError:
    c_driver = None


def setUpModule():
    """They are C: the host has none."""
    if c_driver is None:
        raise unittest.SkipTest("the image has no natives")


class Driver(unittest.TestCase):
    """A C thread that shares a semaphore and a queue with Python."""

    def test_series(self):
        go, samples = vosal.Semaphore(), vosal.Queue(8, 16)
        complete = c_driver.start(go, samples, 10)
        done = vosal.Semaphore()
        interrupts.attach(complete, lambda event: done.release() if event.value == 10 else None)
        try:
            for _ in range(2):
                go.release()
                numbers = [
                    int.from_bytes(samples.get(timeout=10)[:4], "little") for _ in range(10)
                ]
                self.assertEqual(numbers, list(range(10)))
                self.assertTrue(done.acquire(timeout=10))
            with self.assertRaises(errors.InvalidHardwareStatusError):
                c_driver.start(go, samples, 10)
            # Nobody reads: 20 samples, room for 16.
            go.release(2)
            for _ in range(2):
                self.assertTrue(done.acquire(timeout=10))
            self.assertEqual((len(samples), samples.dropped), (16, 4))
        finally:
            go.close()
            c_driver.stop()
        self.assertEqual(complete.name, "sampler")
        self.assertEqual(complete.count, 4)

    def test_bad_input(self):
        with self.assertRaises(TypeError):
            c_driver.start(1, vosal.Queue(8, 1), 1)
        with self.assertRaises(TypeError):
            c_driver.start(vosal.Semaphore(), vosal.Semaphore(), 1)
        with self.assertRaises(errors.PeripheralError) as caught:
            c_driver.start(vosal.Semaphore(), vosal.Queue(4, 1), 1)
        self.assertEqual(caught.exception.errno, errno.EMSGSIZE)
        with self.assertRaises(errors.InvalidHardwareStatusError):
            c_driver.stop()
        self.assertIn("semaphore", c_driver.start.__doc__.lower())


class ZOS(unittest.TestCase):
    """zOS's API."""

    def test_numbers(self):
        self.assertEqual(zos_native.add(20, 22), 42)
        for arguments in ((), (1,), (1, "2"), (1, 1 << 40)):
            with self.assertRaises(TypeError):
                zos_native.add(*arguments)

    def test_sequences(self):
        self.assertEqual(zos_native.squares(5), [0, 1, 4, 9, 16])
        self.assertEqual(zos_native.squares(0), [])
        self.assertEqual(zos_native.histogram(b"abba"), {97: 2, 98: 2})
        self.assertEqual(zos_native.histogram("aé"), {97: 1, 195: 1})
        with self.assertRaises(ValueError):
            zos_native.squares(-1)

    def test_zoo(self):
        zoo = zos_native.zoo()
        shorts = array.array("H", [1, 2, 65535])
        self.assertEqual(
            zoo,
            (1, 2**63 - 1, 0.5, True, None, "abc", b"\0\0", bytearray(b"ab"), shorts, {7}, {"x"}),
        )
        self.assertIsInstance(zoo[8], array.array)
        self.assertIsInstance(zoo[10], frozenset)

    def test_kinds(self):
        kinds = [1, 1 << 40, 0.5, True, "", b"", bytearray(), array.array("H"), [], (), range(1)]
        kinds += [frozenset(), set(), {}, lambda: 0, int, object(), errors, memoryview(b"")]
        kinds += [slice(1), iter([]), None, ValueError, len]
        got = [zos_native.kind(thing) for thing in kinds]
        self.assertEqual(
            got,
            [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11]
            + [12, 13, 14, 15, 17, 18, 19, 20]
            + [21, 22, 24, 25, 26],
        )

    def test_errors(self):
        kinds = [
            TypeError,
            ZeroDivisionError,
            AttributeError,
            RuntimeError,
            ValueError,
            IndexError,
            KeyError,
            NotImplementedError,
            errors.UnsupportedError,
            OverflowError,
            StopIteration,
            NameError,
            OSError,
            ConnectionRefusedError,
            ConnectionResetError,
            ConnectionAbortedError,
            TimeoutError,
            errors.PeripheralError,
            errors.InvalidPinError,
            errors.InvalidHardwareStatusError,
            errors.HardwareInitializationError,
        ]
        for code, kind in enumerate(kinds, 1):
            with self.assertRaises(kind) as caught:
                zos_native.fail(code)
            self.assertIs(type(caught.exception), kind)
        self.assertIsNone(zos_native.fail(0))
        with self.assertRaises(SystemError):
            zos_native.fail(99)

    def test_nothing_leaks(self):
        def work(times):
            for _ in range(times):
                zos_native.zoo()
                zos_native.squares(20)
                zos_native.histogram(b"some bytes")
            gc.collect()

        import sys

        # What is taken once is taken by then. Others on the machine take some now and then.
        work(2000)
        grown = []
        for _ in range(3):
            before = sys.getallocatedblocks()
            work(2000)
            grown.append(sys.getallocatedblocks() - before)
        # One block in forty rounds would be seen.
        self.assertLess(min(grown), 50, grown)


if __name__ == "__main__":
    unittest.main()
