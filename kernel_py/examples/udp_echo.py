# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Datagrams with asyncio: a server that sends back what it gets, and a client that asks it.

>>> run('/examples/udp_echo.py')            both, on this machine
>>> run('/examples/udp_echo.py', '7007')    the server alone, until Ctrl-C
"""

import asyncio


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        self.transport.sendto(data, address)


class Client(asyncio.DatagramProtocol):
    def __init__(self):
        self.answers = asyncio.Queue()

    def datagram_received(self, data, address):
        self.answers.put_nowait(data)


async def serve(port, address="0.0.0.0"):
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Echo, local_addr=(address, port))
    return transport


async def ask(port, messages):
    """Sends messages and waits for each answer; a datagram may be lost, so three times."""
    loop = asyncio.get_running_loop()
    transport, client = await loop.create_datagram_endpoint(
        Client, remote_addr=("127.0.0.1", port)
    )
    try:
        for message in messages:
            for _ in range(3):
                transport.sendto(message)
                try:
                    answer = await asyncio.wait_for(client.answers.get(), 1)
                except TimeoutError:
                    continue
                print(f"{message.decode()} -> {answer.decode()}")
                break
    finally:
        transport.close()


async def main():
    if argv:
        server = await serve(int(argv[0]))
        print(f"echoing on UDP port {argv[0]}; Ctrl-C ends it")
        try:
            await asyncio.Event().wait()
        finally:
            server.close()
    server = await serve(0, "127.0.0.1")
    try:
        await ask(server.get_extra_info("sockname")[1], [b"one", b"two", b"three"])
    finally:
        server.close()


await main()
