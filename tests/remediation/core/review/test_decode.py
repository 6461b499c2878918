"""Bytes of an upload become text, or a clear error."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findings.core.types import FormatError
from remediation.core.review import decode, encodings

CHINESE = "# 审查报告\n\n数据库密码写在仓库里，必须马上轮换。\n第二行：没有备份。\n"


def test_utf_8_with_or_without_a_mark_is_taken_as_it_is():
    assert decode(CHINESE.encode()) == (CHINESE, [])
    assert decode(CHINESE.encode("utf-8-sig")) == (CHINESE, [])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_marked_wide_encodings_are_read_without_ado(encoding):
    assert decode(CHINESE.encode(encoding)) == (CHINESE, [])


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_read_and_said(encoding):
    text, notices = decode("# A review in plain words\n".encode(encoding))
    assert text == "# A review in plain words\n"
    assert "UTF-16" in notices[0].message


def test_gb18030_is_read_and_said():
    text, notices = decode(CHINESE.encode("gb18030"))
    assert text == CHINESE
    assert "GB18030" in notices[0].message


TAIWAN = "# 架構審查報告\n\n資料庫密碼寫在儲存庫裡，必須立刻輪換。\n第二行：沒有備份，影響所有服務。\n"
JAPAN = "# レビュー\n\nデータベースのパスワードがリポジトリに書かれています。すぐに交換してください。\n"
WESTERN = "# Prüfbericht\n\nDas Passwort muss sofort geändert werden. Für jede Abfrage – “öffnen”.\n"
WRITTEN = [
    (CHINESE, "gb18030"),
    (CHINESE, "utf-16-le"),
    (TAIWAN, "big5"),
    (TAIWAN, "utf-16-be"),
    (JAPAN, "cp932"),
    (JAPAN, "utf-16-le"),
    (WESTERN, "cp1252"),
    ("# P0\n\n没有备份\n", "gb18030"),
    ("# P0\n\n沒有備份\n", "big5"),
]


@pytest.mark.parametrize(("text", "encoding"), WRITTEN)
def test_what_a_report_is_written_in_is_told_by_what_is_written_often(text, encoding):
    data = text.encode(encoding)
    assert encodings(data)[0] == encoding
    assert decode(data)[0] == text
    assert len(decode(data)[1]) == 1


@pytest.mark.parametrize(("text", "encoding"), WRITTEN)
def test_a_report_is_read_in_any_encoding_that_is_offered_for_it(text, encoding):
    data = text.encode(encoding)
    assert {decode(data, name)[0] == text for name in encodings(data) if name == encoding} == {True}
    for name in set(encodings(data)) - {encoding, "utf-8"}:
        assert decode(data, name)[0] != text


def test_there_is_no_choice_where_a_report_says_what_it_is():
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        assert len(encodings(CHINESE.encode(encoding))) == 1
    assert encodings(b"plain words\n") == ["utf-8"]


def test_text_that_was_encoded_twice_is_repaired_with_the_line_it_begins_on():
    garbled = "# Report\n" + "影响：所有密码".encode().decode("latin-1") + "\nplain\n"
    text, notices = decode(garbled.encode())
    assert text == "# Report\n影响：所有密码\nplain\n"
    assert [n.line for n in notices] == [2]


def test_windows_quotes_that_were_encoded_twice_are_repaired():
    assert (
        decode("It’s “fine”".encode().decode("cp1252", "replace").replace("\ufffd", "\x9d").encode())[0]
        == "It’s “fine”"
    )


def test_good_text_with_accents_is_left_alone():
    text = "Café: naïve façade, über Ärger, Ã alone\n"
    assert decode(text.encode()) == (text, [])


def test_nuls_are_removed_and_line_ends_made_one():
    text, notices = decode(b"one\r\ntwo\rth\0ree" + b" and more words" * 20)
    assert text.startswith("one\ntwo\nthree")
    assert "NUL" in notices[0].message


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, b"\xff\xfe\x00", b"\xfe\xe3\xa0\xff" * 40]
)
def test_binary_is_refused_with_what_was_expected(data):
    with pytest.raises(FormatError):
        decode(data)


def test_a_huge_file_is_refused():
    with pytest.raises(FormatError, match="at most"):
        decode(b"a" * 5_000_001)


def test_a_few_bad_bytes_are_replaced_and_told():
    text, notices = decode(b"words " * 100 + b"\n\xff\n" + b"words " * 100)
    assert "\ufffd" in text
    assert notices[0].line == 2


@settings(max_examples=150)
@given(st.binary(max_size=300))
def test_any_bytes_give_text_or_a_format_error(data):
    try:
        text, _ = decode(data)
    except FormatError:
        return
    assert "\0" not in text and "\r" not in text


@settings(max_examples=100)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x9FFF, exclude_categories=["Cs", "Cc"]), max_size=80))
def test_decoding_twice_changes_nothing_more(text):
    try:
        once, _ = decode(text.encode())
        again, notices = decode(once.encode())
    except FormatError:
        return
    assert again == once or notices
