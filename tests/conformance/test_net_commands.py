# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The commands of the network, and its examples, over the machine's loopback."""

import contextlib
import io
import os
import shutil
import socket
import tempfile
import threading
import time
import unittest

try:
    import _vosal

    import kernel
    from kernel import shell, streams
except ImportError:
    shell = None

EXAMPLES = "/examples"
TIMEOUT = 60


def setUpModule():
    """Without the kernel there are no commands, and without a network these do nothing."""
    global EXAMPLES
    if shell is None:
        raise unittest.SkipTest("not on a ZPy machine")
    if not os.path.isfile("/bin/ls.py"):
        # The machine has no /bin of its own.
        sources = os.path.dirname(os.path.dirname(kernel.__file__))
        EXAMPLES = os.path.join(sources, "examples")
        shell.PATH[:] = [os.path.join(sources, "bin")]
    try:
        free_port()
    except OSError as error:
        raise unittest.SkipTest(f"no network: {error}") from None


def tearDownModule():
    """The machine as before."""
    if shell is not None:
        shell.PATH[:] = ["/bin"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Job:
    """A command line that runs in a thread of its own."""

    def __init__(self, line):
        self.out, self.err = io.StringIO(), io.StringIO()
        self.status = None
        self._line = line
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        token = streams.current.set(streams.Streams(io.StringIO(), self.out, self.err))
        try:
            self.status = int(shell.sh(self._line))
        finally:
            streams.current.reset(token)

    def says(self, text):
        """Waits until it has printed a text."""
        deadline = time.monotonic() + TIMEOUT
        while text not in self.out.getvalue():
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise AssertionError(f"{self.out.getvalue()!r}, {self.err.getvalue()!r}")
            time.sleep(0.01)

    def end(self):
        """Waits for its end; returns (status, stdout, stderr)."""
        self._thread.join(TIMEOUT)
        if self._thread.is_alive():
            raise AssertionError(f"{self._line} goes on: {self.out.getvalue()!r}")
        return self.status, self.out.getvalue(), self.err.getvalue()


def run(line):
    return Job(line).end()


@contextlib.contextmanager
def server(serve):
    """A server on the loopback that gives one connection to serve(): its port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(4)
        listener.settimeout(TIMEOUT)

        def accept():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(TIMEOUT)
                serve(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(TIMEOUT)


def read_request(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(4096)
        if not more:
            break
        data += more
    return data


class Case(unittest.TestCase):
    """A directory of its own."""

    def setUp(self):
        self.home = os.getcwd()
        self.directory = os.path.realpath(tempfile.mkdtemp())
        os.chdir(self.directory)

    def tearDown(self):
        os.chdir(self.home)
        shutil.rmtree(self.directory)

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()


class Usage(Case):
    def test_help_and_wrong_usage(self):
        for name in (
            *("ftp", "nc", "nslookup", "passwd", "wall", "wget", "httpd", "who"),
            *("ifconfig", "netstat", "ping"),
        ):
            with self.subTest(name):
                status, out, err = run(f"{name} -h")
                self.assertEqual((status, err), (0, ""))
                self.assertIn(f"usage: {name}", out)
                status, out, err = run(f"{name} --no-such-option")
                self.assertEqual((status, out), (2, ""))
                self.assertTrue(err.startswith(f"{name}: "), err)

    def test_bad_operands(self):
        for line, complaint in (
            ("ftp", "missing operand"),
            ("ftp get", "missing operand"),
            ("ftp take x", "get or put"),
            ("ftp get x 99999", "invalid port"),
            ("ftp put x localhost y", "invalid port"),
            ("nc localhost", "missing operand"),
            ("nc localhost 0", "invalid port"),
            ("nc -l", "missing operand"),
            ("httpd -p 70000", "invalid port"),
            ("wget", "missing operand"),
            ("wget -O x http://a http://b", "for one URL"),
        ):
            with self.subTest(line):
                status, out, err = run(line)
                self.assertEqual((status, out), (2, ""), err)
                self.assertIn(complaint, err)


class Ftp(Case):
    def test_get(self):
        port = free_port()
        data = os.urandom(100_000)
        job = Job(f"ftp get {self.path('in')} {port}")
        job.says("waiting for a connection")
        with socket.create_connection(("127.0.0.1", port), TIMEOUT) as client:
            client.sendall(data)
        status, out, err = job.end()
        self.assertEqual((status, err), (0, ""))
        self.assertIn("100000 bytes from 127.0.0.1", out)
        self.assertEqual(self.read("in"), data)
        self.assertEqual(os.listdir(self.directory), ["in"])

    def test_put(self):
        data = os.urandom(100_000)
        got = []

        def serve(connection):
            while block := connection.recv(65536):
                got.append(block)

        with server(serve) as port:
            status, out, err = run(f"ftp put {self.write('out', data)} 127.0.0.1 {port}")
        self.assertEqual((status, err), (0, ""))
        self.assertIn("100000 bytes to 127.0.0.1", out)
        self.assertEqual(b"".join(got), data)

    def test_silence_and_reset_leave_no_file(self):
        port = free_port()
        self.write("in", b"as before")
        job = Job(f"ftp get -t 1 {self.path('in')} {port}")
        job.says("waiting for a connection")
        with socket.create_connection(("127.0.0.1", port), TIMEOUT) as client:
            client.sendall(b"half of it")
            status, out, err = job.end()
        self.assertEqual(status, 1)
        self.assertIn("silent for 1 s", err)
        self.assertEqual(self.read("in"), b"as before")
        self.assertEqual(os.listdir(self.directory), ["in"])

    def test_errors(self):
        port = free_port()
        for line, complaint in (
            (f"ftp put {self.path('none')}", "No such file or directory"),
            (f"ftp put {self.directory}", "Is a directory"),
            (f"ftp get {self.directory} {port}", "Is a directory"),
            (f"ftp get {self.path('no/where')} {port}", "No such file or directory"),
            (f"ftp put {self.write('x', b'1')} 127.0.0.1 {port}", "Connection refused"),
        ):
            with self.subTest(line):
                status, out, err = run(line)
                self.assertEqual(status, 1)
                self.assertTrue(err.startswith("ftp: ") and complaint in err, err)


class Wget(Case):
    def serve(self, answer):
        def serve(connection):
            self.request = read_request(connection)
            connection.sendall(answer)

        return server(serve)

    def test_fetch(self):
        body = os.urandom(50_000)
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\nConnection: close\r\n\r\n"
        with self.serve(head + body) as port:
            status, out, err = run(f"wget http://127.0.0.1:{port}/dir/file.bin?x=1")
        self.assertEqual((status, out), (0, ""), err)
        self.assertIn("file.bin: 50000 bytes", err)
        self.assertEqual(self.read("file.bin"), body)

    def test_to_standard_output(self):
        with self.serve(b"HTTP/1.0 200 OK\r\n\r\nhello\n") as port:
            self.assertEqual(run(f"wget -O - 127.0.0.1:{port}"), (0, "hello\n", ""))

    def test_continue(self):
        self.write("f", b"first ")
        with self.serve(
            b"HTTP/1.1 206 Partial Content\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecond"
        ) as port:
            status, _, err = run(f"wget -c -q -O f http://127.0.0.1:{port}/f")
        self.assertEqual((status, err), (0, ""))
        self.assertIn(b"Range: bytes=6-", self.request)
        self.assertEqual(self.read("f"), b"first second")

    def test_errors(self):
        for answer, code, complaint in (
            (
                b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                8,
                "404",
            ),
            (b"SSH-2.0-what\r\n", 4, "no answer of HTTP"),
            (b"", 4, "wget: http://"),
            (
                b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nshort",
                4,
                "cut off after 5 of 100",
            ),
        ):
            with self.subTest(answer):
                with self.serve(answer) as port:
                    status, out, err = run(f"wget http://127.0.0.1:{port}/f")
                self.assertEqual(status, code, err)
                self.assertIn(complaint, err)
        status, _, err = run(f"wget http://127.0.0.1:{free_port()}/")
        self.assertEqual(status, 4)
        self.assertIn("Connection refused", err)
        status, _, err = run("wget ftp://127.0.0.1/")
        self.assertEqual(status, 1)
        self.assertIn("only http and https", err)


class Httpd(Case):
    def test_directory_and_wget(self):
        self.write("page.txt", b"what is served\n" * 1000)
        port = free_port()
        thread = Job(f"httpd -q -p {port} -b 127.0.0.1 {self.directory}")
        thread.says("is served")
        status, out, err = run(f"wget -O - http://127.0.0.1:{port}/page.txt")
        self.assertEqual((status, out), (0, "what is served\n" * 1000), err)
        status, out, err = run(f"wget -O - http://127.0.0.1:{port}/../../etc/secret")
        self.assertEqual(status, 8)
        status, out, err = run(f"httpd -p {port} -b 127.0.0.1")
        self.assertEqual(status, 1)
        self.assertIn("Address already in use", err)
        _vosal.thread_interrupt(thread._thread.ident)
        with contextlib.suppress(OSError):  # a server that waits in C may need a reason to look
            socket.create_connection(("127.0.0.1", port), 1).close()
        self.assertEqual(thread.end()[0], 0)

    def test_no_directory(self):
        status, _, err = run(f"httpd {self.path('none')}")
        self.assertEqual(status, 1)
        self.assertIn("No such file or directory", err)


class Nc(Case):
    def test_from_a_pipe(self):
        got = []

        def serve(connection):
            while block := connection.recv(4096):
                got.append(block)
            connection.sendall(b"answer\n")

        with server(serve) as port:
            self.write("in", b"one\ntwo\n")
            status, out, err = run(f"nc 127.0.0.1 {port} < {self.path('in')}")
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(b"".join(got), b"one\ntwo\n")
        self.assertEqual(out, "answer\n")

    def test_listen(self):
        port = free_port()
        self.write("in", b"welcome\n")
        job = Job(f"nc -l -w 30 {port} < {self.path('in')}")
        deadline = time.monotonic() + TIMEOUT
        while True:
            try:
                client = socket.create_connection(("127.0.0.1", port), TIMEOUT)
                break
            except ConnectionRefusedError:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.02)
        with client:
            self.assertEqual(client.recv(100), b"welcome\n")
            client.sendall(b"thanks\n")
            client.shutdown(socket.SHUT_WR)
            while client.recv(100):
                pass
        self.assertEqual(job.end(), (0, "thanks\n", ""))

    def test_is_it_open(self):
        with server(lambda connection: None) as port:
            self.assertEqual(run(f"nc -z 127.0.0.1 {port}"), (0, f"127.0.0.1:{port}: open\n", ""))
        port = free_port()
        status, out, err = run(f"nc -z 127.0.0.1 {port}")
        self.assertEqual((status, out), (1, ""))
        self.assertEqual(err, f"nc: 127.0.0.1:{port}: Connection refused\n")


class Nslookup(Case):
    def test_addresses(self):
        status, out, err = run("nslookup 127.0.0.1")
        self.assertEqual((status, err), (0, ""))
        self.assertIn("Address: 127.0.0.1", out)

    def test_no_name(self):
        status, out, err = run("nslookup " + "x" * 70 + ".invalid")
        self.assertEqual((status, out), (1, ""))
        self.assertTrue(err.startswith("nslookup: xxx"))


class Interfaces(Case):
    def test_ifconfig(self):
        status, out, err = run("ifconfig")
        self.assertEqual((status, err), (0, ""))
        self.assertIn("loopback", out)
        self.assertIn("inet 127.0.0.1/", out)
        name = out.partition(":")[0]
        status, out, err = run(f"ifconfig {name}")
        self.assertEqual((status, err), (0, ""))
        self.assertTrue(out.startswith(f"{name}: "))
        for line, code, complaint in (
            ("ifconfig none0", 1, "no interface is called 'none0'"),
            (f"ifconfig {name} sideways", 2, "what is 'sideways'"),
            (f"ifconfig {name} add", 2, "needs one address"),
            (f"ifconfig {name} add not-an-address", 1, "is no IPv4 or IPv6 address"),
        ):
            with self.subTest(line):
                status, out, err = run(line)
                self.assertEqual(status, code, err)
                self.assertIn(complaint, err)

    def test_netstat(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            port = listener.getsockname()[1]
            status, out, err = run("netstat")
            self.assertEqual((status, err), (0, ""))
            self.assertRegex(out, rf"tcp +127\.0\.0\.1:{port} +\*:0 +listen")
        self.assertIn("name servers:", out)
        status, out, err = run("netstat -i")
        self.assertEqual((status, err), (0, ""))
        self.assertNotIn("PROTOCOL", out)
        status, out, err = run("netstat -s")
        self.assertIn("bytes_sent", out)

    def test_ping(self):
        status, out, err = run("ping -c 2 -i 0.05 -s 100 127.0.0.1")
        if "Permission denied" in err or "host's" in err:
            self.skipTest(err.strip())
        self.assertEqual((status, err), (0, ""))
        self.assertIn("100 bytes from 127.0.0.1: seq=1", out)
        self.assertIn("2 sent, 2 received, 0% lost", out)

    def test_ping_of_nobody(self):
        for line, code, complaint in (
            ("ping", 2, "missing operand"),
            ("ping -s 5000 127.0.0.1", 2, "too large a size"),
            ("ping -i x 127.0.0.1", 2, "invalid number of seconds"),
        ):
            with self.subTest(line):
                status, _, err = run(line)
                self.assertEqual(status, code, err)
                self.assertIn(complaint, err)
        status, _, err = run("ping -c 1 " + "x" * 70 + ".invalid")
        self.assertEqual(status, 1)
        self.assertTrue(err.startswith("ping: xxx") or "host's" in err, err)


class Passwd(Case):
    def setUp(self):
        super().setUp()
        from kernel.net import auth

        self.auth = auth
        self.kept = auth._secret, getattr(auth._vosal, "REPL_SECRET_FILE", None)
        auth._secret = None
        auth._vosal.REPL_SECRET_FILE = self.path("flash/etc/secret")
        os.mkdir(self.path("flash"))

    def tearDown(self):
        self.auth._secret, file = self.kept
        if file is None:
            del self.auth._vosal.REPL_SECRET_FILE
        else:
            self.auth._vosal.REPL_SECRET_FILE = file
        super().tearDown()

    def test_passwd(self):
        self.assertEqual(run("passwd -s")[0], 1)
        status, out, _ = run("passwd -n")
        self.assertEqual(status, 0)
        self.assertEqual(run("passwd -s"), (0, out, ""))
        self.assertEqual(self.auth.secret(), out.strip())
        self.write("new", b"from-a-file-of-mine\n")
        self.assertEqual(run(f"passwd -l < {self.path('new')}"), (0, "", ""))
        self.assertEqual(run("passwd -s"), (0, "from-a-file-of-mine\n", ""))
        self.write("new", b"short\n")
        status, _, err = run(f"passwd -l < {self.path('new')}")
        self.assertEqual((status, err), (1, "passwd: a secret has at least 12 characters\n"))


class Examples(Case):
    def example(self, line):
        status, out, err = run(f"{EXAMPLES}/{line}")
        self.assertEqual((status, err), (0, ""))
        return out

    def test_udp_echo(self):
        out = self.example("udp_echo.py")
        self.assertEqual(out, "one -> one\ntwo -> two\nthree -> three\n")

    def test_tcp_chat(self):
        out = self.example("tcp_chat.py")
        self.assertEqual(out, "".join(f"{n} heard 3 greetings\n" for n in ("ada", "bob", "eve")))

    def test_http_server(self):
        out = self.example("http_server.py")
        self.assertIn("200 /status ['board', 'heap', 'python', 'threads', 'uptime']", out)
        self.assertIn("404 /nothing", out)

    def test_mqtt_client(self):
        out = self.example("mqtt_client.py")
        self.assertEqual(out, "".join(f"zpy/demo: message {n}\n" for n in range(3)))

    def test_files(self):
        data = os.urandom(50_000)
        port = free_port()
        job = Job(f"{EXAMPLES}/recv_file.py {self.path('in')} {port}")
        job.says("waiting")
        self.write("out", data)
        status, out, err = run(f"{EXAMPLES}/send_file.py {self.path('out')} 127.0.0.1 {port}")
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(job.end()[0], 0)
        self.assertEqual(self.read("in"), data)
        status, _, err = run(f"{EXAMPLES}/recv_file.py")
        self.assertEqual(status, 1)
        self.assertIn("usage: recv_file.py", err)


if __name__ == "__main__":
    unittest.main()
