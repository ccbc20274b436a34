# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The network under the kernel, where it is the host's, which can be looked at alone.

The pure-Python reference (PEP 399) of the C module `_net`: same names, arguments and exceptions.
What would change the host's network raises PermissionError.  Both sim and native_sim use it:
`_hostnet` is what the host tells.
"""

import _socket
import errno
import struct
import time

try:
    import _hostnet
except ImportError:
    from sim import _hostnet

STATIC_ADDRESS = ""
STATIC_PREFIX = 24
STATIC_GATEWAY = ""
STATIC_DNS = ""
DHCP_TIMEOUT = 10
TIME_SERVER = ""

_UP, _RUNNING = 0x01, 0x40  # IFF_…
_KINDS = {1: "ethernet", 772: "loopback"}  # ARPHRD_…
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


def _fail(error):
    import os

    raise OSError(error, os.strerror(error))


def _name(index):
    if type(index) is not int:
        raise TypeError(f"an integer is required (got type {type(index).__name__})")
    names = _hostnet.names()
    if not 1 <= index <= len(names):
        _fail(errno.ENODEV)
    return names[index - 1]


def _refuse():
    raise PermissionError(errno.EPERM, "the host's network is not changed from here")


def _version(text):
    """4 or 6: which kind of address a text is."""
    for version, family in ((4, _socket.AF_INET), (6, _socket.AF_INET6)):
        try:
            _socket.inet_pton(family, text)
        except OSError:
            continue
        return version
    raise ValueError(f"'{text}' is no IPv4 or IPv6 address")


def interfaces():
    """Return a list of (index, name, kind, mac, mtu, up, carrier)."""
    rows = []
    for index, name in enumerate(_hostnet.names(), 1):
        try:
            kind, mac = struct.unpack("=H6s", _hostnet.ask(name, "hardware")[:8])
            (mtu,) = struct.unpack("=i", _hostnet.ask(name, "mtu")[:4])
            flags = _flags(name)
        except OSError:
            continue  # it has just gone
        kind = _KINDS.get(kind, "other")
        rows.append((index, name, kind, mac, mtu, bool(flags & _UP), bool(flags & _RUNNING)))
    return rows


def _flags(name):
    return struct.unpack("=H", _hostnet.ask(name, "flags")[:2])[0]


def addresses(index):
    """Return a list of (address, prefix, state, origin)."""
    name = _name(index)
    found = []
    try:
        address = _socket.inet_ntoa(_hostnet.ask(name, "address")[4:8])
        bits = int.from_bytes(_hostnet.ask(name, "netmask")[4:8]).bit_count()
        found.append((address, bits, "preferred", "manual"))
    except OSError:
        pass  # it has none
    for line in _hostnet.read("if_inet6").splitlines():
        digits, _, prefix, _, flags, device = line.split()
        if device == name:
            address = _socket.inet_ntop(_socket.AF_INET6, bytes.fromhex(digits))
            state = "tentative" if int(flags, 16) & 0x40 else "preferred"
            found.append((address, int(prefix, 16), state, "manual"))
    return found


def address_add(index, address, prefix):
    """Give an interface an address: not the host's."""
    version = _version(address)
    _name(index)
    if not 0 <= prefix <= (32 if version == 4 else 128):
        raise ValueError("prefix is out of range")
    _refuse()


def address_remove(index, address):
    """Take an address from an interface: not the host's."""
    _version(address)
    _name(index)
    _refuse()


def gateway(index):
    """Return the IPv4 address of the router behind an interface, or None."""
    name = _name(index)
    for line in _hostnet.read("route").splitlines()[1:]:
        fields = line.split()
        if fields[0] == name and fields[1] == "00000000":
            return _socket.inet_ntoa(struct.pack("<I", int(fields[2], 16)))
    return None


def gateway_set(index, address):
    """Set the IPv4 address of the router: not the host's."""
    _version(address)
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
    lines = [line.split() for line in _hostnet.read("resolv.conf").splitlines()]
    return [words[1] for words in lines if len(words) > 1 and words[0] == "nameserver"]


def dns_set(addresses):
    """Use these name servers and no others: not on the host."""
    for address in tuple(addresses):
        _version(address)
    _refuse()


def statistics(index):
    """Return what an interface has counted since the host's start, as a dict."""
    name = _name(index)
    received = ("bytes_received", "frames_received", "receive_errors")
    names = (*received, "bytes_sent", "frames_sent", "send_errors")
    for line in _hostnet.read("dev").splitlines():
        device, colon, counters = line.partition(":")
        if colon and device.strip() == name:
            counted = [int(word) for word in counters.split()]
            return dict(zip(names, counted[:3] + counted[8:11], strict=True))
    return dict.fromkeys(names, 0)


def buffers():
    """Return (received, received_all, sent, sent_all): the host counts none."""
    return (0, 0, 0, 0)


def _end(text):
    digits, _, port = text.partition(":")
    raw = bytes.fromhex(digits)
    raw = b"".join(raw[i : i + 4][::-1] for i in range(0, len(raw), 4))
    family = _socket.AF_INET if len(raw) == 4 else _socket.AF_INET6
    return _socket.inet_ntop(family, raw), int(port, 16)


def sockets():
    """Return a list of (protocol, local, local_port, peer, peer_port, state) of this process."""
    own = set(_hostnet.inodes())
    rows = []
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in _hostnet.read(table).splitlines()[1:]:
            fields = line.split()
            if int(fields[9]) in own:
                state = _STATES.get(fields[3], "") if table.startswith("tcp") else ""
                rows.append((table[:3], *_end(fields[1]), *_end(fields[2]), state))
    return rows


def wait(seen, timeout):
    """Wait for more than `seen` changes, or timeout seconds; nothing is told here."""
    if not 0 <= timeout <= 1e9:
        raise ValueError("timeout must be from 0 to 1e9 seconds")
    if seen >= 0:
        time.sleep(timeout)
    return 0


def _echo_socket(v6):
    """A socket for ICMP, and whether it gives the header of IPv4 too."""
    if v6:
        family, protocol = _socket.AF_INET6, _socket.IPPROTO_ICMPV6
    else:
        family, protocol = _socket.AF_INET, _socket.IPPROTO_ICMP
    try:
        return _socket.socket(family, _socket.SOCK_DGRAM, protocol), False
    except PermissionError:
        if v6:
            raise
        # What root may do even where others may not ping
        return _socket.socket(family, _socket.SOCK_RAW, protocol), True


def ping(address, identifier, sequence, size, timeout):
    """Send an echo request with size bytes (at most 1400) and wait for its answer.

    Return (nanoseconds, bytes, time to live), or None after timeout seconds.  The host may not
    allow it: PermissionError.  It chooses the identifier and does not tell the time to live, 0.
    """
    if not 0 <= size <= 1400:
        raise ValueError("size must be from 0 to 1400")
    if not 0 <= timeout <= 1e6:
        raise ValueError("timeout must be from 0 to 1e6 seconds")
    v6 = _version(address) == 6
    sock, with_header = _echo_socket(v6)
    try:
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
            if with_header:
                data = data[(data[0] & 15) * 4 :]
            if data[0] == (129 if v6 else 0) and data[6:8] == head[6:8]:
                return time.monotonic_ns() - sent, len(data) - 8, 0
    finally:
        sock.close()
    return None
