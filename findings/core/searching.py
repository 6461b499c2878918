"""What somebody types into a search field, in the terms that the database indexes (its function `findings_words`)."""

import re

CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_words = re.compile(rf"[{CJK}]+|[^\W_{CJK}]+")
_humps = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_pieces = re.compile(r"([^/._<>& -]+)([/._<>& -]?)")  # what stands between the marks that `findings_words` divides at
MOST = 12  # words of one search


def terms(text: str, most: int = MOST) -> list[str]:
    """The words of a text as the index knows them: in lower case, identifiers in their parts; of Chinese, Japanese and
    Korean every pair of neighbouring characters.
    """
    found: list[str] = []
    for word in _words.findall(_humps.sub(" ", text)):
        if re.match(f"[{CJK}]", word):
            found += [word[n : n + 2] for n in range(max(len(word) - 1, 1))]
        else:
            found.append(word.lower())
    return list(dict.fromkeys(found))[:most]


def query(text: str) -> str:
    """A text as a tsquery: every word has to be there, each as the beginning of one. "" for a text without words.

    A single letter stands for itself alone: what begins with it is most of everything.
    """
    return " & ".join(_beginning(word, letter="") for word in terms(text))


def letters(text: str) -> list[str]:
    """What every text with these words has in it as it stands, but for large letters."""
    return [word for word in terms(text) if word.isascii() or re.match(f"[{CJK}]", word)]


def has(title: str, text: str) -> bool:
    """Whether a title has every word of a text, each as the beginning of one. A text without words is in none."""
    known, words = terms(title, len(title)), terms(text)
    return bool(words) and all(any(_begins(one, word) for one in known) for word in words)


def _begins(word: str, beginning: str) -> bool:
    return word == beginning if len(beginning) == 1 and beginning.isascii() else word.startswith(beginning)


def within(path: str) -> str:
    """A part of a path as a tsquery: as `query`, but that a letter may begin a word too, and that a word is a whole one
    where the path goes on behind it. That makes an index quick: what begins with "services" is half of everything.
    """
    found: dict[str, str] = {}
    for piece in _pieces.finditer(path):
        words = terms(piece[1])
        for word in words:
            whole = word is words[-1] and piece[2] and word.isascii()
            found.setdefault(word, f"'{word}'" if whole else _beginning(word))
    return " & ".join(list(found.values())[:MOST])


def _beginning(word: str, letter: str = ":*") -> str:
    return f"'{word}'" + (letter if len(word) == 1 and word.isascii() else ":*")
