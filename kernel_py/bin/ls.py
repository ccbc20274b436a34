# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""List directories.

usage: ls [-laAhRtSrd1C] [FILE ...]

  -l                    a line for each: mode, links, owner, group, size, time, name
  -a, --all             also names that begin with a dot
  -A, --almost-all      the same without . and ..
  -h, --human-readable  with -l, sizes like 1.5K
  -R, --recursive       also what is below
  -t                    sorted by time, the newest first
  -S                    sorted by size, the largest first
  -r, --reverse         in the reverse order
  -d, --directory       directories themselves, not what is in them
  -1                    one name a line
  -C                    names in columns

Without FILE, the working directory.  On a terminal names stand in columns, and directories begin
with . and .. ; into a pipe or a file it is one name a line.  `--help` shows this.
"""

import os
import stat
import time

from kernel import command


class Entry:
    """A file with the name it is shown by."""

    def __init__(self, name, path, status):
        self.name = name
        self.path = path
        self.status = status


class Lister:
    def __init__(self, cmd):
        self.cmd = cmd
        terminal = command.terminal()
        style = cmd.last_of("l", "1", "C")
        self.long = style == "l" or (cmd["l"] and style == "1")
        self.columns = style == "C" or (style is None and terminal is not None)
        self.width = command.width()
        on_terminal = style is None and terminal is not None
        self.dots = cmd["a"] or (on_terminal and not cmd["A"])
        self.hidden = cmd["a"] or cmd["A"]
        self.needs_status = self.long or cmd["t"] or cmd["S"]
        self.now = time.time()

    def entry(self, name, path):
        """An entry, or None after a message."""
        try:
            return Entry(name, path, os.lstat(path))
        except OSError as error:
            self.cmd.error(f"cannot access {command.quoted(path)}: {command.reason(error)}")
            return None

    def sort(self, entries):
        entries.sort(key=lambda entry: entry.name)
        if self.cmd["t"]:
            entries.sort(key=lambda entry: entry.status.st_mtime_ns, reverse=True)
        elif self.cmd["S"]:
            entries.sort(key=lambda entry: entry.status.st_size, reverse=True)
        if self.cmd["r"]:
            entries.reverse()

    def directory(self, path):
        """Lists what is in a directory; returns the directories among it."""
        try:
            found = os.listdir(path)
        except OSError as error:
            text = f"cannot open directory {command.quoted(path)}: {command.reason(error)}"
            self.cmd.error(text)
            return []
        names = [name for name in found if self.hidden or name[0] != "."]
        dots = [".", ".."] if self.dots else []
        below = []
        if not self.needs_status:
            # The quick way, which has no need to look at each file.
            self.show_names(dots + sorted(names, reverse=self.cmd["r"]))
            if self.cmd["R"]:
                paths = [os.path.join(path, name) for name in sorted(names)]
                below = [p for p in paths if os.path.isdir(p) and not os.path.islink(p)]
            return below
        entries = [self.entry(name, os.path.join(path, name)) for name in names]
        entries = [entry for entry in entries if entry is not None]
        self.sort(entries)
        below = [entry.path for entry in entries if command.is_directory(entry.status)]
        top = [self.entry(name, os.path.join(path, name)) for name in dots]
        self.show([entry for entry in top if entry is not None] + entries, total=True)
        return below

    def show(self, entries, total=False):
        if not self.long:
            self.show_names([entry.name for entry in entries])
            return
        if total:
            size = sum(command.disk_use(entry.status) for entry in entries)
            print("total", command.human(size) if self.cmd["h"] else -(-size // 1024))
        rows = [self.row(entry) for entry in entries]
        for line in command.table(rows, "<><<><<", gap=1):
            print(line)

    def row(self, entry):
        status = entry.status
        name = command.shown(entry.name)
        if stat.S_ISLNK(status.st_mode):
            try:
                name += f" -> {command.shown(os.readlink(entry.path))}"
            except OSError as error:
                self.cmd.error(error, entry.path)
        size = command.human(status.st_size) if self.cmd["h"] else status.st_size
        return (
            stat.filemode(status.st_mode),
            status.st_nlink,
            status.st_uid or "root",
            status.st_gid or "root",
            size,
            command.file_time(status.st_mtime, self.now),
            name,
        )

    def show_names(self, names):
        names = [command.shown(name) for name in names]
        if self.columns:
            names = command.in_columns(names, self.width)
        if names:
            print("\n".join(names))


def main(cmd):
    lister = Lister(cmd)
    files, directories = [], []
    for name in cmd.operands or ["."]:
        try:
            status = os.stat(name)
        except OSError as error:
            text = f"cannot access {command.quoted(name)}: {command.reason(error)}"
            cmd.error(text, status=2)
            continue
        entry = Entry(name, name, status)
        is_directory = command.is_directory(status) and not cmd["d"]
        (directories if is_directory else files).append(entry)
    lister.sort(files)
    lister.sort(directories)
    if files:
        lister.show(files)
    titles = cmd["R"] or len(files) + len(directories) > 1
    pending = [entry.path for entry in reversed(directories)]
    first = not files
    while pending:
        path = pending.pop()
        if titles:
            print(f"{'' if first else chr(10)}{command.shown(path)}:")
        first = False
        below = lister.directory(path)
        if cmd["R"]:
            pending += reversed(below)


command.run(main, __doc__, argv, failed=2)
