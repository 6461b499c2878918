"""protobuf/unversioned-package."""

import pytest

from findings.core.rules.protobuf import FAMILY
from tests.findings.core.rules.tree import see

PROTO = 'syntax = "proto3";\n\npackage {};\n\nmessage Order {{ string id = 1; }}\n'


def test_own_package_without_a_version_is_reported_by_its_name_and_line():
    (seen,) = see(FAMILY, {"orders/proto/orders.proto": PROTO.format("shop.orders")})
    assert (seen.rule, seen.key, seen.line) == ("protobuf/unversioned-package", "shop.orders", 3)
    assert "shop.orders" in seen.message


@pytest.mark.parametrize("package", ["shop.orders.v1", "shop.v2.orders", "shop.orders.v1beta1", "v3", "shop.v1alpha"])
def test_a_version_part_anywhere_is_enough(package):
    assert see(FAMILY, {"a.proto": PROTO.format(package)}) == []


@pytest.mark.parametrize("package", ["shop.video", "shop.vendor1", "shop.ordersv1", "shop.v", "shop.ver1"])
def test_words_that_only_look_like_a_version_are_none(package):
    assert len(see(FAMILY, {"a.proto": PROTO.format(package)})) == 1


@pytest.mark.parametrize("package", ["google.api", "grpc.health", "envoy.config", "buf.validate"])
def test_packages_of_others_are_left_alone(package):
    assert see(FAMILY, {"proto/x.proto": PROTO.format(package)}) == []


@pytest.mark.parametrize("folder", ["third_party", "vendor/x", "a/node_modules/b", "googleapis"])
def test_vendored_folders_are_left_alone(folder):
    assert see(FAMILY, {f"{folder}/x.proto": PROTO.format("acme.things")}) == []


def test_a_package_that_only_begins_like_a_foreign_one_is_ours():
    assert len(see(FAMILY, {"x.proto": PROTO.format("googly.things")})) == 1


def test_a_package_in_a_comment_or_string_is_not_one():
    text = (
        '// package shop.old;\n/* package\n shop.older; */\noption x = "package shop.quoted;";\npackage shop.new.v1;\n'
    )
    assert see(FAMILY, {"x.proto": text}) == []


def test_two_files_of_one_package_are_occurrences_of_one_finding():
    seen = see(FAMILY, {"a/a.proto": PROTO.format("shop"), "b/b.proto": PROTO.format("shop")})
    assert {one.key for one in seen} == {"shop"}
    assert {one.path for one in seen} == {"a/a.proto", "b/b.proto"}


def test_a_file_without_a_package_and_other_files_say_nothing():
    assert see(FAMILY, {"x.proto": 'syntax = "proto3";\n', "x.md": "package shop;"}) == []


@pytest.mark.parametrize(
    "text",
    [
        'syntax = "proto3"; package shop.orders;',
        'edition = "2023";\npackage shop . orders ;\n',
        "/* package a.v1; */ package shop.orders; // package b.v1;",
        "package shop.orders;\r\n",
    ],
)
def test_every_writing_of_a_package_statement_is_read(text):
    (seen,) = see(FAMILY, {"proto/orders.proto": text})
    assert seen.key == "shop.orders"


def test_the_line_is_that_of_the_statement_and_the_key_outlives_a_rename():
    text = 'syntax = "proto3";\n\npackage\n    shop.orders\n;\n'
    for path in ("proto/orders.proto", "api/orders/all.proto"):
        (seen,) = see(FAMILY, {path: text})
        assert (seen.key, seen.line) == ("shop.orders", 3)


def test_a_field_named_package_and_an_import_of_one_are_no_statement():
    text = 'package shop.v1;\nimport "other/package.proto";\nmessage P {\n  string package = 1;\n}\n'
    assert see(FAMILY, {"x.proto": text}) == []
