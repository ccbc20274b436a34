# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Sends back in capitals what comes on a UART, with asyncio.

Without a line at hand: import circuit; circuit.send("uart_emul0", b"hello");
circuit.sent("uart_emul0")
"""

import asyncio

from machine import UART

NAME = "uart_emul0"


async def main(limit=None):
    """Echoes so many bytes, or goes on for ever."""
    with UART(NAME, 115200) as uart:
        done = 0
        while limit is None or done < limit:
            data = await uart.aread()
            await uart.awrite(data.upper())
            done += len(data)
        await asyncio.to_thread(uart.flush)


if __name__ == "__main__":
    asyncio.run(main())
