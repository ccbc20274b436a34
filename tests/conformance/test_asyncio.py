# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""asyncio, the standard library's own."""

import asyncio
import contextvars
import signal
import threading
import time
import unittest


class Basics(unittest.IsolatedAsyncioTestCase):
    """Tasks and waiting."""

    async def test_sleep(self):
        start = time.monotonic()
        self.assertEqual(await asyncio.sleep(0.1, "result"), "result")
        # The loop may be early by the resolution of its clock.
        self.assertGreaterEqual(time.monotonic() - start, 0.095)

    async def test_tasks_run_at_once(self):
        """All have begun before the first has ended."""
        begun = 0
        all_begun = asyncio.Event()

        async def work():
            nonlocal begun
            begun += 1
            if begun == 50:
                all_begun.set()
            await all_begun.wait()
            await asyncio.sleep(0.05)

        await asyncio.wait_for(asyncio.gather(*(work() for _ in range(50))), 60)
        self.assertEqual(begun, 50)

    async def test_order(self):
        order = []

        async def work(name, delay):
            await asyncio.sleep(delay)
            order.append(name)

        async with asyncio.TaskGroup() as group:
            for name, delay in (("c", 0.3), ("a", 0.05), ("b", 0.15)):
                group.create_task(work(name, delay))
        self.assertEqual(order, ["a", "b", "c"])

    async def test_gather(self):
        async def double(x):
            await asyncio.sleep(0)
            return x * 2

        async def fail():
            raise ValueError("x")

        self.assertEqual(await asyncio.gather(*map(double, range(10))), list(range(0, 20, 2)))
        results = await asyncio.gather(double(1), fail(), return_exceptions=True)
        self.assertEqual(results[0], 2)
        self.assertIsInstance(results[1], ValueError)
        with self.assertRaises(ValueError):
            await asyncio.gather(double(1), fail())

    async def test_queue(self):
        queue = asyncio.Queue(maxsize=3)

        async def produce():
            for i in range(20):
                await queue.put(i)
            await queue.put(None)

        producer = asyncio.create_task(produce())
        received = []
        while (item := await queue.get()) is not None:
            received.append(item)
        await producer
        self.assertEqual(received, list(range(20)))

    async def test_synchronisation(self):
        lock, event, semaphore = asyncio.Lock(), asyncio.Event(), asyncio.Semaphore(2)
        active, most = 0, 0

        async def work():
            nonlocal active, most
            await event.wait()
            async with semaphore:
                active += 1
                most = max(most, active)
                await asyncio.sleep(0.01)
                active -= 1
            async with lock:
                pass

        tasks = [asyncio.create_task(work()) for _ in range(6)]
        await asyncio.sleep(0)
        event.set()
        await asyncio.wait(tasks)
        self.assertEqual(most, 2)

    async def test_timeouts(self):
        with self.assertRaises(TimeoutError):
            await asyncio.wait_for(asyncio.sleep(30), 0.1)
        with self.assertRaises(TimeoutError):
            async with asyncio.timeout(0.1):
                await asyncio.sleep(30)
        self.assertEqual(await asyncio.wait_for(asyncio.sleep(0.01, 5), 30), 5)

    async def test_cancellation(self):
        log = []

        async def work():
            try:
                await asyncio.sleep(30)
            except asyncio.CancelledError:
                log.append("cancelled")
                raise
            finally:
                log.append("cleaned")

        task = asyncio.create_task(work())
        await asyncio.sleep(0.01)
        task.cancel("reason")
        with self.assertRaises(asyncio.CancelledError):
            await task
        self.assertTrue(task.cancelled())
        self.assertEqual(log, ["cancelled", "cleaned"])

    async def test_a_group_that_fails(self):
        other = None

        async def fail():
            raise KeyError("k")

        with self.assertRaises(ExceptionGroup):
            async with asyncio.TaskGroup() as group:
                other = group.create_task(asyncio.sleep(30))
                group.create_task(fail())
        self.assertTrue(other.cancelled())

    async def test_shield(self):
        inner = asyncio.ensure_future(asyncio.sleep(0.05, "kept"))
        outer = asyncio.shield(inner)
        outer.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await outer
        self.assertEqual(await inner, "kept")

    async def test_generators(self):
        async def count(n):
            for i in range(n):
                await asyncio.sleep(0)
                yield i

        self.assertEqual([i async for i in count(5)], [0, 1, 2, 3, 4])

    async def test_context(self):
        variable = contextvars.ContextVar("variable", default=0)
        variable.set(1)

        async def work():
            self.assertEqual(variable.get(), 1)
            variable.set(2)

        await asyncio.create_task(work())
        self.assertEqual(variable.get(), 1)


class Threads(unittest.IsolatedAsyncioTestCase):
    """The loop and other threads."""

    async def test_to_thread(self):
        main = threading.get_ident()
        all_there = threading.Barrier(4)

        def work():
            all_there.wait(60)
            return threading.get_ident()

        idents = await asyncio.gather(*(asyncio.to_thread(work) for _ in range(4)))
        self.assertNotIn(main, idents)
        self.assertEqual(len(set(idents)), 4)

    async def test_wake_up_from_a_thread(self):
        loop = asyncio.get_running_loop()
        future = loop.create_future()

        def work():
            time.sleep(0.05)
            loop.call_soon_threadsafe(future.set_result, "from the thread")

        threading.Thread(target=work).start()
        self.assertEqual(await asyncio.wait_for(future, 30), "from the thread")

    async def test_coroutine_for_another_thread(self):
        loop = asyncio.get_running_loop()

        def work():
            return asyncio.run_coroutine_threadsafe(asyncio.sleep(0.01, 7), loop).result(30)

        self.assertEqual(await asyncio.to_thread(work), 7)


class Loops(unittest.TestCase):
    """Starting and ending loops."""

    def test_many_runs(self):
        for i in range(10):
            self.assertEqual(asyncio.run(asyncio.sleep(0, i)), i)

    def test_exceptions_come_out(self):
        async def fail():
            raise LookupError("out")

        with self.assertRaises(LookupError):
            asyncio.run(fail())

    def test_a_loop_in_a_thread(self):
        results = []
        thread = threading.Thread(
            target=lambda: results.append(asyncio.run(asyncio.sleep(0.01, "ran")))
        )
        thread.start()
        thread.join()
        self.assertEqual(results, ["ran"])

    def test_a_signal(self):
        if threading.current_thread() is not threading.main_thread():
            self.skipTest("signals come to the main thread")
        self.assertIn(signal.SIGTERM, signal.valid_signals())

        async def wait():
            loop = asyncio.get_running_loop()
            came = asyncio.Event()
            loop.add_signal_handler(signal.SIGTERM, came.set)
            try:
                loop.call_later(0.01, signal.raise_signal, signal.SIGTERM)
                await came.wait()
                return "came"
            finally:
                loop.remove_signal_handler(signal.SIGTERM)

        self.assertEqual(asyncio.run(wait()), "came")
        self.assertIs(signal.getsignal(signal.SIGTERM), signal.SIG_DFL)

    def test_the_kernel_loop(self):
        try:
            from kernel import loop
        except ImportError:
            self.skipTest("not on a ZPy machine")
        self.assertEqual(loop.run(asyncio.sleep(0.01, 3)), 3)
        with self.assertRaises(ZeroDivisionError):
            loop.run(self._fail())
        with self.assertRaises(SystemExit):
            loop.run(self._leave())
        self.assertEqual(loop.run(asyncio.sleep(0, 4)), 4)
        self.assertTrue(loop.get().is_running())

    @staticmethod
    async def _fail():
        return 1 / 0

    @staticmethod
    async def _leave():
        raise SystemExit(3)


if __name__ == "__main__":
    unittest.main()
