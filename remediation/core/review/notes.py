"""The words of what a reading of a review has to say, marked for translation; `notice` puts in what they are about."""

from findings.core.types import gettext_noop

LOST = gettext_noop("%(n)s rows of this table were not taken as findings: done, without a priority, or only summed up")
TOLD = gettext_noop("This list sums up what was told before; of its entries not taken as findings: %(n)s")
PRAISED = gettext_noop("“%(title)s” is marked as done or praised: not taken as a finding")
RESOLVED = gettext_noop("“%(title)s” is already resolved: not taken as a finding")
EMPTY = gettext_noop("“%(title)s” stands under a priority but says no place, problem or fix")
BARE = gettext_noop("“%(title)s” has a priority, but says no place, problem or fix")
BY_COLOUR = gettext_noop("“%(title)s” says no priority: %(priority)s was taken from its colour")
HEADING_SAYS = gettext_noop("Its heading says %(claimed)s %(priority)s; %(count)s were read")
REPORT_SAYS = gettext_noop("The report says %(claimed)s %(priority)s; %(count)s were read")
NOTHING = gettext_noop("No findings and no plan were recognised in this report")
MORE = gettext_noop("%(n)s more notices were left out")

REMARK = gettext_noop("“%(title)s” is a remark without a priority: not taken")
NO_PRIORITY = gettext_noop("“%(title)s” has no priority and no item of the plan gives it one: not taken")
NOT_TAKEN = frozenset({REMARK, NO_PRIORITY})
"""What a person who picks it among the candidates has answered."""

NO_AMOUNT = gettext_noop("“%(cell)s” is not an amount per month or year")
DECIMAL_COMMA = gettext_noop("“%(cell)s” is read with a decimal comma")
COMMA = gettext_noop("“%(cell)s” may be thousands or a decimal comma; thousands were taken")
POINT = gettext_noop("“%(cell)s” may be thousands or a decimal point; a decimal point was taken")
UNREAD_AMOUNT = gettext_noop("The amount of “%(name)s” could not be read")
OTHER_CURRENCY = gettext_noop("“%(name)s” is in %(own)s, the table in %(currency)s: left out")
NO_CURRENCY = gettext_noop("The table names no currency: USD was taken")
WRONG_TOTAL = gettext_noop("The table's total says %(printed)s %(currency)s, its rows add up to %(total)s")
ROLES_TAKEN = {
    "baseline": gettext_noop("The cost table does not say if it is current or planned: current was taken"),
    "target": gettext_noop("The cost table does not say if it is current or planned: planned was taken"),
}

NUL = gettext_noop("NUL characters were removed")
UNMARKED = gettext_noop("The file was read as %(name)s without a byte-order mark")
NOT_UTF8 = gettext_noop("The file was read as %(name)s, not UTF-8")
REPLACED = gettext_noop("%(n)s bytes are not UTF-8 and were replaced by �")
REPAIRED = gettext_noop("%(n)s lines were garbled (UTF-8 read as Latin-1) and are repaired")
