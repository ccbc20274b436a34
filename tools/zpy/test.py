# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""`zpy test`: lint, host tests, and the target tests on every board that can be booted here."""

import os
import subprocess
import sys
from pathlib import Path

from zpy import boards, build, launch, lint, system, tally, toolchain, venv, workspace
from zpy.errors import Missing, ZpyError
from zpy.paths import APP, HOST_TESTS, LOG, ROOT, TARGET_TESTS
from zpy.process import run_logged
from zpy.progress import Step, say


def main(chosen=None, host_only=False):
    """Run the tests; return the exit status.

    chosen: the boards to test on (all when None).
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
    heading("host tests")
    total += pytest("host", HOST_TESTS)
    for board, tree, build_dir in ready:
        heading(f"target tests on {board.name}")
        if board.kind == "sim":
            total += pytest("sim", TARGET_TESTS, "--board=sim")
        else:
            total += twister(board, tree, build_dir)
    return close(total)


def prepare(board, ready):
    """Build the board and add it to `ready`; or return the Tally that says why it is not."""
    try:
        if board.kind == "sim":
            launch.sim_python()
            ready.append((board, None, None))
            return None
        workspace.check()
        system.provide(system.needed(board, workspace.toolchain_registered()))
        tree = workspace.obtain()
    except Missing as reason:
        say(f"doing without {board.name}: {reason}")
        return tally.skipped(board.name, str(reason).partition("\n")[0])
    try:
        ready.append((board, tree, build.build(board, tree)))
    except ZpyError as error:
        print(error, flush=True)
        return tally.failed(f"{board.name}: build")
    print(f"{board.name}: built", flush=True)
    return None


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
    """Run pytest on a directory; return its Tally."""
    report = LOG / f"junit-{part}.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", str(path), f"--junitxml={report}", "-q"]
    done = subprocess.run(
        [*command, *arguments], cwd=ROOT, stdin=subprocess.DEVNULL, env=_test_environment()
    )
    if not report.exists():
        return tally.failed(f"{part}: pytest ended with status {done.returncode} and no report")
    result = tally.from_junit(report, part)
    if done.returncode not in (0, 1, 5) and not result.failed:  # 5: there are no tests
        result += tally.failed(f"{part}: pytest ended with status {done.returncode}")
    return result


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


def twister(board, tree, build_dir):
    """Let Twister build (which finds all done), boot and test the board."""
    log_path = LOG / f"twister-{board.label}.log"
    report = build_dir / "report.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, str(tree.base / "scripts" / "twister")]
    command += ["-T", str(APP), "-p", board.target, "--outdir", str(board.build_home)]
    # --no-clean: the build directory is zpy's own. The other two: Twister's own expectations of
    # compilers (an SDK) and of the linker (no warnings) are not those of a plain host toolchain.
    command += ["--no-clean", "--force-toolchain", "--disable-warnings-as-errors", "-v"]
    env = toolchain.environment(board, tree)
    env["PATH"] = _test_environment()["PATH"]
    with open(log_path, "w") as log, Step(f"twister on {board.name}") as step:
        status = run_logged(command, log, step.update, cwd=board.build_home, env=env)
    harness_log = build_dir / "twister_harness.log"
    if not report.exists():
        print("\n".join(log_path.read_text(errors="replace").splitlines()[-30:]))
        return tally.failed(f"{board.name}: twister ended with status {status} (see {log_path})")
    result = tally.from_junit(report, board.name)
    print(f"{board.name}: {result.summary()}", flush=True)
    if result.failed:
        _show_failures(report)
        print(f"(more in {harness_log})", flush=True)
    elif status != 0:
        result += tally.failed(f"{board.name}: twister ended with status {status} ({log_path})")
    return result


def _show_failures(report):
    import xml.etree.ElementTree as ElementTree

    for case in ElementTree.parse(report).getroot().iter("testcase"):
        for kind in ("failure", "error"):
            trouble = case.find(kind)
            if trouble is not None:
                print(f"-- {case.get('name')}\n{(trouble.text or '').strip()}", flush=True)
