# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""How many instructions a machine takes from its reset to some functions: exact, from QEMU.

QEMU in record mode (`-icount shift=0,rr=record`) knows how many instructions were executed, its
debugger stub stops at the first instruction of a function, and QMP tells the count there. The
program is not changed, and what runs before any clock of the machine (firmware, loading the
image, page tables) is counted too.
"""

import json
import socket
import tempfile
import time
from pathlib import Path

from zpy import launch
from zpy.errors import MachineError
from zpy.machine import Machine

STOP_TIMEOUT = 120.0  # seconds between two functions
START_TIMEOUT = 20.0  # seconds until QEMU listens


def count(board, build_dir, functions):
    """Return {function: instructions from the reset to its first call}, in the order of calls.

    Functions that the image does not have are left out.
    """
    addresses = _addresses(build_dir / "zephyr" / "zephyr.elf", functions)
    # A new disk would be formatted, and while the machine waits for a disk it counts its turns.
    command = launch.command(board, build_dir, icount=0, image=False)
    with tempfile.TemporaryDirectory(prefix="zpy-") as directory:
        qmp, gdb, record = (str(Path(directory) / name) for name in ("qmp", "gdb", "record"))
        at = command.index("-icount") + 1
        command[at] += f",rr=record,rrfile={record}"
        command += ["-S", "-qmp", f"unix:{qmp},server=on,wait=off"]
        command += ["-gdb", f"unix:{gdb},server=on,wait=off"]
        with Machine(command, cwd=build_dir) as machine:
            try:
                monitor, debugger = Monitor(connect(qmp)), _Debugger(connect(gdb))
                counts = {}
                for name, address in addresses.items():
                    debugger.run_to(address)
                    counts[name] = monitor.ask("query-replay")["icount"]
            except OSError as error:
                machine.poll(0.5)
                raise machine.died(f"the boot could not be followed ({error})") from None
    return counts


def _addresses(elf, functions):
    from elftools.elf.elffile import ELFFile

    with open(elf, "rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        found = {name: table.get_symbol_by_name(name) for name in functions}
    return {name: symbols[0]["st_value"] for name, symbols in found.items() if symbols}


def connect(path):
    """Connect to a socket of QEMU's as soon as it is there."""
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        sock = socket.socket(socket.AF_UNIX)
        try:
            sock.connect(path)
        except OSError:
            sock.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            sock.settimeout(STOP_TIMEOUT)
            return sock


class Monitor:
    """QEMU's machine protocol: a line of JSON each way."""

    def __init__(self, sock):
        self.stream = sock.makefile("rwb")
        self.stream.readline()
        self.ask("qmp_capabilities")

    def ask(self, command):
        self.stream.write(json.dumps({"execute": command}).encode() + b"\n")
        self.stream.flush()
        while line := self.stream.readline():
            answer = json.loads(line)
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise MachineError(f"QEMU refused {command}: {answer['error']['desc']}")
        raise OSError("QEMU ended")


class _Debugger:
    """The few words of GDB's remote protocol that run to an address.

    >>> _Debugger.packet("c")
    b'$c#63'
    """

    def __init__(self, sock):
        self.sock = sock
        self.stream = sock.makefile("rb")

    @staticmethod
    def packet(text):
        return b"$%s#%02x" % (text.encode(), sum(text.encode()) % 256)

    def ask(self, text):
        self.sock.sendall(self.packet(text))
        while (byte := self.stream.read(1)) != b"$":
            if not byte:
                raise OSError("QEMU ended")
        answer = b""
        while (byte := self.stream.read(1)) != b"#":
            if not byte:
                raise OSError("QEMU ended")
            answer += byte
        self.stream.read(2)
        self.sock.sendall(b"+")
        return answer.decode()

    def run_to(self, address):
        # A hardware breakpoint: the memory under it may not be loaded yet.
        if self.ask(f"Z1,{address:x},1") != "OK":
            raise OSError("no breakpoint")
        stopped = self.ask("c")
        if not stopped.startswith("T05"):
            raise OSError(f"stopped with {stopped!r}")
        self.ask(f"z1,{address:x},1")
