# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""kernel.scheduler: jobs, their ends, and the list of all that runs."""

import asyncio
import gc
import threading
import time
import unittest
import weakref

try:
    import _vosal

    from kernel import log, loop, scheduler
except ImportError:
    scheduler = None

TIMEOUT = 60
TIME_STANDS_STILL = scheduler is not None and _vosal.BOARD.startswith("native_sim")


def setUpModule():
    """Without the kernel there is no scheduler."""
    if scheduler is None:
        raise unittest.SkipTest("not on a ZPy machine")


async def later(seconds, value):
    """A value, after some time."""
    await asyncio.sleep(seconds)
    return value


def wait_until(condition):
    """Waits until something is true."""
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("it never came true")
        time.sleep(0.01)


class Quiet(unittest.TestCase):
    """The log goes nowhere, as jobs are meant to fail."""

    def setUp(self):
        self.logged = []
        self.sink = log.set_sink(self.logged.append)

    def tearDown(self):
        log.set_sink(self.sink)


class Tasks(Quiet):
    """spawn() of coroutines."""

    def test_result(self):
        job = scheduler.spawn(later(0.01, 5))
        self.assertEqual((job.kind, job.name), ("task", "later"))
        self.assertEqual(job.wait(TIMEOUT), 5)
        self.assertEqual((job.state, job.result, job.exception), ("done", 5, None))
        self.assertEqual(job.wait(), 5)

    def test_function_and_name(self):
        job = scheduler.spawn(later, 0.01, "x", name="waiter")
        self.assertEqual(job.name, "waiter")
        self.assertEqual(scheduler.wait(job.pid), "x")
        with self.assertRaises(ProcessLookupError):
            scheduler.wait(job.pid)

    def test_failure(self):
        async def fail():
            raise KeyError("gone")

        job = scheduler.spawn(fail())
        wait_until(lambda: job.state == "failed")
        self.assertIsInstance(job.exception, KeyError)
        row = next(row for row in scheduler.ps() if row.pid == job.pid)
        self.assertEqual((row.state, row.detail), ("failed", "KeyError: 'gone'"))
        self.assertIn("KeyError: 'gone'", repr(scheduler.ps()))
        text = b"".join(self.logged).decode()
        self.assertIn(f"job {job.pid} 'fail' failed", text)
        self.assertIn("KeyError", text)
        self.assertNotIn("/scheduler.py", text)
        with self.assertRaises(KeyError):
            job.wait()
        self.assertNotIn(job.pid, [row.pid for row in scheduler.ps()])

    def test_kill(self):
        job = scheduler.spawn(later(1000, None))
        wait_until(lambda: job.pid in [r.pid for r in scheduler.ps() if r.state == "waiting"])
        row = next(row for row in scheduler.ps() if row.pid == job.pid)
        self.assertEqual((row.kind, row.detail), ("task", "sleep"))
        scheduler.kill(job.pid)
        self.assertIsNone(job.wait(TIMEOUT))
        self.assertEqual(job.state, "killed")
        scheduler.kill(job)

    def test_kill_at_once(self):
        job = scheduler.spawn(later(1000, None))
        job.kill()
        self.assertIsNone(job.wait(TIMEOUT))
        self.assertEqual(job.state, "killed")

    def test_await(self):
        async def outer():
            first, second = scheduler.spawn(later(0.01, 1)), scheduler.spawn(later(0, 2))
            with self.assertRaises(RuntimeError):
                scheduler.spawn(later(0.05, 3)).wait()
            return await first + await second

        self.assertEqual(loop.run(outer()), 3)

    def test_timeout(self):
        job = scheduler.spawn(later(1000, None))
        with self.assertRaises(TimeoutError):
            job.wait(0.02)
        job.kill()
        job.wait(TIMEOUT)

    def test_bad_arguments(self):
        with self.assertRaises(TypeError):
            scheduler.spawn(5)
        with self.assertRaises(TypeError):
            scheduler.spawn(later(0, 0), 5)
        with self.assertRaises(ProcessLookupError):
            scheduler.kill(10**9)
        with self.assertRaises(ProcessLookupError):
            scheduler.wait(10**9)

    @unittest.skipIf(TIME_STANDS_STILL, "on native_sim no time passes while a task computes")
    def test_cpu_time(self):
        async def busy():
            for _ in range(10):
                sum(range(20_000))
                await asyncio.sleep(0)

        job, idle = scheduler.spawn(busy()), scheduler.spawn(later(0.05, None))
        job.wait(TIMEOUT)
        idle.wait(TIMEOUT)
        self.assertGreater(job.cpu_ns, 0)
        self.assertGreater(job.cpu_ns, idle.cpu_ns)

    def test_other_tasks_are_listed(self):
        async def outer():
            task = asyncio.create_task(later(1000, None), name="plain")
            await asyncio.sleep(0)
            row = next(row for row in scheduler.ps() if row.name == "plain")
            scheduler.kill(row.pid)
            try:
                await task
            except asyncio.CancelledError:
                return row

        self.assertEqual(loop.run(outer()).kind, "task")


class Threads(Quiet):
    """spawn() of functions."""

    def test_result(self):
        job = scheduler.spawn(lambda a, b: a + b, 2, 3, name="adder")
        self.assertEqual(job.kind, "thread")
        self.assertEqual(job.wait(TIMEOUT), 5)
        self.assertEqual(job.state, "done")

    def test_failure(self):
        job = scheduler.spawn(lambda: 1 / 0, name="divider")
        with self.assertRaises(ZeroDivisionError):
            job.wait(TIMEOUT)
        self.assertEqual(job.state, "failed")
        self.assertIn("divider", b"".join(self.logged).decode())

    def test_kill(self):
        def spin():
            while True:
                time.sleep(0.001)

        job = scheduler.spawn(spin)
        row = next(row for row in scheduler.ps() if row.pid == job.pid)
        self.assertEqual((row.name, row.kind), ("spin", "thread"))
        scheduler.kill(job.pid)
        self.assertIsNone(job.wait(TIMEOUT))
        self.assertEqual(job.state, "killed")

    def test_kill_while_it_waits(self):
        if _vosal.BOARD == "sim":
            self.skipTest("on sim a wait in C of another thread goes on")
        job = scheduler.spawn(time.sleep, 1000)
        wait_until(lambda: job._thread.is_alive())
        job.kill()
        self.assertIsNone(job.wait(TIMEOUT))

    def test_exit(self):
        job = scheduler.spawn(exit)
        job.wait(TIMEOUT)
        self.assertEqual(job.state, "killed")

    def test_cpu_time(self):
        job = scheduler.spawn(lambda: [sum(range(100_000)) for _ in range(40)])
        job.wait(TIMEOUT)
        if _vosal.BOARD != "sim" and not TIME_STANDS_STILL:
            self.assertGreater(job.cpu_ns, 0)


class List(unittest.TestCase):
    """ps() and count()."""

    def test_rows(self):
        rows = scheduler.ps()
        pids = [row.pid for row in rows]
        self.assertEqual(pids, sorted(set(pids)))
        self.assertEqual(pids, [row.pid for row in scheduler.ps()])
        main = rows[0]
        self.assertEqual((main.pid, main.name, main.kind), (1, "main", "session"))
        self.assertEqual(main.state, "running")
        for row in rows:
            self.assertIn(row.kind, ("session", "thread", "task"))
            self.assertIn(row.state, ("running", "ready", "waiting", "done", "failed", "killed"))
            self.assertGreaterEqual(row.cpu_ns, 0)
        table = repr(rows).split("\n")
        self.assertEqual(table[0].split(), ["PID", "KIND", "STATE", "PRI", "STACK", "CPU", "NAME"])
        self.assertEqual(len(table), len(rows) + 1)

    def test_count(self):
        before = scheduler.count()
        job = scheduler.spawn(later(1000, None))
        wait_until(lambda: scheduler.count() > before)
        job.kill()
        job.wait(TIMEOUT)

    def test_what_must_not_be_killed(self):
        with self.assertRaises(PermissionError):
            scheduler.kill(1)
        loop.get()
        row = next(row for row in scheduler.ps() if row.name == "asyncio")
        with self.assertRaises(PermissionError):
            scheduler.kill(row.pid)

    def test_ended_jobs_are_reaped(self):
        for _ in range(scheduler.KEEP + 20):
            scheduler.spawn(later(0, None))
        wait_until(lambda: all(job.state == "done" for job in scheduler.jobs()))
        self.assertLessEqual(len(scheduler.jobs()), scheduler.KEEP + 1)

    def test_nothing_leaks(self):
        class Thing:
            """What a job holds."""

        async def hold(thing):
            await asyncio.sleep(0)

        thing = Thing()
        kept = weakref.ref(thing)
        scheduler.spawn(hold(thing)).wait(TIMEOUT)
        scheduler.spawn(lambda held: None, thing).wait(TIMEOUT)
        del thing
        wait_until(lambda: gc.collect() is None or kept() is None)

    def test_threads_forget_their_pids(self):
        before = len(scheduler._threads)
        threads = [threading.Thread(target=time.sleep, args=(0.05,)) for _ in range(5)]
        for thread in threads:
            thread.start()
        scheduler.ps()
        for thread in threads:
            thread.join()
        wait_until(lambda: scheduler.ps() and len(scheduler._threads) <= before + 1)


if __name__ == "__main__":
    unittest.main()
