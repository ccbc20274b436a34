# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""An operating system in small: tasks, a queue of packets, priorities (method dispatch)."""

from collections import deque

ROUNDS = 12
EXPECTED = (300, 701, 1200)


class Packet:
    __slots__ = ("data", "kind")

    def __init__(self, kind, data):
        self.kind = kind
        self.data = data


class Task:
    def __init__(self, system, priority):
        self.system = system
        self.priority = priority
        self.inbox = deque()
        self.held = False

    def ready(self):
        return bool(self.inbox) and not self.held

    def step(self):
        self.handle(self.inbox.popleft())

    def handle(self, packet):
        raise NotImplementedError


class Source(Task):
    """Makes packets until its supply ends; a token to itself keeps it going."""

    def __init__(self, system, priority, supply):
        super().__init__(system, priority)
        self.supply = supply

    def handle(self, packet):
        if not self.supply:
            return
        self.supply -= 1
        kind = "device" if self.supply % 3 else "work"
        self.system.send(kind, Packet(kind, self.supply))
        self.inbox.append(packet)


class Worker(Task):
    def __init__(self, system, priority):
        super().__init__(system, priority)
        self.total = 0

    def handle(self, packet):
        for byte in range(4):
            self.total += (packet.data + byte) % 7
        self.system.send("device", Packet("device", self.total & 0xFF))


class Device(Task):
    """Takes a packet, and the processor waits for it until a tick comes."""

    def __init__(self, system, priority):
        super().__init__(system, priority)
        self.handled = 0

    def handle(self, packet):
        self.handled += 1
        self.held = packet.data % 4 == 0


class System:
    def __init__(self):
        self.source = Source(self, 3, 300)
        self.worker = Worker(self, 2)
        self.device = Device(self, 1)
        self.tasks = [self.source, self.worker, self.device]
        self.names = {"work": self.worker, "device": self.device}
        self.ticks = 0
        self.steps = 0

    def send(self, name, packet):
        self.names[name].inbox.append(packet)

    def run(self):
        self.source.inbox.append(Packet("token", 0))
        while True:
            best = None
            for task in self.tasks:
                if task.ready() and (best is None or task.priority < best.priority):
                    best = task
            if best is not None:
                self.steps += 1
                best.step()
            elif self.device.inbox:
                pass
            else:
                return
            if best is None or self.steps % 5 == 0:
                self.ticks += 1
                self.device.held = False


def run(n):
    for _ in range(n):
        system = System()
        system.run()
    return system.device.handled, system.steps, system.worker.total
