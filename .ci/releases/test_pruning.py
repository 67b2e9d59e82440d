"""Which releases tools/prune-versions deletes, and in which status of the stack."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from releases import Refused, Version, grouped, newer, prunable, refuse_unless_at_rest  # noqa: E402

FUNCTIONS = ["GetItem", "PatchItem"]


def version(function, number, release, tables="A B C D"):
    return Version(function, str(number), release, f"2026-11-30T00:{number:02}:00.000+0000", 1, tables)


def whole(number, release, tables="A B C D"):
    return [version(function, number, release, tables) for function in FUNCTIONS]


def pruned(versions, keep, live=(), named=()):
    """Returns the names of the releases to delete. Without `live` the newest version is in use."""
    live = live or versions[:1]
    return [release.name for release in prunable(grouped(versions), FUNCTIONS, keep, set(live), set(named))]


def test_the_newest_releases_stay():
    versions = [*whole(10, "a"), *whole(9, "b"), *whole(8, "c")]

    assert [release.name for release in grouped(versions)] == ["a", "b", "c"]
    assert pruned(versions, 1) == ["b", "c"]
    assert pruned(versions, 2) == ["c"]
    assert pruned(versions, 3) == []


def test_a_release_of_which_any_version_is_used_stays_whole():
    versions = [*whole(3, "a"), *whole(2, "b"), *whole(1, "c")]

    assert pruned(versions, 1, named=[version("PatchItem", 1, "c")]) == ["b"]


def test_a_release_that_lacks_a_function_does_not_count_and_goes():
    versions = [*whole(4, "a"), version("GetItem", 3, "b"), *whole(2, "c"), *whole(1, "d")]

    assert pruned(versions, 2) == ["b", "d"]
    assert pruned(versions, 2, named=[version("GetItem", 3, "b")]) == ["d"]


def test_several_deployments_under_one_name_are_one_release():
    versions = [*whole(3, "a"), *whole(2, "b"), *whole(1, "a")]

    assert pruned(versions, 1) == ["b"]
    assert {number.number for number in grouped(versions)[0].newest().values()} == {"3"}
    assert grouped([version("GetItem", 9, "a"), version("GetItem", 10, "a")])[0].newest()["GetItem"].number == "10"


def test_versions_without_a_name_stay():
    versions = [*whole(3, "a"), *whole(2, ""), *whole(1, "b")]

    assert pruned(versions, 1) == ["b"]


def test_failed_attempts_push_out_no_release_that_worked():
    failed = [member for number in range(9, 4, -1) for member in whole(number, f"failed{number}")]
    worked = [*whole(3, "a"), *whole(2, "b"), *whole(1, "c")]

    assert pruned(failed + worked, 2, live=whole(3, "a")) == ["failed9", "failed8", "failed7", "failed6", "failed5", "c"]
    assert [release.name for release in newer(grouped(failed + worked), set(whole(3, "a")))] == [f"failed{n}" for n in range(9, 4, -1)]


def test_a_release_that_was_rolled_back_stays_while_the_stack_names_it():
    versions = [*whole(3, "a"), *whole(2, "b"), *whole(1, "c")]

    assert pruned(versions, 1, live=whole(2, "b"), named=whole(3, "a")) == ["c"]


def test_while_aliases_disagree_the_newest_release_in_use_counts():
    versions = [*whole(4, "a"), *whole(3, "b"), *whole(2, "c"), *whole(1, "d")]

    assert pruned(versions, 1, live=[version("GetItem", 3, "b"), version("PatchItem", 2, "c")]) == ["a", "d"]


def test_the_newest_releases_stay_where_no_alias_is_left():
    releases = grouped([*whole(2, "a"), *whole(1, "b")])

    assert newer(releases, set()) == []
    assert [release.name for release in prunable(releases, FUNCTIONS, 1, set())] == ["b"]


def test_releases_with_other_tables_than_those_in_use_are_known():
    restored, before, mixed = whole(4, "a", "A-2 B C D"), whole(3, "b"), [version("GetItem", 2, "c", "A-2 B C D"), version("PatchItem", 1, "c")]
    releases = grouped([*restored, *before, *mixed])

    assert [release.name for release in releases if release.names_other_tables(set(restored))] == ["b", "c"]
    assert [release.name for release in releases if release.names_other_tables({*restored, *before})] == []
    assert [release.name for release in releases if release.names_other_tables(set())] == []


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "ROLLBACK_COMPLETE"])
def test_nothing_is_pruned_while_cloudformation_may_need_older_versions(status):
    with pytest.raises(Refused, match=f"is in {status}: .*continue-update-rollback --stack-name small"):
        refuse_unless_at_rest("small", status)


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"])
def test_releases_are_pruned_after_a_deployment_or_its_rollback_has_ended(status):
    refuse_unless_at_rest("small", status)
