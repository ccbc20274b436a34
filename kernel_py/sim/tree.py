# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The machine's tree of files on the host: its mount table, and where a path of it really is.

The machine's "/" is a directory of the host, its root.  What fs/mounts.c and fs/overlay.c do on
a board is done here with paths: `Place` says which file of the host a path of the machine is.
The host's Python library and the sources of the kernel are seen under their own names, and
cannot be changed.
"""

import errno
import os
import stat as _stat
import sys

# The host's own functions, before `sim.translate` puts others in their place.
_open, _close, _stat_of, _lstat, _listdir = os.open, os.close, os.stat, os.lstat, os.listdir
_mkdir, _rename, _unlink, _getcwd = os.mkdir, os.rename, os.unlink, os.getcwd
_read, _write, _utime, _chmod = os.read, os.write, os.utime, os.chmod
_readlink = os.readlink

UPPER, LOWER = 1, 2
MOUNTS_MAX = 16
_PART = ".~zpy-copy"
_DEVICES = ("console", "full", "null", "random", "urandom", "zero")


def fail(number, path=None):
    """Raises the OSError with this errno."""
    raise OSError(number, os.strerror(number), path)


def _exists(real):
    try:
        _lstat(real)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _is_dir(real):
    try:
        return _stat.S_ISDIR(_stat_of(real).st_mode)
    except OSError:
        return False


class Mount:
    """A file system of the machine: `top` is its directory on the host, if it has one."""

    def __init__(self, target, kind, source, top=None, lower=None, read_only=False):
        self.target = target
        self.kind = kind
        self.source = source
        self.top = top
        self.lower = lower
        self.read_only = read_only


class Place:
    """Where a path of the machine is: its mount, the path within it, and the host's file.

    real is None in /proc, whose files are no files of the host.
    """

    __slots__ = ("mount", "inner", "path", "real", "slash")

    def __init__(self, mount, inner, path, real, slash):
        self.mount = mount
        self.inner = inner
        self.path = path
        self.real = real + slash if real is not None else None
        self.slash = slash


class Tree:
    """All mounts of a machine."""

    def __init__(self, root, ram, host=()):
        """root, ram: directories on the host, for "/" and for file systems in RAM.

        host: the directories that are seen under their own names.
        """
        self.root = os.path.realpath(root)
        self.ram = os.path.realpath(ram)
        self.host = [os.path.realpath(path) for path in host] + list(host)
        self.mounts = [Mount("/", "host", "", self.root)]
        self._host_mount = Mount("", "host", "", "/", read_only=True)

    # --- paths ---------------------------------------------------------------------------

    def cwd(self):
        """The calling thread's directory, as a path of the machine."""
        return self.seen(_getcwd())

    def seen(self, real):
        """The machine's name of a directory of the host; "/" when it has none."""
        best = None
        for mount in self.mounts:
            top = mount.top
            if top and (real == top or real.startswith(top.rstrip("/") + "/")):
                if best is None or len(top) > len(best.top):
                    best = mount
        if best is not None and not self._is_host(real):
            return os.path.normpath(best.target + "/" + real[len(best.top) :]).replace("//", "/")
        return real if self._is_host(real) else "/"

    def _is_host(self, path):
        return any(path == top or path.startswith(top + "/") for top in self.host)

    def normal(self, path):
        """The absolute path without ".", ".." and "//"."""
        if not path:
            fail(errno.ENOENT, path)
        full = path if path.startswith("/") else f"{self.cwd()}/{path}"
        names = []
        for name in full.split("/"):
            if name == "..":
                if names and not self.is_directory(self._locate("/" + "/".join(names), "")):
                    # "a/.." is nothing where a is none.
                    found = self.exists("/" + "/".join(names))
                    fail(errno.ENOTDIR if found else errno.ENOENT, path)
                del names[-1:]
            elif name not in ("", "."):
                if len(name.encode(errors="surrogateescape")) > 255:
                    fail(errno.ENAMETOOLONG, path)
                names.append(name)
        return "/" + "/".join(names)

    def is_directory(self, place):
        """Is it a directory?"""
        if place.real is None:
            return self.view(place, "kind") == b"d"
        return _is_dir(place.real)

    def exists(self, path):
        """Is there anything at a normal path?"""
        place = self._locate(path, "")
        if place.real is None:
            return self.view(place, "kind") is not None
        return _exists(place.real)

    def _find(self, path):
        best = self.mounts[0]
        for mount in self.mounts:
            target = mount.target
            if path == target or path.startswith(target.rstrip("/") + "/"):
                if len(target) > len(best.target):
                    best = mount
        return best

    def _locate(self, path, slash):
        if self._is_host(path):
            return Place(self._host_mount, path, path, path, slash)
        mount = self._find(path)
        inner = path[len(mount.target.rstrip("/")) :] or "/"
        if mount.kind == "views":
            return Place(mount, inner, path, None, slash)
        if mount.kind == "devfs":
            device, below = inner[1:].partition("/")[::2]
            if inner != "/" and device not in _DEVICES:
                return Place(mount, inner, path, mount.top + "/nothing/here", slash)
            if below:
                return Place(mount, inner, path, mount.top + "/null/" + below, slash)
            if inner == "/console":
                return Place(mount, inner, path, "/dev/stdout", slash)
            return Place(mount, inner, path, mount.top + inner.rstrip("/"), slash)
        real = mount.top + inner.rstrip("/")
        if mount.lower is not None and not _exists(real):
            lower = mount.lower + inner.rstrip("/")
            if _exists(lower):
                real = lower
        return Place(mount, inner, path, real, slash)

    def place(self, path):
        """The Place of a path as a program gave it."""
        slash = "/" if path.endswith("/") and path.strip("/") else ""
        return self._locate(self.normal(path), slash)

    def is_mount_point(self, path):
        """Is something mounted at a normal path, or below it?"""
        return any(
            mount.target == path or mount.target.startswith(path.rstrip("/") + "/")
            for mount in self.mounts
        )

    def layers(self, place):
        """UPPER, LOWER or both for a path of an overlay, 0 elsewhere."""
        mount = place.mount
        if mount.lower is None:
            return 0
        inner = place.inner.rstrip("/")
        upper, lower = _exists(mount.top + inner), _exists(mount.lower + inner)
        return UPPER * upper | LOWER * lower

    # --- directories ---------------------------------------------------------------------

    def names(self, place):
        """The names in a directory, mount points included."""
        mount = place.mount
        if place.real is None:
            kind = self.view(place, "kind")
            if kind != b"d":
                fail(errno.ENOENT if kind is None else errno.ENOTDIR, place.path)
            rows = self.view(place, "list").split(b"\0")[:-1]
            found = [row[1:].decode() for row in rows]
        elif mount.kind == "devfs" and place.inner == "/":
            found = list(_DEVICES)
        else:
            found = _listdir(place.real)
            if mount.lower is not None and place.real.startswith(mount.top):
                lower = mount.lower + place.inner.rstrip("/")
                if _is_dir(lower):
                    found += [name for name in _listdir(lower) if name not in set(found)]
            # Sources of the kernel have these on the host, never on the machine.
            found = [name for name in found if name not in (_PART, "__pycache__")]
        here = place.path.rstrip("/") + "/"
        for other in self.mounts:
            name = other.target[len(here) :]
            if other.target.startswith(here) and name and "/" not in name and name not in found:
                found.append(name)
        return found

    # --- changes -------------------------------------------------------------------------

    def check_writable(self, place):
        """Raises EROFS where nothing can be changed."""
        if place.mount.read_only:
            fail(errno.EROFS, place.path)
        if place.mount.kind in ("views", "devfs"):
            fail(errno.EPERM, place.path)

    def for_new(self, place):
        """The host's path for a name that is to be made; of an overlay, in the upper layer."""
        self.check_writable(place)
        mount = place.mount
        if mount.lower is None:
            return place.real
        parent = place.inner.rpartition("/")[0]
        if parent and _exists(mount.lower + parent) and not _exists(mount.top + parent):
            if not _is_dir(mount.lower + parent):
                fail(errno.ENOTDIR, place.path)
            _make_all(mount.top + parent)
        elif not parent and not _exists(mount.top):
            _make_all(mount.top)
        return mount.top + place.inner + place.slash

    def for_change(self, place, keep=True):
        """The host's path of what is to be changed; what is only shipped is copied first.

        keep=False: the contents are to be thrown away.
        """
        self.check_writable(place)
        if self.layers(place) != LOWER:
            return place.real
        shipped = place.real
        real = self.for_new(place)
        if _is_dir(shipped):
            _make_all(real)
        elif keep:
            part = os.path.join(os.path.dirname(real), _PART)
            _copy(shipped, part)
            _rename(part, real)
        return real

    def for_removal(self, place):
        """The host's path of a file or directory that is to be removed or renamed."""
        if self.is_mount_point(place.path):
            fail(errno.EBUSY, place.path)
        self.check_writable(place)
        if self.layers(place) == LOWER:
            fail(errno.EROFS, place.path)
        return place.real

    # --- views ---------------------------------------------------------------------------

    def view(self, place, what):
        """Asks the module of a mount of type views."""
        if place.inner == "/" and what == "kind":
            return b"d"
        import importlib

        module = importlib.import_module(place.mount.source)
        try:
            return module.serve(what, place.inner)
        except OSError:
            raise
        except Exception as error:
            sys.unraisablehook(_Unraisable(error, place.path))
            fail(errno.EIO, place.path)

    # --- mounting ------------------------------------------------------------------------

    def mount(self, kind, source, target, read_only=False):
        """What _vosal.mount() does."""
        path = self.normal(target)
        if any(mount.target == path for mount in self.mounts):
            fail(errno.EBUSY, target)
        if len(self.mounts) == MOUNTS_MAX:
            fail(errno.ENOSPC, target)
        made = self._make(kind, source, path, target)
        made.read_only = made.read_only or read_only
        place = self._locate(path, "")
        if place.real is not None and not _is_dir(place.real):
            if _exists(place.real):
                fail(errno.ENOTDIR, target)
            _make_all(self.for_new(place))
        self.mounts.append(made)

    def _make(self, kind, source, path, target):
        if kind == "overlay":
            lower, _, upper = source.partition(":")
            below = self._locate(self.normal(lower), "")
            if not _is_dir(below.real):
                fail(errno.ENOTDIR if _exists(below.real) else errno.ENOENT, target)
            above = self._locate(self.normal(upper), "") if upper else self._locate(path, "")
            return Mount(path, kind, source, above.real, below.real)
        if kind == "tmpfs":
            if source and not source.isdigit():
                fail(errno.EINVAL, target)
            # A restart finds it again.
            top = os.path.join(self.ram, path.strip("/").replace("/", "_"))
            if not _is_dir(top):
                _mkdir(top)
            return Mount(path, kind, source, top)
        if kind == "romfs":
            below = self._locate(self.normal("/rom" + source), "")
            if not _is_dir(below.real):
                fail(errno.ENOENT, target)
            return Mount(path, kind, source, below.real, read_only=True)
        if kind == "views":
            return Mount(path, kind, source)
        if kind == "devfs":
            return Mount(path, kind, source, "/dev")
        fail(errno.ENODEV, target)

    def umount(self, target):
        """What _vosal.umount() does."""
        path = self.normal(target)
        for mount in self.mounts:
            if mount.target == path:
                break
        else:
            fail(errno.EINVAL, target)
        uses = [m for m in self.mounts if m is not mount and m.target.startswith(path + "/")]
        tops = [m for m in self.mounts if m is not mount and m.lower and mount.top]
        tops = [m for m in tops if (m.top + "/").startswith(mount.top + "/")]
        if path == "/" or uses or (tops and mount.kind != "overlay") or self._is_used(mount):
            fail(errno.EBUSY, target)
        self.mounts.remove(mount)
        if mount.kind == "tmpfs":
            from .storage import remove

            remove(mount.top)

    def _is_used(self, mount):
        """Does a thread work in it, or is a file of it open?  As far as the host tells."""
        below = mount.target + "/"
        if any((self.seen(real) + "/").startswith(below) for real in _links("task", "/cwd")):
            return True
        return mount.kind == "tmpfs" and any(
            real.startswith(mount.top + "/") for real in _links("fd")
        )


def _links(of, name=""):
    """Where the links in /proc/self lead; of hosts without it, nowhere."""
    try:
        entries = _listdir(f"/proc/self/{of}")
    except FileNotFoundError:
        return []
    found = []
    for entry in entries:
        try:
            found.append(_readlink(f"/proc/self/{of}/{entry}{name}"))
        except OSError:
            continue  # it has ended, or was closed
    return found


class _Unraisable:
    """What sys.unraisablehook() gets."""

    def __init__(self, error, path):
        self.exc_type = type(error)
        self.exc_value = error
        self.exc_traceback = error.__traceback__
        self.err_msg = f"Exception ignored in the view {path}"
        self.object = None


def _make_all(real):
    """os.makedirs() on the host."""
    if not _is_dir(real):
        _make_all(os.path.dirname(real.rstrip("/")))
        _mkdir(real)


def _copy(source, target):
    info = _stat_of(source)
    reader = _open(source, os.O_RDONLY)
    try:
        writer = _open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            while block := _read(reader, 65536):
                while block:
                    block = block[_write(writer, block) :]
        finally:
            _close(writer)
        _utime(target, ns=(info.st_atime_ns, info.st_mtime_ns))
    except OSError:
        _unlink(target)
        raise
    finally:
        _close(reader)
