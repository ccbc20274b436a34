# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Pack files into the image as a read-only file system.

Writes into --out:

  romfs.zip       an ordinary ZIP archive, deflated, sorted by path, the same bytes every time
  romfs.S         the section that holds it, by .incbin
  romfs_index.c   its index as C tables, in the form that port/fs/romfs.h describes:
                  zpy_romfs (the tree) and zpy_romfs_archive (the archive as one file, /zpy.zip)

Run by any Python from 3.10 on that has zlib.
"""

import argparse
import os
import sys
import time
import zipfile
from pathlib import Path

HEADER = "/* Made by romfs.py: edits are lost. */\n"

# ZIP knows no earlier time. SOURCE_DATE_EPOCH, where it is set, tells when this was released.
EPOCH = 315532800  # 1980-01-01

STORED, DEFLATED, DIRECTORY = 0, 8, 255
NAME_MAX = 255

ROMFS_S = """\
	/* The files in the image: an ordinary ZIP archive. */
	.section .rodata.zpy_romfs, "a", %progbits
	.balign 4
	.global zpy_romfs_bytes
	.type zpy_romfs_bytes, %object
zpy_romfs_bytes:
	.incbin "{path}"
	.size zpy_romfs_bytes, . - zpy_romfs_bytes
	.section .note.GNU-stack, "", %progbits
"""

ROMFS_C = """\
#include "romfs.h"

extern const uint8_t zpy_romfs_bytes[];

static const struct romfs_entry entries[] = {{
	/* name, data, packed, size, crc, name_len, method */
{entries}}};

const struct romfs_image zpy_romfs = {{
	.archive = zpy_romfs_bytes,
	.archive_size = {size},
	.names = (const char *)zpy_romfs_bytes,
	.entries = entries,
	.count = {count},
	.mtime_ns = INT64_C({epoch}) * 1000000000,
}};

static const struct romfs_entry archive_entries[] = {{
	{{0, 1, 1, 0, 0, 0, ROMFS_DIRECTORY}},
	{{0, 0, {size}, {size}, 0, 7, ROMFS_STORED}},
}};

const struct romfs_image zpy_romfs_archive = {{
	.archive = zpy_romfs_bytes,
	.archive_size = {size},
	.names = "zpy.zip",
	.entries = archive_entries,
	.count = 2,
	.mtime_ns = INT64_C({epoch}) * 1000000000,
}};
"""


class PackError(Exception):
    """Something about the input that the user can put right."""


class Entry:
    """A node of the tree: a directory when it has children."""

    def __init__(self, name, name_offset):
        self.name = name
        self.name_offset = name_offset
        self.children = {}
        self.info = None
        self.data = 0


def read_manifest(path):
    """Yield (path on the device, file on the host) from freeze.py's manifest."""
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            device, tab, host = line.rstrip("\n").partition("\t")
            if not tab or not host:
                raise PackError(f"{path}:{number}: not 'device<TAB>host': {line!r}")
            yield device, host


def read_tree(text):
    """Yield (path on the device, file on the host, is a directory) for --add HOST=DEVICE."""
    host, equals, device = text.rpartition("=")
    if not equals or not device.startswith("/"):
        raise PackError(f"--add {text}: give HOST=DEVICE, DEVICE an absolute path")
    if os.path.isfile(host):
        yield device, host, False
        return
    if not os.path.isdir(host):
        raise PackError(f"--add {text}: there is no {host}")
    yield device, host, True
    for directory, names, files in os.walk(host):
        names[:] = sorted(n for n in names if n != "__pycache__" and not n.startswith("."))
        inner = os.path.relpath(directory, host).replace(os.sep, "/")
        top = device.rstrip("/") if inner == "." else f"{device.rstrip('/')}/{inner}"
        for name in names:
            yield f"{top}/{name}", os.path.join(directory, name), True
        for name in sorted(files):
            if not name.endswith(".pyc") and not name.startswith("."):
                yield f"{top}/{name}", os.path.join(directory, name), False


def check_path(device):
    if not device.startswith("/") or device == "/":
        raise PackError(f"{device}: not the absolute path of a file")
    for name in device[1:].split("/"):
        if name in ("", ".", "..") or len(name.encode()) > NAME_MAX:
            raise PackError(f"{device}: {name!r} can be no name on the device")


def collect(manifests, added):
    """All files, path on the device -> file on the host, and the directories that hosts read."""
    files = {}
    directories = []

    def put(device, host):
        check_path(device)
        if files.setdefault(device, host) != host:
            raise PackError(f"{device} twice: {files[device]} and {host}")

    for manifest in manifests:
        for device, host in read_manifest(manifest):
            put(device, host)
    for text in added:
        for device, host, directory in read_tree(text):
            if directory:
                directories.append(host)
            else:
                put(device, host)
    for device in files:
        parts = device.split("/")
        for end in range(2, len(parts)):
            if "/".join(parts[:end]) in files:
                raise PackError(f"{device}: {'/'.join(parts[:end])} is a file")
    return files, directories


def pack(path, files, level, epoch):
    """Write the archive."""
    date = time.gmtime(max(epoch, EPOCH))[:6]
    with zipfile.ZipFile(path, "w") as archive:
        for device in sorted(files):
            info = zipfile.ZipInfo(device[1:], date)
            info.create_system = 3  # Unix, whatever the host
            info.external_attr = 0o100444 << 16
            data = Path(files[device]).read_bytes()
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data, compresslevel=level)
            # A file that gains nothing is read in place.
            if info.compress_size >= info.file_size:
                store_again(archive, info, data)


def store_again(archive, info, data):
    """Take the last member back and write it again without compression."""
    archive.fp.seek(info.header_offset)
    archive.fp.truncate()
    archive.start_dir = info.header_offset
    archive.filelist.remove(info)
    del archive.NameToInfo[info.filename]
    again = zipfile.ZipInfo(info.filename, info.date_time)
    again.create_system = info.create_system
    again.external_attr = info.external_attr
    again.compress_type = zipfile.ZIP_STORED
    archive.writestr(again, data)


def build_tree(path):
    """Read the archive back into a tree whose names point into the archive."""
    root = Entry("", 0)
    with zipfile.ZipFile(path) as archive, open(path, "rb") as raw:
        for info in archive.infolist():
            raw.seek(info.header_offset + 26)
            name_length = int.from_bytes(raw.read(2), "little")
            extra_length = int.from_bytes(raw.read(2), "little")
            offset = info.header_offset + 30
            node = root
            position = offset
            for name in info.filename.split("/"):
                if name not in node.children:
                    node.children[name] = Entry(name, position)
                node = node.children[name]
                position += len(name.encode()) + 1
            node.info = info
            node.data = offset + name_length + extra_length
    return root


def index_rows(root):
    """The table: each directory's entries side by side, sorted by the bytes of their names."""
    order = [root]
    rows = []
    for node in order:  # grows while it is walked: breadth first
        if node.info is None:
            children = sorted(node.children.values(), key=lambda child: child.name.encode())
            data, packed, size, crc, method = len(order), len(children), 0, 0, DIRECTORY
            order += children
        else:
            data, packed = node.data, node.info.compress_size
            size, crc, method = node.info.file_size, node.info.CRC, node.info.compress_type
        name_length = len(node.name.encode())
        rows.append(
            f"\t{{{node.name_offset}, {data}, {packed}, {size}, {crc:#x}, "
            f"{name_length}, {method}}},\n"
        )
    return rows


def parse_arguments(argv):
    parser = argparse.ArgumentParser(
        prog="romfs.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", required=True, metavar="DIR", help="where to write")
    parser.add_argument(
        "--manifest", action="append", default=[], metavar="FILE", help="freeze.py's list of files"
    )
    parser.add_argument(
        "--add",
        action="append",
        default=[],
        metavar="HOST=DEVICE",
        help="a file, or a directory with all below it",
    )
    parser.add_argument(
        "--level", type=int, choices=range(10), default=9, help="0: store; 9: smallest (default 9)"
    )
    parser.add_argument("--depfile", metavar="FILE", help="dependencies for Ninja")
    return parser.parse_args(argv)


def main(argv):
    options = parse_arguments(argv)
    out = Path(options.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH") or EPOCH)
    files, directories = collect(options.manifest, options.add)

    archive = out / "romfs.zip"
    pack(archive, files, options.level, epoch)
    size = archive.stat().st_size
    rows = index_rows(build_tree(archive))
    (out / "romfs.S").write_text(HEADER + ROMFS_S.format(path=archive), encoding="utf-8")
    (out / "romfs_index.c").write_text(
        HEADER
        + ROMFS_C.format(
            entries="".join(rows), size=size, count=len(rows), epoch=max(epoch, EPOCH)
        ),
        encoding="utf-8",
    )
    if options.depfile:
        dependencies = [*files.values(), *directories, *options.manifest, __file__]
        names = " \\\n  ".join(
            os.path.abspath(name).replace(" ", "\\ ") for name in dict.fromkeys(dependencies)
        )
        target = str(out / "romfs_index.c").replace(" ", "\\ ")
        Path(options.depfile).write_text(f"{target}: {names}\n", encoding="utf-8")
    unpacked = sum(os.path.getsize(host) for host in files.values())
    print(f"packed {len(files)} files, {unpacked} bytes, into {size} bytes")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (PackError, OSError, ValueError) as error:
        sys.exit(f"romfs.py: {error}")
