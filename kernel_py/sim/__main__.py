# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Boots the kernel on the host: what app/src/main.c is on a board."""

import os
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def _show_thread_failure(args):
    """threading.excepthook, with the source from linecache, as from CPython 3.13 on."""
    import traceback

    if args.exc_type is not SystemExit:
        name = args.thread.name if args.thread is not None else "unknown"
        print(f"Exception in thread {name}:", file=sys.stderr)
        traceback.print_exception(args.exc_value)


def main():
    """Runs the machine until it is powered off.  Does not return."""
    # `python kernel_py/sim` puts the directory itself on the path, `python -m sim` the parent.
    sys.path[:1] = [ROOT, os.path.join(ROOT, "lib")]
    # As on a board. The host's Python would put __pycache__ beside what a test or a user imports.
    sys.dont_write_bytecode = True
    from sim import _net, _vhal, _vosal, inherit, storage

    inherit.install()
    if sys.version_info < (3, 13):
        threading.excepthook = _show_thread_failure
    sys.modules["_vosal"] = _vosal
    sys.modules["_net"] = _net
    named = [word.partition("=")[2] for word in sys.argv[1:] if word.startswith("--root=")]
    _vosal.tree = storage.start(*named[-1:])
    sys.modules["_vhal"] = _vhal
    time.sleep = _vosal._sleep
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
        # A restart of the interpreter is, on the host, one of the machine that keeps /tmp.
        _vosal.start_again(restart=action == "restart")
    finally:
        _vosal._console.restore()
        storage.end()


main()
