# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Runs each file of tests/conformance on the machine: what must be the same on every board."""

import json
import re

import pytest

from zpy.paths import CONFORMANCE

FILES = sorted(CONFORMANCE.glob("test_*.py"))
SKIP = re.compile(r"^(\w+) \(.*\.\.\. skipped (.+)$", re.MULTILINE)
ALL_SKIPPED = re.compile(r"^unittest\.case\.SkipTest: (.+)$", re.MULTILINE)
RAN = re.compile(r"^Ran (\d+) tests? in", re.MULTILINE)
BAD = re.compile(r"^FAILED \((.*)\)$", re.MULTILINE)


def figures(text):
    """Take unittest's verbose report apart: {"ran", "failed", "skips": [(test, reason)]}."""
    ran = RAN.findall(text)
    bad = BAD.findall(text)
    counts = (
        dict(re.findall(r"(failures|errors|unexpected successes)=(\d+)", bad[-1])) if bad else {}
    )
    return {
        "ran": int(ran[-1]) if ran else 0,
        "failed": sum(map(int, counts.values())),
        "skips": SKIP.findall(text),
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file(path, run, record_property):
    status, out, err = run(
        path.read_text(), argv=(path.name, "-v"), filename=path.name, timeout=600
    )
    text = err.decode("utf-8", "replace")
    found = figures(text)
    record_property("unittest", json.dumps(found))
    if not found["ran"]:
        # The board may lack what the whole file is about.
        reasons = [reason for _, reason in found["skips"]] + ALL_SKIPPED.findall(text)
        if reasons:
            pytest.skip(reasons[0])
    report = f"exit status {status}\n{out.decode('utf-8', 'replace')}{text}"
    assert status == 0, report
    assert found["ran"], f"no test ran\n{report}"
