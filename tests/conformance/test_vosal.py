# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The contract of _vosal, the same for the C module and for its reference on sim."""

import threading
import time
import unittest

try:
    import _vosal
except ImportError:
    _vosal = None


def setUpModule():
    """Without _vosal there is nothing to test."""
    if _vosal is None:
        raise unittest.SkipTest("not on a ZPy machine")


class Constants(unittest.TestCase):
    """What the machine is."""

    def test_kinds(self):
        for name in ("BOARD", "ARCH", "ZEPHYR_VERSION", "VERSION"):
            self.assertIsInstance(getattr(_vosal, name), str, name)
        self.assertTrue(_vosal.BOARD and _vosal.ARCH)
        self.assertRegex(_vosal.VERSION, r"^\d+\.\d+\.\d+")
        self.assertGreaterEqual(_vosal.CPUS, 1)
        self.assertGreater(_vosal.cycles_per_second, 1000)
        if _vosal.BOARD == "sim":
            self.assertEqual(_vosal.ZEPHYR_VERSION, "")
        else:
            self.assertRegex(_vosal.ZEPHYR_VERSION, r"^\d+\.\d+\.\d+")


class Console(unittest.TestCase):
    """The console; the host's tool has it, so that little can be tried."""

    def test_size(self):
        columns, rows = _vosal.console_size()
        self.assertGreater(columns, 0)
        self.assertGreater(rows, 0)

    def test_read_with_timeout(self):
        self.assertEqual(_vosal.console_read(0), b"")
        start = time.monotonic()
        self.assertEqual(_vosal.console_read(timeout=0.1), b"")
        self.assertGreaterEqual(time.monotonic() - start, 0.095)
        self.assertEqual(_vosal.console_read(0.0), b"")
        with self.assertRaises(ValueError):
            _vosal.console_read(-1)
        with self.assertRaises(TypeError):
            _vosal.console_read("1")

    def test_read_lets_others_run(self):
        ran = []
        thread = threading.Thread(target=lambda: (time.sleep(0.05), ran.append(time.monotonic())))
        thread.start()
        _vosal.console_read(0.3)
        self.assertTrue(ran)
        thread.join()

    def test_write(self):
        self.assertIsNone(_vosal.console_write(b""))
        self.assertIsNone(_vosal.console_write(bytearray()))
        self.assertIsNone(_vosal.console_write(memoryview(b"")))
        with self.assertRaises(TypeError):
            _vosal.console_write("text")
        with self.assertRaises(TypeError):
            _vosal.console_write()

    def test_interrupt_char(self):
        # While a program runs for the host it is Ctrl-C.
        self.assertEqual(_vosal.console_interrupt_char(28), 3)
        self.assertEqual(_vosal.console_interrupt_char(-1), 28)
        self.assertEqual(_vosal.console_interrupt_char(3), -1)
        for code in (-2, 256, 1000):
            with self.assertRaises(ValueError):
                _vosal.console_interrupt_char(code)
        with self.assertRaises(TypeError):
            _vosal.console_interrupt_char("c")
        self.assertEqual(_vosal.console_interrupt_char(3), 3)


class Heap(unittest.TestCase):
    """heap_info()."""

    def test_figures(self):
        total, used, peak = _vosal.heap_info()
        self.assertTrue(0 < used <= peak <= total, (total, used, peak))

    def test_use_is_seen(self):
        before = _vosal.heap_info()
        # Much, because on sim the figures are those of the host's whole process.
        size = min(64 << 20, (before[0] - before[1]) // 4)
        block = bytearray(b"x") * size
        during = _vosal.heap_info()
        self.assertGreater(during[1] - before[1], size // 2)
        self.assertGreaterEqual(during[2], during[1])
        del block
        self.assertLess(_vosal.heap_info()[1], during[1] - size // 2)


class Threads(unittest.TestCase):
    """threads() and thread_name()."""

    def test_rows(self):
        rows = _vosal.threads()
        self.assertIsInstance(rows, list)
        for row in rows:
            self.assertIsInstance(row, tuple)
            kinds = [type(value) for value in row]
            self.assertEqual(kinds, [str, int, int, str, int, int, int], row)
            name, ident, priority, state, stack_size, stack_unused, cycles = row
            self.assertGreaterEqual(min(ident, stack_size, stack_unused, cycles), 0)
            self.assertLessEqual(stack_unused, stack_size)
        self.assertIn(threading.get_ident(), [row[1] for row in rows])

    def test_threads_come_and_go(self):
        release = threading.Event()
        named = threading.Event()

        def work():
            _vosal.thread_name("worker")
            named.set()
            release.wait()

        before = len(_vosal.threads())
        thread = threading.Thread(target=work)
        thread.start()
        named.wait()
        rows = {row[1]: row for row in _vosal.threads()}
        self.assertIn(thread.ident, rows)
        self.assertEqual(rows[thread.ident][0], "worker")
        release.set()
        thread.join()
        deadline = time.monotonic() + 5
        while len(_vosal.threads()) > before and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertLessEqual(len(_vosal.threads()), before)

    def test_names(self):
        own = threading.get_ident()
        before = next(row[0] for row in _vosal.threads() if row[1] == own)
        try:
            self.assertIsNone(_vosal.thread_name("tester"))
            self.assertEqual(next(r[0] for r in _vosal.threads() if r[1] == own), "tester")
            _vosal.thread_name("x" * 100)
            self.assertTrue(next(r[0] for r in _vosal.threads() if r[1] == own).startswith("xxx"))
            with self.assertRaises(TypeError):
                _vosal.thread_name(5)
        finally:
            _vosal.thread_name(before)


class Time(unittest.TestCase):
    """uptime_ns() and cycles()."""

    def test_uptime(self):
        first = _vosal.uptime_ns()
        time.sleep(0.05)
        passed = _vosal.uptime_ns() - first
        self.assertIsInstance(first, int)
        self.assertGreaterEqual(passed, 49_000_000)
        self.assertLess(passed, 3_000_000_000)

    def test_cycles(self):
        first, start = _vosal.cycles(), time.perf_counter()
        time.sleep(0.1)
        passed, seconds = _vosal.cycles() - first, time.perf_counter() - start
        self.assertGreater(passed / _vosal.cycles_per_second, seconds * 0.5)
        self.assertLess(passed / _vosal.cycles_per_second, seconds * 2 + 0.1)


if __name__ == "__main__":
    unittest.main()
