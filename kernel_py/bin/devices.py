# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""List the devices of the machine.

usage: devices [-al] [NAME ...]

  -a, --all     also those that the board does not use
  -l, --long    all that is known of each

The columns are name, kind, status, driver and path in the devicetree; then come the devices on the
PCI bus, where there is one.  With NAME, only devices with that name, or with it in their line.
In Python, `devices` and `pci` are the lists, so at the >>> prompt it is sh('devices').
"""

from kernel import command


def matches(line, name, wanted):
    return not wanted or name in wanted or any(word in line for word in wanted)


def show_node(node):
    rows = [("compatible", ", ".join(node.compatible)), ("driver", node.driver)]
    rows += [("aliases", ", ".join(node.aliases))] if node.aliases else []
    for name, *numbers in node.registers:
        text = " ".join(hex(number) for number in numbers if number is not None)
        rows.append(("register", f"{name} {text}" if name else text))
    rows += [("interrupt", entry) for entry in node.interrupts]
    rows += sorted((name, value) for name, value in node.properties.items())
    for name, value in rows:
        command.write_text(f"    {name}: {value}")


def main(cmd):
    try:
        from kernel.devices import devices, pci
    except ImportError as error:
        cmd.error(f"this image knows no devicetree ({error})")
        return
    wanted = cmd.operands
    count = 0
    for node in devices.all if cmd["a"] else devices:
        line = str(node)
        if matches(line, node.name, wanted):
            count += 1
            command.write_text(line)
            if cmd["l"]:
                show_node(node)
    for device in pci:
        line = str(device)
        if matches(line, device.address, wanted):
            count += 1
            command.write_text(line)
            if cmd["l"]:
                for number, kind, address in device.bars:
                    command.write_text(f"    bar {number}: {kind} {address:#x}")
    if wanted and not count:
        cmd.error("no such device", " ".join(wanted))


command.run(main, __doc__, argv)
