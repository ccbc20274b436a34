# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Serve a directory over HTTP, for reading, until Ctrl-C.

usage: httpd [-q] [-p PORT] [-b ADDRESS] [DIRECTORY]

  -p PORT       the port (8080)
  -b ADDRESS    listen on this address of the machine alone
  -q, --quiet   show no requests
"""

import functools
import os
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from kernel import command


class Handler(SimpleHTTPRequestHandler):
    """Python's own, whose log goes to the session that started the server."""

    timeout = 30  # a client that says nothing does not keep its thread
    stream = None

    def log_message(self, format, *args):
        if self.stream is not None:
            text = "".join(char if char.isprintable() else "?" for char in format % args)
            self.stream.write(f"{self.client_address[0]} {text}\n")


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        error = sys.exception()
        if not isinstance(error, (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


def main(cmd):
    cmd.expect(0, 1)
    port = cmd.number("p", 8080)
    if port > 65535:
        raise command.UsageError(f"invalid port: '{cmd['p']}'")
    directory = os.path.abspath(cmd.operands[0] if cmd.operands else ".")
    if not os.path.isdir(directory):
        os.listdir(directory)  # says why
    Handler.stream = None if cmd["quiet"] else sys.stderr
    where = f"port {port}"
    try:
        server = Server((cmd["b"] or "", port), functools.partial(Handler, directory=directory))
    except OSError as error:
        cmd.error(error, where)
        return
    with server:
        print(f"{directory} is served on port {server.server_address[1]}; Ctrl-C ends it")
        command.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


command.run(main, __doc__, argv)
