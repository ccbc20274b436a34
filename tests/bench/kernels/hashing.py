# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""hashlib and binascii over 64 KB: the C code beside the interpreter."""

import binascii
import hashlib

ROUNDS = 4
EXPECTED = ("5866d897", 1388617442)


def setup():
    global data
    data = bytes(i * i >> 3 & 0xFF for i in range(65536))


def run(n):
    for _ in range(n):
        digest = hashlib.sha256(data).hexdigest()[:8]
        check = binascii.crc32(binascii.b2a_base64(data))
    return digest, check
