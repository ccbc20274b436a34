# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Where things are. All that zpy makes is below DOT_ZPY, inside the clone.

The environment variable ZPY_DIR names another place for it, for a read-only clone or a test.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"
KERNEL_PY = ROOT / "kernel_py"
CONFORMANCE = ROOT / "tests" / "conformance"
SAMPLES = ROOT / "samples"
TARGET_TESTS = ROOT / "tests" / "target"
HOST_TESTS = ROOT / "tests" / "host"

DOT_ZPY = Path(os.environ.get("ZPY_DIR") or ROOT / ".zpy").absolute()
VENV = DOT_ZPY / "venv"
WORKSPACE = DOT_ZPY / "workspace"
BUILD = DOT_ZPY / "build"
TOOLCHAIN = DOT_ZPY / "toolchain"
STATE = DOT_ZPY / "state"
LOG = DOT_ZPY / "log"
CACHE = DOT_ZPY / "cache"
