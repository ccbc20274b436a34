# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""What a build is made of, and what its failures mean."""

import subprocess

import pytest

from zpy import boards, build, toolchain, workspace
from zpy.errors import Missing


def test_overflow_names_the_options():
    log = (
        "[10/11] Linking C executable zephyr/zephyr_pre0.elf\n"
        "ld: zephyr_pre0.elf section `rodata' will not fit in region `FLASH'\n"
        "ld: region `FLASH' overflowed by 123456 bytes\n"
        "collect2: error: ld returned 1 exit status\n"
    )
    text = build.explain(log)
    assert "123456 bytes too large" in text
    assert "FLASH" in text
    for option in ("STDLIB_COMPRESSED", "HEAP_SIZE", "MODULE_"):
        assert f"CONFIG_CPYTHON_{option}" in text


def test_compiler_error_is_shown_from_its_start():
    log = "[1/9] Building a\n" * 500 + "FAILED: b.o\ngcc b.c\nb.c:1: error: no\n" + "tail\n" * 9
    text = build.explain(log)
    assert text.startswith("FAILED: b.o\ngcc b.c\nb.c:1: error: no")


def test_cmake_error_is_shown_from_its_start():
    log = "-- fine\n" * 100 + "CMake Error at x:1 (message):\n  CPython 3.13 is not 3.14\n"
    assert "CPython 3.13 is not 3.14" in build.explain(log)


def test_cmake_error_within_ninja():
    """Ninja runs CMake again: the reason comes first in the log, and is what is shown."""
    log = "CMake Error at x.cmake:1 (message):\n  wrong version\n\nFAILED: build.ninja \ncmake"
    assert build.explain(log).startswith("CMake Error at x.cmake:1 (message):\n  wrong version")


def test_failed_configuration_is_forgotten(make_tree, bare_home, monkeypatch, tmp_path):
    """CMake keeps the arguments of a configuration that fails: what follows is made anew."""
    maker = Maker(workspace.Tree(make_tree(), "test"), monkeypatch, tmp_path)
    assert maker.build() == ["cmake", "ninja"]
    assert maker.build() == ["ninja"]
    maker.broken = True
    with pytest.raises(build.BuildError):
        maker.build(["-DX=1"])
    maker.broken = False
    assert maker.build() == ["cmake", "ninja"]
    assert maker.arguments == []


def test_arguments_are_kept_until_the_next_build(
    make_tree, bare_home, monkeypatch, tmp_path, capsys
):
    """What was built is what runs; and what runs is said when it is not the plain image."""
    maker = Maker(workspace.Tree(make_tree(), "test"), monkeypatch, tmp_path)
    maker.build(["-DX=1"])
    assert maker.build(None) == ["ninja"]
    assert "native_sim/native/64 is built with -DX=1" in capsys.readouterr().err
    assert maker.build(["-DY=2"]) == ["cmake", "ninja"]
    assert maker.arguments == ["-DY=2"]
    assert maker.build([]) == ["cmake", "ninja"]
    assert maker.arguments == []
    assert maker.build(None) == ["ninja"]
    assert "is built with" not in capsys.readouterr().err


class Maker:
    """Builds with a CMake that only keeps, as the real one does, what it was ever given."""

    def __init__(self, tree, monkeypatch, tmp_path):
        self.tree = tree
        self.board = boards.get("native_sim/native/64")
        self.broken = False
        monkeypatch.setattr(boards, "BUILD", tmp_path / "build")
        monkeypatch.setattr(build, "LOG", tmp_path / "log")
        monkeypatch.setattr(build, "_run", self._run)
        self.directory = build.directory(self.board, self.tree)
        self.cache = self.directory / "CMakeCache.txt"

    def build(self, extra=()):
        self.commands = []
        build._build(self.board, self.tree, False, extra)
        return self.commands

    @property
    def arguments(self):
        plain = build.cmake_args(self.board, self.tree)
        return [line for line in self.cache.read_text().splitlines() if line not in plain]

    def _run(self, command, *_):
        self.commands.append(command[0])
        if command[0] != "cmake":
            return
        with open(self.cache, "a") as cache:
            cache.writelines(f"{word}\n" for word in command if word.startswith("-D"))
        if self.broken:
            raise build.BuildError("no")
        (self.directory / "build.ninja").touch()


def test_anything_else_shows_the_end():
    text = build.explain("\n".join(map(str, range(1000))))
    assert text.endswith("999")
    assert len(text.splitlines()) == build.TAIL


@pytest.mark.parametrize(
    ("version", "parts"),
    [
        ("4.0.0", ("qemu_x86_64_atom", "zpy.target")),
        ("4.1.99", ("qemu_x86_64_atom", "host", "zpy.target")),
        ("4.2.0", ("qemu_x86_64_atom", "host", "zpy.target")),
    ],
)
def test_directory_is_twisters(make_tree, bare_home, version, parts):
    tree = workspace.Tree(make_tree(version=version), "test")
    board = boards.get("qemu_x86_64")
    assert build.directory(board, tree) == board.build_home.joinpath(*parts)


def test_environment_for_this_machines_compiler(make_tree, bare_home):
    tree = workspace.Tree(make_tree(), "test")
    env = toolchain.environment(boards.get("qemu_x86_64"), tree)
    assert env["ZEPHYR_BASE"] == str(tree.base)
    assert env["ZEPHYR_TOOLCHAIN_VARIANT"] == "host"
    assert env["ZEPHYR_TOOLCHAIN_SUPPORTS_THREAD_LOCAL_STORAGE"] == "y"


def test_environment_for_32_bit_arm(make_tree, bare_home, tmp_path, monkeypatch):
    gcc = tmp_path / "arm" / "bin" / "arm-none-eabi-gcc"
    gcc.parent.mkdir(parents=True)
    gcc.write_text("#!/bin/sh\n")
    gcc.chmod(0o755)
    monkeypatch.setenv("PATH", f"{gcc.parent}:/usr/bin:/bin")
    tree = workspace.Tree(make_tree(), "test")
    env = toolchain.environment(boards.get("mps2/an385"), tree)
    assert env["ZEPHYR_TOOLCHAIN_VARIANT"] == "gnuarmemb"
    assert env["GNUARMEMB_TOOLCHAIN_PATH"] == str(tmp_path / "arm")
    assert env["ZEPHYR_TOOLCHAIN_SUPPORTS_THREAD_LOCAL_STORAGE"] == "y"


def test_board_without_its_modules(make_tree):
    tree = workspace.Tree(make_tree(), "test")
    (tree.topdir / "modules" / "hal" / "cmsis").mkdir(parents=True)
    build.check_modules(boards.get("mps2/an385"), tree)
    build.check_modules(boards.get("up_squared"), tree)
    with pytest.raises(Missing, match="hal_nxp: .*group-filter"):
        build.check_modules(boards.get("mimxrt1060_evk"), tree)


def test_environment_leaves_the_users_choice(make_tree, bare_home, monkeypatch):
    monkeypatch.setenv("ZEPHYR_TOOLCHAIN_VARIANT", "llvm")
    tree = workspace.Tree(make_tree(), "test")
    env = toolchain.environment(boards.get("qemu_cortex_a53"), tree)
    assert env["ZEPHYR_TOOLCHAIN_VARIANT"] == "llvm"
    assert "CROSS_COMPILE" not in env


def test_cross_compiler_is_wrapped(tmp_path, monkeypatch):
    real = tmp_path / "bin"
    real.mkdir()
    gcc = real / "aarch64-linux-gnu-gcc"
    gcc.write_text('#!/bin/sh\necho "gcc got $*"\n')
    gcc.chmod(0o755)
    (real / "aarch64-linux-gnu-ld").symlink_to("/bin/true")
    monkeypatch.setenv("PATH", f"{real}:/usr/bin:/bin")
    monkeypatch.setattr(toolchain, "TOOLCHAIN", tmp_path / "wrapped")
    prefix = toolchain.cross_prefix()

    def call(*arguments):
        return subprocess.run([prefix + "gcc", *arguments], capture_output=True, text=True).stdout

    assert call("-c", "x.c") == "gcc got -mno-outline-atomics -c x.c\n"
    assert "include/limits.h" in call("--print-file-name=include-fixed/limits.h")
    assert (tmp_path / "wrapped" / "aarch64-linux-gnu-ld").exists()
    # A second time nothing is written: ccache knows a compiler by the time of its file.
    wrapper = tmp_path / "wrapped" / "aarch64-linux-gnu-gcc"
    before = wrapper.stat().st_mtime_ns
    toolchain.cross_prefix()
    assert wrapper.stat().st_mtime_ns == before


def test_changed_kconfig_makes_the_configuration_anew(make_tree, bare_home, monkeypatch, tmp_path):
    """Zephyr keeps .config, which names every option: a new default would not arrive."""
    tree = workspace.Tree(make_tree(), "test")
    board = boards.get("native_sim/native/64")
    monkeypatch.setattr(boards, "BUILD", tmp_path / "build")
    monkeypatch.setattr(build, "LOG", tmp_path / "log")
    kconfig = tmp_path / "Kconfig"
    kconfig.write_text("config X\n\tbool\n\tdefault y\n")
    zephyr = build.directory(board, tree) / "zephyr"
    commands = []

    def run(command, *_):
        commands.append(command[0])
        if command[0] == "cmake":
            # What Zephyr leaves, in one file of which it says what it made of it.
            generated = zephyr.parent / "Kconfig.dts"
            (zephyr / "kconfig").mkdir(parents=True, exist_ok=True)
            generated.write_text(str(len(commands)))
            (zephyr / "kconfig" / "sources.txt").write_text(f"{kconfig}\n{generated}\n")
            (zephyr / ".cmake.dotconfig.checksum").touch()
            (zephyr.parent / "build.ninja").touch()

    monkeypatch.setattr(build, "_run", run)
    build._build(board, tree, False, ())
    build._build(board, tree, False, ())
    assert commands == ["cmake", "ninja", "ninja"]
    kconfig.write_text("config X\n\tbool\n\tdefault n\n")
    seen = []
    monkeypatch.setattr(
        build, "_forget_config", lambda path: seen.append((path / "zephyr").exists())
    )
    build._build(board, tree, False, ())
    assert commands[3:] == ["cmake", "ninja"]
    assert seen == [True]
    build._build(board, tree, False, ())
    assert commands[5:] == ["ninja"]


def test_forgotten_configuration(tmp_path):
    mark = tmp_path / "zephyr" / ".cmake.dotconfig.checksum"
    mark.parent.mkdir()
    mark.touch()
    build._forget_config(tmp_path)
    assert not mark.exists()
    build._forget_config(tmp_path)
