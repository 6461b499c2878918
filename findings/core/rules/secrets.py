"""Credentials in the tree and in history. Facts hold keyed hashes and masks, never a value."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from findings.core.detect import SOUND, Hit, digests, find, kind_of, made, prepare, suspicious, uses, values
from findings.core.detect.blocks import is_applied
from findings.core.detect.names import words as name_words
from findings.core.detect.structured import is_manifest
from findings.core.facts import LOCAL, Blob, Facts, Family, Place, Settings, is_local, observe, segments
from findings.core.hashing import REMEMBERED, keyed, normalise
from findings.core.marking import gettext_noop
from findings.core.redaction import mask
from findings.core.types import Identity, Observation, Priority, Proof, RuleInfo
from findings.core.vocabulary import words

PLAINTEXT = RuleInfo(
    key="secrets/plaintext",
    title=gettext_noop("Credential in plain text"),
    priority=Priority.P0,
    proof=Proof.HISTORY,
    version=8,
    help=gettext_noop("""\
Everyone who can clone the repository, and every copy ever made of it, holds this credential. Deleting the line does
not take it back: history keeps it until the credential itself is changed.

**How to fix**

1. Make a new credential and put it where the service reads it: a secret manager, or a `Secret` made by an operator.
2. Let the code refer to it by name.
3. Revoke the old one, then attest here that it was rotated, with a link to the ticket or log.

Before:

```yaml
env:
  - name: DB_PASSWORD
    value: <the password itself>
```

After:

```yaml
env:
  - name: DB_PASSWORD
    valueFrom:
      secretKeyRef: {name: orders-db, key: password}
```

One value in several places is one finding, because it is one rotation. Classes: *real*; *weak-applied* (a
weak value in use as it stands: in a deployed manifest, in settings for production, in an image, in what sets a server
up, as a constant of a program); *dev* (local compose, local overlays, weak defaults of programs) and *test* are P2.
"""),
)

SHOWN = ("real", "weak-applied", "dev", "test")
SEVERE = frozenset({"real", "weak-applied"})
WORTH_KEEPING = frozenset(
    {values.REAL, values.ORDINARY, values.WEAK, values.DEVELOPMENT, values.COMMON, values.YOURS, values.LISTED}
)
LIMIT = 500
KEYED = frozenset({"pair", "quoted"})
DEFAULTS = frozenset({"fallback", "unwrapped", "returned", "option"})  # what a program takes where it is told nothing
SETTING = frozenset({"yaml", "env", "conf"})  # kinds of files whose first comments tell what their values are for
DATA = words("json json5 jsonc graphql html css scss sql ipynb proto")  # which are read as programs are, and are none

_TEST_FOLDERS = words(
    "test tests testdata test-data test_data testing fixtures fixture __tests__ __mocks__ mocks spec specs e2e "
    "integration-tests integration_tests"
)
_TEST_NAME = re.compile(
    r"^(?:test_|test-[\w-]+\.(?:sh|bash|ps1|http|py|[cm]?js|ts)$|conftest\.|locustfile\.|(?:jest|vitest|playwright)\.)|[._-](?:test|tests|spec)\.[a-z]+$|^tests?\.[a-z]+$"
)
_TEST_CAMEL = re.compile(
    r"[a-z0-9]Tests?(?:/|\.(?:swift|kt|java|cs|scala|groovy|php)$)|(?:^|/)Tests?[A-Z]\w*\.(?:swift|kt|java|cs|scala|groovy)$"
)
# Packages of what is no test, whatever they are called: tests stand in `src/test`.
_PACKAGE = re.compile(r"\bsrc/main/(?:java|kotlin|scala|groovy)/(?:[^/]+/)*")
_COMPOSE = re.compile(r"^(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$")
_DEPLOYED_NAME = re.compile(r"prod|stag|live")
_DEPLOYED_ENV = re.compile(
    r"^\.?env\.(?:prod|production|staging|stage|live)(?:\.|$)|(?:^|[._-])(?:prod|production|staging|stage|live)\.(?:env|tfvars)$"
)
_GUIDE = re.compile(r"deplo[iy]|desplieg|hosting|production|部署|上线")
_DEPLOYED_SETTINGS = re.compile(
    r"^(?:prod|production|staging|stage|live)\.(?:toml|ini|conf|properties|json|ya?ml|exs)$"
)
_TRIED = words(
    "doc docs documentation example examples sample samples demo demos tutorial tutorials lab labs docker compose "
    "initdb docker-entrypoint-initdb.d init .devcontainer devcontainer sandbox playground seeds seed"
)
_DEPLOYED_FOLDERS = words(
    "k8s kubernetes manifests overlays base charts helm values deploy deployment deployments argocd clusters "
    "environments envs prod production staging stage live"
)
_DEV_ENV = re.compile(r"^\.?env\.(?:local|dev|development)$|^\.envrc$|^dev-[\w.-]+\.(?:ya?ml|env|toml|json|conf|ini)$")
_TEST_ENV = re.compile(r"^\.?env\.(?:test|testing|ci|e2e)$")
_CI = re.compile(
    r"(?:^|/)(?:\.github/workflows|\.circleci|\.gitea/workflows)/|(?:^|/)(?:\.gitlab-ci|\.travis|azure-pipelines)"
)
_SAMPLE_NAME = re.compile(r"example|sample|template|\.dist$")
_SHOWING = words("doc docs documentation example examples sample samples openapi swagger postman insomnia bruno")
_REQUESTS = re.compile(r"postman|insomnia|openapi|swagger|\.(?:http|rest|bru)$")
_FOR_TESTS = words("test mock fake dummy")
_CI_SERVICE = re.compile(
    r"(?:postgres|pg|mysql|mariadb|mongo\w*|redis|rabbitmq|clickhouse|minio|elastic)_\w*password|pgpassword", re.I
)
_LOCALES = frozenset({"locale", "locales", "i18n", "translations", "lang"})
_CONFIDENCE = {"provider": "high", "pem": "high", "url": "high", "secret": "high", "encoded": "high", "login": "medium"}


def classify(path: str) -> str:
    """Every path may hold a secret; the class is how its pairs are written."""
    return kind_of(path)


def extract(blob: Blob) -> Facts:
    """{"hits": candidates worth keeping, "digests": possible bare hashes, "manifest": whether it deploys something}."""
    utf16 = blob.data[:2] in (b"\xff\xfe", b"\xfe\xff")
    if not utf16 and (b"\0" in blob.data[:8000] or not suspicious(blob.data, blob.path_class)):
        return {}
    found = [hit for hit in find(blob.text, blob.path_class) if hit.worth in WORTH_KEEPING and not hit.comment]
    if found and uses.are_blanks(blob.text, blob.path_class):
        found = [hit for hit in found if hit.worth in SOUND]
    tests = _test_lines(blob.text) if "#[cfg(test)]" in blob.text else ()
    facts: dict[str, Any] = {}
    if found:
        facts["hits"] = [_fact(blob, hit, any(hit.line in block for block in tests)) for hit in found[:LIMIT]]
        _mark(facts["hits"], found, blob)
        facts["manifest"] = blob.path_class == "yaml" and is_manifest(blob.data)
    if bare := digests(blob.text, blob.path_class):
        facts["digests"] = [{"hash": keyed(blob.key, token), **blob.spot(line)} for token, line in bare]
    return facts


def _fact(blob: Blob, hit: Hit, test: bool) -> dict[str, Any]:
    key, digest, shown, digits = _known(blob.key, hit.value)
    return {
        "key": key,
        "digest": digest,
        "name": hit.name,
        "mask": shown,
        "worth": hit.worth,
        "how": hit.how,
        "loopback": hit.loopback,
        "digits": digits,
        "test": test,
        **blob.spot(hit.line),
    }


@lru_cache(maxsize=REMEMBERED)
def _known(key: bytes, value: str) -> tuple[str, str, str, bool]:
    """What is told of a value: its keyed hash, that of its bare one, its mask, whether there is a digit in it. The
    versions of a file hold the same.
    """
    plain = normalise(value)
    bare = hashlib.sha256(value.strip().encode("utf-8", "replace")).hexdigest()
    return keyed(key, plain), keyed(key, bare), mask(plain), any(char.isdigit() for char in value)


def _mark(facts: Iterable[dict[str, Any]], hits: Iterable[Hit], blob: Blob) -> None:
    """Notes what a file says of its values: that weak ones are in use as they stand (what Terraform makes among them),
    are for trying things out or to be overridden, and that a key has the form that its issuer gives it.
    """
    lines, kind, text = blob.text.split("\n"), blob.path_class, blob.text
    trials = uses.Trials(lines)
    for fact, hit in zip(facts, hits, strict=False):
        at = hit.line - 1
        if hit.worth == values.REAL:
            marks = {"issued": made.is_issued(hit.value)}
        else:
            weak = hit.worth not in SOUND
            set_up = hit.worth == values.WEAK and is_applied(lines, at)
            marks = {
                "fixed": weak and (set_up or uses.is_used(hit, kind, text, lines) or uses.are_used(text, kind)),
                "tried": kind in SETTING and trials.has(at),
                "overridden": hit.worth == values.WEAK and kind == "yaml" and uses.is_overridden(lines, at),
            }
        fact.update({name: True for name, marked in marks.items() if marked})


def _test_lines(text: str) -> list[range]:
    """Line ranges of Rust test modules, by their braces (those inside strings come in pairs, nearly always)."""
    blocks = []
    for start in re.finditer(re.escape("#[cfg(test)]"), text):
        depth = 0
        for brace in re.finditer(r"[{}]", text[start.start() :]):
            depth += 1 if brace.group() == "{" else -1
            if depth <= 0:
                end = start.start() + brace.end()
                blocks.append(range(text.count("\n", 0, start.start()) + 1, text.count("\n", 0, end) + 2))
                break
    return blocks


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """One observation per place of a reportable credential; of history what HEAD holds no more (or only in tests)."""
    live = [seen for place in places if not place.commit for seen in _of_place(place)]
    live += _hashed_copies(places)
    present = {seen.key for seen in live if seen.properties["class"] in SEVERE}
    past: dict[tuple[str, str], Observation] = {}
    for place in places:
        for fact in place.facts.get("hits", ()) if place.commit else ():
            name = fact["key"], place.path
            # The versions of a file mostly hold the same: only what is not known yet is worth looking at.
            if name not in past and fact["key"] not in present and (said := _class(place, fact)) in SEVERE:
                past[name] = _observation(place, fact, fact["key"], said, fact)
    order = {name: rank for rank, name in enumerate(SHOWN)}
    return sorted([*live, *past.values()], key=lambda seen: (order[seen.properties["class"]], seen.path, seen.line))


def _of_place(place: Place) -> Iterator[Observation]:
    for fact in place.facts.get("hits", ()):
        said = _class(place, fact)
        if said in SHOWN:
            yield _observation(place, fact, fact["key"], said, fact)


def _observation(place: Place, spot: dict[str, Any], key: str, said: str, fact: dict[str, Any]) -> Observation:
    return observe(
        PLAINTEXT,
        place.path,
        spot,
        f"{fact['name']} holds a credential in plain text ({said}): {fact['mask']}",
        priority=Priority.P0 if said in SEVERE else Priority.P2,
        identity=Identity.SECRET,
        key=key,
        at_head=not place.commit,
        commit=place.commit,
        properties={
            "class": said,
            "name": fact["name"],
            "mask": fact["mask"],
            "confidence": _CONFIDENCE.get(fact["how"], "medium"),
        },
    )


def _hashed_copies(places: Sequence[Place]) -> Iterator[Observation]:
    """Bare SHA-256 hashes of values that stand elsewhere in the tree: the same secret."""
    known = {fact["digest"]: fact for place in places for fact in place.facts.get("hits", ()) if fact["worth"] in SOUND}
    for place in places:
        for spot in place.facts.get("digests", ()) if not place.commit else ():
            if fact := known.get(spot["hash"]):
                said = {**fact, "name": f"unsalted SHA-256 of {fact['name']}"}
                yield _observation(place, spot, fact["key"], _where(place.path) or "real", said)


def _where(path: str) -> str:
    """The class a path gives to every value in it: "test", "dev" or none."""
    *folders, name = segments(_PACKAGE.sub("src/main/", path))
    if not _TEST_FOLDERS.isdisjoint(folders) or _TEST_NAME.search(name) or _TEST_ENV.match(name):
        return "test"
    if _TEST_CAMEL.search(path) and not _PACKAGE.search(path):
        return "test"
    if _COMPOSE.match(name):
        return "" if _DEPLOYED_NAME.search(name) else "dev"
    return "dev" if _DEV_ENV.match(name) or is_local(path) or name.split(".")[0] in LOCAL else ""


def _class(place: Place, fact: dict[str, Any]) -> str:
    """The class of one candidate: what it is worth, and where it stands."""
    where = "test" if fact["test"] or _of_tests(place.path, fact["name"]) else _where(place.path)
    where = where or ("dev" if "tried" in fact else "")
    if not _LOCALES.isdisjoint(segments(place.path)[:-1]) and fact["how"] in KEYED:
        return values.PLACEHOLDER
    if fact["worth"] == values.ORDINARY and _shows(place.path):
        return values.PLACEHOLDER
    if not fact["digits"] and _CI.search(place.path) and _CI_SERVICE.fullmatch(fact["name"]):
        return values.PLACEHOLDER  # of a database that lives as long as a job
    if fact["worth"] == values.LISTED and "userlist" not in place.path.rsplit("/", 1)[-1].lower():
        return values.PLACEHOLDER
    if where == "dev" and "issued" in fact:
        return "real"  # whoever issued it does not ask where it stands
    if fact["worth"] in SOUND or fact["worth"] == values.LISTED:
        serves = place.facts["manifest"] or _serves(place.path)
        return where or ("dev" if fact["loopback"] and not serves else "real")
    name = place.path.lower().rsplit("/", 1)[-1]
    if "overridden" in fact and name == "values.yaml":
        return where or values.PLACEHOLDER
    if fact["worth"] == values.YOURS and not any(map(_DEPLOYED_NAME.search, segments(place.path.lower()))):
        return values.PLACEHOLDER
    used = _applied(place.path, fact, place.facts["manifest"]) or ("fixed" in fact and not _tried(place.path))
    if not where and used and not _SAMPLE_NAME.search(name):
        return "weak-applied"
    kind = kind_of(place.path)
    told = kind != "prose" or fact["how"] == "command"  # in a document: what somebody signs in with
    if fact["worth"] == values.DEVELOPMENT and told and not (kind == "env" and _SAMPLE_NAME.search(name)):
        return where or "dev"
    if where != "test" and kind == "code" and name.rpartition(".")[2] not in DATA:
        return "dev" if where else _of_program(fact)
    return "dev" if where == "dev" and fact["worth"] == values.COMMON and kind != "prose" else values.PLACEHOLDER


def _serves(path: str) -> bool:
    """Whether a machine that asks itself is one that serves: by settings for production, or by a guide to deploying."""
    name, kind = path.lower().rsplit("/", 1)[-1], kind_of(path)
    if kind == "prose":
        return bool(_GUIDE.search(name))
    return kind == "env" and bool(_DEPLOYED_ENV.search(name)) and not _SAMPLE_NAME.search(name)


def _of_tests(path: str, name: str) -> bool:
    """Whether a name in a program says that it is for tests: `TEST_JWT_SECRET`."""
    return kind_of(path) in ("code", "conf") and not _FOR_TESTS.isdisjoint(name_words(name))


def _shows(path: str) -> bool:
    """Whether a file shows how things are written: a document, a sample, requests to try an interface with."""
    *folders, name = segments(path.lower())
    found = _SAMPLE_NAME.search(name) or _REQUESTS.search(name) or not _SHOWING.isdisjoint(folders)
    return bool(found) or kind_of(path) == "prose"


def _tried(path: str) -> bool:
    """Whether what stands there is for trying things out: a document, a job of CI, what fills a database of tests."""
    return kind_of(path) == "prose" or bool(_CI.search(path)) or not _TRIED.isdisjoint(segments(path.lower())[:-1])


def _of_program(fact: dict[str, Any]) -> str:
    """The class of a weak value in a program: what it takes where it is told none."""
    if fact["worth"] == values.WEAK:
        return "dev"
    telling = fact["worth"] == values.COMMON and fact["how"] in DEFAULTS and fact["digits"]
    return "dev" if telling else values.PLACEHOLDER


def _applied(path: str, fact: dict[str, Any], manifest: bool) -> bool:
    """Whether something deployed uses the value: a Kubernetes manifest, chart values, a compose file for production."""
    name = path.lower().rsplit("/", 1)[-1]
    if _CI.search(path):
        return False
    if (_DEPLOYED_ENV.search(name) and kind_of(path) == "env") or _DEPLOYED_SETTINGS.match(name):
        return True
    if (
        manifest
        or name.startswith(("values", "kustomization."))
        or not _DEPLOYED_FOLDERS.isdisjoint(segments(path)[:-1])
    ):
        return kind_of(path) in ("yaml", "env") or manifest
    return bool(_COMPOSE.match(name) and _DEPLOYED_NAME.search(name))


FAMILY = Family(
    name="secrets",
    rules=(PLAINTEXT,),
    versions={"yaml": 43, "env": 43, "code": 43, "conf": 43, "prose": 43},
    classify=classify,
    extract=extract,
    judge=judge,
    ready=prepare,
)
