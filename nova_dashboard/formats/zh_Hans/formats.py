"""Chinese dates and numbers: months as figures; groups of three digits, as engineers write them."""

MONTH_DAY_FORMAT = "n月j日"
SHORT_DATE_FORMAT = "Y年n月j日"
SHORT_MONTH_FORMAT = "Y年n月"
MONTH_FORMAT = "n月"
SHORT_DATETIME_FORMAT = "Y年n月j日 H:i"
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
