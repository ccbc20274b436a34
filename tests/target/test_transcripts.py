# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""Sessions as they are printed in the description of the system, typed on a booted machine.

A transcript is like a doctest: what stands after `>>> `, `... ` or `$ ` is typed, the lines below
must come; `...` stands for anything, and what stands after `& ` must be in it somewhere. A line
without lines below may show what it likes, but no traceback and no error of the shell. <enter> is
an empty line.
"""

import doctest
import re
import time

import pytest

PROMPTS = (">>> ", "... ", "$ ")
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
TIMEOUT = 120.0

FIRST = """
>>> 1 + 1
2
>>> sysinfo
ZPy...
Scheduler: ... tasks
cwd: /
...
>>> ls /bin
& .
& ..
& ls.py
& ps.py
& pwd.py
& cd.py
& cat.py
& cp.py
& mv.py
& ed.py
& sysinfo.py
>>> cd /tmp
>>> pwd
/tmp
>>> sh()
$ sysinfo
ZPy...
Scheduler: ... tasks
cwd: /tmp
...
$ ls
$ exit
>>> import kernel.log as log; log.info("hello from REPL")
[ZPy] INFO  kernel: hello from REPL
>>> cd
>>> pwd
/
"""

WORDS = """
>>> ls
...bin...
>>> ls /bin
...cat.py...
>>> ps
...PID...main...
>>> pwd
/
>>> cd /tmp
>>> cat /examples/README.txt
...
>>> sysinfo
ZPy...cwd: /tmp
...
>>> cp /bin/sysinfo.py /tmp/my_sysinfo.py
>>> mv /tmp/my_sysinfo.py /tmp/sysinfo_backup.py
>>> ls /tmp
...sysinfo_backup.py...
>>> rm /tmp/sysinfo_backup.py
>>> cd ..
>>> pwd
/
"""

EDITOR = """
>>> rm -f /tmp/notes.txt
>>> ed /tmp/notes.txt
/tmp/notes.txt: No such file or directory
... a
... first line
... second line
... .
... 1,$p
first line
second line
... s/second/2nd/
... w
20
... q
>>> cat /tmp/notes.txt
first line
2nd line
>>> rm /tmp/notes.txt
"""

SHELL = """
>>> sh()
$ ls /bin
...ls.py...
$ cd /tmp
$ pwd
/tmp
$ /examples/hello_kernel.py
...
$ exit
>>> cwd        # cwd change is visible back in Python
'/tmp'
>>> sh('cp /bin/sysinfo.py /tmp/backup.py')
>>> sh('ls /tmp')
...backup.py...
>>> sh('/examples/primes.py 10')
...2...3...5...7...
>>> rm /tmp/backup.py
>>> cd /
"""

OWN_COMMAND = """
>>> fd = await vfs.open('/bin/hello.py', OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.TRUNC)
>>> await vfs.write(fd, b"print('hello, ' + (argv[0] if argv else 'world'))\\n")
...
>>> vfs.close(fd)
>>> hello
hello, world
>>> hello PythonOS
hello, PythonOS
>>> rm /bin/hello.py
>>> hello
Traceback (most recent call last):
...
NameError: name 'hello' is not defined...
"""

OWN_COMMAND_ASYNC = """
>>> _ = open('/bin/mycommand.py', 'w').write('''
... # /bin/mycommand.py
... # Invoked by typing: mycommand arg1 arg2
... path = argv[0] if argv else cwd
... entries = await vfs.readdir(path)
... for e in entries:
...     print(e)
... ''')
>>> mycommand /bin
...mycommand.py...
>>> cd /bin
>>> mycommand
...mycommand.py...
>>> cd /
>>> rm /bin/mycommand.py
"""

EXAMPLES = """
>>> ls /examples
& README.txt
& async_tasks.py
& hello_kernel.py
& primes.py
& vfs_demo.py
>>> run('/examples/hello_kernel.py')
...
>>> run('/examples/vfs_demo.py')
...
>>> run('/examples/async_tasks.py')
...
>>> sh('/examples/primes.py 100')
...2...97...
"""

MIXED = """
>>> ls                        # shell dispatch → /bin/ls.py
...bin...
>>> list(pci)                 # Python expression → PCI device list
[...]
>>> for d in pci: print(d)    # Python statement → loop over PCI bus
... <enter>
>>> for p in scheduler.ps(): print(p)    # Python statement
... <enter>
...main...
>>> sh()                      # enter shell sub-REPL
$ ps                          # shell command
...PID...
$ exit                        # return to >>>
>>> scheduler.ps()            # back to Python
...PID...main...
"""

TRANSCRIPTS = {
    "first": FIRST,
    "words": WORDS,
    "editor": EDITOR,
    "shell": SHELL,
    "own_command": OWN_COMMAND,
    "own_command_async": OWN_COMMAND_ASYNC,
    "examples": EXAMPLES,
    "mixed": MIXED,
}


def steps(transcript):
    """(prompt, what is typed, what must come) for each line that is typed."""
    found = []
    for line in transcript.strip("\n").split("\n"):
        # `...` alone is output: anything.
        prompt = next((p for p in PROMPTS if line.startswith(p)), None)
        if prompt is not None:
            found.append([prompt, line[len(prompt) :], ""])
        else:
            found[-1][2] += line + "\n"
    return found


def play(console, transcript):
    """Types a transcript, and compares."""
    played = steps(transcript)
    for index, (_, typed, want) in enumerate(played):
        following = played[index + 1][0] if index + 1 < len(played) else ">>> "
        typed = typed.replace("<enter>", "")
        console.send(typed + "\r")
        # The end of the echo, of which a long line is broken.
        console.expect(typed.strip()[-4:] + "\r\n", TIMEOUT)
        if following == "... ":
            got = inside(console, want)
        else:
            got = console.expect(following, TIMEOUT).decode().replace("\r\n", "\n")
            assert fits(want, got), f"{typed!r}: {want!r}\n!= {got!r}"
        if "Traceback" not in want:
            assert "Traceback" not in got, got
            assert not re.search(r"^sh: |command not found", got, re.M), got


def fits(want, got):
    """Is this what must come?  Lines that begin with & are what it must contain."""
    parts = [line[2:] for line in want.splitlines() if line.startswith("& ")]
    if parts:
        return all(part in got for part in parts)
    return not want or doctest.OutputChecker().check_output(want, got, FLAGS)


def inside(console, want):
    """What comes in an editor, which shows no prompt: up to what must come."""
    deadline = time.monotonic() + TIMEOUT
    got = ""
    while want and (not got or not fits(want, got)):
        assert time.monotonic() < deadline, f"{want!r} did not come, but {got!r}"
        got += console.settle(0.1).decode().replace("\r\n", "\n")
    return got


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_transcript(console, name):
    play(console, TRANSCRIPTS[name])
