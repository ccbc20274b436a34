# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

"""A synthetic mix in the manner of Dhrystone: records, procedures, globals, strings, arrays."""

from enum import IntEnum

ROUNDS = 1500
EXPECTED = (7, 5, 12, "B", 40, True)


class Kind(IntEnum):
    FIRST = 1
    SECOND = 2
    THIRD = 3


class Record:
    def __init__(self, following=None, kind=Kind.FIRST, number=0, text=""):
        self.following = following
        self.kind = kind
        self.number = number
        self.text = text

    def copy(self):
        return Record(self.following, self.kind, self.number, self.text)


TEXT_A = "SYNTHETIC PROGRAM, THE FIRST STRING"
TEXT_B = "SYNTHETIC PROGRAM, THE OTHER STRING"

vector = [0] * 50
matrix = [[0] * 50 for _ in range(50)]
flag = False
letter = "A"


def fill(row, column, start):
    place = row + 3
    vector[place] = start
    vector[place + 1] = vector[place]
    vector[place + 30] = place
    for column in range(place, place + 2):
        matrix[place][column] = place
    matrix[place][place - 1] += 1
    matrix[place + 20][place] = vector[place]


def exchange(record):
    following = record.following
    record.following = following.copy()
    record.following.number = record.number = 5
    if following.kind == Kind.FIRST:
        record.following.number = 6
        record.following.kind = choose(record.kind)
        record.following.number = combine(record.following.number, 10)
    return record.following


def choose(kind):
    if kind is Kind.FIRST:
        return Kind.SECOND
    return Kind.FIRST if kind == Kind.SECOND else Kind.THIRD


def combine(left, right):
    return left + 2 + right


def same(left, right):
    index = 1
    while index <= 1:
        if left[index] == right[index + 1]:
            index += 1
        else:
            return left > right
    return True


def mark():
    global flag, letter
    flag = letter == "A" or flag
    letter = "B"


def run(n):
    global letter
    matrix[8][7] = 0
    tail = Record()
    head = Record(tail, Kind.FIRST, 40, TEXT_A)
    for _ in range(n):
        letter = "A"
        mark()
        first, second = 2, 3
        is_new = not same(TEXT_A, TEXT_B)
        while first < second:
            third = 5 * first - second
            third = combine(first, second)
            first += 1
        fill(5, first, third)
        head.following = tail
        head.number = 40
        changed = exchange(head.copy())
        for character in "ABC"[: 1 + ord(letter) - ord("A")]:
            if character == "C":
                changed.kind = Kind.THIRD
        second = second * first
        first = second // third
        second = 7 * (third - second) + first * 12
    return third, head.copy().number // 8, first * 12, letter, head.number, is_new
