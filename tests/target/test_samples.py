# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The samples, played through on emulated hardware: all in one machine, or one in its own image.

`samples/<name>/sample.yaml` gives Twister the second, with `--sample=<name>`.
"""

from zpy.paths import ROOT

PLAYED = "tests/drivers/samples.py"


def test_samples(run, request):
    name = request.config.getoption("--sample")
    programs = sorted((ROOT / "samples").glob("*/program/*.py"))
    assert len(programs) == 11
    argv = ["samples.py", "-v"]
    files = {}
    if name:
        argv += ["--sample", name]
    else:
        files = {path.name: path.read_bytes() for path in programs}
    code = (ROOT / PLAYED).read_text()
    status, out, err = run(code, argv=argv, filename="samples.py", files=files, timeout=300)
    report = (out + err).decode("utf-8", "replace")
    assert status == 0 and "OK" in report, report
    if name:
        assert "Ran 1 test" in report and "skipped" not in report, report
