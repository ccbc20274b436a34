# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The C file that the build makes of the devicetree, from a tree made by hand."""

import importlib.util
import marshal
import re
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "modules" / "vhal" / "scripts" / "devicetree.py"

spec = importlib.util.spec_from_file_location("vhal_devicetree", SCRIPT)
script = importlib.util.module_from_spec(spec)
spec.loader.exec_module(script)


class Node(SimpleNamespace):
    """A node of edtlib, as far as the script looks."""

    def __init__(self, path, ordinal, parent=None, binding=None, compat=None, **more):
        defaults = {
            "labels": [],
            "compats": [compat] if compat else [],
            "status": "okay",
            "binding_path": f"/z/dts/bindings/{binding}" if binding else None,
            "matching_compat": compat,
            "regs": [],
            "interrupts": [],
            "props": {},
            "on_buses": [],
            "label": None,
            "aliases": [],
            "_binding": SimpleNamespace(prop2specs={}),
            "_node": SimpleNamespace(props={}),  # the same in the parser below edtlib
        }
        super().__init__(path=path, dep_ordinal=ordinal, parent=parent, **{**defaults, **more})

    __hash__ = object.__hash__

    def __eq__(self, other):
        return self is other


def prop(kind, val):
    return SimpleNamespace(type=kind, val=val)


def tree():
    root = Node("/", 0)
    aliases = Node("/aliases", 1, root)
    gpio = Node("/gpio", 5, root, "gpio/zephyr,gpio-emul.yaml", "zephyr,gpio-emul")
    gpio.labels = ["gpio0"]
    gpio.props = {"ngpios": prop("int", 32), "low-level": prop("boolean", False)}
    i2c = Node("/i2c", 6, root, "i2c/x.yaml", "x", status="disabled", props={"a": prop("int", 1)})
    chip = Node("/spi/c", 9, root, "gpio/y.yaml", "y", on_buses=["spi"])
    cells = SimpleNamespace(name=None, controller=gpio, data={"pin": 3, "flags": 1})
    led = Node("/led", 7, root, aliases=["led0"])
    led.props = {
        "gpios": prop("phandle-array", [cells, None]),
        "bus": prop("phandle", gpio),
        "names": prop("string-array", ["a", "b"]),
        "id": prop("uint8-array", b"\x01\x02"),
    }
    flash = Node("/nor", 8, root, "mtd/jedec,spi-nor.yaml", "jedec,spi-nor")
    flash._binding.prop2specs["jedec-id"] = None
    eeprom = Node("/rom", 10, root, "mtd/atmel,at24.yaml", "atmel,at24")
    nodes = [led, chip, root, aliases, gpio, i2c, flash, eeprom, connector(root, gpio)]
    return SimpleNamespace(nodes=nodes, chosen_nodes={"zephyr,x": gpio})


def raw(*cells):
    """A property as the parser has it: a row of cells."""
    value = b"".join(cell.to_bytes(4, "big") for cell in cells)
    return SimpleNamespace(value=value, to_num=lambda: int.from_bytes(value, "big"))


def connector(root, gpio):
    header = Node("/connector", 11, root, "gpio/header.yaml", "header")
    gpio._node.props["#gpio-cells"] = raw(2)
    header._node.dt = SimpleNamespace(phandle2node={77: gpio._node})
    header._node.props = {
        "#gpio-cells": raw(2),
        "gpio-map": raw(*(6, 0, 77, 26, 0), *(19, 0, 77, 3, 1)),
    }
    return header


def parsed():
    text = script.source(tree())
    blob = re.search(r"vhal_tree\[\] = \{(.*?)\}", text, re.S).group(1)
    data = bytes(int(byte, 16) for byte in re.findall(r"0x([0-9a-f]{2})", blob))
    size = int(re.search(r"vhal_tree_size = (\d+)", text).group(1))
    assert size == len(data)
    return text, marshal.loads(data)


def test_table():
    text, (rows, _, _) = parsed()
    lines = re.findall(r'^\t\{"(.*?)", (.*?), (\w+), "(.*?)", (.*)\},$', text, re.M)
    assert [line[0] for line in lines] == [row[0] for row in rows]
    table = {line[0]: line[1:] for line in lines}
    assert "/aliases" not in table
    assert table["/gpio"][:3] == ("&__device_dts_ord_5", "VHAL_GPIO", "zephyr,gpio-emul")
    assert table["/i2c"][:2] == ("NULL", "VHAL_I2C")
    assert ".okay = false" in table["/i2c"][3]
    assert ".on_bus = true" in table["/spi/c"][3]
    assert table["/nor"][1] == "VHAL_FLASH"
    assert table["/rom"][1] == "VHAL_EEPROM"
    assert table["/led"][1] == "VHAL_NONE"
    assert "__device_dts_ord_5 __weak" in text
    assert "__device_dts_ord_6 __weak" not in text


def test_tree():
    _, (rows, aliases, chosen) = parsed()
    index = {row[0]: number for number, row in enumerate(rows)}
    assert aliases == {"led0": index["/led"]}
    assert chosen == {"zephyr,x": index["/gpio"]}
    gpio = rows[index["/gpio"]]
    assert gpio[1:5] == (("gpio0",), ("zephyr,gpio-emul",), "okay", "gpio")
    assert gpio[8] == {"ngpios": 32}  # what a node does not say is left out
    led = rows[index["/led"]][8]
    gpios = ("cells", ((None, index["/gpio"], {"pin": 3, "flags": 1}), None))
    assert led["gpios"] == gpios
    assert led["bus"] == ("node", index["/gpio"])
    assert (led["names"], led["id"]) == (("a", "b"), b"\x01\x02")
    assert rows[index["/i2c"]][8] == {}  # nobody can use what is not okay


def test_connector():
    _, (rows, _, _) = parsed()
    index = {row[0]: number for number, row in enumerate(rows)}
    port = index["/gpio"]
    contacts = (("6", port, {"pin": 26, "flags": 0}), ("19", port, {"pin": 3, "flags": 1}))
    assert rows[index["/connector"]][8] == {"gpio-map": ("cells", contacts)}
