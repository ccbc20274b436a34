# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Strings: format, join, split, replace, find, encode and decode."""

ROUNDS = 20
EXPECTED = (500, 13147, 500, 13147)


def run(n):
    for _ in range(n):
        parts = [f"{i:>5}|{i / 8:.2f}|{'name'!r}|\u00e4\u20ac{i:#x}" for i in range(500)]
        text = "\n".join(parts)
        data = text.encode()
        again = data.decode()
        found = 0
        at = again.find("|")
        while at >= 0:
            found += 1
            at = again.find("\n", at + 1)
        changed = again.replace("name", "NAME").upper().lower()
    return len(changed.split("\n")), len(text), found, len(again)
