# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Who may have a prompt over the network: the machine's secret, and proof of knowing it.

The secret never travels.  The machine sends a challenge, 64 hexadecimal digits that it never
sends twice, and the client answers

    HMAC-SHA256(key = the secret, message = the challenge [":" + the channel])

in hexadecimal.  The channel is what names an encrypted connection (the SHA-256 of the server's
certificate), so that nobody can stand in between and pass the answer on.  A client may append a
blank and a nonce of its own (32 to 64 hexadecimal digits); the machine then proves that it knows
the secret too:

    HMAC-SHA256(key = the secret, message = "server:" + the nonce + ":" + the challenge [":" + …])

`Guard` makes guessing slow, for each address and for all together.
"""

import _thread
import hashlib
import hmac
import os
import time

import _vosal

DIGITS = frozenset("0123456789abcdef")
SECRET_MIN = 12  # characters of a secret that a user chooses

_FILE = "/flash/etc/secret"
_making = _thread.allocate_lock()
_counter = 0
_secret = None  # in memory, for machines where no file keeps it


# --- the secret ----------------------------------------------------------------------------


def generate():
    """A new secret: 128 random bits, as seven groups of letters and digits."""
    import base64

    text = base64.b32encode(os.urandom(16)).decode().rstrip("=").lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def secret():
    """The machine's secret; None if it has none yet.  OSError: the file cannot be read."""
    configured = getattr(_vosal, "REPL_SECRET", "")
    if configured:
        return configured
    try:
        with open(secret_file(), encoding="utf-8") as file:
            text = file.readline().strip()
    except FileNotFoundError:
        return _secret
    # An empty file, left by a cut of the power, is none.
    return text or _secret


def set_secret(text):
    """Sets the machine's secret; returns the file that keeps it, None if no file can.

    ValueError: it is too short, begins or ends with a blank, or is not one printable line; or
    the image brings one (CONFIG_ZPY_REPL_SECRET), which no file replaces.
    """
    global _secret
    if getattr(_vosal, "REPL_SECRET", ""):
        raise ValueError("the secret is part of the image (CONFIG_ZPY_REPL_SECRET)")
    if text != text.strip() or not text.isprintable():
        raise ValueError("a secret is one line of printable characters, without blanks around it")
    if len(text) < SECRET_MIN:
        raise ValueError(f"a secret has at least {SECRET_MIN} characters")
    _secret = text
    if not persistent():
        return None
    write_private(secret_file(), text + "\n")
    return secret_file()


def persistent():
    """True if there is a file system that keeps the secret over a reset."""
    return os.path.isdir(os.path.dirname(os.path.dirname(secret_file())))


def write_private(file, text):
    """Writes a file for the kernel alone, in one step: it holds the old or the new text."""
    os.makedirs(os.path.dirname(file), mode=0o700, exist_ok=True)
    new = file + ".new"
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(new, file)


def secret_file():
    """The file that keeps the secret."""
    return getattr(_vosal, "REPL_SECRET_FILE", _FILE)


def ensure(show):
    """Makes a secret if there is none; show(text) is given what a person has to read then.

    show writes to the console and to nothing that keeps it: not to the log.
    """
    with _making:
        if secret() is not None:
            return
        text = generate()
        file = set_secret(text)
    kept = f"kept in {file}" if file else "until the next reset: there is no /flash to keep it"
    show(f"the secret of this machine's REPL is {text} ({kept}; passwd changes it)")


# --- challenge and response ----------------------------------------------------------------


def challenge():
    """A new challenge: 64 hexadecimal digits."""
    global _counter
    _counter += 1
    # A weak generator may repeat itself after a reset; time and a count make that useless to
    # somebody who has listened.
    seed = b"%d %d %d " % (_counter, time.time_ns(), _vosal.uptime_ns())
    return hashlib.sha256(seed + os.urandom(32)).hexdigest()


def _mac(key, *parts):
    message = ":".join(part for part in parts if part)
    return hmac.new(key.encode(), message.encode(), "sha256").hexdigest()


def response(key, challenge, channel=""):
    """What a client that knows the secret answers."""
    return _mac(key, challenge, channel)


def proof(key, nonce, challenge, channel=""):
    """What a machine that knows the secret answers to a client's nonce."""
    return _mac(key, "server", nonce, challenge, channel)


def check(key, challenge, line, channel=""):
    """Judges a client's line; returns (is it right, the proof to send or "")."""
    answer, _, nonce = line.strip().lower().partition(" ")
    nonce = nonce.strip()
    # As bytes: compare_digest refuses text outside of ASCII.
    right = hmac.compare_digest(
        answer.encode("utf-8", "replace"), response(key, challenge, channel).encode()
    )
    if not right:
        return False, ""
    if 32 <= len(nonce) <= 64 and DIGITS.issuperset(nonce):
        return True, proof(key, nonce, challenge, channel)
    return True, ""


# --- guessing ------------------------------------------------------------------------------


class Guard:
    """Who has to wait before the next attempt.

    From the fourth failure on, an address waits 2 s, then 4, 8 … up to an hour.  All addresses
    together have 30 failures a minute; after that only those that have been let in during the
    last day may try.  At most 256 addresses are remembered, the longest idle go first.
    An IPv6 address counts by its first 64 bits, because whoever has one has them all.
    """

    FREE = 3  # failures that cost nothing
    WAIT_MAX = 3600
    ALL_MAX = 30
    ALL_SECONDS = 60
    REMEMBERED = 256
    KNOWN_SECONDS = 86400

    def __init__(self, now=time.monotonic):
        self._now = now
        self._lock = _thread.allocate_lock()
        self._failures = {}  # address → (count, time of the last)
        self._known = {}  # address → time when it was let in
        self._tokens = float(self.ALL_MAX)
        self._filled = now()

    @staticmethod
    def _key(address):
        if ":" not in address:
            return address
        import _socket

        try:
            packed = _socket.inet_pton(_socket.AF_INET6, address.partition("%")[0])
        except OSError:
            return address
        if packed[:12] == bytes(10) + b"\xff\xff":
            return _socket.inet_ntop(_socket.AF_INET, packed[12:])
        return packed[:8].hex()

    def wait(self, address):
        """Seconds until an address may try again; 0: now."""
        key = self._key(address)
        count, last = self._failures.get(key, (0, 0))
        own = 0.0
        if count > self.FREE:
            delay = min(2.0 ** min(count - self.FREE, 20), self.WAIT_MAX)
            own = max(0.0, last + delay - self._now())
        if key not in self._known:
            self._fill()
            if self._tokens < 1:
                own = max(own, (1 - self._tokens) * self.ALL_SECONDS / self.ALL_MAX)
        return own

    def _fill(self):
        now = self._now()
        gained = (now - self._filled) * self.ALL_MAX / self.ALL_SECONDS
        self._tokens = min(self.ALL_MAX, self._tokens + gained)
        self._filled = now
        if self._known:
            fresh = now - self.KNOWN_SECONDS
            self._known = {key: at for key, at in self._known.items() if at > fresh}

    def attempt(self, address, judge):
        """Calls judge() unless the address has to wait; returns (seconds to wait, its result).

        The first of what judge() returns says whether the attempt was right.  One at a time: who
        makes many attempts at once is not served better than who makes them one by one.
        """
        with self._lock:
            seconds = self.wait(address)
            if seconds:
                return seconds, None
            result = judge()
            if result[0]:
                self.succeeded(address)
            else:
                self.failed(address)
            return 0, result

    def failed(self, address):
        """Counts a failure; returns how many that address has now."""
        key = self._key(address)
        self._fill()
        self._tokens = max(0.0, self._tokens - 1)
        count = self._failures.pop(key, (0, 0))[0] + 1
        self._failures[key] = (count, self._now())  # as the last: the first is idle longest
        while len(self._failures) > self.REMEMBERED:
            del self._failures[next(iter(self._failures))]
        return count

    def succeeded(self, address):
        """Forgets the failures of an address."""
        key = self._key(address)
        self._failures.pop(key, None)
        self._known.pop(key, None)
        self._known[key] = self._now()
        while len(self._known) > self.REMEMBERED:
            del self._known[next(iter(self._known))]
