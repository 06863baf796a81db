"""Random numbers belong to a site's name and a row's id."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
import pytest
from numpyro.handlers import trace

from synlabel_prob import randomness
from synlabel_prob.distributions import SoftLabel
from synlabel_prob.testing import assert_uniform


def test_hashes_belong_to_the_ids_whatever_their_type():
    for ids in (np.arange(5), np.array(["a", "b", "é", "", "a b"], dtype=object), np.array([2**60, -1, 0, 7, 5])):
        hashes = randomness.row_hashes(ids)
        assert hashes.shape == (5, 2) and hashes.dtype == np.uint32
        assert len(np.unique(hashes, axis=0)) == 5
        np.testing.assert_array_equal(randomness.row_hashes(ids[::-1]), hashes[::-1])


def test_hashes_are_the_same_in_every_session():
    np.testing.assert_array_equal(randomness.row_hashes(np.array([0, 1]))[1], [1452414493, 269157861])


def test_uniforms_are_uniform_and_never_reach_the_ends(key):
    # False alarm 1e-6; 20,000 rows see a cdf that is off by 0.03.
    uniforms = randomness.row_uniforms(key, "site", randomness.row_hashes(np.arange(20_000)), 3)
    assert_uniform(uniforms)
    assert np.abs(np.corrcoef(uniforms.T) - np.eye(3)).max() < 0.04
    largest = jnp.array([0, 2**32 - 1], dtype="uint32")
    for precision in (True, False):
        with jax.enable_x64(precision):
            ends = np.asarray(randomness.to_uniform(largest))
        assert ends[0] > 0 and ends[1] < 1


def test_sites_and_keys_have_their_own(key):
    hashes = randomness.row_hashes(np.arange(100))
    first = randomness.row_uniforms(key, "a", hashes, 2)
    assert not np.isin(randomness.row_uniforms(key, "b", hashes, 2), first).any()
    assert not np.isin(randomness.row_uniforms(jax.random.key(1), "a", hashes, 2), first).any()
    np.testing.assert_array_equal(randomness.row_uniforms(key, "a", hashes[40:60], 2), first[40:60])


def test_prefixes_of_the_sequence_agree():
    np.testing.assert_array_equal(randomness.sobol_words(3, 5), randomness.sobol_words(3, 7)[:32])


def model(size):
    numpyro.sample("rate", dist.Beta(2, 3))
    with numpyro.plate("row", size):
        numpyro.sample("label", SoftLabel(jnp.full((size, 3), 1 / 3)))
        numpyro.sample("other", SoftLabel(jnp.full((size, 3), 1 / 3)))


def values(ids, key, **options):
    sites = trace(randomness.row_handler(lambda: model(len(ids)), key, ids, **options)).get_trace()
    return {name: np.asarray(site["value"]) for name, site in sites.items() if site["type"] == "sample"}


def test_the_handler_gives_rows_their_own_numbers(key):
    ids = np.array(["r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8"], dtype=object)
    whole, part = values(ids, key), values(ids[[5, 1]], key)
    np.testing.assert_array_equal(part["label"], whole["label"][[5, 1]])
    assert part["rate"] == whole["rate"]
    assert not np.array_equal(whole["label"], whole["other"])


def test_a_site_can_be_drawn_by_a_map_of_its_own(key):
    drawn = values(np.arange(4), key, draw={"other": lambda law, uniforms: jnp.full(len(uniforms), 2)})
    assert drawn["other"].tolist() == [2] * 4
    np.testing.assert_array_equal(drawn["label"], values(np.arange(4), key)["label"])


def test_a_row_site_without_uniforms_is_refused(key):
    def gamma():
        with numpyro.plate("row", 3):
            numpyro.sample("x", dist.Gamma(1.0).expand([3]))

    with pytest.raises(TypeError, match=r"'x' draws by row, but .* no `from_uniforms`"):
        randomness.row_handler(gamma, key, np.arange(3))()


def test_pairs_have_their_own_numbers_whichever_are_asked_for(key):
    hashes, pairs = randomness.row_hashes(np.arange(50)), np.array([(r, a) for r in range(50) for a in range(4)])
    whole = np.asarray(randomness.pair_bits(key, hashes[pairs[:, 0]], pairs[:, 1], 2))
    assert len(np.unique(whole)) > 395  # of 400 words
    some = np.random.default_rng(0).permutation(200)[:30]
    part = randomness.pair_bits(key, hashes[pairs[some, 0]], pairs[some, 1], 2)
    np.testing.assert_array_equal(part, whole[some])


def test_the_handler_gives_pairs_their_own_numbers(key):
    def votes(rows, ids):
        def program():
            with numpyro.plate("vote", len(rows)):
                numpyro.sample("votes", SoftLabel(jnp.full((len(rows), 3), 1 / 3)))

        people = np.tile(np.arange(2), len(rows) // 2)
        handled = randomness.row_handler(program, key, ids, pairs=(rows, people))
        return np.asarray(trace(handled).get_trace()["votes"]["value"]).reshape(-1, 2)

    whole = votes(np.repeat(np.arange(20), 2), np.arange(20))
    part = votes(np.repeat(np.arange(3), 2), np.array([7, 0, 19]))
    np.testing.assert_array_equal(part, whole[[7, 0, 19]])
    assert (whole[:, 0] != whole[:, 1]).any()
