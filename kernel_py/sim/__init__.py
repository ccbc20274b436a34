# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The `sim` board: the ZPy kernel in a plain CPython (3.11 or newer) on the host.

`python -m sim` boots it.  `sim._vosal` is the readable reference of the C module `_vosal`.
"""
