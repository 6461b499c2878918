"""Paths and lines as people write them, in prose, code spans and comments."""

import re
from collections.abc import Iterable, Iterator, Sequence
from posixpath import dirname, normpath
from urllib.parse import unquote

from remediation.core.review.words import simplify, vocabulary
from remediation.core.types import Place

SUFFIXES = vocabulary("""
    rs py pyi go ts tsx js jsx mjs cjs java kt kts swift m mm c h cc cpp hpp cs rb php scala ex exs dart lua pl sql yaml
    yml toml json jsonc proto md rst sh bash zsh ps1 tf tfvars hcl xml ini conf cfg cnf env properties gradle lock txt
    html css scss vue svelte graphql gql tpl tmpl j2 ipynb csv pem key crt dockerfile service cue avsc ddl
    qml sol mts cts mdx less sass astro cshtml razor xaml csproj vb erl hrl clj cljs fs fsx groovy jl zig nim hs
    gd tscn glsl hlsl wgsl cu cuh ino bat cmd psm1 prisma ets wxml wxss nix bazel bzl cmake mk plist gemspec podspec
    xsd xsl twig ejs hbs phtml asm sv vhd template
""")
NAMES = vocabulary(
    "go.mod go.sum dockerfile makefile justfile jenkinsfile procfile codeowners .env .gitignore .dockerignore"
)
BRANDS = vocabulary(
    "node.js next.js vue.js nuxt.js express.js react.js three.js d3.js chart.js nest.js socket.io asp.net"
)
"""Products that look like files."""

CHARS = r"A-Za-z0-9_@+*{}.\[\]-"
# A code span that begins with a colon ("`:74`") is another line of the file before it.
PATH = re.compile(
    r"`:L?(?P<more>\d{1,7})(?:[-–]L?(?P<until>\d{1,7}))?`"
    rf"|`\s*(?P<code>[^`\s:#]*[^`\s:#,;。，)])\s*(?::\s*[~≈]?L?\d[^`]*|#L\d[^`]*)?`"
    rf"|(?<![A-Za-z0-9_/:.@])(?P<bare>(?:~|\.{{0,2}})/?(?:[{CHARS}]+/(?:\([\w-]{{1,40}}\)/)*)*[{CHARS}]+/?)"
)
TO = r"[-–—~～]|\.\."
TAIL = re.compile(
    rf"""^(?:(?::\s*\#?|`:|`：(?=\d+\s*[-–~]\s*\d)|`?\s?@\s?)[~≈]?L?(?P<a>\d+)(?:\s*(?:{TO})\s*L?(?P<b>\d+))?
       | \#L(?P<c>\d+)(?:-L?(?P<d>\d+))?
       | `?\s*[(（](?:L(?=\d)|(?=\d+\s*[-–—~]|\d+[)）]\s*$))(?P<k>\d+)(?:\s*[-–—~]\s*(?P<l>\d+))?
         (?=[)）]|\s*[,，]\s*\d)[)）]?
       | `?\s*\[L?(?P<m>\d+)\s*[-–—~]\s*L?(?P<n>\d+)\]
       | [`\])]* (?: [\s,，(（\[【:：|—–→@·-]{{0,5}} | [^`\d.。;；\n]{{1,30}}[(（]
                  | [,，]\s*(?:`[^`\n]{{1,60}}`|[a-z_][\w ]{{0,30}})[,，:]?\s*
                  | \s*(?:→|->|::)?\s*`[^`\n/.]{{1,60}}`\s*[,，(（:：]?\s*
                  | \s*[(（]\s*(?:`[^`\n]{{1,60}}`|[a-z_][\w.:]{{0,60}}(?:\(\))?)\s*[,，:：]\s* )
         (?:(?:at|on|in|around|near|about|approx\.?|[在中内里]?的|[在中内里]|大?约|附近|[~≈])\s*){{0,2}}
         (?: 第\s*(?P<e>\d+)\s*(?:行?\s*[-–—~～至到]\s*第?\s*(?P<f>\d+))?\s*(?:行|(?=[、,，]\s*\d[\d\s、,，~至到–-]*行))
           | (?:lines?|行号?|l[nl]\.?|L)\s*[:：]?\s*(?:\#|L(?=\d))?(?P<g>\d+)(?:\s*(?:{TO}|to|至|到)\s*L?(?P<h>\d+))?
           | (?P<i>\d+)\s*[-–—~～至到]\s*(?P<j>\d+)\s*行 ) )""",
    re.I | re.X,
)
BEFORE = re.compile(
    rf"(?:\blines?\s+(?P<a>\d+)(?:\s*(?:{TO}|to)\s*(?P<b>\d+))?\s+(?:of|in)(?:\s+the)?(?:\s+file)?"
    r"|第\s*(?P<c>\d+)\s*(?:行?\s*[-–—~～至到]\s*第?\s*(?P<d>\d+))?\s*行\s*[,，])\s*$",
    re.I,
)
"""The lines of a file that is named behind them: "lines 8-12 of `a.py`"."""
FURTHER = re.compile(
    r"""(?:`\s*(?=(?:vs\b|and\b|和|与|[,，、/])\.?\s*`\d+\s*[-–]\s*\d+`))?
        \s*(?:[,，、;；&/+]|and\b|vs\b\.?|和|与|及|以及)\s*`?(?:and\s+|第|lines?\s+|L)?\s*(?P<a>\d{1,7})(?:\s*(?:[-–—~]|to|至|到)\s*(?P<b>\d{1,7}))?
        (?=\s*(?:$|[)）\]，,、;；.。:：|&/+行`]|[-–—]\s|and\b|和|与|及|以及))\s*行?""",
    re.I | re.X,
)
"""More lines of the same file: "lines 18, 44 and 90", "第 7 行、第 29 行"; not "line 18, 3 hours"."""
UNENDED = re.compile(
    r"(?<![\w./:-])`?(?P<name>(?!localhost|https?\b)[A-Za-z][\w-]*[A-Za-z]):(?P<line>\d{1,6})(?:[-–](?P<end>\d{1,6}))?\b(?!:)"
)
"""A script without an ending and a line of it: "term-tools:87-90"; a stretch or a dash tells it from a host's port."""
ROOTS = vocabulary("""
    dockerfile docker-compose.yml docker-compose.yaml compose.yml compose.yaml makefile package.json package-lock.json
    tsconfig.json cargo.toml cargo.lock go.mod go.sum pyproject.toml requirements.txt readme.md justfile jenkinsfile
    vite.config.ts next.config.js playwright.config.ts pnpm-lock.yaml yarn.lock codeowners license changelog.md
""")
"""Files that lie at the top of a repository and are not looked for beside others."""
COMMENT = re.compile(
    r"^\s*(?:#+|//+!?|--|;+|/\*+|<!--|\*)\s*(?:[❌⚠️✗×🔴🟠🟡🚨]+\s*)?"
    r"(?:(?:文件|位置|路径|(?:出现)?在|出现于|见)\s*[:：]?\s*"
    r"|(?:(?:found|located|seen|defined|appears?|repeated|duplicated|copied|used) )?"
    r"(?:files?|path|in|from|at|see)(?:\s*[:：]\s*|\s+))?(?=[`\w./*{@])",
    re.I,
)
TRAILING = re.compile(r"\s(?://+|#+|--)\s*(?P<place>[\w./-]{3,160}\.\w{1,8}:\d+(?:[-–]\d+)?)\s*$")
"""A comment behind code that says where it stands, and nothing else."""
EXCERPT = re.compile(r"(?P<first>\d{1,6}):(?P<last>\d{1,6}):(?P<path>[^\s`]+)")
"""The lines and the file of a quotation: "```12:20:src/a.py"."""
LINED = re.compile(r"\s*(?:[-*+]\s+)?(?:lines?\b|第\s*\d|行号?\s*[:：]?\s*\d)", re.I)
"""A line of text that begins with the lines of a file named before: "- Line 61, 83"."""
CALL = re.compile(r"\w\(|[=;{}]")
"""What makes a line code that is run, and no path."""
METHOD = re.compile(r"\w\.[a-z]+[A-Z]\w*(?:/\w+)?$")
"""What ends in a method and is no file: "orderService/payService.getTotals"."""
NAMING = re.compile(r"`[^`]*`|\S*[./]\S*|\b(?:vs|and|lines?|l|loc)\b|[行和与]", re.I)
"""What a text that names places consists of."""
FIGURED = re.compile(
    r"\s*(?P<path>[\w./@-]{1,200}\.\w{1,8}(?::\d+(?:-\d+)?)?)\s*(?:→|->|=>|—|–|\||\s-\s|:\s|#|←|\s[(（])\s*\S"
)
"""A line that begins with a path and goes on with what is to say of that file."""
HUNK = re.compile(r"^\+\+\+ (?:b/)?(?P<path>\S+)(?:\n@@ -(?P<line>\d+))?", re.M)
LINE_WORDS = re.compile(r"^\W*(?:about|around|approx\.?|lines?|第|大?约)?\s*", re.I)
SPAN = re.compile(r"`[^`\n]+`")
SEVERAL = re.compile(r"(?<=\d)\s*[;；]\s*(?=[\w./-]+\.[A-Za-z]\w{0,5}:\d)")
"""Between files that share a code span: "`a.py:3-5; b.py:7`"."""
GROUP = re.compile(r"(?<=/)\([\w-]+\)/")
"""A folder that a router does not count: "app/(shop)/page.tsx"."""
LINK = re.compile(
    r"(?<!!)\[(?P<text>[^\[\]\n]{1,200}(?:\[[^\[\]\n]{0,40}\][^\[\]\n]{0,100})?)\]"
    r"\((?P<target>[^()\s]{1,400})\)"
)
BLOB = re.compile(r"://[^\s#?]+?/(?:-/)?(?:blob|tree|blame)/[^/\s]+/(?P<path>[^\s#?]+)(?:#(?P<fragment>\S+))?")
"""A link to a file at a forge: behind the branch or commit stands its path."""
UP = re.compile(r"^(?:\.{1,2}/)+")
EMPHASIS = re.compile(
    r"\*\*(?=\d)|(?<=\d)\*\*|(?:(?<=^)|(?<=[\s(（:：|-]))\*\*(?=[\w.@])|(?<=\w)\*\*(?=[\s:：,，.。)）—–-]|$)", re.M
)
"""Emphasis of files and of line numbers: "**src/a.py** - lines **57-64**"."""
LISTED = 400
"""Characters of a text that may be nothing but places."""
FEW = 3
"""Files named in passing that may stand for the place of a finding."""
LIMIT = 50
"""Places of one finding. A review that names more lists the tree, not the place."""


def find(text: str, folders: bool = False) -> list[Place]:
    """The places that a text names. A path without a known ending counts only where `folders` are asked for."""
    found: list[Place] = _unended(text) if folders else []
    vague: list[Place] = []
    text = EMPHASIS.sub("", LINK.sub(lambda m: linked(m["text"], m["target"]), text))
    text = SPAN.sub(lambda m: SEVERAL.sub("`, `", m.group()), text)
    for match in _paths(text):
        if match["more"]:
            line, end = int(match["more"]), int(match["until"] or 0)
            found += [Place(found[-1].path, line, end if end > line else 0)] if found else []
            continue
        group = "code" if match["code"] else "bare"
        written = match[group]
        path = _clean(written)
        # Prose is full of "and/or" and "/api/v1"; a folder is believed where it is quoted or plainly one.
        plain = written.endswith("/") or "*" in path or (path.count("/") > 1 and not written.startswith("/"))
        # "UV/`fetch`" is one or the other, "config/多处" goes on.
        between = group == "bare" and written.endswith("/") and bool(re.match(r"[`\w]", text[match.end() :]))
        if not _is_path(path, folders and (group == "code" or plain) and not between):
            continue
        lines = _lines(text[match.end(group) : match.end(group) + 90])
        if lines == [(0, 0)] and (ahead := _ahead(text[: match.start()])) and ahead[0] != (found and found[-1].line):
            lines = [ahead]
        named = [Place(path, line, end) for line, end in lines]
        found += named
        if group == "bare" and not _is_path(path, folders=False) and not written.endswith("/") and "*" not in path:
            vague += named
    # Beside a file, words between slashes are a list of words: "all over flight/sat/ais; `tile.h:12`".
    return [p for p in found if p not in vague] or found


def _paths(text: str) -> Iterator[re.Match[str]]:
    """What may be a path in a text. The words between two code spans are none, though back-ticks stand around them."""
    closing = {match.end() - 1 for match in SPAN.finditer(text)}
    at = 0
    while match := PATH.search(text, at):
        at = match.end()
        if match.start() in closing:
            at = match.start() + 1
        else:
            yield match


def begins(text: str) -> bool:
    """Whether a text begins with a place and goes on: "`sync.py:25`: nothing is logged"."""
    first = re.split(r"(?<=\w)[`]?(?:\s|[：:](?!\d))", text.strip(), maxsplit=1)
    return len(first) > 1 and bool(re.search(r"\w{2}", first[1])) and bool(find(first[0], folders=":" in first[0]))


def _unended(text: str) -> list[Place]:
    """The scripts without an ending that a text names with lines."""
    found = []
    for match in UNENDED.finditer(text):
        if match["end"] or "-" in match["name"]:
            found += [Place(match["name"], line, end) for line, end in _lines(text[match.end("name") :][:90])]
    return found


def linked(text: str, target: str) -> str:
    """What a link says of a place: its text, and in back-ticks the path in the repository that it leads to."""
    if held := BLOB.search(target):
        path, fragment = held["path"], held["fragment"] or ""
    elif "://" in target or target.startswith(("#", "mailto:")):
        return text
    else:
        path, _, fragment = target.partition("#")
    path = UP.sub("", unquote(path))
    if not _is_path(_clean(path), folders=True):
        return text if not path or path in text else f"{text} `{path}`"
    own = find(text)
    told = [_lines(f"#{fragment}"), [(p.line, p.end_line) for p in own], _lines(f" {text}")]
    lines = next(([stretch for stretch in some if stretch[0]] for some in told if some and some[0][0]), [])
    if len(lines) == 1 and (longer := [(p.line, p.end_line) for p in own if p.line == lines[0][0] and p.end_line]):
        lines = longer[:1]
    behind = ", ".join(f"{line}-{end}" if end else f"{line}" for line, end in lines)
    place = f"`{path}:{behind}`" if behind else f"`{path}`"
    names = bool(own) or text.strip("` ") in path
    return place if names else f"{text} {place}"


def in_comments(code: str) -> list[Place]:
    """The places named at the start of comments in a code block: "# postgres.yaml (line 107)"; all of a comment that
    says nothing else ("// in a.ts, b.ts").
    """
    found = []
    for line in code.split("\n"):
        if match := COMMENT.match(line):
            rest = line[match.end() :]
            first = PATH.match(rest)
            named = find(rest)[: None if only(rest) else 1]
            if first and named and _clean(first["code"] or first["bare"]) == named[0].path:
                found += named
        elif match := TRAILING.search(line[-LISTED:]):
            found += find(match["place"])
    return found


def in_listing(code: str) -> list[Place]:
    """The places in a code block that lists some: paths alone in their lines, with the lines of each below it."""
    found: list[Place] = []
    for line in code.split("\n"):
        rest = line[match.end() :] if (match := COMMENT.match(line)) else line
        if only(rest) and not CALL.search(rest):
            found += find(rest)
        elif found and LINED.match(line):
            found += [Place(found[-1].path, first, last) for first, last in named_lines(line)]
    return found


def in_figures(code: str) -> list[Place]:
    """The files that a plain block lists with what each of them has: "src/a.py  -> 5,574 lines"."""
    return [p for line in code.split("\n") if (m := FIGURED.match(line)) for p in find(m["path"])]


def only(text: str) -> bool:
    """Whether a text names places and says nothing of them."""
    short = len(text) < LISTED  # patterns take time
    return short and bool(find(text)) and not re.search(r"[^\W\d_]", NAMING.sub(" ", text))


def in_info(info: str, code: str) -> list[Place]:
    """The place that a fence names behind its marks ("12:20:src/a.py", "py:src/a.py", 'python title="src/a.py"'), or
    the head of a diff.
    """
    if match := EXCERPT.match(info):
        return [Place(match["path"], *_stretch([int(match["first"]), int(match["last"])]))]
    if match := HUNK.search(code) if info == "diff" else None:
        return [Place(match["path"], int(match["line"] or 0))]
    return find(re.sub(r"^[\w+#-]+:(?=[\w./-]+\.)", "", info).replace('"', " "))[:1] if "." in info else []


def folders(text: str) -> list[Place]:
    """The folders that a text quotes: "`booking/domain/`"."""
    return [p for p in find(text, folders=True) if p.path.endswith("/") and f"`{p.path}`" in text]


def lined(places: list[Place], text: str) -> list[Place]:
    """The places with the lines of a label of their own ("Lines: 10-20, 33") given to the last, if it has none yet."""
    found = max(stretches(text), named_lines(text), key=len)
    if not places or places[-1].line or not found:
        return places
    return places[:-1] + [Place(places[-1].path, line, end) for line, end in found]


def stretches(text: str) -> list[tuple[int, int]]:
    """The lines that a text without a path names: "Line 196-204, 224", "第 5 行"."""
    found = _lines(f" lines {LINE_WORDS.sub('', EMPHASIS.sub('', text)).strip()}")
    return [] if found == [(0, 0)] else found


def named_lines(text: str) -> list[tuple[int, int]]:
    """The lines that a text of no path names in words: "第 123 行: …", "line 12: …"."""
    found = [
        stretch
        for match in re.finditer(r"第\s*\d|\b(?:lines?|ln\.?)\s*[:：#]?\s*\d|行\s*\d|\bL\d", text, re.I)
        for stretch in _lines(f" {text[match.start() : match.start() + 90]}")
        if stretch[0]
    ]
    return list(dict.fromkeys(found))


def gather(named: Iterable[Place], mentioned: Iterable[Place]) -> tuple[Place, ...]:
    """The places of a finding: those under its location label first, then files mentioned elsewhere in it.

    A bare file name is looked for in the folder named first, else beside the others where these share one; a shortened
    path is completed by one that ends in it. A bare name that is only mentioned is a place if it says a line.
    """
    places: dict[str, list[Place]] = {}
    folders: dict[str, None] = {}
    for place, main in [*((p, True) for p in named), *((p, False) for p in mentioned)]:
        first = next(iter(folders), "")
        path = _complete(place.path, places, first if f"{first}/" in places else "")
        if not main and "/" not in place.path and not place.line:
            continue
        folder = "" if "*" in path else path.rstrip("/") if path.endswith("/") else dirname(path)
        if folder:
            folders[folder] = None
        same = places.setdefault(path, [])
        if place.line and same and not same[0].line:
            same[0] = Place(path, place.line, place.end_line)
        elif all((p.line, p.end_line) != (place.line, place.end_line) for p in same) and (place.line or not same):
            same.append(Place(path, place.line, place.end_line))
    return tuple(p for same in places.values() for p in same)[:LIMIT]


def sources(mentioned: Sequence[Place]) -> tuple[Place, ...]:
    """The first files of code that a finding only mentions: they stand for its places if nothing else does."""
    code = [p for p in mentioned if "*" not in p.path and p.path.lower() not in ROOTS]
    code = [p for p in code if not p.path.lower().endswith((".md", ".txt"))]
    return gather(code[:FEW], [])


def _complete(path: str, known: dict[str, list[Place]], base: str) -> str:
    longer = next((k for k in known if k == path or k.endswith(f"/{path}")), "")
    if longer:
        return longer
    beside = base and "/" not in path and not path.startswith(".") and path.lower() not in ROOTS
    return f"{base}/{path}" if beside else path


def _clean(path: str) -> str:
    path = path.strip().rstrip(".,;:，。；：")
    if path.count("]") > path.count("["):
        path = path.rstrip("]")
    elif path.count("[") > path.count("]"):
        path = path.lstrip("[")
    folder = path.endswith("/")
    path = path.removeprefix("./").lstrip("/") if not path.startswith("../") else path
    if "/./" in path or "//" in path:
        path = normpath(path) + ("/" if folder else "")
    return path


def _is_path(path: str, folders: bool) -> bool:
    if (
        not re.search(r"[A-Za-z0-9]", path)
        or len(path) > 300
        or path.startswith(("-", "$", "@", "--"))
        or "(" in GROUP.sub("", path)
    ):
        return False
    last = path.rstrip("/").rpartition("/")[2].lower()
    if last in BRANDS and all("." in part for part in path.lower().split("/")):
        return False
    stem, dot, suffix = last.rpartition(".")
    if (dot and suffix in SUFFIXES and (stem or last in NAMES)) or last in NAMES or (dot and stem in NAMES):
        return "/" in path or not stem.isdecimal()  # "001.sql" alone may be a number, in a folder it is a file
    return folders and "/" in path and "{" not in path and not METHOD.search(path)


def _lines(tail: str) -> list[tuple[int, int]]:
    """The stretches of lines that stand behind a path, (0, 0) where none do."""
    tail = simplify(tail)
    match = TAIL.match(tail)
    numbers = [int(n) for n in match.groups() if n and len(n) < 8] if match else []
    if match is None or not numbers or not numbers[0]:
        return [(0, 0)]
    found, at = [_stretch(numbers)], match.end()
    while more := FURTHER.match(tail, at):
        found.append(_stretch([int(n) for n in more.groups() if n]))
        at = more.end()
    return found


def _ahead(text: str) -> tuple[int, int] | None:
    """The stretch of lines that the end of a text says of the file behind it."""
    match = BEFORE.search(simplify(text[-60:]))
    numbers = [int(n) for n in match.groups() if n and len(n) < 8] if match else []
    return _stretch(numbers) if numbers and numbers[0] else None


def _stretch(numbers: list[int]) -> tuple[int, int]:
    line, end = numbers[0], numbers[1] if len(numbers) > 1 else 0
    return (line, end) if end > line else (line, 0)
