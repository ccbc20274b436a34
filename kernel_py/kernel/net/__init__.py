# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The network as a live object: interfaces, addresses, name servers, counters.

    >>> net
    <Network: eth0 10.0.2.15/24>
    >>> net["eth0"].gateway
    '10.0.2.2'
    >>> net.down(); net.up()

Sockets are the standard library's.  This module says what is there and brings it up: `start()`, at
boot, leaves a thread behind that asks each network card's network for addresses, takes the static
ones of the build if nobody answers, and sets the clock.  Nothing waits for it.
"""

try:
    import _net
except ImportError:
    _net = None  # built without a network

from .. import log

LIVE = ("auth", "connection", "repl_server", "secure", "telnet")


def __getattr__(name):
    if name in LIVE:
        __import__("kernel.net." + name)
        return globals()[name]
    raise AttributeError(f"module 'kernel.net' has no attribute {name!r}", name=name)


def __dir__():
    return sorted({*globals(), *LIVE})


_log = log.get("net")


class Interface:
    """A network interface.  Its properties are asked for each time they are read."""

    def __init__(self, index, name, kind):
        self.index = index  # Zephyr's number for it, from 1
        self.name = name
        self.kind = kind  # "ethernet", "loopback" or "other"

    def _row(self):
        for row in _net.interfaces():
            if row[0] == self.index:
                return row
        raise OSError(f"interface {self.name} has gone")

    @property
    def mac(self):
        """The hardware address as text, "" where there is none."""
        return self._row()[3].hex(":")

    @property
    def mtu(self):
        """The largest packet, in bytes."""
        return self._row()[4]

    @property
    def is_up(self):
        """Whether the interface is in use."""
        return self._row()[5]

    @property
    def carrier(self):
        """Whether there is a link: a cable, a host."""
        return self._row()[6]

    @property
    def addresses(self):
        """The addresses with the length of their networks: `["10.0.2.15/24"]`."""
        return [f"{row[0]}/{row[1]}" for row in _net.addresses(self.index)]

    @property
    def ipv4(self):
        """The first IPv4 address that can be used, or None."""
        for address, _, state, _ in _net.addresses(self.index):
            if ":" not in address and state == "preferred":
                return address
        return None

    @property
    def gateway(self):
        """The IPv4 address of the router, or None."""
        return _net.gateway(self.index)

    @gateway.setter
    def gateway(self, address):
        _net.gateway_set(self.index, address or "0.0.0.0")

    @property
    def statistics(self):
        """What has been counted since the start, name → number."""
        return _net.statistics(self.index)

    def up(self):
        """Takes the interface into use and asks for an address, if it had one by asking."""
        _net.up(self.index)
        if self.kind == "ethernet":
            _net.dhcp_start(self.index)

    def down(self):
        """Takes the interface out of use.  What is connected through it runs into time-outs."""
        if self.kind == "ethernet":
            _net.dhcp_stop(self.index)
        _net.down(self.index)

    def add(self, address):
        """Gives the interface an address: `eth0.add("192.168.1.5/24")`."""
        text, _, prefix = address.partition("/")
        if prefix:
            bits = int(prefix)
        else:
            bits = 64 if ":" in text else 24
        _net.address_add(self.index, text, bits)

    def remove(self, address):
        """Takes an address away again."""
        _net.address_remove(self.index, address.partition("/")[0])

    def __repr__(self):
        words = [] if self.is_up else ["down"]
        if self.is_up and not self.carrier:
            words.append("no link")
        words += self.addresses or ["no address"]
        return f"<Interface {self.name}: {', '.join(words)}>"


class Network:
    """All interfaces, and what they share.  `net` is the one object of this class."""

    @property
    def interfaces(self):
        """The interfaces, in Zephyr's order."""
        return [Interface(*row[:3]) for row in _net.interfaces()] if _net else []

    def __iter__(self):
        return iter(self.interfaces)

    def __getitem__(self, name):
        for interface in self.interfaces:
            if name in (interface.name, interface.index):
                return interface
        known = ", ".join(interface.name for interface in self.interfaces)
        raise KeyError(f"no interface is called {name!r}; there are: {known}")

    @property
    def addresses(self):
        """All addresses but the loopback's, without the length of their networks."""
        return [
            address.partition("/")[0]
            for interface in self.interfaces
            if interface.kind != "loopback"
            for address in interface.addresses
        ]

    @property
    def gateway(self):
        """The router of the first interface that has one, or None."""
        for interface in self.interfaces:
            if interface.gateway:
                return interface.gateway
        return None

    @property
    def dns(self):
        """The name servers' addresses; can be set to a list."""
        return _net.dns_servers() if _net else []

    @dns.setter
    def dns(self, addresses):
        _net.dns_set(addresses)

    @property
    def hostname(self):
        """The machine's name; with mDNS it is found as `<name>.local`.  Can be set."""
        import socket

        return socket.gethostname()

    @hostname.setter
    def hostname(self, name):
        import errno
        import socket
        import sys

        if "_net" not in sys.builtin_module_names:
            raise PermissionError(errno.EPERM, "the host's name is not changed from here")
        socket.sethostname(name)

    @property
    def statistics(self):
        """Name of an interface → what it has counted."""
        return {interface.name: interface.statistics for interface in self.interfaces}

    @property
    def sockets(self):
        """(protocol, local, port, peer, port, state) of each socket in the IP stack."""
        return _net.sockets() if _net else []

    @property
    def ready(self):
        """Whether an interface besides the loopback has an IPv4 address and a link."""
        return any(
            interface.kind != "loopback" and interface.carrier and interface.ipv4
            for interface in self.interfaces
        )

    def wait(self, timeout=30.0):
        """Waits until the network is ready, at most so many seconds; returns whether it is."""
        import time

        if _net is None:
            return False
        end = time.monotonic() + timeout
        seen = _net.wait(-1, 0)
        while not self.ready:
            left = end - time.monotonic()
            if left <= 0:
                return False
            # An address becomes usable without an event of its own, so look again now and then.
            seen = _net.wait(seen, min(left, 0.5))
        return True

    def up(self, name=None):
        """Takes one interface into use, or all network cards."""
        for interface in self._chosen(name):
            interface.up()

    def down(self, name=None):
        """Takes one interface out of use, or all network cards."""
        for interface in self._chosen(name):
            interface.down()

    def _chosen(self, name):
        if name is not None:
            return [self[name]]
        return [interface for interface in self.interfaces if interface.kind != "loopback"]

    def __repr__(self):
        found = [
            f"{interface.name} {interface.addresses[0] if interface.addresses else 'no address'}"
            for interface in self.interfaces
            if interface.kind != "loopback"
        ]
        return f"<Network: {', '.join(found) or 'loopback alone'}>"


network = Network()


def bring_up():
    """Gets addresses for all network cards, then the time.  Runs in a thread of its own."""
    try:
        for interface in network.interfaces:
            if interface.kind == "ethernet":
                _configure(interface)
        if network.ready and _net.TIME_SERVER:
            _set_clock()
    except Exception as error:
        _log.exception(f"coming up failed: {type(error).__name__}: {error}", error)


def _configure(interface):
    import time

    try:
        interface.up()
    except OSError as error:
        # The devicetree says that there may be a card; this machine has none.
        _log.note(f"{interface.name}: {error.strerror}")
        return
    end = time.monotonic() + _net.DHCP_TIMEOUT
    seen = _net.wait(-1, 0)
    while interface.ipv4 is None and (left := end - time.monotonic()) > 0:
        seen = _net.wait(seen, min(left, 0.5))
    if interface.ipv4 is not None:
        _log.note(f"{interface.name}: {', '.join(interface.addresses)} by DHCP")
    elif not interface.carrier:
        _log.note(f"{interface.name}: no link")
    elif _net.STATIC_ADDRESS:
        _net.dhcp_stop(interface.index)
        interface.add(f"{_net.STATIC_ADDRESS}/{_net.STATIC_PREFIX}")
        if _net.STATIC_GATEWAY:
            interface.gateway = _net.STATIC_GATEWAY
        if _net.STATIC_DNS:
            network.dns = [_net.STATIC_DNS]
        _log.note(f"{interface.name}: no answer by DHCP; {', '.join(interface.addresses)}")
    else:
        _log.note(f"{interface.name}: no answer by DHCP yet")


def _set_clock():
    import time

    from . import sntp

    try:
        now = sntp.ask(_net.TIME_SERVER, timeout=5)
    except OSError as error:
        _log.note(f"the clock is not set: {_net.TIME_SERVER}: {error}")
        return
    time.clock_settime(time.CLOCK_REALTIME, now)
    _log.note(f"the clock is set by {_net.TIME_SERVER}")
