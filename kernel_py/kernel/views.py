# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""/proc: files whose text is what a function says when they are opened.

    kernel.vfs.publish("/proc/answer", lambda: "42\\n")

The functions run on the thread that opens the file, with no lock of the file systems held: they
may open files themselves.
"""

ROOT = "/proc"

# Path below ROOT → function without arguments that returns str or bytes.  Outlives a reload.
_published = globals().get("_published") or {}


def publish(path, function):
    """Makes a file of a function that returns its contents, str (UTF-8) or bytes.

    path: below /proc; directories on the way are there by themselves.
    ValueError: not such a path, or it is a directory of other views.
    TypeError: function cannot be called.
    """
    inner = _inner(path)
    if not callable(function):
        raise TypeError(f"{path}: a view needs a function, not {type(function).__name__}")
    if any(name.startswith(inner + "/") for name in _table()):
        raise ValueError(f"{path} is a directory")
    if any(inner.startswith(name + "/") for name in _table()):
        raise ValueError(f"{path}: a file is on the way")
    _published[inner] = function


def unpublish(path):
    """Takes away what publish() has made.  FileNotFoundError: it has not."""
    if _published.pop(_inner(path), None) is None:
        raise FileNotFoundError(2, "No such file or directory", path)


def _inner(path):
    names = path.split("/")
    if names[:2] != ["", "proc"] or len(names) < 3 or not all(names[2:]):
        raise ValueError(f"{path!r} is not the path of a file below {ROOT}")
    if any(name in (".", "..") or "\0" in name or len(name.encode()) > 255 for name in names):
        raise ValueError(f"{path!r} is not a normal path")
    return "/" + "/".join(names[2:])


def _table():
    if not _parts:
        import importlib.util

        for inner, (module, function) in _OF_PARTS.items():
            if importlib.util.find_spec(f"kernel.{module}") is not None:
                _parts[inner] = function
    return {**_STANDARD, **_parts, **_published}


def serve(what, path):
    """Answers the file system (modules/vosal/views.c says what it asks)."""
    table = _table()
    if what == "read":
        data = table[path]()
        return data if isinstance(data, bytes) else data.encode()
    below = path.rstrip("/") + "/"
    if what == "kind":
        if path in table:
            return b"f"
        above = path
        while above := above.rpartition("/")[0]:
            if above in table:
                raise NotADirectoryError(20, "Not a directory")
        return b"d" if any(name.startswith(below) for name in table) else None
    found = {}
    for name in table:
        if name.startswith(below):
            first, _, rest = name[len(below) :].partition("/")
            found[first] = b"d" if rest else b"f"
    return b"".join(found[name] + name.encode() + b"\0" for name in sorted(found))


# --- what every machine has ----------------------------------------------------------------


def _version():
    from . import boot

    return boot.version() + "\n"


def _uptime():
    import _vosal

    return f"{_vosal.uptime_ns() / 1e9:.2f}\n"


def _meminfo():
    import _vosal

    total, used, peak = _vosal.heap_info()
    lines = (("HeapTotal", total), ("HeapUsed", used), ("HeapFree", total - used))
    lines += (("HeapPeak", peak),)
    return "".join(f"{name + ':':<12}{size // 1024:>10} kB\n" for name, size in lines)


def _threads():
    import _vosal

    form = "{:<20} {:>8} {:<10} {:>8} {:>8} {:>10}\n"
    lines = [form.format("NAME", "PRIORITY", "STATE", "STACK", "USED", "CPU s")]
    for name, _, priority, state, stack, unused, cycles in _vosal.threads():
        seconds = f"{cycles / _vosal.cycles_per_second:.3f}"
        lines.append(form.format(name, priority, state, stack, stack - unused, seconds))
    return "".join(lines)


def _mounts():
    import _vosal

    return "".join(
        f"{source or 'none'} {target} {kind} {'ro' if read_only else 'rw'}\n"
        for target, kind, source, read_only in _vosal.mounts()
    )


def _storages():
    import _vosal

    return "".join(f"{name} {kind} {size}\n" for name, kind, size in _vosal.storages())


def _cpuinfo():
    import _vosal

    return "".join(f"cpu{number}: {_vosal.ARCH}\n" for number in range(_vosal.CPUS))


def _modules():
    import sys

    return "".join(f"{name}\n" for name in sorted(sys.modules))


def _sessions():
    from . import session

    return "".join(f"{one.id} {one.name}\n" for one in session.sessions())


def _files():
    from . import vfs

    return "".join(f"{one.fd} {one.flags!r} {one.session} {one.path}\n" for one in vfs.fds())


def _log():
    from . import log

    return "".join(f"{line}\n" for line in log.lines())


def _tasks():
    from . import scheduler

    return "".join(f"{row}\n" for row in scheduler.ps())


def _devices():
    from .devices import devices

    return "".join(f"{device}\n" for device in devices)


def _pci():
    from .devices import pci

    return "".join(f"{device}\n" for device in pci)


def _interrupts():
    from . import interrupts

    return "".join(
        f"{one.name} {one.count} {one.handled} {one.dropped}\n" for one in interrupts.sources()
    )


# Views of parts that not every build has: path → (module of the kernel, function).
_OF_PARTS = {
    "/devices": ("devices", _devices),
    "/interrupts": ("interrupts", _interrupts),
    "/pci": ("devices", _pci),
    "/tasks": ("scheduler", _tasks),
}
_parts = {}  # those that there are, once somebody has looked

_STANDARD = {
    "/cpuinfo": _cpuinfo,
    "/files": _files,
    "/log": _log,
    "/meminfo": _meminfo,
    "/modules": _modules,
    "/mounts": _mounts,
    "/sessions": _sessions,
    "/storages": _storages,
    "/threads": _threads,
    "/uptime": _uptime,
    "/version": _version,
}
