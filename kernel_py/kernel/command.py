# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""What the commands of /bin share: options, messages, streams, and how sizes and times look.

The docstring of a command is its manual: `-h`, `man` and docs/commands.md show it, and the options
that it lists are the options that the command takes.  It has this form:

    What the command does, in one line.

    usage: name [-n] [-c NUM] [FILE ...]

      -n, --number     what it is for
      -c NUM           an option with a value: its name in capitals

A command ends with `command.run(main, __doc__, argv)`, where `main(cmd)` does the work: `cmd["n"]`
is True if -n was given, `cmd["c"]` the value of -c or None, `cmd.operands` the rest.
"""

import errno
import os
import sys

BLOCK = 65536  # bytes read at once: files of any size pass through this much memory

_ONLY_AST = 0x400  # ast.PyCF_ONLY_AST
_AWAIT = 0x2000  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

USAGE = 2  # the exit status for what the command line cannot mean

# What the C library of a board says differently than coreutils.
_REASONS = {
    errno.EPERM: "Operation not permitted",
    errno.EIO: "Input/output error",
    errno.EBADF: "Bad file descriptor",
    errno.ENOMEM: "Cannot allocate memory",
    errno.EXDEV: "Invalid cross-device link",
    errno.EMFILE: "Too many open files",
    errno.ENOTTY: "Inappropriate ioctl for device",
    errno.ENAMETOOLONG: "File name too long",
    errno.ELOOP: "Too many levels of symbolic links",
    errno.ENOTSUP: "Operation not supported",
}


class OutputError(Exception):
    """Standard output cannot be written; the OSError is its argument."""


class UsageError(Exception):
    """What the command line says cannot be done."""


def reason(error):
    """The reason of an OSError in the words of coreutils."""
    if error.errno is None:
        return str(error) or type(error).__name__
    return _REASONS.get(error.errno) or error.strerror or os.strerror(error.errno)


# --- the manual and the command line -------------------------------------------------------


def options_of(doc):
    """The options that a manual lists: {name: (its other names, takes a value)}."""
    found = {}
    for line in doc.splitlines():
        if not line.startswith("  -"):
            continue
        words = line.strip().partition("  ")[0].replace(",", " ").replace("=", " ").split()
        names = [word.lstrip("-") for word in words if word[0] == "-"]
        for name in names:
            found[name] = names, len(words) > len(names)
    return found


def usage_of(doc):
    """The usage lines of a manual."""
    lines = doc.splitlines()
    for index, line in enumerate(lines):
        if line.startswith("usage:"):
            end = index
            while end < len(lines) and lines[end].strip():
                end += 1
            return "\n".join(lines[index:end])
    raise ValueError("the manual has no usage line")


def name_of(doc):
    """The command's name, from the usage line of its manual."""
    return usage_of(doc).split()[1]


def manual_of(path):
    """The manual of a command's file, "" if it has none.  It is read, not run.

    OSError, SyntaxError or ValueError: it is no readable Python file.
    """
    with open(path, "rb") as file:
        source = file.read()
    body = compile(source, path, "exec", _ONLY_AST | _AWAIT, True, 0).body
    first = getattr(body[0], "value", None) if body else None
    text = getattr(first, "value", None)
    return text.strip("\n") if isinstance(text, str) else ""


def summary_of(path):
    """The first line of a manual, "" if there is none."""
    try:
        return manual_of(path).partition("\n")[0]
    except (OSError, SyntaxError, ValueError):
        return ""


class Command:
    """One run of a command: what it was given, and what becomes of its messages."""

    def __init__(self, doc, argv=(), *, first=False):
        self.doc = doc.strip("\n")
        self.name = name_of(doc)
        self.status = 0
        self.operands = []
        self._failed = False  # standard output
        self._known = options_of(doc)
        self._given = {}
        for word in argv:
            if "\0" in word:
                # No file has such a name, and no command line elsewhere can hold it.
                raise UsageError(f"argument with a NUL character: {word!r}")
        self._parse(list(argv), first)

    def __getitem__(self, name):
        names, value = self._known[name]
        for other in names:
            if other in self._given:
                return self._given[other]
        return None if value else False

    def _parse(self, argv, first):
        """first: operands begin where the first word without a dash stands."""
        while argv:
            word = argv.pop(0)
            if word == "--":
                self.operands += argv
                return
            if word.startswith("--"):
                self._long(word, argv)
            elif word[:1] == "-" and len(word) > 1:
                self._short(word, argv)
            else:
                self.operands.append(word)
                if first:
                    self.operands += argv
                    return

    def _long(self, word, argv):
        typed, equals, value = word[2:].partition("=")
        matches = [name for name in self._known if len(name) > 1 and name.startswith(typed)]
        if typed in matches:
            matches = [typed]
        elif typed and "help".startswith(typed) and not matches:
            matches = ["help"]
        if not matches:
            raise UsageError(f"unrecognized option '{word}'")
        if len(matches) > 1:
            raise UsageError(f"option '{word}' is ambiguous")
        name = matches[0]
        takes_value = name in self._known and self._known[name][1]
        if equals and not takes_value:
            raise UsageError(f"option '--{name}' doesn't allow an argument")
        if takes_value and not equals:
            if not argv:
                raise UsageError(f"option '--{name}' requires an argument")
            value = argv.pop(0)
        self._set(name, value if takes_value else True)

    def _short(self, word, argv):
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter not in self._known:
                if letter != "h":
                    raise UsageError(f"invalid option -- '{letter}'")
                self._set("help", True)
            elif self._known[letter][1]:
                if not letters and not argv:
                    raise UsageError(f"option requires an argument -- '{letter}'")
                self._set(letter, letters or argv.pop(0))
                return
            else:
                self._set(letter, True)

    def _set(self, name, value):
        if name == "help" and name not in self._known:
            print(self.doc)
            raise SystemExit(0)
        for other in self._known[name][0]:
            self._given.pop(other, None)
        self._given[name] = value

    def last_of(self, *names):
        """The one of these options that was given last, or None."""
        for given in reversed(self._given):
            for name in names:
                if given in self._known[name][0]:
                    return name
        return None

    def expect(self, least, most=None):
        """Complains unless there are so many operands; most: as least if None, -1 for any."""
        count = len(self.operands)
        if count < least:
            if count:
                raise UsageError(f"missing operand after '{self.operands[-1]}'")
            raise UsageError("missing operand")
        most = least if most is None else most
        if 0 <= most < count:
            raise UsageError(f"extra operand '{self.operands[most]}'")

    def number(self, name, default=None, least=0):
        """The value of an option as a whole number, with K, M, G for powers of 1024."""
        text = self[name]
        if text is None:
            return default
        value = parse_size(text)
        if value is None or value < least:
            raise UsageError(f"invalid number: '{text}'")
        return value

    def seconds(self, name, default, least=0.0, most=86400.0):
        """The value of an option in seconds, which may have a fraction."""
        text = self[name]
        if text is None:
            return default
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not least <= value <= most:
            raise UsageError(f"invalid number of seconds: '{text}'")
        return value

    # --- messages --------------------------------------------------------------------------

    def error(self, text, what=None, status=1):
        """Writes `name: [what:] text` to standard error; text may be the exception itself."""
        if isinstance(text, BrokenPipeError):
            raise text
        if isinstance(text, OSError):
            if what is None:
                what = text.filename
            text = reason(text)
        self._flush()
        where = "" if what is None else f"{what}: "
        print(f"{self.name}: {where}{text}", file=sys.stderr)
        self.status = max(self.status, status)

    def _flush(self):
        """What was printed comes before the message, if it can be written at all."""
        try:
            flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            self.output_failed(error)

    def output_failed(self, error, status=1):
        """Tells once that standard output cannot be written."""
        if not self._failed:
            self._failed = True
            print(f"{self.name}: write error: {reason(error)}", file=sys.stderr)
        self.status = max(self.status, status)

    def trying(self, what=None):
        """A context in which an OSError becomes a message and a status of 1."""
        return _Trying(self, what)

    def reading(self, name):
        """The same, in the words of coreutils for a file that is read."""
        what = quoted(name)
        failed = f"cannot open {what} for reading" if not os.path.isdir(name) else None
        return _Trying(self, failed or f"error reading {what}")


class _Trying:
    def __init__(self, cmd, what):
        self._cmd = cmd
        self._what = what

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if not isinstance(error, OSError) or isinstance(error, BrokenPipeError):
            return False
        self._cmd.error(error, self._what)
        return True


def run(main, doc, argv, *, first=False, failed=1):
    """Runs main(cmd) and ends with its status.

    first: options end at the first operand, as what follows belongs to another command
    failed: the exit status after an error that ends the command
    """
    try:
        cmd = Command(doc, argv, first=first)
        try:
            main(cmd)
            flush()
            status = cmd.status
        except BrokenPipeError:
            raise  # nobody reads the output any more: the shell ends the command quietly
        except OutputError as error:
            cmd.output_failed(error.args[0], failed)
            status = cmd.status
        except OSError as error:
            if error.errno == errno.ENOSPC and error.filename is None:
                cmd.output_failed(error, failed)  # it is print() that knows no file name
            else:
                cmd.error(error, status=failed)
            status = cmd.status
        except MemoryError:
            cmd.error("memory exhausted", status=failed)
            status = cmd.status
    except UsageError as error:
        flush()
        print(f"{name_of(doc)}: {error}", file=sys.stderr)
        print(f"{usage_of(doc)}\nTry '{name_of(doc)} --help'.", file=sys.stderr)
        status = USAGE
    if status:
        raise SystemExit(status)


# --- streams -------------------------------------------------------------------------------


def flush():
    """Brings out what was printed, so that messages stand where they belong."""
    sys.stdout.flush()


class Output:
    """Standard output for bytes: as they are into a file or a pipe, as text on a terminal."""

    def __init__(self):
        self._decoder = None
        self._buffer = getattr(sys.stdout, "buffer", None)
        sys.stdout.flush()
        if self._buffer is None or sys.stdout.isatty():
            import codecs

            self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def write(self, data):
        """Writes bytes."""
        try:
            if self._decoder is None:
                self._buffer.write(data)
            else:
                sys.stdout.write(self._decoder.decode(data))
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(error) from None

    def flush(self):
        """Brings them out."""
        try:
            if self._decoder is not None:
                sys.stdout.write(self._decoder.decode(b"", True))
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(error) from None


def open_input(name):
    """Opens a file for reading bytes; "-" is standard input, which closing leaves open."""
    if name == "-":
        return _StandardInput()
    if os.path.isdir(name):
        # Where opening a directory works, reading it would not.
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
    return open(name, "rb")


class _StandardInput:
    """sys.stdin's bytes, whatever sys.stdin is."""

    def __init__(self):
        self._file = getattr(sys.stdin, "buffer", None)
        if self._file is None:
            import io

            self._file = io.BytesIO(sys.stdin.read().encode("utf-8", "surrogateescape"))

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False

    def __iter__(self):
        return iter(self._file)

    def read(self, count=-1):
        """Bytes as they come: less than count is no sign of the end."""
        if count < 0:
            return self._file.read()
        reader = getattr(self._file, "read1", self._file.read)
        return reader(count)

    def readline(self, count=-1):
        """One line."""
        return self._file.readline(count)

    def close(self):
        """Standard input stays open."""

    def seekable(self):
        """False: what has been typed or has come through a pipe is gone."""
        return False


def blocks(file):
    """The bytes of a file, block by block."""
    while block := file.read(BLOCK):
        yield block


def write_text(text=""):
    """Prints a line whose file names may hold bytes that are no text."""
    sys.stdout.write(shown(text) + "\n")


def shown(name):
    """A file name as it may be printed: bytes that are no text become '?'."""
    if name.isascii():
        return name
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def quoted(name):
    """A file name as messages show it."""
    return f"'{shown(name)}'"


def run_words(words):
    """Runs a command given as a list of words; returns its exit status."""
    import shlex

    from . import shell

    return shell.sh(" ".join(map(shlex.quote, words)))


def confirm(question):
    """Asks on standard error; True if the answer begins with y."""
    flush()
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip()[:1] in ("y", "Y")


def terminal():
    """The session's terminal, or None where standard output is none."""
    if not sys.stdout.isatty():
        return None
    from . import session

    current = session.current()
    return None if current is None else current.terminal


def width():
    """Columns of the screen; 80 where there is none."""
    screen = terminal()
    return screen.size()[0] if screen is not None else 80


# --- files ---------------------------------------------------------------------------------


def base(path):
    """The last part of a path, also of one that ends with a slash."""
    stripped = path.rstrip("/")
    return os.path.basename(stripped) if stripped else path


def into(source, target):
    """The name that source gets in a directory."""
    return os.path.join(target, base(source))


def is_below(path, parent):
    """True if path is parent itself or lies below it, whatever the two are called."""
    path, parent = os.path.realpath(path), os.path.realpath(parent)
    return path == parent or path.startswith(parent.rstrip("/") + "/")


def walk(path, error):
    """Yields (path, status) for a directory and all below it, depth first, parents first.

    error(exception, path) is told of directories that cannot be read.  It keeps names, not open
    directories, so that what it yields may be removed meanwhile.
    """
    pending = [path]
    while pending:
        current = pending.pop()
        try:
            status = os.lstat(current)
        except OSError as failure:
            error(failure, current)
            continue
        yield current, status
        if is_directory(status):
            try:
                names = sorted(os.listdir(current), reverse=True)
            except OSError as failure:
                error(failure, current)
                continue
            pending += [os.path.join(current, name) for name in names]


def is_directory(status):
    """True for the os.stat_result of a directory."""
    return status.st_mode & 0o170000 == 0o040000


def disk_use(status):
    """Bytes that a file takes where it lies."""
    count = getattr(status, "st_blocks", None)
    return status.st_size if count is None else count * 512


# --- how things look -----------------------------------------------------------------------

_UNITS = "BKMGTPE"


def human(size):
    """A size in at most four characters, rounded up as GNU does: 999, 1.5K, 12M."""
    if size < 1024:
        return str(size)
    unit = 0
    rest = size
    scale = 1
    while rest >= 1024 and unit < len(_UNITS) - 1:
        scale *= 1024
        unit += 1
        rest = -(-size // scale)
    tenths = -(-size * 10 // scale)
    if tenths < 100:
        return f"{tenths // 10}.{tenths % 10}{_UNITS[unit]}"
    return f"{rest}{_UNITS[unit]}"


def parse_size(text):
    """The number that text means, with K, M or G for powers of 1024; None if it is none."""
    scale = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}.get(text[-1:].upper(), 1)
    digits = text[:-1] if scale > 1 else text
    if not digits.isascii() or not digits.lstrip("+-").isdigit():
        return None
    try:
        return int(digits) * scale
    except ValueError:
        return None


def parse_time(text):
    """Seconds since 1970 of a time: 2026-11-26[ 15:04[:05]], 15:04[:05] today, @SECONDS, now.

    UsageError: it is none.
    """
    import datetime

    try:
        if text == "now":
            return datetime.datetime.now().timestamp()
        if text.startswith("@"):
            return float(text[1:])
        if ":" in text and "-" not in text.partition(":")[0]:
            text = f"{datetime.date.today()} {text}"
        return datetime.datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        raise UsageError(f"invalid date '{text}'") from None


_HALF_YEAR = 15778476


def file_time(seconds, now):
    """A file's time as in `ls -l`: the hour of recent ones, the year of others."""
    import time

    when = time.localtime(seconds)
    recent = now - _HALF_YEAR < seconds <= now + 60
    return time.strftime("%b %e %H:%M" if recent else "%b %e  %Y", when)


def duration(seconds):
    """A span of time: 3.20s, 4:05, 2:03:04, 5 days 2:03:04."""
    if seconds < 60:
        return f"{seconds:.2f}s"
    days, rest = divmod(int(seconds), 86400)
    hours, rest = divmod(rest, 3600)
    text = f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"
    if not days:
        return text
    return f"{days} day{'s' if days > 1 else ''} {text}"


def table(rows, align="", gap=2):
    """Lines of a table whose columns are as wide as they have to be; align: '<' or '>' each."""
    from .textwidth import text_width

    rows = [[str(cell) for cell in row] for row in rows]
    if not rows:
        return []
    widths = [max(map(text_width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = []
        for index, (cell, wide) in enumerate(zip(row, widths, strict=True)):
            blank = " " * (wide - text_width(cell))
            cells.append(blank + cell if align[index : index + 1] == ">" else cell + blank)
        lines.append((" " * gap).join(cells).rstrip())
    return lines


def in_columns(names, across):
    """Lines with names in columns, down and then across; one line where all fit."""
    from .textwidth import text_width

    if not names:
        return []
    widths = [text_width(name) for name in names]
    count = len(names)
    most = max((across + 2) // (min(widths) + 2), 1)  # columns, if all names were the shortest
    for rows in range(-(-count // most), count + 1):
        wide = [max(widths[start : start + rows]) for start in range(0, count, rows)]
        if sum(wide) + 2 * (len(wide) - 1) <= across or rows == count:
            break
    lines = []
    for row in range(rows):
        picked = range(row, count, rows)
        cells = [
            names[i] + " " * (wide[n] - widths[i]) if i + rows < count else names[i]
            for n, i in enumerate(picked)
        ]
        lines.append("  ".join(cells))
    return lines
