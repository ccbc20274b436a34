# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""`zpy run`: boots a board, for a person or for one program."""

import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path

from zpy import boards, build, console, detached, disk, launch, venv, workspace
from zpy.errors import EXIT_INTERRUPT, Missing, UsageError, ZpyError
from zpy.machine import Machine
from zpy.progress import say
from zpy.session import Session, collect, request

_BOOTING_SIM = ' booting sim; "./zpy doctor" tells more'


@dataclass
class Options:
    """What the command line of `run` says."""

    board: str | None = None
    cpus: int | None = None
    small: bool = False
    free_threading: bool = False
    icount: int | None = None
    kvm: bool = False
    timeout: float | None = None
    boot_timeout: float = 180.0
    with_files: list = field(default_factory=list)
    disk: str | None = None
    exchange: str | None = None
    detach: bool = False
    attach: bool = False
    code: str | None = None
    program: list = field(default_factory=list)


@dataclass
class Source:
    """A program to run, as python's command line would name it."""

    code: str
    argv: list
    filename: str
    stdin: int | None = None


def run(options):
    """Run the command; return the exit status."""
    if options.attach:
        return detached.attach()
    # A named program is read first: a wrong file name should not wait for a build. Standard input
    # is read last, because preparing may start this process anew, in its own environment.
    source = None
    if not options.detach and not _program_is_stdin(options):
        source = find_source(options)
    board, build_dir = prepare(options)
    if options.detach:
        return detached.start(board, build_dir, options, kept_storage(board, options))
    if _program_is_stdin(options):
        source = find_source(options)
    if source is None:
        return interactive(board, build_dir, options)
    return run_program(source, board, build_dir, options)


def prepare(options):
    """Return (board, build directory), both ready to boot.

    Without --board it is the default board where that can be built, else sim.
    """
    if options.board:
        board = _variant(options.board, options)
        return board, make_ready(board)
    board = _variant(boards.DEFAULT, options)
    try:
        return board, make_ready(board)
    except Missing as reason:
        # One line where the reason is one; advice that goes on stays whole.
        text = str(reason)
        say(text + (":" if "\n" not in text else "\nzpy:") + _BOOTING_SIM)
        return boards.get("sim"), None


def _variant(name, options):
    return boards.get(name, options.cpus, options.small, options.free_threading)


def make_ready(board):
    """Build the board's image if need be; return the build directory (None for sim)."""
    if board.kind == "sim":
        return None
    workspace.check()
    venv.ensure()
    return build.build(board, workspace.obtain())


def storage(board, options):
    """What the options say about the machine's disks, as arguments of launch.command()."""
    found = {"image": disk.named(board, options.disk)} if options.disk else {}
    if options.exchange:
        found["exchange"] = Path(options.exchange).absolute()
        if not found["exchange"].is_file():
            raise UsageError(f"--exchange {options.exchange}: there is no such file")
    return found


def kept_storage(board, options):
    """The same for a machine that a person talks to, which keeps its files."""
    found = storage(board, options)
    return found if "image" in found else {"image": disk.kept(board), **found}


def find_source(options):
    """Return the Source that the command line names, or None for an interactive run."""
    if options.code is not None:
        return Source(options.code, ["-c", *options.program], "<string>", _stdin())
    if options.program and options.program[0] != "-":
        path = Path(options.program[0])
        try:
            code = _decode(path.read_bytes(), path)
        except OSError as error:
            # python's own words and status for this
            raise UsageError(f"can't open file {str(path)!r}: {error.strerror}") from None
        return Source(code, [str(path), *options.program[1:]], path.name, _stdin())
    if _program_is_stdin(options):
        # As with python, the program takes all of standard input, and finds its end there.
        code = _decode(sys.stdin.buffer.read(), "<stdin>")
        return Source(code, options.program or [""], "<stdin>", None)
    return None


def _program_is_stdin(options):
    if options.code is not None:
        return False
    return options.program[0] == "-" if options.program else not _is_terminal(0)


def _stdin():
    return 0 if sys.stdin is not None else None


def _decode(data, name):
    import tokenize  # honours the coding comment; only needed here

    lines = iter(data.splitlines(keepends=True))
    try:
        encoding, _ = tokenize.detect_encoding(lambda: next(lines, b""))
        return data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError) as error:
        raise UsageError(f"{name}: {error}") from None


def _is_terminal(fd):
    try:
        return os.isatty(fd)
    except OSError:
        return False


def _program_environment():
    names = ("TERM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR")
    return {name: os.environ[name] for name in names if name in os.environ}


def run_program(source, board, build_dir, options):
    """Boot, run the program with this process's standard streams, switch off."""
    files = collect(options.with_files)
    wanted = request(
        source.code,
        source.argv,
        source.filename,
        isatty=_is_terminal(0) and _is_terminal(1),
        env=_program_environment(),
        files=files,
    )
    session = Session(
        board,
        build_dir,
        options.icount,
        options.kvm,
        options.boot_timeout,
        **storage(board, options),
    )
    try:
        with session:
            program = session.program(
                wanted, source.stdin, _writer(1), _writer(2), options.timeout
            )
            previous = signal.signal(signal.SIGINT, lambda *_: program.interrupt())
            try:
                status = program.run()
            finally:
                signal.signal(signal.SIGINT, previous)
            if program.killed:
                session.machine.kill()
                session.machine.ended = True
            else:
                program.finish()
    except KeyboardInterrupt:  # while booting
        return EXIT_INTERRUPT
    except BrokenPipeError:
        # The reader of the output has gone (`| head`): python ends quietly then, too.
        return 128 + signal.SIGPIPE
    return status & 0xFF


def _writer(fd):
    def write(data):
        view = memoryview(data)
        while view:
            view = view[os.write(fd, view) :]

    return write


def interactive(board, build_dir, options):
    """Boot with the console on this terminal."""
    disks = kept_storage(board, options)
    forwards = launch.usual_forwards(board)
    command = launch.command(
        board, build_dir, options.icount, options.kvm, forwards=forwards, **disks
    )
    cwd = launch.working_directory(board, build_dir)
    say(f"booting {board.name}{board.variant}; Ctrl-A X switches it off")
    if way := launch.ways_in(board, forwards, options.icount):
        say(way)
    try:
        with Machine(command, cwd=cwd) as machine:
            return console.join(machine)
    except OSError as error:
        raise ZpyError(f"{command[0]}: {error.strerror}") from None
