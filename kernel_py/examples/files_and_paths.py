# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Files: open, os, pathlib and shutil work as in any Python.

    >>> sh('/examples/files_and_paths.py')

/tmp is in RAM: what is there is gone after a restart.  /flash, where the board has one, stays.
"""

import os
import shutil
import tempfile
from pathlib import Path

# A directory of our own, which nobody else uses.
top = Path(tempfile.mkdtemp(prefix="lesson-", dir="/tmp" if os.path.isdir("/tmp") else None))

# Text is encoded as UTF-8, and `with` closes the file whatever happens.
note = top / "note.txt"
with open(note, "w", encoding="utf-8") as file:
    file.write("first line\nsecond line: größer, 日本\n")
print("size in bytes:", note.stat().st_size)

# A file is an iterable of its lines; no more than a line of it is in memory.
with open(note, encoding="utf-8") as file:
    for number, line in enumerate(file, 1):
        print(number, line.rstrip("\n"))

# pathlib makes and takes paths apart.
data = top / "data" / "numbers.bin"
data.parent.mkdir()
data.write_bytes(bytes(range(10)))
print(data.name, data.suffix, data.parent.name, list(data.read_bytes()))

# shutil copies, os renames: a rename replaces its target in one step.
shutil.copy(note, top / "copy.txt")
os.replace(top / "copy.txt", top / "data" / "kept.txt")
print("files:", sorted(str(path.relative_to(top)) for path in top.rglob("*") if path.is_file()))

# What fails says why, as an OSError with a number.
try:
    open(top / "nothing.txt")
except FileNotFoundError as error:
    print("as expected:", error.strerror)

shutil.rmtree(top)
print("cleaned up:", not top.exists())
