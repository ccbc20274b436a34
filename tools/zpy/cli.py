# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The command line: what there is to type, and what each command does with it."""

import argparse
import sys

from zpy import boards
from zpy.errors import EXIT_INTERRUPT, EXIT_USAGE, UsageError, ZpyError

DESCRIPTION = """\
ZPy: CPython as the kernel of a machine on Zephyr RTOS.

  ./zpy run                   boot a machine and talk to it
  ./zpy run -c 'print(6*7)'   run one program on a machine, as python does
  ./zpy repl                  a further prompt on it, over TCP
  ./zpy test                  test everything that can be tested here
  ./zpy doctor                what is here, what is missing, how to get it
"""

RUN_DESCRIPTION = """\
Boot a machine.

Without a program the console is this terminal; Ctrl-A X switches the machine off. With -c, a
script, "-" or piped standard input the program runs on the machine as it would under python:
same output, same standard input, same exit status. Ctrl-C interrupts it, twice kills it.

What is missing (build, sources, packages) is made or fetched first, once.
"""

RUN_EXAMPLES = f"""\
examples:
  ./zpy run                                  the best board that this machine can boot
  ./zpy run --board qemu_x86_64 --cpus 4
  ./zpy run --board sim -c 'print(1 + 1)'
  ./zpy run script.py --an-option value      what follows the script is the script's
  echo 'print(input())' | ./zpy run
  ./zpy run --with mylib/ script.py          mylib can be imported there
  ./zpy run --detach; ./zpy run --attach; ./zpy stop

boards:
{boards.listing()}

exit status: the program's; 70 when the machine died, 124 after --timeout, 130 when killed with
Ctrl-C, 2 for a wrong command line.
"""


REPL_DESCRIPTION = """\
Join the prompt of a running machine over TCP, as one of many sessions.

A machine on a real network wants to know who you are: it shows its secret on its serial console
when it makes one, and the command passwd there tells and changes it. The secret is asked for, or
read from --secret-file or from ZPY_SECRET in the environment; it never travels. Ctrl-A X leaves.
"""

REPL_EXAMPLES = """\
examples:
  ./zpy repl                                  what ./zpy run has booted in QEMU
  ./zpy repl --board qemu_cortex_a53
  ./zpy repl --host 192.168.1.20 --tls --secret-file ~/.board-secret
  echo '1+1' | ./zpy repl                     no terminal: plain lines in and out
"""


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints end with the way to help."""

    def error(self, message):
        print(f"zpy: {message}\n(see: {self.prog} --help)", file=sys.stderr)
        sys.exit(EXIT_USAGE)


def _number(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return value


def _port(text):
    value = int(text)
    if not 0 < value < 65536:
        raise argparse.ArgumentTypeError(f"{text} is no port: 1 to 65535")
    return value


def _seconds(text):
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number of seconds")
    return value


def parser():
    """Return the parser of the whole command line."""
    raw = argparse.RawDescriptionHelpFormatter
    top = Parser(prog="./zpy", description=DESCRIPTION, formatter_class=raw)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)

    run = commands.add_parser(
        "run",
        help="boot a machine, for you or for one program",
        description=RUN_DESCRIPTION,
        epilog=RUN_EXAMPLES,
        formatter_class=raw,
        usage="./zpy run [options] [-c CODE | SCRIPT | -] [argument ...]",
    )
    _board_options(run)
    run.add_argument("-c", dest="code", metavar="CODE", help="the program as text")
    run.add_argument(
        "--with",
        dest="with_files",
        metavar="PATH",
        action="append",
        default=[],
        help="take this file or directory along; the program can import it",
    )
    run.add_argument(
        "--timeout", type=_seconds, metavar="S", help="give the program so many seconds"
    )
    run.add_argument(
        "--boot-timeout",
        type=_seconds,
        metavar="S",
        default=180.0,
        help="give the boot so many seconds (180)",
    )
    run.add_argument(
        "--icount",
        type=int,
        nargs="?",
        const=0,
        metavar="SHIFT",
        help="QEMU, one CPU: count time in instructions, 2**SHIFT ns each (0)",
    )
    run.add_argument(
        "--disk",
        metavar="FILE",
        help="keep /flash in this image file (sim: directory); made if it is not there",
    )
    run.add_argument(
        "--exchange", metavar="FILE", help="QEMU: a disk image that the machine calls SD"
    )
    run.add_argument("--kvm", action="store_true", help="QEMU: use this machine's processor")
    group = run.add_mutually_exclusive_group()
    group.add_argument("--detach", action="store_true", help="boot in the background")
    group.add_argument("--attach", action="store_true", help="join what runs in the background")

    build = commands.add_parser(
        "build",
        help="build the image of a board",
        formatter_class=raw,
        epilog="example:\n  ./zpy build --board qemu_x86_64 -- -DCONFIG_CPYTHON_HEAP_SIZE=8388608",
        usage="./zpy build [--board B] [--cpus N] [--small] [--free-threading] [--pristine]"
        " [-- CMAKE-ARGUMENT ...]",
    )
    _board_options(build)
    build.add_argument("--pristine", action="store_true", help="start from nothing")

    test = commands.add_parser(
        "test",
        help="test everything that can be tested here",
        formatter_class=raw,
        epilog="examples:\n"
        "  ./zpy test                       lint, host tests, and the target tests on all boards\n"
        "  ./zpy test --board sim           lint, host tests, and sim\n"
        "  ./zpy test --host-only           lint and host tests\n"
        "  ./zpy test --small               the small profile on qemu_x86_64\n"
        "  ./zpy test --free-threading      CPython's free-threaded build on qemu_x86_64\n"
        "  ./zpy test --samples             each of samples/, as an image of its own\n"
        "  ./zpy test --regrtest test_json  CPython's own test files on qemu_x86_64",
    )
    test.add_argument(
        "--board", action="append", metavar="B", help="only this board (may be repeated)"
    )
    test.add_argument("--host-only", action="store_true", help="nothing that boots a board")
    test.add_argument(
        "--regrtest",
        nargs="*",
        metavar="NAME",
        help="run CPython's own tests on the machine instead (all that are listed, or these)",
    )
    test.add_argument(
        "-j", "--jobs", type=_number, metavar="N", default=1, help="--regrtest: machines at a time"
    )
    test.add_argument(
        "-m",
        "--match",
        metavar="PATTERN",
        action="append",
        default=[],
        help="--regrtest: only tests whose name matches (may be repeated)",
    )

    test.add_argument(
        "--small", action="store_true", help="build and test the small profile instead"
    )
    test.add_argument(
        "--free-threading",
        action="store_true",
        help="build and test without the interpreter lock instead; with --regrtest too",
    )
    test.add_argument(
        "--samples",
        action="store_true",
        help="let Twister build each sample instead, boot it and play it",
    )
    test.add_argument(
        "--boards-build", action="store_true", help="build the boards of docs/boards too"
    )

    hil = commands.add_parser(
        "hil",
        help="test boards that are connected to this machine",
        formatter_class=raw,
        epilog="The map is Twister's: twister --generate-hardware-map map.yml\n"
        "tests/wiring.toml says what is wired to what on each board.",
    )
    hil.add_argument("--hardware-map", metavar="FILE", required=True)
    hil.add_argument(
        "--board", action="append", metavar="B", default=[], help="only this (may be repeated)"
    )
    hil.add_argument("--no-flash", action="store_true", help="test what is on the boards")

    bench = commands.add_parser("bench", help="measure image, memory, boot time and speed")
    bench.add_argument("--board", action="append", metavar="B", help="only this board")
    bench.add_argument("names", nargs="*", metavar="KERNEL", help="only these kernels")

    repl = commands.add_parser(
        "repl",
        help="this terminal at a machine's prompt, over TCP",
        description=REPL_DESCRIPTION,
        epilog=REPL_EXAMPLES,
        formatter_class=raw,
    )
    repl.add_argument("--host", metavar="H", default="127.0.0.1", help="the machine (127.0.0.1)")
    repl.add_argument(
        "--port",
        type=_port,
        metavar="P",
        help="its port; else what ./zpy run forwards here, and 5000 of other hosts",
    )
    repl.add_argument("-b", "--board", metavar="B", help="the board whose forward is meant")
    repl.add_argument("--secret-file", metavar="FILE", help="the secret is its first line")
    repl.add_argument("--tls", action="store_true", help="encrypt; the machine must be set to it")

    commands.add_parser("stop", help="end the machine that runs in the background")
    commands.add_parser("doctor", help="what is here, what is missing, how to get it")
    clean = commands.add_parser("clean", help="remove what was built")
    clean.add_argument("--board", metavar="B", help="only this board")
    clean.add_argument("--all", action="store_true", help="all of .zpy, what was fetched too")
    return top


def _board_options(command):
    command.add_argument("-b", "--board", metavar="B", help=f"one of: {', '.join(boards.names())}")
    command.add_argument("--cpus", type=_number, metavar="N", help="how many processors")
    command.add_argument(
        "--small", action="store_true", help="the small profile, for boards with 8 MB of flash"
    )
    command.add_argument(
        "--free-threading", action="store_true", help="Python threads run in parallel: no GIL"
    )


def split(argv, takes_value):
    """Split a `run` command line into (zpy's part, the program's part), as python splits its own.

    takes_value: the options of zpy that have a value in the next word. -c and its code are
    zpy's; what follows them, or the first word that is no option, is the program's.
    """
    own = []
    words = list(argv)
    while words:
        word = words[0]
        if word == "--":
            return own, words[1:]
        if word == "-" or not word.startswith("-"):
            return own, words
        own.append(words.pop(0))
        if word in takes_value and words:
            own.append(words.pop(0))
        elif word == "--icount" and words and words[0].isdigit():
            own.append(words.pop(0))
        if word == "-c" or (word.startswith("-c") and not word.startswith("--")):
            return own, words
    return own, []


RUN_VALUES = (
    "-b",
    "--board",
    "--cpus",
    "-c",
    "--with",
    "--timeout",
    "--disk",
    "--exchange",
    "--boot-timeout",
)


def parse(argv):
    """Parse the command line; the words that are not zpy's are in `rest`."""
    argv = list(argv)
    rest = []
    if argv[:1] == ["run"]:
        own, rest = split(argv[1:], RUN_VALUES)
        argv = ["run", *own]
    elif argv[:1] == ["build"] and "--" in argv:
        cut = argv.index("--")
        argv, rest = argv[:cut], argv[cut + 1 :]
    top = parser()
    args = top.parse_args(argv)
    if not args.command:
        top.print_help()
        sys.exit(EXIT_USAGE if argv else 0)
    args.rest = rest
    return args


def main(argv=None):
    """Run the command; return the exit status."""
    args = parse(sys.argv[1:] if argv is None else argv)
    try:
        return COMMANDS[args.command](args)
    except ZpyError as error:
        print(f"zpy: {error}", file=sys.stderr)
        return error.status
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return EXIT_INTERRUPT


# Each command imports what it needs: `run` on sim should not wait for the rest.


def _run(args):
    from zpy import run

    if (args.detach or args.attach) and (args.code is not None or args.rest):
        raise UsageError("--detach and --attach take no program")
    return run.run(
        run.Options(
            board=args.board,
            cpus=args.cpus,
            small=args.small,
            free_threading=args.free_threading,
            icount=args.icount,
            kvm=args.kvm,
            disk=args.disk,
            exchange=args.exchange,
            timeout=args.timeout,
            boot_timeout=args.boot_timeout,
            with_files=args.with_files,
            detach=args.detach,
            attach=args.attach,
            code=args.code,
            program=args.rest,
        )
    )


def _build(args):
    from zpy import build, venv, workspace
    from zpy.progress import say

    name = args.board or boards.DEFAULT
    board = boards.get(name, args.cpus, args.small, args.free_threading)
    if board.kind == "sim":
        say("sim runs from the sources; there is nothing to build")
        return 0
    workspace.check()
    venv.ensure()
    where = build.build(board, workspace.obtain(), args.pristine, args.rest)
    say(f"{board.name}{board.variant} is built in {where}")
    return 0


def _test(args):
    from zpy import test

    chosen = [boards.get(name) for name in args.board] if args.board else None
    if args.regrtest is not None:
        from zpy import regrtest

        return regrtest.main(
            args.regrtest, chosen, args.jobs, args.match, free_threading=args.free_threading
        )
    if args.free_threading:
        return test.free_threading(chosen)
    if args.small:
        return test.small(chosen)
    if args.samples:
        return test.samples(chosen)
    return test.main(chosen, host_only=args.host_only, real=args.boards_build)


def _hil(args):
    from zpy import hil

    return hil.main(args.hardware_map, tuple(args.board), flash=not args.no_flash)


def _bench(args):
    from zpy import bench

    chosen = [boards.get(name) for name in args.board] if args.board else None
    return bench.main(chosen, args.names)


def _repl(args):
    from zpy import repl

    return repl.run(
        repl.Options(
            host=args.host,
            port=args.port,
            board=boards.get(args.board).name if args.board else None,
            secret_file=args.secret_file,
            tls=args.tls,
        )
    )


def _stop(args):
    from zpy import detached

    return detached.stop()


def _doctor(args):
    from zpy import doctor

    return doctor.main()


def _clean(args):
    from zpy import build
    from zpy.paths import DOT_ZPY

    if args.all:
        import shutil

        shutil.rmtree(DOT_ZPY, ignore_errors=True)
    else:
        build.clean(boards.get(args.board) if args.board else None)
    return 0


COMMANDS = {
    "run": _run,
    "hil": _hil,
    "build": _build,
    "test": _test,
    "bench": _bench,
    "repl": _repl,
    "stop": _stop,
    "doctor": _doctor,
    "clean": _clean,
}
