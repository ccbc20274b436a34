# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""The image and the memory that it has to fit into."""

import re
import shlex
import subprocess

import pytest

from zpy import build


@pytest.fixture
def link(board, build_dir, tmp_path):
    """Link the image again, with so many bytes for its largest region: link(n) → (status, log)."""
    if board.kind != "qemu":
        pytest.skip("an image of this board has no memory of its own to fit into")
    target = "zephyr/zephyr_pre0.elf"
    done = subprocess.run(
        ["ninja", "-C", str(build_dir), "-t", "commands", target],
        capture_output=True,
        text=True,
        check=True,
    )
    line = next(line for line in reversed(done.stdout.splitlines()) if f"-o {target}" in line)
    words = [word for word in shlex.split(line) if word not in (":", "&&", "true")]
    if "&&" in line:
        words = shlex.split(next(part for part in line.split("&&") if f"-o {target}" in part))

    def run(length):
        at = words.index("-T") + 1
        script = (build_dir / words[at]).read_text()
        memory, brace, rest = script.partition("}")
        smaller = re.sub(r"(\bRAM \(\w+\) : ORIGIN = .*, LENGTH = ).*", rf"\g<1>{length}", memory)
        assert smaller != memory
        copy = tmp_path / "linker.cmd"
        copy.write_text(smaller + brace + rest)
        command = list(words)
        command[at] = str(copy)
        command[command.index(target)] = str(tmp_path / "image.elf")
        command = [
            f"-Wl,-Map={tmp_path}/map" if word.startswith("-Wl,-Map=") else word
            for word in command
        ]
        done = subprocess.run(
            command,
            cwd=build_dir,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        return done.returncode, done.stdout

    return run


def test_larger_than_the_memory(link):
    """The linker's own words, for a board with 4 MiB, become advice."""
    status, log = link(4 << 20)
    assert status != 0
    text = build.explain(log)
    found = re.match(
        r"The image is (\d+) bytes too large for the board's memory region RAM\.", text
    )
    assert found, text
    assert int(found[1]) > 1 << 20
    for option in ("STDLIB_COMPRESSED=y", "HEAP_SIZE=", "MODULE_"):
        assert f"CONFIG_CPYTHON_{option}" in text
    # With all of its memory the same command links: it is the size that was refused.
    status, log = link(256 << 20)
    assert status == 0, log[-2000:]
