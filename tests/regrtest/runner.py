# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Runs one file of CPython's own test suite on the machine and tells the host what became of it.

The host (tools/zpy/regrtest.py) sends this program with `argv[1]`, a JSON object:

    {"name": "test_int", "done": [ids], "skips": [[pattern, reason], ...], "scale": 1.0,
     "match": [patterns], "repeat": 1, "patience": seconds, "unpacked": {sha256: base64}}

`done` are tests that an earlier boot has run already; they are left out. `unpacked` are data that
the file packs with lzma, which the machine has not: the host has unpacked them. What the tests
print goes
where they send it. The results are lines between it that begin with RS (0x1e), JSON objects:

    {"plan": [[id, count], ...]}                         all tests of the file
    {"start": id}                                        it runs now
    {"end": id, "status": ..., "seconds": ..., "reason": ..., "text": ...}
    {"file": status, "reason": ..., "heap": [...]}       the end of the file

status: passed, failed, error, skipped; a test whose failure upstream expects has passed. One
test is one method, however many subtests it has: one failing subtest makes it fail.
"""

import base64
import faulthandler
import fnmatch
import gc
import hashlib
import importlib
import json
import os
import random
import sys
import time
import traceback
import unittest
import zlib
from collections import Counter

import _vosal

MARK = "\x1e"
LOOPBACK = ("test_socketserver",)  # they ask for upstream's resource "network", and use no other
TEXT_MAX = 6000  # of a traceback: the start tells where, the end what
RANK = {"passed": 0, "skipped": 1, "failed": 2, "error": 3}


def send(record, stream=sys.stdout.buffer):
    """Tell the host; whatever the tests have done to sys.stdout."""
    # The line break before it ends what a test may have left unfinished.
    stream.write(f"\n{MARK}{json.dumps(record)}\n".encode())


def clip(text):
    if len(text) <= TEXT_MAX:
        return text
    return f"{text[: TEXT_MAX // 2]}\n[...]\n{text[-TEXT_MAX // 2 :]}"


class Result(unittest.TestResult):
    """Sends each test's outcome when it is known."""

    def __init__(self, patience):
        super().__init__()
        self.patience = patience
        self.seen = Counter()
        self.holders = []  # (id of a class or module, status, reason, text): its fixture failed
        self._worst = None

    def _forget(self):
        # unittest keeps all texts; they have been sent.
        for kept in (self.failures, self.errors, self.skipped, self.expectedFailures):
            kept.clear()

    def startTest(self, test):
        super().startTest(test)
        self._worst = ("passed", "", "")
        self._ran = False
        self.seen[test.id()] += 1
        send({"start": test.id()})
        if self.patience:
            faulthandler.dump_traceback_later(self.patience, exit=False, file=2)
        self._begin = time.monotonic()

    def stopTest(self, test):
        seconds = time.monotonic() - self._begin
        if self.patience:
            faulthandler.cancel_dump_traceback_later()
        super().stopTest(test)
        status, reason, text = self._worst
        if status == "skipped" and self._ran:
            status = "passed"  # some subtests ran; the reason tells what was left out
        send(
            {
                "end": test.id(),
                "status": status,
                "seconds": round(seconds, 3),
                "reason": reason,
                "text": clip(text),
            }
        )
        self._worst = None
        self._forget()

    def _note(self, test, status, reason, text=""):
        if self._worst is None:
            self.holders.append((test.id(), status, reason, text))
        elif RANK[status] > RANK[self._worst[0]]:
            self._worst = (status, reason, text)

    def _note_exception(self, test, status, err):
        try:
            text = self._exc_info_to_string(err, test)
        except BaseException as error:
            text = f"{err[0].__name__} (its traceback cannot be had: {error!r})"
        reason = text.strip().rpartition("\n")[2]
        if test.id() not in text and getattr(test, "_message", None) is not None:
            reason += f" [{test._message}]"
        params = getattr(test, "params", None)
        if params:
            reason += f" ({', '.join(f'{key}={value!r}' for key, value in params.items())})"[:200]
        self._note(test, status, reason, text)

    def addError(self, test, err):
        self._note_exception(test, "error", err)

    def addFailure(self, test, err):
        self._note_exception(test, "failed", err)

    def addSubTest(self, test, subtest, err):
        self._ran = True
        if err is not None:
            failed = issubclass(err[0], test.failureException)
            self._note_exception(subtest, "failed" if failed else "error", err)

    def addSkip(self, test, reason):
        self._note(test, "skipped", str(reason))

    def addExpectedFailure(self, test, err):
        pass

    def addUnexpectedSuccess(self, test):
        self._note(test, "failed", "unexpected success")

    def wasSuccessful(self):
        return True


def tests_of(suite):
    """All tests of a suite, in the order in which they run."""
    for test in suite:
        if isinstance(test, unittest.BaseTestSuite):
            yield from tests_of(test)
        else:
            yield test


def prune(suite, keep):
    """Take out of a suite, however nested, the tests that keep() does not want."""
    kept = []
    for test in suite:
        if isinstance(test, unittest.BaseTestSuite):
            prune(test, keep)
            kept.append(test)
        elif keep(test):
            kept.append(test)
    suite._tests = kept


def set_up(name, scale):
    """Make of the machine what upstream's regrtest makes of a process."""
    os.makedirs("/tmp/regrtest", exist_ok=True)
    os.chdir("/tmp/regrtest")
    from test import support

    # Upstream's own decorators skip what needs more, when they are told what there is.
    support.has_subprocess_support = False
    support.has_fork_support = False
    support.verbose = 0
    support.use_resources = ("network",) if name in LOOPBACK else ()
    # An emulated processor is slow, and its clock is the host's.
    for name in ("LOOPBACK_TIMEOUT", "SHORT_TIMEOUT", "LONG_TIMEOUT"):
        setattr(support, name, getattr(support, name) * scale)
    # The tests' own output goes over the line to the host; these are the console's descriptors.
    sys.__stdout__ = open(1, "w", encoding="utf-8", closefd=False)
    sys.__stderr__ = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
    support.record_original_stdout(sys.stdout)
    random.seed(20260101)
    return support


def stand_in_for_lzma(unpacked):
    """Makes `import lzma` give a module that can unpack the data that the host has unpacked."""

    def decompress(data):
        deflated = unpacked[hashlib.sha256(data).hexdigest()]
        return zlib.decompress(base64.b64decode(deflated))

    stand_in("lzma", decompress=decompress)


def stand_in(name, **attributes):
    """Makes an import give a module with these attributes, as a package and in one."""
    sys.modules[name] = module = type(sys)(name)
    module.__path__ = []
    vars(module).update(attributes)
    package, _, last = name.rpartition(".")
    if package:
        setattr(importlib.import_module(package), last, module)


def stand_in_for_processes():
    """What test_concurrent_futures imports for its tests with processes, which skip themselves."""

    def check_system_limits():
        raise NotImplementedError("a machine without processes")

    stand_in("multiprocessing", get_all_start_methods=list)
    stand_in("multiprocessing.process")
    stand_in("multiprocessing.util", _cleanup_tests=lambda: None)
    stand_in(
        "concurrent.futures.process",
        _check_system_limits=check_system_limits,
        ProcessPoolExecutor=None,
    )


def reason_to_skip(name, skips):
    """Why the list skips a test, or None."""
    for pattern, reason in skips:
        if fnmatch.fnmatchcase(name, pattern):
            return reason
    return None


def load(name, support, skips):
    """The tests of a file, as regrtest loads them.

    A part of a package that cannot be loaded is an error, unless the list skips it as
    "unittest.loader._FailedTest.test.<package>.<part>".
    """
    try:
        module = importlib.import_module(f"test.{name}")
    except unittest.SkipTest as skip:
        # Some files give up as a whole because a few of their tests start a process. Those few
        # are skipped by what they start it with, so the others can run.
        if "subprocess" not in str(skip):
            raise
        importlib.import_module("test.support.script_helper")
        support.has_subprocess_support = True
        try:
            module = importlib.import_module(f"test.{name}")
        finally:
            support.has_subprocess_support = False
    loader = unittest.TestLoader()
    suite = loader.loadTestsFromModule(module)
    failed = [test for test in tests_of(suite) if isinstance(test, unittest.loader._FailedTest)]
    if any(reason_to_skip(test.id(), skips) is None for test in failed):
        raise ImportError("\n".join(loader.errors))
    return suite


def heap():
    gc.collect()
    return _vosal.heap_info()[1]


def run_once(options, support):
    before = heap()
    try:
        suite = load(options["name"], support, options["skips"])
    except unittest.SkipTest as skip:
        return {"file": "skipped", "reason": str(skip)}
    except BaseException as error:
        return {"file": "error", "reason": repr(error), "text": clip(traceback.format_exc())}
    loaded = heap()
    match = options["match"]
    if match:
        prune(suite, lambda test: any(fnmatch.fnmatchcase(test.id(), p) for p in match))
    plan = Counter(test.id() for test in tests_of(suite))
    send({"plan": list(plan.items())})
    done = Counter(options["done"])

    def keep(test):
        name = test.id()
        if done[name]:
            done[name] -= 1
            plan[name] -= 1
            return False
        reason = reason_to_skip(name, options["skips"])
        if reason is not None:
            plan[name] -= 1
            send({"end": name, "status": "skipped", "seconds": 0, "reason": reason, "text": ""})
            return False
        return True

    prune(suite, keep)
    result = Result(options["patience"])
    suite.run(result)
    for name, count in (plan - result.seen).items():
        status, reason, text = blame(name, result.holders)
        for _ in range(count):
            send({"end": name, "status": status, "seconds": 0, "reason": reason, "text": text})
    # What a class or module did after its tests belongs to none of them.
    for name, status, reason, text in result.holders:
        if status != "skipped" and name.startswith("tearDown"):
            send(
                {"end": name, "status": status, "seconds": 0, "reason": reason, "text": clip(text)}
            )
    support.gc_collect()
    return {
        "file": "done",
        "heap": [before, loaded, heap(), _vosal.heap_info()[2]],
        "count": result.testsRun,
    }


def blame(name, holders):
    """Why a test of the plan has not run: what was said of its class or module."""
    for holder, status, reason, text in holders:
        # "setUpClass (test.test_x.Class)", "setUpModule (test.test_x)"
        inner = holder.partition("(")[2].rstrip(")")
        if inner and (name == inner or name.startswith(f"{inner}.")):
            return status, reason, clip(text)
    return "error", "it has not run", ""


def main():
    options = json.loads(sys.argv[1])
    try:
        faulthandler.enable(file=2)
    except Exception as error:
        print(f"faulthandler: {error!r}")
    support = set_up(options["name"], options["scale"])
    package = options["name"].partition(".")[0]
    if package == "test_asyncio":
        # test_events imports it for its tests of pseudo-terminals, which skip themselves.
        stand_in("tty")
    elif package == "test_concurrent_futures":
        stand_in_for_processes()
    if options.get("unpacked"):
        stand_in_for_lzma(options["unpacked"])
    for _ in range(options["repeat"]):
        last = run_once(options, support)
        if options["repeat"] > 1:
            print(f"heap {last.get('heap')}")
    send(last)


if __name__ == "__main__":
    main()
