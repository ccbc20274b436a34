# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Load modules anew from their files.

usage: reload MODULE ...

A changed file in /lib/kernel wins over the module in the image.  Classes and functions that are in
use get the new code.  When the new version fails, the old one stays.
"""

import kernel
from kernel import command


def main(cmd):
    cmd.expect(1, -1)
    for name in cmd.operands:
        try:
            module = kernel.reload(name)
        except ModuleNotFoundError as error:
            cmd.error(str(error), name)
            continue
        command.write_text(f"{name}: {getattr(module, '__file__', None) or 'built in'}")


command.run(main, __doc__, argv)
