# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""What the tests of the host command share."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from zpy.machine import Machine
from zpy.paths import ROOT

FAKE = Path(__file__).with_name("fake_machine.py")


@pytest.fixture
def zpy(tmp_path):
    """Run ./zpy as a person would: zpy("run", …) → CompletedProcess with bytes."""

    def run_zpy(*arguments, stdin=b"", timeout=60, env=None):
        environment = {**os.environ, "ZPY_DIR": str(tmp_path / "dot-zpy"), **(env or {})}
        return subprocess.run(
            [sys.executable, str(ROOT / "zpy"), *arguments],
            input=stdin,
            capture_output=True,
            timeout=timeout,
            env=environment,
        )

    return run_zpy


@pytest.fixture
def bare_home(tmp_path, monkeypatch):
    """A home without any registry, and no Zephyr in the environment; returns the directory."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in (
        "ZEPHYR_BASE",
        "ZEPHYR_TOOLCHAIN_VARIANT",
        "ZEPHYR_SDK_INSTALL_DIR",
        "CPYTHON_SRC",
        "CROSS_COMPILE",
    ):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture
def make_tree(tmp_path):
    """Make something that looks like a workspace with a Zephyr tree; returns the tree."""

    def make(name="ws", version="4.0.0", cpython=True, west=True):
        top = tmp_path / name
        base = top / "zephyr"
        (base / "share" / "zephyr-package" / "cmake").mkdir(parents=True)
        major, minor, patch = version.split(".")
        (base / "VERSION").write_text(
            f"VERSION_MAJOR = {major}\nVERSION_MINOR = {minor}\nPATCHLEVEL = {patch}\n"
            "VERSION_TWEAK = 0\nEXTRAVERSION =\n"
        )
        if west:
            (top / ".west").mkdir()
            (top / ".west" / "config").write_text("[zephyr]\nbase = zephyr\n")
        if cpython:
            include = top / "cpython" / "Include"
            include.mkdir(parents=True)
            (include / "patchlevel.h").write_text('#define PY_VERSION      "3.14.7"\n')
        return base

    return make


@pytest.fixture
def register(bare_home):
    """Register trees with CMake as `west zephyr-export` does."""

    def do(*bases, package="Zephyr"):
        registry = bare_home / ".cmake" / "packages" / package
        registry.mkdir(parents=True, exist_ok=True)
        for number, base in enumerate(bases):
            package_dir = base / "share" / "zephyr-package" / "cmake"
            (registry / f"{number:032x}").write_text(str(package_dir))

    return do


@pytest.fixture
def fake_machine():
    """Start a machine that is only a script: fake_machine(behaviour) → Machine."""
    machines = []

    def start(*behaviour):
        machine = Machine([sys.executable, str(FAKE), *behaviour])
        machines.append(machine)
        return machine

    yield start
    for machine in machines:
        machine.kill()
