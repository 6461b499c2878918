"""rust/web-framework-split."""

import pytest

from findings.core.errors import Unreadable
from findings.core.facts import Blob
from findings.core.rules.rust_frameworks import FAMILY
from findings.core.types import Identity, Observation, Priority
from tests.findings.core.rules.tree import see, why_unreadable

MAIN = "fn main() {}\n"
WORKSPACE = '[workspace]\nmembers = ["services/*", "libs/*"]\n'


def crate(name: str, dependencies: str = "", more: str = "") -> str:
    return f'[package]\nname = "{name}"\nversion = "1.0.0"\n{more}\n[dependencies]\nserde = "1"\n{dependencies}\n'


def service(name: str, dependencies: str, more: str = "") -> dict[str, str]:
    return {f"services/{name}/Cargo.toml": crate(name, dependencies, more), f"services/{name}/src/main.rs": MAIN}


AXUM = {**service("orders", 'axum = "0.7"'), **service("stock", 'axum = "0.7"')}


def split(files: dict[str, str], workspace: str = WORKSPACE) -> list[Observation]:
    return see(FAMILY, {"Cargo.toml": workspace, **AXUM, **files})


@pytest.mark.parametrize("framework", ["actix-web", "rocket", "warp", "poem", "tide"])
def test_a_service_on_another_framework_is_a_finding_that_names_both_camps(framework):
    (seen,) = split(service("billing", f'{framework} = "4"'))
    assert (seen.rule, seen.priority, seen.identity) == ("rust/web-framework-split", Priority.P0, Identity.LOGICAL)
    assert (seen.key, seen.path, seen.line) == ("billing", "services/billing/Cargo.toml", 7)
    assert seen.properties["camps"] == {framework: ["billing"], "axum": ["orders", "stock"]}
    assert framework in seen.message and "orders, stock" in seen.message


def test_each_crate_of_the_minority_is_a_finding_of_its_own():
    seen = split({**service("billing", 'actix-web = "4"'), **service("mail", 'warp = "0.3"')})
    assert sorted(one.key for one in seen) == ["billing", "mail"]


def test_of_camps_of_one_size_the_libraries_and_the_workspace_tell_which_is_the_houses():
    files = {"Cargo.toml": WORKSPACE, **service("orders", 'axum = "0.7"'), **service("billing", 'actix-web = "4"')}
    assert [one.key for one in see(FAMILY, files)] == ["orders"]
    library = {"libs/web/Cargo.toml": crate("web", 'axum = "0.7"'), "libs/web/src/lib.rs": ""}
    assert [one.key for one in see(FAMILY, files | library)] == ["billing"]
    offered = WORKSPACE + '[workspace.dependencies]\naxum = "0.7"\n'
    assert [one.key for one in see(FAMILY, files | {"Cargo.toml": offered})] == ["billing"]


def test_one_framework_everywhere_is_fine():
    assert split(service("billing", 'axum = "0.6"')) == []


def test_a_dependency_inherited_from_the_workspace_is_resolved():
    shared = WORKSPACE + '[workspace.dependencies]\nactix-web = "4"\naxum = "0.7"\n'
    (seen,) = split(service("billing", "actix-web = { workspace = true }"), shared)
    assert (seen.key, seen.line) == ("billing", 7)
    (seen,) = split(service("billing", "actix-web.workspace = true"), shared)
    assert (seen.key, seen.line) == ("billing", 7)


def test_renames_are_resolved_in_the_crate_and_in_the_workspace():
    (seen,) = split(service("billing", 'web = { package = "actix-web", version = "4" }'))
    assert (seen.properties["framework"], seen.line) == ("actix-web", 7)
    shared = WORKSPACE + '[workspace.dependencies]\nweb = { package = "actix-web", version = "4" }\n'
    (seen,) = split(service("billing", "web = { workspace = true }"), shared)
    assert (seen.properties["framework"], seen.line) == ("actix-web", 7)
    disguise = 'actix-web = { package = "axum", version = "0.7" }'
    assert split(service("billing", disguise)) == []


def test_dependencies_of_a_target_and_in_a_table_of_their_own_count():
    (seen,) = split(service("billing", "[target.'cfg(unix)'.dependencies]\nactix-web = \"4\""))
    assert seen.key == "billing"
    (seen,) = split(service("billing", '[dependencies.actix-web]\nversion = "4"'))
    assert (seen.key, seen.line) == ("billing", 7)


def test_a_binary_may_stand_in_a_bin_folder_or_be_named_in_the_manifest():
    manifest = {"services/b/Cargo.toml": crate("b", 'actix-web = "4"')}
    assert split(manifest) == []
    assert len(split({**manifest, "services/b/src/bin/serve.rs": MAIN})) == 1
    assert (
        len(split({"services/b/Cargo.toml": crate("b", 'actix-web = "4"') + '[[bin]]\nname = "b"\npath = "x.rs"\n'}))
        == 1
    )


def test_a_crate_of_both_camps_is_a_finding():
    (seen,) = split(service("billing", 'axum = "0.7"\nactix-web = "4"'))
    assert seen.key == "billing"


def test_helper_crates_with_similar_names_are_no_framework():
    assert split(service("billing", 'axum-trace = "1"\nactix-cors = "1"\nwarp-lang = "1"')) == []


def test_a_library_is_no_service():
    assert split({"libs/kit/Cargo.toml": crate("kit", 'actix-web = "4"')}) == []


def test_comments_and_scripts_are_no_dependencies():
    files = service("billing", '# actix-web = "4"')
    files["scripts/gen/Cargo.toml"] = crate("gen", 'warp = "0.3"')
    files["scripts/gen/src/main.rs"] = MAIN
    files["build.sh"] = "cargo add actix-web\n"
    assert split(files) == []


def test_what_only_tests_or_the_build_need_is_fine():
    more = '[dev-dependencies]\nwarp = "0.3"\n[build-dependencies]\ntide = "0.16"'
    assert split(service("billing", f'axum = "0.7"\n{more}')) == []


def test_what_the_workspace_only_offers_is_fine():
    assert split({}, WORKSPACE + '[workspace.dependencies]\nactix-web = "4"\nwarp = "0.3"\n') == []


def test_an_optional_dependency_counts_when_it_is_on_by_default():
    optional = 'actix-web = { version = "4", optional = true }'
    assert split(service("billing", optional)) == []
    (seen,) = split(service("billing", optional, '[features]\ndefault = ["web"]\nweb = ["dep:actix-web"]\n'))
    assert seen.key == "billing"


def test_crates_of_two_workspaces_are_not_compared():
    files = {
        "a/Cargo.toml": '[workspace]\nmembers = ["x"]\n',
        "a/x/Cargo.toml": crate("x", 'axum = "0.7"'),
        "a/x/src/main.rs": MAIN,
        "b/Cargo.toml": crate("b", 'warp = "0.3"') + "[workspace]\n",
        "b/src/main.rs": MAIN,
    }
    assert see(FAMILY, files) == []
    assert (
        see(
            FAMILY,
            {
                "Cargo.toml": '[workspace]\nexclude = ["b"]\n',
                **{k: v for k, v in files.items() if k != "a/Cargo.toml"},
                "b/Cargo.toml": crate("b", 'warp = "0.3"'),
            },
        )
        == []
    )


def test_a_copy_of_a_crate_elsewhere_is_an_occurrence_of_the_same_finding():
    billing = service("billing", 'actix-web = "4"')
    seen = split({**billing, **{f"archived/{path}": text for path, text in billing.items()}})
    assert len(seen) == 2
    assert {one.key for one in seen} == {"billing"}


def test_a_manifest_that_does_not_parse_is_not_covered():
    assert "TOML" in why_unreadable(FAMILY, "Cargo.toml", "[package\nname = 1")
    assert why_unreadable(FAMILY, "Cargo.toml", "a = " + "[" * 5000)
    assert why_unreadable(FAMILY, "Cargo.toml", "a." * 5000 + "b = 1")
    assert why_unreadable(FAMILY, "Cargo.toml", "#" * 300_000)


def test_manifests_of_strange_shape_do_no_harm():
    assert (
        see(
            FAMILY,
            {"Cargo.toml": "package = 3\ndependencies = [1]\nworkspace = 2\nbin = 4\nfeatures = 1\ntarget = 5\n"},
        )
        == []
    )


def test_a_crate_that_the_workspace_does_not_list_is_not_of_it():
    left = {"services/old/Cargo.toml": crate("old", 'warp = "0.3"'), "services/old/src/main.rs": MAIN}
    listed = '[workspace]\nmembers = [\n    "services/orders",\n    "./services/stock",\n    # "services/old",\n]\n'
    assert split(left, listed) == []
    assert [one.key for one in split(left)] == ["old"]
    for members in ("**", "services/**/*", "*/old", "services/o?d"):
        own = f'[workspace]\nmembers = ["services/orders", "services/stock", "{members}"]\n'
        assert [one.key for one in split(left, own)] == ["old"], members


def test_dotted_and_inline_tables_of_dependencies_are_read():
    for text in ('dependencies.actix-web = "4"\n', 'dependencies = { actix-web = "4" }\n'):
        files = {"services/b/Cargo.toml": text + '[package]\nname = "b"\n', "services/b/src/main.rs": MAIN}
        assert [(one.key, one.line) for one in split(files)] == [("b", 1)]


def test_a_dependency_of_tests_above_the_real_one_does_not_take_its_line():
    more = '[dev-dependencies]\nactix-web = "4"\n'
    (seen,) = split(
        service(
            "billing", 'actix-web = { version = "4", default-features = false, features = [\n    "macros",\n] }', more
        )
    )
    assert seen.line == 9


def test_programs_of_one_crate_in_a_bin_folder_and_two_files_are_one_crate():
    files = {
        "services/b/Cargo.toml": crate("b", 'poem = "3"'),
        "services/b/src/bin/a.rs": MAIN,
        "services/b/src/bin/c/main.rs": MAIN,
    }
    assert [one.key for one in split(files)] == ["b"]


def test_examples_and_build_scripts_do_not_make_a_library_a_service():
    files = {
        "libs/kit/Cargo.toml": crate("kit", 'actix-web = "4"'),
        "libs/kit/build.rs": MAIN,
        "libs/kit/examples/demo.rs": MAIN,
    }
    assert split(files) == []


@pytest.mark.parametrize("lost", ["<<<<<<< HEAD\n", "serde = {\n", "[\n", '"half\n'])
def test_a_manifest_that_does_not_parse_still_says_what_its_crate_is_built_with(lost):
    text = f'[package]\nname = "mail"\n\n[dependencies]\naxum = {{ workspace = true }}\n{lost}tokio = "1"\n\n[[bin]]\nname = "mail"\n'
    with pytest.raises(Unreadable) as told:
        FAMILY.extract(Blob(text.encode(), "conf:cargo", b"key"))
    assert told.value.facts["package"] == "mail"
    assert told.value.facts["bin"]
    assert told.value.facts["uses"]["axum"] == ["axum", True]
    assert told.value.facts["places"]["axum"]["line"] == 5


@pytest.mark.parametrize("text", ["a = [\n" * 40_000, "[a]\nb\n" * 20_000, "[a\n" * 40_000])
def test_a_manifest_of_which_nothing_parses_is_not_covered(text):
    assert why_unreadable(FAMILY, "svc/Cargo.toml", text)
