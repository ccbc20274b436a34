# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Threads and what they wait with."""

import _thread
import queue
import sys
import threading
import time
import unittest
import weakref
from concurrent.futures import ThreadPoolExecutor

try:
    from _vosal import BOARD
except ImportError:
    BOARD = ""

# On native_sim simulated time passes only while all threads wait.
TIME_STANDS_STILL = BOARD.startswith("native_sim")
WHY_STILL = "on native_sim no time passes while a thread computes"

# How much later than asked for a wait may end: emulators on busy hosts are slow.
LATE = 1.0


class Elapsed:
    """Measures the seconds that its block takes."""

    def __enter__(self):
        self._start = time.monotonic()
        return self

    def __exit__(self, *exc):
        self.seconds = time.monotonic() - self._start


class Threads(unittest.TestCase):
    """Starting and ending."""

    def test_many_one_after_the_other(self):
        results = []
        for i in range(50):
            thread = threading.Thread(target=results.append, args=(i,))
            thread.start()
            thread.join()
        self.assertEqual(results, list(range(50)))

    def test_many_at_once(self):
        barrier = threading.Barrier(31)
        results = []

        def work(i):
            barrier.wait()
            results.append(i)

        threads = [threading.Thread(target=work, args=(i,)) for i in range(30)]
        for thread in threads:
            thread.start()
        barrier.wait()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(results), list(range(30)))

    def test_identity(self):
        seen = []
        thread = threading.Thread(
            target=lambda: seen.append((threading.get_ident(), threading.current_thread()))
        )
        thread.start()
        thread.join()
        self.assertEqual(seen, [(thread.ident, thread)])
        self.assertNotEqual(thread.ident, threading.get_ident())
        self.assertFalse(thread.is_alive())
        self.assertIs(threading.main_thread(), threading.current_thread())

    def test_daemon(self):
        release = threading.Event()
        thread = threading.Thread(target=release.wait, daemon=True)
        thread.start()
        self.assertTrue(thread.daemon and thread.is_alive())
        release.set()
        thread.join()

    def test_exception_in_a_thread(self):
        seen = []
        hook, threading.excepthook = threading.excepthook, lambda args: seen.append(args.exc_type)
        try:
            thread = threading.Thread(target=lambda: 1 / 0)
            thread.start()
            thread.join()
        finally:
            threading.excepthook = hook
        self.assertEqual(seen, [ZeroDivisionError])

    def test_stack_size(self):
        before = threading.stack_size()
        try:
            threading.stack_size(256 * 1024)
            self.assertEqual(threading.stack_size(), 256 * 1024)
            done = []
            thread = threading.Thread(target=lambda: done.append(sum(range(100))))
            thread.start()
            thread.join()
            self.assertEqual(done, [4950])
        finally:
            threading.stack_size(before)
        with self.assertRaises(ValueError):
            threading.stack_size(100)

    def test_recursion_with_a_larger_stack(self):
        def depth(n):
            return n and 1 + depth(n - 1)

        before = threading.stack_size(512 * 1024)
        try:
            results = []
            thread = threading.Thread(target=lambda: results.append(depth(500)))
            thread.start()
            thread.join()
        finally:
            threading.stack_size(before)
        self.assertEqual(results, [500])

    def test_a_small_stack_frees_what_ends(self):
        """In the smallest stack containers go at once, and a long chain of them is no danger."""

        class Thing:
            pass

        def work():
            thing = Thing()
            ended.append(weakref.ref(thing))
            del thing
            chain = None
            for _ in range(20000):
                chain = [chain]
            thing = Thing()
            ended.append(weakref.ref(thing))
            chain = [thing, chain]
            del thing, chain
            freed.extend(reference() is None for reference in ended)

        ended, freed = [], []
        before = threading.stack_size(65536)
        try:
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
        finally:
            threading.stack_size(before)
        self.assertEqual(freed, [True, True])

    def test_local(self):
        local = threading.local()
        local.value = "main"
        seen = []

        def work(i):
            seen.append(hasattr(local, "value"))
            local.value = i
            time.sleep(0.01)
            seen.append(local.value == i)

        threads = [threading.Thread(target=work, args=(i,)) for i in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((seen.count(False), seen.count(True), local.value), (5, 5, "main"))

    @unittest.skipIf(TIME_STANDS_STILL, WHY_STILL)
    def test_computing_threads_take_turns(self):
        stop = []
        counts = [0, 0]

        def spin(i):
            while not stop:
                counts[i] += 1

        threads = [threading.Thread(target=spin, args=(i,)) for i in range(2)]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 20
        while not all(counts) and time.monotonic() < deadline:
            time.sleep(0.01)
        stop.append(True)
        for thread in threads:
            thread.join()
        self.assertTrue(all(counts))

    def test_start_new_thread(self):
        lock = _thread.allocate_lock()
        lock.acquire()
        _thread.start_new_thread(lock.release, ())
        self.assertTrue(lock.acquire(timeout=10))

    def test_a_switch_interval_that_is_short(self):
        before = sys.getswitchinterval()
        sys.setswitchinterval(1e-4)
        try:
            total = []
            threads = [
                threading.Thread(target=lambda: total.extend(range(1000))) for _ in range(5)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            sys.setswitchinterval(before)
        self.assertEqual(len(total), 5000)


class Waiting(unittest.TestCase):
    """Locks and their relatives."""

    def test_timed_lock(self):
        lock = threading.Lock()
        with lock:
            for timeout in (0.01, 0.1, 0.3):
                with Elapsed() as elapsed:
                    self.assertFalse(lock.acquire(timeout=timeout))
                self.assertGreaterEqual(elapsed.seconds, timeout * 0.98)
                self.assertLess(elapsed.seconds, timeout + LATE)
            self.assertFalse(lock.acquire(blocking=False))
        self.assertTrue(lock.acquire(timeout=0.01))
        lock.release()
        with self.assertRaises(RuntimeError):
            lock.release()
        with self.assertRaises(ValueError):
            lock.acquire(timeout=-2)

    def test_a_lock_that_comes_free_in_time(self):
        lock = threading.Lock()
        lock.acquire()
        threading.Timer(0.1, lock.release).start()
        with Elapsed() as elapsed:
            self.assertTrue(lock.acquire(timeout=30))
        self.assertLess(elapsed.seconds, 0.1 + LATE)

    def test_rlock(self):
        lock = threading.RLock()
        with lock, lock:
            others = []
            thread = threading.Thread(target=lambda: others.append(lock.acquire(blocking=False)))
            thread.start()
            thread.join()
            self.assertEqual(others, [False])

    def test_event(self):
        event = threading.Event()
        with Elapsed() as elapsed:
            self.assertFalse(event.wait(0.05))
        self.assertGreaterEqual(elapsed.seconds, 0.049)
        threading.Timer(0.05, event.set).start()
        self.assertTrue(event.wait(30))

    def test_condition(self):
        condition = threading.Condition()
        items = []

        def produce():
            for i in range(20):
                with condition:
                    items.append(i)
                    condition.notify()

        received = []
        thread = threading.Thread(target=produce)
        thread.start()
        while len(received) < 20:
            with condition:
                self.assertTrue(condition.wait_for(lambda: items, timeout=30))
                received.append(items.pop(0))
        thread.join()
        self.assertEqual(received, list(range(20)))
        with condition, Elapsed() as elapsed:
            self.assertFalse(condition.wait(0.05))
        self.assertGreaterEqual(elapsed.seconds, 0.049)

    def test_semaphore(self):
        semaphore = threading.BoundedSemaphore(3)
        active, most = [], []

        def work():
            with semaphore:
                active.append(1)
                most.append(len(active))
                time.sleep(0.01)
                active.pop()

        threads = [threading.Thread(target=work) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertLessEqual(max(most), 3)
        with self.assertRaises(ValueError):
            semaphore.release()

    def test_queue(self):
        jobs, results = queue.Queue(maxsize=4), queue.SimpleQueue()

        def work():
            while (job := jobs.get()) is not None:
                results.put(job * 2)
                jobs.task_done()
            jobs.task_done()

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for i in range(60):
            jobs.put(i)
        for _ in threads:
            jobs.put(None)
        jobs.join()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(results.get() for _ in range(60)), [2 * i for i in range(60)])
        with self.assertRaises(queue.Empty):
            results.get(timeout=0.01)
        with self.assertRaises(queue.Full):
            full = queue.Queue(1)
            full.put(1)
            full.put(2, timeout=0.01)

    def test_counter_under_a_lock(self):
        lock = threading.Lock()
        total = 0

        def work():
            nonlocal total
            for _ in range(300):
                with lock:
                    total += 1

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(total, 2400)

    def test_executor(self):
        with ThreadPoolExecutor(4) as pool:
            self.assertEqual(
                list(pool.map(lambda x: x * x, range(20))), [x * x for x in range(20)]
            )
            with self.assertRaises(ZeroDivisionError):
                pool.submit(lambda: 1 / 0).result()


if __name__ == "__main__":
    unittest.main()
