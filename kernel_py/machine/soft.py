# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""I2C and SPI on any pins, bit by bit."""

import errno
import time

from kernel.errors import InvalidHardwareStatusError, PeripheralError

from .i2c import I2C, address_bytes
from .pin import Pin


class SoftI2C(I2C):
    """SoftI2C(scl, sda, *, freq=400000, timeout=50000)

    timeout: microseconds that a chip may hold the clock.  The frequency is a limit: Python
    reaches some kHz.
    """

    def __init__(self, scl, sda, *, freq=400000, timeout=50000):
        self._scl, self._sda = Pin(scl), Pin(sda)
        self._kept = False  # a write has kept the bus: there was no stop
        self._open = True
        self.init(freq=freq, timeout=timeout)

    def init(self, scl=None, sda=None, *, freq=400000, timeout=50000):
        """Sets the highest frequency in Hz and the time-out in microseconds."""
        if not 1 <= freq <= 5_000_000:
            raise ValueError(f"freq must be in 1..5000000 Hz, not {freq}")
        if not timeout > 0:
            raise ValueError(f"timeout must be above 0 µs, not {timeout}")
        self._send()
        self._open = True
        self._freq = freq
        self._half = 500_000_000 // freq
        self._timeout = timeout / 1e6
        for pin in (self._scl, self._sda):
            pin.init(Pin.OPEN_DRAIN, Pin.PULL_UP, value=1)

    def _wait(self):
        if self._half > 10000:
            end = time.monotonic_ns() + self._half
            while time.monotonic_ns() < end:
                pass

    def _release_scl(self):
        self._scl.value(1)
        if not self._scl.value():
            # The chip stretches the clock.
            end = time.monotonic() + self._timeout
            while not self._scl.value():
                if time.monotonic() > end:
                    raise TimeoutError(errno.ETIMEDOUT, "the clock is held low")
        self._wait()

    def start(self):
        """A start condition, or a repeated one."""
        self._sda.value(1)
        self._release_scl()
        self._sda.value(0)
        self._wait()
        self._scl.value(0)

    def stop(self):
        """A stop condition."""
        self._kept = False
        self._sda.value(0)
        self._wait()
        self._release_scl()
        self._sda.value(1)
        self._wait()

    def _bit(self, bit):
        self._sda.value(bit)
        self._wait()
        self._release_scl()
        level = self._sda.value()
        self._scl.value(0)
        return level

    def _write_byte(self, byte):
        for shift in range(7, -1, -1):
            self._bit(byte >> shift & 1)
        return not self._bit(1)

    def write(self, buf):
        """Writes bytes after start(); returns how many were acknowledged."""
        for count, byte in enumerate(bytes(buf)):
            if not self._write_byte(byte):
                return count
        return len(buf)

    def readinto(self, buf, nack=True):
        """Reads bytes after start(); the last is not acknowledged if nack."""
        view = memoryview(buf).cast("B")
        for i in range(len(view)):
            byte = 0
            for _ in range(8):
                byte = byte << 1 | self._bit(1)
            self._bit(1 if nack and i == len(view) - 1 else 0)
            view[i] = byte

    def _address(self, addr, reading):
        if not 0 <= addr <= 0x7F:
            raise ValueError(f"address must be in 0..0x7f, not {addr}")
        self.start()
        if not self._write_byte(addr << 1 | reading):
            self.stop()
            raise PeripheralError(errno.EIO, f"address 0x{addr:02x}: no answer")

    def _check(self):
        if not self._open:
            raise InvalidHardwareStatusError(f"{self!r}: deinitialised")

    def _send(self):
        """Ends a transfer that has kept the bus."""
        if self._kept:
            self.stop()

    def _run(self, addr, out, into, stop=True):
        self._check()
        if out is not None:
            self._address(addr, 0)
            data = bytes(memoryview(out).cast("B"))
            if self.write(data) != len(data):
                self.stop()
                raise PeripheralError(errno.EIO, f"address 0x{addr:02x}: not acknowledged")
        if into is not None:
            self._address(addr, 1)
            self.readinto(into)
        self._kept = not stop
        if stop:
            self.stop()

    def readfrom_into(self, addr, buf, stop=True):
        """Fills a buffer; stop=False keeps the bus."""
        self._run(addr, None, buf, stop)

    def writeto(self, addr, buf, stop=True):
        """Writes bytes; returns their number.  stop=False keeps the bus."""
        self._run(addr, buf, None, stop)
        return memoryview(buf).nbytes

    def readfrom_mem_into(self, addr, memaddr, buf, *, addrsize=8):
        """Fills a buffer from a chip's memory or registers."""
        self._run(addr, address_bytes(memaddr, addrsize), buf)

    def recover(self):
        """Clocks a chip off the bus that holds it."""
        for _ in range(9):
            self._bit(1)
        self.stop()

    def __repr__(self):
        return f"SoftI2C(scl={self._scl!r}, sda={self._sda!r}, freq={self._freq})"


class SoftSPI:
    """SoftSPI(baudrate=500000, *, polarity=0, phase=0, bits=8, firstbit=SoftSPI.MSB, sck, mosi,
    miso): the baudrate is a limit."""

    MSB, LSB = 0, 1

    def __init__(
        self,
        baudrate=500000,
        *,
        polarity=0,
        phase=0,
        bits=8,
        firstbit=MSB,
        sck=None,
        mosi=None,
        miso=None,
    ):
        if sck is None or mosi is None or miso is None:
            raise ValueError("sck, mosi and miso must be given")
        self._sck, self._mosi, self._miso = Pin(sck), Pin(mosi), Pin(miso)
        self.init(baudrate, polarity=polarity, phase=phase, bits=bits, firstbit=firstbit)

    def init(self, baudrate=500000, *, polarity=0, phase=0, bits=8, firstbit=MSB):
        """Sets how bits go over the wire."""
        if not 1 <= baudrate <= 100_000_000:
            raise ValueError(f"baudrate must be in 1..100000000 Hz, not {baudrate}")
        if polarity not in (0, 1) or phase not in (0, 1):
            raise ValueError("polarity and phase must be 0 or 1")
        if bits != 8:
            raise ValueError(f"bits must be 8, not {bits}")
        if firstbit not in (self.MSB, self.LSB):
            raise ValueError("firstbit must be MSB or LSB")
        self._polarity, self._phase, self._firstbit = polarity, phase, firstbit
        self._half = 500_000_000 // baudrate
        self._sck.init(Pin.OUT, value=polarity)
        self._mosi.init(Pin.OUT, value=0)
        self._miso.init(Pin.IN)
        self._open = True

    def deinit(self):
        """Lets go of the pins."""
        self._open = False
        for pin in (self._sck, self._mosi, self._miso):
            pin.init(Pin.IN)

    def _wait(self):
        if self._half > 10000:
            end = time.monotonic_ns() + self._half
            while time.monotonic_ns() < end:
                pass

    def _byte(self, out):
        if not self._open:
            raise InvalidHardwareStatusError("SoftSPI: deinitialised")
        into = 0
        order = range(8) if self._firstbit == self.LSB else range(7, -1, -1)
        for shift in order:
            if self._phase:
                self._sck.value(not self._polarity)
            self._mosi.value(out >> shift & 1)
            self._wait()
            self._sck.value(self._polarity if self._phase else not self._polarity)
            into |= self._miso.value() << shift
            self._wait()
            if not self._phase:
                self._sck.value(self._polarity)
        return into

    def write(self, buf):
        """Sends."""
        for byte in memoryview(buf).cast("B"):
            self._byte(byte)

    def read(self, nbytes, write=0x00):
        """Reads bytes while sending one byte over and over."""
        return bytes(self._byte(write) for _ in range(nbytes))

    def readinto(self, buf, write=0x00):
        """Fills a buffer while sending one byte over and over."""
        view = memoryview(buf).cast("B")
        for i in range(len(view)):
            view[i] = self._byte(write)

    def write_readinto(self, write_buf, read_buf):
        """Sends and fills a buffer of the same length; they may be one."""
        out, into = memoryview(write_buf).cast("B"), memoryview(read_buf).cast("B")
        if len(out) != len(into):
            raise ValueError("buffers must be the same length")
        for i in range(len(out)):
            into[i] = self._byte(out[i])
