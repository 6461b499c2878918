"""Packages of protocol buffers without a version."""

import re
from collections.abc import Iterable, Sequence

from findings.core.facts import Blob, Facts, Family, Place, Settings, observe, segments
from findings.core.marking import gettext_noop
from findings.core.rusttext import blank
from findings.core.types import Identity, Observation, Priority, RuleInfo
from findings.core.vocabulary import words

UNVERSIONED = RuleInfo(
    key="protobuf/unversioned-package",
    title=gettext_noop("Proto package without a version"),
    priority=Priority.P2,
    version=2,
    help=gettext_noop("""\
A package name is part of every method's address on the wire. Without a version in it, an incompatible change has to
reach all clients and servers in the same moment, and there is no way to run the old and the new API side by side.

**How to fix**: put the major version last in the package, and in the folder. Serve both packages while clients move.

Before: `package shop.orders;`

After: `package shop.orders.v1;`
"""),
)

_NOISE = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)
_PACKAGE = re.compile(r"(?:^|;)[ \t]*(?P<at>package)\s+(?P<name>[A-Za-z_]\w*(?:\s*\.\s*\w+)*)\s*;", re.M)
_VERSION = re.compile(r"v\d+(?:(?:alpha|beta|test|p\d+\w*)\d*)?")
_VENDORED = words("third_party third-party thirdparty 3rdparty vendor vendored external node_modules googleapis deps")
_FOREIGN = tuple(
    words(
        "google. com.google. grpc. envoy. buf. validate. udpa. xds. opencensus. opentelemetry. io.prometheus. "
        "prometheus. gogoproto. cosmos. cosmos_proto. amino. tendermint. istio. k8s.io. openapi. protoc_gen_ "
        "etcdserverpb. mvccpb. authpb. tensorflow. onnx. substrait. arrow.flight. qdrant. milvus. weaviate. temporal. "
        "containerd. jaeger. zipkin. firebase. mysqlx. pulsar.proto. dapr.proto."
    )
)


def classify(path: str) -> str:
    """`.proto` files of our own, by folder."""
    return "code:proto" if path.endswith(".proto") and _VENDORED.isdisjoint(segments(path)[:-1]) else ""


def extract(blob: Blob) -> Facts:
    """{"package": name, …place} of the first package statement, or {}."""
    bare = _NOISE.sub(lambda match: blank(match.group()), blob.text)
    found = _PACKAGE.search(bare)
    if not found:
        return {}
    name = "".join(found["name"].split())
    return {"package": name, **blob.spot(bare.count("\n", 0, found.start("at")) + 1)}


def judge(places: Sequence[Place], settings: Settings) -> Iterable[Observation]:
    """One finding per package, an occurrence per file."""
    for place in places:
        package = place.facts.get("package", "")
        if not package or f"{package}.".startswith(_FOREIGN):
            continue
        if not any(_VERSION.fullmatch(part) for part in package.split(".")):
            message = f"Package {package} has no version part"
            yield observe(UNVERSIONED, place.path, place.facts, message, identity=Identity.LOGICAL, key=package)


FAMILY = Family("protobuf", (UNVERSIONED,), {"code:proto": 2}, classify, extract, judge, part=str)
