# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""image.cmake: what a build says about the directories that go into its image."""

import shutil
import subprocess

import pytest

PROJECT = """
cmake_minimum_required(VERSION 3.20.0)
project(test LANGUAGES NONE)
include({image})
{lines}
file(GENERATE OUTPUT ${{CMAKE_BINARY_DIR}}/options CONTENT
  "$<TARGET_PROPERTY:cpython_image,CPYTHON_FREEZE>|$<TARGET_PROPERTY:cpython_image,CPYTHON_FILES>")
"""


@pytest.fixture
def configure(tmp_path, scripts):
    """A function that configures a project with these lines, beside some directories."""
    if shutil.which("cmake") is None:
        pytest.skip("no cmake")
    for name in ("kernel/net", "bin"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "one.py").write_text("")

    def configure(lines):
        image = scripts.parent / "cmake" / "image.cmake"
        (tmp_path / "CMakeLists.txt").write_text(PROJECT.format(image=image, lines=lines))
        return subprocess.run(
            ["cmake", "-S", tmp_path, "-B", tmp_path / "build"],
            capture_output=True,
            text=True,
            check=False,
        )

    return configure


def test_options(configure, tmp_path):
    """The options come in the order of the lines, also those from after the first use."""
    done = configure(
        "cpython_package(kernel FROZEN kernel kernel.b*)\ncpython_files(bin /bin)\n"
        "cpython_package(one.py)\ncpython_package(kernel/net AS wires)\n"
    )
    assert done.returncode == 0, done.stderr
    freeze, files = (tmp_path / "build" / "options").read_text().split("|")
    assert freeze.split(";") == [
        *("--root", f"{tmp_path}/kernel=kernel", "--freeze", "kernel", "--freeze", "kernel.b*"),
        *("--root", f"{tmp_path}/one.py=one", "--root", f"{tmp_path}/kernel/net=wires"),
    ]
    assert files.split(";") == ["--add", f"{tmp_path}/bin=/bin"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("cpython_package(nothing)", "cpython_package: there is no"),
        ("cpython_package(kernel FREEZE kernel)", "cpython_package: what is FREEZE;kernel?"),
        ("cpython_files(nothing /bin)", "cpython_files: there is no"),
        ("cpython_files(one.py /bin)", "one.py is no directory"),
        ("cpython_files(bin bin)", "bin is no directory of its own in /"),
        ("cpython_files(bin /)", "/ is no directory of its own in /"),
        ("cpython_files(bin /..)", "/.. is no directory of its own in /"),
        ("cpython_files(bin /lib)", "/lib is no directory of its own in /"),
        ("cpython_files(bin /bin/x)", "/bin/x is no directory of its own in /"),
        ("cpython_files(bin /bin more)", "cpython_files: what is more?"),
    ],
)
def test_bad_lines(configure, line, message):
    """A line that cannot be followed ends the configuration with its reason."""
    done = configure(line)
    assert done.returncode != 0
    assert message in " ".join(done.stderr.split())
