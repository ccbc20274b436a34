# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The host command of ZPy: sets up, builds, boots and tests the machine."""
