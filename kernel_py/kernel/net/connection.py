# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""A TCP connection as a terminal.

Who reads the socket: while its session waits for input, the session itself, without a detour.
While the session runs code ("armed"), the server's thread, which looks for Ctrl-C and keeps what
else comes, up to AHEAD_MAX; beyond that the client has to wait.

What a client may not do ends the connection with a line in the log: to send a line of more than
LINE_MAX bytes, or STATEMENT_MAX bytes before a statement is complete; not to take what is written
for `write_timeout` seconds; to be silent at the prompt for `idle_timeout` seconds.
"""

import _thread
import select
from time import monotonic as _now

from .. import log
from ..terminal import INTERRUPT, Terminal
from .telnet import Telnet

AHEAD_MAX = 64 * 1024
LINE_MAX = 256 * 1024
STATEMENT_MAX = 4 * 1024 * 1024
HELD_MAX = 1024
_CHUNK = 4096
_PATIENCE = 0.5  # seconds for the last words to a client, while something else is written
_SHARED = 0.05  # seconds between two looks at input that another thread may have got
_EDITING_KEYS = b"\x1b\x7f\x08"
_log = log.get("repl")


class Closed(ConnectionError):
    """The connection has ended, by whichever side."""


class Connection(Terminal):
    """One client.

    interrupt: called in the server's thread when Ctrl-C comes while the session runs code
    watch: called with the connection when it is armed
    """

    def __init__(self, sock, peer, *, idle_timeout=0, write_timeout=30, watch=None):
        super().__init__(self._receive, self._transmit, self._size)
        sock.setblocking(False)
        self.peer = peer  # "10.0.2.2:40112"
        self.editing = False
        self.idle_timeout = idle_timeout
        self.write_timeout = write_timeout
        self.interrupt = lambda: None
        self.watch = watch or (lambda connection: None)
        self.armed = False  # the session runs code
        self.ended = False  # the client sends no more
        self.ended_at = 0.0
        self.since = self.used = _now()  # used: when something came last
        self.lost = ""  # why the connection is of no use any more
        self.telnet = Telnet()
        self.channel = ""  # what names the encrypted connection
        self._sock = sock
        self._descriptor = sock.fileno()
        self._readable = select.poll()
        self._readable.register(self._descriptor, select.POLLIN)
        self._writable = select.poll()
        self._writable.register(self._descriptor, select.POLLOUT)
        self._lock = _thread.RLock()  # of what was received
        self._write_lock = _thread.allocate_lock()
        self._held = b""  # written, and waiting for what goes into the same segment
        self._input = bytearray()
        self._owner = None  # the thread that armed it
        self._reading = False  # the owner waits for input, and sees Ctrl-C itself
        self._line = 0  # bytes since the end of the last line
        self._statement = 0  # bytes since the last statement ran

    def secure(self, seconds):
        """Encrypts the connection, before anything else is done with it.

        OSError: the client has not agreed within so many seconds, or speaks no TLS.
        """
        from .secure import Socket

        self._sock = Socket(self._sock, seconds)
        self.channel = self._sock.channel

    def fileno(self):
        """The socket's descriptor."""
        return self._descriptor

    # --- reading ---------------------------------------------------------------------------

    def _receive(self, timeout):
        """See Terminal.read(); b'' for ever at the end of the input."""
        idle = timeout is None and self.idle_timeout
        left = self.idle_timeout if idle else timeout
        end = None if left is None else _now() + left
        # A thread of the session's code that reads while other code runs shares the input with
        # the server's thread, and so has to look whether that has got some.
        shared = self.armed and _thread.get_ident() != self._owner
        # Of a plain socket poll() tells what has come; what was decrypted already, it does not.
        there = bool(self.channel)
        again = False
        if not shared:
            self._reading = True
        try:
            while True:
                with self._lock:
                    if there and not self._input and not self.ended and not self.lost:
                        self.take()
                    if self._input:
                        data = bytes(self._input)
                        self._input.clear()
                        return data
                    if self.ended or self.lost:
                        return b""
                self._send_replies()
                if again and end is not None:
                    left = max(end - _now(), 0)
                    if not left:
                        if idle:
                            self._give_up()
                        return b""
                wait = left
                if shared:
                    wait = _SHARED if left is None else min(left, _SHARED)
                there = self._readable.poll(None if wait is None else wait * 1000)
                again = True
        finally:
            if not shared:
                self._reading = False
                if self.armed:
                    self.watch(self)

    def _give_up(self):
        try:
            self.write(b"\r\nclosed: nothing was typed for %d s\r\n" % self.idle_timeout)
        except OSError:
            pass  # the reason stands in the log already
        self.lose(f"idle for {self.idle_timeout} s")

    def take(self):
        """Takes what has come from the socket into the input; never waits."""
        try:
            data = self._sock.recv(_CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self.lose(str(error))
            return
        if not data:
            self.ended = True
            self.ended_at = _now()
            return
        self.used = _now()
        if not self.armed:
            self._statement += len(data)
        at = max(data.rfind(b"\n"), data.rfind(b"\r"))
        self._line = self._line + len(data) if at < 0 else len(data) - at - 1
        if self._line > LINE_MAX or self._statement > STATEMENT_MAX:
            what = "line" if self._line > LINE_MAX else "statement"
            self._input.clear()
            self.lose(f"a {what} of more than {max(self._line, self._statement) >> 10} KiB")
            return
        typed = self.telnet.feed(data)
        if not self.editing:
            self._detect(data, typed)
        self._input += typed

    def _detect(self, data, typed):
        """Finds out whether a client wants to be a terminal, by what terminals alone send."""
        crs = data.count(b"\r")
        ends = crs and data.count(b"\r\n") + data.count(b"\r\0")
        keys = len(typed) - len(typed.translate(None, _EDITING_KEYS))
        if crs > ends or keys or self.telnet.echo:
            self.editing = True
            # From now on the terminal marks what is pasted.
            self.telnet.replies += b"\x1b[?2004h"
        elif ends and not self.telnet.active:
            # Lines end like this in telnet before it knows that it speaks with its like.
            self.telnet.offer()

    def look(self):
        """For the server's thread: takes what has come while armed, and acts on Ctrl-C."""
        found = False
        with self._lock:
            if not self.wants_look():
                return
            self.take()
            before, found, after = bytes(self._input).rpartition(INTERRUPT)
            if found:
                # What was typed ahead of it goes with it.
                self._input[:] = after
        self._send_replies()
        if found:
            self.interrupt()

    def wants_look(self):
        """True while the server's thread has to watch the socket."""
        return (
            self.armed
            and not self._reading
            and not self.ended
            and not self.lost
            and len(self._input) < AHEAD_MAX
        )

    def arm(self):
        """See Terminal.arm().  What is still in the socket is the server's thread to look at."""
        self._statement = 0
        with self._lock:
            # What was typed ahead of a Ctrl-C goes with it.
            if INTERRUPT in self._input:
                self._ahead = b""
                self._input[:] = self._input.rpartition(INTERRUPT)[2]
                raise KeyboardInterrupt
            if INTERRUPT in self._ahead:
                self._ahead = self._ahead.rpartition(INTERRUPT)[2]
                raise KeyboardInterrupt
            self._owner = _thread.get_ident()
            self.armed = True
        self.watch(self)

    def disarm(self):
        """See Terminal.disarm()."""
        self.armed = False

    # --- writing ---------------------------------------------------------------------------

    def _size(self):
        return self.telnet.size or (80, 24)

    def _transmit(self, data):
        """Writes all of the bytes, as they are.  Closed: nobody will ever get them.

        While `more` is set a little is held back: it leaves with what is written next.
        """
        if type(data) is not bytes:
            data = bytes(data)
        if not self.editing:
            # Who edits lines by himself is a program or a plain terminal.
            data = data.replace(b"\r\n", b"\n")
        with self._write_lock:
            if self.telnet.replies:
                self._send_all(self._take_replies())
            data = self._held + self.telnet.escape(data)
            self._held = b""
            if self.more and len(data) <= HELD_MAX:
                self._held = data
            else:
                self._send_all(data)

    def _send_all(self, data):
        view = memoryview(data)
        while view:
            if self.lost:
                raise Closed(f"the connection has ended: {self.lost}")
            try:
                view = view[self._sock.send(view) :]
                continue
            except (BlockingIOError, InterruptedError):
                pass
            except OSError as error:
                self.lose(str(error))
                continue
            if not self._writable.poll(self.write_timeout * 1000):
                self.lose(f"took nothing for {self.write_timeout} s")

    def try_write(self, data, seconds=0):
        """Writes bytes if that can be done at once; True if it could.  For other threads.

        seconds: for so long it waits for a thread that is writing just now.
        """
        if self.lost or not self._write_lock.acquire(True, seconds):
            return False
        try:
            data = self.telnet.escape(
                bytes(data) if self.editing else data.replace(b"\r\n", b"\n")
            )
            data = self._held + data
            sent = self._sock.send(data)
            self._held = b""
            return sent == len(data)
        except OSError:
            return False  # it is full, or gone: the session itself finds out
        finally:
            self._write_lock.release()

    def _take_replies(self):
        with self._lock:
            data = bytes(self.telnet.replies)
            self.telnet.replies.clear()
        return data

    def _send_replies(self):
        if not self.telnet.replies or not self._write_lock.acquire(False):
            return  # who is writing takes them along next time
        try:
            self._sock.send(self._take_replies())
        except OSError:
            pass  # full, or gone: the next read or write finds out
        finally:
            self._write_lock.release()

    # --- the end ---------------------------------------------------------------------------

    def lose(self, why):
        """Declares the connection dead; who reads or writes on it learns it at once."""
        if self.lost:
            return
        self.lost = why
        try:
            self._sock.shutdown(2)  # both ways: who waits in poll() wakes
        except OSError:
            pass  # it is down already

    def hang_up(self, why):
        """See Terminal.hang_up()."""
        if not self.lost:
            self.try_write(f"\r\nthis session is {why}\r\n".encode(), _PATIENCE)
        self.lose(why)

    def close(self):
        """Closes the socket."""
        self.lost = self.lost or "closed"
        with self._lock:
            self._sock.close()
