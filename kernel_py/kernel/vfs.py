# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The asynchronous view of the files: what open() and os do, for code on the event loop.

    fd = await vfs.open("/tmp/a", OpenFlags.WRONLY | OpenFlags.CREAT)
    await vfs.write(fd, b"text")
    vfs.close(fd)                       # may be awaited, need not be

Descriptors are the system's own: os.fstat(fd) and open(fd) work with them.  Errors are the
OSErrors of os.

A call for a file in RAM is done at once.  One that may wait for a disk runs on a thread, so that
the loop goes on; close() does not wait for that, and may.
"""

import contextlib
import enum
import os
import posixpath

import _vosal

from . import mounts as _mounts
from . import session as _session
from .views import publish, unpublish  # noqa: F401, they belong to the same object

FDS_MAX = 64  # open at a time, for each session

# Types of file systems whose calls take the time of RAM.
_FAST = {"tmpfs", "romfs", "devfs", "views", "host"}


class OpenFlags(enum.IntFlag):
    """How open() opens."""

    RDONLY = os.O_RDONLY
    WRONLY = os.O_WRONLY
    RDWR = os.O_RDWR
    CREAT = os.O_CREAT
    EXCL = os.O_EXCL
    TRUNC = os.O_TRUNC
    APPEND = os.O_APPEND


class OpenFile:
    """An entry of fds()."""

    __slots__ = ("fd", "path", "flags", "session", "_fast", "_identity")

    def __init__(self, fd, path, flags, session, fast):
        self.fd = fd
        self.path = path
        self.flags = OpenFlags(flags)
        self.session = session
        self._fast = fast
        self._identity = _identity(fd)

    def __repr__(self):
        return f"<OpenFile {self.fd}: {self.path} {self.flags!r}>"


class Mount:
    """An entry of mounts()."""

    __slots__ = ("target", "type", "source", "read_only")

    def __init__(self, target, type, source, read_only):
        self.target = target
        self.type = type
        self.source = source
        self.read_only = read_only

    def __repr__(self):
        return f"<Mount {self.target}: {self.type} {self.source!r}>"


class _Done:
    """What has been done already, for who awaits it."""

    __slots__ = ()

    def __await__(self):
        return
        yield


# fd → OpenFile.  Outlives a reload.
_open = globals().get("_open") or {}


# --- open files ----------------------------------------------------------------------------


async def open(path, flags=OpenFlags.RDONLY, mode=0o666):
    """Opens a file or directory; returns its descriptor.

    OSError: EMFILE when the session has FDS_MAX open, else as os.open().
    """
    path = _absolute(path)
    owner = _session.current()
    owner = owner.id if owner is not None else 0
    if sum(one.session == owner for one in fds()) >= FDS_MAX:
        raise OSError(24, f"Too many open files ({FDS_MAX} for each session)", path)
    fast = _is_fast(path)
    fd = await _do(fast, os.open, path, int(flags), mode)
    _open[fd] = OpenFile(fd, path, int(flags), owner, fast)
    return fd


async def read(fd, size=-1):
    """Reads up to size bytes from where the file stands, all that follow if it is negative."""
    fast = _entry(fd)._fast
    if size >= 0:
        return await _do(fast, os.read, fd, size)
    parts = []
    while part := await _do(fast, os.read, fd, 65536):
        parts.append(part)
    return b"".join(parts)


async def write(fd, data):
    """Writes all of a bytes-like object; returns the number of bytes.

    OSError: what came before the error is written.
    """
    fast = _entry(fd)._fast
    view = memoryview(data).cast("B")
    total = len(view)
    while view:
        view = view[await _do(fast, os.write, fd, view) :]
    return total


async def seek(fd, offset, whence=os.SEEK_SET):
    """Moves to an offset from the start, from here (1) or from the end (2); returns where."""
    _entry(fd)
    return os.lseek(fd, offset, whence)


async def truncate(fd, size):
    """Cuts or extends an open file."""
    await _do(_entry(fd)._fast, os.ftruncate, fd, size)


async def sync(fd):
    """Returns when what was written is safe from a loss of power."""
    await _do(_entry(fd)._fast, os.fsync, fd)


def close(fd):
    """Closes; returns something that can be awaited."""
    _entry(fd)
    _open.pop(fd, None)
    os.close(fd)
    return _Done()


@contextlib.asynccontextmanager
async def opened(path, flags=OpenFlags.RDONLY, mode=0o666):
    """async with vfs.opened(path) as fd: closes it at the end."""
    fd = await open(path, flags, mode)
    try:
        yield fd
    finally:
        close(fd)


def fds(session=None):
    """What is open: OpenFile objects, of one session's id or of all."""
    for fd, one in list(_open.items()):
        if _identity(fd) != one._identity:
            _open.pop(fd, None)  # closed by os.close(), and perhaps something else by now
    return [one for _, one in sorted(_open.items()) if session in (None, one.session)]


def close_all(session):
    """Closes all that a session, of which this is the id, has left open."""
    for one in fds(session):
        close(one.fd)


def _identity(fd):
    try:
        info = os.fstat(fd)
    except OSError:
        return None
    return info.st_dev, info.st_ino


def _entry(fd):
    one = _open.get(fd)
    if one is None:
        raise OSError(9, "Bad file descriptor")
    return one


# --- names ---------------------------------------------------------------------------------


async def stat(path):
    """As os.stat()."""
    return await _on(os.stat, path)


async def readdir(path="."):
    """The names in a directory, sorted, without "." and ".."."""
    return sorted(await _on(os.listdir, path))


async def mkdir(path, mode=0o777):
    """Makes a directory."""
    await _on(os.mkdir, path, mode)


async def rmdir(path):
    """Removes an empty directory."""
    await _on(os.rmdir, path)


async def unlink(path):
    """Removes a file."""
    await _on(os.unlink, path)


async def rename(source, target):
    """Renames a file or directory, and replaces a file that is there."""
    target = _absolute(target)
    await _do(_is_fast(target), os.rename, _absolute(source), target)


async def statvfs(path):
    """As os.statvfs()."""
    return await _on(os.statvfs, path)


# --- mounts --------------------------------------------------------------------------------


async def mount(type, source, target, read_only=False):
    """Mounts a file system at a directory; docs/files.md lists types and sources."""
    await _do(False, _vosal.mount, type, source, _absolute(target), read_only)


async def umount(target):
    """Takes a file system away; see kernel.mounts.umount()."""
    await _do(False, _mounts.umount, _absolute(target))


def mounts():
    """What is mounted: Mount objects, in the order of mounting."""
    return [Mount(*row) for row in _vosal.mounts()]


# --- where a call runs ---------------------------------------------------------------------


def _absolute(path):
    # Here, because a thread of the executor has a directory of its own.
    path = os.fsdecode(path)
    return path if path.startswith("/") else posixpath.join(os.getcwd(), path)


def _is_fast(path):
    path = posixpath.normpath(path)
    table = {mount[0]: mount for mount in _vosal.mounts()}
    while path not in table and path != "/":
        path = posixpath.dirname(path)
    _, kind, source, _ = table.get(path, ("", "host", "", False))
    if kind != "overlay":
        return kind in _FAST
    lower, _, upper = source.partition(":")
    # Without an upper directory it is the one that is mounted over.
    return _is_fast(upper) if upper else path == "/" or _is_fast(posixpath.dirname(path))


async def _do(fast, function, *arguments):
    if fast:
        return function(*arguments)
    import asyncio

    return await asyncio.get_running_loop().run_in_executor(None, function, *arguments)


def _on(function, path, *arguments):
    path = _absolute(path)
    return _do(_is_fast(path), function, path, *arguments)
