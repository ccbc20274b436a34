# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Look up the addresses of names.

usage: nslookup [-4] [-6] NAME ...

  -4    IPv4 addresses alone
  -6    IPv6 addresses alone
"""

import socket

from kernel import command


def main(cmd):
    cmd.expect(1, -1)
    family = {"4": socket.AF_INET, "6": socket.AF_INET6}.get(
        cmd.last_of("4", "6"), socket.AF_UNSPEC
    )
    for name in cmd.operands:
        try:
            found = socket.getaddrinfo(name, None, family, socket.SOCK_STREAM)
        except socket.gaierror as error:
            cmd.error(error.strerror or str(error), name)
            continue
        except UnicodeError:
            cmd.error("no name of a host", name)
            continue
        print(f"Name:    {name}")
        for address in dict.fromkeys(entry[4][0] for entry in found):
            print(f"Address: {address}")


command.run(main, __doc__, argv)
