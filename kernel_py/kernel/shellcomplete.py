# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""TAB completion of the shell: commands, and the paths of files."""

import os

from . import shell

_ENDS = ";|&\n"
_BLANKS = " \t<>"
_ESCAPED = " \t\\'\"$*?[;|&<>#~"


def complete(text, position):
    """Returns (start, candidates): what may stand in text[start:position], sorted."""
    start, quote, first = _last_word(text[:position])
    word = text[start:position]
    slash = word.rfind("/") + 1
    directory = _plain(word[:slash], quote)
    begin = _plain(word[slash:], quote)
    found = _entries(directory, begin, only_programs=first)
    if first and not slash and not quote:
        found |= {name + " " for name in (*shell.commands(), "exit") if name.startswith(begin)}
    if not quote:
        found = {_escape(name) for name in found}
    return start + slash, sorted(found)


def _last_word(text):
    """(where the last word begins, the quote that is open, is it the first of a command)."""
    start, quote, first = 0, "", True
    index = 0
    while index < len(text):
        char = text[index]
        if quote:
            if char == quote:
                quote = ""
            elif char == "\\" and quote == '"':
                index += 1
        elif char in "'\"":
            quote = char
        elif char == "\\":
            index += 1
        elif char in _ENDS:
            start, first = index + 1, True
        elif char in _BLANKS:
            if text[start:index].strip():
                first = False
            first = first and char not in "<>"
            start = index + 1
        index += 1
    if quote and text[start : start + 1] == quote:
        start += 1
    return start, quote, first


def _plain(text, quote):
    """The text of a part of a word."""
    if quote:
        return text
    plain, escaped = "", False
    for char in text:
        if char == "\\" and not escaped:
            escaped = True
            continue
        if char not in "'\"" or escaped:
            plain += char
        escaped = False
    return plain


def _escape(name):
    end = name[-1:] if name[-1:] == " " else ""
    name = name[: len(name) - len(end)]
    return "".join("\\" + char if char in _ESCAPED else char for char in name) + end


def _entries(directory, begin, only_programs):
    """The files of a directory that begin so; a directory ends in /, a file in a blank."""
    try:
        entries = list(os.scandir(os.path.expanduser(directory) or "."))
    except OSError:
        return set()
    found = set()
    for entry in entries:
        if not entry.name.startswith(begin) or (entry.name[0] == "." and not begin):
            continue
        try:
            inside = entry.is_dir()
        except OSError:
            inside = False
        if inside:
            found.add(entry.name + "/")
        elif not only_programs or entry.name.endswith(".py"):
            found.add(entry.name + " ")
    return found
