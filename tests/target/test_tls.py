# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""TLS between this machine and the board's: certificates of a CA of the test's own, the prompt."""

import asyncio
import http.server
import os
import ssl
import subprocess
import sys
import threading

import pytest

from promptclient import Client
from zpy import launch
from zpy.paths import ROOT

LONG = 120.0
LARGE = 300_000
SECRET = "correct-horse-battery"

# What the board is asked to do; HOST and PORT come before it. It prints "done" at its end.
CLIENT = """
import asyncio, http.client, ssl, sys, time, urllib.error, urllib.request
import kernel.net
if sys.argv[1] != "127.0.0.1":
    assert kernel.net.network.wait(60), kernel.net.network
HOST, HTTPS, ECHO = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
CA = {"cafile": sys.path[0] + "/ca.pem"}
if sys.argv[5] == "sim":
    CA = {"cadata": open(CA["cafile"]).read()}  # the host's OpenSSL sees the host's files alone
if time.time() < float(sys.argv[4]):
    time.clock_settime(time.CLOCK_REALTIME, float(sys.argv[4]))

context = ssl.create_default_context(**CA)
with urllib.request.urlopen(f"https://{HOST}:{HTTPS}/large", context=context, timeout=60) as got:
    body = got.read()
    assert got.status == 200 and body == b"large" * (LARGE // 5), len(body)

connection = http.client.HTTPSConnection(HOST, HTTPS, context=context, timeout=60)
for number in range(2):  # on one connection
    connection.request("POST", "/echo", b"posted" * 1000)
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"posted" * 1000)
connection.close()

try:  # nobody has signed it whom the machine trusts
    urllib.request.urlopen(f"https://{HOST}:{HTTPS}/", timeout=60)
except urllib.error.URLError as error:
    assert isinstance(error.reason, ssl.SSLCertVerificationError), error
else:
    raise AssertionError("an unknown CA was believed")

async def streams():
    reader, writer = await asyncio.open_connection(HOST, ECHO, ssl=context)
    assert writer.get_extra_info("peercert")["subject"], "no certificate"
    async def send():
        writer.write(bytes(range(256)) * 400)
        await writer.drain()
    async with asyncio.TaskGroup() as group:
        group.create_task(send())
        echo = await reader.readexactly(256 * 400)
    assert echo == bytes(range(256)) * 400
    writer.close()
    await writer.wait_closed()
    try:  # the certificate is somebody else's
        await asyncio.open_connection(HOST, ECHO, ssl=context, server_hostname="wrong.test")
    except ssl.SSLCertVerificationError as error:
        assert "wrong.test" in str(error), error
    else:
        raise AssertionError("a certificate of another name was believed")
    try:  # what answers there is no TLS
        async with asyncio.timeout(60):
            say = lambda r, w: w.write(b"HTTP/1.0 200 OK\\r\\n\\r\\n")
            plain = await asyncio.start_server(say, "127.0.0.1", 0)
            await asyncio.open_connection(*plain.sockets[0].getsockname(), ssl=context)
    except (ssl.SSLError, ConnectionError):
        plain.close()
    else:
        raise AssertionError("TLS without TLS")
asyncio.run(streams())
print("done")
""".replace("LARGE", str(LARGE))

# Between two tasks of the board: keys that both know, and a certificate that it signs itself.
ON_THE_BOARD = """
import asyncio, ssl, sys, threading, socket
import _tls

def context(side, **identity):
    made = ssl.SSLContext(side)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    if side == ssl.PROTOCOL_TLS_SERVER:
        made.set_psk_server_callback(lambda name: KEYS.get(name), "ask for zpy")
    else:
        made.set_psk_client_callback(lambda hint: ("zpy", identity["key"]))
    names = [each["name"] for each in made.get_ciphers()]
    made.set_ciphers(":".join(name for name in names if "PSK" in name))
    return made

KEYS = {"zpy": b"a key of 16 byte"}

def psk(key):
    listener = socket.create_server(("127.0.0.1", 0))
    def serve():
        raw, _ = listener.accept()
        try:
            with context(ssl.PROTOCOL_TLS_SERVER).wrap_socket(raw, server_side=True) as sock:
                sock.sendall(sock.recv(100).upper())
        except (ssl.SSLError, OSError) as error:
            print("server:", type(error).__name__)
            raw.close()
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with socket.create_connection(listener.getsockname(), 60) as raw:
            with context(ssl.PROTOCOL_TLS_CLIENT, key=key).wrap_socket(raw) as sock:
                sock.sendall(b"secret")
                return sock.cipher()[0], sock.recv(100)
    finally:
        thread.join()
        listener.close()

name, answer = psk(KEYS["zpy"])
assert "PSK" in name and answer == b"SECRET", (name, answer)
try:
    psk(b"not the key")
except (ssl.SSLError, ConnectionError) as error:
    print("client:", type(error).__name__)
else:
    raise AssertionError("a wrong key was taken")
print("done")
"""


def openssl(*words, directory):
    try:
        done = subprocess.run(
            ["openssl", *words], cwd=directory, capture_output=True, text=True, timeout=60
        )
    except FileNotFoundError:
        pytest.skip("no openssl to make certificates with")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A directory with ca.pem, and server.pem that it has signed for HOST and host.test."""
    home = tmp_path_factory.mktemp("ca")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl(
        *["req", "-x509", *curve, "-days", "30", "-subj", "/CN=A CA of the tests"],
        *["-keyout", "ca.key", "-out", "ca.pem"],
        directory=home,
    )
    (home / "names").write_text("subjectAltName=DNS:host.test,IP:10.0.2.2,IP:127.0.0.1\n")
    openssl(
        *["req", *curve, "-subj", "/CN=host.test", "-keyout", "server.key", "-out", "server.csr"],
        directory=home,
    )
    openssl(
        *["x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "29"],
        *["-CAcreateserial", "-extfile", "names", "-out", "server.crt"],
        directory=home,
    )
    (home / "server.pem").write_text(
        (home / "server.crt").read_text() + (home / "server.key").read_text()
    )
    return home


class Pages(http.server.BaseHTTPRequestHandler):
    """Serves /large, and gives back what is posted."""

    protocol_version = "HTTP/1.1"

    def _answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self._answer(b"large" * (LARGE // 5))

    def do_POST(self):
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def servers(authority):
    """(port of an HTTPS server, port of an echo over TLS) on this machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "server.pem")
    pages = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    pages.daemon_threads = True
    pages.socket = context.wrap_socket(pages.socket, True, do_handshake_on_connect=False)
    threading.Thread(target=pages.serve_forever, daemon=True).start()

    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()

    async def echo(reader, writer):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    started = asyncio.run_coroutine_threadsafe(
        asyncio.start_server(echo, "127.0.0.1", 0, ssl=context), loop
    )
    server = started.result(LONG)
    yield pages.server_port, server.sockets[0].getsockname()[1]
    pages.shutdown()
    pages.server_close()
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)


def host(board):
    """This machine, as the board sees it."""
    return "10.0.2.2" if board.kind == "qemu" else "127.0.0.1"


@pytest.mark.usefixtures("network")
def test_clients(run, board, authority, servers):
    """urllib, http.client and asyncio's streams, against servers with a CA of the test's own."""
    now = (authority / "server.crt").stat().st_mtime
    argv = ("tls.py", host(board), *map(str, servers), str(now), board.kind)
    files = {"ca.pem": (authority / "ca.pem").read_bytes()}
    status, out, err = run(CLIENT, argv=argv, filename="tls.py", files=files, timeout=LONG)
    assert (status, out) == (0, b"done\n"), (out + err).decode()


@pytest.mark.usefixtures("network")
def test_psk(run, board):
    """Keys that both sides know, and one that is wrong."""
    if board.kind == "sim":
        pytest.skip("sim has the ssl module of this machine's Python")
    status, out, err = run(ON_THE_BOARD, argv=("psk.py",), filename="psk.py", timeout=LONG)
    assert status == 0, (out + err).decode()
    assert out.splitlines()[-1] == b"done", out


FAREWELL = """
import gc, ssl, weakref
import _tls

with open("/tmp/farewell.pem", "w") as file:
    file.write("".join(_tls.make_certificate("zpy", "20200101000000", "20991231235959")))
server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server.load_cert_chain("/tmp/farewell.pem")
client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
client.check_hostname = False
client.verify_mode = ssl.CERT_NONE

to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
near = client.wrap_bio(to_client, to_server)
far = server.wrap_bio(to_server, to_client, server_side=True)

def attempt(call, *args):
    try:
        return call(*args)
    except ssl.SSLWantReadError:
        return "wait"

ends = [near, far]
while "wait" in [attempt(end.do_handshake) for end in ends]:
    pass
block = bytes(range(256)) * 1000  # many records, which come at once and in small pieces
for piece in (len(block), 1000):
    near.write(block)
    sent, got = to_server.read(), b""
    for at in range(0, len(sent), piece):
        to_server.write(sent[at : at + piece])
        while (data := attempt(far.read, 65536)) != "wait":
            got += data
    assert got == block, len(got)

near.write(b"on its way")
far.write(b"last")
try:
    far.unwrap()
except ssl.SSLError as error:
    assert error.reason == "APPLICATION_DATA_AFTER_CLOSE_NOTIFY", error
else:
    raise AssertionError("what was on its way is lost")
assert (far.pending(), far.read(3), far.pending()) == (10, b"on ", 7)
assert far.read(100) == b"its way"
assert attempt(far.unwrap) == "wait"  # the other side has not answered yet
assert near.read(100) == b"last"
assert [near.read(100) for _ in range(3)] == [b""] * 3
near.unwrap()  # the other side has said its farewell: nothing to wait for
far.unwrap()
for end in (near, far):
    try:
        end.read(100)
    except ssl.SSLZeroReturnError:
        continue
    raise AssertionError("the end of a connection that both sides have closed")
del end

gc.disable()
gone = weakref.ref(client)
del client, near, ends
assert gone() is None, "the context outlives its connection"
print("done")
"""


def test_farewell(run, board, build_dir):
    """The end of a connection that the other side has closed, and nothing that is left of it."""
    if board.kind == "sim":
        pytest.skip("sim has the ssl module of this machine's Python")
    if "CONFIG_ZPY_TLS=y" not in (build_dir / "zephyr" / ".config").read_text().splitlines():
        pytest.skip("the image is configured without TLS")
    status, out, err = run(FAREWELL, argv=("farewell.py",), filename="farewell.py", timeout=LONG)
    assert status == 0, (out + err).decode()
    assert out.splitlines()[-1] == b"done", out


def zpy_repl(port, secret, *more):
    return subprocess.run(
        [sys.executable, str(ROOT / "zpy"), "repl", "--port", str(port), *more],
        input=b"6 * 7\n",
        capture_output=True,
        timeout=LONG,
        env={**os.environ, "ZPY_SECRET": secret},
    )


@pytest.mark.usefixtures("network")
def test_prompt(boot, board):
    """The prompt over TLS: the secret opens it, another does not, nor does a plain client."""
    if board.kind == "sim":
        pytest.skip("sim has no _tls, which makes the machine's certificate")
    port = launch.free_port()
    inside = 5000 if board.kind == "qemu" else port  # else its sockets are those of this machine
    console = boot(forwards=((port, inside),))
    console.expect(">>> ", 240)
    console.send("from kernel.net import network, repl_server\r")
    if board.kind == "qemu":
        console.send("print('net', network.wait(60))\r")
        console.expect("net True", LONG)
    console.send(f"repl_server.config.port = {inside}\r")
    console.send(f"_ = kernel.net.auth.set_secret({SECRET!r})\r")
    console.send("repl_server.config.mode = 'tls'; repl_server.start()\r")
    console.expect(f"TCP port {inside} (tls)", LONG)
    done = zpy_repl(port, SECRET, "--tls")
    assert done.returncode == 0 and b"42\n" in done.stdout, done
    done = zpy_repl(port, "guess-horse-battery", "--tls")
    assert done.returncode == 1 and b"not its secret" in done.stderr, done
    with Client(port) as client:
        client.send("6 * 7\n")
        assert b"42" not in client.rest()
    console.send("print(*[l for l in kernel.log.lines() if 'audit' in l], sep='\\n')\r")
    console.expect("let in", LONG)
    console.expect("wrong answer", LONG)
