# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The grammar of the shell's lines, the useful part of a POSIX shell's:

    list      pipeline { ("&&" | "||" | ";" | newline) pipeline }
    pipeline  command { "|" command }
    command   { word | redirection }
    redirection  ("<" | ">" | ">>" | "2>" | "2>>") word | "2>&1"

'…' quotes everything, "…" everything but $ and \\, and \\ one character.  $NAME, ${NAME} and $?
are expanded; those without quotes are then split at blanks.  ~ at the start of a word is $HOME,
and * ? [ ] without quotes match files.  # at the start of a word begins a comment.
"""

import os

_BLANKS = " \t"
_SPECIAL = " \t\n;|&<>"
_NAME = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
# Kinds of parts of a word: text as it is, text that was quoted, variables with and without quotes
TEXT, QUOTED, VARIABLE, QUOTED_VARIABLE = range(4)


class Incomplete(ValueError):
    """The line needs another one: a quote is open, or it ends in | or && or a backslash."""


class Redirection:
    """descriptor (0, 1, 2) to a file; target None: 2 to where 1 goes."""

    __slots__ = ("descriptor", "mode", "target")

    def __init__(self, descriptor, mode, target):
        self.descriptor = descriptor
        self.mode = mode  # "r", "w" or "a"
        self.target = target  # a word


class Command:
    """Words (lists of parts) and redirections."""

    __slots__ = ("words", "redirections")

    def __init__(self):
        self.words = []
        self.redirections = []


def parse(line):
    """Returns [(connector, [Command, …]), …]: the connector is "", ";", "&&" or "||".

    Raises ValueError with what is wrong; Incomplete if more lines could put it right.
    """
    if "\0" in line:
        raise ValueError("a NUL character in the line")
    return _Parser(line).parse()


class _Parser:
    def __init__(self, text):
        self.text = text
        self.at = 0

    def parse(self):
        result = []
        connector = ""
        while True:
            pipeline, end = self._pipeline()
            if pipeline:
                result.append((connector, pipeline))
            elif connector in ("&&", "||"):
                if end == "":
                    raise Incomplete(f"nothing follows {connector}")
                raise ValueError(f"unexpected {_name(end)}")
            elif end not in ("", "\n"):
                raise ValueError(f"unexpected {_name(end)}")
            if end == "":
                return result
            if end == "\n" and not pipeline:
                continue
            connector = ";" if end == "\n" else end

    def _pipeline(self):
        commands = []
        while True:
            command, end = self._command()
            empty = not command.words and not command.redirections
            if empty and (commands or end == "|"):
                if end == "" and commands:
                    raise Incomplete("nothing follows |")
                if end == "\n" and commands:
                    continue  # a pipeline may go on in the next line
                raise ValueError(f"unexpected {_name(end)}")
            if not empty:
                commands.append(command)
            if end != "|":
                return commands, end

    def _command(self):
        """One command, and the operator that ended it."""
        command = Command()
        text = self.text
        while True:
            while self.at < len(text) and text[self.at] in _BLANKS:
                self.at += 1
            if text[self.at : self.at + 1] == "#":
                while self.at < len(text) and text[self.at] != "\n":
                    self.at += 1
            if self.at >= len(text):
                return command, ""
            char = text[self.at]
            double = text[self.at : self.at + 2]
            if double in ("&&", "||"):
                self.at += 2
                return command, double
            if char in ";|\n":
                self.at += 1
                return command, char
            if char == "&":
                raise ValueError("& is not supported: scheduler.spawn() starts what runs beside")
            if char in "<>" or (char in "012" and text[self.at + 1 : self.at + 2] in ("<", ">")):
                command.redirections.append(self._redirection())
            else:
                command.words.append(self._word())

    def _redirection(self):
        text = self.text
        descriptor = None
        if text[self.at].isdigit():
            descriptor = int(text[self.at])
            self.at += 1
        if text[self.at] == "<":
            mode = "r"
            self.at += 1
            if text[self.at : self.at + 1] == "<":
                raise ValueError("<< is not supported")
        elif text[self.at : self.at + 2] == ">>":
            mode = "a"
            self.at += 2
        else:
            mode = "w"
            self.at += 1
        if descriptor is None:
            descriptor = 0 if mode == "r" else 1
        if (descriptor == 0) != (mode == "r"):
            raise ValueError(f"cannot redirect {descriptor} in this way")
        if text[self.at : self.at + 2] == "&1" and descriptor == 2 and mode == "w":
            self.at += 2
            return Redirection(2, "w", None)
        while text[self.at : self.at + 1] and text[self.at] in _BLANKS:
            self.at += 1
        if self.at >= len(text) or text[self.at] in _SPECIAL:
            raise ValueError("a file name must follow the redirection")
        return Redirection(descriptor, mode, self._word())

    def _word(self):
        parts = []
        text = self.text
        while self.at < len(text) and text[self.at] not in _SPECIAL:
            char = text[self.at]
            self.at += 1
            if char == "'":
                end = text.find("'", self.at)
                if end < 0:
                    raise Incomplete("unclosed '")
                _add(parts, QUOTED, text[self.at : end])
                self.at = end + 1
            elif char == '"':
                self._double_quoted(parts)
            elif char == "\\":
                if self.at >= len(text):
                    raise Incomplete("nothing follows \\")
                if text[self.at] != "\n":
                    _add(parts, QUOTED, text[self.at])
                self.at += 1
            elif char == "$":
                self._variable(parts, VARIABLE, TEXT)
            else:
                _add(parts, TEXT, char)
        return parts

    def _double_quoted(self, parts):
        text = self.text
        _add(parts, QUOTED, "")
        while True:
            if self.at >= len(text):
                raise Incomplete('unclosed "')
            char = text[self.at]
            self.at += 1
            if char == '"':
                return
            if char == "\\" and text[self.at : self.at + 1] in ("$", '"', "\\", "`", "\n"):
                if text[self.at] != "\n":
                    _add(parts, QUOTED, text[self.at])
                self.at += 1
            elif char == "$":
                self._variable(parts, QUOTED_VARIABLE, QUOTED)
            else:
                _add(parts, QUOTED, char)

    def _variable(self, parts, kind, plain):
        """What follows a $; one that begins no variable is a $."""
        text = self.text
        if text[self.at : self.at + 1] == "(":
            raise ValueError("$( ) is not supported")
        if text[self.at : self.at + 1] == "?":
            self.at += 1
            parts.append((kind, "?"))
            return
        braces = text[self.at : self.at + 1] == "{"
        start = end = self.at + braces
        while end < len(text) and text[end] in _NAME:
            end += 1
        name = text[start:end]
        if braces:
            if text[end : end + 1] != "}" or not name.isidentifier():
                raise ValueError("bad ${ }")
            end += 1
        elif not name.isidentifier():
            _add(parts, plain, "$")
            return
        self.at = end
        parts.append((kind, name))


def _add(parts, kind, text):
    if parts and parts[-1][0] == kind:
        parts[-1] = (kind, parts[-1][1] + text)
    else:
        parts.append((kind, text))


def _name(operator):
    return {"": "end of the line", "\n": "end of the line"}.get(operator, operator)


# --- expansion -----------------------------------------------------------------------------


def expand(word, status):
    """The arguments that a word stands for; status is $?."""
    fields = []
    field = None  # the parts of the field so far, None before it begins
    for index, (kind, text) in enumerate(word):
        if kind == VARIABLE:
            value = str(status) if text == "?" else os.environ.get(text, "")
            pieces = value.split()
            if value[:1].isspace() and field is not None:
                fields.append(field)
                field = None
            for number, piece in enumerate(pieces):
                if number and field is not None:
                    fields.append(field)
                    field = None
                field = (field or []) + [(TEXT, piece)]
            if value[-1:].isspace() and field is not None:
                fields.append(field)
                field = None
            continue
        if kind == QUOTED_VARIABLE:
            kind = QUOTED
            text = str(status) if text == "?" else os.environ.get(text, "")
        elif kind == TEXT and index == 0 and text[0] == "~":
            name, slash, rest = text.partition("/")
            if name == "~" and (slash or len(word) == 1):
                field = [(QUOTED, os.environ.get("HOME", "/").rstrip("/") or ("/" * (not slash)))]
                text = slash + rest
        field = (field or []) + [(kind, text)]
    if field is not None:
        fields.append(field)
    found = []
    for field in fields:
        found += _files(field)
    return found


def expand_one(word, status):
    """The one argument that a word stands for: the name of a file.  ValueError: it is not one."""
    found = expand(word, status)
    if len(found) != 1:
        raise ValueError("ambiguous redirection")
    return found[0]


def _files(field):
    """The files that a field's pattern matches, or its text."""
    literal = "".join([text for _, text in field])
    if not any(kind == TEXT and any(char in text for char in "*?[") for kind, text in field):
        return [literal]
    import glob

    pattern = "".join([text if kind == TEXT else glob.escape(text) for kind, text in field])
    return sorted(glob.glob(pattern)) or [literal]


def quote(text):
    """The text as a word of the shell."""
    if text and all(char.isalnum() or char in "/._-+,:@%=~" for char in text) and text[0] != "~":
        return text
    return "'" + text.replace("'", "'\\''") + "'"
