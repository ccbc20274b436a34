# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Copy standard input to standard output and into files.

usage: tee [-a] [FILE ...]

  -a, --append    write at the end of the files
"""

from kernel import command


def main(cmd):
    output = command.Output()
    files = []
    try:
        for name in cmd.operands:
            with cmd.trying(name):
                files.append((name, open(name, "ab" if cmd["a"] else "wb")))
        with command.open_input("-") as source:
            for block in command.blocks(source):
                output.write(block)
                output.flush()
                for entry in files[:]:
                    try:
                        entry[1].write(block)
                        entry[1].flush()
                    except OSError as error:
                        cmd.error(error, entry[0])
                        files.remove(entry)
    finally:
        for name, file in files:
            with cmd.trying(name):
                file.close()


command.run(main, __doc__, argv)
