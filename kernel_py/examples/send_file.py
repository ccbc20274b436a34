# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Sends one file over TCP: a client with asyncio's streams, and `await` at the top level.

    on the host:    nc -l 7001 > from-zpy.txt
    >>> run('/examples/send_file.py', '/tmp/inbox.txt')

usage: send_file.py SOURCE [HOST [PORT]]     (10.0.2.2, the host of QEMU, and 7001)
"""

import asyncio
import sys


async def send(source, host, port):
    reader, writer = await asyncio.open_connection(host, port)
    count = 0
    with open(source, "rb") as file:
        while block := file.read(16384):
            writer.write(block)
            await writer.drain()  # no more in memory than the network takes
            count += len(block)
    writer.write_eof()
    await reader.read()  # until the other side has it all, and closes
    writer.close()
    print(f"{count} bytes of {source} to {host}:{port}")


if not argv:
    sys.exit("usage: send_file.py SOURCE [HOST [PORT]]")
host = argv[1] if len(argv) > 1 else "10.0.2.2"
await send(argv[0], host, int(argv[2]) if len(argv) > 2 else 7001)
