# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""A client of the prompt over TCP that reads up to markers: for host tests and target tests."""

import contextlib
import socket
import struct
import time

TIMEOUT = 120.0
PROMPT = ">>> "


class Client:
    """A connection to 127.0.0.1:port. Lines, keys or bytes go there; what comes is waited for."""

    def __init__(self, port, timeout=TIMEOUT, receive_buffer=None):
        self.unread = b""
        self.socket = socket.socket()
        try:
            if receive_buffer:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            self.socket.settimeout(timeout)
            self.socket.connect(("127.0.0.1", port))
        except BaseException:
            self.socket.close()
            raise

    @classmethod
    def at_prompt(cls, port, patience=0.0, **more):
        """A client at its first prompt. For `patience` seconds it tries again.

        QEMU accepts for the machine; until that has an address, it closes again.
        """
        deadline = time.monotonic() + patience
        while True:
            client = None
            try:
                client = cls(port, **more)
                client.expect(PROMPT)
                return client
            except (OSError, AssertionError):
                if client is not None:
                    client.close()
                if time.monotonic() >= deadline:
                    raise
                time.sleep(0.2)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        """Ends the connection."""
        self.socket.close()

    def reset(self):
        """Ends the connection as a crash of the client would."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def send(self, data):
        """Sends bytes, or text as UTF-8."""
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def expect(self, marker):
        """Waits for the marker; returns the bytes before it."""
        marker = marker.encode() if isinstance(marker, str) else marker
        while marker not in self.unread:
            data = self.socket.recv(65536)
            assert data, f"the end without {marker!r}: {self.unread[-500:]!r}"
            self.unread += data
        before, _, self.unread = self.unread.partition(marker)
        return before

    def run(self, line):
        """Runs a line; returns the text that it shows."""
        self.send(line + "\n")
        return self.expect(PROMPT).decode()

    def rest(self):
        """All until the connection's end."""
        with contextlib.suppress(ConnectionResetError):
            while data := self.socket.recv(65536):
                self.unread += data
        data, self.unread = self.unread, b""
        return data


def session_count(client):
    """How many sessions the machine has, as one of them sees it."""
    return int(client.run("len(kernel.session.sessions())"))


def wait_for_sessions(client, count):
    """Waits until the machine has that many sessions."""
    deadline = time.monotonic() + TIMEOUT
    while session_count(client) != count:
        assert time.monotonic() < deadline, client.run("kernel.session.sessions()")
        time.sleep(0.1)
