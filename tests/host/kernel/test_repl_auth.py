# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""kernel.net.auth: the secret, the challenge, and how guessing is made slow."""

import hashlib
import hmac
import os
import threading

import pytest

from kernel.net import auth

SECRET = "correct-horse-battery"


@pytest.fixture
def flash(tmp_path, monkeypatch):
    """A machine with a /flash; returns the secret's file."""
    file = tmp_path / "flash" / "etc" / "secret"
    (tmp_path / "flash").mkdir()
    monkeypatch.setattr(auth._vosal, "REPL_SECRET_FILE", str(file), raising=False)
    monkeypatch.setattr(auth, "_secret", None)
    return file


class Clock:
    """A clock that the test moves."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


# --- the secret ----------------------------------------------------------------------------


def test_generated_secrets():
    made = {auth.generate() for _ in range(100)}
    assert len(made) == 100
    for text in made:
        assert len(text.replace("-", "")) == 26  # 130 bits of base32
        assert text == text.lower() and text.isprintable()


def test_ensure_shows_once_and_keeps(flash):
    shown = []
    assert auth.secret() is None
    auth.ensure(shown.append)
    text = auth.secret()
    assert text in shown[0] and str(flash) in shown[0]
    assert flash.read_text() == text + "\n"
    assert os.stat(flash).st_mode & 0o777 == 0o600
    auth.ensure(shown.append)
    assert len(shown) == 1
    auth._secret = None  # as after a reset
    assert auth.secret() == text


def test_without_flash_it_lasts_until_the_reset(flash):
    flash.parent.parent.rmdir()
    shown = []
    auth.ensure(shown.append)
    assert auth.secret() in shown[0]
    assert "until the next reset" in shown[0]


@pytest.mark.parametrize("text", ["", "short", " leading-blank-12", "two\nlines-in-one", "a" * 11])
def test_bad_secrets(flash, text):
    with pytest.raises(ValueError):
        auth.set_secret(text)
    assert auth.secret() is None


def test_set_secret(flash):
    assert auth.set_secret(SECRET) == str(flash)
    assert auth.secret() == SECRET
    assert auth.set_secret("кириллица-тоже")
    assert auth.secret() == "кириллица-тоже"
    assert os.listdir(flash.parent) == ["secret"]  # no half-written one is left


def test_empty_file_is_no_secret(flash):
    flash.parent.mkdir()
    flash.write_text("")
    assert auth.secret() is None


def test_configured_secret_wins(flash, monkeypatch):
    auth.set_secret(SECRET)
    monkeypatch.setattr(auth._vosal, "REPL_SECRET", "of-the-image-1", raising=False)
    assert auth.secret() == "of-the-image-1"
    with pytest.raises(ValueError, match="CONFIG_ZPY_REPL_SECRET"):
        auth.set_secret(SECRET)


# --- challenge and response ----------------------------------------------------------------


def test_response_is_plain_hmac():
    """What the documentation tells to compute with openssl or python3."""
    nonce = auth.challenge()
    expected = hmac.new(SECRET.encode(), nonce.encode(), hashlib.sha256).hexdigest()
    assert auth.check(SECRET, nonce, expected) == (True, "")
    assert auth.check(SECRET, nonce, f"  {expected.upper()}\r") == (True, "")


def test_challenges_differ_even_if_the_generator_does_not(monkeypatch):
    monkeypatch.setattr(auth.os, "urandom", bytes)
    assert len({auth.challenge() for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "line", ["", "0" * 64, "0" * 63, "x", "\ud800", "é" * 64, "0" * 100_000, "\x00", "a b c d"]
)
def test_wrong_answers(line):
    assert auth.check(SECRET, auth.challenge(), line) == (False, "")


def test_answers_fit_one_challenge_one_secret_one_channel():
    first, second = auth.challenge(), auth.challenge()
    answer = auth.response(SECRET, first, "channel")
    assert auth.check(SECRET, first, answer, "channel")[0]
    assert not auth.check(SECRET, second, answer, "channel")[0]
    assert not auth.check("another-secret", first, answer, "channel")[0]
    assert not auth.check(SECRET, first, answer, "other")[0]
    assert not auth.check(SECRET, first, answer)[0]


def test_machine_proves_itself():
    nonce, mine = auth.challenge(), "ab" * 16
    right, proof = auth.check(SECRET, nonce, auth.response(SECRET, nonce) + " " + mine)
    assert right and proof == auth.proof(SECRET, mine, nonce)
    assert proof != auth.proof("another-secret", mine, nonce)
    # A nonce that is none gets no proof.
    for bad in ("ab", "zz" * 16, "ab" * 40):
        assert auth.check(SECRET, nonce, f"{auth.response(SECRET, nonce)} {bad}") == (True, "")


# --- guessing ------------------------------------------------------------------------------


def test_failures_cost_more_and_more():
    clock = Clock()
    guard = auth.Guard(clock)
    waits = []
    for _ in range(20):
        guard.failed("192.0.2.1")
        waits.append(guard.wait("192.0.2.1"))
        clock.now += waits[-1]
    assert waits[:7] == [0, 0, 0, 2, 4, 8, 16]
    assert waits[-1] == auth.Guard.WAIT_MAX
    assert guard.wait("192.0.2.2") == 0
    guard.succeeded("192.0.2.1")
    assert guard.wait("192.0.2.1") == 0


def test_all_addresses_together_are_limited():
    clock = Clock()
    guard = auth.Guard(clock)
    guard.succeeded("192.0.2.99")
    for number in range(auth.Guard.ALL_MAX):
        assert guard.wait(f"198.51.100.{number}") == 0
        guard.failed(f"198.51.100.{number}")
    assert guard.wait("203.0.113.1") > 0
    assert guard.wait("192.0.2.99") == 0  # who is known is not locked out by others
    clock.now += auth.Guard.ALL_SECONDS
    assert guard.wait("203.0.113.1") == 0


def test_table_is_bounded():
    clock = Clock()
    guard = auth.Guard(clock)
    for number in range(5000):
        guard.failed(f"10.{number >> 8}.{number & 255}.1")
        guard.succeeded(f"11.{number >> 8}.{number & 255}.1")
    assert len(guard._failures) <= auth.Guard.REMEMBERED
    assert len(guard._known) <= auth.Guard.REMEMBERED


def test_ipv6_counts_by_network():
    clock = Clock()
    guard = auth.Guard(clock)
    for number in range(4):
        guard.failed(f"2001:db8:1:2::{number}")
    assert guard.wait("2001:db8:1:2:ffff::1") > 0
    assert guard.wait("2001:db8:1:3::1") == 0
    for _ in range(4):
        guard.failed("::ffff:192.0.2.7")
    assert guard.wait("192.0.2.7") > 0


def test_many_attempts_at_once_are_judged_one_by_one():
    guard = auth.Guard(Clock())
    judged = []
    gate = threading.Barrier(20)

    def guess():
        gate.wait()
        guard.attempt("192.0.2.1", lambda: judged.append(1) or (False, ""))

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(judged) == auth.Guard.FREE + 1
