# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Find files below directories.

usage: find [DIR ...] [TEST ...]

  -name PATTERN       the name matches: * ? [a-z]
  -iname PATTERN      the same, capital and small letters alike
  -path PATTERN       the whole path matches
  -type f|d|l         a file, a directory, a link
  -size [+-]N[ckMG]   more, less or exactly N blocks of 512 bytes; c: bytes; k, M, G: by 1024
  -empty              nothing is in it
  -newer FILE         changed later than this file
  -mtime [+-]N        changed more than, less than or N days ago
  -maxdepth N         no deeper than N below DIR
  -mindepth N         only what is at least N below
  -print, -print0     print the path, with an end of line or a zero byte after it
  -delete             remove it; what is in a directory comes before it
  -exec COMMAND ;     run a command, {} stands for the path; true if its status is 0

Tests are joined by -a or nothing (and), -o (or), ! (not), and ( ).  Without an action the paths
are printed.  Without DIR, the working directory.
"""

import os
import time

from kernel import command

NOW = time.time()
UNITS = {"c": 1, "b": 512, "k": 1 << 10, "M": 1 << 20, "G": 1 << 30}
KINDS = {"f": 0o100000, "d": 0o040000, "l": 0o120000, "c": 0o020000, "b": 0o060000}


class Parser:
    """Turns the words of the command line into a function of (path, status)."""

    def __init__(self, cmd, words):
        self.cmd = cmd
        self.words = words
        self.acts = False
        self.depth_first = False
        self.least, self.most = 0, 1 << 30

    def parse(self):
        test = self.either() if self.words else lambda path, status: True
        if self.words:
            raise command.UsageError(f"unexpected '{self.words[0]}'")
        if self.acts:
            return test
        return lambda path, status: test(path, status) and self.show(path, "\n")

    def next(self, what=""):
        if not self.words:
            raise command.UsageError(f"missing argument to '{what}'")
        return self.words.pop(0)

    def either(self):
        tests = [self.all()]
        while self.words and self.words[0] in ("-o", "-or"):
            self.words.pop(0)
            tests.append(self.all())
        if len(tests) == 1:
            return tests[0]
        return lambda path, status: any(test(path, status) for test in tests)

    def all(self):
        tests = [self.one()]
        while self.words and self.words[0] not in ("-o", "-or", ")"):
            if self.words[0] in ("-a", "-and"):
                self.words.pop(0)
            tests.append(self.one())
        return lambda path, status: all(test(path, status) for test in tests)

    def one(self):
        word = self.next("the expression")
        if word in ("!", "-not"):
            test = self.one()
            return lambda path, status: not test(path, status)
        if word == "(":
            test = self.either()
            if self.next("(") != ")":
                raise command.UsageError("missing ')'")
            return test
        method = getattr(self, "do_" + word[1:], None) if word[:1] == "-" else None
        if method is None:
            raise command.UsageError(f"unknown test '{word}'")
        return method(word)

    def pattern(self, word, fold=False):
        import fnmatch

        pattern = self.next(word)
        if fold:
            pattern = pattern.lower()
            return lambda text: fnmatch.fnmatchcase(text.lower(), pattern)
        return lambda text: fnmatch.fnmatchcase(text, pattern)

    def do_name(self, word):
        matches = self.pattern(word)
        return lambda path, status: matches(command.base(path))

    def do_iname(self, word):
        matches = self.pattern(word, True)
        return lambda path, status: matches(command.base(path))

    def do_path(self, word):
        matches = self.pattern(word)
        return lambda path, status: matches(path)

    def do_type(self, word):
        kind = KINDS.get(self.next(word))
        if kind is None:
            raise command.UsageError("-type takes f, d or l")
        return lambda path, status: status.st_mode & 0o170000 == kind

    def compare(self, word, text):
        sign = text[0] if text[:1] in ("+", "-") else ""
        digits = text[len(sign) :]
        if not digits.isascii() or not digits.isdigit():
            raise command.UsageError(f"invalid argument '{text}' to '{word}'")
        number = int(digits)
        if sign == "+":
            return lambda value: value > number
        if sign == "-":
            return lambda value: value < number
        return lambda value: value == number

    def do_size(self, word):
        text = self.next(word)
        unit = UNITS.get(text[-1:])
        holds = self.compare(word, text[:-1] if unit else text)
        unit = unit or 512
        return lambda path, status: holds(-(-status.st_size // unit))

    def do_mtime(self, word):
        holds = self.compare(word, self.next(word))
        return lambda path, status: holds(int((NOW - status.st_mtime) // 86400))

    def do_newer(self, word):
        when = os.stat(self.next(word)).st_mtime_ns
        return lambda path, status: status.st_mtime_ns > when

    def do_empty(self, word):
        def empty(path, status):
            if command.is_directory(status):
                return not os.listdir(path)
            return status.st_size == 0

        return empty

    def number(self, word):
        text = self.next(word)
        if not text.isascii() or not text.isdigit():
            raise command.UsageError(f"invalid argument '{text}' to '{word}'")
        return int(text)

    def do_maxdepth(self, word):
        self.most = self.number(word)
        return lambda path, status: True

    def do_mindepth(self, word):
        self.least = self.number(word)
        return lambda path, status: True

    def show(self, path, end):
        print(command.shown(path), end=end)
        return True

    def do_print(self, word):
        self.acts = True
        return lambda path, status: self.show(path, "\n")

    def do_print0(self, word):
        self.acts = True
        return lambda path, status: self.show(path, "\0")

    def do_delete(self, word):
        self.acts = self.depth_first = True

        def delete(path, status):
            if command.base(path) in (".", ".."):
                return True
            try:
                (os.rmdir if command.is_directory(status) else os.remove)(path)
            except OSError as error:
                self.cmd.error(f"cannot delete {command.quoted(path)}: {command.reason(error)}")
                return False
            return True

        return delete

    def do_exec(self, word):
        self.acts = True
        words = []
        while (next_word := self.next(word)) != ";":
            words.append(next_word)
        if not words:
            raise command.UsageError("-exec needs a command before the ;")

        def execute(path, status):
            command.flush()
            return command.run_words([w.replace("{}", path) for w in words]) == 0

        return execute


def visit(parser, test, path, depth):
    """Applies the test to a path and what is below; keeps one level of names at a time."""
    cmd = parser.cmd
    try:
        status = os.lstat(path)
    except OSError as error:
        cmd.error(f"{command.quoted(path)}: {command.reason(error)}")
        return
    wanted = depth >= parser.least
    if wanted and not parser.depth_first:
        apply(cmd, test, path, status)
    if command.is_directory(status) and depth < parser.most:
        try:
            names = sorted(os.listdir(path))
        except OSError as error:
            cmd.error(f"{command.quoted(path)}: {command.reason(error)}")
            names = []
        for name in names:
            visit(parser, test, os.path.join(path, name), depth + 1)
    if wanted and parser.depth_first:
        apply(cmd, test, path, status)


def apply(cmd, test, path, status):
    try:
        test(path, status)
    except BrokenPipeError:
        raise
    except OSError as error:
        cmd.error(f"{command.quoted(path)}: {command.reason(error)}")


def main(cmd):
    words = cmd.operands
    count = next((i for i, w in enumerate(words) if w[:1] == "-" or w in ("!", "(")), len(words))
    roots, words = words[:count], words[count:]
    parser = Parser(cmd, words)
    test = parser.parse()
    for root in roots or ["."]:
        visit(parser, test, root, 0)


if argv in (["-h"], ["--help"]):
    command.Command(__doc__, argv)
command.run(main, __doc__, ["--", *argv])
