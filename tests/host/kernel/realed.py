# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The host's own ed, and scripts for it and for ours; records what it gives to these.

    python tests/host/kernel/realed.py

writes its answers to SCRIPTS into tests/conformance/test_ed.py.  It needs GNU ed (package `ed`).
"""

import os
import pprint
import pty
import random
import shutil
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

ED = shutil.which("ed")
TEXT = "one\ntwo\nthree\nfour\nfive\n"
GOLDEN = Path(__file__).resolve().parents[2] / "conformance" / "test_ed.py"
BEGIN, END = "# The answers of GNU ed begin.\n", "# The answers of GNU ed end.\n"


def real(script, *, directory, options=("-s",), files=("f",)):
    """Runs a script through the host's ed as if it were typed: (status, stdout, stderr)."""
    master, slave = pty.openpty()
    try:
        attributes = termios.tcgetattr(slave)
        attributes[3] &= ~termios.ECHO
        termios.tcsetattr(slave, termios.TCSANOW, attributes)
        process = subprocess.Popen(
            [ED, *options, *files],
            stdin=slave,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=directory,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
        os.close(slave)
        # An end of input for each time that ed asks whether it may leave.
        os.write(master, script.encode() + b"\x04\x04\x04")
        out, err = process.communicate(timeout=20)
    finally:
        os.close(master)
    return process.returncode, *(b.decode("utf-8", "surrogateescape") for b in (out, err))


def script_run(script, *, directory, options=("-s",), files=("f",)):
    """The same with the script in a file: the first error ends it."""
    with tempfile.TemporaryFile() as file:
        file.write(script.encode())
        file.seek(0)
        done = subprocess.run(
            [ED, *options, *files],
            stdin=file,
            capture_output=True,
            cwd=directory,
            timeout=20,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


SCRIPTS = [
    # printing and addresses
    "p\n1p\n$p\n.p\n2,3p\n,n\n%l\n;p\n2;+1p\n",
    "1\n+\n\n-\n++\n--\n+2\n-2p\n2 1p\n$-1p\n.+1p\n^\n",
    "H\n99p\n0p\n2,1p\n-9p\n$+1p\n1,2,3p\n5,p\n,2p\n1,;p\n,,p\n",
    "H\n/t/\n//\n?o?\n??\n/zz/\n/t/,/f/p\n1;/t/;//p\n/T/Ip\n",
    "=\n.=\n1=\n1,3=\n$=p\n",
    "z2\n1z2\nz\nz\nH\nz\n1z1n\n",
    "pn\npln\n2lnp\nH\npp\np x\n2n3\n",
    "1l\ne long\n,l\n,nl\n",
    # append, insert, change, delete
    "a\nX\nY\n.\n,n\n0a\nZ\n.\n1,2p\n$i\nW\n.\n.=\n,p\n",
    "H\n0i\nA\n.\n0c\n2c\nB\nC\n.\n.=\n,n\n2,3d\n.=\n$d\n.=\n,d\n,p\n$=\n",
    "2a\n.\n.=\n3i\n.\n.=\n4c\n.\n.=\n,n\n",
    "1dp\n1dn\n2,3jl\n1m$p\n1t0n\nH\ndx\n",
    # join, move, copy, marks
    "1,3jp\n3jn\nH\n2j\nu\n,n\n1,2j\n.=\n",
    "1,2m4\n,n\n4m0\n,n\n.=\nH\n1,3m2\n1,3m1\n2m2\n.=\n",
    "1,2t$\n,n\n2t.\n.=\n3,4t0p\n,n\n",
    "H\n2ka\n'ap\n'bp\n1d\n'a=\n'ad\n'ap\nu\n'ap\nkA\nk\nkab\n'a,$p\n",
    "3ka\n2,4m0\n'ap\n'a=\n3s/t/T/\n'ap\nu\n'ap\n2,3j\n",
    # substitution
    "s/e/E/\n.p\n1,$s/e/E/gp\n,s/o/0/2\n,n\n",
    "H\ns/zz/x/\ns/o/x/\n1s/n/N/p\n2s/w/[&]/n\n2s/\\[/\\&\\/\\\\/l\n",
    "1s/\\(.\\)\\(.\\)/\\2\\1/p\n3s/e*$/X/p\n3s/\\(e\\)\\1/z/p\n4s/[aeiou]\\{2\\}/v/p\n",
    "1s/o/0/\n2s\np\n3s//Z/\nH\nsg\nsp\nsr\n",
    "2s/t/a\\\nb/\n,n\nu\n,n\n3s/e/x\\\n/g\n,n\n.=\n",
    "1s/o/X/\n1s/X/%/\n2s/t/%/p\n2s/X/a%b/p\n2s/%/\\%/p\n",
    "H\ns/e/x\ns/f/z\nsp\ns x y \ns,i,j,p\ns/\\//x/\n",
    "H\ns/o/\\2/p\n1s/o/\\2/p\ns/\\(/x/\ns/[/x/\ns/a\\{1/x/\ns/\\1/x/\ns/a\\{2,1\\}/x/\n",
    "H\ns/\\{1\\}/x/\ns/[[:foo:]]/x/\ns/[b-a]/x/\ns/x\\\n/\ns/x/y/gg\ns/x/y/0\ns/x/y/3g\n",
    "H\n,s/x*/-/g\n1s/o*/-/g\n1s/$/!/g\np\n1s/^/>/g\np\n3s/e*$/E/g\np\n",
    ",s/$/ aaa/\n1s/a/b/2\n2s/a/b/g\n3s/A/b/I\n4s/A/b/Ig\n,n\n1s/[^a-c]*/x/\np\n",
    "1s/\\<./X/\np\n2s/.\\>/X/p\n3s/\\(th\\|re\\)*/X/p\n4s/ou\\?r/X/p\n5s/v\\+/W/p\n",
    "1s/*/x/\nH\n1s/o*n/x/p\n2s/\\(*\\)/x/\n2s/[]t]/y/p\n2s/[^]y]/z/p\n2s/[[:alpha:]]$/!/p\n",
    # global commands
    "g/e/p\nv/e/n\ng/t/s//T/\n,n\ng/T/d\n,n\nu\n,n\nu\n,n\n",
    "g/t/a\\\nX\\\nY\n,n\nu\n,n\ng/o/i\\\nI\n,n\n",
    "g/e/p\\\n=\ng/t/s/t/T/\\\ns/h/H/p\n,n\n",
    "g/t/m0\n,n\ng/o/t$\n,n\n.=\n",
    "H\ng/o/g/x/p\ng/o/u\ng/zz/p\nv/./p\ng\ng/o\n,p\ng/e/+1d\n,n\n",
    "g/./j\n,n\n1,3g/./.,+1j\n,n\ng/e/1p\n.=\n",
    "g/t/s/t/a\\\nb/\n,n\nu\n,n\n",
    "g/t/ka\\\n'ap\n1,3g/./+2\n.=\ng/t/c\\\nnew\n,n\n",
    "G/t/\np\n&\n\n,n\nG/t/\ns/./Q/\n\n&\n,n\n",
    "H\nG/t/\n&\nV/t/\np\n&\n&\nG/o/n\nd\n&\n\n,n\n",
    # files
    "w g\nf\nr g\n,n\nw\n1W g\nf g\nr\n$=\n",
    "H\nr nope\nw nodir/x\ne nope\n,p\nf\n",
    "H\nd\ne f\ne f\n,p\nd\nq\nq\n",
    "H\nd\nw g\nu\nq\n",
    "d\n1w g\nq\nQ\n",
    "d\nwq g\n",
    "1,2w g\nE g\n,n\nf\n1d\nE\n,n\n",
    "e noend\n,n\nw g\nr noend\n,n\n",
    "e binary\n,l\nw g\nr binary\n,l\n",
    "e empty\n,n\na\nx\n.\nw\n",
    "0r g\n.=\n2r f\n.=\n,n\n",
    # the buffer of x and y
    "H\nx\n2y\nx\n,n\n1,2d\n$x\n,n\n1s/e/E/\nx\n,n\n",
    # undo
    "H\nu\n1d\nu\n.=\nu\n.=\na\nX\n.\nu\n,n\n1,3d\na\n.\nu\n",
    # the rest
    "H\nh\nzz\nh\nH\nh\n1q\n1h\nq 1\n1f\n1u\nE\n",
    "P\np\nP\np\n# comment\n#\n1#x\n",
    "H\nc\nwith dot\n..\n.\n,n\n.\n",
]
FILES = {
    "f": TEXT.encode(),
    "g": b"g one\ng two\n",
    "noend": b"a\nb",
    "empty": b"",
    "binary": b"a\0b\n\xff\xfe\nlast",
    "long": ("x" * 200 + "\nt\tb\\$\u00e9\x01\x7f\b\a\f\r\v\n" + "y" * 72 + "\n").encode(),
}


def prepare(directory):
    """The files that the scripts find."""
    for name, data in FILES.items():
        (Path(directory) / name).write_bytes(data)


def contents(directory):
    """What there is afterwards."""
    return {p.name: p.read_bytes() for p in Path(directory).iterdir() if p.is_file()}


# --- random scripts ------------------------------------------------------------------------

_WORDS = ["one", "two", "three", "foo", "bar", "baz", "a.b", "x*y", "[z]", "a/b", "$1", "&"]
_WORDS += ["\\", "hello", "é", "aaa", "abab", "ooo", "12", "", "tab\there"]
_PATTERNS = ["", "a", "o", "^", "$", "^.", "e*", "o\\{1,2\\}", "[aeiou]", "[^a-m]", "\\(.\\)\\1"]
_PATTERNS += ["\\(a\\)\\(b\\)*", "x\\*", "foo\\|bar", "b.*", "^$", ".*", "[[:alpha:]]*", "e\\+"]
_PATTERNS += ["t\\?", "*", "\\.", "[]x]", "a\\(b\\|$\\)", "zz", "\\(ab\\)*", "o$", "\\w", "h", "["]
_PATTERNS += ["\\(", "\\(a", "a\\{", "\\)", "A", "q", "oo*", "a*b*"]
_REPLACEMENTS = ["X", "", "&", "&&", "[&]", "\\1", "\\1-\\1", "%", "\\&", "a\\nb", "\\\\"]
_REPLACEMENTS += ["x\\\ny", "\\\n", "X&\\\n&Y", "-"]


class Scripts:
    """Makes scripts that try much of what ed knows, and much that it refuses."""

    def __init__(self, seed):
        self.rng = random.Random(seed)

    def pick(self, *choices):
        return self.rng.choice(choices)

    def text(self):
        """A line of text."""
        return " ".join(self.rng.choice(_WORDS) for _ in range(self.rng.randint(0, 4)))

    def file(self):
        """The text to begin with."""
        text = "".join(self.text() + "\n" for _ in range(self.rng.randint(0, 7)))
        return text[:-1] if self.rng.random() < 0.1 else text

    def address(self):
        kind = self.rng.random()
        if kind < 0.45:
            return str(self.rng.randint(0, 7))
        if kind < 0.65:
            return self.pick("$", ".")
        if kind < 0.77:
            mark = self.pick("/", "/", "?")
            return mark + self.rng.choice(_PATTERNS) + mark
        if kind < 0.85:
            return "'" + self.pick("a", "b", "z")
        if kind < 0.92:
            return self.pick("+", "-", "+2", "-2", "--", "++")
        return self.pick("$-1", "1+1", ".+1", "$ - 2", "2 1", ".-", "99", "^")

    def addresses(self):
        kind = self.rng.random()
        if kind < 0.35:
            return ""
        if kind < 0.7:
            return self.address()
        if kind < 0.93:
            return self.address() + self.pick(",", ",", ",", ";") + self.address()
        one, two, three = self.address(), self.address(), self.address()
        return self.pick(",", ";", "%", "," + one, one + ",", ";" + one, f"{one},{two},{three}")

    def suffix(self):
        return self.pick("", "", "", "p", "n", "l", "pn", "x", " ")

    def line(self, nested=False):
        """A command of one line."""
        letter = self.rng.choice("dddppnnlljjmmttkkkssssssss=xyuz")
        start = self.addresses()
        if letter == "z":
            return start + "z" + self.pick("", "1", "2", "3") + self.suffix()
        if letter in "mt":
            return start + letter + self.pick(self.address(), self.address(), "") + self.suffix()
        if letter == "k":
            return start + "k" + self.pick("a", "b", "z", "A")
        if letter != "s":
            return start + letter + self.suffix()
        if self.rng.random() < 0.2:
            return start + "s" + self.pick("", "g", "p", "2", "r", "gp", "rg")
        replacement = self.rng.choice(_REPLACEMENTS)
        if nested:
            replacement = replacement.replace("\n", "X")
        mark = self.pick("/", "/", "/", "/", "/", ",", "|")
        flags = self.pick("", "g", "p", "2", "gp", "gn", "I", "3p", "l", "x")
        end = self.pick(mark + flags, "", mark)
        return f"{start}s{mark}{self.rng.choice(_PATTERNS)}{mark}{replacement}{end}"

    def nested(self):
        """A command for the list of g."""
        if self.rng.random() < 0.8:
            return self.line(True)
        text = self.text().rstrip("\\")
        return self.pick(f"a\\\n{text}", f"i\\\n{text}\\\n.", f"c\\\n{text}", "", "u")

    def command(self):
        """A command with all its lines."""
        kind = self.rng.random()
        if kind < 0.55:
            return self.line() + "\n"
        if kind < 0.72:
            lines = "".join(self.text() + "\n" for _ in range(self.rng.randint(0, 3)))
            return f"{self.addresses()}{self.pick('a', 'i', 'c')}{self.suffix()}\n{lines}.\n"
        if kind < 0.86:
            body = [self.nested() for _ in range(self.pick(0, 1, 1, 1, 2, 3))]
            start = self.pick("", "", "1,3", ",", "2,$") + self.pick("g", "v")
            return f"{start}/{self.rng.choice(_PATTERNS)}/" + "\\\n".join(body) + "\n"
        if kind < 0.90:
            words = "w f1|w|r f1|r|W f1|w f2|e f1|E f1|f|f f2|e|E|r nofile|wq|wq f1|w nodir/x"
            return self.addresses() + self.rng.choice(words.split("|")) + "\n"
        if kind < 0.94:
            return self.pick("u", "u", "h", "H", "P", "q", "\n", "=", ".=", "#", "u", "+") + "\n"
        if kind < 0.96:
            start = self.pick("G", "V") + f"/{self.rng.choice(_PATTERNS)}/" + self.pick("", "n")
            answers = [
                self.pick(self.line(True).replace("\n", ""), "", "&", "\n"[:0]) for _ in range(6)
            ]
            return start + "\n" + "\n".join(answers) + "\n"
        odd = "".join(chr(self.rng.randint(33, 126)) for _ in range(self.rng.randint(1, 4)))
        return "".join("z" if char in "!wWreEf" else char for char in odd) + "\n"

    def script(self):
        """A whole script; at its end the text is shown and written to `out`."""
        body = "".join(self.command() for _ in range(self.rng.randint(1, 8)))
        return f"H\n{body}\n.\n,n\nw out\nQ\nQ\n"


# --- recording -----------------------------------------------------------------------------


def record():
    """The answers to SCRIPTS: (script, status, stdout, stderr, files that changed), two for each.

    The first as if typed, the second as a file.
    """
    answers = []
    for script in SCRIPTS:
        for run in (real, script_run):
            with tempfile.TemporaryDirectory() as directory:
                prepare(directory)
                status, out, err = run(script, directory=directory, options=())
                found = contents(directory)
            changed = {name: data for name, data in found.items() if FILES.get(name) != data}
            answers.append((run is real, script, status, out, err, changed))
    return answers


def main():
    """Writes the answers into the conformance test."""
    text = GOLDEN.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    answers = pprint.pformat(record(), width=98)
    text = f"{before}{BEGIN}# fmt: off\nANSWERS = {answers}\n# fmt: on\n{END}{after}"
    GOLDEN.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
