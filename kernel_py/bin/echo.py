# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Print the arguments, with a blank between them.

usage: echo [-n] [WORD ...]

  -n    no end of line after them

Any other option is a word.
"""

import sys

from kernel import command

if argv in (["-h"], ["--help"]):
    command.Command(__doc__, argv)
words = argv
end = "\n"
while words and words[0] == "-n":
    words = words[1:]
    end = ""
sys.stdout.write(" ".join(words) + end)
