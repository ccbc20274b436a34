# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Counting words: str methods, dict, sorting."""

ROUNDS = 12
EXPECTED = (960, 12, [("the", 180), ("kernel", 120), ("machine", 120)])

TEXT = """The kernel of the machine is an interpreter, and a machine without
the kernel stands still. """


def setup():
    global text
    text = TEXT * 60


def count(text):
    words = {}
    for line in text.splitlines():
        for word in line.split():
            word = word.strip(",.!").lower()
            words[word] = words.get(word, 0) + 1
    return words


def run(n):
    for _ in range(n):
        words = count(text)
        best = sorted(words.items(), key=lambda item: (-item[1], item[0]))
    return sum(words.values()), len(words), best[:3]
