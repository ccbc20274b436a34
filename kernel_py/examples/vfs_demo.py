# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""vfs: files for programs that await.

    >>> run('/examples/vfs_demo.py')

open() and its kin wait for the storage; in a task they would make all other tasks wait with it.
`vfs` has the same files with functions to await, and numbers (descriptors) for what is open.
"""

path = "/tmp/vfs_demo.txt"

fd = await vfs.open(path, OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.TRUNC)
await vfs.write(fd, b"first line\n")
await vfs.write(fd, b"second line\n")
vfs.close(fd)

info = await vfs.stat(path)
print("size:", info.st_size)

fd = await vfs.open(path, OpenFlags.RDONLY)
print("all:", await vfs.read(fd, 100))
await vfs.seek(fd, 6)
print("from byte 6 on:", await vfs.read(fd, 4))
vfs.close(fd)

await vfs.mkdir("/tmp/vfs_demo")
await vfs.rename(path, "/tmp/vfs_demo/renamed.txt")
print("entries:", sorted(set(await vfs.readdir("/tmp/vfs_demo")) - {".", ".."}))

await vfs.unlink("/tmp/vfs_demo/renamed.txt")
await vfs.rmdir("/tmp/vfs_demo")
print("bin has ls.py:", "ls.py" in await vfs.readdir("/bin"))
