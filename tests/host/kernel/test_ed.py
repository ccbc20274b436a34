# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The line editor beside the host's own ed: the same scripts, the same answers."""

import importlib.util
import os
import tempfile
from pathlib import Path

import pytest
import realed

spec = importlib.util.spec_from_file_location("golden_ed", realed.GOLDEN)
golden = importlib.util.module_from_spec(spec)
spec.loader.exec_module(golden)

needs_ed = pytest.mark.skipif(realed.ED is None, reason="the package `ed` is not installed here")
COUNT = int(os.environ.get("ZPY_ED_SCRIPTS", "300"))


@needs_ed
def test_the_record_is_true():
    assert realed.record() == golden.ANSWERS


def test_the_record_is_whole():
    assert [answer[1] for answer in golden.ANSWERS[::2]] == realed.SCRIPTS
    assert golden.FILES == realed.FILES


@needs_ed
def test_random_scripts(monkeypatch):
    scripts = realed.Scripts(3)
    for number in range(COUNT):
        text, script = scripts.file(), scripts.script()
        quiet = number % 2 == 0
        results = []
        for ours in (False, True):
            with tempfile.TemporaryDirectory() as directory:
                for name, content in (("f", text), ("f1", "file one\nxx\n")):
                    (Path(directory) / name).write_text(content, encoding="utf-8")
                if ours:
                    monkeypatch.chdir(directory)
                    answer = golden.run(script, "f", quiet=quiet)
                    monkeypatch.undo()
                else:
                    options = ("-s",) if quiet else ()
                    answer = realed.real(script, directory=directory, options=options)
                results.append((*answer, realed.contents(directory)))
        assert results[1] == results[0], f"script {number}: {text!r}\n{script}"
