# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The kernel's event loop: stdlib asyncio in a thread of its own.

It starts when first needed, because asyncio is large.  `run()` is what a session uses for
`await` at its prompt; from a coroutine use asyncio as anywhere.

While a task runs, the loop's thread works in the directory of the session that started the task,
and the CPU time goes to the task's account.
"""

import _thread

from . import log

_STOP_TIMEOUT = 5  # seconds that the tasks have to end at stop()
_GRACE = 0.5  # seconds that an interrupted task has, to notice that it is cancelled

_loop = globals().get("_loop")  # these outlive a reload of this module
_runner = globals().get("_runner")
_lock = globals().get("_lock") or _thread.allocate_lock()


def get():
    """Returns the running loop, started if need be."""
    global _loop, _runner
    with _lock:
        if _loop is None:
            import threading

            from . import steps

            loop = steps.Loop()
            _loop = loop
            _runner = threading.Thread(target=_serve, args=(loop,), name="asyncio", daemon=True)
            _runner.start()
    return _loop


def running():
    """The loop if it has been started, or None: get() for who would not start it."""
    return _loop


def on_loop():
    """True on the thread of the loop."""
    return _runner is not None and _thread.get_ident() == _runner.ident


def _serve(loop):
    import asyncio

    import _vosal

    _vosal.thread_name("asyncio")
    loop.adopt()
    asyncio.set_event_loop(loop)
    try:
        while _loop is loop:
            try:
                loop.run_forever()
            except (SystemExit, KeyboardInterrupt) as error:
                # Raised in a task: it ends that task, not the loop that all sessions share.
                log.warning(f"loop: a task raised {error!r}")
            except Exception as error:
                log.exception("loop: a callback failed, and the loop goes on", error)
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.wait(tasks, timeout=_STOP_TIMEOUT))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def run(coroutine, name=None):
    """Runs a coroutine on the loop, from any other thread; returns its result.

    KeyboardInterrupt while it waits cancels the coroutine, and is raised when that has ended.
    One that does not notice because it computes is interrupted where it is, half a second
    later.  A second KeyboardInterrupt leaves the coroutine to itself.
    """
    loop = get()
    if on_loop():
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
        task = loop.create_task(work(), name=name)

    def cancel():
        if task is not None:
            task.cancel()

    loop.call_soon_threadsafe(start)
    try:
        _wait(ended)
    except BaseException:
        # KeyboardInterrupt, or whatever else another thread may raise here.
        loop.call_soon_threadsafe(cancel)
        if not ended.acquire(timeout=_GRACE):
            _end_step(loop, task)
            _wait(ended)
        raise
    if failure is not None:
        try:
            raise failure
        finally:
            failure = None  # the frame must not keep itself alive
    return result


def _wait(ended):
    import _vosal

    if _vosal.BOARD != "sim":
        ended.acquire()
        return
    # There an exception from another thread does not end a wait: see _vosal.thread_interrupt().
    while not ended.acquire(timeout=0.1):
        continue


def _end_step(loop, task):
    """Raises KeyboardInterrupt in a task that does not come back to the loop."""
    import asyncio

    import _vosal

    if task is not None and asyncio.current_task(loop) is task:
        _vosal.thread_interrupt(_runner.ident)


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
