# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Makes open(), io and os work on the machine's tree instead of the host's.

The functions of `posix` and `_io` that take a path are replaced by ones that look the path up in
a `sim.tree.Tree`; everything in the library that deals with files goes through them.  Errors
name the path that the program gave.  What a board does not have (links, directory descriptors
as a base) is not there either.
"""

import _io
import builtins
import errno
import io
import os
import posix
import stat as _stat
import sys

from . import tree as _tree

_WRITES = os.O_WRONLY | os.O_RDWR
_MISSING = ("symlink", "link", "mkfifo", "mknod", "chroot", "fchdir", "lchmod", "chflags")
_ONE_PATH_READ = ("readlink", "pathconf", "getxattr", "listxattr")

# The host's own functions of os.
host = {name: getattr(os, name) for name in dir(os)}
_host_open = _io.open
_HostFileIO = _io.FileIO

tree = None


def _text(path):
    """The path as str, or None for a descriptor."""
    if isinstance(path, int):
        return None
    path = os.fspath(path)
    if isinstance(path, bytes):
        path = os.fsdecode(path)
    if "\0" in path:
        raise ValueError("embedded null byte")
    return path


def _naming(function):
    """The errors of the function name the path as it was given."""

    def call(path=".", *args, **kwargs):
        try:
            return function(path, *args, **kwargs)
        except OSError as error:
            if not isinstance(path, int):
                error.filename = path
            raise

    call.__name__ = call.__qualname__ = function.__name__
    call.__doc__ = function.__doc__
    call.__wrapped__ = function
    return call


# --- files ---------------------------------------------------------------------------------


def _open_view(place, flags):
    kind = tree.view(place, "kind")
    if kind is None:
        _tree.fail(errno.EPERM if flags & os.O_CREAT else errno.ENOENT)
    if flags & os.O_CREAT and flags & os.O_EXCL:
        _tree.fail(errno.EEXIST)
    if flags & (_WRITES | os.O_TRUNC):
        _tree.fail(errno.EISDIR if kind == b"d" else errno.EPERM)
    if kind == b"d" or place.slash:
        _tree.fail(errno.ENOTDIR if kind != b"d" else errno.EISDIR)
    data = tree.view(place, "read")
    real = os.path.join(tree.ram, f".view-{id(data)}")
    descriptor = host["open"](real, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC)
    try:
        while data:
            data = data[os.write(descriptor, data) :]
        os.lseek(descriptor, 0, os.SEEK_SET)
    except OSError:
        os.close(descriptor)
        raise
    finally:
        host["unlink"](real)
    return descriptor


@_naming
def open_(path, flags, mode=0o777, *, dir_fd=None):
    """os.open()"""
    _no_base(dir_fd)
    place = tree.place(_text(path))
    if place.real is None:
        return _open_view(place, flags)
    real = place.real
    if place.mount.kind == "devfs" and flags & os.O_CREAT:
        if not place.inner[1:].partition("/")[1] and not tree.exists(place.path):
            _tree.fail(errno.EACCES)
    if flags & (_WRITES | os.O_CREAT | os.O_TRUNC) and place.mount.kind != "devfs":
        there = tree.exists(place.path)
        if there and flags & os.O_CREAT and flags & os.O_EXCL:
            _tree.fail(errno.EEXIST)
        if there and _tree._is_dir(place.real):
            _tree.fail(errno.EISDIR)
        if there and place.slash:
            _tree.fail(errno.ENOTDIR)
        if not there and flags & os.O_CREAT:
            real = tree.for_new(place)
        elif there and flags & (_WRITES | os.O_TRUNC):
            real = tree.for_change(place, keep=not flags & os.O_TRUNC)
            if flags & os.O_TRUNC:
                flags |= os.O_CREAT
    return host["open"](real, flags | os.O_CLOEXEC, mode)


def _opener(path, flags):
    return open_(path, flags, 0o666)


def file_open(
    file,
    mode="r",
    buffering=-1,
    encoding=None,
    errors=None,
    newline=None,
    closefd=True,
    opener=None,
):
    """open()"""
    if opener is None and not isinstance(file, int):
        opener = _opener
    return _host_open(file, mode, buffering, encoding, errors, newline, closefd, opener)


def open_code(path):
    """io.open_code()"""
    return file_open(path, "rb")


class FileIO(_HostFileIO):
    """io.FileIO"""

    def __init__(self, file, mode="r", closefd=True, opener=None):
        if opener is None and not isinstance(file, int):
            opener = _opener
        super().__init__(file, mode, closefd, opener)


# --- names ---------------------------------------------------------------------------------


def _no_base(*descriptors):
    if any(fd is not None for fd in descriptors):
        _tree.fail(errno.ENOTSUP)


def _describe_view(place):
    import time

    kind = tree.view(place, "kind")
    if kind is None:
        _tree.fail(errno.ENOENT)
    if place.slash and kind != b"d":
        _tree.fail(errno.ENOTDIR)
    mode = _stat.S_IFDIR | 0o555 if kind == b"d" else _stat.S_IFREG | 0o444
    now = time.time_ns()
    number = hash(place.path) & 0x7FFFFFFF
    seconds = now // 1_000_000_000
    times = (seconds, seconds, seconds, now / 1e9, now / 1e9, now / 1e9, now, now, now)
    return os.stat_result((mode, number, 0, 1, 0, 0, 0, *times))


@_naming
def stat(path, *, dir_fd=None, follow_symlinks=True):
    """os.stat()"""
    if isinstance(path, int):
        return host["stat"](path)
    _no_base(dir_fd)
    place = tree.place(_text(path))
    if place.real is None:
        return _describe_view(place)
    return host["stat"](place.real, follow_symlinks=follow_symlinks)


@_naming
def lstat(path, *, dir_fd=None):
    """os.lstat()"""
    return stat.__wrapped__(path, dir_fd=dir_fd, follow_symlinks=False)


def access(path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True):
    """os.access()"""
    try:
        _no_base(dir_fd)
        place = tree.place(_text(path))
        if mode & os.W_OK:
            if place.mount.read_only:
                return False
        if place.real is None:
            return tree.view(place, "kind") is not None and not mode & os.W_OK
    except OSError:
        return False
    return host["access"](place.real, mode)


@_naming
def listdir(path="."):
    """os.listdir()"""
    if path is None:
        path = "."
    if isinstance(path, int):
        return host["listdir"](path)
    place = tree.place(_text(path))
    names = tree.names(place)
    return [os.fsencode(name) for name in names] if isinstance(path, bytes) else names


class DirEntry:
    """An entry of os.scandir()."""

    __slots__ = ("name", "path", "_stat")

    def __init__(self, name, path):
        self.name = name
        self.path = path
        self._stat = None

    def __repr__(self):
        return f"<DirEntry {self.name!r}>"

    def __fspath__(self):
        return self.path

    def stat(self, *, follow_symlinks=True):
        """As os.DirEntry.stat()."""
        if self._stat is None:
            self._stat = stat(self.path)
        return self._stat

    def _is(self, check):
        try:
            return check(self.stat().st_mode)
        except FileNotFoundError:
            return False

    def is_dir(self, *, follow_symlinks=True):
        """As os.DirEntry.is_dir()."""
        return self._is(_stat.S_ISDIR)

    def is_file(self, *, follow_symlinks=True):
        """As os.DirEntry.is_file()."""
        return self._is(_stat.S_ISREG)

    def is_symlink(self):
        """False: there are no links."""
        return False

    def is_junction(self):
        """False."""
        return False

    def inode(self):
        """As os.DirEntry.inode()."""
        return self.stat().st_ino


class _Scan:
    """What os.scandir() returns."""

    def __init__(self, entries):
        self._entries = iter(entries)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._entries)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        """Ends the iteration."""
        self._entries = iter(())


def scandir(path="."):
    """os.scandir()"""
    path = "." if path is None else path
    if isinstance(path, int):
        return host["scandir"](path)
    top = os.fspath(path)
    return _Scan([DirEntry(name, os.path.join(top, name)) for name in listdir(path)])


@_naming
def mkdir(path, mode=0o777, *, dir_fd=None):
    """os.mkdir()"""
    _no_base(dir_fd)
    place = tree.place(_text(path))
    if tree.exists(place.path):
        _tree.fail(errno.EEXIST)
    host["mkdir"](tree.for_new(place), mode)


@_naming
def unlink(path, *, dir_fd=None):
    """os.unlink()"""
    _no_base(dir_fd)
    place = tree.place(_text(path))
    if place.real is not None and _tree._is_dir(place.real):
        _tree.fail(errno.EISDIR)
    if not tree.exists(place.path):
        _tree.fail(errno.ENOENT)
    host["unlink"](tree.for_removal(place))


@_naming
def rmdir(path, *, dir_fd=None):
    """os.rmdir()"""
    _no_base(dir_fd)
    place = tree.place(_text(path))
    if tree.layers(place) & _tree.LOWER and _tree._is_dir(place.real):
        busy = place.inner == "/" or tree.is_mount_point(place.path)
        _tree.fail(errno.EBUSY if busy else errno.ENOTEMPTY)
    if not tree.exists(place.path):
        _tree.fail(errno.ENOENT)
    if not tree.is_directory(place):
        _tree.fail(errno.ENOTDIR)
    host["rmdir"](tree.for_removal(place))


def rename(src, dst, *, src_dir_fd=None, dst_dir_fd=None):
    """os.rename()"""
    try:
        _no_base(src_dir_fd, dst_dir_fd)
        source, target = tree.place(_text(src)), tree.place(_text(dst))
        if source.mount is not target.mount:
            if tree.exists(source.path):
                _tree.fail(errno.EXDEV)
            _tree.fail(errno.ENOENT)
        if not tree.exists(source.path):
            _tree.fail(errno.ENOENT)
        if (source.slash or target.slash) and not tree.is_directory(source):
            _tree.fail(errno.ENOTDIR)
        if source.path == target.path:
            return
        old = tree.for_removal(source)
        if tree.is_mount_point(target.path):
            _tree.fail(errno.EBUSY)
        is_dir = _tree._is_dir(old)
        if is_dir and tree.layers(source) & _tree.LOWER:
            _tree.fail(errno.EROFS)
        if tree.layers(target) & _tree.LOWER:
            if _tree._is_dir(target.real):
                _tree.fail(errno.ENOTEMPTY if is_dir else errno.EISDIR)
            if is_dir:
                _tree.fail(errno.ENOTDIR)
        host["rename"](old, tree.for_new(target))
    except OSError as error:
        error.filename, error.filename2 = src, dst
        raise


def replace(src, dst, *, src_dir_fd=None, dst_dir_fd=None):
    """os.replace()"""
    rename(src, dst, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)


def _changing(name):
    """A function that changes something of a file, of which only the path matters here."""
    function = host[name]

    @_naming
    def change(path, *args, dir_fd=None, **kwargs):
        if isinstance(path, int):
            return function(path, *args, **kwargs)
        _no_base(dir_fd)
        place = tree.place(_text(path))
        if place.real is None:
            _tree.fail(errno.EPERM if tree.exists(place.path) else errno.ENOENT)
        return function(tree.for_change(place), *args, **kwargs)

    change.__name__ = change.__qualname__ = name
    change.__doc__ = f"os.{name}()"
    return change


def _reading(name):
    function = host[name]

    @_naming
    def look(path, *args, dir_fd=None, **kwargs):
        if isinstance(path, int):
            return function(path, *args, **kwargs)
        _no_base(dir_fd)
        place = tree.place(_text(path))
        if place.real is None:
            _tree.fail(errno.EINVAL if tree.exists(place.path) else errno.ENOENT)
        return function(place.real, *args, **kwargs)

    look.__name__ = look.__qualname__ = name
    look.__doc__ = f"os.{name}()"
    return look


@_naming
def statvfs(path):
    """os.statvfs()"""
    if isinstance(path, int):
        return host["statvfs"](path)
    place = tree.place(_text(path))
    if place.real is None and not tree.exists(place.path):
        _tree.fail(errno.ENOENT)
    return host["statvfs"](place.real or tree.root)


@_naming
def chdir(path):
    """os.chdir()"""
    place = tree.place(_text(path))
    if place.real is None or place.mount.kind == "devfs":
        # A thread of the host can only be in a directory of the host.
        kind = tree.exists(place.path)
        _tree.fail(errno.ENOTSUP if kind else errno.ENOENT)
    real = place.real
    if _tree._is_dir(real) and tree.layers(place) == _tree.LOWER:
        real = tree.for_change(place)
    host["chdir"](real)


def getcwd():
    """os.getcwd()"""
    return tree.cwd()


def getcwdb():
    """os.getcwdb()"""
    return os.fsencode(tree.cwd())


def _replace(name, function):
    for module in (os, posix):
        if hasattr(module, name):
            setattr(module, name, function)


def install(machine_tree):
    """From here on the process has the files of this tree."""
    global tree
    tree = machine_tree
    for name in _MISSING:
        for module in (os, posix):
            if hasattr(module, name):
                delattr(module, name)
    one = {
        "open": open_,
        "stat": stat,
        "lstat": lstat,
        "access": access,
        "listdir": listdir,
        "scandir": scandir,
        "mkdir": mkdir,
        "unlink": unlink,
        "remove": unlink,
        "rmdir": rmdir,
        "rename": rename,
        "replace": replace,
        "statvfs": statvfs,
        "chdir": chdir,
        "getcwd": getcwd,
        "getcwdb": getcwdb,
    }
    for name in ("chmod", "chown", "lchown", "truncate", "utime"):
        one[name] = _changing(name)
    for name in _ONE_PATH_READ:
        if name in host:
            one[name] = _reading(name)
    for name, function in one.items():
        _replace(name, function)
    # No directory descriptor is a base for names: shutil.rmtree() and others then use paths.
    os.supports_dir_fd.clear()
    os.supports_fd.clear()
    os.supports_fd.update((stat, listdir, one["chmod"], one["truncate"], one["utime"], statvfs))
    os.supports_follow_symlinks.clear()
    os.supports_effective_ids.clear()
    for module in (builtins, io, _io):
        module.open = file_open
    for module in (io, _io):
        module.open_code = open_code
        module.FileIO = FileIO
    # These have kept functions of the host's, if a .pth file has imported them already.
    for name in ("glob", "pathlib", "shutil", "tempfile"):
        sys.modules.pop(name, None)
    os.environ.pop("TMPDIR", None)
    os.environ["HOME"] = "/"
    sys.path_importer_cache.clear()
