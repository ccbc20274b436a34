# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""sys.argv of a script, for libraries that look there (argparse, getopt).

Several scripts run at once on this machine, so that the list in `sys` is a different one for each:
that of the calling context.  Who runs no script has the list that was there before.
"""

import sys
from _contextvars import ContextVar

# This outlives a reload of this module.
current = globals().get("current") or ContextVar("kernel.arguments", default=None)

_METHODS = (
    "__add__",
    "__contains__",
    "__delitem__",
    "__eq__",
    "__getitem__",
    "__iadd__",
    "__imul__",
    "__iter__",
    "__len__",
    "__mul__",
    "__ne__",
    "__repr__",
    "__reversed__",
    "__rmul__",
    "__setitem__",
    "append",
    "clear",
    "copy",
    "count",
    "extend",
    "index",
    "insert",
    "pop",
    "remove",
    "reverse",
    "sort",
)


class Arguments(list):
    """sys.argv: the list of the calling context."""

    __hash__ = None

    def __init__(self, own):
        self.own = own  # for who runs no script

    def _list(self):
        found = current.get()
        return self.own if found is None else found


def _forward(name):
    method = getattr(list, name)

    def call(self, *args, **keywords):
        result = method(self._list(), *args, **keywords)
        return self if name in ("__iadd__", "__imul__") else result

    call.__name__ = name
    return call


for _name in _METHODS:
    setattr(Arguments, _name, _forward(_name))


def use(arguments):
    """Makes a list the sys.argv of this context."""
    if type(sys.argv) is not Arguments:
        sys.argv = Arguments(sys.argv)
    current.set(arguments)
