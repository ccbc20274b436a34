# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""CircuitPython's busio, on the buses of machine.

The pins of a bus are the devicetree's.  Given as in CircuitPython, board.SCL and board.SDA and
so on, they name the first bus.
"""

import threading

import board

import machine
from kernel.devices import Pin
from kernel.errors import InvalidHardwareStatusError


class _Lockable:
    def __init__(self):
        self._lock = threading.Lock()

    def try_lock(self):
        """Takes the bus if it is free; says if it did."""
        return self._lock.acquire(blocking=False)

    def unlock(self):
        """Gives the bus back."""
        self._lock.release()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.deinit()

    def _open(self):
        if self._bus is None:
            raise InvalidHardwareStatusError("deinitialised")
        return self._bus

    def deinit(self):
        """Lets go of the bus."""
        if self._bus is not None:
            self._bus.deinit()
            self._bus = None


def _part(buffer, start, end):
    view = memoryview(buffer)
    if start == 0 and end is None or end == len(view) and start == 0:
        return view
    return view[start : len(view) if end is None else end]


class I2C(_Lockable):
    """I2C(scl, sda, *, frequency=100000, timeout=255) or I2C(bus)

    timeout is in microseconds, as in CircuitPython, where it limits clock stretching; the
    drivers of Zephyr have limits of their own.
    """

    def __init__(self, scl=0, sda=None, *, frequency=100000, timeout=255):
        super().__init__()
        if isinstance(scl, board.Line):
            scl = scl.bus
        elif sda is not None:
            scl = 0
        self._bus = machine.I2C(scl, freq=frequency)

    def scan(self):
        """The addresses that answer."""
        return self._open().scan()

    def readfrom_into(self, address, buffer, *, start=0, end=None):
        """Fills a buffer, or a part of it."""
        self._open().readfrom_into(address, _part(buffer, start, end))

    def writeto(self, address, buffer, *, start=0, end=None):
        """Writes a buffer, or a part of it."""
        if isinstance(buffer, str):
            buffer = bytes(map(ord, buffer))
        self._open().writeto(address, _part(buffer, start, end))

    def writeto_then_readfrom(
        self,
        address,
        out_buffer,
        in_buffer,
        *,
        out_start=0,
        out_end=None,
        in_start=0,
        in_end=None,
    ):
        """Writes and reads after a repeated start."""
        self._open().writeto_then_readfrom(
            address, _part(out_buffer, out_start, out_end), _part(in_buffer, in_start, in_end)
        )


class SPI(_Lockable):
    """SPI(clock, MOSI=None, MISO=None, half_duplex=False) or SPI(bus)"""

    def __init__(self, clock=0, MOSI=None, MISO=None, half_duplex=False):
        super().__init__()
        if half_duplex:
            raise NotImplementedError("half duplex")
        if isinstance(clock, board.Line):
            clock = clock.bus
        elif isinstance(clock, Pin) or MOSI is not None or MISO is not None:
            clock = 0
        self._bus = machine.SPI(clock)
        self._frequency = 100000

    def configure(self, *, baudrate=100000, polarity=0, phase=0, bits=8):
        """Sets the bus; it must be locked."""
        if not self._lock.locked():
            raise RuntimeError("call try_lock() first")
        self._open().init(baudrate, polarity=polarity, phase=phase, bits=bits)
        self._frequency = baudrate

    @property
    def frequency(self):
        """Hz, at most."""
        return self._frequency

    def write(self, buffer, *, start=0, end=None):
        """Sends a buffer, or a part of it."""
        self._open().write(_part(buffer, start, end))

    def readinto(self, buffer, *, start=0, end=None, write_value=0):
        """Fills a buffer, or a part of it, while sending one byte over and over."""
        self._open().readinto(_part(buffer, start, end), write_value)

    def write_readinto(
        self, out_buffer, in_buffer, *, out_start=0, out_end=None, in_start=0, in_end=None
    ):
        """Sends and fills at once; both parts have one length."""
        self._open().write_readinto(
            _part(out_buffer, out_start, out_end), _part(in_buffer, in_start, in_end)
        )


class UART(_Lockable):
    """UART(tx, rx, *, baudrate=9600, bits=8, parity=None, stop=1, timeout=1, …)

    tx: the UART, as for machine.UART, and rx None; or board.TX and board.RX, or one of them.
    timeout is in seconds.
    """

    class Parity:
        EVEN, ODD = 0, 1

    def __init__(
        self,
        tx=None,
        rx=None,
        *,
        rts=None,
        cts=None,
        baudrate=None,
        bits=8,
        parity=None,
        stop=1,
        timeout=1,
        receiver_buffer_size=64,
    ):
        super().__init__()
        self._baudrate = baudrate or 9600
        self._frame = bits, parity, stop
        self._timeout = timeout
        line = rx if tx is None else tx
        if isinstance(line, board.Line):
            line = line.bus
        elif isinstance(line, Pin):
            line = board._first("uart")
        self._bus = machine.UART(line, baudrate, *self._frame, timeout=round(timeout * 1000))

    @property
    def baudrate(self):
        return self._baudrate

    @baudrate.setter
    def baudrate(self, baudrate):
        self._open().init(baudrate, *self._frame, timeout=round(self._timeout * 1000))
        self._baudrate = baudrate

    @property
    def in_waiting(self):
        """The bytes that can be read at once."""
        return self._open().any()

    @property
    def timeout(self):
        return self._timeout

    @timeout.setter
    def timeout(self, timeout):
        self._timeout = timeout
        self._open()._timeout = timeout

    def read(self, nbytes=None):
        """Reads until so many bytes have come or the time-out has passed; None: nothing came."""
        uart = self._open()
        uart._timeout_char = self._timeout if nbytes is not None else 0.01
        return uart.read(nbytes)

    def readinto(self, buf):
        """Reads into a buffer; returns how many, or None."""
        uart = self._open()
        uart._timeout_char = self._timeout
        return uart.readinto(buf)

    def readline(self):
        """Reads up to a newline, or until the time-out has passed."""
        return self._open().readline()

    def write(self, buf):
        """Sends all of it."""
        return self._open().write(buf)

    def reset_input_buffer(self):
        """Drops what has come."""
        uart = self._open()
        while uart.any():
            uart.read(uart.any())
