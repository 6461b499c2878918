"""What somebody types into a search field, in the terms that the database indexes (its function `findings_words`)."""

import re

CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_words = re.compile(rf"[{CJK}]+|[^\W_{CJK}]+")
_humps = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
MOST = 12  # words of one search


def terms(text: str) -> list[str]:
    """The words of a text as the index knows them: in lower case, identifiers in their parts; of Chinese, Japanese and
    Korean every pair of neighbouring characters.
    """
    found: list[str] = []
    for word in _words.findall(_humps.sub(" ", text)):
        if re.match(f"[{CJK}]", word):
            found += [word[n : n + 2] for n in range(max(len(word) - 1, 1))]
        else:
            found.append(word.lower())
    return list(dict.fromkeys(found))[:MOST]


def query(text: str, *, letters: bool = False) -> str:
    """A text as a tsquery: every word has to be there, each as the beginning of one. "" for a text without words.

    A single letter stands for itself alone, unless `letters`: what begins with it is most of everything.
    """
    short = "" if not letters else ":*"
    return " & ".join(f"'{word}'" + (short if len(word) == 1 and word.isascii() else ":*") for word in terms(text))
