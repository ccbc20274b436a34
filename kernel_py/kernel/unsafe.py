# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The machine without a net: device registers, I/O ports, DMA memory, control registers.

    from kernel import unsafe

    timer = unsafe.Registers(0xFED00000, 0x400)     # an HPET
    print(hex(timer.read(0, 64)))
    unsafe.port_write(0x80, 1)                      # x86
    source = unsafe.line_attach(20)                 # x86: an interrupt line, see kernel.interrupts
    block = unsafe.DMABuffer(4096)
    memoryview(block)[0:4] = b"ping"; block.flush(); print(hex(block.physical))

Nothing here asks whether an access is wise: a wrong one crashes the machine.  Nothing else in
the kernel imports this module.  OSError where the machine has no such thing.
"""

import _vosal

from . import errors

Registers = _vosal.Registers
DMABuffer = _vosal.DMABuffer
control_registers = _vosal.control_registers


def _no_ports(*arguments):
    raise errors.UnsupportedError("this processor has no I/O ports")


def _no_lines(*arguments, **keywords):
    raise errors.UnsupportedError("this board has no interrupt lines that can be connected")


port_read = getattr(_vosal, "port_read", _no_ports)
port_write = getattr(_vosal, "port_write", _no_ports)
line_attach = getattr(_vosal, "line_attach", _no_lines)
line_enable = getattr(_vosal, "line_enable", _no_lines)
line_detach = getattr(_vosal, "line_detach", _no_lines)
