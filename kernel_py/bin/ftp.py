# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Copy a file over one raw TCP stream: no FTP of any RFC, but what nc speaks on the other side.

usage: ftp get DST [PORT]
       ftp put SRC [HOST [PORT]]

  get    listens on PORT (7000) and writes what one connection sends to DST.
         ./zpy run forwards a port of the host to it: nc -N localhost 17000 < file (x86-64),
         17002 (arm64)
  put    connects to HOST (10.0.2.2, the host of QEMU) at PORT (7001) and sends SRC.
         There: nc -l 7001 > file

  -t SECONDS    how long the other side may be silent once the stream has begun (60)
  -q, --quiet   say nothing when all went well
"""

import os
import socket

from kernel import command

GET_PORT, PUT_HOST, PUT_PORT = 7000, "10.0.2.2", 7001
BLOCK = 16384


def port_of(text):
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise command.UsageError(f"invalid port: '{text}'")
    return int(text)


def receive(cmd, target, port, seconds):
    """One connection's bytes into a file, which appears whole or not at all."""
    if os.path.isdir(target):
        raise IsADirectoryError(21, "Is a directory", target)
    # Before somebody sends: a target that cannot be written is told at once.
    partial = target + ".part"
    with open(partial, "wb") as file:
        try:
            with socket.socket() as listener:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(("", port))
                listener.listen(1)
                if not cmd["quiet"]:
                    print(f"waiting for a connection to port {port}", flush=True)
                connection, peer = listener.accept()
            count = 0
            with connection:
                connection.settimeout(seconds)
                while block := connection.recv(BLOCK):
                    file.write(block)
                    count += len(block)
        except BaseException:
            os.unlink(partial)
            raise
    os.replace(partial, target)
    if not cmd["quiet"]:
        print(f"{target}: {count} bytes from {peer[0]}")


def send(cmd, source, host, port, seconds):
    """A file's bytes to whoever listens."""
    with command.open_input(source) as file:
        count = 0
        with socket.create_connection((host, port), seconds) as connection:
            for block in iter(lambda: file.read(BLOCK), b""):
                connection.sendall(block)
                count += len(block)
            connection.shutdown(socket.SHUT_WR)
            # Until the other side has closed, it may not have all of it.
            while connection.recv(BLOCK):
                pass
    if not cmd["quiet"]:
        print(f"{source}: {count} bytes to {host}")


def main(cmd):
    cmd.expect(2, 4)
    what, path, *rest = cmd.operands
    seconds = cmd.number("t", 60, 1)
    if what == "get":
        cmd.expect(2, 3)
        port = port_of(rest[0]) if rest else GET_PORT
        where = f"port {port}"
        work, arguments = receive, (path, port)
    elif what == "put":
        host, port = (rest + [PUT_HOST, PUT_PORT][len(rest) :])[:2]
        port = port_of(str(port))
        where = f"{host}:{port}"
        work, arguments = send, (path, host, port)
    else:
        raise command.UsageError(f"what is '{what}'? get or put")
    try:
        work(cmd, *arguments, seconds)
    except TimeoutError:
        cmd.error(f"the other side was silent for {seconds} s", where)
    except OSError as error:
        cmd.error(error, error.filename or where)


command.run(main, __doc__, argv)
