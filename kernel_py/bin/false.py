# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Do nothing, unsuccessfully.

usage: false
"""

from kernel import command

if argv in (["-h"], ["--help"]):
    command.Command(__doc__, argv)
raise SystemExit(1)
