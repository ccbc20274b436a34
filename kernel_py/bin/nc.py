# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Connect standard input and output with a TCP or UDP peer.

usage: nc [-u] [-w SECONDS] HOST PORT
       nc -l [-u] [-w SECONDS] PORT

  -l            listen for one connection instead
  -u            UDP: what is read at once is a datagram
  -w SECONDS    give up after so long without a connection, or without a byte
  -z            only try whether the port is open

It ends when the peer closes; the end of standard input is passed on. Ctrl-C ends it at once.
"""

import socket
import sys
import threading

from kernel import command
from kernel.lineedit import Editor

BLOCK = 16384


class Typing:
    """A terminal to read lines from until the peer is done."""

    def __init__(self, terminal, done):
        self._terminal = terminal
        self._done = done

    def __getattr__(self, name):
        return getattr(self._terminal, name)

    @property
    def after_cr(self):
        return self._terminal.after_cr

    @after_cr.setter
    def after_cr(self, value):
        self._terminal.after_cr = value

    def read(self, timeout=None):
        while timeout is None and not self._done.is_set():
            data = self._terminal.read(0.1)
            if data:
                return data
            if getattr(self._terminal, "ended", False):
                return b""
        return b"" if timeout is None else self._terminal.read(timeout)


def typed(terminal, done):
    """The lines of a terminal, as bytes."""
    editor = Editor(Typing(terminal, done))
    while not done.is_set():
        try:
            yield editor.readline().encode() + b"\n"
        except EOFError:
            return


def transfer(cmd, connection, peer):
    """Both directions, each to its end."""
    done = threading.Event()
    failure = []

    def receive():
        try:
            while block := connection.recv(BLOCK):
                output.write(block)
                output.flush()
        except OSError as error:
            failure.append(error)
        finally:
            done.set()

    output = command.Output()
    reader = threading.Thread(target=receive, name="nc", daemon=True)
    reader.start()
    terminal = command.terminal() if sys.stdin.isatty() else None
    source = typed(terminal, done) if terminal else command.blocks(command.open_input("-"))
    try:
        for block in source:
            if done.is_set():
                break
            connection.sendall(block)
        if not cmd["u"] and not done.is_set():
            connection.shutdown(socket.SHUT_WR)
        done.wait(1.0 if cmd["u"] and not cmd["w"] else None)
    finally:
        try:
            connection.shutdown(socket.SHUT_RDWR)  # who waits in recv() wakes
        except OSError:
            pass  # it is down already
        connection.close()
        reader.join(5)
    if failure and not isinstance(failure[0], TimeoutError):
        raise failure[0]
    if failure:
        cmd.error(f"silent for {cmd['w']} s", peer)


def listen(cmd, port, seconds):
    kind = socket.SOCK_DGRAM if cmd["u"] else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as listener:
        listener.settimeout(seconds)
        if not cmd["u"]:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("", port))
        if cmd["u"]:
            first, peer = listener.recvfrom(BLOCK)
            listener.connect(peer)
            out = command.Output()
            out.write(first)
            out.flush()
            transfer(cmd, listener, peer[0])
            return
        listener.listen(1)
        connection, peer = listener.accept()
    connection.settimeout(seconds)
    transfer(cmd, connection, peer[0])


def main(cmd):
    seconds = cmd.number("w", None, 1)
    host = None
    if cmd["l"]:
        cmd.expect(1)
        port = cmd.operands[0]
    else:
        cmd.expect(2)
        host, port = cmd.operands
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise command.UsageError(f"invalid port: '{port}'")
    port = int(port)
    where = f"{host}:{port}" if host else f"port {port}"
    try:
        if cmd["l"]:
            listen(cmd, port, seconds)
            return
        if cmd["u"]:
            family, kind, proto, _, address = socket.getaddrinfo(
                host, port, type=socket.SOCK_DGRAM
            )[0]
            connection = socket.socket(family, kind, proto)
            connection.connect(address)
        else:
            connection = socket.create_connection((host, port), seconds)
        if cmd["z"]:
            connection.close()
            print(f"{where}: open")
            return
        connection.settimeout(seconds)
        transfer(cmd, connection, where)
    except socket.gaierror as error:
        cmd.error(error.strerror or str(error), host)
    except BrokenPipeError as error:
        cmd.error(command.reason(error), where)
    except TimeoutError:
        cmd.error("Connection timed out", where)
    except OSError as error:
        cmd.error(error, where)


command.run(main, __doc__, argv)
