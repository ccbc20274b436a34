# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The kernel's log: lines of the form `[ZPy] INFO  name: text` on the console.

    import kernel.log as log
    log.info("hello")                  # [ZPy] INFO  kernel: hello
    net = log.get("net")
    net.warning("no carrier")          # [ZPy] WARN  net: no carrier

May be called from any thread and never raises.  The last `KEEP` lines stay in memory: `lines()`.
It stands on `_vosal` alone, because it must work when little else does.
"""

import _vosal

DEBUG, INFO, WARNING, ERROR = 10, 20, 30, 40
KEEP = 500

# These outlive a reload of this module.
level = globals().get("level", INFO)  # what is below is neither shown nor kept

_LABELS = {DEBUG: "DEBUG", INFO: "INFO ", WARNING: "WARN ", ERROR: "ERROR"}
_loggers = globals().get("_loggers", {})
_ring = globals().get("_ring", [])
_written = globals().get("_written", 0)  # lines so far; the next one is _ring[_written % KEEP]
_sink = globals().get("_sink", _vosal.console_write)


class Logger:
    """Writes log lines under a name."""

    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return f"<Logger {self.name}>"

    def debug(self, text):
        """Logs what only a developer of this part wants to see."""
        self.log(DEBUG, text)

    def info(self, text):
        """Logs what happened as planned."""
        self.log(INFO, text)

    def warning(self, text):
        """Logs what is odd but can be lived with."""
        self.log(WARNING, text)

    def error(self, text):
        """Logs what failed."""
        self.log(ERROR, text)

    def note(self, text):
        """Keeps a line without showing it, where somebody may be typing just now."""
        if level <= INFO:
            _keep(f"[ZPy] INFO  {self.name}: {text}")

    def exception(self, text, error=None):
        """Logs what failed, with the traceback of an exception (the one being handled)."""
        self.log(ERROR, text)
        for line in _traceback(error):
            self.log(ERROR, line)

    def log(self, severity, text):
        """Logs text at a level (DEBUG, INFO, WARNING, ERROR)."""
        if severity < level:
            return
        try:
            label = _LABELS.get(severity) or f"{severity:<5}"
            for part in str(text).splitlines() or ("",):
                _emit(f"[ZPy] {label} {self.name}: {part}")
        except Exception as error:
            # The text's own __str__ failed, or memory ran out.  What calls the log is not to
            # suffer from it, and there is nowhere else to report it.
            _sink(b"[ZPy] ERROR kernel.log: lost a line: %s\r\n" % type(error).__name__.encode())


def _keep(line):
    global _written
    index = _written % KEEP
    _written += 1
    # Two threads may take the same slot: one of the two lines is lost from the ring (never
    # from the console), which is cheaper than a lock on every line.
    if index < len(_ring):
        _ring[index] = line
    else:
        _ring.append(line)


def _emit(line):
    _keep(line)
    _sink(line.encode("utf-8", "backslashreplace") + b"\r\n")


def _traceback(error):
    try:
        import traceback

        if error is None:
            text = traceback.format_exc()
        else:
            text = "".join(traceback.format_exception(error))
        return text.rstrip("\n").split("\n")
    except Exception as failure:
        return [repr(error), f"(no traceback: {failure!r})"]


def get(name):
    """Returns the logger of a name; always the same object for the same name."""
    logger = _loggers.get(name)
    if logger is None:
        logger = _loggers[name] = Logger(name)
    return logger


def lines():
    """Returns the last lines of the log, oldest first."""
    ring = _ring[:]
    if len(ring) < KEEP:
        return ring
    oldest = _written % KEEP
    return ring[oldest:] + ring[:oldest]


def set_level(severity):
    """Sets the lowest level (DEBUG, INFO, WARNING, ERROR) that is shown and kept."""
    global level
    level = int(severity)


def set_sink(write):
    """Sets the function that gets the bytes of each line; returns the one before."""
    global _sink
    previous, _sink = _sink, write
    return previous


def bridge(name="", severity=0):
    """Sends what the stdlib's `logging` logs below `name` here too; returns the handler.

    `severity` is logging's: records below it do not come through.
    """
    import logging

    class Bridge(logging.Handler):
        """Hands records of `logging` to the kernel's log."""

        def emit(self, record):
            severity = max(DEBUG, min(ERROR, record.levelno // 10 * 10))
            get(record.name).log(severity, self.format(record))

    handler = Bridge(severity)
    logging.getLogger(name or None).addHandler(handler)
    return handler


_kernel = get("kernel")
debug = _kernel.debug
info = _kernel.info
warning = _kernel.warning
error = _kernel.error
exception = _kernel.exception
