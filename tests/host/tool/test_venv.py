# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""zpy's virtual environment: made once, used offline, never left half made."""

import pytest

from zpy import lock, venv
from zpy.errors import Missing


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A .zpy of the test's own, with requirements that need no network: none."""
    home = tmp_path / "venv"
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("# nothing\n")
    monkeypatch.setattr(venv, "VENV", home)
    monkeypatch.setattr(venv, "PYTHON", home / "bin" / "python")
    monkeypatch.setattr(venv, "STAMP", home / "zpy-stamp")
    monkeypatch.setattr(venv, "REQUIREMENTS", requirements)
    monkeypatch.setattr(venv, "LOG", tmp_path / "log")
    monkeypatch.setattr(lock, "STATE", tmp_path / "state")
    return tmp_path


def test_made_once(place):
    assert not venv.ready()
    venv.make()
    assert venv.ready()
    before = venv.PYTHON.lstat().st_ctime_ns
    venv.make()
    assert venv.PYTHON.lstat().st_ctime_ns == before


def test_changed_requirements(place):
    venv.make()
    venv.REQUIREMENTS.write_text("# something else\n")
    assert not venv.ready()
    venv.make()
    assert venv.ready()


def test_packages_that_cannot_be_had(place, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    venv.make()
    venv.REQUIREMENTS.write_text("zpy-no-such-package==1.0\n")
    with pytest.raises(Missing) as caught:
        venv.make()
    text = str(caught.value)
    assert "zpy-no-such-package" in text
    assert "venv.log" in text
    assert venv.PYTHON.exists()  # what was there is not taken away
    assert not venv.ready()


def test_without_ensurepip(place, monkeypatch):
    monkeypatch.setattr(venv, "_has_ensurepip", lambda: False)

    def cannot(names):
        assert names == ["python3-venv"]
        raise Missing("sudo apt-get install python3-venv")

    monkeypatch.setattr(venv.system, "install", cannot)
    with pytest.raises(Missing, match="apt-get install python3-venv"):
        venv.make()
