# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""`zpy test --regrtest`: CPython's own test files on the machine.

Each file runs on a machine that was booted for it. When the machine dies or hangs, the test that
ran then has failed, and another machine goes on behind it: no file is left unfinished. What runs
on the machine is tests/regrtest/runner.py; the lists beside it say which files, what is skipped
and which failures are known, with their reasons.
"""

import base64
import dataclasses
import fnmatch
import hashlib
import json
import time
import tomllib
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from zpy import boards, build, system, venv, workspace
from zpy.errors import MachineError, MachineTimeout, UsageError, ZpyError
from zpy.paths import LOG, ROOT
from zpy.progress import say
from zpy.protocol import Program
from zpy.session import Session, request

HOME = ROOT / "tests" / "regrtest"
REPORT = LOG / "regrtest.json"
MARK = b"\x1e"
BOOT_TIMEOUT = 300.0
PATIENCE = {"qemu": 900.0, "native": 180.0}  # seconds for one test
FILE_LIMIT = {"qemu": 3600.0, "native": 1200.0}  # seconds for a file, with all its boots
SCALE = {"qemu": 6.0, "native": 1.0}  # how much slower than a host, for upstream's time-outs
SILENCE = 60.0  # seconds in which the machine reports what hangs, before it is switched off
MAX_BOOTS = 12  # for one file
GOAL = 0.99  # of the tests that were not skipped


def listed():
    """The files that run when none is named."""
    lines = (HOME / "tests.txt").read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def reasons(name):
    """Read skips.toml or known.toml: [(pattern of test ids, reason)]."""
    with open(HOME / f"{name}.toml", "rb") as file:
        return list(tomllib.load(file).get(name, {}).items())


def test_build(board):
    """The board with upstream's tests in its image; it has a build of its own."""
    return dataclasses.replace(
        board,
        variant=f"{board.variant}-regrtest",
        cmake_args=(*board.cmake_args, "-DCONFIG_CPYTHON_TESTS=y"),
    )


@dataclass
class File:
    """What became of one file."""

    name: str
    status: str = "running"  # done, skipped or error at the end
    reason: str = ""
    text: str = ""
    seconds: float = 0.0
    boots: int = 0
    heap: list = field(default_factory=list)
    plan: dict = field(default_factory=dict)
    tests: list = field(default_factory=list)  # the runner's records

    def count(self, *statuses):
        return sum(test["status"] in statuses for test in self.tests)

    def bad(self):
        """The tests that failed, and the file itself when it could not run."""
        yield from (test for test in self.tests if test["status"] in ("failed", "error"))
        if self.status != "done":
            yield {"end": f"test.{self.name}", "status": "error", "reason": self.reason,
                   "text": self.text, "seconds": 0}  # fmt: skip


class Watched(Program):
    """A program that is given up when one test takes too long."""

    def __init__(self, *args, watch, **more):
        super().__init__(*args, **more)
        self._watch = watch

    def _watch_health(self, data):
        super()._watch_health(data)
        self._watch()


def zones(cpython):
    """The time zones of test_zoneinfo, unpacked: {sha256 of the packed: deflated, as base64}.

    Upstream keeps them packed by lzma, which needs a library that the machine has not. This
    computer's Python has it; nothing if not even that.
    """
    try:
        import lzma
    except ImportError:
        return {}
    path = cpython / "Lib" / "test" / "test_zoneinfo" / "data" / "zoneinfo_data.json"
    found = {}
    for lines in json.loads(path.read_text())["data"].values():
        packed = base64.b85decode("".join(lines))
        deflated = zlib.compress(lzma.decompress(packed))
        found[hashlib.sha256(packed).hexdigest()] = base64.b64encode(deflated).decode()
    return found


class Runner:
    """Runs files on a board."""

    def __init__(self, board, build_dir, cpython, match=(), repeat=1, log_dir=None):
        self.board = board
        self.build_dir = build_dir
        self.cpython = cpython
        self.match = [pattern if "." in pattern else f"*{pattern}*" for pattern in match]
        self.repeat = repeat
        self.code = (HOME / "runner.py").read_text()
        self.skips = reasons("skips")
        self.patience = PATIENCE[board.kind]
        self.log_dir = log_dir or LOG / f"regrtest-{board.label}"
        self.log_dir.mkdir(parents=True, exist_ok=True)

    def run(self, name):
        """Run one file to its end, on as many machines as it takes."""
        result = File(name)
        started = time.monotonic()
        limit = started + FILE_LIMIT[self.board.kind]
        with open(self.log_dir / f"{name}.log", "wb") as log:
            while result.status == "running":
                result.boots += 1
                Boot(self, result, log, limit).run()
                late = time.monotonic() > limit
                if result.status == "running" and (late or result.boots == MAX_BOOTS):
                    result.status = "error"
                    why = "too long a time" if late else f"{MAX_BOOTS} boots"
                    result.reason = f"given up after {why}"
        result.seconds = round(time.monotonic() - started, 1)
        return result


class Boot:
    """One machine that runs a file, or what is left of it."""

    def __init__(self, runner, result, log, limit):
        self.runner = runner
        self.limit = limit  # time.monotonic() after which the file is given up
        self.result = result
        self.log = log
        self.current = None  # id of the test that runs
        self.since = time.monotonic()
        self._line = b""

    def run(self):
        runner = self.runner
        options = {
            "name": self.result.name,
            "done": [test["end"] for test in self.result.tests if test.get("ran", True)],
            "skips": runner.skips,
            "scale": SCALE[runner.board.kind],
            "match": runner.match,
            "repeat": runner.repeat,
            "patience": runner.patience,
        }
        if self.result.name == "test_zoneinfo":
            options["unpacked"] = zones(runner.cpython)
        session = Session(runner.board, runner.build_dir)
        try:
            with session.machine:
                session.repl.enter(BOOT_TIMEOUT)
                self.since = time.monotonic()
                program = Watched(
                    session.repl,
                    request(runner.code, ["runner.py", json.dumps(options)], "runner.py"),
                    stdout=self._output,
                    stderr=self._noise,
                    watch=self._check,
                )
                status = program.run()
            if self.result.status == "running":
                self._broken(f"the runner ended with status {status}", "")
        except MachineTimeout as error:
            self._broken(f"hangs: {error}", "")
        except MachineError as error:
            what, _, words = str(error).partition("\n")
            self._broken(f"crash: {what}", words)
            self.log.write(words.encode())

    def _broken(self, reason, text):
        """The machine is lost, and with it the test that ran."""
        if self.current is None:
            self.result.status = "error"
            self.result.reason = reason
            self.result.text = text
            return
        seconds = round(time.monotonic() - self.since, 1)
        self._record({"end": self.current, "status": "error", "reason": reason, "text": text,
                      "seconds": seconds})  # fmt: skip

    def _check(self):
        taken = time.monotonic() - self.since
        if taken > self.runner.patience + SILENCE:
            raise MachineTimeout(f"{self.current or 'loading'} took more than {taken:.0f} s")
        if time.monotonic() > self.limit:
            raise MachineTimeout("the time for the file has passed")

    def _noise(self, data):
        self.log.write(data)
        self.log.flush()

    def _output(self, data):
        self._line += data
        while b"\n" in self._line:
            line, _, self._line = self._line.partition(b"\n")
            _, found, record = line.partition(MARK)
            if found:
                try:
                    record = json.loads(record)
                except ValueError:
                    found = b""
            if found:
                self._record(record)
            elif line.strip():
                self._noise(line + b"\n")

    def _record(self, record):
        result = self.result
        self.since = time.monotonic()
        if "plan" in record:
            result.plan = dict(record["plan"])
        elif "start" in record:
            self.current = record["start"]
            self._noise(f"--- {self.current}\n".encode())
        elif "end" in record:
            result.tests.append(record)
            self.current = None
            if record["status"] != "passed":
                self._noise(f"--- {record['status']}: {record['end']}: {record['reason']}\n"
                            f"{record['text']}\n".encode())  # fmt: skip
        elif "file" in record:
            result.status = record["file"]
            result.reason = record.get("reason", "")
            result.text = record.get("text", "")
            result.heap = record.get("heap", [])


def main(names, chosen=None, jobs=1, match=(), repeat=1, free_threading=False):
    """Run the files on the first of the boards; return the exit status."""
    board = chosen[0] if chosen else boards.get(boards.DEFAULT)
    if board.kind == "sim":
        raise UsageError("sim is this computer's Python; --regrtest needs a board with ours")
    names = [name.removesuffix(".py").removeprefix("test.") for name in names] or listed()
    names = [name if name.startswith("test_") else f"test_{name}" for name in names]
    workspace.check()
    venv.ensure()
    system.provide(system.needed(board, workspace.toolchain_registered()))
    tree = workspace.obtain()
    board = test_build(board.as_free_threading() if free_threading else board)
    known = tree.cpython / "Lib" / "test"
    for name in names:
        # A package's files have names of their own: test_asyncio.test_queues.
        path = known.joinpath(*name.split("."))
        if not path.is_dir() and not path.with_name(f"{path.name}.py").is_file():
            raise UsageError(f"there is no {name} in {known}")
    LOG.mkdir(parents=True, exist_ok=True)
    build_dir = build.build(board, tree)
    return run(Runner(board, build_dir, tree.cpython, match, repeat), names, jobs)


def run(runner, names, jobs=1):
    """Run files, print what becomes of them, keep it in REPORT; return the exit status."""
    started = time.monotonic()
    files = []
    with ThreadPoolExecutor(jobs) as pool:
        waiting = {pool.submit(runner.run, name): name for name in names}
        try:
            for future in as_completed(waiting):
                try:
                    result = future.result()
                except (ZpyError, OSError) as error:
                    result = File(waiting[future], "error", str(error))
                files.append(result)
                print(line_of(result, f"[{len(files)}/{len(names)}]"), flush=True)
                for test in result.bad():
                    print(f"    {test['status']}: {test['end']}: {test['reason']}", flush=True)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    files.sort(key=lambda file: names.index(file.name))
    seconds = time.monotonic() - started
    keep(runner, files, seconds)
    return close(files, seconds)


def line_of(result, number=""):
    text = (
        f"{number:>8} {result.name:<20} {result.count('passed'):>6} passed "
        f"{result.count('failed', 'error'):>4} failed {result.count('skipped'):>4} skipped "
        f"{result.seconds:>7.1f} s"
    )
    if result.heap:
        text += f" {result.heap[3] / 1e6:>6.1f} MB"
    if result.boots > 1:
        text += f"  ({result.boots} boots)"
    if result.status != "done":
        text += f"  {result.status}: {result.reason}"
    return text


def keep(runner, files, seconds):
    """Write what is known to REPORT."""
    report = {
        "board": runner.board.name,
        "time": time.strftime("%Y-%m-%d %H:%M:%S"),
        "seconds": round(seconds),
        "files": [dataclasses.asdict(file) for file in files],
    }
    REPORT.write_text(json.dumps(report, indent=1))


def close(files, seconds):
    """Print the totals; return the exit status."""
    known = reasons("known")
    bad = [(file, test) for file in files for test in file.bad()]
    passed = sum(file.count("passed") for file in files)
    why = Counter()
    for file in files:
        why.update(test["reason"] for test in file.tests if test["status"] == "skipped")
    print("\nskipped:")
    for reason, count in why.most_common():
        print(f"  {count:>5}  {reason}")
    unknown = 0
    print("\nfailed:" if bad else "\nnothing failed")
    for _, test in bad:
        cause = next((c for pattern, c in known if fnmatch.fnmatchcase(test["end"], pattern)), "")
        unknown += not cause
        print(f"  {test['end']}: {test['reason']}" + (f"\n      known: {cause}" if cause else ""))
    rate = passed / (passed + len(bad)) if passed else 0.0
    print(
        f"\n{len(files)} files, {passed} passed, {len(bad)} failed ({len(bad) - unknown} known), "
        f"{why.total()} skipped: {rate:.2%} of what was not skipped, in {seconds / 60:.0f} min"
    )
    if rate < GOAL:
        say(f"less than {GOAL:.0%} passed")
    return 1 if unknown or rate < GOAL else 0
