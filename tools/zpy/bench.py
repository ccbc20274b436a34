# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""`zpy bench`: image, memory, boot and speed of the boards, against what they may take.

What is counted in instructions is counted by QEMU with one processor: the same number on every
host, and nearly the same in every run. docs/bench.md says how each figure is taken.
"""

import functools
import importlib.util
import math
import statistics
import sys
from pathlib import Path

from zpy import boards, build, launch, reference, timeline, venv, workspace
from zpy.errors import MachineError, MachineTimeout, Missing, UsageError
from zpy.paths import ROOT
from zpy.progress import Step, say
from zpy.session import Session, collect

HOME = ROOT / "tests" / "bench"
RUNNER = HOME / "runner.py"
SYSTEM = HOME / "system.py"
FILES = HOME / "files.py"
HARDWARE = HOME / "hardware.py"
NETWORK = HOME / "network.py"
PARALLEL = HOME / "parallel.py"
KERNELS = HOME / "kernels"
REALTIME = HOME / "realtime.py"
ON_MACHINE = "/tmp/hostrun"  # where a program's files are
THREADS = 8  # of Python, on 4 processors
ROUNDS = 5
DRIVER_CALLS = 200_000
KERNEL_TIMEOUT = 1800.0  # seconds for all kernels

# The budgets; docs/bench.md says for which boards.
IMAGE_BUDGET = 16 << 20  # bytes
SMALL_BUDGET = 6 << 20  # bytes, of the small profile
HEAP_BUDGET = 6 << 20  # bytes
BOOT_BUDGET = 100_000_000  # instructions
SPEED_BUDGET = 1.05  # instructions on the machine over those on Linux
DRIVER_BUDGET = 1000  # nanoseconds that a call of a driver may take longer than in C
NETWORK_BUDGETS = {"echo: C / asyncio": 1 / 0.6, "round trip: prompt / C": 5.0}

# What ends at the first call of which function; the last one waits for the first key.
BOOT = (
    ("__start", "firmware, loading"),
    ("z_cstart", "Zephyr, assembler"),
    ("main", "Zephyr, drivers and heap"),
    ("PyInit__vosal", "interpreter"),
    ("console_read", "kernel, to >>>"),
)
IMPORTS = ("json", "re", "asyncio", "datetime", "unittest")

HEAP = "import _vosal; print(*_vosal.heap_info())"
STACK = "import _vosal; print(*[t[4:6] for t in _vosal.threads() if t[0] == 'main'][0])"
# What the clock itself takes is below a thousandth of what is measured.
IMPORT = "import time; a = time.perf_counter_ns(); import {0}; print(time.perf_counter_ns() - a)"


def kernel_names(wanted=()):
    """The kernels called that, or all; UsageError with the list when there is no such kernel."""
    known = sorted(path.stem for path in KERNELS.glob("*.py"))
    for name in wanted:
        if name not in known:
            raise UsageError(f"no kernel is called {name!r}; these are: {' '.join(known)}")
    return list(wanted) or known


def main(chosen=None, names=()):
    """Measure the boards; return the exit status: 1 when a board fails or a budget is missed.

    names: only the kernels called that, and nothing but kernels.
    """
    only_kernels = bool(names)
    names = kernel_names(names)
    venv.ensure()
    report = Report()
    for board in chosen or boards.BOARDS:
        report.title(board.name)
        try:
            measure(board, names, only_kernels, report)
        except Missing as reason:
            say(f"doing without {board.name}: {reason}")
        except (MachineError, MachineTimeout) as error:
            print(error, file=sys.stderr, flush=True)
            report.failures += 1
    report.end()
    return 1 if report.failures or report.missed else 0


def measure(board, names, only_kernels, report):
    """Measure one board."""
    if board.kind == "sim":
        if not only_kernels:
            prompt(board, None, report)
            files(board, None, report)
        return
    workspace.check()
    tree = workspace.obtain()
    build_dir = build.build(board, tree)
    if not only_kernels:
        image(build_dir, report)
        if board.name == boards.DEFAULT:
            small(board, tree, report)
        prompt(board, build_dir, report)
    if board.kind != "qemu":
        # native_sim's clock stands while it computes: it can time nothing. It runs on this
        # computer's processor itself, which can be asked.
        if not only_kernels:
            drivers(board, build_dir, report)
        return
    if not only_kernels:
        files(board, build_dir, report)
        network(board, build_dir, report)
        if board.name == boards.DEFAULT:
            free = board.with_cpus(4).as_free_threading()
            parallel(free, build.build(free, tree), report)
    # Instructions can be counted on one CPU only.
    single = board.with_cpus(1)
    counted_dir = build_dir if single == board else build.build(single, tree)
    budgets = board.name == boards.DEFAULT
    if not only_kernels:
        boot(single, counted_dir, BOOT_BUDGET if budgets else None, report)
        imports(single, counted_dir, report)
        system(single, counted_dir, report)
        realtime(single, counted_dir)
    speed(single, counted_dir, names, tree if budgets else None, report)


class Report:
    """Prints the figures in columns, and counts the budgets that were missed."""

    def __init__(self):
        self.failures = 0
        self.missed = []
        self._board = ""

    def title(self, board):
        """Begin the figures of a board."""
        self._board = board
        print(f"== {board}", flush=True)

    def line(self, name, value, unit, note=""):
        """Print a figure."""
        value = f"{value:>14,}" if isinstance(value, int) else f"{value:>14.2f}"
        print(f"{name:<28}{value} {unit:<13}{note}".rstrip(), flush=True)

    def budget(self, name, value, unit, limit):
        """Print a figure, and how it stands to what it may be; None for no limit."""
        if limit is None:
            self.line(name, value, unit)
            return
        note = f"of {limit:,}" if isinstance(limit, int) else f"of {limit:.2f}"
        if value > limit:
            note += f": MISSED by {100 * (value / limit - 1):.1f} %"
            self.missed.append(f"{self._board}: {name}")
        else:
            note += f" ({100 * value / limit:.0f} %)"
        self.line(name, value, unit, note)

    def end(self):
        """Print the verdict."""
        if self.missed:
            print(f"budgets missed: {'; '.join(self.missed)}", flush=True)
        else:
            print("no budget missed", flush=True)


def image(build_dir, report):
    """The sizes of the image's parts."""
    sizes = section_sizes(build_dir / "zephyr" / "zephyr.elf")
    for name, size in sizes.items():
        report.line(name, size, "bytes")
    report.budget("image (text, rodata, data)", image_size(sizes), "bytes", IMAGE_BUDGET)


def small(board, tree, report):
    """The size of the image in the small profile."""
    elf = build.build(board.as_small(), tree) / "zephyr" / "zephyr.elf"
    report.budget("image, small profile", image_size(section_sizes(elf)), "bytes", SMALL_BUDGET)


def image_size(sizes):
    """What of section_sizes() an image takes of a flash memory."""
    return sizes["text"] + sizes["rodata"] + sizes["data"]


def section_sizes(path):
    """Sum up the sections of an ELF file that take memory, by what they are.

    Returns {"text": …, "rodata": …, "data": …, "bss": …} in bytes.
    """
    from elftools.elf.constants import SH_FLAGS
    from elftools.elf.elffile import ELFFile

    sizes = dict.fromkeys(("text", "rodata", "data", "bss"), 0)
    with open(path, "rb") as file:
        for section in ELFFile(file).iter_sections():
            flags = section["sh_flags"]
            if not flags & SH_FLAGS.SHF_ALLOC:
                continue
            if section["sh_type"] == "SHT_NOBITS":
                kind = "bss"
            elif flags & SH_FLAGS.SHF_EXECINSTR:
                kind = "text"
            elif flags & SH_FLAGS.SHF_WRITE:
                kind = "data"
            else:
                kind = "rodata"
            sizes[kind] += section["sh_size"]
    return sizes


def prompt(board, build_dir, report):
    """Boot the board in real time and ask what it uses."""
    with Session(board, build_dir) as session:
        report.line("boot, this computer's time", session.boot_seconds, "s")
        _, used, peak = map(int, value_of(session, HEAP).split())
        if peak:
            limit = HEAP_BUDGET if board.kind == "qemu" else None
            report.budget("heap at the prompt", used, "bytes", limit)
            report.line("heap, most so far", peak, "bytes")
        size, unused = map(int, value_of(session, STACK).split())
        # native_sim's threads run on stacks of the host's.
        if unused and board.kind != "native":
            report.line("main stack, most so far", size - unused, "bytes", f"of {size:,}")


def files(board, build_dir, report):
    """The speed of the file systems, in this computer's time."""
    with Session(board, build_dir) as session, Step(f"files on {board.name}"):
        status, output, errors = session.run(FILES.read_text(), [FILES.name], timeout=600)
    if status != 0:
        raise MachineError(f"{FILES.name} failed on {board.name}:\n{errors.decode()}")
    for line in output.decode().splitlines():
        name, value, unit = line.split()
        report.line(name.replace("-", " ").replace(":", ": "), float(value), unit)


def boot(board, build_dir, limit, report):
    """The instructions from the reset to the prompt, by what executes them."""
    if board.arch != "x86":
        # In record mode QEMU never serves the random numbers of the others. They have no firmware:
        # what runs before Zephyr starts its clock is little.
        with Session(board, build_dir, icount=0, image=False) as session:
            count = int(value_of(session, "import kernel.boot; print(kernel.boot.ready_ns)"))
        report.budget("Zephyr's clock to >>>", count, "instructions", limit)
        return
    with Step("counting the instructions of the boot"):
        counts = timeline.count(board, build_dir, [function for function, _ in BOOT])
    before = 0
    for function, name in BOOT:
        if function in counts:
            report.line(f"boot: {name}", counts[function] - before, "instructions")
            before = counts[function]
    report.budget("reset to >>>", before, "instructions", limit)


def imports(board, build_dir, report):
    """The instructions of some imports, each on a machine that has just booted."""
    for module in IMPORTS:
        with Session(board, build_dir, icount=0) as session:
            count = int(value_of(session, IMPORT.format(module)))
        report.line(f"import {module}", count, "instructions")


def system(board, build_dir, report):
    """The shell and the event loop, as tests/bench/system.py measures them."""
    with Session(board, build_dir, icount=0) as session:
        status, output, errors = session.run(
            SYSTEM.read_text(), [SYSTEM.name], timeout=KERNEL_TIMEOUT, filename=SYSTEM.name
        )
    if status != 0:
        raise MachineError(f"{SYSTEM.name} failed on {board.name}:\n{errors.decode()}")
    for line in output.decode().splitlines():
        name, value, unit = line.split("\t")
        report.line(name, int(value), unit)


def network(board, build_dir, report):
    """TCP between this computer and the board, as tests/bench/network.py measures it."""
    spec = importlib.util.spec_from_file_location("network", NETWORK)
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    ports = {port: launch.free_port() for port in (bench.ASYNCIO, bench.C, bench.PROMPT)}
    forwards = tuple((here, there) for there, here in ports.items())
    with Session(board, build_dir, forwards=forwards) as session:
        with Step(f"network of {board.name}"):
            run = functools.partial(value_of, session)
            run(bench.SERVERS)
            try:
                figures = {name: (value, unit) for name, value, unit in bench.measure(ports, run)}
            except OSError as error:
                raise MachineError(f"the network of {board.name}: {error}") from None
    for name, (value, unit) in figures.items():
        report.budget(name, value, unit, NETWORK_BUDGETS.get(name))


def drivers(board, build_dir, report):
    """What a call of a driver takes from Python and in C, in time of this computer's processor."""
    source = f"{HARDWARE.read_text()!r}, {HARDWARE.name!r}"
    with Session(board, build_dir) as session, Step(f"drivers on {board.name}"):
        pid = session.machine.process.pid
        run = functools.partial(value_of, session)
        run("from kernel import program")
        run("import types; bench = types.ModuleType('hardware')")
        run(f"exec(program.compiled({source}), bench.__dict__); loops = bench.loops()")

        def nanoseconds(name, column):
            seen = []
            for _ in range(ROUNDS):
                start = processor_seconds(pid)
                run(f"loops[{name!r}][{column}]({DRIVER_CALLS})")
                seen.append(sum(used(start, processor_seconds(pid))) * 1e9 / DRIVER_CALLS)
            return statistics.median(seen)

        empty = nanoseconds("nothing", 0)
        report.line("an empty Python call", nanoseconds("call", 0) - empty, "ns")
        for name in run("print(*list(loops)[2:], sep=',')").split(","):
            c = nanoseconds(name, 2)
            vhal, machine = nanoseconds(name, 1) - empty, nanoseconds(name, 0) - empty
            report.line(f"{name}: C", c, "ns")
            report.budget(f"{name}: _vhal adds", vhal - c, "ns", DRIVER_BUDGET)
            report.budget(f"{name}: machine adds", machine - c, "ns", DRIVER_BUDGET)


def parallel(board, build_dir, report):
    """How much faster threads of Python are than one, without the interpreter lock."""
    source = f"{PARALLEL.read_text()!r}, {PARALLEL.name!r}"
    with Session(board, build_dir) as session, Step(f"threads on {board.name}"):
        pid = session.machine.process.pid
        run = functools.partial(value_of, session)
        run("from kernel import program")
        run("import types; bench = types.ModuleType('parallel')")
        run(f"exec(program.compiled({source}), bench.__dict__); crew = bench.Crew({THREADS})")
        for name in run("print(*bench.NAMES)").split():
            amount = run(f"print(bench.amount_for(bench.{name}))")
            seen, possible = [], []
            for _ in range(ROUNDS):
                start = processor_seconds(pid)
                alone = float(run(f"print(bench.alone(bench.{name}, {amount}))"))
                between = processor_seconds(pid)
                together = float(run(f"print(crew.timed(bench.{name}, {amount})[0])"))
                end = processor_seconds(pid)
                seen.append(THREADS * alone / together)
                one = max(used(start, between))
                possible.append(THREADS * one / max(used(between, end)))
            note = f"seen here: {statistics.median(seen):.2f}"
            title = f"{THREADS} threads: {name}"
            report.line(title, statistics.median(possible), f"of {board.cpus}", note)


def processor_seconds(pid):
    """What this computer has given each thread of a process: {thread's number: seconds}."""
    return {
        int(path.parent.name): int(path.read_text().split()[0]) / 1e9
        for path in Path(f"/proc/{pid}/task").glob("*/schedstat")
    }


def used(before, after):
    """What each thread was given between two calls of processor_seconds()."""
    return [seconds - before.get(thread, 0) for thread, seconds in after.items()]


def speed(board, build_dir, names, tree, report):
    """The kernels: instructions on the machine and on Linux; tree: None for no comparison."""
    print(f"{'kernel':<28}{'instructions':>14}", end="")
    if tree is None:
        print(flush=True)
        for name, count in on_machine(board, build_dir, names, icount=0).items():
            print(f"{name:<28}{count:>14,}", flush=True)
        return
    print(f"{'on Linux':>16}{'ratio':>8}   {'time / Linux':>12}", flush=True)
    linux = reference.python(tree, build_dir)
    there = reference.instructions(linux, RUNNER, KERNELS, names)
    real_there = reference.seconds(linux, RUNNER, KERNELS, names)
    here = on_machine(board, build_dir, names, icount=0)
    real_here = on_machine(board, build_dir, names)
    ratios = []
    for name in names:
        ratio = here[name] / there[name]
        ratios.append(ratio)
        slower = real_here[name] / real_there[name]
        print(
            f"{name:<28}{here[name]:>14,}{there[name]:>16,}{ratio:>8.3f}   {slower:>12.1f}"
            + ("  over" if ratio > SPEED_BUDGET else ""),
            flush=True,
        )
    # The budget is each kernel's, not the mean's.
    report.line("mean of the ratios", math.exp(sum(map(math.log, ratios)) / len(ratios)), "")
    report.budget("largest ratio", max(ratios), "", SPEED_BUDGET)


def on_machine(board, build_dir, names, icount=None):
    """Run the kernels on the machine; return {name: its clock's nanoseconds}."""
    title = "counting the instructions" if icount is not None else "timing the kernels"
    with Session(board, build_dir, icount=icount) as session, Step(f"{title} on {board.name}"):
        status, output, errors = session.run(
            RUNNER.read_text(),
            [RUNNER.name, f"{ON_MACHINE}/{KERNELS.name}", *names],
            timeout=KERNEL_TIMEOUT,
            filename=RUNNER.name,
            files=collect([KERNELS]),
        )
    if status != 0:
        raise MachineError(f"the kernels failed on {board.name}:\n{errors.decode()}")
    return {name: int(value) for name, value in map(str.split, output.decode().splitlines())}


def realtime(board, build_dir):
    """Print the table of latencies, in the machine's own time."""
    with Session(board, build_dir, icount=0) as session, Step("measuring latencies"):
        status, output, errors = session.run(
            REALTIME.read_text(),
            [REALTIME.name],
            timeout=KERNEL_TIMEOUT,
            filename=REALTIME.name,
        )
    if status != 0:
        raise MachineError(f"{REALTIME.name} failed on {board.name}:\n{errors.decode()}")
    print(output.decode(), end="", flush=True)


def value_of(session, code):
    """What a line of code prints on the machine."""
    output, traceback = session.repl.execute(code)
    if traceback:
        raise MachineError(f"{code!r} failed on the machine:\n{traceback.decode()}")
    return output.decode().strip()
