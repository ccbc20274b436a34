# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Builds the port's file systems with the host's compiler, checked by the sanitizers."""

import contextlib
import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote_to_bytes

import pytest

ROOT = Path(__file__).parents[3]
CPYTHON_MODULE = ROOT / "modules" / "cpython"
FS = CPYTHON_MODULE / "port" / "fs"
SCRIPTS = CPYTHON_MODULE / "scripts"
ZLIB_FILES = ("adler32.c", "crc32.c", "inffast.c", "inflate.c", "inftrees.c", "zutil.c")


def west_project(variable, *places):
    """A source tree that an environment variable or the west workspace names, or None."""
    candidates = [os.environ[variable]] if os.environ.get(variable) else []
    for base in (ROOT.parent, Path(os.environ.get("ZEPHYR_BASE") or ROOT).parent):
        candidates += [base / place for place in places]
    return next((Path(place) for place in candidates if Path(place).is_dir()), None)


@pytest.fixture(scope="session")
def scripts():
    return SCRIPTS


@pytest.fixture(scope="session")
def cpython_src():
    source = west_project("CPYTHON_SRC", "cpython", "modules/cpython")
    if source is None or not (source / "Lib" / "os.py").is_file():
        pytest.skip("no CPython source: set CPYTHON_SRC or run in a west workspace")
    return source


@pytest.fixture(scope="session")
def target_python(cpython_src):
    """A CPython of exactly the target's version, with a function that runs it on a script."""
    header = (cpython_src / "Include" / "patchlevel.h").read_text(encoding="utf-8")
    version = header.split("#define PY_VERSION ")[1].split('"')[1]
    candidates = [os.environ.get("CPYTHON_HOST"), sys.executable, shutil.which("python3.14")]
    for candidate in filter(None, candidates):
        out = subprocess.run(
            [candidate, "-c", "import sys; print(sys.version.split()[0])"],
            capture_output=True,
            text=True,
            check=False,
        )
        if out.stdout.strip() == version:
            return candidate
        # Upstream's _bootstrap_python runs files only.
        if Path(candidate).name == "_bootstrap_python":
            return candidate
    pytest.skip(f"no CPython {version} to freeze with: set CPYTHON_HOST to one")


FILES = {
    "lib/python/os.py": b"import sys\n" * 500,
    "lib/python/json/__init__.py": b"# json\n",
    "lib/python/json/decoder.py": bytes(range(256)) * 40,
    "lib/python/empty.py": b"",
    "lib/kernel/boot.py": b"def boot():\n    pass\n" * 30,
    "top.txt": b"top",
    "names/ü.txt": b"u" * 100,
    **{f"many/{number}": str(number).encode() * 50 for number in range(200)},
}


@pytest.fixture(scope="session")
def rom(tmp_path_factory):
    """An archive made by romfs.py: its directory, and what must be in it."""
    base = tmp_path_factory.mktemp("rom")
    for name, data in FILES.items():
        path = base / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    subprocess.run(
        [sys.executable, SCRIPTS / "romfs.py", "--out", base / "out", "--add", f"{base / 'in'}=/"],
        check=True,
    )
    return SimpleNamespace(path=base / "out", files=FILES)


def compile_driver(rom, directory):
    """The driver with all file systems, or a skip where the host cannot build it."""
    zlib = west_project("ZLIB_SRC", "modules/lib/zlib")
    if shutil.which("gcc") is None:
        pytest.skip("no gcc")
    if zlib is None and not Path("/usr/include/zlib.h").exists():
        pytest.skip("no zlib source: set ZLIB_SRC or run in a west workspace")
    driver = directory / "driver"
    strict = ["-std=gnu17", "-g", "-O1", "-Wall", "-Wextra", "-Werror"]
    sanitize = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    objects = []
    if zlib is not None:
        for name in ZLIB_FILES:
            objects.append(directory / f"{name}.o")
            subprocess.run(
                ["gcc", "-O1", "-g", "-w", *sanitize, "-c", zlib / name, "-o", objects[-1]],
                check=True,
            )
    here = Path(__file__).parent
    sources = [
        here / "driver.c",
        here / "fake" / "fake_fat.c",
        *(FS / f"{name}.c" for name in ("mounts", "overlay", "romfs", "tmpfs", "zephyrfs")),
        rom.path / "romfs_index.c",
        rom.path / "romfs.S",
    ]
    subprocess.run(
        [
            "gcc",
            *strict,
            *sanitize,
            "-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc",
            f"-I{FS}",
            f"-I{here / 'fake'}",
            *([f"-I{zlib}"] if zlib else []),
            *sources,
            *objects,
            *([] if zlib else ["-lz"]),
            "-lpthread",
            "-o",
            driver,
        ],
        check=True,
    )
    return driver


@pytest.fixture(scope="session")
def driver_path(rom, tmp_path_factory):
    return compile_driver(rom, tmp_path_factory.mktemp("driver"))


def quote(word):
    if isinstance(word, int):
        return str(word)
    raw = word if isinstance(word, bytes) else word.encode()
    return "".join(chr(b) if 0x20 < b < 0x7F and b != 0x25 else f"%{b:02x}" for b in raw)


class Driver:
    """Calls into the file systems. A negative result is raised as OSError with its errno."""

    def __init__(self, path):
        environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=1:allocator_may_return_null=1"}
        self._process = subprocess.Popen(
            [path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )

    def ask(self, *words):
        self._process.stdin.write(" ".join(map(quote, words)).encode() + b"\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            pytest.fail(
                f"{words} ended the driver: {self._process.stderr.read().decode(errors='replace')}"
            )
        return answer.rstrip(b"\n").split(b" ")

    def call(self, *words):
        answer = self.ask(*words)
        result = int(answer[0])
        if result < 0:
            raise OSError(-result, os.strerror(-result), words)
        return result, answer[1:]

    def close_driver(self):
        """Ends the driver; leaked memory makes it fail."""
        self._process.stdin.close()
        self._process.wait(timeout=30)
        assert self._process.returncode == 0, self._process.stderr.read().decode(errors="replace")

    def __getattr__(self, name):
        def command(*words):
            return self.call(name, *words)[0]

        return command

    def open(self, path, flags=os.O_RDONLY, mode=0o644):
        return self.call("open", path, flags, mode)[0]

    def pread(self, file, size, pos=0):
        result, rest = self.call("pread", file, size, pos)
        data = bytes.fromhex(rest[0].decode())
        assert len(data) == result
        return data

    def pwrite(self, file, data, pos=0):
        return self.call("pwrite", file, pos, data.hex())[0]

    def _stat(self, *words):
        _, (mode, *rest) = self.call(*words)
        numbers = [int(mode, 8), *map(int, rest)]
        names = ("mode", "nlink", "ino", "size", "atime", "mtime", "ctime")
        return SimpleNamespace(**dict(zip(names, numbers, strict=True)))

    def stat(self, path):
        return self._stat("stat", path)

    def fstat(self, file):
        return self._stat("fstat", file)

    def list(self, path):
        _, entries = self.call("list", path)
        return [unquote_to_bytes(entry).decode() for entry in entries]

    def next(self, file, cookie):
        result, (cookie, name) = self.call("next", file, cookie)
        return (int(cookie), unquote_to_bytes(name).decode()) if result else None

    def statvfs(self, path):
        return tuple(map(int, self.call("statvfs", path)[1]))

    def resolve(self, path):
        _, (kind, inner) = self.call("resolve", path)
        return kind.decode(), unquote_to_bytes(inner).decode()

    def normalise(self, cwd, path):
        return unquote_to_bytes(self.call("normalise", cwd, path)[1][0]).decode()

    def mounts(self):
        return [entry.decode() for entry in self.call("mounts")[1]]

    def write_file(self, path, data):
        file = self.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        assert self.pwrite(file, data) == len(data)
        self.close(file)

    def read_file(self, path):
        file = self.open(path)
        try:
            return self.pread(file, 1 << 22)
        finally:
            self.close(file)


@pytest.fixture
def make_driver():
    """Builds a driver around another archive, in a directory."""
    return lambda rom, directory: Driver(compile_driver(rom, directory))


@pytest.fixture
def driver(driver_path):
    """A driver in which nothing is mounted yet."""
    driver = Driver(driver_path)
    yield driver
    for mount in reversed(driver.mounts()):
        driver.umount(mount.partition(":")[2])
    driver.close_driver()


@pytest.fixture
def tmpfs(driver):
    """A driver with an unlimited tmpfs as its root."""
    driver.mount("tmpfs", "/", 0)
    return driver


@pytest.fixture
def fails():
    """with fails("ENOENT"): the call must raise OSError with this errno."""

    @contextlib.contextmanager
    def fails(name):
        with pytest.raises(OSError) as caught:
            yield
        assert errno.errorcode[caught.value.errno] == name

    return fails
