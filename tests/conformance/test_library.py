# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The standard library: everything that should be there is, and does what it should."""

import importlib
import sys
import unittest

# Modules in C.
BUILTIN = """
    _abc _asyncio _bisect _blake2 _codecs _collections _contextvars _csv _datetime _decimal
    _elementtree _functools _heapq _imp _io _json _locale _md5 _opcode _operator _pickle _queue
    _random _sha1 _sha2 _sha3 _signal _socket _sre _stat _statistics _string _struct _symtable
    _thread _tracemalloc _typing _warnings _weakref _zoneinfo array atexit binascii cmath errno
    faulthandler gc itertools marshal math posix pyexpat select sys time unicodedata zlib
"""

# Modules in Python.
PYTHON = """
    __future__ abc argparse ast asyncio base64 bdb bisect calendar cmd code codecs codeop
    collections collections.abc colorsys compileall concurrent.futures configparser contextlib
    contextvars copy copyreg cProfile csv dataclasses datetime decimal difflib dis doctest email
    email.message email.parser encodings enum filecmp fileinput fnmatch fractions functools
    genericpath getopt gettext glob graphlib gzip hashlib heapq hmac html html.parser http
    http.client http.server importlib importlib.abc importlib.metadata importlib.resources
    importlib.util
    inspect io ipaddress json keyword linecache locale logging logging.config logging.handlers
    mimetypes modulefinder netrc numbers opcode operator optparse os os.path pathlib pdb pickle
    pickletools pkgutil platform plistlib posixpath pprint profile pstats py_compile pyclbr pydoc
    queue quopri random re reprlib runpy sched secrets selectors shelve shlex shutil signal
    smtplib socket socketserver stat statistics string stringprep struct symtable sysconfig
    tabnanny tarfile tempfile textwrap threading timeit token tokenize tomllib trace traceback
    tracemalloc types typing unittest unittest.mock urllib.error urllib.parse urllib.request
    urllib.response uuid warnings wave weakref wsgiref.simple_server xml.dom.minidom
    xml.etree.ElementTree xml.sax xmlrpc.client zipapp zipfile zipimport zoneinfo
"""


class Imports(unittest.TestCase):
    """Every module of the lists."""

    def check(self, names):
        """Imports each."""
        for name in names:
            with self.subTest(name):
                self.assertIs(importlib.import_module(name), sys.modules[name])

    def test_builtin(self):
        names = set(BUILTIN.split())
        if sys.version_info < (3, 12):
            names.discard("_sha2")  # two modules before
        self.check(sorted(names))

    def test_python(self):
        self.check(PYTHON.split())

    def test_what_is_not_there(self):
        with self.assertRaises(ModuleNotFoundError):
            importlib.import_module("no_such_module")


class RoundTrips(unittest.TestCase):
    """A value through a module and back, or a known answer."""

    VALUE = {"text": "grüße 日本", "list": [1, 2.5, None, True], "nested": {"a": {"b": [[]]}}}

    def test_json(self):
        import json

        self.assertEqual(json.loads(json.dumps(self.VALUE)), self.VALUE)
        self.assertEqual(
            json.dumps({"b": 1, "a": [1.5, "x"]}, sort_keys=True, indent=1),
            '{\n "a": [\n  1.5,\n  "x"\n ],\n "b": 1\n}',
        )
        self.assertEqual(json.loads('"\\u65e5\\n"'), "日\n")

    def test_pickle(self):
        import pickle

        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            self.assertEqual(pickle.loads(pickle.dumps(self.VALUE, protocol)), self.VALUE)

    def test_marshal(self):
        import marshal

        self.assertEqual(marshal.loads(marshal.dumps(self.VALUE)), self.VALUE)

    def test_copy(self):
        import copy

        twin = copy.deepcopy(self.VALUE)
        twin["list"].append(5)
        self.assertEqual(len(self.VALUE["list"]), 4)

    def test_struct(self):
        import struct

        data = struct.pack("<bHiqfd3s?", -1, 65535, -(2**31), 2**62, 1.5, -2.25, b"abc", True)
        self.assertEqual(
            struct.unpack("<bHiqfd3s?", data),
            (-1, 65535, -(2**31), 2**62, 1.5, -2.25, b"abc", True),
        )
        self.assertEqual(struct.pack(">I", 1), b"\0\0\0\1")

    def test_array(self):
        import array

        values = array.array("d", [1.5, -2.0])
        self.assertEqual(array.array("d", values.tobytes()), values)

    def test_binascii_and_base64(self):
        import base64
        import binascii

        data = bytes(range(256))
        self.assertEqual(base64.b64decode(base64.b64encode(data)), data)
        self.assertEqual(base64.b85decode(base64.b85encode(data)), data)
        self.assertEqual(binascii.unhexlify(binascii.hexlify(data)), data)
        self.assertEqual(binascii.crc32(b"123456789"), 0xCBF43926)

    def test_zlib_and_gzip(self):
        import gzip
        import zlib

        data = b"the same again and again " * 1000
        packed = zlib.compress(data, 9)
        self.assertLess(len(packed), 200)
        self.assertEqual(zlib.decompress(packed), data)
        self.assertEqual(gzip.decompress(gzip.compress(data)), data)
        self.assertEqual(zlib.adler32(b"Wikipedia"), 0x11E60398)
        stream = zlib.decompressobj()
        self.assertEqual(
            b"".join(stream.decompress(packed[i : i + 10]) for i in range(0, len(packed), 10)),
            data,
        )

    def test_hashlib(self):
        import hashlib
        import hmac

        known = {
            "md5": "900150983cd24fb0d6963f7d28e17f72",
            "sha1": "a9993e364706816aba3e25717850c26c9cd0d89d",
            "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "sha3_256": "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
        }
        for name, digest in known.items():
            self.assertEqual(hashlib.new(name, b"abc").hexdigest(), digest, name)
            self.assertEqual(getattr(hashlib, name)(b"abc").hexdigest(), digest, name)
        self.assertEqual(hashlib.sha512(b"abc").hexdigest()[:16], "ddaf35a193617aba")
        self.assertEqual(hashlib.blake2b(b"abc").hexdigest()[:16], "ba80a53f981c4d0d")
        self.assertEqual(hashlib.blake2s(b"abc").hexdigest()[:16], "508c5e8c327c14e2")
        self.assertEqual(hmac.new(b"key", b"abc", "sha256").hexdigest()[:16], "9c196e32dc0175f8")
        if hasattr(hashlib, "pbkdf2_hmac"):  # only OpenSSL has it
            self.assertEqual(
                hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 1).hex()[:16],
                "120fb6cffcf8b32c",
            )

    def test_decimal_and_fractions(self):
        from decimal import Decimal, getcontext, localcontext
        from fractions import Fraction

        self.assertEqual(Decimal("0.1") + Decimal("0.2"), Decimal("0.3"))
        with localcontext() as context:
            context.prec = 50
            self.assertEqual(
                str(Decimal(2).sqrt()), "1.4142135623730950488016887242096980785696718753769"
            )
        self.assertEqual(getcontext().prec, 28)
        self.assertEqual(Fraction(1, 3) + Fraction(1, 6), Fraction(1, 2))

    def test_math(self):
        import cmath
        import math
        import statistics

        self.assertAlmostEqual(math.sin(1), 0.8414709848078965, places=15)
        self.assertEqual(math.comb(50, 25), 126410606437752)
        self.assertEqual(math.isqrt(10**40), 10**20)
        self.assertTrue(math.isnan(math.nan) and math.isinf(-math.inf))
        with self.assertRaises(OverflowError):
            math.exp(1000)
        with self.assertRaises(ValueError):
            math.sqrt(-1)
        self.assertAlmostEqual(cmath.exp(1j * math.pi), -1)
        self.assertEqual(statistics.median([3, 1, 2]), 2)
        self.assertAlmostEqual(math.gamma(5.5), 52.34277778455352)

    def test_random(self):
        import random
        import secrets

        rng = random.Random(42)
        self.assertEqual([rng.randrange(100) for _ in range(5)], [81, 14, 3, 94, 35])
        self.assertEqual(len({random.random() for _ in range(100)}), 100)
        self.assertNotEqual(secrets.token_hex(16), secrets.token_hex(16))

    def test_re(self):
        import re

        self.assertEqual(re.findall(r"(\w+)=(\d+)", "a=1, bc=22"), [("a", "1"), ("bc", "22")])
        self.assertEqual(re.sub(r"(?P<x>.)\1+", r"<\g<x>>", "aabcc"), "<a>b<c>")
        self.assertTrue(re.fullmatch(r"[^\W\d_]+", "größe"))
        with self.assertRaises(re.error):
            re.compile("(")

    def test_collections(self):
        import bisect
        import collections
        import functools
        import heapq
        import itertools
        import operator

        self.assertEqual(collections.Counter("abca").most_common(1), [("a", 2)])
        queue = collections.deque([1, 2, 3], maxlen=2)
        self.assertEqual(list(queue), [2, 3])
        Point = collections.namedtuple("Point", "x y")
        self.assertEqual(Point(1, y=2)._asdict(), {"x": 1, "y": 2})
        heap = [5, 1, 4]
        heapq.heapify(heap)
        self.assertEqual([heapq.heappop(heap) for _ in range(3)], [1, 4, 5])
        self.assertEqual(bisect.bisect([1, 3, 5], 3), 2)
        self.assertEqual(list(itertools.accumulate([1, 2, 3], operator.mul)), [1, 2, 6])
        self.assertEqual(functools.reduce(operator.add, range(5)), 10)
        calls = []
        cached = functools.lru_cache(lambda x: calls.append(x))
        cached(1), cached(1)
        self.assertEqual(calls, [1])

    def test_csv(self):
        import csv
        import io

        rows = [["a", "b,c"], ['d"e', "f\ng"]]
        file = io.StringIO(newline="")
        csv.writer(file).writerows(rows)
        file.seek(0)
        self.assertEqual(list(csv.reader(file)), rows)

    def test_xml_toml_config(self):
        import configparser
        import tomllib
        from xml.etree import ElementTree

        root = ElementTree.fromstring("<a x='1'><b>text ü</b></a>")
        self.assertEqual((root.get("x"), root.find("b").text), ("1", "text ü"))
        self.assertEqual(
            ElementTree.tostring(root, encoding="unicode"), '<a x="1"><b>text ü</b></a>'
        )
        self.assertEqual(tomllib.loads("[t]\nx = [1, 2]\n"), {"t": {"x": [1, 2]}})
        parser = configparser.ConfigParser()
        parser.read_string("[s]\nkey = value\n")
        self.assertEqual(parser["s"]["key"], "value")

    def test_archives(self):
        import io
        import tarfile
        import zipfile

        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a/b.txt", "content")
        with zipfile.ZipFile(file) as archive:
            self.assertEqual(archive.read("a/b.txt"), b"content")
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w:gz") as archive:
            info = tarfile.TarInfo("f")
            info.size = 3
            archive.addfile(info, io.BytesIO(b"abc"))
        file.seek(0)
        with tarfile.open(fileobj=file) as archive:
            self.assertEqual(archive.extractfile("f").read(), b"abc")

    def test_unicode(self):
        import unicodedata

        self.assertEqual(unicodedata.name("é"), "LATIN SMALL LETTER E WITH ACUTE")
        self.assertEqual(unicodedata.normalize("NFD", "é"), "e\u0301")
        self.assertEqual("\N{SNOWMAN}", "☃")

    def test_codecs(self):
        for name in ("utf-8", "utf-16", "utf-32", "utf-7"):
            self.assertEqual("ä日😀".encode(name).decode(name), "ä日😀", name)
        for name in ("latin-1", "cp1252", "iso8859-15", "cp437"):
            self.assertEqual("äö".encode(name).decode(name), "äö", name)
        self.assertEqual("bücher".encode("idna"), b"xn--bcher-kva")

    def test_dataclasses_and_enum(self):
        import dataclasses
        import enum

        @dataclasses.dataclass(order=True, frozen=True)
        class Point:
            """A point."""

            x: int
            y: int = 2

        self.assertEqual(dataclasses.asdict(Point(1)), {"x": 1, "y": 2})
        self.assertLess(Point(1), Point(2))

        class Colour(enum.IntFlag):
            """Flags."""

            RED = 1
            BLUE = 2

        self.assertEqual((Colour.RED | Colour.BLUE).value, 3)
        self.assertEqual(Colour["RED"], Colour(1))

    def test_contextlib_and_typing(self):
        import contextlib
        import typing

        with contextlib.suppress(KeyError), contextlib.ExitStack() as stack:
            stack.callback(lambda: None)
            raise KeyError

        def function(x: int, y: "list[str]") -> None:
            """Annotated."""

        self.assertEqual(typing.get_type_hints(function)["x"], int)

    def test_logging(self):
        import io
        import logging

        file = io.StringIO()
        handler = logging.StreamHandler(file)
        logger = logging.getLogger("conformance")
        logger.propagate = False
        logger.addHandler(handler)
        logger.warning("a %d", 5)
        logger.removeHandler(handler)
        self.assertEqual(file.getvalue(), "a 5\n")

    def test_argparse(self):
        import argparse

        parser = argparse.ArgumentParser(prog="p", exit_on_error=False)
        parser.add_argument("--n", type=int, default=1)
        parser.add_argument("name")
        self.assertEqual(vars(parser.parse_args(["--n", "5", "x"])), {"n": 5, "name": "x"})

    def test_weakref_and_gc(self):
        import gc
        import weakref

        class Thing:
            """Can be referred to weakly."""

        ended = []
        thing = Thing()
        weakref.finalize(thing, ended.append, 1)
        table = weakref.WeakValueDictionary(a=thing)
        del thing
        gc.collect()
        self.assertEqual((ended, dict(table)), ([1], {}))

    def test_ast_dis_tokenize(self):
        import ast
        import dis
        import io
        import tokenize

        tree = ast.parse("x = 1 + 2")
        self.assertEqual(ast.unparse(tree), "x = 1 + 2")
        self.assertEqual(ast.literal_eval("{'a': [1, (2,)]}"), {"a": [1, (2,)]})
        self.assertIn("RETURN", dis.Bytecode("x").dis())
        tokens = list(tokenize.generate_tokens(io.StringIO("a + 1\n").readline))
        self.assertEqual([token.string for token in tokens[:3]], ["a", "+", "1"])

    def test_tracemalloc(self):
        import tracemalloc

        tracemalloc.start()
        try:
            block = bytearray(100_000)
            self.assertGreater(tracemalloc.get_traced_memory()[0], 90_000)
            del block
        finally:
            tracemalloc.stop()

    def test_atexit(self):
        import atexit

        def function():
            raise AssertionError("was unregistered")

        atexit.register(function)
        atexit.unregister(function)

    def test_signal(self):
        import signal

        self.assertIs(signal.getsignal(signal.SIGINT), signal.default_int_handler)
        with self.assertRaises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        caught = []
        before = signal.signal(signal.SIGINT, lambda *arguments: caught.append(arguments[0]))
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            signal.signal(signal.SIGINT, before)
        self.assertEqual(caught, [signal.SIGINT])

    def test_os(self):
        import os

        self.assertEqual(os.name, "posix")
        self.assertEqual(len(os.urandom(16)), 16)
        self.assertNotEqual(os.urandom(16), os.urandom(16))
        os.environ["CONFORMANCE"] = "é"
        self.assertEqual(os.getenv("CONFORMANCE"), "é")
        del os.environ["CONFORMANCE"]
        self.assertIsNone(os.getenv("CONFORMANCE"))
        self.assertGreaterEqual(os.cpu_count(), 1)
        self.assertIsInstance(os.getpid(), int)
        self.assertEqual(os.strerror(2), "No such file or directory")
        self.assertTrue(os.uname().sysname)

    def test_select_and_sockets(self):
        import selectors
        import socket

        first, second = socket.socketpair()
        with first, second, selectors.DefaultSelector() as selector:
            selector.register(second, selectors.EVENT_READ)
            self.assertEqual(selector.select(0.01), [])
            first.sendall(b"ping")
            self.assertEqual(len(selector.select(10)), 1)
            self.assertEqual(second.recv(10), b"ping")

    def test_zipimport_and_runpy(self):
        import os
        import runpy
        import tempfile
        import zipfile

        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "app.zip")
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("zipped_module.py", "value = 7\n")
                archive.writestr("__main__.py", "import zipped_module\nx = zipped_module.value\n")
            self.assertEqual(runpy.run_path(path)["x"], 7)
            sys.modules.pop("zipped_module", None)

    def test_doctest_and_mock(self):
        import doctest
        from unittest import mock

        namespace = {"__name__": "example", "__doc__": ">>> 1 + 1\n2\n"}
        test = doctest.DocTestParser().get_doctest(namespace["__doc__"], {}, "e", None, 0)
        self.assertEqual(doctest.DocTestRunner(verbose=False).run(test).failed, 0)
        thing = mock.Mock(return_value=3)
        self.assertEqual(thing(1), 3)
        thing.assert_called_once_with(1)

    def test_datetime_and_zoneinfo_are_in_c(self):
        import datetime
        import decimal
        import zoneinfo

        for kind, module in (
            (datetime.datetime, "_datetime"),
            (zoneinfo.ZoneInfo, "_zoneinfo"),
            (decimal.Decimal, "_decimal"),
        ):
            accelerated = importlib.import_module(module)
            self.assertIs(getattr(accelerated, kind.__name__), kind)


if __name__ == "__main__":
    unittest.main()
