# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The time of day from a time server (SNTP, RFC 4330)."""

import socket
import struct
import time

_TO_1970 = 2_208_988_800  # seconds from NTP's beginning, 1900, to Unix's
_REQUEST = bytes([0x23]) + bytes(47)  # version 4, mode 3: client
_ERA = 1 << 32


def ask(server, timeout=5.0, port=123):
    """Returns what time it is, in seconds since 1970, as the server knows it.

    The way of the answer is taken to last half as long as both ways together.  Raises OSError when
    the server is not found or does not answer in `timeout` seconds, ValueError for an answer that
    is none.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout)
        # Only an answer from there is received, and only one to this very request is believed.
        sock.connect(socket.getaddrinfo(server, port, socket.AF_INET, socket.SOCK_DGRAM)[0][4])
        cookie = struct.pack(">Q", time.time_ns() & (1 << 64) - 1)
        sent = time.monotonic()
        sock.send(_REQUEST[:40] + cookie)
        answer = sock.recv(512)
        way = (time.monotonic() - sent) / 2
    return parse(answer, cookie) + way


def parse(answer, cookie):
    """The time in a server's answer; ValueError if it is not an answer to the cookie."""
    if len(answer) < 48 or answer[0] & 7 != 4:
        raise ValueError("not an answer of a time server")
    if answer[24:32] != cookie:
        raise ValueError("an answer to somebody else's question")
    if answer[0] >> 6 == 3 or answer[1] == 0:
        raise ValueError("the server does not know the time itself")
    seconds, fraction = struct.unpack(">II", answer[40:48])
    if seconds < _ERA // 2:
        seconds += _ERA  # after February 2036 the count begins anew
    return seconds - _TO_1970 + fraction / _ERA
