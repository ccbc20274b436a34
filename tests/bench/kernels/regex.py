# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Regular expressions over a log: search, groups, alternation, substitution (_sre)."""

import re

ROUNDS = 8
EXPECTED = (200, 50, 19900, 800)

LINE = re.compile(r"(?m)^(\d+)\.(\d{3}) \[(?P<level>INFO|WARN|ERROR)\]\s+([\w.]+): (.*)$")
NUMBER = re.compile(r"\b0x[0-9a-f]+\b|\b\d+\b")


def setup():
    global text
    levels = ("INFO", "WARN", "ERROR", "INFO")
    text = "".join(
        f"{i}.{i * 7 % 1000:03} [{levels[i % 4]}]  net.tcp{i % 5}: port {i * 3} state 0x{i:x} ok\n"
        for i in range(200)
    )


def run(n):
    for _ in range(n):
        lines = errors = seconds = 0
        for match in LINE.finditer(text):
            lines += 1
            seconds += int(match[1])
            errors += match["level"] == "ERROR"
        changed = NUMBER.subn("#", "".join(part for part in text.split("[")))[1]
    return lines, errors, seconds, changed
