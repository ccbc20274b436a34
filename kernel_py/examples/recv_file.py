# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Receives one file over TCP: a server in a dozen lines of plain sockets.

    >>> run('/examples/recv_file.py', '/tmp/inbox.txt')
    on the host:    nc -N localhost 17000 < local-file.txt      (arm64: 17002)

usage: recv_file.py TARGET [PORT]     (port 7000, to which ./zpy run forwards)
"""

import socket
import sys


def receive(target, port):
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("", port))
        listener.listen(1)
        print(f"waiting for a connection to port {port}", flush=True)
        connection, peer = listener.accept()
    count = 0
    with connection, open(target, "wb") as file:
        while block := connection.recv(16384):
            file.write(block)
            count += len(block)
    print(f"{count} bytes from {peer[0]} in {target}")


if not argv:
    sys.exit("usage: recv_file.py TARGET [PORT]")
receive(argv[0], int(argv[1]) if len(argv) > 1 else 7000)
