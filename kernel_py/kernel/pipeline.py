# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Commands joined by pipes: all run at once, each on a thread, the last one on the caller's."""

import os
import sys
from _contextvars import copy_context

import _vosal

from . import session, streams

if sys.version_info >= (3, 13):
    from _thread import start_joinable_thread

    def _start_thread(threads, function):
        """Starts a thread, and adds it to a list.

        A Ctrl-C may be raised after any call of a function: within threading.Thread.start() it
        would leave a lock taken that all threads need, and after it a thread that runs and is not
        in the list.  This is one call for the interpreter.
        """
        threads.extend(map(start_joinable_thread, (function,)))
else:

    def _start_thread(threads, function):
        """Starts a thread, and adds it to a list."""
        import signal
        import threading

        thread = threading.Thread(target=function, daemon=True)
        thread.is_done = lambda: not thread.is_alive()
        # On an older host Ctrl-C is a signal, which can wait until all is done.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        try:
            signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
            thread.start()
            threads.append(thread)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)


class _Part:
    """All but the last command of a pipeline."""

    def __init__(self, job, reader):
        self.job = job
        self.reader = reader  # its stdin, or None: the caller's
        self.cancelled = False
        descriptor, end = os.pipe()
        self.output = descriptor  # what the next one reads
        self.writer = streams.text(open(end, "wb"), "w")
        self.context = copy_context()
        self.thread = []  # its thread, once that has been started

    def start(self):
        """Starts its thread."""
        _start_thread(self.thread, lambda: self.context.run(self._run))

    def _run(self):
        try:
            _vosal.thread_name("pipe")
            # What it does with its directory is nothing to the others.
            place = _vosal.Directory()
            place.use()
            session.directory.set(place)
            outer = streams.current.get()
            streams.current.set(
                streams.Streams(self.reader or outer.stdin, self.writer, outer.stderr)
            )
            if not self.cancelled:
                self.job()
        except KeyboardInterrupt:
            return  # whoever waits for the pipeline tells the user
        finally:
            self.close()

    def close(self):
        """Closes its ends of the pipes."""
        _close(self.writer)
        _close(self.reader)

    def interrupt(self):
        """Passes Ctrl-C on to it."""
        self.cancelled = True  # if it has not begun
        for thread in self.thread:
            try:
                if not thread.is_done():
                    _vosal.thread_interrupt(thread.ident)
            except ValueError:
                return  # it has ended

    def join(self):
        """Waits for its end."""
        for thread in self.thread:
            while not thread.is_done():
                thread.join()
        # An interrupt may have kept it from closing them; the next command waits for that.
        self.close()


def _close(stream):
    """Closes an end of a pipe; what nobody will read any more is no error."""
    if stream is None:
        return
    try:
        stream.close()
    except (BrokenPipeError, ValueError):
        # The buffer could not be written: close what is below it.
        buffer = getattr(stream, "buffer", None)
        raw = getattr(buffer, "raw", None)
        if raw is not None and not raw.closed:
            raw.close()


def run(jobs):
    """Runs functions that return exit statuses; returns that of the last one."""
    parts = []
    reader = None
    for job in jobs[:-1]:
        part = _Part(job, reader)
        parts.append(part)
        reader = streams.text(open(part.output, "rb"), "r")
    outer = streams.current.get()
    context = copy_context()
    context.run(streams.current.set, streams.Streams(reader, outer.stdout, outer.stderr))
    try:
        for part in parts:
            part.start()
        return context.run(jobs[-1])
    except BaseException:
        # Ctrl-C, or what came of it: nobody waits for the rest any more.
        for part in parts:
            part.interrupt()
        raise
    finally:
        _close(reader)
        _join(parts)


def _join(parts):
    """Waits for the other commands; a Ctrl-C meanwhile is for them."""
    interrupted = None
    for part in parts:
        while True:
            try:
                part.join()
                break
            except KeyboardInterrupt as error:
                interrupted = error
                for other in parts:
                    other.interrupt()
    if interrupted is not None:
        raise interrupted
