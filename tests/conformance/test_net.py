# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""kernel.net: what it tells of the interfaces, and what bad input gets."""

import errno
import socket
import time
import unittest

try:
    import _net
except ImportError:
    raise unittest.SkipTest("no network on this board") from None


from kernel.net import network, sntp

_hostnet = getattr(_net, "_hostnet", None)


class Interfaces(unittest.TestCase):
    """Interfaces and addresses."""

    def test_loopback(self):
        loopbacks = [each for each in network if each.kind == "loopback"]
        self.assertEqual(len(loopbacks), 1)
        lo = loopbacks[0]
        self.assertEqual(lo.name, "lo")
        self.assertTrue(lo.is_up)
        self.assertIn("127.0.0.1/8", lo.addresses)
        self.assertIs(type(lo.mtu), int)
        self.assertIs(network["lo"].__class__, lo.__class__)
        self.assertIn("lo", repr(lo))

    def test_rows(self):
        for row in _net.interfaces():
            index, name, kind, mac, mtu, up, carrier = row
            self.assertEqual([type(each) for each in row], [int, str, str, bytes, int, bool, bool])
            for address, prefix, state, origin in _net.addresses(index):
                self.assertEqual(
                    [type(each) for each in (address, prefix, state, origin)],
                    [str, int, str, str],
                )
            for value in _net.statistics(index).values():
                self.assertGreaterEqual(value, 0)

    def test_hostname(self):
        before = network.hostname
        if _hostnet is not None:
            with self.assertRaisesRegex(PermissionError, "the host's name"):
                network.hostname = "bench-1"
            self.assertEqual(network.hostname, before)
            return
        self.addCleanup(setattr, network, "hostname", before)
        network.hostname = "bench-1"
        self.assertEqual(socket.gethostname(), "bench-1")
        for bad in ("", "x" * 300):
            with self.assertRaises(OSError) as caught:
                network.hostname = bad
            self.assertEqual(caught.exception.errno, errno.EINVAL)
        self.assertEqual(network.hostname, "bench-1")

    def test_no_such_interface(self):
        for call in (_net.addresses, _net.up, _net.down, _net.statistics, _net.gateway):
            with self.assertRaises(OSError) as caught:
                call(999)
            self.assertEqual(caught.exception.errno, errno.ENODEV)
            with self.assertRaises(TypeError):
                call("eth0")
        with self.assertRaisesRegex(KeyError, "there are: .*lo"):
            network["nothing"]

    def test_no_address(self):
        index = network["lo"].index
        with self.assertRaisesRegex(ValueError, "'somewhere' is no IPv4 or IPv6 address"):
            _net.address_add(index, "somewhere", 24)
        with self.assertRaises(ValueError):
            _net.address_add(index, "10.1.1.1", 33)
        with self.assertRaises(ValueError):
            _net.gateway_set(index, "router")
        with self.assertRaises(ValueError):
            _net.dns_set(["server"])

    def test_wait(self):
        seen = _net.wait(-1, 0)
        start = time.monotonic()
        _net.wait(seen + 1000, 0.05)
        self.assertGreaterEqual(time.monotonic() - start, 0.04)
        with self.assertRaises(ValueError):
            _net.wait(0, -1)

    def test_sockets(self):
        import socket

        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            (row,) = [row for row in network.sockets if row[2] == port]
        self.assertEqual(row, ("tcp", "127.0.0.1", port, "0.0.0.0", 0, "listen"))


@unittest.skipIf(_hostnet is None, "the network is the machine's own")
class Host(unittest.TestCase):
    """What the host tells, where the network is the host's."""

    def test_interfaces(self):
        self.assertIn("lo", _hostnet.names())
        for thing in ("flags", "address", "netmask", "mtu", "hardware"):
            self.assertEqual(len(_hostnet.ask("lo", thing)), 16)
        with self.assertRaises(OSError):
            _hostnet.ask("none0", "mtu")
        with self.assertRaises(OSError):
            _hostnet.ask("a name that no interface can have", "mtu")
        with self.assertRaisesRegex(ValueError, "what is 'colour'"):
            _hostnet.ask("lo", "colour")

    def test_tables(self):
        for table in ("dev", "if_inet6", "route", "tcp", "tcp6", "udp", "udp6", "resolv.conf"):
            self.assertIs(type(_hostnet.read(table)), str)
        self.assertIn("lo:", _hostnet.read("dev"))
        with self.assertRaisesRegex(ValueError, "what is '/etc/passwd'"):
            _hostnet.read("/etc/passwd")

    def test_own_sockets(self):
        import socket

        before = set(_hostnet.inodes())
        with socket.socket():
            self.assertEqual(len(set(_hostnet.inodes()) - before), 1)
        self.assertEqual(set(_hostnet.inodes()) - before, set())

    def test_nothing_is_changed(self):
        index = network["lo"].index
        for call in (
            lambda: _net.down(index),
            lambda: _net.dhcp_stop(index),
            lambda: _net.address_add(index, "10.1.1.1", 24),
            lambda: _net.address_remove(index, "127.0.0.1"),
            lambda: _net.gateway_set(index, "10.1.1.1"),
            lambda: _net.dns_set(["10.1.1.1"]),
        ):
            self.assertRaises(PermissionError, call)


class Time(unittest.TestCase):
    """SNTP's answers."""

    ANSWER = bytes([0x24, 2]) + bytes(22) + b"cookie--" + bytes(8)

    def test_time(self):
        stamp = (2_208_988_800 + 1_000_000_000).to_bytes(4) + (1 << 31).to_bytes(4)
        self.assertEqual(sntp.parse(self.ANSWER + stamp, b"cookie--"), 1_000_000_000.5)

    def test_after_2036(self):
        self.assertGreater(sntp.parse(self.ANSWER + bytes(8), b"cookie--"), 2_085_000_000)

    def test_what_is_no_answer(self):
        good = self.ANSWER + bytes(8)
        for bad in (
            b"",
            good[:40],
            b"\x23" + good[1:],
            b"\xe4" + good[1:],
            good[:1] + b"\0" + good[2:],
        ):
            with self.subTest(bad), self.assertRaises(ValueError):
                sntp.parse(bad, b"cookie--")
        with self.assertRaisesRegex(ValueError, "somebody else"):
            sntp.parse(good, b"another-")


if __name__ == "__main__":
    unittest.main()
