# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The kernel of the machine: its live objects, shared by all sessions.

Every name in `LIVE` is a module of this package that is imported when first asked for, so that
`kernel.loop` works at the prompt and costs nothing before.
"""

LIVE = (
    "boot",
    "clocks",
    "console",
    "cpus",
    "errors",
    "history",
    "hostrun",
    "interrupts",
    "log",
    "loop",
    "memory",
    "mounts",
    "namespace",
    "net",
    "power",
    "repl",
    "scheduler",
    "session",
    "shell",
    "streams",
    "threads",
    "unsafe",
    "vfs",
    "views",
    "vosal",
    "watchdog",
)


def __getattr__(name):
    if name in LIVE:
        # The import also sets the attribute of the package: this runs once for each name.
        __import__("kernel." + name)
        return globals()[name]
    raise AttributeError(f"module 'kernel' has no attribute {name!r}", name=name)


def reload(module):
    """Loads a module of the kernel again; see kernel.hotreload.reload()."""
    from .hotreload import reload

    return reload(module)


def __dir__():
    return sorted({*globals(), *LIVE})
