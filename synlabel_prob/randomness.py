"""Random numbers that belong to a site and a row, so that nothing else can change them.

Every uniform is a pure function of the run's key, the name of the site that uses it and the id of the row: two
specs that differ in one part share the random numbers of the others, permuting rows permutes results, and neither
chunks nor workers matter. Under NumPyro's own `seed` or `Predictive` the same program gives the same law, not the
same bits.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ._lazy import jax, jnp, numpyro

ROW_PLATE = "row"
VOTE_PLATE = "vote"
_WORD = 2.0**-32


def site_key(key: Any, name: str) -> Any:
    """The key of one named site: the run's key with a hash of the name that is the same in every session.

    It is a Threefry key whatever the run's is: other generators do not give each row numbers of its own.
    """
    with jax.enable_x64(True):  # in one precision, because each would compile a program of its own
        own = jax.random.fold_in(key, np.uint32(zlib.crc32(name.encode())))
    if "fry" in str(jax.random.key_impl(own)):
        return own
    return jax.random.wrap_key_data(jax.random.bits(own, (2,), "uint32"), impl="threefry2x32")


def row_hashes(row_ids: np.ndarray) -> np.ndarray:
    """A 64-bit hash of each row id as two words, shape (rows, 2), uint32; the same in every session."""
    from pandas.util import hash_array

    # pandas hands out what is in `pandas.util` at run time, so that no type of it is known.
    hashed = hash_array(np.asarray(row_ids), categorize=False)  # pyright: ignore[reportCallIssue]
    return np.stack([hashed >> np.uint64(32), hashed & np.uint64(0xFFFFFFFF)], -1).astype(np.uint32)


def row_bits(key: Any, hashes: Any, num: int) -> Any:
    """`num` random words for each row, shape (rows, num), uint32."""

    def one(words: Any) -> Any:
        return jax.random.bits(jax.random.fold_in(jax.random.fold_in(key, words[0]), words[1]), (num,), "uint32")

    return jax.vmap(one)(jnp.asarray(hashes))


def pair_bits(key: Any, hashes: Any, annotators: Any, num: int) -> Any:
    """`num` random words for each pair of a row and an annotator, (pairs, num), uint32.

    `hashes (pairs, 2)` are those of the rows' ids, `annotators (pairs,)` numbers of the annotators.
    """

    def one(words: Any, annotator: Any) -> Any:
        own = jax.random.fold_in(jax.random.fold_in(key, words[0]), words[1])
        return jax.random.bits(jax.random.fold_in(own, annotator), (num,), "uint32")

    return jax.vmap(one)(jnp.asarray(hashes), jnp.asarray(annotators))


def to_uniform(bits: Any) -> Any:
    """Words as numbers strictly inside (0, 1): the middles of 2^32 cells, or of 2^23 in single precision."""
    if jax.config.jax_enable_x64:
        return (bits.astype("float64") + 0.5) * _WORD
    return ((bits >> 9).astype("float32") + 0.5) * 2.0**-23  # 32 bits would round up to 1


@functools.cache
def _compiled_uniforms(num: int) -> Callable:
    return jax.jit(lambda key, hashes: to_uniform(row_bits(key, hashes, num)))


@functools.cache
def _compiled_pair_uniforms(num: int) -> Callable:
    return jax.jit(lambda key, hashes, annotators: to_uniform(pair_bits(key, hashes, annotators, num)))


def row_uniforms(key: Any, name: str, hashes: np.ndarray, num: int) -> np.ndarray:
    """`num` uniforms of the site `name` for each row, shape (rows, num), float64."""
    with jax.enable_x64(True):
        return np.asarray(_compiled_uniforms(num)(site_key(key, name), hashes))


@functools.lru_cache(maxsize=16)
def sobol_words(dims: int, log2_points: int) -> np.ndarray:
    """The first 2^log2_points points of a scrambled Sobol sequence, shape (points, dims), uint32.

    The scrambling is a constant: what is random is the digital shift that each row and replicate adds. Prefixes
    agree, so doubling the number of points keeps the first half.
    """
    from scipy.stats import qmc

    points = qmc.Sobol(dims, scramble=True, bits=32, rng=np.random.default_rng(2309_04318)).random_base2(log2_points)
    return (points * 2.0**32).astype(np.uint32)


def row_handler(
    model: Callable,
    key: Any,
    row_ids: np.ndarray,
    *,
    draw: Mapping[str, Callable] | None = None,
    pairs: tuple[Any, Any] | None = None,
) -> Callable:
    """The NumPyro model with every random number taken from the run's key by site name and row id.

    Sites in the row plate must know how to make their value from uniforms (`uniform_dims`, `from_uniforms`), as
    all of this project's do, and so must those in the vote plate, which have uniforms for each of the `pairs` of a row
    and an annotator (two arrays of places). Other sites get the key of their name. `draw` replaces the map of some
    sites: `draw[name](law, uniforms)` sees all rows at once.

    Raises:
        TypeError: a site in one of these plates has a distribution that cannot be drawn from uniforms.
    """
    hashes = row_hashes(row_ids)

    def uniforms_of(name: str, plates: set[str], num: int) -> Any:
        if VOTE_PLATE in plates and pairs is not None:
            return _compiled_pair_uniforms(num)(site_key(key, name), hashes[pairs[0]], pairs[1])
        return _compiled_uniforms(num)(site_key(key, name), hashes)

    class _ByRow(numpyro.primitives.Messenger):
        def process_message(self, msg: Any) -> None:
            if msg["type"] != "sample" or msg["is_observed"] or msg["value"] is not None:
                return
            plates = {frame.name for frame in msg["cond_indep_stack"]}
            if not plates & {ROW_PLATE, VOTE_PLATE}:
                msg["kwargs"]["rng_key"] = site_key(key, msg["name"])
                return
            law = msg["fn"]
            if not hasattr(law, "from_uniforms"):
                raise TypeError(f"site {msg['name']!r} draws by row, but {type(law).__name__} has no `from_uniforms`")
            uniforms = uniforms_of(msg["name"], plates, law.uniform_dims)
            own = (draw or {}).get(msg["name"])
            msg["value"] = law.from_uniforms(uniforms) if own is None else own(law, uniforms)

    return _ByRow(model)
