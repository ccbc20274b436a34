# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The network under the kernel, on the sim board: the host's, which can be looked at alone.

The pure-Python reference (PEP 399) of the C module `_net`: same names, arguments and exceptions.
What would change the host's network raises PermissionError.
"""

import errno
import ipaddress
import os
import socket
import struct
import time

STATIC_ADDRESS = ""
STATIC_PREFIX = 24
STATIC_GATEWAY = ""
STATIC_DNS = ""
DHCP_TIMEOUT = 10
TIME_SERVER = ""

# The host's own functions, before `sim.translate` puts those of the machine's tree in their place.
_open, _listdir, _readlink = open, os.listdir, os.readlink

_SYS = "/sys/class/net"  # counters; they stay 0 where it is not mounted
_SIOCGIFFLAGS = 0x8913
_SIOCGIFADDR = 0x8915
_SIOCGIFNETMASK = 0x891B
_SIOCGIFMTU = 0x8921
_SIOCGIFHWADDR = 0x8927
_UP, _RUNNING = 0x01, 0x40  # IFF_…
_STATES = {
    "01": "established",
    "02": "syn-sent",
    "03": "syn-received",
    "04": "fin-wait-1",
    "05": "fin-wait-2",
    "06": "time-wait",
    "07": "closed",
    "08": "close-wait",
    "09": "last-ack",
    "0A": "listen",
    "0B": "closing",
}


def _read(*path):
    try:
        with _open(os.path.join(*path), encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


def _names():
    return [name for _, name in socket.if_nameindex()]


def _name(index):
    if type(index) is not int:
        raise TypeError(f"an integer is required (got type {type(index).__name__})")
    names = _names()
    if not 1 <= index <= len(names):
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
    return names[index - 1]


def _refuse():
    raise PermissionError(errno.EPERM, "the host's network is not changed from here")


def _address(text):
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        raise ValueError(f"'{text}' is no IPv4 or IPv6 address") from None


def interfaces():
    """Return a list of (index, name, kind, mac, mtu, up, carrier)."""
    rows = []
    for index, name in enumerate(_names(), 1):
        try:
            kind, mac = struct.unpack("=H6s", _ioctl(name, _SIOCGIFHWADDR)[:8])
            (mtu,) = struct.unpack("=i", _ioctl(name, _SIOCGIFMTU)[:4])
            flags = _flags(name)
        except OSError:
            continue  # it has just gone
        kind = {1: "ethernet", 772: "loopback"}.get(kind, "other")
        rows.append((index, name, kind, mac, mtu, bool(flags & _UP), bool(flags & _RUNNING)))
    return rows


def _ioctl(name, request):
    """What the kernel knows of an interface; /sys is not mounted everywhere."""
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        return fcntl.ioctl(sock, request, struct.pack("256s", name.encode()[:15]))[16:]


def _flags(name):
    return struct.unpack("=H", _ioctl(name, _SIOCGIFFLAGS)[:2])[0]


def addresses(index):
    """Return a list of (address, prefix, state, origin)."""
    name = _name(index)
    found = []
    try:
        address = socket.inet_ntoa(_ioctl(name, _SIOCGIFADDR)[4:8])
        bits = int.from_bytes(_ioctl(name, _SIOCGIFNETMASK)[4:8]).bit_count()
        found.append((address, bits, "preferred", "manual"))
    except OSError:
        pass  # it has none
    for line in _read("/proc/net/if_inet6").splitlines():
        digits, _, prefix, _, flags, device = line.split()
        if device == name:
            address = str(ipaddress.IPv6Address(bytes.fromhex(digits)))
            state = "tentative" if int(flags, 16) & 0x40 else "preferred"
            found.append((address, int(prefix, 16), state, "manual"))
    return found


def address_add(index, address, prefix):
    """Give an interface an address: not the host's."""
    parsed = _address(address)
    _name(index)
    if not 0 <= prefix <= parsed.max_prefixlen:
        raise ValueError("prefix is out of range")
    _refuse()


def address_remove(index, address):
    """Take an address from an interface: not the host's."""
    _address(address)
    _name(index)
    _refuse()


def gateway(index):
    """Return the IPv4 address of the router behind an interface, or None."""
    name = _name(index)
    for line in _read("/proc/net/route").splitlines()[1:]:
        fields = line.split()
        if fields[0] == name and fields[1] == "00000000":
            return socket.inet_ntoa(struct.pack("<I", int(fields[2], 16)))
    return None


def gateway_set(index, address):
    """Set the IPv4 address of the router: not the host's."""
    _address(address)
    _name(index)
    _refuse()


def up(index):
    """Take an interface into use: only what is in use already."""
    name = _name(index)
    if not _flags(name) & _UP:
        _refuse()


def down(index):
    """Take an interface out of use: not the host's."""
    _name(index)
    _refuse()


def dhcp_start(index):
    """Ask for an address: the host has done that."""
    _name(index)


def dhcp_stop(index):
    """Give the address back: not the host's."""
    _name(index)
    _refuse()


def dns_servers():
    """Return the addresses of the name servers."""
    lines = [line.split() for line in _read("/etc/resolv.conf").splitlines()]
    return [words[1] for words in lines if len(words) > 1 and words[0] == "nameserver"]


def dns_set(addresses):
    """Use these name servers and no others: not on the host."""
    for address in tuple(addresses):
        _address(address)
    _refuse()


def statistics(index):
    """Return what an interface has counted since the start, as a dict."""
    name = _name(index)
    names = {
        "bytes_received": "rx_bytes",
        "bytes_sent": "tx_bytes",
        "frames_received": "rx_packets",
        "frames_sent": "tx_packets",
        "receive_errors": "rx_errors",
        "send_errors": "tx_errors",
    }
    return {
        ours: int(_read(_SYS, name, "statistics", theirs) or 0) for ours, theirs in names.items()
    }


def buffers():
    """Return (received, received_all, sent, sent_all): the host counts none."""
    return (0, 0, 0, 0)


def _end(text):
    digits, _, port = text.partition(":")
    raw = bytes.fromhex(digits)
    raw = b"".join(raw[i : i + 4][::-1] for i in range(0, len(raw), 4))
    return str(ipaddress.ip_address(raw)), int(port, 16)


def sockets():
    """Return a list of (protocol, local, local_port, peer, peer_port, state) of this process."""
    own = set()
    for fd in _listdir("/proc/self/fd"):
        try:
            target = _readlink(f"/proc/self/fd/{fd}")
        except OSError:
            continue
        if target.startswith("socket:["):
            own.add(target[8:-1])
    rows = []
    for file in ("tcp", "tcp6", "udp", "udp6"):
        for line in _read("/proc/net", file).splitlines()[1:]:
            fields = line.split()
            if fields[9] in own:
                state = _STATES.get(fields[3], "") if file.startswith("tcp") else ""
                rows.append((file[:3], *_end(fields[1]), *_end(fields[2]), state))
    return rows


def wait(seen, timeout):
    """Wait for more than `seen` changes, or timeout seconds; nothing is told here."""
    if not 0 <= timeout <= 1e9:
        raise ValueError("timeout must be from 0 to 1e9 seconds")
    if seen >= 0:
        time.sleep(timeout)
    return 0


def ping(address, identifier, sequence, size, timeout):
    """Send an echo request with size bytes (at most 1400) and wait for its answer.

    Return (nanoseconds, bytes, time to live), or None after timeout seconds.  The host may not
    allow it: PermissionError.  It chooses the identifier and does not tell the time to live, 0.
    """
    if not 0 <= size <= 1400:
        raise ValueError("size must be from 0 to 1400")
    if not 0 <= timeout <= 1e6:
        raise ValueError("timeout must be from 0 to 1e6 seconds")
    v6 = _address(address).version == 6
    family, protocol = (
        (socket.AF_INET6, socket.IPPROTO_ICMPV6) if v6 else (socket.AF_INET, socket.IPPROTO_ICMP)
    )
    kind = socket.SOCK_DGRAM
    if not v6 and os.geteuid() == 0:
        kind = socket.SOCK_RAW  # what root may do even where others may not ping
    with socket.socket(family, kind, protocol) as sock:
        sock.connect((address, 0))
        words = (128 if v6 else 8) << 8, identifier, sequence
        total = sum(words)
        total = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF  # the payload is zeros
        head = struct.pack(">HHHH", words[0], total, *words[1:])
        sent = time.monotonic_ns()
        sock.send(head + bytes(size))
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            sock.settimeout(left)
            try:
                data = sock.recv(2048)
            except TimeoutError:
                break
            if kind == socket.SOCK_RAW:
                data = data[(data[0] & 15) * 4 :]
            if data[0] == (129 if v6 else 0) and data[6:8] == head[6:8]:
                return time.monotonic_ns() - sent, len(data) - 8, 0
    return None
