# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The speed of file systems: runs on the machine; prints `name value unit` lines.

Throughput is that of one megabyte in pieces of 64 KiB, with fsync() at the end of writing.
"""

import os
import time

SIZE = 1 << 20
PIECE = 1 << 16
FILES = 1000
LISTED = ("/tmp", "/flash")


def throughput(directory):
    """(write, read) in MB/s."""
    path = f"{directory}/bench.bin"
    piece = os.urandom(PIECE)
    start = time.perf_counter()
    with open(path, "wb", buffering=0) as file:
        for _ in range(SIZE // PIECE):
            file.write(piece)
        os.fsync(file.fileno())
    written = time.perf_counter()
    with open(path, "rb", buffering=0) as file:
        while file.read(PIECE):
            pass
    ended = time.perf_counter()
    os.unlink(path)
    return SIZE / (written - start) / 1e6, SIZE / (ended - written) / 1e6


def listing(directory):
    """Milliseconds for the names and the sizes of many files, as ls -l asks for them."""
    top = f"{directory}/bench.d"
    os.mkdir(top)
    for number in range(FILES):
        with open(f"{top}/file{number:04}", "wb"):
            pass
    start = time.perf_counter()
    names = os.listdir(top)
    named = time.perf_counter()
    for entry in os.scandir(top):
        entry.stat()
    ended = time.perf_counter()
    assert len(names) == FILES
    for name in names:
        os.unlink(f"{top}/{name}")
    os.rmdir(top)
    return 1000 * (named - start), 1000 * (ended - named)


for place in ("/tmp", "/flash", "/sd"):
    if place == "/sd" and os.path.isdir("/flash"):
        import _vosal

        try:
            _vosal.mount("fat", "SD", place)
        except OSError:
            continue
    if not os.path.isdir(place):
        continue
    write, read = throughput(place)
    print(f"{place}:write {write:.2f} MB/s")
    print(f"{place}:read {read:.2f} MB/s")
    if place in LISTED:
        names, sizes = listing(place)
        print(f"{place}:names-of-{FILES}-files {names:.2f} ms")
        print(f"{place}:sizes-of-{FILES}-files {sizes:.2f} ms")
