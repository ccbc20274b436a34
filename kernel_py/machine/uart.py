# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""UART: a serial line.  It has a descriptor: fileno(), poll() and asyncio work on it."""

import errno
import os
import select
import time

import _vhal

from kernel.devices import devices
from kernel.errors import InvalidHardwareStatusError, UnsupportedError


class UART:
    """UART(id, baudrate=None, bits=8, parity=None, stop=1, *, timeout=0, timeout_char=0,
            flow=0, …)

    id: the UART's label or alias, or its number.  timeout: milliseconds to wait for the first
    byte; timeout_char: between two.  Without baudrate the line stays as the devicetree has it.
    Sizes of buffers and pins are accepted; the image and the devicetree decide them.
    """

    RTS, CTS = 1, 2
    IRQ_RX = 1

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
        self._device = devices.of_kind(id, "uart")
        self._name = devices[self._device.path].name
        self._fd = None
        self._irq = None
        self._fd = _vhal.uart_open(self._device)
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
        if self._fd is None:
            self._fd = _vhal.uart_open(self._device)
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

    def _check(self):
        if self._fd is None:
            raise InvalidHardwareStatusError(f"UART {self._name}: closed")
        return self._fd

    def fileno(self):
        """The descriptor."""
        return self._check()

    def deinit(self):
        """Closes it."""
        if self._irq is not None:
            self._irq.stop()
            self._irq = None
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)

    close = deinit

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.deinit()

    def any(self):
        """The bytes that can be read at once."""
        self._check()
        return _vhal.uart_state(self._device)[0]

    def _ready(self, timeout):
        poller = select.poll()
        poller.register(self._fd, select.POLLIN)
        return bool(poller.poll(max(0, timeout) * 1000))

    def read(self, nbytes=None):
        """Reads up to so many bytes, or all there are; None after the time-out without any."""
        fd = self._check()
        data = bytearray()
        wait = self._timeout
        while nbytes is None or len(data) < nbytes:
            if not self._ready(wait):
                break
            data += os.read(fd, 4096 if nbytes is None else nbytes - len(data))
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
        fd = self._check()
        data = bytearray()
        wait = self._timeout
        while not data.endswith(b"\n") and self._ready(wait):
            data += os.read(fd, 1)
            wait = max(self._timeout_char, self._timeout)
        return bytes(data) if data else None

    def write(self, buf):
        """Sends all of it; returns the number of bytes."""
        fd = self._check()
        view = memoryview(buf).cast("B")
        sent = 0
        while sent < len(view):
            sent += os.write(fd, view[sent:])
        return sent

    def txdone(self):
        """Has all been given to the hardware?"""
        self._check()
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
        fd = self._check()
        if self._irq is not None:
            self._irq.stop()
            self._irq = None
        if handler is not None:
            self._irq = _Watcher(self, fd, handler)
        return self._irq

    async def aread(self, nbytes=4096):
        """Reads at least one byte, for asyncio."""
        fd = self._check()
        await self._aready(fd, write=False)
        return os.read(fd, nbytes)

    async def awrite(self, buf):
        """Sends all of it, for asyncio."""
        fd = self._check()
        view = memoryview(buf).cast("B")
        while view:
            await self._aready(fd, write=True)
            view = view[os.write(fd, view[:64]) :]

    @staticmethod
    async def _aready(fd, write):
        import asyncio

        loop = asyncio.get_running_loop()
        future = loop.create_future()
        add = loop.add_writer if write else loop.add_reader
        remove = loop.remove_writer if write else loop.remove_reader
        add(fd, lambda: future.done() or future.set_result(None))
        try:
            await future
        finally:
            remove(fd)

    def __repr__(self):
        return f"UART({self._name!r}{', closed' if self._fd is None else ''})"


class _Watcher:
    """A thread that waits for bytes."""

    def __init__(self, uart, fd, handler):
        import threading

        self.ends = os.pipe()
        self.arguments = uart, fd, handler
        self.thread = threading.Thread(target=self.run, name="uart", daemon=True)
        self.thread.start()

    def run(self):
        uart, fd, handler = self.arguments
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
                return
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
