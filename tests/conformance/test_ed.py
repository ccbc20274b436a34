# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The line editor: it answers as GNU ed does."""

import os
import shutil
import tempfile
import unittest

try:
    from kernel import ed
except ImportError:
    ed = None

TEXT = b"one\ntwo\nthree\nfour\nfive\n"
FILES = {
    "f": TEXT,
    "g": b"g one\ng two\n",
    "noend": b"a\nb",
    "empty": b"",
    "binary": b"a\0b\n\xff\xfe\nlast",
    "long": ("x" * 200 + "\nt\tb\\$\u00e9\x01\x7f\b\a\f\r\v\n" + "y" * 72 + "\n").encode(),
}

# (typed or a file, script, exit status, stdout, stderr, files that it changed), as recorded by
# tests/host/kernel/realed.py.
# The answers of GNU ed begin.
# fmt: off
ANSWERS = [(True,
  'p\n1p\n$p\n.p\n2,3p\n,n\n%l\n;p\n2;+1p\n',
  0,
  '24\n'
  'five\n'
  'one\n'
  'five\n'
  'five\n'
  'two\n'
  'three\n'
  '1\tone\n'
  '2\ttwo\n'
  '3\tthree\n'
  '4\tfour\n'
  '5\tfive\n'
  'one$\n'
  'two$\n'
  'three$\n'
  'four$\n'
  'five$\n'
  'five\n'
  'two\n'
  'three\n',
  '',
  {}),
 (False,
  'p\n1p\n$p\n.p\n2,3p\n,n\n%l\n;p\n2;+1p\n',
  0,
  '24\n'
  'five\n'
  'one\n'
  'five\n'
  'five\n'
  'two\n'
  'three\n'
  '1\tone\n'
  '2\ttwo\n'
  '3\tthree\n'
  '4\tfour\n'
  '5\tfive\n'
  'one$\n'
  'two$\n'
  'three$\n'
  'four$\n'
  'five$\n'
  'five\n'
  'two\n'
  'three\n',
  '',
  {}),
 (True,
  '1\n+\n\n-\n++\n--\n+2\n-2p\n2 1p\n$-1p\n.+1p\n^\n',
  1,
  '24\none\ntwo\nthree\ntwo\nfour\ntwo\nfour\ntwo\nthree\nfour\nfive\n?\n',
  '',
  {}),
 (False,
  '1\n+\n\n-\n++\n--\n+2\n-2p\n2 1p\n$-1p\n.+1p\n^\n',
  1,
  '24\none\ntwo\nthree\ntwo\nfour\ntwo\nfour\ntwo\nthree\nfour\nfive\n?\n',
  '',
  {}),
 (True,
  'H\n99p\n0p\n2,1p\n-9p\n$+1p\n1,2,3p\n5,p\n,2p\n1,;p\n,,p\n',
  1,
  '24\n'
  '?\n'
  'Invalid address\n'
  '?\n'
  'Invalid address\n'
  '?\n'
  'Invalid address\n'
  '?\n'
  'Invalid address\n'
  '?\n'
  'Invalid address\n'
  'two\n'
  'three\n'
  'five\n'
  'one\n'
  'two\n'
  'one\n'
  'five\n',
  '',
  {}),
 (False,
  'H\n99p\n0p\n2,1p\n-9p\n$+1p\n1,2,3p\n5,p\n,2p\n1,;p\n,,p\n',
  1,
  '24\n?\nscript, line 2: Invalid address\n',
  '',
  {}),
 (True,
  'H\n/t/\n//\n?o?\n??\n/zz/\n/t/,/f/p\n1;/t/;//p\n/T/Ip\n',
  1,
  '24\ntwo\nthree\ntwo\none\n?\nNo match\ntwo\nthree\nfour\ntwo\nthree\ntwo\n',
  '',
  {}),
 (False,
  'H\n/t/\n//\n?o?\n??\n/zz/\n/t/,/f/p\n1;/t/;//p\n/T/Ip\n',
  1,
  '24\ntwo\nthree\ntwo\none\n?\nscript, line 6: No match\n',
  '',
  {}),
 (True, '=\n.=\n1=\n1,3=\n$=p\n', 0, '24\n5\n5\n1\n3\n5\nfive\n', '', {}),
 (False, '=\n.=\n1=\n1,3=\n$=p\n', 0, '24\n5\n5\n1\n3\n5\nfive\n', '', {}),
 (True,
  'z2\n1z2\nz\nz\nH\nz\n1z1n\n',
  1,
  '24\n?\none\ntwo\nthree\nfour\nfive\nInvalid address\n?\nInvalid address\n1\tone\n',
  '',
  {}),
 (False, 'z2\n1z2\nz\nz\nH\nz\n1z1n\n', 1, '24\n?\n', '', {}),
 (True,
  'pn\npln\n2lnp\nH\npp\np x\n2n3\n',
  1,
  '24\n5\tfive\n5\tfive$\n2\ttwo$\ntwo\n?\nInvalid command suffix\n?\nInvalid command suffix\n',
  '',
  {}),
 (False,
  'pn\npln\n2lnp\nH\npp\np x\n2n3\n',
  1,
  '24\n5\tfive\n5\tfive$\n2\ttwo$\ntwo\n?\nscript, line 6: Invalid command suffix\n',
  '',
  {}),
 (True,
  '1l\ne long\n,l\n,nl\n',
  0,
  '24\n'
  'one$\n'
  '289\n'
  'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\\n'
  'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\\n'
  'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx$\n'
  't\\tb\\\\\\$\\303\\251\\001\\177\\b\\a\\f\\r\\v$\n'
  'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy$\n'
  '1\txxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\\n'
  'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\\n'
  'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx$\n'
  '2\tt\\tb\\\\\\$\\303\\251\\001\\177\\b\\a\\f\\r\\v$\n'
  '3\tyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\\\n'
  'yyyyyyyy$\n',
  '',
  {}),
 (False,
  '1l\ne long\n,l\n,nl\n',
  0,
  '24\n'
  'one$\n'
  '289\n'
  'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\\n'
  'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\\n'
  'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx$\n'
  't\\tb\\\\\\$\\303\\251\\001\\177\\b\\a\\f\\r\\v$\n'
  'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy$\n'
  '1\txxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\\n'
  'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\\n'
  'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx$\n'
  '2\tt\\tb\\\\\\$\\303\\251\\001\\177\\b\\a\\f\\r\\v$\n'
  '3\tyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\\\n'
  'yyyyyyyy$\n',
  '',
  {}),
 (True,
  'a\nX\nY\n.\n,n\n0a\nZ\n.\n1,2p\n$i\nW\n.\n.=\n,p\n',
  2,
  '24\n'
  '1\tone\n'
  '2\ttwo\n'
  '3\tthree\n'
  '4\tfour\n'
  '5\tfive\n'
  '6\tX\n'
  '7\tY\n'
  'Z\n'
  'one\n'
  '8\n'
  'Z\n'
  'one\n'
  'two\n'
  'three\n'
  'four\n'
  'five\n'
  'X\n'
  'W\n'
  'Y\n'
  '?\n',
  '',
  {}),
 (False,
  'a\nX\nY\n.\n,n\n0a\nZ\n.\n1,2p\n$i\nW\n.\n.=\n,p\n',
  2,
  '24\n'
  '1\tone\n'
  '2\ttwo\n'
  '3\tthree\n'
  '4\tfour\n'
  '5\tfive\n'
  '6\tX\n'
  '7\tY\n'
  'Z\n'
  'one\n'
  '8\n'
  'Z\n'
  'one\n'
  'two\n'
  'three\n'
  'four\n'
  'five\n'
  'X\n'
  'W\n'
  'Y\n'
  '?\n',
  '',
  {}),
 (True,
  'H\n0i\nA\n.\n0c\n2c\nB\nC\n.\n.=\n,n\n2,3d\n.=\n$d\n.=\n,d\n,p\n$=\n',
  2,
  '24\n'
  '?\n'
  'Invalid address\n'
  '3\n'
  '1\tA\n'
  '2\tB\n'
  '3\tC\n'
  '4\ttwo\n'
  '5\tthree\n'
  '6\tfour\n'
  '7\tfive\n'
  '2\n'
  '4\n'
  '?\n'
  'Invalid address\n'
  '0\n'
  '?\n'
  'Warning: buffer modified\n',
  '',
  {}),
 (False,
  'H\n0i\nA\n.\n0c\n2c\nB\nC\n.\n.=\n,n\n2,3d\n.=\n$d\n.=\n,d\n,p\n$=\n',
  1,
  '24\n?\nscript, line 5: Invalid address\n',
  '',
  {}),
 (True,
  '2a\n.\n.=\n3i\n.\n.=\n4c\n.\n.=\n,n\n',
  2,
  '24\n2\n3\n4\n1\tone\n2\ttwo\n3\tthree\n4\tfive\n?\n',
  '',
  {}),
 (False,
  '2a\n.\n.=\n3i\n.\n.=\n4c\n.\n.=\n,n\n',
  2,
  '24\n2\n3\n4\n1\tone\n2\ttwo\n3\tthree\n4\tfive\n?\n',
  '',
  {}),
 (True,
  '1dp\n1dn\n2,3jl\n1m$p\n1t0n\nH\ndx\n',
  2,
  '24\n'
  'two\n'
  '1\tthree\n'
  'fourfive$\n'
  'three\n'
  '1\tfourfive\n'
  '?\n'
  'Invalid command suffix\n'
  '?\n'
  'Warning: buffer modified\n',
  '',
  {}),
 (False,
  '1dp\n1dn\n2,3jl\n1m$p\n1t0n\nH\ndx\n',
  1,
  '24\ntwo\n1\tthree\nfourfive$\nthree\n1\tfourfive\n?\nscript, line 7: Invalid command suffix\n',
  '',
  {}),
 (True,
  '1,3jp\n3jn\nH\n2j\nu\n,n\n1,2j\n.=\n',
  2,
  '24\n'
  'onetwothree\n'
  '1\tonetwothree\n'
  '?\n'
  'Nothing to undo\n'
  '1\tonetwothree\n'
  '2\tfour\n'
  '3\tfive\n'
  '1\n'
  '?\n'
  'Warning: buffer modified\n',
  '',
  {}),
 (False,
  '1,3jp\n3jn\nH\n2j\nu\n,n\n1,2j\n.=\n',
  1,
  '24\nonetwothree\n1\tonetwothree\n?\nscript, line 5: Nothing to undo\n',
  '',
  {}),
 (True,
  '1,2m4\n,n\n4m0\n,n\n.=\nH\n1,3m2\n1,3m1\n2m2\n.=\n',
  2,
  '24\n'
  '1\tthree\n'
  '2\tfour\n'
  '3\tone\n'
  '4\ttwo\n'
  '5\tfive\n'
  '1\ttwo\n'
  '2\tthree\n'
  '3\tfour\n'
  '4\tone\n'
  '5\tfive\n'
  '5\n'
  '?\n'
  'Invalid destination\n'
  '?\n'
  'Invalid destination\n'
  '2\n'
  '?\n'
  'Warning: buffer modified\n',
  '',
  {}),
 (False,
  '1,2m4\n,n\n4m0\n,n\n.=\nH\n1,3m2\n1,3m1\n2m2\n.=\n',
  1,
  '24\n'
  '1\tthree\n'
  '2\tfour\n'
  '3\tone\n'
  '4\ttwo\n'
  '5\tfive\n'
  '1\ttwo\n'
  '2\tthree\n'
  '3\tfour\n'
  '4\tone\n'
  '5\tfive\n'
  '5\n'
  '?\n'
  'script, line 7: Invalid destination\n',
  '',
  {}),
 (True,
  '1,2t$\n,n\n2t.\n.=\n3,4t0p\n,n\n',
  2,
  '24\n'
  '1\tone\n'
  '2\ttwo\n'
  '3\tthree\n'
  '4\tfour\n'
  '5\tfive\n'
  '6\tone\n'
  '7\ttwo\n'
  '8\n'
  'four\n'
  '1\tthree\n'
  '2\tfour\n'
  '3\tone\n'
  '4\ttwo\n'
  '5\tthree\n'
  '6\tfour\n'
  '7\tfive\n'
  '8\tone\n'
  '9\ttwo\n'
  '10\ttwo\n'
  '?\n',
  '',
  {}),
 (False,
  '1,2t$\n,n\n2t.\n.=\n3,4t0p\n,n\n',
  2,
  '24\n'
  '1\tone\n'
  '2\ttwo\n'
  '3\tthree\n'
  '4\tfour\n'
  '5\tfive\n'
  '6\tone\n'
  '7\ttwo\n'
  '8\n'
  'four\n'
  '1\tthree\n'
  '2\tfour\n'
  '3\tone\n'
  '4\ttwo\n'
  '5\tthree\n'
  '6\tfour\n'
  '7\tfive\n'
  '8\tone\n'
  '9\ttwo\n'
  '10\ttwo\n'
  '?\n',
  '',
  {}),
 (True,
  "H\n2ka\n'ap\n'bp\n1d\n'a=\n'ad\n'ap\nu\n'ap\nkA\nk\nkab\n'a,$p\n",
  2,
  '24\n'
  'two\n'
  '?\n'
  'Invalid address\n'
  '1\n'
  '?\n'
  'Invalid address\n'
  'two\n'
  '?\n'
  'Invalid mark character\n'
  '?\n'
  'Invalid command suffix\n'
  '?\n'
  'Invalid command suffix\n'
  'two\n'
  'three\n'
  'four\n'
  'five\n'
  '?\n'
  'Warning: buffer modified\n',
  '',
  {}),
 (False,
  "H\n2ka\n'ap\n'bp\n1d\n'a=\n'ad\n'ap\nu\n'ap\nkA\nk\nkab\n'a,$p\n",
  1,
  '24\ntwo\n?\nscript, line 4: Invalid address\n',
  '',
  {}),
 (True,
  "3ka\n2,4m0\n'ap\n'a=\n3s/t/T/\n'ap\nu\n'ap\n2,3j\n",
  2,
  '24\nthree\n2\n?\nthree\n?\nthree\n?\n',
  '',
  {}),
 (False, "3ka\n2,4m0\n'ap\n'a=\n3s/t/T/\n'ap\nu\n'ap\n2,3j\n", 1, '24\nthree\n2\n?\n', '', {}),
 (True,
  's/e/E/\n.p\n1,$s/e/E/gp\n,s/o/0/2\n,n\n',
  2,
  '24\nfivE\nthrEE\n?\n1\tonE\n2\ttwo\n3\tthrEE\n4\tfour\n5\tfivE\n?\n',
  '',
  {}),
 (False, 's/e/E/\n.p\n1,$s/e/E/gp\n,s/o/0/2\n,n\n', 1, '24\nfivE\nthrEE\n?\n', '', {}),
 (True,
  'H\ns/zz/x/\ns/o/x/\n1s/n/N/p\n2s/w/[&]/n\n2s/\\[/\\&\\/\\\\/l\n',
  2,
  '24\n?\nNo match\n?\nNo match\noNe\n2\tt[w]o\nt&/\\\\w]o$\n?\nWarning: buffer modified\n',
  '',
  {}),
 (False,
  'H\ns/zz/x/\ns/o/x/\n1s/n/N/p\n2s/w/[&]/n\n2s/\\[/\\&\\/\\\\/l\n',
  1,
  '24\n?\nscript, line 2: No match\n',
  '',
  {}),
 (True,
  '1s/\\(.\\)\\(.\\)/\\2\\1/p\n3s/e*$/X/p\n3s/\\(e\\)\\1/z/p\n4s/[aeiou]\\{2\\}/v/p\n',
  2,
  '24\nnoe\nthrX\n?\nfvr\n?\n',
  '',
  {}),
 (False,
  '1s/\\(.\\)\\(.\\)/\\2\\1/p\n3s/e*$/X/p\n3s/\\(e\\)\\1/z/p\n4s/[aeiou]\\{2\\}/v/p\n',
  1,
  '24\nnoe\nthrX\n?\n',
  '',
  {}),
 (True,
  '1s/o/0/\n2s\np\n3s//Z/\nH\nsg\nsp\nsr\n',
  2,
  '24\ntw0\n?\nNo match\n?\nNo match\n?\nNo match\n?\nNo match\n?\nWarning: buffer modified\n',
  '',
  {}),
 (False, '1s/o/0/\n2s\np\n3s//Z/\nH\nsg\nsp\nsr\n', 1, '24\ntw0\n?\n', '', {}),
 (True,
  '2s/t/a\\\nb/\n,n\nu\n,n\n3s/e/x\\\n/g\n,n\n.=\n',
  2,
  '24\n'
  '1\tone\n'
  '2\ta\n'
  '3\tbwo\n'
  '4\tthree\n'
  '5\tfour\n'
  '6\tfive\n'
  '1\tone\n'
  '2\ttwo\n'
  '3\tthree\n'
  '4\tfour\n'
  '5\tfive\n'
  '1\tone\n'
  '2\ttwo\n'
  '3\tthrx\n'
  '4\tx\n'
  '5\t\n'
  '6\tfour\n'
  '7\tfive\n'
  '7\n'
  '?\n',
  '',
  {}),
 (False,
  '2s/t/a\\\nb/\n,n\nu\n,n\n3s/e/x\\\n/g\n,n\n.=\n',
  2,
  '24\n'
  '1\tone\n'
  '2\ta\n'
  '3\tbwo\n'
  '4\tthree\n'
  '5\tfour\n'
  '6\tfive\n'
  '1\tone\n'
  '2\ttwo\n'
  '3\tthree\n'
  '4\tfour\n'
  '5\tfive\n'
  '1\tone\n'
  '2\ttwo\n'
  '3\tthrx\n'
  '4\tx\n'
  '5\t\n'
  '6\tfour\n'
  '7\tfive\n'
  '7\n'
  '?\n',
  '',
  {}),
 (True,
  '1s/o/X/\n1s/X/%/\n2s/t/%/p\n2s/X/a%b/p\n2s/%/\\%/p\n',
  2,
  '24\nXwo\na%bwo\na%bwo\n?\n',
  '',
  {}),
 (False,
  '1s/o/X/\n1s/X/%/\n2s/t/%/p\n2s/X/a%b/p\n2s/%/\\%/p\n',
  2,
  '24\nXwo\na%bwo\na%bwo\n?\n',
  '',
  {}),
 (True,
  'H\ns/e/x\ns/f/z\nsp\ns x y \ns,i,j,p\ns/\\//x/\n',
  2,
  '24\n'
  'fivx\n'
  'zivx\n'
  '?\n'
  'No match\n'
  '?\n'
  'Invalid pattern delimiter\n'
  'zjvx\n'
  '?\n'
  'No match\n'
  '?\n'
  'Warning: buffer modified\n',
  '',
  {}),
 (False,
  'H\ns/e/x\ns/f/z\nsp\ns x y \ns,i,j,p\ns/\\//x/\n',
  1,
  '24\nfivx\nzivx\n?\nscript, line 4: No match\n',
  '',
  {}),
 (True,
  'H\ns/o/\\2/p\n1s/o/\\2/p\ns/\\(/x/\ns/[/x/\ns/a\\{1/x/\ns/\\1/x/\ns/a\\{2,1\\}/x/\n',
  2,
  '24\n'
  '?\n'
  'No match\n'
  '2ne\n'
  '?\n'
  'Unmatched ( or \\(\n'
  '?\n'
  'Unbalanced brackets ([])\n'
  '?\n'
  'Unmatched \\{\n'
  '?\n'
  'Invalid back reference\n'
  '?\n'
  'Invalid content of \\{\\}\n'
  '?\n'
  'Warning: buffer modified\n',
  '',
  {}),
 (False,
  'H\ns/o/\\2/p\n1s/o/\\2/p\ns/\\(/x/\ns/[/x/\ns/a\\{1/x/\ns/\\1/x/\ns/a\\{2,1\\}/x/\n',
  1,
  '24\n?\nscript, line 2: No match\n',
  '',
  {}),
 (True,
  'H\ns/\\{1\\}/x/\ns/[[:foo:]]/x/\ns/[b-a]/x/\ns/x\\\n/\ns/x/y/gg\ns/x/y/0\ns/x/y/3g\n',
  1,
  '24\n'
  '?\n'
  'Invalid preceding regular expression\n'
  '?\n'
  'Invalid character class name\n'
  '?\n'
  'Invalid range end\n'
  '?\n'
  'Trailing backslash (\\)\n'
  '?\n'
  'No previous pattern\n'
  '?\n'
  'Invalid command suffix\n'
  '?\n'
  'Invalid command suffix\n'
  '?\n'
  'Invalid command suffix\n',
  '',
  {}),
 (False,
  'H\ns/\\{1\\}/x/\ns/[[:foo:]]/x/\ns/[b-a]/x/\ns/x\\\n/\ns/x/y/gg\ns/x/y/0\ns/x/y/3g\n',
  1,
  '24\n?\nscript, line 2: Invalid preceding regular expression\n',
  '',
  {}),
 (True,
  'H\n,s/x*/-/g\n1s/o*/-/g\n1s/$/!/g\np\n1s/^/>/g\np\n3s/e*$/E/g\np\n',
  2,
  '24\n'
  '?\n'
  'Infinite substitution loop\n'
  '?\n'
  'Infinite substitution loop\n'
  'one!\n'
  '>one!\n'
  'thrE\n'
  '?\n'
  'Warning: buffer modified\n',
  '',
  {}),
 (False,
  'H\n,s/x*/-/g\n1s/o*/-/g\n1s/$/!/g\np\n1s/^/>/g\np\n3s/e*$/E/g\np\n',
  1,
  '24\n?\nscript, line 2: Infinite substitution loop\n',
  '',
  {}),
 (True,
  ',s/$/ aaa/\n1s/a/b/2\n2s/a/b/g\n3s/A/b/I\n4s/A/b/Ig\n,n\n1s/[^a-c]*/x/\np\n',
  2,
  '24\n1\tone aba\n2\ttwo bbb\n3\tthree baa\n4\tfour bbb\n5\tfive aaa\nxaba\n?\n',
  '',
  {}),
 (False,
  ',s/$/ aaa/\n1s/a/b/2\n2s/a/b/g\n3s/A/b/I\n4s/A/b/Ig\n,n\n1s/[^a-c]*/x/\np\n',
  2,
  '24\n1\tone aba\n2\ttwo bbb\n3\tthree baa\n4\tfour bbb\n5\tfive aaa\nxaba\n?\n',
  '',
  {}),
 (True,
  '1s/\\<./X/\np\n2s/.\\>/X/p\n3s/\\(th\\|re\\)*/X/p\n4s/ou\\?r/X/p\n5s/v\\+/W/p\n',
  2,
  '24\nXne\ntwX\nXe\nfX\nfiWe\n?\n',
  '',
  {}),
 (False,
  '1s/\\<./X/\np\n2s/.\\>/X/p\n3s/\\(th\\|re\\)*/X/p\n4s/ou\\?r/X/p\n5s/v\\+/W/p\n',
  2,
  '24\nXne\ntwX\nXe\nfX\nfiWe\n?\n',
  '',
  {}),
 (True,
  '1s/*/x/\nH\n1s/o*n/x/p\n2s/\\(*\\)/x/\n2s/[]t]/y/p\n2s/[^]y]/z/p\n2s/[[:alpha:]]$/!/p\n',
  2,
  '24\n?\nNo match\nxe\n?\nNo match\nywo\nyzo\nyz!\n?\nWarning: buffer modified\n',
  '',
  {}),
 (False,
  '1s/*/x/\nH\n1s/o*n/x/p\n2s/\\(*\\)/x/\n2s/[]t]/y/p\n2s/[^]y]/z/p\n2s/[[:alpha:]]$/!/p\n',
  1,
  '24\n?\n',
  '',
  {}),
 (True,
  'g/e/p\nv/e/n\ng/t/s//T/\n,n\ng/T/d\n,n\nu\n,n\nu\n,n\n',
  2,
  '24\n'
  'one\n'
  'three\n'
  'five\n'
  '2\ttwo\n'
  '4\tfour\n'
  '1\tone\n'
  '2\tTwo\n'
  '3\tThree\n'
  '4\tfour\n'
  '5\tfive\n'
  '1\tone\n'
  '2\tfour\n'
  '3\tfive\n'
  '1\tone\n'
  '2\tTwo\n'
  '3\tThree\n'
  '4\tfour\n'
  '5\tfive\n'
  '1\tone\n'
  '2\tfour\n'
  '3\tfive\n'
  '?\n',
  '',
  {}),
 (False,
  'g/e/p\nv/e/n\ng/t/s//T/\n,n\ng/T/d\n,n\nu\n,n\nu\n,n\n',
  2,
  '24\n'
  'one\n'
  'three\n'
  'five\n'
  '2\ttwo\n'
  '4\tfour\n'
  '1\tone\n'
  '2\tTwo\n'
  '3\tThree\n'
  '4\tfour\n'
  '5\tfive\n'
  '1\tone\n'
  '2\tfour\n'
  '3\tfive\n'
  '1\tone\n'
  '2\tTwo\n'
  '3\tThree\n'
  '4\tfour\n'
  '5\tfive\n'
  '1\tone\n'
  '2\tfour\n'
  '3\tfive\n'
  '?\n',
  '',
  {}),
 (True,
  'g/t/a\\\nX\\\nY\n,n\nu\n,n\ng/o/i\\\nI\n,n\n',
  2,
  '24\n'
  '1\tone\n'
  '2\ttwo\n'
  '3\tX\n'
  '4\tY\n'
  '5\tthree\n'
  '6\tX\n'
  '7\tY\n'
  '8\tfour\n'
  '9\tfive\n'
  '1\tone\n'
  '2\ttwo\n'
  '3\tthree\n'
  '4\tfour\n'
  '5\tfive\n'
  '1\tI\n'
  '2\tone\n'
  '3\tI\n'
  '4\ttwo\n'
  '5\tthree\n'
  '6\tI\n'
  '7\tfour\n'
  '8\tfive\n'
  '?\n',
  '',
  {}),
 (False,
  'g/t/a\\\nX\\\nY\n,n\nu\n,n\ng/o/i\\\nI\n,n\n',
  2,
  '24\n'
  '1\tone\n'
  '2\ttwo\n'
  '3\tX\n'
  '4\tY\n'
  '5\tthree\n'
  '6\tX\n'
  '7\tY\n'
  '8\tfour\n'
  '9\tfive\n'
  '1\tone\n'
  '2\ttwo\n'
  '3\tthree\n'
  '4\tfour\n'
  '5\tfive\n'
  '1\tI\n'
  '2\tone\n'
  '3\tI\n'
  '4\ttwo\n'
  '5\tthree\n'
  '6\tI\n'
  '7\tfour\n'
  '8\tfive\n'
  '?\n',
  '',
  {}),
 (True,
  'g/e/p\\\n=\ng/t/s/t/T/\\\ns/h/H/p\n,n\n',
  2,
  '24\none\n5\nthree\n5\nfive\n5\nTwo\nTHree\n1\tone\n2\tTwo\n3\tTHree\n4\tfour\n5\tfive\n?\n',
  '',
  {}),
 (False,
  'g/e/p\\\n=\ng/t/s/t/T/\\\ns/h/H/p\n,n\n',
  2,
  '24\none\n5\nthree\n5\nfive\n5\nTwo\nTHree\n1\tone\n2\tTwo\n3\tTHree\n4\tfour\n5\tfive\n?\n',
  '',
  {}),
 (True,
  'g/t/m0\n,n\ng/o/t$\n,n\n.=\n',
  2,
  '24\n'
  '1\tthree\n'
  '2\ttwo\n'
  '3\tone\n'
  '4\tfour\n'
  '5\tfive\n'
  '1\tthree\n'
  '2\ttwo\n'
  '3\tone\n'
  '4\tfour\n'
  '5\tfive\n'
  '6\ttwo\n'
  '7\tone\n'
  '8\tfour\n'
  '8\n'
  '?\n',
  '',
  {}),
 (False,
  'g/t/m0\n,n\ng/o/t$\n,n\n.=\n',
  2,
  '24\n'
  '1\tthree\n'
  '2\ttwo\n'
  '3\tone\n'
  '4\tfour\n'
  '5\tfive\n'
  '1\tthree\n'
  '2\ttwo\n'
  '3\tone\n'
  '4\tfour\n'
  '5\tfive\n'
  '6\ttwo\n'
  '7\tone\n'
  '8\tfour\n'
  '8\n'
  '?\n',
  '',
  {}),
 (True,
  'H\ng/o/g/x/p\ng/o/u\ng/zz/p\nv/./p\ng\ng/o\n,p\ng/e/+1d\n,n\n',
  2,
  '24\n'
  '?\n'
  'Cannot nest global commands\n'
  '?\n'
  'Nothing to undo\n'
  '?\n'
  'Invalid pattern delimiter\n'
  'one\n'
  'two\n'
  'four\n'
  'one\n'
  'two\n'
  'three\n'
  'four\n'
  'five\n'
  '?\n'
  'Invalid address\n'
  '1\tone\n'
  '2\tthree\n'
  '3\tfive\n'
  '?\n'
  'Warning: buffer modified\n',
  '',
  {}),
 (False,
  'H\ng/o/g/x/p\ng/o/u\ng/zz/p\nv/./p\ng\ng/o\n,p\ng/e/+1d\n,n\n',
  1,
  '24\n?\nscript, line 2: Cannot nest global commands\n',
  '',
  {}),
 (True,
  'g/./j\n,n\n1,3g/./.,+1j\n,n\ng/e/1p\n.=\n',
  2,
  '24\n'
  '?\n'
  '1\tonetwo\n'
  '2\tthreefour\n'
  '3\tfive\n'
  '?\n'
  '1\tonetwothreefour\n'
  '2\tfive\n'
  'onetwothreefour\n'
  'onetwothreefour\n'
  '1\n'
  '?\n',
  '',
  {}),
 (False, 'g/./j\n,n\n1,3g/./.,+1j\n,n\ng/e/1p\n.=\n', 1, '24\n?\n', '', {}),
 (True,
  'g/t/s/t/a\\\nb/\n,n\nu\n,n\n',
  0,
  '24\n'
  '1\tone\n'
  '2\ta\n'
  '3\tbwo\n'
  '4\ta\n'
  '5\tbhree\n'
  '6\tfour\n'
  '7\tfive\n'
  '1\tone\n'
  '2\ttwo\n'
  '3\tthree\n'
  '4\tfour\n'
  '5\tfive\n',
  '',
  {}),
 (False,
  'g/t/s/t/a\\\nb/\n,n\nu\n,n\n',
  0,
  '24\n'
  '1\tone\n'
  '2\ta\n'
  '3\tbwo\n'
  '4\ta\n'
  '5\tbhree\n'
  '6\tfour\n'
  '7\tfive\n'
  '1\tone\n'
  '2\ttwo\n'
  '3\tthree\n'
  '4\tfour\n'
  '5\tfive\n',
  '',
  {}),
 (True,
  "g/t/ka\\\n'ap\n1,3g/./+2\n.=\ng/t/c\\\nnew\n,n\n",
  2,
  '24\ntwo\nthree\nthree\nfour\nfive\n5\n1\tone\n2\tnew\n3\tnew\n4\tfour\n5\tfive\n?\n',
  '',
  {}),
 (False,
  "g/t/ka\\\n'ap\n1,3g/./+2\n.=\ng/t/c\\\nnew\n,n\n",
  2,
  '24\ntwo\nthree\nthree\nfour\nfive\n5\n1\tone\n2\tnew\n3\tnew\n4\tfour\n5\tfive\n?\n',
  '',
  {}),
 (True,
  'G/t/\np\n&\n\n,n\nG/t/\ns/./Q/\n\n&\n,n\n',
  2,
  '24\n'
  'two\n'
  'two\n'
  'three\n'
  'three\n'
  'four\n'
  '1\tone\n'
  '2\ttwo\n'
  '3\tthree\n'
  '4\tfour\n'
  '5\tfive\n'
  'two\n'
  'three\n'
  '?\n'
  '1\tone\n'
  '2\tQwo\n'
  '3\tthree\n'
  '4\tfour\n'
  '5\tfive\n'
  '?\n',
  '',
  {}),
 (False,
  'G/t/\np\n&\n\n,n\nG/t/\ns/./Q/\n\n&\n,n\n',
  1,
  '24\ntwo\ntwo\nthree\nthree\nfour\n1\tone\n2\ttwo\n3\tthree\n4\tfour\n5\tfive\ntwo\nthree\n?\n',
  '',
  {}),
 (True,
  'H\nG/t/\n&\nV/t/\np\n&\n&\nG/o/n\nd\n&\n\n,n\n',
  2,
  '24\n'
  'two\n'
  '?\n'
  'No previous command\n'
  'one\n'
  'one\n'
  'four\n'
  'four\n'
  'five\n'
  'five\n'
  '1\tone\n'
  '1\ttwo\n'
  '2\tfour\n'
  '2\tfour\n'
  '1\tthree\n'
  '2\tfour\n'
  '3\tfive\n'
  '?\n'
  'Warning: buffer modified\n',
  '',
  {}),
 (False,
  'H\nG/t/\n&\nV/t/\np\n&\n&\nG/o/n\nd\n&\n\n,n\n',
  1,
  '24\ntwo\n?\nscript, line 3: No previous command\n',
  '',
  {}),
 (True,
  'w g\nf\nr g\n,n\nw\n1W g\nf g\nr\n$=\n',
  2,
  '24\n'
  '24\n'
  'f\n'
  '24\n'
  '1\tone\n'
  '2\ttwo\n'
  '3\tthree\n'
  '4\tfour\n'
  '5\tfive\n'
  '6\tone\n'
  '7\ttwo\n'
  '8\tthree\n'
  '9\tfour\n'
  '10\tfive\n'
  '48\n'
  '4\n'
  'g\n'
  '28\n'
  '16\n'
  '?\n',
  '',
  {'f': b'one\ntwo\nthree\nfour\nfive\none\ntwo\nthree\nfour\nfive\n',
   'g': b'one\ntwo\nthree\nfour\nfive\none\n'}),
 (False,
  'w g\nf\nr g\n,n\nw\n1W g\nf g\nr\n$=\n',
  2,
  '24\n'
  '24\n'
  'f\n'
  '24\n'
  '1\tone\n'
  '2\ttwo\n'
  '3\tthree\n'
  '4\tfour\n'
  '5\tfive\n'
  '6\tone\n'
  '7\ttwo\n'
  '8\tthree\n'
  '9\tfour\n'
  '10\tfive\n'
  '48\n'
  '4\n'
  'g\n'
  '28\n'
  '16\n'
  '?\n',
  '',
  {'f': b'one\ntwo\nthree\nfour\nfive\none\ntwo\nthree\nfour\nfive\n',
   'g': b'one\ntwo\nthree\nfour\nfive\none\n'}),
 (True,
  'H\nr nope\nw nodir/x\ne nope\n,p\nf\n',
  1,
  '24\n'
  '?\n'
  'Cannot open input file\n'
  '?\n'
  'Cannot open output file\n'
  '?\n'
  'Cannot open input file\n'
  '?\n'
  'Invalid address\n'
  'nope\n',
  'nope: No such file or directory\n'
  'nodir/x: No such file or directory\n'
  'nope: No such file or directory\n',
  {}),
 (False,
  'H\nr nope\nw nodir/x\ne nope\n,p\nf\n',
  1,
  '24\n?\nscript, line 2: Cannot open input file\n',
  'nope: No such file or directory\n',
  {}),
 (True,
  'H\nd\ne f\ne f\n,p\nd\nq\nq\n',
  1,
  '24\n'
  '?\n'
  'Warning: buffer modified\n'
  '24\n'
  'one\n'
  'two\n'
  'three\n'
  'four\n'
  'five\n'
  '?\n'
  'Warning: buffer modified\n',
  '',
  {}),
 (False,
  'H\nd\ne f\ne f\n,p\nd\nq\nq\n',
  1,
  '24\n?\nscript, line 3: Warning: buffer modified\n',
  '',
  {}),
 (True, 'H\nd\nw g\nu\nq\n', 0, '24\n19\n', '', {'g': b'one\ntwo\nthree\nfour\n'}),
 (False, 'H\nd\nw g\nu\nq\n', 0, '24\n19\n', '', {'g': b'one\ntwo\nthree\nfour\n'}),
 (True, 'd\n1w g\nq\nQ\n', 1, '24\n4\n?\n', '', {'g': b'one\n'}),
 (False, 'd\n1w g\nq\nQ\n', 1, '24\n4\n?\n', '', {'g': b'one\n'}),
 (True, 'd\nwq g\n', 0, '24\n19\n', '', {'g': b'one\ntwo\nthree\nfour\n'}),
 (False, 'd\nwq g\n', 0, '24\n19\n', '', {'g': b'one\ntwo\nthree\nfour\n'}),
 (True,
  '1,2w g\nE g\n,n\nf\n1d\nE\n,n\n',
  0,
  '24\n8\n8\n1\tone\n2\ttwo\ng\n8\n1\tone\n2\ttwo\n',
  '',
  {'g': b'one\ntwo\n'}),
 (False,
  '1,2w g\nE g\n,n\nf\n1d\nE\n,n\n',
  0,
  '24\n8\n8\n1\tone\n2\ttwo\ng\n8\n1\tone\n2\ttwo\n',
  '',
  {'g': b'one\ntwo\n'}),
 (True,
  'e noend\n,n\nw g\nr noend\n,n\n',
  2,
  '24\nNewline appended\n4\n1\ta\n2\tb\n4\nNewline appended\n4\n1\ta\n2\tb\n3\ta\n4\tb\n?\n',
  '',
  {'g': b'a\nb\n'}),
 (False,
  'e noend\n,n\nw g\nr noend\n,n\n',
  2,
  '24\nNewline appended\n4\n1\ta\n2\tb\n4\nNewline appended\n4\n1\ta\n2\tb\n3\ta\n4\tb\n?\n',
  '',
  {'g': b'a\nb\n'}),
 (True,
  'e binary\n,l\nw g\nr binary\n,l\n',
  2,
  '24\n'
  '11\n'
  'a\\000b$\n'
  '\\377\\376$\n'
  'last$\n'
  '11\n'
  'Newline inserted\n'
  '11\n'
  'a\\000b$\n'
  '\\377\\376$\n'
  'last$\n'
  'a\\000b$\n'
  '\\377\\376$\n'
  'last$\n'
  '?\n',
  '',
  {'g': b'a\x00b\n\xff\xfe\nlast'}),
 (False,
  'e binary\n,l\nw g\nr binary\n,l\n',
  2,
  '24\n'
  '11\n'
  'a\\000b$\n'
  '\\377\\376$\n'
  'last$\n'
  '11\n'
  'Newline inserted\n'
  '11\n'
  'a\\000b$\n'
  '\\377\\376$\n'
  'last$\n'
  'a\\000b$\n'
  '\\377\\376$\n'
  'last$\n'
  '?\n',
  '',
  {'g': b'a\x00b\n\xff\xfe\nlast'}),
 (True, 'e empty\n,n\na\nx\n.\nw\n', 1, '24\n0\n?\n2\n', '', {'empty': b'x\n'}),
 (False, 'e empty\n,n\na\nx\n.\nw\n', 1, '24\n0\n?\n', '', {}),
 (True,
  '0r g\n.=\n2r f\n.=\n,n\n',
  2,
  '24\n'
  '12\n'
  '2\n'
  '24\n'
  '7\n'
  '1\tg one\n'
  '2\tg two\n'
  '3\tone\n'
  '4\ttwo\n'
  '5\tthree\n'
  '6\tfour\n'
  '7\tfive\n'
  '8\tone\n'
  '9\ttwo\n'
  '10\tthree\n'
  '11\tfour\n'
  '12\tfive\n'
  '?\n',
  '',
  {}),
 (False,
  '0r g\n.=\n2r f\n.=\n,n\n',
  2,
  '24\n'
  '12\n'
  '2\n'
  '24\n'
  '7\n'
  '1\tg one\n'
  '2\tg two\n'
  '3\tone\n'
  '4\ttwo\n'
  '5\tthree\n'
  '6\tfour\n'
  '7\tfive\n'
  '8\tone\n'
  '9\ttwo\n'
  '10\tthree\n'
  '11\tfour\n'
  '12\tfive\n'
  '?\n',
  '',
  {}),
 (True,
  'H\nx\n2y\nx\n,n\n1,2d\n$x\n,n\n1s/e/E/\nx\n,n\n',
  2,
  '24\n'
  '?\n'
  'Nothing to put\n'
  '1\tone\n'
  '2\ttwo\n'
  '3\tthree\n'
  '4\tfour\n'
  '5\tfive\n'
  '6\ttwo\n'
  '1\tthree\n'
  '2\tfour\n'
  '3\tfive\n'
  '4\ttwo\n'
  '5\tone\n'
  '6\ttwo\n'
  '1\tthrEe\n'
  '2\tthree\n'
  '3\tfour\n'
  '4\tfive\n'
  '5\ttwo\n'
  '6\tone\n'
  '7\ttwo\n'
  '?\n'
  'Warning: buffer modified\n',
  '',
  {}),
 (False,
  'H\nx\n2y\nx\n,n\n1,2d\n$x\n,n\n1s/e/E/\nx\n,n\n',
  1,
  '24\n?\nscript, line 2: Nothing to put\n',
  '',
  {}),
 (True,
  'H\nu\n1d\nu\n.=\nu\n.=\na\nX\n.\nu\n,n\n1,3d\na\n.\nu\n',
  2,
  '24\n'
  '?\n'
  'Nothing to undo\n'
  '5\n'
  '1\n'
  '1\ttwo\n'
  '2\tthree\n'
  '3\tfour\n'
  '4\tfive\n'
  '?\n'
  'Nothing to undo\n'
  '?\n'
  'Warning: buffer modified\n',
  '',
  {}),
 (False,
  'H\nu\n1d\nu\n.=\nu\n.=\na\nX\n.\nu\n,n\n1,3d\na\n.\nu\n',
  1,
  '24\n?\nscript, line 2: Nothing to undo\n',
  '',
  {}),
 (True,
  'H\nh\nzz\nh\nH\nh\n1q\n1h\nq 1\n1f\n1u\nE\n',
  1,
  '24\n?\nInvalid address\nInvalid address\nInvalid address\n?\n?\n?\n?\n?\n24\n',
  '',
  {}),
 (False,
  'H\nh\nzz\nh\nH\nh\n1q\n1h\nq 1\n1f\n1u\nE\n',
  1,
  '24\n?\nscript, line 3: Invalid address\n',
  '',
  {}),
 (True, 'P\np\nP\np\n# comment\n#\n1#x\n', 0, '24\n*five\n*five\n', '', {}),
 (False, 'P\np\nP\np\n# comment\n#\n1#x\n', 0, '24\n*five\n*five\n', '', {}),
 (True,
  'H\nc\nwith dot\n..\n.\n,n\n.\n',
  2,
  '24\n1\tone\n2\ttwo\n3\tthree\n4\tfour\n5\twith dot\n6\t..\n..\n?\nWarning: buffer modified\n',
  '',
  {}),
 (False,
  'H\nc\nwith dot\n..\n.\n,n\n.\n',
  2,
  '24\n'
  '1\tone\n'
  '2\ttwo\n'
  '3\tthree\n'
  '4\tfour\n'
  '5\twith dot\n'
  '6\t..\n'
  '..\n'
  '?\n'
  'script, line 7: Warning: buffer modified\n',
  '',
  {})]
# fmt: on
# The answers of GNU ed end.


def setUpModule():
    """Without the kernel there is no editor."""
    if ed is None:
        raise unittest.SkipTest("not on a ZPy machine")


def run(script, name, *, interactive=True, quiet=False, **options):
    """Runs a script; returns (status, stdout, stderr)."""
    lines = script.split("\n")
    last = lines.pop()
    if last:
        lines.append(last)
    lines.reverse()
    output, errors = [], []

    def readline(prompt):
        output.append(prompt)
        return lines.pop() if lines else None

    editor = ed.Editor(
        readline,
        output.append,
        lambda text: errors.append(text + "\n"),
        interactive=interactive,
        quiet=quiet,
        **options,
    )
    status = editor.load(name) if name else 0
    if interactive or not status:
        status = max(status, editor.run())
    return status, "".join(output), "".join(errors)


class Case(unittest.TestCase):
    """A directory with the files."""

    def setUp(self):
        self.home = os.getcwd()
        self.directory = tempfile.mkdtemp()
        os.chdir(self.directory)
        for name, data in FILES.items():
            self.put(name, data)

    def tearDown(self):
        os.chdir(self.home)
        shutil.rmtree(self.directory)

    def put(self, name, data):
        """Makes a file."""
        with open(name, "wb") as file:
            file.write(data)

    def get(self, name):
        """What is in a file."""
        with open(name, "rb") as file:
            return file.read()


class AsGnuEd(Case):
    """What was recorded."""

    def test_answers(self):
        self.assertGreater(len(ANSWERS), 100)
        for typed, script, status, out, err, changed in ANSWERS:
            with self.subTest(script=script, typed=typed):
                for name in os.listdir("."):
                    os.remove(name)
                for name, data in FILES.items():
                    self.put(name, data)
                found = run(script, "f", interactive=typed)
                self.assertEqual(found, (status, out, err))
                for name in set(FILES) | set(changed) | set(os.listdir(".")):
                    self.assertEqual(self.get(name), changed.get(name, FILES.get(name)))


class OurOwn(Case):
    """What is not as in GNU ed, or cannot be seen there."""

    def test_there_is_no_shell(self):
        for script in ("!ls\n", "r !ls\n", "w !cat\n", "e !ls\n"):
            status, out, err = run("H\n" + script, "f", quiet=True)
            self.assertEqual((status, out), (1, "?\nShell access restricted\n"))

    def test_no_file(self):
        self.assertEqual(run("a\nx\n.\nw new\nq\n", ""), (0, "2\n", ""))
        self.assertEqual(self.get("new"), b"x\n")
        self.assertEqual(run("q\n", "nope", quiet=True)[2], "nope: No such file or directory\n")

    def test_prompt(self):
        self.assertEqual(run("p\nq\n", "f", quiet=True, prompt=": ")[1], ": five\n: ")

    def test_interrupt(self):
        def readline(prompt):
            if len(output) < 3:
                raise KeyboardInterrupt
            return lines.pop() if lines else None

        lines = ["q", "h"]
        output = []
        editor = ed.Editor(readline, output.append, quiet=True)
        editor.load("f")
        self.assertEqual(editor.run(), 1)
        self.assertEqual("".join(output), "\n?\n\n?\nInterrupt\n")

    def test_a_word_in_a_line_by_word_boundaries(self):
        self.assertEqual(run("1s/\\<./X/g\np\nQ\n", "f", quiet=True)[1], "Xne\n")

    def test_many_lines(self):
        self.put("f", b"".join(b"line %d\n" % i for i in range(5000)))
        script = "g/0$/d\n$=\nv/9/s/line/x/\n1p\n1,$-1m$\n$p\nu\ng/^/m0\n1p\nQ\n"
        self.assertEqual(
            run(script, "f", quiet=True), (0, "4500\nx 1\nline 4998\nline 4999\n", "")
        )

    def test_bytes_stay_what_they_are(self):
        data = bytes(range(256)).replace(b"\n", b"") + b"\n\xff\n"
        self.put("f", data)
        self.assertEqual(run("1t0\n1d\nw\nq\n", "f", quiet=True)[0], 0)
        self.assertEqual(self.get("f"), data)


if __name__ == "__main__":
    unittest.main()
