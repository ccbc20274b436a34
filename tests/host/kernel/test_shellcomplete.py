# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""TAB in the shell, and the history that lasts."""

import os

import pytest

from kernel import history, shell, shellcomplete


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A directory with some files, as the working directory, and one with commands."""
    (tmp_path / "bin").mkdir()
    for name in ("list.py", "line.py", "other.py"):
        (tmp_path / "bin" / name).touch()
    for name in ("data.txt", "dash board.txt", ".hidden", "run.py"):
        (tmp_path / name).touch()
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir" / "inner.txt").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shell, "PATH", [str(tmp_path / "bin")])
    return tmp_path


@pytest.mark.parametrize(
    "text, start, found",
    [
        ("li", 0, ["line ", "list "]),
        ("  li", 2, ["line ", "list "]),
        ("ex", 0, ["exit "]),
        ("ru", 0, ["run.py "]),
        ("list da", 5, ["dash\\ board.txt ", "data.txt "]),
        ("list dat", 5, ["data.txt "]),
        ("list di", 5, ["dir/"]),
        ("list dir/", 9, ["inner.txt "]),
        ("list ./dir/in", 11, ["inner.txt "]),
        ("list 'da", 6, ["dash board.txt ", "data.txt "]),
        ("list dash\\ b", 5, ["dash\\ board.txt "]),
        ("list .h", 5, [".hidden "]),
        ("list > da", 7, ["dash\\ board.txt ", "data.txt "]),
        ("list >da", 6, ["dash\\ board.txt ", "data.txt "]),
        ("list|oth", 5, ["other "]),
        ("list && oth", 8, ["other "]),
        ("list; oth", 6, ["other "]),
        ("list nothing", 5, []),
        ("list nowhere/x", 13, []),
        ("./r", 2, ["run.py "]),
        ("./d", 2, ["dir/"]),
    ],
)
def test_complete(files, text, start, found):
    assert shellcomplete.complete(text, len(text)) == (start, found)


def test_all_files(files):
    assert shellcomplete.complete("list ", 5)[1] == [
        "bin/",
        "dash\\ board.txt ",
        "data.txt ",
        "dir/",
        "run.py ",
    ]


def test_history_lasts(tmp_path, monkeypatch):
    import posix

    real = posix.stat

    class Stat:
        def __init__(self, path):
            real(path)
            self.st_dev = 5 if path == str(tmp_path) else 1

    monkeypatch.setattr(posix, "stat", Stat)
    path = str(tmp_path / "history")
    first = history.History(limit=3)
    first.keep(path)
    first.load()
    for line in ("a", "b", "b", "  ", "c", "d"):
        first.add(line)
    second = history.History(limit=3)
    second.keep(path)
    second.load()
    assert second.lines == ["b", "c", "d"]
    for number in range(10):
        second.add(f"x{number}")
    third = history.History(limit=3)
    third.keep(path)
    third.load()
    assert third.lines == ["x7", "x8", "x9"]
    with open(path, encoding="utf-8") as file:
        assert file.read() == "x7\nx8\nx9\n"


def test_history_is_not_kept_in_ram(tmp_path):
    kept = history.History()
    kept.keep("/no/such/directory/history")
    assert kept.load() == 0
    kept.add("a")
    # The directory of a path that is on the root's own file system.
    kept.keep(os.path.join("/", "history-of-zpy-test"))
    assert kept.load() == 0
    kept.add("b")
    assert not os.path.exists("/history-of-zpy-test")
