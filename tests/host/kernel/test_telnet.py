# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""kernel.net.telnet: what a client sends, byte by byte and all at once."""

import random

import pytest

from kernel.net import telnet
from kernel.net.telnet import (
    AYT,
    BRK,
    DO,
    DONT,
    ECHO,
    IAC,
    IP,
    NAWS,
    SB,
    SE,
    SGA,
    TTYPE,
    WILL,
    WONT,
    Telnet,
)


def sent(*parts):
    return bytes(parts)


def split(data, telnet_):
    """Feeds bytes one by one; returns what was typed."""
    return b"".join(telnet_.feed(bytes([byte])) for byte in data)


@pytest.fixture(params=["whole", "bytes"])
def feed(request):
    """Feeds data to a Telnet: at once, or a byte at a time."""
    return (lambda t, data: t.feed(data)) if request.param == "whole" else lambda t, d: split(d, t)


def test_plain_bytes_pass(feed):
    parser = Telnet()
    data = bytes(range(255)) + b"1 + 1\r\n\r\0\r"
    assert feed(parser, data) == data
    assert not parser.active and not parser.replies


def test_first_command_starts_the_negotiation(feed):
    parser = Telnet()
    assert feed(parser, b"a" + sent(IAC, 241) + b"b") == b"ab"
    assert parser.active
    for offer in (sent(IAC, WILL, ECHO), sent(IAC, WILL, SGA), sent(IAC, DO, NAWS)):
        assert parser.replies.count(offer) == 1


def test_client_agrees(feed):
    parser = Telnet()
    parser.offer()
    parser.replies.clear()
    answer = (
        sent(IAC, DO, ECHO, IAC, DO, SGA, IAC, WILL, NAWS, IAC, SB, NAWS, 0, 132, 0, 43, IAC, SE)
        + sent(IAC, WILL, TTYPE)
        + sent(IAC, SB, TTYPE, 0)
        + b"XTERM-256COLOR"
        + sent(IAC, SE)
    )
    assert feed(parser, answer) == b""
    assert parser.echo
    assert parser.size == (132, 43)
    assert parser.terminal == "xterm-256color"
    # Agreement is not answered with agreement, or it would never end.
    assert bytes(parser.replies) == sent(IAC, SB, TTYPE, 1, IAC, SE)


def test_client_refuses(feed):
    parser = Telnet()
    parser.offer()
    parser.replies.clear()
    refusal = sent(IAC, DONT, ECHO, IAC, DONT, SGA, IAC, WONT, NAWS, IAC, WONT, TTYPE)
    assert feed(parser, refusal) == b""
    assert not parser.echo and parser.size is None
    assert bytes(parser.replies) == b""


def test_echo_can_be_taken_back(feed):
    parser = Telnet()
    feed(parser, sent(IAC, DO, ECHO))
    assert parser.echo
    parser.replies.clear()
    feed(parser, sent(IAC, DONT, ECHO))
    assert not parser.echo
    assert bytes(parser.replies) == sent(IAC, WONT, ECHO)


def test_unknown_options_are_refused(feed):
    parser = Telnet()
    feed(parser, sent(IAC, DO, 99, IAC, WILL, 98))
    assert sent(IAC, WONT, 99) in parser.replies
    assert sent(IAC, telnet.DONT, 98) in parser.replies


@pytest.mark.parametrize("command", [IP, BRK, telnet.ABORT])
def test_interrupts_are_ctrl_c(feed, command):
    assert feed(Telnet(), b"x" + sent(IAC, command) + b"y") == b"x\x03y"


def test_other_keys(feed):
    parser = Telnet()
    assert feed(parser, sent(IAC, telnet.EC, IAC, telnet.EL, IAC, telnet.EOF)) == b"\x7f\x15\x04"
    feed(parser, sent(IAC, AYT))
    assert b"[yes]" in parser.replies


def test_line_ends_of_telnet(feed):
    parser = Telnet()
    feed(parser, sent(IAC, 241))
    assert feed(parser, b"a\r\0b\r\nc\0d") == b"a\rb\r\nc\0d"


def test_byte_255(feed):
    parser = Telnet()
    feed(parser, sent(IAC, 241))
    assert feed(parser, sent(IAC, IAC)) == b"\xff"
    assert parser.escape(b"a\xffb") == b"a\xff\xffb"
    assert Telnet().escape(b"a\xffb") == b"a\xffb"


def test_255_in_a_size(feed):
    parser = Telnet()
    feed(parser, sent(IAC, SB, NAWS, 0, IAC, IAC, 0, 50, IAC, SE))
    assert parser.size == (255, 50)


@pytest.mark.parametrize(
    "sub",
    [
        sent(NAWS),
        sent(NAWS, 1, 2),
        sent(NAWS, *range(100)),
        sent(TTYPE),
        sent(TTYPE, 0) + b"\x00\x07" * 30,
        b"",
        b"\xc8" * 100_000,
    ],
)
def test_odd_subnegotiations(sub, feed):
    parser = Telnet()
    if len(sub) > 1000:
        parser.feed(sent(IAC, SB) + sub + sent(IAC, SE))
    else:
        feed(parser, sent(IAC, SB) + sub + sent(IAC, SE))
    assert parser.size is None
    assert parser.terminal == ""
    assert len(parser._sub) == 0
    assert feed(parser, b"on") == b"on"


def test_absurd_size():
    parser = Telnet()
    parser.feed(sent(IAC, SB, NAWS, 200, 0, 200, 0, IAC, SE))
    assert parser.size == (1000, 1000)
    parser.feed(sent(IAC, SB, NAWS, 0, 0, 0, 0, IAC, SE))
    assert parser.size == (80, 24)


def test_unended_subnegotiation_takes_no_memory():
    parser = Telnet()
    parser.feed(sent(IAC, SB, NAWS))
    for _ in range(100):
        assert parser.feed(b"x" * 10_000) == b""
    assert len(parser._sub) < 100


def test_replies_are_limited():
    parser = Telnet()
    parser.feed(sent(IAC, DO, 99) * 100_000)
    assert len(parser.replies) < 2000


def test_any_bytes_in_any_pieces_give_the_same():
    """However the network cuts them, what is typed and answered is the same."""
    source = random.Random(7)
    alphabet = [IAC] * 8 + [SB, SE, DO, DONT, WILL, WONT, ECHO, SGA, NAWS, TTYPE, 0, 13, 10, 65]
    for _ in range(2000):
        data = bytes(source.choices(alphabet, k=source.randrange(40)))
        whole, pieces = Telnet(), Telnet()
        assert whole.feed(data) == split(data, pieces)
        assert whole.replies == pieces.replies
        assert (whole.echo, whole.size, whole.terminal) == (
            pieces.echo,
            pieces.size,
            pieces.terminal,
        )
