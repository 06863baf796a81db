"""The contract of a family of annotators."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from .._lazy import distributions, jax, jnp, numpyro
from ..annotators import Annotators, FittedAnnotators, Sources
from ..errors import InputError
from ..laws import Uniform
from ..noise import Setting
from .frequencies import assert_frequencies
from .gradients import check_gradient
from .parts import check_description, expect

_PARAMETERS = ("rate", "trust", "hammers", "ability", "bias", "scale")
"""Fields in which the families of this project hold numbers that a law may stand for."""
_FEW = 5


@dataclasses.dataclass(frozen=True, eq=False)
class _Views:
    """A fitted family, the draw of its parameters, and what each annotator says of each row and label.

    `said` is (rows, annotators, label, vote).
    """

    fitted: FittedAnnotators
    parameters: Any
    context: Any
    said: np.ndarray
    sites: dict[str, Any]
    sources: Sources


def check_annotators(
    description: Annotators,
    setting: Setting,
    key: Any,
    *,
    parameters: tuple[str, ...] = _PARAMETERS,
    num_draws: int = 200_000,
    false_alarm: float = 1e-6,
    written: bool = True,
) -> None:
    """Everything that the contract of a family promises, for one table and one ground truth.

    The description is plain data. Fitted, `said` holds probabilities that do not depend on which pairs are asked for
    together; averaged over the rows it is `transitions`, and averaged over a law of labels `push_forward`. Draws follow
    it (an exact binomial test of every cell: with 200,000 draws for each label and three classes, divided among at most
    25 pairs, an entry that is off by 0.04 is seen in nearly every run), log-probabilities are its logarithms. Sites are
    called `annotation.<name>`; where all are continuous, the log-probability has derivatives that NUTS can follow.

    Args:
        description: the family.
        setting: what it is fitted to.
        key: a JAX key.
        parameters: the fields that hold numbers which may be laws; names that the family lacks are passed over.
        num_draws: how many draws the check of frequencies takes for each label.
        false_alarm: the largest probability that the check of frequencies fails on a correct family.
        written: False for a family that a spec file cannot hold.
    """
    check_description(description, written=written)
    with jax.enable_x64(True):
        views = _views(description, setting, key)
        _check_names(description, views)
        _check_said(views, key)
        _check_draws(views, key, num_draws, false_alarm)
        _check_laws(description, parameters, setting, key)
        _check_derivatives(views)
        exact, values = views.said, {name: np.asarray(site["value"]) for name, site in views.sites.items()}
    with jax.enable_x64(False):
        single = _views(description, setting, key, {name: jnp.asarray(value) for name, value in values.items()})
    expect(single.said.dtype == np.float32, f"in single precision `said` must be float32; got {single.said.dtype}")
    np.testing.assert_allclose(single.said, exact, atol=1e-4, err_msg="`said` in single precision")


def _views(description: Annotators, setting: Setting, key: Any, substituted: dict[str, Any] | None = None) -> _Views:
    generator, rows, size = np.random.default_rng(7), setting.table.num_rows, len(setting.classes)
    laws = generator.dirichlet(np.ones(size), (2, rows))
    sources = Sources(setting.table.features, *laws)
    fitted = description.fit(setting).for_soft_labels(sources.soft_label)
    expect(isinstance(fitted, FittedAnnotators), f"`fit` must give FittedAnnotators; got {type(fitted).__name__}")
    leaves, structure = jax.tree_util.tree_flatten(fitted)
    fitted = jax.tree_util.tree_unflatten(structure, leaves)
    made: list[Any] = []
    program = numpyro.handlers.substitute(lambda: made.append(_sampled(fitted, rows)), data=substituted or {})
    trace = numpyro.handlers.trace(numpyro.handlers.seed(program, key)).get_trace()
    sites = {name: site for name, site in trace.items() if site["type"] == "sample"}
    parameters, items = made[0]
    # Only what is asked for, so that a family cannot look at what it does not say it needs.
    known = Sources(**{name: value for name, value in sources._asdict().items() if name in fitted.depends_on})
    context = fitted.context(known, items)
    places = np.stack(np.meshgrid(np.arange(rows), np.arange(len(fitted.names)), np.arange(size), indexing="ij"), -1)
    said = np.asarray(fitted.said(parameters, context, *places.reshape(-1, 3).T))
    return _Views(fitted, parameters, context, said.reshape(*places.shape[:-1], size), sites, sources)


def _sampled(fitted: FittedAnnotators, rows: int) -> tuple[Any, Any]:
    parameters = fitted.sample_parameters()
    with numpyro.plate("row", rows):
        return parameters, fitted.sample_items(rows)


def _check_names(description: Annotators, views: _Views) -> None:
    names = views.fitted.names
    expect(len(names) == description.size, f"there must be {description.size} names; got {len(names)}")
    expect(len(set(names)) == len(names), f"annotators must have different names; got {names}")
    expect(names == description.names, "description and fitted family must have the same names")
    expect(description.depends_on == views.fitted.depends_on, "both must depend on the same")
    wrong = [name for name in views.sites if not name.startswith("annotation.")]
    expect(not wrong, f"sites must start with 'annotation.'; got {wrong}")


def _check_said(views: _Views, key: Any) -> None:
    """Probabilities; the same for some pairs as for all; their mean over rows; their push-forward."""
    said, fitted = views.said, views.fitted
    expect(np.isfinite(said).all() and said.min() >= 0, "`said` must hold no negative numbers")
    np.testing.assert_allclose(said.sum(-1), 1.0, atol=1e-12, err_msg="`said` must sum to 1")
    some = np.random.default_rng(3).integers(said.shape[:3], size=(20, 3))
    again = fitted.said(views.parameters, views.context, *some.T)
    np.testing.assert_allclose(again, said[tuple(some.T)], atol=1e-14, err_msg="`said` for some of the pairs")
    transitions = np.asarray(fitted.transitions(views.parameters, views.context))
    np.testing.assert_allclose(transitions, said.mean(0), atol=1e-12, err_msg="`transitions`")
    laws = views.sources.noisy_soft_label[some[:, 0]]
    pushed = fitted.push_forward(views.parameters, views.context, some[:, 0], some[:, 1], laws)
    expected = np.einsum("pk,pkj->pj", laws, said[some[:, 0], some[:, 1]])
    np.testing.assert_allclose(pushed, expected, atol=1e-12, err_msg="push-forward")


def _check_draws(views: _Views, key: Any, num_draws: int, false_alarm: float) -> None:
    """Votes of the first rows and annotators by frequencies; their log-probabilities exactly."""
    shown = views.said[:_FEW, :_FEW]
    pairs, size = shown.shape[0] * shown.shape[1], shown.shape[-1]
    for label in range(size):
        law = distributions.Vote(shown[:, :, label].reshape(pairs, size), np.full(pairs, label), np.ones(pairs, bool))
        codes = np.asarray(law.sample(jax.random.fold_in(key, label), (num_draws // pairs,)))
        counts = np.stack([(codes == code).sum(0) for code in range(size)], -1)
        assert_frequencies(counts, law.probs, false_alarm=false_alarm)
        logs = np.stack([law.log_prob(np.full(pairs, code)) for code in range(size)], -1)
        np.testing.assert_allclose(np.exp(logs), law.probs, atol=1e-12, err_msg="log-probabilities")


def _check_laws(description: Annotators, parameters: tuple[str, ...], setting: Setting, key: Any) -> None:
    """A law for each number: one draw for each annotator, or for all; the draw has the effect of the number."""
    for name in parameters:
        value = getattr(description, name, None)
        if not isinstance(value, float) or value == 0.0:
            continue
        try:
            changed = dataclasses.replace(description, **{name: Uniform(0.5 * value, value)})
        except InputError:
            continue  # a family that has no use for the number says so
        site = f"annotation.{name}"
        views = _views(changed, setting, key)
        expect(site in views.sites, f"a law for {name!r} must make the site {site!r}; got {sorted(views.sites)}")
        others = {other: made["value"] for other, made in views.sites.items()}
        set_to = jnp.full(np.shape(others[site]), 0.75 * value)
        given = _views(changed, setting, key, {**others, site: set_to})
        del others[site]
        plain = _views(dataclasses.replace(description, **{name: 0.75 * value}), setting, key, others)
        np.testing.assert_allclose(given.said, plain.said, rtol=1e-12, err_msg=f"a law for {name!r} set to a number")


def _check_derivatives(views: _Views) -> None:
    """The gradient of the log-probability of votes in all unknown parameters, some of them against differences."""
    laws = [site["fn"] for site in views.sites.values()]
    if not laws or any(law.support.is_discrete for law in laws):
        return
    size, fitted, rows = views.said.shape[-1], views.fitted, len(views.said)
    generator = np.random.default_rng(4)
    places = generator.integers((rows, len(fitted.names), size), size=(40, 3)).T
    votes = (views.said[tuple(places)].cumsum(-1) < generator.uniform(size=(40, 1))).sum(-1)
    known = Sources(*(value if name in fitted.depends_on else None for name, value in views.sources._asdict().items()))

    def model() -> None:
        parameters, items = _sampled(fitted, rows)
        said = fitted.said(parameters, fitted.context(known, items), *places)
        numpyro.sample("votes", distributions.Vote(said, places[2], np.ones(40, bool)), obs=votes)

    check_gradient(model, views.sites)
