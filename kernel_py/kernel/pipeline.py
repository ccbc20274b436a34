# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Commands joined by pipes: all run at once, each on a thread, the last one on the caller's."""

import os
import threading
from _contextvars import copy_context

import _vosal

from . import session, streams


class _Part:
    """All but the last command of a pipeline."""

    def __init__(self, job, reader):
        self.job = job
        self.reader = reader  # its stdin, or None: the caller's
        descriptor, end = os.pipe()
        self.output = descriptor  # what the next one reads
        self.writer = streams.text(open(end, "wb"), "w")
        self.thread = threading.Thread(
            target=copy_context().run, args=(self._run,), name="pipe", daemon=True
        )

    def _run(self):
        # What it does with its directory is nothing to the others.
        place = _vosal.Directory()
        place.use()
        session.directory.set(place)
        outer = streams.current.get()
        streams.current.set(streams.Streams(self.reader or outer.stdin, self.writer, outer.stderr))
        try:
            self.job()
        except KeyboardInterrupt:
            return  # whoever waits for the pipeline tells the user
        finally:
            _close(self.writer)
            _close(self.reader)


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
    for part in parts:
        part.thread.start()
    outer = streams.current.get()
    token = streams.current.set(streams.Streams(reader, outer.stdout, outer.stderr))
    try:
        return jobs[-1]()
    except KeyboardInterrupt:
        _interrupt(parts)
        raise
    finally:
        streams.current.reset(token)
        _close(reader)
        for part in parts:
            part.thread.join()


def _interrupt(parts):
    """Passes Ctrl-C on to the other commands."""
    for part in parts:
        try:
            _vosal.thread_interrupt(part.thread.ident)
        except ValueError:
            continue  # it has ended
