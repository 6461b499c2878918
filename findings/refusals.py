"""Why a file or an address cannot be taken (`FormatError`), as the reader speaks. Machines get these texts in English,
and so they are stored; a page finds here which of our sentences one is, and what stands in it.
"""

import re
from functools import cache

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from findings.words import apart, translated

# What is wrong, what was expected, and where: all that the readers of files say, with names for what is put in.
SAID = (
    _("missing"),
    _("found %(what)s"),
    _("found no object"),
    _("not JSON: %(why)s"),
    _("not JSON"),
    _("nested too deeply"),
    _("holds a number that is too long"),
    _("one value that is too large"),
    _("a member that is given twice"),
    _("%(what)s is not known here"),
    _("more than %(n)s results"),
    _("more than %(n)s runs"),
    _("another version of SARIF"),
    _("another format"),
    _("no usable name of a tool"),
    _("no usable name of a rule"),
    _("a rule id of %(n)s characters"),
    _("a path of %(n)s characters"),
    _("no rule %(n)s"),
    _("no artifact %(n)s"),
    _("bases that refer to each other"),
    _("no whole number"),
    _("a priority that is none"),
    _("no usable row of names"),
    _("not CSV: %(why)s"),
    _("a line that is too long"),
    _("another word than yes or no"),
    _("%(n)s cells"),
    _("packed by gzip more than %(n)s times"),
    _("gzip data that stops in the middle"),
    _("damaged gzip data"),
    _("nothing in it but gzip's packing, or damaged gzip data"),
    _("not %(name)s text"),
    _("larger than %(n)s MiB"),
    _("an empty file"),
    _("an empty list, which any tool may have written"),
    _("not a known kind of file"),
    _("%(what)s is not read"),
    _("a table of %(names)s"),
    _("a summary of failed checks without them"),
    _("a summary without its checks"),
    _("schema %(n)s"),
    _("nothing that Trivy reports"),
    _("%(name)s is not a format we know"),
    _("the report is of our own scanner, and this repository is scanned here"),
    _("the report is of branch %(name)s"),
    _("a review that is too large"),
    _("the report holds no run of any tool"),
    _("The text is nested too deeply"),
    _("The file has %(n)s bytes"),
    _("The file is not text"),
    _("The file is binary"),
    _("The file is not UTF-8 text"),
    _("The file says it is %(name)s, but is not"),
    _("Redaction changed the number of lines"),
    _("not a cost file we know"),
    _("not a format we know"),
    _("this is an AWS Cost and Usage Report"),
    _("the file is empty"),
    _("the file holds no costs"),
    _("no single currency in the header"),
    _("the FOCUS column %(name)s is missing"),
    _("no currency"),
    _("the file does not say when it was made"),
    _("not an object"),
    _("not a list"),
    _("the JSON is nested too deeply"),
    _("the column %(name)s is missing"),
    _("the column %(name)s is there twice"),
    _("not a kind of cost"),
    _("the file mixes kinds of cost"),
    _("not a month"),
    _("the file is too large"),
    _("the row has %(n)s cells"),
    _("the amount can be read in two ways"),
    _("not an amount"),
    _("the amount is too large"),
    _("the file is not UTF-8 text"),
    _("the gzip file ends too early"),
    _("the gzip file is damaged"),
    _("the cell is empty"),
    _("not a currency"),
    _("not a CSV table (%(why)s)"),
    _("the date can be read in two ways"),
    _("the account's name is too long"),
    _("git's helper programs (such as ext::) are never run"),
    _("not an address of a repository"),
    _("%(name)s is not allowed"),
    _("no host in the address"),
    _("the address holds a password"),
)
EXPECTED = (
    _("an object"),
    _("an array"),
    _("a string"),
    _("a number"),
    _("a whole number"),
    _("true or false"),
    _("an object with failed checks"),
    _("the whole report, with results.failed_checks"),
    _("the framework that was checked"),
    _("JSON of ordinary depth"),
    _("JSON with ordinary numbers"),
    _("%(n)s characters at most"),
    _("at most %(n)s characters"),
    _("at most %(n)s MiB unpacked"),
    _("at most %(n)s MiB"),
    _("1 to %(n)s characters"),
    _("each name once"),
    _("an array of findings"),
    _("an array of results"),
    _("an array of runs"),
    _("a number of a line, from 1"),
    _("P0, P1 or P2"),
    _("the columns rule and path, each column once"),
    _("the columns rule and path (may be there too: %(names)s)"),
    _("comma-separated values"),
    _("yes or no"),
    _("the name of the tool"),
    _("%(n)s, as the first line has"),
    _("%(n)s, as the header has"),
    _("%(name)s, as in the rows above"),
    _("a smaller report"),
    _("a smaller run"),
    _("several files"),
    _("a run"),
    _("an object with a driver"),
    _("an object with a name"),
    _("an index below %(n)s, or a ruleId"),
    _("an index below %(n)s"),
    _("a file packed once"),
    _("an intact gzip file"),
    _("an intact report"),
    _("UTF-8 or UTF-16"),
    _("a smaller file, or several"),
    _("a report: where a tool found nothing, it still says that it ran"),
    _("a format that is named: %(names)s"),
    _("schema 2, or the list of schema 1"),
    _("Target, with %(names)s"),
    _("a chain that ends"),
    _("%(address)s, at most %(n)s characters"),
    _("one without: keep the login in ~/.netrc of the account that runs the workers, or use ssh"),
    _("what a person could write"),
    _("a report of at most %(n)s bytes"),
    _("Markdown in UTF-8"),
    _("Markdown in UTF-8, UTF-16 or GB18030"),
    _("each line to stay where it is"),
    _("one of %(names)s"),
    _("the same data exported as FOCUS 1.0 or later"),
    _("a cost file"),
    _("at least one amount"),
    _('one currency, as in "Total costs($)"'),
    _("an ISO 4217 code such as USD"),
    _("a date, or a month given with it"),
    _("a JSON object"),
    _("a JSON list"),
    _("billed, estimate or plan"),
    _("different column names"),
    _("a number such as 1234 or 1.234"),
    _("a number such as 1234.50, with a point for decimals"),
    _("less than %(n)s"),
    _("a whole gzip file"),
    _("a value"),
    _("a month or a date such as 2025-10 or 2025-10-01"),
    _("the report of another tool, or a scan"),
    _("the tracked branch %(name)s: findings of other branches are not followed"),
    _("the report itself, unpacked or packed by gzip"),
    _("the report as the tool writes it"),
    _("the report; such a page often asks to sign in first"),
    _("SARIF, which most tools write beside XML"),
    _("each of them in a file of its own"),
    _("SARIF or CSV"),
    _("the report of a scanner"),
    _("at most %(n)s"),
)
WHERE = (
    _("the file"),
    _("the end of the file"),
    _("byte %(n)s"),
    _("line %(n)s column %(column)s"),
    _("line %(n)s, column %(column)s"),
    _("line %(n)s, priority"),
    _("line %(n)s"),
    _("%(file)s, line %(n)s"),
)
# Values that are words themselves: kinds of files, and what the parser of JSON says.
VALUES = (
    _("a ZIP archive"),
    _("an archive of xz"),
    _("an archive of bzip2"),
    _("an archive of zstd"),
    _("a file packed by gzip again and again"),
    _("a PDF document"),
    _("a web page"),
    _("a list of SARIF logs"),
    _("messages of Cargo"),
    _("a list of components (SBOM)"),
    _("JSON of %(name)s"),
    _("Extra data"),
    _("Expecting value"),
    _("Expecting property name enclosed in double quotes"),
    _("Expecting %(mark)s delimiter"),
    _("Unterminated string starting at"),
    _("Invalid control character at"),
)
_PARTS = re.compile(r"(?P<said>.*?)(?:; at (?P<where>.*?))?(?:; expected (?P<expected>.*))?", re.S)
_HOLE = re.compile(r"%\\\((\w+)\\\)s")  # of a template that was escaped


def refused(text: str) -> str:
    """Such a text as the reader speaks, behind the name of its file where that comes first; others' words unchanged."""
    found = _PARTS.fullmatch(text)
    before, said = "", found["said"] if found else text
    while found and not _known(said, SAID):
        name, mark, said = said.partition(": ")
        if not mark:
            return text
        before += name + mark
    if not found:
        return text
    where, expected = _worded(found["where"] or "", WHERE), _worded(found["expected"] or "", EXPECTED)
    parts = [_worded(said, SAID)]
    parts += [gettext("at %(where)s") % {"where": where}] if where else []
    parts += [gettext("expected %(expected)s") % {"expected": expected}] if expected else []
    return before + apart(parts)


def _worded(text: str, among: tuple[str, ...]) -> str:
    """A part of such a text, and what stands in it."""
    known = _known(text, among)
    if not known:
        return text
    template, values = known
    return translated(template) % {name: _worded(value, EXPECTED + VALUES) for name, value in values.items()}


def _known(text: str, among: tuple[str, ...]) -> tuple[str, dict[str, str]] | None:
    """Which of the templates a text was made of, and the values in it."""
    for template, pattern in _patterns(among):
        if found := pattern.fullmatch(text):
            return template, found.groupdict()
    return None


@cache
def _patterns(among: tuple[str, ...]) -> list[tuple[str, re.Pattern[str]]]:
    """Those without holes first: what is said whole is not taken for a filled one."""
    ordered = sorted(among, key=lambda template: "%(" in template)
    return [(one, re.compile(_HOLE.sub(r"(?P<\1>.+)", re.escape(one)), re.S)) for one in ordered]
