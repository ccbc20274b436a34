# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""FlashArea: a partition of a flash memory, as bytes."""

import _vhal

from kernel.devices import Node, devices
from kernel.errors import HardwareInitializationError


class FlashArea:
    """FlashArea(name): the partition of that label ("scratch_partition", or label = "scratch").

    size, page (what erase() erases at once) and block (what write() writes at once) are in bytes.
    """

    def __init__(self, name):
        node = name if isinstance(name, Node) else devices.get(name)
        if node is None or not self._is_partition(node):
            there = [n for n in devices if self._is_partition(n)]
            node = next((n for n in there if n.label == name), None)
            if node is None:
                names = ", ".join(n.name for n in there) or "none"
                raise HardwareInitializationError(f"{name!r}: no partition; there are {names}")
        memory = node
        while memory is not None and memory.kind != "flash":
            memory = memory.parent
        if memory is None:
            raise HardwareInitializationError(f"{node.path}: its memory has no driver")
        self._device = memory.device
        self._name = node.name
        _, self._offset, self.size = node.registers[0]
        _, self.page, self.block, self._erased = _vhal.flash_info(self._device)

    @staticmethod
    def _is_partition(node):
        parent = node.parent
        return parent is not None and "fixed-partitions" in parent.compatible

    def _place(self, offset, length):
        if not 0 <= offset <= self.size - length:
            raise ValueError(f"{length} bytes at {offset} are not within 0..{self.size}")
        return self._offset + offset

    def readinto(self, offset, buffer):
        """Fills a buffer."""
        _vhal.flash_read(self._device, self._place(offset, memoryview(buffer).nbytes), buffer)

    def read(self, offset, count):
        """Reads bytes."""
        self._place(offset, count)
        data = bytearray(count)
        self.readinto(offset, data)
        return bytes(data)

    def write(self, offset, data):
        """Writes to what is erased; offset and length in whole blocks."""
        _vhal.flash_write(self._device, self._place(offset, memoryview(data).nbytes), data)

    def erase(self, offset=0, size=None):
        """Erases whole pages: all, or a part."""
        size = self.size - offset if size is None else size
        _vhal.flash_erase(self._device, self._place(offset, size), size)

    def __repr__(self):
        return f"<FlashArea {self._name}, {self.size} bytes>"
