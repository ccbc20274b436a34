# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The names that every session and every script has: the kernel's live objects.

They are bound when code that mentions them is about to run, so that a name costs nothing before
somebody uses it.  A name that the code's own namespace has already is left alone.
"""

# name → "module", or "module:attribute".  This is the one place for such names.
TABLE = {
    "kernel": "kernel",
    "log": "kernel.log",
    "net": "kernel.net:network",
    "vosal": "kernel.vosal",
    "interrupt": "kernel.interrupts:interrupt",
    "sh": "kernel.shell:sh",
    "run": "kernel.shell:run",
    "clear": "kernel.shell:clear",
    "scheduler": "kernel.scheduler",
    "vfs": "kernel.vfs",
    "OpenFlags": "kernel.vfs:OpenFlags",
    "devices": "kernel.devices:devices",
    "pci": "kernel.devices:pci",
    "machine": "machine",
    "board": "board",
}


def load(name):
    """The object behind a name of the table.  Raises what its import raises."""
    module, _, attribute = TABLE[name].partition(":")
    __import__(module)
    import sys

    found = sys.modules[module]
    return getattr(found, attribute) if attribute else found


def bind(code, namespace):
    """Binds the names of the table that a code object mentions, also in its functions."""
    for name in code.co_names:
        if name in TABLE and name not in namespace:
            try:
                namespace[name] = load(name)
            except Exception as error:
                # The code may mean an attribute of something else by this name.
                from . import log

                log.warning(f"namespace: no {name}: {type(error).__name__}: {error}")
    for constant in code.co_consts:
        if type(constant) is type(code):
            bind(constant, namespace)
