# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The shell: its grammar, what it takes for a command, scripts, pipes and redirections."""

import gc
import io
import os
import shutil
import sys
import tempfile
import unittest
from contextvars import copy_context

try:
    import _vosal

    from kernel import pipeline, shell, shellsyntax, streams
    from kernel import session as sessions
except ImportError:
    shell = None


def setUpModule():
    """Without the kernel there is no shell."""
    if shell is None:
        raise unittest.SkipTest("not on a ZPy machine")


def _split(text):
    return [line.strip() for line in text.strip().split("\n")]


class Case(unittest.TestCase):
    """A directory of its own, with commands in its bin/."""

    def setUp(self):
        self.home = os.getcwd()
        self.directory = os.path.realpath(tempfile.mkdtemp())
        os.mkdir(os.path.join(self.directory, "bin"))
        os.chdir(self.directory)
        self.path = shell.PATH[:]
        shell.PATH.insert(0, os.path.join(self.directory, "bin"))
        self.command("args", "print(argv)")
        self.command("copy", "import sys\nfor line in sys.stdin: print(line, end='')")
        self.command("fail", "import sys\nsys.exit(int(argv[0]) if argv else 1)")
        self.command("say", "print(*argv)")
        self.command("warn", "import sys\nprint(*argv, file=sys.stderr)")

    def tearDown(self):
        shell.PATH[:] = self.path
        os.chdir(self.home)
        shutil.rmtree(self.directory)

    def write(self, name, text):
        """A file in the directory."""
        with open(os.path.join(self.directory, name), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        """What is in a file of the directory."""
        with open(os.path.join(self.directory, name), encoding="utf-8") as file:
            return file.read()

    def command(self, name, text):
        """A command in bin/."""
        self.write(f"bin/{name}.py", text)

    def sh(self, line):
        """Runs a line; returns (status, stdout, stderr)."""
        out, err = io.StringIO(), io.StringIO()
        outer = streams.current.get()
        token = streams.current.set(streams.Streams(outer.stdin, out, err))
        try:
            status = shell.sh(line)
        finally:
            streams.current.reset(token)
        return int(status), out.getvalue(), err.getvalue()

    def assertArguments(self, line, *expected):
        """`args` shows these arguments."""
        self.assertEqual(self.sh("args " + line), (0, f"{list(expected)}\n", ""))


class Grammar(unittest.TestCase):
    """shellsyntax.parse()."""

    def shape(self, line):
        """The words, joined, and the connectors."""
        return [
            (
                connector,
                [["".join(text for _, text in word) for word in c.words] for c in commands],
            )
            for connector, commands in shellsyntax.parse(line)
        ]

    def test_lists(self):
        self.assertEqual(self.shape(""), [])
        self.assertEqual(self.shape("  # nothing"), [])
        self.assertEqual(self.shape("a b;c"), [("", [["a", "b"]]), (";", [["c"]])])
        self.assertEqual(self.shape("a;"), [("", [["a"]])])
        self.assertEqual(
            self.shape("a|b  c && d || e # f"),
            [("", [["a"], ["b", "c"]]), ("&&", [["d"]]), ("||", [["e"]])],
        )
        self.assertEqual(self.shape("a\n\nb\n"), [("", [["a"]]), (";", [["b"]])])
        self.assertEqual(self.shape("a#b '#c'"), [("", [["a#b", "#c"]])])

    def test_errors(self):
        for line in _split("""
                |
                | a
                a | | b
                ; a
                a ;; b
                && a
                a && && b
                a &
                a >
                a > | b
                a << b
                echo $(b)
                echo ${
                echo ${a-b}
                echo \0
                0> a
                1< a
            """):
            with self.subTest(line):
                with self.assertRaises(ValueError) as caught:
                    shellsyntax.parse(line)
                self.assertNotIsInstance(caught.exception, shellsyntax.Incomplete)

    def test_incomplete(self):
        for line in ("'a", '"a', 'a "b c', "a |", "a &&", "a ||", "a \\"):
            with self.subTest(line), self.assertRaises(shellsyntax.Incomplete):
                shellsyntax.parse(line)

    def test_quote(self):
        for text in ("", "a", "a b", "it's", "$x", "*", "~", "a\nb", "#", "é"):
            word = shellsyntax.parse("x " + shellsyntax.quote(text))[0][1][0].words[1]
            self.assertEqual(shellsyntax.expand(word, 0), [text])


class Words(Case):
    """Quotes, escapes, variables, ~ and patterns."""

    def test_quotes(self):
        self.assertArguments("a  b", "a", "b")
        self.assertArguments("'a  b' \"c 'd\" e\\ f ''", "a  b", "c 'd", "e f", "")
        self.assertArguments("a'b'\"c\"d", "abcd")
        self.assertArguments('"a\\"b\\\\c\\d"', 'a"b\\c\\d')
        self.assertArguments("'a\\b' a\\\\b", "a\\b", "a\\b")
        self.assertArguments("ü 'ß'", "ü", "ß")

    def test_variables(self):
        os.environ["ZPY_TEST"] = "one  two"
        try:
            self.assertArguments("$ZPY_TEST x", "one", "two", "x")
            self.assertArguments("\"$ZPY_TEST\" '$ZPY_TEST'", "one  two", "$ZPY_TEST")
            self.assertArguments("a${ZPY_TEST}b", "aone", "twob")
            self.assertArguments("$ZPY_NOT_SET a $ '$'", "a", "$", "$")
            self.assertArguments('"$ZPY_NOT_SET"', "")
        finally:
            del os.environ["ZPY_TEST"]

    def test_home(self):
        home = os.environ.get("HOME")
        os.environ["HOME"] = "/somewhere"
        try:
            self.assertArguments("~ ~/x '~' a~ ~a", "/somewhere", "/somewhere/x", "~", "a~", "~a")
        finally:
            if home is None:
                del os.environ["HOME"]
            else:
                os.environ["HOME"] = home

    def test_patterns(self):
        for name in ("b.txt", "a.txt", ".hidden", "c.dat"):
            self.write(name, "")
        self.assertArguments("*.txt", "a.txt", "b.txt")
        self.assertArguments("[bc].*", "b.txt", "c.dat")
        self.assertArguments("?.dat '*.txt' \\*", "c.dat", "*.txt", "*")
        self.assertArguments("*.none", "*.none")
        self.assertArguments("b*/s??.py", "bin/say.py")
        self.assertArguments(f"{self.directory}/c*", f"{self.directory}/c.dat")

    def test_status(self):
        self.assertEqual(self.sh("fail 3; say $?; say $?")[1], "3\n0\n")


class Lists(Case):
    """; && || and exit statuses."""

    def test_connectors(self):
        self.assertEqual(self.sh("say a; say b"), (0, "a\nb\n", ""))
        self.assertEqual(self.sh("say a && fail && say b"), (1, "a\n", ""))
        self.assertEqual(self.sh("fail 2 || say b && say c"), (0, "b\nc\n", ""))
        self.assertEqual(self.sh("say a || say b; say c"), (0, "a\nc\n", ""))

    def test_statuses(self):
        self.assertEqual(self.sh("fail 7")[0], 7)
        self.command("text", "import sys; sys.exit('no good')")
        self.assertEqual(self.sh("text"), (1, "", "no good\n"))
        self.assertEqual(
            self.sh("nothing-there"), (127, "", "sh: nothing-there: command not found\n")
        )
        self.assertEqual(self.sh("./nope.py")[0], 127)
        self.assertIn("No such file or directory", self.sh("./nope.py")[2])
        self.assertEqual(self.sh("/")[0], 126)
        self.assertEqual(self.sh("a | | b")[0], 2)
        self.assertEqual(self.sh("exit 5; say never"), (5, "", ""))
        self.assertEqual(self.sh("say x | fail 4")[0], 4)
        self.assertEqual(self.sh("fail 4 | copy")[0], 0)


class Redirections(Case):
    """< > >> 2> 2>&1."""

    def test_output(self):
        self.assertEqual(self.sh("say one > file"), (0, "", ""))
        self.assertEqual(self.read("file"), "one\n")
        self.sh("say two >> file; say three >>file")
        self.assertEqual(self.read("file"), "one\ntwo\nthree\n")
        self.sh("say new >file x")
        self.assertEqual(self.read("file"), "new x\n")
        self.sh("> empty")
        self.assertEqual(self.read("empty"), "")

    def test_input(self):
        self.write("file", "a\nb")
        self.assertEqual(self.sh("copy < file"), (0, "a\nb", ""))
        self.assertEqual(self.sh("copy < file | copy > other"), (0, "", ""))
        self.assertEqual(self.read("other"), "a\nb")

    def test_errors(self):
        self.sh("warn x 2> file")
        self.assertEqual(self.read("file"), "x\n")
        self.sh("warn y 2>> file; warn z 2>&1 > other")
        self.assertEqual(self.read("file"), "x\ny\n")
        self.sh("warn z > other 2>&1")
        self.assertEqual(self.read("other"), "z\n")
        status, out, err = self.sh("copy < nope")
        self.assertEqual((status, out), (1, ""))
        self.assertEqual(err, "sh: nope: No such file or directory\n")
        self.assertEqual(self.sh("say x > .")[0], 1)


class Pipes(Case):
    """a | b."""

    def test_three(self):
        self.command("upper", "import sys\nprint(sys.stdin.read().upper(), end='')")
        self.assertEqual(self.sh("say abc | upper | copy"), (0, "ABC\n", ""))

    def test_it_streams(self):
        # More than any pipe holds, with a reader that ends before the writer.
        self.command("forever", "while True: print('x' * 100)")
        self.command("first", "import sys\nprint(sys.stdin.readline(), end='')")
        self.assertEqual(self.sh("forever | first"), (0, "x" * 100 + "\n", ""))

    def test_much(self):
        self.command("lines", "for i in range(5000): print('line', i)")
        self.command("count", "import sys\nprint(sum(1 for line in sys.stdin))")
        self.assertEqual(self.sh("lines | copy | count"), (0, "5000\n", ""))

    def test_directories(self):
        os.mkdir("sub")
        self.command(
            "wander", "import os\nos.chdir('sub')\nprint('went')\nwhile True: print(os.getcwd())"
        )
        self.command("here", "import os, sys\nprint(sys.stdin.readline(), os.getcwd(), sep='')")
        self.assertEqual(self.sh("wander | here"), (0, f"went\n{self.directory}\n", ""))

    def test_errors_are_not_piped(self):
        self.assertEqual(self.sh("warn x | copy"), (0, "", "x\n"))

    def test_a_failure_inside(self):
        self.command("broken", "print('a')\n1 / 0")
        status, out, err = self.sh("broken | copy")
        self.assertEqual((status, out), (0, "a\n"))
        self.assertIn("ZeroDivisionError", err)


class Scripts(Case):
    """What a command sees, and what is left of it."""

    def test_names(self):
        self.command(
            "names",
            f"print(__name__, __file__, argv, cwd == {self.directory!r})\nprint(kernel, log)",
        )
        status, out, err = self.sh("names x")
        self.assertEqual((status, err), (0, ""))
        self.assertTrue(
            out.startswith(f"__main__ {self.directory}/bin/names.py ['x'] True\n"), out
        )

    def test_sys_argv(self):
        before = list(sys.argv)
        self.command("show", "import sys\nprint(sys.argv[1:], len(sys.argv), sys.argv[0][-7:])")
        self.command(
            "parse",
            "import argparse, asyncio\np = argparse.ArgumentParser()\np.add_argument('-n')\n"
            "await asyncio.sleep(0)\nprint(p.parse_args().n, p.prog)",
        )
        self.assertEqual(self.sh("show a 'b c'"), (0, "['a', 'b c'] 3 show.py\n", ""))
        self.assertEqual(self.sh("parse -n 5"), (0, "5 parse.py\n", ""))
        self.assertEqual(self.sh("parse -n 5 | copy")[1], "5 parse.py\n")
        status, _, err = self.sh("parse --nothing")
        self.assertEqual(status, 2)
        self.assertIn("unrecognized arguments: --nothing", err)
        self.assertEqual(sys.argv, before)
        self.assertEqual(repr(sys.argv), repr(before))

    def test_await(self):
        self.command("later", "import asyncio\nprint(await asyncio.sleep(0.01, 'slept'))")
        self.assertEqual(self.sh("later"), (0, "slept\n", ""))
        self.assertEqual(self.sh("later | copy"), (0, "slept\n", ""))

    def test_failure(self):
        self.command("bad", "def f():\n    return 1 / 0\nf()")
        status, out, err = self.sh("bad")
        self.assertEqual((status, out), (1, ""))
        self.assertTrue(
            err.startswith('Traceback (most recent call last):\n  File "' + self.directory), err
        )
        self.assertTrue(err.endswith("ZeroDivisionError: division by zero\n"))
        self.assertIn("return 1 / 0", err)
        self.assertNotIn("kernel", err)

    def test_syntax_error(self):
        self.command("bad", "print('a')\nx = = 1\n")
        status, out, err = self.sh("bad")
        self.assertEqual((status, out), (1, ""))
        self.assertIn('bad.py", line 2', err)
        self.assertTrue(err.endswith("SyntaxError: invalid syntax\n"))
        self.assertNotIn("Traceback", err)
        self.command("bad", "a\0b")
        self.assertEqual(self.sh("bad")[0], 1)

    def test_no_python_at_all(self):
        self.write("program.py", "x = 1\n\0\0")
        status, out, err = self.sh("./program.py")
        self.assertEqual((status, out), (1, ""))
        self.assertIn(f'File "{self.directory}/program.py", line 2', err)
        self.assertIn("null bytes", err)

    def test_directory(self):
        os.mkdir("sub")
        self.command("go", "cwd = argv[0]")
        self.command("wander", "import os\nos.chdir('/')")
        self.assertEqual(self.sh("wander")[0], 0)
        self.assertEqual(os.getcwd(), self.directory)
        self.assertEqual(self.sh("go sub")[0], 0)
        self.assertEqual(os.getcwd(), os.path.join(self.directory, "sub"))
        os.chdir(self.directory)
        self.assertEqual(self.sh("go sub | copy")[0], 0)
        self.assertEqual(os.getcwd(), self.directory)
        status, _, err = self.sh("go nowhere")
        self.assertEqual(status, 1)
        self.assertIn("nowhere", err)
        self.assertEqual(os.getcwd(), self.directory)

    def test_an_edited_script(self):
        for number in range(40):
            self.command(f"c{number % 20}", f"print({number})")
            self.assertEqual(self.sh(f"c{number % 20}; c{number % 20}")[1], f"{number}\n" * 2)

    def test_a_directory_that_is_gone(self):
        os.mkdir("sub")
        os.chdir("sub")
        os.rmdir(os.path.join(self.directory, "sub"))
        self.assertEqual(self.sh("say still here")[1], "still here\n")
        self.assertEqual(self.sh("say and | copy")[1], "and\n")
        self.command("gone", "import os\nos.mkdir('sub')\nos.chdir('sub')\nos.rmdir('../sub')")
        os.chdir(self.directory)
        self.assertEqual(self.sh("gone; say $?"), (0, "0\n", ""))
        self.command("here", "print(cwd)")
        os.mkdir("sub")
        os.chdir("sub")
        os.rmdir("../sub")
        self.assertEqual(self.sh("here; here")[1], "/\n/\n")

    def test_fresh_each_time(self):
        self.command("count", "print('n' in globals())\nn = 1")
        self.assertEqual(self.sh("count; count")[1], "False\nFalse\n")

    def test_run(self):
        self.write("script.py", "import sys\nsys.exit(len(argv))")
        self.assertEqual(shell.run("script.py", 1, "b c", None), 3)
        self.assertEqual(shell.run(os.path.join(self.directory, "script.py")), 0)
        self.assertEqual(shell.run(os.fsencode(os.path.join(self.directory, "script.py")), 1), 1)
        for path, error in ((5, TypeError), ("/a\0b.py", ValueError)):
            with self.assertRaises(error):
                shell.run(path)
        for line in (5, b"ls", ["ls"]):
            with self.assertRaisesRegex(TypeError, "^line must be a str, not "):
                shell.sh(line)
        self.assertEqual(self.sh("script.py a")[0], 1)
        self.assertEqual(self.sh("./script.py a b")[0], 2)
        self.assertEqual(self.sh(f"{self.directory}/script.py")[0], 0)


class Interrupts(Case):
    """A Ctrl-C at any line: the session goes on as it was."""

    def interrupt_at(self, step, function):
        """Runs it with a KeyboardInterrupt before one of the shell's own lines.

        Returns False if it has ended before that one.
        """
        places = {
            call.__code__
            for call in (shell.run, shell._run_command, shell._run_file, pipeline.run)
        }
        left = step

        def trace(frame, event, argument):
            nonlocal left
            if event == "call":
                return trace if frame.f_code in places else None
            if event == "line":
                left -= 1
                if left < 0:
                    raise KeyboardInterrupt
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            function()
        except KeyboardInterrupt:
            return True
        finally:
            sys.settrace(before)
        return left < 0  # the command has taken it

    def each_step(self, function):
        """Interrupts it at one line after the other; returns how many it has."""
        own = streams.Streams(io.StringIO(), io.StringIO(), io.StringIO())
        streams.current.set(own)
        argv = sys.argv[:]
        step = 0
        while self.interrupt_at(step, function):
            self.assertIs(streams.current.get(), own, step)
            self.assertEqual(sys.argv, argv, step)
            step += 1
        return step

    def test_streams_and_arguments(self):
        self.write("script.py", "pass")
        for function, argument in (
            (shell.sh, "say a > out"),
            (shell.sh, "say a | copy"),
            (shell.run, "script.py"),
        ):
            with self.subTest(argument):
                steps = copy_context().run(self.each_step, lambda f=function, a=argument: f(a))
                self.assertGreater(steps, 9)


class Leaks(Case):
    """Commands leave nothing behind."""

    def test_descriptors_threads_and_objects(self):
        self.command("forever", "while True: print('x' * 100)")
        self.command("first", "import sys\nprint(sys.stdin.readline(), end='')")
        self.command("broken", "1 / 0")
        self.command("later", "import asyncio\nawait asyncio.sleep(0)")

        def round_():
            self.sh(
                "say a > file; copy < file | copy; forever | first; broken; later; nope; a | |"
            )
            self.sh("say a | copy > nowhere/file; copy < nowhere; say b 2>&1 >> file")

        def state():
            gc.collect()
            descriptor = os.open("file", os.O_RDONLY)
            os.close(descriptor)
            return descriptor, len(_vosal.threads()), len(gc.get_objects())

        for _ in range(3):
            round_()
        before = state()
        for _ in range(5):
            round_()
        after = state()
        self.assertEqual(before[0], after[0], "descriptors")
        self.assertLessEqual(after[1], before[1], "threads")
        self.assertLess(after[2] - before[2], 300, "objects")


class Dispatch(Case):
    """What a line at the prompt is taken for."""

    def check(self, line, expected, **names):
        """is_command() of a line."""
        self.assertIs(shell.is_command(line, names), expected, line)

    def test_words(self):
        for line in _split("""
                args
                args x
                args -l /tmp
                args -a
                args | copy
                args>x
                args;args
                args # comment
                args == 5
                args 'a'
                args (x)
            """):
            self.check(line, True)

    def test_python(self):
        for line in _split("""
                args.x
                args()
                args[0]
                args = 5
                args=5
                args += 1
                args -= 1
                args: int = 5
                nothing
                nothing there
                print x
                for x in y
                1 + 1
                kernel

                # args
                import args
                sh
                _
                cwd
            """):
            self.check(line, False)
        self.check("args x", False, args=1)
        self.check("args", False, args=None)

    def test_paths(self):
        self.write("foo.py", "")
        for line in ("/x.py 1", "./foo.py", "../x", "~/x", "foo.py", "foo.py 5", "bin/args.py a"):
            self.check(line, line != "bin/args.py a")
        os.rename("bin", "stuff")
        self.check("stuff/args.py a", True)
        os.rename("stuff", "bin")
        self.check("foo.py", False, foo=sys)
        self.check("bar.py", False)

    def test_find(self):
        self.assertEqual(shell.find("args"), os.path.join(self.directory, "bin/args.py"))
        self.assertIsNone(shell.find("nothing-there"))
        self.assertLessEqual({"args", "copy", "say"}, set(shell.commands()))


class Sessions(unittest.TestCase):
    """The session that the program runs in."""

    def test_current(self):
        session = sessions.current()
        self.assertEqual(session.id, 1)
        self.assertIn(session, sessions.sessions())

    def test_streams_are_those_of_the_context(self):
        import threading

        out = io.StringIO()
        outer = streams.current.get()
        token = streams.current.set(streams.Streams(outer.stdin, out, out))
        try:
            print("here")
            thread = threading.Thread(target=print, args=("there",))
            thread.start()
            thread.join()
        finally:
            streams.current.reset(token)
        self.assertEqual(out.getvalue(), "here\nthere\n")


if __name__ == "__main__":
    unittest.main()
