# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Your own command: a file in /bin.

    >>> run('/examples/own_command.py')

It writes /bin/greet.py, uses it as the shell does, and removes it again.  A command that is to
stay is written in the same way, for instance with `edit /bin/greet.py`.
"""

import os

# The docstring is the manual: -h, man and help show it, and it says which options there are.
SOURCE = '''\
"""Greet somebody.

usage: greet [-l] [NAME ...]

  -l, --loud    in capital letters
"""

from kernel import command


def main(cmd):
    for name in cmd.operands or ["world"]:
        text = f"hello, {name}"
        print(text.upper() if cmd["l"] else text)


command.run(main, __doc__, argv)
'''

path = "/bin/greet.py"
if os.path.exists(path):
    raise SystemExit(f"{path} is there already: is it yours?")
with open(path, "w") as file:
    file.write(SOURCE)
try:
    sh("greet")
    sh("greet -l Ada Grace")
    sh("greet ZPy | wc -c")
    sh("greet -h | head -n 1")
    print("wrong use has the status", int(sh("greet --nonsense 2> /dev/null")))
finally:
    os.remove(path)
print("greet is gone:", not os.path.exists(path))
