# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Boot: the log, what is imported, what happens when something fails."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from machine import KERNEL_PY, PYTHON, Machine

# All that may be imported at the first prompt, beyond what the interpreter itself has then.
# The prompt has a budget of instructions and of heap; each addition is a decision.
AT_THE_PROMPT = {
    "_contextvars",
    "_vosal",
    "kernel",
    "kernel.boot",
    "kernel.console",
    "kernel.history",
    "kernel.keys",
    "kernel.lineedit",
    "kernel.log",
    "kernel.mounts",
    "kernel.overrides",
    "kernel.repl",
    "kernel.session",
    "kernel.sitebuiltins",
    "kernel.streams",
    "kernel.terminal",
    "kernel.textwidth",
}

PROBE = """
import sys
sys.path.insert(0, {path!r})
before = set(sys.modules)
import posix
listdir = posix.listdir
posix.listdir = lambda path: [] if path == "/rom" else listdir(path)

class Vosal:
    BOARD, ARCH, ZEPHYR_VERSION, CPUS, VERSION = "probe", "none", "4.0.0", 1, "0.1.0"
    output = []

    def console_read(timeout=None):
        if timeout == 0:
            return b""
        posix.write(1, " ".join(sorted(set(sys.modules) - before)).encode() + b"\\n")
        posix.write(1, b"".join(Vosal.output))
        posix._exit(0)

    def console_write(data): Vosal.output.append(bytes(data))
    def console_interrupt_char(code): return -1
    def console_size(): return 80, 24
    def heap_info(): return 240 << 20, 3 << 20, 4 << 20
    def uptime_ns(): return 1234567890
    def thread_name(name): pass
    def reset_reason(): return "power-on", "", 0
    def unraisable(args): pass
    WATCHDOG_MS = 0
    FLASH = "flash"
    def mounts(): return []
    def storages(): return []
    def mount(type, source, target): pass

    class Directory:
        current = classmethod(lambda cls: cls())

sys.modules["_vosal"] = Vosal
from kernel import boot
boot.main()
"""


@pytest.fixture(scope="module")
def probe(tmp_path_factory):
    """(modules, output) of a boot without site, as on a board."""

    def boot(code=PROBE):
        script = tmp_path_factory.mktemp("probe") / "probe.py"
        script.write_text(code.format(path=str(KERNEL_PY)))
        done = subprocess.run([PYTHON, "-I", "-S", str(script)], capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr.decode()
        modules, _, output = done.stdout.partition(b"\n")
        return set(modules.decode().split()), output.decode()

    boot()  # writes the bytecode, as compiling may import
    return boot()


def test_what_is_imported_at_the_prompt(probe):
    assert probe[0] - {"posix"} == AT_THE_PROMPT


def test_the_boot_log(probe):
    lines = [line for line in probe[1].split("\r\n") if line.startswith("[ZPy]")]
    assert lines == [
        "[ZPy] INFO  kernel.boot: probe: none, 1 CPU",
        "[ZPy] INFO  kernel.boot: heap 240 MiB, 3 MiB in use",
        "[ZPy] INFO  kernel.boot: ready after 1.23 s",
    ]


def test_the_banner(probe):
    python = subprocess.run(
        [PYTHON, "-c", "import platform; print(platform.python_version())"],
        capture_output=True,
        text=True,
    ).stdout.strip()
    assert (
        f"ZPy 0.1.0 · CPython {python} on Zephyr 4.0.0 · probe\r\n"
        'Type "help" for help.\r\n>>> ' in probe[1]
    )


def test_a_part_that_fails_does_not_end_the_boot(tmp_path):
    script = PROBE.replace(
        "boot.main()",
        """
def broken():
    raise OSError(5, "no such hardware")
boot.PARTS.insert(0, ("audio", broken))
boot.main()""",
    )
    path = tmp_path / "probe.py"
    path.write_text(script.format(path=str(KERNEL_PY)))
    done = subprocess.run([PYTHON, "-I", "-S", str(path)], capture_output=True, timeout=60)
    text = done.stdout.decode()
    assert "[ZPy] ERROR kernel.boot: audio failed: OSError: [Errno 5] no such hardware" in text
    assert "[ZPy] ERROR kernel.boot: Traceback (most recent call last):" in text
    assert "in broken" in text
    assert "[ZPy] INFO  kernel.boot: heap" in text and text.endswith(">>> ")


@pytest.fixture
def broken_machine(tmp_path):
    """A machine whose session cannot be imported."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['kernel.repl'] = None\n")

    with Machine(env={"PYTHONPATH": str(tmp_path)}) as machine:
        yield machine


def test_the_emergency_prompt(broken_machine):
    machine = broken_machine
    machine.expect("Traceback (most recent call last):")
    machine.expect("[ZPy] ERROR kernel.boot: boot failed: ModuleNotFoundError: ")
    machine.expect("; this is the emergency prompt\r\n>>> ")
    machine.send("6 * 7\r")
    machine.expect("42\r\n>>> ")
    machine.send("1/0\r")
    machine.expect("ZeroDivisionError: division by zero\r\n>>> ")
    machine.send("x = = 1\r")
    machine.expect("SyntaxError: invalid syntax\r\n>>> ")
    machine.send("print('é\x7fé')\r\n")
    machine.expect("\r\né\r\n>>> ")
    machine.send("for i in range(2):\r")
    machine.expect("... ")
    machine.send("    print('row', i)\r\r")
    machine.expect("row 0\r\nrow 1\r\n>>> ")
    machine.send("def f(\r")
    machine.expect("... ")
    machine.send("\x03")
    machine.expect("KeyboardInterrupt\r\n>>> ")
    machine.send("while True: pass\r\r")
    machine.quiet()
    machine.send("\x03")
    machine.expect("KeyboardInterrupt\r\n>>> ")
    machine.send("raise SystemExit\r")
    machine.expect("Ctrl-D reboots\r\n>>> ")
    machine.send(b"\x00\xff\x1b[A\x80garbage(\r\x03")
    machine.expect("KeyboardInterrupt\r\n>>> ")
    machine.send("type(error).__name__\r")
    machine.expect("'ModuleNotFoundError'\r\n>>> ")
    machine.send("\x04")
    machine.expect("reboot\r\n")
    machine.expect("this is the emergency prompt\r\n>>> ")


def test_the_emergency_module_needs_nothing_of_the_kernel():
    source = (KERNEL_PY / "kernel" / "emergency.py").read_text()
    imports = re.findall(r"^\s*(?:from|import) +([\w.]+)", source, re.MULTILINE)
    assert set(imports) == {"sys", "_vosal"}


def test_all_files_carry_the_licence():
    for path in [*KERNEL_PY.rglob("*.py"), *Path(__file__).parent.glob("*.py")]:
        lines = path.read_text().splitlines()[:2]
        assert lines == [
            "# Copyright (c) 2026 The ZPy authors",
            "# SPDX-License-Identifier: Apache-2.0",
        ], path
    assert sys.version_info >= (3, 11)
