# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The codec for host names in an image without unicodedata, compared with the library's."""

import pytest

from kernel.asciinames import CODEC


@pytest.mark.parametrize("name", ["", "localhost", "example.org", "example.org.", "a" * 63 + ".b"])
def test_as_the_library_does(name):
    assert CODEC.encode(name)[0] == name.encode("idna")
    assert CODEC.decode(name.encode())[0] == name.encode().decode("idna")


@pytest.mark.parametrize("name", ["a..b", ".a", "a" * 64, "b\u00fccher.example"])
def test_refused(name):
    with pytest.raises(UnicodeError):
        CODEC.encode(name)
