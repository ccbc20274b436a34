# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The hardware, with MicroPython's names, signatures and constants.

    from machine import Pin, I2C
    led = Pin("led0", Pin.OUT)
    i2c = I2C("i2c0", freq=400_000)

Pins, buses and channels are named as the devicetree names them: by alias, label or, for pins,
(port, number).  What waits has a companion for asyncio: `await pin.wait_for(Pin.IRQ_FALLING)`.
docs/hardware.md says where ZPy differs from MicroPython.
"""

_PLACES = {
    "Pin": "pin",
    "Signal": "signal",
    "PWM": "pwm",
    "ADC": "adc",
    "ADCBlock": "adc",
    "DAC": "dac",
    "I2C": "i2c",
    "I2CTarget": "i2ctarget",
    "SoftI2C": "soft",
    "SPI": "spi",
    "SoftSPI": "soft",
    "UART": "uart",
    "Timer": "timer",
    "Counter": "counter",
    "FlashArea": "flash",
    "WDT": "wdt",
    "RTC": "rtc",
    "unique_id": "system",
    "reset": "system",
    "soft_reset": "system",
    "reset_cause": "system",
    "freq": "system",
    "idle": "system",
    "lightsleep": "system",
    "deepsleep": "system",
    "wake_reason": "system",
    "disable_irq": "system",
    "enable_irq": "system",
    "time_pulse_us": "system",
    "bitstream": "system",
    "PWRON_RESET": "system",
    "HARD_RESET": "system",
    "WDT_RESET": "system",
    "DEEPSLEEP_RESET": "system",
    "SOFT_RESET": "system",
    "IDLE": "system",
    "SLEEP": "system",
    "DEEPSLEEP": "system",
    "PIN_WAKE": "system",
    "RTC_WAKE": "system",
}
__all__ = list(_PLACES)


def __getattr__(name):
    try:
        place = _PLACES[name]
    except KeyError:
        raise AttributeError(f"module 'machine' has no attribute {name!r}", name=name) from None
    module = __import__(f"machine.{place}", fromlist=(name,))
    value = globals()[name] = getattr(module, name)
    return value


def __dir__():
    return sorted({*globals(), *_PLACES})
