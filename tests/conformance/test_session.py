# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Sessions beside the console's: threads, streams, directories and Ctrl-C of their own."""

import builtins
import gc
import os
import queue
import tempfile
import threading
import time
import unittest
import weakref

try:
    import _vosal

    from kernel import session as sessions
    from kernel import shell
    from kernel.terminal import Terminal
except ImportError:
    shell = None
    Terminal = object

TIMEOUT = 30

# See test_threads: there a thread that computes keeps all others from running.
TIME_STANDS_STILL = shell is not None and _vosal.BOARD.startswith("native_sim")
WHY_STILL = "on native_sim no time passes while a thread computes"


def setUpModule():
    """Without the kernel there are no sessions."""
    if shell is None:
        raise unittest.SkipTest("not on a ZPy machine")


class Line(Terminal):
    """A terminal whose other end is a test."""

    def __init__(self):
        super().__init__(self._take, self._put, lambda: (200, 24))
        self._input = queue.Queue()
        self._changed = threading.Condition()
        self._output = b""
        self.armed = False
        self.gone = False

    def _take(self, timeout):
        if self.gone:
            return b""
        try:
            if timeout == 0:
                return self._input.get_nowait()
            return self._input.get(timeout=timeout)
        except queue.Empty:
            return b""

    def _put(self, data):
        with self._changed:
            self._output += data
            self._changed.notify_all()

    def arm(self):
        """See Terminal.arm()."""
        self.armed = True
        super().arm()

    def disarm(self):
        """See Terminal.disarm()."""
        self.armed = False

    def send(self, text):
        """Types."""
        self._input.put(text.encode())

    def expect(self, marker):
        """Waits for a text in the output; returns what came before it."""
        marker = marker.encode()
        with self._changed:
            if not self._changed.wait_for(lambda: marker in self._output, TIMEOUT):
                raise AssertionError(f"no {marker!r} in {self._output!r}")
            before, _, self._output = self._output.partition(marker)
        return before.decode()


class Case(unittest.TestCase):
    """A session of its own."""

    def setUp(self):
        self.line = Line()
        self.session = sessions.Session(self.line, banner="hello")
        self.thread = self.session.start()
        self.line.expect("hello\r\n")
        self.line.expect(">>> ")

    def tearDown(self):
        self.session.interrupt()
        self.line.gone = True
        self.line.send("")
        self.thread.join(TIMEOUT)
        self.assertFalse(self.thread.is_alive())
        self.assertNotIn(self.session, sessions.sessions())

    def run_line(self, text, more=""):
        """What a line shows; more: the prompt for the next line, which is left empty."""
        self.line.send(text + "\r")
        self.line.expect(text + "\r\n" + more)
        if more:
            self.line.send("\r")
            self.line.expect("\r\n")
        return self.line.expect(">>> ").replace("\r\n", "\n")


class Prompt(Case):
    """It is a prompt as any."""

    def test_statements(self):
        self.assertEqual(self.run_line("6 * 7"), "42\n")
        self.assertEqual(self.run_line("_ + 1"), "43\n")
        self.assertEqual(self.run_line("x = 5"), "")
        self.assertEqual(self.run_line("x"), "5\n")
        self.assertIn("ZeroDivisionError", self.run_line("1 / 0"))
        self.assertNotIn("kernel", self.run_line("1 / 0"))
        self.assertEqual(self.run_line("__name__"), "'__main__'\n")

    def test_await(self):
        self.run_line("import asyncio")
        self.assertEqual(self.run_line("await asyncio.sleep(0.01, 'slept')"), "'slept'\n")

    def test_names_are_its_own(self):
        other = Line()
        second = sessions.Session(other)
        thread = second.start()
        other.expect(">>> ")
        self.assertNotEqual(second.id, self.session.id)
        self.run_line("mine = 1; 7")
        vars(builtins).pop("_", None)  # upstream's displayhook leaves one, e.g. after doctest
        other.send("mine\r")
        other.expect("NameError")
        other.expect(">>> ")
        other.send("_\r")
        other.expect("NameError")
        other.expect(">>> ")
        other.send("\x04")
        other.expect("session ended")
        thread.join(TIMEOUT)

    def test_exit(self):
        self.line.send("exit()\r")
        self.line.expect("session ended\r\n")
        self.thread.join(TIMEOUT)
        self.assertFalse(self.thread.is_alive())

    def test_current(self):
        self.assertIsNot(sessions.current(), self.session)
        shown = self.run_line("kernel.session.current()")
        self.assertEqual(shown, f"<Session {self.session.id}: {self.session.name}>\n")


class Streams(Case):
    """What is printed goes to the terminal of who started it."""

    def test_print(self):
        self.assertEqual(self.run_line("print('a', 1)"), "a 1\n")
        self.run_line("import sys")
        self.assertEqual(self.run_line("print('b', file=sys.stderr)"), "b\n")
        self.assertEqual(self.run_line("print('c', end='')"), "c")

    def test_threads_and_tasks(self):
        self.run_line("import asyncio, threading")
        self.assertEqual(
            self.run_line(
                "t = threading.Thread(target=print, args=('in', 1)); t.start(); t.join()"
            ),
            "in 1\n",
        )
        self.run_line(
            "async def say(x): print('task', x); await asyncio.sleep(0); print('on', x)", "... "
        )
        self.assertEqual(self.run_line("await asyncio.create_task(say(2))"), "task 2\non 2\n")
        self.assertEqual(
            self.run_line("j = kernel.scheduler.spawn(say(3)); j.wait()"), "task 3\non 3\n"
        )

    def test_input(self):
        self.line.send("input('name? ')\r")
        self.line.expect("name? ")
        self.line.send("zp\x7fy\r")
        self.line.expect("'zy'\r\n")
        self.line.expect(">>> ")

    def test_shell(self):
        self.line.send("sh()\r")
        self.line.expect("$ ")
        self.line.send("nothing-there\r")
        self.line.expect("sh: nothing-there: command not found\r\n$ ")
        self.line.send("exit\r")
        self.line.expect(">>> ")


class Directory(Case):
    """Each session is somewhere of its own."""

    def test_it_does_not_move_others(self):
        here = os.getcwd()
        directory = os.path.realpath(tempfile.mkdtemp())
        try:
            self.run_line("import os, asyncio, threading")
            self.run_line(f"os.chdir({directory!r})")
            self.assertEqual(self.run_line("os.getcwd()"), f"{directory!r}\n")
            self.assertEqual(self.run_line("cwd"), f"{directory!r}\n")
            self.assertEqual(os.getcwd(), here)
            self.assertEqual(self.session.cwd, directory)
            # Threads and tasks of the session are there too.
            line = "t = threading.Thread(target=lambda: print(os.getcwd())); t.start(); t.join()"
            self.assertEqual(self.run_line(line), f"{directory}\n")
            self.run_line("async def where(): await asyncio.sleep(0); return os.getcwd()", "... ")
            self.assertEqual(self.run_line("await where()"), f"{directory!r}\n")
            self.assertEqual(self.run_line("open('made', 'w').close()"), "")
            self.assertTrue(os.path.exists(os.path.join(directory, "made")))
            self.assertEqual(self.run_line("cwd = '/'"), "")
            self.assertEqual(self.run_line("os.getcwd()"), "'/'\n")
            self.assertEqual(os.getcwd(), here)
        finally:
            if os.path.exists(os.path.join(directory, "made")):
                os.remove(os.path.join(directory, "made"))
            os.rmdir(directory)

    def test_object(self):
        first = _vosal.Directory.current()
        self.assertEqual(first.path, os.getcwd())
        seen = []

        def work():
            own = _vosal.Directory()
            own.use()
            os.chdir("/")
            seen.append((own.path, _vosal.Directory.current().path, os.getcwd()))

        os.chdir(tempfile.gettempdir())
        try:
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
            self.assertEqual(seen, [("/", "/", "/")])
            self.assertEqual(os.getcwd(), os.path.realpath(tempfile.gettempdir()))
        finally:
            os.chdir(first.path if first.path != os.getcwd() else "/")
        with self.assertRaises(TypeError):
            _vosal.Directory(1)


class Interrupt(Case):
    """Ctrl-C ends what this session runs, and nothing else."""

    def interrupt(self, code, *, wait=0.2):
        """Runs code, interrupts it, and returns what it showed."""
        self.line.send(f"print('be' + 'gun'); {code}\r")
        self.line.expect("begun\r\n")
        time.sleep(wait)
        self.session.interrupt()
        return self.line.expect(">>> ")

    @unittest.skipIf(TIME_STANDS_STILL, WHY_STILL)
    def test_a_loop(self):
        self.line.send("while True: pass\r\r")
        deadline = time.monotonic() + TIMEOUT
        while not self.session.running and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.1)
        self.session.interrupt()
        self.line.expect("KeyboardInterrupt")
        self.line.expect(">>> ")
        self.assertEqual(self.run_line("1 + 1"), "2\n")

    def test_await(self):
        self.run_line("import asyncio")
        self.assertIn("KeyboardInterrupt", self.interrupt("await asyncio.sleep(1000)"))
        self.assertEqual(self.run_line("1 + 1"), "2\n")

    @unittest.skipIf(TIME_STANDS_STILL, WHY_STILL)
    def test_a_task_that_computes(self):
        self.run_line("async def spin(): sum(1 for i in iter(int, 1))", "... ")
        self.assertIn("KeyboardInterrupt", self.interrupt("await spin()"))
        self.run_line("import asyncio")
        self.assertEqual(
            self.run_line("await asyncio.sleep(0, 'the loop lives')"), "'the loop lives'\n"
        )

    def test_waits(self):
        if _vosal.BOARD == "sim":
            self.skipTest("on sim a wait in C of another thread goes on")
        self.run_line("import os, queue, select, socket, threading, time")
        self.run_line("lock = threading.Lock(); lock.acquire(); r, w = os.pipe()")
        self.run_line("a, b = socket.socketpair()")
        for code in (
            "time.sleep(1000)",
            "lock.acquire()",
            "lock.acquire(timeout=1000)",
            "threading.Event().wait()",
            "threading.main_thread().join()",
            "queue.Queue().get()",
            "queue.SimpleQueue().get()",
            "select.select([r], [], [])",
            "select.poll().poll()",
            "os.read(r, 1)",
            "open(r, closefd=False).read()",
            "a.recv(1)",
            "socket.socket.accept(a) if False else b.recv(5)",
        ):
            with self.subTest(code):
                self.assertIn("KeyboardInterrupt", self.interrupt(code, wait=0.05))
        self.run_line("os.close(r); os.close(w); a.close(); b.close()")

    def test_a_pipeline(self):
        directory = tempfile.mkdtemp()
        scripts = {
            "forever": "while True: print('x')",
            "hold": "import sys\nfor line in sys.stdin: pass",
        }
        if _vosal.BOARD != "sim":
            scripts["forever"] = "import time\nprint('x')\ntime.sleep(1000)"
        paths = [f"{directory}/{name}.py" for name in scripts]
        for path, text in zip(paths, scripts.values(), strict=True):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        try:
            before = threading.active_count()
            shown = self.interrupt(f"sh('{paths[0]} | {paths[1]}')")
            self.assertIn("KeyboardInterrupt", shown)
            self.assertLessEqual(threading.active_count(), before)
            self.assertEqual(self.run_line("1 + 1"), "2\n")
        finally:
            for path in paths:
                os.remove(path)
            os.rmdir(directory)

    def test_nothing_runs(self):
        self.session.interrupt()
        self.assertEqual(self.run_line("1 + 1"), "2\n")

    @unittest.skipIf(TIME_STANDS_STILL, WHY_STILL)
    def test_an_end_while_it_runs(self):
        self.line.send("while True: pass\r\r")
        deadline = time.monotonic() + TIMEOUT
        while not self.session.running and time.monotonic() < deadline:
            time.sleep(0.01)
        self.session.end()
        self.line.expect("session ended")


class ThreadInterrupt(unittest.TestCase):
    """_vosal.thread_interrupt()."""

    def test_a_thread(self):
        caught = []
        started = threading.Event()

        def work():
            try:
                started.set()
                while True:
                    time.sleep(0.01)
            except KeyError as error:
                caught.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        started.wait()
        _vosal.thread_interrupt(thread.ident, KeyError)
        thread.join(TIMEOUT)
        self.assertFalse(thread.is_alive())
        self.assertEqual(len(caught), 1)

    def test_bad_arguments(self):
        with self.assertRaises(ValueError):
            _vosal.thread_interrupt(1)
        for bad in (5, int, "x", KeyError()):
            with self.assertRaises(TypeError):
                _vosal.thread_interrupt(threading.get_ident(), bad)
        with self.assertRaises(TypeError):
            _vosal.thread_interrupt("x")

    def test_taken_back(self):
        thread = threading.Thread(target=time.sleep, args=(0.3,))
        thread.start()
        _vosal.thread_interrupt(thread.ident, None)
        thread.join(TIMEOUT)
        self.assertFalse(thread.is_alive())


class Leaks(unittest.TestCase):
    """A session that has ended leaves nothing."""

    def test_sessions(self):
        kept = []
        before = len(_vosal.threads())
        for _ in range(5):
            line = Line()
            session = sessions.Session(line)
            kept.append(weakref.ref(session))
            thread = session.start()
            line.expect(">>> ")
            line.send("x = [1] * 1000\r")
            line.expect(">>> ")
            line.send("\x04")
            line.expect("session ended")
            thread.join(TIMEOUT)
        del session, thread, line
        gc.collect()
        self.assertEqual([ref() for ref in kept], [None] * 5)
        deadline = time.monotonic() + TIMEOUT
        while len(_vosal.threads()) > before and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertLessEqual(len(_vosal.threads()), before)


if __name__ == "__main__":
    unittest.main()
