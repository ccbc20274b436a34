# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""One tree of names over several file systems."""

import os
import posixpath
import random

import pytest

RW = os.O_RDWR | os.O_CREAT


@pytest.mark.parametrize(
    ("cwd", "path", "expected"),
    [
        ("/", "/", "/"),
        ("/", "a", "/a"),
        ("/a/b", "c", "/a/b/c"),
        ("/a/b", "/c", "/c"),
        ("/a/b", ".", "/a/b"),
        ("/a/b", "..", "/a"),
        ("/a/b", "../..", "/"),
        ("/a/b", "../../../..", "/"),
        ("/a", "../b/./c//d/", "/b/c/d"),
        ("/", "//a///b", "/a/b"),
        ("/", "...", "/..."),
        ("/", "/..a/b..", "/..a/b.."),
        ("/a", "./", "/a"),
        ("/", "n" * 255, "/" + "n" * 255),
    ],
)
def test_normalise(driver, cwd, path, expected):
    assert driver.normalise(cwd, path) == expected


def test_normalise_errors(driver, fails):
    with fails("ENOENT"):
        driver.normalise("/", "")
    with fails("ENAMETOOLONG"):
        driver.normalise("/", "n" * 256)
    longest = "/".join(["d" * 254] * 4)  # 1019
    assert driver.normalise("/", f"{longest}/fg") == f"/{longest}/fg"  # 1023 with its "/"
    with fails("ENAMETOOLONG"):
        driver.normalise("/", f"{longest}/fgh")
    with fails("ENAMETOOLONG"):
        driver.normalise(f"/{longest}", "abcde")
    assert driver.normalise(f"/{longest}", "../a") == "/" + "/".join(["d" * 254] * 3) + "/a"


def test_normalise_like_posixpath(driver):
    chance = random.Random(1)
    for _ in range(500):
        path = "".join(
            chance.choice(["/", "/", "a", ".", "..", "bc"]) for _ in range(chance.randint(1, 12))
        )
        expected = posixpath.normpath(posixpath.join("/x/y", path))
        assert driver.normalise("/x/y", path) == "/" + expected.lstrip("/")


@pytest.fixture
def tree(driver):
    """tmpfs at / with another below /mnt/data and the image at /rom."""
    driver.mount("tmpfs", "/", 0)
    driver.mkdir("/mnt", 0o755)
    driver.mount("tmpfs", "/mnt/data", 0)
    driver.mount("romfs", "/rom", "/")
    return driver


def test_resolve(tree):
    assert tree.resolve("/") == ("tmpfs", "/")
    assert tree.resolve("/mnt") == ("tmpfs", "/mnt")
    assert tree.resolve("/rom") == ("romfs", "/")
    assert tree.resolve("/rom/lib/x") == ("romfs", "/lib/x")
    assert tree.resolve("/romance") == ("tmpfs", "/romance")
    assert tree.resolve("/mnt/data/x/y") == ("tmpfs", "/x/y")
    assert tree.mounts() == ["tmpfs:/", "tmpfs:/mnt/data", "romfs:/rom"]


def test_nothing_mounted(driver, fails):
    for call in (
        lambda: driver.stat("/"),
        lambda: driver.open("/x"),
        lambda: driver.resolve("/"),
        lambda: driver.mount("tmpfs", "/x", 0),
    ):
        with fails("ENOENT"):
            call()
    assert driver.mounts() == []


def test_files_go_where_they_belong(tree):
    tree.write_file("/here", b"here")
    tree.write_file("/mnt/data/there", b"there")
    assert tree.list("/mnt/data") == ["f:there"]
    assert tree.read_file("/rom/top.txt") == b"top"
    assert tree.ask("device", "/") != tree.ask("device", "/mnt/data/there")
    assert tree.ask("device", "/mnt/data") == tree.ask("device", "/mnt/data/there")


def test_mount_points_are_listed(tree):
    """Also where the parent's file system holds no entry; and once where it does."""
    assert sorted(tree.list("/")) == ["d:mnt", "d:rom"]
    assert tree.list("/mnt") == ["d:data"]
    tree.mkdir("/exists", 0o700)
    tree.write_file("/exists/hidden", b"")
    tree.mount("tmpfs", "/exists", 0)
    assert sorted(tree.list("/")) == ["d:exists", "d:mnt", "d:rom"]
    assert tree.list("/exists") == []
    tree.umount("/exists")
    assert tree.list("/exists") == ["f:hidden"]
    # Below a read-only one
    tree.mount("tmpfs", "/rom/names/more", 0)
    assert tree.list("/rom/names") == ["f:ü.txt", "d:more"]
    tree.write_file("/rom/names/more/x", b"x")
    tree.umount("/rom/names/more")


def test_parents_are_made(tree, fails):
    tree.mount("tmpfs", "/a/b/c", 0)
    assert tree.list("/a") == ["d:b"] and tree.list("/a/b") == ["d:c"]
    with fails("EROFS"):
        tree.mount("tmpfs", "/rom/no/where", 0)
    tree.write_file("/file", b"")
    for point in ("/file", "/file/x"):
        with fails("ENOTDIR"):
            tree.mount("tmpfs", point, 0)
    for point in ("x", "/x/", "/x/../y", "//x"):
        with fails("EINVAL"):
            tree.mount("tmpfs", point, 0)


def test_mounting_twice(tree, fails):
    with fails("EBUSY"):
        tree.mount("tmpfs", "/rom", 0)
    with fails("EBUSY"):
        tree.mount("tmpfs", "/", 0)


def test_full_table(tree, fails):
    for number in range(13):
        tree.mount("tmpfs", f"/m{number}", 0)
    with fails("ENOSPC"):
        tree.mount("tmpfs", "/last", 0)


def test_umount(tree, fails):
    with fails("EINVAL"):
        tree.umount("/mnt")
    with fails("EBUSY"):
        tree.umount("/")
    first = tree.open("/rom/top.txt")
    second = tree.open("/rom/top.txt")
    with fails("EBUSY"):
        tree.umount("/rom")
    tree.close(first)
    with fails("EBUSY"):
        tree.umount("/rom")
    tree.close(second)
    with fails("ENOENT"):
        tree.open("/rom/no")  # what fails to open counts for nothing
    tree.umount("/rom")
    with fails("ENOENT"):
        tree.stat("/rom")


def test_mount_points_stay(tree, fails):
    for call in (
        lambda: tree.unlink("/rom"),
        lambda: tree.rmdir("/rom"),
        lambda: tree.rename("/rom", "/x"),
        lambda: tree.rename("/mnt", "/x"),
        lambda: tree.rmdir("/mnt"),
        lambda: tree.rmdir("/"),
    ):
        with fails("EBUSY"):
            call()
    with fails("EEXIST"):
        tree.mkdir("/rom", 0o755)
    tree.mkdir("/d", 0o755)
    with fails("EBUSY"):
        tree.rename("/d", "/rom")


def test_rename_across(tree, fails):
    tree.write_file("/f", b"x")
    with fails("EXDEV"):
        tree.rename("/f", "/mnt/data/f")
    with fails("EXDEV"):
        tree.rename("/rom/top.txt", "/f")
    tree.write_file("/mnt/data/f", b"y")
    tree.rename("/mnt/data/f", "/mnt/data/g")
    assert tree.read_file("/mnt/data/g") == b"y"


def test_read_only_below(tree, fails):
    for call in (
        lambda: tree.unlink("/rom/top.txt"),
        lambda: tree.mkdir("/rom/x", 0o755),
        lambda: tree.chmod("/rom/top.txt", 0o600),
        lambda: tree.open("/rom/x", RW),
    ):
        with fails("EROFS"):
            call()
