# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The file system in RAM keeps POSIX's promises, also when memory runs out."""

import errno
import os
import random
import stat

import pytest

BLOCK = 4096
RW = os.O_RDWR | os.O_CREAT
APPEND = -1


def test_empty_root(tmpfs):
    root = tmpfs.stat("/")
    assert stat.S_ISDIR(root.mode) and stat.S_IMODE(root.mode) == 0o755
    assert root.nlink == 2
    assert tmpfs.list("/") == []


def test_write_and_read_back(tmpfs):
    file = tmpfs.open("/a", RW, 0o640)
    assert tmpfs.pwrite(file, b"hello") == 5
    assert tmpfs.pread(file, 100) == b"hello"
    assert tmpfs.pread(file, 2, 1) == b"el"
    assert tmpfs.pread(file, 100, 5) == b""
    assert tmpfs.pread(file, 100, 1 << 40) == b""
    info = tmpfs.fstat(file)
    assert info.size == 5 and info.mode == stat.S_IFREG | 0o640 and info.nlink == 1
    tmpfs.close(file)


@pytest.mark.parametrize("size", [1, 63, 64, 65, 4095, 4096, 4097, 12288, 100_000])
def test_sizes_around_blocks(tmpfs, size):
    data = random.Random(size).randbytes(size)
    tmpfs.write_file("/f", data)
    assert tmpfs.read_file("/f") == data
    assert tmpfs.stat("/f").size == size


def test_growing_byte_by_byte(tmpfs):
    file = tmpfs.open("/f", RW)
    for number in range(300):
        assert tmpfs.pwrite(file, bytes([number % 256]), number) == 1
    assert tmpfs.pread(file, 1000) == bytes(n % 256 for n in range(300))
    tmpfs.close(file)


def test_holes_read_as_zeros(tmpfs):
    file = tmpfs.open("/f", RW)
    tmpfs.pwrite(file, b"end", 5 * BLOCK + 7)
    tmpfs.pwrite(file, b"start")
    data = tmpfs.pread(file, 10 * BLOCK)
    assert data == b"start".ljust(5 * BLOCK + 7, b"\0") + b"end"
    used = tmpfs.statvfs("/")[1]
    assert used <= 3  # holes take no memory
    tmpfs.close(file)


def test_truncate_zeroes_what_it_cuts(tmpfs):
    file = tmpfs.open("/f", RW)
    tmpfs.fill(file, 0, 3 * BLOCK, 0x55)
    tmpfs.truncate(file, BLOCK + 10)
    tmpfs.truncate(file, 3 * BLOCK)
    assert tmpfs.pread(file, 4 * BLOCK) == (b"U" * (BLOCK + 10)).ljust(3 * BLOCK, b"\0")
    tmpfs.truncate(file, 0)
    tmpfs.truncate(file, 100)
    assert tmpfs.pread(file, 4 * BLOCK) == bytes(100)
    tmpfs.close(file)


def test_truncate_inside_a_short_first_block(tmpfs):
    file = tmpfs.open("/f", RW)
    tmpfs.pwrite(file, b"x" * 50)
    tmpfs.truncate(file, 3000)
    tmpfs.truncate(file, 2000)
    tmpfs.truncate(file, 2500)
    assert tmpfs.pread(file, BLOCK) == (b"x" * 50).ljust(2500, b"\0")
    tmpfs.close(file)


def test_open_flags(tmpfs, fails):
    with fails("ENOENT"):
        tmpfs.open("/a")
    tmpfs.close(tmpfs.open("/a", RW | os.O_EXCL))
    with fails("EEXIST"):
        tmpfs.open("/a", RW | os.O_EXCL)
    tmpfs.write_file("/a", b"content")
    tmpfs.close(tmpfs.open("/a", RW))
    assert tmpfs.read_file("/a") == b"content"
    tmpfs.close(tmpfs.open("/a", os.O_WRONLY | os.O_TRUNC))
    assert tmpfs.read_file("/a") == b""
    with fails("ENOTDIR"):
        tmpfs.open("/a", os.O_RDONLY | os.O_DIRECTORY)


def test_directories_as_files(tmpfs, fails):
    tmpfs.mkdir("/d", 0o700)
    for flags in (os.O_WRONLY, os.O_RDWR, RW, os.O_RDONLY | os.O_CREAT, os.O_RDWR | os.O_TRUNC):
        with fails("EISDIR"):
            tmpfs.open("/d", flags)
    with fails("EEXIST"):
        tmpfs.open("/d", RW | os.O_EXCL)
    directory = tmpfs.open("/d", os.O_RDONLY | os.O_DIRECTORY)
    with fails("EISDIR"):
        tmpfs.pread(directory, 1)
    with fails("EISDIR"):
        tmpfs.pwrite(directory, b"x")
    with fails("EINVAL"):
        tmpfs.truncate(directory, 0)
    assert tmpfs.fstat(directory).mode == stat.S_IFDIR | 0o700
    tmpfs.close(directory)


def test_files_as_directories(tmpfs, fails):
    tmpfs.write_file("/f", b"")
    for call in (
        lambda: tmpfs.stat("/f/x"),
        lambda: tmpfs.open("/f/x", RW),
        lambda: tmpfs.mkdir("/f/x", 0o755),
        lambda: tmpfs.unlink("/f/x"),
        lambda: tmpfs.rename("/f", "/f/x"),
        lambda: tmpfs.rmdir("/f"),
    ):
        with fails("ENOTDIR"):
            call()
    file = tmpfs.open("/f")
    with fails("ENOTDIR"):
        tmpfs.next(file, 0)
    tmpfs.close(file)


def test_missing_parents(tmpfs, fails):
    for call in (
        lambda: tmpfs.open("/no/x", RW),
        lambda: tmpfs.mkdir("/no/x", 0o755),
        lambda: tmpfs.unlink("/no/x"),
        lambda: tmpfs.rmdir("/no"),
        lambda: tmpfs.rename("/no", "/x"),
        lambda: tmpfs.chmod("/no", 0o600),
        lambda: tmpfs.utimens("/no", 1, 2),
    ):
        with fails("ENOENT"):
            call()


def test_long_names(tmpfs, fails):
    tmpfs.write_file("/" + "n" * 255, b"fits")
    assert tmpfs.list("/") == ["f:" + "n" * 255]
    with fails("ENAMETOOLONG"):
        tmpfs.open("/" + "n" * 256, RW)


def test_unlinked_file_lives_until_closed(tmpfs, fails):
    file = tmpfs.open("/a", RW)
    tmpfs.pwrite(file, b"data")
    second = tmpfs.open("/a")
    tmpfs.unlink("/a")
    with fails("ENOENT"):
        tmpfs.stat("/a")
    assert tmpfs.fstat(file).nlink == 0
    tmpfs.write_file("/a", b"another")
    assert tmpfs.pread(file, 10) == b"data"
    tmpfs.close(file)
    assert tmpfs.pread(second, 10) == b"data"
    tmpfs.close(second)
    assert tmpfs.read_file("/a") == b"another"


def test_rename_over_an_open_file(tmpfs):
    tmpfs.write_file("/new", b"new")
    tmpfs.write_file("/old", b"old")
    old = tmpfs.open("/old")
    inode = tmpfs.stat("/new").ino
    tmpfs.rename("/new", "/old")
    assert tmpfs.list("/") == ["f:old"]
    assert tmpfs.read_file("/old") == b"new" and tmpfs.stat("/old").ino == inode
    assert tmpfs.pread(old, 10) == b"old" and tmpfs.fstat(old).nlink == 0
    tmpfs.close(old)


def test_removed_directory_stays_readable(tmpfs):
    tmpfs.mkdir("/d", 0o755)
    directory = tmpfs.open("/d")
    tmpfs.rmdir("/d")
    assert tmpfs.next(directory, 0) is None
    assert tmpfs.fstat(directory).nlink == 0
    tmpfs.close(directory)


def test_rename_of_directories(tmpfs, fails):
    tmpfs.mkdir("/a", 0o755)
    tmpfs.mkdir("/a/b", 0o755)
    tmpfs.mkdir("/c", 0o755)
    tmpfs.write_file("/c/f", b"x")
    tmpfs.write_file("/file", b"x")
    with fails("EINVAL"):
        tmpfs.rename("/a", "/a/b/x")
    with fails("ENOTEMPTY"):
        tmpfs.rename("/a/b", "/c")
    with fails("ENOTDIR"):
        tmpfs.rename("/a", "/file")
    with fails("EISDIR"):
        tmpfs.rename("/file", "/a")
    with fails("ENOTEMPTY"):
        tmpfs.rename("/a/b", "/a")
    assert (tmpfs.stat("/").nlink, tmpfs.stat("/a").nlink) == (4, 3)
    tmpfs.rename("/c", "/a/b")  # over an empty directory
    assert tmpfs.list("/a/b") == ["f:f"]
    assert (tmpfs.stat("/").nlink, tmpfs.stat("/a").nlink) == (3, 3)
    tmpfs.rename("/a/b", "/moved")
    assert (tmpfs.stat("/").nlink, tmpfs.stat("/a").nlink) == (4, 2)
    tmpfs.rename("/a", "/a")
    tmpfs.rename("/a", "/ab")  # a common beginning is no parent
    tmpfs.rename("/ab", "/a")
    with fails("EBUSY"):
        tmpfs.rename("/", "/x")


def test_removing(tmpfs, fails):
    tmpfs.mkdir("/d", 0o755)
    tmpfs.write_file("/d/f", b"")
    with fails("ENOTEMPTY"):
        tmpfs.rmdir("/d")
    with fails("EISDIR"):
        tmpfs.unlink("/d")
    with fails("EEXIST"):
        tmpfs.mkdir("/d", 0o755)
    with fails("EEXIST"):
        tmpfs.mkdir("/d/f", 0o755)
    tmpfs.unlink("/d/f")
    tmpfs.rmdir("/d")
    assert tmpfs.list("/") == []


def test_append(tmpfs):
    file = tmpfs.open("/log", RW)
    for word in (b"one", b"two", b"three"):
        assert tmpfs.pwrite(file, word, APPEND) == len(word)
    assert tmpfs.read_file("/log") == b"onetwothree"
    tmpfs.close(file)


def test_times_and_modes(tmpfs):
    tmpfs.now(10)
    tmpfs.mkdir("/d", 0o1777)
    assert tmpfs.stat("/d").mode == stat.S_IFDIR | 0o1777
    tmpfs.now(20)
    tmpfs.write_file("/d/f", b"x")
    assert tmpfs.stat("/d").mtime == 20
    info = tmpfs.stat("/d/f")
    assert (info.atime, info.mtime, info.ctime) == (20, 20, 20)
    tmpfs.now(30)
    tmpfs.read_file("/d/f")
    assert tmpfs.stat("/d/f").atime == 30
    tmpfs.chmod("/d/f", 0o400)
    info = tmpfs.stat("/d/f")
    assert (info.mode, info.mtime, info.ctime) == (stat.S_IFREG | 0o400, 20, 30)
    tmpfs.now(40)
    tmpfs.utimens("/d/f", -5, 7)
    info = tmpfs.stat("/d/f")
    assert (info.atime, info.mtime, info.ctime) == (-5, 7, 40)
    tmpfs.now(50)
    tmpfs.rename("/d/f", "/f")
    assert (tmpfs.stat("/d").mtime, tmpfs.stat("/").mtime) == (50, 50)
    assert (tmpfs.stat("/f").mtime, tmpfs.stat("/f").ctime) == (7, 50)
    tmpfs.write_file("/f", b"read only by its mode, but there is only one user")
    tmpfs.now(60)
    tmpfs.close(tmpfs.open("/f", os.O_RDWR | os.O_TRUNC))
    assert tmpfs.stat("/f").mtime == 60


def test_inode_numbers_are_unique(tmpfs):
    for number in range(50):
        tmpfs.write_file(f"/{number}", b"")
    numbers = {tmpfs.stat(f"/{number}").ino for number in range(50)} | {tmpfs.stat("/").ino}
    assert len(numbers) == 51


def test_large_directory(tmpfs):
    names = [f"name {number}" for number in range(3000)]
    for name in names:
        tmpfs.close(tmpfs.open(f"/{name}", RW))
    assert tmpfs.list("/") == [f"f:{name}" for name in names]
    for name in names[::2]:
        tmpfs.unlink(f"/{name}")
    assert tmpfs.list("/") == [f"f:{name}" for name in names[1::2]]
    assert tmpfs.stat(f"/{names[2001]}").size == 0


def test_readdir_while_names_change(tmpfs):
    for number in range(20):
        tmpfs.write_file(f"/{number}", b"")
    directory = tmpfs.open("/")
    seen = []
    cookie = 0
    while entry := tmpfs.next(directory, cookie):
        cookie, name = entry
        seen.append(name)
        tmpfs.unlink(f"/{name}")  # what has been read
        if name == "5":
            tmpfs.unlink("/6")  # what comes next
            tmpfs.write_file("/later", b"")
    tmpfs.close(directory)
    assert seen == [*map(str, range(6)), *map(str, range(7, 20)), "later"]
    assert tmpfs.list("/") == []


def test_bad_positions(tmpfs, fails):
    file = tmpfs.open("/f", RW)
    with fails("EINVAL"):
        tmpfs.pread(file, 1, -2)
    with fails("EINVAL"):
        tmpfs.pwrite(file, b"x", -2)
    with fails("EINVAL"):
        tmpfs.truncate(file, -1)
    with fails("EFBIG"):
        tmpfs.pwrite(file, b"xx", (1 << 63) - 1)
    with fails("ENOSPC"):
        tmpfs.pwrite(file, b"x", 1 << 62)
    assert tmpfs.pwrite(file, b"", 100) == 0
    assert tmpfs.fstat(file).size == 0
    tmpfs.sync(file)
    tmpfs.close(file)


def test_limit(driver, fails):
    driver.mount("tmpfs", "/", 100_000)
    block_size, blocks, free = driver.statvfs("/")
    assert (block_size, blocks) == (4096, 100_000 // 4096) and 0 < free <= blocks
    file = driver.open("/f", RW)
    written = driver.fill(file, 0, 200_000, 0x41)
    assert 80_000 < written < 100_000 and written == driver.fstat(file).size
    with fails("ENOSPC"):
        driver.pwrite(file, b"x" * 5000, APPEND)
    with fails("ENOSPC"):
        for number in range(1000):
            driver.close(driver.open(f"/{number}", RW))
    with fails("ENOSPC"):
        driver.mkdir("/d", 0o755)
    # A rename over an existing name takes no memory.
    driver.rename("/f", "/0")
    assert driver.pread(file, 300_000) == b"A" * written
    driver.close(file)
    driver.unlink("/0")
    driver.write_file("/again", b"x" * 50_000)


def test_far_write_without_memory_leaves_nothing(driver, fails):
    driver.mount("tmpfs", "/", 100_000)
    file = driver.open("/f", RW)
    driver.pwrite(file, b"kept")
    before = driver.statvfs("/")
    with fails("ENOSPC"):
        driver.pwrite(file, b"x", 1 << 40)
    assert driver.statvfs("/") == before
    assert driver.fstat(file).size == 4
    driver.close(file)


OPERATIONS = (
    lambda d: d.close(d.open("/new", RW)),
    lambda d: d.close(d.open("/d/new", RW)),
    lambda d: d.mkdir("/d/made", 0o755),
    lambda d: d.rename("/f", "/d/a longer name"),
    lambda d: d.rename("/f", "/d/g"),
    lambda d: d.rename("/empty", "/d/empty"),
    lambda d: d.write_file("/f", b"y" * 10_000),
    lambda d: d.read_file("/f"),
    lambda d: d.list("/"),
    lambda d: d.unlink("/f"),
    lambda d: d.rmdir("/empty"),
)


@pytest.mark.parametrize("operation", range(len(OPERATIONS)))
def test_every_allocation_may_fail(driver, operation):
    """An operation either works or fails with nothing changed and nothing leaked."""
    for number in range(1, 50):
        driver.mount("tmpfs", "/", 0)
        driver.mkdir("/d", 0o755)
        driver.mkdir("/empty", 0o755)
        driver.write_file("/f", b"f" * 100)
        driver.write_file("/d/g", b"g" * 5000)
        before = snapshot(driver, "/")
        driver.fail(number)
        failed = False
        try:
            OPERATIONS[operation](driver)
        except OSError as error:
            assert error.errno in (errno.ENOMEM, errno.ENOSPC)
            failed = True
        except AssertionError:  # write_file(): a short write
            failed = True
        driver.fail(0)
        if failed and operation != 6:
            assert snapshot(driver, "/") == before
        for file in range(2):  # what an operation could not close
            if failed:
                close_if_open(driver, file)
        driver.umount("/")
        if not failed:
            return
    pytest.fail("never worked")


def close_if_open(driver, file):
    probe = driver.open("/d")
    if probe > file:
        driver.close(file)
    driver.close(probe)


def snapshot(driver, path):
    tree = {}
    for entry in driver.list(path):
        kind, name = entry.split(":", 1)
        inner = f"{path.rstrip('/')}/{name}"
        tree[name] = snapshot(driver, inner) if kind == "d" else driver.read_file(inner)
    return tree


def test_threads(tmpfs):
    tmpfs.mount("romfs", "/rom", "/")
    assert tmpfs.ask("threads") == [b"0"]
    lines = tmpfs.read_file("/log").decode().splitlines()
    assert sorted(lines) == sorted(f"{i} {r:05}" for i in range(4) for r in range(300))


@pytest.mark.parametrize("seed", range(6))
def test_random_operations_against_the_host(tmpfs, tmp_path, seed):
    """A few thousand random calls give the host's results and leave the host's files."""
    chance = random.Random(seed)
    names = ["a", "b", "c"]
    opened = []  # (ours, the host's)

    def path():
        return "/" + "/".join(chance.choice(names) for _ in range(chance.randint(1, 3)))

    def both(ours, host):
        """Run both; they return the same or fail with the same errno."""
        results = []
        for call in (ours, host):
            try:
                results.append(call())
            except OSError as error:
                results.append(error.errno)
        return results

    def step(kind, one, two):
        host_one, host_two = f"{tmp_path}{one}", f"{tmp_path}{two}"
        if kind == "mkdir":
            return both(lambda: tmpfs.mkdir(one, 0o755), lambda: os.mkdir(host_one) or 0)
        if kind == "rmdir":
            return both(lambda: tmpfs.rmdir(one), lambda: os.rmdir(host_one) or 0)
        if kind == "unlink":
            return both(lambda: tmpfs.unlink(one), lambda: os.unlink(host_one) or 0)
        if kind == "rename":
            return both(lambda: tmpfs.rename(one, two), lambda: os.rename(host_one, host_two) or 0)
        if kind == "chmod":
            mode = chance.choice([0o644, 0o600, 0o755])
            return both(lambda: tmpfs.chmod(one, mode), lambda: os.chmod(host_one, mode) or 0)
        if kind == "list":
            return both(
                lambda: sorted(e[2:] for e in tmpfs.list(one)),
                lambda: sorted(os.listdir(host_one)),
            )
        if kind == "open" and len(opened) < 8:
            flags = os.O_RDWR
            for flag in (os.O_CREAT, os.O_EXCL, os.O_TRUNC):
                flags |= chance.choice([0, flag])
            ours, host = both(
                lambda: (tmpfs.open(one, flags),), lambda: (os.open(host_one, flags),)
            )
            if isinstance(ours, tuple) and isinstance(host, tuple):
                opened.append((ours[0], host[0]))
                return 0, 0
            for result, close in ((ours, tmpfs.close), (host, os.close)):
                if isinstance(result, tuple):
                    close(result[0])
            return ours, host
        if not opened:
            return 0, 0
        ours, host = chance.choice(opened)
        position = chance.choice([0, 1, 60, 64, 4000, 4096, 9000, chance.randrange(20_000)])
        size = chance.choice([1, 10, 100, 4096, 9000])
        if kind == "close":
            opened.remove((ours, host))
            return both(lambda: tmpfs.close(ours), lambda: os.close(host) or 0)
        if kind == "write":
            data = chance.randbytes(size)
            return both(
                lambda: tmpfs.pwrite(ours, data, position), lambda: os.pwrite(host, data, position)
            )
        if kind == "truncate":
            return both(
                lambda: tmpfs.truncate(ours, position), lambda: os.ftruncate(host, position) or 0
            )
        info, host_info = tmpfs.fstat(ours), os.fstat(host)
        assert (info.size, info.nlink) == (host_info.st_size, host_info.st_nlink)
        return both(
            lambda: tmpfs.pread(ours, size, position), lambda: os.pread(host, size, position)
        )

    kinds = "mkdir rmdir unlink rename open open close write write read truncate list chmod"
    for _ in range(1500):
        what = chance.choice(kinds.split()), path(), path()
        ours, host = step(*what)
        assert ours == host, what
    for ours, host in opened:
        tmpfs.close(ours)
        os.close(host)
    compare(tmpfs, tmp_path, "")


def compare(driver, base, path):
    names = sorted(entry[2:] for entry in driver.list(path or "/"))
    assert names == sorted(os.listdir(f"{base}{path}"))
    for name in names:
        inner = f"{path}/{name}"
        host = os.stat(f"{base}{inner}")
        ours = driver.stat(inner)
        assert stat.S_IFMT(ours.mode) == stat.S_IFMT(host.st_mode)
        if stat.S_ISDIR(host.st_mode):
            assert ours.nlink == 2 + sum(e.is_dir() for e in os.scandir(f"{base}{inner}"))
            compare(driver, base, inner)
        else:
            with open(f"{base}{inner}", "rb") as file:
                assert driver.read_file(inner) == file.read()
