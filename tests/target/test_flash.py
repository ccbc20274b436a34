# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""/flash keeps its files: over a reboot, a new machine, and a loss of power at any moment."""

import random
import shutil
import subprocess
import threading

import pytest

from zpy import disk, timeline
from zpy.errors import MachineError
from zpy.session import Session
from zpy.session import request as protocol_request

BOOT_TIMEOUT = 240.0


@pytest.fixture
def image(board, tmp_path):
    """A new image (on sim a directory) for /flash."""
    return disk.named(board, tmp_path / "flash")


@pytest.fixture
def machine(board, build_dir):
    """machine(image): a booted machine that runs programs, as a context manager."""

    def start(image, **more):
        return Session(board, build_dir, boot_timeout=BOOT_TIMEOUT, image=image, **more)

    return start


def output(session, code):
    """What a program prints on the machine; it must not fail."""
    status, out, err = session.run(code, timeout=120)
    assert status == 0, err.decode()
    return out.decode()


def test_files_survive_a_kill(machine, image):
    with machine(image) as session:
        output(
            session,
            "import os\nos.makedirs('/flash/a/b')\n"
            "open('/flash/a/b/c', 'w').write('kept')\n"
            "open('/lib/mine.py', 'w').write('VALUE = 42\\n')\n"
            "open('/lib/kernel/textwidth.py', 'a').write('# mine\\n')\n"
            "open('/tmp/gone', 'w').write('gone')",
        )
        session.machine.process.kill()
        session.machine.process.wait()
        session.machine.ended = True
    with machine(image) as session:
        found = output(
            session,
            "import os, mine, _vosal\n"
            "print(open('/flash/a/b/c').read(), mine.VALUE, 'gone' in os.listdir('/tmp'),"
            "_vosal.layers('/lib/kernel/textwidth.py'))",
        )
        assert found == "kept 42 False 3\n"
        output(session, "import os; os.unlink('/lib/kernel/textwidth.py')")


def test_modules_are_found(machine, image):
    """What lies in /flash/lib, and the wheels there and in /lib, are importable after a boot."""
    with machine(image) as session:
        output(
            session,
            "import os, zipfile\nos.makedirs('/flash/lib', exist_ok=True)\n"
            "open('/flash/lib/of_flash.py', 'w').write('VALUE = 1\\n')\n"
            "for number, path in (2, '/flash/lib'), (3, '/lib'):\n"
            "    with zipfile.ZipFile(f'{path}/wheel{number}-1-py3-none-any.whl', 'w') as wheel:\n"
            "        wheel.writestr(f'wheel{number}/__init__.py', f'VALUE = {number}\\n')",
        )
    with machine(image) as session:
        found = output(
            session,
            "import of_flash, wheel2, wheel3\nprint(of_flash.VALUE, wheel2.VALUE, wheel3.VALUE)",
        )
        assert found == "1 2 3\n"


def test_files_survive_a_reset(board, boot, image):
    if board.kind == "native":
        pytest.skip("the process ends with the reset")
    console = boot(image=image)
    console.expect(">>> ", BOOT_TIMEOUT)
    console.send("print(open('/flash/a', 'w').write('kept'))\r")
    console.expect("4\r\n")
    console.send("kernel.power.reboot()\r")
    console.expect('Type "help"', BOOT_TIMEOUT)
    console.expect(">>> ", BOOT_TIMEOUT)
    console.send("print(open('/flash/a').read() * 2)\r")
    console.expect("keptkept\r\n")


def test_a_damaged_flash_is_left_alone(board, machine, image):
    if board.kind != "qemu":
        pytest.skip("the image is QEMU's")
    noise = random.Random(1).randbytes(1 << 20)
    with open(image, "r+b") as file:
        file.write(noise)
    with machine(image) as session:
        said = session.machine.history.decode(errors="replace")
        assert "no /flash: flash holds no littlefs" in said
        assert "kernel.mounts.format_flash()" in said
        assert output(session, "import os; print(os.path.exists('/flash'))") == "False\n"
        assert image.read_bytes()[: len(noise)] == noise
        found = output(
            session,
            "import kernel, os\nkernel.mounts.format_flash()\nprint(os.listdir('/flash'))\n"
            "open('/flash/a', 'w').write('a')",
        )
        assert "[]" in found
    with machine(image) as session:
        assert output(session, "print(open('/flash/a').read())") == "a\n"


def test_names_are_found_in_memory(board, build_dir, tmp_path):
    """A name that was looked for lately costs no request to the disk, a new file few."""
    if board.kind != "qemu":
        pytest.skip("only QEMU counts the requests to its disks")
    with WithMonitor(board, build_dir, tmp_path) as session:
        look = (
            "import os\n"
            "for _ in range({count}):\n"
            "    for name in ('/lib/kernel/x.py', '/bin/ls.py', '/flash/nothing'):\n"
            "        os.path.exists(name)"
        )
        output(session, look.format(count=1))
        before = session.requests()
        output(session, look.format(count=50))
        assert session.requests() == before
        output(session, "import os; os.mkdir('/flash/many')")
        before = session.requests()
        output(
            session,
            "for number in range(200):\n    open(f'/flash/many/{number}', 'wb').close()",
        )
        reads, writes = (a - b for a, b in zip(session.requests(), before, strict=True))
        # Each is on the disk when it is closed; the directory is never read again.
        assert 200 <= writes <= 300
        assert reads <= 40


class WithMonitor(Session):
    """A machine whose emulator says what the disk had to do."""

    def __init__(self, board, build_dir, directory):
        self._monitor = str(directory / "monitor")
        super().__init__(board, build_dir, boot_timeout=BOOT_TIMEOUT)

    def launch(self, command):
        return [*command, "-qmp", f"unix:{self._monitor},server=on,wait=off"]

    def requests(self):
        """(reads, writes) of /flash since the start."""
        monitor = timeline.Monitor(timeline.connect(self._monitor))
        (stats,) = (
            disk["stats"] for disk in monitor.ask("query-blockstats") if disk["device"] == "flash"
        )
        return stats["rd_operations"], stats["wr_operations"]


def test_a_full_flash(board, machine, tmp_path):
    if board.kind != "qemu":
        pytest.skip("the image is QEMU's")
    image = tmp_path / "small"
    with open(image, "wb") as file:
        file.truncate(256 << 10)
    with machine(image) as session:
        found = output(
            session,
            "import errno, os\nopen('/flash/kept', 'wb').write(b'kept' * 1000)\n"
            "written = 0\n"
            "try:\n"
            "    with open('/flash/big', 'wb', buffering=0) as file:\n"
            "        while True: written += file.write(bytes(4096))\n"
            "except OSError as error:\n"
            "    print(error.errno == errno.ENOSPC, written > 100_000)\n"
            "print(open('/flash/kept', 'rb').read() == b'kept' * 1000)\n"
            "os.unlink('/flash/big')\n"
            "open('/flash/again', 'wb').write(bytes(50_000))\n"
            "print(os.stat('/flash/again').st_size)",
        )
        assert found == "True True\nTrue\n50000\n"


def test_fat_is_exchanged(board, machine, tmp_path):
    if board.kind != "qemu":
        pytest.skip("disks are QEMU's")
    if shutil.which("mkfs.vfat") is None or shutil.which("mcopy") is None:
        pytest.skip("needs mkfs.vfat and mcopy (Debian: dosfstools, mtools)")
    exchange = tmp_path / "exchange.img"
    with open(exchange, "wb") as file:
        file.truncate(16 << 20)
    subprocess.run(["mkfs.vfat", exchange], check=True, capture_output=True)
    there = tmp_path / "there.txt"
    there.write_bytes(b"from the host\n" * 1000)
    subprocess.run(["mcopy", "-i", exchange, there, "::there.txt"], check=True)
    with machine(None, exchange=exchange) as session:
        found = output(
            session,
            "import _vosal, os\n_vosal.mount('fat', 'SD', '/sd')\n"
            "print(os.listdir('/sd'), len(open('/sd/there.txt').read()))\n"
            "os.mkdir('/sd/a long name of a directory')\n"
            "with open('/sd/a long name of a directory/back.txt', 'w') as file:\n"
            "    file.write('from the machine\\n')\n"
            "_vosal.umount('/sd')",
        )
        assert found == "['there.txt'] 14000\n"
    back = subprocess.run(
        ["mtype", "-i", exchange, "::a long name of a directory/back.txt"],
        check=True,
        capture_output=True,
    )
    assert back.stdout == b"from the machine\n"


# What the machine does until its power goes: files of many sizes, each replaced by another
# version again and again. A content tells its own version and that it is whole.
WRITER = """
import hashlib, os, sys
def content(name, version):
    body = (f"{name} {version} " * (1 + version * 7919 % 3000)).encode()
    return hashlib.sha256(body).hexdigest().encode() + b"\\n" + body
os.makedirs("/flash/files", exist_ok=True)
version = int(sys.argv[1])
while True:
    for name in ("a", "b", "c", "d"):
        path = f"/flash/files/{name}"
        with open(path + ".new", "wb") as file:
            file.write(content(name, version))
        os.replace(path + ".new", path)
        print(name, version, flush=True)
    with open("/flash/files/log", "a") as file:
        file.write(f"{version}\\n")
    os.makedirs(f"/flash/files/d{version % 3}", exist_ok=True)
    os.rmdir(f"/flash/files/d{version % 3}")
    version += 1
"""

CHECK = """
import hashlib, os
os.makedirs("/flash/files", exist_ok=True)
for name in ("a", "b", "c", "d"):
    try:
        data = open(f"/flash/files/{name}", "rb").read()
    except FileNotFoundError:
        print(name, -1)
        continue
    digest, _, body = data.partition(b"\\n")
    assert hashlib.sha256(body).hexdigest().encode() == digest, (name, data[:100])
    print(name, body.split(maxsplit=2)[1].decode())
log = open("/flash/files/log").read() if os.path.exists("/flash/files/log") else ""
numbers = [int(line) for line in log.split("\\n")[:-1]]
assert numbers == sorted(numbers), numbers
for name in os.listdir("/flash/files"):
    if name.endswith(".new"):
        os.unlink(f"/flash/files/{name}")
"""


def test_power_cuts(request, board, machine, image):
    """Every file has its old or its new content after a kill at any moment.

    --power-cuts N: so many kills; more than the few of a normal run take minutes.
    """
    if board.kind == "sim":
        pytest.skip("/flash is a directory of the host")
    cuts = request.config.getoption("--power-cuts")
    chance = random.Random(request.config.getoption("--power-seed"))
    may_be = {}  # name -> the versions that can be there
    for cut in range(cuts + 1):
        with machine(image) as session:
            said = session.machine.history.decode(errors="replace")
            assert "holds no littlefs" not in said, f"after {cut} cuts:\n{said}"
            lines = [line.split() for line in output(session, CHECK).splitlines()]
            found = {name: int(version) for name, version in lines}
            for name, versions in may_be.items():
                assert found[name] in versions, f"cut {cut}: {name} of {may_be}, found {found}"
            version = max(0, *found.values()) + 1
            may_be = {name: (last, version) for name, last in found.items()}
            if cut < cuts:
                may_be.update(_write_until_cut(session, version, chance.uniform(0.0, 1.5)))


def _write_until_cut(session, version, seconds):
    """Lets the machine write, and kills it; returns what each file that it has told can be."""
    told = bytearray()
    wanted = protocol_request(WRITER, ["writer", str(version)])
    program = session.program(wanted, stdout=told.extend, stderr=told.extend)
    timer = threading.Timer(seconds, session.machine.process.kill)
    timer.start()
    try:
        status = program.run()
        pytest.fail(f"the writer ended: {status} {told.decode()}")
    except MachineError:
        session.machine.process.wait()
        session.machine.ended = True
    finally:
        timer.cancel()
    lines = [line.split() for line in told.decode().split("\n")[:-1]]
    return {name: (int(number), int(number) + 1) for name, number in lines}
