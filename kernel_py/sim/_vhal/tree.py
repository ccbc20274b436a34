# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The devicetree of the sim board, in the form that the build makes of a real one.

A node is (path, labels, compatible, status, kind, parent, registers, interrupts, properties,
label).  kind is the class of driver, or None; parent and other references are indices; a register
is (name, address, size), an interrupt (name, controller, {cell: value}).  Of properties, a
reference is ("node", index) and a phandle array ("cells", ((name, index, {cell: value}), …)); so
is the gpio-map of a connector, with the numbers of its contacts as names.
"""

NODES = []
ALIASES = {}
CHOSEN = {}
FAILED = {"/broken"}  # the driver of this one does not start

# (bus, device, function, vendor, device, class, interface, irq, [(bar, kind, address)])
PCI = (
    (0, 0, 0, 0x8086, 0x1237, 0x0600, 0, 255, []),
    (0, 1, 0, 0x8086, 0x7000, 0x0601, 0, 255, []),
    (0, 2, 0, 0x1234, 0x1111, 0x0300, 0, 255, [(0, "memory", 0xFD000000)]),
    (0, 3, 0, 0x8086, 0x100E, 0x0200, 0, 11, [(0, "memory", 0xFEB80000), (1, "io", 0xC000)]),
)


def _node(path, *labels, compatible="", kind=None, status="okay", reg=(), props=None, label=None):
    parent = None
    if path != "/":
        above = path.rpartition("/")[0] or "/"
        parent = next(i for i, node in enumerate(NODES) if node[0] == above)
    registers = ((None, *reg),) if reg else ()
    compatibles = (compatible,) if compatible else ()
    row = (path, labels, compatibles, status, kind, parent, registers, (), props or {}, label)
    NODES.append(row)
    return len(NODES) - 1


def _cells(index, **cells):
    return ("cells", ((None, index, cells),))


_node("/", compatible="zpy,sim", props={"model": "ZPy sim"})
_node("/soc", compatible="simple-bus")
_uart = _node("/uart", "uart0", compatible="zpy,sim-uart", kind="uart")
_gpio = _node(
    "/gpio_emul",
    "gpio0",
    compatible="zephyr,gpio-emul",
    kind="gpio",
    props={"gpio-controller": True, "ngpios": 32},
)
_adc = _node(
    "/adc",
    "adc0",
    compatible="zephyr,adc-emul",
    kind="adc",
    props={"nchannels": 4, "ref-internal-mv": 3300},
)
for _n in (0, 1):
    _node(
        f"/adc/channel@{_n}",
        reg=(_n, None),
        props={
            "zephyr,gain": "ADC_GAIN_1",
            "zephyr,reference": "ADC_REF_INTERNAL",
            "zephyr,acquisition-time": 0,
            "zephyr,resolution": 12,
        },
    )
_dac = _node("/dac", "dac0", compatible="zpy,dac-emul", kind="dac", props={"channels": 2})
_pwm = _node(
    "/pwm",
    "pwm0",
    compatible="zpy,pwm-emul",
    kind="pwm",
    props={"channels": 4, "clock-frequency": 1000000000},
)
_i2c = _node(
    "/i2c@100",
    "i2c0",
    compatible="zephyr,i2c-emul-controller",
    kind="i2c",
    reg=(0x100, 4),
    props={"clock-frequency": 100000},
)
_node(
    "/i2c@100/eeprom@50",
    "eeprom_24c",
    compatible="atmel,at24",
    kind="eeprom",
    reg=(0x50, None),
    props={"size": 256, "pagesize": 16, "address-width": 8, "timeout": 5},
)
_bmi160 = _node(
    "/i2c@100/bmi160@69", "bmi160", compatible="bosch,bmi160", kind="sensor", reg=(0x69, None)
)
_spi = _node(
    "/spi@200",
    "spi0",
    compatible="zephyr,spi-emul-controller",
    kind="spi",
    reg=(0x200, 4),
    props={"clock-frequency": 50000000},
)
_strip = _node(
    "/spi@200/ws2812@3",
    "led_strip",
    compatible="worldsemi,ws2812-spi",
    kind="led_strip",
    reg=(3, None),
    props={"spi-max-frequency": 4000000, "chain-length": 8, "color-mapping": (2, 1, 3)},
)
for _n in (0, 1):
    _node(
        f"/uart_emul_{_n}",
        f"uart_emul{_n}",
        compatible="zephyr,uart-emul",
        kind="uart",
        props={"current-speed": 115200},
    )
_wdt = _node("/watchdog", "wdt0", compatible="zpy,wdt-emul", kind="watchdog")
_rtc = _node("/rtc", "rtc", compatible="zephyr,rtc-emul", kind="rtc")
_node("/counter", "counter0", compatible="zpy,sim-counter", kind="counter")
_flash = _node(
    "/flash-controller@0",
    "flashcontroller0",
    compatible="zephyr,sim-flash",
    kind="flash",
    reg=(0, 2 << 20),
)
_node("/flash-controller@0/flash@0", "flash0", compatible="soc-nv-flash", reg=(0, 2 << 20))
_node("/flash-controller@0/flash@0/partitions", compatible="fixed-partitions")
_node(
    "/flash-controller@0/flash@0/partitions/partition@1f0000",
    "scratch_partition",
    reg=(0x1F0000, 0x10000),
    label="scratch",
)
_node("/eeprom", "eeprom0", compatible="zephyr,sim-eeprom", kind="eeprom", props={"size": 32768})
_node("/leds", compatible="gpio-leds", kind="led")
_led0 = _node("/leds/led_0", "led_0", props={"gpios": _cells(_gpio, pin=0, flags=0)}, label="LED")
_led1 = _node(
    "/leds/led_1",
    "led_1",
    props={"gpios": _cells(_gpio, pin=1, flags=1)},
    label="LED between the pin and the supply",
)
_node("/buttons", compatible="gpio-keys")
_sw0 = _node(
    "/buttons/button_0",
    "button_0",
    props={"gpios": _cells(_gpio, pin=8, flags=0x11)},
    label="Button",
)
_sw1 = _node(
    "/buttons/button_1",
    "button_1",
    props={"gpios": _cells(_gpio, pin=9, flags=0x20)},
    label="Button between the pin and the supply",
)
_node(
    "/connector",
    "arduino_header",
    compatible="arduino-header-r3",
    # D0 to D15 are the first pins of the port.
    props={
        "gpio-map": (
            "cells",
            tuple((f"{6 + n}", _gpio, {"pin": n, "flags": 0}) for n in range(16)),
        )
    },
)
_node("/pwm_leds", compatible="pwm-leds", kind="led")
_dimmed = _node(
    "/pwm_leds/pwm_led_0",
    "pwm_led_0",
    props={"pwms": _cells(_pwm, channel=0, period=20000000, flags=0)},
    label="LED that can be dimmed",
)
_node("/broken", "broken", compatible="zpy,sim-broken", kind="gpio")
_node("/off", "off", compatible="zpy,sim-off", kind="i2c", status="disabled")

ALIASES.update(
    {
        "led0": _led0,
        "led1": _led1,
        "sw0": _sw0,
        "sw1": _sw1,
        "pwm-led0": _dimmed,
        "led-strip": _strip,
        "watchdog0": _wdt,
        "i2c0": _i2c,
        "spi0": _spi,
        "pwm0": _pwm,
        "dac0": _dac,
        "adc0": _adc,
        "accel0": _bmi160,
        "rtc": _rtc,
    }
)
CHOSEN.update({"zephyr,console": _uart, "zephyr,flash-controller": _flash})
