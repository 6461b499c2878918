"""Which addresses of repositories may be followed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.core.addresses import SLUG_LENGTH, check, is_remote, slug_for
from findings.core.types import FormatError

ALLOWED = ("https", "ssh", "git")


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example.com/teams/shop.git",
        "https://git.example.com:8443/shop",
        "ssh://git@git.example.com/shop.git",
        "ssh://git@[2001:db8::1]:22/shop.git",
        "git@git.example.com:teams/shop.git",
        "git://git.example.com/shop.git",
    ],
)
def test_addresses_on_the_network_are_taken_as_they_are(url):
    assert is_remote(url)
    assert check(f" {url} ", ALLOWED) == url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ext::sh -c touch% owned", "helper programs"),
        ("ext::sh", "helper programs"),
        ("fd::7", "helper programs"),
        ("--upload-pack=touch owned", "not an address"),
        ("-c", "not an address"),
        ("", "not an address"),
        ("https://a.example/\nb", "not an address"),
        ("https://a.example/a b", "not an address"),
        ("https://a.example/" + "x" * 500, "not an address"),
        ("/srv/git/shop.git", "not an address"),
        ("../shop", "not an address"),
        ("shop", "not an address"),
        ("file:///srv/git/shop.git", "file:// is not allowed"),
        ("http://a.example/shop", "http:// is not allowed"),
        ("https:///shop", "no host"),
        ("ssh://-oProxyCommand=touch/shop", "no host"),
        ("https://[bad/shop", "not an address"),
        ("https://ada:hunter2@a.example/shop", "holds a password"),
    ],
)
def test_what_git_could_take_for_something_else_is_refused(url, why):
    with pytest.raises(FormatError, match=why) as refusal:
        check(url, ALLOWED)
    assert "hunter2" not in str(refusal.value)


def test_only_the_allowed_protocols_pass():
    with pytest.raises(FormatError, match=r"expected https://host/path$"):
        check("git@a.example:shop", ("https",))


@pytest.mark.parametrize("path", ["/srv/git/shop.git", "./shop", "shop", "C:\\shop", "~/shop"])
def test_paths_are_no_addresses(path):
    assert not is_remote(path)


@pytest.mark.parametrize(
    ("address", "slug"),
    [
        ("https://git.example.com/teams/The Shop.git", "the-shop"),
        ("git@git.example.com:shop.git", "shop"),
        ("/srv/work/shop/.git", "shop"),
        ("/srv/work/shop/", "shop"),
        ("https://git.example.com/商店.git", ""),
    ],
)
def test_a_slug_is_made_of_the_last_part(address, slug):
    assert slug_for(address) == slug


@given(st.text(max_size=80))
def test_any_text_is_taken_or_refused_and_what_is_taken_is_no_option(text):
    try:
        url = check(text, ALLOWED)
    except FormatError:
        return
    assert not url.startswith("-")
    assert "::" not in url.split("[")[0]
    slug = slug_for(url)
    assert len(slug) <= SLUG_LENGTH
