# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The network between this machine and the board's."""

import socket
import subprocess
import threading

import pytest

from zpy import launch
from zpy.session import Session

LONG = 60.0

SERVER = """
import asyncio
async def upper(reader, writer):
    data = await reader.read()
    await asyncio.sleep(0.2)
    writer.write(data.upper())
    writer.close()
async def echo(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()
async def serve():
    await asyncio.start_server(upper, port=PORTS[0])
    await asyncio.start_server(echo, port=PORTS[1])
    print("serv" + "ing")
    await asyncio.sleep(3600)
import threading
threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
"""


@pytest.fixture(scope="module")
def card(board, network):
    """Skips the test on boards without a network card of their own."""
    if board.kind != "qemu":
        pytest.skip("this board uses the host's sockets")


@pytest.fixture(scope="module")
def ports(board, network):
    return launch.free_port(), launch.free_port()


@pytest.fixture
def machine(boot, board, ports):
    """A machine with two servers: one answers at the end of the question, one echoes."""
    inside = (7001, 7002) if board.kind == "qemu" else ports  # else its sockets are those here
    console = boot(forwards=tuple(zip(ports, inside, strict=True)))
    console.expect(">>> ", 180)
    if board.kind == "qemu":
        console.send("import kernel.net; print('net', kernel.net.network.wait(30))\r")
        console.expect("net True", LONG)
    console.send(f"PORTS = {inside}\r")
    console.send(f"exec({SERVER!r})\r")
    console.expect("serving\r\n", LONG)
    return console


def connect(port):
    return socket.create_connection(("127.0.0.1", port), LONG)


def read_all(sock):
    data = b""
    while chunk := sock.recv(65536):
        data += chunk
    return data


def test_host_and_board(machine, board, ports):
    # A client that ends its side right after the question gets its answer.
    with connect(ports[0]) as sock:
        sock.sendall(b"question")
        sock.shutdown(socket.SHUT_WR)
        assert read_all(sock) == b"QUESTION"

    # Much, in both directions at once.
    data = bytes(range(256)) * 2048
    with connect(ports[1]) as sock:
        sender = threading.Thread(target=sock.sendall, args=(data,))
        sender.start()
        received = b""
        while len(received) < len(data):
            received += sock.recv(65536)
        sender.join()
    assert received == data

    # Many, one after the other and side by side.
    for _ in range(50):
        with connect(ports[1]) as sock:
            sock.sendall(b"x")
            assert sock.recv(1) == b"x"
    many = [connect(ports[1]) for _ in range(50)]
    for number, sock in enumerate(many):
        sock.sendall(b"%d" % number)
    for number, sock in enumerate(many):
        assert sock.recv(10) == b"%d" % number
        sock.close()

    # The prompt is still there, and so are nearly all buffers where the machine has some.
    if board.kind != "qemu":
        machine.check_alive()
        return
    machine.send("import _net, time; time.sleep(2); f = _net.buffers()\r")
    machine.send("print('free', f[0] > f[1] // 2, f[2] > f[3] // 2)\r")
    machine.expect("free True True", LONG)


def test_down_and_up(boot, card):
    """An interface that is taken down and up again has its address again."""
    console = boot()
    console.expect(">>> ", 180)
    console.send("from kernel.net import network; print('net', network.wait(30))\r")
    console.expect("net True", LONG)
    console.send("network.down(); print('re' + 'ady', network.ready)\r")
    console.expect("ready False", LONG)
    console.send("network.up(); print('wai' + 'ted', network.wait(30))\r")
    console.expect("waited True", LONG)


SLOW_NAMES = """
#include <netdb.h>
#include <string.h>
#include <unistd.h>
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    (void)service, (void)hints;
    *found = NULL;
    if (strcmp(name, "slow.example") == 0) {
        sleep(2);
    }
    return EAI_AGAIN;
}
"""

ASKS = """
import os, signal, socket, threading, time
ticks = 0
def tick():
    global ticks
    while True:
        time.sleep(0.01)
        ticks += 1
threading.Thread(target=tick, daemon=True).start()
try:
    socket.getaddrinfo("slow.example", 80)
except socket.gaierror as error:
    print(error.errno == socket.EAI_AGAIN, ticks > 20)
threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    socket.getaddrinfo("slow.example", 80)
except KeyboardInterrupt:
    print("interrupted")
time.sleep(3)  # the answer comes when nobody waits for it any more
try:
    socket.getaddrinfo("fast.example", 80)
except socket.gaierror as error:
    print(error.errno == socket.EAI_AGAIN)
"""


def test_a_name_server_that_is_slow(board, build_dir, tmp_path, monkeypatch):
    """native_sim asks the host's: other threads go on meanwhile, and Ctrl-C ends the wait."""
    if board.kind != "native":
        pytest.skip("only native_sim looks names up in a thread of this machine's")
    (tmp_path / "names.c").write_text(SLOW_NAMES)
    library = tmp_path / "names.so"
    compiler = ["cc", "-shared", "-fPIC", "-o", library, tmp_path / "names.c"]
    subprocess.run(compiler, check=True)
    monkeypatch.setenv("LD_PRELOAD", str(library))
    with Session(board, build_dir) as session:
        status, out, err = session.run(ASKS, timeout=LONG)
    assert (status, out.split()) == (0, [b"True", b"True", b"interrupted", b"True"]), err
