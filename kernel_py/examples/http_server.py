# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""A small web service: pages that are computed, with the standard library's HTTP server.

>>> run('/examples/http_server.py', '8080')    until Ctrl-C; from the machine's network:
$ curl http://<address>:8080/                   what there is
$ curl http://<address>:8080/status             the machine as JSON
>>> run('/examples/http_server.py')            serves itself three requests, and ends
"""

import json
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import _vosal

STARTED = time.monotonic()


def status():
    total, used, _ = _vosal.heap_info()
    return {
        "board": _vosal.BOARD,
        "python": sys.version.partition(" ")[0],
        "heap": {"total": total, "used": used},
        "threads": threading.active_count(),
        "uptime": round(_vosal.uptime_ns() / 1e9, 3),
    }


class Pages(BaseHTTPRequestHandler):
    timeout = 30

    def do_GET(self):
        if self.path == "/":
            self.answer(200, "text/plain", b"GET /status\n")
        elif self.path == "/status":
            self.answer(200, "application/json", json.dumps(status()).encode())
        else:
            self.answer(404, "text/plain", b"no such page\n")

    def answer(self, code, kind, body):
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        if argv:
            super().log_message(format, *args)


def demonstrate(port):
    for path in ("/", "/status", "/nothing"):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as page:
                text = page.read().decode().strip()
                print(page.status, path, sorted(json.loads(text)) if path == "/status" else text)
        except urllib.error.HTTPError as error:
            print(error.code, path)
            error.close()


server = ThreadingHTTPServer(("" if argv else "127.0.0.1", int(argv[0]) if argv else 0), Pages)
server.daemon_threads = True
with server:
    port = server.server_address[1]
    if argv:
        print(f"http://<address>:{port}/ until Ctrl-C")
        server.serve_forever()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        demonstrate(port)
    finally:
        server.shutdown()
