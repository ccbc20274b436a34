# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""`zpy repl`: this terminal at a machine's prompt, over TCP."""

import contextlib
import getpass
import hashlib
import hmac
import os
import re
import secrets
import select
import signal
import socket
import ssl
import struct
import sys
from dataclasses import dataclass

from zpy import boards, launch
from zpy.console import Keys, raw_terminal, write_all
from zpy.errors import UsageError, ZpyError

FORWARDS = {
    **{name: pairs[0][0] for name, pairs in launch.FORWARDS.items()},
    "native_sim/native/64": launch.NATIVE_PROMPT_PORT,
}
GUEST_PORT = 5000  # where a machine listens that has an address of its own
TIMEOUT = 15.0  # seconds for the machine to answer
SECRET = "ZPY_SECRET"
HELP = (
    b"\r\nCtrl-A X    leave\r\nCtrl-A A    send Ctrl-A to the machine\r\nCtrl-A H    this help\r\n"
)
CHALLENGE = re.compile(rb"challenge ([0-9a-f]{64})\r?\n")
PROOF = re.compile(rb"proof ([0-9a-f]{64})\r?\n")

IAC, DONT, DO, WONT, WILL, SB, SE = 255, 254, 253, 252, 251, 250, 240
ECHO, SGA, TTYPE, NAWS = 1, 3, 24, 31


@dataclass
class Options:
    """What the command line of `repl` says."""

    host: str = "127.0.0.1"  # where QEMU forwards; a name would need a resolver
    port: int | None = None
    board: str | None = None
    secret_file: str | None = None
    tls: bool = False


class Telnet:
    """The client's half of the protocol: answers in `replies`, feed() returns the output."""

    def __init__(self):
        self.replies = bytearray()
        self._pending = b""

    def hello(self):
        """Makes this end a terminal whose keys go one by one."""
        return bytes((IAC, DO, ECHO, IAC, DO, SGA, IAC, WILL, NAWS)) + self.size()

    @staticmethod
    def size():
        """The size of the window as a message."""
        try:
            columns, rows = os.get_terminal_size(0)
        except OSError:
            columns, rows = 80, 24
        body = struct.pack(">HH", columns, rows).replace(b"\xff", b"\xff\xff")
        return bytes((IAC, SB, NAWS)) + body + bytes((IAC, SE))

    def feed(self, data):
        """Takes what the machine sends; returns what is to be shown."""
        data = self._pending + data
        shown = bytearray()
        at = 0
        while at < len(data):
            found = data.find(IAC, at)
            if found < 0:
                shown += data[at:]
                at = len(data)
                break
            shown += data[at:found]
            at = found
            length = self._message(data[at : at + 600])
            if not length:
                break
            if data[at : at + length] == b"\xff\xff":
                shown.append(IAC)
            at += length
        self._pending = data[at:]
        return bytes(shown)

    def _message(self, data):
        """The length of the message that data begins with; 0 if it is not whole yet."""
        if len(data) < 2:
            return 0
        command = data[1]
        if command == SB:
            end = data.find(bytes((IAC, SE)))
            if end < 0:
                return 0 if len(data) < 600 else 2  # absurd: drop its head, show the rest
            if data[2:4] == bytes((TTYPE, 1)):
                kind = os.environ.get("TERM", "unknown").encode("ascii", "replace")[:40]
                self.replies += bytes((IAC, SB, TTYPE, 0)) + kind + bytes((IAC, SE))
            return end + 2
        if command not in (DO, DONT, WILL, WONT):
            return 2
        if len(data) < 3:
            return 0
        option = data[2]
        if command == DO and option == TTYPE:
            self.replies += bytes((IAC, WILL, TTYPE))
        elif command == DO and option not in (NAWS, SGA):
            self.replies += bytes((IAC, WONT, option))
        elif command == WILL and option not in (ECHO, SGA):
            self.replies += bytes((IAC, DONT, option))
        return 3


def run(options):
    """Run the command; return the exit status."""
    host, port = address(options)
    secret = read_secret_file(options.secret_file)
    with connect(host, port, options.tls) as (connection, channel):
        first = login(connection, channel, f"{host}:{port}", secret)
        if not (os.isatty(0) and os.isatty(1)):
            return pump(connection, first)
        return converse(connection, first)


def address(options):
    """The (host, port) that is meant."""
    if options.port is not None:
        return options.host, options.port
    if options.board:
        name = boards.get(options.board).name
        if name not in FORWARDS:
            raise UsageError(f"{name} has no port that ./zpy run forwards; say which with --port")
        return options.host, FORWARDS[name]
    local = options.host in ("localhost", "127.0.0.1", "::1")
    return options.host, FORWARDS["qemu_x86_64"] if local else GUEST_PORT


def read_secret_file(path):
    """The secret in a file, or in the environment; None if neither is named."""
    if path is None:
        return os.environ.get(SECRET) or None
    try:
        with open(path, encoding="utf-8") as file:
            text = file.readline().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    if not text:
        raise UsageError(f"{path}: its first line is empty; the secret belongs there")
    return text


@contextlib.contextmanager
def connect(host, port, tls=False):
    """A connection and what names it: the SHA-256 of the server's certificate, or ""."""
    try:
        connection = socket.create_connection((host, port), TIMEOUT)
    except socket.gaierror as error:
        raise ZpyError(f"{host}: {error.strerror}") from None
    except ConnectionRefusedError:
        raise ZpyError(
            f"nothing listens on {host}:{port}. Is a machine running? "
            "./zpy run --detach starts one"
        ) from None
    except OSError as error:
        raise ZpyError(f"{host}:{port}: {error.strerror or error}") from None
    with contextlib.ExitStack() as stack:
        stack.callback(connection.close)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        channel = ""
        if tls:
            # The machine made its certificate itself. That it is the right one is shown by the
            # login, which both sides compute with the certificate that they see.
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            try:
                connection = context.wrap_socket(connection, server_hostname=host)
            except (OSError, ssl.SSLError) as error:
                raise ZpyError(
                    f"{host}:{port}: no TLS ({error}). Is the machine's REPL set to tls? "
                    "Without --tls the connection is not encrypted"
                ) from None
            stack.callback(connection.close)
            channel = hashlib.sha256(connection.getpeercert(binary_form=True)).hexdigest()
        yield connection, channel


class Greeting:
    """What the machine sends before the prompt is somebody's, read up to a line or a prompt."""

    def __init__(self, connection, where):
        self.connection = connection
        self.where = where
        self.data = b""

    def more(self):
        """Reads a piece; False at the end."""
        try:
            piece = self.connection.recv(4096)
        except TimeoutError:
            raise ZpyError(
                f"{self.where} says nothing. Is it a ZPy machine (with TLS: --tls)?"
            ) from None
        except OSError as error:
            raise ZpyError(f"{self.where}: {error.strerror or error}") from None
        self.data += piece
        return bool(piece) and len(self.data) < 65536

    def line(self):
        """The first line (or a prompt without an end) without taking it away."""
        while b"\n" not in self.data and not self.data.endswith((b">>> ", b"$ ")):
            if not self.more():
                break
        return self.data.partition(b"\n")[0]


def login(connection, channel, where, secret=None):
    """Answer the machine's challenge, if it has one; return what it said of its session."""
    connection.settimeout(TIMEOUT)
    greeting = Greeting(connection, where)
    first = greeting.line()
    if first.startswith((b"refused:", b"too many wrong", b"This machine has no secret")):
        raise ZpyError(f"{where}: {first.decode('utf-8', 'replace').strip()}")
    if not first:
        raise ZpyError(f"{where} closed the connection")
    if not first.startswith(b"This machine wants"):
        if channel:
            raise ZpyError(f"{where} does not show that it is the machine that you mean")
        return greeting.data
    while not (found := CHALLENGE.search(greeting.data)):
        if not greeting.more():
            raise ZpyError(f"{where} wants a login that this zpy does not know")
    challenge = found[1].decode()
    if secret is None:
        secret = ask_secret(where)
    nonce = secrets.token_hex(16)
    answer = mac(secret, challenge, channel)
    connection.sendall(f"{answer} {nonce}\n".encode())
    greeting.data = b""
    while not (found := PROOF.search(greeting.data)):
        if b"wrong answer" in greeting.data:
            raise ZpyError(f"{where}: that is not its secret")
        if b"too many wrong" in greeting.data:
            at = greeting.data.index(b"too many wrong")
            raise ZpyError(f"{where}: {greeting.data[at:].decode('utf-8', 'replace').strip()}")
        if not greeting.more():
            raise ZpyError(f"{where} closed the connection at the login")
    proof = mac(secret, "server", nonce, challenge, channel)
    if not hmac.compare_digest(found[1].decode(), proof):
        raise ZpyError(f"{where} does not know the secret: it is not the machine that you mean")
    return greeting.data[found.end() :]


def mac(secret, *parts):
    """See kernel/net/auth.py."""
    message = ":".join(part for part in parts if part)
    return hmac.new(secret.encode(), message.encode(), "sha256").hexdigest()


def ask_secret(where):
    """Ask the person at the terminal."""
    try:
        return getpass.getpass(f"secret of {where}: ").strip()
    except (EOFError, OSError):
        raise ZpyError(
            f"{where} wants a secret: --secret-file FILE, or {SECRET} in the environment"
        ) from None


def converse(connection, first):
    """Be the machine's terminal until one side ends it; return the exit status."""
    keys = Keys(lambda text: write_all(HELP))
    telnet = Telnet()
    connection.settimeout(None)
    resized = []
    previous = signal.signal(signal.SIGWINCH, lambda *_: resized.append(1))
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    wake_before = signal.set_wakeup_fd(wake)
    ended = False
    try:
        with raw_terminal(0):
            write_all(telnet.feed(first).replace(b"\n", b"\r\n").replace(b"\r\r", b"\r"))
            connection.sendall(telnet.hello())
            while not keys.leave and not ended:
                ready = wait(connection, [0, woken])
                if woken in ready:
                    os.read(woken, 64)
                if resized:
                    resized.clear()
                    connection.sendall(telnet.size())
                if connection in ready:
                    data = connection.recv(65536)
                    ended = not data
                    write_all(telnet.feed(data))
                    if telnet.replies:
                        connection.sendall(bytes(telnet.replies))
                        telnet.replies.clear()
                if 0 in ready:
                    typed = os.read(0, 4096)
                    if not typed:
                        break
                    connection.sendall(keys.feed(typed).replace(b"\xff", b"\xff\xff"))
    except OSError as error:
        raise ZpyError(f"the connection is lost: {error.strerror or error}") from None
    finally:
        signal.set_wakeup_fd(wake_before)
        signal.signal(signal.SIGWINCH, previous)
        os.close(woken)
        os.close(wake)
        # What the machine has asked of the terminal ends with it.
        write_all(b"\x1b[?2004l")
    print()
    return 0


def wait(connection, others):
    """The ones of these that can be read."""
    if getattr(connection, "pending", lambda: 0)():
        return [connection]
    return select.select([connection, *others], [], [])[0]


def pump(connection, first):
    """Standard input to the machine, its output to standard output, until it ends."""
    connection.settimeout(None)
    write_all(first)
    watch = [0]
    while True:
        ready = wait(connection, watch)
        if 0 in ready:
            data = os.read(0, 65536)
            if data:
                connection.sendall(data)
            else:
                watch = []
                end_of_input(connection)
        if connection in ready:
            try:
                data = connection.recv(65536)
            except OSError as error:
                raise ZpyError(f"the connection is lost: {error.strerror or error}") from None
            if not data:
                sys.stdout.flush()
                return 0
            write_all(data)


def end_of_input(connection):
    """Tell the machine that nothing comes any more, and go on to listen."""
    if isinstance(connection, ssl.SSLSocket):
        # TLS has no half of an end here: Ctrl-D alone on a line ends a session.
        connection.sendall(b"\n\x04")
        return
    connection.shutdown(socket.SHUT_WR)
