# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""`zpy test`: lint, host tests, and the target tests on every board that can be booted here."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from zpy import boards, build, launch, lint, system, tally, toolchain, venv, workspace
from zpy.errors import Missing, ZpyError
from zpy.paths import APP, BUILD, HOST_TESTS, LOG, ROOT, SAMPLES, TARGET_TESTS
from zpy.process import run_logged
from zpy.progress import Step, say


def main(chosen=None, host_only=False, real=False):
    """Run the tests; return the exit status.

    chosen: the boards to test on (all when None). real: build those of docs/boards as well.
    """
    venv.ensure()
    LOG.mkdir(parents=True, exist_ok=True)
    heading("lint")
    total = lint.main()
    ready = []
    if not host_only:
        # Before the host tests, some of which use what a build makes.
        heading("builds")
        for board in chosen or boards.BOARDS:
            trouble = prepare(board, ready)
            if trouble:
                total += trouble
    for board in boards.MORE if real else ():
        trouble = prepare(board, [])
        total += trouble if trouble else tally.Tally(passed=1)
    parts = [("host tests", lambda: pytest("host", HOST_TESTS))]
    for board, tree, build_dir in ready:
        title = f"target tests on {board.name}"
        if board.kind == "hardware":
            say(f"{board.name} is built; ./zpy hil tests one that is connected")
        elif board.kind == "sim":
            parts.append((title, lambda: pytest("sim", TARGET_TESTS, "--board=sim")))
        else:
            part = partial(
                twister, board, tree, APP, board.build_home, board.label, build_dir / "report.xml"
            )
            parts.append((title, part))
    return close(total + side_by_side(parts))


# What says something about an image with less in it; the conformance suite wants the whole.
SMALL_TESTS = ("test_small.py", "test_boot.py", "test_console.py", "test_limits.py")


# What has to do with threads, and the whole conformance suite.
FREE_THREADING_TESTS = ("test_free_threading.py", "test_boot.py", "test_conformance.py")


def small(chosen=None):
    """Build the small profile and test it; return the exit status."""
    chosen = chosen or [boards.get(boards.DEFAULT)]
    return profile("small", [board.as_small() for board in chosen], SMALL_TESTS)


def free_threading(chosen=None):
    """Build without the interpreter lock and test that; return the exit status."""
    ready = []
    for board in chosen or [boards.get(boards.DEFAULT)]:
        cpus = 4 if 4 in board.cpu_choices else max(board.cpu_choices)
        ready.append(board.with_cpus(cpus).as_free_threading())
    return profile("free-threading", ready, FREE_THREADING_TESTS)


def samples(chosen=None):
    """Let Twister build each of samples/, boot it and play it; return the exit status."""
    venv.ensure()
    LOG.mkdir(parents=True, exist_ok=True)
    total = tally.Tally()
    for board in chosen or [boards.get(boards.DEFAULT)]:
        if board.kind not in ("qemu", "native"):
            raise ZpyError(f"Twister does not boot {board.name}: try --board {boards.DEFAULT}")
        heading(f"samples on {board.name}")
        tree, trouble = available(board)
        if trouble:
            total += trouble
            continue
        home = BUILD / f"{board.label}-samples"
        home.mkdir(parents=True, exist_ok=True)
        report = home / "twister.xml"
        result, text = twister(board, tree, SAMPLES, home, f"{board.label}-samples", report)
        print(text, flush=True)
        total += result
    return close(total)


def profile(name, chosen, files):
    """Build boards in a profile and run its test files; return the exit status."""
    venv.ensure()
    LOG.mkdir(parents=True, exist_ok=True)
    total = tally.Tally()
    for board in chosen:
        ready = []
        total += prepare(board, ready) or tally.Tally()
        for built, _, build_dir in ready:
            heading(f"{name} on {built.name}")
            result, text = pytest(
                f"{name}-{built.label}",
                TARGET_TESTS / files[0],
                *(str(TARGET_TESTS / file) for file in files[1:]),
                f"--{name}",
                f"--board={built.name}",
                f"--image={build_dir}",
            )
            print(text, flush=True)
            total += result
    return close(total)


def side_by_side(parts):
    """Run functions that return (Tally, text), two at a time; show each with its title, in order.

    A machine under test waits most of its time, so two fill a computer better than one.
    """
    total = tally.Tally()
    with ThreadPoolExecutor(2) as pool:
        running = [(title, pool.submit(function)) for title, function in parts]
        try:
            for title, future in running:
                result, text = future.result()
                heading(title)
                print(text, flush=True)
                total += result
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return total


def prepare(board, ready):
    """Build the board and add it to `ready`; or return the Tally that says why it is not."""
    tree, trouble = available(board)
    if trouble:
        return trouble
    if board.kind == "sim":
        ready.append((board, None, None))
        return None
    try:
        ready.append((board, tree, build.build(board, tree)))
    except ZpyError as error:
        print(error, flush=True)
        return tally.failed(f"{board.name}: build")
    print(f"{board.name}: built", flush=True)
    return None


def available(board):
    """What a build of the board needs: (the Zephyr tree, None), or (None, why it is not)."""
    try:
        if board.kind == "sim":
            launch.sim_python()
            return None, None
        workspace.check()
        system.provide(system.needed(board, workspace.toolchain_registered()))
        tree = workspace.obtain()
        build.check_modules(board, tree)
    except Missing as reason:
        say(f"doing without {board.name}: {reason}")
        return None, tally.skipped(board.name, str(reason).partition("\n")[0])
    return tree, None


def heading(text):
    print(f"\n== {text}", flush=True)


def close(total):
    """Print what a reader wants to know at the end; return the exit status."""
    print()
    for name, reason in total.skips:
        print(f"skipped: {name}: {reason}")
    for name in total.failures:
        print(f"FAILED: {name}")
    print(total.summary(), flush=True)
    return 1 if total.failed else 0


def pytest(part, path, *arguments):
    """Run pytest on a directory; return its Tally and what it said."""
    report = LOG / f"junit-{part}.xml"
    report.unlink(missing_ok=True)
    log_path = LOG / f"pytest-{part}.log"
    command = [sys.executable, "-m", "pytest", str(path), f"--junitxml={report}", "-q", *arguments]
    with open(log_path, "w") as log, Step(f"{part}: pytest") as step:
        status = run_logged(command, log, step.update, cwd=ROOT, env=_test_environment())
    text = log_path.read_text(errors="replace").rstrip()
    if not report.exists():
        return tally.failed(f"{part}: pytest ended with status {status} and no report"), text
    result = tally.from_junit(report, part)
    if status not in (0, 1, 5) and not result.failed:  # 5: there are no tests
        result += tally.failed(f"{part}: pytest ended with status {status}")
    return result, text


def _test_environment():
    # The commands of zpy's environment, and what tests of the build's own scripts want.
    env = dict(os.environ)
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env.get('PATH', '')}"
    try:
        tree = workspace.find()
    except Missing:
        return env
    if tree and tree.cpython:
        env.setdefault("CPYTHON_SRC", str(tree.cpython))
        if build.host_python(tree).exists():
            env.setdefault("CPYTHON_HOST", str(build.host_python(tree)))
    return env


def twister(board, tree, suite, home, label, report):
    """Let Twister build what is in `suite` (and finds all done that is), boot and test it.

    home: where it builds. report: the file that it leaves, or the pytest that it starts.
    Returns the Tally, and what there is to say.
    """
    log_path = LOG / f"twister-{label}.log"
    report.unlink(missing_ok=True)
    command = [sys.executable, str(tree.base / "scripts" / "twister")]
    command += ["-T", str(suite), "-p", board.target, "--outdir", str(home)]
    # --no-clean: the build directory is zpy's own. The other two: Twister's own expectations of
    # compilers (an SDK) and of the linker (no warnings) are not those of a plain host toolchain.
    command += ["--no-clean", "--force-toolchain", "--disable-warnings-as-errors", "-v"]
    env = toolchain.environment(board, tree)
    env["PATH"] = _test_environment()["PATH"]
    if tree.cpython:
        env["CPYTHON_HOST_DIR"] = str(build.host_python(tree).parent)
    with open(log_path, "w") as log, Step(f"twister on {board.name}") as step:
        status = run_logged(command, log, step.update, cwd=home, env=env)
    if not report.exists():
        text = "\n".join(log_path.read_text(errors="replace").splitlines()[-30:])
        return tally.failed(
            f"{board.name}: twister ended with status {status} (see {log_path})"
        ), text
    result = tally.from_junit(report, board.name)
    text = f"{board.name}: {result.summary()}"
    if result.failed:
        text += f"\n{_failures(report)}\n(more in {report.parent / 'twister_harness.log'})"
    elif status != 0:
        result += tally.failed(f"{board.name}: twister ended with status {status} ({log_path})")
    return result, text


def _failures(report):
    import xml.etree.ElementTree as ElementTree

    found = []
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        for kind in ("failure", "error"):
            trouble = case.find(kind)
            if trouble is not None:
                found.append(f"-- {case.get('name')}\n{(trouble.text or '').strip()}")
    return "\n".join(found)
