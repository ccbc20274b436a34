# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Loads a module again while the machine runs, so that those who use it see the change.

importlib.reload() gives the module new functions and classes; objects that live, and names that
others have imported, keep the old ones.  reload() here goes further:

- a class stays the same object and gets the new methods, so that live instances have them;
- a function that others hold gets the new code.

A module whose new version fails is as it was before.
"""

import importlib
import sys
import types
from importlib.machinery import SourceFileLoader


class Loader(SourceFileLoader):
    """Loads a source that may have changed a moment ago: without compiled files."""

    def get_code(self, fullname):
        """Compiles the source as it is now."""
        return self.source_to_code(self.get_data(self.path), self.path)


def reload(module):
    """Loads a module (or the one of a name) again, from where import would find it now.

    Returns the module.  ModuleNotFoundError: there is none of this name.  What the new version
    raises is raised here, and the old one stays.
    """
    if not isinstance(module, (str, types.ModuleType)):
        kind = type(module).__name__
        raise TypeError(f"module must be a module or the name of one, not {kind}")
    name = module if isinstance(module, str) else module.__name__
    if not all(part.isidentifier() for part in name.split(".")):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    if name not in sys.modules:
        return importlib.import_module(name)
    module = sys.modules[name]
    import linecache

    # A new version of the same size and time would be taken for the one that was read before.
    linecache.cache.pop(getattr(module, "__file__", None), None)
    linecache.checkcache()
    importlib.invalidate_caches()
    space = vars(module)
    before = dict(space)
    try:
        importlib.reload(module)
    except BaseException:
        space.clear()
        space.update(before)
        raise
    renewed = {}  # class of the new version → the old one, which takes its place
    for key, old in before.items():
        new = space.get(key)
        if new is old or getattr(new, "__module__", None) != name:
            continue
        if isinstance(old, type) and isinstance(new, type) and old.__module__ == name:
            space[key] = _renew_class(old, new, renewed)
        elif isinstance(old, types.FunctionType) and isinstance(new, types.FunctionType):
            _renew_function(old, new)
    linecache.checkcache()
    return module


def _renew_function(old, new):
    """Gives a function that others hold the new code."""
    if len(old.__code__.co_freevars) != len(new.__code__.co_freevars):
        return  # its closure does not fit
    old.__code__ = new.__code__
    old.__defaults__ = new.__defaults__
    old.__kwdefaults__ = new.__kwdefaults__
    old.__doc__ = new.__doc__
    old.__dict__.update(new.__dict__)


_OF_THE_CLASS = {"__dict__", "__weakref__", "__slots__", "__module__"}


def _renew_class(old, new, renewed):
    """Moves what the new class has into the old one; returns the one that is to be used.

    That is the new one if the old cannot be it: other bases, or other slots.
    """
    bases = tuple([renewed.get(base, base) for base in new.__bases__])
    slots = [vars(kind).get("__slots__", ()) for kind in (old, new)]
    if old.__bases__ != bases or slots[0] != slots[1]:
        return new
    renewed[new] = old
    for name in set(vars(old)) - set(vars(new)):
        if not isinstance(vars(old)[name], types.MemberDescriptorType):
            delattr(old, name)
    for name, value in list(vars(new).items()):
        if name in _OF_THE_CLASS or isinstance(
            value, (types.MemberDescriptorType, types.GetSetDescriptorType)
        ):
            continue
        for function in _functions(value):
            _point_super(function, new, old)
        try:
            setattr(old, name, value)
        except (AttributeError, TypeError):
            continue  # a part of the type that cannot be set, as __firstlineno__ once was
    return old


def _functions(value):
    """The functions of a method, a property, a classmethod or a staticmethod."""
    if isinstance(value, property):
        found = (value.fget, value.fset, value.fdel)
    else:
        found = (getattr(value, "__func__", value),)
    return [function for function in found if isinstance(function, types.FunctionType)]


def _point_super(function, new, old):
    """super() without arguments finds its class in a cell of the function's closure."""
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
        if name == "__class__" and cell.cell_contents is new:
            cell.cell_contents = old
