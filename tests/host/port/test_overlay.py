# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""A writable directory over one that the image ships."""

import os
import random
import stat

import pytest

W = os.O_WRONLY
NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
UPPER, LOWER = 1, 2
OS_PY = b"import sys\n" * 500


@pytest.fixture
def over(tmpfs):
    """/o: the archive's lib/python, with /up above it, which is not there yet."""
    tmpfs.mount("romfs", "/rom", "/")
    tmpfs.mount("overlay", "/o", "/rom/lib:/up/lib")
    return tmpfs


def test_shows_what_is_shipped(over):
    assert over.list("/o") == ["d:kernel", "d:python"]
    assert over.read_file("/o/python/os.py") == OS_PY
    assert over.layers("/o/python/os.py") == LOWER
    info = over.stat("/o/python/os.py")
    assert stat.S_IMODE(info.mode) & 0o200
    assert sorted(over.list("/")) == ["d:o", "d:rom"]  # nothing was written


def test_a_changed_file_wins_and_comes_back(over, fails):
    over.write_file("/o/python/os.py", b"mine")
    assert over.read_file("/o/python/os.py") == b"mine"
    assert over.read_file("/up/lib/python/os.py") == b"mine"
    assert over.read_file("/rom/lib/python/os.py") == OS_PY
    assert over.layers("/o/python/os.py") == UPPER | LOWER
    names = over.list("/o/python")
    assert len(names) == len(set(names)) == len(over.list("/rom/lib/python"))
    over.unlink("/o/python/os.py")
    assert over.read_file("/o/python/os.py") == OS_PY
    with fails("EROFS"):
        over.unlink("/o/python/os.py")


def test_a_write_without_truncation_keeps_the_rest(over):
    file = over.open("/o/python/os.py", os.O_RDWR)
    assert over.pwrite(file, b"IMPORT") == 6
    over.close(file)
    assert over.read_file("/o/python/os.py") == b"IMPORT" + OS_PY[6:]
    file = over.open("/o/python/json/decoder.py", os.O_RDWR)
    over.truncate(file, 3)
    over.close(file)
    assert over.read_file("/o/python/json/decoder.py") == bytes(range(3))


def test_who_reads_keeps_the_shipped_file(over):
    file = over.open("/o/python/os.py")
    over.write_file("/o/python/os.py", b"mine")
    assert over.pread(file, len(OS_PY)) == OS_PY
    over.close(file)


def test_new_files_and_directories(over, fails):
    over.mkdir("/o/mine", 0o755)
    over.write_file("/o/mine/a.py", b"a")
    over.write_file("/o/python/new.py", b"new")
    assert over.layers("/o/python/new.py") == UPPER
    assert over.list("/o/python").count("f:new.py") == 1
    with fails("EEXIST"):
        over.mkdir("/o/python", 0o755)
    with fails("EEXIST"):
        over.open("/o/python/os.py", NEW | os.O_EXCL)
    with fails("ENOENT"):
        over.open("/o/nowhere/a", NEW)
    with fails("ENOTDIR"):
        over.open("/o/python/os.py/a", NEW)
    with fails("ENOENT"):
        over.mkdir("/o/nowhere/a", 0o755)
    with fails("EISDIR"):
        over.open("/o/python", W)
    with fails("EISDIR"):
        over.unlink("/o/python")
    with fails("ENOTEMPTY"):
        over.rmdir("/o/mine")
    over.unlink("/o/mine/a.py")
    over.rmdir("/o/mine")
    with fails("ENOTEMPTY"):
        over.rmdir("/o/python")
    with fails("ENOTDIR"):
        over.rmdir("/o/python/os.py")
    with fails("ENOENT"):
        over.layers("/o/nowhere")
    with fails("EINVAL"):
        over.layers("/rom/top.txt")


def test_rename(over, fails):
    over.write_file("/o/python/part", b"whole")
    over.rename("/o/python/part", "/o/python/os.py")  # how programs save
    assert over.read_file("/o/python/os.py") == b"whole"
    assert over.layers("/o/python/os.py") == UPPER | LOWER
    over.rename("/o/python/os.py", "/o/mine.py")
    assert over.read_file("/o/mine.py") == b"whole"
    assert over.read_file("/o/python/os.py") == OS_PY
    over.mkdir("/o/dir", 0o755)
    for source, target, error in (
        ("/o/python/os.py", "/o/x", "EROFS"),
        ("/o/python", "/o/x", "EROFS"),
        ("/o/mine.py", "/o/python", "EISDIR"),
        ("/o/dir", "/o/python", "ENOTEMPTY"),
        ("/o/dir", "/o/python/os.py", "ENOTDIR"),
        ("/o/nowhere", "/o/x", "ENOENT"),
        ("/o/mine.py", "/o/nowhere/x", "ENOENT"),
        ("/o/mine.py/x", "/o/x", "ENOTDIR"),
    ):
        with fails(error):
            over.rename(source, target)
    over.rename("/o/python/os.py", "/o/python/os.py")
    over.rename("/o/dir", "/o/python/dir")
    assert stat.S_ISDIR(over.stat("/up/lib/python/dir").mode)


def test_attributes_are_copied_with_the_file(over):
    before = over.stat("/o/python/os.py")
    over.chmod("/o/python/os.py", 0o755)
    after = over.stat("/o/python/os.py")
    assert stat.S_IMODE(after.mode) == 0o755
    assert after.mtime == before.mtime
    assert over.read_file("/o/python/os.py") == OS_PY
    over.utimens("/o/python/json", 5, 7)
    assert over.stat("/o/python/json").mtime == 7
    assert over.stat("/o/python/json").ino == over.stat("/o/python/json").ino


def test_a_full_upper_layer_changes_nothing(driver, fails):
    driver.mount("tmpfs", "/", 0)
    driver.mount("romfs", "/rom", "/")
    driver.mount("tmpfs", "/small", 6000)
    driver.mount("overlay", "/o", "/rom/lib:/small")
    with fails("ENOSPC"):
        driver.open("/o/python/json/decoder.py", os.O_RDWR)  # 10 KiB to copy
    assert driver.layers("/o/python/json/decoder.py") == LOWER
    assert "".join(driver.list("/o/python")).count("zpy-copy") == 0
    assert len(driver.read_file("/o/python/json/decoder.py")) == 10240


def test_out_of_memory_changes_nothing(over):
    for count in range(1, 60):
        over.fail(count)
        try:
            file = over.open("/o/python/os.py", os.O_RDWR)
        except OSError:
            over.fail(0)
            assert over.read_file("/o/python/os.py") == OS_PY
            assert sorted(over.list("/o/python")) == sorted(over.list("/rom/lib/python"))
        else:
            over.fail(0)
            over.close(file)
            assert over.read_file("/o/python/os.py") == OS_PY
            return
    pytest.fail("never got through")


def test_layers_stay_mounted(over, fails):
    with fails("EBUSY"):
        over.umount("/rom")
    over.umount("/o")
    over.umount("/rom")


def test_an_overlay_over_an_overlay(over):
    over.mount("overlay", "/p", "/o/python:/other")
    over.write_file("/o/python/os.py", b"one")
    assert over.read_file("/p/os.py") == b"one"
    over.write_file("/p/os.py", b"two")
    assert over.read_file("/o/python/os.py") == b"one"
    over.umount("/p")


def test_read_only_mounts(over, fails):
    over.write_file("/o/mine", b"mine")
    over.read_only("/o")
    assert over.read_file("/o/mine") == b"mine"
    for flags in (W, os.O_RDWR, NEW, os.O_RDONLY | os.O_TRUNC):
        with fails("EROFS"):
            over.open("/o/mine", flags)
    with fails("EROFS"):
        over.open("/o/new", NEW)
    with fails("EEXIST"):
        over.open("/o/mine", NEW | os.O_EXCL)
    with fails("EISDIR"):
        over.open("/o/python", W)
    over.close(over.open("/o/mine", os.O_RDONLY | os.O_CREAT))
    with fails("EROFS"):
        over.unlink("/o/mine")
    for name, error in (("mine", "ENOTDIR"), ("python", "EROFS"), ("nope", "ENOENT")):
        with fails(error):
            over.rmdir(f"/o/{name}")
    with fails("EROFS"):
        over.mkdir("/o/dir", 0o755)
    with fails("EROFS"):
        over.rename("/o/mine", "/o/other")
    with fails("EROFS"):
        over.chmod("/o/mine", 0o600)


def test_like_a_dictionary(over):
    """A thousand random changes, against a model of what must be there."""
    chance = random.Random(3)
    shipped = {"os.py": OS_PY, "empty.py": b""}
    model = dict(shipped)
    for step in range(1000):
        name = chance.choice(["os.py", "empty.py", "a", "b"])
        path = f"/o/python/{name}"
        what = chance.randrange(4)
        if what == 0:
            model[name] = b"%d" % step
            over.write_file(path, model[name])
        elif what == 1:
            try:
                over.unlink(path)
                model.pop(name)
            except OSError:
                assert model.get(name) == shipped.get(name)
            if name in shipped:
                model[name] = shipped[name]
        elif what == 2 and name in model:
            file = over.open(path, W)
            over.pwrite(file, b"%d" % step, len(model[name]))
            over.close(file)
            model[name] += b"%d" % step
        elif what == 3 and name in model and over.layers(path) & UPPER:
            target = chance.choice(["os.py", "a", "b"])
            over.rename(path, f"/o/python/{target}")
            if target != name:
                model[target] = model.pop(name)
                if name in shipped:
                    model[name] = shipped[name]
        for name, data in model.items():
            assert over.read_file(f"/o/python/{name}") == data
        files = [name[2:] for name in over.list("/o/python") if name.startswith("f:")]
        assert sorted(files) == sorted(model)
