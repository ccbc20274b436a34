# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The prompt over TCP: any number of sessions, each with a thread and names of its own.

    kernel.net.repl_server.config         what it does: see Config
    kernel.net.repl_server.start()        listens, with the configuration as it is now
    kernel.net.repl_server.stop()         closes the port and all its sessions

One thread accepts connections and watches those whose session runs code, for Ctrl-C.  It imports
nothing that a boot could feel: what a session needs is imported by the first session.
"""

import _socket
import _thread
import errno
import posix
import select
import time

import _vosal

from .. import log

MODES = ("off", "plain", "auth", "tls")
_TICK = 0.05  # seconds until a session that has just begun to run code is watched
_TICKS = 20  # the server looks so many times more before it sleeps
_CARE = 1.0  # seconds between two looks at what is overdue
_BACKLOG = 16  # connections that may wait to be accepted
_log = log.get("repl")


class Steady:
    """Warnings that a flood of clients cannot make a flood of: 20 at once, then one a second.

    Those that are left out are counted in the next one.
    """

    def __init__(self):
        self._left = 20.0
        self._filled = time.monotonic()
        self._missed = 0

    def warning(self, text):
        """Logs a text, or counts it."""
        now = time.monotonic()
        self._left = min(20.0, self._left + now - self._filled)
        self._filled = now
        if self._left < 1:
            self._missed += 1
            return
        self._left -= 1
        missed, self._missed = self._missed, 0
        _log.warning(f"{text} (and {missed} more lines)" if missed else text)


class Config:
    """What the server does.  The first values are Kconfig's (CONFIG_ZPY_REPL_…).

    mode: "off"; "plain": whoever connects has a prompt; "auth": who knows the machine's secret
        has one; "tls": as "auth", and nobody can listen or change what is sent
    port, bind: where it listens; bind "" is every address of the machine
    trusted: addresses of peers that are asked for nothing
    sessions: how many there may be at once
    idle_timeout: seconds at the prompt without a key, 0 for ever
    write_timeout: seconds in which a client must take something
    login_timeout: seconds that the authentication may take
    logins: how many may be authenticating at once
    linger: seconds for which a statement may go on when its client has sent all it will send
    """

    def __init__(self):
        get = vars(_vosal).get
        self.mode = get("REPL", "off")
        self.port = get("REPL_PORT", 5000)
        self.bind = get("REPL_BIND", "")
        self.trusted = set(get("REPL_TRUSTED", "").split())
        self.sessions = get("REPL_SESSIONS", 64)
        self.idle_timeout = get("REPL_IDLE_TIMEOUT", 3600)
        self.write_timeout = get("REPL_WRITE_TIMEOUT", 30)
        self.login_timeout = 30
        self.logins = 8
        self.linger = 30

    def __repr__(self):
        return "\n".join(f"{name} = {value!r}" for name, value in vars(self).items())

    def check(self):
        """Raises ValueError for what cannot be."""
        if self.mode not in MODES:
            raise ValueError(f"mode is one of {', '.join(MODES)}, not {self.mode!r}")
        if not 0 <= self.port <= 65535:
            raise ValueError(f"port is 0 to 65535, not {self.port}")


class Client:
    """A connection that is being served."""

    def __init__(self, host, port, connection):
        self.host = host
        self.peer = f"{host}:{port}"
        self.connection = connection
        self.login = True  # it has not shown yet who it is
        self.session = None
        self.since = time.monotonic()


class Server:
    """A port that is open."""

    def __init__(self, config, serve=None):
        """serve(client): what is done for a client after the login; a session if None."""
        config.check()
        self.config = config
        self.clients = []
        self._serve = serve or _session
        self._guard = None
        self._steady = Steady()
        self._running = True
        self._closed = False
        self._ticking = False
        self._ticks = 0
        self._ended = _thread.allocate_lock()
        family = _socket.AF_INET6 if ":" in config.bind else _socket.AF_INET
        self._listener = _socket.socket(family, _socket.SOCK_STREAM)
        try:
            try:
                self._listener.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
            except OSError as error:
                # A convenience after a restart, and not every stack has it.
                _log.debug(f"SO_REUSEADDR: {error}")
            self._listener.bind((config.bind, config.port))
            self._listener.listen(_BACKLOG)
            self._listener.setblocking(False)
            self.port = self._listener.getsockname()[1]
            self._wake_out, self._wake_in = posix.pipe()
            posix.set_blocking(self._wake_out, False)
            posix.set_blocking(self._wake_in, False)
        except BaseException:
            self._listener.close()
            raise
        self._ended.acquire()
        _thread.start_new_thread(self._run, ())

    # --- the server's thread ---------------------------------------------------------------

    def _run(self):
        _vosal.thread_name("repl")
        config = self.config
        if config.mode in ("auth", "tls") and not config.trusted and not is_loopback(config.bind):
            # Whoever is to have the secret needs it before the first login.  Where peers are
            # trusted, there may never be one; who is on the same computer sees the console.
            _have_secret()
        try:
            while self._running:
                try:
                    self._step()
                except Exception as error:
                    # One client's trouble, or no memory: the port stays open.
                    _log.exception(f"the server failed and goes on: {error!r}", error)
                    time.sleep(_CARE)
        finally:
            self._listener.close()
            for client in self.clients[:]:
                client.connection.lose("the server stops")
                self._interrupt(client)
            self._ended.release()

    def _step(self):
        self._ticking = False
        poll = select.poll()
        poll.register(self._listener.fileno(), select.POLLIN)
        poll.register(self._wake_out, select.POLLIN)
        watched = {}
        for client in self.clients[:]:
            if client.connection.wants_look():
                watched[client.connection.fileno()] = client
                poll.register(client.connection.fileno(), select.POLLIN)
        if watched:
            self._ticks = _TICKS
        elif self._ticks:
            self._ticks -= 1
        timeout = _TICK if self._ticks else (_CARE if self._overdue() else None)
        self._ticking = bool(self._ticks)
        if not self._ticking and any(client.connection.armed for client in self.clients[:]):
            # It has begun between the two looks, and did not wake anybody.
            self._ticks = _TICKS
            return
        for descriptor, _ in poll.poll(None if timeout is None else timeout * 1000):
            if descriptor in watched:
                watched[descriptor].connection.look()
            elif descriptor == self._wake_out:
                posix.read(self._wake_out, 64)
            else:
                for _ in range(_BACKLOG):
                    if not self._accept():
                        break

    def watch(self, connection):
        """A session begins to run code: its connection has to be watched."""
        if not self._ticking:
            # Short statements have ended before the server looks. It looks some more times, so
            # that the next ones do not have to wake it again.
            self._ticks = _TICKS
            self.wake()

    def wake(self):
        """Makes the server's thread look at everything anew."""
        if self._closed:
            return
        try:
            posix.write(self._wake_in, b"w")
        except BlockingIOError:
            pass  # it has been woken often enough
        except OSError as error:
            if self._running:
                _log.warning(f"waking the server: {error}")

    def _overdue(self):
        """Ends what has lasted too long; True if there is something to be looked at again."""
        now = time.monotonic()
        more = False
        for client in self.clients[:]:
            connection = client.connection
            if client.login:
                more = True
                if now - client.since > self.config.login_timeout + 1:
                    connection.lose("the login took too long")
            elif connection.lost:
                more = True
                if connection.armed:
                    self._interrupt(client)
            elif connection.armed and connection.ended:
                more = True
                if now - connection.ended_at > self.config.linger:
                    connection.lose("the client has gone")
                    self._interrupt(client)
        return more

    def _interrupt(self, client):
        """Ends what the session runs; again and again, for code that goes on in spite of it."""
        if client.session is not None:
            client.session.end()

    def _accept(self):
        """Accepts a connection; False if there is none."""
        try:
            descriptor, address = self._listener._accept()
        except (BlockingIOError, ConnectionError):
            return False
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS):
                raise
            self._refuse(None, "", f"no room for a connection: {error}")
            time.sleep(_CARE)
            return False
        sock = _socket.socket(fileno=descriptor)
        host = address[0]
        try:
            if len(self.clients) >= self.config.sessions:
                self._refuse(sock, host, f"there are {len(self.clients)} sessions already")
                return True
            logins = sum(client.login for client in self.clients)
            if not self.open_to(host) and logins >= self.config.logins:
                self._refuse(sock, host, "too many are logging in")
                return True
            self._begin(sock, host, address[1])
        except (MemoryError, RuntimeError, ImportError) as error:
            self._refuse(sock, host, f"no session: {error or 'out of memory'}")
        except OSError as error:
            sock.close()
            _log.debug(f"{host}: {error}")
        return True

    def _begin(self, sock, host, port):
        from .connection import Connection

        _quiet_options(sock)
        config = self.config
        connection = Connection(
            sock,
            f"{host}:{port}",
            idle_timeout=config.idle_timeout,
            write_timeout=config.write_timeout,
            watch=self.watch,
        )
        client = Client(host, port, connection)
        client.login = not self.open_to(host)
        self.clients.append(client)
        try:
            _thread.start_new_thread(self._attend, (client,))
        except BaseException:
            self.clients.remove(client)
            raise

    def _refuse(self, sock, host, why):
        """Sends a client away."""
        if sock is not None:
            try:
                sock.setblocking(False)
                sock.send(f"refused: {why}\r\n".encode())
            except OSError:
                pass  # it has gone already
            sock.close()
        self._steady.warning(f"{host or 'a client'} refused: {why}")

    # --- a client's thread -----------------------------------------------------------------

    def _attend(self, client):
        connection = client.connection
        _vosal.thread_name(f"repl {client.peer}")
        try:
            if self.config.mode == "tls":
                try:
                    connection.secure(self.config.login_timeout)
                except OSError as error:
                    connection.lose(f"no TLS: {error}")
                    return
            if self._login(client):
                client.login = False
                self._serve(client)
        except (EOFError, ConnectionError):
            pass  # the client has gone; connection.lost says why, if there is something to say
        except BaseException as error:
            _log.exception(f"{client.peer}: {error!r}", error)
        finally:
            why = connection.lost
            connection.close()
            self.clients.remove(client)
            if why:
                self._steady.warning(f"{client.peer} closed: {why}")

    def open_to(self, host):
        """True if a peer is asked for nothing.  Over TLS nobody is: the login shows, too, that
        the machine is the one that is meant."""
        if self.config.mode in ("plain", "tls"):
            return self.config.mode == "plain"
        return host in self.config.trusted or host.removeprefix("::ffff:") in self.config.trusted

    def _login(self, client):
        """Lets a client prove that it knows the secret; True if it may have a session."""
        if self.open_to(client.host):
            return True
        from .. import lineedit
        from . import auth

        if self._guard is None:
            self._guard = auth.Guard()
        connection = client.connection
        seconds = self._guard.wait(client.host)
        if seconds:
            self._turn_away(client, seconds)
            return False
        key = _have_secret()
        if key is None:
            connection.write(b"This machine has no secret, and cannot keep one.\r\n")
            _log.warning(f"audit: {client.peer} refused: there is no secret")
            return False
        nonce = auth.challenge()
        connection.idle_timeout = self.config.login_timeout
        connection.write(
            b"This machine wants an answer that only its secret can give. ./zpy repl gives it.\r\n"
            b"challenge " + nonce.encode() + b"\r\n"
        )
        try:
            line = lineedit.Editor(connection).readline("response: ")
        except (EOFError, KeyboardInterrupt):
            _log.info(f"audit: {client.peer} left without an answer")
            return False
        seconds, result = self._guard.attempt(
            client.host, lambda: auth.check(key, nonce, line, connection.channel)
        )
        if result is None:
            self._turn_away(client, seconds)
            return False
        right, proof = result
        if not right:
            _log.warning(f"audit: {client.peer} refused: wrong answer")
            connection.write(b"wrong answer\r\n")
            return False
        _log.info(f"audit: {client.peer} let in")
        if proof:
            connection.write(b"proof " + proof.encode() + b"\r\n")
        connection.idle_timeout = self.config.idle_timeout
        return True

    def _turn_away(self, client, seconds):
        wait = int(seconds) + 1
        self._steady.warning(
            f"audit: {client.peer} refused: too many wrong answers, {wait} s to wait"
        )
        client.connection.write(f"too many wrong answers: try again in {wait} s\r\n".encode())

    # --- the end ---------------------------------------------------------------------------

    def close(self, seconds=2.0):
        """Closes the port and ends all sessions; waits so long for their threads."""
        self._running = False
        self.wake()
        if self._ended.acquire(True, seconds):
            self._ended.release()
        deadline = time.monotonic() + seconds
        while self.clients and time.monotonic() < deadline:
            time.sleep(0.01)
        if not self._closed:
            self._closed = True
            posix.close(self._wake_in)
            posix.close(self._wake_out)


def is_loopback(bind):
    """Whether only this computer reaches an address: of native_sim and sim, the host."""
    return bind == "::1" or bind.startswith("127.")


def _have_secret():
    """The machine's secret, made and shown on the console if need be; None if that fails."""
    from . import auth

    try:
        auth.ensure(_show)
        return auth.secret()
    except OSError as error:
        _log.error(f"the secret: {error}")
        return None


def _show(text):
    # Not by the log, which others may read.
    _vosal.console_write(f"\r\n[ZPy] repl: {text}\r\n".encode())


def _quiet_options(sock):
    """Answers leave at once; a peer that has vanished is found out.  As far as there are such."""
    options = (
        ("IPPROTO_TCP", "TCP_NODELAY", 1),
        ("SOL_SOCKET", "SO_KEEPALIVE", 1),
        ("IPPROTO_TCP", "TCP_KEEPIDLE", 60),
        ("IPPROTO_TCP", "TCP_KEEPINTVL", 15),
        ("IPPROTO_TCP", "TCP_KEEPCNT", 4),
        ("SOL_SOCKET", "SO_OOBINLINE", 1),  # telnet's interrupt comes as urgent data
    )
    names = vars(_socket)
    for level, option, value in options:
        if option in names and level in names:
            try:
                sock.setsockopt(names[level], names[option], value)
            except OSError as error:
                _log.debug(f"{option}: {error}")


def _session(client):
    """Serves a client with a session of the kernel."""
    from .. import boot
    from ..session import Session

    session = Session(
        client.connection,
        banner=boot.version() + '\nType "help" for help.',
        name=client.peer,
    )
    client.session = session
    client.connection.interrupt = session.interrupt
    session.run()


# --- the one server of the machine ---------------------------------------------------------

config = Config()
server = None


def start():
    """Opens the port as `config` says, unless that is off; an open one is closed before.

    OSError: the address is in use, or there is none.
    """
    global server
    stop()
    config.check()
    if config.mode == "off":
        return
    server = Server(config)
    where = f"TCP port {server.port}"
    if config.mode == "plain":
        _log.warning(f"{where} gives a prompt to whoever connects (plain): no secret is asked for")
    else:
        _log.info(f"{where} ({config.mode})")


def stop():
    """Closes the port and its sessions."""
    global server
    previous, server = server, None
    if previous is not None:
        previous.close()
