# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""How long things take that have to be in time. Run on a machine; prints a table, times in µs.

    python realtime.py [COUNT]

With QEMU's -icount shift=0 an instruction takes a nanosecond, so the figures are instructions
divided by a thousand, and nearly the same in each run.
"""

import gc
import sys

import _vosal

from kernel import interrupts, vosal

PERIOD = 0.0002  # seconds between interrupts


def line(name, values):
    """Print median, 99th percentile and worst of nanoseconds."""
    values = sorted(values)
    picked = (values[len(values) // 2], values[len(values) * 99 // 100], values[-1])
    print(f"{name:<44}" + "".join(f"{value / 1e3:>10.1f}" for value in picked), flush=True)


def callback(count):
    """Nanoseconds from the timer's interrupt to the first line of a Python callback."""
    source = _vosal.Interrupt("bench", 1024)
    timer = vosal.Timer(source)
    done = vosal.Semaphore()
    found = []
    now = vosal.uptime_ns

    def happened(event):
        found.append(now() - event.time_ns)
        if len(found) == count:
            done.release()

    interrupts.attach(source, happened)
    timer.start(period=PERIOD)
    done.acquire()
    timer.stop()
    interrupts.detach(source, happened)
    return found[:count]


def beside(work, count):
    """The same while a thread of ordinary priority works."""
    stop = []

    def run():
        while not stop:
            work()

    thread = vosal.Thread(run)
    thread.start()
    found = callback(count)
    stop.append(True)
    thread.join()
    return found


def handover(count):
    """Nanoseconds from release() in one Python thread to the return of acquire() in another."""
    there, back = vosal.Semaphore(), vosal.Semaphore()
    now = vosal.uptime_ns
    found = []
    given = 0

    def taker():
        for _ in range(count):
            there.acquire()
            found.append(now() - given)
            back.release()

    thread = vosal.Thread(taker, priority=vosal.PRIO_HIGH)
    thread.start()
    for _ in range(count):
        given = now()
        there.release()
        back.acquire()
    thread.join()
    return found


def jitter(count):
    """Nanoseconds that a waiting Python thread sees a timer late."""
    timer = vosal.Timer()
    now = vosal.uptime_ns
    found = []

    def run():
        start = now()
        timer.start(period=0.001)
        for number in range(1, count + 1):
            timer.wait()
            found.append(now() - start - number * 1_000_000)

    thread = vosal.Thread(run, priority=vosal.PRIO_HIGHEST)
    thread.start()
    thread.join()
    return found


def creation(count):
    """Nanoseconds that start() and join() of a thread take together."""
    now = vosal.uptime_ns
    found = []
    for _ in range(count):
        start = now()
        thread = vosal.Thread(int)
        thread.start()
        thread.join()
        found.append(now() - start)
    return found


def main(count):
    """Print the table."""
    print(f"{'µs':<44}{'median':>10}{'p99':>10}{'worst':>10}   of {count}")
    gc.disable()
    try:
        import c_driver
    except ImportError:
        c_driver = None
    if c_driver is not None:
        line("interrupt → C thread", c_driver.latency(count, round(PERIOD * 1e6)))
    line("interrupt → Python callback, idle", callback(count))
    line("interrupt → Python callback, thread computes", beside(lambda: None, count))
    line("interrupt → Python callback, gc.collect()", beside(gc.collect, min(count, 1000)))
    line("semaphore, thread to thread", handover(min(count, 1000)))
    line("timer of 1 ms, late", jitter(min(count, 1000)))
    line("thread: start and join", creation(200))
    gc.enable()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
