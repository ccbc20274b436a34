# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Drivers that others wrote, unmodified: wheels from PyPI that read emulated chips.

The wheels are kept in .zpy/cache/wheels; without them and without PyPI a test is skipped by name.
On the machine they are imported as they are, from the ZIP file that a wheel is.
"""

import subprocess
import sys

import pytest

from zpy import lock
from zpy.paths import CACHE, ROOT

WHEELS = {
    "circuitpython": (
        "adafruit-circuitpython-24lc32==1.2.6",
        "adafruit-circuitpython-bme280==2.6.32",
        "adafruit-circuitpython-busdevice==5.2.17",
        "adafruit-circuitpython-ds3231==2.4.28",
        "adafruit-circuitpython-framebuf==1.6.12",
        "adafruit-circuitpython-max31855==3.3.0",
        "adafruit-circuitpython-mpu6050==1.3.9",
        "adafruit-circuitpython-register==1.13.0",
        "adafruit-circuitpython-ssd1306==2.12.24",
        "adafruit-circuitpython-typing==1.13.0",
        "typing-extensions==4.15.0",
    ),
    "micropython": (
        "micropython-adxl343==0.1.2",
        "micropython-lis3mdl==0.2.0",
        "micropython-mcp9808==0.2.1",
        "micropython-sht4x==0.1.0",
    ),
}

# The wheels lie beside the program.
PRELUDE = """\
import glob, os, sys
sys.path[1:1] = sorted(glob.glob(os.path.join(sys.path[0], "*.whl")))
"""


def wheel(requirement):
    """The wheel's file, fetched if need be; skips when it cannot be had."""
    home = CACHE / "wheels"
    name, _, version = requirement.partition("==")
    pattern = f"{name.replace('-', '_')}-{version}-*.whl"
    with lock.held("wheels"):
        if not list(home.glob(pattern)):
            home.mkdir(parents=True, exist_ok=True)
            command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
            command += ["--disable-pip-version-check", "-q", "-d", str(home), requirement]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=120)
            except subprocess.TimeoutExpired:
                pytest.skip(f"{requirement}: PyPI does not answer")
            if done.returncode != 0:
                pytest.skip(f"{requirement}: not in .zpy/cache/wheels, and PyPI is not reached")
    (path,) = home.glob(pattern)
    return path


@pytest.mark.parametrize("world", WHEELS)
def test_drivers(world, run):
    files = {path.name: path.read_bytes() for path in map(wheel, WHEELS[world])}
    name = f"{world}.py"
    code = PRELUDE + (ROOT / "tests" / "drivers" / name).read_text()
    status, out, err = run(
        code, argv=(f"drivers_{name}", "-v"), filename=f"drivers_{name}", files=files, timeout=600
    )
    report = (out + err).decode("utf-8", "replace")
    assert status == 0, report
    assert "OK" in report, report


@pytest.mark.usefixtures("network")
def test_paho(run, board):
    """paho-mqtt, over the machine's own loopback."""
    if board.kind == "sim":
        pytest.skip("sim has no /examples of its own")
    files = {path.name: path.read_bytes() for path in map(wheel, ["paho-mqtt==2.1.0"])}
    code = PRELUDE + (ROOT / "tests" / "drivers" / "paho.py").read_text()
    status, out, err = run(code, argv=("mqtt.py",), filename="mqtt.py", files=files, timeout=300)
    assert status == 0 and b"OK" in out, (out + err).decode("utf-8", "replace")
