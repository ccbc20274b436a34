# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""`zpy bench`: image size, memory and boot time of the boards that can be booted here."""

import sys

from zpy import boards, build, venv, workspace
from zpy.errors import MachineError, MachineTimeout, Missing
from zpy.paths import ROOT
from zpy.progress import say
from zpy.session import Session

BENCH_TESTS = ROOT / "tests" / "bench"
HEAP = "import _vosal; print(_vosal.heap_info())"
# With -icount shift=0 an instruction takes one virtual nanosecond, so this is a count.
UPTIME = "import _vosal; print(_vosal.uptime_ns())"


def main(chosen=None):
    """Measure the boards; return the exit status."""
    venv.ensure()
    status = 0
    for board in chosen or boards.BOARDS:
        print(f"== {board.name}", flush=True)
        try:
            build_dir = None
            if board.kind != "sim":
                workspace.check()
                build_dir = build.build(board, workspace.obtain())
                image(build_dir)
            machine(board, build_dir)
        except Missing as reason:
            say(f"doing without {board.name}: {reason}")
        except (MachineError, MachineTimeout) as error:
            print(error, file=sys.stderr, flush=True)
            status = 1
    return status


def image(build_dir):
    """Print the sizes of the image's parts."""
    elf = build_dir / "zephyr" / "zephyr.elf"
    for name, size in section_sizes(elf).items():
        print(f"{name:<28}{size:>12,} bytes", flush=True)


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


def machine(board, build_dir):
    """Boot the board and print what it knows about itself."""
    with Session(board, build_dir) as session:
        print(f"{'boot, host time':<28}{session.boot_seconds:>12.2f} s")
        heap = value_of(session, HEAP)
        print(f"{'heap at the prompt':<28}{heap}", flush=True)
    if board.kind == "qemu":
        # Instructions can be counted on one CPU only.
        single = board.with_cpus(1)
        if single != board:
            build_dir = build.build(single, workspace.obtain())
        with Session(single, build_dir, icount=0) as session:
            count = int(value_of(session, UPTIME))
            print(f"{'reset to raw REPL':<28}{count:>12,} instructions", flush=True)


def value_of(session, code):
    """What a line of code prints on the machine."""
    output, traceback = session.repl.execute(code)
    if traceback:
        raise MachineError(f"{code!r} failed on the machine:\n{traceback.decode()}")
    return output.decode().strip()
