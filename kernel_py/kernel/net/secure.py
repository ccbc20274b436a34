# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The prompt over TLS: the machine's own certificate, and sockets that are encrypted with it.

The certificate is made by the machine and signed by nobody else.  That it is the right one is
shown by the login, whose answer and proof are computed with the certificate's fingerprint.
"""

import _thread
import hashlib
import os
import socket
import ssl

from . import auth

_context = None
_fingerprint = ""
_lock = _thread.allocate_lock()


def context():
    """(the server's ssl.SSLContext, the SHA-256 of its certificate in hexadecimal).

    OSError: there is no certificate, and this machine cannot make one.
    """
    global _context, _fingerprint
    with _lock:
        if _context is None:
            made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            _fingerprint = _load(made)
            _context = made
        return _context, _fingerprint


def _load(made):
    file = os.path.join(os.path.dirname(auth.secret_file()), "repl.pem")
    temporary = not auth.persistent()
    if not temporary and os.path.exists(file):
        with open(file, encoding="ascii") as stream:
            text = stream.read()
    else:
        text = _make()
        if temporary:
            file = f"/tmp/repl-{os.urandom(8).hex()}.pem"
        auth.write_private(file, text)
    try:
        made.load_cert_chain(file)
    finally:
        if temporary:
            os.unlink(file)
    certificate = text[text.index("-----BEGIN CERT") :]
    certificate = certificate[: certificate.index("-----END CERT") + 25]
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate)).hexdigest()


def _make():
    try:
        import _tls
    except ImportError:
        raise FileNotFoundError(
            2, "no certificate, and no means to make one", "repl.pem"
        ) from None
    # The clock of a machine may be wrong; the login does not rest on these dates.
    return "".join(_tls.make_certificate("zpy", "20200101000000", "20991231235959"))


class Socket:
    """An encrypted socket with the manners of a plain one that does not block."""

    def __init__(self, plain, seconds):
        """Agrees on keys with the peer, for so long.  OSError: that failed; plain is closed."""
        made, self.channel = context()
        whole = socket.socket(fileno=plain.detach())
        try:
            whole.settimeout(seconds)
            self._socket = made.wrap_socket(whole, server_side=True)
        except BaseException:
            whole.close()
            raise
        self._socket.setblocking(False)
        self._lock = _thread.allocate_lock()  # of the state that both directions share

    def fileno(self):
        """The descriptor."""
        return self._socket.fileno()

    def recv(self, size):
        """All that has come, b"" at the end.  BlockingIOError: nothing."""
        parts = []
        try:
            with self._lock:
                # What has been decrypted no poll() tells of.
                while data := self._socket.recv(16384):
                    parts.append(data)
                    if len(parts) > 4:
                        break
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            if not parts:
                raise BlockingIOError from None
        except ssl.SSLEOFError:
            pass  # the end without a farewell, as of many clients
        return b"".join(parts)

    def send(self, data):
        """Takes some of the bytes; returns how many.  BlockingIOError: none."""
        try:
            with self._lock:
                return self._socket.send(bytes(data[:8192]))
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise BlockingIOError from None

    def shutdown(self, how):
        """Ends both directions, without a farewell."""
        socket.socket.shutdown(self._socket, how)

    def close(self):
        """Closes the socket."""
        self._socket.close()
