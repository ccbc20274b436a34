# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Building the application for a board: CMake once, then ninja decides what is to be done."""

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from zpy import lock, system, toolchain, workspace
from zpy.errors import Missing, ZpyError
from zpy.paths import APP, BUILD, CACHE, LOG, ROOT
from zpy.process import run_logged
from zpy.progress import Step, say

TEST_NAME = "zpy.target"  # the scenario in app/sample.yaml
TAIL = 40  # lines of a failed build that are shown


class BuildError(ZpyError):
    """The build failed."""


def directory(board, tree):
    """The build directory of a board.

    It is the one that Twister uses for the board when its output goes to board.build_home, so
    that a test run finds everything compiled.
    """
    home = board.build_home / board.target.replace("/", "_")
    if tree.version >= (4, 1, 99):  # Twister has a level for the toolchain since Zephyr 4.2
        home = home / toolchain.environment(board, tree).get("ZEPHYR_TOOLCHAIN_VARIANT", "zephyr")
    return home / TEST_NAME


def cmake_args(board, tree, extra=()):
    """The -D arguments of a board's build."""
    args = [f"-DBOARD={board.target}", f"-DPython3_EXECUTABLE={sys.executable}"]
    # As Twister gives them: what is the same is not compiled again.
    args += ["-DCONFIG_COMPILER_WARNINGS_AS_ERRORS=n", "-DEXTRA_GEN_EDT_ARGS="]
    if tree.cpython:
        args.append(f"-DCPYTHON_SRC={tree.cpython}")
        args.append(f"-DCPYTHON_HOST_DIR={host_python(tree).parent}")
    return [*args, *board.cmake_args, *extra]


def host_python(tree):
    """The CPython for this machine that a build makes from the same source; shared by all."""
    source = tree.cpython
    mark = hashlib.sha256(str(source).encode()).hexdigest()[:8]
    home = CACHE / f"cpython-{workspace.cpython_version(source)}-{mark}"
    return home / "_bootstrap_python"


def check_modules(board, tree):
    """Missing, in one line, when the workspace has not all Zephyr modules that the board needs."""
    lacking = tree.lacks_modules(board.modules)
    if lacking:
        raise Missing(
            f"{board.name} needs the Zephyr modules {', '.join(lacking)}: in {tree.topdir}, "
            "west config manifest.group-filter -- +hal && west update"
        )


def build(board, tree, pristine=False, extra=None):
    """Bring the board's build up to date and return its directory.

    extra: more arguments for CMake, which later builds of the board keep; None for those kept.
    """
    check_modules(board, tree)
    system.provide(system.needed(board, workspace.toolchain_registered()))
    with lock.held(f"build-{board.label}"):
        return _build(board, tree, pristine, extra)


def _build(board, tree, pristine, extra):
    build_dir = directory(board, tree)
    env = toolchain.environment(board, tree)
    recipe_file = board.build_home / "recipe.json"
    old = _load(recipe_file)
    if extra is None:
        extra = old.get("extra", []) if old else []
        if extra:
            say(
                f"{board.name}{board.variant} is built with {shlex.join(extra)}, as ./zpy build "
                "was told last; ./zpy build without it makes the plain one"
            )
    args = cmake_args(board, tree, extra)
    recipe = {
        "args": args,
        "extra": list(extra),
        "app": str(APP),
        "zephyr": str(tree.base),
        "toolchain": [env.get("ZEPHYR_TOOLCHAIN_VARIANT"), env.get("CROSS_COMPILE")],
    }
    known = old.pop("kconfig", None) if old else None
    # Arguments can change in place; another tree or compiler cannot.
    if pristine or (old and any(old.get(key) != recipe[key] for key in ("zephyr", "toolchain"))):
        shutil.rmtree(board.build_home, ignore_errors=True)
        old = None
    LOG.mkdir(parents=True, exist_ok=True)
    log_path = LOG / f"build-{board.label}.log"
    with open(log_path, "w") as log, Step(f"building {board.name}{board.variant}") as step:
        stale = bool(old) and known != kconfig_digest(build_dir)
        if old != recipe or stale or not (build_dir / "build.ninja").exists():
            build_dir.mkdir(parents=True, exist_ok=True)
            if stale:
                log.write("The Kconfig files have changed: .config is made anew.\n")
                _forget_config(build_dir)
            recipe_file.unlink(missing_ok=True)
            # CMake keeps each argument that it was ever given, those of a configuration that
            # failed among them.
            if not old or old.get("extra") != recipe["extra"]:
                (build_dir / "CMakeCache.txt").unlink(missing_ok=True)
                _forget_config(build_dir)
            configure = ["cmake", "-GNinja", f"-B{build_dir}", f"-S{APP}", *args]
            _run(configure, log, step, env, log_path)
            found = {"kconfig": kconfig_digest(build_dir)}
            recipe_file.write_text(json.dumps(recipe | found, indent=1))
            _link(board, build_dir)
        env["NINJA_STATUS"] = "[%f/%t] "
        _run(["ninja", "-C", str(build_dir), "all"], log, step, env, log_path)
        images = _images(board, build_dir)
        if images:
            _run(["ninja", "-C", str(build_dir), *images], log, step, env, log_path)
    return build_dir


def make_images(board, build_dir):
    """Make what QEMU starts of a build that another tool made, Twister or west."""
    images = _images(board, build_dir)
    if images:
        command = ["ninja", "-C", str(build_dir), *images]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise BuildError(f"{shlex.join(command)} failed:\n{done.stdout}{done.stderr}")


def kconfig_digest(build_dir):
    """What the Kconfig files say that made the configuration; None when there is none yet.

    Zephyr keeps a build's .config as it is while the .conf files are the same. It names every
    option, so a default that changes in a Kconfig file would never arrive.
    """
    digest = hashlib.sha256()
    try:
        names = (build_dir / "zephyr" / "kconfig" / "sources.txt").read_text().split("\n")
    except OSError:
        return None
    for name in names:
        # Those that the build has written itself are different each time.
        if name and not name.startswith(f"{build_dir}/"):
            digest.update(f"{name} {_mark(name)}\n".encode())
    return digest.hexdigest()


def _mark(name):
    # Zephyr has thousands of these files. They change with an update of the tree.
    try:
        if name.startswith(f"{ROOT}/"):
            return hashlib.sha256(Path(name).read_bytes()).hexdigest()
        status = os.stat(name)
    except OSError:
        return "gone"
    return f"{status.st_size} {status.st_mtime_ns}"


def _forget_config(build_dir):
    # Without this file Zephyr makes .config from the .conf files and the defaults. What has not
    # changed in it is not compiled again, unlike after a pristine build.
    (build_dir / "zephyr" / ".cmake.dotconfig.checksum").unlink(missing_ok=True)


def _load(path):
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def _link(board, build_dir):
    # .zpy/build/<board>/latest is easier to find for a person than Twister's name.
    link = board.build_home / "latest"
    link.unlink(missing_ok=True)
    link.symlink_to(build_dir.relative_to(board.build_home))


def _images(board, build_dir):
    # Some boards need files besides zephyr.elf, which only `run` would make.
    if board.kind != "qemu":
        return []
    text = (build_dir / "build.ninja").read_text(errors="replace")
    wanted = ("qemu_kernel_target", "qemu_nvme_disk")
    return [name for name in wanted if re.search(rf"^build {name}:", text, re.MULTILINE)]


def _run(command, log, step, env, log_path):
    log.write(f"$ {shlex.join(command)}\n")
    log.flush()
    if run_logged(command, log, step.update, env=env) != 0:
        log.flush()
        step.clear()
        text = log_path.read_text(errors="replace")
        raise BuildError(f"the build failed.\n{explain(text)}\nThe whole log: {log_path}")


def explain(log):
    """What a failed build's log means: advice if the cause is known, else the lines that matter.

    >>> print(explain("region `RAM' overflowed by 4096 bytes"))  # doctest: +ELLIPSIS
    The image is 4096 bytes too large for the board's memory region RAM. ...
    """
    overflow = re.search(r"region [`'](\w+)' overflowed by (\d+) bytes", log)
    if overflow:
        return (
            f"The image is {overflow.group(2)} bytes too large for the board's memory region "
            f"{overflow.group(1)}. These Kconfig options make it smaller:\n"
            "  CONFIG_CPYTHON_STDLIB_COMPRESSED=y   keeps the standard library compressed;\n"
            "                                       --small sets it, and more for small boards\n"
            "  CONFIG_CPYTHON_HEAP_SIZE=<bytes>     takes less memory for Python's heap\n"
            "  CONFIG_CPYTHON_MODULE_<name>=n       leaves out an extension module\n"
            "Set them in app/boards/<board>.conf, or: ./zpy build -- -DCONFIG_…=…"
        )
    lines = log.splitlines()
    # When Ninja runs CMake again both are there, and CMake knows why.
    for marker in ("CMake Error", "FAILED:"):
        hits = [i for i, line in enumerate(lines) if line.startswith(marker)]
        if hits:
            return "\n".join(lines[hits[0] : hits[0] + TAIL])
    return "\n".join(lines[-TAIL:])


def clean(board=None):
    """Remove the build of one board, or all that was built."""
    shutil.rmtree(board.build_home if board else BUILD, ignore_errors=True)
