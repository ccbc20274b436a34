# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""json.dumps of nested objects, and of text that needs escapes (the C encoder)."""

import json

ROUNDS = 60
EXPECTED = 15246


def setup():
    global document
    document = {
        "machines": [
            {"id": i, "name": f"machine {i}", "up": i % 3 == 0, "load": [i / 7, i * 1.5, None]}
            for i in range(150)
        ],
        "text": 'tab\tquote"slash/backslash\\\u00e4\u20ac\U0001f600' * 40,
    }


def run(n):
    for _ in range(n):
        size = len(json.dumps(document))
    return size
