# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Files and directories, as POSIX and Python promise them."""

import contextlib
import errno
import io
import os
import pathlib
import shutil
import stat
import sys
import tempfile
import threading
import time
import unittest

# Without the interpreter lock a file's buffer, of 128 KiB, takes twice as much: all files that can
# be open together have more than a board of 128 MiB.
LOCKED = getattr(sys, "_is_gil_enabled", lambda: True)()
ZEPHYR = sys.platform == "zephyr"


class Case(unittest.TestCase):
    """In a fresh directory, which is the current one."""

    def setUp(self):
        self.before = os.getcwd()
        self.directory = os.path.realpath(tempfile.mkdtemp())
        os.chdir(self.directory)

    def tearDown(self):
        os.chdir(self.before)
        shutil.rmtree(self.directory)

    @contextlib.contextmanager
    def fails(self, *numbers):
        """The block must raise an OSError with one of these errnos."""
        with self.assertRaises(OSError) as raised:
            yield
        self.assertIn(raised.exception.errno, numbers, raised.exception)

    def put(self, name, data=b"data"):
        """Writes a file; returns its name."""
        with open(name, "wb") as file:
            file.write(data)
        return name

    def get(self, name):
        """Returns what is in a file."""
        with open(name, "rb") as file:
            return file.read()


class Directories(Case):
    """Directories, and where one is."""

    def test_current(self):
        self.assertEqual(os.getcwd(), self.directory)
        os.mkdir("a")
        os.chdir("a")
        self.assertEqual(os.getcwd(), os.path.join(self.directory, "a"))
        self.put("file")
        os.chdir("..")
        self.assertEqual(self.get("a/file"), b"data")
        self.assertEqual(self.get("./a/../a//file"), b"data")
        self.assertEqual(os.getcwd(), self.directory)
        with self.fails(errno.ENOENT):
            os.chdir("nowhere")
        with self.fails(errno.ENOTDIR):
            os.chdir("a/file")
        self.assertEqual(os.getcwd(), self.directory)

    def test_root(self):
        names = os.listdir("/")
        self.assertIn("tmp", names)
        self.assertEqual(len(names), len(set(names)))
        self.assertTrue(os.path.isdir("/"))
        self.assertTrue(stat.S_ISDIR(os.stat("/").st_mode))
        os.chdir("/")
        self.assertEqual(os.getcwd(), "/")
        os.chdir("..")
        self.assertEqual(os.getcwd(), "/")
        for name in names:
            os.lstat("/" + name)

    def test_make_and_remove(self):
        os.mkdir("a")
        os.makedirs("a/b/c")
        self.assertEqual(os.listdir("a"), ["b"])
        with self.fails(errno.EEXIST):
            os.mkdir("a")
        with self.fails(errno.ENOENT):
            os.mkdir("x/y")
        with self.fails(errno.ENOTEMPTY):
            os.rmdir("a")
        with self.fails(errno.ENOENT):
            os.rmdir("x")
        os.makedirs("a/b/c", exist_ok=True)
        os.removedirs("a/b/c")
        self.assertEqual(os.listdir("."), [])

    def test_list(self):
        for i in range(100):
            self.put(f"file{i}")
        os.mkdir("dir")
        self.assertEqual(sorted(os.listdir()), sorted(["dir", *(f"file{i}" for i in range(100))]))
        with os.scandir() as entries:
            kinds = {
                entry.name: (entry.is_dir(), entry.is_file(), entry.stat().st_size)
                for entry in entries
            }
        self.assertEqual(kinds["dir"][:2], (True, False))
        self.assertEqual(kinds["file7"], (False, True, 4))
        with self.fails(errno.ENOTDIR):
            os.listdir("file1")
        with self.fails(errno.ENOENT):
            os.listdir("nowhere")

    def test_unlink_while_listing(self):
        for i in range(30):
            self.put(f"file{i}")
        with os.scandir() as entries:
            for entry in entries:
                os.unlink(entry.path)
        self.assertEqual(os.listdir(), [])

    def test_walk_and_trees(self):
        os.makedirs("a/b/c")
        self.put("a/1")
        self.put("a/b/2", b"two")
        os.makedirs("a/empty")
        found = {path: (sorted(dirs), sorted(files)) for path, dirs, files in os.walk("a")}
        self.assertEqual(found["a"], (["b", "empty"], ["1"]))
        self.assertEqual(len(found), 4)
        shutil.copytree("a", "copy")
        self.assertEqual(self.get("copy/b/2"), b"two")
        self.assertTrue(os.path.isdir("copy/empty"))
        shutil.move("copy", "moved")
        self.assertFalse(os.path.exists("copy"))
        shutil.rmtree("moved")
        self.assertEqual(os.listdir(), ["a"])
        with self.fails(errno.ENOENT):
            shutil.rmtree("moved")

    def test_a_directory_is_no_file(self):
        os.mkdir("a")
        for mode in ("w", "a", "r+"):
            with self.fails(errno.EISDIR):
                open("a", mode)
        with self.fails(errno.EISDIR, errno.EPERM):
            os.unlink("a")
        self.put("f")
        with self.fails(errno.ENOTDIR):
            os.rmdir("f")
        with self.fails(errno.ENOTDIR):
            open("f/x")
        with self.fails(errno.ENOTDIR):
            os.mkdir("f/x")


class Contents(Case):
    """Reading and writing."""

    def test_modes(self):
        with self.fails(errno.ENOENT):
            open("f")
        with open("f", "x") as file:
            file.write("one\n")
        with self.fails(errno.EEXIST):
            open("f", "x")
        with open("f", "a") as file:
            file.write("two\n")
        with open("f") as file:
            self.assertEqual(file.readlines(), ["one\n", "two\n"])
            with self.assertRaises(io.UnsupportedOperation):
                file.write("x")
        with open("f", "r+") as file:
            file.write("ONE")
            file.seek(0)
            self.assertEqual(file.read(), "ONE\ntwo\n")
        with open("f", "w+") as file:
            self.assertEqual(file.read(), "")
            file.write("new")
        self.assertEqual(self.get("f"), b"new")
        with open("f", "a+") as file:
            file.seek(0)
            self.assertEqual(file.read(), "new")
            file.seek(0)
            file.write("er")
        self.assertEqual(self.get("f"), b"newer")

    def test_append_always_goes_to_the_end(self):
        self.put("f", b"0123")
        first = os.open("f", os.O_WRONLY | os.O_APPEND)
        second = os.open("f", os.O_WRONLY | os.O_APPEND)
        os.write(first, b"a")
        os.write(second, b"b")
        os.lseek(first, 0, os.SEEK_SET)
        os.write(first, b"c")
        os.close(first)
        os.close(second)
        self.assertEqual(self.get("f"), b"0123abc")

    def test_seek_and_tell(self):
        self.put("f", bytes(range(200)))
        with open("f", "rb") as file:
            self.assertEqual(file.seek(100), 100)
            self.assertEqual(file.read(2), b"de")
            self.assertEqual(file.tell(), 102)
            self.assertEqual(file.seek(-10, os.SEEK_END), 190)
            self.assertEqual(file.seek(5, os.SEEK_CUR), 195)
            self.assertEqual(len(file.read()), 5)
            self.assertEqual(file.read(), b"")
            with self.assertRaises((OSError, ValueError)):
                file.seek(-1)

    def test_holes(self):
        with open("f", "wb") as file:
            file.seek(10_000)
            file.write(b"end")
        data = self.get("f")
        self.assertEqual(data, bytes(10_000) + b"end")

    def test_truncate(self):
        self.put("f", b"0123456789")
        with open("f", "r+b") as file:
            file.truncate(4)
            self.assertEqual(file.read(), b"0123")
            file.truncate(6)
        self.assertEqual(self.get("f"), b"0123\0\0")
        os.truncate("f", 1)
        self.assertEqual(os.path.getsize("f"), 1)
        with self.assertRaises(OSError):
            os.truncate("nowhere", 1)

    def test_large(self):
        block = bytes(range(256)) * 256
        with open("f", "wb") as file:
            for _ in range(16):
                file.write(block)
        self.assertEqual(os.path.getsize("f"), 1 << 20)
        with open("f", "rb") as file:
            for _ in range(16):
                self.assertEqual(file.read(len(block)), block)

    def test_text(self):
        with open("f", "w", encoding="utf-8", newline="\r\n") as file:
            file.write("grüße\n日本\n")
        self.assertEqual(self.get("f"), "grüße\r\n日本\r\n".encode())
        with open("f", encoding="utf-8") as file:
            self.assertEqual(list(file), ["grüße\n", "日本\n"])

    def test_names(self):
        for name in ("with space", "ünï", "日本", "a" * 255, ".hidden", "-x", "a\nb"):
            self.put(name)
            self.assertIn(name, os.listdir())
            os.unlink(name)
        with self.fails(errno.ENAMETOOLONG):
            open("a" * 256, "w")
        with self.fails(errno.ENAMETOOLONG):
            os.mkdir("a" * 256)
        with self.assertRaises(ValueError):
            open("a\0b")
        with self.fails(errno.ENOENT):
            open("")

    def test_two_readers_and_a_writer(self):
        with open("f", "wb", buffering=0) as writer, open("f", "rb") as reader:
            writer.write(b"first")
            self.assertEqual(reader.read(), b"first")
            writer.write(b"second")
            self.assertEqual(reader.read(), b"second")

    def test_from_threads(self):
        def work(i):
            for j in range(20):
                name = f"file{i}"
                self.put(name, bytes([i]) * (j * 100))
                self.assertEqual(self.get(name), bytes([i]) * (j * 100))
                done.append(i)

        done = []
        threads = [threading.Thread(target=work, args=(i,)) for i in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(done), 100)


class Names(Case):
    """Renaming, deleting, what a name says of a file."""

    def test_rename(self):
        self.put("a", b"a")
        self.put("b", b"b")
        os.rename("a", "c")
        self.assertEqual(sorted(os.listdir()), ["b", "c"])
        os.rename("c", "b")
        self.assertEqual((os.listdir(), self.get("b")), (["b"], b"a"))
        os.replace("b", "b")
        self.assertEqual(self.get("b"), b"a")
        with self.fails(errno.ENOENT):
            os.rename("nowhere", "x")
        os.makedirs("d/e")
        self.put("d/e/f")
        os.rename("d", "g")
        self.assertEqual(self.get("g/e/f"), b"data")
        with self.fails(errno.EISDIR, errno.ENOTEMPTY, errno.EEXIST):
            os.rename("b", "g")
        with self.fails(errno.ENOTDIR):
            os.rename("g", "b")
        with self.fails(errno.EINVAL):
            os.rename("g", "g/e/inside")
        os.mkdir("h")
        with self.fails(errno.ENOTEMPTY, errno.EEXIST):
            os.rename("h", "g")
        os.rename("g/e", "h")
        self.assertEqual(os.listdir("h"), ["f"])

    def test_rename_over_an_open_file(self):
        self.put("old", b"old")
        self.put("new", b"new")
        with open("old", "rb") as file:
            os.replace("new", "old")
            self.assertEqual(file.read(), b"old")
        self.assertEqual(self.get("old"), b"new")

    def test_unlink_while_open(self):
        self.put("f", b"still here")
        with open("f", "r+b") as file:
            os.unlink("f")
            self.assertFalse(os.path.exists("f"))
            self.put("f", b"another")
            self.assertEqual(file.read(), b"still here")
            file.write(b"!")
            file.seek(0)
            self.assertEqual(file.read(), b"still here!")
            self.assertEqual(os.fstat(file.fileno()).st_size, 11)
        self.assertEqual(self.get("f"), b"another")
        os.unlink("f")
        with self.fails(errno.ENOENT):
            os.unlink("f")

    def test_stat(self):
        self.put("f", b"12345")
        with open("f", "rb") as file:
            by_name, by_descriptor = os.stat("f"), os.fstat(file.fileno())
        for field in ("st_mode", "st_size", "st_ino", "st_dev", "st_mtime_ns"):
            self.assertEqual(getattr(by_name, field), getattr(by_descriptor, field), field)
        self.assertTrue(stat.S_ISREG(by_name.st_mode))
        self.assertEqual(by_name.st_size, 5)
        os.mkdir("d")
        self.assertTrue(stat.S_ISDIR(os.stat("d").st_mode))
        self.put("g")
        self.assertTrue(os.path.samefile("f", "./f"))
        self.assertFalse(os.path.samefile("f", "g"))
        with self.fails(errno.ENOENT):
            os.stat("nowhere")

    def test_times(self):
        self.put("f")
        now = time.time()
        self.assertAlmostEqual(os.stat("f").st_mtime, now, delta=5)
        os.utime("f", (1_000_000_000, 1_100_000_000))
        self.assertEqual(os.stat("f").st_mtime, 1_100_000_000)
        os.utime("f", ns=(1, 1_200_000_000_123_000_000))
        self.assertAlmostEqual(os.stat("f").st_mtime, 1_200_000_000.123, delta=1)
        self.put("f", b"changed")
        self.assertGreater(os.stat("f").st_mtime, now - 5)
        os.utime("f", (5, 5))
        os.utime("f")
        self.assertAlmostEqual(os.stat("f").st_mtime, time.time(), delta=5)
        os.utime(".", (5, 5))
        self.put("new")
        self.assertGreater(os.stat(".").st_mtime, now - 5)

    def test_mode(self):
        self.put("f")
        os.chmod("f", 0o600)
        self.assertEqual(stat.S_IMODE(os.stat("f").st_mode), 0o600)
        os.chmod("f", 0o444)
        self.assertEqual(stat.S_IMODE(os.stat("f").st_mode), 0o444)
        os.chmod("f", 0o644)
        self.assertTrue(os.access("f", os.R_OK))
        self.assertTrue(os.access(".", os.F_OK))
        self.assertFalse(os.access("nowhere", os.F_OK))

    def test_statvfs(self):
        figures = os.statvfs(".")
        self.assertGreater(figures.f_bsize, 0)
        self.assertGreaterEqual(figures.f_namemax, 255)
        self.assertGreater(shutil.disk_usage(".").total + 1, 0)


class Descriptors(Case):
    """File descriptors."""

    def test_raw(self):
        fd = os.open("f", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
        self.assertGreater(fd, 2)
        self.assertEqual(os.write(fd, b"hello"), 5)
        self.assertEqual(os.lseek(fd, 1, os.SEEK_SET), 1)
        self.assertEqual(os.read(fd, 100), b"ello")
        self.assertEqual(os.read(fd, 100), b"")
        os.ftruncate(fd, 2)
        os.fsync(fd)
        os.close(fd)
        self.assertEqual(self.get("f"), b"he")
        with self.fails(errno.EEXIST):
            os.open("f", os.O_CREAT | os.O_EXCL | os.O_WRONLY)

    def test_wrong_descriptors(self):
        self.put("f")
        fd = os.open("f", os.O_RDONLY)
        with self.fails(errno.EBADF):
            os.write(fd, b"x")
        os.close(fd)
        for call in (
            lambda: os.read(fd, 1),
            lambda: os.close(fd),
            lambda: os.fstat(fd),
            lambda: os.lseek(fd, 0, 0),
            lambda: os.dup(fd),
            lambda: os.fsync(fd),
        ):
            with self.fails(errno.EBADF):
                call()
        with self.fails(errno.EBADF):
            os.read(-1, 1)

    def test_write_only(self):
        fd = os.open("f", os.O_WRONLY | os.O_CREAT)
        with self.fails(errno.EBADF):
            os.read(fd, 1)
        os.close(fd)

    def test_duplicates_share_the_offset(self):
        self.put("f", b"0123456789")
        first = os.open("f", os.O_RDONLY)
        second = os.dup(first)
        self.assertEqual(os.read(first, 3), b"012")
        self.assertEqual(os.read(second, 3), b"345")
        os.close(first)
        self.assertEqual(os.read(second, 3), b"678")
        third = os.open("f", os.O_RDONLY)
        os.dup2(second, third)
        self.assertEqual(os.read(third, 3), b"9")
        os.close(second)
        os.close(third)

    def test_many_open_files(self):
        limits = None
        if not ZEPHYR:  # whose own limit is near enough
            import resource

            limits = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (100, limits[1]))
        opened = []
        try:
            with self.fails(errno.EMFILE):
                for _ in range(100_000):
                    opened.append(open("f", "ab", buffering=-1 if LOCKED else 0))
            self.assertGreater(len(opened), 10)
        finally:
            for file in opened:
                file.close()
            if limits is not None:
                resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        for _ in range(3):
            self.put("f", b"works again")
        self.assertEqual(self.get("f"), b"works again")

    def test_open_and_close_often(self):
        for _ in range(500):
            os.close(os.open("f", os.O_RDWR | os.O_CREAT))

    def test_pipe(self):
        reader, writer = os.pipe()
        os.write(writer, b"through")
        self.assertEqual(os.read(reader, 100), b"through")
        got = []
        thread = threading.Thread(target=lambda: got.append(os.read(reader, 100)))
        thread.start()
        time.sleep(0.05)
        os.write(writer, b"later")
        thread.join()
        self.assertEqual(got, [b"later"])
        os.close(writer)
        self.assertEqual(os.read(reader, 1), b"")
        os.close(reader)


class Library(Case):
    """What the standard library builds on files."""

    def test_tempfile(self):
        with tempfile.TemporaryFile() as file:
            file.write(b"abc")
            file.seek(0)
            self.assertEqual(file.read(), b"abc")
        with tempfile.NamedTemporaryFile() as file:
            self.assertTrue(os.path.exists(file.name))
        self.assertFalse(os.path.exists(file.name))
        with tempfile.TemporaryDirectory() as directory:
            self.put(os.path.join(directory, "f"))
        self.assertFalse(os.path.exists(directory))

    def test_pathlib(self):
        path = pathlib.Path("dir", "sub")
        path.mkdir(parents=True)
        (path / "f.txt").write_text("text", encoding="utf-8")
        (path / "g.bin").write_bytes(b"\0\1")
        self.assertEqual((path / "f.txt").read_text(encoding="utf-8"), "text")
        self.assertEqual(sorted(p.name for p in path.iterdir()), ["f.txt", "g.bin"])
        self.assertEqual([p.name for p in pathlib.Path().rglob("*.txt")], ["f.txt"])
        self.assertEqual(path.resolve(), pathlib.Path(self.directory, "dir", "sub"))
        self.assertTrue(path.is_dir() and (path / "f.txt").is_file())
        (path / "f.txt").rename(path / "h.txt")
        (path / "h.txt").unlink()
        (path / "g.bin").unlink()
        path.rmdir()
        self.assertEqual(list(pathlib.Path("dir").iterdir()), [])

    def test_copy(self):
        self.put("f", bytes(70_000))
        shutil.copyfile("f", "g")
        self.assertEqual(self.get("g"), bytes(70_000))
        os.utime("f", (5, 1_000_000_000))
        shutil.copy2("f", "h")
        self.assertEqual(os.stat("h").st_mtime, 1_000_000_000)

    def test_import_from_a_file(self):
        self.put("imported_module.py", b"value = 42\n")
        sys.path.insert(0, self.directory)
        try:
            import imported_module
        finally:
            sys.path.remove(self.directory)
            sys.modules.pop("imported_module", None)
        self.assertEqual(imported_module.value, 42)

    def test_the_source_in_the_image_is_read_only(self):
        self.assertTrue(self.get(os.__file__).startswith(b'r"""OS routines'))
        directory = os.path.dirname(os.__file__)
        self.assertIn("json", os.listdir(directory))
        if not ZEPHYR:
            self.skipTest("the host's library is a directory as any other")
        for call in (
            lambda: open(os.__file__, "w"),
            lambda: os.unlink(os.__file__),
            lambda: open(os.path.join(directory, "new"), "w"),
            lambda: os.mkdir(os.path.join(directory, "new")),
            lambda: os.rename(os.__file__, os.__file__ + ".old"),
        ):
            with self.fails(errno.EROFS):
                call()


if __name__ == "__main__":
    unittest.main()
