# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The network's services."""

LIVE = ("auth", "connection", "repl_server", "secure", "telnet")


def __getattr__(name):
    if name in LIVE:
        __import__("kernel.net." + name)
        return globals()[name]
    raise AttributeError(f"module 'kernel.net' has no attribute {name!r}", name=name)


def __dir__():
    return sorted({*globals(), *LIVE})
