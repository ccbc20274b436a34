# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Boots the kernel on the host: what app/src/main.c is on a board."""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def main():
    """Runs the machine until it is powered off.  Does not return."""
    # `python kernel_py/sim` puts the directory itself on the path, `python -m sim` the parent.
    sys.path[0] = ROOT
    from sim import _vosal, inherit

    inherit.install()
    sys.modules["_vosal"] = _vosal
    _vosal._console.start()
    try:
        try:
            from kernel import boot

            action = boot.main()
        except BaseException as error:
            from kernel import emergency

            emergency.run(error)
            raise
        if action == "poweroff":
            _vosal.poweroff()
        # A restart of the interpreter is, on the host, the same as one of the machine.
        _vosal.reboot()
    finally:
        _vosal._console.restore()


main()
