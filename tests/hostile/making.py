"""Files and trees that readers choke on; each at any size, so that `make test` has small forms and `make chaos` large."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.findings.git_repo import Repo
from tests.hostile.trees import blob_of, committed, filled, spoiled, tree_of, zeros

SECRET = b"DB_PASSWORD=kX9-thir/teen!Zq7\n"  # in each of them: what can be read is read all the same
Files = list[tuple[bytes, bytes]]


def yaml_files(size: int) -> Files:
    """Bombs of anchors and of merge keys, and nesting in every way YAML has."""
    laughs = b"a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
    laughs += b"".join(b"a%d: &a%d [%s]\n" % (i, i, b",".join([b"*a%d" % (i - 1)] * 10)) for i in range(1, 25))
    merge = b"a0: &a0 {k: v}\n"
    merge += b"".join(
        b"a%d: &a%d {<<: [%s], k%d: v}\n" % (i, i, b",".join([b"*a%d" % (i - 1)] * 3), i) for i in range(1, 40)
    )
    return [
        (b"bomb.yaml", laughs),
        (b"merge.yaml", merge),
        (b"deep/list.yaml", b"[" * size + b"]" * size),
        (b"deep/map.yaml", b"{a: " * size + b"1" + b"}" * size),
        (b"deep/dash.yaml", b"- " * size + b"a\n"),
        (b"deep/query.yaml", b"? " * size),
        (b"deep/open.yaml", b"a: {" * size),
        (b"anchors.yaml", b"".join(b"- &a%d x\n" % i for i in range(size))),
        (b"documents.yaml", b"---\nkind: Deployment\n" * (size // 2)),
        (b"call.yaml", b"!!python/object/apply:os.system ['touch /tmp/owned-by-yaml']\n"),
    ]


def nested_files(size: int) -> Files:
    """Nesting in the other languages, and XML entities that grow."""
    entities = b"".join(b"<!ENTITY a%d '&a%d;&a%d;'>" % (i, i - 1, i - 1) for i in range(1, 40))
    return [
        (b"a.json", b"[" * size + b"]" * size),
        (b"b.json", b'{"a":' * size + b"1" + b"}" * size),
        (b"deep/Cargo.toml", b"[dependencies]\na = " + b"{a=" * size + b"1" + b"}" * size),
        (b"deep/Cargo.lock", b"[[" + b"a." * size + b"a]]\n"),
        (b"clickhouse/users.xml", b"<a>" * size + b"</a>" * size),
        (b"clickhouse/config.xml", b"<!DOCTYPE a [<!ENTITY a0 'x'>" + entities + b"]><yandex><a>&a39;</a></yandex>"),
        (b"src/braces.rs", b"fn a() {" + b"{" * size + b"}" * size + b"}"),
        (b"src/generics.rs", b"type A = " + b"Vec<" * size + b"u8" + b">" * size + b";"),
        (b"src/comments.rs", b"/*" * size + b"*/" * size),
        (b"src/raw.rs", b"fn a() { let x = r" + b"#" * size + b'""' + b"#" * size + b"; }"),
        (b"migrations/1.sql", b"SELECT " + b"(" * size + b")" * size + b";"),
        (b"migrations/2.sql", b"INSERT INTO a VALUES " + b"(1,2,3)," * size + b"(1);"),
        (b"migrations/3.sql", b"CREATE INDEX a ON b (c);\n" * (size // 3)),
        (b"a.proto", b"message A {" * size + b"}" * size),
    ]


def long_files(size: int) -> Files:
    """One line and nothing else."""
    return [
        (b"one.js", b"x" * size),
        (b"many.js", b"password='a';" * (size // 13)),
        (b"a.env", b"A=b " * (size // 4)),
        (b"b.yaml", b"a: " + b"b " * (size // 2)),
        (b"encoded.txt", b"eyJhbGciOi" * (size // 10)),
        (b"slashes.rs", b'let a = "' + b"\\" * size),
        (b"quotes.sql", b"'" * size),
    ]


def secret_files(size: int) -> Files:
    """The same line a million times, and as many different ones."""
    return [
        (b"same.py", b'password = "x"\n' * size),
        (b"other.py", b"".join(b'password = "kX9-%07d-Zq"\n' % i for i in range(size))),
        (b"secret.yaml", b"".join(b'password: "kX9-%07d-Zq"\n---\n' % i for i in range(size))),
    ]


NAMES = (
    b"caf\xe9/\xff\xfe.env", b"new\nline.env", b"esc\x1b[31mred.env", b"\\x41.env", b"-rf.env", b"--upload-pack=x.env",
    b":(top)a.env", b"tab\there.env", b"\xe2\x80\xaeturned.env", b"/".join([b"d" * 199] * 20) + b"/a.env", b"x" * 4000 + b".env",
    "持久.env".encode(), b"%2e%2e%2fa.env", b"<script>.env", b"=1+1.env",
)  # fmt: skip


def name_files() -> Files:
    """Names that are no text, no path, or an order to somebody."""
    return [(name, SECRET + b"# %d\n" % number) for number, name in enumerate(NAMES)]


def cases(count: int) -> Iterator[tuple[bytes, bytes]]:
    """One name in many cases."""
    for number in range(count):
        letters = (chr((65 if number >> bit & 1 else 97) + bit) for bit in range(18))
        yield "".join(letters).encode() + b".env", SECRET


def many(count: int) -> Iterator[tuple[bytes, bytes]]:
    """A great many small files of all kinds."""
    endings = (b"yaml", b"rs", b"txt", b"env", b"py", b"sql")
    yield b"secret.env", SECRET
    for i in range(count - 1):
        yield b"d%d/e%d/f%d.%s" % (i % 100, i // 100 % 100, i, endings[i % 6]), b"a: %d\n" % i


def of(files: Callable[[], Iterable[tuple[bytes, bytes]]]) -> Callable[[Path], Repo]:
    """A repository of these files and one that holds a credential."""
    return lambda folder: filled(folder, [*files(), (b"secret.env", SECRET)])


def odd_tree(folder: Path) -> Repo:
    """Entries twice, `.git` and `..` inside, odd modes, links and submodules."""
    repo = Repo(folder)
    blob = blob_of(repo, SECRET)
    inner = tree_of(repo, (b"100644", b"config", blob))
    entries = [
        (b"100644", b"secret.env", blob), (b"100644", b"secret.env", blob), (b"40000", b"secret.env", inner),
        (b"40000", b".git", inner), (b"100644", b"..", blob), (b"100644", b"a/b.env", blob), (b"100666", b"mode.env", blob),
        (b"120000", b"link.env", blob), (b"160000", b"module", "1" * 40),
    ]  # fmt: skip
    committed(repo, tree_of(repo, *entries))
    return repo


def lacking(folder: Path) -> Repo:
    """An object that is nowhere."""
    repo = Repo(folder)
    committed(
        repo, tree_of(repo, (b"100644", b"lost.env", "3" * 40), (b"100644", b"secret.env", blob_of(repo, SECRET)))
    )
    return repo


def damaged(folder: Path) -> Repo:
    """One object that is not what it was."""
    repo = Repo(folder)
    repo.commit("one", {"secret.env": SECRET, "damaged.env": "A=1\n"})
    spoiled(repo, repo.git("rev-parse", "HEAD:damaged.env"))
    return repo


def large_blob(folder: Path, size: int) -> Repo:
    """A blob of zeros, now in the tree and another one in history."""
    repo = Repo(folder)
    secret = (b"100644", b"secret.env", blob_of(repo, SECRET))
    first = committed(repo, tree_of(repo, (b"100644", b"big.yaml", zeros(repo, size)), secret))
    tree = tree_of(repo, (b"100644", b"other.yaml", zeros(repo, size + 1)), secret)
    repo.git("update-ref", "refs/heads/main", repo.git("commit-tree", tree, "-p", first, "-m", "two"))
    return repo


def packed_bombs(count: int) -> Iterator[tuple[bytes, bytes]]:
    """Files that are next to nothing in the pack and 2 MB each outside of it."""
    return ((b"z%d.txt" % number, b"%08d" % number + bytes(1_999_000)) for number in range(count))


def tree_bomb(folder: Path, depth: int) -> Repo:
    """Ten to the power of `depth` files, of one blob and as many trees as it is deep."""
    repo = Repo(folder)
    tree = tree_of(repo, (b"100644", b"f.env", blob_of(repo, b"A=1\n")))
    for _ in range(depth):
        tree = tree_of(repo, *[(b"40000", b"d%d" % number, tree) for number in range(10)])
    committed(repo, tree)
    return repo
