# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Threads inherit the context of who starts them, on the host's CPython.

The machine's CPython does so by itself: PyConfig.thread_inherit_context, new in 3.14.
"""

import sys
import threading
from contextvars import copy_context


def install():
    """Gives threading.Thread.start() the behaviour, if it has not got it."""
    if getattr(sys.flags, "thread_inherit_context", False):
        return
    start, bootstrap = threading.Thread.start, threading.Thread._bootstrap_inner

    def start_with_context(self):
        self._inherited = copy_context()
        start(self)

    def bootstrap_with_context(self):
        # Outside of the original, so that no traceback shows it.
        self.__dict__.pop("_inherited", copy_context()).run(bootstrap, self)

    threading.Thread.start = start_with_context
    threading.Thread._bootstrap_inner = bootstrap_with_context
