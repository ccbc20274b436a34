# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Measures the network between this computer and a board; for `zpy bench`.

On the board (`SERVERS`) an echo in asyncio and one in C listen; this side of it sends, and takes
turns between them, so that what else this computer does is the same for both.
"""

import socket
import statistics
import threading
import time

ASYNCIO, C, PROMPT = 7001, 7002, 5000  # ports of the machine

MESSAGE = bytes(range(256)) * 64  # 16 KiB
ROUNDS = 10  # by turns
MESSAGES = 40  # in a round
VISITS = 9  # to the prompt and to the echo in C, by turns; odd, so that one is in the middle
QUESTIONS = 30  # in each, of each, by turns as well
CONNECTIONS = 100
EACH = 10  # messages of each of them
TIMEOUT = 120.0

SERVERS = f"""
import asyncio, threading
import _net, kernel.net

assert kernel.net.network.wait(60), "no network"

async def echo(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()

async def serve():
    server = await asyncio.start_server(echo, port={ASYNCIO}, backlog={CONNECTIONS})
    ready.set()
    await server.serve_forever()

ready = threading.Event()
threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
threading.Thread(target=_net.bench_echo, args=({C}, 1_000_000), daemon=True).start()
ready.wait()
"""


def connect(port):
    """A connection to a forwarded port; what is written is sent at once."""
    sock = socket.create_connection(("127.0.0.1", port), TIMEOUT)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def receive(sock, size):
    """Reads that many bytes."""
    while size > 0:
        data = sock.recv(min(size, 65536))
        if not data:
            raise ConnectionError("the machine has closed the connection")
        size -= len(data)


def throughput(sock):
    """Bytes a second there and back: messages are sent without waiting for the echo."""
    started = time.perf_counter()
    sender = threading.Thread(target=sock.sendall, args=(MESSAGE * MESSAGES,))
    sender.start()
    receive(sock, len(MESSAGE) * MESSAGES)
    sender.join()
    return len(MESSAGE) * MESSAGES / (time.perf_counter() - started)


def round_trip(sock, question, end):
    """Seconds until the end of the answer has come."""
    started = time.perf_counter()
    sock.sendall(question)
    answer = b""
    while not answer.endswith(end):
        data = sock.recv(4096)
        if not data:
            raise ConnectionError("the machine has closed the connection")
        answer += data
    return time.perf_counter() - started


def visit(ports):
    """The median seconds of a round trip to the prompt, and to the echo in C; each anew.

    Where the threads of a connection run, and what else this computer does in that second, decide
    about both: what is compared is measured side by side, and the visits' median counts.
    """
    times = {PROMPT: [], C: []}
    with connect(ports[PROMPT]) as prompt, connect(ports[C]) as native:
        round_trip(prompt, b"", b">>> ")
        for _ in range(QUESTIONS):
            times[PROMPT].append(round_trip(prompt, b"6*7\n", b"42\n>>> "))
            times[C].append(round_trip(native, b"6*7\n", b"6*7\n"))
    return statistics.median(times[PROMPT]), statistics.median(times[C])


# QEMU's user network holds bursts of so many connections back for seconds, with an idle machine;
# so the clients are on the board, too.
MANY = f"""
import asyncio, time

async def client(number):
    reader, writer = await asyncio.open_connection("127.0.0.1", {ASYNCIO})
    try:
        await all_there.wait()
        for step in range({EACH}):
            message = bytes([number, step]) * 512
            writer.write(message)
            if await reader.readexactly(1024) != message:
                raise RuntimeError("another answer")
    finally:
        writer.close()

async def clients():
    global all_there
    all_there = asyncio.Barrier({CONNECTIONS} + 1)
    async with asyncio.TaskGroup() as group:
        for number in range({CONNECTIONS}):
            group.create_task(client(number))
        await all_there.wait()
        started = time.perf_counter()
    return {CONNECTIONS} * {EACH} / (time.perf_counter() - started)

print(asyncio.run(clients()))
"""


def measure(ports, on_board):
    """Measures; yields (name, value, unit).

    ports: {port of the machine: port here}; on_board: runs code there, returns what it prints.
    """
    speeds = {ASYNCIO: [], C: []}
    with connect(ports[ASYNCIO]) as python, connect(ports[C]) as native:
        for sock in (python, native):
            throughput(sock)  # once to warm up
        for _ in range(ROUNDS):
            speeds[ASYNCIO].append(throughput(python))
            speeds[C].append(throughput(native))
    python, native = (statistics.median(speeds[port]) for port in (ASYNCIO, C))
    yield "echo of 16 KiB, asyncio", python / 1e6, "MB/s"
    yield "echo of 16 KiB, C", native / 1e6, "MB/s"
    yield "echo: C / asyncio", native / python, ""
    visits = [visit(ports) for _ in range(VISITS)]
    prompt, native = (statistics.median(times) for times in zip(*visits, strict=True))
    ratios = sorted(prompt / native for prompt, native in visits)
    yield "round trip, prompt", prompt * 1e6, "us"
    yield "round trip, C echo", native * 1e6, "us"
    yield "round trip: prompt / C, least", ratios[0], ""
    yield "round trip: prompt / C", statistics.median(ratios), ""
    yield f"{CONNECTIONS} connections, asyncio", float(on_board(MANY)), "messages/s"
