# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The commands of /bin, run by the shell: what they print, their messages, their exit status."""

import _io
import os
import shutil
import sys
import tempfile
import threading
import time
import unittest

try:
    import _vosal

    from kernel import command, shell, streams
except ImportError:
    shell = None

# Where the commands are when the machine has no /bin of its own.
SOURCES = ""
# They take any word, or have a language of their own.
FREE = {"echo", "true", "false", "find"}
# Here -h is "human", or a part of what the command looks for; --help tells.
HUMAN = {"ls", "df", "du", "free"}


def setUpModule():
    """Without the kernel there are no commands."""
    global SOURCES
    if shell is None:
        raise unittest.SkipTest("not on a ZPy machine")
    if not os.path.isfile("/bin/ls.py"):
        import kernel

        SOURCES = os.path.join(os.path.dirname(os.path.dirname(kernel.__file__)), "bin")
        shell.PATH[:] = [SOURCES]


def tearDownModule():
    """The machine as before."""
    if shell is not None and SOURCES in shell.PATH:
        shell.PATH[:] = ["/bin"]


class Case(unittest.TestCase):
    """A directory with some files."""

    def setUp(self):
        self.home = os.getcwd()
        self.directory = os.path.realpath(tempfile.mkdtemp())
        os.chdir(self.directory)
        self.put("a", "one\ntwo\nthree\n")
        os.mkdir("d")
        self.put("d/b", "deep\n")

    def tearDown(self):
        os.chdir(self.home)
        shutil.rmtree(self.directory)

    def put(self, name, data):
        """Makes a file."""
        if isinstance(data, str):
            data = data.encode()
        with open(name, "wb") as file:
            file.write(data)

    def get(self, name):
        """What is in a file."""
        with open(name, "rb") as file:
            return file.read().decode()

    def sh(self, line, stdin=""):
        """Runs a line; returns (status, stdout, stderr)."""
        return self.captured(lambda: shell.sh(line), stdin)

    def captured(self, call, stdin=""):
        """Calls something; returns (status, stdout, stderr)."""
        if isinstance(stdin, str):
            stdin = stdin.encode()
        out, err = _io.BytesIO(), _io.BytesIO()
        own = streams.Streams(
            streams.text(_io.BufferedReader(_io.BytesIO(stdin)), "r"),
            streams.text(out, "w"),
            streams.text(err, "w"),
        )
        token = streams.current.set(own)
        try:
            status = call()
            own.flush()
        finally:
            streams.current.reset(token)
        return int(status), *(b.getvalue().decode("utf-8", "replace") for b in (out, err))

    def assertOutput(self, line, expected, **options):
        """The line does well and prints this."""
        self.assertEqual(self.sh(line, **options), (0, expected, ""), line)

    def assertFails(self, line, message, status=1, output=""):
        """The line fails with this message."""
        self.assertEqual(self.sh(line), (status, output, message + "\n"), line)

    def assertUsage(self, line, message):
        """The line means nothing."""
        status, out, err = self.sh(line)
        self.assertEqual((status, out, err.split("\n")[0]), (2, "", message), line)
        self.assertIn("\nusage: ", err)


class All(Case):
    """What is the same for each command."""

    def test_each_has_a_manual(self):
        self.assertGreater(len(shell.commands()), 40)
        for name in shell.commands():
            with self.subTest(name):
                manual = command.manual_of(shell.find(name))
                first, empty, *_ = manual.split("\n")
                self.assertTrue(first.endswith(".") and not empty, first)
                self.assertEqual(command.name_of(manual), name)
                self.assertLess(max(map(len, manual.split("\n"))), 100)
                self.assertOutput(f"{name} --help", manual + "\n")
                if name not in HUMAN:
                    self.assertOutput(f"{name} -h", manual + "\n")
                self.assertOutput(f"man {name}", manual + "\n")

    def test_each_takes_the_options_of_its_manual_alone(self):
        for name in shell.commands():
            if name in FREE:
                continue
            with self.subTest(name):
                self.assertUsage(f"{name} --nonsense", f"{name}: unrecognized option '--nonsense'")
                self.assertUsage(f"{name} -@", f"{name}: invalid option -- '@'")

    def test_the_parser(self):
        doc = "x.\n\nusage: x [OPTION ...]\n\n  -a, --all  a\n  -n, --num N  n\n  --only  o\n"
        parse = command.Command
        cmd = parse(doc, ["-an5", "q", "--only", "-"])
        self.assertEqual((cmd["a"], cmd["n"], cmd["only"]), (True, "5", True))
        self.assertEqual(cmd.operands, ["q", "-"])
        self.assertEqual(parse(doc, ["--num=7"])["n"], "7")
        self.assertEqual(parse(doc, ["--nu", "7"])["num"], "7")
        self.assertEqual(parse(doc, ["-n", "-a"])["n"], "-a")
        cmd = parse(doc, ["--", "-a"])
        self.assertEqual((cmd["a"], cmd["n"], cmd.operands), (False, None, ["-a"]))
        self.assertEqual(parse(doc, ["q", "-a"], first=True).operands, ["q", "-a"])
        self.assertEqual(parse(doc, ["-a", "-n1"]).last_of("a", "n"), "n")
        self.assertEqual(parse(doc, ["-n1", "--all"]).last_of("a", "n"), "a")
        self.assertEqual(parse(doc, ["-n", "2k"]).number("n"), 2048)
        for words in (["-n"], ["--num"], ["--all=1"], ["-x"], ["--x"]):
            with self.assertRaises(command.UsageError):
                parse(doc, words)
        with self.assertRaises(command.UsageError):
            parse(doc, ["-n", "x"]).number("n")

    def test_a_nul_is_in_no_argument(self):
        status, out, err = self.captured(lambda: shell.run(shell.find("cat"), "a\0b"))
        self.assertEqual((status, out), (2, ""))
        self.assertTrue(err.startswith("cat: argument with a NUL character: 'a\\x00b'\nusage: "))
        self.assertFails("cat a\0b", "sh: a NUL character in the line", 2)
        self.assertFails("cat > a\0b", "sh: a NUL character in the line", 2)

    def test_sizes(self):
        for size, text in (
            (0, "0"),
            (999, "999"),
            (1023, "1023"),
            (1024, "1.0K"),
            (1025, "1.1K"),
            (1536, "1.5K"),
            (10 * 1024 - 1, "10K"),
            (10 * 1024 + 1, "11K"),
            (1024 * 1023 + 1, "1.0M"),
            (5 << 30, "5.0G"),
        ):
            self.assertEqual(command.human(size), text)


class Reading(Case):
    """What shows files."""

    def test_cat(self):
        self.assertOutput("cat a d/b", "one\ntwo\nthree\ndeep\n")
        self.assertOutput("cat -n a", "     1\tone\n     2\ttwo\n     3\tthree\n")
        self.assertOutput("cat", "typed\n", stdin="typed\n")
        self.assertOutput("cat d/b - a", "deep\nx\none\ntwo\nthree\n", stdin="x\n")
        self.assertFails("cat /nope", "cat: /nope: No such file or directory")
        self.assertFails("cat d", "cat: d: Is a directory")
        self.assertFails(
            "cat nope d a d/b/c",
            "cat: nope: No such file or directory\ncat: d: Is a directory\n"
            "cat: d/b/c: Not a directory",
            output="one\ntwo\nthree\n",
        )
        self.assertFails(f"cat {'x' * 300}", f"cat: {'x' * 300}: File name too long")

    def test_below_a_device(self):
        for name in ("/dev/zero/x", "/dev/null/x/y", "/dev/console/x", "/proc/meminfo/x"):
            self.assertFails(f"cat {name}", f"cat: {name}: Not a directory")
        self.assertFails("cat /dev/x", "cat: /dev/x: No such file or directory")

    def test_bytes_that_are_no_text(self):
        data = bytes(range(256)) * 3
        self.put("bin", data)
        self.assertEqual(self.sh("cat bin > copy; cat < copy | cat > copy2")[0], 0)
        with open("copy2", "rb") as file:
            self.assertEqual(file.read(), data)

    def test_more_than_fits_at_once(self):
        with open("big", "wb") as file:
            for start in range(0, 300_000, 1000):
                file.write(b"".join(b"%d\n" % i for i in range(start, start + 1000)))
        self.assertOutput("wc -l big", "300000 big\n")
        self.assertOutput("head -n 2 big", "0\n1\n")
        self.assertOutput("tail -n 2 big", "299998\n299999\n")
        self.assertOutput("cat big | tail -n 1", "299999\n")
        self.assertOutput("cat big | head -n 1", "0\n")
        self.assertOutput("tail -n +299999 big", "299998\n299999\n")
        self.assertOutput("cp big copy; cat copy | wc -c", f"{os.path.getsize('big')}\n")
        self.assertOutput(
            "sha256sum < big; sha256sum < copy | sort -u | wc -l",
            self.sh("sha256sum < big")[1] + "1\n",
        )

    def test_what_flows_through_is_not_kept(self):
        if not _vosal.ZEPHYR_VERSION:
            self.skipTest("the memory of the host's process says nothing")
        size, allowed = 4 << 20, 2 << 20
        if not getattr(sys, "_is_gil_enabled", lambda: True)():
            size = allowed = 16 << 20  # each command's thread has memory of its own
        self.put(
            "flow.py",
            f"import sys\nfor _ in range({size >> 12}):\n"
            "    sys.stdout.buffer.write((b'x' * 1023 + b'\\n') * 4)\n",
        )
        most = 0
        ended = threading.Event()

        def watch():
            nonlocal most
            while not ended.wait(0.01):
                most = max(most, _vosal.heap_info()[1])

        self.sh("cat a | wc; grep x a; tail a; sha256sum a; hexdump a; tee x < a")  # imports
        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            for line, expected in (
                ("./flow.py | cat | wc -c", f"{size}\n"),
                ("./flow.py | grep -c zzz", "0\n"),
                ("./flow.py | tail -c 6", "xxxxx\n"),
                ("./flow.py | sha256sum | wc -c", "68\n"),
                ("./flow.py | cat -n | head -n 1", f"     1\t{'x' * 1023}\n"),
            ):
                most = before = _vosal.heap_info()[1]
                self.assertEqual(self.sh(line)[1], expected)
                self.assertLess(most - before, allowed, line)
        finally:
            ended.set()
            watcher.join()

    def test_head_and_tail(self):
        self.assertOutput("head -n 1 a", "one\n")
        self.assertOutput("head -1 a", "one\n")
        self.assertOutput("head -c 5 a", "one\nt")
        self.assertOutput("head -n -1 a", "one\ntwo\n")
        self.assertOutput("tail -n 1 a", "three\n")
        self.assertOutput("tail -c 4 a", "ree\n")
        self.assertOutput("tail -n +2 a", "two\nthree\n")
        self.assertOutput("head -n 1 a d/b", "==> a <==\none\n\n==> d/b <==\ndeep\n")
        message = "cannot open 'nope' for reading: No such file or directory"
        self.assertFails("head nope", f"head: {message}")
        self.assertFails("tail nope", f"tail: {message}")
        self.assertUsage("head -n x a", "head: invalid number: 'x'")

    def test_wc(self):
        self.assertOutput("wc a", " 3  3 14 a\n")
        self.assertOutput("wc -l a d/b", " 3 a\n 1 d/b\n 4 total\n")
        self.assertOutput("cat a | wc -l", "3\n")
        self.put("u", "日本 é\n")
        self.assertOutput("wc -m u", "5 u\n")
        self.assertFails("wc nope", "wc: nope: No such file or directory")

    def test_grep(self):
        self.assertOutput("grep t a", "two\nthree\n")
        self.assertOutput("ls | grep d | wc -l", "1\n")
        self.assertOutput("grep -n 'e$' a d/b", "a:1:one\na:3:three\n")
        self.assertOutput("grep -c o a", "2\n")
        self.assertOutput("grep -E '^(one|two)$' a", "one\ntwo\n")
        self.assertOutput(r"grep '\(e\)\1' a", "three\n")
        self.assertOutput("grep -rl deep", "d/b\n")
        self.assertOutput("grep -vi ONE a", "two\nthree\n")
        self.assertEqual(self.sh("grep zz a"), (1, "", ""))
        self.assertEqual(self.sh("grep -q one a"), (0, "", ""))
        self.assertFails("grep x nope", "grep: nope: No such file or directory", 2)
        self.assertFails("grep x d", "grep: d: Is a directory", 2)
        self.assertFails(r"grep '\(' a", r"grep: Unmatched ( or \(", 2)
        self.assertUsage("grep", "grep: a pattern is missing")
        self.put("bin", b"x\0y\n")
        self.assertOutput("grep x bin", "grep: bin: binary file matches\n")

    def test_hexdump(self):
        self.put("h", bytes(range(40)) + bytes(64))
        self.assertOutput(
            "hexdump -C h",
            "00000000  00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f  |................|\n"
            "00000010  10 11 12 13 14 15 16 17  18 19 1a 1b 1c 1d 1e 1f  |................|\n"
            "00000020  20 21 22 23 24 25 26 27  00 00 00 00 00 00 00 00  | !\"#$%&'........|\n"
            "00000030  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n"
            "*\n"
            "00000060  00 00 00 00 00 00 00 00                           |........|\n"
            "00000068\n",
        )
        self.assertOutput("echo ab | hexdump", "0000000 6261 000a" + " " * 30 + "\n0000003\n")
        self.assertFails("hexdump nope", "hexdump: nope: No such file or directory")

    def test_sha256sum(self):
        digest = "b6285c57e8797db5d4c51c80d6f11938afda9b11c6a003549709189e9b4b92a2"
        self.assertOutput("sha256sum a", f"{digest}  a\n")
        self.assertOutput("sha256sum a > s; sha256sum -c s", "a: OK\n")
        self.put("a", "other")
        self.assertFails(
            "sha256sum -c s",
            "sha256sum: WARNING: 1 computed checksum did NOT match",
            output="a: FAILED\n",
        )
        self.assertFails("sha256sum nope", "sha256sum: nope: No such file or directory")

    def test_sort_tee_diff(self):
        self.assertOutput("sort a", "one\nthree\ntwo\n")
        self.assertOutput("sort -r a | head -n 1", "two\n")
        self.assertFails("sort nope", "sort: nope: No such file or directory", 2)
        self.assertOutput("cat d/b | tee t1 t2; cat t1 t2", "deep\n" * 3)
        self.assertFails(
            "tee nope/x < d/b", "tee: nope/x: No such file or directory", output="deep\n"
        )
        self.put("b", "one\n2\nthree\n")
        self.assertEqual(self.sh("diff a b"), (1, "2c2\n< two\n---\n> 2\n", ""))
        self.assertOutput("diff a a", "")
        self.assertEqual(
            self.sh("diff -u a b")[1], "--- a\n+++ b\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"
        )
        self.assertFails("diff a nope", "diff: nope: No such file or directory", 2)
        self.assertFails("diff d nope", "diff: nope: No such file or directory", 2)
        self.assertFails("diff a d", "diff: d/a: No such file or directory", 2)
        self.assertFails("diff d .", "diff: d: Is a directory", 2)
        self.assertOutput("diff d/b d", "")


class Directories(Case):
    """What lists and finds."""

    def test_ls(self):
        self.assertOutput("ls", "a\nd\n")
        self.assertOutput("ls -C", "a  d\n")
        self.assertOutput("ls d a", "a\n\nd:\nb\n")
        self.put(".hidden", "")
        self.assertOutput("ls -A", ".hidden\na\nd\n")
        self.assertOutput("ls -a", ".\n..\n.hidden\na\nd\n")
        self.assertOutput("ls -d d", "d\n")
        self.assertOutput("ls -R", ".:\na\nd\n\n./d:\nb\n")
        self.assertOutput("ls -r", "d\na\n")
        self.assertFails("ls nope", "ls: cannot access 'nope': No such file or directory", 2)
        self.assertFails(
            "ls a nope", "ls: cannot access 'nope': No such file or directory", 2, "a\n"
        )
        self.assertFails("ls a/x", "ls: cannot access 'a/x': Not a directory", 2)

    def test_ls_long(self):
        os.utime("a", (0, 1_000_000_000))
        status, out, err = self.sh("ls -l")
        total, *lines = out.splitlines()
        self.assertEqual((status, err, total.split()[0], len(lines)), (0, "", "total", 2))
        self.assertRegex(lines[0], r"^-rw-r--r-- +1 root root +14 Sep  9  2001 a$")
        self.assertRegex(lines[1], r"^drwxr-xr-x +\d+ root root +\d+ \w{3} [ \d]\d \d\d:\d\d d$")
        self.put("big", bytes(5000))
        self.assertIn(" 4.9K ", self.sh("ls -lh big")[1])

    def test_ls_sorts(self):
        for number, name in enumerate("xyz"):
            self.put(f"d/{name}", bytes(number + 10))
            os.utime(f"d/{name}", (0, 1_000_000_000 - number))
        os.remove("d/b")
        self.assertOutput("ls -S d", "z\ny\nx\n")
        self.assertOutput("ls -Sr d", "x\ny\nz\n")
        self.assertOutput("ls -t d", "x\ny\nz\n")
        self.assertOutput("ls -tr d", "z\ny\nx\n")

    def test_ls_of_many(self):
        os.mkdir("many")
        for number in range(500):
            self.put(f"many/f{number:03}", "")
        lines = self.sh("ls -C many")[1].splitlines()
        self.assertEqual(len(lines), -(-500 // 13))
        self.assertLessEqual(max(map(len, lines)), 80)
        self.assertEqual(lines[0].split()[:2], ["f000", "f039"])
        self.assertOutput("ls many | wc -l", "500\n")

    def test_find(self):
        self.assertOutput("find", ".\n./a\n./d\n./d/b\n")
        self.assertOutput("find d -type f", "d/b\n")
        self.assertOutput("find . -name '[ab]' -size -10c", "./d/b\n")
        self.assertOutput("find . '(' -name a -o -name b ')' ! -path './d/*'", "./a\n")
        self.assertOutput("find . -type f -exec cat '{}' ';'", "one\ntwo\nthree\ndeep\n")
        self.assertOutput("find . -maxdepth 1 -type d", ".\n./d\n")
        self.assertOutput("find d -delete; ls", "a\n")
        self.assertFails("find nope", "find: 'nope': No such file or directory")
        self.assertUsage("find -nope", "find: unknown test '-nope'")
        self.assertUsage("find -name", "find: missing argument to '-name'")
        self.assertUsage("find '(' -name a", "find: missing argument to '('")

    def test_du(self):
        self.put("d/big", bytes(100_000))
        status, out, err = self.sh("du -s d")
        self.assertRegex(out, r"^\d+\td\n$")
        self.assertGreaterEqual(int(out.split()[0]), 97)
        self.assertRegex(self.sh("du -h")[1], r"^[\d.]+K?\t\./d\n[\d.]+K?\t\.\n$")
        self.assertFails("du nope", "du: cannot access 'nope': No such file or directory")

    def test_pwd_and_cd(self):
        self.assertOutput("pwd", self.directory + "\n")
        self.assertOutput("cd d && pwd; cd ..; pwd", f"{self.directory}/d\n{self.directory}\n")
        self.assertFails("cd nope", "cd: nope: No such file or directory")
        self.assertFails("cd a", "cd: a: Not a directory")
        self.assertUsage("cd a b", "cd: extra operand 'b'")
        self.assertOutput("cd; cd ../../..; pwd", "/\n")
        os.chdir(self.directory)


class Changing(Case):
    """What makes, moves and removes."""

    def test_cp(self):
        self.assertOutput("cp a c; cat c", "one\ntwo\nthree\n")
        self.assertOutput("cp a c d; ls d", "a\nb\nc\n")
        self.assertOutput("cp -v a e", "'a' -> 'e'\n")
        self.assertFails("cp nope x", "cp: cannot stat 'nope': No such file or directory")
        self.assertFails(
            "cp a nope/x", "cp: cannot create regular file 'nope/x': No such file or directory"
        )
        self.assertFails("cp d x", "cp: -r not specified; omitting directory 'd'")
        self.assertFails("cp a a", "cp: 'a' and 'a' are the same file")
        self.assertFails("cp a c nope", "cp: target 'nope': No such file or directory")
        self.assertUsage("cp a", "cp: missing destination file operand after 'a'")

    def test_cp_of_directories(self):
        self.assertOutput("cp -r d e; find e", "e\ne/b\n")
        self.assertOutput("cp -r d e; find e", "e\ne/b\ne/d\ne/d/b\n")
        for line in ("cp -r d d", "cp -r d d/x", "cp -r . d", "cp -r d/.. d/x/y"):
            status, out, err = self.sh(line)
            self.assertEqual((status, out), (1, ""))
            self.assertIn("cp: cannot copy a directory, ", err)
            self.assertIn(", into itself, ", err)
        self.assertOutput("ls d", "b\n")
        self.assertFails("cp -r d a", "cp: cannot overwrite non-directory 'a' with directory 'd'")
        self.assertEqual(self.get("a"), "one\ntwo\nthree\n")

    def test_a_target_stays_when_the_source_cannot_be_read(self):
        self.assertEqual(self.sh("cp nope a")[0], 1)
        self.assertEqual(self.sh("cp d a")[0], 1)
        self.assertEqual(self.get("a"), "one\ntwo\nthree\n")

    def test_mv(self):
        self.assertOutput("mv a c; ls; cat c", "c\nd\none\ntwo\nthree\n")
        self.assertOutput("mv c d; ls d", "b\nc\n")
        self.assertOutput("mv -v d e", "renamed 'd' -> 'e'\n")
        self.assertFails("mv nope x", "mv: cannot stat 'nope': No such file or directory")
        self.assertFails("mv e e/x", "mv: cannot move 'e' to a subdirectory of itself, 'e/x'")
        self.assertFails("mv e/b e/b", "mv: 'e/b' and 'e/b' are the same file")
        self.put("a", "a")
        self.assertFails("mv e a", "mv: cannot overwrite non-directory 'a' with directory 'e'")
        self.assertOutput("mv -n a e/b; cat e/b", "deep\n")
        self.assertOutput("mv a e/b; cat e/b", "a")
        for target in ("e/b/", "new/"):
            self.assertFails(
                f"mv e/b {target}", f"mv: cannot move 'e/b' to '{target}': Not a directory"
            )
        self.assertFails(
            "mv e/b /dev/null",
            "mv: cannot create regular file '/dev/null': Permission denied",
        )
        self.assertEqual(self.get("e/b"), "a")

    def test_rm(self):
        self.assertOutput("rm a; ls", "d\n")
        self.assertFails("rm a", "rm: cannot remove 'a': No such file or directory")
        self.assertOutput("rm -f a", "")
        self.assertFails("rm d", "rm: cannot remove 'd': Is a directory")
        self.assertOutput(
            "mkdir -p d/x/y; rm -rv d/x", "removed directory 'd/x/y'\nremoved directory 'd/x'\n"
        )
        self.assertOutput("rm -r d; ls", "")
        self.assertUsage("rm", "rm: missing operand")
        for name in (".", "..", "./", "./.", "../.."):
            self.assertFails(
                f"rm -rf {name}",
                f"rm: refusing to remove '.' or '..' directory: skipping '{name}'",
            )
        for name in ("/", "//"):
            self.assertFails(f"rm -rf {name}", "rm: it is dangerous to operate recursively on '/'")
        self.assertTrue(os.path.isdir(self.directory))

    def test_rm_asks(self):
        question = "rm: remove 'a'? "
        self.assertEqual(self.sh("rm -i a", "n\n"), (0, "", question))
        self.assertTrue(os.path.exists("a"))
        self.assertEqual(self.sh("rm -i a", "y\n"), (0, "", question))
        self.assertFalse(os.path.exists("a"))

    def test_mkdir_and_rmdir(self):
        self.assertOutput("mkdir x; rmdir x; ls", "a\nd\n")
        self.assertOutput("mkdir -p x/y/z x; find x", "x\nx/y\nx/y/z\n")
        self.assertFails("mkdir x", "mkdir: cannot create directory 'x': File exists")
        self.assertFails(
            "mkdir n/m", "mkdir: cannot create directory 'n/m': No such file or directory"
        )
        self.assertFails("mkdir -p a/b", "mkdir: cannot create directory 'a': Not a directory")
        self.assertFails("rmdir x", "rmdir: failed to remove 'x': Directory not empty")
        self.assertFails("rmdir a", "rmdir: failed to remove 'a': Not a directory")
        for name in ("/bin/ls.py", "/proc/meminfo", "/dev/null", "/rom/bin/ls.py"):
            self.assertFails(f"rmdir {name}", f"rmdir: failed to remove '{name}': Not a directory")
        self.assertFails("rmdir nope", "rmdir: failed to remove 'nope': No such file or directory")
        self.assertFails("rmdir /", "rmdir: failed to remove '/': Device or resource busy")
        self.assertOutput("rmdir -p x/y/z; ls", "a\nd\n")

    def test_touch(self):
        self.assertOutput("touch new; ls", "a\nd\nnew\n")
        self.assertOutput("touch -d @1000000000 a; date -u -r a +%F", "2001-09-09\n")
        before = time.time()
        self.assertOutput("touch a", "")
        self.assertGreaterEqual(os.stat("a").st_mtime, int(before) - 2)
        self.assertOutput("touch -c nope; ls", "a\nd\nnew\n")
        self.assertFails("touch nope/x", "touch: cannot touch 'nope/x': No such file or directory")


class Machine(Case):
    """What tells of the machine, and runs other commands."""

    def test_date(self):
        self.assertOutput("date -u -d @0", "Thu Jan  1 00:00:00 UTC 1970\n")
        self.assertOutput("date -u -d '2024-02-29 12:00' '+%F %H'", "2024-02-29 12\n")
        self.assertEqual(self.sh("date +%Y")[1].strip(), time.strftime("%Y"))
        self.assertUsage("date -d nonsense", "date: invalid date 'nonsense'")
        self.assertUsage("date 1234", "date: invalid date '1234' (to set the clock: date -s TIME)")
        if _vosal.BOARD == "sim":
            self.assertFails("date -s now", "date: cannot set date: Operation not permitted")
            return
        now = time.time()
        try:
            self.assertIn("2030", self.sh("date -s '2030-05-06 07:08:09'")[1])
            self.assertEqual(time.strftime("%F %H:%M"), "2030-05-06 07:08")
        finally:
            time.clock_settime(time.CLOCK_REALTIME, now)

    def test_uptime_free_dmesg(self):
        self.assertRegex(self.sh("uptime")[1], r"^\d\d:\d\d:\d\d up .+, \d+ sessions?\n$")
        self.assertRegex(self.sh("uptime -p")[1], r"^up ")
        self.assertRegex(
            self.sh("free")[1], r"^ +total +used +free +peak\nheap: +\d+ +\d+ +\d+ +\d+\n$"
        )
        self.assertRegex(self.sh("free -h")[1], r"heap: +[\d.]+[MG] ")
        from kernel import log

        log.info("a line for the test")
        status, out, err = self.sh("dmesg")
        self.assertIn("[ZPy] INFO  kernel: a line for the test\n", out)
        self.assertEqual(self.sh("dmesg -n 1")[1], "[ZPy] INFO  kernel: a line for the test\n")
        self.assertNotIn("a line for the test", self.sh("dmesg -l error")[1])
        self.assertUsage(
            "dmesg -l x", "dmesg: unknown level 'x' (there are debug, info, warning, error)"
        )

    def test_sysinfo(self):
        status, out, err = self.sh("sysinfo")
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(
            out, rf"^ZPy\nScheduler: \d+ tasks?\ncwd: {self.directory}\nVersion: ZPy "
        )

    def test_devices(self):
        try:
            from kernel.devices import devices
        except ImportError:
            status, out, err = self.sh("devices")
            self.assertEqual((status, out), (1, ""))
            self.assertIn("devices: this image knows no devicetree (", err)
            return
        status, out, err = self.sh("devices")
        self.assertEqual((status, err), (0, ""))
        lines = out.splitlines()
        for node in devices:
            self.assertIn(str(node), lines)
        one = next(iter(devices))
        status, out, err = self.sh(f"devices -l {one.path}")
        self.assertEqual((status, err, out.splitlines()[0]), (0, "", str(one)))
        self.assertIn("    compatible: ", out)
        self.assertFails("devices no-such-thing", "devices: no-such-thing: no such device")

    def test_ps_top_kill(self):
        from kernel import scheduler

        status, out, err = self.sh("ps")
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(out, r"^ *PID KIND +STATE +PRI STACK +CPU NAME\n")
        self.assertRegex(out, r"(?m)^ *\d+ (session|thread) +\w+ +-?\d+ +(\d+%|-) +[\d.]+ \w")
        self.assertIn("%CPU", self.sh("top -n 2 -d 0.01")[1])

        async def sleeper():
            await asyncio.sleep(1000)

        import asyncio

        job = scheduler.spawn(sleeper(), name="the-sleeper")
        self.assertRegex(self.sh("ps -t the-sleeper")[1], rf"(?m)^ *{job.pid} task .* the-sleeper")
        self.assertEqual(self.sh("ps -p the-sleeper")[0], 1)
        self.assertOutput(f"kill {job.pid}", "")
        self.assertIsNone(job.wait(30))
        self.assertEqual(job.state, "killed")
        self.assertFails(
            f"kill {job.pid} x",
            f"kill: ({job.pid}): No such process\nkill: x: arguments must be numbers",
        )
        self.assertFails("kill 1", "kill: (1): Operation not permitted")
        self.assertUsage("kill", "kill: missing operand")
        self.assertUsage("top -d x", "top: invalid number of seconds: 'x'")

    def test_env(self):
        os.environ["ZPY_TEST"] = "1"
        try:
            self.assertOutput("env | grep ZPY_TEST", "ZPY_TEST=1\n")
            self.assertOutput("env ZPY_TEST=2 env | grep ZPY_TEST", "ZPY_TEST=2\n")
            self.assertEqual(self.sh("env -u ZPY_TEST env | grep ZPY_TEST")[0], 1)
            self.assertEqual(os.environ["ZPY_TEST"], "1")
        finally:
            del os.environ["ZPY_TEST"]

    def test_which_man_help(self):
        path = shell.find("ls")
        self.assertOutput("which ls", path + "\n")
        self.assertEqual(self.sh("which nope ls"), (1, path + "\n", ""))
        self.assertFails("man nope", "man: No manual entry for nope", 16)
        self.assertIn("sha256sum", self.sh("man -k digest")[1])
        self.assertFails("man -k qqzz", "man: qqzz: nothing appropriate")
        status, out, err = self.sh("help")
        self.assertEqual((status, err), (0, ""))
        for name in shell.commands():
            self.assertRegex(out, f"(?m)^{name} ")

    def test_time_watch_sleep(self):
        status, out, err = self.sh("time echo x")
        self.assertEqual((status, out), (0, "x\n"))
        self.assertRegex(err, r"^\nreal\t\d+m[\d.]+s\ncpu\t\d+m[\d.]+s\n$")
        self.assertEqual(self.sh("time false")[0], 1)
        status, out, err = self.sh("watch -n 0 -c 2 -t echo x")
        self.assertEqual((status, out, err), (0, "x\nx\n", ""))
        self.assertIn("Every 0.0s: echo x", self.sh("watch -n 0 -c 1 echo x")[1])
        self.assertOutput("sleep 0.01 0", "")
        self.assertUsage("sleep x", "sleep: invalid time interval 'x'")
        self.assertUsage("sleep", "sleep: missing operand")

    def test_echo_true_false(self):
        self.assertOutput("echo a  'b  c'", "a b  c\n")
        self.assertOutput("echo -n -n a", "a")
        self.assertOutput("true", "")
        self.assertEqual(self.sh("false"), (1, "", ""))

    def test_history(self):
        from kernel import session

        lines = session.current().history.lines
        kept = lines[:]
        try:
            lines[:] = ["one", "two"]
            self.assertOutput("history", "    1  one\n    2  two\n")
            self.assertOutput("history 1", "    2  two\n")
            self.assertOutput("history -c; history", "")
        finally:
            lines[:] = kept

    def test_reload(self):
        self.put("reload_me.py", "value = 1\n")
        sys.path.insert(0, self.directory)
        try:
            import reload_me

            self.put("reload_me.py", "value = 22\n")
            status, out, err = self.sh("reload reload_me")
            self.assertEqual(
                (status, out, err), (0, f"reload_me: {self.directory}/reload_me.py\n", "")
            )
            self.assertEqual(reload_me.value, 22)
        finally:
            sys.path.remove(self.directory)
            sys.modules.pop("reload_me", None)
        self.assertFails("reload no_such", "reload: no_such: No module named 'no_such'")
        self.assertFails("reload ../x", "reload: ../x: No module named '../x'")
        self.assertFails("reload ''", "reload: : No module named ''")

    def test_ed(self):
        script = "a\nnew\n.\nw\nq\n"
        self.assertEqual(self.sh("ed a", script), (0, "14\n18\n", ""))
        self.assertEqual(self.get("a"), "one\ntwo\nthree\nnew\n")
        self.assertEqual(self.sh("ed -s a", "1,$s/o/0/\n,p\nQ\n")[1], "0ne\ntw0\nthree\nnew\n")
        self.assertEqual(self.sh("ed -s nope", "q\n")[2], "nope: No such file or directory\n")
        self.put("script", "99p\n1d\nw\n")
        self.assertEqual(self.sh("ed -s a < script"), (1, "?\n", ""))
        self.assertEqual(self.get("a"), "one\ntwo\nthree\nnew\n")

    def test_edit_needs_a_terminal(self):
        self.assertFails("edit a", "edit: standard output is no terminal (`ed` needs none)")

    def test_examples(self):
        self.assertFails("examples nope", "examples: nope: no such example")
        self.assertFails("examples /nope/x", "examples: /nope/x: no such example")

    def test_a_command_of_the_user(self):
        os.mkdir("bin")
        self.put("bin/mine.py", '"""Mine.\n\nusage: mine\n"""\nprint("mine", argv)\n')
        self.put("bin/broken.py", "print(\n")
        shell.PATH.insert(0, os.path.join(self.directory, "bin"))
        try:
            self.assertOutput("mine x", "mine ['x']\n")
            self.assertOutput("man mine", "Mine.\n\nusage: mine\n")
            status, out, err = self.sh("man broken")
            self.assertEqual(status, 1)
            self.assertEqual(self.sh("help")[0], 0)
        finally:
            del shell.PATH[0]


class FileSystems(Case):
    """Another file system, a small one."""

    PLACE = "/tmp/command-test"

    def setUp(self):
        super().setUp()
        try:
            _vosal.mount("tmpfs", "65536", self.PLACE)
        except OSError as error:
            super().tearDown()
            self.skipTest(f"no file system can be mounted here: {error.strerror}")
        self.small = os.statvfs(self.PLACE).f_blocks * os.statvfs(self.PLACE).f_frsize < 1 << 20

    def tearDown(self):
        _vosal.umount(self.PLACE)
        super().tearDown()

    def needs_limit(self):
        """sim has the space of its host."""
        if not self.small:
            self.skipTest("the size of this file system has no limit")
        self.put("big", bytes(200_000))

    def test_mount_df_umount(self):
        self.assertIn(f"65536 on {self.PLACE} type tmpfs (rw)\n", self.sh("mount")[1])
        status, out, err = self.sh(f"df -T {self.PLACE}")
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(
            out,
            r"^Filesystem +Type +1K-blocks +Used +Available +Use% +Mounted on\n"
            rf"65536 +tmpfs +\d+ +\d+ +\d+ +\d+% +{self.PLACE}\n$",
        )
        status, out, err = self.sh("df -h")
        self.assertEqual((status, err), (0, ""))
        self.assertIn(f" {self.PLACE}\n", out)
        self.assertGreater(shutil.disk_usage("/").free, 1 << 20)
        other = self.PLACE + "-2"
        self.assertOutput(f"mount -r -t tmpfs '' {other}", "")
        self.assertIn(f"{other} type tmpfs (ro)\n", self.sh("mount")[1])
        self.assertFails(
            f"touch {other}/x", f"touch: cannot touch '{other}/x': Read-only file system"
        )
        self.assertOutput(f"umount {other}", "")
        self.assertFails(f"umount {other}", f"umount: {other}: Not mounted")
        self.assertFails("df /nope", "df: /nope: No such file or directory")
        self.assertFails(
            f"mount -t nofs x {other}", f"mount: mounting x on {other} failed: No such device"
        )
        self.assertUsage("mount x", "mount: missing operand after 'x'")
        self.assertUsage(f"mount x {other}", "mount: which kind? give -t TYPE")

    def test_umount_of_what_is_in_use(self):
        other = self.PLACE + "-2"
        busy = f"umount: {other}: Device or resource busy"
        self.assertOutput(f"mount -t tmpfs '' {other}; mkdir {other}/d", "")
        place = _vosal.Directory()
        results = []

        def another_session():
            place.use()
            for directory in (other, f"{other}/d"):
                os.chdir(directory)
                results.append(place.path)
                self.assertFails(f"umount {other}", busy)
            os.chdir("/")

        thread = threading.Thread(target=another_session)
        thread.start()
        thread.join()
        self.assertEqual(results, [other, f"{other}/d"])
        self.assertOutput(f"touch {other}/f", "")
        with open(f"{other}/f"):
            self.assertFails(f"umount {other}", busy)
        self.assertOutput(f"umount {other}/d/../", "")
        self.assertFails(f"umount {other}", f"umount: {other}: Not mounted")

    def test_the_machine_keeps_its_own_mounts(self):
        before = _vosal.mounts()
        for name in ("/", "/bin", "/lib", "/lib/kernel", "/examples", "/dev", "/proc", "/rom"):
            self.assertFails(f"umount {name}", f"umount: {name}: The machine works with it")
        self.assertFails("umount //bin/.", "umount: //bin/.: The machine works with it")
        self.assertEqual(_vosal.mounts(), before)

    def test_moving_between_file_systems(self):
        os.utime("a", (0, 1_000_000_000))
        self.assertOutput(f"mv a {self.PLACE}; ls; cat {self.PLACE}/a", "d\none\ntwo\nthree\n")
        self.assertEqual(os.stat(f"{self.PLACE}/a").st_mtime, 1_000_000_000)
        os.makedirs("d/x/y")
        self.put("d/x/f", "f")
        self.assertOutput(
            f"mv d {self.PLACE}; find {self.PLACE}/d | sort",
            "".join(f"{self.PLACE}/d{name}\n" for name in ("", "/b", "/x", "/x/f", "/x/y")),
        )
        self.assertOutput("ls", "")
        self.assertOutput(
            f"mv {self.PLACE}/d {self.PLACE}/a .; find | wc -l; ls -A {self.PLACE}", "7\n"
        )
        self.put(f"{self.PLACE}/a", "old")
        self.assertOutput(
            f"mv a {self.PLACE}/a; cat {self.PLACE}/a; ls -A {self.PLACE}", "one\ntwo\nthree\na\n"
        )
        os.makedirs(f"{self.PLACE}/d/full")
        self.assertFails(
            f"mv d {self.PLACE}", f"mv: cannot move 'd' to '{self.PLACE}/d': Directory not empty"
        )
        self.assertTrue(os.path.isfile("d/b"))
        self.assertOutput(f"rm -r {self.PLACE}/a {self.PLACE}/d", "")

    def test_cp_when_it_is_full(self):
        self.needs_limit()
        target = f"{self.PLACE}/x"
        self.assertFails(
            f"cp big {target}", f"cp: error writing '{target}': No space left on device"
        )
        self.assertOutput(f"rm {target}; cp a {target}; cat {target}", "one\ntwo\nthree\n")
        os.remove(target)

    def test_mv_when_it_is_full(self):
        self.needs_limit()
        target = f"{self.PLACE}/x"
        self.put(target, "old")
        status, out, err = self.sh(f"mv big {target}")
        self.assertEqual((status, out), (1, ""))
        self.assertRegex(err, r"^mv: error writing '.*': No space left on device\n$")
        self.assertEqual(os.path.getsize("big"), 200_000)
        self.assertEqual((self.get(target), os.listdir(self.PLACE)), ("old", ["x"]))
        os.remove(target)

    def test_output_when_it_is_full(self):
        self.needs_limit()
        for line in ("cat big", "head -c 150000 big", "cat big | tee", "cat -n big"):
            with self.subTest(line):
                name = line.split(" | ")[-1].split()[0]
                self.assertFails(
                    f"{line} > {self.PLACE}/x", f"{name}: write error: No space left on device"
                )
                os.remove(f"{self.PLACE}/x")

    def test_edit_when_it_is_full(self):
        self.needs_limit()
        from kernel import edit
        from kernel.terminal import Terminal

        path = f"{self.PLACE}/f"
        self.put(path, "old\n")
        editor = edit.Editor(
            Terminal(lambda timeout: b"", lambda data: None, lambda: (80, 24)), path
        )
        editor.load()
        editor._type("x" * 200_000)
        self.assertFalse(editor._save(path))
        self.assertIn("No space left on device", editor._message)
        self.assertTrue(editor.text.modified)
        self.assertEqual((self.get(path), os.listdir(self.PLACE)), ("old\n", ["f"]))
        os.remove(path)


class Interrupts(Case):
    """Commands that nobody listens to."""

    def test_a_reader_that_has_gone(self):
        self.put("big", b"x\n" * 100_000)
        for line in (
            "cat big | head -n 1",
            "grep x big | head -n 1",
            "tail -n +1 big | head -n 1",
        ):
            self.assertOutput(line, "x\n")
        self.assertOutput("cat -n big | head -n 1", "     1\tx\n")
        for number in range(300):
            os.mkdir(f"d/{number}")
        self.assertOutput("find | head -n 1", ".\n")


if __name__ == "__main__":
    unittest.main()
