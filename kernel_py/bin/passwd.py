# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Set the secret that the machine's prompt asks for over the network.

usage: passwd [-n | -s | -l]

  -n, --new     make a random one and show it
  -s, --show    show the one that holds now
  -l, --lines   take the new one from one line of standard input, and ask nothing

Without options it is asked for, twice. Sessions that are open stay open.
"""

import sys

from kernel import command
from kernel.net import auth


def ask():
    if not sys.stdin.isatty():
        raise command.UsageError("standard input is no terminal: use -l")
    first = input("new secret: ")
    if first != input("once more: "):
        raise ValueError("the two are not the same; nothing is changed")
    return first


def main(cmd):
    cmd.expect(0)
    choice = cmd.last_of("new", "show", "lines")
    if choice == "show":
        text = auth.secret()
        if text is None:
            cmd.error("this machine has no secret yet: passwd -n makes one")
        else:
            print(text)
        return
    try:
        if choice == "new":
            text = auth.generate()
        elif choice == "lines":
            text = sys.stdin.readline().rstrip("\n")
        else:
            text = ask()
        file = auth.set_secret(text)
    except ValueError as error:
        cmd.error(str(error))
        return
    if choice == "new":
        print(text)
    if file is None:
        print("there is no /flash: it holds until the next reset", file=sys.stderr)


command.run(main, __doc__, argv)
