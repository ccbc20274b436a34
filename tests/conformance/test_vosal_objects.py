# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""kernel.vosal: Semaphore, Mutex, Condition, Event, Queue and Timer, for threads and tasks."""

import asyncio
import gc
import signal
import threading
import time
import unittest
import weakref

try:
    import _vosal

    from kernel import vosal, waiting
except ImportError:
    vosal = None


def setUpModule():
    """Without _vosal there is nothing to test."""
    if vosal is None:
        raise unittest.SkipTest("not on a ZPy machine")


def later(seconds, function, *args):
    """Calls it in another thread."""
    timer = threading.Timer(seconds, function, args)
    timer.daemon = True
    timer.start()
    return timer


def until(condition, seconds=10):
    """Waits until something is true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"it did not happen in {seconds} s")
        time.sleep(0.005)


class Order(unittest.TestCase):
    """Who is granted first."""

    def order(self, wait, *gives):
        """The order in which two that wait are granted; the second has become more urgent."""
        order = []
        threads = [
            vosal.Thread(lambda name=name: (wait(), order.append(name)), daemon=True)
            for name in "ab"
        ]
        for thread in threads:
            thread.start()
            time.sleep(0.05)
        threads[1].priority = vosal.PRIO_HIGHER
        for give in gives:
            before = len(order)
            give()
            until(lambda before=before: len(order) > before)
        for thread in threads:
            thread.join(10)
        return order

    def test_priority_changes(self):
        semaphore, event, queue = vosal.Semaphore(), vosal.Event(), vosal.Queue(1, 1)
        condition, mutex = vosal.Condition(), vosal.Mutex()

        def wait():
            with condition:
                condition.wait(timeout=10)

        def notify():
            with condition:
                condition.notify()

        def lock():
            with mutex:
                pass

        def put():
            queue.put(b"x", timeout=10)

        mutex.acquire()
        for name, order in (
            ("semaphore", self.order(semaphore.acquire, semaphore.release, semaphore.release)),
            ("event", self.order(lambda: event.wait(clear=True), event.set, event.set)),
            ("get", self.order(queue.get, put, put)),
            ("put", (put(), self.order(put, queue.get, queue.get))[1]),
            ("condition", self.order(wait, notify, notify)),
            ("mutex", self.order(lock, mutex.release)),
        ):
            with self.subTest(name):
                self.assertEqual(order, ["b", "a"])


class Semaphore(unittest.TestCase):
    """Semaphore."""

    def test_count(self):
        semaphore = vosal.Semaphore(2, limit=3)
        self.assertEqual((semaphore.value, semaphore.limit), (2, 3))
        self.assertTrue(semaphore.acquire())
        self.assertTrue(semaphore.acquire(False))
        self.assertFalse(semaphore.acquire(False))
        self.assertFalse(semaphore.acquire(timeout=0))
        start = time.monotonic()
        self.assertFalse(semaphore.acquire(timeout=0.05))
        self.assertGreaterEqual(time.monotonic() - start, 0.049)
        semaphore.release(3)
        self.assertEqual(semaphore.value, 3)
        with semaphore:
            self.assertEqual(semaphore.value, 2)

    def test_bad_input(self):
        for args in ((-1,), (5, 4), (0, 0)):
            with self.assertRaises(ValueError):
                vosal.Semaphore(*args)
        with self.assertRaises(OverflowError):
            vosal.Semaphore(0, 1 << 31)
        semaphore = vosal.Semaphore(0, 1)
        semaphore.release()
        with self.assertRaisesRegex(ValueError, "limit"):
            semaphore.release()
        for timeout in (-1, float("nan")):
            with self.assertRaises(ValueError):
                semaphore.acquire(timeout=timeout)
        with self.assertRaises(ValueError):
            semaphore.acquire(False, 1)
        with self.assertRaises(ValueError):
            semaphore.release(0)
        with self.assertRaises(TypeError):
            semaphore.acquire(timeout="1")
        with self.assertRaises(TypeError):
            semaphore.acquire_begin(None)

    def test_release_many(self):
        semaphore = vosal.Semaphore(0)
        taken = []
        thread = threading.Thread(target=lambda: taken.append(semaphore.acquire(timeout=10)))
        thread.start()
        time.sleep(0.05)
        start = time.monotonic()
        semaphore.release(20_000_000)
        self.assertLess(time.monotonic() - start, 2)
        thread.join()
        self.assertEqual((taken, semaphore.value), ([True], 19_999_999))
        # Too many: not even a part of them.
        semaphore = vosal.Semaphore(1, 3)
        with self.assertRaisesRegex(ValueError, "limit"):
            semaphore.release(3)
        self.assertEqual(semaphore.value, 1)
        semaphore.release(2)
        self.assertEqual(semaphore.value, 3)

    def test_endless_time_out(self):
        semaphore = vosal.Semaphore()
        later(0.05, semaphore.release)
        self.assertTrue(semaphore.acquire(timeout=float("inf")))

    def test_between_threads(self):
        semaphore = vosal.Semaphore()
        taken = []
        threads = [
            threading.Thread(target=lambda: taken.append(semaphore.acquire(timeout=10)))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for _ in threads:
            semaphore.release()
        for thread in threads:
            thread.join()
        self.assertEqual(taken, [True] * 8)
        self.assertEqual(semaphore.value, 0)

    def test_close(self):
        semaphore = vosal.Semaphore()
        later(0.05, semaphore.close)
        with self.assertRaisesRegex(ValueError, "closed"):
            semaphore.acquire(timeout=10)
        with self.assertRaisesRegex(ValueError, "closed"):
            semaphore.release()

    @unittest.skipUnless(hasattr(signal, "pthread_kill"), "no pthread_kill")
    def test_interrupted(self):
        if threading.current_thread() is not threading.main_thread():
            self.skipTest("signals are the main thread's")
        main = threading.get_ident()
        kinds = [
            vosal.Semaphore().acquire,
            vosal.Event().wait,
            vosal.Queue(1, 1).get,
            vosal.Timer().wait,
        ]
        for wait in kinds:
            with self.assertRaises(KeyboardInterrupt):
                later(0.05, signal.pthread_kill, main, signal.SIGINT)
                wait(timeout=20)
        # A handler that raises nothing lets the wait go on.
        before = signal.signal(signal.SIGINT, lambda number, frame: None)
        try:
            later(0.05, signal.pthread_kill, main, signal.SIGINT)
            start = time.monotonic()
            self.assertFalse(vosal.Semaphore().acquire(timeout=0.2))
            self.assertGreaterEqual(time.monotonic() - start, 0.19)
        finally:
            signal.signal(signal.SIGINT, before)


class Mutex(unittest.TestCase):
    """Mutex."""

    def test_owner(self):
        mutex = vosal.Mutex()
        self.assertFalse(mutex.locked())
        with mutex:
            self.assertTrue(mutex.acquire(False))
            self.assertEqual(mutex.owner, threading.get_ident())
            got = []
            thread = threading.Thread(target=lambda: got.append(mutex.acquire(timeout=0.02)))
            thread.start()
            thread.join()
            self.assertEqual(got, [False])
            mutex.release()
            self.assertTrue(mutex.locked())
        self.assertFalse(mutex.locked())

    def test_double_release(self):
        mutex = vosal.Mutex()
        with self.assertRaisesRegex(RuntimeError, "nobody"):
            mutex.release()
        errors = []

        def release():
            try:
                mutex.release()
            except RuntimeError as error:
                errors.append(str(error))

        with mutex:
            thread = threading.Thread(target=release)
            thread.start()
            thread.join()
        self.assertIn("another thread", errors[0])

    def test_the_owner_ends(self):
        """What a thread has locked that ends is there for the others, waiting or not."""
        mutex = vosal.Mutex()
        thread = threading.Thread(target=mutex.acquire)
        thread.start()
        thread.join()
        junk = [bytearray(b"\xaa" * n) for n in range(200, 1200, 100) for _ in range(40)]
        self.assertTrue(mutex.acquire(timeout=10))
        mutex.release()
        self.assertEqual(mutex.owner, 0)

        here, go = vosal.Semaphore(), vosal.Semaphore()

        def own():
            mutex.acquire()
            mutex.acquire()
            here.release()
            go.acquire()

        thread = threading.Thread(target=own)
        thread.start()
        here.acquire()
        got = []
        waiter = threading.Thread(target=lambda: got.append(mutex.acquire(timeout=30)))
        waiter.start()
        time.sleep(0.02)
        go.release()
        waiter.join()
        thread.join()
        self.assertEqual((got, len(junk)), ([True], 400))
        self.assertTrue(mutex.acquire(timeout=10))  # the waiter has ended, too
        mutex.release()

    def test_the_thread_of_a_loop_ends(self):
        """A task that waits in a loop whose thread has ended is not granted anything."""
        mutex, kept = vosal.Mutex(), []

        async def wait():
            await mutex.acquire_async()

        def run():
            loop = asyncio.new_event_loop()
            kept.extend((loop, loop.create_task(wait())))
            loop.run_until_complete(asyncio.sleep(0.01))

        with mutex:
            thread = threading.Thread(target=run)
            thread.start()
            thread.join()
            kept += [bytearray(b"\xaa" * n) for n in range(200, 1200, 100) for _ in range(40)]
        self.assertTrue(mutex.acquire(timeout=10))
        mutex.release()
        loop, task = kept[:2]
        task.cancel()
        loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
        loop.close()
        self.assertFalse(mutex.locked())

    def test_handed_over(self):
        mutex = vosal.Mutex()
        order = []

        def work(number):
            with mutex:
                order.append(number)
                time.sleep(0.001)

        with mutex:
            threads = []
            for number in range(5):
                threads.append(threading.Thread(target=work, args=(number,)))
                threads[-1].start()
                time.sleep(0.02)
        for thread in threads:
            thread.join()
        self.assertEqual(order, sorted(order))

    def test_a_task_of_the_owner_lends_nothing(self):
        """What a thread had inherited goes although a task of its own waits for the mutex."""
        if _vosal.BOARD == "sim":
            self.skipTest("the host has no priorities")
        mutex = vosal.Mutex()
        seen = []

        async def main():
            mutex.acquire()
            task = asyncio.create_task(mutex.acquire_async())
            await asyncio.sleep(0.01)
            urgent = vosal.Thread(
                target=mutex.acquire, kwargs={"timeout": 0.05}, priority=vosal.PRIO_HIGH
            )
            urgent.start()
            await urgent.join_async()
            seen.extend(t for t in _vosal.threads() if t[1] == threading.get_ident())
            mutex.release()
            await task
            mutex.release()

        asyncio.run(main())
        self.assertEqual(seen[0][2], vosal.PRIO_NORMAL)

    def test_inheritance(self):
        """The owner runs at the priority of the most urgent thread that waits for it."""
        if _vosal.BOARD == "sim":
            self.skipTest("the host has no priorities")
        outer, inner = vosal.Mutex(), vosal.Mutex()
        here = vosal.Semaphore()
        go = vosal.Semaphore()

        def running(thread):
            return [row[2] for row in _vosal.threads() if row[1] == thread.ident][0]

        def hold():
            with inner:
                here.release()
                go.acquire()

        def middle():
            with outer:
                here.release()
                with inner:
                    pass

        def top():
            with outer:
                pass

        holder = vosal.Thread(hold, priority=vosal.PRIO_LOW)
        chain = vosal.Thread(middle, priority=vosal.PRIO_NORMAL)
        urgent = vosal.Thread(top, priority=vosal.PRIO_HIGH)
        holder.start()
        self.assertTrue(here.acquire(timeout=5))
        self.assertEqual(running(holder), vosal.PRIO_LOW)
        chain.start()
        self.assertTrue(here.acquire(timeout=5))
        until(lambda: running(holder) == vosal.PRIO_NORMAL)
        urgent.start()
        until(lambda: running(holder) == vosal.PRIO_HIGH)
        self.assertEqual(running(chain), vosal.PRIO_HIGH)
        self.assertEqual(holder.priority, vosal.PRIO_LOW)
        go.release()
        for thread in (holder, chain, urgent):
            thread.join(10)
            self.assertFalse(thread.is_alive())


class Condition(unittest.TestCase):
    """Condition."""

    def test_notify(self):
        condition = vosal.Condition()
        items = []

        def produce():
            for item in range(3):
                with condition:
                    items.append(item)
                    condition.notify()
                time.sleep(0.01)

        thread = threading.Thread(target=produce)
        got = []
        with condition:
            thread.start()
            while len(got) < 3:
                self.assertTrue(condition.wait_for(lambda: items, timeout=10))
                got.append(items.pop(0))
        thread.join()
        self.assertEqual(got, [0, 1, 2])

    def test_time_out_and_depth(self):
        condition = vosal.Condition(vosal.Mutex())
        with condition, condition:
            self.assertFalse(condition.wait(timeout=0.02))
            self.assertEqual(condition.mutex.owner, threading.get_ident())
            self.assertFalse(condition.wait_for(lambda: False, timeout=0.02))
        self.assertFalse(condition.mutex.locked())

    def test_without_mutex(self):
        condition = vosal.Condition()
        for call in (condition.wait, condition.notify, condition.notify_all):
            with self.assertRaisesRegex(RuntimeError, "mutex"):
                call()
        with self.assertRaises(TypeError):
            vosal.Condition(threading.Lock())

    def test_close(self):
        condition = vosal.Condition()
        later(0.05, condition.close)
        with condition:
            with self.assertRaisesRegex(ValueError, "closed"):
                condition.wait(timeout=10)
            for call in (condition.wait, condition.notify, condition.notify_all):
                with self.assertRaisesRegex(ValueError, "closed"):
                    call()

    def waiter(self, condition, timeout=None):
        """A thread that waits for a condition, and what the wait raised or returned."""
        results = []

        def wait():
            try:
                with condition:
                    results.append("waits")
                    results.append(condition.wait(timeout))
            except BaseException as error:
                results.append(type(error))
                raise

        thread = vosal.Thread(wait, daemon=True)
        thread.start()
        until(lambda: results and not condition.mutex.locked())
        return thread, results

    def test_aborted_without_mutex(self):
        """Who has the mutex does not keep abort() from ending the wait."""
        condition = vosal.Condition()
        thread, results = self.waiter(condition, timeout=0.02)
        with condition:
            time.sleep(0.1)  # the time is over, and the mutex is not to be had
            self.assertEqual(results, ["waits"])
            thread.abort()
            thread.join(5)
            self.assertFalse(thread.is_alive())
            self.assertEqual(condition.mutex.owner, threading.get_ident())
        self.assertEqual(results, ["waits", vosal.ThreadAborted])
        self.assertTrue(thread.aborted)
        self.assertFalse(condition.mutex.locked())

    def test_notification_passed_on(self):
        """Who is notified and then aborted passes the notification on."""
        condition = vosal.Condition()
        first, _ = self.waiter(condition)
        second, results = self.waiter(condition, timeout=10)
        with condition:
            condition.notify()
            time.sleep(0.05)
            first.abort()
            first.join(5)
            self.assertFalse(first.is_alive())
        second.join(20)
        self.assertEqual(results, ["waits", True])

    @unittest.skipUnless(hasattr(signal, "pthread_kill"), "no pthread_kill")
    def test_interrupted_without_mutex(self):
        if threading.current_thread() is not threading.main_thread():
            self.skipTest("signals are the main thread's")
        main = threading.get_ident()
        condition, done = vosal.Condition(), vosal.Event()

        def hold():
            with condition:
                later(0.1, signal.pthread_kill, main, signal.SIGINT)
                done.wait(timeout=5)

        thread = threading.Thread(target=hold)
        with self.assertRaises(KeyboardInterrupt):
            with condition:
                thread.start()
                condition.wait(timeout=20)
        self.assertEqual(condition.mutex.owner, thread.ident)
        done.set()
        thread.join()
        # Where nobody has it, the exception has it.
        with self.assertRaises(KeyboardInterrupt):
            with condition, condition:
                later(0.1, signal.pthread_kill, main, signal.SIGINT)
                try:
                    condition.wait(timeout=20)
                finally:
                    self.assertEqual(condition.mutex.owner, main)
        self.assertFalse(condition.mutex.locked())

    def test_notify_all(self):
        condition = vosal.Condition()
        waiting = []
        woken = []

        def wait():
            with condition:
                waiting.append(1)
                woken.append(condition.wait(timeout=10))

        threads = [threading.Thread(target=wait) for _ in range(4)]
        for thread in threads:
            thread.start()
        until(lambda: len(waiting) == 4)
        with condition:
            condition.notify_all()
        for thread in threads:
            thread.join()
        self.assertEqual(woken, [True] * 4)


class Event(unittest.TestCase):
    """Event."""

    def test_bits(self):
        event = vosal.Event()
        self.assertEqual(event.set(0b101), 0)
        self.assertEqual(event.bits, 0b101)
        self.assertEqual(event.wait(0b110), 0b100)
        self.assertEqual(event.wait(0b110, 0.02, all=True), 0)
        self.assertEqual(event.wait(0b101, all=True, clear=True), 0b101)
        self.assertEqual(event.bits, 0)
        event.set()
        self.assertEqual(event.clear(), 1)
        self.assertEqual(event.set(0x80000000), 0)

    def test_wakes(self):
        event = vosal.Event()
        later(0.02, event.set, 1)
        later(0.06, event.set, 2)
        self.assertEqual(event.wait(3, 10, all=True), 3)

    def test_bad_input(self):
        event = vosal.Event()
        for bits in (0, -1, 1 << 32):
            with self.assertRaises(ValueError):
                event.set(bits)
            with self.assertRaises(ValueError):
                event.wait(bits)
        with self.assertRaises(TypeError):
            event.set("1")


class Queue(unittest.TestCase):
    """Queue."""

    def test_order(self):
        queue = vosal.Queue(2, 3)
        self.assertEqual((queue.size, queue.capacity, len(queue)), (2, 3, 0))
        self.assertTrue(queue)
        for message in (b"aa", bytearray(b"bb"), memoryview(b"cc")):
            self.assertTrue(queue.put(message))
        self.assertFalse(queue.put(b"dd", timeout=0.02))
        self.assertEqual(len(queue), 3)
        self.assertEqual([queue.get() for _ in range(3)], [b"aa", b"bb", b"cc"])
        self.assertIsNone(queue.get(timeout=0))

    def test_bad_input(self):
        for args in ((0, 1), (1, 0), (65537, 1), (-1, 1)):
            with self.assertRaises(ValueError):
                vosal.Queue(*args)
        queue = vosal.Queue(2, 1)
        for message in (b"", b"a", b"abc"):
            with self.assertRaisesRegex(ValueError, "2 bytes"):
                queue.put(message)
        with self.assertRaises(TypeError):
            queue.put("ab")
        with self.assertRaises(BufferError):
            queue.put(memoryview(b"abcd")[::2])

    def test_many(self):
        queue = vosal.Queue(4, 4)
        total = 400
        got = []

        def put(first):
            for number in range(first, total, 2):
                queue.put(number.to_bytes(4))

        def get():
            for _ in range(total // 2):
                got.append(int.from_bytes(queue.get(timeout=20)))

        threads = [threading.Thread(target=put, args=(first,)) for first in (0, 1)]
        threads += [threading.Thread(target=get) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(got), list(range(total)))

    def test_close(self):
        queue = vosal.Queue(1, 1)
        later(0.02, queue.close)
        with self.assertRaisesRegex(ValueError, "closed"):
            queue.get(timeout=10)
        with self.assertRaisesRegex(ValueError, "closed"):
            queue.put(b"a")


class Timer(unittest.TestCase):
    """Timer, and sleeping."""

    def test_one_shot(self):
        timer = vosal.Timer()
        start = time.monotonic()
        timer.start(0.05)
        self.assertTrue(timer.active)
        self.assertEqual(timer.wait(timeout=10), 1)
        self.assertGreaterEqual(time.monotonic() - start, 0.049)
        self.assertFalse(timer.active)
        self.assertEqual(timer.wait(timeout=0.02), 0)
        self.assertEqual(timer.expiries, 1)

    def test_periodic(self):
        timer = vosal.Timer()
        start = time.monotonic()
        timer.start(period=0.02)
        count = 0
        while count < 10:
            got = timer.wait(timeout=10)
            self.assertGreater(got, 0)
            count += got
        self.assertGreaterEqual(time.monotonic() - start, 0.199)
        time.sleep(0.1)
        overruns = timer.overruns
        self.assertGreater(timer.wait(), 1)
        self.assertGreater(overruns, 0)
        self.assertGreaterEqual(timer.error_worst_ns, 0)
        self.assertGreaterEqual(timer.error_sum_ns, timer.error_worst_ns)
        timer.stop()
        self.assertEqual(timer.wait(timeout=0), 0)
        self.assertEqual(timer.period, 0.02)

    def test_bad_input(self):
        timer = vosal.Timer()
        for args in ((), (-1,), (None, -1), (None, 1e-9), (float("nan"),)):
            with self.assertRaises(ValueError):
                timer.start(*args)
        with self.assertRaises(TypeError):
            vosal.Timer("x")
        timer.close()
        with self.assertRaises(ValueError):
            timer.start(1)

    def test_freed_while_it_runs(self):
        for _ in range(50):
            vosal.Timer().start(period=0.001)
        gc.collect()
        time.sleep(0.02)

    def test_sleep(self):
        for function, unit in (
            (vosal.sleep, 1),
            (vosal.sleep_ms, 1e-3),
            (vosal.sleep_us, 1e-6),
            (vosal.sleep_ns, 1e-9),
        ):
            start = vosal.uptime_ns()
            function(round(0.02 / unit) if unit < 1 else 0.02)
            self.assertGreaterEqual(vosal.uptime_ns() - start, 19_900_000)
        with self.assertRaises(ValueError):
            vosal.sleep(-1)
        for function in (vosal.sleep, vosal.sleep_ms, vosal.sleep_us):
            with self.assertRaises(TypeError):
                function("x")


class Tasks(unittest.TestCase):
    """The same objects, waited for by tasks."""

    def run_async(self, coroutine):
        return asyncio.run(asyncio.wait_for(coroutine, 30))

    def test_semaphore(self):
        semaphore = vosal.Semaphore()

        async def main():
            later(0.02, semaphore.release)
            self.assertTrue(await semaphore.acquire_async())
            semaphore.release()
            async with semaphore:
                self.assertEqual(semaphore.value, 0)
            self.assertTrue(semaphore.acquire(False))
            # The loop goes on while a task waits.
            waiter = asyncio.create_task(semaphore.acquire_async())
            for _ in range(5):
                await asyncio.sleep(0.001)
            self.assertFalse(waiter.done())
            semaphore.release(2)
            await waiter

        self.run_async(main())
        self.assertEqual(semaphore.value, 1)

    def test_cancelled(self):
        semaphore = vosal.Semaphore()

        async def main():
            with self.assertRaises(TimeoutError):
                async with asyncio.timeout(0.02):
                    await semaphore.acquire_async()
            # It left the queue: what is given now stays.
            semaphore.release()
            self.assertEqual(semaphore.value, 1)
            # Cancelled after it was granted: it gives back what it had got.
            semaphore.acquire()
            task = asyncio.create_task(semaphore.acquire_async())
            await asyncio.sleep(0)
            semaphore.release()
            self.assertEqual(semaphore.value, 0)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assertEqual(semaphore.value, 1)

        self.run_async(main())

    async def granted(self, wait, grant):
        """A task that is granted what it waits for and has not run since."""
        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        grant()
        return task

    async def cancel(self, *tasks):
        for task in tasks:
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task

    def test_cancelled_event(self):
        """The bits of a task that is cancelled are for who waits for them now."""
        event = vosal.Event()

        async def main():
            task = asyncio.create_task(event.wait_async(1, clear=True))
            await asyncio.sleep(0)
            other = asyncio.create_task(event.wait_async(1))
            await asyncio.sleep(0)
            event.set(1)
            await self.cancel(task)
            self.assertEqual(await asyncio.wait_for(other, 5), 1)

        self.run_async(main())
        self.assertEqual(event.bits, 1)

    def test_cancelled_timer(self):
        timer = vosal.Timer()

        async def main():
            def expire():
                timer.start(0.001)
                until(lambda: timer.expiries)

            task = await self.granted(timer.wait_async, expire)
            other = asyncio.create_task(timer.wait_async())
            await self.cancel(task)
            self.assertEqual(await asyncio.wait_for(other, 5), 1)

        self.run_async(main())

    def test_cancelled_get(self):
        """A message stays in its place until a task takes it."""
        queue = vosal.Queue(1, 2)

        async def main():
            task = await self.granted(queue.get_async, lambda: queue.put(b"1"))
            self.assertEqual(len(queue), 0)
            self.assertIsNone(queue.get(timeout=0))
            self.assertTrue(queue.put(b"2", timeout=0))
            self.assertFalse(queue.put(b"3", timeout=0))
            await self.cancel(task)
            self.assertEqual([queue.get(timeout=0) for _ in range(3)], [b"1", b"2", None])
            # Two of three are cancelled: the third gets the first message.
            tasks = [asyncio.create_task(queue.get_async()) for _ in range(3)]
            await asyncio.sleep(0)
            queue.put(b"4")
            queue.put(b"5")
            await self.cancel(*tasks[:2])
            self.assertEqual(await asyncio.wait_for(tasks[2], 5), b"4")
            self.assertEqual(await queue.get_async(), b"5")

        self.run_async(main())
        self.assertEqual((len(queue), queue.dropped), (0, 0))

    def test_cancelled_put(self):
        """A task that is cancelled has put nothing."""
        queue = vosal.Queue(1, 1)

        async def main():
            queue.put(b"1")
            task = await self.granted(lambda: queue.put_async(b"2"), queue.get)
            self.assertFalse(queue.put(b"3", timeout=0))
            other = asyncio.create_task(queue.put_async(b"4"))
            await self.cancel(task)
            self.assertTrue(await asyncio.wait_for(other, 5))
            self.assertEqual([queue.get(timeout=0) for _ in range(2)], [b"4", None])

        self.run_async(main())

    def test_cancelled_at_limit(self):
        semaphore = vosal.Semaphore(0, 1)

        async def main():
            task = await self.granted(semaphore.acquire_async, semaphore.release)
            with self.assertRaisesRegex(ValueError, "limit"):
                semaphore.release()
            self.assertFalse(semaphore.acquire(timeout=0))
            await self.cancel(task)

        self.run_async(main())
        self.assertEqual(semaphore.value, 1)

    def test_thrown_away(self):
        """A loop that is closed while a task waits leaves nothing behind."""

        def once():
            semaphore = vosal.Semaphore()
            loop = asyncio.new_event_loop()
            loop.set_exception_handler(lambda loop, context: None)  # the task is destroyed
            loop.create_task(semaphore.acquire_async())
            loop.run_until_complete(asyncio.sleep(0))
            loop.close()
            semaphore.release()
            return weakref.ref(semaphore)

        gc.collect()
        before = len(waiting._watches)
        left = [once() for _ in range(300)]
        gc.collect()
        until(lambda: not [semaphore for semaphore in left if semaphore() is not None])
        self.assertEqual(len(waiting._watches), before)

    def test_mutex(self):
        mutex = vosal.Mutex()
        order = []

        async def work(number):
            async with mutex:
                order.append(number)
                await asyncio.sleep(0.005)
                order.append(number)

        async def main():
            await asyncio.gather(*(work(number) for number in range(4)))

        self.run_async(main())
        self.assertEqual(order, [0, 0, 1, 1, 2, 2, 3, 3])
        self.assertFalse(mutex.locked())

    def test_condition(self):
        condition = vosal.Condition()

        def notify():
            with condition:
                condition.notify_all()

        async def main():
            async with condition:
                later(0.05, notify)
                await condition.wait_async()
                self.assertEqual(condition.mutex.owner, threading.get_ident())

        self.run_async(main())
        self.assertFalse(condition.mutex.locked())

    def test_condition_depth(self):
        condition = vosal.Condition()

        def notify():
            with condition:
                condition.notify()

        async def main():
            async with condition:
                with condition:
                    later(0.02, notify)
                    await asyncio.wait_for(condition.wait_async(), 5)
                self.assertEqual(condition.mutex.owner, threading.get_ident())
            self.assertFalse(condition.mutex.locked())
            with self.assertRaises(TimeoutError):
                async with asyncio.timeout(0.02):
                    async with condition:
                        with condition:
                            await condition.wait_async()

        self.run_async(main())
        self.assertFalse(condition.mutex.locked())

    def test_condition_and_other_task(self):
        """The mutex that a task gives up goes to another of the same thread, which keeps it."""
        condition = vosal.Condition()
        order = []

        async def other():
            async with condition:
                order.append(condition.mutex.depth)
                await asyncio.sleep(0.02)
                order.append(condition.mutex.depth)
                condition.notify()

        async def main():
            async with condition:
                task = asyncio.create_task(other())
                await asyncio.sleep(0)
                await asyncio.wait_for(condition.wait_async(), 5)
                order.append("notified")
            await task

        self.run_async(main())
        self.assertEqual(order, [1, 1, "notified"])
        self.assertEqual((condition.mutex.depth, condition.mutex.owner), (0, 0))

    def test_condition_cancelled_twice(self):
        condition, free, held = vosal.Condition(), vosal.Event(), vosal.Event()
        owners = []

        def hold():
            with condition:
                held.set()
                free.wait(timeout=20)

        async def wait():
            async with condition:
                try:
                    await condition.wait_async()
                finally:
                    owners.append(condition.mutex.owner)

        async def main():
            task = asyncio.create_task(wait())
            await asyncio.sleep(0)
            thread = threading.Thread(target=hold)
            thread.start()
            await held.wait_async()
            for _ in range(3):
                task.cancel()
                await asyncio.sleep(0.01)
            self.assertFalse(task.done())
            free.set()
            with self.assertRaises(asyncio.CancelledError):
                await task
            thread.join()

        self.run_async(main())
        self.assertEqual(owners, [threading.get_ident()])
        self.assertFalse(condition.mutex.locked())

    def test_event_queue_timer(self):
        event, queue, timer = vosal.Event(), vosal.Queue(1, 1), vosal.Timer()

        async def main():
            later(0.01, event.set, 4)
            self.assertEqual(await event.wait_async(6, clear=True), 4)
            self.assertEqual(event.bits, 0)
            await queue.put_async(b"a")
            later(0.02, queue.get)
            await queue.put_async(b"b")
            self.assertEqual(await queue.get_async(), b"b")
            timer.start(period=0.005)
            count = 0
            async for expired in timer:
                count += expired
                if count >= 5:
                    break
            timer.stop()

        self.run_async(main())

    def test_many_tasks(self):
        semaphore = vosal.Semaphore()
        done = []

        async def take():
            await semaphore.acquire_async()
            done.append(1)

        async def main():
            tasks = [asyncio.create_task(take()) for _ in range(100)]
            await asyncio.sleep(0)
            threads = threading.active_count()
            later(0, semaphore.release, 100)
            await asyncio.gather(*tasks)
            # No thread waits for them.
            self.assertLessEqual(threads, threading.active_count() + 1)

        self.run_async(main())
        self.assertEqual(len(done), 100)

    def test_closed(self):
        semaphore = vosal.Semaphore()

        async def main():
            task = asyncio.create_task(semaphore.acquire_async())
            await asyncio.sleep(0)
            semaphore.close()
            with self.assertRaisesRegex(ValueError, "closed"):
                await task

        self.run_async(main())


if __name__ == "__main__":
    unittest.main()
