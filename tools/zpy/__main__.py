# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""`python -m zpy`, for those who have tools/ on their path."""

import sys

from zpy.cli import main

sys.exit(main())
