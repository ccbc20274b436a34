# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Mixed traffic on all buses, interrupts and garbage, for a long time: no error, no growth.

    ./zpy run --board qemu_x86_64 --cpus 1 --icount tests/soak/hardware.py 3600

The argument is how many seconds of the machine's time it takes (60).  Each round works on every
bus and checks what it reads, makes interrupts of pins and clocks and waits for them, lets buses
fail and hang, and leaves garbage in cycles; then it sleeps until the next quarter of a second.
With --icount time is what the machine computes, and it skips what the machine sleeps.

Every minute it prints what was done and the heap in use.  After the first tenth, in which caches
and pools fill, memory must not grow: SLACK bytes of heap and BLOCKS objects are what it may differ
by, however long it runs.
"""

import array
import errno
import gc
import random
import sys
import threading
import time

import _vosal
import circuit
import zsensor
from circuit import chips

from kernel.devices import devices
from machine import ADC, DAC, I2C, PWM, RTC, SPI, UART, Counter, Pin, Timer

PAUSE = 0.25  # seconds from the start of a round to that of the next
WAIT = 5.0  # for an interrupt that must come
SLACK = (1 << 20) + (64 << 10)  # CPython takes memory for small objects by the MiB: one of those
BLOCKS = 500  # finer: of the small objects themselves


class Soak:
    """The hardware, and what was done with it."""

    def __init__(self, seed=1):
        self.rng = random.Random(seed)
        self.rounds = self.transfers = self.interrupts = self.faults = 0
        circuit.wire(("gpio0", 20), ("gpio0", 21))
        self.out, self.into = Pin(("gpio0", 20), Pin.OUT, value=0), Pin(("gpio0", 21), Pin.IN)
        self.edges = 0
        self.into.irq(self.edge, Pin.IRQ_RISING | Pin.IRQ_FALLING)
        self.i2c = I2C("i2c0", freq=100_000)
        self.timed = I2C("i2c0", freq=100_000, timeout=2_000_000)
        self.hasty = I2C("i2c0", freq=100_000, timeout=1_000)
        self.registers = chips.Registers({0: bytes(256)})
        circuit.i2c("i2c0", 0x21, self.registers)
        self.spi = SPI("spi0", baudrate=8_000_000)
        self.flash = chips.SpiFlash()
        self.select = Pin(("gpio0", 16), Pin.OUT, value=1)
        circuit.spi("spi0", self.flash, cs=("gpio0", 16))
        circuit.line("uart_emul0", "uart_emul1")
        self.dac, self.adc = DAC(("dac0", 0)), ADC(("adc0", 0))
        self.samples = array.array("H", bytes(64))
        self.pwm = PWM(("pwm0", 3), freq=1000)
        self.sensor = zsensor.Sensor("accel0")
        self.counter = Counter() if devices.find(kind="counter") else None
        self.event = threading.Event()

    def edge(self, pin):
        self.edges += 1

    def close(self):
        """Leaves the hardware as it was."""
        self.into.irq(None)
        circuit.clear()
        circuit.i2c("i2c0", 0x21, None)
        circuit.spi("spi0", None, cs=("gpio0", 16))
        circuit.unline("uart_emul0")
        circuit.unline("uart_emul1")
        self.pwm.deinit()
        if self.counter is not None:
            self.counter.stop()

    def round(self):
        """One round of everything."""
        for part in (self.pins, self.eeprom, self.chip, self.serial_flash, self.lines):
            part()
        self.analog()
        self.clocks()
        if self.rounds % 8 == 0:
            self.trouble()
        self.garbage()
        self.rounds += 1

    def pins(self):
        count = self.rng.randrange(2, 20, 2)
        before = self.edges
        for _ in range(count):
            self.out.toggle()
        end = time.monotonic() + WAIT
        while self.edges - before < count:
            check(time.monotonic() < end, f"{self.edges - before} of {count} edges came")
            time.sleep(0.0005)
        check(self.edges - before == count, "edges came that were none")
        self.interrupts += count

    def eeprom(self):
        data = self.rng.randbytes(16)
        place = self.rng.randrange(0, 256, 16)
        self.i2c.writeto_mem(0x50, place, data)
        check(self.i2c.readfrom_mem(0x50, place, 16) == data, "the EEPROM has other bytes")
        self.transfers += 2

    def chip(self):
        data = self.rng.randbytes(self.rng.randrange(1, 64))
        self.timed.writeto_mem(0x21, 0, data)
        check(self.timed.readfrom_mem(0x21, 0, len(data)) == data, "the chip has other bytes")
        self.sensor.measure()
        self.sensor.get_float(zsensor.ACCEL_X)
        self.transfers += 3

    def command(self, *sent, read=0):
        self.select(0)
        try:
            self.spi.write(bytes(sent))
            return self.spi.read(read) if read else b""
        finally:
            self.select(1)

    def serial_flash(self):
        place = self.rng.randrange(16) << 12
        data = self.rng.randbytes(64)
        address = place.to_bytes(3, "big")
        self.command(0x06)
        self.command(0x20, *address)
        self.command(0x06)
        self.command(0x02, *address, *data)
        check(self.command(0x03, *address, read=64) == data, "the flash memory has other bytes")
        self.transfers += 5

    def lines(self):
        one = UART("uart_emul0", timeout=int(WAIT * 1000), timeout_char=100)
        two = UART("uart_emul1", timeout=int(WAIT * 1000), timeout_char=100)
        try:
            for sender, receiver in ((one, two), (two, one)):
                data = self.rng.randbytes(self.rng.randrange(1, 100))
                sender.write(data)
                check(receiver.read(len(data)) == data, "the line has other bytes")
        finally:
            one.deinit()
            two.deinit()
        self.transfers += 2

    def analog(self):
        level = self.rng.randrange(4096)
        self.dac.write(level)
        volts = circuit.output(("dac0", 0))
        circuit.voltage(("adc0", 0), volts)
        check(abs(self.adc.read() - level) <= 2, "the converters differ")
        check(self.adc.read_into(self.samples) == len(self.samples), "samples are missing")
        self.transfers += 3

    def clocks(self):
        self.happens(lambda done: Timer(mode=Timer.ONE_SHOT, period=2, callback=done))
        self.happens(lambda done: self.pwm.pulses(3, done, duty_u16=20000))
        rtc = RTC()
        rtc.irq(handler=lambda rtc: self.event.set())
        self.happens(lambda done: rtc.alarm(0, 2))
        rtc.irq(handler=None)
        if self.counter is not None:
            self.counter.start()
            self.happens(lambda done: self.counter.alarm(self.counter.frequency // 500, done))

    def happens(self, begin):
        self.event.clear()
        kept = begin(lambda which: self.event.set())
        check(self.event.wait(WAIT), "an interrupt does not come")
        del kept
        self.interrupts += 1

    def trouble(self):
        """A bus that fails, one that nobody answers on, one that hangs: and all is well after."""
        self.registers.fault = errno.EIO
        self.fails(lambda: self.i2c.readfrom(0x21, 4), OSError)
        self.registers.fault = None
        self.fails(lambda: self.i2c.readfrom(0x22, 4), OSError)
        self.registers.delay = 0.2
        self.fails(lambda: self.hasty.readfrom(0x21, 4), TimeoutError)
        self.registers.delay = 0
        end = time.monotonic() + WAIT
        while True:
            try:
                self.i2c.readfrom(0x21, 1)
                return
            except OSError as error:
                # The transfer that hangs has to end first.
                check(error.errno == errno.EBUSY, f"the bus is not free: {error}")
                check(time.monotonic() < end, "the bus does not get free")
                time.sleep(0.002)

    def fails(self, call, kind):
        try:
            call()
        except kind:
            self.faults += 1
            return
        raise AssertionError(f"{kind.__name__} was to be raised")

    def garbage(self):
        for _ in range(20):
            cycle = [bytearray(self.rng.randrange(2000))]
            cycle.append({"self": cycle})
        if self.rounds % 40 == 0:
            gc.collect()


def check(condition, text):
    """AssertionError with the text, whatever the interpreter's options."""
    if not condition:
        raise AssertionError(text)


def used():
    """(bytes of heap, blocks of objects, threads, sources of interrupts) in use."""
    gc.collect()
    gc.collect()
    time.sleep(0.05)  # threads that have ended give back their stacks
    blocks = sys.getallocatedblocks() if hasattr(sys, "getallocatedblocks") else 0
    return _vosal.heap_info()[1], blocks, threading.active_count(), len(_vosal.interrupts())


def main(seconds=60):
    """Runs so many seconds; raises AssertionError, or what the hardware did."""
    soak = Soak()
    start = time.monotonic()
    base, shown = None, start
    try:
        while True:
            begin = time.monotonic()
            soak.round()
            now = time.monotonic()
            if base is None and now - start >= seconds / 10:
                base = used()
            if now - shown >= 60 or now - start >= seconds:
                shown = now
                memory = used()
                print(
                    f"{now - start:7.0f} s: {soak.rounds} rounds, {soak.transfers} transfers,"
                    f" {soak.interrupts} interrupts, {soak.faults} faults;"
                    f" heap {memory[0]}, blocks {memory[1]}, threads {memory[2]}",
                    flush=True,
                )
                if base is not None:
                    compare(base, memory)
            if now - start >= seconds:
                return soak
            time.sleep(max(0, begin + PAUSE - time.monotonic()))
    finally:
        soak.close()


def compare(base, memory):
    """What may not grow."""
    names = ("heap", "blocks", "threads", "sources of interrupts")
    for name, before, now, slack in zip(names, base, memory, (SLACK, BLOCKS, 1, 0), strict=True):
        if name == "heap" and _vosal.BOARD == "sim":
            continue  # it is that of a process of the host
        check(now - before <= slack, f"{name}: {before} have become {now}")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 60)
    print("no error, no growth")
