# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Counting over all parts of a test run."""

import json
import threading
from xml.sax.saxutils import quoteattr

import pytest

from zpy import tally, test
from zpy.errors import MachineError


def report(tmp_path, cases):
    path = tmp_path / "report.xml"
    path.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    return tally.from_junit(path, "here")


def test_plain_cases(tmp_path):
    result = report(
        tmp_path,
        '<testcase classname="a.b" name="good"/>'
        '<testcase classname="a.b" name="bad"><failure>no</failure></testcase>'
        '<testcase classname="a.b" name="worse"><error>no</error></testcase>'
        '<testcase classname="a.b" name="left"><skipped message="why"/></testcase>',
    )
    assert result.summary() == "1 passed, 2 failed, 1 skipped"
    assert result.failures == ["here: b::bad", "here: b::worse"]
    assert result.skips == [("here: b::left", "why")]


def unittest_case(figures, inner=""):
    value = quoteattr(json.dumps(figures))
    return (
        f'<testcase classname="c" name="f"><properties><property name="unittest" value={value}/>'
        f"</properties>{inner}</testcase>"
    )


def test_whole_unittest_files(tmp_path):
    figures = {"ran": 10, "failed": 0, "skips": [["test_x", "no fork"]]}
    result = report(tmp_path, unittest_case(figures))
    assert result.summary() == "9 passed, 0 failed, 1 skipped"
    assert result.skips == [("here: c::f test_x", "no fork")]


def test_unittest_file_with_failures(tmp_path):
    figures = {"ran": 10, "failed": 3, "skips": []}
    result = report(tmp_path, unittest_case(figures, "<failure>x</failure>"))
    assert result.summary() == "7 passed, 3 failed, 0 skipped"


def test_unittest_file_that_broke_off(tmp_path):
    figures = {"ran": 0, "failed": 0, "skips": []}
    result = report(tmp_path, unittest_case(figures, "<failure>x</failure>"))
    assert result.summary() == "0 passed, 1 failed, 0 skipped"


def test_closing_lines(capsys):
    total = tally.passed("a") + tally.failed("b") + tally.skipped("c", "not here")
    assert test.close(total) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "1 passed, 1 failed, 1 skipped"
    assert "skipped: c: not here" in lines
    assert "FAILED: b" in lines


def test_status_without_failures(capsys):
    assert test.close(tally.passed("a") + tally.skipped("c", "x")) == 0


def test_parts_side_by_side_are_shown_in_order(capsys):
    """Also when the first ends last: it waits here for the second."""
    ended = threading.Event()

    def slow():
        assert ended.wait(60)
        return tally.passed("a"), "slow says"

    def quick():
        ended.set()
        return tally.failed("b"), "quick says"

    total = test.side_by_side([("slow part", slow), ("quick part", quick)])
    assert (total.passed, total.failures) == (1, ["b"])
    out = capsys.readouterr().out
    places = [out.index(text) for text in ("slow part", "slow says", "quick part", "quick says")]
    assert places == sorted(places)


def test_a_part_that_raises_ends_all():
    def broken():
        raise MachineError("no machine")

    with pytest.raises(MachineError, match="no machine"):
        test.side_by_side([("one", broken), ("two", lambda: (tally.passed("a"), ""))])


def test_pytest_that_cannot_start_has_failed(tmp_path, monkeypatch):
    monkeypatch.setattr(test, "LOG", tmp_path)
    result, text = test.pytest("x", tmp_path / "nothing")
    assert result.failed == 1 and "nothing" in text
