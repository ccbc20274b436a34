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


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (
            "NewConnectionError('<x.HTTPSConnection object at 0x7f>: Failed to establish a new "
            "connection: [Errno -3] Temporary failure in name resolution')",
            "[Errno -3] Temporary failure in name resolution",
        ),
        (
            "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate "
            "verify failed: self-signed certificate in certificate chain (_ssl.c:992)'))",
            "certificate verify failed: self-signed certificate in certificate chain",
        ),
        ("ReadTimeoutError('too slow')", "ReadTimeoutError('too slow')"),
    ],
)
def test_reason_of_a_failed_download(tmp_path, why, said):
    """pip's last word without a network is that it knows no such package; its first is why."""
    log = tmp_path / "venv.log"
    log.write_text(
        f"WARNING: Retrying (Retry(total=0)) after connection broken by '{why}': /simple/west/\n"
        "ERROR: No matching distribution found for west==1.4.0\n"
    )
    assert venv._last_error(log) == f"the package index was not reached: {said}"
