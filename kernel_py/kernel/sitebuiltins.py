# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The names that `site` adds to builtins on other systems: exit, quit, help, license, …

`site` is not run here: it imports much and looks for directories that the machine has not.
"""

import builtins
import sys

HELP = """\
This is CPython {python}, the kernel of this machine. It ends with no shell below it.

  help(object)        what an object is and can do, e.g. help(str.split), help("modules")
  sh()                a shell with the prompt $; sh('ls -l | head') runs one line
  kernel.<TAB>        the live objects of the kernel; kernel.log.lines() is the boot log
  await f()           works at the prompt: f() runs on the kernel's event loop
  kernel.power        poweroff(), reboot()

Keys: arrows, Ctrl-A and Ctrl-E edit the line; TAB completes; Ctrl-R searches what was typed
before; Ctrl-C interrupts; Ctrl-D on an empty line restarts the interpreter.

A word that is no Python is a command: /bin/<word>.py.{commands}"""
_WIDTH = 92


class Quitter:
    """Ends the session."""

    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return f"Use {self.name}() or Ctrl-D (i.e. EOF) to exit"

    def __call__(self, code=None):
        raise SystemExit(code)


class Text:
    """A text that is shown by its name alone, and when called."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text

    def __call__(self):
        print(self.text)


class Helper:
    """help: alone a short text, called with an object pydoc's."""

    def __repr__(self):
        return HELP.format(python=sys.version.partition(" ")[0], commands=_commands())

    def __call__(self, *args, **kwds):
        if not args and not kwds:
            print(self)
            return
        if len(args) == 1 and isinstance(args[0], str) and _is_command(args[0]):
            from . import shell

            shell.sh(f"help {args[0]}")
            return
        import pydoc

        # With an output of its own pydoc needs no pager, which is made for other systems.
        pydoc.Helper(output=sys.stdout)(*args, **kwds)


def _commands():
    """The names of the commands, in lines, behind a heading; "" where there are none."""
    from . import shell

    lines = []
    room = 0
    for name in shell.commands():
        if room < len(name) + 1:
            lines.append(" ")
            room = _WIDTH - 1
        lines[-1] += f" {name}"
        room -= len(name) + 1
    return "\n".join(["  There are:", *lines]) if lines else ""


def _is_command(word):
    """True for a command of the shell that help has nothing else about."""
    from . import shell

    if not shell.find(word) or not shell.find("help"):
        return False
    import importlib.util
    import pydoc

    helper = pydoc.Helper
    return not (
        word in helper.topics
        or word in helper.keywords
        or word in ("modules", "keywords", "symbols", "topics")
        or hasattr(builtins, word)
        or importlib.util.find_spec(word)
    )


def install():
    """Adds the names to builtins."""
    builtins.exit = Quitter("exit")
    builtins.quit = Quitter("quit")
    builtins.copyright = Text(sys.copyright)
    builtins.credits = Text(
        "Thanks to the Python Software Foundation, the Zephyr Project and all who contribute\n"
        "to CPython and Zephyr.  See www.python.org and www.zephyrproject.org."
    )
    builtins.license = Text(
        "ZPy and Zephyr: Apache-2.0.  CPython: see https://www.python.org/psf/license/"
    )
    builtins.help = Helper()
