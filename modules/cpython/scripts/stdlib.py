# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Which parts of CPython's Lib/ go into the image, where, and why the others stay out.

This is the one place for such decisions. Patterns are those of fnmatch, matched against the path
below Lib/ ("json/tool.py") and, for whole packages, against each of its parent directories.
It is read by freeze.py under CPython's bare bootstrap interpreter: standard library only, and of
that only what needs no compiled extension module.
"""

import fnmatch

# What can do nothing useful on a machine without processes, terminals, Tk or these C libraries.
EXCLUDE = {
    "*__pycache__": "made by the host's interpreter",
    "site-packages": "nothing is installed there",
    "test": "the test suite: see --tests",
    "idlelib": "an editor in Tk",
    "tkinter": "no Tk",
    "turtle.py": "needs tkinter",
    "turtledemo": "needs tkinter",
    "ensurepip": "carries pip's wheel; pip needs processes",
    "venv": "needs processes and symbolic links",
    "multiprocessing": "needs processes",
    "concurrent/futures/process.py": "needs multiprocessing",
    "ctypes": "no shared libraries to load",
    "curses": "needs the curses C library",
    "sqlite3": "needs the SQLite C library",
    "dbm/gnu.py": "needs the GDBM C library",
    "dbm/ndbm.py": "needs an NDBM C library",
    "dbm/sqlite3.py": "needs the SQLite C library",
    "bz2.py": "needs the bzip2 C library",
    "compression/bz2.py": "needs the bzip2 C library",
    "encodings/bz2_codec.py": "needs the bzip2 C library",
    "lzma.py": "needs the xz C library",
    "compression/lzma.py": "needs the xz C library",
    "compression/zstd": "needs the zstd C library",
    "pty.py": "needs fork() and pseudo terminals",
    "tty.py": "needs termios",
    "webbrowser.py": "starts the browser as a process",
    "antigravity.py": "needs webbrowser",
    "asyncio/__main__.py": "its console needs _pyrepl and a terminal",
    "asyncio/windows_*.py": "Windows only",
    "encodings/mbcs.py": "Windows only",
    "encodings/oem.py": "Windows only",
    "encodings/_win_cp_codecs.py": "Windows only",
    "nturl2path.py": "Windows only",
    "_aix_support.py": "AIX only",
    "_android_support.py": "Android only",
    "_apple_support.py": "Apple systems only",
    "_ios_support.py": "iOS only",
    "_osx_support.py": "macOS only",
    "*/mypy.ini": "for upstream's type checks",
    "email/architecture.rst": "for upstream's developers",
    "__hello__.py": "frozen for test builds only",
    "__phello__": "frozen for test builds only",
}

# _pyrepl needs termios or Windows. pdb and pydoc import four of its modules that do not.
EXCLUDE_EXCEPT = {
    "_pyrepl": (
        ("__init__.py", "pager.py", "trace.py", "types.py", "utils.py"),
        "its consoles need termios",
    ),
}

# Left out unless --with names the group: most often the Kconfig option that compiles the C half
# decides.
OPTIONAL = {
    "cjk": {
        "encodings/big5*.py": "_codecs_hk, _codecs_tw",
        "encodings/cp932.py": "_codecs_jp",
        "encodings/cp949.py": "_codecs_kr",
        "encodings/cp950.py": "_codecs_tw",
        "encodings/euc_*.py": "_codecs_jp, _codecs_kr",
        "encodings/gb*.py": "_codecs_cn",
        "encodings/hz.py": "_codecs_cn",
        "encodings/iso2022_*.py": "_codecs_iso2022",
        "encodings/johab.py": "_codecs_kr",
        "encodings/shift_jis*.py": "_codecs_jp",
    },
    "ssl": {
        "ssl.py": "_ssl",
    },
    # Python's own stand-ins for C modules: for their tests, and where the C module is not built.
    "pure": {
        "_pydatetime.py": "_datetime is the one in use",
        "_pyio.py": "_io is the one in use",
    },
    "pydecimal": {
        "_pydecimal.py": "_decimal is the one in use",
    },
}

# Frozen: code objects in the image's read-only data. Everything else is compiled too, but lies
# deflated in the file system: there the code takes a third of the space, and an import has to
# find the file and inflate it. What every boot and most sessions import is frozen, but for the
# large modules that asyncio imports without needing them at once.
FROZEN = {
    "_collections_abc.py": "boot",
    "_colorize.py": "tracebacks",
    "_py_warnings.py": "asyncio",
    "_weakrefset.py": "asyncio",
    "abc.py": "boot",
    "asyncio/*": "await at the prompt, and the kernel's own services",
    "codecs.py": "boot",
    "codeop.py": "the first statement",
    "collections/*": "boot",
    "contextlib.py": "asyncio",
    "contextvars.py": "asyncio",
    "copyreg.py": "boot",
    "datetime.py": "a line: _datetime is the one in use",
    "encodings/__init__.py": "boot",
    "encodings/aliases.py": "boot",
    "encodings/ascii.py": "text files",
    "encodings/latin_1.py": "text files",
    "encodings/utf_8.py": "boot",
    "enum.py": "boot",
    "functools.py": "boot",
    "genericpath.py": "boot",
    "heapq.py": "asyncio",
    "io.py": "boot",
    "json/*": "programs from the host",
    "keyword.py": "boot",
    "linecache.py": "tracebacks",
    "operator.py": "boot",
    "os.py": "boot",
    "posixpath.py": "boot",
    "re/*": "boot",
    "reprlib.py": "boot",
    "selectors.py": "asyncio",
    "signal.py": "asyncio",
    "socket.py": "asyncio",
    "stat.py": "boot",
    "struct.py": "a line: _struct is the one in use",
    "textwrap.py": "tracebacks",
    "threading.py": "asyncio",
    "token.py": "tracebacks",
    "tokenize.py": "tracebacks",
    "traceback.py": "tracebacks",
    "types.py": "boot",
    "warnings.py": "asyncio",
    "weakref.py": "asyncio",
}
FROZEN_EXCEPT = (
    "asyncio/proactor_events.py",  # Windows
    "asyncio/tools.py",  # looks into other processes
    "json/__main__.py",
    "json/tool.py",
)

# In the file system as source alone: large, and hardly ever imported. An import compiles them.
SOURCE_ONLY = {
    "pydoc_data/topics.py": "the text of help('topic'), half a megabyte",
    "_pydatetime.py": "for tests: _datetime is the one in use",
    "_pydecimal.py": "where there is no _decimal, and for tests",
    "_pyio.py": "for tests: _io is the one in use",
}

# Compiled, and without their source: tables that a program of upstream's has written. A quarter of
# a megabyte, deflated, that nobody reads.
TABLES = {
    "encodings/cp[0-8]*.py": "a character set",
    "encodings/hp_roman8.py": "a character set",
    "encodings/iso8859_*.py": "a character set",
    "encodings/koi8_*.py": "a character set",
    "encodings/kz1048.py": "a character set",
    "encodings/mac_*.py": "a character set",
    "encodings/palmos.py": "a character set",
    "encodings/ptcp154.py": "a character set",
    "encodings/tis_620.py": "a character set",
}

# With --core these are frozen and all else is imported from the file system: what is imported
# before there is a Python function that looks for files.
CORE = (
    "abc.py",
    "codecs.py",
    "encodings/__init__.py",
    "encodings/aliases.py",
    "encodings/utf_8.py",
    "io.py",
)

# The frozen table is searched from its start, name by name: what every boot imports comes first.
EARLY = (
    "encodings",
    "codecs",
    "encodings.aliases",
    "encodings.utf_8",
    "io",
    "abc",
    "os",
    "stat",
    "posixpath",
    "genericpath",
    "_collections_abc",
    "types",
    "functools",
    "collections",
    "re",
    "enum",
    "threading",
    "asyncio",
)

# What --core leaves out besides, so that the image fits into 6 MB; --include brings it back.
CORE_EXCLUDE = {
    "encodings/cp[0-35-9]*.py": "character sets of other systems: cp437 and utf_* remain",
    "encodings/cp424.py": "see cp[0-35-9]*",
    "encodings/hp_roman8.py": "character set of HP-UX",
    "encodings/iso8859_*.py": "latin_1 remains, and iso8859_15",
    "encodings/koi8_*.py": "character sets of the Soviet Union",
    "encodings/kz1048.py": "see koi8_*",
    "encodings/mac_*.py": "character sets of the old Mac OS",
    "encodings/palmos.py": "character set of Palm OS",
    "encodings/ptcp154.py": "see koi8_*",
    "encodings/tis_620.py": "character set of Thailand before Unicode",
    "encodings/idna.py": "needs unicodedata, which this profile does without",
    "stringprep.py": "needs unicodedata",
    "_pyrepl/utils.py": "for pdb; needs unicodedata",
    "xml": "needs pyexpat, which this profile does without",
    "xmlrpc": "needs pyexpat",
    "plistlib.py": "needs pyexpat",
    "pydoc_data": "the text of help('topic')",
    "doctest.py": "for developing on larger machines",
    "pdb.py": "shows source lines, which are not in the image",
    "bdb.py": "for pdb",
    "pickletools.py": "for developing on larger machines",
    "modulefinder.py": "for developing on larger machines",
    "trace.py": "for developing on larger machines",
    "profile.py": "for developing on larger machines",
    "cProfile.py": "needs _lsprof, which this profile does without",
    "pstats.py": "for cProfile and profile",
    "pyclbr.py": "for developing on larger machines",
    "tabnanny.py": "for developing on larger machines",
    "zipapp.py": "for developing on larger machines",
    "mailbox.py": "mail folders",
    "imaplib.py": "reads mail",
    "poplib.py": "reads mail",
    "wsgiref": "web applications: http.server remains",
    "http/cookiejar.py": "a browser's cookies: http.cookies remains",
    "optparse.py": "argparse remains",
    "unittest/mock.py": "for developing on larger machines",
    "asyncio/proactor_events.py": "Windows only",
    "asyncio/tools.py": "looks into other processes",
    "concurrent/interpreters": "needs sub-interpreters, which this profile does without",
    "concurrent/futures/interpreter.py": "needs sub-interpreters",
}
CORE_INCLUDE = ("encodings/cp1252.py", "encodings/iso8859_15.py")

# Upstream's names for the modules that the import system itself is made of. Their code keeps
# the file name "<frozen NAME>": the interpreter cuts frames with these names from tracebacks.
BOOTSTRAP = {
    "_frozen_importlib": ("importlib._bootstrap", "importlib/_bootstrap.py"),
    "_frozen_importlib_external": (
        "importlib._bootstrap_external",
        "importlib/_bootstrap_external.py",
    ),
    "zipimport": ("zipimport", "zipimport.py"),
}

# Upstream's frozen modules for test_frozen and test_importlib, name → (path from the source
# tree's root, is a package, alias that _PyImport_FrozenAliases gives or "" for none).
FROZEN_TEST = {
    "__hello__": ("Lib/__hello__.py", False, ""),
    "__hello_alias__": ("Lib/__hello__.py", False, "__hello__"),
    "__phello_alias__": ("Lib/__hello__.py", True, "__hello__"),
    "__phello_alias__.spam": ("Lib/__hello__.py", False, "__hello__"),
    "__phello__": ("Lib/__phello__/__init__.py", True, ""),
    "__phello__.__init__": ("Lib/__phello__/__init__.py", False, "<__phello__"),
    "__phello__.ham": ("Lib/__phello__/ham/__init__.py", True, ""),
    "__phello__.ham.__init__": ("Lib/__phello__/ham/__init__.py", False, "<__phello__.ham"),
    "__phello__.ham.eggs": ("Lib/__phello__/ham/eggs.py", False, ""),
    "__phello__.spam": ("Lib/__phello__/spam.py", False, ""),
    "__hello_only__": ("Tools/freeze/flag.py", False, None),
}

# Of Lib/test, with --tests: everything that no test file by itself is, but for these.
TEST_EXCLUDE = {
    "_test_multiprocessing.py": "no processes",
    "_test_embed_structseq.py": "for the embedding tests",
    "_test_venv_multiprocessing.py": "no processes",
    "cjkencodings": "see --with cjk",
    "crashers": "not tests",
    "clinic.test.c": "for upstream's developers",
    "levenshtein_examples.json": "408 KB for one test of test_traceback",
    "libregrtest/mypy.ini": "for upstream's type checks",
    "wheeldata": "for ensurepip",
    "NormalizationTest-3.2.0.txt": "2 MB for one test of test_unicodedata",
    "*__pycache__": "made by the host's interpreter",
}


def matches(path, pattern):
    """Does the pattern name this path or one of the directories above it?"""
    while path:
        if fnmatch.fnmatchcase(path, pattern):
            return True
        path = path.rpartition("/")[0]
    return False


class Selection:
    """The part of Lib/ that one build takes."""

    def __init__(self, groups=(), include=(), exclude=(), core=False):
        unknown = set(groups) - set(OPTIONAL)
        if unknown:
            raise ValueError(
                f"no such group: {', '.join(sorted(unknown))}"
                f" (there are: {', '.join(sorted(OPTIONAL))})"
            )
        self._core = core
        self._exclude = dict(EXCLUDE)
        if core:
            self._exclude.update(CORE_EXCLUDE)
        for group, patterns in OPTIONAL.items():
            if group not in groups:
                self._exclude.update(patterns)
        for pattern in include:
            if pattern not in self._exclude:
                raise ValueError(f"nothing stays out as {pattern}: see stdlib.py for the patterns")
            del self._exclude[pattern]
        self._exclude.update((pattern, "on the command line") for pattern in exclude)

    def why_not(self, path):
        """The reason for leaving Lib/<path> out of the image, or None when it goes in."""
        if path in CORE_INCLUDE:
            return None
        for pattern, reason in self._exclude.items():
            if matches(path, pattern):
                return reason
        package, _, rest = path.partition("/")
        if rest and package in EXCLUDE_EXCEPT:
            kept, reason = EXCLUDE_EXCEPT[package]
            if rest not in kept:
                return reason
        return None

    def form(self, path):
        """How Lib/<path> goes in.

        "frozen", "compiled" (a .pyc file), "source" (alone) or "table" (a .pyc file alone).
        """
        if path in SOURCE_ONLY:
            return "source"
        if any(matches(path, p) for p in TABLES):
            return "table"
        if self._core:
            return "frozen" if path in CORE else "compiled"
        if path not in FROZEN_EXCEPT and any(matches(path, p) for p in FROZEN):
            return "frozen"
        return "compiled"
