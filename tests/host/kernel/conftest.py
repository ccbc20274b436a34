# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The kernel's modules import `_vosal`: here it is the sim board's."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
for path in (ROOT / "kernel_py", Path(__file__).parent):
    if str(path) not in sys.path:
        sys.path.insert(0, str(path))

import pytest  # noqa: E402

from machine import Machine  # noqa: E402
from sim import _net, _vhal, _vosal  # noqa: E402

sys.modules.setdefault("_vosal", _vosal)
sys.modules.setdefault("_net", _net)
sys.modules.setdefault("_vhal", _vhal)


@pytest.fixture
def machine():
    """A sim machine on a pseudo-terminal, at its prompt."""
    with Machine() as machine:
        yield machine.ready()
