# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Hot reload: the user's version of a kernel module wins, and live objects get the new code."""

import importlib
import inspect
import os
import sys
import tempfile
import unittest

try:
    import _vosal

    import kernel
    from kernel import hotreload, overrides, shell
except ImportError:
    kernel = None


def setUpModule():
    """Without the kernel there is nothing to reload."""
    if kernel is None:
        raise unittest.SkipTest("not on a ZPy machine")


class Module(unittest.TestCase):
    """kernel.reload() of a module of the user's."""

    def setUp(self):
        self.directory = tempfile.mkdtemp()
        self.file = os.path.join(self.directory, "zpy_subject.py")
        sys.path.insert(0, self.directory)

    def tearDown(self):
        sys.path.remove(self.directory)
        sys.modules.pop("zpy_subject", None)
        os.remove(self.file)
        os.rmdir(self.directory)

    def write(self, text):
        """Makes the module's file, with a size or a time that no other version had."""
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(text)
        # A host's importer looks at the time in seconds and at the size.
        self.stamp = getattr(self, "stamp", 1_000_000_000) + 10
        os.utime(self.file, (self.stamp, self.stamp))

    def test_functions_and_classes(self):
        self.write(
            "class Base:\n    def who(self): return 'base'\n"
            "class Thing(Base):\n"
            "    limit = 1\n"
            "    def who(self): return 'old ' + super().who()\n"
            "    def gone(self): return 1\n"
            "    @property\n    def size(self): return 1\n"
            "def function(): return 'old'\n"
        )
        subject = kernel.reload("zpy_subject")
        thing, kind, function = subject.Thing(), subject.Thing, subject.function
        self.assertEqual((thing.who(), function()), ("old base", "old"))
        self.write(
            "class Base:\n    def who(self): return 'BASE'\n"
            "class Thing(Base):\n"
            "    limit = 2\n"
            "    def who(self): return 'new ' + super().who()\n"
            "    def more(self): return isinstance(self, Thing)\n"
            "    @property\n    def size(self): return 2\n"
            "def function(more='!'): return 'new' + more\n"
        )
        self.assertIs(kernel.reload(subject), subject)
        self.assertEqual((thing.who(), thing.size, thing.limit), ("new BASE", 2, 2))
        self.assertTrue(thing.more())
        self.assertFalse(hasattr(thing, "gone"))
        self.assertIs(subject.Thing, kind)
        self.assertIsInstance(subject.Thing(), kind)
        self.assertEqual(function(), "new!")
        self.assertIn("new ", inspect.getsource(kind.who))

    def test_a_version_that_fails(self):
        self.write("value = 1\ndef function(): return value\n")
        subject = kernel.reload("zpy_subject")
        for text, error in (
            ("value = = 2\n", SyntaxError),
            ("value = 2\n1 / 0\n", ZeroDivisionError),
        ):
            self.write(text)
            with self.assertRaises(error):
                kernel.reload(subject)
            self.assertEqual((subject.value, subject.function()), (1, 1))

    def test_no_such_module(self):
        self.write("")
        with self.assertRaises(ModuleNotFoundError):
            kernel.reload("zpy_no_such_module")


class Kernel(unittest.TestCase):
    """/lib/kernel/x.py over the image's."""

    FILE = "/lib/kernel/shellsyntax.py"

    def setUp(self):
        if not hasattr(_vosal, "layers") or not os.path.exists(self.FILE):
            self.skipTest("/lib/kernel is not mounted")
        from kernel import shellsyntax

        self.module = shellsyntax
        with open(self.FILE, encoding="utf-8") as file:
            self.text = file.read()
        self.shipped = self.module.__file__

    def tearDown(self):
        if hasattr(self, "text"):
            if _vosal.layers(self.FILE) & _vosal.UPPER:
                os.remove(self.FILE)
            kernel.reload("kernel.shellsyntax")
            self.assertEqual(self.module.__file__, self.shipped)

    def change(self, old, new):
        """Writes a version of the user's."""
        self.assertIn(old, self.text)
        with open(self.FILE, "w", encoding="utf-8") as file:
            file.write(self.text.replace(old, new))

    def test_the_users_version_wins(self):
        before = self.module.quote
        self.assertIsNone(overrides.path("kernel.shellsyntax"))
        self.change("def quote(text):\n", 'def quote(text):\n    return "changed"\n')
        self.assertEqual(overrides.path("kernel.shellsyntax"), (self.FILE, False))
        self.assertEqual(self.module.quote("a b"), "'a b'")
        importlib.reload(self.module)
        self.assertEqual(self.module.quote("a b"), "changed")
        self.assertEqual(self.module.__file__, self.FILE)
        self.assertIn('return "changed"', inspect.getsource(self.module.quote))
        kernel.reload(self.module)
        os.remove(self.FILE)
        self.assertTrue(os.path.exists(self.FILE))
        importlib.reload(self.module)
        self.assertEqual(self.module.quote("a b"), "'a b'")
        self.assertIsNotNone(before)

    def test_edited_twice_within_a_moment(self):
        for number in (1, 2, 3):
            self.change("def quote(text):\n", f'def quote(text):\n    return "{number}"\n')
            os.utime(self.FILE, (0, 0))
            kernel.reload("kernel.shellsyntax")
            self.assertEqual(self.module.quote(""), str(number))
            self.assertIn(f'return "{number}"', inspect.getsource(self.module.quote))

    def test_a_broken_version(self):
        self.change("def quote(text):\n", "def quote(text:\n")
        with self.assertRaises(SyntaxError):
            kernel.reload("kernel.shellsyntax")
        self.assertEqual(self.module.quote("a b"), "'a b'")

    def test_a_new_module(self):
        with open("/lib/kernel/zpy_new.py", "w", encoding="utf-8") as file:
            file.write("value = 5\n")
        try:
            self.assertEqual(importlib.import_module("kernel.zpy_new").value, 5)
        finally:
            os.remove("/lib/kernel/zpy_new.py")
            sys.modules.pop("kernel.zpy_new", None)
            vars(kernel).pop("zpy_new", None)

    def test_modules_that_sessions_live_in(self):
        from kernel import console, log, loop, scheduler, session, streams

        job = scheduler.spawn(lambda: 5)
        job.wait()
        current = session.current()
        for module in (console, log, loop, scheduler, session, shell, streams):
            kernel.reload(module)
            print(end="", flush=True)
        self.assertIs(session.current(), current)
        self.assertEqual(shell.sh("nothing-there 2> /dev/null"), 127)
        self.assertEqual(scheduler.spawn(lambda: 6).wait(), 6)
        self.assertIs(type(scheduler.spawn(lambda: 7)), type(job))
        self.assertTrue(log.lines())


class Loading(unittest.TestCase):
    """The finder and the loader."""

    def test_others_are_left_alone(self):
        for name in ("json", "kernel_not", "kernel.emergency", "kernel.no_such_module"):
            self.assertIsNone(overrides.path(name))

    def test_install_once(self):
        overrides.install()
        overrides.install()
        found = [finder for finder in sys.meta_path if finder is overrides.Finder]
        self.assertEqual(len(found), 1)

    def test_source(self):
        source = inspect.getsource(hotreload.reload)
        self.assertTrue(source.startswith("def reload(module):"))


if __name__ == "__main__":
    unittest.main()
