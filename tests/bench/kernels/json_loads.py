# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""json.loads of nested objects and escaped text (the C scanner)."""

import json

ROUNDS = 20
EXPECTED = (150, 149, 149 * 1.5, 1160)


def setup():
    global text
    text = json.dumps(
        {
            "machines": [
                {"id": i, "name": f"machine {i}", "load": [i / 7, i * 1.5, None, True]}
                for i in range(150)
            ],
            "text": 'tab\tquote"slash/backslash\\\u00e4\u20ac\U0001f600' * 40,
        }
    )


def run(n):
    for _ in range(n):
        document = json.loads(text)
    last = document["machines"][-1]
    return len(document["machines"]), last["id"], last["load"][1], len(document["text"])
