"""IdentityCache: values by the identity of their key, oldest out first."""

from __future__ import annotations

from inftool.core.identity_cache import IdentityCache


def test_equal_objects_have_entries_of_their_own() -> None:
    cache: IdentityCache[dict[str, int], str] = IdentityCache(4)
    one, equal = {"a": 1}, {"a": 1}
    assert cache.put(one, "one") == "one"
    assert cache.get(one) == "one"
    assert cache.get(equal) is None


def test_the_oldest_entry_goes_when_the_cache_is_full() -> None:
    cache: IdentityCache[list[int], int] = IdentityCache(2)
    keys = [[0], [1], [2]]
    for number, key in enumerate(keys):
        cache.put(key, number)
    assert [cache.get(key) for key in keys] == [None, 1, 2]


def test_putting_a_key_again_replaces_its_value_and_evicts_nothing() -> None:
    cache: IdentityCache[list[int], int] = IdentityCache(2)
    first, second = [0], [1]
    cache.put(first, 0)
    cache.put(second, 1)
    cache.put(second, 2)
    assert (cache.get(first), cache.get(second)) == (0, 2)


def test_an_entry_keeps_its_key_alive_so_that_its_identity_is_not_reused() -> None:
    cache: IdentityCache[list[int], int] = IdentityCache(100)
    for number in range(50):
        cache.put([number], number)
    assert all(cache.get([number]) is None for number in range(50))
