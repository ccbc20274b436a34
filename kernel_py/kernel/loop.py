# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The kernel's event loop: stdlib asyncio in a thread of its own.

It starts when first needed, because asyncio is large.  `run()` is what a session uses for
`await` at its prompt; from a coroutine use asyncio as anywhere.
"""

import _thread

from . import log

_STOP_TIMEOUT = 5  # seconds that the tasks have to end at stop()

_loop = None
_runner = None
_lock = _thread.allocate_lock()


def get():
    """Returns the running loop, started if need be."""
    global _loop, _runner
    with _lock:
        if _loop is None:
            import asyncio
            import threading

            loop = asyncio.new_event_loop()
            _loop = loop
            _runner = threading.Thread(target=_serve, args=(loop,), name="asyncio", daemon=True)
            _runner.start()
    return _loop


def _serve(loop):
    import asyncio

    import _vosal

    _vosal.thread_name("asyncio")
    asyncio.set_event_loop(loop)
    try:
        while _loop is loop:
            try:
                loop.run_forever()
            except (SystemExit, KeyboardInterrupt) as error:
                # Raised in a task: it ends that task, not the loop that all sessions share.
                log.warning(f"loop: a task raised {error!r}")
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.wait(tasks, timeout=_STOP_TIMEOUT))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def run(coroutine):
    """Runs a coroutine on the loop, from any other thread; returns its result.

    KeyboardInterrupt while it waits cancels the coroutine, and is raised when that has ended;
    a second one leaves it to itself.
    """
    loop = get()
    if _thread.get_ident() == _runner.ident:
        coroutine.close()
        raise RuntimeError("run() on the loop's own thread: use await")
    ended = _thread.allocate_lock()
    ended.acquire()
    task = result = failure = None

    async def work():
        nonlocal result, failure
        try:
            result = await coroutine
        except BaseException as error:
            # SystemExit too: raised here it would end the loop.
            failure = error
        finally:
            ended.release()

    def start():
        nonlocal task
        task = loop.create_task(work())

    def cancel():
        if task is not None:
            task.cancel()

    loop.call_soon_threadsafe(start)
    try:
        ended.acquire()
    except KeyboardInterrupt:
        loop.call_soon_threadsafe(cancel)
        ended.acquire()
        raise
    if failure is not None:
        try:
            raise failure
        finally:
            failure = None  # the frame must not keep itself alive
    return result


def stop():
    """Cancels all tasks and ends the loop; the next get() starts another."""
    global _loop, _runner
    with _lock:
        loop, runner = _loop, _runner
        _loop = _runner = None
    if loop is None or loop.is_closed() or runner.ident == _thread.get_ident():
        return
    loop.call_soon_threadsafe(loop.stop)
    runner.join(_STOP_TIMEOUT + 1)
