# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Working directories for threads, on Linux: what `_vosal.Directory` is on a board.

A thread of Linux can stop sharing its directory with the rest of the process (unshare); the
threads that it starts then share it with it.
"""

import ctypes
import os
import threading

from . import translate

_CLONE_FS = 0x200


class Directory:
    """A working directory of its own, at first where the calling thread's is.

    A thread has the directory of the thread that started it: what os.chdir() does in one of
    them is seen by all.  With use() a thread takes another one.  Two threads that take the same
    one see each other's os.chdir() only when they take it again: a limit of this board.
    """

    def __init__(self):
        self._path = _getcwd()
        self._thread = None  # the native id of a thread whose directory this is

    @classmethod
    def current(cls):
        """The working directory of the calling thread."""
        found = getattr(_here, "directory", None)
        if found is None or found._thread != threading.get_native_id():
            found = cls()
            found._thread = threading.get_native_id()
            _here.directory = found
        return found

    def use(self):
        """Makes this the calling thread's directory, and that of the threads it will start."""
        before = self.current()
        if before is self:
            return
        path = self.path
        before._path = _getcwd()
        if not getattr(_here, "own", False):
            _unshare()
            _here.own = True
        try:
            os.chdir(path)
        except OSError:
            os.chdir("/")  # it has been removed; on a board the thread would be nowhere
        before._thread = None
        self._thread = threading.get_native_id()
        _here.directory = self

    @property
    def path(self):
        """The absolute path, as os.getcwd() gives it."""
        if self._thread is not None:
            if self._thread == threading.get_native_id():
                return _getcwd()
            try:
                real = translate.host["readlink"](f"/proc/self/task/{self._thread}/cwd")
                return translate.tree.seen(real)
            except OSError:
                self._thread = None  # it has ended
        return self._path


_here = threading.local()


def _getcwd():
    try:
        return os.getcwd()
    except FileNotFoundError:
        return "/"  # it has been removed


def _unshare():
    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(_CLONE_FS) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
