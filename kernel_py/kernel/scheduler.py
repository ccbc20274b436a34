# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""What runs on the machine: tasks of the event loop, threads, sessions.

    job = scheduler.spawn(blink())          a coroutine: a task of the kernel's loop
    job = scheduler.spawn(work, 1, 2)       a function: a thread of its own
    scheduler.ps()                          all that there is
    scheduler.kill(job); scheduler.kill(7)  ends a job, a task or a thread
    scheduler.wait(job)                     its result; `await job` in a coroutine

Jobs are what spawn() has started.  One that has ended stays in ps() until somebody has waited
for it, or until KEEP younger ones have ended.  What it died of is in the log and in
job.exception.
"""

import _thread
import itertools
import sys

import _vosal

from . import log as kernel_log
from . import loop as kernel_loop
from . import session as sessions

KEEP = 32  # jobs that have ended and that nobody has waited for

_log = kernel_log.get("scheduler")

# These outlive a reload of this module.
_pids = globals().get("_pids") or itertools.count(1)
_threads = globals().get("_threads") or {}  # ident of a thread, or name of Zephyr's → pid
_jobs = globals().get("_jobs") or {}  # pid → Job

if not _threads and sessions.console() is not None:
    _threads[sessions.console().thread] = next(_pids)  # the console's is 1


class Job:
    """What spawn() has started.

    pid: a number that no other job, task or thread has had since the interpreter started
    name: what ps() shows
    state: "running", then "done", "failed" or "killed"
    result: what it returned, None before
    exception: what it died of, None before and when it did well
    cpu_ns: nanoseconds of CPU time so far
    """

    def __init__(self, name):
        import threading

        self.pid = next(_pids)
        self.name = name or f"job-{self.pid}"
        self.state = "running"
        self.result = None
        self.exception = None
        self.session = sessions.current()
        self._task = None
        self._thread = None
        self._killed = False
        self._cpu_ns = 0
        self._ended = threading.Event()
        self._waiters = []  # futures of coroutines that wait; of the loop's thread alone

    def __repr__(self):
        return f"<Job {self.pid} {self.name!r}: {self.state}>"

    def __index__(self):
        return self.pid

    __int__ = __index__

    def __await__(self):
        if not self._ended.is_set():
            import asyncio

            future = asyncio.get_running_loop().create_future()
            self._waiters.append(future)
            if self._ended.is_set():
                self._wake()
            yield from future
        return self._collect()

    @property
    def kind(self):
        """ "task" or "thread"."""
        return "thread" if self._thread is not None else "task"

    @property
    def cpu_ns(self):
        """Nanoseconds of CPU time so far."""
        if self._thread is None:
            return getattr(self._task, "cpu_ns", 0)
        return self._cpu_ns or _thread_cpu_ns(self._thread.ident)

    def kill(self):
        """Ends it: a task is cancelled, in a thread SystemExit is raised."""
        if self._ended.is_set():
            return
        self._killed = True
        if self._thread is not None:
            try:
                _vosal.thread_interrupt(self._thread.ident, SystemExit)
            except ValueError:
                return  # it has ended by itself just now
        else:
            _on_loop(self._cancel)

    def wait(self, timeout=None):
        """Waits until it has ended; returns its result or raises what it died of.

        timeout: seconds; TimeoutError when they have passed.  In a coroutine use await.
        A job that was killed has the result None.
        """
        if kernel_loop.on_loop() and not self._ended.is_set():
            raise RuntimeError("wait() on the loop's own thread: use await")
        if not self._ended.wait(timeout):
            raise TimeoutError(f"{self!r} after {timeout} s")
        return self._collect()

    # --- its life --------------------------------------------------------------------------

    def _start_task(self, coroutine):
        def start():
            if self._killed:
                coroutine.close()
                self._finish(None)
                return
            self._task = kernel_loop.running().create_task(coroutine, name=self.name)
            self._task.pid = self.pid
            self._task.add_done_callback(self._task_done)

        _on_loop(start)

    def _cancel(self):
        if self._task is not None:
            self._task.cancel()

    def _task_done(self, task):
        if task.cancelled():
            self._finish(None, killed=True)
        else:
            self.result = task.result() if task.exception() is None else None
            self._finish(task.exception())

    def _start_thread(self, function, args):
        import threading

        def body():
            error = None
            _vosal.thread_name(self.name)
            try:
                self.result = function(*args)
            except SystemExit:
                self._killed = True
            except BaseException as failure:
                error = failure
            self._cpu_ns = _thread_cpu_ns(_thread.get_ident())
            self._finish(error, self._killed)

        self._thread = threading.Thread(target=body, name=self.name, daemon=True)
        self._thread.start()
        _threads[self._thread.ident] = self.pid

    def _finish(self, error, killed=None):
        self.exception = error
        if error is not None:
            error.__traceback__ = _without_scheduler(error.__traceback__)
            _log.exception(f"job {self.pid} {self.name!r} failed", error)
            self.state = "failed"
        else:
            self.state = "killed" if killed or (killed is None and self._killed) else "done"
        self._ended.set()
        _reap()
        if self._waiters:
            _on_loop(self._wake)

    def _wake(self):
        waiters, self._waiters = self._waiters, []
        for future in waiters:
            if not future.done():
                future.set_result(None)

    def _collect(self):
        _jobs.pop(self.pid, None)
        if self.exception is not None:
            raise self.exception
        return self.result


def _without_scheduler(traceback):
    while traceback is not None and traceback.tb_frame.f_globals.get("__name__") == __name__:
        traceback = traceback.tb_next
    return traceback


def _on_loop(function):
    """Calls a function on the loop's thread."""
    loop = kernel_loop.get()
    if kernel_loop.on_loop():
        function()
    else:
        loop.call_soon_threadsafe(function)


def _reap():
    """Forgets the oldest of the jobs that have ended."""
    ended = [job for job in list(_jobs.values()) if job._ended.is_set()]
    for job in ended[:-KEEP]:
        _jobs.pop(job.pid, None)


def spawn(work, *args, name=None):
    """Starts a coroutine as a task of the kernel's loop, or a function in a thread.

    A function that makes a coroutine (`async def`) is called first.  Returns the Job.
    """
    import inspect

    if callable(work) and inspect.iscoroutinefunction(work):
        name = name or getattr(work, "__name__", None)
        work = work(*args)
    elif not callable(work) and not inspect.iscoroutine(work):
        raise TypeError(f"spawn() takes a coroutine or a function, not {type(work).__name__}")
    elif not callable(work) and args:
        work.close()
        raise TypeError("arguments are for functions: the coroutine has its own")
    job = Job(name or getattr(work, "__name__", None))
    _jobs[job.pid] = job
    try:
        if callable(work):
            job._start_thread(work, args)
        else:
            job._start_task(work)
    except BaseException:
        del _jobs[job.pid]
        raise
    return job


def jobs():
    """The jobs that run, and those that have ended and that nobody has waited for."""
    return list(_jobs.values())


def wait(job, timeout=None):
    """Waits for a job, or for the job with a pid; see Job.wait()."""
    return _job(job).wait(timeout)


def _job(job):
    if isinstance(job, Job):
        return job
    try:
        return _jobs[job.__index__()]
    except (KeyError, AttributeError):
        raise ProcessLookupError(3, f"no job has the pid {job}") from None


def kill(pid):
    """Ends what has a pid (or a Job): a job, a task, a session, a thread that runs Python.

    ProcessLookupError: there is no such thing.  PermissionError: a thread that Python cannot
    end: one of Zephyr's, the loop's, or the console's.
    """
    if isinstance(pid, Job):
        pid.kill()
        return
    pid = pid.__index__()
    job = _jobs.get(pid)
    if job is not None:
        job.kill()
        return
    for process in ps():
        if process.pid == pid:
            process._end()
            return
    raise ProcessLookupError(3, f"nothing has the pid {pid}")


# --- the list ------------------------------------------------------------------------------


class Process:
    """A row of ps().

    pid, name
    kind: "task", "thread", or "session" for a thread that serves one
    state: "running", "ready", "waiting"; of a job that has ended "done", "failed", "killed"
    priority: Zephyr's, lower is more urgent; None for a task
    stack_size, stack_used: bytes of a thread's stack, and the most that was used; None for a task
    cpu_ns: nanoseconds of CPU time so far
    detail: what a task waits for, what a job died of
    """

    __slots__ = (
        "cpu_ns",
        "detail",
        "ident",
        "kind",
        "name",
        "pid",
        "priority",
        "stack_size",
        "stack_used",
        "state",
        "task",
    )

    def __init__(self, pid, name, kind, state, cpu_ns, **more):
        self.pid, self.name, self.kind, self.state, self.cpu_ns = pid, name, kind, state, cpu_ns
        self.priority = more.get("priority")
        self.stack_size = more.get("stack_size")
        self.stack_used = more.get("stack_used")
        self.detail = more.get("detail", "")
        self.ident = more.get("ident", 0)  # threading's, of a thread that runs Python
        self.task = more.get("task")

    def __repr__(self):
        return f"<Process {self.pid} {self.name!r}: {self.kind}, {self.state}>"

    def _end(self):
        if self.task is not None:
            _on_loop(self.task.cancel)
            return
        runner = kernel_loop._runner
        if not self.ident or self.name == "main" or (runner and self.ident == runner.ident):
            raise PermissionError(1, f"{self.name} cannot be ended")
        for session in sessions.sessions():
            if session.thread == self.ident:
                session.end()
                return
        _vosal.thread_interrupt(self.ident, SystemExit)


class Processes(list):
    """What ps() returns: a list of Process, shown as a table."""

    def __repr__(self):
        rows = [("PID", "KIND", "STATE", "PRI", "STACK", "CPU", "NAME")]
        for process in self:
            stack = "-"
            if process.stack_size:
                stack = f"{100 * process.stack_used // process.stack_size}%"
            name = process.name + (f" ({process.detail})" if process.detail else "")
            rows.append(
                (
                    str(process.pid),
                    process.kind,
                    process.state,
                    "-" if process.priority is None else str(process.priority),
                    stack,
                    f"{process.cpu_ns / 1e9:.2f}",
                    name,
                )
            )
        widths = [max(len(row[column]) for row in rows) for column in range(6)]
        return "\n".join(
            f"{row[0]:>{widths[0]}} {row[1]:{widths[1]}} {row[2]:{widths[2]}}"
            f" {row[3]:>{widths[3]}} {row[4]:>{widths[4]}} {row[5]:>{widths[5]}} {row[6]}"
            for row in rows
        )


def ps():
    """All sessions, threads and tasks of the machine, and jobs that have ended, by pid."""
    found = _thread_rows() + _task_rows()
    known = {process.pid for process in found}
    for job in list(_jobs.values()):
        if job.pid not in known:
            detail = "" if job.exception is None else _describe(job.exception)
            found.append(
                Process(job.pid, job.name, job.kind, job.state, job.cpu_ns, detail=detail)
            )
    found.sort(key=lambda process: process.pid)
    return Processes(found)


def count():
    """How many threads and tasks there are."""
    loop = kernel_loop.running()
    return len(_vosal.threads()) + (len(_tasks(loop)) if loop is not None else 0)


def _describe(error):
    try:
        text = str(error)
    except Exception:
        text = "?"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _cpu_ns(cycles):
    return cycles * 1_000_000_000 // _vosal.cycles_per_second


def _thread_cpu_ns(ident):
    for row in _vosal.threads():
        if row[1] == ident:
            return _cpu_ns(row[6])
    return 0


def _state(text, ident):
    if ident == _thread.get_ident():
        return "running"
    return {"queued": "ready", "running": "running", "": "running"}.get(text, "waiting")


def _thread_rows():
    serving = {session.thread: session for session in sessions.sessions()}
    named = {}
    threading = sys.modules.get("threading")
    if threading is not None:
        named = {thread.ident: thread.name for thread in threading.enumerate()}
    found = []
    alive = set()
    for name, ident, priority, state, size, unused, cycles in _vosal.threads():
        key = ident or name
        while key in alive:
            # Drivers start several threads of one name; they have no ident, as they run no Python.
            key += "'"
        alive.add(key)
        pid = _threads.get(key)
        if pid is None:
            pid = _threads[key] = next(_pids)
        session = serving.get(ident) if ident else None
        job = _jobs.get(pid)
        if job is not None:
            name = job.name
        elif len(name) > 1 and name == "python":
            name = named.get(ident, name)
        found.append(
            Process(
                pid,
                name if session is None or session.id == sessions.CONSOLE else session.name,
                "thread" if session is None else "session",
                _state(state, ident),
                _cpu_ns(cycles),
                priority=priority,
                stack_size=size,
                stack_used=size - unused,
                ident=ident,
                detail=session.name if session is not None and session.name != name else "",
            )
        )
    for key in _threads.keys() - alive:
        _threads.pop(key, None)
    return found


def _tasks(loop):
    import asyncio

    # Another thread adds and removes tasks while we look.
    for _ in range(100):
        try:
            return asyncio.all_tasks(loop)
        except RuntimeError:
            continue
    return set()


def _task_rows():
    loop = kernel_loop.running()
    if loop is None:
        return []
    import asyncio

    current = asyncio.current_task(loop)
    found = []
    for task in _tasks(loop):
        pid = getattr(task, "pid", None)
        if pid is None:
            pid = task.pid = next(_pids)
        waiter = getattr(task, "_fut_waiter", None)
        state = "running" if task is current else "ready" if waiter is None else "waiting"
        found.append(
            Process(
                pid,
                task.get_name(),
                "task",
                state,
                getattr(task, "cpu_ns", 0),
                detail=_waits_in(task) if state == "waiting" else "",
                task=task,
            )
        )
    return found


def _waits_in(task):
    """The function in which a task waits."""
    coroutine = task.get_coro()
    name = ""
    while coroutine is not None:
        name = getattr(coroutine, "__qualname__", "") or name
        coroutine = getattr(coroutine, "cr_await", None)
    return name
