# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Copying files for `cp` and `mv`: never more than a block in memory, and nothing lost.

- The source is opened before the target, so a target stays when its source cannot be read.
- `move()` writes beside the target and renames when all is written, so at no time is there less
  than one whole file of the two.
"""

import errno
import os

from . import command


def pairs(cmd):
    """The (source, target) of each operand of cp and mv; complains if they make no sense."""
    cmd.expect(1, -1)
    if len(cmd.operands) == 1:
        raise command.UsageError(f"missing destination file operand after '{cmd.operands[0]}'")
    *sources, target = cmd.operands
    if os.path.isdir(target):
        return [(source, command.into(source, target)) for source in sources]
    if len(sources) > 1:
        try:
            os.stat(target)
        except OSError as error:
            cmd.error(f"target {command.quoted(target)}: {command.reason(error)}")
        else:
            cmd.error(f"target {command.quoted(target)}: Not a directory")
        return []
    return [(sources[0], target)]


def same(source, target):
    """True if two names are one file."""
    try:
        first, second = os.stat(source), os.stat(target)
    except OSError:
        return False
    if first.st_ino and os.path.samestat(first, second):
        return True
    return os.path.realpath(source) == os.path.realpath(target)


def copy(cmd, source, target, *, keep=False, named=None):
    """Copies the bytes of a file; returns False after a message.

    A target that cannot be written completely keeps what was written, as with coreutils.
    named: what messages call the target, where its own name is nothing to the user.
    """
    where = command.quoted(named or target)
    try:
        file = command.open_input(source)
    except OSError as error:
        cmd.error(f"cannot open {command.quoted(source)} for reading: {command.reason(error)}")
        return False
    with file:
        try:
            output = open(target, "wb")
        except OSError as error:
            cmd.error(f"cannot create regular file {where}: {command.reason(error)}")
            return False
        if not _transfer(cmd, file, output, source, where):
            return False
        return not keep or keep_of(cmd, file, target)


def _transfer(cmd, file, output, source, where):
    try:
        with output:
            while True:
                try:
                    block = file.read(command.BLOCK)
                except OSError as error:
                    cmd.error(f"error reading {command.quoted(source)}: {command.reason(error)}")
                    return False
                if not block:
                    return True
                output.write(block)
    except OSError as error:
        cmd.error(f"error writing {where}: {command.reason(error)}")
        return False


def keep_of(cmd, file, target):
    """Gives the target the mode and the time of an open file."""
    return keep(cmd, target, os.fstat(file.fileno()))


def keep(cmd, target, status):
    """Gives the target a mode and a time; returns False after a message."""
    try:
        os.chmod(target, status.st_mode & 0o7777)
        os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
    except OSError as error:
        # FAT, for one, keeps no modes.
        if error.errno in (errno.ENOTSUP, errno.ENOSYS):
            return True
        where = command.quoted(target)
        cmd.error(f"preserving times for {where}: {command.reason(error)}")
        return False
    return True


def move(cmd, source, target):
    """Moves a file or a tree to another file system; returns False after a message."""
    beside = _name_beside(target)
    try:
        if os.path.isdir(source) and not os.path.islink(source):
            if os.path.isdir(target) and os.listdir(target):
                cmd.error(
                    f"cannot move {command.quoted(source)} to {command.quoted(target)}: "
                    f"{os.strerror(errno.ENOTEMPTY)}"
                )
                return False
            copied = _copy_tree(cmd, source, beside, target)
        else:
            copied = copy(cmd, source, beside, keep=True, named=target)
        if not copied:
            return False
        try:
            os.rename(beside, target)
        except OSError as error:
            where = f"{command.quoted(source)} to {command.quoted(target)}"
            cmd.error(f"cannot move {where}: {command.reason(error)}")
            return False
    finally:
        _remove(cmd, beside)
    return _remove(cmd, source)


def _name_beside(target):
    directory, name = os.path.split(target.rstrip("/"))
    for number in range(1000):
        path = os.path.join(directory, f".{name[:200]}.mv{number or ''}")
        if not os.path.lexists(path):
            return path
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)


def _copy_tree(cmd, source, target, named):
    before = cmd.status
    cmd.status = 0
    top = source.rstrip("/")
    directories = []

    def unreadable(error, path):
        cmd.error(f"cannot access {command.quoted(path)}: {command.reason(error)}")

    for path, status in command.walk(source, unreadable):
        inner = path[len(top) :].rstrip("/")
        goal = target + inner
        if command.is_directory(status):
            try:
                os.mkdir(goal)
            except OSError as error:
                where = command.quoted(named.rstrip("/") + inner)
                cmd.error(f"cannot create directory {where}: {command.reason(error)}")
                break
            directories.append((goal, status))
        elif not copy(cmd, path, goal, keep=True, named=named.rstrip("/") + inner):
            break
    for goal, status in reversed(directories):
        if not cmd.status:
            keep(cmd, goal, status)
    whole = not cmd.status
    cmd.status = max(cmd.status, before)
    return whole


def _remove(cmd, path):
    """Removes a file or a tree, if it is there; returns False after a message."""
    if not os.path.lexists(path):
        return True
    found = []

    def failed(error, name):
        found.append(name)
        cmd.error(f"cannot remove {command.quoted(name)}: {command.reason(error)}")

    for name, status in reversed(list(command.walk(path, failed))):
        try:
            (os.rmdir if command.is_directory(status) else os.remove)(name)
        except OSError as error:
            failed(error, name)
    return not found
