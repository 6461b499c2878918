"""Why a file or an address cannot be taken (`FormatError`), and why a scan or a mail failed, as the reader speaks.
Machines get these texts in English, and so they are stored; a page finds here which of our sentences one is, and what
stands in it.
"""

import re
from dataclasses import dataclass
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
# Why a scan, a report that a worker read, or a mail came to nothing. What git or a server said itself stays as it is.
FAILED = (
    _("It is not followed any more."),
    _("Given up: the worker died %(n)s times on this scan."),
    _("Given up: the worker died %(n)s times over this. Is it larger than this machine can read?"),
    _("A disk of the server is full. Nothing was changed; the scan can be asked for again when there is room."),
    _("Something went wrong inside Nova while scanning; the worker's log has the details."),
    _("The findings changed since the preview, so nothing was written. Look at it again."),
    _("Somebody decided about it already; nothing was written."),
    _("The clone lacks the folders of a commit (--filter=tree:0). Clone the repository whole"),
    _("There is no commit %(name)s in this repository"),
    _("The tree of %(name)s has more than %(n)s files"),
    _("git is not installed, or not on PATH"),
    _("git %(name)s did not start"),
    _("git %(name)s ended early"),
    _("%(name)s is not a full object name"),
    _("A repository's address must not be empty, begin with '-' or hold control characters"),
    _("The repository has no commit yet"),
    _("The repository has no branch %(name)s"),
    _("This scan of one old commit was interrupted"),
    _("The branch has no commit since %(day)s"),
    _("%(name)s has no readable date"),
    _("another scan of this repository runs now"),
    _("%(name)s is older than %(other)s, which was scanned already"),
    _("%(name)s is not on the branch %(branch)s, which is the one followed"),
    _("the worker stopped during each try"),
    _("the file is not on this worker's machine any more; nothing was written. Send it again."),
    _("Something went wrong inside Nova, and nothing was written; the log says more."),
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
_HOLE = re.compile(r"%\((\w+)\)s")
_NAMED = ": "  # behind the name of a file


def refused(text: str) -> str:
    """Such a text as the reader speaks, behind the name of its file where that comes first; others' words unchanged.

    Takes time in proportion to the text: what a file is called may look like anything, thousands of times.
    """
    found = _PARTS.fullmatch(text)
    begins = [at for one in _templates(SAID + FAILED) if (at := one.begins(found["said"])) is not None] if found else []
    if not found or not begins:
        return text
    before, said = found["said"][: min(begins)], found["said"][min(begins) :]
    where, expected = _worded(found["where"] or "", WHERE), _worded(found["expected"] or "", EXPECTED)
    parts = [_worded(said, SAID + FAILED)]
    parts += [gettext("at %(where)s") % {"where": where}] if where else []
    parts += [gettext("expected %(expected)s") % {"expected": expected}] if expected else []
    return before + apart(parts)


@dataclass(frozen=True, slots=True)
class _Template:
    text: str
    head: str  # before its first hole, and behind its last one: where they are not there, no pattern is tried
    tail: str
    pattern: re.Pattern[str]

    def begins(self, text: str) -> int | None:
        """The first place from which it fills a text to its end."""
        if not text.endswith(self.tail):
            return None
        if not self.pattern.groups:
            at = len(text) - len(self.text)
            return at if not at or text.endswith(_NAMED, 0, at) else None
        # Where there is not room enough from the first place on, there is none from a later one.
        named = text.find(_NAMED + self.head)
        at = 0 if text.startswith(self.head) else named + len(_NAMED)
        return at if (not at or named >= 0) and self.pattern.fullmatch(text, at) else None

    def values(self, text: str) -> dict[str, str] | None:
        """What stands in it, where it is the whole text."""
        found = self.pattern.fullmatch(text) if text.endswith(self.tail) else None
        return found and found.groupdict()


def _worded(text: str, among: tuple[str, ...]) -> str:
    """A part of such a text, and what stands in it."""
    known = _known(text, among)
    if not known:
        return text
    template, values = known
    inner = {name: _known(value, EXPECTED + VALUES) or (value, None) for name, value in values.items()}
    told = {name: translated(one) % inside if inside is not None else one for name, (one, inside) in inner.items()}
    return translated(template) % told


def _known(text: str, among: tuple[str, ...]) -> tuple[str, dict[str, str]] | None:
    """Which of the templates a text was made of, and the values in it."""
    for template in _templates(among):
        if (values := template.values(text)) is not None:
            return template.text, values
    return None


@cache
def _templates(among: tuple[str, ...]) -> list[_Template]:
    """Those without holes first: what is said whole is not taken for a filled one."""
    found = []
    for text in sorted(among, key=lambda text: "%(" in text):
        first, *more = _HOLE.split(text)
        filled = re.escape(first) + "".join(
            f"(?P<{name}>.+){re.escape(between)}" for name, between in zip(more[::2], more[1::2], strict=True)
        )
        tail = more[-1] if more else first
        found.append(_Template(text, first, tail, re.compile(filled, re.S)))
    return found
