# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The hardware of the machine as live objects: its devicetree and its PCI bus.

    for d in devices: print(d)          every node that is okay, with its driver's state
    devices["i2c0"]                     by label, alias or path
    devices.chosen["zephyr,console"]
    list(pci); pci.find_by_class(0x0200)

The tree was made at build time from the board's devicetree: nothing is listed by hand.
"""

import _vhal

from .errors import HardwareInitializationError, InvalidPinError, UnsupportedError

# Where a node says which pin it has: LEDs and buttons, sensors' interrupt lines.
PIN_PROPERTIES = ("gpios", "led-gpios", "gpio")

# How many channels a converter or a PWM has: the bindings' names for it, and what _vhal takes.
CHANNEL_PROPERTIES = ("channels", "nchannels", "channel-count", "num-channels")
CHANNELS = {"adc": 32, "dac": 256, "pwm": 256}

# What is printed beside a connector's contacts, by their number in the devicetree.
CONTACTS = {
    "arduino-header-r3": (*(f"A{n}" for n in range(6)), *(f"D{n}" for n in range(16))),
}


class Cells:
    """One entry of a phandle array: a controller and what it is told (`pin`, `flags` …)."""

    __slots__ = ("controller", "name", "cells")

    def __init__(self, name, controller, cells):
        self.name = name
        self.controller = controller
        self.cells = cells

    def __getattr__(self, name):
        try:
            return self.cells[name]
        except KeyError:
            raise AttributeError(f"no cell {name!r}; there are {', '.join(self.cells)}") from None

    def __repr__(self):
        values = "".join(f" {name}={value}" for name, value in self.cells.items())
        return f"<{self.controller.name}{values}>"


class Node:
    """A node of the devicetree.

    path, labels (tuple), label (its text, or None), compatible (tuple), status, kind (the class
    of its driver: 'gpio', 'i2c' …, or None), registers ((name, address, size), …), interrupts
    and properties, as the devicetree has them; references are Nodes.
    """

    def __init__(self, tree, index, row):
        self._tree = tree
        self.index = index
        self._row = row
        self.path, self.labels, self.compatible, self.status, self.kind = row[:5]
        self.registers = row[6]
        self.label = row[9]
        self._device = None
        self._properties = None

    @property
    def name(self):
        """The first label, or the path of a node without one."""
        return self.labels[0] if self.labels else self.path

    @property
    def aliases(self):
        """The names that /aliases has for it."""
        return tuple(n for n, node in self._tree.aliases.items() if node is self)

    @property
    def parent(self):
        return None if self._row[5] is None else self._tree.all[self._row[5]]

    @property
    def children(self):
        """The nodes below it, of any status."""
        return [node for node in self._tree.all if node.parent is self]

    @property
    def interrupts(self):
        return tuple(self._cells(entry) for entry in self._row[7])

    @property
    def properties(self):
        """A dict of those that the devicetree gives, as its bindings type them."""
        if self._properties is None:
            self._properties = {n: self._value(v) for n, v in self._row[8].items()}
        return self._properties

    def _cells(self, entry):
        return None if entry is None else Cells(entry[0], self._tree.all[entry[1]], entry[2])

    def _value(self, value):
        if isinstance(value, tuple) and value:
            if value[0] == "node":
                return self._tree.all[value[1]]
            if value[0] == "cells":
                return tuple(map(self._cells, value[1]))
            if isinstance(value[0], tuple):
                return tuple(map(self._value, value))
        return value

    @property
    def driver(self):
        """'ready', 'failed' (it did not start), 'deferred' (it starts at its first use) or 'none'.

        None: there is none in the image.
        """
        return _vhal.driver(self.index)

    @property
    def ready(self):
        """Can it be used?  Its driver has started, or will at the first use."""
        return self.driver in ("ready", "deferred")

    @property
    def power(self):
        """'active', 'suspended' or 'off'; None: its driver, or the image, knows no states."""
        read = getattr(_vhal, "power", None)
        return None if read is None else read(self.index)

    def suspend(self):
        """Has the device rest until resume(); its use is InvalidHardwareStatusError meanwhile.

        UnsupportedError: its driver, or the image, knows no power states.
        """
        self._set_power(False)

    def resume(self):
        """Wakes the device up."""
        self._set_power(True)

    def _set_power(self, on):
        switch = getattr(_vhal, "power_set", None)
        if switch is None:
            raise UnsupportedError("this image has no power management (CONFIG_PM_DEVICE)")
        switch(self.index, on)

    @property
    def device(self):
        """What the functions of _vhal take.  HardwareInitializationError: not ready."""
        if self._device is None:
            self._device = _vhal.device(self.index)
        return self._device

    def __str__(self):
        kind = self.compatible[0] if self.compatible else "-"
        state = {"failed": "FAILED", "none": "-"}.get(self.driver, self.driver)
        if self.power not in (None, "active"):
            state = self.power
        name = self.labels[0] if self.labels else "-"
        return f"{name:<18} {kind:<28} {self.status} {state:<6} {self.path}"

    def __repr__(self):
        return f"<Node {self.name} {self.path}>"


class Pin:
    """A pin as the devicetree names it: port (a Node), pin, flags (active-low, pull …)."""

    __slots__ = ("port", "pin", "flags", "name")

    def __init__(self, port, pin, flags=0, name=None):
        self.port = port
        self.pin = pin
        self.flags = flags
        self.name = name or f"{port.name}.{pin}"

    @property
    def active_low(self):
        return bool(self.flags & _vhal.GPIO_ACTIVE_LOW)

    def __eq__(self, other):
        if not isinstance(other, Pin):
            return NotImplemented
        return self.port is other.port and self.pin == other.pin

    def __hash__(self):
        return hash((self.port.path, self.pin))

    def __repr__(self):
        return f"<Pin {self.name}: {self.port.name} {self.pin}>"


class Devices:
    """All nodes of the devicetree; iterating gives those whose status is okay."""

    def __init__(self):
        self._nodes = None

    def _load(self):
        rows, aliases, chosen = _vhal.devicetree()
        nodes = [Node(self, index, row) for index, row in enumerate(rows)]
        self._aliases = {name: nodes[index] for name, index in aliases.items()}
        self._chosen = {name: nodes[index] for name, index in chosen.items()}
        self._names = {}
        for node in nodes:
            for label in node.labels:
                self._names[label] = node
        # An alias wins over a label of the same name: it is the board's own word.
        for name, node in self._aliases.items():
            self._names[name] = node
            self._names.setdefault(name.replace("-", "_"), node)
        self._paths = {node.path: node for node in nodes}
        self._nodes = nodes

    @property
    def all(self):
        """Every node, of any status."""
        if self._nodes is None:
            self._load()
        return self._nodes

    @property
    def aliases(self):
        """{name: Node} of /aliases."""
        self.all  # noqa: B018
        return self._aliases

    @property
    def chosen(self):
        """{name: Node} of /chosen."""
        self.all  # noqa: B018
        return self._chosen

    def __iter__(self):
        return (node for node in self.all if node.status == "okay")

    def __len__(self):
        return sum(1 for _ in self)

    def get(self, name, default=None):
        """The node of a label, an alias or a path."""
        self.all  # noqa: B018
        if not isinstance(name, str):
            return default
        return self._names.get(name) or self._paths.get(name) or default

    def __getitem__(self, name):
        if isinstance(name, int):
            return self.all[name]
        node = self.get(name)
        if node is None:
            raise KeyError(f"no node is called {name!r}; devices.names() has the names")
        return node

    def __contains__(self, name):
        return name in self.all if isinstance(name, Node) else self.get(name) is not None

    def names(self):
        """All labels and aliases, sorted."""
        self.all  # noqa: B018
        return sorted(self._names)

    def find(self, *, compatible=None, kind=None):
        """The nodes that are okay and compatible with that, or of that kind."""
        return [
            node
            for node in self
            if (compatible is None or compatible in node.compatible)
            and (kind is None or node.kind == kind)
        ]

    def of_kind(self, name, kind):
        """The device called that (a name, a Node or a number) of a kind, ready to be used.

        A number is that of the label: 0 is i2c0.  Raises HardwareInitializationError, which
        names the node and its status, or the devices that there are.
        """
        node = name if isinstance(name, Node) else self.get(name)
        if node is None and isinstance(name, int) and not isinstance(name, bool):
            node = self.get(f"{kind}{name}")
            if node is None:
                # Not every board numbers its devices so: then by the order of the tree.
                found = self.find(kind=kind)
                node = found[name] if 0 <= name < len(found) else None
        if node is None or (node.kind != kind and node.ready):
            there = ", ".join(each.name for each in self.find(kind=kind)) or "none"
            what = "no device" if node is None else f"no {kind} device"
            raise HardwareInitializationError(f"{name!r}: {what}; of kind {kind}: {there}")
        return node.device

    def channel(self, device, number):
        """The number of a channel of a device (of _vhal), checked.

        InvalidPinError: there is none, as far as the devicetree says; else its driver does.
        """
        node = self[device.path]
        counts = [node.properties[n] for n in CHANNEL_PROPERTIES if n in node.properties]
        count = counts[0] if counts else CHANNELS[node.kind]
        if not isinstance(number, int) or not 0 <= number < count:
            text = f"no channel {number!r} of {node.name}; there are 0..{count - 1}"
            raise InvalidPinError(text)
        return number

    # --- pins ---

    def pin(self, name):
        """The Pin that a name means.

        name: an alias or label of a node with a pin ("led0"), a (port, number) pair
        (("gpio0", 5)), a contact of a connector ("D5", ("arduino_header", "D5") or its number
        there), or a Pin.  Raises InvalidPinError with the names that would do.
        """
        if isinstance(name, Pin):
            return name
        if isinstance(name, (tuple, list)) and len(name) == 2:
            port = name[0] if isinstance(name[0], Node) else self.get(name[0])
            if port is not None and "gpio-map" in port.properties:
                return self._contact(port, name[1])
            if port is None or port.kind != "gpio":
                raise InvalidPinError(f"no port {name[0]!r}; {self._ports()}")
            number = name[1]
            known = isinstance(number, int) and 0 <= number < 32
            if not known or not _vhal.gpio_pins(port.device) >> number & 1:
                raise InvalidPinError(f"no pin {number!r} of {port.name}; {self._ports()}")
            return Pin(port, number)
        node = self.get(name) if isinstance(name, str) else name
        if isinstance(node, Node):
            pin = self._pin_of(node, name if isinstance(name, str) else node.name)
            if pin is not None:
                return pin
        for connector in self.connectors():
            if isinstance(name, str) and name in contacts(connector):
                return self._contact(connector, name)
        raise InvalidPinError(f"no pin {name!r}; {self._pins()}")

    def connectors(self):
        """The nodes that are connectors of the board with pins."""
        return [node for node in self if "gpio-map" in node.properties]

    def _contact(self, connector, contact):
        there = contacts(connector)
        for name, cells in there.items():
            if contact == name or (isinstance(contact, int) and str(contact) == cells.name):
                name = f"{connector.name}.{name}"
                return Pin(cells.controller, cells.pin, cells.cells.get("flags", 0), name)
        raise InvalidPinError(
            f"no contact {contact!r} of {connector.name}; there are {', '.join(there)}"
        )

    def _pin_of(self, node, name):
        for key in PIN_PROPERTIES:
            entries = node.properties.get(key)
            if entries and entries[0] is not None:
                cells = entries[0]
                return Pin(cells.controller, cells.pin, cells.cells.get("flags", 0), name)
        return None

    def pins(self):
        """{name: Pin} of all that the devicetree names."""
        found = {}
        for name in self.names():
            node = self._names[name]
            if name.isidentifier() and node.status == "okay":
                pin = self._pin_of(node, name)
                if pin is not None:
                    found[name] = pin
        return found

    def _ports(self):
        ports = []
        for node in self.find(kind="gpio"):
            if node.ready:
                ports.append(f"{node.name} {_ranges(_vhal.gpio_pins(node.device))}")
        return "ports: " + ("; ".join(ports) or "none")

    def _pins(self):
        names = [*self.pins(), *(name for node in self.connectors() for name in contacts(node))]
        return f"there are {', '.join(names) or 'no names'}; or (port, number): {self._ports()}"

    def __repr__(self):
        return f"<devices: {len(self)} nodes; for d in devices: print(d)>"


def contacts(connector):
    """{name: Cells} of a connector's contacts; those without a name have their number."""
    names = next((CONTACTS[each] for each in connector.compatible if each in CONTACTS), ())
    return {
        names[int(cells.name)] if int(cells.name) < len(names) else cells.name: cells
        for cells in connector.properties["gpio-map"]
    }


def _ranges(mask):
    """'0..7, 12' of a mask of pins."""
    parts = []
    bit = 0
    while mask >> bit:
        if mask >> bit & 1:
            first = bit
            while mask >> bit + 1 & 1:
                bit += 1
            parts.append(str(first) if first == bit else f"{first}..{bit}")
        bit += 1
    return ", ".join(parts)


# --- PCI -----------------------------------------------------------------------------------

_CLASSES = {
    0x0100: "SCSI controller",
    0x0101: "IDE controller",
    0x0106: "SATA controller",
    0x0108: "NVMe controller",
    0x0200: "Ethernet controller",
    0x0280: "network controller",
    0x0300: "VGA controller",
    0x0380: "display controller",
    0x0401: "audio device",
    0x0403: "audio device",
    0x0500: "memory controller",
    0x0600: "host bridge",
    0x0601: "ISA bridge",
    0x0604: "PCI bridge",
    0x0680: "bridge",
    0x0700: "serial controller",
    0x0780: "communication controller",
    0x0880: "system device",
    0x0C03: "USB controller",
    0x0C05: "SMBus controller",
    0x0C09: "CAN controller",
}


class PciDevice:
    """One function of a device on the PCI bus.

    bus, device, function; vendor_id, device_id; class_code (base class << 8 | subclass),
    interface; irq (None without one); bars ((number, 'io' or 'memory', address), …).
    """

    def __init__(self, row):
        self.bus, self.device, self.function, self.vendor_id, self.device_id = row[:5]
        self.class_code, self.interface = row[5:7]
        self.irq = None if row[7] in (0, 255) else row[7]
        self.bars = tuple(row[8])

    @property
    def address(self):
        return f"{self.bus:02x}:{self.device:02x}.{self.function}"

    @property
    def class_name(self):
        return _CLASSES.get(self.class_code, f"class {self.class_code:04x}")

    def __str__(self):
        return (
            f"{self.address} {self.vendor_id:04x}:{self.device_id:04x}"
            f" [{self.class_code:04x}] {self.class_name}"
            + (f", irq {self.irq}" if self.irq else "")
        )

    def __repr__(self):
        return f"<{self}>"


class Pci:
    """The PCI bus; iterating scans it.  Empty on a board without one."""

    def __iter__(self):
        scan = getattr(_vhal, "pci", None)
        return iter([] if scan is None else map(PciDevice, scan()))

    def __len__(self):
        return sum(1 for _ in self)

    def __getitem__(self, index):
        return list(self)[index]

    def find_by_class(self, class_code):
        """The devices of base class << 8 | subclass: 0x0200 is Ethernet."""
        return [device for device in self if device.class_code == class_code]

    def find(self, vendor_id, device_id=None):
        """The devices of a vendor, or of one of its products."""
        return [
            device
            for device in self
            if device.vendor_id == vendor_id and device_id in (None, device.device_id)
        ]

    def __repr__(self):
        return f"<pci: {len(self)} devices; for d in pci: print(d)>"


devices = Devices()
pci = Pci()
