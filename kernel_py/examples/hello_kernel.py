# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""First steps: where am I, and what is here?

    >>> run('/examples/hello_kernel.py')
    >>> sh('/examples/hello_kernel.py Ada')

Python is the kernel of this machine.  A program does not ask an operating system: it looks at the
kernel's objects, which are Python objects like its own.
"""

import sys

import _vosal

# What stands behind the program's name on the line is in argv, as a list of strings.
name = argv[0] if argv else "world"
print(f"Hello, {name}!")

# The kernel's names are there without an import: kernel, log, vfs, scheduler, sh, …
print("kernel:", kernel.__name__, "at", kernel.__file__)
print("Python", sys.version.split()[0], "on", _vosal.BOARD)

total, used, peak = _vosal.heap_info()
print(f"heap: {used >> 10} of {total >> 10} KiB in use")

# cwd is the working directory; assigning it changes that of the session.
print("working directory:", cwd)

# Everything that the kernel says goes through its log.  `dmesg` shows it again.
log.info(f"hello from {__file__}")
print("the last line of the log:", log.lines()[-1])
