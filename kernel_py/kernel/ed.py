# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The line editor `ed` of POSIX, with the extensions of GNU's that scripts use.

    editor = Editor(readline, write)
    editor.load("/tmp/a")
    status = editor.run()

What it prints, its messages and its exit status are those of GNU ed; a test runs scripts through
both.  `!` is refused: there is no other system to escape to.

A line is an object of its own, so marks and the list of `g` hold lines, not numbers.  Before the
first change of a command its list is kept: `u` changes it back, and another `u` forth.
"""

import errno
import os

from . import posixre
from .command import reason

_MARKS = "abcdefghijklmnopqrstuvwxyz"
_BLANKS = " \t"
_FOLD = 72  # columns of `l`
_ESCAPES = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 92: "\\\\"}
_MODIFIED = "Warning: buffer modified"


class EdError(Exception):
    """A command cannot be done; the text is what `h` shows."""


class Line(str):
    """A line of the buffer, without its end: the same text twice is two lines."""

    __slots__ = ()


class _Quit(Exception):
    """The session ends."""


class Editor:
    """One editing session.

    readline(prompt) -> a line without its end, or None at the end of the input
    write(text): what goes to standard output
    complain(text): a whole line for standard error
    interactive: after an error the session goes on; otherwise it ends
    quiet: no byte counts
    """

    def __init__(
        self,
        readline,
        write,
        complain=None,
        *,
        interactive=True,
        quiet=False,
        prompt=None,
        verbose=False,
        screen_lines=lambda: 22,
    ):
        self._readline = readline
        self._write = write
        self._complain = complain or (lambda text: write(text + "\n"))
        self._interactive = interactive
        self._quiet = quiet
        self._prompt = "*" if prompt is None else prompt
        self._prompting = prompt is not None
        self._verbose = verbose
        self._screen_lines = screen_lines
        self._scroll = None  # lines that `z` shows, once it was told
        self.lines = []
        self.current = 0
        self.filename = ""
        self.modified = False
        self._no_newline = False  # the last line came from binary data that has no end of line
        self._undo = None  # (lines, current, modified, no_newline) before the last change
        self._before = None  # the same, for a command that has not changed anything yet
        self._cut = None  # what `x` puts
        self._marks = {}
        self._pattern = None
        self._sought = None  # the pattern of the last `s`,
        self._replacement = None  # what it put there: literal strings, and numbers of groups,
        self._which = 1  # which match of a line, 0 for all,
        self._shown = ""  # and how the result was printed
        self._in_global = False
        self._chosen = []  # lines that `g` still has to come to, the next one last; `u` ends it
        self._gone = None  # while `g` runs: ids of lines that are no more
        self._kept = []  # … and the lines, so that no new one gets such an id
        self._message = ""
        self._warned = False
        self._line_number = 0
        self._text = ""  # the command line, or the commands of `g`
        self._at = 0
        self._first = self._second = 0
        self._count = 0  # how many addresses were given

    # --- the session -----------------------------------------------------------------------

    def load(self, filename):
        """Reads the first file; returns the exit status that its absence means."""
        try:
            self._edit(filename)
        except EdError as error:
            self._message = str(error)
            return 2
        return 0

    def run(self):
        """Runs commands until the session ends; returns the exit status."""
        status = 0
        while True:
            try:
                line = self._next_line(self._prompt if self._prompting else "")
                if line is None:
                    if not self.modified or self._warned:
                        return status
                    self._warned = True
                    status = 2
                    raise EdError(_MODIFIED)
                warned, self._warned = self._warned, False
                self._text, self._at = line + "\n", 0
                self._in_global = False
                self._command(warned)
            except _Quit:
                return status
            except EdError as error:
                self._fail(str(error))
                if status == 0:
                    status = 1
                if not self._interactive:
                    return status
            except KeyboardInterrupt:
                self._write("\n")
                self._fail("Interrupt")
                status = status or 1
            except MemoryError:
                self._fail("Memory exhausted")
                status = status or 1
            except OSError as error:
                self._complain(f"{error.filename or ''}: {reason(error)}")
                self._fail("I/O error")
                status = status or 1
            finally:
                self._gone = None
                self._kept.clear()

    def _next_line(self, prompt=""):
        line = self._readline(prompt)
        if line is not None:
            self._line_number += 1
        return line

    def _fail(self, message):
        self._message = message
        self._write("?\n")
        if self._verbose:
            where = "" if self._interactive else f"script, line {self._line_number}: "
            self._write(f"{where}{message}\n")

    # --- reading a command -----------------------------------------------------------------

    def _peek(self):
        return self._text[self._at]

    def _skip_blanks(self):
        while self._text[self._at] in _BLANKS:
            self._at += 1

    def _number(self):
        start = self._at
        while self._text[self._at] in "0123456789":
            self._at += 1
        digits = self._text[start : self._at]
        if len(digits) > 15:
            raise EdError("Numerical result out of range")
        return int(digits)

    def _addresses(self):
        """Reads what stands before the command's letter."""
        self._count = 0
        self._first = self._second = self.current
        while True:
            address = self._address()
            if address is not None:
                self._second = address
                self._count = max(self._count, 1)
                if self._count == 1:
                    self._first = address
            char = self._peek()
            if char not in ",;%":
                break
            self._at += 1
            if self._count == 0:
                self._first = self.current if char == ";" else 1
                self._second = len(self.lines)
            else:
                if not 0 <= self._second <= len(self.lines):
                    raise EdError("Invalid address")
                self._first = self._second
                if char == ";":
                    self.current = self._second
            self._count = 2

    def _address(self):
        """One address with its offsets, or None."""
        value = None
        last = len(self.lines)
        while True:
            self._skip_blanks()
            char = self._peek()
            if char in "0123456789":
                number = self._number()
                value = number if value is None else value + number
            elif char in "+-":
                self._at += 1
                number = self._number() if self._peek() in "0123456789" else 1
                value = (self.current if value is None else value) + (
                    number if char == "+" else -number
                )
            elif char in ".$":
                if value is not None:
                    raise EdError("Invalid address")
                self._at += 1
                value = self.current if char == "." else last
            elif char in "/?":
                if value is not None:
                    raise EdError("Invalid address")
                value = self._search(char)
            elif char == "'":
                if value is not None:
                    raise EdError("Invalid address")
                value = self._marked(self._text[self._at + 1])
                self._at += 2
            else:
                break
        if value is not None and not 0 <= value <= last:
            raise EdError("Invalid address")
        return value

    def _marked(self, mark):
        if mark not in _MARKS:
            raise EdError("Invalid mark character")
        if not self.lines:
            return 0
        line = self._marks.get(mark)
        index = self._find(line) if line is not None else -1
        if index < 0:
            raise EdError("Invalid address")
        return index + 1

    def _find(self, line, hint=0):
        """The index of a line object, or -1; hint: where to look first."""
        lines = self.lines
        for index in range(hint, len(lines)):
            if lines[index] is line:
                return index
        for index in range(min(hint, len(lines))):
            if lines[index] is line:
                return index
        return -1

    def _search(self, delimiter):
        pattern = self._delimited_pattern()
        count = len(self.lines)
        step = 1 if delimiter == "/" else -1
        number = self.current
        for _ in range(count + 1):
            number = (number + step) % (count + 1)  # 0, before the first line, is on the circle
            if number and pattern.search(self.lines[number - 1]):
                return number
        raise EdError("No match")

    def _delimited_pattern(self):
        """Reads /pattern/ or /pattern/I, or what there is up to the end of the line."""
        delimiter = self._peek()
        source = self._pattern_source()
        ignore_case = False
        if self._peek() == delimiter:
            self._at += 1
            if self._peek() == "I":
                self._at += 1
                ignore_case = True
        return self._compiled(source, ignore_case)

    def _compiled(self, source, ignore_case=False):
        if source:
            try:
                self._pattern = posixre.compile(source, ignore_case=ignore_case)
            except posixre.PatternError as error:
                raise EdError(str(error)) from None
        elif self._pattern is None:
            raise EdError("No previous pattern")
        elif ignore_case:
            raise EdError("Suffix 'I' not allowed on empty regexp")
        return self._pattern

    def _pattern_source(self):
        """Reads a regular expression after its delimiter, up to the next one or the line's end."""
        delimiter = self._peek()
        if delimiter in " \n":
            raise EdError("Invalid pattern delimiter")
        self._at += 1
        text = self._text
        start = self._at
        while text[self._at] not in (delimiter, "\n"):
            if text[self._at] == "[":
                self._skip_bracket()
                continue
            if text[self._at] == "\\":
                self._at += 1
                if text[self._at] == "\n":
                    raise EdError("Trailing backslash (\\)")
            self._at += 1
        return text[start : self._at]

    def _skip_bracket(self):
        text = self._text
        at = self._at + 1
        if text[at] == "^":
            at += 1
        if text[at] == "]":
            at += 1
        while text[at] != "]":
            if text[at] == "\n":
                raise EdError("Unbalanced brackets ([])")
            if text[at] == "[" and text[at + 1] in ".:=":
                end = text.find(text[at + 1] + "]", at + 2)
                newline = text.find("\n", at)
                if end < 0 or end > newline:
                    raise EdError("Unbalanced brackets ([])")
                at = end + 1
            at += 1
        self._at = at + 1

    def _default(self, first, second=None):
        """The addresses if none were given."""
        if not self._count:
            self._first = first
            self._second = first if second is None else second

    def _range(self, first, second=None):
        """The addresses of a command that needs lines."""
        self._default(first, second)
        if not 1 <= self._first <= self._second <= len(self.lines):
            raise EdError("Invalid address")

    def _suffix(self):
        """Reads p, l and n after a command, and the end of the line."""
        found = ""
        while self._peek() in "pln":
            if self._peek() in found:
                break
            found += self._peek()
            self._at += 1
        if self._peek() != "\n":
            raise EdError("Invalid command suffix")
        self._at += 1
        return found

    def _no_address(self):
        if self._count:
            raise EdError("Unexpected address")

    def _filename(self):
        """Reads a file name to the end of the line; "" if there is none."""
        if self._peek() not in " \t\n":
            raise EdError("Unexpected command suffix")
        self._skip_blanks()
        name, _, _ = self._text[self._at :].partition("\n")
        self._at += len(name) + 1
        if name.startswith("!"):
            raise EdError("Shell access restricted")
        name = name.replace("\\!", "!", 1) if name.startswith("\\!") else name
        return name

    # --- commands --------------------------------------------------------------------------

    def _command(self, warned=False):
        """Runs one command of the text."""
        self._addresses()
        self._skip_blanks()
        char = self._peek()
        self._at += 1
        command = _COMMANDS.get(char)
        if command is None:
            raise EdError("Unknown command")
        if char in "eqE":
            command(self, warned)
        else:
            command(self)

    def _show(self, suffix, first=None, last=None):
        """Prints lines as the suffix says; the last one becomes the current line."""
        if not suffix:
            return
        first = self.current if first is None else first
        last = first if last is None else last
        if not first:
            raise EdError("Invalid address")
        output = []
        for number in range(first, last + 1):
            text = self.lines[number - 1]
            prefix = f"{number}\t" if "n" in suffix else ""
            if "l" in suffix:
                text = _visible(text, 8 if prefix else 0)
            output.append(f"{prefix}{text}\n")
            if len(output) == 256:
                self._write("".join(output))
                output.clear()
        self.current = last
        self._write("".join(output))

    def _begin(self):
        """A command begins that may change the buffer: `u` will come back to this state."""
        if not self._in_global:
            self._before = (self.lines, self.current, self.modified, self._no_newline)
            self._undo = None

    def _splice(self, start, end, new=()):
        """Puts lines in the place of lines[start:end]: all changes go this way."""
        if self._before is not None:
            lines, current, modified, no_newline = self._before
            self._undo = (lines, current, modified, no_newline)
            self._before = None
            self.lines = lines[:]
        self._forget(start, end)
        if end == len(self.lines) and end > start:
            self._no_newline = False
        self.lines[start:end] = new
        self.modified = True

    def _forget(self, start, end):
        """`g` comes no more to these lines."""
        if self._gone is not None:
            self._gone.update(map(id, self.lines[start:end]))
            self._kept += self.lines[start:end]

    def _input(self):
        """Lines of text up to a single dot: from the input, or from the commands of `g`."""
        new = []
        while True:
            if self._in_global:
                if self._at >= len(self._text):
                    return new
                line, _, _ = self._text[self._at :].partition("\n")
                self._at += len(line) + 1
            else:
                line = self._next_line()
                if line is None:
                    return new
            if line == ".":
                return new
            new.append(Line(line))

    def _insert(self, after):
        """Inserts text that is read now."""
        new = self._input()
        if new:
            self._mend_end(after)
            self._splice(after, after, new)
            self.current = after + len(new)

    def _mend_end(self, after):
        if self._no_newline and after == len(self.lines):
            self._no_newline = False

    def _append(self):
        suffix = self._suffix()
        self._begin()
        self.current = self._second
        self._insert(self._second)
        self._show(suffix)

    def _insert_before(self):
        suffix = self._suffix()
        self._begin()
        self.current = self._second
        self._insert(max(self._second, 1) - 1)
        self._show(suffix)

    def _change(self):
        self._range(self.current)
        suffix = self._suffix()
        self._begin()
        first = self._first
        self._delete_lines(first, self._second)
        new = self._input()
        if new:
            self._splice(first - 1, first - 1, new)
            self.current = first - 1 + len(new)
        self._show(suffix)

    def _delete_lines(self, first, second):
        self._cut = self.lines[first - 1 : second]
        self._splice(first - 1, second)
        self.current = min(first, len(self.lines))

    def _delete(self):
        self._range(self.current)
        suffix = self._suffix()
        self._begin()
        self._delete_lines(self._first, self._second)
        self._show(suffix)

    def _edit_file(self, warned):
        if self.modified and not warned:
            self._warned = True
            raise EdError(_MODIFIED)
        self._edit_anyway()

    def _edit_anyway(self, warned=True):
        self._no_address()
        name = self._filename()
        self._edit(name or self._known_name())

    def _edit(self, name):
        self.lines = []
        self.current = 0
        self._undo = self._before = None
        self._no_newline = False
        self.filename = name
        try:
            self._read(name, 0)
        finally:
            self.modified = False
            self._undo = self._before = None

    def _known_name(self):
        if not self.filename:
            raise EdError("No current filename")
        return self.filename

    def _read(self, name, after):
        """Reads a file into the buffer after a line."""
        try:
            with open(name, "rb") as file:
                if os.path.isdir(name):
                    raise EdError("Cannot read input file")
                data = self._read_all(file, name)
        except IsADirectoryError:
            self._complain(f"{name}: Is a directory")
            raise EdError("Cannot read input file") from None
        except OSError as error:
            self._complain(f"{name}: {reason(error)}")
            raise EdError("Cannot open input file") from None
        size = len(data)
        binary = b"\0" in data
        ends = not data or data.endswith(b"\n")
        text = data.decode("utf-8", "surrogateescape")
        del data
        new = [Line(line) for line in text.split("\n")]
        del text
        if ends:
            new.pop()
        if not ends and not binary:
            size += 1
            self._write("Newline appended\n")
        if new and self._no_newline and after == len(self.lines):
            self._write("Newline inserted\n")
            self._no_newline = False
        at_end = after == len(self.lines)
        self.current = after
        if new:
            self._splice(after, after, new)
            if at_end:
                self._no_newline = binary and not ends
            self.current = after + len(new)
        if not self._quiet:
            self._write(f"{size}\n")

    def _read_all(self, file, name):
        try:
            return file.read()
        except OSError as error:
            self._complain(f"{name}: {reason(error)}")
            raise EdError("Cannot read input file") from None

    def _name(self):
        self._no_address()
        name = self._filename()
        if name:
            self.filename = name
        self._write(f"{self._known_name()}\n")

    def _global(self, wanted=True, interactive=False):
        if self._in_global:
            raise EdError("Cannot nest global commands")
        self._range(1, len(self.lines))
        pattern = self._delimited_pattern()
        chosen = [
            line
            for line in self.lines[self._first - 1 : self._second]
            if bool(pattern.search(line)) == wanted
        ]
        if interactive:
            suffix = self._suffix()
            commands = ""
        else:
            commands = self._continued()
            if commands == "\n":
                commands = "p\n"
        self._begin()
        self._in_global = True
        self._gone = set()
        hint = 0
        last = ""
        self._chosen = chosen[::-1]
        while self._chosen:
            line = self._chosen.pop()
            if id(line) in self._gone:
                continue
            hint = self._find(line, min(hint, len(self.lines)))
            if hint < 0:
                hint = 0
                continue
            self.current = hint + 1
            if interactive:
                self._show(suffix or "p")
                commands = self._next_line()
                if commands is None:
                    raise EdError("Unexpected end-of-file")
                if not commands:
                    continue
                if commands == "&":
                    if not last:
                        raise EdError("No previous command")
                    commands = last
                else:
                    self._text, self._at = commands + "\n", 0
                    commands = self._continued()
                last = commands
            self._text, self._at = commands, 0
            while self._at < len(self._text):
                self._command()
        if interactive:
            self._show(suffix)

    def _continued(self):
        """The commands of `g`: the rest of the line, with the lines that \\ joins to it."""
        parts = []
        rest = self._text[self._at : -1]
        while True:
            slashes = len(rest) - len(rest.rstrip("\\"))
            if slashes % 2 == 0:
                parts.append(rest)
                return "\n".join(parts) + "\n"
            parts.append(rest[:-1])
            rest = self._next_line()
            if rest is None:
                raise EdError("Unexpected end-of-file")

    def _inverse(self):
        self._global(False)

    def _ask_global(self):
        self._global(True, True)

    def _ask_inverse(self):
        self._global(False, True)

    def _toggle_help(self):
        self._no_address()
        suffix = self._suffix()
        self._verbose = not self._verbose
        if self._verbose and self._message:
            self._write(f"{self._message}\n")
        self._show(suffix)

    def _help(self):
        self._no_address()
        suffix = self._suffix()
        if self._message:
            self._write(f"{self._message}\n")
        self._show(suffix)

    def _join(self):
        self._default(self.current, self.current + 1)
        if not 1 <= self._first <= self._second <= len(self.lines):
            raise EdError("Invalid address")
        suffix = self._suffix()
        self._begin()
        first, second = self._first, self._second
        if first < second:
            joined = Line("".join(self.lines[first - 1 : second]))
            self._cut = self.lines[first - 1 : second]
            self._splice(first - 1, second, [joined])
            self.current = first
        self._show(suffix)

    def _mark(self):
        self._default(self.current)
        if not 1 <= self._second <= len(self.lines):
            raise EdError("Invalid address")
        char = self._peek()
        if char == "\n":
            raise EdError("Invalid command suffix")
        self._at += 1
        suffix = self._suffix()
        if char not in _MARKS:
            raise EdError("Invalid mark character")
        self._marks[char] = self.lines[self._second - 1]
        self._show(suffix)

    def _print(self, kind):
        self._range(self.current)
        suffix = self._suffix() + kind
        self._show(suffix, self._first, self._second)

    def _list(self):
        self._print("l")

    def _numbered(self):
        self._print("n")

    def _plain(self):
        self._print("p")

    def _destination(self):
        """The address after `m` and `t`."""
        count, first, second = self._count, self._first, self._second
        self._addresses()
        self._skip_blanks()
        target = self._second if self._count else self.current
        self._count, self._first, self._second = count, first, second
        return target

    def _move(self):
        self._range(self.current)
        target = self._destination()
        first, second = self._first, self._second
        if first <= target < second:
            raise EdError("Invalid destination")
        suffix = self._suffix()
        self._begin()
        size = second - first + 1
        if target in (first - 1, second):
            self.current = second  # nothing moves, but it counts as a change
            self.modified = True
            self._forget(first - 1, second)
        else:
            moved = self.lines[first - 1 : second]
            self._splice(first - 1, second)
            after = target if target < first else target - size
            self._splice(after, after, moved)
            self.current = after + size
        self._show(suffix)

    def _copy(self):
        self._range(self.current)
        target = self._destination()
        suffix = self._suffix()
        self._begin()
        new = [Line(line) for line in self.lines[self._first - 1 : self._second]]
        self._splice(target, target, new)
        self.current = target + len(new)
        self._show(suffix)

    def _toggle_prompt(self):
        self._no_address()
        suffix = self._suffix()
        self._prompting = not self._prompting
        self._show(suffix)

    def _quit(self, warned):
        self._no_address()
        self._suffix_none()
        if self.modified and not warned:
            self._warned = True
            raise EdError(_MODIFIED)
        raise _Quit

    def _quit_anyway(self):
        self._no_address()
        self._suffix_none()
        raise _Quit

    def _suffix_none(self):
        if self._suffix():
            raise EdError("Invalid command suffix")

    def _read_file(self):
        self._default(len(self.lines))
        after = self._second
        name = self._filename()
        if name and not self.filename:
            self.filename = name
        self._begin()
        self._read(name or self._known_name(), after)

    # --- substitution ----------------------------------------------------------------------

    def _substitute(self):
        self._range(self.current)
        char = self._peek()
        if char == "\n" or char in "0123456789gpr":
            self._again()
        else:
            self._new_substitution()
        self._begin()
        changed = 0
        number = self._first
        for _ in range(self._second - self._first + 1):
            new = self._substituted(self.lines[number - 1])
            if new is not None:
                self._cut = self.lines[number - 1 : number]
                self._splice(number - 1, number, new)
                number += len(new) - 1
                changed = number
            number += 1
        if changed:
            self.current = changed
        elif not self._in_global:
            raise EdError("No match")
        self._show(self._shown)

    def _new_substitution(self):
        delimiter = self._peek()
        source = self._pattern_source()
        if self._peek() != delimiter:
            raise EdError("Missing pattern delimiter")
        if not source and self._pattern is None:
            raise EdError("No previous pattern")
        self._replacement, closed = self._take_replacement(delimiter)
        ignore_case = self._substitution_flags(closed)
        self._sought = self._compiled(source, ignore_case)

    def _take_replacement(self, delimiter):
        """The replacement as a list of literal strings and group numbers; and if it was closed."""
        self._at += 1
        if self._text[self._at :] == "%\n" or self._text.startswith("%" + delimiter, self._at):
            if self._replacement is None:
                raise EdError("No previous substitution")
            self._at += 1
            closed = self._peek() == delimiter
            self._at += closed
            return self._replacement, closed
        parts = []
        literal = []
        while True:
            if self._at >= len(self._text):
                closed = False
                break
            char = self._text[self._at]
            if char == delimiter:
                self._at += 1
                closed = True
                break
            if char == "\n" and not (self._in_global and self._at + 1 < len(self._text)):
                closed = False
                break
            self._at += 1
            if char == "\\":
                char = self._text[self._at]
                self._at += 1
                if char == "\n" and self._at == len(self._text) and not self._in_global:
                    line = self._next_line()
                    if line is None:
                        raise EdError("Unexpected end-of-file")
                    self._text += line + "\n"
                elif char in "123456789":
                    parts.append("".join(literal))
                    parts.append(int(char))
                    literal = []
                    continue
            elif char == "&":
                parts.append("".join(literal))
                parts.append(0)
                literal = []
                continue
            literal.append(char)
        parts.append("".join(literal))
        return parts, closed

    def _substitution_flags(self, closed):
        """Reads what follows the replacement; returns True for an I."""
        self._which, self._shown = 1, ""
        ignore_case = False
        if not closed:
            # The line ended before the delimiter: the result is printed.  In the commands of
            # `g` the end of the line is then a command of its own.
            self._shown = "p"
            self._at += not self._in_global
            return False
        seen = ""
        while (char := self._peek()) != "\n":
            kind = self._flag("glnpI", seen)
            seen += kind
            if char == "I":
                ignore_case = True
            elif kind == "g":
                self._which = self._match_number() if char != "g" else 0
            else:
                self._shown += char
        self._at += 1
        return ignore_case

    def _again(self):
        """`s` alone, with flags that change those of the last one: g, p, r, a number."""
        seen = ""
        sought = self._sought
        while (char := self._peek()) != "\n":
            kind = self._flag("gpr", seen)
            seen += kind
            if char == "r":
                sought = self._pattern
            elif char == "p":
                self._shown = "" if self._shown else "p"
            elif char != "g":
                self._which = self._match_number()
            else:
                self._which = 0 if self._which else 1
        if self._sought is None:
            raise EdError("No previous substitution")
        self._sought = sought
        # In the commands of `g` the end of the line is then a command of its own.
        self._at += not self._in_global

    def _flag(self, known, seen):
        """Takes a flag of `s`, each once; a number is of the kind of g, as it excludes it."""
        char = self._peek()
        kind = "g" if char in "0123456789" else char
        if kind not in known or kind in seen:
            raise EdError("Invalid command suffix")
        if char == kind:
            self._at += 1
        return kind

    def _match_number(self):
        count = self._number()
        if not count:
            raise EdError("Invalid command suffix")
        return count

    def _substituted(self, line):
        """The lines that the substitution makes of one, or None if nothing matches."""
        pattern, replacement, which = self._sought, self._replacement, self._which
        output = []
        position = found = 0
        changed = False
        empty_at = -1  # where the last match was, if it was empty
        while (match := pattern.search(line, position, at_start=empty_at != 0)) is not None:
            start, end = match.span()
            found += 1
            if which and found != which:
                output.append(line[position:end])
            else:
                changed = True
                output.append(line[position:start])
                for part in replacement:
                    if not isinstance(part, int):
                        output.append(part)
                    elif part > pattern.groups:
                        output.append(str(part))  # no group: the digit itself
                    else:
                        output.append(match[part] or "")
            position = end
            if end == len(line) or found == which:
                break
            if start == end == empty_at and not which:
                raise EdError("Infinite substitution loop")
            empty_at = end if start == end else -1
        if not changed:
            return None
        output.append(line[position:])
        return [Line(text) for text in "".join(output).split("\n")]

    # --- the rest --------------------------------------------------------------------------

    def _undo_change(self):
        self._no_address()
        suffix = self._suffix()
        if self._undo is None:
            raise EdError("Nothing to undo")
        now = (self.lines, self.current, self.modified, self._no_newline)
        self.lines, self.current, self.modified, self._no_newline = self._undo
        self._undo = now
        self._before = None
        self._chosen.clear()
        self._show(suffix)

    def _write_file(self, mode="wb"):
        char = self._peek()
        leave = char if char in "qQ" else ""
        self._at += len(leave)
        name = self._filename()
        self._default(1, len(self.lines))
        if not self._count and not self.lines:
            self._first = self._second = 0
        elif not 1 <= self._first <= self._second <= len(self.lines):
            raise EdError("Invalid address")
        if name and not self.filename:
            self.filename = name
        self._save(name or self._known_name(), mode)
        if leave == "q" and self.modified:
            self._warned = True
            raise EdError(_MODIFIED)
        if leave:
            raise _Quit

    def _save(self, name, mode):
        first, second = self._first, self._second
        size = 0
        try:
            with open(name, mode) as file:
                for start in range(max(first, 1) - 1, second, 256):
                    block = self.lines[start : min(start + 256, second)]
                    text = "\n".join(block)
                    if start + 256 < second or second < len(self.lines) or not self._no_newline:
                        text += "\n"
                    data = text.encode("utf-8", "surrogateescape")
                    file.write(data)
                    size += len(data)
        except OSError as error:
            self._complain(f"{name}: {reason(error)}")
            opening = error.filename is not None or error.errno in (errno.EISDIR, errno.ENOENT)
            raise EdError(f"Cannot {'open' if opening else 'write'} output file") from None
        if not self._quiet:
            self._write(f"{size}\n")
        if first <= 1 and second == len(self.lines):
            self.modified = False

    def _append_file(self):
        self._write_file("ab")

    def _put(self):
        self._default(self.current)
        suffix_at = self._second
        suffix = self._suffix()
        self._begin()
        if self._cut is None:
            raise EdError("Nothing to put")
        self._mend_end(suffix_at)
        new = [Line(line) for line in self._cut]
        self._splice(suffix_at, suffix_at, new)
        self.current = suffix_at + len(new)
        self._show(suffix)

    def _yank(self):
        self._range(self.current)
        suffix = self._suffix()
        self._cut = self.lines[self._first - 1 : self._second]
        self._show(suffix)

    def _scroll_lines(self):
        self._default(self.current + (not self._in_global))
        first = self._second
        if not 1 <= first <= len(self.lines):
            raise EdError("Invalid address")
        if self._peek() in "123456789":
            self._scroll = self._number()
        suffix = self._suffix()
        count = self._scroll or self._screen_lines()
        self._show(suffix or "p", first, min(first + count - 1, len(self.lines)))

    def _equals(self):
        self._default(len(self.lines))
        suffix = self._suffix()
        self._write(f"{self._second}\n")
        self._show(suffix)

    def _shell(self):
        raise EdError("Shell access restricted")

    def _comment(self):
        _, _, rest = self._text[self._at :].partition("\n")
        self._at = len(self._text) - len(rest)

    def _end_of_line(self):
        self._at -= 1
        self._default(self.current + (not self._in_global))
        if not 1 <= self._second <= len(self.lines):
            raise EdError("Invalid address")
        self._at += 1
        self._show("p", self._second)


def _visible(text, column):
    """A line as `l` shows it: nothing in it is invisible or ambiguous."""
    output = []
    for byte in text.encode("utf-8", "surrogateescape"):
        if byte in _ESCAPES:
            shown = _ESCAPES[byte]
        elif byte == 0x24:
            shown = "\\$"
        elif 32 <= byte < 127:
            shown = chr(byte)
        else:
            shown = f"\\{byte:03o}"
        if column + len(shown) > _FOLD:
            output.append("\\\n")
            column = 0
        output.append(shown)
        column += len(shown)
    output.append("$")
    return "".join(output)


_COMMANDS = {
    "a": Editor._append,
    "c": Editor._change,
    "d": Editor._delete,
    "e": Editor._edit_file,
    "E": Editor._edit_anyway,
    "f": Editor._name,
    "g": Editor._global,
    "G": Editor._ask_global,
    "h": Editor._help,
    "H": Editor._toggle_help,
    "i": Editor._insert_before,
    "j": Editor._join,
    "k": Editor._mark,
    "l": Editor._list,
    "m": Editor._move,
    "n": Editor._numbered,
    "p": Editor._plain,
    "P": Editor._toggle_prompt,
    "q": Editor._quit,
    "Q": Editor._quit_anyway,
    "r": Editor._read_file,
    "s": Editor._substitute,
    "t": Editor._copy,
    "u": Editor._undo_change,
    "v": Editor._inverse,
    "V": Editor._ask_inverse,
    "w": Editor._write_file,
    "W": Editor._append_file,
    "x": Editor._put,
    "y": Editor._yank,
    "z": Editor._scroll_lines,
    "=": Editor._equals,
    "!": Editor._shell,
    "#": Editor._comment,
    "\n": Editor._end_of_line,
}
