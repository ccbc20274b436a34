# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Write _sysconfigdata: what the sysconfig module tells about how this interpreter was built.

Upstream's build takes it from the Makefile and pyconfig.h. Here it is pyconfig.h, read with the
board's Kconfig file, and what CMake adds with --set.
"""

import argparse
import pprint
import re
from pathlib import Path


def kconfig(path):
    """The options of Zephyr's .config that are set, as macros: name -> text."""
    found = re.findall(r"^(CONFIG_\w+)=(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: "1" if value == "y" else value for name, value in found}


def compiler(options):
    """The compiler's macros that pyconfig.h uses."""
    word = "8" if "CONFIG_64BIT" in options else "4"
    sizes = {
        "DOUBLE": "8",
        "FLOAT": "4",
        "INT": "4",
        "LONG": word,
        "LONG_DOUBLE": None,
        "LONG_LONG": "8",
        "SHORT": "2",
        "SIZE_T": word,
        "POINTER": word,
        "WCHAR_T": "4",
    }
    macros = {f"__SIZEOF_{name}__": size for name, size in sizes.items() if size}
    macros |= {"__ORDER_BIG_ENDIAN__": "4321", "__ORDER_LITTLE_ENDIAN__": "1234"}
    big = "CONFIG_BIG_ENDIAN" in options
    macros["__BYTE_ORDER__"] = "4321" if big else "1234"
    if word == "8":
        macros["__SIZEOF_INT128__"] = "16"
    return macros


def condition(text, macros):
    """Evaluate what follows #if."""
    text = re.sub(
        r"defined\s*\(?\s*(\w+)\s*\)?", lambda match: str(match.group(1) in macros), text
    )
    text = re.sub(
        r"[A-Za-z_]\w*",
        lambda match: match.group()
        if match.group() in ("True", "False")
        else macros.get(match.group(), "0"),
        text,
    )
    text = text.replace("&&", " and ").replace("||", " or ").replace("!=", "≠")
    text = text.replace("!", " not ").replace("≠", "!=")
    return bool(eval(text, {"__builtins__": {}}))


def definitions(path, macros):
    """The macros that a header defines: name -> number or text."""
    macros = dict(macros)
    found = {}
    active = [True]
    for line in path.read_text(encoding="utf-8").splitlines():
        word, _, rest = line.strip().partition(" ")
        rest = rest.partition("/*")[0].strip()
        if word in ("#if", "#ifdef", "#ifndef"):
            if word == "#if":
                holds = condition(rest, macros)
            else:
                holds = (rest in macros) == (word == "#ifdef")
            active.append(active[-1] and holds)
        elif word == "#else":
            active.append(active[-2] and not active.pop())
        elif word == "#endif":
            active.pop()
        elif word == "#define" and active[-1]:
            name, _, value = rest.partition(" ")
            macros[name] = value = macros.get(value.strip(), value.strip())
            digits = re.fullmatch(r"(\d+)L?", value)
            if digits:
                found[name] = int(digits.group(1))
            elif value and not re.search(r"[()]|__", f"{name} {value}"):
                found[name] = value.strip('"')
    return found


def main():
    parser = argparse.ArgumentParser(prog="sysconfigdata.py", description=__doc__)
    parser.add_argument("--pyconfig", required=True, type=Path, metavar="FILE")
    parser.add_argument(
        "--kconfig", required=True, type=Path, metavar="FILE", help="Zephyr's .config"
    )
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE")
    options = parser.parse_args()
    config = kconfig(options.kconfig)
    names = {
        "prefix": "/",
        "exec_prefix": "/",
        "Py_DEBUG": 0,
        "Py_ENABLE_SHARED": 0,
        "Py_GIL_DISABLED": 0,
        "WITH_PYMALLOC": 0,
        "WITH_DOC_STRINGS": 0,
    }
    names |= definitions(options.pyconfig, config | compiler(config))
    for text in options.set:
        name, _, value = text.partition("=")
        names[name] = int(value) if value.isdigit() else value
    text = f"build_time_vars = {pprint.pformat(names, sort_dicts=True)}\n"
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(
        "# Made by sysconfigdata.py: edits are lost.\n" + text, encoding="utf-8"
    )


if __name__ == "__main__":
    main()
