# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""One at a time: two zpy commands must not make the same thing at once."""

import contextlib
import fcntl
import time

from zpy.paths import STATE
from zpy.progress import Step


@contextlib.contextmanager
def held(name):
    """Hold the lock of that name; wait, with progress, while another zpy holds it."""
    STATE.mkdir(parents=True, exist_ok=True)
    with open(STATE / f"{name}.lock", "w") as file:
        with Step(f"waiting for another zpy ({name})") as step:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    step.update()
                    time.sleep(0.1)
        yield
