# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""SPI: the bus, as its controller."""

import _vhal

from kernel.devices import devices
from kernel.errors import InvalidHardwareStatusError

_transfer = _vhal.spi_transfer
_BYTES = (bytes, bytearray)


class SPI:
    """SPI(id=0, baudrate=1000000, *, polarity=0, phase=0, bits=8, firstbit=SPI.MSB,
           sck=None, mosi=None, miso=None, cs=None, target=0, timeout=None)

    id: the bus's label or alias ("spi0"), or its number.  The pins are the devicetree's.
    cs: a pin that the driver holds low during each transfer; without one the program does that
    (as on MicroPython), or the controller with its chip select `target`.  timeout: microseconds,
    as for I2C.
    """

    MSB, LSB = 0, 1
    CONTROLLER = MASTER = 0

    def __init__(self, id=0, baudrate=None, **settings):
        self._bus = devices.of_kind(id, "spi")
        self._baudrate, self._polarity, self._phase = 1_000_000, 0, 0
        self._bits, self._firstbit = 8, self.MSB
        self._cs = self._timeout = None
        self._target = 0
        self._open = False
        self.init(baudrate, **settings)

    def init(
        self,
        baudrate=None,
        *,
        polarity=None,
        phase=None,
        bits=None,
        firstbit=None,
        sck=None,
        mosi=None,
        miso=None,
        cs=None,
        target=None,
        timeout=None,
    ):
        """Sets what is given."""
        if baudrate is not None:
            if not 1 <= baudrate < 1 << 32:
                raise ValueError(f"baudrate must be in 1..{(1 << 32) - 1} Hz, not {baudrate}")
            self._baudrate = int(baudrate)
        for name, value in (("polarity", polarity), ("phase", phase), ("firstbit", firstbit)):
            if value is not None:
                if value not in (0, 1):
                    raise ValueError(f"{name} must be 0 or 1, not {value}")
                setattr(self, "_" + name, value)
        if bits is not None:
            if not 1 <= bits <= 32:
                raise ValueError(f"bits must be in 1..32, not {bits}")
            self._bits = bits
        if target is not None:
            self._target = target
        if cs is not None:
            pin = devices.pin(getattr(cs, "_named", cs))
            self._cs = (pin.port.device, pin.pin, pin.flags | _vhal.GPIO_ACTIVE_LOW)
        if timeout is not None:
            if not timeout > 0:
                raise ValueError(f"timeout must be above 0 µs, not {timeout}")
            self._timeout = timeout / 1e6
        self._operation = (
            self._bits << 5
            | (_vhal.SPI_CPOL if self._polarity else 0)
            | (_vhal.SPI_CPHA if self._phase else 0)
            | (_vhal.SPI_LSB_FIRST if self._firstbit == self.LSB else 0)
        )
        self._open = True

    def deinit(self):
        """Ends the use of the bus by this object."""
        self._open = False

    def _run(self, out, into):
        if not self._open:
            raise InvalidHardwareStatusError(f"{self._bus.path}: deinitialised")
        _transfer(
            self._bus,
            self._baudrate,
            self._operation,
            self._target,
            self._cs,
            out,
            into,
            self._timeout,
        )

    def write(self, buf):
        """Sends; what comes meanwhile is dropped."""
        self._run(buf, None)

    def read(self, nbytes, write=0x00):
        """Reads bytes while sending one byte over and over."""
        data = bytearray(nbytes)
        self.readinto(data, write)
        return bytes(data)

    def readinto(self, buf, write=0x00):
        """Fills a buffer while sending one byte over and over."""
        if write:
            self._run(bytes((write,)) * memoryview(buf).nbytes, buf)
        else:
            self._run(None, buf)

    def write_readinto(self, write_buf, read_buf):
        """Sends and fills a buffer of the same length; they may be one."""
        # What drivers do all the time: without the calls of the others.
        if type(write_buf) in _BYTES and type(read_buf) is bytearray and self._open:
            if len(write_buf) == len(read_buf):
                _transfer(
                    self._bus,
                    self._baudrate,
                    self._operation,
                    self._target,
                    self._cs,
                    write_buf,
                    read_buf,
                    self._timeout,
                )
                return
        elif memoryview(write_buf).nbytes == memoryview(read_buf).nbytes:
            self._run(write_buf, read_buf)
            return
        raise ValueError("buffers must be the same length")

    def __repr__(self):
        return (
            f"SPI({devices[self._bus.path].name!r}, baudrate={self._baudrate},"
            f" polarity={self._polarity}, phase={self._phase}, bits={self._bits})"
        )
