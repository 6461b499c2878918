"""Amounts of money as reports print them: symbols, ranges, thousands, per month or year."""

import re
from dataclasses import dataclass
from decimal import Decimal

from remediation.core.review.notes import COMMA, DECIMAL_COMMA, NO_AMOUNT, POINT
from remediation.core.review.words import clean, fold

CURRENCIES: tuple[tuple[str, str], ...] = (
    (r"us\$|usd|美元|美金", "USD"),
    (r"nt\$|twd|新台币|台币", "TWD"),
    (r"hk\$|hkd|港币|港元", "HKD"),
    (r"a\$|aud", "AUD"),
    (r"c\$|cad", "CAD"),
    (r"r\$|brl", "BRL"),
    (r"s\$|sgd", "SGD"),
    (r"€|eur\b|欧元", "EUR"),
    (r"£|gbp|英镑", "GBP"),
    (r"₹|inr", "INR"),
    (r"₩|krw", "KRW"),
    (r"chf", "CHF"),
    (r"jpy|日元|円", "JPY"),
    (r"¥|rmb|cny|人民币|元", "CNY"),
    (r"\$", "USD"),
)
"""The first that stands in a cell. "¥" is read as CNY unless the table says yen."""

UNITS: tuple[tuple[str, Decimal], ...] = (
    (
        r"/ ?(?:yr|year|annum|a\b|年)|per (?:year|annum)|\bannual"
        r"|\byearly|每年|年(?:成本|费用|费|度|支出)|\bp\.?a\.?\b",
        Decimal(12),
    ),
    (r"/ ?(?:quarter|季度?)|per quarter|\bquarterly|每季度?", Decimal(3)),
    (r"/ ?(?:mo\b|month|m\b|月)|per month|\bmonthly|每月|月(?:成本|费用|费|度|支出)", Decimal(1)),
)
NOT_MONTHLY = re.compile(
    r"/ ?(?:(?:h|hr|hour|day|d|week|wk|gb|tb|request|user)(?![a-z])|小时|天|日|周|次)"
    r"|per (?:hour|day|week|gb|request|user)|hourly|daily"
)
UNKNOWN = re.compile(r"tbd|tba|unknown|n/?a|待定|未知|不详|[?？]+|[-–—]*")
FREE = re.compile(r"free|none|免费|无|零")
NUMBER = re.compile(r"(?<![\w.])\d[\d.,'’  ]{0,14}(?:\s*(?:k|m|千|万|百万)\b|(?<=\d)(?:千|万|百万))?", re.I)
RANGE = re.compile(r"\d\s*[km千万]?\s*(?:-|–|—|~|to|至|到)\s*[^\d\s]{0,4}\s*\d")
SCALES = {"k": 1000, "千": 1000, "万": 10_000, "m": 1_000_000, "百万": 1_000_000}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount per month: `low` and `high` differ for a range and are None where it is not known. `note` says what
    was done to it, `doubt` what may be read in two ways.
    """

    low: Decimal | None
    high: Decimal | None
    currency: str = ""
    note: str = ""
    doubt: str = ""


def currency_of(text: str) -> str:
    """The ISO 4217 code of the first currency a text names, or ""."""
    folded = fold(text)
    return next((code for pattern, code in CURRENCIES if re.search(pattern, folded)), "")


def months_of(text: str) -> Decimal | None:
    """The months that an amount so described covers, None where the text does not say."""
    folded = fold(text)
    return next((months for pattern, months in UNITS if re.search(pattern, folded)), None)


def read_money(cell: str, comma: bool = False, months: Decimal = Decimal(1)) -> Money | None:
    """The amount in a table cell, None where it holds no amount. `comma`: the table writes decimals with a comma;
    `months` is what its header says an amount covers.
    """
    text = fold(clean(cell)).replace("**", "").replace("`", "")
    currency = currency_of(text)
    if UNKNOWN.fullmatch(text):
        return Money(None, None)
    if FREE.fullmatch(text):
        return Money(Decimal(0), Decimal(0))
    if NOT_MONTHLY.search(text):
        return Money(None, None, currency, doubt=NO_AMOUNT)
    covered = months_of(text) or months
    bare = re.sub(r"\([^)]*\)|（[^）]*）", " ", text)
    read = [_number(m.group(), comma) for m in NUMBER.finditer(bare)][:2]
    if not read:
        return None
    if not RANGE.search(bare):
        read = read[:1]
    values = [_cents(value / covered) for value, _ in read]
    note = f"{cell.strip()} over {covered} months" if covered != 1 else ""
    return Money(min(values), max(values), currency, note, next((doubt for _, doubt in read if doubt), ""))


def uses_comma(cells: list[str]) -> bool:
    """Whether some cell can only be read with a decimal comma ("1.234,50", "12,5")."""
    found = [m.group().strip() for c in cells for m in NUMBER.finditer(fold(c))]
    return any(re.search(r"\.\d{3},\d{1,2}\b", n) or re.fullmatch(r"\d+,\d{1,2}", n) for n in found)


def _number(text: str, comma: bool) -> tuple[Decimal, str]:
    """The value of digits with separators, and what may be doubted about it."""
    scale = 1
    digits = re.sub(r"[\s'’  ]", "", text.strip())
    for name, factor in SCALES.items():
        if digits.endswith(name):
            digits, scale = digits.removesuffix(name), factor
    digits = digits.strip(".,")
    doubt = ""
    dot, mark = digits.rfind("."), digits.rfind(",")
    if dot >= 0 and mark >= 0:
        if mark > dot:
            digits, doubt = digits.replace(".", "").replace(",", "."), DECIMAL_COMMA
        else:
            digits = digits.replace(",", "")
    elif mark >= 0:
        thousands = re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+", digits)
        if thousands and comma and digits.count(",") == 1:
            doubt = COMMA
        if not thousands:
            doubt = DECIMAL_COMMA
        digits = digits.replace(",", "") if thousands or digits.count(",") > 1 else digits.replace(",", ".")
    elif re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3})+", digits) and (comma or digits.count(".") > 1):
        digits = digits.replace(".", "")
    elif re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", digits):
        doubt = POINT
    if digits.count(".") > 1:
        digits = digits.replace(".", "")
    return Decimal(digits) * scale, doubt


def _cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01")).normalize() + 0
