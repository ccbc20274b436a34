# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""zpy repl: the login, the telnet half of a terminal, and what goes wrong."""

import contextlib
import hashlib
import hmac
import os
import pty
import select
import socket
import subprocess
import sys
import threading
import time

import pytest

from zpy import repl
from zpy.errors import UsageError, ZpyError
from zpy.paths import ROOT

SECRET = "correct-horse-battery"
CHALLENGE = "ab" * 32


@contextlib.contextmanager
def server(*serve):
    """A server whose connections are given to these functions, one after the other: its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)

        def accept():
            for function in serve:
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(20)
                    function(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(20)


def greet(connection):
    connection.sendall(b'ZPy 0.1.0\nType "help" for help.\n>>> ')


def read_line(connection):
    line = b""
    while not line.endswith(b"\n"):
        data = connection.recv(1)
        if not data:
            break
        line += data
    return line.decode().strip()


def ask(connection):
    connection.sendall(f"This machine wants an answer.\nchallenge {CHALLENGE}\nresp".encode())
    time.sleep(0.05)  # in pieces, as networks do
    connection.sendall(b"onse: ")
    return read_line(connection).split()


def guarded(secret):
    def serve(connection):
        answer, nonce = ask(connection)
        if answer != hmac.new(secret.encode(), CHALLENGE.encode(), hashlib.sha256).hexdigest():
            connection.sendall(b"wrong answer\n")
            return
        proof = repl.mac(secret, "server", nonce, CHALLENGE)
        connection.sendall(f"proof {proof}\n".encode())
        greet(connection)

    return serve


def login(port, secret=None):
    with repl.connect("127.0.0.1", port) as (connection, channel):
        return repl.login(connection, channel, "there", secret)


# --- the login -----------------------------------------------------------------------------


def test_no_login():
    with server(greet) as port:
        assert login(port).startswith(b"ZPy 0.1.0")


def test_login():
    with server(guarded(SECRET)) as port:
        assert b"wrong" not in login(port, SECRET)


def test_wrong_secret():
    with server(guarded(SECRET)) as port, pytest.raises(ZpyError, match="not its secret"):
        login(port, "guess")


def test_machine_that_cannot_prove_itself():
    """Somebody who takes any answer to learn what the user types."""

    def impostor(connection):
        ask(connection)
        connection.sendall(f"proof {'00' * 32}\n".encode())
        greet(connection)

    with server(impostor) as port, pytest.raises(ZpyError, match="does not know the secret"):
        login(port, SECRET)


@pytest.mark.parametrize(
    "said, complaint",
    [
        (b"refused: there are 32 sessions already\r\n", "32 sessions"),
        (b"too many wrong answers: try again in 8 s\r\n", "try again in 8 s"),
        (b"This machine has no secret yet: its console can set one.\r\n", "no secret yet"),
        (b"This machine wants something else\n", "does not know"),
        (b"", "closed the connection"),
    ],
)
def test_what_a_machine_may_say(said, complaint):
    with server(lambda connection: connection.sendall(said)) as port:
        with pytest.raises(ZpyError, match=complaint):
            login(port, SECRET)


def test_silence(monkeypatch):
    monkeypatch.setattr(repl, "TIMEOUT", 0.2)
    with server(lambda connection: connection.recv(1)) as port:
        with pytest.raises(ZpyError, match="says nothing"):
            login(port)


def test_nobody_listens():
    with pytest.raises(ZpyError, match="./zpy run --detach"):
        login(1)


def test_no_such_host():
    with pytest.raises(ZpyError, match="no-such-host.invalid"):
        with repl.connect("no-such-host.invalid", 5555):
            pass


# --- options -------------------------------------------------------------------------------


def test_ports():
    assert repl.address(repl.Options()) == ("127.0.0.1", 5555)
    assert repl.address(repl.Options(board="qemu_cortex_a53")) == ("127.0.0.1", 5556)
    assert repl.address(repl.Options(board="native_sim")) == ("127.0.0.1", 5557)
    assert repl.address(repl.Options(host="192.0.2.1")) == ("192.0.2.1", 5000)
    assert repl.address(repl.Options(host="192.0.2.1", port=7)) == ("192.0.2.1", 7)
    with pytest.raises(UsageError, match="--port"):
        repl.address(repl.Options(board="sim"))


def test_secret_files(tmp_path, monkeypatch):
    file = tmp_path / "secret"
    with pytest.raises(UsageError, match="No such file"):
        repl.read_secret_file(str(file))
    file.write_text("")
    with pytest.raises(UsageError, match="first line is empty"):
        repl.read_secret_file(str(file))
    file.write_text(f"{SECRET}\nand more\n")
    assert repl.read_secret_file(str(file)) == SECRET
    monkeypatch.setenv(repl.SECRET, "from-the-environment")
    assert repl.read_secret_file(None) == "from-the-environment"


# --- telnet --------------------------------------------------------------------------------


def test_telnet_messages_are_not_shown():
    data = b"a\xff\xfb\x01b\xff\xfa\x18\x01\xff\xf0c\xff\xffd\xff\xf1e\xff\xfd\x63"
    whole, pieces = repl.Telnet(), repl.Telnet()
    shown = whole.feed(data)
    assert shown == b"abc\xffde"
    assert b"".join(pieces.feed(data[at : at + 1]) for at in range(len(data))) == shown
    assert whole.replies == pieces.replies
    assert b"\xff\xfa\x18\x00" in whole.replies  # the terminal's type
    assert b"\xff\xfc\x63" in whole.replies  # an unknown option is refused


def test_endless_subnegotiation_is_not_kept():
    telnet = repl.Telnet()
    telnet.feed(b"\xff\xfa")
    for _ in range(100):
        telnet.feed(b"x" * 1000)
    assert len(telnet._pending) < 1000


def test_size_is_escaped(monkeypatch):
    monkeypatch.setattr(os, "get_terminal_size", lambda fd: os.terminal_size((255, 24)))
    assert repl.Telnet.size() == b"\xff\xfa\x1f\x00\xff\xff\x00\x18\xff\xf0"


# --- the command ---------------------------------------------------------------------------


def zpy(*arguments, **more):
    return subprocess.run(
        [sys.executable, str(ROOT / "zpy"), "repl", *arguments],
        capture_output=True,
        timeout=60,
        **more,
    )


def test_a_pipe():
    def serve(connection):
        greet(connection)
        while line := read_line(connection):
            connection.sendall(f"got {line}\n".encode())

    with server(serve) as port:
        done = zpy("--port", str(port), input=b"one\ntwo\n")
    assert done.returncode == 0
    assert done.stdout.endswith(b">>> got one\ngot two\n")


def test_complaints():
    done = zpy("--port", "1", stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert b"nothing listens on 127.0.0.1:1" in done.stderr
    assert b"Traceback" not in done.stderr
    done = zpy("--port", "99999", stdin=subprocess.DEVNULL)
    assert done.returncode == 2 and b"99999 is no port" in done.stderr


def test_a_person_at_a_terminal():
    got = bytearray()

    def serve(connection):
        greet(connection)
        while b"\r" not in got:
            got.extend(connection.recv(100))
        connection.sendall(b"\xff\xfb\x01shown\r\n")

    with server(serve) as port:
        pid, fd = pty.fork()
        if pid == 0:
            os.execv(
                sys.executable,
                [sys.executable, str(ROOT / "zpy"), "repl", "--port", str(port)],
            )
        try:
            seen = b""
            typed = False
            deadline = time.monotonic() + 30
            while b"shown" not in seen and time.monotonic() < deadline:
                if select.select([fd], [], [], 0.2)[0]:
                    seen += os.read(fd, 4096)
                if not typed and b">>> " in seen:
                    typed = True
                    os.write(fd, b"1+1\r")
        finally:
            os.close(fd)
            os.waitpid(pid, 0)
    assert b"shown" in seen and b"\xff" not in seen
    # It is a terminal with a size, which wants to be echoed to, and what is typed goes as it is.
    assert b"\xff\xfd\x01" in got and b"\xff\xfa\x1f" in got and got.endswith(b"1+1\r")
