# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Where the machine's files are on the host, from power-on to power-off.

The root directory is what ZPY_SIM_ROOT or --root names, and stays; without one it is a temporary
directory.  /tmp is always temporary, and lives through a restart, as on a board.
"""

import os
import sys

from . import translate
from .tree import Mount, Tree

KERNEL_PY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# The directory for this run, and whether a restart has led here: for the program that takes this
# one's place.
_RUN = "ZPY_SIM_RUN"
_RESTART = "ZPY_SIM_RESTART"

_chdir = os.chdir
_pid = os.getpid()
_directory = None


def start(root=None):
    """Makes the tree and lets the process see it.  Once, before the kernel is imported."""
    global _directory
    _directory = os.environ.pop(_RUN, None) or _make_directory()
    ram = os.path.join(_directory, "ram")
    if os.environ.pop(_RESTART, None) is None and os.path.isdir(ram):
        remove(ram)
    root = root or os.environ.get("ZPY_SIM_ROOT") or os.path.join(_directory, "root")
    for path in (ram, root, f"{root}/flash", f"{root}/rom/lib/python3.14"):
        os.makedirs(path, exist_ok=True)
    library = {os.path.dirname(os.path.abspath(os.__file__)), KERNEL_PY, "/usr/share/zoneinfo"}
    library |= {path for path in sys.path if os.path.isabs(path) and os.path.isdir(path)}
    tree = Tree(root, ram, sorted(library))
    tree.mounts.append(Mount("/rom", "romfs", "/", os.path.join(tree.root, "rom"), read_only=True))
    for target, source in (
        ("/rom/bin", "bin"),
        ("/rom/examples", "examples"),
        ("/rom/lib/python3.14/kernel", "kernel"),
    ):
        top = os.path.join(KERNEL_PY, source)
        if os.path.isdir(top):
            tree.mounts.append(Mount(target, "romfs", source, top, read_only=True))
    tree.mounts.append(Mount("/flash", "host", "flash", os.path.join(tree.root, "flash")))
    tree.mount("tmpfs", "", "/tmp")
    tree.mount("devfs", "", "/dev")
    translate.install(tree)
    os.chdir("/")
    if "/lib" not in sys.path:
        sys.path.append("/lib")
    return tree


def _make_directory():
    # tempfile.mkdtemp(), without its import: shutil would remember the host's functions.
    top = os.environ.get("TMPDIR") or "/tmp"
    path = os.path.join(top, f"zpy-sim-{os.getpid()}-{os.urandom(4).hex()}")
    os.mkdir(path, 0o700)
    return path


def hand_over(restart):
    """Prepares for the program that takes this one's place."""
    os.environ[_RUN] = _directory
    if restart:
        os.environ[_RESTART] = "1"
    _chdir(KERNEL_PY)


def end():
    """Removes what is temporary."""
    if _directory is not None and os.getpid() == _pid:
        remove(_directory)


def remove(top):
    """shutil.rmtree() on the host."""
    host = translate.host
    for name in host["listdir"](top):
        path = os.path.join(top, name)
        is_dir = host["stat"](path, follow_symlinks=False).st_mode & 0o170000 == 0o040000
        if is_dir:
            remove(path)
        else:
            host["unlink"](path)
    host["rmdir"](top)
