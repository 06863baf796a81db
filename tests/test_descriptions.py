"""Descriptions are plain data; fitted parts are pytrees that are checked once."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from typing import Annotated, Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from pydantic import Field, TypeAdapter

from synlabel_prob.descriptions import constant, description, fitted, static, to_plain
from synlabel_prob.errors import InputError


@description
class Leaf:
    """A small part."""

    size: Annotated[int, Field(ge=1)] = 3
    kind: Literal["leaf"] = "leaf"


@description
class Branch:
    """A part that holds others."""

    name: str
    leaves: tuple[Leaf, ...] = ()
    weights: dict[str, float] = Field(default_factory=dict)
    rule: Literal["scott", "silverman"] | float = "scott"
    kind: Literal["branch"] = "branch"

    def __post_init__(self) -> None:
        if self.name == "bad":
            raise InputError("name must not be 'bad'.")


def test_equal_by_value_frozen_and_pasted_back():
    branch = Branch("a", (Leaf(), Leaf(5)), {"x": 1})
    assert branch == Branch("a", [Leaf(), {"size": 5}], {"x": 1.0})
    assert branch != Branch("a")
    assert eval(repr(branch)) == branch
    with pytest.raises(dataclasses.FrozenInstanceError):
        branch.name = "b"


def test_the_plain_form_leaves_out_defaults_and_begins_with_the_kind():
    assert to_plain(Branch("a")) == {"kind": "branch", "name": "a"}
    plain = to_plain(Branch("a", (Leaf(), Leaf(5)), {"x": 1}, 0.5))
    assert plain == {
        "kind": "branch",
        "name": "a",
        "leaves": [{"kind": "leaf"}, {"kind": "leaf", "size": 5}],
        "weights": {"x": 1.0},
        "rule": 0.5,
    }
    assert next(iter(plain)) == "kind"
    assert TypeAdapter(Branch).validate_python(plain) == Branch("a", (Leaf(), Leaf(5)), {"x": 1}, 0.5)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Leaf(siz=2), "`siz` is not known: did you mean 'size'?"),
        (lambda: Leaf(0), "`size` must be at least 1; got 0."),
        (lambda: Leaf("many"), "`size` must be a whole number; got 'many'"),
        (lambda: Leaf(2.5), "`size` must be a whole number; got 2.5"),
        (lambda: Branch(), "`name` is missing: it has no default, so give it."),
        (lambda: Branch("bad"), "must not be 'bad'."),
        (lambda: Branch("a", weights={"x": float("nan")}), "`weights.x` must be a finite number; got nan"),
        (lambda: Branch("a", ({"size": 2}, {"size": 0})), "`leaves[1].size` must be at least 1; got 0."),
    ],
)
def test_what_does_not_fit_is_a_sentence(build, message):
    with pytest.raises(InputError, match=re.escape(message)):
        build()


def test_everything_that_is_wrong_is_said_at_once():
    with pytest.raises(InputError) as caught:
        Branch(3, rul="x", weights={"a": "b"})
    assert len(str(caught.value).splitlines()) == 3


# --- fitted parts ---


@fitted
class Pair:
    """Two arrays and a name."""

    left: Any
    right: Any = 2.0
    name: str = static(default="pair")

    def check(self) -> None:
        """Refuses values that a user could give; never sees a tracer."""
        if not np.all(np.asarray(self.left) > 0):
            raise InputError("left must be positive.")

    def total(self) -> Any:
        """The sum."""
        return (self.left + self.right).sum()


def test_a_fitted_part_is_a_pytree_with_static_fields():
    pair = Pair(np.arange(1.0, 4.0), name="p")
    leaves, structure = jax.tree_util.tree_flatten(pair)
    assert len(leaves) == 2
    again = jax.tree_util.tree_unflatten(structure, leaves)
    assert (type(again), again.name) == (Pair, "p")
    assert jax.tree_util.tree_structure(Pair(1.0, name="q")) != structure
    paths = [jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_flatten_with_path(pair)[0]]
    assert paths == [".left", ".right"]


def test_it_is_checked_when_a_user_builds_it_and_never_by_jax():
    with pytest.raises(InputError, match=r"^left must be positive\.$"):
        Pair(np.array([1.0, -1.0]))
    pair = Pair(np.ones(3))
    negative = jax.tree_util.tree_map(lambda leaf: -1.0 * leaf, pair)
    assert float(negative.total()) == -9.0
    assert float(jax.jit(Pair.total)(pair)) == 9.0
    assert jax.grad(lambda pair: pair.total())(Pair(jnp.ones(3))).left.tolist() == [1.0, 1.0, 1.0]


def test_a_batch_of_fitted_parts_is_built_under_vmap():
    made = jax.vmap(lambda left: jax.tree_util.tree_map(lambda leaf: leaf * 2, _pair(left)))(jnp.ones((4, 3)))
    assert made.left.shape == (4, 3)


def _pair(left):
    pair = object.__new__(Pair)
    for name, value in (("left", left), ("right", jnp.ones(())), ("name", "batch")):
        object.__setattr__(pair, name, value)
    return pair


def test_same_shapes_and_new_values_are_compiled_once():
    traced = []

    @jax.jit
    def total(pair):
        traced.append(1)
        return pair.total()

    for value in (1.0, 2.0, 3.0):
        total(Pair(np.full(3, value), jnp.array(value)))
    assert len(traced) == 1


def test_an_array_used_in_double_precision_is_used_in_single_afterwards():
    # Without `constant` JAX hands out the array in double precision again, and the compiled function fails.
    array, other = np.array([1.5]), np.array([1.5])
    subtract, plain = jax.jit(lambda x: x - constant(array)), jax.jit(lambda x: x - other)
    with jax.enable_x64(True):
        assert subtract(np.ones((4, 1))).dtype == np.float64
        assert plain(np.ones((4, 1))).dtype == np.float64
    with jax.enable_x64(False):
        assert subtract(np.ones((4, 1))).dtype == np.float32
        assert jax.jit(jax.vmap(subtract))(np.ones((4, 1))).dtype == np.float32


def test_describing_needs_neither_jax_nor_numpyro():
    program = (
        "import sys\nfrom synlabel_prob import priors, ground_truth, laws\n"
        "from synlabel_prob.descriptions import to_plain\n"
        "prior = priors.Product((priors.Block(('a',), priors.GaussianRegression()),))\n"
        "to_plain(prior), prior.explain(), ground_truth.Learned('SVC').explain(), laws.Beta(1, 2)\n"
        "print([name for name in ('jax', 'numpyro', 'sklearn', 'scipy', 'arviz') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
