# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""docs/commands.md says what the commands say."""

import commanddocs


def test_the_document_is_up_to_date():
    text = commanddocs.DOCUMENT.read_text(encoding="utf-8")
    assert text == commanddocs.rendered(text), f"run: python {commanddocs.__file__}"
