# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The benchmarks: the kernels are right, and the figures are read and judged correctly."""

import json
import os
import subprocess
import sys
import threading
import time

import pytest

from zpy import bench, reference, timeline
from zpy.errors import MachineError, UsageError


@pytest.mark.parametrize("name", bench.kernel_names())
def test_kernel_checks_itself(name):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); kernel = __import__(sys.argv[2]);"
        "getattr(kernel, 'setup', int)(); assert kernel.ROUNDS > 0;"
        "assert kernel.run(1) == kernel.EXPECTED"
    )
    subprocess.run([sys.executable, "-c", code, str(bench.KERNELS), name], check=True)


def test_runner_prints_a_line_for_each():
    command = [sys.executable, str(bench.RUNNER), str(bench.KERNELS), "lists", "wordcount"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    names, times = zip(*map(str.split, done.stdout.splitlines()), strict=True)
    assert names == ("lists", "wordcount")
    assert all(int(time) > 0 for time in times)


def test_runner_refuses_a_wrong_result(tmp_path):
    (tmp_path / "wrong.py").write_text("ROUNDS = EXPECTED = 1\ndef run(n): return 2\n")
    command = [sys.executable, str(bench.RUNNER), str(tmp_path), "wrong"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode != 0
    assert "wrong returned 2 instead of 1" in done.stderr


def test_unknown_kernel():
    assert bench.kernel_names(["fft"]) == ["fft"]
    with pytest.raises(UsageError, match="nqueens"):
        bench.kernel_names(["no_such"])


def test_budgets(capsys):
    report = bench.Report()
    report.title("board")
    report.budget("kept", 50, "bytes", 100)
    report.budget("missed", 1.5, "", 1.0)
    report.budget("free", 7, "bytes", None)
    report.end()
    out = capsys.readouterr().out
    assert "of 100 (50 %)" in out
    assert "MISSED by 50.0 %" in out
    assert report.missed == ["board: missed"]


def test_flags_are_the_boards(tmp_path):
    entry = {
        "file": "/src/cpython/Python/ceval.c",
        "command": "gcc -DNDEBUG -O2 -g -fwrapv -ffreestanding -mno-red-zone "
        "-fmacro-prefix-map=/a=A -O3 -c /src/cpython/Python/ceval.c",
    }
    (tmp_path / "compile_commands.json").write_text(json.dumps([entry]))
    assert reference.flags(tmp_path) == ["-fwrapv", "-mno-red-zone", "-O3"]
    (tmp_path / "compile_commands.json").write_text("[]")
    with pytest.raises(MachineError):
        reference.flags(tmp_path)


def test_callgrind_total():
    assert reference.total("version: 1\nsummary: 42\n\ntotals: 42\n") == 42
    with pytest.raises(MachineError):
        reference.total("version: 1\n")


def test_debugger_packet():
    assert timeline._Debugger.packet("OK") == b"$OK#9a"


@pytest.mark.skipif(sys.platform != "linux", reason="Linux counts the time of each thread")
def test_processor_time_of_each_thread():
    """A thread that computes is seen, and one that waits is not."""
    ready, done = threading.Event(), threading.Event()
    waiting = threading.Thread(target=lambda: (ready.set(), done.wait()))
    waiting.start()
    ready.wait()
    before = bench.processor_seconds(os.getpid())
    end = time.thread_time() + 0.1
    while time.thread_time() < end:
        pass
    after = bench.processor_seconds(os.getpid())
    done.set()
    waiting.join()
    mine = threading.get_native_id()
    assert after[mine] - before[mine] > 0.05
    assert bench.used({}, {1: 2.0, 2: 0.5}) == [2.0, 0.5]
    assert after[waiting.native_id] - before[waiting.native_id] < 0.05
