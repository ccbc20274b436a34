# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""How many columns text takes on a terminal, and where it breaks into rows."""


def char_width(char):
    """Columns of one character: 0 (combining, format), 1, or 2 (East Asian wide)."""
    try:
        import unicodedata
    except ImportError:  # the small profile has none
        return 1
    if unicodedata.east_asian_width(char) in "WF":
        return 2
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 1


def text_width(text):
    """Columns of a text without line ends and escape sequences."""
    if text.isascii():
        return len(text)
    return sum(map(char_width, text))


def plain(text):
    """The text without the CSI escape sequences (colours) in it, as prompts may have them."""
    if "\x1b" not in text:
        return text
    first, *rest = text.split("\x1b[")
    kept = [first]
    for piece in rest:
        for index, char in enumerate(piece):
            if "@" <= char <= "~":
                kept.append(piece[index + 1 :])
                break
    return "".join(kept)


def wrap(text, column, width):
    """Breaks text into rows of `width` columns, the first of which begins at `column`.

    Returns (breaks, column): the indexes in text at which rows begin, without the first, and
    the column after the last character.  A full row ends at `width`; the next character is
    what begins the next row.
    """
    if text.isascii():
        breaks = range(width - column, len(text), width)
        return breaks, len(text) - breaks[-1] if breaks else column + len(text)
    breaks = []
    for index, char in enumerate(text):
        columns = 1 if char < "\x7f" else char_width(char)
        if column + columns > width:
            breaks.append(index)
            column = 0
        column += columns
    return breaks, column
