# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""How much faster threads are than one. Run on a machine; a line for each kind of work.

    python parallel.py [THREADS [ROUNDS]]

Each work is done by one thread, and then by THREADS at once, ROUNDS times by turns. The figures
are medians: how much more work is done in the same time, and how many processors were not idle. An
emulated machine gets no more than the computer that it runs on has to give, often as much for
one thread as for many: "./zpy bench" asks that computer what each processor has got.

"sha256" is work in C that needs no interpreter lock in any build: what the machine can give.
"""

import hashlib
import sys
import threading
import time

import _vosal

from kernel import cpus, vosal

SHARE = 0.5  # seconds that a work takes on one thread, about


def arithmetic(amount):
    """Numbers, nothing else."""
    value = 0
    for number in range(amount * 1000):
        value = (value * 31 + number) & 0xFFFF
    return value


def calls(amount):
    """Functions of Python."""
    for _ in range(amount):
        fibonacci(12)


def fibonacci(number):
    return number if number < 2 else fibonacci(number - 1) + fibonacci(number - 2)


class Point:
    """An object with attributes and a method."""

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def moved(self, x, y):
        return Point(self.x + x, self.y + y)


def objects(amount):
    """Objects that are made and forgotten, and looked at for garbage."""
    point = Point(0, 0)
    for number in range(amount * 100):
        point = point.moved(number, 1)
    return point.x


def containers(amount):
    """Lists, dicts and strings of one's own."""
    for _ in range(amount):
        words = {}
        for number in range(100):
            words.setdefault(f"word {number % 10}", []).append(number)
        sorted(words, reverse=True)


BLOCK = bytes(4096)


def sha256(amount):
    """C that lets go of the interpreter lock."""
    digest = hashlib.sha256()
    for _ in range(amount):
        digest.update(BLOCK)
    return digest.digest()


WORKS = (sha256, arithmetic, calls, objects, containers)
NAMES = tuple(work.__name__ for work in WORKS)


def timed(work, amount):
    """Seconds that a call takes."""
    began = time.perf_counter()
    work(amount)
    return time.perf_counter() - began


def alone(work, amount):
    """The same in a thread that stays on one processor."""
    took = []
    thread = vosal.Thread(lambda: took.append(timed(work, amount)), cpu=_vosal.CPUS - 1)
    thread.start()
    thread.join()
    return took[0]


def amount_for(work):
    """So much that one thread takes SHARE seconds."""
    amount = 1
    while True:
        took = timed(work, amount)
        if took > SHARE / 8:
            return max(1, round(amount * SHARE / took))
        amount *= 2


class Crew:
    """Threads that do the same work at once, again and again."""

    def __init__(self, size):
        self.gate = threading.Barrier(size + 1)
        self.task = None
        self.threads = [threading.Thread(target=self.member) for _ in range(size)]
        for thread in self.threads:
            thread.start()

    def member(self):
        while True:
            self.gate.wait()
            if self.task is None:
                return
            work, amount = self.task
            work(amount)
            self.gate.wait()

    def timed(self, work, amount):
        """Seconds until all have done it, and how many processors were busy meanwhile."""
        self.task = work, amount
        busy = sum(cpu.busy for cpu in cpus.cpus())
        began = time.perf_counter()
        self.gate.wait()
        self.gate.wait()
        took = time.perf_counter() - began
        return took, (sum(cpu.busy for cpu in cpus.cpus()) - busy) / took

    def dismiss(self):
        self.task = None
        self.gate.wait()
        for thread in self.threads:
            thread.join()


def median(values):
    return sorted(values)[len(values) // 2]


def main(size, rounds):
    """A line for each work: its name, the speed-up, the processors that were busy."""
    crew = Crew(size)
    for work in WORKS:
        amount = amount_for(work)
        gains = []
        busy = []
        for _ in range(rounds):
            one = alone(work, amount)
            together, processors = crew.timed(work, amount)
            gains.append(size * one / together)
            busy.append(processors)
        print(f"{work.__name__}\t{median(gains):.2f}\t{median(busy):.2f}", flush=True)
    crew.dismiss()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3] or ("8", "5")))
