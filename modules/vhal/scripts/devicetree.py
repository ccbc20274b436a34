# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Make the C file with the board's devicetree: for Python, and as a table of Zephyr's devices.

Zephyr has parsed the devicetree with its bindings and left the result in edt.pickle. Here it
becomes data of the image:

  vhal_nodes          a table, a line a node: its device (NULL without a driver), kind and path
  vhal_tree           what Python sees, marshalled (format version 4, which every CPython reads):
                      (nodes, aliases, chosen); devicetree() in kernel_py/sim/_vhal/tree.py
                      describes it

A node's kind is the directory of its binding (bindings/gpio/…), because that is how Zephyr sorts
devices by driver API. A node that is not okay has no properties here: nobody can use them.
"""

import argparse
import marshal
import os
import pickle
import sys

# Directory of bindings → kind, the class of driver API. Of others there are nodes, not devices.
KINDS = {
    "adc": "adc",
    "counter": "counter",
    "dac": "dac",
    "flash_controller": "flash",
    "gpio": "gpio",
    "i2c": "i2c",
    "led": "led",
    "led_strip": "led_strip",
    "mtd": "eeprom",
    "pwm": "pwm",
    "rtc": "rtc",
    "sensor": "sensor",
    "serial": "uart",
    "spi": "spi",
    "watchdog": "watchdog",
}
# Two drivers for one node: Kconfig decides which, and so of which kind it is.
BY_OPTION = {
    "motorola,mc146818": "IS_ENABLED(CONFIG_RTC_MOTOROLA_MC146818) ? VHAL_RTC : VHAL_COUNTER",
}
# Bindings that lie in a directory without having its driver API.
NOT_A_DEVICE = {
    "soc-nv-flash",  # the memory behind a flash controller
    "fixed-partitions",
    "gpio-nexus",
    "zephyr,uart-mux",
}

HEADER = "/* Made by devicetree.py from the board's devicetree: edits are lost. */\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--edt", required=True, help="Zephyr's edt.pickle")
    parser.add_argument("--zephyr", required=True, help="Zephyr's source tree")
    parser.add_argument("--out", required=True, help="the C file to write")
    options = parser.parse_args()
    sys.path.insert(0, os.path.join(options.zephyr, "scripts", "dts", "python-devicetree", "src"))
    with open(options.edt, "rb") as file:
        edt = pickle.load(file)
    with open(options.out, "w", encoding="utf-8") as file:
        file.write(source(edt))


def source(edt):
    """The C file as text."""
    nodes = sorted(
        (node for node in edt.nodes if node.path not in ("/aliases", "/chosen")),
        key=lambda node: node.dep_ordinal,
    )
    lines = [HEADER, '#include "vhal.h"\n', "#include <zephyr/devicetree.h>\n\n"]
    for node in nodes:
        if node.status == "okay":
            # Declared by Zephyr already; weak, because the driver may not be in the image.
            name = f"__device_dts_ord_{node.dep_ordinal}"
            lines.append(f"extern const struct device {name} __weak;\n")
    lines.append("\nconst struct vhal_node vhal_nodes[] = {\n")
    for node in nodes:
        device = f"&__device_dts_ord_{node.dep_ordinal}" if node.status == "okay" else "NULL"
        slow = "true" if node.on_buses else "false"
        okay = "true" if node.status == "okay" else "false"
        lines.append(
            f'\t{{"{node.path}", {device}, {c_kind(node)}, "{node.matching_compat or ""}",'
            f" .on_bus = {slow}, .okay = {okay}}},\n"
        )
    lines.append("};\n\nconst size_t vhal_node_count = ARRAY_SIZE(vhal_nodes);\n")
    blob = marshal.dumps(tree(edt, nodes), 4)
    lines.append(f"\nconst size_t vhal_tree_size = {len(blob)};\n\n")
    lines.append("const unsigned char vhal_tree[] = {\n")
    for start in range(0, len(blob), 16):
        lines.append("\t" + " ".join(f"0x{b:02x}," for b in blob[start : start + 16]) + "\n")
    lines.append("};\n")
    return "".join(lines)


def kind(node):
    """The class of driver API of a node's device, or None."""
    if not node.binding_path or node.matching_compat in NOT_A_DEVICE:
        return None
    if node.matching_compat in BY_OPTION:
        return "rtc"
    directory = os.path.basename(os.path.dirname(node.binding_path))
    # The children of a device (its LEDs, its channels) share its directory and have no API.
    if directory == "mtd" and "jedec-id" in node._binding.prop2specs:
        return "flash"
    parent = node.parent
    if parent is not None and parent.binding_path == node.binding_path:
        return None
    return KINDS.get(directory)


def c_kind(node):
    if node.matching_compat in BY_OPTION:
        return BY_OPTION[node.matching_compat]
    name = kind(node)
    return f"VHAL_{name.upper()}" if name else "VHAL_NONE"


def tree(edt, nodes):
    """What Python sees of the devicetree."""
    index = {node: number for number, node in enumerate(nodes)}
    rows = tuple(row(node, index) for node in nodes)
    aliases = {}
    for node in nodes:
        for alias in node.aliases:
            aliases[alias] = index[node]
    chosen = {name: index[node] for name, node in edt.chosen_nodes.items()}
    return rows, aliases, chosen


def row(node, index):
    okay = node.status == "okay"
    return (
        node.path,
        tuple(node.labels),
        tuple(node.compats),
        node.status,
        kind(node),
        index[node.parent] if node.parent else None,
        tuple((reg.name, reg.addr, reg.size) for reg in node.regs) if okay else (),
        tuple(specifier(entry, index) for entry in node.interrupts) if okay else (),
        properties(node, index) if okay else {},
        node.label if okay else None,
    )


def specifier(entry, index):
    """(name or None, controller's index, {cell: value}) of a phandle-array's entry."""
    if entry is None:
        return None
    return entry.name, index[entry.controller], {k: int(v) for k, v in entry.data.items()}


def contacts(node, index):
    """The gpio-map of a connector, as cells whose name is the contact's number.

    Zephyr's parser has no type for it: contact, flags, controller, pin, flags, as often as there
    are contacts. How many cells each side has is said by #gpio-cells.
    """
    data = node._node.props["gpio-map"].value
    cells = [int.from_bytes(data[at : at + 4], "big") for at in range(0, len(data), 4)]
    outer = node._node.props["#gpio-cells"].to_num()
    found = []
    while cells:
        controller = node._node.dt.phandle2node[cells[outer]]
        port = next(each for each in index if each._node is controller)
        inner = controller.props["#gpio-cells"].to_num()
        values = dict(zip(("pin", "flags"), cells[outer + 1 :][:inner], strict=False))
        found.append((str(cells[0]), index[port], values))
        del cells[: outer + 1 + inner]
    return "cells", tuple(found)


def properties(node, index):
    """{name: value}: references are ("node", index), phandle arrays ("cells", (entry, …))."""
    found = {}
    for name, prop in node.props.items():
        if name in (
            "compatible",
            "reg",
            "status",
            "interrupts",
            "label",
            "ranges",
            "#address-cells",
            "#size-cells",
        ):
            continue
        value = prop.val
        if value is False:
            continue  # what a node does not say
        if prop.type in ("phandle", "path"):
            value = ("node", index[value])
        elif prop.type == "phandles":
            value = tuple(("node", index[each]) for each in value)
        elif prop.type == "phandle-array":
            value = ("cells", tuple(specifier(entry, index) for entry in value))
        elif isinstance(value, list):
            value = tuple(value)
        elif value is not None and not isinstance(value, (bool, int, str, bytes)):
            continue  # a compound value without a type
        found[name] = value
    if "gpio-map" in node._node.props:
        found["gpio-map"] = contacts(node, index)
    return found


if __name__ == "__main__":
    main()
