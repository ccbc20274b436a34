# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Commands: they are Python files, and pipes join them.

    >>> sh('/examples/pipes.py')

A command reads sys.stdin, writes sys.stdout and ends with an exit status, so that any two fit
together, whoever has written them.
"""

# sh() runs a line of the shell and returns the exit status of its last command.
status = sh("ls /examples | grep .py | wc -l")
print("exit status:", int(status))

# The pipe is a real one: both sides run at once, and `head` stops `cat` when it has enough.
sh("cat /examples/pipes.py | head -n 3")

# && goes on when all went well, || when it did not.
sh("grep -q lesson /examples/README.md && echo 'there are lessons' || echo 'no lessons'")

# The output of a command can go to a file, and Python reads it.
sh("echo one two three > /tmp/pipes.txt; wc -w < /tmp/pipes.txt")
with open("/tmp/pipes.txt") as file:
    words = file.read().split()
print("Python has read:", words)
sh("rm /tmp/pipes.txt")

# A command that is not there has the status 127, as in any shell.
print("status of a missing command:", int(sh("no-such-command 2> /tmp/pipes.err")))
sh("cat /tmp/pipes.err; rm /tmp/pipes.err")
