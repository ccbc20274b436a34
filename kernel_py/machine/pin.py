# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Pin: a digital pin.  Its level is the electrical one; Signal knows what is active-low."""

import time

import _vhal

from kernel.devices import devices
from kernel.errors import InvalidHardwareStatusError, UnsupportedError

from . import events, sleep

_gpio_get, _gpio_set = _vhal.gpio_get, _vhal.gpio_set
_INPUT = _vhal.GPIO_INPUT


class Pin:
    """Pin(id, mode=-1, pull=-1, *, value=None, drive=None, alt=None)

    id: an alias or label of the devicetree ("led0"), (port, number) (("gpio0", 5)), another Pin
    or one of board.  One pin is one object: Pin(id) gives the same again; that of a subclass is
    another one, with the same state.  Raises InvalidPinError with the names that would do.
    """

    IN, OUT, OPEN_DRAIN, ANALOG = 0, 1, 2, 3
    PULL_UP, PULL_DOWN, PULL_NONE = 1, 2, None
    IRQ_RISING, IRQ_FALLING, IRQ_LOW_LEVEL, IRQ_HIGH_LEVEL = 1, 2, 4, 8

    _pins = {}  # pin of the devicetree → {class: object}; all of a pin share one __dict__

    def __new__(cls, id, *args, **kwargs):
        if isinstance(id, cls):
            return id
        found = id._named if isinstance(id, Pin) else devices.pin(id)
        known = cls._pins.setdefault(found, {})
        pin = known.get(cls)
        if pin is None:
            pin = super().__new__(cls)
            if known:
                pin.__dict__ = next(iter(known.values())).__dict__
            else:
                pin._set_up(found)
            known[cls] = pin
        if found.flags and not pin._named.flags:
            # Known by number before: this name says more.
            pin._named, pin._name = found, found.name
        return pin

    def _set_up(self, found):
        self._name = found.name
        self._named = found
        self._port = found.port.device
        self._number = found.pin
        self._mode = None
        self._pull = None
        self._level = None  # that the pin puts out, or would; None: nobody has said
        self._shadow = False  # an output that cannot be read back
        self._soft_drain = False  # open drain by changing the direction
        self._irq = None

    def __init__(self, id, mode=-1, pull=-1, *, value=None, drive=None, alt=None):
        if mode != -1 or pull != -1 or value is not None:
            self.init(mode, pull, value=value, drive=drive, alt=alt)

    def init(self, mode=-1, pull=-1, *, value=None, drive=None, alt=None):
        """Sets the mode, the pull and the level of an output.

        Without value an output has the level that value() set last, in whatever mode; else OUT
        begins low, and OPEN_DRAIN lets go.
        """
        if mode == -1:
            mode = self.IN if self._mode is None else self._mode
        if pull == -1:
            pull = self._pull
        if mode not in (self.IN, self.OUT, self.OPEN_DRAIN):
            raise ValueError("mode must be Pin.IN, Pin.OUT or Pin.OPEN_DRAIN")
        if pull not in (None, self.PULL_UP, self.PULL_DOWN):
            raise ValueError("pull must be None, Pin.PULL_UP or Pin.PULL_DOWN")
        if value is not None:
            self._level = 1 if value else 0
        elif self._level is None and mode != self.IN:
            self._level = 1 if mode == self.OPEN_DRAIN else 0
        irq = self._irq
        if irq is not None:
            irq._stop()
        self._mode, self._pull = mode, pull
        self._configure()
        if irq is not None:
            irq._start()

    def _pull_flag(self):
        if self._pull is None:
            return 0
        return _vhal.GPIO_PULL_UP if self._pull == self.PULL_UP else _vhal.GPIO_PULL_DOWN

    def _configure(self):
        pull = self._pull_flag()
        self._soft_drain = self._shadow = False
        if self._mode == self.IN:
            _vhal.gpio_configure(self._port, self._number, _INPUT | pull)
            return
        level = _vhal.GPIO_OUTPUT_HIGH if self._level else _vhal.GPIO_OUTPUT_LOW
        if self._mode == self.OPEN_DRAIN:
            try:
                flags = _INPUT | level | _vhal.GPIO_OPEN_DRAIN | pull
                _vhal.gpio_configure(self._port, self._number, flags)
            except UnsupportedError:
                # High is to let go: as an input.
                self._soft_drain = True
                self._drain()
            return
        try:
            _vhal.gpio_configure(self._port, self._number, _INPUT | level | pull)
        except UnsupportedError:
            self._shadow = True
            _vhal.gpio_configure(self._port, self._number, level | pull)

    def _drain(self):
        if self._level:
            flags = _INPUT | self._pull_flag()
        else:
            flags = _INPUT | _vhal.GPIO_OUTPUT_LOW
        _vhal.gpio_configure(self._port, self._number, flags)

    def value(self, x=None):
        """The level (0 or 1); or sets that of an output, or of what may become one."""
        if x is None:
            if self._mode is None:
                self.init(self.IN)
            return self._level if self._shadow else _gpio_get(self._port, self._number)
        if self._soft_drain:
            level = 1 if x else 0
            if level != self._level:
                self._level = level
                self._drain()
            return None
        self._level = 1 if x else 0
        return _gpio_set(self._port, self._number, x)

    __call__ = value

    def on(self):
        """Sets the output high."""
        self.value(1)

    def off(self):
        """Sets the output low."""
        self.value(0)

    high, low = on, off

    def toggle(self):
        """Sets the output to the other level."""
        self.value(not self._level)

    def mode(self, mode=None):
        """The mode; or sets it."""
        if mode is None:
            return self._mode
        self.init(mode)

    def pull(self, pull=-1):
        """The pull; or sets it."""
        if pull == -1:
            return self._pull
        self.init(-1, pull)

    # --- interrupts ---

    def irq(
        self, handler=None, trigger=IRQ_FALLING | IRQ_RISING, *, priority=1, wake=None, hard=False
    ):
        """Has handler(pin) called at each edge, or while a level lasts; None: no more.

        Handlers run in a thread of their own, hard or not.  wake: machine.IDLE, machine.SLEEP,
        machine.DEEPSLEEP or several of them: it ends these sleeps.  Returns an object with
        trigger() and flags().  InvalidHardwareStatusError: a task is in wait_for().
        """
        if trigger not in _TRIGGERS:
            raise ValueError(_NO_TRIGGER)
        if handler is not None and not callable(handler):
            raise TypeError("handler must be callable or None")
        wake = sleep.checked(wake)
        if self._irq is not None and self._irq._awaited:
            raise InvalidHardwareStatusError(f"{self._name}: a task waits for it")
        self._end_irq()
        if handler is None:
            return None
        return self._begin_irq(lambda irq: handler(self), trigger, wake)

    def _begin_irq(self, call, trigger, wake=0, awaited=False):
        """Has call(irq) called, which may be before this has returned."""
        if self._mode is None:
            self.init(self.IN)
        irq = self._irq = _Irq(self, call, trigger, wake, awaited)
        try:
            irq._start()
        except BaseException:
            self._end_irq()
            raise
        return irq

    def _end_irq(self):
        irq, self._irq = self._irq, None
        if irq is not None:
            irq._stop()

    async def wait_for(self, trigger, timeout=None):
        """Waits for an edge or a level; returns the level.  TimeoutError after so many seconds.

        The pin cannot have an irq() meanwhile: InvalidHardwareStatusError.
        """
        import asyncio

        if trigger not in _TRIGGERS:
            raise ValueError(_NO_TRIGGER)
        if self._irq is not None:
            raise InvalidHardwareStatusError(f"{self._name}: has an interrupt handler")
        loop = asyncio.get_running_loop()
        future = loop.create_future()

        def set_result(level):
            if not future.done():
                future.set_result(level)

        def arrived(irq):
            # Once: a level that lasts would come over and over.
            irq._stop()
            loop.call_soon_threadsafe(set_result, irq._value)

        self._begin_irq(arrived, trigger, awaited=True)
        try:
            async with asyncio.timeout(timeout):
                return await future
        finally:
            self._end_irq()

    def __repr__(self):
        modes = {None: "", self.IN: ", IN", self.OUT: ", OUT", self.OPEN_DRAIN: ", OPEN_DRAIN"}
        return f"Pin({self._name!r}{modes[self._mode]})"

    @property
    def name(self):
        return self._name


class _Irq:
    """What Pin.irq() returns.  It has call(irq) called."""

    def __init__(self, pin, call, trigger, wake, awaited):
        self._pin, self._call, self._trigger = pin, call, trigger
        self._wake = wake
        self._awaited = awaited  # by wait_for(): it is not the program's to end
        self._level = trigger in (Pin.IRQ_LOW_LEVEL, Pin.IRQ_HIGH_LEVEL)
        self._source = None
        self._value = 0
        self._flags = 0

    def _begin(self):
        pin = self._pin
        self._source = _vhal.gpio_irq(pin._port, pin._number, _TRIGGERS[self._trigger])
        return self._source

    def _start(self):
        events.on(self._begin, self._arrived)
        if self._level:
            _vhal.gpio_irq_again(self._source)

    def _stop(self):
        source, self._source = self._source, None
        if source is not None:
            events.off(source)
            _vhal.gpio_irq_off(source)

    def _arrived(self, value, stamp):
        source = self._source
        if source is None:
            return
        self._value = value
        self._flags = (
            self._trigger if self._level else Pin.IRQ_RISING if value else Pin.IRQ_FALLING
        )
        sleep.woken(self._wake, sleep.PIN_WAKE)
        try:
            self._call(self)
        finally:
            if self._level and self._source is source:
                # Not at once: a level that lasts would be all that the machine has time for.
                events.at(time.monotonic() + events.PAUSE, lambda: self._again(source))

    def _again(self, source):
        if self._source is source:
            _vhal.gpio_irq_again(source)

    def trigger(self, trigger=None):
        """The trigger; or sets it and returns that of before.

        InvalidHardwareStatusError: it has ended, and the pin may have another.
        """
        before = self._trigger
        if trigger is not None:
            if trigger not in _TRIGGERS:
                raise ValueError(_NO_TRIGGER)
            if self._pin._irq is not self:
                raise InvalidHardwareStatusError(f"{self._pin._name}: this irq has ended")
            self._stop()
            self._trigger = trigger
            self._level = trigger in (Pin.IRQ_LOW_LEVEL, Pin.IRQ_HIGH_LEVEL)
            self._start()
        return before

    def flags(self):
        """What the last interrupt was: IRQ_RISING, IRQ_FALLING or the level."""
        return self._flags


_NO_TRIGGER = "trigger must be IRQ_RISING, IRQ_FALLING, both, IRQ_LOW_LEVEL or IRQ_HIGH_LEVEL"
_TRIGGERS = {
    Pin.IRQ_RISING: _vhal.GPIO_INT_EDGE_RISING,
    Pin.IRQ_FALLING: _vhal.GPIO_INT_EDGE_FALLING,
    Pin.IRQ_RISING | Pin.IRQ_FALLING: _vhal.GPIO_INT_EDGE_BOTH,
    Pin.IRQ_LOW_LEVEL: _vhal.GPIO_INT_LEVEL_LOW,
    Pin.IRQ_HIGH_LEVEL: _vhal.GPIO_INT_LEVEL_HIGH,
}
