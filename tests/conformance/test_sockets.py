# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Sockets on the loopback: what programs count on, on every board."""

import asyncio
import errno
import os
import select
import selectors
import signal
import socket
import sys
import threading
import time
import unittest

LONG = 30  # seconds; only what hangs takes so long
BLOCK = bytes(range(256)) * 512  # 128 KiB

FAMILIES = [("IPv4", socket.AF_INET, "127.0.0.1")]
if socket.has_ipv6:
    FAMILIES.append(("IPv6", socket.AF_INET6, "::1"))


def setUpModule():
    try:
        socket.socket().close()
    except OSError as error:
        raise unittest.SkipTest(f"no network on this board: {error}") from None


def known(look_up, *what):
    """True, but on a host that lacks the file it stands in: /etc/services, /etc/hosts."""
    try:
        look_up(*what)
    except OSError:
        return sys.platform == "zephyr"  # there the tests are to fail
    return True


def closing_port():
    """A port of the loopback that nobody listens at."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Case(unittest.TestCase):
    """Helpers: sockets that are closed at the end, and threads that are waited for."""

    def keep(self, sock):
        self.addCleanup(sock.close)
        sock.settimeout(LONG)
        return sock

    def listener(self, family=socket.AF_INET, host="127.0.0.1"):
        sock = self.keep(socket.socket(family))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, 0))
        sock.listen()
        return sock

    def pair(self, family=socket.AF_INET, host="127.0.0.1"):
        """The two ends of a connection: who connected, who accepted."""
        listener = self.listener(family, host)
        first = self.keep(socket.create_connection(listener.getsockname()[:2], LONG))
        second, _ = listener.accept()
        return first, self.keep(second)

    def run_thread(self, function, *args):
        thread = threading.Thread(target=function, args=args)
        thread.start()
        self.addCleanup(thread.join, LONG)
        return thread


class Streams(Case):
    """TCP."""

    def test_there_and_back(self):
        for name, family, host in FAMILIES:
            with self.subTest(name):
                first, second = self.pair(family, host)
                first.sendall(b"there")
                self.assertEqual(second.recv(100), b"there")
                second.sendall(b"back")
                self.assertEqual(first.recv(100), b"back")

    def test_names(self):
        first, second = self.pair()
        self.assertEqual(first.getsockname(), second.getpeername())
        self.assertEqual(first.getpeername(), second.getsockname())
        self.assertEqual(first.getsockname()[0], "127.0.0.1")

    def test_much(self):
        first, second = self.pair()
        total = 8 * len(BLOCK)

        def send():
            for _ in range(8):
                first.sendall(BLOCK)
            first.shutdown(socket.SHUT_WR)

        self.run_thread(send)
        received = bytearray()
        while chunk := second.recv(65536):
            received += chunk
        self.assertEqual(len(received), total)
        self.assertTrue(received == BLOCK * 8)

    def test_end_of_stream(self):
        first, second = self.pair()
        first.sendall(b"last words")
        first.close()
        self.assertEqual(second.recv(4), b"last")
        self.assertEqual(second.recv(100), b" words")
        self.assertEqual(second.recv(100), b"")
        self.assertEqual(second.recv(100), b"")

    def test_half_close_gets_its_answer(self):
        """A client that sends, ends its side and waits: `printf … | nc`."""
        first, second = self.pair()
        first.sendall(b"question")
        first.shutdown(socket.SHUT_WR)
        request = b""
        while chunk := second.recv(100):
            request += chunk
        self.assertEqual(request, b"question")
        time.sleep(0.3)  # the answer takes a while
        second.sendall(b"answer" * 5000)
        second.close()
        answer = b""
        while chunk := first.recv(10000):
            answer += chunk
        self.assertEqual(answer, b"answer" * 5000)

    def test_half_close_the_other_way(self):
        """Who has ended its side still receives, for as long as the other sends."""
        first, second = self.pair()
        second.shutdown(socket.SHUT_WR)
        self.assertEqual(first.recv(10), b"")
        for i in range(5):
            first.sendall(b"%d" % i)
            self.assertEqual(second.recv(10), b"%d" % i)
        with self.assertRaises(BrokenPipeError):
            second.send(b"x")
        first.close()
        self.assertEqual(second.recv(10), b"")

    def test_both_end_at_once(self):
        for _ in range(5):
            first, second = self.pair()
            first.shutdown(socket.SHUT_WR)
            second.shutdown(socket.SHUT_WR)
            self.assertEqual(first.recv(10), b"")
            self.assertEqual(second.recv(10), b"")
            first.close()
            second.close()

    def test_shutdown_ends_a_reader(self):
        first, _ = self.pair()
        timer = threading.Timer(0.2, first.shutdown, (socket.SHUT_RD,))
        timer.start()
        self.assertEqual(first.recv(10), b"")
        timer.join()

    def test_shutdown_unconnected(self):
        with socket.socket() as sock, self.assertRaises(OSError) as caught:
            sock.shutdown(socket.SHUT_RDWR)
        self.assertEqual(caught.exception.errno, errno.ENOTCONN)

    def test_write_to_who_has_gone(self):
        first, second = self.pair()
        second.close()
        with self.assertRaises((BrokenPipeError, ConnectionResetError)):
            for _ in range(200):
                first.send(b"x" * 1000)
                time.sleep(0.01)

    def test_peek_and_waitall(self):
        first, second = self.pair()
        first.sendall(b"12345")
        self.assertEqual(second.recv(3, socket.MSG_PEEK), b"123")
        self.assertEqual(second.recv(3), b"123")
        second.settimeout(None)  # a time-out would make the socket one that does not wait
        threading.Timer(0.1, first.sendall, (b"678",)).start()
        self.assertEqual(second.recv(5, socket.MSG_WAITALL), b"45678")

    def test_dontwait(self):
        first, second = self.pair()
        second.settimeout(None)
        with self.assertRaises(BlockingIOError):
            second.recv(1, socket.MSG_DONTWAIT)
        first.sendall(b"x")
        self.assertEqual(second.recv(1), b"x")

    def test_recv_into_and_sendmsg(self):
        first, second = self.pair()
        self.assertEqual(first.sendmsg([b"ab", b"", b"cde"]), 5)
        one, two = bytearray(2), bytearray(10)
        count, ancillary, flags, _ = second.recvmsg_into([one, two])
        self.assertEqual((count, ancillary, flags), (5, [], 0))
        self.assertEqual(bytes(one + two[:3]), b"abcde")

    def test_full_window_blocks_and_goes_on(self):
        first, second = self.pair()
        first.setblocking(False)
        sent = 0
        # What has been sent moves on into the peer's buffers, until these are full too.
        while select.select([], [first], [], 0.5)[1]:
            try:
                sent += first.send(BLOCK)
            except BlockingIOError:
                pass
            self.assertLess(sent, 50_000_000, "a peer that never reads is fed for ever")
        received = 0
        while received < sent:
            received += len(second.recv(65536))
        _, writable, _ = select.select([], [first], [], LONG)
        self.assertEqual(writable, [first])

    def test_makefile(self):
        first, second = self.pair()
        with first.makefile("rw", newline="\n") as one, second.makefile("rw", newline="\n") as two:
            one.write("line one\nline two\n")
            one.flush()
            self.assertEqual(two.readline(), "line one\n")
            self.assertEqual(two.readline(), "line two\n")

    def test_detach_and_dup(self):
        first, second = self.pair()
        copy = self.keep(first.dup())
        first.close()
        copy.sendall(b"still")
        self.assertEqual(second.recv(10), b"still")
        for sock in (copy, second):
            sock.settimeout(None)  # os.read() shall wait
        os.write(copy.fileno(), b"by number")
        self.assertEqual(os.read(second.fileno(), 100), b"by number")

    def test_a_thread_reads_while_another_writes(self):
        first, second = self.pair()
        got = []
        reader = self.run_thread(lambda: got.append(second.recv(10)))
        time.sleep(0.05)
        second.sendall(b"meanwhile")
        self.assertEqual(first.recv(20), b"meanwhile")
        first.sendall(b"now")
        reader.join(LONG)
        self.assertEqual(got, [b"now"])


class Connecting(Case):
    """Who connects, and what can go wrong."""

    def test_refused(self):
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", closing_port()), LONG)

    def test_refused_without_blocking(self):
        sock = self.keep(socket.socket())
        sock.setblocking(False)
        error = sock.connect_ex(("127.0.0.1", closing_port()))
        if error == errno.EINPROGRESS:
            _, writable, _ = select.select([], [sock], [], LONG)
            self.assertEqual(writable, [sock])
            error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        self.assertEqual(error, errno.ECONNREFUSED)
        self.assertEqual(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 0)

    def test_connect_without_blocking(self):
        listener = self.listener()
        sock = self.keep(socket.socket())
        sock.setblocking(False)
        self.assertIn(sock.connect_ex(listener.getsockname()), (0, errno.EINPROGRESS))
        select.select([], [sock], [], LONG)
        self.assertEqual(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 0)
        self.assertEqual(sock.getpeername(), listener.getsockname())
        sock.connect_ex(listener.getsockname())  # Linux tells the success once more
        with self.assertRaises(OSError) as caught:
            sock.connect(listener.getsockname())
        self.assertEqual(caught.exception.errno, errno.EISCONN)

    def test_accept_times_out(self):
        listener = self.listener()
        listener.settimeout(0.05)
        with self.assertRaises(TimeoutError):
            listener.accept()

    def test_accept_without_blocking(self):
        listener = self.listener()
        listener.setblocking(False)
        with self.assertRaises(BlockingIOError):
            listener.accept()

    def test_address_in_use(self):
        listener = self.listener()
        with socket.socket() as sock, self.assertRaises(OSError) as caught:
            sock.bind(listener.getsockname())
        self.assertEqual(caught.exception.errno, errno.EADDRINUSE)

    def test_not_connected(self):
        with socket.socket() as sock:
            for call in (lambda: sock.recv(1), sock.getpeername):
                with self.assertRaises(OSError) as caught:
                    call()
                self.assertEqual(caught.exception.errno, errno.ENOTCONN)

    def test_address_that_is_not_ours(self):
        with socket.socket() as sock, self.assertRaises(OSError) as caught:
            sock.bind(("192.0.2.1", 0))
        self.assertEqual(caught.exception.errno, errno.EADDRNOTAVAIL)

    def test_from_a_port(self):
        """A client may choose its port; the way out is still that to the peer."""
        for name, family, host in FAMILIES:
            with self.subTest(name):
                listener = self.listener(family, host)
                with socket.socket(family) as probe:
                    probe.bind(("", 0))
                    port = probe.getsockname()[1]
                sock = self.keep(socket.socket(family))
                sock.bind(("", port))
                sock.connect(listener.getsockname())
                _, peer = listener.accept()
                self.assertEqual(peer[:2], (host, port))

    def bind_again(self, address, family=socket.AF_INET, reuse=1):
        """Another socket with the address of one before it."""
        sock = self.keep(socket.socket(family))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
        sock.bind(address)
        return sock

    def test_port_is_free_again(self):
        for name, family, host in FAMILIES:
            with self.subTest(name):
                listener = self.listener(family, host)
                address = listener.getsockname()
                first = socket.create_connection(address[:2], LONG)
                second, _ = listener.accept()
                first.close()
                second.close()
                listener.close()
                again = self.bind_again(address, family)
                self.assertEqual(again.getsockname(), address)
                again.listen()

    def test_port_is_free_again_and_again(self):
        """Without a connection nothing is left of a listener, with or without SO_REUSEADDR."""
        listener = self.listener()
        address = listener.getsockname()
        for round in range(50):
            listener.close()
            listener = self.bind_again(address, reuse=round % 2)
            listener.listen()

    def test_port_is_free_beside_its_connections(self):
        """A server is started again while clients of the last one are still there."""
        for name, family, host in FAMILIES:
            with self.subTest(name):
                listener = self.listener(family, host)
                address = listener.getsockname()
                old = self.keep(socket.create_connection(address[:2], LONG))
                served, _ = listener.accept()
                self.keep(served)
                listener.close()
                again = self.bind_again(address, family)
                again.listen()
                new = self.keep(socket.create_connection(address[:2], LONG))
                answering, peer = again.accept()
                self.keep(answering)
                self.assertEqual(peer, new.getsockname())
                answering.sendall(b"new")
                served.sendall(b"old")
                self.assertEqual(new.recv(10), b"new")
                self.assertEqual(old.recv(10), b"old")
                self.assertEqual(served.getsockname(), address)

    def test_port_is_not_free_without_the_option(self):
        listener = self.listener()
        address = listener.getsockname()
        self.keep(socket.create_connection(address, LONG))
        served, _ = listener.accept()
        self.keep(served)
        listener.close()
        with self.assertRaises(OSError) as caught:
            self.bind_again(address, reuse=0)
        self.assertEqual(caught.exception.errno, errno.EADDRINUSE)

    def test_port_of_a_listener_is_not_free(self):
        """SO_REUSEADDR is no way to somebody else's port."""
        listener = self.listener()
        address = listener.getsockname()
        self.keep(socket.create_connection(address, LONG))
        served, _ = listener.accept()
        self.keep(served)
        for host in ("127.0.0.1", ""):
            with self.subTest(host), self.assertRaises(OSError) as caught:
                self.bind_again((host, address[1]))
            self.assertEqual(caught.exception.errno, errno.EADDRINUSE)

    def test_many_quick_connections(self):
        listener = self.listener()

        def serve():
            for _ in range(100):
                connection, _ = listener.accept()
                connection.sendall(b"hello")
                connection.close()

        self.run_thread(serve)
        for _ in range(100):
            with socket.create_connection(listener.getsockname(), LONG) as sock:
                self.assertEqual(sock.recv(10), b"hello")
                self.assertEqual(sock.recv(10), b"")


class Datagrams(Case):
    """UDP."""

    def socket(self, family=socket.AF_INET, host="127.0.0.1"):
        sock = self.keep(socket.socket(family, socket.SOCK_DGRAM))
        sock.bind((host, 0))
        return sock

    def test_there_and_back(self):
        for name, family, host in FAMILIES:
            with self.subTest(name):
                first, second = self.socket(family, host), self.socket(family, host)
                first.sendto(b"ping", second.getsockname())
                data, source = second.recvfrom(100)
                self.assertEqual((data, source), (b"ping", first.getsockname()))
                second.sendto(b"pong", source)
                self.assertEqual(first.recvfrom(100), (b"pong", second.getsockname()))

    def test_borders_are_kept(self):
        first, second = self.socket(), self.socket()
        for data in (b"one", b"", b"three"):
            first.sendto(data, second.getsockname())
        self.assertEqual(second.recv(100), b"one")
        self.assertEqual(second.recv(100), b"")
        self.assertEqual(second.recv(100), b"three")

    def test_what_does_not_fit_is_cut(self):
        first, second = self.socket(), self.socket()
        first.sendto(b"1234567890", second.getsockname())
        first.sendto(b"next", second.getsockname())
        self.assertEqual(second.recv(4), b"1234")
        self.assertEqual(second.recv(4), b"next")
        first.sendto(b"1234567890", second.getsockname())
        data, _, flags, _ = second.recvmsg(4)
        self.assertEqual(data, b"1234")
        self.assertTrue(flags & socket.MSG_TRUNC)

    def test_connected(self):
        first, second = self.socket(), self.socket()
        first.connect(second.getsockname())
        first.send(b"x")
        self.assertEqual(second.recv(10), b"x")
        self.assertEqual(first.getpeername(), second.getsockname())

    def test_without_destination(self):
        sock = self.socket()
        with self.assertRaises(OSError) as caught:
            sock.send(b"x")
        self.assertIn(caught.exception.errno, (errno.EDESTADDRREQ, errno.ENOTCONN))

    def test_a_large_one(self):
        first, second = self.socket(), self.socket()
        data = bytes(1400)
        first.sendto(data, second.getsockname())
        self.assertEqual(second.recv(2000), data)

    def test_what_nobody_reads(self):
        """A socket that is not read takes no more than its share: others go on."""
        unread, first, second = self.socket(), self.socket(), self.socket()
        for _ in range(5000):
            try:
                first.sendto(bytes(1000), unread.getsockname())
            except OSError:
                pass  # the buffers are in use; UDP may lose
        for number in range(20):
            first.sendto(b"%d" % number, second.getsockname())
            self.assertEqual(second.recv(10), b"%d" % number)
        unread.setblocking(False)
        waiting = 0
        with self.assertRaises(BlockingIOError):
            while True:
                self.assertEqual(len(unread.recv(2000)), 1000)
                waiting += 1
        self.assertGreater(waiting, 10)
        self.assertLess(waiting, 5000)
        first.sendto(b"there is room again", unread.getsockname())
        unread.settimeout(LONG)
        self.assertEqual(unread.recv(100), b"there is room again")

    def test_time_out(self):
        sock = self.socket()
        sock.settimeout(0.05)
        with self.assertRaises(TimeoutError):
            sock.recv(1)


class Waiting(Case):
    """poll(), select() and the selectors, over all kinds of descriptors at once."""

    def test_many_kinds(self):
        first, second = self.pair()
        left, right = (self.keep(end) for end in socket.socketpair())
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)
        udp = self.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        all_of_them = [second, right, reader, udp]
        self.assertEqual(select.select(all_of_them, [], [], 0)[0], [])

        def udp_send():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                sock.sendto(b"x", udp.getsockname())

        wakers = {
            second: lambda: first.send(b"x"),
            right: lambda: left.send(b"x"),
            reader: lambda: os.write(writer, b"x"),
            udp: udp_send,
        }
        for expected, wake in wakers.items():
            timer = threading.Timer(0.1, wake)
            timer.start()
            ready = select.select(all_of_them, [], [], LONG)[0]
            timer.join()
            self.assertEqual(ready, [expected])
            if expected is reader:
                os.read(reader, 1)
            else:
                expected.recv(1)

    def test_poll_of_both_directions(self):
        first, second = self.pair()
        poll = select.poll()
        poll.register(first, select.POLLIN | select.POLLOUT)
        self.assertEqual(poll.poll(1000), [(first.fileno(), select.POLLOUT)])
        second.send(b"x")
        deadline = time.monotonic() + LONG
        while poll.poll(1000) != [(first.fileno(), select.POLLIN | select.POLLOUT)]:
            self.assertLess(time.monotonic(), deadline)

    def test_a_listener_becomes_readable(self):
        listener = self.listener()
        self.assertEqual(select.select([listener], [], [], 0)[0], [])
        sock = self.keep(socket.create_connection(listener.getsockname(), LONG))
        self.assertEqual(select.select([listener], [], [], LONG)[0], [listener])
        listener.accept()[0].close()
        self.assertEqual(sock.recv(1), b"")

    def test_the_end_is_readable_and_writing_goes_on(self):
        first, second = self.pair()
        first.shutdown(socket.SHUT_WR)
        self.assertEqual(select.select([second], [], [], LONG)[0], [second])
        self.assertEqual(select.select([], [second], [], LONG)[1], [second])
        second.sendall(BLOCK[:10000])

    def test_selector(self):
        first, second = self.pair()
        with selectors.DefaultSelector() as selector:
            selector.register(second, selectors.EVENT_READ, "data")
            self.assertEqual(selector.select(0), [])
            first.send(b"x")
            ((key, events),) = selector.select(LONG)
            self.assertEqual((key.data, events), ("data", selectors.EVENT_READ))

    def test_waiting_costs_nothing(self):
        first, second = self.pair()
        used = time.process_time()
        select.select([first, second], [], [], 0.5)
        self.assertLess(time.process_time() - used, 0.25)

    def test_two_threads_wait_for_one_socket(self):
        first, second = self.pair()
        got = []

        def wait():
            got.append(second.recv(1))

        threads = [self.run_thread(wait) for _ in range(2)]
        time.sleep(0.05)
        first.sendall(b"ab")
        for thread in threads:
            thread.join(LONG)
        self.assertEqual(sorted(got), [b"a", b"b"])


class Interrupts(Case):
    """Ctrl-C ends what waits for the network."""

    def interrupted(self, call):
        timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        start = time.monotonic()
        with self.assertRaises(KeyboardInterrupt):
            call()
        timer.join()
        self.assertLess(time.monotonic() - start, LONG / 2)

    def setUp(self):
        if threading.current_thread() is not threading.main_thread():
            self.skipTest("signals come to the main thread")
        if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            self.skipTest("somebody else takes SIGINT here")

    def test_recv(self):
        first, _ = self.pair()
        first.settimeout(None)
        self.interrupted(lambda: first.recv(1))

    def test_accept(self):
        listener = self.listener()
        listener.settimeout(None)
        self.interrupted(listener.accept)

    def test_select(self):
        first, _ = self.pair()
        self.interrupted(lambda: select.select([first], [], []))

    def test_send(self):
        first, _ = self.pair()
        first.settimeout(None)
        self.interrupted(lambda: first.sendall(bytes(10_000_000)))


class Options(Case):
    """getsockopt() and setsockopt()."""

    def test_inheritable(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)
        self.assertEqual((os.get_inheritable(reader), os.get_inheritable(writer)), (False, False))
        sockets = (socket.socket(), *socket.socketpair(), *self.pair())
        for sock in map(self.keep, sockets):
            self.assertFalse(sock.get_inheritable())
        sockets[0].set_inheritable(True)
        self.assertTrue(sockets[0].get_inheritable())

    def test_known(self):
        for sock in (self.keep(socket.socket()), self.listener()):
            self.assertEqual(
                sock.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE), socket.SOCK_STREAM
            )
            self.assertEqual(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 0)
        listening = self.listener()
        self.assertEqual(listening.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN), 1)
        for option in (socket.SO_REUSEADDR, socket.SO_KEEPALIVE):
            sock = self.keep(socket.socket())
            sock.setsockopt(socket.SOL_SOCKET, option, 1)
            self.assertNotEqual(sock.getsockopt(socket.SOL_SOCKET, option), 0)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, 1 << 20)  # the most there can be
            self.assertGreater(sock.getsockopt(socket.SOL_SOCKET, option), 1000)
        with self.keep(socket.socket(type=socket.SOCK_DGRAM)) as datagrams:
            self.assertFalse(datagrams.getsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST))
            datagrams.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            self.assertTrue(datagrams.getsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST))
        self.assertNotEqual(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), 0)

    def test_unknown(self):
        sock = self.keep(socket.socket())
        with self.assertRaises(OSError) as caught:
            sock.getsockopt(socket.SOL_SOCKET, 9999)
        self.assertIn(caught.exception.errno, (errno.ENOPROTOOPT, errno.EOPNOTSUPP))
        with self.assertRaises(OSError) as caught:
            sock.setsockopt(socket.SOL_SOCKET, 9999, 1)
        self.assertIn(caught.exception.errno, (errno.ENOPROTOOPT, errno.EOPNOTSUPP))

    def test_what_is_no_socket(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)
        with self.assertRaises(OSError) as caught:
            socket.socket(fileno=reader)
        self.assertEqual(caught.exception.errno, errno.ENOTSOCK)

    def test_families_and_types(self):
        with self.assertRaises(OSError):
            socket.socket(99, socket.SOCK_STREAM)
        with self.assertRaises(OSError):
            socket.socket(socket.AF_INET, 99)


class Names(unittest.TestCase):
    """getaddrinfo() and its kin."""

    def test_numbers(self):
        found = socket.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)
        self.assertEqual(found[0][4], ("127.0.0.1", 80))
        self.assertEqual(len(found), 1)
        if socket.has_ipv6:
            found = socket.getaddrinfo("::1", "80", type=socket.SOCK_STREAM)
            self.assertEqual(found[0][4][:2], ("::1", 80))

    @unittest.skipUnless(known(socket.gethostbyname, "localhost"), "the host has no /etc/hosts")
    def test_localhost(self):
        found = socket.getaddrinfo("localhost", None, socket.AF_INET, socket.SOCK_DGRAM)
        self.assertEqual(found[0][4], ("127.0.0.1", 0))
        self.assertEqual(socket.gethostbyname("localhost"), "127.0.0.1")

    def test_passive(self):
        found = socket.getaddrinfo(
            None, 5, socket.AF_INET, socket.SOCK_STREAM, 0, socket.AI_PASSIVE
        )
        self.assertEqual(found[0][4], ("0.0.0.0", 5))

    @unittest.skipUnless(known(socket.getservbyname, "http"), "the host has no /etc/services")
    def test_services(self):
        self.assertEqual(socket.getservbyname("http", "tcp"), 80)
        self.assertEqual(socket.getservbyport(443, "tcp"), "https")
        found = socket.getaddrinfo("127.0.0.1", "http", type=socket.SOCK_STREAM)
        self.assertEqual(found[0][4], ("127.0.0.1", 80))
        with self.assertRaises(OSError):
            socket.getservbyname("no-such-service")

    def test_what_is_no_name(self):
        for name in ("no such host", "256.1.1.1.1", "a" * 300):
            with self.subTest(name), self.assertRaises((socket.gaierror, UnicodeError)):
                socket.getaddrinfo(name, 80)
        with self.assertRaises(socket.gaierror):
            socket.getaddrinfo("localhost", 80, flags=socket.AI_NUMERICHOST)

    def test_nameinfo(self):
        numeric = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
        self.assertEqual(socket.getnameinfo(("127.0.0.1", 80), numeric), ("127.0.0.1", "80"))
        if known(socket.getservbyname, "http"):
            self.assertEqual(socket.getnameinfo(("127.0.0.1", 80), 0)[1], "http")

    def test_text(self):
        for text in ("::1", "fe80::1", "2001:db8::8:800:200c:417a", "::ffff:1.2.3.4"):
            packed = socket.inet_pton(socket.AF_INET6, text)
            again = socket.inet_pton(socket.AF_INET6, socket.inet_ntop(socket.AF_INET6, packed))
            self.assertEqual(again, packed)


class Streaming(unittest.IsolatedAsyncioTestCase):
    """asyncio on sockets."""

    async def serve(self, handler):
        server = await asyncio.start_server(handler, "127.0.0.1", 0)
        self.addAsyncCleanup(self.end, server)
        return server.sockets[0].getsockname()

    async def end(self, server):
        server.close()
        await server.wait_closed()

    async def test_a_hundred_at_once(self):
        async def echo(reader, writer):
            while data := await reader.read(4096):
                writer.write(data)
                await writer.drain()
            writer.close()
            await writer.wait_closed()

        host, port = await self.serve(echo)

        async def client(number):
            reader, writer = await asyncio.open_connection(host, port)
            for i in range(3):
                line = b"%d-%d\n" % (number, i)
                writer.write(line)
                self.assertEqual(await reader.readline(), line)
            writer.close()
            await writer.wait_closed()

        async with asyncio.timeout(4 * LONG), asyncio.TaskGroup() as group:
            for number in range(100):
                group.create_task(client(number))

    async def test_write_eof(self):
        async def upper(reader, writer):
            writer.write((await reader.read()).upper())
            writer.close()

        host, port = await self.serve(upper)
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"question" * 10000)
        writer.write_eof()
        async with asyncio.timeout(LONG):
            self.assertEqual(await reader.read(), b"QUESTION" * 10000)
        writer.close()

    async def test_refused(self):
        with self.assertRaises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", closing_port())

    async def test_datagrams(self):
        answer = asyncio.get_running_loop().create_future()

        class Server(asyncio.DatagramProtocol):
            def connection_made(self, transport):
                self.transport = transport

            def datagram_received(self, data, source):
                self.transport.sendto(data[::-1], source)

        class Client(asyncio.DatagramProtocol):
            def datagram_received(self, data, source):
                answer.set_result(data)

        loop = asyncio.get_running_loop()
        server, _ = await loop.create_datagram_endpoint(Server, ("127.0.0.1", 0))
        address = server.get_extra_info("sockname")
        client, _ = await loop.create_datagram_endpoint(Client, remote_addr=address)
        client.sendto(b"abc")
        async with asyncio.timeout(LONG):
            self.assertEqual(await answer, b"cba")
        client.close()
        server.close()

    async def test_a_slow_reader_holds_the_writer(self):
        resumed = asyncio.Event()

        async def flood(reader, writer):
            try:
                writer.write(bytes(3_000_000))
                await writer.drain()
                resumed.set()
            finally:
                writer.close()

        host, port = await self.serve(flood)
        reader, writer = await asyncio.open_connection(host, port, limit=1024)
        await asyncio.sleep(0.3)
        if "_net" in sys.builtin_module_names:  # Zephyr's network; a host buffers more
            self.assertFalse(resumed.is_set())
        async with asyncio.timeout(2 * LONG):
            total = 0
            while data := await reader.read(65536):
                total += len(data)
        self.assertEqual(total, 3_000_000)
        writer.close()


if __name__ == "__main__":
    unittest.main()
