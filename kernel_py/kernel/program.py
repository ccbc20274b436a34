# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""A program's source made into code."""

import marshal
import sys


def compiled(source, filename, flags=0):
    """Compiles a program, as compile() does; its threads do not hinder each other.

    Without the interpreter lock the constants of code that lies in a file are immortal: nobody
    counts who uses them.  compile() makes them mortal, since what comes that way may come without
    end, and threads that compute with the same number then wait for each other to count.  Read by
    marshal, the code is like that of a file.  Equal constants are one object, so a program that
    runs again leaves nothing more behind.
    """
    code = compile(source, filename, "exec", flags, True)
    if getattr(sys, "_is_gil_enabled", lambda: True)():
        return code
    return marshal.loads(marshal.dumps(code))
