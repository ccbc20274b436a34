# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""UART: a serial line.  It has a descriptor: fileno(), poll() and asyncio work on it."""

import errno
import os
import select
import time
from _thread import allocate_lock
from _warnings import warn

import _vhal

from kernel.devices import devices
from kernel.errors import InvalidHardwareStatusError, UnsupportedError


class UART:
    """UART(id, baudrate=None, bits=8, parity=None, stop=1, *, timeout=0, timeout_char=0,
            flow=0, …)

    id: the UART's label or alias, or its number.  timeout: milliseconds to wait for the first
    byte; timeout_char: between two.  Without baudrate the line stays as the devicetree has it.
    Sizes of buffers and pins are accepted; the image and the devicetree decide them.  One that
    nobody refers to any more is closed, with a ResourceWarning.
    """

    RTS, CTS = 1, 2
    IRQ_RX = 1

    _line = None  # until it is open

    def __init__(
        self,
        id,
        baudrate=None,
        bits=8,
        parity=None,
        stop=1,
        *,
        timeout=0,
        timeout_char=0,
        flow=0,
        **rest,
    ):
        self._irq = None
        self._waited = [False, False]  # by a coroutine: to read, to write
        self._device = devices.of_kind(id, "uart")
        self._name = devices[self._device.path].name
        self._line = _Line(_vhal.uart_open(self._device), self._name)
        try:
            self.init(
                baudrate,
                bits,
                parity,
                stop,
                timeout=timeout,
                timeout_char=timeout_char,
                flow=flow,
                **rest,
            )
        except BaseException:
            self.deinit()
            raise

    def init(
        self,
        baudrate=None,
        bits=8,
        parity=None,
        stop=1,
        *,
        timeout=0,
        timeout_char=0,
        flow=0,
        tx=None,
        rx=None,
        rts=None,
        cts=None,
        txbuf=None,
        rxbuf=None,
        invert=0,
    ):
        """Sets the line and the time-outs."""
        if timeout < 0 or timeout_char < 0:
            raise ValueError("time-outs must not be negative")
        if self._line is None:
            self._line = _Line(_vhal.uart_open(self._device), self._name)
        self._timeout, self._timeout_char = timeout / 1000, timeout_char / 1000
        if baudrate is not None:
            try:
                _vhal.uart_configure(self._device, baudrate, bits, parity, stop, flow)
            except UnsupportedError:
                if (bits, parity, stop, flow) != (8, None, 1, 0):
                    raise
                speed = devices[self._device.path].properties.get("current-speed")
                if baudrate != speed:
                    raise

    def _open(self):
        line = self._line
        if line is None:
            raise _closed(self._name)
        return line

    def fileno(self):
        """The descriptor."""
        return self._open().fd

    def deinit(self):
        """Closes it.  Who reads or writes gets InvalidHardwareStatusError."""
        line, self._line = self._line, None
        watcher, self._irq = self._irq, None
        if line is not None:
            line.close()
        if watcher is not None:
            watcher.stop()

    close = deinit

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.deinit()

    def __del__(self):
        if self._line is not None:
            warn(f"unclosed {self!r}", ResourceWarning, source=self)
            self.deinit()

    def any(self):
        """The bytes that can be read at once."""
        self._open()
        return _vhal.uart_state(self._device)[0]

    @staticmethod
    def _ready(fd, timeout):
        poller = select.poll()
        poller.register(fd, select.POLLIN)
        return bool(poller.poll(max(0, timeout) * 1000))

    def _take(self, fd, nbytes):
        """Reads what is there, at least one byte unless nbytes is 0."""
        data = os.read(fd, nbytes)
        if not data and nbytes:
            raise _closed(self._name)
        return data

    def read(self, nbytes=-1):
        """Reads up to so many bytes; None or -1: all there are.

        None after the time-out without any.
        """
        if nbytes is None:
            nbytes = -1
        data = bytearray()
        wait = self._timeout
        with self._open() as fd:
            while nbytes < 0 or len(data) < nbytes:
                if not self._ready(fd, wait):
                    break
                data += self._take(fd, 4096 if nbytes < 0 else nbytes - len(data))
                wait = self._timeout_char
        return bytes(data) if data or nbytes == 0 else None

    def readinto(self, buf, nbytes=None):
        """Reads into a buffer; returns how many, or None after the time-out."""
        view = memoryview(buf).cast("B")
        data = self.read(len(view) if nbytes is None else min(nbytes, len(view)))
        if data is None:
            return None
        view[: len(data)] = data
        return len(data)

    def readline(self):
        """Reads up to a newline, or what there is; None after the time-out without any."""
        data = bytearray()
        wait = self._timeout
        with self._open() as fd:
            while not data.endswith(b"\n") and self._ready(fd, wait):
                data += self._take(fd, 1)
                wait = max(self._timeout_char, self._timeout)
        return bytes(data) if data else None

    def write(self, buf):
        """Sends all of it; returns the number of bytes."""
        view = memoryview(buf).cast("B")
        sent = 0
        with self._open() as fd:
            while sent < len(view):
                sent += os.write(fd, view[sent:])
        return sent

    def sendbreak(self):
        """Raises UnsupportedError: drivers of Zephyr have no call that sends a break."""
        self._open()
        raise UnsupportedError(f"UART {self._name}: Zephyr's drivers send no break")

    def txdone(self):
        """Has all been given to the hardware?"""
        self._open()
        return _vhal.uart_state(self._device)[1] == 0

    def flush(self, timeout=10):
        """Waits until all has been given to the hardware; OSError(ETIMEDOUT) after 10 s."""
        end = time.monotonic() + timeout
        while not self.txdone():
            if time.monotonic() > end:
                raise TimeoutError(errno.ETIMEDOUT, f"UART {self._name}: not sent")
            time.sleep(0.001)

    def irq(self, handler=None, trigger=IRQ_RX, hard=False):
        """Has handler(uart) called when bytes have come; None: no more."""
        line = self._open()
        if self._irq is not None:
            self._irq.stop()
            self._irq = None
        if handler is not None:
            self._irq = _Watcher(self, line, handler)
        return self._irq

    async def aread(self, nbytes=4096):
        """Reads at least one byte, for asyncio.  RuntimeError: another coroutine does."""
        with self._open() as fd:
            await self._aready(fd, write=False)
            return self._take(fd, nbytes)

    async def awrite(self, buf):
        """Sends all of it, for asyncio.  RuntimeError: another coroutine does."""
        view = memoryview(buf).cast("B")
        with self._open() as fd:
            while view:
                await self._aready(fd, write=True)
                view = view[os.write(fd, view[:64]) :]

    async def _aready(self, fd, write):
        import asyncio

        if self._waited[write]:
            name = "awrite" if write else "aread"
            raise RuntimeError(f"{name}() called while another coroutine is already waiting")
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        add = loop.add_writer if write else loop.add_reader
        remove = loop.remove_writer if write else loop.remove_reader
        add(fd, lambda: future.done() or future.set_result(None))
        self._waited[write] = True
        try:
            await future
        finally:
            self._waited[write] = False
            remove(fd)

    def __repr__(self):
        return f"UART({self._name!r}{', closed' if self._line is None else ''})"


def _closed(name):
    return InvalidHardwareStatusError(f"UART {name}: closed")


class _Line:
    """An open descriptor.  `with` it is in use: its number stays its own until all have left."""

    def __init__(self, fd, name):
        self.fd, self.name = fd, name
        self.users = 0
        self.ended = False
        self.lock = allocate_lock()

    def close(self):
        """Wakes who uses it; the UART is free at once.  Once is enough; later it does nothing."""
        with self.lock:
            if not self.ended:
                self.ended = True
                _vhal.uart_hangup(self.fd)
                if not self.users:
                    os.close(self.fd)

    def __enter__(self):
        with self.lock:
            if self.ended:
                raise _closed(self.name)
            self.users += 1
        return self.fd

    def __exit__(self, kind, error, traceback):
        with self.lock:
            self.users -= 1
            if self.ended and not self.users:
                os.close(self.fd)
        if self.ended and isinstance(error, OSError):
            raise _closed(self.name) from None


class _Watcher:
    """A thread that waits for bytes."""

    def __init__(self, uart, line, handler):
        import threading

        self.ends = os.pipe()
        self.arguments = uart, line, handler
        self.thread = threading.Thread(target=self.run, name="uart", daemon=True)
        self.thread.start()

    def run(self):
        uart, line, handler = self.arguments
        try:
            with line as fd:
                self.watch(uart, fd, handler)
        except InvalidHardwareStatusError:
            return  # it was closed

    def watch(self, uart, fd, handler):
        """Calls the handler when there is news, until stop()."""
        poller = select.poll()
        poller.register(fd, select.POLLIN)
        poller.register(self.ends[0], select.POLLIN)
        seen = -1
        while True:
            # Bytes that the handler leaves are no news.
            if seen > 0:
                time.sleep(0.005)
            ready = dict(poller.poll())
            if self.ends[0] in ready:
                return
            try:
                count = uart.any()
                if count != seen:
                    handler(uart)
                seen = uart.any()
            except InvalidHardwareStatusError:
                raise
            except Exception as error:
                from kernel import log

                log.exception(f"machine: UART handler: {type(error).__name__}: {error}", error)

    def stop(self):
        import threading

        os.write(self.ends[1], b"x")
        if self.thread is not threading.current_thread():
            self.thread.join()
        for fd in self.ends:
            os.close(fd)
