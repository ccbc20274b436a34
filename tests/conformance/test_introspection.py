# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""kernel.threads, .memory, .cpus, .clocks, .unsafe and .watchdog: the machine as objects."""

import contextlib
import io
import itertools
import time
import unittest

try:
    import _vosal

    from kernel import clocks, cpus, errors, memory, threads, unsafe, vosal, watchdog
except ImportError:
    _vosal = None


def setUpModule():
    """Without _vosal there is nothing to test."""
    if _vosal is None:
        raise unittest.SkipTest("not on a ZPy machine")


def on_sim():
    return _vosal.BOARD == "sim"


def printed(function):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        function()
    return out.getvalue()


class Threads(unittest.TestCase):
    """kernel.threads."""

    def test_list(self):
        gate = vosal.Semaphore()
        thread = vosal.Thread(gate.acquire, priority=vosal.PRIO_LOW)
        thread.start()
        try:
            found = [t for t in threads.threads() if t.ident == thread.ident][0]
            self.assertEqual(found.priority, vosal.PRIO_LOW)
            found.priority = vosal.PRIO_HIGH
            self.assertEqual(thread.priority, vosal.PRIO_HIGH)
            self.assertIsNotNone(found.frame())
            self.assertGreaterEqual(found.cpu_time, 0)
            found.abort()
            thread.join(10)
            self.assertFalse(thread.is_alive())
        finally:
            gate.release()
        with self.assertRaises(LookupError):
            threads.find("nobody has this name")
        if not on_sim():
            idle = [t for t in threads.threads() if t.name.startswith("idle")]
            self.assertEqual(len(idle), _vosal.CPUS)
            with self.assertRaises(ValueError):
                idle[0].priority = 1
        self.assertIn("main", printed(threads.show))


class Memory(unittest.TestCase):
    """kernel.memory."""

    def test_figures(self):
        heap = memory.heap()
        self.assertEqual(heap.free, heap.total - heap.used)
        self.assertTrue(0 < heap.used <= heap.peak <= heap.total)
        self.assertGreater(memory.pools()["blocks"], 1000)
        self.assertGreater(memory.pools()["tracked"], 100)
        for stack in memory.stacks():
            self.assertTrue(0 <= stack.used <= stack.size, stack)
        self.assertIn("in use", printed(memory.show))

    def test_map(self):
        if on_sim():
            self.skipTest("the host keeps that to itself")
        regions = {region.name: region for region in memory.map()}
        self.assertGreater(regions["heap"].size, 4 << 20)
        self.assertIn("stack main", regions)
        address = id(object())
        heap = regions["heap"]
        self.assertTrue(heap.start <= address < heap.start + heap.size, hex(address))
        self.assertEqual([r.start for r in memory.map()], sorted(r.start for r in memory.map()))


class Processors(unittest.TestCase):
    """kernel.cpus and kernel.clocks."""

    def test_cpus(self):
        found = cpus.cpus()
        self.assertEqual([cpu.number for cpu in found], list(range(_vosal.CPUS)))
        if not on_sim():
            self.assertGreater(sum(cpu.busy for cpu in found), 0)
        self.assertIn("cpu 0", printed(cpus.show))
        self.assertIsInstance(cpus.parallel(), bool)

    def test_clocks(self):
        first = {clock.name: clock for clock in clocks.clocks()}
        time.sleep(0.02)
        for clock in clocks.clocks():
            self.assertGreater(clock.frequency, 0)
            self.assertGreater(clock.now, first[clock.name].now)


class Unsafe(unittest.TestCase):
    """kernel.unsafe: what can be tried without harm."""

    def test_not_on_a_host(self):
        if not on_sim():
            self.skipTest("this is a machine")
        for call in (lambda: unsafe.Registers(0, 4), lambda: unsafe.DMABuffer(4)):
            with self.assertRaises(OSError):
                call()
        with self.assertRaises(errors.UnsupportedError):
            unsafe.port_read(0x80)

    def test_dma(self):
        if on_sim():
            self.skipTest("a host has none")
        block = unsafe.DMABuffer(1000, 64)
        self.assertEqual(len(block), 1000)
        view = memoryview(block)
        self.assertEqual(bytes(view), bytes(1000))
        view[:4] = b"ping"
        block.flush()
        block.invalidate()
        self.assertEqual(bytes(view[:4]), b"ping")
        self.assertEqual(block.physical % 64, 0)
        for arguments in ((0,), (1, 3), (1, 8)):
            with self.assertRaises(ValueError):
                unsafe.DMABuffer(*arguments)

    def test_registers(self):
        if not _vosal.BOARD.startswith("qemu"):
            self.skipTest("QEMU's devices are known")
        x86 = _vosal.BOARD.startswith("qemu_x86")
        # x86: the HPET's capabilities name its vendor; Arm: the UART's identity.
        base, size = (0xFED00000, 0x400) if x86 else (0x09000000, 0x1000)
        device = unsafe.Registers(base, size)
        self.assertEqual((device.physical, len(device)), (base, size))
        if x86:
            self.assertEqual(device.read(0, 64) >> 16 & 0xFFFF, 0x8086)
            self.assertEqual(device.read(0) >> 16, 0x8086)
        else:
            self.assertEqual([device.read(0xFF0 + 4 * i) for i in range(4)], [0xD, 0xF0, 5, 0xB1])
        with self.assertRaises(IndexError):
            device.read(size)
        with self.assertRaises(ValueError):
            device.read(1, 32)
        with self.assertRaises(ValueError):
            device.read(0, 24)

    def test_control_registers(self):
        registers = unsafe.control_registers()
        if _vosal.ARCH == "x86" and _vosal.BOARD.startswith("qemu"):
            self.assertTrue(registers["cr0"] & 1)  # protected mode
            self.assertTrue(registers["cr0"] & 1 << 31)  # paging
        elif _vosal.ARCH == "arm64":
            self.assertTrue(registers["sctlr_el1"] & 1)  # the MMU is on

    def test_ports(self):
        if not hasattr(_vosal, "port_read"):
            self.skipTest("no ports")
        unsafe.port_write(0x70, 0x0D)  # the clock's register D: valid RAM and time
        self.assertTrue(unsafe.port_read(0x71) & 0x80)
        with self.assertRaises(ValueError):
            unsafe.port_read(0x10000)


class Lines(unittest.TestCase):
    """True interrupts of hardware, with the driver in Python: the third timer of the HPET."""

    LINE = 19

    def setUp(self):
        if not _vosal.BOARD.startswith("qemu_x86_64"):
            self.skipTest("QEMU's PC is known")
        self.hpet = unsafe.Registers(0xFED00000, 0x400)
        config = self.hpet.read(0x140, 64)
        self.assertTrue(config >> 32 & 1 << self.LINE, "the timer cannot have this line")

    def arm(self, ms, level):
        """One interrupt, in so many milliseconds."""
        period = self.hpet.read(0, 64) >> 32  # femtoseconds
        self.hpet.write(0x140, self.LINE << 9 | level << 1)
        self.hpet.write(0x20, 4)  # no interrupt from before
        now = self.hpet.read(0xF0, 64)
        self.hpet.write(0x148, now + ms * 10**12 // period, 64)
        self.hpet.write(0x140, self.LINE << 9 | 1 << 2 | level << 1)

    def test_interrupts(self):
        from kernel import interrupts

        source = unsafe.line_attach(self.LINE, edge=True)
        got = []
        interrupts.attach(source, got.append)
        try:
            for count in range(1, 6):
                self.arm(5, 0)
                end = time.monotonic() + 20
                while len(got) < count and time.monotonic() < end:
                    time.sleep(0.002)
                self.assertEqual([event.value for event in got], [self.LINE] * count)
            times = [event.time_ns for event in got]
            self.assertTrue(all(b - a >= 4_900_000 for a, b in itertools.pairwise(times)), times)
            self.assertEqual((source.count, source.dropped), (5, 0))
            self.assertGreater(source.latency_worst_ns, 0)
            with self.assertRaises(OSError):
                unsafe.line_attach(self.LINE, edge=True)
        finally:
            self.hpet.write(0x140, 0)
            interrupts.detach(source, got.append)
            unsafe.line_detach(self.LINE)

    def test_bad_input(self):
        for line in (-1, 24, 1 << 40):
            with self.assertRaises((ValueError, OverflowError)):
                unsafe.line_attach(line)
        with self.assertRaises(TypeError):
            unsafe.line_attach("19")
        with self.assertRaises(OSError):
            unsafe.line_attach(2)  # the system timer's
        for call in (unsafe.line_enable, unsafe.line_detach):
            with self.assertRaises(ValueError):
                call(18)


class Watchdog(unittest.TestCase):
    """kernel.watchdog, as far as it does not bite."""

    def test_fed(self):
        self.assertEqual(watchdog.start(1.5), 1.5)
        try:
            time.sleep(3.5)  # the loop feeds it
        finally:
            watchdog.stop()
        time.sleep(0.1)

    def test_bad_input(self):
        for timeout in (0, -1, 1e9, float("nan")):
            with self.assertRaises(ValueError):
                _vosal.watchdog_start(timeout)
        with self.assertRaises(TypeError):
            _vosal.watchdog_start("1")

    def test_reason(self):
        reason, text, count = watchdog.reason()
        self.assertIn(reason, ("power-on", "software", "crash", "watchdog"))
        self.assertIsInstance(text, str)
        self.assertGreaterEqual(count, 0)


if __name__ == "__main__":
    unittest.main()
