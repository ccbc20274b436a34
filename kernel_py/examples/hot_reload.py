# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Hot reload: a module is changed and loaded anew while the machine runs.

    >>> run('/examples/hot_reload.py')

What uses a module by its name (`clock.tick()`) sees the new code at once; what has copied a
function out of it keeps the old one.  The modules of the kernel are no exception: see `reload`.
"""

import importlib
import inspect
import os
import sys
import tempfile

directory = tempfile.mkdtemp(prefix="reload-", dir="/tmp" if os.path.isdir("/tmp") else None)
path = f"{directory}/lesson_clock.py"


def write(step):
    """Writes the module; each step has another length, so that its change is seen."""
    with open(path, "w") as file:
        file.write(f"# step {'I' * step}\ncount = globals().get('count', 0)\n\n\n")
        file.write(f"def tick():\n    global count\n    count += {step}\n    return count\n")


write(1)
sys.path.insert(0, directory)
try:
    import lesson_clock

    print("first version:", lesson_clock.tick(), lesson_clock.tick())

    # The module's globals outlive the reload: `count` goes on where it was.
    write(10)
    importlib.reload(lesson_clock)
    print("second version:", lesson_clock.tick(), lesson_clock.tick())

    # The source of anything that runs can be read, also that of the kernel.
    print("the line that counts:", inspect.getsource(lesson_clock.tick).splitlines()[2].strip())
    print("the kernel's own:", inspect.getsource(importlib.import_module("kernel.loop").get)[:10])
finally:
    sys.path.remove(directory)
    sys.modules.pop("lesson_clock", None)
    sh(f"rm -r {directory}")
