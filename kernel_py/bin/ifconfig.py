# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Show the network's interfaces, or change one.

usage: ifconfig [NAME]
       ifconfig NAME up | down
       ifconfig NAME add | del ADDRESS[/BITS]
       ifconfig NAME gateway ADDRESS

  up        take the interface into use; a network card asks for an address
  down      take it out of use
  add       give it an address, in a network of so many bits (24; IPv6 64)
  del       take an address away
  gateway   the router of its network
"""

from kernel import command
from kernel.net import network


def show(interface):
    state = "up" if interface.is_up else "down"
    if interface.is_up and not interface.carrier:
        state += ", no link"
    print(f"{interface.name}: {interface.kind}, {state}, mtu {interface.mtu}")
    if interface.mac:
        print(f"    ether {interface.mac}")
    for address in interface.addresses:
        print(f"    {'inet6' if ':' in address else 'inet'} {address}")
    if interface.gateway:
        print(f"    gateway {interface.gateway}")


def change(cmd, interface, what, rest):
    if what in ("up", "down"):
        if rest:
            raise command.UsageError(f"extra operand '{rest[0]}'")
        getattr(interface, what)()
        return
    if what not in ("add", "del", "gateway"):
        raise command.UsageError(f"what is '{what}'? up, down, add, del or gateway")
    if len(rest) != 1:
        raise command.UsageError(f"{what} needs one address")
    try:
        if what == "add":
            interface.add(rest[0])
        elif what == "del":
            interface.remove(rest[0])
        else:
            interface.gateway = rest[0]
    except ValueError as error:
        cmd.error(str(error))


def main(cmd):
    if not cmd.operands:
        for interface in network:
            show(interface)
        return
    name, *rest = cmd.operands
    try:
        interface = network[name]
    except KeyError as error:
        cmd.error(error.args[0])
        return
    with cmd.trying(name):
        if rest:
            change(cmd, interface, rest[0], rest[1:])
        else:
            show(interface)


command.run(main, __doc__, argv)
