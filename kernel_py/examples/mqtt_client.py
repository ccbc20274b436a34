# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""A client of MQTT 3.1.1 on asyncio's streams, small enough to be read.

    >>> run('/examples/mqtt_client.py', '10.0.2.2')             with a broker on the host
    >>> run('/examples/mqtt_client.py', 'host', '1883', 'room/light')
    >>> run('/examples/mqtt_client.py')                         with a broker of its own

It subscribes to a topic, publishes three messages on it with QoS 1, and shows what comes back.
A large client is a wheel away: paho-mqtt is pure Python. Put the file of
`pip download --no-deps paho-mqtt` on the machine (ftp get /lib/paho.whl), then
sys.path.append('/lib/paho.whl') and import paho.mqtt.client.
"""

import asyncio
import struct

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 1, 2, 3, 4, 8, 9
PING, PONG, DISCONNECT = 12, 13, 14
PACKET_MAX = 256 * 1024


def text(value):
    data = value.encode()
    return struct.pack(">H", len(data)) + data


def packet(kind, flags, body=b""):
    length = len(body)
    head = bytearray([kind << 4 | flags])
    while True:
        length, digit = length >> 7, length & 127
        head.append(digit | (128 if length else 0))
        if not length:
            return bytes(head) + body


async def read_packet(reader):
    """(kind, flags, body).  ValueError: it is longer than PACKET_MAX, or no packet."""
    first = (await reader.readexactly(1))[0]
    length = 0
    for shift in (0, 7, 14, 21):
        digit = (await reader.readexactly(1))[0]
        length |= (digit & 127) << shift
        if digit < 128:
            break
    else:
        raise ValueError("malformed length")
    if length > PACKET_MAX:
        raise ValueError(f"a packet of {length} bytes")
    return first >> 4, first & 15, await reader.readexactly(length)


def parse_publish(flags, body):
    """(topic, payload, packet identifier or 0)."""
    end = 2 + struct.unpack_from(">H", body)[0]
    topic = body[2:end].decode()
    identifier = 0
    if flags & 6:
        (identifier,) = struct.unpack_from(">H", body, end)
        end += 2
    return topic, body[end:], identifier


class Client:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.messages = asyncio.Queue()
        self.answers = {}  # packet identifier → future of its acknowledgement
        self.identifier = 0
        self.task = None

    @classmethod
    async def connect(cls, host, port, name, keep_alive=60):
        reader, writer = await asyncio.open_connection(host, port)
        self = cls(reader, writer)
        body = text("MQTT") + bytes([4, 2]) + struct.pack(">H", keep_alive) + text(name)
        await self.send(packet(CONNECT, 0, body))
        kind, _, body = await asyncio.wait_for(read_packet(reader), 10)
        if kind != CONNACK or len(body) != 2 or body[1]:
            writer.close()
            raise ConnectionError(f"the broker refused: {body!r}")
        self.task = asyncio.create_task(self.listen(keep_alive))
        return self

    async def send(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def listen(self, keep_alive):
        while True:
            try:
                async with asyncio.timeout(keep_alive / 2):
                    kind, flags, body = await read_packet(self.reader)
            except TimeoutError:
                await self.send(packet(PING, 0))
                continue
            if kind == PUBLISH:
                topic, payload, identifier = parse_publish(flags, body)
                if identifier:
                    await self.send(packet(PUBACK, 0, struct.pack(">H", identifier)))
                self.messages.put_nowait((topic, payload))
            elif kind in (PUBACK, SUBACK):
                answer = self.answers.pop(struct.unpack_from(">H", body)[0], None)
                if answer is not None and not answer.done():
                    answer.set_result(body[2:])

    async def request(self, kind, flags, before, after):
        """Sends a packet with an identifier and waits for its acknowledgement."""
        self.identifier = self.identifier % 65535 + 1
        number = struct.pack(">H", self.identifier)
        answer = self.answers[self.identifier] = asyncio.get_running_loop().create_future()
        await self.send(packet(kind, flags, before + number + after))
        return await asyncio.wait_for(answer, 10)

    async def subscribe(self, topic, qos=1):
        granted = await self.request(SUBSCRIBE, 2, b"", text(topic) + bytes([qos]))
        if granted[:1] == b"\x80":
            raise PermissionError(f"no subscription to {topic}")

    async def publish(self, topic, payload, qos=1):
        if qos:
            await self.request(PUBLISH, 2, text(topic), payload)
        else:
            await self.send(packet(PUBLISH, 0, text(topic) + payload))

    async def close(self):
        self.task.cancel()
        try:
            await self.send(packet(DISCONNECT, 0))
        finally:
            self.writer.close()


class Broker:
    """As much of a broker as the demonstration needs: exact topics, one level of delivery."""

    def __init__(self):
        self.subscribers = {}  # topic → writers

    async def serve(self, reader, writer):
        try:
            while True:
                kind, flags, body = await read_packet(reader)
                if kind == CONNECT:
                    writer.write(packet(CONNACK, 0, b"\0\0"))
                elif kind == SUBSCRIBE:
                    end = 4 + struct.unpack_from(">H", body, 2)[0]
                    self.subscribers.setdefault(body[4:end].decode(), []).append(writer)
                    writer.write(packet(SUBACK, 0, body[:2] + body[end : end + 1]))
                elif kind == PUBLISH:
                    topic, payload, identifier = parse_publish(flags, body)
                    if identifier:
                        writer.write(packet(PUBACK, 0, struct.pack(">H", identifier)))
                    for other in self.subscribers.get(topic, ()):
                        other.write(packet(PUBLISH, 0, text(topic) + payload))
                elif kind == PING:
                    writer.write(packet(PONG, 0))
                elif kind == DISCONNECT:
                    return
                await writer.drain()
        except (EOFError, ConnectionError, ValueError):
            return  # the client has gone, or speaks something else
        finally:
            for writers in self.subscribers.values():
                if writer in writers:
                    writers.remove(writer)
            writer.close()


async def main():
    server = None
    host, port, topic = (argv + ["127.0.0.1", "1883", "zpy/demo"][len(argv) :])[:3]
    if not argv:
        server = await asyncio.start_server(Broker().serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
    try:
        client = await Client.connect(host, int(port), "zpy")
        try:
            await client.subscribe(topic)
            for number in range(3):
                await client.publish(topic, f"message {number}".encode())
                seen, payload = await asyncio.wait_for(client.messages.get(), 10)
                print(f"{seen}: {payload.decode()}")
        finally:
            await client.close()
    finally:
        if server:
            server.close()


await main()
