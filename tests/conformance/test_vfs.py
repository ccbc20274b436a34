# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""kernel.vfs, mounts, the writable layers over what is shipped, and /proc."""

import asyncio
import contextlib
import errno
import glob
import os
import pathlib
import shutil
import sys
import tempfile
import unittest
import zipfile

import _vosal

import kernel
from kernel import mounts, views
from kernel.vfs import OpenFlags

vfs = kernel.vfs
W = OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.TRUNC
SHIPPED = "/lib/kernel/textwidth.py"


def text(path):
    """What is in a file."""
    with open(path) as file:
        return file.read()


class Case(unittest.TestCase):
    """In a directory of its own."""

    def setUp(self):
        self.top = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.top)

    @contextlib.contextmanager
    def fails(self, *numbers):
        """The block must raise an OSError with one of these errnos."""
        with self.assertRaises(OSError) as raised:
            yield
        self.assertIn(raised.exception.errno, numbers, raised.exception)


class Layers(Case):
    """What the image ships can be changed, and comes back."""

    def setUp(self):
        super().setUp()
        with open(SHIPPED) as file:
            self.shipped = file.read()
        self.addCleanup(self.restore)

    def restore(self):
        """As it was shipped."""
        if _vosal.layers(SHIPPED) & _vosal.UPPER:
            os.unlink(SHIPPED)

    def test_a_changed_file_wins_and_comes_back(self):
        self.assertEqual(_vosal.layers(SHIPPED), _vosal.LOWER)
        with open(SHIPPED, "a") as file:
            file.write("# mine\n")
        self.assertEqual(_vosal.layers(SHIPPED), _vosal.LOWER | _vosal.UPPER)
        self.assertEqual(pathlib.Path(SHIPPED).read_text(), self.shipped + "# mine\n")
        names = os.listdir("/lib/kernel")
        self.assertEqual(len(names), len(set(names)))
        os.unlink(SHIPPED)
        self.assertEqual(pathlib.Path(SHIPPED).read_text(), self.shipped)
        with self.fails(errno.EROFS):
            os.unlink(SHIPPED)
        with self.fails(errno.EROFS):
            os.rename(SHIPPED, "/lib/kernel/other.py")

    def test_as_editors_save(self):
        part = SHIPPED + ".part"
        pathlib.Path(part).write_text("whole\n")
        os.replace(part, SHIPPED)
        self.assertEqual(pathlib.Path(SHIPPED).read_text(), "whole\n")
        self.assertFalse(os.path.exists(part))

    def test_directories(self):
        with self.fails(errno.ENOTEMPTY, errno.EBUSY):
            os.rmdir("/lib/kernel")
        os.mkdir("/lib/kernel/mine")
        pathlib.Path("/lib/kernel/mine/a").write_text("a")
        self.assertEqual(os.listdir("/lib/kernel/mine"), ["a"])
        self.assertIn("mine", os.listdir("/lib/kernel"))
        shutil.rmtree("/lib/kernel/mine")
        self.assertNotIn("mine", os.listdir("/lib/kernel"))

    def test_what_was_shipped_is_in_rom(self):
        path = f"/rom{mounts.LIBRARY}/kernel/textwidth.py"
        self.assertEqual(pathlib.Path(path).read_text(), self.shipped)
        with self.fails(errno.EROFS):
            open(path, "w")
        with self.fails(errno.EROFS):
            os.mkdir("/rom/mine")

    def test_a_module_of_the_users(self):
        pathlib.Path("/lib/conformance_mine.py").write_text("VALUE = 42\n")
        self.addCleanup(os.unlink, "/lib/conformance_mine.py")
        import conformance_mine

        self.assertEqual(conformance_mine.VALUE, 42)
        self.assertEqual(conformance_mine.__file__, "/lib/conformance_mine.py")

    def test_a_wheel(self):
        path = f"{self.top}/mine-1.0-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("conformance_wheel/__init__.py", "VALUE = 43\n")
        sys.path.append(path)
        self.addCleanup(sys.path.remove, path)
        import conformance_wheel

        self.assertEqual(conformance_wheel.VALUE, 43)


class Mounts(Case):
    """The mount table."""

    def test_the_layout(self):
        targets = [mount.target for mount in vfs.mounts()]
        self.assertEqual(targets[0], "/")
        for target in ("/rom", "/dev", "/lib", "/lib/kernel", "/proc"):
            self.assertIn(target, targets)
        names = os.listdir("/")
        for name in ("bin", "dev", "examples", "lib", "proc", "rom", "tmp"):
            self.assertIn(name, names)
            self.assertTrue(os.path.isdir(f"/{name}"))
        self.assertEqual(len(names), len(set(names)))

    def test_above_the_root(self):
        self.assertEqual(os.listdir("/../.."), os.listdir("/"))
        self.assertTrue(os.path.samefile("/../tmp", "/tmp"))
        with self.fails(errno.ENOENT):
            os.stat("/nowhere/../tmp")

    def test_mount_and_umount(self):
        place = f"{self.top}/ram"
        _vosal.mount("tmpfs", "", place)
        with open(f"{place}/a", "w") as file:
            file.write("a")
            if _vosal.BOARD != "sim":  # it does not count what is open
                with self.fails(errno.EBUSY):
                    _vosal.umount(place)
        with self.fails(errno.EBUSY):
            os.rmdir(place)
        with self.fails(errno.EBUSY):
            _vosal.mount("tmpfs", "", place)
        with self.fails(errno.EXDEV):
            os.rename(f"{place}/a", f"{self.top}/a")
        shutil.move(f"{place}/a", f"{self.top}/a")
        self.assertEqual(pathlib.Path(f"{self.top}/a").read_text(), "a")
        _vosal.umount(place)
        with self.fails(errno.EINVAL):
            _vosal.umount(place)

    def test_a_working_directory_keeps_it(self):
        place = f"{self.top}/ram"
        _vosal.mount("tmpfs", "", place)
        os.mkdir(f"{place}/d")
        home = os.getcwd()
        for directory in (place, f"{place}/d"):
            os.chdir(directory)
            try:
                with self.fails(errno.EBUSY):
                    _vosal.umount(place)
            finally:
                os.chdir(home)
        os.mkdir(f"{place}-2")
        os.chdir(f"{place}-2")
        try:
            _vosal.umount(place)
        finally:
            os.chdir(home)

    def test_a_working_directory_that_is_gone(self):
        home = os.getcwd()
        os.mkdir(f"{self.top}/d")
        os.chdir(f"{self.top}/d")
        try:
            os.rmdir(f"{self.top}/d")
            for call in (
                os.getcwd,
                os.listdir,
                lambda: os.stat("x"),
                lambda: open("x", "w"),
                lambda: os.mkdir("x"),
                lambda: kernel.loop.run(kernel.vfs.stat("x")),
            ):
                with self.fails(errno.ENOENT):
                    call()
            self.assertEqual(kernel.loop.run(kernel.vfs.readdir(self.top)), [])
        finally:
            os.chdir(home)

    def test_read_only(self):
        place = f"{self.top}/ro"
        _vosal.mount("tmpfs", "", place, read_only=True)
        self.addCleanup(_vosal.umount, place)
        with self.fails(errno.EROFS):
            open(f"{place}/a", "w")
        with self.fails(errno.EROFS):
            os.mkdir(f"{place}/a")
        self.assertFalse(os.access(place, os.W_OK))

    def test_what_cannot_be_mounted(self):
        for kind, source, number in (
            ("nothing", "", errno.ENODEV),
            ("littlefs", "nothing", errno.ENODEV),
            ("fat", "nothing", errno.ENODEV),
            ("tmpfs", "much", errno.EINVAL),
            ("overlay", "/nowhere", errno.ENOENT),
        ):
            with self.fails(number):
                _vosal.mount(kind, source, f"{self.top}/x")
        pathlib.Path(f"{self.top}/file").write_text("")
        with self.fails(errno.ENOTDIR):
            _vosal.mount("tmpfs", "", f"{self.top}/file")
        with self.fails(errno.EBUSY):
            _vosal.umount("/")
        with self.assertRaises(TypeError):
            _vosal.mount("tmpfs", 1, self.top)

    @unittest.skipIf(_vosal.BOARD == "sim", "the host's disk has no such limit")
    def test_a_full_file_system(self):
        place = f"{self.top}/small"
        _vosal.mount("tmpfs", "65536", place)
        self.addCleanup(_vosal.umount, place)
        pathlib.Path(f"{place}/kept").write_bytes(b"kept")
        with self.fails(errno.ENOSPC):
            pathlib.Path(f"{place}/big").write_bytes(bytes(100_000))
        self.assertEqual(pathlib.Path(f"{place}/kept").read_bytes(), b"kept")
        os.unlink(f"{place}/big")
        pathlib.Path(f"{place}/fits").write_bytes(bytes(30_000))


class BadInput(Case):
    """What cannot be done is refused with the right errno, on every file system, and no more."""

    def setUp(self):
        super().setUp()
        self.places = [self.top]
        if os.path.isdir("/flash"):
            self.places.append(tempfile.mkdtemp(dir="/flash"))
            self.addCleanup(shutil.rmtree, self.places[1])

    def test_errors(self):
        for top in self.places:
            pathlib.Path(f"{top}/file").write_bytes(b"kept")
            os.mkdir(f"{top}/dir")
            long = "n" * 300
            for number, call, *args in (
                (errno.ENOENT, open, f"{top}/no"),
                (errno.ENOENT, open, f"{top}/no/where", "w"),
                (errno.ENOENT, os.rename, f"{top}/no", f"{top}/x"),
                (errno.ENOENT, os.listdir, f"{top}/no"),
                (errno.ENOENT, os.stat, ""),
                (errno.EISDIR, open, f"{top}/dir"),
                (errno.EISDIR, open, f"{top}/dir", "w"),
                (errno.EISDIR, open, f"{top}/new/", "w"),
                (errno.ENOTDIR, os.listdir, f"{top}/file"),
                (errno.ENOTDIR, open, f"{top}/file/x"),
                (errno.ENOTDIR, open, f"{top}/file/x", "w"),
                (errno.ENOTDIR, os.stat, f"{top}/file/"),
                (errno.ENOTDIR, os.chdir, f"{top}/file"),
                (errno.ENOTDIR, os.rmdir, f"{top}/file"),
                (errno.ENOTDIR, os.stat, f"{top}/file/.."),
                (errno.EEXIST, os.mkdir, f"{top}/file"),
                (errno.EEXIST, os.mkdir, f"{top}/dir"),
                (errno.EEXIST, open, f"{top}/file", "x"),
                (errno.ENAMETOOLONG, open, f"{top}/{long}", "w"),
                (errno.ENAMETOOLONG, os.mkdir, f"{top}/{long}"),
                (errno.ENAMETOOLONG, os.stat, f"{top}/{long}"),
                (errno.EINVAL, os.rename, f"{top}/dir", f"{top}/dir/dir"),
            ):
                with self.subTest(call=call.__name__, args=args), self.fails(number):
                    call(*args)
            self.assertEqual(sorted(os.listdir(top)), ["dir", "file"])
            self.assertEqual(pathlib.Path(f"{top}/file").read_bytes(), b"kept")

    def test_a_tree_into_itself(self):
        for top in self.places:
            os.makedirs(f"{top}/tree/sub")
            pathlib.Path(f"{top}/tree/sub/file").write_bytes(b"kept")
            with self.assertRaises(shutil.Error):
                shutil.move(f"{top}/tree", f"{top}/tree/sub")
            shutil.copytree(f"{top}/tree", f"{top}/tree/copy")
            self.assertEqual(sorted(os.listdir(f"{top}/tree")), ["copy", "sub"])
            self.assertEqual(os.listdir(f"{top}/tree/copy"), ["sub"])
            self.assertEqual(pathlib.Path(f"{top}/tree/sub/file").read_bytes(), b"kept")

    def test_names_that_are_no_utf8(self):
        for top in self.places:
            name = os.fsencode(top) + b"/caf\xe9"
            with open(name, "wb") as file:
                file.write(b"x")
            self.assertEqual(os.listdir(os.fsencode(top)), [b"caf\xe9"])
            self.assertEqual(os.listdir(top), ["caf\udce9"])
            self.assertEqual(pathlib.Path(top, "caf\udce9").read_bytes(), b"x")
            os.unlink(name)
            with self.assertRaises(ValueError):
                open(f"{top}/a\0b", "w")

    def test_unreadable_text(self):
        for top in self.places:
            pathlib.Path(f"{top}/binary").write_bytes(bytes(range(256)))
            with self.assertRaises(UnicodeDecodeError):
                text(f"{top}/binary")
            self.assertEqual(pathlib.Path(f"{top}/binary").read_bytes(), bytes(range(256)))


class Devices(Case):
    """/dev."""

    def test_what_they_read_and_take(self):
        for name, data in (("null", b""), ("zero", bytes(10)), ("full", bytes(10))):
            with open(f"/dev/{name}", "rb", buffering=0) as file:
                self.assertEqual(file.read(10), data)
        with open("/dev/urandom", "rb", buffering=0) as file:
            self.assertNotEqual(file.read(16), file.read(16))
        for name in ("null", "zero"):
            with open(f"/dev/{name}", "wb", buffering=0) as file:
                self.assertEqual(file.write(b"gone"), 4)
        with open("/dev/full", "wb", buffering=0) as file, self.fails(errno.ENOSPC):
            file.write(b"much")

    def test_names(self):
        self.assertLessEqual({"console", "full", "null", "zero"}, set(os.listdir("/dev")))
        with self.fails(errno.ENOENT):
            open("/dev/nothing")
        with self.fails(errno.EACCES, errno.EPERM, errno.ENOENT):
            open("/dev/mine", "w")


class Flash(Case):
    """/flash, where the machine has one."""

    def setUp(self):
        super().setUp()
        if not os.path.isdir("/flash"):
            self.skipTest("the machine has no /flash")
        self.place = tempfile.mkdtemp(dir="/flash")
        self.addCleanup(shutil.rmtree, self.place)

    def test_files(self):
        path = f"{self.place}/a"
        data = bytes(range(256)) * 100
        pathlib.Path(path).write_bytes(data)
        self.assertEqual(pathlib.Path(path).read_bytes(), data)
        with open(path, "r+b") as file:
            file.seek(1000)
            file.write(b"in the middle")
            os.fsync(file.fileno())
        self.assertEqual(pathlib.Path(path).stat().st_size, len(data))
        self.assertEqual(pathlib.Path(path).read_bytes()[1000:1013], b"in the middle")
        os.truncate(path, 10)
        self.assertEqual(pathlib.Path(path).read_bytes(), data[:10])
        pathlib.Path(f"{self.place}/b").write_bytes(b"b")
        os.replace(f"{self.place}/b", path)
        self.assertEqual(pathlib.Path(path).read_bytes(), b"b")

    def test_directories(self):
        for number in range(20):
            path = pathlib.Path(f"{self.place}/d{number % 4}/e")
            path.mkdir(parents=True, exist_ok=True)
            (path / f"f{number}").write_text(str(number))
        self.assertEqual(len(glob.glob(f"{self.place}/**/f*", recursive=True)), 20)
        shutil.copytree(f"{self.place}/d0", f"{self.place}/copy")
        self.assertEqual(len(os.listdir(f"{self.place}/copy/e")), 5)
        with self.fails(errno.ENOTEMPTY):
            os.rmdir(f"{self.place}/d1")
        with self.fails(errno.ENOENT):
            open(f"{self.place}/no/where", "w")
        with self.fails(errno.ENAMETOOLONG):
            open(f"{self.place}/{'n' * 300}", "w")

    def test_space(self):
        before = os.statvfs("/flash")
        self.assertGreater(before.f_blocks, 0)
        self.assertGreater(shutil.disk_usage("/flash").free, 0)


class Proc(Case):
    """Files whose text a function says."""

    def test_what_is_there(self):
        self.assertIn("version", os.listdir("/proc"))
        self.assertIn("ZPy", pathlib.Path("/proc/version").read_text())
        self.assertIn("HeapTotal", pathlib.Path("/proc/meminfo").read_text())
        self.assertIn("/proc", pathlib.Path("/proc/mounts").read_text())
        for name in os.listdir("/proc"):
            path = f"/proc/{name}"
            self.assertTrue(os.path.isdir(path) or isinstance(text(path), str))
        before = float(text("/proc/uptime"))
        self.assertGreaterEqual(float(text("/proc/uptime")), before)

    def test_publish(self):
        numbers = iter(range(10))
        vfs.publish("/proc/test/number", lambda: f"{next(numbers)}\n")
        try:
            self.assertEqual(text("/proc/test/number"), "0\n")
            self.assertEqual(pathlib.Path("/proc/test/number").read_bytes(), b"1\n")
            self.assertEqual(os.listdir("/proc/test"), ["number"])
            self.assertTrue(os.path.isdir("/proc/test"))
            with open("/proc/test/number") as file:
                self.assertEqual(file.read(1), "2")
                self.assertEqual(file.read(), "\n")
            shutil.copyfile("/proc/test/number", f"{self.top}/copy")
            self.assertEqual(text(f"{self.top}/copy"), "3\n")
            with self.fails(errno.EPERM, errno.EACCES):
                open("/proc/test/number", "w")
            with self.fails(errno.EPERM):
                os.unlink("/proc/test/number")
        finally:
            vfs.unpublish("/proc/test/number")
        with self.fails(errno.ENOENT):
            open("/proc/test/number")
        with self.fails(errno.ENOENT):
            vfs.unpublish("/proc/test/number")
        with self.fails(errno.EPERM):
            open("/proc/mine", "w")

    def test_wrong_paths(self):
        for path in ("/tmp/x", "/proc", "/proc/", "/proc//x", "/proc/../x", "x"):
            with self.assertRaises(ValueError):
                vfs.publish(path, str)
        with self.assertRaises(ValueError):
            vfs.publish("/proc/version/x", str)
        with self.assertRaises(TypeError):
            vfs.publish("/proc/x", "text")

    def test_a_function_that_fails(self):
        shown = []
        hook, sys.unraisablehook = sys.unraisablehook, shown.append
        vfs.publish("/proc/broken", lambda: 1 / 0)
        vfs.publish("/proc/missing", lambda: open("/nowhere"))
        try:
            with self.fails(errno.EIO):
                open("/proc/broken")
            with self.fails(errno.ENOENT):
                open("/proc/missing")
        finally:
            sys.unraisablehook = hook
            vfs.unpublish("/proc/broken")
            vfs.unpublish("/proc/missing")
        self.assertIs(shown[0].exc_type, ZeroDivisionError)

    def test_a_view_may_open_files(self):
        vfs.publish("/proc/copy", lambda: text("/proc/version"))
        try:
            self.assertEqual(text("/proc/copy"), text("/proc/version"))
        finally:
            vfs.unpublish("/proc/copy")

    def test_serve(self):
        self.assertIsNone(views.serve("kind", "/nothing"))
        self.assertEqual(views.serve("kind", "/version"), b"f")


class Vfs(Case):
    """The asynchronous view."""

    def run_async(self, coroutine):
        """As at the prompt."""
        return kernel.loop.run(coroutine)

    def test_as_at_the_prompt(self):
        async def main():
            path = f"{self.top}/hello.py"
            fd = await vfs.open(path, W)
            self.assertEqual(await vfs.write(fd, b"print('hello')\n"), 15)
            vfs.close(fd)
            fd = await vfs.open(path)
            self.assertEqual(await vfs.read(fd, 5), b"print")
            self.assertEqual(await vfs.seek(fd, -3, os.SEEK_END), 12)
            self.assertEqual(await vfs.read(fd), b"')\n")
            self.assertEqual(await vfs.read(fd), b"")
            await vfs.close(fd)
            with self.fails(errno.EBADF):
                await vfs.read(fd)
            with self.fails(errno.EBADF):
                vfs.close(fd)

        self.run_async(main())

    def test_names(self):
        async def main():
            top = self.top
            await vfs.mkdir(f"{top}/d")
            async with vfs.opened(f"{top}/d/a", W) as fd:
                await vfs.write(fd, b"a")
                await vfs.truncate(fd, 5)
                await vfs.sync(fd)
            self.assertEqual((await vfs.stat(f"{top}/d/a")).st_size, 5)
            await vfs.rename(f"{top}/d/a", f"{top}/d/b")
            self.assertEqual(await vfs.readdir(f"{top}/d"), ["b"])
            self.assertGreater((await vfs.statvfs(top)).f_bsize, 0)
            with self.fails(errno.ENOTEMPTY):
                await vfs.rmdir(f"{top}/d")
            await vfs.unlink(f"{top}/d/b")
            await vfs.rmdir(f"{top}/d")
            for call in (vfs.stat, vfs.readdir, vfs.unlink, vfs.rmdir, vfs.open):
                with self.fails(errno.ENOENT):
                    await call(f"{top}/d")
            with self.fails(errno.EEXIST):
                await vfs.open(top, W | OpenFlags.EXCL)

        self.run_async(main())

    def test_descriptors(self):
        async def main():
            fds = [await vfs.open("/proc/version") for _ in range(3)]
            try:
                listed = {one.fd: one for one in vfs.fds()}
                self.assertEqual(listed[fds[0]].path, "/proc/version")
                self.assertEqual(listed[fds[0]].flags, OpenFlags.RDONLY)
                os.close(fds[0])
                self.assertNotIn(fds[0], {one.fd for one in vfs.fds()})
            finally:
                for fd in fds[1:]:
                    vfs.close(fd)

        self.run_async(main())

    def test_the_limit(self):
        async def main():
            fds = []
            before = len(vfs.fds())
            try:
                with self.fails(errno.EMFILE):
                    for _ in range(vfs.FDS_MAX + 1):
                        fds.append(await vfs.open("/dev/null"))
                self.assertEqual(len(fds) + before, vfs.FDS_MAX)
            finally:
                for fd in fds:
                    vfs.close(fd)

        self.run_async(main())

    def test_the_loop_goes_on(self):
        """While a file on a disk is written, other tasks run."""
        place = "/flash" if os.path.isdir("/flash") else self.top

        async def main():
            async with vfs.opened(f"{place}/big", W) as fd:
                steps = 0

                async def other():
                    nonlocal steps
                    while True:
                        steps += 1
                        await asyncio.sleep(0.001)

                task = asyncio.create_task(other())
                for _ in range(16):
                    await vfs.write(fd, bytes(4096))
                    await asyncio.sleep(0)
                task.cancel()
                self.assertGreater(steps, 0)
            await vfs.unlink(f"{place}/big")

        self.run_async(main())

    def test_mounts(self):
        async def main():
            place = f"{self.top}/m"
            await vfs.mount("tmpfs", "", place)
            self.assertIn(place, [mount.target for mount in vfs.mounts()])
            await vfs.umount(place)
            self.assertNotIn(place, [mount.target for mount in vfs.mounts()])

        self.run_async(main())


if __name__ == "__main__":
    unittest.main()
