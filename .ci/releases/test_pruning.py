"""Which releases tools/prune-versions deletes."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from releases import Version, grouped, prunable  # noqa: E402

FUNCTIONS = ["GetItem", "PatchItem"]


def version(function, number, release):
    return Version(function, str(number), release, f"2026-11-30T00:{number:02}:00.000+0000", 1)


def whole(number, release):
    return [version(function, number, release) for function in FUNCTIONS]


def pruned(versions, keep, used=()):
    return [release.name for release in prunable(grouped(versions), FUNCTIONS, keep, set(used))]


def test_the_newest_releases_stay():
    versions = [*whole(9, "b"), *whole(10, "a"), *whole(8, "c")]

    assert [release.name for release in grouped(versions)] == ["a", "b", "c"]
    assert pruned(versions, 1) == ["b", "c"]
    assert pruned(versions, 2) == ["c"]
    assert pruned(versions, 3) == []


def test_a_release_of_which_any_version_is_used_stays_whole():
    versions = [*whole(3, "a"), *whole(2, "b"), *whole(1, "c")]

    assert pruned(versions, 1, used=[version("PatchItem", 1, "c")]) == ["b"]


def test_a_release_that_lacks_a_function_does_not_count_and_goes():
    versions = [*whole(4, "a"), version("GetItem", 3, "b"), *whole(2, "c"), *whole(1, "d")]

    assert pruned(versions, 2) == ["b", "d"]
    assert pruned(versions, 2, used=[version("GetItem", 3, "b")]) == ["d"]


def test_several_deployments_under_one_name_are_one_release():
    versions = [*whole(3, "a"), *whole(2, "b"), *whole(1, "a")]

    assert pruned(versions, 1) == ["b"]
    assert {number.number for number in grouped(versions)[0].newest().values()} == {"3"}
    assert grouped([version("GetItem", 9, "a"), version("GetItem", 10, "a")])[0].newest()["GetItem"].number == "10"


def test_versions_without_a_name_stay():
    versions = [*whole(3, "a"), *whole(2, ""), *whole(1, "b")]

    assert pruned(versions, 1) == ["b"]
