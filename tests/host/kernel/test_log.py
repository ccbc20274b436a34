# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The log."""

import logging
import threading

import pytest

from kernel import log


@pytest.fixture
def written(monkeypatch):
    """The bytes that go to the console."""
    chunks = []
    previous = log.set_sink(chunks.append)
    monkeypatch.setattr(log, "_ring", [])
    monkeypatch.setattr(log, "_written", 0)
    yield lambda: b"".join(chunks).decode()
    log.set_sink(previous)
    log.set_level(log.INFO)


def test_lines(written):
    log.info("hello")
    log.get("net").warning("no carrier")
    log.get("net").error("gone")
    log.debug("not shown")
    log.get("x").info("two\nlines")
    log.get("x").info("")
    assert written() == (
        "[ZPy] INFO  kernel: hello\r\n[ZPy] WARN  net: no carrier\r\n[ZPy] ERROR net: gone\r\n"
        "[ZPy] INFO  x: two\r\n[ZPy] INFO  x: lines\r\n[ZPy] INFO  x: \r\n"
    )
    assert log.get("net") is log.get("net")


def test_level(written):
    log.set_level(log.DEBUG)
    log.debug("shown")
    log.set_level(log.ERROR)
    log.warning("not shown")
    assert written() == "[ZPy] DEBUG kernel: shown\r\n"


def test_ring(written, monkeypatch):
    monkeypatch.setattr(log, "KEEP", 3)
    for i in range(5):
        log.info(i)
    assert [line.rpartition(" ")[2] for line in log.lines()] == ["2", "3", "4"]


def test_it_never_raises(written):
    class Bad:
        def __str__(self):
            raise RuntimeError

    log.info(Bad())
    log.info("\udcff")
    assert "lost a line: RuntimeError" in written() and "\\udcff" in written()


def test_exception(written):
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError:
        log.exception("it failed")
    assert "ERROR kernel: it failed\r\n" in written()
    assert "[ZPy] ERROR kernel: ZeroDivisionError: division by zero\r\n" in written()


def test_threads(written):
    threads = [
        threading.Thread(target=lambda: [log.info("x") for _ in range(100)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert written() == "[ZPy] INFO  kernel: x\r\n" * 400


def test_bridge(written):
    handler = log.bridge("some.library", logging.WARNING)
    logger = logging.getLogger("some.library.part")
    try:
        logger.warning("of %s", "note")
        logger.info("not")
        logger.critical("very")
    finally:
        logging.getLogger("some.library").removeHandler(handler)
    assert written() == (
        "[ZPy] WARN  some.library.part: of note\r\n[ZPy] ERROR some.library.part: very\r\n"
    )
