# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""pickle there and back: containers, shared objects, instances (the C pickler)."""

import pickle

ROUNDS = 12
EXPECTED = (200, 199, True, True)


class Node:
    def __init__(self, number, parent):
        self.number = number
        self.parent = parent


def setup():
    global graph
    root = Node(0, None)
    graph = {
        "nodes": [Node(i, root) for i in range(200)],
        "table": {str(i): (i, i / 3, None, b"x" * (i % 9)) for i in range(300)},
        "set": set(range(200)),
    }


def run(n):
    for _ in range(n):
        copy = pickle.loads(pickle.dumps(graph, pickle.HIGHEST_PROTOCOL))
    nodes = copy["nodes"]
    return (
        len(nodes),
        nodes[-1].number,
        nodes[0].parent is nodes[-1].parent,
        copy["table"] == graph["table"],
    )
