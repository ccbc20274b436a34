# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""What becomes of an exception that the user's code did not catch: it is shown as CPython does."""

import sys


def without_kernel(traceback):
    """The part of a traceback that begins with the user's code; None if there is none."""
    while traceback is not None:
        if not str(traceback.tb_frame.f_globals.get("__name__")).startswith("kernel."):
            return traceback
        traceback = traceback.tb_next
    return None


def _until_kernel(traceback):
    """A traceback without what the kernel did for the user's code at its end."""
    last = None
    inside = False
    at = traceback
    while at is not None:
        name = str(at.tb_frame.f_globals.get("__name__"))
        if name == "__main__":
            inside = False
        elif name.startswith("kernel."):
            inside = True
        if not inside:
            last = at
        at = at.tb_next
    if last is None:
        return None
    last.tb_next = None
    return traceback


def report(error):
    """Shows an exception by sys.excepthook, and keeps it in sys.last_exc."""
    if isinstance(error, KeyboardInterrupt):
        # Where the kernel was as the user pressed Ctrl-C is nothing to the user.
        error.__traceback__ = _until_kernel(error.__traceback__)
    error.__traceback__ = without_kernel(error.__traceback__)
    sys.last_exc = sys.last_value = error
    sys.last_type, sys.last_traceback = type(error), error.__traceback__
    hook = sys.excepthook
    if hook is sys.__excepthook__:
        _show(error)
        return
    try:
        hook(type(error), error, error.__traceback__)
    except SystemExit:
        raise
    except BaseException as failure:
        failure.__traceback__ = without_kernel(failure.__traceback__)
        print("Error in sys.excepthook:", file=sys.stderr)
        _show(failure)
        print("\nOriginal exception was:", file=sys.stderr)
        _show(error)


def _show(error):
    if sys.version_info >= (3, 13):
        sys.__excepthook__(type(error), error, error.__traceback__)
    else:
        # Here the hook reads source from files alone, not from linecache.
        import traceback

        traceback.print_exception(error)
