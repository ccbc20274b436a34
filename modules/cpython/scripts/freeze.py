# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Compile the standard library and the kernel into the image.

Run by a CPython of exactly the target's version, because code objects differ between versions;
upstream's _bootstrap_python will do. It writes into --out:

  frozen.c          the tables of frozen modules; takes the place of upstream's Python/frozen.c
  frozen.S          the section with the code, by .incbin of
  frozen.bin        all code objects, marshalled, one after the other
  pyc/              compiled files for the file system
  manifest          "path on the device<TAB>file on the host" for everything that romfs.py packs:
                    sources, compiled files, data files of packages
  freeze.cache      lets the next run compile only what was edited

Every code object carries the path of its source on the device, so tracebacks, inspect and
linecache find it in the file system. The interpreter's FrozenImporter computes __file__ as
sys._stdlib_dir + module path, whatever the module. PyConfig.stdlib_dir must therefore be
--stdlib-dir, and a --root package lies below it unless its device path is given.

The columns of Lib/'s code are dropped, because they are a tenth of it: a traceback shows the
lines of library code without ^^^^ below. The code of --root packages and of tests keeps them.
"""

import argparse
import fnmatch
import marshal
import os
import re
import sys
from importlib import _bootstrap_external
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash

import stdlib

HEADER = "/* Made by freeze.py: edits are lost. */\n"

# How one test file imports others.
IMPORTS_TEST = re.compile(r"(?:from|import)\s+test\.(test_\w+)")
IMPORTS_FROM_TEST = re.compile(r"from\s+test\s+import\s+(\([^)]*\)|.*)")
TEST_NAME = re.compile(r"\btest_\w+")

FROZEN_S = """\
	/* The code of all frozen modules; frozen.c knows where each begins. */
	.section .rodata.zpy_frozen, "a", %progbits
	.balign 4
	.global zpy_frozen_code
	.type zpy_frozen_code, %object
zpy_frozen_code:
	.incbin "{path}"
	.size zpy_frozen_code, . - zpy_frozen_code
	.section .note.GNU-stack, "", %progbits
"""

FROZEN_C = """\
#include "Python.h"
#include "pycore_import.h"

#include <stdbool.h>

extern const unsigned char zpy_frozen_code[];

#define AT(offset) (zpy_frozen_code + (offset))

/* Part of the interpreter: cannot be switched off. */
static const struct _frozen bootstrap_modules[] = {{
{bootstrap}	{{0}},
}};

/* Switched off by -X frozen_modules=off; then imports read the file system. */
static const struct _frozen stdlib_modules[] = {{
{stdlib}	{{0}},
}};

static const struct _frozen test_modules[] = {{
{test}	{{0}},
}};

/* Modules that are not upstream's: always frozen. */
static const struct _frozen custom_modules[] = {{
{custom}	{{0}},
}};

static const struct _module_alias aliases[] = {{
{aliases}	{{0}},
}};

const struct _frozen *_PyImport_FrozenBootstrap = bootstrap_modules;
const struct _frozen *_PyImport_FrozenStdlib = stdlib_modules;
const struct _frozen *_PyImport_FrozenTest = test_modules;
const struct _frozen *PyImport_FrozenModules = custom_modules;
const struct _module_alias *_PyImport_FrozenAliases = aliases;
"""


class FreezeError(Exception):
    """Something about the input that the user can put right."""


class Unit:
    """One source file and the module that it is."""

    def __init__(self, source, name, filename, package=False, columns=False):
        self.source = source
        self.name = name
        self.filename = filename
        self.package = package
        self.columns = columns
        self.offset = self.size = 0
        self.pyc = None


class Compiler:
    """Compiles files, or takes what the last run made of them when they have not changed."""

    def __init__(self, out, optimize):
        self._cache_path = os.path.join(out, "freeze.cache")
        self._blob_path = os.path.join(out, "frozen.bin")
        self._optimize = optimize
        self._stamp = (MAGIC_NUMBER, optimize, sys.version, os.stat(__file__).st_mtime_ns)
        self._old_entries, self._old_blob = self._load()
        self._entries = {}
        self._blob = bytearray()
        self.compiled = 0

    def _load(self):
        try:
            with open(self._cache_path, "rb") as file:
                stamp, blob_size, entries = marshal.load(file)
            with open(self._blob_path, "rb") as file:
                blob = file.read()
        except (OSError, EOFError, ValueError, TypeError):
            return {}, b""
        # A run that was interrupted between the two files leaves sizes that differ.
        if stamp != self._stamp or blob_size != len(blob):
            return {}, b""
        return entries, blob

    def save(self):
        # The cache goes first and comes back last: at no time does it describe another blob.
        if os.path.exists(self._cache_path):
            os.unlink(self._cache_path)
        with open(self._blob_path, "wb") as file:
            file.write(self._blob)
        with open(self._cache_path, "wb") as file:
            marshal.dump((self._stamp, len(self._blob), self._entries), file)

    def _compile(self, unit):
        with open(unit.source, "rb") as file:
            text = file.read()
        self.compiled += 1
        try:
            code = compile(text, unit.filename, "exec", dont_inherit=True, optimize=self._optimize)
        except (SyntaxError, ValueError, ImportError) as error:
            # ImportError: names beyond ASCII need unicodedata, which this interpreter may lack.
            raise FreezeError(f"{unit.source}: {error}") from None
        return code if unit.columns else without_columns(code), text

    def freeze(self, unit):
        """Append a module's code to the blob, once for each source and file name."""
        key = ("code", unit.source, unit.filename, unit.columns)
        if key not in self._entries:
            info = os.stat(unit.source)
            old = self._old_entries.get(key)
            if old and old[:2] == (info.st_mtime_ns, info.st_size):
                data = self._old_blob[old[2] : old[2] + old[3]]
            else:
                data = marshal.dumps(self._compile(unit)[0])
            self._entries[key] = (info.st_mtime_ns, info.st_size, len(self._blob), len(data))
            self._blob += data
        _, _, unit.offset, unit.size = self._entries[key]

    def compile_file(self, unit, target):
        """Write a .pyc that is never checked against its source, which cannot change."""
        info = os.stat(unit.source)
        key = ("pyc", unit.source, unit.filename, unit.columns, target)
        entry = (info.st_mtime_ns, info.st_size)
        if self._old_entries.get(key) == entry and os.path.exists(target):
            self._entries[key] = entry
            return
        code, text = self._compile(unit)
        data = _bootstrap_external._code_to_hash_pyc(code, source_hash(text), checked=False)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(data)
        self._entries[key] = entry

    @property
    def blob_size(self):
        return len(self._blob)


def without_columns(code):
    """The same code with a location table that holds lines alone.

    The format is that of CPython's InternalDocs/code_objects.md: entries of one to eight code
    units, here all of kind 13 (a line, no columns) or 15 (no line).
    """
    runs = []
    for start, end, line in code.co_lines():
        units = (end - start) // 2
        if runs and runs[-1][1] == line:
            runs[-1][0] += units
        else:
            runs.append([units, line])
    table = bytearray()
    last = code.co_firstlineno
    for units, line in runs:
        while units > 0:
            part = min(units, 8)
            units -= part
            if line is None:
                table.append(0x80 | 15 << 3 | part - 1)
                continue
            table.append(0x80 | 13 << 3 | part - 1)
            delta, last = line - last, line
            value = -delta << 1 | 1 if delta < 0 else delta << 1
            while value >= 64:
                table.append(0x40 | value & 63)
                value >>= 6
            table.append(value)
    consts = tuple(
        without_columns(const) if isinstance(const, type(code)) else const
        for const in code.co_consts
    )
    return code.replace(co_linetable=bytes(table), co_consts=consts)


class Image:
    """Everything that goes into one image, collected from the command line's sources."""

    def __init__(self, options):
        self.options = options
        self.selection = stdlib.Selection(
            options.groups, options.include, options.exclude, options.core
        )
        self.stdlib = []
        self.custom = []
        self.bootstrap = []
        self.test = []
        self.compiled = []  # units that become .pyc files
        self.files = {}  # device path -> host path
        self.dependencies = [os.path.abspath(__file__), os.path.abspath(stdlib.__file__)]
        self.left_out = {}  # path below Lib -> reason
        self.unused = dict.fromkeys(options.freeze)  # of --freeze, what has matched nothing yet

    def collect(self):
        lib = self.options.lib
        for name, (inner, path) in stdlib.BOOTSTRAP.items():
            unit = Unit(os.path.join(lib, path), name, f"<frozen {inner}>")
            self.bootstrap.append(unit)
        self._collect_stdlib(lib)
        for root in self.options.root:
            self._collect_root(root)
        for pattern in self.unused:
            raise FreezeError(f"--freeze {pattern}: no --root has such a module")
        if self.options.tests is not None:
            self._collect_frozen_tests()
            self._collect_tests(os.path.join(lib, "test"))
        self.stdlib.sort(key=early_first)
        for units in (self.stdlib + self.custom + self.compiled, self.test):
            names = set()
            for unit in units:
                if unit.name in names:
                    raise FreezeError(f"two files make module {unit.name}: one is {unit.source}")
                names.add(unit.name)

    def _walk(self, top, keep):
        """Yield (path below top, host path) of the files under top that keep() accepts."""
        pending = [""]
        while pending:
            inner = pending.pop()
            directory = os.path.join(top, inner) if inner else top
            # A file that is added or removed changes its directory.
            self.dependencies.append(directory)
            try:
                names = sorted(os.listdir(directory))
            except OSError as error:
                raise FreezeError(str(error)) from None
            for name in names:
                path = f"{inner}/{name}" if inner else name
                if not keep(path):
                    continue
                host = os.path.join(directory, name)
                if os.path.isdir(host):
                    pending.append(path)
                else:
                    self.dependencies.append(host)
                    yield path, host

    def _keep_stdlib(self, path):
        reason = self.selection.why_not(path)
        if reason:
            self.left_out[path] = reason
        return not reason

    def _collect_stdlib(self, lib):
        bootstrap = {path for _, path in stdlib.BOOTSTRAP.values()}
        for path, host in self._walk(lib, self._keep_stdlib):
            device = f"{self.options.stdlib_dir}/{path}"
            if not path.endswith(".py"):
                self.files[device] = host
                continue
            name, package = module_name(path)
            unit = Unit(host, name, device, package)
            if path in bootstrap:
                # Frozen already, under the name that the interpreter knows.
                self._add_source(device, host)
                continue
            form = self.selection.form(path)
            if form == "frozen":
                self.stdlib.append(unit)
            elif form == "compiled" or (form == "source" and not self.options.sources):
                self._add_compiled(unit, device)
            elif form == "table":
                self._add_compiled(unit, device, alone=True)
                continue
            self._add_source(device, host)

    def _collect_root(self, root):
        source, package, device = parse_root(root, self.options.stdlib_dir)
        columns = self.options.sources  # without source lines there is nothing to point at
        if os.path.isfile(source):
            self.dependencies.append(source)
            self._add_own(Unit(source, package, f"{device}.py", columns=columns))
            return
        if not os.path.isdir(source):
            raise FreezeError(f"--root {root}: there is no {source}")
        if not os.path.isfile(os.path.join(source, "__init__.py")):
            raise FreezeError(f"--root {root}: {source} is no package, it has no __init__.py")
        for path, host in self._walk(source, keep_in_root):
            if not path.endswith(".py"):
                self.files[f"{device}/{path}"] = host
                continue
            inner, is_package = module_name(path)
            name = f"{package}.{inner}" if inner else package
            self._add_own(Unit(host, name, f"{device}/{path}", is_package, columns))

    def _add_own(self, unit):
        """Take in a module of a --root: frozen if --freeze names it, else compiled."""
        patterns = [p for p in self.options.freeze if fnmatch.fnmatchcase(unit.name, p)]
        if patterns:
            self.custom.append(unit)
            for pattern in patterns:
                self.unused.pop(pattern, None)
        else:
            self._add_compiled(unit, unit.filename)
        self._add_source(unit.filename, unit.source)

    def _collect_frozen_tests(self):
        top = os.path.dirname(self.options.lib)
        for name, (path, package, alias) in stdlib.FROZEN_TEST.items():
            host = os.path.join(top, path)
            self.dependencies.append(host)
            unit = Unit(host, name, f"<frozen {alias or name}>", package)
            if path.startswith("Lib/"):
                device = f"{self.options.stdlib_dir}/{path[4:]}"
                unit.filename = device
                self.files[device] = host
            self.test.append(unit)

    def _collect_tests(self, top):
        wanted = resolve_tests(top, self.options.tests)

        def keep(path):
            if any(stdlib.matches(path, pattern) for pattern in stdlib.TEST_EXCLUDE):
                return False
            first = path.partition("/")[0]
            return not first.startswith("test_") or wanted is None or first in wanted

        for path, host in self._walk(top, keep):
            device = f"{self.options.stdlib_dir}/test/{path}"
            self.files[device] = host
            # Tests of the compiler bring files that are meant not to compile.
            if path.endswith(".py") and "bad" not in path and "/data/" not in path:
                self._add_compiled(Unit(host, path, device, columns=True), device)

    def _add_source(self, device, host):
        if self.options.sources:
            self.files[device] = host

    def _add_compiled(self, unit, device, alone=False):
        """Have a source imported from the file system without being compiled there."""
        if self.options.sources and not alone:
            # With the source beside it, SourceFileLoader looks for the compiled file here.
            unit.pyc = cache_from_source(device, optimization="")
        else:
            unit.pyc = device + "c"
        self.compiled.append(unit)


def early_first(unit):
    """Sort key: the modules of every boot first, the hundred character sets last."""
    top = unit.name.partition(".")[0]
    for name in (unit.name, top):
        if name in stdlib.EARLY and (top != "encodings" or name == unit.name):
            return (stdlib.EARLY.index(name), unit.name)
    return (len(stdlib.EARLY) + (top == "encodings"), unit.name)


def module_name(path):
    """The module's name and whether it is a package: "json/__init__.py" -> ("json", True)."""
    parts = path[: -len(".py")].split("/")
    package = parts[-1] == "__init__"
    if package:
        parts.pop()
    return ".".join(parts), package


def parse_root(text, stdlib_dir):
    parts = text.split("=")
    if len(parts) not in (2, 3) or not all(parts):
        raise FreezeError(f"--root {text}: give SOURCE=MODULE or SOURCE=MODULE=DEVICE_PATH")
    source, name = os.path.abspath(parts[0]), parts[1]
    if not all(part.isidentifier() for part in name.split(".")):
        raise FreezeError(f"--root {text}: {name} is no module name")
    device = parts[2] if len(parts) == 3 else f"{stdlib_dir}/{name.replace('.', '/')}"
    return source, name, device.removesuffix(".py")


def keep_in_root(path):
    name = path.rpartition("/")[2]
    return name != "__pycache__" and not name.startswith(".") and not name.endswith(".pyc")


def resolve_tests(top, names):
    """The entries of Lib/test to take, with those that they import; None for all of them."""
    if "all" in names:
        return None
    wanted = set()
    pending = []

    def add(name):
        for entry in (name, f"{name}.py"):
            if entry not in wanted and os.path.exists(os.path.join(top, entry)):
                wanted.add(entry)
                pending.append(os.path.join(top, entry))
                return True
        return name in wanted or f"{name}.py" in wanted

    for name in names:
        if not add(name):
            raise FreezeError(f"--tests: there is no {name} in {top}")
    while pending:
        path = pending.pop()
        if os.path.isdir(path):
            pending += [
                os.path.join(path, entry)
                for entry in os.listdir(path)
                if entry.endswith(".py") or os.path.isdir(os.path.join(path, entry))
            ]
            continue
        # Not parsed: some files are not meant to compile.
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
        for name in IMPORTS_TEST.findall(text):
            add(name)
        for names in IMPORTS_FROM_TEST.findall(text):
            for name in TEST_NAME.findall(names):
                add(name)
    return wanted


def check_version(lib):
    """Refuse to make code that the target's interpreter would not understand."""
    top = os.path.dirname(lib)
    try:
        with open(os.path.join(top, "Include", "patchlevel.h"), encoding="utf-8") as file:
            words = [line.split() for line in file if line.startswith("#define PY_VERSION ")]
        header = os.path.join(top, "Include", "internal", "pycore_magic_number.h")
        with open(header, encoding="utf-8") as file:
            magic = [line.split() for line in file if line.startswith("#define PYC_MAGIC_NUMBER ")]
        version, magic = words[0][2].strip('"'), int(magic[0][2])
    except (OSError, IndexError, ValueError) as error:
        raise FreezeError(f"{lib} is not in a CPython source tree: {error}") from None
    mine = f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    if magic != int.from_bytes(MAGIC_NUMBER[:2], "little"):
        raise FreezeError(
            f"{sys.executable or 'this interpreter'} is CPython {mine}, and its compiled code "
            f"differs from that of {version} in {top}: run this with {version}"
        )


def c_string(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def table(units):
    return "".join(
        f"\t{{{c_string(unit.name)}, AT({unit.offset}), {unit.size}, "
        f"{'true' if unit.package else 'false'}}},\n"
        for unit in units
    )


def aliases(with_tests):
    rows = {name: inner for name, (inner, _) in stdlib.BOOTSTRAP.items() if name != inner}
    if with_tests:
        for name, (_, _, alias) in stdlib.FROZEN_TEST.items():
            if alias != "":
                rows[name] = alias
    return "".join(
        f"\t{{{c_string(name)}, {'NULL' if alias is None else c_string(alias)}}},\n"
        for name, alias in rows.items()
    )


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def write_depfile(path, target, dependencies):
    def escape(name):
        return name.replace("\\", "\\\\").replace(" ", "\\ ").replace("$", "$$")

    rows = " \\\n  ".join(escape(name) for name in dict.fromkeys(dependencies))
    write(path, f"{escape(target)}: {rows}\n")


def size_of(path):
    return os.stat(path).st_size


def parse_arguments(argv):
    parser = argparse.ArgumentParser(
        prog="freeze.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--lib", required=True, metavar="DIR", help="Lib/ of the CPython source tree"
    )
    parser.add_argument("--out", required=True, metavar="DIR", help="where to write")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    parser.add_argument(
        "--stdlib-dir",
        default=f"/lib/python{version}",
        metavar="PATH",
        help="Lib/ on the device: PyConfig.stdlib_dir (default %(default)s)",
    )
    parser.add_argument(
        "--root",
        action="append",
        default=[],
        metavar="SRC=MODULE[=PATH]",
        help="take in a package (a directory) or a module (a file) as MODULE, compiled; "
        "its path on the device is below --stdlib-dir if not given",
    )
    parser.add_argument(
        "--freeze",
        action="append",
        default=[],
        metavar="PATTERN",
        help='freeze these modules of a --root, e.g. "kernel.boot", "machine*"',
    )
    parser.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="PATTERN",
        help='leave out of Lib/, e.g. "xml", "email/*" (see stdlib.py)',
    )
    parser.add_argument(
        "--include",
        action="append",
        default=[],
        metavar="PATTERN",
        help="take in what stdlib.py leaves out under exactly this pattern",
    )
    parser.add_argument(
        "--with",
        action="append",
        default=[],
        dest="groups",
        metavar="GROUP",
        help="take in an optional group: " + ", ".join(stdlib.OPTIONAL),
    )
    parser.add_argument(
        "--core",
        "--only-core",
        action="store_true",
        help="freeze only what the start needs; all else becomes .pyc files",
    )
    parser.add_argument(
        "--no-sources",
        dest="sources",
        action="store_false",
        help="list no sources in the manifest: tracebacks show no lines, "
        "inspect.getsource() fails; .pyc files take the sources' places",
    )
    parser.add_argument(
        "--tests",
        nargs="*",
        metavar="NAME",
        help='add Lib/test with these test files and what they import, or "all"',
    )
    parser.add_argument(
        "--optimize",
        type=int,
        choices=(0, 1, 2),
        default=0,
        help="0: all; 1: no asserts; 2: no docstrings either (default 0)",
    )
    parser.add_argument("--depfile", metavar="FILE", help="dependencies for Ninja")
    parser.add_argument("--verbose", action="store_true", help="say what stays out, and why")
    options = parser.parse_args(argv)
    options.lib = os.path.abspath(options.lib)
    options.out = os.path.abspath(options.out)
    options.stdlib_dir = options.stdlib_dir.rstrip("/")
    return options


def main(argv):
    options = parse_arguments(argv)
    check_version(options.lib)
    os.makedirs(options.out, exist_ok=True)
    try:
        image = Image(options)
    except ValueError as error:
        raise FreezeError(str(error)) from None
    image.collect()

    compiler = Compiler(options.out, options.optimize)
    for unit in image.bootstrap + image.stdlib + image.custom + image.test:
        compiler.freeze(unit)
    for unit in image.compiled:
        target = os.path.join(options.out, "pyc", unit.pyc.lstrip("/"))
        try:
            compiler.compile_file(unit, target)
        except FreezeError:
            if "/test/" not in unit.filename:
                raise
            continue  # a test's sample of bad source: as a file it serves
        image.files[unit.pyc] = target
    compiler.save()

    out = options.out
    write(
        os.path.join(out, "frozen.S"),
        HEADER + FROZEN_S.format(path=os.path.join(out, "frozen.bin")),
    )
    write(
        os.path.join(out, "frozen.c"),
        HEADER
        + FROZEN_C.format(
            bootstrap=table(image.bootstrap),
            stdlib=table(image.stdlib),
            test=table(image.test),
            custom=table(image.custom),
            aliases=aliases(options.tests is not None),
        ),
    )
    write(
        os.path.join(out, "manifest"),
        "".join(f"{device}\t{host}\n" for device, host in sorted(image.files.items())),
    )
    if options.depfile:
        write_depfile(options.depfile, os.path.join(out, "frozen.c"), image.dependencies)

    if options.verbose:
        for path, reason in sorted(image.left_out.items()):
            print(f"left out: {path}: {reason}")
    frozen = len(image.bootstrap) + len(image.stdlib) + len(image.custom) + len(image.test)
    print(
        f"froze {frozen} modules, {compiler.blob_size} bytes; {len(image.files)} files for the "
        f"file system, {sum(map(size_of, image.files.values()))} bytes; "
        f"compiled {compiler.compiled}"
    )


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (FreezeError, OSError) as error:
        sys.exit(f"freeze.py: {error}")
