# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The command that starts a board's machine with its console on standard input and output."""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys

from zpy import boards, disk
from zpy.errors import Missing, UsageError
from zpy.paths import KERNEL_PY, ROOT
from zpy.progress import say

OLDEST_FOR_SIM = (3, 11)

# Ports of this machine, on 127.0.0.1 alone, and the ports of the board that they lead to.
FORWARDS = {
    "qemu_x86_64": ((5555, 5000), (17000, 7000)),
    "qemu_cortex_a53": ((5556, 5000), (17002, 7000)),
}
PROMPT_PORT = 5000  # of the machine
NATIVE_PROMPT_PORT = (
    5557  # of this machine: native_sim's sockets are its own (CONFIG_ZPY_REPL_PORT)
)


def command(
    board,
    build_dir=None,
    icount=None,
    kvm=False,
    image=None,
    exchange=None,
    forwards=(),
    nic=None,
    extra=(),
):
    """Return the argument list that starts the machine.

    icount: run QEMU with -icount shift=N: time is then counted in instructions, 2**N ns each.
        There is no network card then, because the network keeps the host's time.
    kvm: let QEMU use the processor of this machine.
    image: what /flash is kept in (see disk.py); None gives an empty one that is not kept, False
    (QEMU) none at all.
    exchange: the image of a disk called SD, QEMU only.
    forwards: pairs of (port here, on 127.0.0.1; port of the machine) that are connected.
    nic: where QEMU's network card is plugged in ("socket,udp=…"); None is QEMU's own network.
    extra: more words for QEMU.
    """
    if board.kind != "qemu" and exchange is not None:
        raise UsageError(f"--exchange is for QEMU boards; {board.name} is none")
    if board.kind != "qemu" and (icount is not None or kvm):
        raise UsageError(f"--icount and --kvm are for QEMU boards; {board.name} is none")
    if icount is not None and board.cpus != 1:
        # QEMU runs the processors in turn then, and Zephyr's SMP boot does not get through.
        raise UsageError("--icount counts the instructions of one CPU: add --cpus 1")
    if board.kind == "sim":
        return [sim_python(), "-m", "sim", *([f"--root={image}"] if image else [])]
    if board.kind == "hardware":
        if not board.serial:
            raise UsageError(
                f"{board.name} does not run on this machine: see docs/boards/{board.name}.md,"
                " and ./zpy hil --help"
            )
        return [sys.executable, "-m", "zpy.serial_line", board.serial, str(board.baud)]
    if board.kind == "native":
        # In step with real time: the peer at the console lives there.
        flash = f"-flash={image}" if image else "-flash_in_ram"
        executable = str(build_dir / "zephyr" / "zephyr.exe")
        return [executable, "-rt", flash, *_native_console(build_dir)]
    words = qemu_command(run_line(build_dir), icount, kvm, forwards, nic) + list(extra)
    if image is False or not board.disks:
        return words
    return words + disk.qemu_arguments(image, exchange)


def usual_forwards(board):
    """The board's forwards whose ports are free here; says which are not.

    ZPY_FORWARD in the environment ("8080:80,2323:23", or "none") names others.
    """
    wanted = os.environ.get("ZPY_FORWARD")
    if wanted is not None:
        pairs = parse_forwards(wanted)
    else:
        pairs = FORWARDS.get(board.name, ())
    if board.kind != "qemu":
        return ()
    free = []
    for host, guest in pairs:
        if port_is_free(host):
            free.append((host, guest))
        else:
            say(f"port {host} is in use: the machine's port {guest} is not reached from here")
    return tuple(free)


def ways_in(board, forwards, icount=None):
    """How a person connects to the machine's prompt over TCP; "" if no port leads there."""
    if board.kind == "native":
        return _way_into_native(board)
    ports = [host for host, guest in forwards if guest == PROMPT_PORT]
    if not ports or icount is not None:
        return ""
    port = ports[0]
    if (port, PROMPT_PORT) not in FORWARDS.get(board.name, ()):
        option = f" --port {port}"
    else:
        option = "" if board.name == boards.DEFAULT else f" --board {board.name}"
    return f"its prompt over TCP: ./zpy repl{option}, or nc 127.0.0.1 {port}"


def _way_into_native(board):
    # The machine goes by the same variables; it says so itself when it cannot have the port.
    text = os.environ.get("ZPY_REPL_PORT", str(NATIVE_PROMPT_PORT))
    port = int(text) if text.isdigit() else 0
    if os.environ.get("ZPY_REPL") == "off" or not 0 < port < 65536 or not port_is_free(port):
        return ""
    option = "" if port == NATIVE_PROMPT_PORT else f" --port {port}"
    return f"its prompt over TCP: ./zpy repl --board {board.aliases[0]}{option}"


def environment(board):
    """The environment for a machine that runs a program, None for this process's.

    native_sim's prompt over TCP would take a port of this machine, and programs run side by side;
    ZPY_REPL asks for it. (QEMU's machines are behind forwards, which programs do not get either.)
    """
    if board.kind != "native" or "ZPY_REPL" in os.environ:
        return None
    return {**os.environ, "ZPY_REPL": "off"}


def parse_forwards(text):
    """Pairs from "8080:80,2323:23"; none from "none" or nothing.

    >>> parse_forwards("8080:80,2323:23")
    ((8080, 80), (2323, 23))
    """
    if text.strip() in ("", "none"):
        return ()
    pairs = []
    for part in text.split(","):
        host, _, guest = part.partition(":")
        try:
            pair = (int(host), int(guest))
        except ValueError:
            pair = (0, 0)
        if not all(0 < port < 65536 for port in pair):
            raise UsageError(f"{part!r} is no forward: two ports, as in 8080:80")
        pairs.append(pair)
    return tuple(pairs)


def port_is_free(port):
    """Whether a port of 127.0.0.1 can be listened at."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port():
    """A port of 127.0.0.1 that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def working_directory(board, build_dir=None):
    """The directory to start the machine in."""
    if board.kind == "hardware":
        return ROOT / "tools"
    return KERNEL_PY if board.kind == "sim" else build_dir


def sim_python():
    """The Python for the sim board: this one, or the newest on PATH that is new enough."""
    candidates = [os.environ.get("ZPY_PYTHON"), sys.executable]
    candidates += [shutil.which(f"python3.{minor}") for minor in (14, 13, 12, 11)]
    for candidate in candidates:
        if candidate and _version_of(candidate) >= OLDEST_FOR_SIM:
            return candidate
    raise Missing(
        "the sim board needs Python 3.11 or newer; on Debian and Ubuntu:\n"
        "  sudo apt-get install python3.11"
    )


def _version_of(python):
    if python == sys.executable:
        return sys.version_info[:2]
    code = "import sys; print(*sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return (0, 0)
    return tuple(int(part) for part in done.stdout.split()) or (0, 0)


def _native_console(build_dir):
    # Zephyr 4.2 has an option for it; before, the application's configuration decides.
    executable = str(build_dir / "zephyr" / "zephyr.exe")
    done = subprocess.run([executable, "--help"], capture_output=True, text=True, timeout=20)
    return ["-uart_stdinout"] if "uart_stdinout" in done.stdout else []


def run_line(build_dir):
    """The command with which the build itself would start QEMU."""
    done = subprocess.run(
        ["ninja", "-C", str(build_dir), "-t", "commands", "run_qemu"],
        capture_output=True,
        text=True,
    )
    lines = [line for line in done.stdout.splitlines() if "qemu-system" in line]
    if done.returncode != 0 or not lines:
        raise Missing(f"{build_dir} has no run_qemu target: is QEMU installed? (./zpy doctor)")
    return lines[-1]


def qemu_command(line, icount=None, kvm=False, forwards=(), nic=None):
    """Turn the build's QEMU command into one with an 8-bit clean console and nothing else on it.

    >>> qemu_command("cd /b && qemu-system-x86_64 -nographic -pidfile q.pid -chardev "
    ...              "stdio,id=con,mux=on -serial chardev:con -mon chardev=con,mode=readline "
    ...              "-icount shift=5,align=off -kernel k")  # doctest: +NORMALIZE_WHITESPACE
    ['qemu-system-x86_64', '-nographic', '-chardev', 'stdio,id=con,signal=off',
     '-serial', 'chardev:con', '-kernel', 'k', '-monitor', 'none']
    """
    words = shlex.split(line)
    while "&&" in words:
        words = words[words.index("&&") + 1 :]
    result = []
    words = iter(words)
    for word in words:
        if word in ("-pidfile", "-icount", "-mon"):
            next(words)
        elif word == "-chardev":
            value = next(words)
            if re.search(r"\bid=con\b", value):
                value = "stdio,id=con,signal=off"
            result += [word, value]
        elif word == "-nic":
            result += [word, _nic(next(words), icount, forwards, nic)]
        elif word == "-cpu" and kvm:
            next(words)
            result += ["-cpu", "host"]
        else:
            result.append(word)
    result += ["-monitor", "none"]
    if kvm:
        if not os.access("/dev/kvm", os.R_OK | os.W_OK):
            raise Missing("--kvm: /dev/kvm is not here, or not yours to open")
        if f"qemu-system-{os.uname().machine}" not in result[0]:
            raise UsageError(f"--kvm: this machine is {os.uname().machine}, the board is not")
        result.append("-enable-kvm")
    if icount is not None:
        result += ["-icount", f"shift={icount},align=off,sleep=off"]
    return result


def _nic(value, icount, forwards, nic):
    """QEMU's network card: that of the build, with the ports that are forwarded."""
    if icount is not None:
        return "none"
    parts = [part for part in value.split(",") if part and not part.startswith("hostfwd=")]
    if nic is not None:
        return ",".join([nic, *(part for part in parts if part.startswith("model="))])
    parts += [f"hostfwd=tcp:127.0.0.1:{host}-:{guest}" for host, guest in forwards]
    return ",".join(parts)
