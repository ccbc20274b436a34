# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The lessons of /examples: each runs unattended and shows what it teaches."""

import _io
import os
import unittest

try:
    import _vosal  # noqa: F401

    from kernel import command, shell, streams
except ImportError:
    shell = None

DIRECTORY = "/examples"
# lesson → (arguments, what it prints among other things)
LESSONS = {
    "hello_kernel": (["Ada"], ["Hello, Ada!", "kernel: hello from /examples/hello_kernel.py"]),
    "files_and_paths": (
        [],
        ["size in bytes: 41", "as expected: No such file or directory", "cleaned up: True"],
    ),
    "pipes": (
        [],
        [
            "exit status: 0",
            '"""Commands: they are Python files, and pipes join them.',
            "there are lessons",
            "Python has read: ['one', 'two', 'three']",
            "status of a missing command: 127",
            "sh: no-such-command: command not found",
        ],
    ),
    "primes": (["100"], ["2 3 5 7 11 13 17 19 23 29 31", " 89 97\n25 primes up to 100, in "]),
    "async_tasks": (
        [],
        ["squares: [0, 1, 4, 9, 16, 25]", "['blue', 'green', 'red']", "60 seconds were too long"],
    ),
    "vfs_demo": (
        [],
        [
            "size: 23\nall: b'first line\\nsecond line\\n'\nfrom byte 6 on: b'line'\n",
            "entries: ['renamed.txt']",
            "bin has ls.py: True",
        ],
    ),
    "thread_demo": (
        [],
        ["total: 2000", "answers: ['QUICK', 'BROWN', 'FOX']", "second acquire: False"],
    ),
    "scheduler_demo": (
        [],
        [
            "the thread returned: liftoff\nthe task returned: 5\nis it listed? True\n",
            "state after kill(): killed",
            "a task died of: ZeroDivisionError",
        ],
    ),
    "own_command": (
        [],
        [
            "hello, world\nHELLO, ADA\nHELLO, GRACE\n11\nGreet somebody.\n",
            "wrong use has the status 2",
            "greet is gone: True",
        ],
    ),
    "hot_reload": ([], ["first version: 1 2", "second version: 12 22", "own: def get():"]),
    "pins_and_interrupts": (
        [],
        [
            "led: 1\n",
            "the interrupt came: True with the level 0\n",
            "the task saw the level 0\nnobody pressed in time\n",
        ],
    ),
    "own_driver": (
        [],
        [
            "'0x18'",
            "temperature: 21.5\nlater: -3.25\nwithout the chip: [Errno ",
        ],
    ),
}

# Those of the network have tests of their own, in test_net_commands.py.
NETWORK = {"http_server", "mqtt_client", "recv_file", "send_file", "tcp_chat", "udp_echo"}


def setUpModule():
    """Without the kernel, or a machine whose image has no examples, there are none."""
    if shell is None or not os.path.isfile(f"{DIRECTORY}/README.md"):
        raise unittest.SkipTest("this machine has no /examples")


class Examples(unittest.TestCase):
    """Each lesson."""

    def run_it(self, path, *args):
        """Runs a program; returns (status, output)."""
        out = _io.BytesIO()
        text = streams.text(out, "w")
        token = streams.current.set(streams.Streams(streams.text(_io.BytesIO(), "r"), text, text))
        try:
            status = shell.run(path, *args)
            text.flush()
        finally:
            streams.current.reset(token)
        return int(status), out.getvalue().decode()

    def test_none_is_forgotten(self):
        found = {name[:-3] for name in os.listdir(DIRECTORY) if name.endswith(".py")}
        self.assertEqual(found, set(LESSONS) | NETWORK)

    def test_each_runs(self):
        for name, (args, expected) in LESSONS.items():
            with self.subTest(name):
                status, output = self.run_it(f"{DIRECTORY}/{name}.py", *args)
                self.assertEqual(status, 0, output)
                for text in expected:
                    self.assertIn(text, output)

    def test_wrong_arguments(self):
        self.assertEqual(
            self.run_it(f"{DIRECTORY}/primes.py", "x"), (1, "primes: 'x' is no number\n")
        )

    def test_each_has_a_manual(self):
        with open(f"{DIRECTORY}/README.md", encoding="utf-8") as file:
            readme = file.read()
        for name in LESSONS:
            self.assertRegex(command.summary_of(f"{DIRECTORY}/{name}.py"), r"[.?]$")
            self.assertIn(f"| `{name}.py` |", readme)

    def test_the_command_lists_them_in_order(self):
        status, output = self.run_it("/bin/examples.py")
        self.assertEqual(status, 0, output)
        listed = [line.split()[0] for line in output.splitlines()]
        self.assertEqual(listed[: len(LESSONS)], [f"{name}.py" for name in LESSONS])
        self.assertEqual(set(listed[len(LESSONS) :]), {f"{name}.py" for name in NETWORK})
        status, output = self.run_it("/bin/examples.py", "primes")
        self.assertEqual((status, "25 primes" in output), (0, True))


if __name__ == "__main__":
    unittest.main()
