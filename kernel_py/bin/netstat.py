# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Show the state of the network: interfaces, sockets, counters.

usage: netstat [-i] [-a] [-s]

  -i, --interfaces   the interfaces, with what they have sent and received
  -a, --sockets      the sockets, with their peers and states
  -s, --statistics   all counters of the interfaces

Without options the interfaces and the sockets are shown, and the name servers.
"""

from kernel import command
from kernel.net import network


def interfaces():
    rows = [("NAME", "STATE", "ADDRESS", "RECEIVED", "SENT", "ERRORS")]
    for interface in network:
        state = "up" if interface.is_up and interface.carrier else "down"
        counted = interface.statistics
        errors = sum(value for name, value in counted.items() if "error" in name)
        addresses = interface.addresses or ["-"]
        rows.append(
            (
                interface.name,
                state,
                addresses[0],
                command.human(counted.get("bytes_received", 0)),
                command.human(counted.get("bytes_sent", 0)),
                errors,
            )
        )
        rows += [("", "", address, "", "", "") for address in addresses[1:]]
    return command.table(rows, "<<<>>>")


def end(address, port):
    """One end of a socket: `10.0.2.15:5000`, `[::1]:80`, `*:0` for no address."""
    if address in ("0.0.0.0", "::", ""):
        address = "*"
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def sockets():
    rows = [("PROTOCOL", "LOCAL", "PEER", "STATE")]
    for protocol, local, port, peer, peer_port, state in sorted(network.sockets):
        rows.append((protocol, end(local, port), end(peer, peer_port), state or ""))
    return command.table(rows)


def statistics():
    for name, counted in network.statistics.items():
        yield f"{name}:"
        yield from (f"    {value:>12}  {key}" for key, value in counted.items())


def main(cmd):
    cmd.expect(0)
    everything = not (cmd["i"] or cmd["a"] or cmd["s"])
    parts = []
    if cmd["i"] or everything:
        parts.append(interfaces())
    if cmd["a"] or everything:
        parts.append(sockets())
    if cmd["s"]:
        parts.append(statistics())
    if everything:
        parts.append([f"name servers: {', '.join(network.dns) or 'none'}"])
    for number, lines in enumerate(parts):
        if number:
            print()
        for line in lines:
            print(line)


command.run(main, __doc__, argv)
