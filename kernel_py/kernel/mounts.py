# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""What is mounted where: /flash, and the directories that are writable over what the image ships.

The layout is docs/files.md.  What is mounted stays so when the interpreter starts anew.
"""

import posix
import sys

import _vosal

from . import log

_log = log.get("kernel.mounts")
_MIB = 1 << 20

FLASH = "/flash"
PROC = "/proc"

# Where all that the image brings is seen as it was shipped.
ROM = "/rom"

# The standard library: a free-threaded build has another name for it.  The sim's is the host's.
LIBRARY = sys._stdlib_dir if sys.platform == "zephyr" else "/lib/python3.14"

# (where, what the image ships for it), besides the other directories of ROM.  The user's files lie
# above it, in OVERLAY where there is a /flash, and in RAM otherwise.
SHIPPED = [
    ("/bin", ROM + "/bin"),
    ("/examples", ROM + "/examples"),
    ("/lib", ROM + "/lib"),
    ("/lib/kernel", ROM + LIBRARY + "/kernel"),
]
OVERLAY = FLASH + "/overlay"

# What else the machine has mounted for itself.
_OWN = {"/", "/dev", PROC, ROM, LIBRARY}

# Where a wheel or zip file is found by import without being named.
_PATH = ("/lib", FLASH + "/lib")


def start():
    """Mounts everything.  An OSError of /flash is logged; the machine works without."""
    mounted = {mount[0] for mount in _vosal.mounts()}
    if FLASH not in mounted and _start_flash():
        mounted.add(FLASH)
    for target, shipped in _overlays():
        if target not in mounted:
            upper = f":{OVERLAY}{target}" if FLASH in mounted else ""
            try:
                _vosal.mount("overlay", shipped + upper, target)
            except FileNotFoundError:
                # An image that ships nothing there: a directory like any other.
                _make(target)
    if PROC not in mounted:
        _vosal.mount("views", "kernel.views", PROC)
    _extend_path()


def _overlays():
    """(where, what the image ships for it), of all directories that the image brings."""
    others = [(f"/{name}", f"{ROM}/{name}") for name in posix.listdir(ROM)]
    return SHIPPED + [row for row in others if row not in SHIPPED]


def umount(target):
    """Takes a file system away; target is an absolute path.

    OSError: EINVAL when none is mounted there; EBUSY while it is in use: by an open file, a
    working directory, or another file system on it; EBUSY also for what the machine itself has
    mounted, for without /bin there are no commands.
    """
    import errno
    import posixpath

    target = posixpath.normpath("/" + target.lstrip("/"))
    if target in _OWN or target in dict(_overlays()):
        raise OSError(errno.EBUSY, "The machine works with it", target)
    _vosal.umount(target)


def _start_flash():
    """Is /flash mounted now?"""
    name = _vosal.FLASH
    size = {storage[0]: storage[2] for storage in _vosal.storages()}.get(name)
    if size is None:
        return False
    try:
        try:
            _vosal.mount("littlefs", name, FLASH)
        except OSError:
            if not _vosal.storage_is_blank(name) and not _vosal.FORMAT_DAMAGED:
                raise
            _vosal.format("littlefs", name)
            _log.info(f"{FLASH}: formatted, for there was nothing on {name}")
            _vosal.mount("littlefs", name, FLASH)
    except OSError as error:
        _log.warning(
            f"no {FLASH}: {name} holds no littlefs that can be mounted ({error.strerror}). "
            "Nothing was changed. kernel.mounts.format_flash() makes an empty one."
        )
        return False
    _log.info(f"{FLASH}: littlefs on {name}, {size / _MIB:.0f} MiB")
    return True


def format_flash():
    """Makes an empty file system on the storage of /flash and mounts it.  What was there is lost.

    OSError: ENODEV when the machine has no such storage, EBUSY while /flash is mounted.
    """
    _vosal.format("littlefs", _vosal.FLASH)
    _vosal.mount("littlefs", _vosal.FLASH, FLASH)
    _log.info(f"{FLASH}: formatted; changes to /bin, /examples and /lib go there after a reboot")


def _make(path):
    try:
        posix.mkdir(path)
    except FileExistsError:
        return


def _extend_path():
    """Puts /flash/lib, and wheels and zip files in it and in /lib, at the end of sys.path."""
    for directory in _PATH:
        try:
            names = posix.listdir(directory)
        except OSError:
            # No /flash, or no lib in it yet.
            if directory == "/lib" or FLASH not in {mount[0] for mount in _vosal.mounts()}:
                continue
            names = ()
        archives = [f"{directory}/{n}" for n in sorted(names) if n.endswith((".whl", ".zip"))]
        for path in (directory, *archives):
            if path not in sys.path:
                sys.path.append(path)
