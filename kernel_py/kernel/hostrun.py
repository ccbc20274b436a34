# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Runs a program for the host: its output, its standard input and its exit status over the line.

The host enters the raw REPL and executes `import kernel.hostrun; kernel.hostrun.serve()`.
Until the program has ended, what the machine sends is a stream of bytes in which 0x10 (DLE)
begins a message:

    DLE DLE             one byte 0x10
    DLE O, DLE E        what follows is standard output (as at first), standard error
    DLE R <count> LF    asks for at most count bytes; the host answers with one line, their
                        base64 form; an empty line is the end of the data
    DLE X <status> LF   the program has ended with this status (0..255); the raw REPL goes on

All other bytes are the program's, as it wrote them.  The machine waits for the answer to each
DLE R; only when an interrupt ended its wait may another come, which takes the place of the one
before.  First the machine asks (until an empty line) for the request, which is JSON:

    {"argv": [...], "code": "...", "filename": "prog.py", "isatty": false,
     "env": {name: value}, "files": {path: base64}}

The files go to FILES, emptied before, which is the program's sys.path[0].  0x03 from the host
interrupts the program.
"""

import _io
import _signal
import _thread
import errno
import os
import sys

import _vosal

from . import console, program, streams
from .uncaught import report

FILES = "/tmp/hostrun"

_DLE = b"\x10"
_REQUEST_BLOCK = 4096
_INTERRUPTED = 130  # the status of a program that was ended by Ctrl-C: 128 + SIGINT


class Line:
    """The two directions of the line, while a program runs."""

    def __init__(self, terminal):
        self._terminal = terminal
        self._stream = b"O"
        self._lock = _thread.RLock()
        self._answer = b""  # the part of an answer that has come

    def write(self, stream, data):
        """Sends bytes of a stream, b"O" or b"E"."""
        data = bytes(data).replace(_DLE, _DLE + _DLE)
        with self._lock:
            if stream != self._stream:
                data = _DLE + stream + data
                self._stream = stream
            _vosal.console_write(data)

    def end(self, status):
        """Tells the host that the program has ended."""
        with self._lock:
            _vosal.console_write(_DLE + b"X%d\n" % status)

    def ask(self, count):
        """Returns bytes from the host, at most count unless an interrupt came between.

        b'' at the end of the data.  OSError: what came is not base64.
        """
        import binascii

        if not self._has_line(0):
            with self._lock:
                _vosal.console_write(_DLE + b"R%d\n" % count)
            # An interrupt here leaves the request unanswered, or its answer unread, or even
            # lost on its way out of the read: the next call asks again, whichever it was.
            while not self._has_line(None):
                continue
        line, _, rest = self._answer.partition(b"\n")
        self._answer = b""
        self._terminal.unread(rest)
        try:
            return binascii.a2b_base64(line)
        except binascii.Error as error:
            raise OSError(errno.EIO, f"standard input: {error}") from None

    def _has_line(self, timeout):
        """True if a whole answer is there; reads what comes within the time if not."""
        if b"\n" not in self._answer:
            self._answer += self._terminal.read(timeout)
        return b"\n" in self._answer


class Output(_io._BufferedIOBase):
    """The bytes of the program's sys.stdout or sys.stderr."""

    mode = "wb"

    def __init__(self, stream, name, tty):
        self.name = name
        self._stream = stream
        self._tty = tty

    def write(self, data):
        """Sends all of a bytes-like object; returns the number of bytes."""
        if self.closed:
            raise ValueError("write to closed file")
        data = bytes(data)
        line = _line
        if line is not None:
            # That of the program that runs now: a library (logging, for one) may have kept the
            # stream of an earlier one.
            line.write(self._stream, data)
        else:
            # A thread that the program has left behind: the line is a console again.
            _vosal.console_write(data.replace(b"\n", b"\r\n"))
        return len(data)

    def writable(self):
        """True."""
        return True

    def isatty(self):
        """What the host says."""
        return self._tty


class Input(_io._RawIOBase):
    """The bytes of the program's sys.stdin, asked for when they are read."""

    name = "<stdin>"
    mode = "rb"

    def __init__(self, tty):
        self._tty = tty
        self._rest = b""

    def readinto(self, buffer):
        """Reads what the host gives at once, at most the buffer; 0 at the end."""
        line = _line
        if not self._rest and line is not None:
            self._rest = line.ask(len(buffer))
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def readable(self):
        """True."""
        return True

    def isatty(self):
        """What the host says."""
        return self._tty


_line = None  # that of the program which runs now


def serve():
    """Runs one program for the host."""
    global _line
    line = _line = Line(console.terminal)
    status = 1
    try:
        try:
            # What comes from the log, and from streams that others have kept, must be escaped.
            console.divert(lambda data: line.write(b"E", bytes(data).replace(b"\r\n", b"\n")))
            status = _Program(line, _request(line)).run()
        except KeyboardInterrupt:
            status = _INTERRUPTED
        except BaseException as error:
            _complain(line, error)
    finally:
        while not _ended(line, status):
            status = _INTERRUPTED


def _ended(line, status):
    """Ends the exchange; False if a late Ctrl-C has come between."""
    global _line
    try:
        # First, because afterwards nothing can come between any more.
        console.terminal.disarm()
        console.divert()
        _line = None
        line.end(status)
    except KeyboardInterrupt:
        return False
    return True


def _request(line):
    import json

    blocks = []
    while block := line.ask(_REQUEST_BLOCK):
        blocks.append(block)
    return json.loads(b"".join(blocks))


def _complain(line, error):
    """Tells the host that it is not the program but this module that failed."""
    try:
        import traceback

        text = "".join(traceback.format_exception(error))
    except Exception as failure:
        text = f"{type(error).__name__} ({type(failure).__name__})\n"
    line.write(b"E", f"hostrun: {text}".encode("utf-8", "backslashreplace"))


class _Program:
    """One run of a program, and the state of the interpreter to be restored after it."""

    def __init__(self, line, request):
        self.line = line
        self.code = request["code"]
        self.filename = request.get("filename", "<string>")
        self.argv = [str(argument) for argument in request.get("argv") or [self.filename]]
        self.tty = bool(request.get("isatty"))
        self.env = request.get("env") or {}
        self.files = request.get("files") or {}

    def run(self):
        """Runs it as `python prog.py` would; returns its exit status."""
        kept = {
            name: getattr(sys, name)
            for name in (
                "argv",
                "stdin",
                "stdout",
                "stderr",
                "__stdin__",
                "__stdout__",
                "__stderr__",
                "excepthook",
                "displayhook",
            )
        }
        path = sys.path[:]
        environment = dict(os.environ)
        try:
            directory = os.getcwd()
        except FileNotFoundError:
            directory = "/"  # somebody has removed it
        handler = _signal.getsignal(_signal.SIGINT)
        main = sys.modules.get("__main__")
        modules = set(sys.modules)
        threads = _threads()
        own = self._open_streams()
        try:
            self._write_files()
            sys.path.insert(0, FILES)
            sys.path_importer_cache.pop(FILES, None)
            sys.argv = self.argv
            os.environ.update(self.env)
            with _ExitFunctions() as functions:
                status = self._run_main()
                status = self._finish(threads, functions, status)
        finally:
            self._flush()
            streams.current.reset(own)
            for name, value in kept.items():
                setattr(sys, name, value)
            sys.path[:] = path
            for name in set(os.environ) - set(environment):
                del os.environ[name]
            os.environ.update(environment)
            os.chdir(directory)
            _signal.signal(_signal.SIGINT, handler)
            sys.modules["__main__"] = main
            self._forget(modules)
        return status

    def _open_streams(self):
        """Makes the host's streams those of the program; returns what undoes it."""
        tty = self.tty
        self.stdin = streams.text(_io.BufferedReader(Input(tty), _REQUEST_BLOCK), "r")
        self.stdout = streams.text(Output(b"O", "<stdout>", tty), "w")
        self.stdout.reconfigure(errors="surrogateescape")
        self.stderr = streams.text(Output(b"E", "<stderr>", tty), "w")
        streams.restore()
        sys.displayhook = sys.__displayhook__
        return streams.current.set(streams.Streams(self.stdin, self.stdout, self.stderr))

    def _flush(self):
        for stream in {sys.stdout, sys.stderr, self.stdout, self.stderr}:
            try:
                stream.flush()
            except Exception as error:
                if stream is not None and not getattr(stream, "closed", False):
                    _complain(self.line, error)

    # --- files -----------------------------------------------------------------------------

    def _write_files(self):
        import binascii

        if os.path.islink(FILES):
            # On sim, /tmp is the host's: somebody wants other files to be removed.
            raise OSError(errno.ELOOP, "is a symbolic link", FILES)
        _remove_tree(FILES)
        for path, data in self.files.items():
            parts = path.split("/")
            if not all(parts) or ".." in parts:
                raise ValueError(f"files: {path!r} does not lie in {FILES}")
            path = "/".join((FILES, *parts))
            os.makedirs(path.rpartition("/")[0], exist_ok=True)
            with open(path, "wb") as file:
                file.write(binascii.a2b_base64(data))

    def _forget(self, known):
        """Forgets modules that came with the program, which may be others the next time."""
        import gc
        import linecache

        linecache.cache.pop(self.filename, None)
        for name in ("last_exc", "last_type", "last_value", "last_traceback"):
            # They would keep all that the program had in its variables.
            vars(sys).pop(name, None)
        for name in set(sys.modules) - known:
            file = getattr(sys.modules[name], "__file__", None) or ""
            if file.startswith(FILES + "/"):
                del sys.modules[name]
        for entry in [entry for entry in sys.path_importer_cache if entry.startswith(FILES)]:
            del sys.path_importer_cache[entry]
        gc.collect()

    # --- the program -----------------------------------------------------------------------

    def _run_main(self):
        import builtins
        import linecache

        main = type(sys)("__main__")
        main.__builtins__ = builtins
        main.__file__ = self.filename
        main.__cached__ = None
        sys.modules["__main__"] = main
        linecache.cache[self.filename] = (
            len(self.code),
            None,
            self.code.splitlines(True),
            self.filename,
        )
        try:
            console.terminal.arm()
            code = program.compiled(self.code, self.filename)
            exec(code, main.__dict__)
            return 0
        except BaseException as error:
            return self._ended_by(error)

    def _ended_by(self, error):
        """Reports an exception that nobody caught; returns the exit status."""
        if isinstance(error, SystemExit):
            if error.code is None:
                return 0
            if isinstance(error.code, int):
                return error.code & 0xFF
            self.stdout.flush()
            print(error.code, file=sys.stderr)
            return 1
        try:
            report(error)
        except SystemExit as leave:
            return self._ended_by(leave)
        return _INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1

    def _finish(self, threads, functions, status):
        """What the interpreter does at its end: waits for threads, calls exit functions."""
        threads = threads | _loop_workers()
        try:
            _end_executors(threads)
            for thread in _threads() - threads:
                # The main thread is among them if the program has imported threading.
                if not thread.daemon and thread.ident != _thread.get_ident():
                    thread.join()
            functions.run()
        except BaseException as error:
            self._ended_by(error)
            if isinstance(error, KeyboardInterrupt):
                return _INTERRUPTED
        return status


class _ExitFunctions:
    """atexit, for the program alone.

    Functions that the program registers run at its end.  What the modules of the library
    register (weakref, logging, …) is for the end of the interpreter, as these modules stay.
    """

    def __init__(self):
        self._functions = []

    def __enter__(self):
        import atexit

        self._atexit = atexit
        self._kept = atexit.register, atexit.unregister
        atexit.register, atexit.unregister = self.register, self.unregister
        return self

    def __exit__(self, *exc):
        self._atexit.register, self._atexit.unregister = self._kept

    def register(self, function, /, *arguments, **keywords):
        """See atexit.register()."""
        caller = sys._getframe(1).f_globals
        if caller.get("__name__") != "__main__" and not str(caller.get("__file__")).startswith(
            FILES + "/"
        ):
            return self._kept[0](function, *arguments, **keywords)
        if not callable(function):
            raise TypeError("the first argument must be callable")
        self._functions.append((function, arguments, keywords))
        return function

    def unregister(self, function, /):
        """See atexit.unregister()."""
        self._functions = [entry for entry in self._functions if entry[0] != function]
        self._kept[1](function)

    def run(self):
        """Calls the functions, the last one first; one that fails does not stop the others."""
        while self._functions:
            function, arguments, keywords = self._functions.pop()
            try:
                function(*arguments, **keywords)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                print(f"Exception ignored in atexit callback {function!r}:", file=sys.stderr)
                report(error)


def _threads():
    threading = sys.modules.get("threading")
    return set(threading.enumerate()) if threading is not None else set()


def _loop_workers():
    """The threads of the kernel loop's executor, which outlives the program that used it first."""
    module = sys.modules.get("kernel.loop")
    loop = module.running() if module is not None else None
    executor = getattr(loop, "_default_executor", None)
    return set(executor._threads) if executor is not None else set()


def _end_executors(threads):
    """Lets thread pools that the program has left open end, as at the interpreter's end."""
    futures = sys.modules.get("concurrent.futures.thread")
    if futures is None:
        return
    workers = {
        thread: queue for thread, queue in futures._threads_queues.items() if thread not in threads
    }
    if not workers:
        return
    with futures._global_shutdown_lock:
        futures._shutdown = True
    try:
        for queue in workers.values():
            queue.put(None)
        for thread in workers:
            thread.join()
    finally:
        with futures._global_shutdown_lock:
            futures._shutdown = False


def _remove_tree(path):
    try:
        entries = list(os.scandir(path))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            _remove_tree(entry.path)
        else:
            os.remove(entry.path)
    os.rmdir(path)
