# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The prompt of a session: reads statements and commands, runs them, shows what they give."""

import sys

from . import lineedit
from . import log as kernel_log

_AWAIT = 0x2000  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_ONLY_AST = 0x400  # ast.PyCF_ONLY_AST
_FAILURES_MAX = 3
_PASTE_GAP = 0.02  # seconds; no one types the next character as quickly
_RAW_REPL, _BANNER = 1, 2
_CONTROLS = bytes((_RAW_REPL, _BANNER))
_DEDENTING = ("return", "pass", "break", "continue", "raise")


class Repl:
    """The prompt of a session."""

    def __init__(self, session):
        self.session = session
        self.terminal = session.terminal
        self.editor = lineedit.Editor(session.terminal, session.history, self._complete)
        self._compiler = None
        self._futures = 0  # the flags of what __future__ has

    def run(self):
        """Serves the user until the session ends; see Session.run()."""
        session = self.session
        console = session.id == 1
        farewell = b"soft restart\r\n" if console else b"session ended\r\n"
        sys.ps1 = getattr(sys, "ps1", ">>> ")
        sys.ps2 = getattr(sys, "ps2", "... ")
        session.history.keep()
        if self.terminal.editing:
            # From now on the terminal marks what is pasted.
            self.terminal.write(b"\x1b[?2004h")
        failures = 0
        try:
            session.show_banner()
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
            if self.terminal.editing:
                self.terminal.write(farewell)
        except SystemExit as error:
            self._say_why(error)
            self.terminal.write(farewell)
        finally:
            session.disarm()
            # It also brings out what waits for a prompt that does not come.
            self.terminal.write(b"\x1b[?2004l" if self.terminal.editing else b"")
        return "restart" if console else "end"

    def _step(self):
        self.session.disarm()
        self.session.flush()
        wanted = None
        try:
            found = self._read()
        except lineedit.Control as control:
            wanted = control.byte
        # Outside of the handler: what the user's code raises has nothing to do with it.
        if wanted is None:
            self._run(found)
            return
        if wanted == _RAW_REPL:
            from . import rawrepl

            rawrepl.serve(self.session)
        self.session.show_banner()

    # --- reading ---------------------------------------------------------------------------

    def _read(self):
        """Reads until a statement is complete.

        Returns its code objects, [] if there are none; a command as the str that was typed.
        """
        lines = []
        filename = None
        while True:
            try:
                line = self.editor.readline(
                    str(sys.ps2 if lines else sys.ps1),
                    indent=self._indent(lines),
                    controls=b"" if lines else _CONTROLS,
                )
            except EOFError:
                if not lines:
                    raise
                line = ""
            if not lines and self._is_command(line):
                return line
            lines.append(line)
            if self.editor.pasting or (line[:1].isspace() and self.editor.pending(_PASTE_GAP)):
                # More of the same is on its way: compiling a long block at each of its lines
                # would take quadratic time.
                continue
            source = "\n".join(lines)
            if not source.strip():
                return []
            filename = self.session.remember(source, filename)
            try:
                codes = self._compile(source, filename, len(lines) > 1)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                # SyntaxError, and whatever else the compiler makes of odd text:
                # ValueError, OverflowError, RecursionError, MemoryError.
                self.session.show_exception(error.with_traceback(None))
                return []
            if codes:
                one = len(codes) == len(lines) == 1 and ";" not in line
                self.session.expression = codes[0] if one else None
                return codes

    def _is_command(self, line):
        """True for what the shell is to run."""
        if not line or line[0].isspace():
            return False
        from .shell import is_command

        return is_command(line, self.session.namespace)

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
            import __future__

            import codeop

            self._compiler = codeop.CommandCompiler()
            self._compiler.compiler.flags |= _AWAIT
            for name in __future__.all_feature_names:
                self._futures |= getattr(__future__, name).compiler_flag
        if not multiline and "\\" not in source:
            # Most lines are complete.  With the flags that codeop's compiler begins with, these
            # alone are taken, and then there is nothing that has to be compiled again.
            # (It warns of odd escapes, also in what is not complete.)
            compiler = self._compiler.compiler
            try:
                code = compile(source, filename, "single", compiler.flags, True)
            except SyntaxError:
                pass
            else:
                # As codeop does: what is imported from __future__ is in force from now on.
                compiler.flags |= code.co_flags & self._futures
                return [code]
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

    def _complete(self, text, position):
        from . import complete, shell

        names = self.session.namespace
        if text.startswith(("/", "./", "../", "~/")) or (
            " " in text[:position] and shell.is_command(text, names)
        ):
            from . import shellcomplete

            return shellcomplete.complete(text, position)
        start, found = complete.complete(text, position, names)
        if start == 0 and text[:position].isidentifier():
            # The first word of a line may be a command, where no name is in its way.
            commands = [name for name in shell.commands() if name.startswith(text[:position])]
            found = sorted({*found, *commands})
        return start, found

    # --- running ---------------------------------------------------------------------------

    def _run(self, found):
        if not found:
            return
        session = self.session
        try:
            session.arm()
            if isinstance(found, str):
                from . import shell

                shell.run_line(found, session)
                return
            for code in found:
                session.execute(code)
        except SystemExit:
            raise
        except BaseException as error:
            session.show_exception(error)

    def _say_why(self, error):
        if error.code is not None and not isinstance(error.code, int):
            print(error.code, file=sys.stderr)
        self.session.flush()
