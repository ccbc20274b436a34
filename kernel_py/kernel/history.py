# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The lines entered before."""

FILE = "/flash/.history"  # where they are kept if there is a file system that lasts


class History:
    """At most `limit` lines, oldest first in `lines`."""

    def __init__(self, limit=200):
        self.limit = limit
        self.lines = []
        self.waiting = False  # load() has not been called since keep()
        self._path = None

    def add(self, line):
        """Adds a line unless it is blank or the same as the last."""
        if not line.strip() or (self.lines and self.lines[-1] == line):
            return
        self.lines.append(line)
        del self.lines[: -self.limit]
        if self._path is not None:
            self._save([line], "a")

    def search(self, text, before):
        """The index of the last line that contains text, of those before an index; or -1."""
        for index in range(min(before, len(self.lines)) - 1, -1, -1):
            if text in self.lines[index]:
                return index
        return -1

    def keep(self, path=FILE):
        """Names the file that load() begins with, and to which lines are added from then on."""
        self._file = path
        self.waiting = True

    def load(self):
        """Puts the lines of the file before the others; returns how many.

        It is for the first key: at boot, a file system on flash would take more time than all
        the rest.  Does nothing when the file's directory is not a file system of its own: then
        it would not last.
        """
        import posix

        self.waiting = False
        path = self._file
        directory = path.rpartition("/")[0]
        try:
            if posix.stat(directory).st_dev == posix.stat("/").st_dev:
                return 0
            with open(path, encoding="utf-8", errors="replace") as file:
                found = file.read().splitlines()
        except FileNotFoundError:
            found = []
            if not _is_there(directory):
                return 0
        except OSError as error:
            self._complain(path, error)
            return 0
        before = len(self.lines)
        self.lines[:0] = found[-self.limit :]
        del self.lines[: -self.limit]
        self._path = path
        if len(found) > 2 * self.limit:
            self._save(self.lines, "w")
        return len(self.lines) - before

    def _save(self, lines, mode):
        try:
            with open(self._path, mode, encoding="utf-8", errors="replace") as file:
                file.write("".join([line + "\n" for line in lines]))
        except OSError as error:
            # A full file system: the line itself must not suffer from it.
            self._complain(self._path, error)
            self._path = None

    def _complain(self, path, error):
        from . import log

        log.warning(f"history is not kept: {path}: {error.strerror}")


def _is_there(directory):
    import posix

    try:
        posix.stat(directory)
    except OSError:
        return False
    return True
