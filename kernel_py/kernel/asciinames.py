# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Host names in an image without unicodedata: the codec "idna" for plain ASCII.

`socket` encodes each host name with it. The standard library's needs unicodedata's tables, which
the small profile leaves out.
"""

import codecs


def _encode(text, errors="strict"):
    # The same limits as the standard library's, for names that it would leave as they are.
    if not text.isascii():
        raise UnicodeEncodeError(
            "idna", text, 0, len(text), "this image has no unicodedata: ASCII names alone"
        )
    *labels, last = text.split(".")
    for label in (*labels, *([last] if last else ())):
        if not 0 < len(label) < 64:
            raise UnicodeEncodeError(
                "idna", text, 0, len(text), "label empty" if not label else "label too long"
            )
    return text.encode("ascii"), len(text)


def _decode(data, errors="strict"):
    text = bytes(data).decode("ascii", errors)
    return text, len(data)


CODEC = codecs.CodecInfo(_encode, _decode, name="idna")
