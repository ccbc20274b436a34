# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Load modules anew from their files.

usage: reload MODULE ...

What other code has taken out of a module with `from MODULE import …` stays as it was.
"""

import importlib
import sys

from kernel import command


def main(cmd):
    cmd.expect(1, -1)
    for name in cmd.operands:
        module = sys.modules.get(name)
        try:
            if module is None:
                module = importlib.import_module(name)
            else:
                module = importlib.reload(module)
        except ModuleNotFoundError as error:
            cmd.error(str(error), name)
            continue
        command.write_text(f"{name}: {getattr(module, '__file__', None) or 'built in'}")


command.run(main, __doc__, argv)
