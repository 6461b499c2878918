"""English dates: the day before the month, months in three letters."""

MONTH_DAY_FORMAT = "j M"
SHORT_DATE_FORMAT = "j M Y"
SHORT_MONTH_FORMAT = "M Y"
MONTH_FORMAT = "M"
SHORT_DATETIME_FORMAT = "j M Y, H:i"
