# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""A machine's side of the protocol, small and without the kernel; its vices are arguments.

The code of a program is Python that finds the functions out, err, want, raw and end.
"""

import base64
import json
import os
import sys
import time

BANNER = b"raw REPL; CTRL-B to exit\r\n>"


def raw(data):
    while data:
        data = data[os.write(1, data) :]


class Input:
    """Standard input by byte and by line."""

    def __init__(self):
        self.buffer = b""

    def until(self, mark):
        while mark not in self.buffer:
            data = os.read(0, 65536)
            if not data:
                sys.exit(0)
            self.buffer += data
        before, _, self.buffer = self.buffer.partition(mark)
        return before


source = Input()


def out(data):
    raw(b"\x10O" + data.replace(b"\x10", b"\x10\x10"))


def err(data):
    raw(b"\x10E" + data.replace(b"\x10", b"\x10\x10"))


def want(count):
    raw(b"\x10R%d\n" % count)
    return base64.b64decode(source.until(b"\n"), validate=True)


def end(status):
    raw(b"\x10X%d\n" % status)


def serve(vices):
    raw(b"OK")
    text = b""
    while piece := want(7):
        text += piece
    request = json.loads(text)
    names = {"out": out, "err": err, "want": want, "raw": raw, "end": end, "sys": sys}
    names.update(request=request, time=time, source=source, vices=vices)
    exec(request["code"], names)
    raw(b"\x04\x04>")


def main(vices):
    if "dead" in vices:
        raw(b"[ZPy] INFO  kernel.boot: on my way\r\n")
        sys.exit(3)
    if "fatal" in vices:
        raw(b"up\r\nE: >>> ZEPHYR FATAL ERROR 0: CPU exception on CPU 0\r\nE: RIP: 0x1234\r\n")
        time.sleep(60)
    if "silent" in vices:
        time.sleep(60)
    if "fake-prompt" in vices:
        raw(b"boot says >>> and goes on\r\n")
        time.sleep(0.5)
    raw(b"[ZPy] INFO  kernel.boot: ready\r\n>>> ")
    deaf = 1 if "deaf" in vices else 0
    while True:
        source.until(b"\x01")
        if deaf:  # the first knock is lost
            deaf -= 1
            raw(b"\r\n>>> ")
            continue
        break
    raw(b"\r\n" + BANNER)
    if "echo-twice" in vices:  # as if an earlier knock were answered late
        raw(b"\r\n" + BANNER)
    while True:
        code = source.until(b"\x04").decode()
        if "hostrun" in code:
            serve(vices)
        elif "poweroff" in code:
            sys.exit(0)
        else:
            raw(b"OK")
            from contextlib import redirect_stdout
            from io import StringIO

            text = StringIO()
            with redirect_stdout(text):
                exec(code, {})
            raw(text.getvalue().replace("\n", "\r\n").encode() + b"\x04\x04>")


if __name__ == "__main__":
    main(sys.argv[1:])
