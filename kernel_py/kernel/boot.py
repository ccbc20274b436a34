# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Boot: wires the system, says what it finds, and serves the console.

What the machine cannot do without is done by `main()` itself; everything else is a part in
`PARTS`, whose failure is logged and does not end the boot.
"""

import codecs
import sys

import _vosal

from . import console, log, mounts, sitebuiltins

_log = log.get("kernel.boot")
_MIB = 1 << 20
_PATIENCE = 1.0  # seconds that stop() gives a thread to end

ready_ns = 0  # the uptime, in ns, at which the boot was over
_network_thread = None  # the handle of the thread that brings the network up


def _board():
    cpus = f"{_vosal.CPUS} CPU" + ("s" if _vosal.CPUS > 1 else "")
    _log.info(f"{_vosal.BOARD}: {_vosal.ARCH}, {cpus}")


def _heap():
    total, used, _ = _vosal.heap_info()
    _log.info(f"heap {total // _MIB} MiB, {used // _MIB} MiB in use")


def _overrides():
    from . import overrides

    overrides.install()


def _host_names():
    codecs.register(_idna)


def _idna(name):
    # Asked when the standard library has no answer: in an image without unicodedata.
    if name != "idna":
        return None
    from . import asciinames

    return asciinames.CODEC


def _repl_server():
    if getattr(_vosal, "REPL", "off") != "off":
        from .net import repl_server

        try:
            repl_server.start()
        except OSError as error:
            # On native_sim the port is one of the host's, which another machine may have.
            where = f"TCP port {repl_server.config.port}"
            _log.warning(f"{where}: {error.strerror}: there is no prompt over TCP")


def _network():
    """Shows the network cards and leaves them to a thread: nobody waits for an address."""
    if "_net" not in sys.builtin_module_names:
        return  # there is no network, or it is the host's, which is up
    import _net

    cards = [row for row in _net.interfaces() if row[2] == "ethernet"]
    for _, name, _, mac, _, _, _ in cards:
        _log.info(f"network: {name}, {mac.hex(':') or 'not there'}")
    if cards:
        import _thread

        global _network_thread
        _network_thread = _thread.start_joinable_thread(_bring_up)


def _bring_up():
    _vosal.thread_name("net")
    import _net

    _net.wait(0, 0.2)  # the prompt comes first
    from . import net

    net.bring_up()


def stop():
    """Ends what the boot left running, so that an interpreter's threads end with it.

    A network in which nobody answers keeps its thread for many seconds, and finalisation leaves a
    thread that still runs behind, with its stack.
    """
    global _network_thread
    thread, _network_thread = _network_thread, None
    if thread is None or thread.is_done():
        return
    try:
        _vosal.thread_interrupt(thread.ident, SystemExit)
    except ValueError:
        return  # it has just ended by itself
    thread.join(_PATIENCE)
    if not thread.is_done():
        _log.warning("the thread that brings the network up is still running")


def _reset():
    reason, text, count = _vosal.reset_reason()
    if reason in ("crash", "watchdog"):
        _log.warning(f"the machine was reset: {reason}, {text} (reset {count})")


def _watchdog():
    if _vosal.WATCHDOG_MS:
        from . import watchdog

        watchdog.start()


# (name, function) in the order in which they start; parts are added by their modules' issues.
PARTS = [
    ("board", _board),
    ("heap", _heap),
    ("mounts", mounts.start),
    ("overrides", _overrides),
    ("host names", _host_names),
    ("network", _network),
    ("repl", _repl_server),
    ("reset", _reset),
    ("watchdog", _watchdog),
]


def version():
    """`ZPy 0.1.0 · CPython 3.14.7 on Zephyr 4.0.0 · qemu_x86_64`."""
    system = f"Zephyr {_vosal.ZEPHYR_VERSION}" if _vosal.ZEPHYR_VERSION else sys.platform
    python = sys.version.partition(" ")[0]
    return f"ZPy {_vosal.VERSION} · CPython {python} on {system} · {_vosal.BOARD}"


def _environment():
    """The terminal behind a serial line may be any, or a file: no colours unless asked for.

    They are asked for by os.environ["PYTHON_COLORS"] = "1".
    """
    import posix

    # What os.environ will be made of; os itself is not imported before somebody needs it.
    if b"TERM" not in posix.environ:
        posix.environ.setdefault(b"NO_COLOR", b"1")


def boot():
    """Starts all parts.  Raises only what makes the machine unusable."""
    _vosal.thread_name("main")
    console.install()
    sys.unraisablehook = _vosal.unraisable
    sitebuiltins.install()
    _environment()
    for name, start in PARTS:
        try:
            start()
        except Exception as error:
            _log.exception(f"{name} failed: {type(error).__name__}: {error}", error)
    global ready_ns
    ready_ns = _vosal.uptime_ns()
    _log.info(f"ready after {ready_ns / 1e9:.2f} s")


def main():
    """Boots and serves the console session.

    Returns what comes next: "restart" (the interpreter), "reboot" or "poweroff".
    """
    boot()
    from . import session

    banner = version() + '\nType "help" for help.'
    user = session.Session(console.terminal, banner=banner, streams=console.standard)
    action = user.run()
    from . import power

    power.prepare_restart()
    return action
