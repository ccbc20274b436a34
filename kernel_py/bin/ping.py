# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Ask a host for an echo, to see whether it is there and how long the way takes.

usage: ping [-4] [-6] [-c COUNT] [-i SECONDS] [-s BYTES] [-W SECONDS] HOST

  -c COUNT      so many requests; else until Ctrl-C
  -i SECONDS    between two requests (1)
  -s BYTES      of payload (56), at most 1400
  -W SECONDS    how long to wait for an answer (2)
  -4            an IPv4 address
  -6            an IPv6 address

The exit status is 1 when no answer came.
"""

import os
import socket
import time

from kernel import command


def summary(host, sent, times):
    lost = 100 * (sent - len(times)) // sent if sent else 0
    print(f"\n--- {host} ---")
    print(f"{sent} sent, {len(times)} received, {lost}% lost")
    if times:
        low, high, mean = min(times), max(times), sum(times) / len(times)
        print(f"min/avg/max = {low:.2f}/{mean:.2f}/{high:.2f} ms")


def main(cmd):
    import _net

    cmd.expect(1)
    if not hasattr(_net, "ping"):
        cmd.error("this board's network is the host's, and sends no echo requests")
        return
    host = cmd.operands[0]
    count = cmd.number("c", 0, 1)
    size = cmd.number("s", 56)
    if size > 1400:
        raise command.UsageError(f"too large a size: {size}, at most 1400")
    pause, patience = cmd.seconds("i", 1.0, least=0.001), cmd.seconds("W", 2.0, least=0.001)
    family = {"4": socket.AF_INET, "6": socket.AF_INET6}.get(cmd.last_of("4", "6"), 0)
    try:
        found = socket.getaddrinfo(host, None, family, socket.SOCK_DGRAM)
    except (socket.gaierror, UnicodeError) as error:
        cmd.error(getattr(error, "strerror", None) or str(error), host)
        return
    address = found[0][4][0]
    print(f"PING {host} ({address}): {size} bytes", flush=True)
    identifier = int.from_bytes(os.urandom(2), "big")
    times = []
    sent = 0
    try:
        while not count or sent < count:
            if sent:
                time.sleep(pause)
            sent += 1
            answer = _net.ping(address, identifier, sent & 0xFFFF, size, patience)
            if answer is None:
                print(f"no answer: seq={sent}", flush=True)
                continue
            times.append(answer[0] / 1e6)
            print(
                f"{answer[1]} bytes from {address}: seq={sent} ttl={answer[2]} "
                f"time={times[-1]:.2f} ms",
                flush=True,
            )
    except KeyboardInterrupt:
        pass  # how it is meant to end
    except OSError as error:
        cmd.error(error, host)
    summary(host, sent, times)
    if not times:
        cmd.status = 1


command.run(main, __doc__, argv)
