# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""kernel.net.repl_server: connections, logins, limits and bad clients, with a small session."""

import random
import socket
import subprocess
import threading
import time

import pytest

from kernel import lineedit, log
from kernel.net import auth, secure
from kernel.net.repl_server import Config, Server
from promptclient import Client
from zpy import repl
from zpy.errors import ZpyError

SECRET = "correct-horse-battery"
TIMEOUT = 20


class Calculator:
    """A session that evaluates a line: enough to see that a connection works."""

    def __init__(self, client):
        self.client = client
        self.ending = False

    def end(self):
        self.ending = True

    def run(self):
        connection = self.client.connection
        self.client.session = self
        editor = lineedit.Editor(connection)
        interrupted = threading.Event()
        connection.interrupt = interrupted.set
        while True:
            try:
                line = editor.readline(">>> ")
                connection.arm()
                if line == "spin":
                    while not interrupted.wait(0.01) and not self.ending:
                        pass
                    text = "interrupted"
                elif line == "flood":
                    while True:
                        connection.write(b"x" * 65536)
                else:
                    text = str(eval(line)) if line else ""
            except KeyboardInterrupt:
                text = "interrupted"
            finally:
                interrupted.clear()
                connection.disarm()
            connection.write(text.encode() + b"\r\n")


class Bench:
    """A server with a calculator behind it, and the lines of the log."""

    def __init__(self, monkeypatch):
        self.lines = []
        self.server = None
        monkeypatch.setattr(log, "_sink", lambda data: self.lines.append(data.decode()))

    def start(self, **settings):
        config = Config()
        config.mode, config.port, config.bind = "plain", 0, "127.0.0.1"
        config.trusted = set()
        for name, value in settings.items():
            setattr(config, name, value)
        self.server = Server(config, lambda client: Calculator(client).run())
        return self

    def connect(self, **more):
        return Client(self.server.port, timeout=TIMEOUT, **more)

    def calculate(self):
        """Somebody else's session works."""
        with self.connect() as client:
            client.send("6 * 7\n")
            client.expect("42\n")

    def logged(self, text):
        deadline = time.monotonic() + TIMEOUT
        while not any(text in line for line in self.lines):
            assert time.monotonic() < deadline, f"no {text!r} in {self.lines}"
            time.sleep(0.01)

    def wait_empty(self):
        deadline = time.monotonic() + TIMEOUT
        while self.server.clients:
            assert time.monotonic() < deadline, [c.peer for c in self.server.clients]
            time.sleep(0.01)


@pytest.fixture
def serve(monkeypatch):
    server = Bench(monkeypatch)
    yield server.start
    if server.server:
        server.server.close()
        assert not server.server.clients


@pytest.fixture
def secret(monkeypatch, tmp_path):
    monkeypatch.setattr(auth._vosal, "REPL_SECRET_FILE", str(tmp_path / "secret"), raising=False)
    monkeypatch.setattr(auth, "_secret", SECRET)


# --- plain clients -------------------------------------------------------------------------


def test_a_pipe(serve):
    """printf '1+1\\n' | nc: no echo, no escape codes, and the answer in spite of the end."""
    server = serve()
    with server.connect() as client:
        client.send("1+1\n2+2\n3+3")
        client.socket.shutdown(socket.SHUT_WR)
        assert client.rest() == b">>> 2\n>>> 4\n>>> 6\n>>> "


def test_line_by_line(serve):
    with serve().connect() as client:
        assert client.expect(">>> ") == b""
        client.send("'caf\u00e9'\n")
        assert client.expect(">>> ") == "caf\u00e9\n".encode()
        client.send(b"1")
        client.send(b"0")
        client.send(b"\n")
        assert client.expect(">>> ") == b"10\n"


def test_ctrl_c_while_code_runs(serve):
    with serve().connect() as client:
        client.send("spin\n")
        client.expect(">>> ")
        client.send(b"ignored\n\x03")
        client.expect("interrupted\n>>> ")
        client.send("5\n")
        assert client.expect(">>> ") == b"5\n"


# --- terminals -----------------------------------------------------------------------------


def test_a_raw_terminal(serve):
    """stty raw; nc: Return alone tells that the terminal wants the editor."""
    with serve().connect() as client:
        client.expect(">>> ")
        client.send("1+1\r")
        client.expect("2\r\n")
        client.expect(">>> ")
        client.send("1+2")
        client.expect("1+2")  # the echo
        client.send("\x7f5\r")
        client.expect("6\r\n")


def test_telnet_after_its_first_line(serve):
    with serve().connect() as client:
        assert client.expect(">>> ") == b""  # nothing that a plain client would have to bear
        client.send("1+1\r\n")
        client.expect(b"\xff\xfb\x01")  # WILL ECHO
        client.expect(">>> ")
        client.send(b"\xff\xfd\x01\xff\xfd\x03\xff\xfb\x1f\xff\xfa\x1f\x00\x28\x00\x0a\xff\xf0")
        client.send("2+3")
        client.expect("2+3")
        client.send("\r\0")
        client.expect("5\r\n")


def test_telnet_interrupt(serve):
    with serve().connect() as client:
        client.send("spin\r\n")
        client.send(b"\xff\xf4\xff\xf2")  # IP, DM
        client.expect("interrupted")


# --- login ---------------------------------------------------------------------------------


def answer(client, key=SECRET, nonce=""):
    client.expect("challenge ")
    challenge = client.expect("\n").strip().decode()
    client.send(f"{auth.response(key, challenge)} {nonce}\n")
    return challenge


def test_login(serve, secret):
    server = serve(mode="auth")
    with server.connect() as client:
        answer(client)
        client.expect(">>> ")
        client.send("1+1\n")
        client.expect("2\n")
    server.logged("let in")


def test_login_with_proof(serve, secret):
    with serve(mode="auth").connect() as client:
        challenge = answer(client, nonce="cd" * 16)
        client.expect("proof ")
        assert client.expect("\n").decode() == auth.proof(SECRET, "cd" * 16, challenge)


def test_wrong_answer(serve, secret):
    server = serve(mode="auth")
    with server.connect() as client:
        answer(client, "not-the-secret")
        assert b"wrong answer" in client.rest()
    server.logged("refused: wrong answer")
    assert not any(SECRET in line for line in server.lines)


def test_guessing_is_locked_out(serve, secret):
    server = serve(mode="auth")
    for _ in range(4):
        with server.connect() as client:
            answer(client, "guess")
            client.rest()
    with server.connect() as client:
        said = client.rest()
        assert b"try again in" in said and b"challenge" not in said
    server.logged("too many wrong answers")


def test_trusted_peers_are_asked_for_nothing(serve, secret):
    serve(mode="auth", trusted={"127.0.0.1"}).calculate()


def test_first_login_makes_the_secret(serve, monkeypatch, tmp_path):
    """It is shown on the console, and not in the log."""
    shown = []
    monkeypatch.setattr(auth._vosal, "REPL_SECRET_FILE", str(tmp_path / "etc/s"), raising=False)
    monkeypatch.setattr(auth, "_secret", None)
    monkeypatch.setattr(auth._vosal, "console_write", lambda data: shown.append(data.decode()))
    server = serve(mode="auth")
    with server.connect() as client:
        client.expect("response: ")
        key = auth.secret()
        assert key in shown[0]
        assert not any(key in line for line in server.lines)
    with server.connect() as client:
        answer(client, key)
        client.expect(">>> ")
    assert len(shown) == 1
    assert (tmp_path / "etc/s").read_text() == key + "\n"


def test_no_secret_no_login(serve, monkeypatch, tmp_path):
    (tmp_path / "etc").write_text("no directory")
    monkeypatch.setattr(auth._vosal, "REPL_SECRET_FILE", str(tmp_path / "etc/s"), raising=False)
    monkeypatch.setattr(auth, "_secret", None)
    with serve(mode="auth").connect() as client:
        assert b"no secret" in client.rest()


def test_slow_logins_end(serve, secret):
    server = serve(mode="auth", login_timeout=0.2)
    with server.connect() as client:
        client.expect("response: ")
        for _ in range(100):  # a byte now and then does not keep it alive
            try:
                client.send(b"0")
            except OSError:
                break
            time.sleep(0.1)
            if not server.server.clients:
                break
        client.rest()
    server.wait_empty()


def test_logins_do_not_shut_others_out(serve, secret):
    """Clients that stay at the login take no more than their share."""
    server = serve(mode="auth", logins=3)
    waiting = [server.connect() for _ in range(3)]
    for client in waiting:
        client.expect("response: ")
    with server.connect() as client:
        assert b"too many are logging in" in client.rest()
    waiting.pop().close()
    deadline = time.monotonic() + TIMEOUT
    while len(server.server.clients) > 2:
        assert time.monotonic() < deadline
    with server.connect() as client:
        answer(client)
        client.expect(">>> ")
    for client in waiting:
        client.close()


# --- TLS -----------------------------------------------------------------------------------


@pytest.fixture
def certificate(monkeypatch, tmp_path, secret):
    """A machine with a certificate in its /flash."""
    directory = tmp_path / "flash" / "etc"
    directory.mkdir(parents=True)
    monkeypatch.setattr(auth._vosal, "REPL_SECRET_FILE", str(directory / "secret"), raising=False)
    monkeypatch.setattr(secure, "_context", None)
    done = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        + ["-nodes", "-days", "2", "-subj", "/CN=zpy"]
        + ["-keyout", str(directory / "key"), "-out", str(directory / "crt")],
        capture_output=True,
    )
    if done.returncode:
        pytest.skip("no openssl to make a certificate with")
    (directory / "repl.pem").write_text(
        (directory / "crt").read_text() + (directory / "key").read_text()
    )


def test_tls(serve, certificate):
    """What zpy repl does: keys, login with the certificate's fingerprint, a session."""
    server = serve(mode="tls", trusted={"127.0.0.1"})
    with repl.connect("127.0.0.1", server.server.port, tls=True) as (connection, channel):
        assert len(channel) == 64
        rest = repl.login(connection, channel, "there", SECRET)
        connection.sendall(b"6 * 7\n" + b"len('%s')\n" % (b"x" * 50_000))
        while b"50000\n" not in rest:
            data = connection.recv(65536)
            assert data, rest
            rest += data
        assert b"42\n" in rest
        connection.sendall(b"spin\n")
        connection.sendall(b"\x03")
        while b"interrupted" not in rest:
            rest += connection.recv(65536)


def test_tls_in_the_middle(serve, certificate):
    """Who ends the encryption and passes all on has another certificate: the answer is wrong."""
    server = serve(mode="tls")
    with repl.connect("127.0.0.1", server.server.port, tls=True) as (connection, channel):
        with pytest.raises(ZpyError, match="not its secret"):
            repl.login(connection, "00" * 32, "there", SECRET)


def test_no_tls(serve, certificate):
    """Plain clients, garbage and silence where TLS is wanted."""
    server = serve(mode="tls", login_timeout=0.5)
    for data in (b"1+1\n", b"\x16\x03\x01" + bytes(100), random.Random(3).randbytes(5000)):
        with server.connect() as client:
            client.send(data)
            client.rest()
    with server.connect() as client:
        client.rest()  # until the time for the login has passed
    server.logged("no TLS")
    with repl.connect("127.0.0.1", server.server.port, tls=True) as (connection, channel):
        repl.login(connection, channel, "there", SECRET)


# --- limits and bad clients ----------------------------------------------------------------


def test_limit_of_sessions(serve):
    server = serve(sessions=3)
    clients = [server.connect() for _ in range(3)]
    for client in clients:
        client.expect(">>> ")
    with server.connect() as client:
        assert client.rest() == b"refused: there are 3 sessions already\r\n"
    clients.pop().close()
    deadline = time.monotonic() + TIMEOUT
    while len(server.server.clients) == 3:
        assert time.monotonic() < deadline
    server.calculate()
    for client in clients:
        client.close()


def test_idle_sessions_end(serve):
    server = serve(idle_timeout=0.3)
    with server.connect() as client:
        assert b"closed: nothing was typed" in client.rest()
    server.logged("idle for")


def test_code_that_runs_is_not_idle(serve):
    server = serve(idle_timeout=0.2)
    with server.connect() as client:
        client.send("__import__('time').sleep(0.6) or 'done'\n")
        client.expect("done")


def test_endless_line(serve):
    """100 MB without an end of line: refused early, and nobody else notices."""
    server = serve()
    block = b"x" * 65536
    with server.connect() as client:
        sent = 0
        with pytest.raises(OSError):
            while sent < 100 << 20:
                client.socket.sendall(block)
                sent += len(block)
        assert sent < 20 << 20  # what the buffers of the host hold
    server.logged("a line of more than")
    server.calculate()


def test_endless_line_while_code_runs(serve):
    """What comes while nobody reads is left to the sender."""
    server = serve()
    with server.connect() as client:
        client.send("spin\n")
        client.socket.settimeout(1)
        block = b"x" * 65536
        with pytest.raises(OSError):
            for _ in range(1600):
                client.socket.sendall(block)
        (busy,) = server.server.clients
        assert len(busy.connection._input) <= 64 * 1024 + 4096
    server.calculate()


def test_client_that_never_reads(serve):
    server = serve(write_timeout=0.3)
    with server.connect(receive_buffer=4096) as client:
        client.send("flood\n")
        server.logged("took nothing for 0.3 s")
        server.calculate()
    server.wait_empty()


def test_reset(serve):
    server = serve()
    client = server.connect()
    client.expect(">>> ")
    client.reset()
    server.wait_empty()
    server.calculate()


def test_client_that_goes_while_code_runs(serve):
    server = serve(linger=0.3)
    with server.connect() as client:
        client.send("spin\n")
        # Closing could be a reset, if something has come that was not read.
        client.socket.shutdown(socket.SHUT_WR)
        server.logged("the client has gone")
    server.wait_empty()


def test_reset_while_code_runs(serve):
    server = serve()
    client = server.connect()
    client.send("spin\n")
    client.reset()
    server.logged("reset")
    server.wait_empty()


def test_stop_ends_all(serve):
    server = serve()
    clients = [server.connect() for _ in range(5)]
    for number, client in enumerate(clients):
        client.expect(">>> ")
        if number % 2:
            client.send("spin\n")
    server.server.close()
    for client in clients:
        client.rest()
    assert not server.server.clients
    with pytest.raises(OSError):
        server.connect()


def test_thousand_quick_connects(serve):
    server = serve()
    before = threading.active_count()
    for _ in range(1000):
        socket.create_connection(("127.0.0.1", server.server.port)).close()
        time.sleep(0.0005)  # client and server share one interpreter
    server.calculate()
    server.wait_empty()
    assert threading.active_count() <= before
    assert len(server.lines) < 100  # and the log does not drown


def test_port_in_use(serve):
    server = serve()
    with pytest.raises(OSError):
        serve(port=server.server.port)


def test_configuration_is_checked():
    config = Config()
    config.mode = "open"
    with pytest.raises(ValueError, match="off, plain, auth, tls"):
        config.check()


# --- fuzz ----------------------------------------------------------------------------------

MESSAGES = (
    b"1+1\n",
    b"1+1\r\n",
    b"\xff\xfd\x01\xff\xfd\x03\xff\xfb\x1f\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0",
    b"\xff\xfa\x18\x00XTERM\xff\xf0",
    b"\x1b[A\x1b[B\x1b[200~paste\x1b[201~\r",
    b"\x03\x04\x12abc\x07\x7f\x08\t\t\r",
    "caf\u00e9 \u65e5\u672c \U0001f600\n".encode(),
    b"\xff\xf4\xff\xf2",
    b"0" * 300 + b"\n",
)


def mutated(source):
    """A message with some bytes changed, inserted, removed or repeated."""
    data = bytearray(source.choice(MESSAGES))
    for _ in range(source.randrange(6)):
        at = source.randrange(len(data) + 1)
        kind = source.randrange(4)
        if kind == 0 and at < len(data):
            data[at] = source.randrange(256)
        elif kind == 1:
            data[at:at] = bytes([source.choice((255, 250, 240, 27, 3, 13, 10, 0))])
        elif kind == 2:
            del data[at : at + source.randrange(4)]
        else:
            data[at:at] = data[: source.randrange(20)]
    return bytes(data)


def test_fuzz(serve, monkeypatch):
    """100 000 random and mutated messages: every line is refused by the calculator or computed."""
    monkeypatch.setattr(
        "builtins.eval", lambda line: "".join(char for char in line if char.isalnum())[:20]
    )
    server = serve()
    source = random.Random(2026)
    total = 0
    while total < 100_000:
        with server.connect() as client:
            client.socket.settimeout(0.5)
            for _ in range(source.randrange(1, 4000)):
                total += 1
                data = (
                    source.randbytes(source.randrange(40))
                    if source.random() < 0.3
                    else mutated(source)
                )
                try:
                    client.socket.send(data)
                    client.socket.setblocking(False)
                    client.socket.recv(65536)
                except BlockingIOError:
                    pass
                except OSError:
                    break  # Ctrl-D, for one, ends the session
                finally:
                    client.socket.settimeout(0.5)
    server.wait_empty()
    monkeypatch.undo()
    server.calculate()
    assert not [line for line in server.lines if "ERROR" in line]
