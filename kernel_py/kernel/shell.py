# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""The shell: what is no Python is a command, /bin/<word>.py.

    >>> ls -l /tmp                  a word that is no name runs a command
    >>> run('/examples/x.py', 100)  a script, by its path
    >>> sh('ls /bin | head')        one line of the shell; sh() is a shell with a prompt, $

A command is a Python file that runs in a fresh namespace with `argv` (the arguments, without its
own name), `cwd` (assigning it changes the session's directory) and the names of
kernel.namespace; `await` works at its top level.  Its exit status is that of sys.exit(), 0 at
its end, 1 after an exception.

This module keeps nothing that matters: what there is to remember is in the session, so that the
module can be reloaded while sessions run.
"""

import builtins
import errno
import keyword
import os
import sys
from _contextvars import copy_context

from . import namespace as names
from . import program, streams
from . import session as sessions
from .session import Status

PATH = ["/bin"]  # where commands are looked for

_AWAIT = 0x2000  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_COROUTINE = 0x80  # inspect.CO_COROUTINE
_WORD_ENDS = " \t;|<>&#"
_PATH_STARTS = ("/", ".", "~")
_AUGMENTED = ("+=", "-=", "*=", "/=", "%=", "@=", "|=", "^=", "&=", "//=", "**=", "<<=", ">>=")
_CODES_MAX = 16  # scripts whose code is kept
_codes = {}  # path → (source, code), the one that ran longest ago first
INTERRUPTED, NOT_EXECUTABLE, NOT_FOUND, BROKEN_PIPE = 130, 126, 127, 141


# --- running Python ------------------------------------------------------------------------


def execute(code, namespace):
    """Runs a code object in a namespace; one with `await`, on the kernel's loop.

    Names of kernel.namespace are bound, and `cwd` is the directory: when the code gives it
    another value, the session goes there.
    """
    names.bind(code, namespace)
    here = None
    if "cwd" in code.co_names or "cwd" in namespace:
        namespace["cwd"] = here = directory()
    try:
        if code.co_flags & _COROUTINE:
            from . import loop

            loop.run(eval(code, namespace))
        else:
            exec(code, namespace)
    finally:
        if "cwd" in namespace:
            wanted = namespace["cwd"]
            if wanted != here and isinstance(wanted, (str, bytes, os.PathLike)):
                os.chdir(wanted)


def directory():
    """The working directory; "/" instead of one that has been removed."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        os.chdir("/")
        return "/"


# --- what is a command ---------------------------------------------------------------------


def is_command(line, namespace):
    """True if a line typed at the prompt is for the shell, and not for Python."""
    if not (line[:1].isidentifier() or line.startswith(_PATH_STARTS)):
        return False  # no command begins like this, and most expressions that are typed do
    word = line
    for char in _WORD_ENDS:
        word = word.partition(char)[0]
    rest = line[len(word) :].lstrip()
    if word.startswith(("/", "./", "../", "~/")):
        return True  # the beginning of no Python
    first = word
    if not word.isidentifier():
        # foo.py and lib/foo.py, unless they begin with something that Python knows.
        first = word.partition("/")[0].partition(".")[0]
        if not word.endswith(".py") or not first.isidentifier() or not os.path.isfile(word):
            return False
    if word == "help" and rest[:1].isalpha() and word not in namespace:
        return find(word) is not None  # `help ls`, which is nothing in Python
    if keyword.iskeyword(first) or _is_name(first, namespace):
        return False
    if rest.startswith(_AUGMENTED) or (rest.startswith("=") and not rest.startswith("==")):
        return False
    return first is not word or find(word) is not None


def _is_name(word, namespace):
    return (
        word in namespace or word in names.TABLE or word in ("_", "cwd") or hasattr(builtins, word)
    )


def find(word):
    """The path of a command, or None."""
    for directory in PATH:
        path = f"{directory}/{word}.py"
        if os.path.isfile(path):
            return path
    return None


def commands():
    """The names of all commands, sorted."""
    found = set()
    for directory in PATH:
        try:
            found.update(name[:-3] for name in os.listdir(directory) if name.endswith(".py"))
        except OSError:
            continue  # a directory of PATH that is not there has no commands
    return sorted(found)


# --- running a script ----------------------------------------------------------------------


def run(path, *args):
    """Runs a script with arguments, as str; returns its exit status."""
    path = os.fsdecode(path)
    if "\0" in path:
        raise ValueError(f"path must not hold a NUL character: {path!r}")
    argv = [str(argument) for argument in args]
    return Status(copy_context().run(_run_file, path, path, argv))


def _compiled(path, source):
    """The code of a script: of one that ran lately without compiling it again."""
    kept = _codes.pop(path, None)
    if kept is None or kept[0] != source:
        try:
            kept = source, program.compiled(source, path, _AWAIT)
        except (SyntaxError, ValueError) as error:
            if getattr(error, "filename", None) is not None:
                raise
            # Null bytes: a program, perhaps, but none in Python.  CPython does not say where, and
            # before 3.11.4 it raised a ValueError.
            line = source.partition(b"\0")[0].count(b"\n") + 1
            raise SyntaxError(str(error), (path, line, None, None)) from None
    _codes[path] = kept  # now the youngest
    while len(_codes) > _CODES_MAX:
        # In one step: the commands of a pipeline come by here at once.
        _codes.pop(list(_codes)[0], None)
    return kept[1]


def _complain(text):
    print(text, file=sys.stderr)


def _run_file(name, path, argv):
    """Runs a script on this thread, in this context, which is its own; returns its status."""
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        _complain(f"{name}: {_reason(error)}")
        return NOT_FOUND if error.errno in (errno.ENOENT, errno.ENOTDIR) else NOT_EXECUTABLE
    main = type(sys)("__main__")
    main.__file__ = path
    main.__builtins__ = builtins
    space = main.__dict__
    space["argv"] = argv
    from . import arguments

    arguments.use([path, *argv])
    try:
        try:
            code = _compiled(path, source)
        except (SyntaxError, ValueError, RecursionError) as error:
            # ValueError: null bytes, or a coding that is not there.
            raise error.with_traceback(None) from None
        execute_script(code, space)
        return 0
    except KeyboardInterrupt as error:
        # Where a script of the user's was is shown, of a command not.
        if os.path.dirname(path) not in PATH:
            raise
        raise error.with_traceback(None) from None
    except SystemExit as error:
        return _status_of(error)
    except BrokenPipeError as error:
        if getattr(sys.stdout, "isatty", bool)():
            _report(error)
            return 1
        return BROKEN_PIPE  # nobody reads on: no failure of this command
    except BaseException as error:
        _report(error)
        return 1


def execute_script(code, space):
    """Runs a script's code; afterwards the directory is as before, or what `cwd` says."""
    here = directory()
    space["cwd"] = here
    try:
        execute(code, space)
    finally:
        if space.get("cwd", here) == here and directory() != here:
            _return_to(here)


def _status_of(leave):
    """The exit status of a SystemExit; a text as its code is an error message."""
    if leave.code is None:
        return 0
    if isinstance(leave.code, int):
        return leave.code & 0xFF
    _complain(leave.code)
    return 1


def _report(error):
    sys.stdout.flush()
    from . import uncaught

    uncaught.report(error)


# --- running a line ------------------------------------------------------------------------


def sh(line=None):
    """Runs a line of the shell; without one, a shell with the prompt `$` until `exit`.

    Returns the exit status of the last command.
    """
    session = sessions.current()
    if line is not None:
        if not isinstance(line, str):
            raise TypeError(f"line must be a str, not {type(line).__name__}")
        return Status(run_line(line, session))
    return Status(_interact(session))


class _Exit(Exception):
    """`exit` in a shell."""


def run_line(line, session):
    """Runs a line of the shell for a session; returns the exit status of its last command."""
    try:
        return _run_list(line, session)
    except _Exit:
        return session.status


def _run_list(line, session):
    from . import shellsyntax

    try:
        pipelines = shellsyntax.parse(line)
    except ValueError as error:
        _complain(f"sh: {error}")
        session.status = 2
        return 2
    for connector, pipeline in pipelines:
        if connector == "&&" and session.status != 0:
            continue
        if connector == "||" and session.status == 0:
            continue
        try:
            session.status = _run_pipeline(pipeline, session)
        except KeyboardInterrupt:
            session.status = INTERRUPTED
            raise
    return session.status


def _run_pipeline(pipeline, session):
    from . import shellsyntax

    jobs = []
    for command in pipeline:
        argv = []
        for word in command.words:
            argv += shellsyntax.expand(word, session.status)
        jobs.append((argv, command.redirections))
    if len(jobs) == 1:
        return _run_command(*jobs[0], session)
    from . import pipeline as pipes

    here = directory()
    try:
        return pipes.run([lambda job=job: _run_part(job, session) for job in jobs])
    finally:
        # As in any shell, the parts of a pipeline do not change its directory.
        if directory() != here:
            _return_to(here)


def _return_to(path):
    """Makes a directory the working directory again, unless the command has removed it."""
    try:
        os.chdir(path)
    except OSError as error:
        _complain(f"sh: {path}: {_reason(error)}")


def _reason(error):
    """The reason of an OSError, as the commands say it."""
    from .command import reason

    return reason(error)


def _run_part(job, session):
    try:
        return _run_command(*job, session)
    except _Exit:
        return session.status  # it ends its own part alone


def _run_command(argv, redirections, session):
    """Runs one command on this thread; returns its status."""
    opened = []
    outer = streams.current.get()
    inner = streams.Streams(outer.stdin, outer.stdout, outer.stderr)
    try:
        for redirection in redirections:
            _redirect(inner, redirection, session, opened)
    except (OSError, ValueError) as error:
        for stream in opened:
            stream.close()
        _complain(f"sh: {_describe(error)}")
        return 1
    # The streams and the arguments of a command are those of a context of its own.  To put the
    # former ones back would take a line of Python, and before that a Ctrl-C can come.
    context = copy_context()
    context.run(streams.current.set, inner)
    failure = None
    try:
        status = context.run(_start, argv, session)
    finally:
        failure = _end_output(inner, opened)
    if failure is not None and not status:
        _complain(f"sh: write error: {_reason(failure)}")
        return 1
    return status


def _end_output(inner, opened):
    """Brings out what a command has printed; returns the OSError that prevented it, or None."""
    failure = None
    for action in (inner.flush, *(stream.close for stream in opened)):
        try:
            action()
        except (BrokenPipeError, ValueError):
            continue  # the reader has ended, or the command has closed its output
        except OSError as error:
            failure = error  # the file system is full, for one
    return failure


def _describe(error):
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {_reason(error)}"
    return str(error)


def _redirect(inner, redirection, session, opened):
    from . import shellsyntax

    if redirection.target is None:
        inner.stderr = inner.stdout
        return
    path = shellsyntax.expand_one(redirection.target, session.status)
    mode = redirection.mode
    stream = open(
        path,
        mode,
        encoding="utf-8",
        errors="surrogateescape" if mode == "r" else "backslashreplace",
        newline="\n",
    )
    opened.append(stream)
    if redirection.descriptor == 0:
        inner.stdin = stream
    elif redirection.descriptor == 1:
        inner.stdout = stream
    else:
        inner.stderr = stream


def _start(argv, session):
    """Finds what a command's first word means, and runs it; returns the status."""
    if not argv:
        return 0  # only a redirection, which has made its file
    word = argv[0]
    if word == "exit":
        return _leave(argv, session)
    if "/" not in word and not word.endswith(".py"):
        path = find(word)
        if path is None:
            _complain(f"sh: {word}: command not found")
            return NOT_FOUND
    else:
        path = word if os.path.isabs(word) else os.path.normpath(os.path.join(directory(), word))
        if os.path.isdir(path):
            _complain(f"sh: {word}: {os.strerror(errno.EISDIR)}")
            return NOT_EXECUTABLE
        word = f"sh: {word}"
    return _run_file(word, path, argv[1:])


def _leave(argv, session):
    if len(argv) > 1:
        try:
            session.status = int(argv[1]) & 0xFF
        except ValueError:
            _complain(f"sh: exit: {argv[1]}: a number is required")
            session.status = 2
    raise _Exit


# --- the shell with a prompt ---------------------------------------------------------------


def _interact(session):
    """Reads lines and runs them until `exit` or the end of the input."""
    terminal = session.terminal
    if streams.current.get() is not session.streams:
        return _run_input(session)
    while True:
        try:
            session.disarm()
            session.flush()
            line = _read_line(session)
            session.arm()
            if line is None:
                break
            _run_list(line, session)
        except KeyboardInterrupt:
            session.disarm()
            session.status = INTERRUPTED
            terminal.write(b"KeyboardInterrupt\r\n")
        except _Exit:
            break
    session.arm()
    return session.status


def _read_line(session):
    """A whole line of the shell, however many lines of the terminal it takes; None at the end."""
    from . import shellcomplete, shellsyntax

    text = ""
    editor = session.editor
    while True:
        python, editor.complete = editor.complete, shellcomplete.complete
        try:
            line = editor.readline("> " if text else "$ ")
        except EOFError:
            return text or None
        finally:
            editor.complete = python
        text += line
        try:
            shellsyntax.parse(text)
        except shellsyntax.Incomplete:
            text += "\n"
            continue
        except ValueError:
            return text  # running it tells what is wrong
        return text


def _run_input(session):
    """Runs the lines of a stdin that is no terminal."""
    try:
        for line in sys.stdin:
            _run_list(line, session)
    except _Exit:
        return session.status
    return session.status


def clear():
    """Clears the terminal's screen."""
    sessions.current().terminal.write(b"\x1b[H\x1b[2J\x1b[3J")
