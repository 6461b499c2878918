"""Marks texts for translators. The core says everything in English; pages translate what they show."""


def gettext_noop(text: str) -> str:
    """The text as it is. Named as translators' tools look for it."""
    return text
