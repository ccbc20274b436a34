# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""What the host tells of its network, as it is: `_net` makes sense of it.

The pure-Python reference (PEP 399) of native_sim's C module `_hostnet`: same names, arguments and
exceptions.
"""

import fcntl
import os
import socket
import struct

# The host's own functions, before `sim.translate` puts those of the machine's tree in their place.
_open, _listdir, _readlink = open, os.listdir, os.readlink

_THINGS = {  # SIOCGIF…
    "flags": 0x8913,
    "address": 0x8915,
    "netmask": 0x891B,
    "mtu": 0x8921,
    "hardware": 0x8927,
}
_TABLES = {
    name: f"/proc/net/{name}"
    for name in ("dev", "if_inet6", "route", "tcp", "tcp6", "udp", "udp6")
}
_TABLES["resolv.conf"] = "/etc/resolv.conf"


def _one_of(known, name):
    try:
        return known[name]
    except KeyError:
        raise ValueError(f"what is '{name}'?") from None


def names():
    """Return the names of the host's interfaces."""
    return [name for _, name in socket.if_nameindex()]


def ask(name, thing):
    """Return what the host knows of an interface, as the 16 bytes that Linux has for it.

    thing: 'flags', 'address', 'netmask', 'mtu' or 'hardware'.  OSError: nothing.
    """
    request = _one_of(_THINGS, thing)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        return fcntl.ioctl(sock, request, struct.pack("256s", name.encode()[:15]))[16:32]


def read(table):
    """Return a table of the host's as text, "" if it has none.

    table: 'dev', 'if_inet6', 'route', 'tcp', 'tcp6', 'udp', 'udp6' or 'resolv.conf'.
    """
    try:
        with _open(_one_of(_TABLES, table), encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def inodes():
    """Return the numbers of this process's sockets, as in the tables."""
    found = []
    for fd in _listdir("/proc/self/fd"):
        try:
            target = _readlink(f"/proc/self/fd/{fd}")
        except OSError:
            continue  # what the directory was read with
        if target.startswith("socket:["):
            found.append(int(target[8:-1]))
    return found
