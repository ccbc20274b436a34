# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Finding a Zephyr tree, and CPython's source beside it; fetching both when there is none."""

import configparser
import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from zpy import system
from zpy.errors import Missing
from zpy.paths import LOG, ROOT, WORKSPACE
from zpy.process import run_logged
from zpy.progress import Step, say

MANIFEST = ROOT / "west.yml"
REACH_TIMEOUT = 10  # seconds to find out whether the sources can be fetched


@dataclass(frozen=True)
class Tree:
    """A Zephyr tree, and how it was found."""

    base: Path
    found_by: str

    @property
    def topdir(self):
        """The top of the west workspace that the tree is in (or would be in)."""
        for parent in self.base.parents:
            if (parent / ".west" / "config").is_file():
                return parent
        return self.base.parent

    @property
    def version(self):
        """Zephyr's version as numbers, for example (4, 0, 0)."""
        text = (self.base / "VERSION").read_text()
        fields = dict(re.findall(r"(\w+) *= *(\w*)", text))
        names = ("VERSION_MAJOR", "VERSION_MINOR", "PATCHLEVEL")
        return tuple(int(fields.get(name) or 0) for name in names)

    @property
    def cpython(self):
        """The directory of CPython's source, or None when it is not here."""
        places = [self.topdir / "cpython", WORKSPACE / "cpython"]
        if os.environ.get("CPYTHON_SRC"):
            places.insert(0, Path(os.environ["CPYTHON_SRC"]))
        for place in places:
            if (place / "Include" / "patchlevel.h").is_file():
                return place
        return None

    def lacks_modules(self, names):
        """Those of the Zephyr modules of this name that are not in the workspace."""
        there = self.topdir / "modules" / "hal"
        return [name for name in names if not (there / name.removeprefix("hal_")).is_dir()]

    def lacks(self):
        """What a build needs and the workspace does not have, as text; empty when complete."""
        lacking = []
        if not self.cpython:
            lacking.append(f"CPython's source ({self.topdir / 'cpython'})")
        return ", ".join(lacking)


def cpython_version(source):
    """The version of CPython's source tree as text, for example "3.14.7"."""
    text = (source / "Include" / "patchlevel.h").read_text()
    found = re.search(r'#define\s+PY_VERSION\s+"([^"]+)"', text)
    return found.group(1) if found else "unknown version"


def is_tree(base):
    """Whether that directory is a Zephyr tree."""
    return (base / "VERSION").is_file() and (base / "share" / "zephyr-package").is_dir()


def registered(package="Zephyr"):
    """The directories that CMake's user registry (`west zephyr-export`) holds for a package."""
    registry = Path.home() / ".cmake" / "packages" / package
    found = []
    if registry.is_dir():
        for entry in sorted(registry.iterdir()):
            try:
                found.append(Path(entry.read_text().strip()))
            except (OSError, UnicodeDecodeError):
                continue
    return found


def find():
    """Return the Zephyr tree to build with, or None.

    In this order: ZEPHYR_BASE, the west workspace that this clone is in, the trees registered
    with CMake (the newest first), .zpy/workspace.
    """
    if os.environ.get("ZEPHYR_BASE"):
        base = Path(os.environ["ZEPHYR_BASE"])
        if not is_tree(base):
            raise Missing(
                f"ZEPHYR_BASE is {base}, which is no Zephyr tree; set it right or unset it"
            )
        return Tree(base, "ZEPHYR_BASE")
    trees = []
    enclosing = _enclosing()
    if enclosing:
        trees.append(Tree(enclosing, "the west workspace around this clone"))
    bases = [_base_of(package_dir) for package_dir in registered()]
    exported = [Tree(base, "west zephyr-export") for base in bases if base]
    trees += sorted(exported, key=lambda tree: tree.version, reverse=True)
    if is_tree(WORKSPACE / "zephyr"):
        trees.append(Tree(WORKSPACE / "zephyr", ".zpy/workspace"))
    # A tree that can build goes before one that lacks something.
    return next((tree for tree in trees if not tree.lacks()), trees[0] if trees else None)


def _base_of(package_dir):
    # The registry names <tree>/share/zephyr-package/cmake.
    base = package_dir.parent.parent.parent
    return base if is_tree(base) else None


def _enclosing():
    for parent in ROOT.parents:
        config = parent / ".west" / "config"
        if config.is_file():
            parser = configparser.ConfigParser()
            try:
                parser.read(config)
            except configparser.Error:
                return None
            base = parent / parser.get("zephyr", "base", fallback="zephyr")
            return base if is_tree(base) else None
    return None


def toolchain_registered():
    """Whether the user has a Zephyr toolchain: a variant of their own, or an SDK."""
    if os.environ.get("ZEPHYR_TOOLCHAIN_VARIANT") or os.environ.get("ZEPHYR_SDK_INSTALL_DIR"):
        return True
    return any(path.is_dir() for path in registered("Zephyr-sdk"))


def _project_urls():
    # Enough of YAML for this one file, because the system's Python has no YAML parser.
    text = MANIFEST.read_text()
    pairs = re.findall(r"- name:\s*(\S+)\s+url-base:\s*(\S+)", text)
    bases = dict(pairs)
    projects = re.findall(r"- name:\s*(\S+)\s+remote:\s*(\S+)", text)
    return [f"{bases[remote]}/{name}" for name, remote in projects if remote in bases]


def reachable():
    """Whether the first project of west.yml can be fetched now; answers within seconds."""
    urls = _project_urls()
    if not urls or not shutil.which("git"):
        return False
    env = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    with Step(f"asking {urls[0]}") as step:
        step.update()
        try:
            done = subprocess.run(
                ["git", "ls-remote", "--exit-code", urls[0], "HEAD"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=REACH_TIMEOUT,
                env=env,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
    return done.returncode == 0


def _stamp():
    return hashlib.sha256(MANIFEST.read_bytes()).hexdigest()


def up_to_date():
    """Whether .zpy/workspace holds what west.yml asks for."""
    try:
        return (WORKSPACE / "zpy-stamp").read_text() == _stamp()
    except OSError:
        return False


def fetch():
    """Fetch Zephyr, its modules and CPython into .zpy/workspace; return the Tree.

    Runs west, so it must be called in zpy's virtual environment.
    """
    system.provide([system.GIT])
    manifest = WORKSPACE / "manifest"
    manifest.mkdir(parents=True, exist_ok=True)
    # west wants the manifest in a directory of the workspace, and the clone is around it: so a
    # copy of west.yml stands for the clone there.
    shutil.copyfile(MANIFEST, manifest / "west.yml")
    config = WORKSPACE / ".west" / "config"
    if not config.exists():
        config.parent.mkdir(exist_ok=True)
        config.write_text(
            "[manifest]\npath = manifest\nfile = west.yml\n[zephyr]\nbase = zephyr\n"
        )
    say(f"fetching Zephyr and CPython into {WORKSPACE} (once)")
    LOG.mkdir(parents=True, exist_ok=True)
    log_path = LOG / "west-update.log"
    west = [sys.executable, "-m", "west", "update", "--narrow", "-o=--depth=1"]
    env = {name: value for name, value in os.environ.items() if name != "ZEPHYR_BASE"}
    env["GIT_TERMINAL_PROMPT"] = "0"
    with open(log_path, "w") as log, Step("west update", after=0) as step:
        status = run_logged(west, log, step.update, cwd=WORKSPACE, env=env)
    base = WORKSPACE / "zephyr"
    if status != 0 or not is_tree(base):
        raise Missing(
            f"west update failed (see {log_path}); when the network is back, run this again"
        )
    (WORKSPACE / "zpy-stamp").write_text(_stamp())
    return Tree(base, ".zpy/workspace")


def check():
    """Missing, in one line, when a build has no sources and they cannot be fetched now."""
    tree = find()
    if tree and not tree.lacks() or reachable():
        return
    if tree:
        raise Missing(
            f"the Zephyr tree {tree.base} ({tree.found_by}) lacks {tree.lacks()}, "
            "which cannot be reached (set CPYTHON_SRC if it is elsewhere)"
        )
    raise Missing(
        "no Zephyr tree here (ZEPHYR_BASE is not set, none is registered with west "
        "zephyr-export, and the sources named in west.yml cannot be reached)"
    )


def obtain():
    """Return a Tree that has all that a build needs, fetching it if there is none."""
    tree = find()
    if tree and not tree.lacks():
        return tree
    check()
    return fetch()
