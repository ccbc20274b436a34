# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Terminals, and the widths of text on them."""

import random

import pytest
from screen import Script

from kernel.textwidth import char_width, plain, text_width, wrap


def test_unread_comes_first():
    terminal = Script("third")
    terminal.unread(b"second ")
    terminal.unread(b"first ")
    assert terminal.read() == b"first second "
    assert terminal.read(0) == b"third"


def test_arm_keeps_what_was_typed_ahead():
    terminal = Script(" more")
    terminal.unread(b"ahead")
    terminal.arm()
    assert terminal.read() == b"ahead more"


def test_arm_sees_an_interrupt_that_was_typed_ahead():
    terminal = Script("drop\x03drop too\x03kept")
    with pytest.raises(KeyboardInterrupt):
        terminal.arm()
    assert terminal.read() == b"kept"


@pytest.mark.parametrize(
    "char, width",
    [("a", 1), ("é", 1), ("日", 2), ("Ａ", 2), ("😀", 2), ("\u0301", 0), ("\u200d", 0), ("─", 1)],
)
def test_width(char, width):
    assert char_width(char) == width
    assert text_width("x" + char) == 1 + width


def test_plain():
    assert plain("\x1b[1;32mgo\x1b[0m> ") == "go> "
    assert plain("x\x1b[") == "x"


def test_wrap():
    assert list(wrap("", 4, 10)[0]) == []
    assert list(wrap("abcdef", 4, 10)[0]) == [] and wrap("abcdef", 4, 10)[1] == 10
    assert list(wrap("abcdefg", 4, 10)[0]) == [6]
    assert wrap("日日日", 0, 5) == ([2], 2)


def test_wrap_piece_by_piece_is_wrap_of_the_whole():
    rng = random.Random(1)
    for _ in range(300):
        text = "".join(rng.choices("ab 日é\u0301", k=rng.randrange(60)))
        cut = rng.randrange(len(text) + 1)
        width = rng.randrange(4, 20)
        breaks, column = wrap(text[:cut], 3, width)
        more, end = wrap(text[cut:], column, width)
        assert [*breaks, *(index + cut for index in more)] == list(wrap(text, 3, width)[0])
        assert end == wrap(text, 3, width)[1]
