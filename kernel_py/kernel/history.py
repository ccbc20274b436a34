# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The lines entered before."""


class History:
    """At most `limit` lines, oldest first in `lines`."""

    def __init__(self, limit=200):
        self.limit = limit
        self.lines = []

    def add(self, line):
        """Adds a line unless it is blank or the same as the last."""
        if not line.strip() or (self.lines and self.lines[-1] == line):
            return
        self.lines.append(line)
        del self.lines[: -self.limit]

    def search(self, text, before):
        """The index of the last line that contains text, of those before an index; or -1."""
        for index in range(min(before, len(self.lines)) - 1, -1, -1):
            if text in self.lines[index]:
                return index
        return -1
