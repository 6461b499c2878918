"""The demo's bills: six months per team, computed day by day from prices that change when something is repaired."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

MONTHS = 6
CURRENCY = "USD"
CENT = Decimal("0.01")
# How much more or less is used in a month than on average, in per cent, January first: parcels follow the holidays.
SEASON = (-4, -3, -1, 0, 1, 0, -2, -1, 0, 1, 4, 5)


@dataclass(frozen=True, slots=True)
class Price:
    """What a service costs a month (USD): `first`, and from each day offset of `changes` on, another amount.

    `metered` prices follow the season."""

    first: Decimal
    changes: tuple[tuple[int, Decimal], ...] = ()
    metered: bool = False

    def on(self, offset: int) -> Decimal:
        """The monthly price in force on a day (offset from today)."""
        return next((price for day, price in reversed(self.changes) if day <= offset), self.first)


def price(first: int, *changes: tuple[int, int], metered: bool = False) -> Price:
    """A price in whole dollars."""
    return Price(Decimal(first), tuple((day, Decimal(amount)) for day, amount in changes), metered)


PRICES: Mapping[str, Mapping[str, Price]] = {
    "platform": {
        "Control plane": price(73),
        "Worker nodes": price(410, (-24, 369)),
        "Search cluster": price(285, (-46, 168)),
        "Log and metric storage": price(118, (-42, 41)),
        "Broker storage": price(18, (-22, 54)),
        "Network egress": price(64, metered=True),
        "Backups": price(22),
    },
    "delivery": {
        "Warehouse nodes": price(160, (-23, 118)),
        "Route matrix API": price(240, metered=True),
        "Proof pictures": price(130, (-47, 95)),
    },
}


def csv_text(team: str, today: date) -> str:
    """The bills of a team as CSV (month, service, amount, currency, account): six whole months, the last one past."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("month", "service", "amount", "currency", "account"))
    for first in months(today):
        for service, price_of in PRICES[team].items():
            writer.writerow((f"{first:%Y-%m}", service, amount(price_of, first, today), CURRENCY, f"ternpost-{team}"))
    return out.getvalue()


def months(today: date) -> Iterator[date]:
    """The first days of the six months before the one `today` is in, oldest first."""
    for back in range(MONTHS, 0, -1):
        number = today.year * 12 + today.month - 1 - back
        yield date(number // 12, number % 12 + 1, 1)


def amount(price_of: Price, first: date, today: date) -> Decimal:
    """What a service cost in the month that begins on `first`: the mean of each day's monthly price, to the cent."""
    after = (first + timedelta(days=31)).replace(day=1)
    offsets = range((first - today).days, (after - today).days)
    mean = sum((price_of.on(offset) for offset in offsets), Decimal(0)) / len(offsets)
    if price_of.metered:
        mean += mean * SEASON[first.month - 1] / 100
    return mean.quantize(CENT, ROUND_HALF_UP)
