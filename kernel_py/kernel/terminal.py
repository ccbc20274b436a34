# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""A terminal as a session sees it: bytes in, bytes out, a size and an interrupt key.

The serial console is one; a TCP connection can be another.
"""

INTERRUPT = b"\x03"  # Ctrl-C
_AHEAD_MAX = 4096


class Terminal:
    """A terminal over functions; bytes are raw both ways (lines end in CR LF).

    read(timeout) -> bytes: seconds, None for ever, 0 a poll; b'' when the time has passed
    write(data)
    size() -> (columns, rows)
    """

    def __init__(self, read, write, size):
        self._read = read
        self.write = write
        self.size = size
        self.editing = True  # keys come one by one, and escape codes are understood
        self.after_cr = False  # the last byte used was CR: a LF next belongs to it
        self.more = False  # what is written now may wait: more will be written at once
        self._ahead = b""

    def read(self, timeout=None):
        """Returns the input there is, waiting at most timeout seconds for some."""
        if self._ahead:
            data, self._ahead = self._ahead, b""
            return data
        return self._read(timeout)

    def unread(self, data):
        """Gives back what was read and not used: it comes first in the next read()."""
        if data:
            self._ahead = bytes(data) + self._ahead

    def arm(self):
        """From now on Ctrl-C interrupts the code of the session instead of being input.

        Raises KeyboardInterrupt if it was typed before this call but after the line that
        is about to run, so that no Ctrl-C is lost however quick it comes.
        """
        ahead = self._ahead
        if len(ahead) < _AHEAD_MAX:
            ahead += self._read(0)
        before, found, after = ahead.rpartition(INTERRUPT)
        self._ahead = after
        if found:
            raise KeyboardInterrupt

    def disarm(self):
        """From now on Ctrl-C is input."""

    def hang_up(self, why):
        """Ends the line for good, where the terminal has one that can end."""
