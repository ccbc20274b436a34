# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Show the environment, or run a command with another one.

usage: env [-u NAME] [NAME=VALUE ...] [COMMAND ...]

  -u, --unset NAME    without this variable

To change the environment for good, assign os.environ["NAME"].
"""

import os

from kernel import command


def main(cmd):
    kept = dict(os.environ)
    words = cmd.operands
    try:
        if cmd["u"] is not None:
            os.environ.pop(cmd["u"], None)
        while words and "=" in words[0]:
            name, _, value = words[0].partition("=")
            if not name:
                raise command.UsageError(f"no name in '{words[0]}'")
            os.environ[name] = value
            words = words[1:]
        if words:
            cmd.status = command.run_words(words)
            return
        for name in sorted(os.environ):
            command.write_text(f"{name}={os.environ[name]}")
    finally:
        for name in set(os.environ) - set(kept):
            del os.environ[name]
        os.environ.update(kept)


command.run(main, __doc__, argv, first=True)
