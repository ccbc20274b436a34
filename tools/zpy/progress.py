# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Progress on standard error: one line that is rewritten on a terminal, plain lines elsewhere."""

import shutil
import sys
import time

SHOW_AFTER = 1.0  # seconds: what is done by then is not worth a line
PLAIN_INTERVAL = 15.0  # seconds between two plain lines of the same step


def say(text):
    """Print one line for the user, prefixed with the command's name."""
    print(f"zpy: {text}", file=sys.stderr, flush=True)


class Step:
    """A step of work as a context manager: `with Step("building") as step: step.update("[1/9]")`.

    Nothing is shown before `after` seconds, so that what is quick is silent.
    """

    def __init__(self, title, stream=None, after=SHOW_AFTER):
        self.title = title
        self.stream = stream or sys.stderr
        self.after = after
        self.tty = self.stream.isatty()
        self._shown = False
        self._last = 0.0
        self._detail = ""

    def __enter__(self):
        self.start = time.monotonic()
        self.update()
        return self

    def __exit__(self, exc_type, exc, tb):
        if self.tty:
            self.clear()
        elif self._shown and exc_type is None:
            self._line(f"{self.title}: done in {self.seconds():.0f} s")

    def seconds(self):
        return time.monotonic() - self.start

    def update(self, detail=None):
        """Show how far the step is; cheap enough to be called for every line of a log.

        detail: what is being done just now; None when there is no news.
        """
        if detail is not None:
            self._detail = detail
        now = time.monotonic()
        if now - self.start < self.after:
            return
        if now - self._last < (0.1 if self.tty else PLAIN_INTERVAL):
            return
        self._last = now
        text = f"{self.title} ({self.seconds():.0f} s) {self._detail}".rstrip()
        if self.tty:
            width = shutil.get_terminal_size().columns - 1
            self.stream.write(f"\r\x1b[K{('zpy: ' + text)[:width]}")
            self.stream.flush()
        else:
            self._line(text)
        self._shown = True

    def clear(self):
        """Take the line away, so that other output starts on a clean one."""
        if self._shown:
            self.stream.write("\r\x1b[K")
            self.stream.flush()

    def _line(self, text):
        self.stream.write(f"zpy: {text}\n")
        self.stream.flush()
