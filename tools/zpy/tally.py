# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Counting what passed, failed and was skipped over all parts of a test run."""

import json
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field


@dataclass
class Tally:
    """The figures of one part, or of all; `a + b` adds them up."""

    passed: int = 0
    failed: int = 0
    failures: list = field(default_factory=list)  # names
    skips: list = field(default_factory=list)  # (name, reason)

    @property
    def skipped(self):
        return len(self.skips)

    def __add__(self, other):
        return Tally(
            self.passed + other.passed,
            self.failed + other.failed,
            self.failures + other.failures,
            self.skips + other.skips,
        )

    def summary(self):
        """The closing line of a test run."""
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def passed(name):
    return Tally(passed=1)


def failed(name):
    return Tally(failed=1, failures=[name])


def skipped(name, reason):
    return Tally(skips=[(name, reason)])


def from_junit(path, part):
    """Read pytest's report.

    A test that ran a whole unittest file carries that file's figures as properties (`unittest`,
    JSON: ran, failed, skips); they are counted instead of the one test.
    """
    total = Tally()
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = f"{part}: {case.get('classname', '').rpartition('.')[2]}::{case.get('name')}"
        inner = case.find("properties/property[@name='unittest']")
        bad = case.find("failure") is not None or case.find("error") is not None
        skip = case.find("skipped")
        if inner is not None:
            total += _from_unittest(json.loads(inner.get("value")), name, bad)
        elif bad:
            total += failed(name)
        elif skip is not None:
            total += skipped(name, skip.get("message", ""))
        else:
            total += passed(name)
    return total


def _from_unittest(figures, name, bad):
    wrong = figures["failed"] or (1 if bad else 0)
    skips = [(f"{name} {test}", reason) for test, reason in figures["skips"]]
    return Tally(
        passed=max(0, figures["ran"] - figures["failed"] - len(skips)),
        failed=wrong,
        failures=[name] if wrong else [],
        skips=skips,
    )
