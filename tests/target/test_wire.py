# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The board's card on a cable whose other end the test holds: what no well-behaved network sends.

No DHCP answers there, so these machines have the static address of the build.
"""

import json
import os
import random
import socket
import struct
import threading
import time

import pytest

import wire as w
from zpy import launch

LONG = 120.0
MDNS = "224.0.0.251"
FRAMES = 4000  # --frames 100000 is the long run


@pytest.fixture(scope="module")
def card(board, network):
    """Skips the test on boards without a network card of their own."""
    if board.kind != "qemu":
        pytest.skip("this board uses the host's sockets")


@pytest.fixture
def cable():
    with w.Wire() as cable:
        yield cable


@pytest.fixture
def machine(boot, card, cable):
    """A machine at its prompt that has taken its static address."""
    console = boot(nic=cable.nic)
    console.expect(">>> ", 240)
    cable.find(LONG)
    cable.ping(1)
    return console


def name(text):
    """A name as DNS writes it."""
    return b"".join(bytes([len(part)]) + part.encode() for part in text.split(".")) + b"\0"


class Wired(threading.Thread):
    """Answers on the wire while the test looks at the console."""

    def __init__(self, cable):
        super().__init__()
        self.cable = cable
        self.going = True
        self.seen = []

    def run(self):
        while self.going:
            self.seen += self.cable.frames(0.1)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc):
        self.going = False
        self.join()


def test_names(machine, cable):
    """The static address; a name by DNS, one that is not there, and the machine's own by mDNS."""
    machine.send("print(*[l for l in kernel.log.lines() if 'by DHCP;' in l])\r")
    machine.expect("no answer by DHCP; 10.0.2.15/24", LONG)

    def dns(query):
        head = query[:2] + struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0)
        question = query[12:]
        if not question.startswith(name("board.test")):
            return query[:2] + struct.pack(">HHHHH", 0x8183, 1, 0, 0, 0) + question
        if question[-4:-2] != b"\0\1":  # not an IPv4 address
            return query[:2] + struct.pack(">HHHHH", 0x8180, 1, 0, 0, 0) + question
        return head + question + b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + b"\xc0\0\2\7"

    cable.answers[53] = dns
    with Wired(cable):
        machine.send("import socket; net.dns = ['10.0.2.2']\r")
        machine.send("print('found', socket.gethostbyname('board' + '.test'))\r")
        machine.expect("found 192.0.2.7", LONG)
        machine.send("socket.create_connection(('nobody' + '.test', 80))\r")
        machine.expect("gaierror", LONG)
        machine.expect(">>> ")

    query = struct.pack(">HHHHHH", 0, 0, 1, 0, 0, 0) + name("zpy.local") + b"\0\1\0\1"
    packet = w.udp(cable.address, MDNS, 5353, 5353, query)
    to = bytes.fromhex("01005e0000fb")
    cable.wait(
        lambda frame: name("zpy.local") in frame and frame.endswith(b"\n\0\2\x0f"),
        LONG,
        lambda: cable.send_packet(w.IPV4, packet, to),
    )


def test_nobody_there(machine, cable):
    """A neighbour that does not answer: the connection fails by itself, and earlier on request."""
    with Wired(cable):
        machine.send("import socket, time\r")
        machine.send("socket.create_connection(('10.0.2.77', 80), 2)\r")
        machine.expect("TimeoutError", LONG)
        machine.send("socket.create_connection(('10.0.2.77', 80))\r")
        machine.expect("Error", 240)
        machine.check_alive()


def test_sntp(machine, cable):
    """The clock, set by a server of the test's."""
    stamp = struct.pack(">II", 2_208_988_800 + 1_900_000_000, 0)
    cable.answers[123] = lambda query: (
        bytes([0x24, 2]) + bytes(22) + query[40:48] + bytes(8) + stamp
    )
    with Wired(cable):
        machine.send("import _net, time, kernel.net; _net.TIME_SERVER = '10.0.2.2'\r")
        machine.send("kernel.net._set_clock(); print('now', round(time.time()) // 1000)\r")
        machine.expect("now 1900000\r\n", LONG)


# What a network carries, for the fuzz: the machine's services and what its stack answers itself.


def messages(cable):
    here, there = cable.address, cable.machine
    router = struct.pack(">BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0)
    v6 = struct.pack(">IHBB", 6 << 28, len(router), 58, 255)
    v6 += bytes.fromhex("fe80000000000000525400fffe000002ff020000000000000000000000000001")
    reply = struct.pack(">BBBBIHH", 2, 1, 6, 0, 0x1234, 0, 0) + bytes(4)
    reply += socket.inet_aton(there) + bytes(8) + cable.machine_mac + bytes(202)
    reply += b"\x63\x82\x53\x63\x35\1\5\x36\4\n\0\2\2\x33\4\0\0\x0e\x10\1\4\xff\xff\xff\0\xff"
    query = struct.pack(">HHHHHH", 7, 0, 1, 0, 0, 0) + name("zpy.local") + b"\0\1\0\1"
    answer = struct.pack(">HHHHHH", 7, 0x8180, 1, 1, 0, 0) + name("a.test") + b"\0\1\0\1"
    answer += b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + bytes(4)
    syn = b"\2\4\5\xb4\1\3\3\7\4\2\x08\n" + bytes(8)
    question = struct.pack(">HHBBH", 1, w.IPV4, 6, 4, 1) + w.MAC + socket.inet_aton(here)
    question += bytes(6) + socket.inet_aton(there)
    return [
        (w.ARP, question),
        (w.IPV4, w.icmp_echo(here, there, 1, 1, bytes(56))),
        (w.IPV4, w.tcp(here, there, 40001, 5000, 2, 1000, options=syn)),
        (w.IPV4, w.tcp(here, there, 40001, 5000, 16, 1001, 1, b"1+1\n")),
        (w.IPV4, w.tcp(here, there, 40001, 5000, 17, 1005, 1)),
        (w.IPV4, w.tcp(here, there, 40001, 5000, 4, 1001)),
        (w.IPV4, w.udp(here, there, 53, 5353, answer)),
        (w.IPV4, w.udp(here, MDNS, 5353, 5353, query)),
        (w.IPV4, w.udp(here, there, 67, 68, reply)),
        (w.IPV4, w.udp("10.0.2.99", there, 7, 7, bytes(1400))),
        (w.IPV4, w.ipv4(here, there, w.UDP, bytes(64), 7, 0x2000)),
        (w.IPV4, w.ipv4(here, there, w.UDP, bytes(64), 7, 8)),
        (w.IPV4, w.ipv4(here, "224.0.0.1", 2, b"\x11\x64\xee\x9b" + bytes(4))),
        (w.IPV6, v6 + router),
        (w.IPV6, v6[:6] + b"\0\x3c" + v6[8:] + bytes(40)),
    ]


def mutated(source, packet):
    """A packet with some bytes changed, inserted, removed or repeated."""
    data = bytearray(packet)
    for _ in range(source.randrange(1, 5)):
        at = source.randrange(len(data) + 1)
        kind = source.randrange(5)
        if kind <= 1 and at < len(data):
            data[at] = source.choice((0, 255, source.randrange(256)))
        elif kind == 2:
            data[at:at] = source.randbytes(source.randrange(1, 9))
        elif kind == 3:
            del data[at : at + source.randrange(1, 9)]
        else:
            data[at:] = data[:at]
    return bytes(data[:1500])


def repaired(packet):
    """A packet with the right length and checksum in IPv4's header, so that it is looked into."""
    head = bytearray(packet[:20])
    if len(head) == 20 and head[0] == 0x45:
        head[2:4] = struct.pack(">H", len(packet))
        head[10:12] = b"\0\0"
        head[10:12] = struct.pack(">H", w.checksum(bytes(head)))
    return bytes(head) + packet[20:]


def test_fuzz(machine, cable, request):
    """Random and mutated frames: the machine answers as before, with all of its buffers."""
    count = request.config.getoption("--frames", None) or FRAMES
    source = random.Random(2026)
    known = messages(cable)
    look = "f = _net.buffers(); print('buffers', f[0] * 10 > f[1] * 9, f[2] * 10 > f[3] * 9)\r"
    machine.send("import _net; print('rea' + 'dy')\r")
    machine.expect("ready")
    for number in range(count):
        if source.random() < 0.1:
            length = source.choice((0, 1, 13, 14, 59, 60, 1514, 1515, 2047, 4000))
            frame = source.randbytes(length + source.randrange(3))
            if source.random() < 0.5:
                frame = cable.machine_mac + frame[6:]
            cable.send(frame)
        else:
            kind, packet = source.choice(known)
            if source.random() < 0.9:
                packet = mutated(source, packet)
            if kind == w.IPV4 and source.random() < 0.7:
                packet = repaired(packet)
            cable.send_packet(kind, packet, source.choice((None, None, w.BROADCAST)))
        if number % 40 == 39:  # no faster than the machine takes them
            cable.ping(number & 0xFFFF)
    # ARP may have been told anything, and connections half opened.
    cable.find(LONG)
    cable.ping(0)
    machine.check_alive(LONG)
    deadline = time.monotonic() + 240
    while True:
        list(cable.frames(2.0))
        machine.send(look)
        if b"True True" in machine.expect(">>> ", LONG):
            break
        assert time.monotonic() < deadline, "buffers are lost"


def monitor(path):
    """QEMU's monitor (QMP): a function that runs a command."""
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(LONG)
    sock.connect(str(path))
    lines = sock.makefile("rw")
    json.loads(lines.readline())

    def run(command, **arguments):
        print(json.dumps({"execute": command, "arguments": arguments}), file=lines, flush=True)
        while "return" not in (answer := json.loads(lines.readline())):
            assert "error" not in answer, answer

    run("qmp_capabilities")
    return run


RECEIVER = """
import socket, threading
server = socket.create_server(("", 7000))
def serve():
    while True:
        peer, _ = server.accept()
        peer.settimeout(5)
        received = 0
        try:
            while data := peer.recv(65536):
                received += len(data)
                peer.sendall(data[:1])
            print("re" + "ceived", received)
        except OSError as error:
            print("the transfer" + " ends:", error)
        peer.close()
threading.Thread(target=serve, daemon=True).start()
"""


def test_cable_pulled(boot, card, tmp_path):
    """In the middle of a transfer: it ends with an exception, and the rest goes on."""
    port = launch.free_port()
    path = os.path.relpath(tmp_path / "qmp") if len(str(tmp_path)) > 90 else tmp_path / "qmp"
    console = boot(
        forwards=((port, 7000),),
        extra=("-qmp", f"unix:{path},server=on,wait=off"),
    )
    console.expect(">>> ", 240)
    console.send("from kernel.net import network; print('net', network.wait(60))\r")
    console.expect("net True", LONG)
    console.send(f"exec({RECEIVER!r}); print('serv' + 'ing')\r")
    console.expect("serving\r\n", LONG)
    run = monitor(path)
    with socket.create_connection(("127.0.0.1", port), LONG) as sock:
        sock.sendall(bytes(300_000))
        assert sock.recv(1) == b"\0"
        run("set_link", name="e1000.0", up=False)
        console.expect("the transfer ends: ", LONG)
        why = console.expect("\r\n", LONG)
        assert b"timed out" in why or b"unreachable" in why, why
        console.send("print('link', network['eth0'].carrier)\r")
        console.expect("link False", LONG)
    run("set_link", name="e1000.0", up=True)
    console.send("print('net', network.wait(60), network['eth0'].carrier)\r")
    console.expect("net True True", LONG)
    with socket.create_connection(("127.0.0.1", port), LONG) as sock:
        sock.sendall(bytes(100_000))
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65536):
            pass
    console.expect("received 100000", LONG)
    console.check_alive()
