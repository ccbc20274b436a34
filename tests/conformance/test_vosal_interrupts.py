# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""kernel.interrupts: from a source to callbacks and tasks."""

import asyncio
import contextlib
import gc
import io
import threading
import time
import unittest
import weakref

try:
    import _vosal

    from kernel import interrupts, log, vosal
except ImportError:
    vosal = None


def setUpModule():
    """Without _vosal there is nothing to test."""
    if vosal is None:
        raise unittest.SkipTest("not on a ZPy machine")


def until(condition, seconds=10):
    """Waits until something is true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"it did not happen in {seconds} s")
        time.sleep(0.005)


class Names(unittest.TestCase):
    """What a source is called."""

    def test_too_long(self):
        with self.assertRaisesRegex(ValueError, "31 bytes"):
            interrupts.source("ä" * 16)
        found = interrupts.source("ä" * 15)
        self.assertIs(interrupts.source("ä" * 15), found)
        self.assertIn(found, interrupts.sources())

    def test_no_name(self):
        with self.assertRaisesRegex(TypeError, "int"):
            interrupts.source(5)

    def test_of_a_thread(self):
        """A thread's name that is cut in the middle of a character is a name."""
        gate = threading.Event()
        thread = vosal.Thread(target=gate.wait, name="ä" * 40)
        thread.start()
        try:
            names = [name for name, *_ in _vosal.threads()]
            self.assertTrue(thread.state)
        finally:
            gate.set()
            thread.join()
        self.assertTrue(any(name.startswith("ä" * 7) for name in names), names)


class Sources(unittest.TestCase):
    """A source by itself, without the interrupt thread."""

    def test_counters(self):
        source = _vosal.Interrupt("counted", 2)
        self.assertEqual((source.name, source.depth, source.count), ("counted", 2, 0))
        interrupts.stop()
        self.assertTrue(source.post(1))
        self.assertTrue(source.post(2))
        self.assertFalse(source.post(3))
        self.assertEqual((source.count, source.dropped, source.pending), (3, 1, 2))
        self.assertIn(source, _vosal.interrupts())
        time.sleep(0.01)
        now = _vosal.uptime_ns()
        for value in (1, 2):
            found, time_ns, got = _vosal.interrupt_wait(timeout=5)
            self.assertIs(found, source)
            self.assertEqual(got, value)
            self.assertLess(0, time_ns)
            self.assertLessEqual(time_ns, now)
        self.assertEqual((source.handled, source.pending), (2, 0))
        self.assertGreaterEqual(source.latency_worst_ns, 10_000_000)
        self.assertGreaterEqual(source.latency_sum_ns, source.latency_worst_ns)
        source.reset()
        self.assertEqual((source.count, source.dropped, source.latency_worst_ns), (0, 0, 0))
        self.assertIsNone(_vosal.interrupt_wait(0.01))

    def test_mask_and_debounce(self):
        source = _vosal.Interrupt("masked", debounce=0.2)
        source.masked = True
        self.assertFalse(source.post())
        source.masked = False
        self.assertTrue(source.post())
        self.assertFalse(source.post())
        self.assertEqual((source.suppressed, source.bounced), (1, 1))
        time.sleep(0.25)
        self.assertTrue(source.post())
        source.debounce = 0
        self.assertTrue(source.post())

    def test_bad_input(self):
        for arguments in ((1,), ("x", "y")):
            with self.assertRaises(TypeError):
                _vosal.Interrupt(*arguments)
        for arguments in ({"depth": 0}, {"depth": 1 << 20}, {"debounce": -1}):
            with self.assertRaises(ValueError):
                _vosal.Interrupt("x", **arguments)
        with self.assertRaises(TypeError):
            interrupts.interrupt(42)
        with self.assertRaisesRegex(TypeError, "name must be a str, not int"):
            interrupts.source(5)
        with self.assertRaises(TypeError):
            interrupts.attach("bad", 42)
        with self.assertRaises(ValueError):
            interrupts.detach("bad", print)

    def test_freed(self):
        for number in range(50):
            source = _vosal.Interrupt(f"freed{number}")
            source.post()
            source.trigger()
        del source
        gc.collect()
        time.sleep(0.05)
        self.assertFalse([s for s in _vosal.interrupts() if s.name == "freed0"])
        self.assertIsNone(_vosal.interrupt_wait(0.01))


class Callbacks(unittest.TestCase):
    """The interrupt thread."""

    def test_decorator(self):
        source = interrupts.source("software")
        self.assertIs(interrupts.source("software"), source)
        got = []

        @interrupts.interrupt(source)
        def happened(event):
            got.append((event, threading.current_thread().name))

        self.addCleanup(interrupts.detach, source, happened)
        before = vosal.uptime_ns()
        source.post(42)
        until(lambda: got)
        event, name = got[0]
        self.assertIs(event.source, source)
        self.assertEqual((event.value, name), (42, "interrupts"))
        self.assertGreaterEqual(event.time_ns, before)
        # Out of a true interrupt
        source.trigger(43)
        until(lambda: len(got) == 2)
        self.assertEqual(got[1][0].value, 43)
        if _vosal.BOARD != "sim":
            thread = [row for row in _vosal.threads() if row[0] == "interrupts"][0]
            self.assertEqual(thread[2], _vosal.INTERRUPT_PRIORITY)

    def test_errors(self):
        source = interrupts.source("failing")
        got = []

        def bad(event):
            got.append(event.value)
            raise KeyError("lost key")

        def exits(event):
            raise SystemExit

        interrupts.attach(source, bad)
        interrupts.attach(source, exits)
        lines = []
        sink = log.set_sink(lines.append)
        try:
            for value in range(3):
                source.post(value)
            until(lambda: len(got) == 3)
            until(lambda: source.handled == 3)
        finally:
            log.set_sink(sink)
            interrupts.detach(source, bad)
            interrupts.detach(source, exits)
        text = b"".join(lines).decode()
        self.assertIn("failing", text)
        self.assertIn("bad raised KeyError", text)
        self.assertIn("Traceback", text)
        self.assertEqual(got, [0, 1, 2])

    def test_an_error_that_cannot_be_shown(self):
        """It is logged by its kind, and the next event is served."""

        class Unspeakable(Exception):
            def __str__(self):
                raise ValueError

        def bad(event):
            got.append(event.value)
            raise Unspeakable

        source, got, lines = interrupts.source("unspeakable"), [], []
        interrupts.attach(source, bad)
        sink = log.set_sink(lines.append)
        try:
            for value in range(2):
                source.post(value)
                until(lambda value=value: got[-1:] == [value])
            until(lambda: source.handled == 2)
        finally:
            log.set_sink(sink)
            interrupts.detach(source, bad)
        self.assertIn("Unspeakable", b"".join(lines).decode())

    def test_an_event_before_the_function(self):
        """It is not lost that comes while the function is being attached."""

        class Slow(dict):
            def setdefault(self, key, value):
                result = super().setdefault(key, value)
                time.sleep(0.05)
                return result

        source, got = _vosal.Interrupt("early"), []

        def begin():
            source.post(1)
            return source

        interrupts.start()
        handlers, interrupts._handlers = interrupts._handlers, Slow(interrupts._handlers)
        try:
            interrupts.begin(begin, lambda event: got.append(event.value))
            until(lambda: got == [1])
        finally:
            interrupts.forget(source)
            handlers.clear()
            handlers.update(interrupts._handlers)
            interrupts._handlers = handlers

    def test_attached_timer_is_kept(self):
        """Nobody else has the Timer: it runs until its function is detached."""
        ticks = vosal.Semaphore()

        def tick(event):
            ticks.release()

        def start():
            timer = vosal.Timer(interrupts.source("kept tick"))
            timer.start(period=0.01)
            interrupts.interrupt(timer)(tick)
            return weakref.ref(timer)

        timer = start()
        gc.collect()
        for _ in range(3):
            self.assertTrue(ticks.acquire(timeout=10))
        interrupts.detach("kept tick", tick)
        gc.collect()
        if _vosal.BOARD == "sim":
            timer().stop()  # there the thread that rings has it, too
        else:
            self.assertIsNone(timer())

    def test_timer(self):
        timer = vosal.Timer(_vosal.Interrupt("tick"))
        got = []

        @interrupts.interrupt(timer)
        def tick(event):
            got.append(event)

        timer.start(period=0.01)
        until(lambda: len(got) >= 5)
        timer.stop()
        interrupts.detach(timer, tick)
        times = [event.time_ns for event in got]
        self.assertEqual(times, sorted(times))
        self.assertGreaterEqual(sum(event.value for event in got), 5)
        # The first may have come late, the others not too early.
        self.assertGreater(times[4] - times[1], 0)

    def test_table(self):
        interrupts.source("in the table").post()
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            interrupts.show()
        self.assertIn("worst µs", out.getvalue())
        self.assertNotIn("None", out.getvalue())

    def test_restarted(self):
        source = interrupts.source("again")
        got = []
        interrupts.attach(source, got.append)
        interrupts.stop()
        source.post(1)
        interrupts.attach(source, lambda event: None)
        until(lambda: got)

    def test_detached_is_freed(self):
        """At once, not when the next event comes."""
        source = interrupts.source("let go")
        got = []

        class Callback:
            def __call__(self, event):
                got.append(event.value)

        callback = Callback()
        reference = weakref.ref(callback)
        interrupts.attach(source, callback)
        source.post(1)
        until(lambda: got)
        interrupts.detach(source, callback)
        del callback
        until(lambda: reference() is None)

    def test_slow_callback_is_named(self):
        """It is said by what does not need the thread that is stuck."""
        if _vosal.BOARD == "sim":
            self.skipTest("nothing watches on the host")
        source = interrupts.source("sluggish")
        done = []

        def sluggish(event):
            vosal.sleep(2.2)
            done.append(1)

        interrupts.attach(source, sluggish)
        source.post()
        until(lambda: done, 20)
        interrupts.detach(source, sluggish)


class Tasks(unittest.TestCase):
    """The asynchronous side."""

    def test_next(self):
        source = interrupts.source("next")

        async def main():
            task = asyncio.create_task(source.next())
            await asyncio.sleep(0.02)
            source.post(5)
            event = await asyncio.wait_for(task, 10)
            self.assertEqual(event.value, 5)

        asyncio.run(main())

    def test_iterator(self):
        source = interrupts.source("iterated")

        async def main():
            timer = vosal.Timer(source)
            timer.start(period=0.005)
            values = []
            async for event in source:
                values.append(event)
                if len(values) == 5:
                    break
            timer.stop()

        asyncio.run(asyncio.wait_for(main(), 20))

    def test_full(self):
        source = interrupts.source("overflowing")

        async def main():
            events = interrupts.Events(source, depth=2)
            for value in range(5):
                source.post(value)
            end = time.monotonic() + 10
            while source.handled < 5 and time.monotonic() < end:
                time.sleep(0.01)
            time.sleep(0.05)
            self.assertEqual(events.dropped, 3)
            self.assertEqual([(await anext(events)).value for _ in range(2)], [0, 1])
            await events.aclose()
            with self.assertRaises(StopAsyncIteration):
                await anext(events)

        asyncio.run(main())

    def test_cancelled(self):
        source = interrupts.source("cancelled")

        async def main():
            with self.assertRaises(TimeoutError):
                await asyncio.wait_for(source.next(), 0.02)

        asyncio.run(main())
        self.assertNotIn(source, interrupts._handlers)


if __name__ == "__main__":
    unittest.main()
