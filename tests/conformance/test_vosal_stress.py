# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""All objects of kernel.vosal at once: random operations, and nobody may be left waiting.

./zpy run tests/conformance/test_vosal_stress.py 600 7      # seconds, seed
"""

import random
import sys
import threading
import time
import unittest

try:
    import _vosal

    from kernel import interrupts, vosal
except ImportError:
    vosal = None

SECONDS = 4
SEED = 1
WORKERS = 12
PATIENCE = 60  # seconds that a thread may be without news before it counts as stuck


def setUpModule():
    """Without _vosal there is nothing to test."""
    if vosal is None:
        raise unittest.SkipTest("not on a ZPy machine")


class World:
    """The objects, and what the threads do with them."""

    def __init__(self, seed):
        self.seed = seed
        self.stop = False
        self.done = {}  # operation → times
        self.news = {}  # thread's number → (uptime, what it began)
        self.semaphore = vosal.Semaphore(3)
        self.mutexes = [vosal.Mutex() for _ in range(3)]
        self.condition = vosal.Condition()
        self.event = vosal.Event()
        self.queue = vosal.Queue(8, 4)
        self.timer = vosal.Timer()
        self.timer.start(period=0.003)
        self.source = _vosal.Interrupt("stress", 16)
        self.clock = vosal.Timer(self.source)
        self.events = 0
        self.lock = threading.Lock()
        self.inside = [0] * 3  # who is within which mutex: at most one
        self.errors = []

    def happened(self, event):
        """The callback of the source."""
        self.events += 1
        self.semaphore.release()

    def compute(self, rng):
        """More than a time slice, now and then."""
        for _ in range(rng.randrange(20_000)):
            pass

    def take(self, rng):
        """A count of the semaphore, and back."""
        if self.semaphore.acquire(timeout=rng.random() * 0.02):
            self.semaphore.release()

    def lock_mutexes(self, rng):
        """Nested, in one order, with work inside."""
        first = rng.randrange(3)
        second = rng.randrange(first, 3)
        with self.mutexes[first]:
            self.enter(first)
            if self.mutexes[second].acquire(timeout=0.02):
                if second != first:
                    self.enter(second)
                for _ in range(rng.randrange(500)):
                    pass
                if second != first:
                    self.inside[second] -= 1
                self.mutexes[second].release()
            self.inside[first] -= 1

    def enter(self, index):
        """Within a mutex nobody else is."""
        self.inside[index] += 1
        if self.inside[index] != 1:
            self.errors.append(f"{self.inside[index]} threads within mutex {index}")

    def plain_lock(self, rng):
        """CPython's own lock."""
        if self.lock.acquire(timeout=0.02):
            for _ in range(rng.randrange(200)):
                pass
            self.lock.release()

    def notify(self, rng):
        """One that waits for the condition, or all."""
        with self.condition:
            (self.condition.notify if rng.random() < 0.7 else self.condition.notify_all)()

    def wait_condition(self, rng):
        """Until notified, or not."""
        with self.condition:
            self.condition.wait(rng.random() * 0.02)

    def set_event(self, rng):
        """Bits of the event, set or cleared."""
        (self.event.set if rng.random() < 0.7 else self.event.clear)(1 << rng.randrange(4))

    def wait_event(self, rng):
        """For some bits."""
        self.event.wait(rng.randrange(1, 16), rng.random() * 0.02, clear=rng.random() < 0.5)

    def put(self, rng):
        """A message, if there is room in time."""
        self.queue.put(rng.randbytes(8), rng.random() * 0.01)

    def get(self, rng):
        """A message, if there is one in time."""
        self.queue.get(rng.random() * 0.01)

    def wait_timer(self, rng):
        """For the timer's next time."""
        self.timer.wait(0.02)

    def post(self, rng):
        """An interrupt, by software or by the system timer."""
        (self.source.post if rng.random() < 0.5 else self.source.trigger)()

    def restart_clock(self, rng):
        """The timer behind the source."""
        self.clock.start(rng.random() * 0.005, rng.choice((0, 0.002, 0.01)))

    def sleep(self, rng):
        """A moment."""
        (time.sleep if rng.random() < 0.5 else vosal.sleep)(rng.random() * 0.004)

    def change_priority(self, rng):
        """One's own."""
        threading.current_thread().priority = rng.randrange(2, 13)

    def thread(self, rng):
        """One more, which ends by itself or is aborted."""
        if rng.random() < 0.5:
            thread = vosal.Thread(self.compute, (rng,), priority=rng.randrange(2, 13))
            thread.start()
        else:
            thread = vosal.Thread(vosal.Semaphore().acquire, priority=rng.randrange(2, 13))
            thread.start()
            try:
                thread.abort()
            except RuntimeError:
                pass  # it has not begun, or has ended
        thread.join(PATIENCE)
        if thread.is_alive():
            self.errors.append("a thread does not end")

    OPERATIONS = (
        compute,
        take,
        lock_mutexes,
        plain_lock,
        notify,
        wait_condition,
        set_event,
        wait_event,
        put,
        get,
        wait_timer,
        post,
        restart_clock,
        sleep,
        change_priority,
        thread,
    )

    def work(self, number):
        """What each thread does, until it is to stop."""
        rng = random.Random(self.seed * 1000 + number)
        while not self.stop:
            operation = rng.choice(self.OPERATIONS)
            self.news[number] = (time.monotonic(), operation.__name__)
            try:
                operation(self, rng)
            except Exception as error:
                self.errors.append(f"{operation.__name__}: {error!r}")
                raise
            self.done[operation.__name__] = self.done.get(operation.__name__, 0) + 1
        del self.news[number]

    def stuck(self):
        """Who has had no news for too long."""
        now = time.monotonic()
        return [
            f"thread {number} is in {what} for {now - since:.0f} s"
            for number, (since, what) in list(self.news.items())
            if now - since > PATIENCE
        ]


class Stress(unittest.TestCase):
    """Everything at once."""

    def test_random_operations(self):
        world = World(SEED)
        interrupts.attach(world.source, world.happened)
        self.addCleanup(interrupts.detach, world.source, world.happened)
        threads = [
            vosal.Thread(world.work, (number,), priority=2 + number % 11, name=f"work {number}")
            for number in range(WORKERS)
        ]
        me = threading.get_ident()
        own = _vosal.thread_priority(me, 1)  # who watches must run
        try:
            for thread in threads:
                thread.start()
            end = time.monotonic() + SECONDS
            while time.monotonic() < end and not world.errors and not world.stuck():
                time.sleep(0.1)
            world.stop = True
            for thread in threads:
                thread.join(PATIENCE)
        finally:
            _vosal.thread_priority(me, own)
        self.assertEqual(world.stuck(), [])
        self.assertEqual([thread.name for thread in threads if thread.is_alive()], [])
        self.assertEqual(world.errors, [])
        world.timer.stop()
        world.clock.stop()
        self.assertGreater(world.events, 0)
        total = sum(world.done.values())
        print(f"\n{total} operations, {world.events} interrupts", file=sys.stderr)
        missing = {o.__name__ for o in World.OPERATIONS} - set(world.done)
        self.assertFalse(missing and SECONDS >= 4, missing)


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        SECONDS = int(sys.argv.pop(1))
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        SEED = int(sys.argv.pop(1))
    unittest.main()
