# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""What a machine keeps its files on: the image file behind /flash, and a disk for exchange.

A machine that runs a program or a test gets an empty /flash, which is gone with it. The machine
that a person talks to keeps one in .zpy/state, a file for each board, unless `--disk` names
another. On sim it is a directory: the machine's whole tree.
"""

from pathlib import Path

from zpy.errors import UsageError
from zpy.paths import STATE

SIZE = 64 << 20  # a multiple of the 4096 bytes of a block; sparse, so it takes what is used


def kept(board):
    """The image (on sim: the directory) of the machine that a person talks to."""
    if board.kind == "sim":
        return _directory(STATE / "sim")
    return _file(STATE / f"{board.name.replace('/', '_')}.flash")


def named(board, path):
    """The image that the command line names, made if need be."""
    path = Path(path).absolute()
    if not path.parent.is_dir():
        raise UsageError(f"--disk {path}: there is no directory {path.parent}")
    if (board.kind == "sim") == path.is_file():
        kind = "directory" if board.kind == "sim" else "file"
        if path.exists() or path.is_file():
            raise UsageError(f"--disk {path}: {board.name} keeps its files in a {kind}")
    return _directory(path) if board.kind == "sim" else _file(path)


def blank():
    """An image that stays empty: QEMU keeps what is written to it for itself."""
    return _file(STATE / "blank.flash")


def _directory(path):
    path.mkdir(parents=True, exist_ok=True)
    return path


def _file(path):
    if path.is_dir():
        raise UsageError(f"{path} is a directory, and not the image of a disk")
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "ab") as file:
        if file.tell() == 0:
            file.truncate(SIZE)
    return path


def qemu_arguments(image=None, exchange=None):
    """QEMU's arguments for /flash (image, or an empty one) and a disk called SD (exchange)."""
    # What goes to an image that stays must be on it when the machine says so; what is thrown
    # away need not.
    how = "cache=writeback" if image else "cache=unsafe,snapshot=on"
    words = _drive("flash", image or blank(), how, 4096)
    if exchange:
        words += _drive("SD", exchange, "cache=writeback", 512)
    return words


def _drive(name, path, how, sector):
    path = str(path).replace(",", ",,")
    return [
        "-drive",
        f"file={path},if=none,id={name},format=raw,{how}",
        "-device",
        f"virtio-blk-pci,drive={name},serial={name},disable-legacy=on"
        f",logical_block_size={sector},physical_block_size={sector}",
    ]
