# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""paho-mqtt, a wheel from PyPI, on the machine: three messages through the example's broker.

tests/target/test_drivers.py puts the wheel on the path before this.
"""

import asyncio
import threading

import paho.mqtt.client as mqtt

TIMEOUT = 60
source = open("/examples/mqtt_client.py").read().partition("async def main()")[0]
example = {"__name__": "example", "argv": []}
exec(compile(source, "mqtt_client.py", "exec"), example)

port = []
ready = threading.Event()


async def broker():
    server = await asyncio.start_server(example["Broker"]().serve, "127.0.0.1", 0)
    port.append(server.sockets[0].getsockname()[1])
    ready.set()
    await server.serve_forever()


threading.Thread(target=lambda: asyncio.run(broker()), daemon=True).start()
assert ready.wait(TIMEOUT)

got = []
subscribed, done = threading.Event(), threading.Event()


def on_message(client, userdata, message):
    got.append((message.topic, message.payload))
    if len(got) == 3:
        done.set()


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "board")
client.on_connect = lambda client, *more: client.subscribe("zpy/test", 1)
client.on_subscribe = lambda *more: subscribed.set()
client.on_message = on_message
client.connect("127.0.0.1", port[0], TIMEOUT)
client.loop_start()
assert subscribed.wait(TIMEOUT)
for number in range(3):
    client.publish("zpy/test", f"message {number}", 1).wait_for_publish(TIMEOUT)
assert done.wait(TIMEOUT), got
client.disconnect()
client.loop_stop()
assert got == [("zpy/test", b"message %d" % number) for number in range(3)], got
print("OK")
