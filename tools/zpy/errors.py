# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The errors that end a command with a message instead of a traceback."""

EXIT_FAILURE = 1
EXIT_USAGE = 2
EXIT_MACHINE = 70  # EX_SOFTWARE: the machine died under the program
EXIT_TIMEOUT = 124  # what timeout(1) gives
EXIT_INTERRUPT = 130  # 128 + SIGINT, as the shell and python give


class ZpyError(Exception):
    """Something that the user is told: what is wrong, and the way out."""

    status = EXIT_FAILURE


class UsageError(ZpyError):
    """The command line makes no sense."""

    status = EXIT_USAGE


class Missing(ZpyError):
    """Something that a Zephyr board needs is not here and could not be had."""


class MachineError(ZpyError):
    """The machine did not boot, or died."""

    status = EXIT_MACHINE


class MachineTimeout(ZpyError):
    """The program ran longer than --timeout allows."""

    status = EXIT_TIMEOUT
