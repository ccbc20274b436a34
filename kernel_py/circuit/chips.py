# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Chips for virtual circuits, with their registers: what programs' drivers talk to.

Each follows its data sheet as far as drivers look.  What the chip senses is an attribute, which
may be changed at any time.
"""

import errno
import math
import struct
import time

from . import Chip


class Registers(Chip):
    """A chip that is a row of 8-bit registers, with an address that counts on.

    On SPI the first byte is the address, bit 7 set to read.  Subclasses change read(register)
    and write(register, value).
    """

    def __init__(self, values=()):
        self.registers = bytearray(256)
        for register, value in dict(values).items():
            data = value if isinstance(value, (bytes, bytearray)) else bytes((value,))
            self.registers[register : register + len(data)] = data
        self.address = 0

    def read(self, register):
        """The value of a register."""
        return self.registers[register]

    def write(self, register, value):
        """A register is written."""
        self.registers[register] = value

    def next(self, register):
        """The register after that one, in a transfer."""
        return register + 1 & 0xFF

    def _read(self, count):
        data = bytearray()
        for _ in range(count):
            data.append(self.read(self.address))
            self.address = self.next(self.address)
        return data

    def _write(self, data):
        for value in data:
            self.write(self.address, value)
            self.address = self.next(self.address)

    def i2c(self, messages):
        answers = []
        for message in messages:
            if isinstance(message, int):
                answers.append(self._read(message))
            elif message:
                self.address = message[0]
                self._write(message[1:])
        return answers

    _first = True

    def selected(self):
        self._first = True

    def spi(self, sent):
        if not self._first:
            # The same selection goes on: with data.
            return self._read(len(sent)) if self._reading else self._written(sent)
        self._first = False
        self._reading = bool(sent[0] & 0x80)
        self.address = self._spi_address(sent[0])
        if self._reading:
            return b"\xff" + self._read(len(sent) - 1)
        return b"\xff" + self._written(sent[1:])

    def _spi_address(self, byte):
        return byte & 0x7F

    def _written(self, data):
        self._write(data)
        return b"\xff" * len(data)


class WideRegisters(Chip):
    """A chip whose registers have 16 bits, high byte first."""

    def __init__(self, values=()):
        self.registers = dict(values)
        self.address = 0

    def read(self, register):
        return self.registers.get(register, 0)

    def write(self, register, value):
        self.registers[register] = value

    def i2c(self, messages):
        answers = []
        for message in messages:
            if isinstance(message, int):
                data = self.read(self.address).to_bytes(2, "big")
                answers.append((data * (message // 2 + 1))[:message])
            elif message:
                self.address = message[0]
                if len(message) > 1:
                    self.write(self.address, int.from_bytes(message[1:3], "big"))
        return answers


class Eeprom24(Chip):
    """A 24C EEPROM: `size` bytes with addresses of 8 or 16 bits, pages of `page` bytes.

    A write takes `write_time` seconds, in which the chip does not answer.
    """

    def __init__(self, size=4096, address_bytes=2, page=32, write_time=0.003):
        self.memory = bytearray(b"\xff" * size)
        self.address_bytes, self.page, self.write_time = address_bytes, page, write_time
        self.address = 0
        self.busy_until = 0.0

    def i2c(self, messages):
        if time.monotonic() < self.busy_until:
            raise OSError(errno.EIO, "busy")
        answers = []
        for message in messages:
            if isinstance(message, int):
                size = len(self.memory)
                answers.append(
                    bytes(self.memory[(self.address + i) % size] for i in range(message))
                )
                self.address = (self.address + message) % size
            elif len(message) >= self.address_bytes:
                at = int.from_bytes(message[: self.address_bytes], "big") % len(self.memory)
                self.address = at
                data = message[self.address_bytes :]
                for i, byte in enumerate(data):
                    # A write that reaches the end of its page goes on at the page's start.
                    start = at - at % self.page
                    self.memory[start + (at - start + i) % self.page] = byte
                if data:
                    self.busy_until = time.monotonic() + self.write_time
        return answers


class Bme280(Registers):
    """Bosch BME280: temperature (°C), pressure (hPa), humidity (%); I2C and SPI.

    The raw values are what the data sheet's compensation turns into these: found by bisection,
    so that a driver's formulas are tested against the chip's and not against themselves.
    """

    T = (27504, 26435, -1000)
    P = (36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000)
    H = (75, 362, 0, 324, 0, 30)

    def __init__(self, temperature=20.0, pressure=1013.25, humidity=50.0):
        h1, h2, h3, h4, h5, h6 = self.H
        super().__init__(
            {
                0x88: struct.pack("<Hhh", *self.T) + struct.pack("<Hhhhhhhhh", *self.P),
                0xA1: h1,
                0xD0: 0x60,
                0xE1: struct.pack(
                    "<hBBBBb",
                    h2,
                    h3,
                    h4 >> 4,
                    (h4 & 0x0F) | (h5 & 0x0F) << 4,
                    h5 >> 4 & 0xFF,
                    h6,
                ),
            }
        )
        self.temperature, self.pressure, self.humidity = temperature, pressure, humidity

    def _spi_address(self, byte):
        return byte | 0x80

    def _fine(self, raw):
        t1, t2, t3 = self.T
        a = (raw / 16384 - t1 / 1024) * t2
        b = (raw / 131072 - t1 / 8192) ** 2 * t3
        return a + b

    def _pressure(self, raw, fine):
        p1, p2, p3, p4, p5, p6, p7, p8, p9 = self.P
        a = fine / 2 - 64000
        b = a * a * p6 / 32768 + a * p5 * 2
        b = b / 4 + p4 * 65536
        a = (1 + (p3 * a * a / 524288 + p2 * a) / 524288 / 32768) * p1
        p = (1048576 - raw - b / 4096) * 6250 / a
        return (p + (p9 * p * p / 2147483648 + p * p8 / 32768 + p7) / 16) / 100

    def _humidity(self, raw, fine):
        h1, h2, h3, h4, h5, h6 = self.H
        x = fine - 76800
        scale = h2 / 65536 * (1 + h6 / 67108864 * x * (1 + h3 / 67108864 * x))
        h = (raw - (h4 * 64 + h5 / 16384 * x)) * scale
        return h * (1 - h1 * h / 524288)

    def _raw(self):
        temperature = _bisect(lambda raw: self._fine(raw) / 5120, self.temperature, 1 << 20)
        fine = self._fine(temperature)
        pressure = _bisect(lambda raw: self._pressure(raw, fine), self.pressure, 1 << 20)
        humidity = _bisect(lambda raw: self._humidity(raw, fine), self.humidity, 1 << 16)
        return (
            (pressure << 4).to_bytes(3, "big")
            + (temperature << 4).to_bytes(3, "big")
            + humidity.to_bytes(2, "big")
        )

    def write(self, register, value):
        if register == 0xE0 and value == 0xB6:
            self.registers[0xF2:0xF6] = bytes(4)
        elif register in (0xF2, 0xF4, 0xF5):
            self.registers[register] = value
            if register == 0xF4 and value & 3:
                self.registers[0xF7:0xFF] = self._raw()
                if value & 3 != 3:
                    self.registers[0xF4] &= 0xFC  # one measurement, then asleep

    def read(self, register):
        if register == 0xF7 and self.registers[0xF4] & 3 == 3:
            self.registers[0xF7:0xFF] = self._raw()
        return super().read(register)


def _bisect(function, wanted, size):
    """The number in range(size) for which a monotonic function comes nearest to a value."""
    low, high = 0, size - 1
    rising = function(high) > function(low)
    while high - low > 1:
        middle = (low + high) // 2
        if (function(middle) < wanted) == rising:
            low = middle
        else:
            high = middle
    return min(low, high, key=lambda raw: abs(function(raw) - wanted))


class Ds3231(Registers):
    """Maxim DS3231: a clock that runs, with its thermometer."""

    def __init__(self, start=(2026, 1, 1, 0, 0, 0), temperature=25.0):
        super().__init__({0x0E: 0x1C, 0x0F: 0x80})
        self.temperature = temperature
        self._set(start)

    def _set(self, fields):
        import calendar

        self._base = calendar.timegm((*fields, 0, 0, 0))
        self._since = time.monotonic()

    def _fields(self):
        return time.gmtime(self._base + int(time.monotonic() - self._since))

    def read(self, register):
        if register < 7:
            now = self._fields()
            values = (
                *(now.tm_sec, now.tm_min, now.tm_hour, now.tm_wday + 1),
                *(now.tm_mday, now.tm_mon, now.tm_year % 100),
            )
            return values[register] // 10 << 4 | values[register] % 10
        if register in (0x11, 0x12):
            quarters = round(self.temperature * 4) & 0x3FF
            return quarters >> 2 if register == 0x11 else (quarters & 3) << 6
        return super().read(register)

    def i2c(self, messages):
        for message in messages:
            if not isinstance(message, int) and len(message) > 1 and message[0] < 7:
                self._write_time(message[0], message[1:])
                return []
        return super().i2c(messages)

    def _write_time(self, register, data):
        now = self._fields()
        values = [
            *(now.tm_sec, now.tm_min, now.tm_hour, now.tm_wday + 1),
            *(now.tm_mday, now.tm_mon, now.tm_year % 100),
        ]
        for i, byte in enumerate(data[: 7 - register]):
            byte &= 0x7F if register + i != 5 else 0x1F
            values[register + i] = (byte >> 4) * 10 + (byte & 15)
        second, minute, hour, _, day, month, year = values
        self._set((2000 + year, month, day, hour, minute, second))


class Ssd1306(Chip):
    """Solomon SSD1306: a display of 128×64 pixels.  memory holds its pages; pixel(x, y) looks."""

    LENGTHS = {0x20: 1, 0x21: 2, 0x22: 2, 0x81: 1, 0xA8: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1}
    LENGTHS |= {0xDB: 1, 0x8D: 1, 0xAD: 1}

    def __init__(self, width=128, height=64):
        self.width, self.height = width, height
        self.memory = bytearray(128 * 8)
        self.on = self.inverted = False
        self.contrast = 0x7F
        self.columns, self.pages = (0, 127), (0, 7)
        self.column = self.page = 0
        self._command = []

    def i2c(self, messages):
        answers = []
        for message in messages:
            if isinstance(message, int):
                answers.append(bytes((0x00 if self.on else 0x40,)) * message)
            elif message:
                if message[0] & 0x40:
                    self.data(message[1:])
                else:
                    # Co set: one command byte and another control byte; else all are commands.
                    step = 2 if message[0] & 0x80 else 1
                    for byte in message[1::step] if step == 2 else message[1:]:
                        self.command(byte)
        return answers

    def command(self, byte):
        """One byte of a command."""
        self._command.append(byte)
        code, *values = self._command
        if len(values) < self.LENGTHS.get(code, 0):
            return
        self._command = []
        if code == 0x21:
            self.columns = tuple(values)
            self.column = values[0]
        elif code == 0x22:
            self.pages = values[0] & 7, values[1] & 7
            self.page = self.pages[0]
        elif code == 0x81:
            self.contrast = values[0]
        elif code in (0xAE, 0xAF):
            self.on = code == 0xAF
        elif code in (0xA6, 0xA7):
            self.inverted = code == 0xA7

    def data(self, data):
        """Pixels, eight above each other a byte."""
        for byte in data:
            self.memory[self.page * 128 + self.column] = byte
            self.column += 1
            if self.column > self.columns[1]:
                self.column = self.columns[0]
                self.page += 1
                if self.page > self.pages[1]:
                    self.page = self.pages[0]

    def pixel(self, x, y):
        """Is it lit?"""
        return bool(self.memory[y // 8 * 128 + x] >> y % 8 & 1) != self.inverted


class Mpu6050(Registers):
    """InvenSense MPU-6050: acceleration (m/s²), rotation (°/s), temperature (°C)."""

    def __init__(
        self, acceleration=(0.0, 0.0, 9.80665), rotation=(0.0, 0.0, 0.0), temperature=25.0
    ):
        super().__init__({0x6B: 0x40, 0x75: 0x68})
        self.acceleration, self.rotation, self.temperature = acceleration, rotation, temperature

    def write(self, register, value):
        if register == 0x6B and value & 0x80:
            self.registers[0x19:0x6B] = bytes(0x6B - 0x19)
            value = 0x40
        super().write(register, value)

    def read(self, register):
        if register == 0x3B:
            per_g = 16384 >> (self.registers[0x1C] >> 3 & 3)
            per_dps = 131.072 / (1 << (self.registers[0x1B] >> 3 & 3))
            values = [round(a / 9.80665 * per_g) for a in self.acceleration]
            values.append(round((self.temperature - 36.53) * 340))
            values += [round(r * per_dps) for r in self.rotation]
            values = [max(-32768, min(32767, v)) for v in values]
            self.registers[0x3B:0x49] = struct.pack(">7h", *values)
        elif 0x3B < register < 0x49 and register in (0x41, 0x43):
            self.read(0x3B)
        return super().read(register)


class Max31855(Chip):
    """Maxim MAX31855: a thermocouple amplifier on SPI; it only talks."""

    def __init__(self, temperature=100.0, reference=25.0):
        self.temperature, self.reference = temperature, reference
        self.open_circuit = False

    def spi(self, sent):
        word = (round(self.temperature * 4) & 0x3FFF) << 18
        word |= (round(self.reference * 16) & 0xFFF) << 4
        if self.open_circuit:
            word |= 0x10001
        return (word.to_bytes(4, "big") * (len(sent) // 4 + 1))[: len(sent)]


class Mcp9808(WideRegisters):
    """Microchip MCP9808: a thermometer, -40 to 125 °C."""

    def __init__(self, temperature=25.0):
        super().__init__({6: 0x0054, 7: 0x0400, 8: 0x0300})
        self.temperature = temperature

    def read(self, register):
        if register == 5:
            return round(self.temperature * 16) & 0x1FFF
        return super().read(register)

    def i2c(self, messages):
        # Its resolution register has eight bits.
        if messages and messages[0] == b"\x08" and len(messages) == 2 and messages[1] == 1:
            return [bytes((self.registers[8] >> 8,))]
        return super().i2c(messages)


class Adxl343(Registers):
    """Analog Devices ADXL343: acceleration (m/s²)."""

    def __init__(self, acceleration=(0.0, 0.0, 9.80665)):
        super().__init__({0x00: 0xE5})
        self.acceleration = acceleration

    def read(self, register):
        if register == 0x32 and self.registers[0x2D] & 0x08:
            per_g = 256 >> (self.registers[0x31] & 3)
            values = (round(a / 9.80665 * per_g) for a in self.acceleration)
            self.registers[0x32:0x38] = struct.pack("<3h", *values)
        return super().read(register)


class Lis3mdl(Registers):
    """ST LIS3MDL: a magnetic field (µT)."""

    SENSITIVITY = (6842, 3421, 2281, 1711)  # counts a gauss

    def __init__(self, field=(20.0, 0.0, -40.0)):
        super().__init__({0x0F: 0x3D, 0x20: 0x10, 0x22: 0x03})
        self.field = field

    def _spi_address(self, byte):
        return byte & 0x3F

    def i2c(self, messages):
        # Bit 7 of the address asks for counting on, which this model always does.
        return super().i2c(
            [
                m if isinstance(m, int) else bytes((m[0] & 0x7F, *m[1:])) if m else m
                for m in messages
            ]
        )

    def read(self, register):
        if register == 0x28:
            counts = self.SENSITIVITY[self.registers[0x21] >> 5 & 3]
            values = (max(-32768, min(32767, round(f / 100 * counts))) for f in self.field)
            self.registers[0x28:0x2E] = struct.pack("<3h", *values)
        elif register == 0x27:
            return 0x0F
        return super().read(register)


class Sht4x(Chip):
    """Sensirion SHT4x: temperature (°C) and humidity (%), with checksums."""

    def __init__(self, temperature=25.0, humidity=50.0, serial=0x12345678):
        self.temperature, self.humidity, self.serial = temperature, humidity, serial
        self._answer = None

    @staticmethod
    def checksum(data):
        """CRC-8, polynomial 0x31."""
        crc = 0xFF
        for byte in data:
            crc ^= byte
            for _ in range(8):
                crc = (crc << 1 ^ 0x31 if crc & 0x80 else crc << 1) & 0xFF
        return crc

    def i2c(self, messages):
        answers = []
        for message in messages:
            if isinstance(message, int):
                if self._answer is None:
                    raise OSError(errno.EIO, "nothing measured")
                answers.append(self._answer[:message])
            elif message and message[0] == 0x89:
                self._answer = self._words(self.serial >> 16, self.serial & 0xFFFF)
            elif message and message[0] in (0xFD, 0xF6, 0xE0, 0x39, 0x32, 0x2F, 0x24, 0x1E, 0x15):
                self._answer = self._words(
                    round((self.temperature + 45) / 175 * 65535),
                    round((self.humidity + 6) / 125 * 65535),
                )
        return answers

    def _words(self, *words):
        answer = b""
        for word in words:
            data = word.to_bytes(2, "big")
            answer += data + bytes((self.checksum(data),))
        return answer


class SpiFlash(Chip):
    """A serial NOR flash memory with JEDEC commands (W25Q); the chip select ends a command."""

    ID = b"\xef\x40\x14"

    def __init__(self, size=1 << 20):
        self.memory = bytearray(b"\xff" * size)
        self.status = 0
        self._sent = b""

    def selected(self):
        self._sent = b""

    def spi(self, sent):
        before = len(self._sent)
        self._sent += bytes(sent)
        return self._reply(self._sent)[before:]

    def _reply(self, sent):
        reply = bytearray(b"\xff" * len(sent))
        code = sent[0]
        if code == 0x9F:
            reply[1:4] = self.ID
        elif code == 0x05:
            reply[1:] = bytes((self.status,)) * (len(sent) - 1)
        elif code == 0x03 and len(sent) > 4:
            at = int.from_bytes(sent[1:4], "big")
            for i in range(4, len(sent)):
                reply[i] = self.memory[(at + i - 4) % len(self.memory)]
        return reply[: len(sent)]

    def deselected(self):
        sent, self._sent = self._sent, b""
        if not sent:
            return
        code, at = sent[0], int.from_bytes(sent[1:4], "big") % len(self.memory)
        if code == 0x06:
            self.status |= 2
        elif code == 0x04:
            self.status &= ~2
        elif self.status & 2 and code == 0x02:
            page = at & ~0xFF
            for i, byte in enumerate(sent[4:]):
                self.memory[page + (at - page + i) % 256] &= byte
            self.status &= ~2
        elif self.status & 2 and code in (0x20, 0xD8):
            size = 4096 if code == 0x20 else 65536
            at -= at % size
            self.memory[at : at + size] = b"\xff" * size
            self.status &= ~2


class Ws2812(Chip):
    """A strip of WS2812 behind an SPI output, as Zephyr's driver codes bits: see pixels."""

    def __init__(self, one=0x70):
        self.one = one
        self.pixels = []

    def spi(self, sent):
        bits = [byte == self.one for byte in sent]
        data = bytes(
            sum(bit << 7 - i for i, bit in enumerate(bits[at : at + 8]))
            for at in range(0, len(bits) // 8 * 8, 8)
        )
        # Green comes first.
        self.pixels = [
            (data[i + 1], data[i], data[i + 2]) for i in range(0, len(data) // 3 * 3, 3)
        ]
        return b""


class Day:
    """A temperature that goes through a day: 24 hours in `seconds`, mean ± swing, with noise."""

    def __init__(self, mean=20.0, swing=5.0, seconds=60.0, noise=0.0):
        import random

        self.mean, self.swing, self.seconds, self.noise = mean, swing, seconds, noise
        self._random = random.Random(1)

    def __call__(self):
        phase = time.monotonic() % self.seconds / self.seconds * 2 * math.pi
        noise = self._random.gauss(0, self.noise) if self.noise else 0.0
        return self.mean - self.swing * math.cos(phase) + noise
