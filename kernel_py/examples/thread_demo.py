# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Threads: each Python thread is a thread of the RTOS, with a stack and a priority of its own.

    >>> run('/examples/thread_demo.py')

Threads may block, which tasks may not.  What they share needs a lock, or goes through a queue.
"""

import queue
import threading

import _vosal

lock = threading.Lock()
total = 0


def add(count):
    """Adds to a shared number; the lock makes sure that no addition is lost."""
    global total
    for _ in range(count):
        with lock:
            total += 1


workers = [threading.Thread(target=add, args=(500,), name=f"adder-{i}") for i in range(4)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print("total:", total)

# A queue hands things from one thread to another: no lock of ours is needed.
orders, answers = queue.Queue(), queue.Queue()


def shout():
    """Answers orders until None comes."""
    while (order := orders.get()) is not None:
        answers.put(order.upper())


thread = threading.Thread(target=shout, name="shouter")
thread.start()
for word in ("quick", "brown", "fox"):
    orders.put(word)
print("answers:", [answers.get(timeout=10) for _ in range(3)])

# While it runs, the RTOS lists it.  `ps` shows the same.
print("listed:", "threads of the machine:", len(_vosal.threads()) >= 2)
orders.put(None)
thread.join()

# An acquire() with a time limit comes back.
lock.acquire()
print("second acquire:", lock.acquire(timeout=0.05))
lock.release()
