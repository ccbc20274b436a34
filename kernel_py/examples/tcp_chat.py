# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""A chat room over TCP: many clients in one thread, with asyncio's streams and a queue for each.

    >>> run('/examples/tcp_chat.py', '7070')     the room, until Ctrl-C
    >>> nc 127.0.0.1 7070                        in another session: somebody in it
    >>> run('/examples/tcp_chat.py')             three guests talk to each other, and it ends

A guest's first line is its name. Who reads too slowly is shown out: one slow guest must not make
the others wait, nor fill the memory with what it has not read.
"""

import asyncio

WAITING_MAX = 100  # lines that a guest may be behind


class Room:
    def __init__(self):
        self.guests = {}  # name → (the queue of lines that it has not been sent, its writer)

    def say(self, text):
        for name, (queue, writer) in list(self.guests.items()):
            try:
                queue.put_nowait(text)
            except asyncio.QueueFull:
                del self.guests[name]
                writer.transport.abort()

    async def welcome(self, reader, writer):
        name = (await reader.readline()).decode("utf-8", "replace").strip()[:20]
        if not name or name in self.guests:
            writer.write(b"that name is taken\n")
            writer.close()
            return
        queue = asyncio.Queue(WAITING_MAX)
        self.guests[name] = queue, writer
        sending = asyncio.create_task(self.send(queue, writer))
        self.say(f"* {name} has come")
        try:
            while line := await reader.readline():
                self.say(f"{name}: {line.decode('utf-8', 'replace').rstrip()}")
        except (ConnectionError, ValueError):
            pass  # gone, or a line without an end
        finally:
            self.guests.pop(name, None)
            self.say(f"* {name} has gone")
            sending.cancel()
            writer.close()

    async def send(self, queue, writer):
        while not writer.is_closing():
            writer.write((await queue.get() + "\n").encode())
            try:
                await writer.drain()
            except ConnectionError:
                return


NAMES = ("ada", "bob", "eve")


async def guest(room, port, name):
    """Somebody who greets when all are there; returns how many greetings it has heard."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{name}\n".encode())
    while len(room.guests) < len(NAMES):
        await asyncio.sleep(0.01)
    writer.write(f"hello from {name}\n".encode())
    heard = 0
    while heard < len(NAMES):
        heard += b": hello from " in await reader.readline()
    writer.close()
    return heard


async def main():
    room = Room()
    port = int(argv[0]) if argv else 0
    address = "0.0.0.0" if argv else "127.0.0.1"
    server = await asyncio.start_server(room.welcome, address, port, limit=4096)
    port = server.sockets[0].getsockname()[1]
    try:
        if argv:
            print(f"the room is open on port {port}; Ctrl-C closes it")
            await server.serve_forever()
        heard = await asyncio.gather(*(guest(room, port, name) for name in NAMES))
        for name, count in zip(NAMES, heard, strict=True):
            print(f"{name} heard {count} greetings")
    finally:
        server.close()


await main()
