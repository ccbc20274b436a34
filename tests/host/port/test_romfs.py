# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The read-only file system, and the archive that romfs.py packs for it."""

import os
import stat
import subprocess
import sys
import zipfile
from types import SimpleNamespace

import pytest


@pytest.fixture
def romfs(driver):
    driver.mount("romfs", "/", "/")
    return driver


def test_all_files(romfs, rom):
    for name, data in rom.files.items():
        info = romfs.stat(f"/{name}")
        assert (info.mode, info.nlink, info.size) == (stat.S_IFREG | 0o444, 1, len(data))
        assert romfs.read_file(f"/{name}") == data


def test_directories(romfs, rom):
    assert romfs.list("/") == ["d:lib", "d:many", "d:names", "f:top.txt"]
    assert romfs.list("/lib/python/json") == ["f:__init__.py", "f:decoder.py"]
    assert romfs.list("/names") == ["f:ü.txt"]
    assert romfs.list("/many") == sorted(f"f:{number}" for number in range(200))
    assert romfs.stat("/lib").mode == stat.S_IFDIR | 0o555
    numbers = {romfs.stat(f"/{name}").ino for name in rom.files}
    assert len(numbers) == len(rom.files)


def test_reading_at_positions(romfs, rom):
    data = rom.files["lib/python/json/decoder.py"]
    file = romfs.open("/lib/python/json/decoder.py")
    assert romfs.pread(file, 10, 300) == data[300:310]
    assert romfs.pread(file, 1000, len(data) - 5) == data[-5:]
    assert romfs.pread(file, 10, len(data)) == b""
    assert romfs.pread(file, 10, 1 << 40) == b""
    assert romfs.pread(file, 0) == b""
    assert romfs.fstat(file).size == len(data)
    romfs.sync(file)
    romfs.close(file)


def test_opened_twice(romfs, rom):
    name = "lib/python/os.py"
    first, second = romfs.open(f"/{name}"), romfs.open(f"/{name}")
    other = romfs.open("/lib/kernel/boot.py")
    for file in (first, second):
        assert romfs.pread(file, 1 << 20) == rom.files[name]
    assert romfs.pread(other, 10) == rom.files["lib/kernel/boot.py"][:10]
    romfs.close(first)
    assert romfs.pread(second, 1 << 20) == rom.files[name]
    romfs.close(other)
    romfs.close(second)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda d: d.open("/no"), "ENOENT"),
        (lambda d: d.open("/lib/nothing/x"), "ENOENT"),
        (lambda d: d.open("/top.txt/x"), "ENOTDIR"),
        (lambda d: d.open("/" + "n" * 256), "ENAMETOOLONG"),
        (lambda d: d.open("/top.txt", os.O_WRONLY), "EROFS"),
        (lambda d: d.open("/top.txt", os.O_RDWR), "EROFS"),
        (lambda d: d.open("/new", os.O_WRONLY | os.O_CREAT), "EROFS"),
        (lambda d: d.open("/top.txt", os.O_RDONLY | os.O_CREAT | os.O_EXCL), "EEXIST"),
        (lambda d: d.open("/lib", os.O_RDWR), "EISDIR"),
        (lambda d: d.open("/top.txt", os.O_DIRECTORY), "ENOTDIR"),
        (lambda d: d.list("/top.txt"), "ENOTDIR"),
        (lambda d: d.stat("/no"), "ENOENT"),
        (lambda d: d.unlink("/no"), "ENOENT"),
        (lambda d: d.unlink("/top.txt"), "EROFS"),
        (lambda d: d.rmdir("/lib"), "EROFS"),
        (lambda d: d.mkdir("/lib", 0o755), "EEXIST"),
        (lambda d: d.mkdir("/new", 0o755), "EROFS"),
        (lambda d: d.mkdir("/no/new", 0o755), "EROFS"),
        (lambda d: d.rename("/top.txt", "/new"), "EROFS"),
        (lambda d: d.chmod("/top.txt", 0o600), "EROFS"),
        (lambda d: d.utimens("/top.txt", 1, 1), "EROFS"),
    ],
)
def test_errors(romfs, fails, call, error):
    with fails(error):
        call(romfs)


def test_reading_a_directory(romfs, fails):
    directory = romfs.open("/lib")
    with fails("EISDIR"):
        romfs.pread(directory, 1)
    with fails("EROFS"):
        romfs.pwrite(directory, b"x")
    romfs.close(directory)


def test_part_of_an_image(driver, rom, fails):
    driver.mount("tmpfs", "/", 0)
    driver.mount("romfs", "/lib", "/lib")
    assert driver.read_file("/lib/python/os.py") == rom.files["lib/python/os.py"]
    driver.mount("romfs", "/x", "/")
    with fails("ENOTDIR"):
        driver.mount("romfs", "/y", "/top.txt")
    with fails("ENOENT"):
        driver.mount("romfs", "/y", "/nothing")


def test_archive_as_a_file(driver, rom, tmp_path):
    driver.mount("archive", "/", "/")
    assert driver.list("/") == ["f:zpy.zip"]
    raw = (rom.path / "romfs.zip").read_bytes()
    assert driver.stat("/zpy.zip").size == len(raw)
    assert driver.read_file("/zpy.zip") == raw


def test_statvfs(romfs, rom):
    size = (rom.path / "romfs.zip").stat().st_size
    assert romfs.statvfs("/") == (1, size, 0)


def test_without_memory(romfs, fails):
    for number in range(1, 10):
        romfs.fail(number)
        try:
            file = romfs.open("/lib/python/os.py")
        except OSError as error:
            romfs.fail(0)
            assert error.errno == 12
            continue
        try:
            romfs.pread(file, 10)
        except OSError as error:
            assert error.errno == 12
        else:
            break
        finally:
            romfs.fail(0)
        # The same open file works once there is memory.
        assert romfs.pread(file, 10) == b"import sys"
        romfs.close(file)
    else:
        pytest.fail("never worked")
    romfs.close(file)


def test_damage_is_an_error(rom, make_driver, tmp_path, fails):
    """A changed byte in the middle of a compressed file gives EIO, not wrong contents."""
    archive = bytearray((rom.path / "romfs.zip").read_bytes())
    with zipfile.ZipFile(rom.path / "romfs.zip") as read:
        info = read.getinfo("lib/python/json/decoder.py")
    start = info.header_offset + 30 + len(info.filename)
    archive[start + info.compress_size // 2] ^= 0x55
    (tmp_path / "romfs.zip").write_bytes(archive)
    assembly = (rom.path / "romfs.S").read_text()
    (tmp_path / "romfs.S").write_text(
        assembly.replace(str(rom.path / "romfs.zip"), str(tmp_path / "romfs.zip"))
    )
    (tmp_path / "romfs_index.c").write_text((rom.path / "romfs_index.c").read_text())
    driver = make_driver(SimpleNamespace(path=tmp_path), tmp_path)
    driver.mount("romfs", "/", "/")
    file = driver.open("/lib/python/json/decoder.py")
    with fails("EIO"):
        driver.pread(file, 10)
    driver.close(file)
    assert driver.read_file("/top.txt") == b"top"
    driver.umount("/")
    driver.close_driver()


# romfs.py


def pack(scripts, out, *arguments, **environment):
    return subprocess.run(
        [sys.executable, scripts / "romfs.py", "--out", out, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_is_an_ordinary_zip(rom):
    with zipfile.ZipFile(rom.path / "romfs.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(rom.files)
        stored = archive.getinfo("top.txt")
        assert stored.compress_type == zipfile.ZIP_STORED
        assert archive.getinfo("lib/python/os.py").compress_type == zipfile.ZIP_DEFLATED


def test_zipimport_reads_it(tmp_path, scripts):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "in_the_archive.py").write_text("answer = 42\n" * 50)
    pack(scripts, tmp_path / "out", "--add", f"{tmp_path / 'in'}=/")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'out/romfs.zip')!r}); "
        "import in_the_archive; print(in_the_archive.answer)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout == "42\n"


def test_same_bytes_every_time(rom, tmp_path, scripts):
    source = rom.path.parent / "in"
    for name in ("one", "two"):
        assert pack(scripts, tmp_path / name, "--add", f"{source}=/").returncode == 0
        os.utime(source / "top.txt", (1, 1))
    one = (tmp_path / "one" / "romfs.zip").read_bytes()
    assert one == (tmp_path / "two" / "romfs.zip").read_bytes()
    later = pack(
        scripts, tmp_path / "three", "--add", f"{source}=/", SOURCE_DATE_EPOCH="1767225600"
    )
    assert later.returncode == 0
    assert "1767225600" in (tmp_path / "three" / "romfs_index.c").read_text()


def test_manifest_and_depfile(tmp_path, scripts):
    source = tmp_path / "a file.txt"
    source.write_text("text")
    manifest = tmp_path / "manifest"
    manifest.write_text(f"/lib/a.txt\t{source}\n")
    done = pack(scripts, tmp_path, "--manifest", manifest, "--depfile", tmp_path / "d")
    assert done.returncode == 0, done.stderr
    depfile = (tmp_path / "d").read_text()
    assert depfile.startswith(f"{tmp_path}/romfs_index.c: ".replace(" ", "\\ ")[:20])
    assert str(source).replace(" ", "\\ ") in depfile and str(manifest) in depfile


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--add", "{0}"], "give HOST=DEVICE"),
        (["--add", "{0}=relative"], "give HOST=DEVICE"),
        (["--add", "{0}/nothing=/x"], "there is no"),
        (["--add", "{0}/f=/x/../y"], "can be no name"),
        (["--add", "{0}/f=/x", "--add", "{0}/g=/x"], "twice"),
        (["--add", "{0}/f=/x", "--add", "{0}/g=/x/y"], "is a file"),
        (["--manifest", "{0}/f"], "not 'device<TAB>host'"),
        (["--manifest", "{0}/nothing"], "No such file"),
    ],
)
def test_bad_arguments(tmp_path, scripts, arguments, message):
    (tmp_path / "f").write_text("no tab\n")
    (tmp_path / "g").write_text("g")
    done = pack(scripts, tmp_path / "out", *(word.format(tmp_path) for word in arguments))
    assert done.returncode == 1
    assert message in done.stderr and "Traceback" not in done.stderr
