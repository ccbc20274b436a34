# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The user's version of a kernel module wins: /lib/kernel/x.py over the one in the image.

/lib/kernel shows what the image ships, and a file that is changed there is the user's; deleting
it brings the shipped one back.  The finder here asks for the user's file before the frozen
modules are looked at.  The emergency prompt is always the image's.
"""

import sys

import _vosal

PACKAGES = ("kernel", "machine")
_LIB = "/lib/"
_NEVER = ("kernel.emergency",)


def path(name):
    """(the user's file for a module, is it a package), or None if the shipped one is unchanged."""
    top = name.partition(".")[0]
    if top not in PACKAGES or name in _NEVER or not hasattr(_vosal, "layers"):
        return None
    stem = _LIB + name.replace(".", "/")
    for file, package in ((stem + ".py", False), (stem + "/__init__.py", True)):
        try:
            if _vosal.layers(file) & _vosal.UPPER:
                return file, package
        except OSError:
            continue  # there is no such file
    return None


class Finder:
    """Finds what path() finds; for sys.meta_path."""

    @staticmethod
    def find_spec(name, path_=None, target=None):
        """See importlib.abc.MetaPathFinder."""
        found = path(name)
        if found is None:
            if target is not None and getattr(target, "__file__", "").startswith(_LIB + "kernel/"):
                # A reload after the user's file is gone.  The importer of frozen modules does
                # not set this anew.
                target.__file__ = f"{sys._stdlib_dir}/{name.replace('.', '/')}.py"
            return None
        from .hotreload import Loader

        file, package = found
        external = sys.modules["_frozen_importlib_external"]
        return external.spec_from_file_location(
            name,
            file,
            loader=Loader(name, file),
            submodule_search_locations=[file.rpartition("/")[0]] if package else None,
        )


def install():
    """Puts the finder before those of the interpreter, once."""
    if not any(getattr(finder, "__name__", "") == "Finder" for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder)
