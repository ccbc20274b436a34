# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""An interactive session: reads statements from a terminal, runs them, shows what they give.

What the session itself writes goes straight to its terminal, never through sys.stdout: a user
who breaks sys.stdout still has a prompt.
"""

import builtins
import sys

from . import lineedit
from . import log as kernel_log
from .history import History

_AWAIT = 0x2000  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_ONLY_AST = 0x400  # ast.PyCF_ONLY_AST
_COROUTINE = 0x80  # inspect.CO_COROUTINE
_SOURCES_KEPT = 256
_FAILURES_MAX = 3
_PASTE_GAP = 0.02  # seconds; no one types the next character as quickly
_RAW_REPL, _BANNER = 1, 2
_DEDENTING = ("return", "pass", "break", "continue", "raise")


class Session:
    """A session on a terminal, with a namespace: a fresh `__main__` unless given."""

    def __init__(self, terminal, namespace=None, banner=""):
        self.terminal = terminal
        self.banner = banner
        self.namespace = namespace
        if namespace is None:
            self.reset()
        self.editor = lineedit.Editor(terminal, History(), self._complete)
        self._compiler = None
        self._count = 0

    def reset(self):
        """Begins with a fresh `__main__`, in which are the kernel's live objects."""
        import kernel

        main = type(sys)("__main__")
        main.__builtins__ = builtins
        self.namespace = main.__dict__
        self.namespace.update(kernel=kernel, log=kernel_log)
        sys.modules["__main__"] = main

    def run(self):
        """Serves the user until the session ends.

        Returns how: "restart" (Ctrl-D, exit()), the only way so far.
        """
        sys.ps1 = getattr(sys, "ps1", ">>> ")
        sys.ps2 = getattr(sys, "ps2", "... ")
        # From now on the terminal marks what is pasted.
        self.terminal.write(b"\x1b[?2004h")
        failures = 0
        try:
            self.show_banner()
            while True:
                try:
                    self._step()
                    failures = 0
                except KeyboardInterrupt:
                    self.terminal.write(b"KeyboardInterrupt\r\n")
                except (EOFError, OSError):
                    raise
                except Exception as error:
                    # Most likely out of memory: the next line may be given what is free now.
                    failures += 1
                    if failures > _FAILURES_MAX:
                        raise
                    kernel_log.exception("the session failed and goes on", error)
        except EOFError:
            self.terminal.write(b"soft restart\r\n")
        except SystemExit as error:
            self._say_why(error)
            self.terminal.write(b"soft restart\r\n")
        finally:
            self.terminal.disarm()
            self.terminal.write(b"\x1b[?2004l")
        return "restart"

    def show_banner(self):
        """Writes the banner."""
        if self.banner:
            self.terminal.write(self.banner.replace("\n", "\r\n").encode() + b"\r\n")

    def _step(self):
        self.terminal.disarm()
        self.flush()
        wanted = None
        try:
            codes = self._read()
        except lineedit.Control as control:
            wanted = control.byte
        # Outside of the handler: what the user's code raises has nothing to do with it.
        if wanted is None:
            self._run(codes)
            return
        if wanted == _RAW_REPL:
            from . import rawrepl

            rawrepl.serve(self)
        self.show_banner()

    # --- reading ---------------------------------------------------------------------------

    def _read(self):
        """Reads until a statement is complete; returns its code objects, [] if there are none."""
        lines = []
        filename = None
        while True:
            try:
                line = self.editor.readline(
                    str(sys.ps2 if lines else sys.ps1),
                    indent=self._indent(lines),
                    controls=b"" if lines else bytes((_RAW_REPL, _BANNER)),
                )
            except EOFError:
                if not lines:
                    raise
                line = ""
            lines.append(line)
            if self.editor.pasting or (line[:1].isspace() and self.editor.pending(_PASTE_GAP)):
                # More of the same is on its way: compiling a long block at each of its lines
                # would take quadratic time.
                continue
            source = "\n".join(lines)
            if not source.strip():
                return []
            filename = self.remember(source, filename)
            try:
                codes = self._compile(source, filename, len(lines) > 1)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                # SyntaxError, and whatever else the compiler makes of odd text:
                # ValueError, OverflowError, RecursionError, MemoryError.
                self.show_exception(error.with_traceback(None))
                return []
            if codes:
                return codes

    def _indent(self, lines):
        """The indentation to offer for the next line."""
        if not lines or self.editor.pasting:
            return ""
        last = lines[-1]
        if not last.strip() or self.editor.pending(_PASTE_GAP):
            return ""
        indent = last[: len(last) - len(last.lstrip())]
        body = last.strip()
        if body.endswith(":"):
            return indent + " " * lineedit.INDENT
        if body.split(None, 1)[0] in _DEDENTING:
            return indent[: -lineedit.INDENT]
        return indent

    def _compile(self, source, filename, multiline):
        """The code objects of the statements, or None if the source is incomplete."""
        if self._compiler is None:
            import codeop

            self._compiler = codeop.CommandCompiler()
            self._compiler.compiler.flags |= _AWAIT
        try:
            code = self._compiler(source, filename, "single")
        except SyntaxError:
            codes = self._split(source, filename) if multiline else None
            if codes is None:
                raise
            return codes
        return code and [code]

    def _split(self, source, filename):
        """The code objects of several statements that came at once, by a paste."""
        import _ast

        flags = self._compiler.compiler.flags & ~0x4200  # no incomplete input any more
        try:
            tree = compile(source, filename, "exec", flags | _ONLY_AST, True)
        except SyntaxError:
            return None
        return [
            compile(_ast.Interactive([node]), filename, "single", flags, True)
            for node in tree.body
        ]

    def remember(self, source, filename=None):
        """Keeps a source for tracebacks and inspect; returns the file name it goes by."""
        import linecache

        if filename is None:
            filename = f"<python-input-{self._count}>"
            linecache.cache.pop(f"<python-input-{self._count - _SOURCES_KEPT}>", None)
            self._count += 1
        linecache.cache[filename] = (
            len(source),
            None,
            [line + "\n" for line in source.split("\n")],
            filename,
        )
        return filename

    def _complete(self, text, position):
        from . import complete

        return complete.complete(text, position, self.namespace)

    # --- running ---------------------------------------------------------------------------

    def _run(self, codes):
        if not codes:
            return
        try:
            self.terminal.arm()
            for code in codes:
                self.execute(code)
        except SystemExit:
            raise
        except BaseException as error:
            self.show_exception(error)

    def execute(self, code):
        """Runs a code object in the namespace; one with `await`, on the kernel's loop."""
        if code.co_flags & _COROUTINE:
            from . import loop

            loop.run(eval(code, self.namespace))
        else:
            exec(code, self.namespace)

    def show_exception(self, error):
        """Shows an exception that the session's code did not catch."""
        self.terminal.disarm()
        self.flush()
        from . import uncaught

        uncaught.report(error)

    def flush(self):
        """Brings out what was printed without an end of line."""
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name, None)
            if stream is None:
                continue
            try:
                stream.flush()
            except Exception:
                # The user's own object, or a closed one: back to one that works.
                setattr(sys, name, getattr(sys, f"__{name}__"))
                self.terminal.write(f"sys.{name} failed and was restored\r\n".encode())

    def _say_why(self, error):
        if error.code is not None and not isinstance(error.code, int):
            print(error.code, file=sys.stderr)
        self.flush()
