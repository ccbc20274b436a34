# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The interpreter: what it says of itself, and what it does at its limits."""

import contextlib
import gc
import inspect
import io
import json
import linecache
import os
import platform
import sys
import sysconfig
import tempfile
import threading
import time
import traceback
import unittest
import weakref

ZEPHYR = sys.platform == "zephyr"
# Without the interpreter lock memory is taken in larger pieces, and a thread has its own.
LOCKED = getattr(sys, "_is_gil_enabled", lambda: True)()
GRAIN = 1 << 20 if LOCKED else 4 << 20


def recurse():
    """Never ends."""
    return recurse()


def in_thread(function):
    """Calls a function in another thread; returns what it returned or raised."""
    result = []

    def target():
        try:
            result.append(function())
        except BaseException as error:
            result.append(error)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    return result[0]


class Identity(unittest.TestCase):
    """sys, platform and sysconfig."""

    def test_sys(self):
        self.assertEqual(sys.implementation.name, "cpython")
        self.assertGreaterEqual(sys.version_info, (3, 11))
        self.assertTrue(sys.version.startswith(platform.python_version()))
        self.assertIn(sys.byteorder, ("little", "big"))
        self.assertIn(sys.maxsize, (2**31 - 1, 2**63 - 1))
        self.assertEqual(sys.float_info.dig, 15)
        self.assertEqual(sys.getfilesystemencoding(), "utf-8")
        self.assertEqual(sys.getdefaultencoding(), "utf-8")
        self.assertIsInstance(sys.executable, str)
        self.assertTrue(all(isinstance(path, str) for path in sys.path))
        self.assertIn("sys", sys.builtin_module_names)

    @unittest.skipUnless(ZEPHYR, "the board is the host")
    def test_zephyr(self):
        self.assertEqual(sys.version_info[:2], (3, 14))
        self.assertEqual(os.name, "posix")

    def test_platform(self):
        self.assertEqual(platform.python_implementation(), "CPython")
        self.assertTrue(platform.system())
        self.assertTrue(platform.machine())
        self.assertTrue(platform.platform())
        self.assertEqual(platform.uname().system, platform.system())
        self.assertIn(platform.architecture()[0], ("32bit", "64bit"))

    def test_sysconfig(self):
        self.assertTrue(sysconfig.get_platform())
        self.assertEqual(sysconfig.get_python_version(), "{}.{}".format(*sys.version_info))
        self.assertTrue(
            os.path.samefile(sysconfig.get_path("stdlib"), os.path.dirname(os.__file__))
        )
        self.assertIsInstance(sysconfig.get_config_vars(), dict)

    def test_streams(self):
        for stream in (sys.stdout, sys.stderr):
            self.assertEqual(stream.encoding, "utf-8")
            stream.flush()
        self.assertEqual(sys.stdin.encoding, "utf-8")


@unittest.skipIf(LOCKED, "the interpreter lock guards the counts")
class Constants(unittest.TestCase):
    """Threads that compute with one number do not wait for each other to count its users."""

    def test_of_a_program(self):
        def function():
            return 12345.75

        self.assertTrue(sys._is_immortal(function()))

    def test_of_a_script(self):
        from kernel import shell

        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "script.py")
            with open(path, "w") as file:
                file.write("import sys\nsys.exit(not sys._is_immortal(23456.75))\n")
            self.assertEqual(shell.run(path), 0)


class Recursion(unittest.TestCase):
    """Too deep is RecursionError, on every thread, and the machine goes on."""

    def check(self, function):
        with self.assertRaises(RecursionError):
            function()
        self.assertIsInstance(in_thread(function), RecursionError)
        self.assertEqual(sum(range(10)), 45)

    def test_python(self):
        self.check(recurse)

    def test_python_many_times(self):
        for _ in range(5):
            self.check(recurse)

    def test_repr(self):
        def deep_repr():
            nested = []
            for _ in range(300_000):
                nested = [nested]
            return repr(nested)

        self.check(deep_repr)

    def test_json(self):
        text = "[" * 200_000
        self.check(lambda: json.loads(text))

    def test_special_methods(self):
        class Loop:
            """Each attribute asks for the next."""

            def __getattr__(self, name):
                return getattr(self, name + "x")

        self.check(lambda: Loop().a)

        class Equal:
            """Compares itself with itself."""

            def __eq__(self, other):
                return self == other

        self.check(lambda: Equal() == 1)

    def test_compiler(self):
        for text in ("(" * 10_000 + ")" * 10_000, "-" * 200_000 + "1", "x" + ".x" * 100_000):
            with self.assertRaises((RecursionError, MemoryError, SyntaxError)):
                compile(text, "<deep>", "eval")
        self.assertEqual(eval("1 + 1"), 2)

    def test_a_useful_depth(self):
        def depth(n):
            return n and 1 + depth(n - 1)

        self.assertEqual(depth(700), 700)
        self.assertEqual(in_thread(lambda: depth(700)), 700)


class Memory(unittest.TestCase):
    """Too much is MemoryError, and the machine goes on."""

    def test_one_huge_allocation(self):
        for make in (
            lambda: bytearray(sys.maxsize // 2),
            lambda: [0] * (sys.maxsize // 16),
            lambda: "x" * (sys.maxsize // 2),
            lambda: b"x" * (sys.maxsize - 100),
        ):
            with self.assertRaises(MemoryError):
                make()
        self.assertIsInstance(in_thread(lambda: bytearray(sys.maxsize // 2)), MemoryError)

    @unittest.skipUnless(ZEPHYR, "on a host it would be the host's memory that ends")
    def test_more_than_the_heap(self):
        import _vosal

        total, _, _ = _vosal.heap_info()
        with self.assertRaises(MemoryError):
            bytearray(total)
        self.assertEqual(len(bytearray(100_000)), 100_000)

    @unittest.skipUnless(ZEPHYR, "on a host it would be the host's memory that ends")
    def test_exhaustion(self):
        import _vosal

        def fill():
            kept = []
            # From large to small: in the end not even the least is left.
            for size in (1 << 20, 1 << 16, 4096, 512, 64):
                try:
                    while True:
                        kept.append(bytearray(size))
                except MemoryError:
                    continue
            return len(kept)

        for call in (fill, lambda: in_thread(fill), fill):
            gc.collect()
            before = _vosal.heap_info()[1]
            self.assertGreater(call(), 10)
            gc.collect()
            self.assertLess(_vosal.heap_info()[1] - before, GRAIN)
            self.assertEqual(len([bytes(100) for _ in range(1000)]), 1000)
            self.assertEqual(in_thread(lambda: 5), 5)

    @unittest.skipUnless(ZEPHYR, "on a host it would be the host's memory that ends")
    def test_no_memory_for_a_thread(self):
        """start() tells; it does not wait for a thread that cannot even say that it has begun."""
        gate = threading.Event()
        kept, threads = [], []
        try:
            while True:
                kept.append(bytearray(1 << 20))
        except MemoryError:
            del kept[-8:]
        try:
            with self.assertRaises((RuntimeError, MemoryError)):
                for _ in range(1000):
                    thread = threading.Thread(target=gate.wait, args=(60,))
                    thread.start()
                    threads.append(thread)
        finally:
            kept.clear()
            gate.set()
            for thread in threads:
                thread.join(30)
        self.assertGreater(len(threads), 2)
        self.assertFalse(any(thread.is_alive() for thread in threads))

    def test_garbage_is_collected(self):
        class Node:
            """Can be referred to weakly."""

        node = Node()
        node.me = node
        reference = weakref.ref(node)
        del node
        gc.collect()
        self.assertIsNone(reference())

    def test_deep_structures_are_freed(self):
        for kind in (lambda x: [x], lambda x: (x,), lambda x: {"x": x}):
            nested = kind(None)
            for _ in range(200_000):
                nested = kind(nested)
            del nested


class Exceptions(unittest.TestCase):
    """Exceptions and their tracebacks."""

    def test_context_and_cause(self):
        try:
            try:
                raise KeyError("first")
            except KeyError as error:
                raise ValueError("second") from error
        except ValueError as error:
            self.assertIsInstance(error.__cause__, KeyError)
            text = "".join(traceback.format_exception(error))
        self.assertIn("KeyError: 'first'", text)
        self.assertIn("direct cause", text)

    def test_groups_and_notes(self):
        try:
            raise ExceptionGroup("many", [ValueError(1), TypeError(2)])
        except* ValueError as group:
            self.assertEqual(len(group.exceptions), 1)
        except* TypeError:
            pass
        error = ValueError("x")
        error.add_note("a note")
        self.assertIn("a note", "".join(traceback.format_exception(error)))

    def test_lines_of_this_program(self):
        try:
            1 / 0  # noqa: B018  the line that is looked for
        except ZeroDivisionError as error:
            text = "".join(traceback.format_exception(error))
        self.assertIn("1 / 0  # noqa: B018  the line that is looked for", text)
        self.assertIn("in test_lines_of_this_program", text)

    def test_lines_of_the_library(self):
        try:
            json.loads("{")
        except ValueError as error:
            text = "".join(traceback.format_exception(error))
        self.assertIn("return _default_decoder.decode(s)", text)

    def test_unraisable_and_hooks(self):
        seen = []
        hook, sys.unraisablehook = sys.unraisablehook, seen.append
        try:

            class Bad:
                """Fails at its end."""

                def __del__(self):
                    raise RuntimeError("at the end")

            Bad()
            gc.collect()
        finally:
            sys.unraisablehook = hook
        self.assertEqual(len(seen), 1)

    def test_a_ctrl_c_in_a_finalizer_is_not_lost(self):
        class Late:
            """Is interrupted at its end."""

            def __del__(self):
                raise KeyboardInterrupt

        def compute():
            ends = time.monotonic() + 30
            Late()
            while time.monotonic() < ends:
                pass

        errors = io.StringIO()
        with contextlib.redirect_stderr(errors):
            with self.assertRaises(KeyboardInterrupt):
                compute()
            self.assertIsInstance(in_thread(compute), KeyboardInterrupt)
        self.assertEqual(errors.getvalue(), "")

    @unittest.skipUnless(ZEPHYR, "upstream's interpreter may leave the lock taken")
    def test_an_interrupt_leaves_no_lock_taken(self):
        import _vosal

        lock = threading.Lock()
        ready = []  # as long as the rounds that can be interrupted
        rounds = []

        def work():
            while len(rounds) < 100:
                try:
                    ready.append(True)
                    while True:
                        with lock:
                            pass
                except KeyboardInterrupt:
                    rounds.append(lock.locked())

        thread = threading.Thread(target=work)
        thread.start()
        for number in range(100):
            while len(ready) == number:
                time.sleep(0)
            _vosal.thread_interrupt(thread.ident)
        thread.join()
        self.assertEqual(rounds, [False] * 100)

    def test_oserror(self):
        with self.assertRaises(FileNotFoundError) as raised:
            open("/no/such/file")  # noqa: SIM115
        self.assertEqual(raised.exception.errno, 2)
        self.assertTrue(raised.exception.strerror)


class Source(unittest.TestCase):
    """The source of what is in the image can be read."""

    def test_library(self):
        self.assertIn("def getsource(", inspect.getsource(inspect))
        self.assertTrue(inspect.getsource(json.loads).startswith("def loads("))
        self.assertIn("Never ends", inspect.getsource(recurse))

    def test_kernel(self):
        try:
            import kernel.log
            import kernel.session
        except ImportError:
            self.skipTest("not on a ZPy machine")
        self.assertIn("class Logger", inspect.getsource(kernel.log))
        self.assertIn("def run(self)", inspect.getsource(kernel.session.Session))
        self.assertTrue(linecache.getline(inspect.getsourcefile(kernel.log), 1))


class Language(unittest.TestCase):
    """Some of everything that a port can break."""

    def test_integers_and_floats(self):
        self.assertEqual(pow(3, 1000, 10**9 + 7), 56888193)
        self.assertEqual(len(str(7**2000)), 1691)
        self.assertEqual(int("f" * 40, 16), 16**40 - 1)
        self.assertEqual(0.1 + 0.2, 0.30000000000000004)
        self.assertEqual(repr(1e22), "1e+22")
        self.assertEqual(float("1.7976931348623157e308") * 10, float("inf"))
        self.assertEqual(f"{3.14159:.2f} {1e-7:g} {255:#x}", "3.14 1e-07 0xff")
        self.assertEqual(round(2.5), 2)
        self.assertEqual(float.fromhex("0x1.8p1"), 3.0)
        self.assertEqual(5e-324 / 2, 0.0)
        self.assertEqual(hash(2**61 - 1 if sys.maxsize > 2**32 else 2**31 - 1), 0)

    def test_text(self):
        self.assertEqual("ä日".encode(), b"\xc3\xa4\xe6\x97\xa5")
        self.assertEqual("Straße".upper(), "STRASSE")
        self.assertEqual("x".join("abc"), "axbxc")
        self.assertEqual(b"\xff".decode("latin-1"), "ÿ")
        self.assertEqual("é".encode("utf-16-le"), b"\xe9\x00")
        self.assertEqual("%s %5.1f %r" % ("a", 2.25, "b"), "a   2.2 'b'")  # noqa: UP031

    def test_generators_and_matching(self):
        def numbers():
            received = yield 1
            yield from (received, received + 1)

        generator = numbers()
        self.assertEqual([next(generator), generator.send(5), next(generator)], [1, 5, 6])
        match {"kind": "point", "at": [1, 2]}:
            case {"kind": "point", "at": [x, y]}:
                self.assertEqual((x, y), (1, 2))
            case _:
                self.fail()

    def test_hash_and_order(self):
        self.assertEqual(hash("text"), hash("te" + "xt"))
        self.assertEqual(list({"b": 1, "a": 2}), ["b", "a"])

    def test_exec_and_eval(self):
        namespace = {}
        exec("def f(x): return x * 2", namespace)
        self.assertEqual(eval("f(21)", namespace), 42)

    def test_tracing(self):
        events = []

        def tracer(frame, event, argument):
            events.append(event)
            return tracer

        before = sys.gettrace()
        sys.settrace(tracer)
        try:
            (lambda: 1)()
        finally:
            sys.settrace(before)
        self.assertIn("call", events)
        self.assertIn("return", events)


if __name__ == "__main__":
    unittest.main()
