"""The last answers are remembered, and no others."""

from findings.core.lately import lately


def test_the_last_answers_are_remembered_by_what_was_asked():
    asked: list[tuple[str, str]] = []

    @lately(2)
    def answer(text: str, kind: str = "") -> str:
        asked.append((text, kind))
        return text.upper()

    assert [answer("a"), answer("b"), answer("a"), answer("".join(["b"]))] == ["A", "B", "A", "B"]
    assert asked == [("a", ""), ("b", "")]
    answer("a", "x")
    answer("a", kind="x")
    assert asked[2:] == [("a", "x"), ("a", "x")]
    answer("b")
    assert asked[4:] == [("b", "")]


def test_what_fails_is_asked_again():
    tries = []

    @lately(2)
    def fails_once(text: str) -> int:
        tries.append(text)
        return 1 // (len(tries) - 1)

    for _ in range(2):
        try:
            fails_once("a")
        except ZeroDivisionError:
            continue
    assert tries == ["a", "a"] and fails_once("a") == 1 and len(tries) == 2
