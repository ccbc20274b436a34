# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The raw REPL and the program stream, against a machine that is only a script."""

import os
import random

import pytest

from zpy import protocol
from zpy.errors import MachineError, MachineTimeout
from zpy.protocol import Decoder, Program, RawRepl
from zpy.session import request


def joined(events):
    """Events with neighbouring output of one stream put together."""
    result = []
    for kind, value in events:
        if kind in ("out", "err") and result and result[-1][0] == kind:
            result[-1] = (kind, result[-1][1] + value)
        else:
            result.append((kind, value))
    return result


STREAM = b"one\x10\x10two\x10Ebad\x10Ogood\x10R4096\nmore\x10X7\nOK\x04"
EVENTS = [
    ("out", b"one\x10two"),
    ("err", b"bad"),
    ("out", b"good"),
    ("want", 4096),
    ("out", b"more"),
    ("exit", 7),
]


def test_decoder():
    decoder = Decoder()
    assert joined(decoder.feed(STREAM)) == EVENTS
    assert decoder.rest == b"OK\x04"


def test_decoder_with_words_cut_anywhere():
    for seed in range(200):
        cuts = random.Random(seed)
        decoder, events, rest = Decoder(), [], STREAM
        while rest:
            size = cuts.randint(1, 4)
            events += decoder.feed(rest[:size])
            rest = rest[size:]
        assert joined(events) == EVENTS
        assert decoder.rest == b"OK\x04"


@pytest.mark.parametrize("stream", [b"\x10Z", b"\x10Rmany\n", b"\x10X" + b"1" * 99])
def test_decoder_refuses_what_is_no_word(stream):
    with pytest.raises(MachineError, match="protocol"):
        list(Decoder().feed(stream))


@pytest.fixture
def boot(fake_machine, monkeypatch):
    monkeypatch.setattr(protocol, "ANSWER_TIMEOUT", 1.0)

    def start(*behaviour, timeout=20):
        repl = RawRepl(fake_machine(*behaviour))
        repl.enter(timeout)
        return repl

    return start


@pytest.mark.parametrize("vice", [(), ("fake-prompt",), ("deaf",), ("echo-twice",)])
def test_boot(boot, vice):
    repl = boot(*vice)
    assert repl.execute("print('a' + 'b')") == (b"ab\r\n", b"")


def test_machine_that_ends_while_booting(boot):
    with pytest.raises(MachineError, match="ended while it booted") as caught:
        boot("dead")
    assert "on my way" in str(caught.value)
    assert caught.value.status == 70


def test_fatal_error_while_booting(boot):
    with pytest.raises(MachineError, match="stopped while it booted") as caught:
        boot("fatal")
    assert "RIP: 0x1234" in str(caught.value)


def test_silent_machine(boot):
    with pytest.raises(MachineError, match="did not reach its prompt within 2 s"):
        boot("silent", timeout=2)


@pytest.fixture
def run(boot):
    """Run code on the fake machine: run(code, stdin=bytes) → (status, out, err)."""

    def run_code(code, stdin=None, timeout=20, finish=True):
        repl = boot()
        out, err = bytearray(), bytearray()
        reading = None
        if stdin is not None:
            reading, writing = os.pipe()
            os.write(writing, stdin)
            os.close(writing)
        program = Program(repl, request(code, ["-c"]), reading, out.extend, err.extend, timeout)
        status = program.run()
        if finish:
            program.finish()
        return status, bytes(out), bytes(err)

    return run_code


def test_program(run):
    code = "out(b'one\\x10'); err(b'two'); out(b'three'); end(5)"
    assert run(code) == (5, b"one\x10three", b"two")


def test_request_arrives_whole(run):
    code = "out(repr(sorted(request)).encode()); end(0)  # " + "x" * 5000
    assert run(code)[1] == b"['argv', 'code', 'env', 'filename', 'files', 'isatty']"


def test_standard_input(run):
    code = "data = b''\nwhile p := want(100): data += p\nout(data); end(0)"
    stdin = bytes(range(256)) * 30
    assert run(code, stdin=stdin) == (0, stdin, b"")


def test_no_standard_input_is_its_end(run):
    assert run("out(repr(want(10)).encode()); end(0)") == (0, b"b''", b"")


def test_two_programs_in_one_boot(boot):
    repl = boot()
    for status in (1, 2):
        program = Program(repl, request(f"end({status})", []), None, None, None, 20)
        assert program.run() == status
        program.finish()


def test_machine_that_ends_under_the_program(run):
    with pytest.raises(MachineError, match="ended under the program"):
        run("raw(b'last words'); sys.exit(9)")


def test_machine_that_dies_under_the_program(run, monkeypatch):
    monkeypatch.setattr(protocol, "GRACE", 1.0)
    with pytest.raises(MachineError, match="died under the program") as caught:
        run("raw(b'x\\r\\n[ZPy] FATAL it is over\\r\\n'); time.sleep(60)")
    assert "it is over" in str(caught.value)


def test_machine_that_boots_again_under_the_program(run):
    with pytest.raises(MachineError, match="booted again"):
        run(
            "raw(b'E: >>> ZEPHYR FATAL ERROR 4\\r\\n'); time.sleep(0.2)\n"
            "raw(b'[ZPy] INFO  kernel.boot: up\\r\\n'); time.sleep(60)"
        )


def test_program_that_only_speaks_of_fatal_errors(run):
    code = "out(b'>>> ZEPHYR FATAL ERROR and so on\\n'); end(0)"
    assert run(code)[0] == 0


def test_timeout(run):
    with pytest.raises(MachineTimeout, match=r"did not end within 0\.5 s") as caught:
        run("time.sleep(60)", timeout=0.5)
    assert caught.value.status == 124


def test_interrupt_reaches_the_program(boot):
    repl = boot()
    program = Program(repl, request("source.until(b'\\x03'); end(130)", []), None, None, None, 20)
    original = program._want

    def interrupt_then_answer(count):
        original(count)
        if program._requested:
            program.interrupt()

    program._want = interrupt_then_answer
    assert program.run() == 130
    assert not program.killed


def test_second_interrupt_kills(boot):
    repl = boot()
    program = Program(repl, request("time.sleep(60)", []), None, None, None, 20)
    program.interrupt()
    program.interrupt()
    assert program.run() == 130
    assert program.killed


def test_both_directions_full_at_once(boot):
    # The machine prints far more than a pipe holds before it reads what was sent meanwhile.
    repl = boot()
    code = "out(b'y' * 3_000_000); end(len(source.until(b'END')) % 251)"
    out = bytearray()
    program = Program(repl, request(code, []), None, out.extend, None, 60)
    original = program._want

    def answer_and_more(count):
        original(count)
        if program._requested:
            repl.machine.write(b"z" * 1_000_000 + b"END")

    program._want = answer_and_more
    assert program.run() == 1_000_000 % 251
    assert len(out) == 3_000_000
