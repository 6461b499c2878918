"""Code in colours: words by their kinds, nothing lost, nothing that a browser would take for markup."""

import re
from html import unescape

import pytest

from findings.templatetags.highlight import LANGUAGES, MOST, highlighted

RUST = 'fn main() {\n    // greet <b>everybody</b>\n    let name = "Ada & Bob";\n}'


def plain(rows) -> str:
    return unescape("\n".join(re.sub(r"</?span[^>]*>", "", row) for row in rows))


def test_words_of_the_language_comments_and_texts_are_told_apart():
    rows = highlighted(RUST, "crates/greeter/src/main.rs")
    assert '<span class="k">fn</span>' in rows[0]
    assert '<span class="c">// greet &lt;b&gt;everybody&lt;/b&gt;</span>' in rows[1]
    assert '<span class="s">' in rows[2]
    assert '<span class="k">image</span>' in highlighted("image: redis:7", "k8s/a.YAML")[0]


@pytest.mark.parametrize("end", [end for ends in LANGUAGES.values() for end in ends])
@pytest.mark.parametrize(
    "text", [RUST, "\n\n  key: <script>\n\n", "a\x0bb\u2028c\r\nd", "/* never ends\n'nor this", ""]
)
def test_every_language_keeps_the_lines_and_escapes_them(text, end):
    rows = highlighted(text, f"some/where.{end}")
    assert plain(rows) == "\n".join(text.splitlines())
    assert "<" not in re.sub(r'<span class="[cks]">|</span>', "", "".join(rows))


def test_what_is_unknown_or_long_stays_plain():
    assert highlighted(RUST, "notes.txt")[0] == "fn main() {"
    assert "span" not in highlighted(RUST + " " * MOST, "main.rs")[0]
