# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""zpy's own virtual environment, .zpy/venv: made once, then used without a network."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from zpy import lock, system
from zpy.errors import Missing
from zpy.paths import LOG, ROOT, VENV
from zpy.process import run_logged
from zpy.progress import Step

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "zpy-stamp"


def stamp():
    """What the environment was made from: when this changes it is made anew."""
    text = REQUIREMENTS.read_bytes() + str(VENV).encode()
    return hashlib.sha256(text).hexdigest()


def inside():
    """Whether this very process runs in the environment."""
    return Path(sys.prefix).resolve() == VENV.resolve()


def ready():
    """Whether the environment is here and is the one that the requirements ask for."""
    try:
        made_from = STAMP.read_text()
    except OSError:
        return False
    return made_from == stamp() and PYTHON.exists()


def ensure():
    """Make the environment if need be, then continue in it: this call may not return."""
    if inside():
        return
    if not ready():
        make()
    os.environ["ZPY_PYTHON"] = sys.executable  # what `sim` may run on
    os.execv(PYTHON, [str(PYTHON), str(ROOT / "zpy"), *sys.argv[1:]])


def make():
    """Bring the environment up to date with pip; Missing, with the way out, if that fails."""
    with lock.held("venv"):
        if not ready():  # another zpy may have made it meanwhile
            _make()


def _make():
    commands = []
    if not PYTHON.exists():
        if not _has_ensurepip():
            _provide_ensurepip()
        shutil.rmtree(VENV, ignore_errors=True)
        VENV.parent.mkdir(parents=True, exist_ok=True)
        commands.append([sys.executable, "-m", "venv", str(VENV)])
    install = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check"]
    commands.append([*install, "--no-input", "-r", str(REQUIREMENTS)])
    LOG.mkdir(parents=True, exist_ok=True)
    log_path = LOG / "venv.log"
    with open(log_path, "w") as log, Step("setting up .zpy/venv", after=0) as step:
        status = 0
        for command in commands:
            status = status or run_logged(command, log, step.update)
    if status != 0:
        raise Missing(
            f"the Python packages that a Zephyr build needs could not be installed:\n"
            f"  {_last_error(log_path)}\n"
            f"(see {log_path}). They are fetched once, with pip, from the network; "
            f'"./zpy run --board sim" needs none of them'
        )
    STAMP.write_text(stamp())


def _has_ensurepip():
    # Debian's python3 has the venv module, but not the ensurepip that fills the environment.
    done = subprocess.run(
        [sys.executable, "-c", "import ensurepip, venv"], capture_output=True, check=False
    )
    return done.returncode == 0


def _provide_ensurepip():
    if Path("/etc/debian_version").exists():
        system.install(["python3-venv"])
        if _has_ensurepip():
            return
    raise Missing(
        f"{sys.executable} cannot make virtual environments (no ensurepip); this mends it on "
        "Debian and Ubuntu:\n  sudo apt-get install python3-venv"
    )


def _last_error(log_path):
    lines = log_path.read_text(errors="replace").splitlines()
    # Where the index was not reached, pip's last word is that it knows no such package.
    broken = re.findall(r"connection broken by '(.*)': /", "\n".join(lines))
    if broken:
        why = re.findall(r"\[Errno -?\d+\] [^'\")]+|certificate verify failed[^(\"']*", broken[-1])
        return f"the package index was not reached: {(why or broken)[-1].strip()}"
    errors = [line.strip() for line in lines if line.startswith("ERROR")]
    return errors[-1] if errors else (lines[-1] if lines else "no output")
