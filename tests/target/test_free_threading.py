# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The free-threaded build (`./zpy test --free-threading`): no lock, and Python on all CPUs."""

import textwrap

PARALLEL = """
    import threading, time

    def count(n):
        x = 0
        for i in range(n):
            x = (x * 31 + i) & 0xffff
        return x

    def work(index):
        ready.wait()
        before = time.thread_time()
        count(400_000)
        busy[index] = time.thread_time() - before

    busy = [0.0] * 8
    ready = threading.Barrier(9)
    threads = [threading.Thread(target=work, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.monotonic()
    for thread in threads:
        thread.join()
    print(sum(busy) / (time.monotonic() - began))
"""

MODULES = """
    import importlib, sys
    for name in sys.builtin_module_names:
        try:
            importlib.import_module(name)
        except ImportError:
            pass
        if sys._is_gil_enabled():
            print(name)
            break
    print(sys._is_gil_enabled(), "t" in sys.abiflags)
"""

SHARED = """
    import threading, time
    from kernel import vosal

    def work():
        for i in range(300):
            numbers.append(i)
            words[i % 50] = words.get(i % 50, 0) + 1
            with mutex:
                total[0] += 1
            queue.put(i.to_bytes(4))
            queue.get()

    numbers, words, total = [], {}, [0]
    mutex, queue = vosal.Mutex(), vosal.Queue(4, 64)
    priorities = [vosal.PRIO_LOW, vosal.PRIO_NORMAL, vosal.PRIO_HIGH, -1] * 2
    threads = [vosal.Thread(work, priority=priority) for priority in priorities]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(len(numbers), len(words), total[0], len(queue))
"""


def test_no_module_brings_the_lock_back(run):
    assert run(textwrap.dedent(MODULES)) == (0, b"False True\n", b"")


def test_threads_run_on_all_processors(run):
    """Eight threads compute; the processors were busy with them for more than the time it took.

    With the lock one of them computes at a time. This is the machine's own time: it does not
    matter how much of this computer it gets.
    """
    status, out, err = run(textwrap.dedent(PARALLEL))
    assert (status, err) == (0, b"")
    assert float(out) > 1.6


def test_threads_of_all_priorities_share_objects(run):
    assert run(textwrap.dedent(SHARED)) == (0, b"2400 50 2400 0\n", b"")
