# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The boards that zpy can build and boot on this machine."""

from dataclasses import dataclass, replace

from zpy.errors import UsageError
from zpy.paths import APP, BUILD

DEFAULT = "qemu_x86_64"
SMALL = "small"  # the snippet for boards with 8 MB of flash


@dataclass(frozen=True)
class Board:
    """A board; its methods give variants of it, each a build of its own."""

    name: str  # what the user types
    about: str
    kind: str  # sim, native, qemu, or hardware: a board on a desk
    target: str = ""  # Zephyr's name, with all qualifiers
    arch: str = ""  # of the compiler: x86, aarch64 or arm (32 bits)
    modules: tuple = ()  # Zephyr modules that this board alone needs: names in west.yml
    cpus: int = 1
    cpu_choices: tuple = (1,)
    cpu_targets: tuple = ()  # ((cpus, target), …) where Zephyr has a target of its own
    disks: bool = True  # of a machine in QEMU: it has disks, and a network card
    aliases: tuple = ()
    variant: str = ""
    cmake_args: tuple = ()
    serial: str = ""  # of hardware: the device of its console's serial line
    baud: int = 115200

    @property
    def label(self):
        """The name of the build: one word a board and variant, good as a directory."""
        return self.name.replace("/", "_") + self.variant

    @property
    def build_home(self):
        """The directory that holds the board's build, and Twister's files beside it."""
        return BUILD / self.label

    def with_cpus(self, cpus):
        """Return the board with that many processors; UsageError when it cannot have them."""
        if cpus is None or cpus == self.cpus:
            return self
        if cpus not in self.cpu_choices:
            choices = ", ".join(map(str, self.cpu_choices))
            plural = "CPU" if choices == "1" else "CPUs"
            raise UsageError(f"{self.name} can have {choices} {plural}, not {cpus}")
        target = dict(self.cpu_targets).get(cpus)
        if target:
            return replace(self, cpus=cpus, target=target, variant=f"{self.variant}-{cpus}")
        overlay = APP / "cpus" / f"{self.name}_{cpus}.overlay"
        args = [*self.cmake_args, f"-DCONFIG_MP_MAX_NUM_CPUS={cpus}"]
        if overlay.exists():
            args.append(f"-DEXTRA_DTC_OVERLAY_FILE={overlay}")
        return replace(self, cpus=cpus, variant=f"{self.variant}-{cpus}", cmake_args=tuple(args))

    def as_small(self):
        """Return the board with the small profile, app/snippets/small; UsageError on sim."""
        if self.kind == "sim":
            raise UsageError(f"--small makes an image small, and {self.name} has none")
        args = (*self.cmake_args, f"-DSNIPPET={SMALL}")
        return replace(self, variant=f"{self.variant}-small", cmake_args=args)

    def as_free_threading(self):
        """Return the board with CPython's free-threaded build; UsageError on sim."""
        if self.kind == "sim":
            raise UsageError(
                f"--free-threading builds CPython, and {self.name} has this machine's"
            )
        args = (*self.cmake_args, "-DCONFIG_CPYTHON_FREE_THREADING=y")
        return replace(self, variant=f"{self.variant}-ft", cmake_args=args)


BOARDS = (
    Board("sim", "the kernel in this machine's Python (3.11 or newer); no Zephyr", "sim"),
    Board(
        "qemu_x86_64",
        "a PC in QEMU, 2 CPUs (--cpus 1, 4 or 8)",
        "qemu",
        target="qemu_x86_64/atom",
        arch="x86",
        cpus=2,
        cpu_choices=(1, 2, 4, 8),
    ),
    Board(
        "qemu_cortex_a53",
        "a 64-bit Arm machine in QEMU, 1 CPU (--cpus 2 for two)",
        "qemu",
        target="qemu_cortex_a53/qemu_cortex_a53",
        arch="aarch64",
        cpu_choices=(1, 2),
        cpu_targets=((2, "qemu_cortex_a53/qemu_cortex_a53/smp"),),
    ),
    Board(
        "native_sim/native/64",
        "Zephyr as a Linux process",
        "native",
        target="native_sim/native/64",
        arch="x86",
        aliases=("native_sim",),
    ),
)

# Boards that `./zpy test` does not build unless it is told to. Those of the kind hardware run on a
# desk: docs/boards has a page for each.
MORE = (
    Board("rpi_4b", "Raspberry Pi 4 Model B", "hardware", target="rpi_4b", arch="aarch64"),
    Board("up_squared", "UP Squared, a small PC", "hardware", target="up_squared", arch="x86"),
    Board(
        "mimxrt1060_evk",
        "NXP i.MX RT1060, 8 MB of flash, 32 MB of SDRAM",
        "hardware",
        target="mimxrt1060_evk@qspi/mimxrt1062",
        arch="arm",
        modules=("cmsis", "hal_nxp"),
    ),
    Board(
        "stm32h7b3i_dk",
        "STM32H7B3 Discovery kit, 64 MB of flash, 16 MB of SDRAM",
        "hardware",
        target="stm32h7b3i_dk/stm32h7b3xx",
        arch="arm",
        modules=("cmsis", "hal_stm32"),
    ),
    Board(
        "mps2/an385",
        "a Cortex-M3 in QEMU: 32 bits, the small profile",
        "qemu",
        target="mps2/an385",
        arch="arm",
        modules=("cmsis",),
        disks=False,
    ),
)


def names():
    """The names of all boards that boot here."""
    return [board.name for board in BOARDS]


def listing():
    """The boards as text, one a line."""
    return "\n".join(f"  {board.name:<22}{board.about}" for board in BOARDS)


def get(name, cpus=None, small=False, free_threading=False):
    """Return the board called that; UsageError with the list of boards when there is none."""
    for board in (*BOARDS, *MORE):
        if name == board.name or name in board.aliases or name == board.target:
            board = board.with_cpus(cpus)
            board = board.as_small() if small else board
            return board.as_free_threading() if free_threading else board
    raise UsageError(f"no board is called {name!r}; these work:\n{listing()}")


def on_line(platform, serial, baud=115200):
    """The board of Zephyr's name `platform` whose console is at the end of a serial line."""
    for board in MORE:
        if platform in (board.name, board.target):
            return replace(board, serial=serial, baud=baud)
    return Board(platform, "", "hardware", target=platform, serial=serial, baud=baud)
