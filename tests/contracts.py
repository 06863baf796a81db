"""The tables of parts that every contract test runs over: a new part needs one line here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np
import pandas as pd
import pytest

from synlabel_prob import annotators as a
from synlabel_prob import ground_truth as g
from synlabel_prob import laws
from synlabel_prob import noise as n
from synlabel_prob import observations as o
from synlabel_prob import priors as p
from synlabel_prob.table import Table

CLASSES = ("no", "maybe", "yes")


def mixed_table(rows: int = 80) -> Table:
    """Three dependent numbers, an ordinal and a categorical column, three classes that follow them."""
    generator = np.random.default_rng(11)
    age = generator.normal(40.0, 12.0, rows)
    income = 1000.0 * (20 + 0.5 * age + generator.normal(0.0, 6.0, rows))
    height = generator.normal(1.7, 0.1, rows)
    size = np.clip(np.round((age - 20) / 15 + generator.normal(0, 0.7, rows)), 0, 2).astype(int)
    region = generator.choice(3, rows, p=[0.6, 0.3, 0.1])
    score = (age - 40) / 12 + (income - 40_000) / 8000 + 0.8 * region + generator.normal(0, 0.5, rows)
    frame = pd.DataFrame({"age": age, "income": income, "height": height})
    frame["size"] = np.array(["S", "M", "L"])[size]
    frame["region"] = np.array(["north", "south", "west"])[region]
    frame["answer"] = np.array(CLASSES)[np.digitize(score, [-0.5, 1.0])]
    kinds, levels = {"size": "ordinal"}, {"size": ["S", "M", "L"]}
    return Table.from_frame(frame, target="answer", classes=CLASSES, kinds=kinds, levels=levels)


def numbers_table(rows: int = 80) -> Table:
    """The numbers of the mixed table alone."""
    mixed = mixed_table(rows)
    frame = mixed.to_frame()[["age", "income", "height"]].assign(answer=np.array(CLASSES)[mixed.target])
    return Table.from_frame(frame, target="answer", classes=CLASSES)


def incomplete_table(rows: int = 80, missing: tuple[str, ...] = ("height", "size"), share: float = 0.15) -> Table:
    """The mixed table, a share of the values of some features missing; one row misses all of these."""
    mixed, generator = mixed_table(rows), np.random.default_rng(12)
    frame = mixed.to_frame().assign(answer=np.array(CLASSES)[mixed.target])
    for name in missing:
        lost = generator.random(rows) < share
        lost[3] = True
        frame.loc[lost, name] = None
    kinds, levels = {"size": "ordinal"}, {"size": ["S", "M", "L"]}
    return Table.from_frame(frame, target="answer", classes=CLASSES, kinds=kinds, levels=levels)


class PriorCase(NamedTuple):
    """A prior and the features of the mixed table that it hides; `tolerance` is the stated error of its quantile."""

    build: Callable[[], p.Prior]
    hidden: tuple[str, ...]
    tolerance: float = 1e-9
    slow: bool = False


NUMBERS = ("income", "age")
REGRESSION = p.GaussianRegression

PRIORS: dict[str, PriorCase] = {
    "uniform": PriorCase(lambda: p.Uniform(), NUMBERS),
    "uniform_given": PriorCase(lambda: p.Uniform({"age": (0, 100)}), NUMBERS),
    "histogram": PriorCase(lambda: p.Histogram(), NUMBERS),
    "histogram_of_7": PriorCase(lambda: p.Histogram(bins=7, concentration=2.0), ("height",), slow=True),
    "kernel_density": PriorCase(lambda: p.KernelDensity(), NUMBERS, 1e-6),
    "kernel_density_gaps": PriorCase(lambda: p.KernelDensity(bandwidth=0.01), NUMBERS, 3e-5, slow=True),
    "categorical": PriorCase(lambda: p.Categorical(), ("region", "size")),
    "gaussian_regression": PriorCase(lambda: REGRESSION(), NUMBERS, 1e-8),
    "gaussian_regression_of_3": PriorCase(lambda: REGRESSION(), (*NUMBERS, "height"), 1e-8, slow=True),
    "gaussian_regression_label": PriorCase(lambda: REGRESSION("observed_and_label"), NUMBERS, 1e-8),
    "gaussian_regression_point": PriorCase(lambda: REGRESSION(fit_by="point"), NUMBERS, 1e-8, slow=True),
    "gaussian_regression_nuts": PriorCase(lambda: REGRESSION(fit_by="nuts", draws=50), NUMBERS, 1e-8, slow=True),
    "gaussian": PriorCase(lambda: p.Gaussian(), NUMBERS, 1e-8),
    "gaussian_independent": PriorCase(lambda: p.Gaussian(joint=False), NUMBERS, 1e-8, slow=True),
    "empirical": PriorCase(lambda: p.Empirical(), ("region", "income")),
    "empirical_independent": PriorCase(lambda: p.Empirical(joint=False), ("region", "income", "size"), slow=True),
    "joint_kernel_density": PriorCase(lambda: p.JointKernelDensity(), NUMBERS, slow=True),
    "joint_kernel_density_mixed": PriorCase(lambda: p.JointKernelDensity(0.5), ("size", "income", "region", "age")),
    "similar_rows": PriorCase(lambda: p.SimilarRows(), NUMBERS, slow=True),
    "similar_rows_kernel": PriorCase(
        lambda: p.SimilarRows(bandwidth=0.5, leave_self_out=False), ("size", "income"), slow=True
    ),
    "similar_rows_smooth": PriorCase(
        lambda: p.SimilarRows("observed_and_label", neighbors=12, smoothing=0.3), ("size", "income", "age")
    ),
    "joint_mixture": PriorCase(lambda: p.JointMixture(components=6, draws=4, warmup=50), NUMBERS, slow=True),
    "joint_mixture_alone": PriorCase(
        lambda: p.JointMixture("nothing", components=4, draws=4, warmup=50), NUMBERS, slow=True
    ),
    "joint_mixture_mixed": PriorCase(
        lambda: p.JointMixture("observed_and_label", components=3, draws=2, warmup=50), ("size", "income", "region")
    ),
    "joint_mixture_levels": PriorCase(lambda: p.JointMixture(components=3, draws=2, warmup=50), ("size",), slow=True),
    "logistic_regression": PriorCase(lambda: p.LogisticRegression(draws=10), ("region",)),
    "ordinal_regression": PriorCase(lambda: p.OrdinalRegression("observed_and_label", draws=10), ("size",)),
    "robust_regression": PriorCase(lambda: p.RobustRegression(draws=10), ("income",)),
    "chained": PriorCase(lambda: p.Chained(draws=10), ("region", "income", "size")),
    "chained_linear": PriorCase(lambda: p.Chained(order=("age", "income")), NUMBERS, 1e-8, slow=True),
    "chained_point": PriorCase(
        lambda: p.Chained("observed_and_label", numbers="robust", fit_by="point"), ("size", "income"), slow=True
    ),
    "gaussian_copula": PriorCase(lambda: p.GaussianCopula(), NUMBERS, 1e-4),
    "gaussian_copula_mixed": PriorCase(
        lambda: p.GaussianCopula("observed_and_label"), ("size", "income", "region"), slow=True
    ),
    "density_network": PriorCase(lambda: p.DensityNetwork(steps=50, units=4), NUMBERS),
    "berkson": PriorCase(lambda: p.Berkson(0.5), NUMBERS, 1e-8),
    "truth": PriorCase(lambda: p.Truth(), ("region", "income")),
    "finite_mixture": PriorCase(
        lambda: p.FiniteMixture((p.Share(0.3, p.Gaussian()), p.Share(0.7, p.JointKernelDensity()))), NUMBERS
    ),
    "spike": PriorCase(
        lambda: p.FiniteMixture((p.Share(0.5, p.Truth()), p.Share(0.5, p.Empirical(joint=False)))),
        ("region", "age"),
        slow=True,
    ),
    "product": PriorCase(
        lambda: p.Product(
            (
                p.Block(("region",), p.Categorical()),
                p.Block(("height", "age"), REGRESSION()),
                p.Block(("income",), REGRESSION("observed_and_label")),
            )
        ),
        ("income", "height", "region", "age"),
        1e-8,
    ),
    "product_discrete": PriorCase(
        lambda: p.Product((p.Block(("size",), p.Categorical(2.0)), p.Block(("region",), p.Categorical()))),
        ("region", "size"),
        slow=True,
    ),
}


def log_densities(prior: p.FittedPrior, reference: p.Reference) -> np.ndarray:
    """Of the reference rows' own hidden features, (rows,)."""
    with jax.enable_x64(True):
        density = jax.vmap(prior.log_density, (None, 0, 0))
        return np.asarray(density(prior.theta_at(0), reference.hidden, reference.rows))


class GroundTruthCase(NamedTuple):
    """A ground truth and the table it labels; `written` is False where a spec file cannot hold it."""

    build: Callable[[], g.GroundTruth]
    table: Callable[[], Table] = mixed_table
    written: bool = True


def _tree() -> g.Learned:
    from sklearn.tree import DecisionTreeClassifier

    return g.Learned(DecisionTreeClassifier(random_state=0))


def forest_on_the_host(trees: int = 5) -> g.Learned:
    """A forest after a step that is not read out, so that it is called back from JAX's programs."""
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    levels = OneHotEncoder(drop="first", sparse_output=False)
    encode = ColumnTransformer([("levels", levels, ["size", "region"])], remainder="passthrough")
    return g.Learned(make_pipeline(encode, RandomForestClassifier(trees, random_state=0)))


def dump(name: str) -> str:
    """The path of a saved model, written by hand."""
    return str(Path(__file__).resolve().parent / "dumps" / name)


def by_income(frame: pd.DataFrame) -> np.ndarray:
    """A function of a user: sees the original names and values."""
    return np.where((frame["income"] > 40_000) & (frame["region"] != "west"), "high", "low")


RULES = {"high": "income > 40000 and not (region == 'west')", "middle": "size >= 'M'"}
LINEAR = {"yes": {"income": 1e-3, "age": -0.5}, "no": {"height": 10.0}, "maybe": {}}

GROUND_TRUTHS: dict[str, GroundTruthCase] = {
    "rules": GroundTruthCase(lambda: g.Rules(RULES, otherwise="low")),
    "ball": GroundTruthCase(lambda: g.Ball(("age", "height"), radius=15.0, center=(40.0, 1.7))),
    "ring": GroundTruthCase(lambda: g.Ball(("age",), radius=50.0, inner_radius=40.0, inside="in", outside="out")),
    "linear": GroundTruthCase(lambda: g.Linear(LINEAR, {"no": 2.0})),
    "linear_threshold": GroundTruthCase(lambda: g.Linear(LINEAR, decision=g.Threshold("no", 0.2))),
    "learned_read_out": GroundTruthCase(lambda: g.Learned("LogisticRegression"), numbers_table),
    "learned_logistic": GroundTruthCase(lambda: g.Learned("LogisticRegression", {"C": 0.5})),
    "learned_forest": GroundTruthCase(lambda: g.Learned("RandomForestClassifier", {"n_estimators": 10})),
    "learned_threshold": GroundTruthCase(lambda: g.Learned("GaussianNB", decision=g.Threshold("maybe", 0.6))),
    "learned_without_probabilities": GroundTruthCase(lambda: g.Learned("LinearSVC")),
    "learned_object": GroundTruthCase(_tree, numbers_table, written=False),
    "learned_boosting": GroundTruthCase(lambda: g.Learned("HistGradientBoostingClassifier", {"max_iter": 3})),
    "learned_quadratic": GroundTruthCase(lambda: g.Learned("QuadraticDiscriminantAnalysis", {"reg_param": 0.5})),
    "learned_network": GroundTruthCase(
        lambda: g.Learned("MLPClassifier", {"hidden_layer_sizes": [4], "solver": "lbfgs", "tol": 1e-2})
    ),
    "learned_on_the_host": GroundTruthCase(lambda: g.Learned("KNeighborsClassifier")),
    "random_network": GroundTruthCase(lambda: g.RandomNetwork(("a", "b", "c"), ("age", "income"), depth=2)),
    "random_network_of_tanh": GroundTruthCase(
        lambda: g.RandomNetwork(("a", "b"), width=4, weight_scale=3.0, activation="tanh", balance={"a": 0.2, "b": 0.8})
    ),
    "random_linear": GroundTruthCase(lambda: g.RandomNetwork(("a", "b", "c"), depth=0)),
    "random_tree": GroundTruthCase(lambda: g.RandomTree(("a", "b", "c"), features=("age", "height"))),
    "boosted_trees": GroundTruthCase(lambda: g.BoostedTrees(dump("three_classes.txt")), numbers_table),
    "boosted_trees_of_two": GroundTruthCase(
        lambda: g.BoostedTrees(dump("two_classes.json"), ("low", "high"), g.Threshold("high", 0.3)), numbers_table
    ),
    "boosted_trees_of_levels": GroundTruthCase(lambda: g.BoostedTrees(dump("levels.txt"), ("low", "high"))),
    "python_function": GroundTruthCase(lambda: g.PythonFunction(by_income, ("low", "high")), written=False),
}


def marked(cases: dict) -> list:
    """The names of a table as test parameters, slow ones marked."""
    slow = {True: (pytest.mark.slow,), False: ()}
    return [pytest.param(name, marks=slow[getattr(case, "slow", False)]) for name, case in cases.items()]


def noise_setting(rows: int = 80) -> n.Setting:
    """The mixed table with the linear ground truth, whose classes come in another order than the table's."""
    table = mixed_table(rows)
    function = g.Linear(LINEAR, {"no": 2.0}).fit(table)
    return n.Setting(table, function, np.asarray(function.labels(table.features)))


def margin(
    rate: float | laws.Law, source: str = "ground_truth", exponent: float = 1.0, *, name: str = "margin", **fields
) -> n.Flips:
    """To the second class, more often where the margin is small."""
    return n.Flips(rate, n.ByMargin(source, exponent), n.ToSecond(source), name=name, **fields)


def next_class(rate: float | laws.Law, *, circular: bool = True, **fields) -> n.Flips:
    """To the next class."""
    return n.Flips(rate, towards=n.ToNext(circular), **{"name": "next_class", **fields})


def setting_of(num_classes: int, rows: int = 200) -> n.Setting:
    """A table of three numbers and a linear ground truth with classes c0, c1, ..."""
    generator = np.random.default_rng(num_classes)
    weights = {
        f"c{code}": {"age": value, "height": other}
        for code, (value, other) in enumerate(generator.normal(0.0, 1.0, (num_classes, 2)))
    }
    table = numbers_table(rows)
    center = {
        name: -40.0 * own["age"] - 1.7 * own["height"] + offset
        for (name, own), offset in zip(weights.items(), generator.normal(0.0, 1.0, num_classes), strict=True)
    }
    function = g.Linear(weights, center).fit(table)
    return n.Setting(table, function, np.asarray(function.labels(table.features)))


def mixed_setting() -> n.Setting:
    """The mixed table with labels by age and some chance, so that every class has rows."""
    setting = noise_setting()
    age = setting.table.features[:, 0] + np.random.default_rng(1).normal(0.0, 6.0, 80)
    return n.Setting(setting.table, setting.ground_truth, np.digitize(age, np.quantile(age, [0.3, 0.7])))


class NoiseCase(NamedTuple):
    """A noise node for the classes yes, no and maybe."""

    build: Callable[[], n.Noise]
    slow: bool = False
    setting: Callable[[], n.Setting] = noise_setting


MATRIX = ((0.7, 0.2, 0.1), (0.0, 0.9, 0.1), (0.25, 0.25, 0.5))
EXPERT = g.Rules({"yes": "income > 45000", "maybe": "region == 'west'"}, otherwise="no")
LAW = laws.Beta(2.0, 8.0)
CLASSES_TO = {"no": {"yes": 1.0}, "yes": {"no": 1.0, "maybe": 3.0}}

NOISE: dict[str, NoiseCase] = {
    "symmetric": NoiseCase(lambda: n.Symmetric(0.3)),
    "symmetric_includes_true": NoiseCase(lambda: n.Symmetric(0.3, includes_true=True, name="redrawn")),
    "symmetric_of_a_law": NoiseCase(lambda: n.Symmetric(LAW)),
    "class_conditional": NoiseCase(lambda: n.ClassConditional({"no": 0.1, "yes": 0.4})),
    "class_conditional_of_a_law": NoiseCase(lambda: n.ClassConditional({"no": 0.1, "maybe": LAW}), slow=True),
    "flips": NoiseCase(lambda: n.Flips(0.3)),
    "flips_of_a_law": NoiseCase(lambda: n.Flips(LAW, n.ByClass({"no": 1.0, "yes": 3.0}), n.ToNear(2.0))),
    "flips_to_next": NoiseCase(lambda: next_class(0.45)),
    "flips_up_only": NoiseCase(lambda: next_class(0.2, circular=False), slow=True),
    "flips_by_rarity": NoiseCase(lambda: n.Flips(0.1, n.ByRarity(), n.ToFrequent(), largest_rate=0.5), slow=True),
    "flips_by_entropy": NoiseCase(lambda: n.Flips(0.1, n.ByEntropy(), n.ToLikely()), slow=True),
    "flips_by_margin": NoiseCase(lambda: margin(0.1)),
    "flips_capped": NoiseCase(lambda: margin(0.1, exponent=2.0, largest_rate=0.4), slow=True),
    "flips_of_soft_labels": NoiseCase(lambda: margin(0.2, "soft_label", largest_rate=0.5), slow=True),
    "flips_by_polynomial": NoiseCase(
        lambda: n.Flips(0.3, n.ByPolynomialMargin("soft_label", 3), n.ToLikely("soft_label"), largest_rate=0.8),
        slow=True,
    ),
    "flips_by_neighbours": NoiseCase(lambda: n.Flips(0.2, n.ByNeighbours(ranked=True), n.ToEnemy(3)), slow=True),
    "flips_by_boundary": NoiseCase(lambda: n.Flips(0.2, n.ByBoundary(1.0), n.ToEnemy()), slow=True),
    "flips_by_density": NoiseCase(lambda: n.Flips(0.2, n.ByDensity("dense"), n.ToSimilar()), slow=True),
    "flips_by_region": NoiseCase(
        lambda: n.Flips(0.2, n.ByRegion({"age > 40 and region != 'west'": 3.0}, 1.0), n.ToClasses(CLASSES_TO)),
        slow=True,
    ),
    "flips_to_parts": NoiseCase(lambda: n.Flips(0.2, None, n.ToParts(3)), slow=True),
    "flips_by_given_score": NoiseCase(
        lambda: n.Flips(0.3, n.ByScore({"age": 2.0, "income": 0.5}, 0.5), n.ToSides(0.3)),
        slow=True,
    ),
    "flips_by_score": NoiseCase(lambda: n.Flips(0.3, n.ByScore(), n.ToScores(seed=3), largest_rate=0.49), slow=True),
    "matrix": NoiseCase(lambda: n.Matrix(MATRIX)),
    "matrix_in_part": NoiseCase(lambda: n.Matrix(MATRIX, strength=0.4, selection="exact_count"), slow=True),
    "random_matrix": NoiseCase(lambda: n.RandomMatrix(0.2)),
    "random_matrix_sparse": NoiseCase(
        lambda: n.RandomMatrix(0.3, spread=0.0, concentration=0.1, largest_rate=0.9), slow=True
    ),
    "random_outcome": NoiseCase(lambda: n.RandomOutcome(0.3)),
    "random_outcome_given": NoiseCase(lambda: n.RandomOutcome(0.3, {"yes": 0.6, "maybe": 0.4}), slow=True),
    "overprediction": NoiseCase(lambda: n.Overprediction(0.3), slow=True),
    "underprediction": NoiseCase(lambda: n.Underprediction(0.2)),
    "underextremity": NoiseCase(lambda: n.Underextremity(0.3), slow=True),
    "overextremity": NoiseCase(lambda: n.Overextremity(0.3), slow=True),
    "temperature": NoiseCase(lambda: n.Temperature(0.5)),
    "temperature_above_1": NoiseCase(lambda: n.Temperature(3.0), slow=True),
    "log_odds": NoiseCase(lambda: n.LogOdds(((1.2, 0.1, 0.0), (0.0, 0.8, 0.0), (0.3, 0.0, 1.0)), {"no": 0.4})),
    "class_bias": NoiseCase(lambda: n.ClassBias({"no": 1.0, "yes": -1.0}, LAW), slow=True),
    "prior_shift": NoiseCase(lambda: n.PriorShift(power=0.7), setting=mixed_setting),
    "rating_scale": NoiseCase(lambda: n.RatingScale(10)),
    "rating_scale_random": NoiseCase(lambda: n.RatingScale(4, "random"), slow=True),
    "dirichlet": NoiseCase(lambda: n.DirichletPerturbation(10.0), slow=True),
    "panel": NoiseCase(lambda: n.Panel(5)),
    "logistic_normal": NoiseCase(lambda: n.LogisticNormal(laws.Gamma(20.0, 20.0)), slow=True),
    "gaussian": NoiseCase(lambda: n.GaussianPerturbation(0.2), slow=True),
    "varying": NoiseCase(lambda: n.Varying(n.Symmetric(0.3))),
    "varying_map": NoiseCase(lambda: n.Varying(n.Underprediction(0.3), 1.0), slow=True),
    "expert": NoiseCase(lambda: n.Expert(EXPERT, share=0.3)),
    "expert_who_learns": NoiseCase(
        lambda: n.Expert(
            g.Learned("RandomForestClassifier", {"n_estimators": 5}), sees=("age", "region"), name="panel"
        ),
        slow=True,
    ),
}


class AnnotatorsCase(NamedTuple):
    """A family for the classes yes, no and maybe."""

    build: Callable[[], a.Annotators]
    slow: bool = False


PEOPLE = (
    n.Symmetric(LAW, name="ann"),
    n.Expert(EXPERT, sees=("income", "region"), share=0.8, name="bob"),
    n.Overextremity(0.3, name="cyd"),
    margin(0.1, source="soft_label", name="dan"),
)

ANNOTATORS: dict[str, AnnotatorsCase] = {
    "one_coin": AnnotatorsCase(lambda: a.OneCoin(4, 0.3)),
    "one_coin_of_a_law": AnnotatorsCase(lambda: a.OneCoin(4, LAW), slow=True),
    "dawid_skene": AnnotatorsCase(lambda: a.DawidSkene(2, rate=0.3), slow=True),
    "dawid_skene_of_a_law": AnnotatorsCase(lambda: a.DawidSkene(4, rate=LAW), slow=True),
    "dawid_skene_given": AnnotatorsCase(lambda: a.DawidSkene(matrices=(MATRIX, MATRIX[::-1]))),
    "hammer_spammer": AnnotatorsCase(lambda: a.HammerSpammer(6, 0.5)),
    "hammer_spammer_given": AnnotatorsCase(lambda: a.HammerSpammer(6, LAW, {"no": 0.7, "maybe": 0.3}), slow=True),
    "mace": AnnotatorsCase(lambda: a.MACE(4, trust=0.6)),
    "glad": AnnotatorsCase(lambda: a.GLAD(4, entropy_weight=2.0)),
    "glad_of_the_authors": AnnotatorsCase(lambda: a.GLAD(4, 1.5, difficulty_spread=0.0, link="glad"), slow=True),
    "ordinal_thresholds": AnnotatorsCase(lambda: a.OrdinalThresholds(4, bias=0.3, scale=0.6)),
    "noise_nodes": AnnotatorsCase(lambda: a.NoiseNodes(PEOPLE), slow=True),
}


class ObservationCase(NamedTuple):
    """An observation for the classes yes, no and maybe."""

    build: Callable[[], o.Observation]
    slow: bool = False


WEST = n.ByRegion({"region == 'west'": 3.0}, 1.0)
SOME_PAIRS = {"no": {"yes": 0.4, "maybe": LAW}, "maybe": {"no": 1.0}}

OBSERVATIONS: dict[str, ObservationCase] = {
    "missing": ObservationCase(lambda: o.Missing(0.3)),
    "missing_of_a_law": ObservationCase(lambda: o.Missing(LAW)),
    "missing_by_class": ObservationCase(lambda: o.Missing(rates={"no": 0.2, "yes": LAW})),
    "missing_by_weight": ObservationCase(lambda: o.Missing(0.3, more_often=n.ByClass({"no": 1.0, "yes": 4.0}))),
    "missing_by_entropy": ObservationCase(
        lambda: o.Missing(0.4, more_often=n.ByEntropy("soft_label"), largest_rate=0.7)
    ),
    "missing_by_region": ObservationCase(lambda: o.Missing(LAW, more_often=WEST)),
    "candidates": ObservationCase(lambda: o.Candidates(0.3)),
    "candidates_refused": ObservationCase(lambda: o.Candidates(LAW, full_set="refused")),
    "candidates_by_pairs": ObservationCase(lambda: o.Candidates(rates=SOME_PAIRS)),
    "candidates_by_pairs_refused": ObservationCase(lambda: o.Candidates(rates=SOME_PAIRS, full_set="refused")),
    "uniform_candidates": ObservationCase(lambda: o.UniformCandidates()),
    "fixed_candidates": ObservationCase(lambda: o.FixedCandidates(2)),
    "likely_candidates": ObservationCase(lambda: o.LikelyCandidates(0.8)),
    "likely_candidates_refused": ObservationCase(lambda: o.LikelyCandidates(LAW, "refused")),
}
