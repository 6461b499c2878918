"""The time zones of the world."""

import zoneinfo

NO_PLACE = {"localtime", "Factory"}  # what a machine has beside them: its own zone, and none
ZONES = sorted(zoneinfo.available_timezones() - NO_PLACE)
