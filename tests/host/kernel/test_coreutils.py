# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The commands beside those of the host: the same lines, the same output, status and messages."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BASH = shutil.which("bash")
RUNNER = """
import sys
sys.path.insert(0, {kernel!r})
from sim import _vosal
sys.modules["_vosal"] = _vosal
from kernel import session, shell, streams
from kernel.terminal import Terminal
terminal = Terminal(lambda timeout: b"", lambda data: None, lambda: (80, 24))
own = streams.Streams(sys.stdin, sys.stdout, sys.stderr)
streams.install(own)
session.Session(terminal, streams=own)
shell.PATH[:] = [{bin!r}]
for line in sys.argv[1:]:
    own.stdout.write("$ " + line + "\\n")
    own.flush()
    status = shell.sh(line)
    own.stdout.write("[%d]\\n" % status)
    own.flush()
"""
LINES = """
cat a
cat a b/c
cat -n a noend a
cat nope a
cat b
cat a nope b > out; cat out
cat < a
cat - < a
cat empty
head a
head -n 2 a b/c
head -n 0 a
head -n -2 a
head -c 5 a
head -3 a
head -qn 1 a a
head -v -n 1 a
head -n x a
head nope a
tail a
tail -n 2 a
tail -n +2 a
tail -n 0 a
tail -n 100 a
tail -c 3 a
tail -c +3 a
cat a | tail -n 2
cat a | tail -c 4
cat a | head -n 1
tail noend
tail -n 1 noend
tail -n 3 big
tail -n 1500 big | wc
wc a
wc -l a noend
wc a nope
wc < a
cat a | wc -w
wc -m utf8
wc -c utf8 a
wc empty
wc -lw big
sort numbers
sort -n numbers
sort -rn numbers
sort -u a a
sort -k 2 table
sort -k 2 -n table
sort -t : -k 2 colons
sort -f mixed
sort nope
sort -o sorted a; cat sorted
sort -r a noend
grep o a
grep -n o a
grep -c o a noend
grep -v o a
grep -i ONE a
grep -l o a b/c noend
grep -L o a b/c noend
grep -E 'one|three' a
grep 'one\\|three' a
grep -F '.*' special
grep '\\.\\*' special
grep -w on a
grep -w one a
grep -x one a
grep -o 'e' a
grep -q o a
grep -q zz a
grep zz a
grep o nope a
grep -s o nope
grep -r one b
grep -rn o b a
grep -h o a b/c
grep -m 2 e a
grep -m 1 -n e a noend
grep -e -x special
grep '^$' gaps
grep -nv . gaps
grep -E '(' a
grep 'a\\{1' a
grep -o 'h[a-z]*' a
grep -on '[aeiou]' a
grep -c '' empty a
grep 'a\\(b\\)\\1' special
cat a | grep -n two
grep o b
grep x binary
grep -c x binary
tee out1 out2 < a; cat out1 out2
tee -a out1 < a; cat out1
tee b/nope/x < a
diff a a
diff a b/c
diff -u a b/c | tail -n +3
diff a noend
diff noend a
diff -q a noend
diff a nope
diff a empty
diff -i mixed mixed2
diff a b
cp a copy; cat copy
cp a b/c b; ls b
cp nope x
cp a a
cp a b; cp a b/a
cp b b2
cp -r b b2; find b2 | sort
cp -r a b2; ls b2
cp a noend nodir
cp a nodir/x
cp b a
cp -r b a
cp -v a v
cp a b2/c; cat b2/c
cp -r nope b x; ls x
cp
cp a
mv copy moved; cat moved
mv nope x
mv moved b; ls b
mv b b/x
mv a a
mv -n a noend; cat noend
mv a noend nodir
mv b2 b; ls b b/b2
mv b/b2 .; mkdir -p b/b2/q; mv b2 b
mv a b/b2; mv b/b2/a .
mv b a
mv -v v v2
rm v2; ls v2
rm nope
rm -f nope
rm b
rm -r b2; ls
rm -r .
rm -r ..
rm -rf ./.. b/..
rm -r /
rm
rm -f
rm -rv b/b2
rm -d b
mkdir new; ls -d new
mkdir new
mkdir new/a/b
mkdir -p new/a/b; ls -R new
mkdir -p a/x
mkdir a/x
mkdir -v n1 n2
rmdir n1; ls
rmdir new
rmdir nope
rmdir a
rmdir -p new/a/b; ls -d new
touch t; ls t
touch -c nope; ls nope
touch nodir/x
touch -d '2020-02-03 04:05:06' t; date -r t 2> nul; find t -newer a
touch -r a t; find t -newer a
find . | sort
find b -type f | sort
find b -type d | sort
find . -name '*o*' | sort
find . -name 'a' -o -name 'c' | sort
find . ! -name '*e*' -type f | sort
find . -size +1k | sort
find . -size -1 | sort
find . -size 14c | sort
find . -empty | sort
find . -maxdepth 1 -type d | sort
find . -mindepth 2 | sort
find . -iname 'A' | sort
find . -path './b/*' | sort
find . '(' -name a -o -name c ')' -print | sort
find nope
find a -name a
find . -name t -delete; ls t
find b -exec echo '{}' found ';' | sort
mkdir -p gone/x/y; touch gone/x/f; find gone -delete; ls gone
ls
ls -a
ls -A
ls b
ls b a nope
ls -1 a b
ls -r
ls -S sizes
ls -Sr sizes
ls -d b
ls -R b
ls -R
ls nope
ls a nope
ls | wc -l
ls b/nope
ls a/x
ls -l sizes | wc -l
du -s b/c | wc -l
du nope
hexdump -C a
hexdump a
hexdump -C -n 4 a
hexdump -C -s 3 -n 6 a
hexdump -C zeros
hexdump empty
sha256sum a noend > sums; cat sums
sha256sum -c sums
sha256sum nope
echo x > noend; sha256sum -c sums
cat a | sha256sum
sha256sum -c a
date -u -d @0 +%Y-%m-%dT%H:%M:%S
date -u -d '2024-02-29 12:00:00' '+%a %d %b %Y %H'
date -u -d @86399 -I
date -u -R -d @1000000000
date -u -d @1000000000
echo a b 'c  d'
echo -n x; echo
echo -- -n
true
false
sleep 0
sleep
sleep x
env A=1 B=2 | grep -c '^[AB]='
env A=1 echo done
cat a | sort | head -n 1
cat a | grep e | wc -l
cat big | head -n 1
cat nope | wc -l
""".strip().split("\n")
# What has to be said by both but is not said in the same words by GNU.
OWN_WORDS = re.compile(
    r"^(find: cannot|usage: |Try |.*invalid |.*missing |diff: |hexdump: |sort: |\s*or: )"
)
# The first line of a message of GNU ends here: the rest is advice.
QUOTES = str.maketrans("‘’", "''")
IGNORED = re.compile(
    r"^rm: use --no-preserve-root|^Try '.*--help' for more information\.$|^usage|^Try '.* --help'"
)


def prepare(directory):
    """Files for the lines."""
    files = {
        "a": "one\ntwo\nthree\nfour\nfive\n",
        "noend": "first\nlast",
        "empty": "",
        "utf8": "é日本\nx\n",
        "big": "".join(f"line number {i} of many\n" for i in range(3000)),
        "numbers": "10\n9\n-1\n100\n1.5\n\nx\n",
        "table": "c 3\na 10\nb 2\n",
        "colons": "x:b\ny:a\n",
        "mixed": "b\nA\na\nB\n",
        "mixed2": "B\na\nA\nb\n",
        "special": ".*\nab\nabb\n-x\n",
        "gaps": "a\n\nb\n\n",
        "zeros": "\0" * 70 + "x",
        "binary": "x\0y\n",
        "b/c": "other one\ntwo\n",
        "b/sub/d": "deep\n",
        ".hidden": "",
        "sizes/s1": "1",
        "sizes/s2": "22",
        "sizes/s3": "333",
    }
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for path in directory.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))


def parts(done):
    """(line, output, status) of each line."""
    found = []
    for text in done.split("$ ")[1:]:
        line, _, rest = text.partition("\n")
        output, _, status = rest.rpartition("[")
        found.append((line, output, int(status.partition("]")[0])))
    return found


def ours(directory, script):
    """Runs the lines through the shell."""
    done = subprocess.run(
        [sys.executable, "-c", script, *LINES],
        cwd=directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        env={**os.environ, "TZ": "UTC", "PYTHONUTF8": "1"},
    )
    return parts(done.stdout.decode("utf-8", "replace"))


def theirs(directory):
    """Runs them through bash."""
    script = "".join(
        f"printf '%s\\n' {quote('$ ' + line)}\n{line}\necho \"[$?]\"\n" for line in LINES
    )
    done = subprocess.run(
        [BASH, "-c", script],
        cwd=directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        timeout=120,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"},
    )
    return parts(done.stdout.decode("utf-8", "replace"))


def quote(text):
    return "'" + text.replace("'", "'\\''") + "'"


def plain(output):
    """The output without what is only said differently."""
    lines = []
    for line in output.split("\n"):
        if IGNORED.match(line):
            continue
        line = re.sub(r"^bash: line \d+: ", "sh: ", line)
        lines.append("(own words)" if OWN_WORDS.match(line) else line.translate(QUOTES))
    return "\n".join(lines)


@pytest.mark.skipif(
    BASH is None or not shutil.which("hexdump"), reason="no bash and coreutils on this host"
)
def test_lines(tmp_path):
    script = RUNNER.format(kernel=str(ROOT / "kernel_py"), bin=str(ROOT / "kernel_py" / "bin"))
    results = []
    for name in ("ours", "theirs"):
        directory = tmp_path / name
        directory.mkdir()
        prepare(directory)
        results.append(ours(directory, script) if name == "ours" else theirs(directory))
    assert [line for line, *_ in results[0]] == LINES
    different = []
    for (line, *mine), (_, *other) in zip(*results, strict=True):
        mine, other = (plain(mine[0]), mine[1]), (plain(other[0]), other[1])
        if "(own words)" in mine[0] and mine[1] and other[1]:
            mine = mine[0], other[1]  # usage errors: 2 for all commands of ours
        if mine != other:
            different.append(
                f"$ {line}\n--- ours\n{mine[0]}[{mine[1]}]\n--- GNU\n{other[0]}[{other[1]}]"
            )
    assert not different, f"{len(different)} of {len(LINES)}\n" + "\n".join(different)
