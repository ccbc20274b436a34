# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""At the ends of memory and stack there is an exception, and after it the system goes on."""

import textwrap

import pytest


def check_goes_on(run):
    assert run("print('goes' + ' on')") == (0, b"goes on\n", b"")


def test_endless_recursion(run):
    code = """
        def f():
            return f()
        try:
            f()
        except RecursionError:
            print("caught")
    """
    assert run(textwrap.dedent(code)) == (0, b"caught\n", b"")
    check_goes_on(run)


def test_endless_recursion_in_a_thread(run):
    code = """
        import threading
        caught = []
        def f():
            return f()
        def target():
            try:
                f()
            except RecursionError:
                caught.append(True)
        thread = threading.Thread(target=target)
        thread.start()
        thread.join()
        print(caught)
    """
    assert run(textwrap.dedent(code)) == (0, b"[True]\n", b"")
    check_goes_on(run)


def test_recursion_in_c(run):
    code = """
        nested = []
        for _ in range(100_000):
            nested = [nested]
        try:
            repr(nested)
        except RecursionError:
            print("caught")
    """
    assert run(textwrap.dedent(code)) == (0, b"caught\n", b"")
    check_goes_on(run)


def test_one_allocation_too_large(run):
    code = """
        try:
            bytearray(1 << 46)
        except MemoryError:
            print("caught")
    """
    assert run(textwrap.dedent(code)) == (0, b"caught\n", b"")
    check_goes_on(run)


def test_heap_exhausted(board, run):
    if board.kind in ("sim", "native"):
        pytest.skip("the heap is this machine's own memory")
    code = """
        hoard = []
        try:
            while True:
                hoard.append(bytearray(100_000))
        except MemoryError:
            count = len(hoard)
            hoard = None
            print("caught", count > 10)
    """
    assert run(textwrap.dedent(code), timeout=300) == (0, b"caught True\n", b"")
    check_goes_on(run)


def test_heap_exhausted_by_small_objects(board, run):
    if board.kind in ("sim", "native"):
        pytest.skip("the heap is this machine's own memory")
    code = """
        hoard = None
        try:
            while True:
                hoard = (hoard, 1.5)
        except MemoryError:
            while hoard:
                hoard = hoard[0]
            print("caught")
    """
    assert run(textwrap.dedent(code), timeout=600) == (0, b"caught\n", b"")
    check_goes_on(run)
