# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Print the lines that match a regular expression.

usage: grep [-EFivwxnclLqsorHh] [-m NUM] [-e] PATTERN [FILE ...]

  -E, --extended-regexp        PATTERN is an extended one: ( ) | + ? without backslashes
  -F, --fixed-strings          PATTERN is a text
  -e, --regexp PATTERN         the pattern, where it begins with a dash
  -i, --ignore-case            capital and small letters are the same
  -v, --invert-match           lines that do not match
  -w, --word-regexp            only whole words
  -x, --line-regexp            only whole lines
  -n, --line-number            with the number of the line
  -c, --count                  only how many lines
  -l, --files-with-matches     only the names of files that have such lines
  -L, --files-without-match    only the names of files that have none
  -o, --only-matching          only the parts that match
  -q, --quiet                  nothing: the exit status tells
  -s, --no-messages            no messages about files that cannot be read
  -r, --recursive              all files below directories; without FILE, below this one
  -H, --with-filename          with the name of the file
  -h, --no-filename            without it
  -m, --max-count NUM          stop after so many lines of a file

The exit status is 0 if a line was found, 1 if none was, 2 after an error.  Without FILE, or where
FILE is -, standard input is read.  -h alone shows this, as --help does.
"""

import os

from kernel import command, posixre


def matcher(cmd, pattern):
    """A function: (line, start) → (start, end) of the first match, or None."""
    ignore_case = cmd["i"]
    if cmd["F"]:
        import re

        found = re.compile(re.escape(pattern), re.IGNORECASE if ignore_case else 0)
    else:
        found = posixre.compile(pattern, extended=cmd["E"], ignore_case=ignore_case)

    def search(line, start=0):
        while (match := found.search(line, start)) is not None:
            begin, end = match.span()
            if cmd["x"]:
                return (begin, end) if begin == 0 and end == len(line) else None
            if not cmd["w"] or (
                not word(line[begin - 1 : begin]) and not word(line[end : end + 1])
            ):
                return begin, end
            start = begin + 1
            if start > len(line):
                return None
        return None

    return search


def word(char):
    return char == "_" or char.isalnum()


class Grep:
    def __init__(self, cmd, search, names):
        self.cmd = cmd
        self.search = search
        self.names = names
        self.limit = cmd.number("m", 1 << 62)
        self.found = False

    def error(self, error, name):
        if not self.cmd["s"]:
            self.cmd.error(error, name, status=2)
        self.cmd.status = 2

    def file(self, name):
        cmd = self.cmd
        shown = "(standard input)" if name == "-" else command.shown(name)
        count = number = 0
        binary = False
        try:
            with command.open_input(name) as file:
                for data in file:
                    number += 1
                    binary = binary or b"\0" in data
                    line = data.rstrip(b"\n").decode("utf-8", "surrogateescape")
                    span = self.search(line)
                    if (span is None) is not cmd["v"]:
                        continue
                    count += 1
                    self.found = True
                    if cmd["q"] or cmd["l"] or cmd["L"]:
                        break
                    if binary and not cmd["c"]:
                        print(f"grep: {shown}: binary file matches")
                        break
                    if not cmd["c"]:
                        self.show(shown, number, line, span)
                    if count >= self.limit:
                        break
        except OSError as error:
            self.error(error, name)
            return
        if cmd["q"]:
            return
        if cmd["l"] or cmd["L"]:
            if bool(count) == cmd["l"]:
                print(shown)
        elif cmd["c"]:
            print(f"{shown}:{count}" if self.names else count)

    def show(self, name, number, line, span):
        prefix = (f"{name}:" if self.names else "") + (f"{number}:" if self.cmd["n"] else "")
        if not self.cmd["o"]:
            command.write_text(prefix + line)
        while self.cmd["o"] and span is not None and not self.cmd["v"]:
            begin, end = span
            if end > begin:
                command.write_text(prefix + line[begin:end])
            span = self.search(line, max(end, begin + 1)) if end < len(line) else None


def main(cmd):
    operands = cmd.operands
    pattern = cmd["e"]
    if pattern is None:
        if not operands:
            raise command.UsageError("a pattern is missing")
        pattern, *operands = operands
    try:
        search = matcher(cmd, pattern)
    except posixre.PatternError as error:
        cmd.error(str(error), status=2)
        return
    if not operands:
        operands = ["."] if cmd["r"] else ["-"]
    several = len(operands) > 1 or cmd["r"]
    grep = Grep(cmd, search, cmd["H"] or (several and not cmd["no-filename"]))
    for name in operands:
        if not cmd["r"] or not os.path.isdir(name):
            grep.file(name)
            continue
        for path, status in command.walk(name, lambda error, path: grep.error(error, path)):
            if not command.is_directory(status):
                grep.file(path[2:] if name == "." and path.startswith("./") else path)
    if not grep.found and not cmd.status:
        cmd.status = 1


command.run(main, __doc__, ["--help"] if argv == ["-h"] else argv, failed=2)
