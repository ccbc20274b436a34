# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The layer over Zephyr's file systems, on a fake of its FAT that ends the program when it is
used in a way that would damage a disk."""

import os
import random
import stat

import pytest

RW = os.O_RDWR | os.O_CREAT
UNKNOWN = 315532800 * 10**9


@pytest.fixture
def disk(tmp_path):
    path = tmp_path / "disk"
    path.mkdir()
    return path


@pytest.fixture
def fat(driver, disk):
    driver.now(UNKNOWN + 1000)
    driver.mount("tmpfs", "/", 0)
    driver.mount("fat", "/sd", f"1000000:{disk}")
    return driver


def test_files(fat, disk):
    assert fat.list("/") == ["d:sd"] and fat.list("/sd") == []
    fat.write_file("/sd/a", b"hello" * 1000)
    assert (disk / "a").read_bytes() == b"hello" * 1000
    assert fat.read_file("/sd/a") == b"hello" * 1000
    assert fat.stat("/sd/a").mode == stat.S_IFREG | 0o644
    assert fat.stat("/sd").mode == stat.S_IFDIR | 0o755


def test_shared_by_all_who_have_it_open(fat):
    first = fat.open("/sd/a", RW)
    second = fat.open("/sd/A")  # the same on FAT
    fat.pwrite(first, b"data", -1)
    fat.pwrite(first, b"more", -1)
    assert fat.pread(second, 100) == b"datamore"
    assert fat.stat("/sd/a").size == 8
    assert fat.stat("/sd/a").ino == fat.stat("/sd/A").ino == fat.fstat(second).ino
    fat.close(first)
    assert fat.pread(second, 100, 4) == b"more"
    fat.close(second)


def test_gaps_are_filled(fat):
    file = fat.open("/sd/a", RW)
    fat.pwrite(file, b"end", 3000)
    assert fat.pread(file, 5000) == bytes(3000) + b"end"
    fat.truncate(file, 10)
    fat.truncate(file, 2000)
    assert fat.pread(file, 5000) == bytes(2000)
    fat.close(file)


def test_what_is_open_stays(fat, fails):
    fat.mkdir("/sd/d", 0o755)
    file = fat.open("/sd/d/a", RW)
    fat.write_file("/sd/b", b"b")
    for call in (
        lambda: fat.unlink("/sd/d/a"),
        lambda: fat.rename("/sd/D/A", "/sd/c"),
        lambda: fat.rename("/sd/b", "/sd/d/a"),
        lambda: fat.rename("/sd/d", "/sd/e"),
    ):
        with fails("EBUSY"):
            call()
    fat.close(file)
    fat.rename("/sd/b", "/sd/d/a")
    assert fat.read_file("/sd/d/a") == b"b"


def test_rename_keeps_the_file(fat, disk):
    fat.write_file("/sd/name", b"x")
    fat.rename("/sd/name", "/sd/name")
    fat.rename("/sd/name", "/sd/NAME")
    assert os.listdir(disk) == ["NAME"] and fat.read_file("/sd/name") == b"x"
    fat.write_file("/sd/other", b"y")
    fat.rename("/sd/other", "/sd/name")
    assert os.listdir(disk) == ["name"] and fat.read_file("/sd/name") == b"y"
    fat.mkdir("/sd/dir", 0o755)
    fat.rename("/sd/dir", "/sd/Dir")
    assert sorted(os.listdir(disk)) == ["Dir", "name"]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda d: d.open("/sd/no"), "ENOENT"),
        (lambda d: d.open("/sd/no/x", RW), "ENOENT"),
        (lambda d: d.open("/sd/f/x"), "ENOTDIR"),
        (lambda d: d.open("/sd/f/x", RW), "ENOTDIR"),
        (lambda d: d.stat("/sd/f/x/y"), "ENOTDIR"),
        (lambda d: d.open("/sd/f", RW | os.O_EXCL), "EEXIST"),
        (lambda d: d.open("/sd/f", os.O_DIRECTORY), "ENOTDIR"),
        (lambda d: d.open("/sd/d", os.O_RDWR), "EISDIR"),
        (lambda d: d.open("/sd/d", RW | os.O_EXCL), "EEXIST"),
        (lambda d: d.open("/sd/locked", os.O_RDWR), "EACCES"),
        (lambda d: d.mkdir("/sd/d", 0o755), "EEXIST"),
        (lambda d: d.mkdir("/sd/F", 0o755), "EEXIST"),
        (lambda d: d.mkdir("/sd/no/x", 0o755), "ENOENT"),
        (lambda d: d.mkdir("/sd/f/x", 0o755), "ENOTDIR"),
        (lambda d: d.rmdir("/sd/f"), "ENOTDIR"),
        (lambda d: d.rmdir("/sd/d"), "ENOTEMPTY"),
        (lambda d: d.rmdir("/sd/no"), "ENOENT"),
        (lambda d: d.unlink("/sd/d"), "EISDIR"),
        (lambda d: d.unlink("/sd/no"), "ENOENT"),
        (lambda d: d.rename("/sd/no", "/sd/x"), "ENOENT"),
        (lambda d: d.rename("/sd/d", "/sd/D/x"), "EINVAL"),
        (lambda d: d.rename("/sd/f", "/sd/d"), "EISDIR"),
        (lambda d: d.rename("/sd/d", "/sd/f"), "ENOTDIR"),
        (lambda d: d.rename("/sd/e", "/sd/d"), "ENOTEMPTY"),
        (lambda d: d.rename("/sd/f", "/sd/no/x"), "ENOENT"),
        (lambda d: d.rename("/sd/f", "/f"), "EXDEV"),
        (lambda d: d.chmod("/sd/no", 0o600), "ENOENT"),
    ],
)
def test_errors(fat, disk, fails, call, error):
    fat.write_file("/sd/f", b"")
    fat.mkdir("/sd/d", 0o755)
    fat.mkdir("/sd/e", 0o755)
    fat.write_file("/sd/d/inner", b"")
    fat.write_file("/sd/locked", b"")
    (disk / "locked").chmod(0o444)
    before = sorted(str(path) for path in disk.rglob("*"))
    with fails(error):
        call(fat)
    assert sorted(str(path) for path in disk.rglob("*")) == before


def test_read_only_file_can_be_read(fat, disk):
    (disk / "locked").write_bytes(b"text")
    (disk / "locked").chmod(0o444)
    assert fat.read_file("/sd/locked") == b"text"


def test_full_disk(driver, disk, fails):
    driver.mount("tmpfs", "/", 0)
    driver.mount("fat", "/sd", f"10000:{disk}")
    file = driver.open("/sd/f", RW)
    assert driver.fill(file, 0, 20_000, 0x41) == 10_000
    with fails("ENOSPC"):
        driver.pwrite(file, b"x", -1)
    with fails("ENOSPC"):
        driver.pwrite(file, b"x", 50_000)
    assert driver.fstat(file).size == 10_000
    driver.truncate(file, 5000)
    with fails("ENOSPC"):
        driver.truncate(file, 50_000)
    assert driver.fstat(file).size == 5000
    assert driver.pread(file, 20_000) == b"A" * 5000
    driver.close(file)


def test_few_files_can_be_open(fat, fails):
    files = [fat.open(f"/sd/{number}", RW) for number in range(4)]
    with fails("ENOMEM"):
        fat.open("/sd/last", RW)
    again = fat.open("/sd/0")  # is open already
    for file in (*files, again):
        fat.close(file)
    fat.write_file("/sd/last", b"x")


def test_times(fat):
    assert fat.stat("/sd").mtime == UNKNOWN
    fat.now(UNKNOWN + 2000)
    fat.write_file("/sd/f", b"x")
    assert fat.stat("/sd/f").mtime == fat.stat("/sd").mtime == UNKNOWN + 2000
    fat.now(UNKNOWN + 3000)
    fat.rename("/sd/f", "/sd/g")
    assert fat.stat("/sd/g").mtime == UNKNOWN + 2000
    assert fat.stat("/sd").mtime == UNKNOWN + 3000
    fat.utimens("/sd/g", 1, 5)
    assert fat.stat("/sd/g").mtime == 5
    for number in range(100):  # more than are remembered
        fat.write_file(f"/sd/{number}", b"x")
    assert fat.stat("/sd/g").mtime == UNKNOWN
    assert fat.stat("/sd/99").mtime == UNKNOWN + 3000


def test_directory_read_while_names_change(fat):
    for number in range(30):
        fat.write_file(f"/sd/{number}", b"")
    directory = fat.open("/sd")
    seen, cookie = [], 0
    while entry := fat.next(directory, cookie):
        cookie, name = entry
        seen.append(name)
        fat.unlink(f"/sd/{name}")
    assert sorted(seen) == sorted(map(str, range(30)))
    assert fat.next(directory, 0) is None
    fat.close(directory)
    assert fat.list("/sd") == []


def test_without_memory(fat):
    fat.write_file("/sd/f", b"x")
    for number in range(1, 10):
        fat.fail(number)
        try:
            fat.close(fat.open("/sd/f"))
            fat.list("/sd")
        except OSError as error:
            assert error.errno == 12
        else:
            break
        finally:
            fat.fail(0)
        assert fat.read_file("/sd/f") == b"x"
    else:
        pytest.fail("never worked")


@pytest.mark.parametrize("seed", range(4))
def test_random_operations(fat, tmp_path, disk, seed):
    """Random calls on closed files give what the host's own file system gives."""
    host = tmp_path / "model"
    host.mkdir()
    chance = random.Random(seed)

    def path():
        return "/" + "/".join(chance.choice("abc") for _ in range(chance.randint(1, 3)))

    def write(target, data, position):
        with open(os.open(target, RW, 0o644), "r+b") as file:
            file.seek(position)
            file.write(data)
        return len(data)

    def ours_write(target, data, position):
        file = fat.open(target, RW)
        try:
            return fat.pwrite(file, data, position)
        finally:
            fat.close(file)

    def calls(kind, one, two):
        sd, model = f"/sd{one}", f"{host}{one}"
        data, position = chance.randbytes(chance.choice([1, 600])), chance.choice([0, 10, 2000])
        return {
            "mkdir": (lambda: fat.mkdir(sd, 0o755), lambda: os.mkdir(model) or 0),
            "rmdir": (lambda: fat.rmdir(sd), lambda: os.rmdir(model) or 0),
            "unlink": (lambda: fat.unlink(sd), lambda: os.unlink(model) or 0),
            "rename": (
                lambda: fat.rename(sd, f"/sd{two}"),
                lambda: os.rename(model, f"{host}{two}") or 0,
            ),
            "write": (
                lambda: ours_write(sd, data, position),
                lambda: write(model, data, position),
            ),
            "read": (lambda: fat.read_file(sd), lambda: open(model, "rb").read()),
            "list": (
                lambda: sorted(entry[2:] for entry in fat.list(sd)),
                lambda: sorted(os.listdir(model)),
            ),
        }[kind]

    kinds = ["mkdir", "rmdir", "unlink", "rename", "write", "read", "list"]
    for _ in range(400):
        what = chance.choice(kinds), path(), path()
        results = []
        for call in calls(*what):
            try:
                results.append(call())
            except OSError as error:
                results.append(error.errno)
        assert results[0] == results[1], what
    tree = {str(p.relative_to(host)): p.is_file() and p.read_bytes() for p in host.rglob("*")}
    assert tree == {
        str(p.relative_to(disk)): p.is_file() and p.read_bytes() for p in disk.rglob("*")
    }
