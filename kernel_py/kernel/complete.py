# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""TAB completion of Python: names, attributes, modules to import, keys of dicts.

Nothing that the user wrote is called but `__dir__`, and no property is asked for its value:
to press TAB must not open a door.
"""

import builtins
import sys

from . import namespace as names

_OPENING = {"'": "'", '"': '"'}


def complete(text, position, namespace):
    """Returns (start, candidates): what may stand in text[start:position], sorted."""
    before = text[:position]
    words = before.split()
    if words and words[0] in ("import", "from") and before.lstrip() != words[0]:
        return _complete_import(before, words)
    start = _chain_start(before)
    if before[:start].endswith(("['", '["')):
        return start, _keys(before, start, namespace)
    if _in_string(before[:start]):
        return position, []
    owner, dot, name = before[start:].rpartition(".")
    if dot:
        return position - len(name), _attributes(owner, name, namespace)
    return start, _names(name, namespace) if name else []


def _chain_start(text):
    """Where the dotted name at the end of text begins."""
    index = len(text)
    while index and (text[index - 1].isalnum() or text[index - 1] in "_."):
        index -= 1
    return index


def _in_string(text):
    """True if a string begins in text and does not end."""
    quote = ""
    escaped = False
    for char in text:
        if escaped:
            escaped = False
        elif quote and char == "\\":
            escaped = True
        elif quote:
            if char == quote:
                quote = ""
        elif char in _OPENING:
            quote = char
        elif char == "#":
            return True
    return bool(quote)


def _names(prefix, namespace):
    import keyword

    found = {name for name in namespace if isinstance(name, str)}
    found.update(vars(builtins), keyword.kwlist, keyword.softkwlist, names.TABLE)
    return _matching(found, prefix)


def _matching(names, prefix):
    """Those with the prefix; names with an underscore only when it was typed."""
    found = [name for name in names if name.startswith(prefix)]
    if not prefix.startswith("_"):
        found = [name for name in found if not name.startswith("_")]
    elif prefix == "_":
        found = [name for name in found if not name.startswith("__")]
    return sorted(found)


_NOTHING = object()


def _look_up(chain, namespace):
    """The object of a dotted name, or _NOTHING if that cannot be had without a call."""
    first, *rest = chain.split(".")
    found = namespace.get(first, _NOTHING)
    if found is _NOTHING:
        found = getattr(builtins, first, _NOTHING)
    if found is _NOTHING and first in names.TABLE:
        # Bound when code mentions them, and a name with a dot is about to be code.
        try:
            found = names.load(first)
        except Exception:
            return _NOTHING  # the line itself will tell
    for name in rest:
        if found is _NOTHING:
            break
        found = _static_attribute(found, name)
    return found


def _static_attribute(owner, name):
    """Like inspect.getattr_static, which would import too much."""
    if isinstance(owner, type(sys)):
        if owner.__name__ == "kernel":
            # Its modules are imported when first asked for, which is harmless.
            return getattr(owner, name, _NOTHING)
        return vars(owner).get(name, _NOTHING)
    if isinstance(owner, type):
        found = _in_classes(owner, name)
    else:
        if type(_in_classes(type(owner), "__dict__")).__name__ == "getset_descriptor":
            own = object.__getattribute__(owner, "__dict__")
            if name in own:
                return own[name]
        found = _in_classes(type(owner), name)
        if type(found).__name__ in ("member_descriptor", "getset_descriptor"):
            # A field of a C structure, or a slot, which may be empty.
            try:
                return found.__get__(owner)
            except AttributeError:
                return _NOTHING
    if isinstance(found, (staticmethod, classmethod)):
        return found.__func__
    if hasattr(type(found), "__get__") and not callable(found):
        return _NOTHING  # a property, or a descriptor of the user's
    return found


def _in_classes(kind, name):
    for base in type.mro(kind) if kind is not type else (type, object):
        found = vars(base).get(name, _NOTHING)
        if found is not _NOTHING:
            return found
    return _NOTHING


def _attributes(chain, prefix, namespace):
    owner = _look_up(chain, namespace)
    if owner is _NOTHING:
        return []
    return _matching([name for name in dir(owner) if isinstance(name, str)], prefix)


# --- modules -------------------------------------------------------------------------------


def _complete_import(before, words):
    """`import a.b`, `import a, b`, `from a import b, c`."""
    start = _chain_start(before)
    if words[0] == "from":
        module, found, _ = before.partition(" import ")
        if found:
            return start, _members(module.split()[1], before[start:])
        if len(words) + before[-1:].isspace() > 2:
            return start, ["import "] if "import".startswith(before[start:]) else []
    package, _, name = before[start:].rpartition(".")
    return len(before) - len(name), _matching(_modules(package), name)


def _members(module, prefix):
    names = set(_modules(module))
    loaded = sys.modules.get(module)
    if loaded is not None:
        names.update(name for name in dir(loaded) if isinstance(name, str))
    return _matching(names, prefix)


def _modules(package):
    """Names of the modules in a package ("": at the top), without importing anything."""
    import _imp

    names = set()
    prefix = package + "." if package else ""
    everything = [*sys.modules, *sys.builtin_module_names, *_imp._frozen_module_names()]
    for name in everything:
        if name.startswith(prefix):
            names.add(name[len(prefix) :].partition(".")[0])
    if package:
        directories = getattr(sys.modules.get(package), "__path__", ())
    else:
        directories = sys.path
    for directory in directories:
        names.update(_module_files(directory))
    return {name for name in names if name.isidentifier()}


def _module_files(directory):
    import os

    try:
        files = os.listdir(directory or ".")
    except OSError:
        return []  # not a directory: an archive, or nothing at all
    found = []
    for name in files:
        stem, dot, ending = name.partition(".")
        if not dot or ending == "py" or ending.endswith(".so") or ending == "pyc":
            found.append(stem)
    return found


# --- keys ----------------------------------------------------------------------------------


def _keys(before, start, namespace):
    """`name["ke`: the keys of a dict (of that very type, whose lookups run no user code)."""
    quote = before[start - 1]
    chain = before[_chain_start(before[: start - 2]) : start - 2]
    found = _look_up(chain, namespace)
    if type(found) is not dict:
        return []
    prefix = before[start:]
    return sorted(
        key + quote + "]"
        for key in found
        if type(key) is str
        and key.startswith(prefix)
        and key.isprintable()
        and quote not in key
        and "\\" not in key
    )
