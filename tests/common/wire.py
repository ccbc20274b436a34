# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The other end of a QEMU machine's cable: frames to and from its network card.

QEMU puts each frame into a datagram between two ports of 127.0.0.1, so what is on the network is
what the test puts there: no DHCP, no router, nobody but the test.
"""

import socket
import struct
import time

MAC = bytes.fromhex("525400000002")
BROADCAST = b"\xff" * 6
ARP, IPV4, IPV6 = 0x0806, 0x0800, 0x86DD
ICMP, TCP, UDP = 1, 6, 17


def checksum(data):
    """The Internet checksum."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def ipv4(source, to, protocol, payload, identifier=1, fragment=0, ttl=64):
    """An IPv4 packet; fragment is the word with flags and offset."""
    head = struct.pack(
        ">BBHHHBBH4s4s",
        *(0x45, 0, 20 + len(payload), identifier, fragment, ttl, protocol, 0),
        *(socket.inet_aton(source), socket.inet_aton(to)),
    )
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def _pseudo(source, to, protocol, segment):
    addresses = socket.inet_aton(source) + socket.inet_aton(to)
    return checksum(addresses + struct.pack(">BBH", 0, protocol, len(segment)) + segment)


def udp(source, to, source_port, port, payload):
    """An IPv4 packet with a datagram."""
    head = struct.pack(">HHHH", source_port, port, 8 + len(payload), 0)
    total = _pseudo(source, to, UDP, head + payload) or 0xFFFF
    return ipv4(source, to, UDP, head[:6] + struct.pack(">H", total) + payload)


def tcp(source, to, source_port, port, flags, sequence=0, ack=0, payload=b"", options=b""):
    """An IPv4 packet with a TCP segment; flags as in the header: 2 is SYN, 16 ACK."""
    options += bytes(-len(options) % 4)
    head = struct.pack(
        ">HHIIBBHHH",
        *(source_port, port, sequence & 0xFFFFFFFF, ack & 0xFFFFFFFF),
        *((5 + len(options) // 4) << 4, flags, 8192, 0, 0),
    )
    segment = head + options + payload
    total = _pseudo(source, to, TCP, segment)
    return ipv4(source, to, TCP, segment[:16] + struct.pack(">H", total) + segment[18:])


def icmp_echo(source, to, identifier, sequence, payload=b"are you there"):
    """An IPv4 packet with a ping."""
    head = struct.pack(">BBHHH", 8, 0, 0, identifier, sequence)
    total = checksum(head + payload)
    return ipv4(source, to, ICMP, head[:2] + struct.pack(">H", total) + head[4:] + payload)


class Wire:
    """A machine's cable."""

    def __init__(self, address="10.0.2.2", machine="10.0.2.15"):
        self.address, self.machine = address, machine
        self.machine_mac = BROADCAST
        self.answers = {}  # UDP port → function(payload) → payload or None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self._peer = probe.getsockname()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self._socket.close()

    @property
    def nic(self):
        """The end of the cable, for QEMU's -nic."""
        port = self._socket.getsockname()[1]
        return f"socket,udp=127.0.0.1:{port},localaddr=127.0.0.1:{self._peer[1]}"

    def send(self, frame):
        """Puts a frame on the wire; one that is too short is filled up, as by a card."""
        self._socket.sendto(frame.ljust(60, b"\0"), self._peer)

    def send_packet(self, kind, packet, to=None):
        """Puts a packet into a frame for the machine, and on the wire."""
        self.send((to or self.machine_mac) + MAC + struct.pack(">H", kind) + packet)

    def frames(self, seconds):
        """The machine's frames of the next seconds. Questions for our address are answered."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                frame = self._socket.recv(65536)
            except TimeoutError:
                return
            if len(frame) < 14:
                continue
            self._answer(frame)
            yield frame

    def wait(self, wanted, seconds, again=None, every=2.0):
        """The first frame for which wanted() is true; again() is called at once and repeatedly."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if again:
                again()
            for frame in self.frames(min(every, max(0.01, end - time.monotonic()))):
                if wanted(frame):
                    return frame
        raise AssertionError(f"nothing of the kind came from the machine in {seconds:.0f} s")

    def ping(self, number, seconds=60.0):
        """Waits until the machine has answered a ping with this number."""
        packet = icmp_echo(self.address, self.machine, 0x5A50, number)

        def answer(frame):
            return (
                frame[12:14] == b"\x08\0"
                and frame[23] == ICMP
                and frame[34] == 0
                and struct.unpack_from(">HH", frame, 38) == (0x5A50, number)
            )

        self.wait(answer, seconds, lambda: self.send_packet(IPV4, packet), 1.0)

    def find(self, seconds):
        """Waits until the machine answers to its address; learns its hardware address."""
        question = struct.pack(">HHBBH", 1, IPV4, 6, 4, 1) + MAC + socket.inet_aton(self.address)
        question += bytes(6) + socket.inet_aton(self.machine)

        def answer(frame):
            return (
                frame[12:14] == b"\x08\x06"
                and frame[20:22] == b"\0\2"
                and (frame[28:32] == socket.inet_aton(self.machine))
            )

        ask = lambda: self.send_packet(ARP, question, BROADCAST)  # noqa: E731
        self.machine_mac = self.wait(answer, seconds, ask, 1.0)[6:12]

    def _answer(self, frame):
        if frame[12:14] == b"\x08\x06" and frame[20:22] == b"\0\1":
            if frame[38:42] == socket.inet_aton(self.address):
                reply = struct.pack(">HHBBH", 1, IPV4, 6, 4, 2) + MAC + frame[38:42]
                self.send_packet(ARP, reply + frame[22:32], frame[6:12])
        elif frame[12:14] == b"\x08\0" and frame[14] == 0x45 and frame[23] == UDP:
            if frame[30:34] != socket.inet_aton(self.address):
                return
            source, port, length = struct.unpack_from(">HHH", frame, 34)
            if port in self.answers:
                payload = self.answers[port](frame[42 : 34 + length])
                if payload is not None:
                    to = socket.inet_ntoa(frame[26:30])
                    packet = udp(self.address, to, port, source, payload)
                    self.send_packet(IPV4, packet, frame[6:12])
