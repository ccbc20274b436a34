# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""`./zpy doctor`, and what happens where nothing is installed."""

import pytest


@pytest.fixture
def bare(tmp_path):
    """An environment without programs, home or network."""
    home = tmp_path / "nobody"
    home.mkdir()
    return {"PATH": "", "HOME": str(home), "ZEPHYR_BASE": ""}


def test_here(zpy):
    done = zpy("doctor")
    assert done.returncode == 0
    text = done.stdout.decode()
    for word in ("python", "cmake", "ninja", "qemu-system-x86_64", "Zephyr", "sim"):
        assert word in text
    assert done.stderr == b""


def test_with_nothing_installed(zpy, bare):
    done = zpy("doctor", env=bare)
    text = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    assert "cmake                     missing" in text
    assert "no tree found" in text
    assert "qemu_x86_64               not ready" in text
    assert "sim                       ready" in text
    for package in ("cmake", "ninja-build", "gcc", "qemu-system-x86", "qemu-system-arm"):
        assert package in text.partition("can be had with")[2]


def test_with_a_wrong_zephyr_base(zpy, bare, tmp_path):
    done = zpy("doctor", env={**bare, "ZEPHYR_BASE": str(tmp_path)})
    assert b"which is no Zephyr tree" in done.stdout
    assert b"unset ZEPHYR_BASE" in done.stdout


def test_run_with_nothing_installed_boots_sim(zpy, bare):
    done = zpy("run", "-c", "print('he' + 're')", env=bare)
    assert (done.returncode, done.stdout) == (0, b"here\n")
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("zpy: no Zephyr tree here (")
    assert lines[0].endswith('): booting sim; "./zpy doctor" tells more')


def test_build_with_nothing_installed(zpy, bare):
    done = zpy("build", env=bare)
    assert done.returncode == 1
    assert b"no Zephyr tree here" in done.stderr
    assert b"Traceback" not in done.stderr
