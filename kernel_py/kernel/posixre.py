# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Regular expressions of POSIX, basic and extended, on Python's `re`.

    pattern = posixre.compile(r"\\(a\\|ab\\)*c")
    match = pattern.search("xabac")         # a match object of re

They are what `ed` and `grep` speak.  The operators that GNU adds to basic ones are there too:
\\+ \\? \\| \\< \\> \\b \\B \\w \\W \\s \\S.  POSIX wants the longest of the leftmost matches, `re`
takes the first that it finds: where the two can differ (an alternative, a repeated group), the
longest is looked for.
"""

import re

_CLASSES = {
    "alpha": r"[^\W\d_]",
    "digit": "[0-9]",
    "alnum": r"[^\W_]",
    "upper": "[A-Z]",
    "lower": "[a-z]",
    "space": r"[ \t-\r]",
    "blank": r"[ \t]",
    "punct": r"[!-/:-@\[-`{-~]",
    "print": r"[^\x00-\x1f\x7f]",
    "graph": r"[^\x00-\x20\x7f]",
    "cntrl": r"[\x00-\x1f\x7f]",
    "xdigit": "[0-9A-Fa-f]",
}
_GNU = {
    "<": r"\b(?=\w)",
    ">": r"\b(?<=\w)",
    "b": r"\b",
    "B": r"\B",
    "w": r"\w",
    "W": r"\W",
    "s": r"\s",
    "S": r"\S",
    "`": r"\A",
    "'": r"\Z",
}
_LOOKING_AHEAD = "<>bB'"
_REPEAT_MAX = 32767


class PatternError(ValueError):
    """A regular expression that POSIX does not allow; the text is that of the C library."""


class Pattern:
    """A compiled regular expression."""

    def __init__(self, text, *, extended=False, ignore_case=False):
        translator = _Translator(text, extended)
        translated = translator.translate()
        try:
            self._compiled = re.compile(translated, re.IGNORECASE if ignore_case else 0)
        except (re.error, OverflowError, RecursionError) as error:
            raise PatternError(f"Invalid regular expression ({error})") from None
        self.groups = self._compiled.groups
        self._longest = translator.ambiguous and not translator.looks_ahead

    def search(self, string, start=0, *, at_start=True):
        """The leftmost match from an index on, the longest of those; or None.

        at_start: False if the beginning of the string is no place for ^
        """
        match = self._compiled.search(string, start)
        if match is not None and not at_start and not start and self._anchored(match, string):
            match = self._compiled.search(string, 1)
        if match is None or not self._longest:
            return match
        for end in range(len(string), match.end(), -1):
            longer = self._compiled.fullmatch(string, match.start(), end)
            if longer is not None:
                return longer
        return match

    def _anchored(self, match, string):
        """True if a match at the beginning would be none elsewhere: it takes a ^."""
        return not match.start() and self._compiled.match("\n" + string, 1) is None


def compile(text, **options):
    """Returns the Pattern of a regular expression.  PatternError if it is none."""
    return Pattern(text, **options)


class _Translator:
    def __init__(self, text, extended):
        self._text = text
        self._at = 0
        self._extended = extended
        self._groups = 0
        self._closed = set()  # groups that a \1 may refer to
        self.ambiguous = False
        self.looks_ahead = False

    def translate(self):
        result = self._alternatives(0)
        if self._at < len(self._text):
            raise PatternError("Unmatched ) or \\)" if self._extended else "Unmatched ( or \\(")
        return result

    def _operator(self, char):
        """True if this operator stands here; in basic ones it has a backslash."""
        if self._extended:
            return self._text.startswith(char, self._at)
        return self._text.startswith("\\" + char, self._at)

    def _skip_operator(self):
        self._at += 1 if self._extended else 2

    def _alternatives(self, depth):
        parts = [self._sequence(depth)]
        while self._operator("|"):
            self._skip_operator()
            self.ambiguous = True
            parts.append(self._sequence(depth))
        return "|".join(parts)

    def _sequence(self, depth):
        text = self._text
        pieces = []
        fresh = True  # nothing has come yet that a * could repeat
        while self._at < len(text):
            if self._operator("|") or (self._operator(")") and (depth or not self._extended)):
                break
            char = text[self._at]
            if char == "^" and (fresh and not pieces or self._extended):
                self._at += 1
                pieces.append("^")
                continue
            if char == "$" and self._dollar_is_anchor():
                self._at += 1
                self.looks_ahead = True
                pieces.append(r"\Z")
                fresh = False
                continue
            if fresh and self._repeat_begins():
                if char == "*" or self._extended and char in "+?{":
                    atom = re.escape(char)
                    self._at += 1
                else:
                    if text[self._at + 1] == "{":
                        raise PatternError("Invalid preceding regular expression")
                    atom = re.escape(text[self._at + 1])
                    self._at += 2
                group = False
            else:
                atom, group = self._atom(depth)
            fresh = False
            pieces.append(self._repeated(atom, group))
        return "".join(pieces)

    def _dollar_is_anchor(self):
        if self._extended:
            return True
        rest = self._text[self._at + 1 :]
        return not rest or rest.startswith(("\\)", "\\|"))

    def _repeat_begins(self):
        if self._text.startswith("*", self._at):
            return True
        return any(self._operator(char) for char in "+?{")

    def _repeated(self, atom, group):
        """The atom with all that follows to repeat it."""
        count = 0
        while self._at < len(self._text) and self._repeat_begins():
            if self._text[self._at] == "*":
                self._at += 1
                suffix = "*"
            elif self._operator("{"):
                suffix = self._interval()
                if suffix is None:
                    break
            else:
                self._skip_operator()
                suffix = self._text[self._at - 1]
            atom = f"(?:{atom})" if count else atom
            atom += suffix
            count += 1
        if count and group or count > 1:
            self.ambiguous = True
        return atom

    def _interval(self):
        text = self._text
        start = self._at + (1 if self._extended else 2)
        close = text.find("}" if self._extended else "\\}", start)
        if close < 0:
            if self._extended:
                return None
            raise PatternError("Unmatched \\{")
        low, comma, high = text[start:close].partition(",")
        valid = (low.isdigit() or (not low and comma)) and (high.isdigit() or not high)
        if not (valid and text[start:close].isascii()):
            if self._extended:
                return None
            raise PatternError("Invalid content of \\{\\}")
        least = int(low or 0)
        most = int(high) if high else None if comma else least
        if most is not None and most < least:
            raise PatternError("Invalid content of \\{\\}")
        if max(least, most or 0) > _REPEAT_MAX:
            raise PatternError("Regular expression too big")
        self._at = close + (1 if self._extended else 2)
        return f"{{{least},{'' if most is None else most}}}"

    def _atom(self, depth):
        """One thing that can be repeated; and whether it is more than one character."""
        text = self._text
        char = text[self._at]
        if self._operator("("):
            self._skip_operator()
            self._groups += 1
            number = self._groups
            inner = self._alternatives(depth + 1)
            if not self._operator(")"):
                raise PatternError("Unmatched ( or \\(")
            self._skip_operator()
            self._closed.add(number)
            return f"({inner})", True
        self._at += 1
        if char == ".":
            return r"[\s\S]", False
        if char == "[":
            return self._bracket(), False
        if char != "\\":
            return re.escape(char), False
        if self._at == len(text):
            raise PatternError("Trailing backslash")
        char = text[self._at]
        self._at += 1
        if char in "123456789":
            if int(char) not in self._closed:
                raise PatternError("Invalid back reference")
            return f"(?:\\{char})", True
        if char in _GNU:
            if char in _LOOKING_AHEAD:
                self.looks_ahead = True
            return f"(?:{_GNU[char]})", False
        return re.escape(char), False

    def _bracket(self):
        text = self._text
        negated = text.startswith("^", self._at)
        self._at += negated
        single = []  # for one class of Python's
        named = []
        first = True
        while True:
            if self._at >= len(text):
                raise PatternError("Unmatched [, [^, [:, [., or [=")
            if text[self._at] == "]" and not first:
                self._at += 1
                break
            first = False
            if text.startswith("[:", self._at):
                name = self._named(":")
                if name not in _CLASSES:
                    raise PatternError("Invalid character class name")
                named.append(_CLASSES[name])
                continue
            low = self._bracket_char()
            after = text[self._at + 1 : self._at + 2]
            if text.startswith("-", self._at) and after not in ("", "]"):
                self._at += 1
                high = self._bracket_char()
                if high < low:
                    raise PatternError("Invalid range end")
                single.append(f"{re.escape(low)}-{re.escape(high)}")
            else:
                single.append("\\^" if low == "^" else re.escape(low))
        if negated and not named:
            return f"[^{''.join(single)}]"
        parts = named + ([f"[{''.join(single)}]"] if single else [])
        union = parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"
        return f"(?:(?!{union})[\\s\\S])" if negated else union

    def _bracket_char(self):
        text = self._text
        if text.startswith(("[.", "[="), self._at):
            char = self._named(text[self._at + 1])
            if len(char) != 1:
                raise PatternError("Invalid collation character")
            return char
        self._at += 1
        return text[self._at - 1]

    def _named(self, mark):
        end = self._text.find(mark + "]", self._at + 2)
        if end < 0:
            raise PatternError("Unmatched [, [^, [:, [., or [=")
        name = self._text[self._at + 2 : end]
        self._at = end + 2
        return name
