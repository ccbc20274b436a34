# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/commands.md from the docstrings of the commands.

    python tests/host/kernel/commanddocs.py

A test says when the two differ.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = ROOT / "docs" / "commands.md"
BIN = ROOT / "kernel_py" / "bin"
MARK = "<!-- from here on made by tests/host/kernel/commanddocs.py -->\n"


def manuals():
    """(name, manual) of each command."""
    sys.path.insert(0, str(ROOT / "kernel_py"))
    from kernel.command import manual_of

    return [(path.stem, manual_of(str(path))) for path in sorted(BIN.glob("*.py"))]


def rendered(text):
    """The document with the manuals as they are now."""
    before, _, _ = text.partition(MARK)
    found = manuals()
    parts = [before, MARK, "\n| | |\n|---|---|\n"]
    parts += [f"| [`{name}`](#{name}) | {manual.split(chr(10))[0]} |\n" for name, manual in found]
    parts += [f"\n## {name}\n\n```\n{manual}\n```\n" for name, manual in found]
    return "".join(parts)


def main():
    """Writes the document."""
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(rendered(text), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
