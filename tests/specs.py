"""Specs of every kind, drawn at random, for the properties of the file form."""

from __future__ import annotations

from hypothesis import strategies as st

from synlabel_prob import annotators as a
from synlabel_prob import feature_laws as f
from synlabel_prob import feature_noise as fn
from synlabel_prob import ground_truth as g
from synlabel_prob import laws as la
from synlabel_prob import noise as n
from synlabel_prob import observations as o
from synlabel_prob import priors as p
from synlabel_prob import soft_labels as s
from synlabel_prob.process import Process
from synlabel_prob.sources import Data
from synlabel_prob.spec import Spec

WORDS = st.text(min_size=1, max_size=6)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
POSITIVE = st.floats(min_value=1e-300, max_value=1e300)
UNIT = st.floats(min_value=0, max_value=1)
LABELS = WORDS | st.integers() | st.booleans() | NUMBERS
RANGES = st.tuples(NUMBERS, NUMBERS).filter(lambda pair: pair[0] < pair[1])


def _some(values: st.SearchStrategy, least: int = 0, keys: st.SearchStrategy = WORDS) -> st.SearchStrategy:
    return st.dictionaries(keys, values, min_size=least, max_size=3)


def _each_once(values: st.SearchStrategy, least: int = 0) -> st.SearchStrategy:
    return st.lists(values, min_size=least, max_size=3, unique=True).map(tuple)


RATES = UNIT | st.builds(la.Beta, POSITIVE, POSITIVE) | st.just(la.Uniform(0.125, 0.5))
DECISIONS = st.just(g.Argmax()) | st.builds(g.Threshold, WORDS | st.integers(), st.floats(0, 0.99))
NAMED = {
    "name": st.none() | st.from_regex("[A-Za-z][A-Za-z0-9_]{0,5}", fullmatch=True),
    "selection": st.sampled_from(["independent", "exact_count"]),
}
VALUES = st.none().flatmap(lambda _: st.booleans() | st.integers() | NUMBERS | WORDS)
PARAMETERS = VALUES | st.lists(VALUES, max_size=3) | _some(NUMBERS)


@st.composite
def _balls(draw):
    features = draw(_each_once(WORDS, 1))
    inner, radius = draw(st.tuples(st.floats(0, 1e9), st.floats(0, 1e9)).filter(lambda pair: pair[0] < pair[1]))
    center = draw(st.none() | st.tuples(*[NUMBERS] * len(features)))
    inside, outside = draw(st.lists(WORDS, min_size=2, max_size=2, unique=True))
    return g.Ball(features, radius, inner, center, inside, outside)


@st.composite
def _rules(draw):
    conditions = st.sampled_from(["age > 3", "`my age` <= 2 * x", "size == 'M' and not (a < 1)\nor b > 0"])
    otherwise, *classes = draw(st.lists(WORDS, min_size=2, max_size=4, unique=True))
    return g.Rules({name: draw(conditions) for name in classes}, otherwise)


@st.composite
def _linears(draw):
    weights = draw(_some(_some(NUMBERS), 2))
    intercepts = {name: draw(NUMBERS) for name in draw(_each_once(st.sampled_from(sorted(weights))))}
    return g.Linear(weights, intercepts, draw(DECISIONS))


@st.composite
def _balanced(draw):
    """Classes, and shares of them that add up to 1, or none."""
    classes = tuple(draw(st.lists(WORDS, min_size=2, max_size=4, unique=True)))
    weights = draw(st.lists(st.integers(1, 64), min_size=len(classes), max_size=len(classes)))
    shares = {name: weight / sum(weights) for name, weight in zip(classes, weights, strict=True)}
    return {"classes": classes, "balance": draw(st.sampled_from([{}, shares]))}


STATES = st.integers(0, 2**63 - 1)
NETWORKS = st.tuples(
    st.integers(1, 256), st.integers(0, 10), st.floats(1e-6, 10), st.sampled_from(["relu", "tanh"]), STATES
)
FOREST = ("max_depth", "class_weight", "max_features", "n_estimators")
GROUND_TRUTHS = {
    g.Rules: _rules(),
    g.Ball: _balls(),
    g.Linear: _linears(),
    g.RandomNetwork: st.builds(
        lambda own, features, rest: g.RandomNetwork(
            own["classes"], features, *rest[:4], balance=own["balance"], random_state=rest[4]
        ),
        _balanced(),
        _each_once(WORDS),
        NETWORKS,
    ),
    g.RandomTree: st.builds(
        lambda own, depth, features, state: g.RandomTree(own["classes"], depth, features, own["balance"], state),
        _balanced(),
        st.integers(2, 14),
        _each_once(WORDS),
        STATES,
    ),
    g.Learned: st.builds(
        g.Learned,
        st.just("RandomForestClassifier"),
        _some(PARAMETERS, keys=st.sampled_from(FOREST)),
        st.integers(),
        DECISIONS,
    ),
    g.BoostedTrees: st.builds(
        g.BoostedTrees,
        WORDS.filter(lambda text: "\0" not in text),
        _each_once(WORDS | st.integers()).filter(lambda classes: len(classes) != 1),
        DECISIONS,
    ),
}
SINGLE_PRIORS = {
    p.Uniform: st.builds(p.Uniform, _some(RANGES)),
    p.Histogram: st.builds(p.Histogram, st.integers(1, 99) | st.sampled_from(["auto", "fd"]), POSITIVE),
    p.KernelDensity: st.builds(p.KernelDensity, st.floats(1e-12, 1e12) | st.sampled_from(["scott", "silverman"])),
    p.Categorical: st.builds(p.Categorical, POSITIVE),
    p.GaussianRegression: st.builds(
        p.GaussianRegression,
        st.sampled_from(["observed", "observed_and_label"]),
        st.sampled_from(["exact", "nuts", "point"]),
        st.integers(1, 999),
        st.floats(1e-9, 1e9),
        st.floats(1e-9, 1e9),
    ),
}
CONDITIONS = st.sampled_from(["observed", "observed_and_label"])
SCALES = st.floats(1e-9, 1e9)
REGRESSION = (CONDITIONS, st.sampled_from(["laplace", "nuts", "point"]), st.integers(1, 999), SCALES)
SINGLE_PRIORS |= {
    p.Gaussian: st.builds(p.Gaussian, st.booleans(), st.sampled_from(["exact", "point"]), SCALES, SCALES),
    p.Empirical: st.builds(p.Empirical, st.booleans()),
    p.JointKernelDensity: st.builds(p.JointKernelDensity, st.floats(1e-6, 1e6) | st.just("scott")),
    p.JointMixture: st.builds(
        p.JointMixture, CONDITIONS | st.just("nothing"), st.integers(1, 200), st.floats(1e-3, 1e6)
    ),
    p.RobustRegression: st.builds(p.RobustRegression, *REGRESSION, st.floats(1, 1000)),
    p.LogisticRegression: st.builds(p.LogisticRegression, *REGRESSION),
    p.OrdinalRegression: st.builds(p.OrdinalRegression, *REGRESSION),
    p.Chained: st.builds(p.Chained, CONDITIONS, _each_once(WORDS), st.sampled_from(["gaussian", "robust"])),
    p.GaussianCopula: st.builds(p.GaussianCopula, CONDITIONS | st.just("nothing"), st.floats(1e-12, 1e12)),
    p.SimilarRows: st.builds(p.SimilarRows, CONDITIONS, st.integers(1, 999), smoothing=st.floats(0, 9))
    | st.builds(p.SimilarRows, bandwidth=st.floats(1e-3, 1e6), leave_self_out=st.booleans()),
    p.DensityNetwork: st.builds(p.DensityNetwork, CONDITIONS, st.integers(1, 100), weight_decay=st.floats(0, 1e6)),
    p.Truth: st.just(p.Truth()),
    p.Berkson: st.builds(p.Berkson, st.floats(1e-9, 1e9)),
}
BLOCKS = st.builds(p.Block, _each_once(WORDS, 1), st.one_of(*SINGLE_PRIORS.values()))
SHARES = st.tuples(*[st.builds(p.Share, st.just(0.5), st.one_of(*SINGLE_PRIORS.values()))] * 2)
PRIORS = {
    **SINGLE_PRIORS,
    p.Product: st.builds(p.Product, st.lists(BLOCKS, max_size=3).map(tuple)),
    p.FiniteMixture: st.builds(p.FiniteMixture, SHARES),
}
SOURCES = st.sampled_from(["ground_truth", "soft_label"])
SCALED = POSITIVE | st.builds(la.Gamma, POSITIVE, POSITIVE)
REALS = NUMBERS | st.builds(la.Normal, NUMBERS, POSITIVE)
REGIONS = [{"age > 3": 1.0, "`my age` < 2": 0.5}, {"age > 3": la.HalfNormal(2.0)}]
WEIGHTS = {
    n.ByClass: st.builds(n.ByClass, _some(SCALED, 1)),
    n.ByRarity: st.just(n.ByRarity()),
    n.ByMargin: st.builds(n.ByMargin, SOURCES, SCALED),
    n.ByPolynomialMargin: st.builds(n.ByPolynomialMargin, SOURCES, st.sampled_from([1, 2, 3])),
    n.ByEntropy: st.builds(n.ByEntropy, SOURCES, SCALED),
    n.ByBoundary: st.builds(n.ByBoundary, SCALED, st.sampled_from(["exponential", "normal"])),
    n.ByNeighbours: st.builds(n.ByNeighbours, st.booleans(), SCALED),
    n.ByDensity: st.builds(n.ByDensity, st.sampled_from(["sparse", "dense"]), st.integers(1, 99)),
    n.ByRegion: st.builds(n.ByRegion, st.sampled_from(REGIONS), st.floats(0, 9)),
    n.ByScore: st.builds(n.ByScore, st.none() | _some(REALS, 1), REALS, st.integers(0, 99)),
}
GROUPS = st.sampled_from([(("a", "b"),), (("a", "b"), ("c", "d", "e"))])
DESTINATIONS = {
    n.ToOthers: st.just(n.ToOthers()),
    n.ToClasses: st.builds(
        n.ToClasses,
        st.sampled_from(
            [{"a": {"b": 1.0}}, {"a": {"b": la.Gamma(2.0, 1.0), "c": 1.0}}, {"b": {"c": 2.0, "a": 0.0}, "c": {"a": 1}}]
        ),
    ),
    n.ToGroup: st.builds(n.ToGroup, GROUPS),
    n.ToDefault: st.builds(n.ToDefault, WORDS),
    n.ToFrequent: st.just(n.ToFrequent()),
    n.ToNext: st.builds(n.ToNext, st.booleans()),
    n.ToNear: st.builds(n.ToNear, SCALED),
    n.ToFar: st.just(n.ToFar()),
    n.ToSides: st.builds(n.ToSides, RATES),
    n.ToSecond: st.builds(n.ToSecond, SOURCES),
    n.ToLikely: st.builds(n.ToLikely, SOURCES),
    n.ToSimilar: st.builds(n.ToSimilar, SCALED),
    n.ToConfused: st.builds(n.ToConfused, GROUND_TRUTHS[g.Learned], st.integers(2, 99)),
    n.ToEnemy: st.builds(n.ToEnemy, st.integers(1, 99)),
    n.ToParts: st.builds(n.ToParts, st.integers(1, 99), st.integers(0, 99)),
    n.ToScores: st.builds(n.ToScores, st.integers(0, 99), SCALED),
}


@st.composite
def _flips(draw):
    towards = draw(st.one_of(*DESTINATIONS.values()))
    weights = st.one_of(*WEIGHTS.values())
    alike = weights.filter(
        lambda weight: "nothing" in (weight.depends_on, towards.depends_on) or weight.depends_on == towards.depends_on
    )
    often = draw(st.none() | alike)
    largest = draw(st.floats(0.5, 1))
    return n.Flips(
        draw(st.floats(0, 0.5) | st.builds(la.Beta, POSITIVE, POSITIVE)),
        often,
        towards,
        largest,
        **{key: draw(value) for key, value in NAMED.items()},
    )


MATRICES = st.sampled_from([((1.0,),), ((0.75, 0.25), (0.0, 1.0)), ((0.1, 0.2, 0.7),) * 3])
EXPERTS = st.one_of(*GROUND_TRUTHS.values())
NOISES = {
    n.Symmetric: st.builds(n.Symmetric, RATES, st.booleans(), **NAMED),
    n.ClassConditional: st.builds(n.ClassConditional, _some(RATES, 1), **NAMED),
    n.Matrix: st.builds(n.Matrix, MATRICES, RATES, **NAMED),
    n.RandomMatrix: st.builds(
        n.RandomMatrix, st.floats(0.01, 0.3), st.floats(0, 9), POSITIVE, st.floats(0.4, 1), **NAMED
    ),
    n.RandomOutcome: st.builds(
        n.RandomOutcome, RATES, st.none() | WORDS.map(lambda name: {name: 0.25, name + "x": 0.75}), **NAMED
    ),
    n.Flips: _flips(),
    **{
        kind: st.builds(kind, st.floats(0, 0.3) | st.builds(la.Uniform, st.just(0.0), st.floats(0.1, 0.3)), **NAMED)
        for kind in (n.Overprediction, n.Underprediction, n.Underextremity, n.Overextremity)
    },
    n.Temperature: st.builds(n.Temperature, st.floats(0, 9) | st.builds(la.Gamma, POSITIVE, POSITIVE), **NAMED),
    n.LogOdds: st.builds(
        n.LogOdds, st.none() | st.just(((1.0, 0.5), (0.0, 2.0))), _some(NUMBERS), st.floats(1e-9, 0.5), **NAMED
    ),
    n.ClassBias: st.builds(n.ClassBias, _some(st.floats(0.1, 9), 1), st.floats(0, 9), **NAMED),
    n.PriorShift: st.builds(n.PriorShift, st.none() | WORDS.map(lambda name: {name: 1.0}), RATES, **NAMED),
    n.RatingScale: st.builds(n.RatingScale, st.integers(1, 99), st.sampled_from(["nearest", "random"]), **NAMED),
    n.DirichletPerturbation: st.builds(n.DirichletPerturbation, st.floats(0, 99), **NAMED),
    n.Panel: st.builds(n.Panel, st.integers(1, 99), **NAMED),
    n.LogisticNormal: st.builds(n.LogisticNormal, st.floats(0, 9) | st.builds(la.HalfNormal, POSITIVE), **NAMED),
    n.GaussianPerturbation: st.builds(n.GaussianPerturbation, st.floats(0, 9), **NAMED),
    n.Varying: st.builds(
        n.Varying, st.builds(n.Symmetric, UNIT) | st.builds(n.Temperature, UNIT), st.floats(0, 9), **NAMED
    ),
    n.Expert: st.builds(n.Expert, EXPERTS, st.none() | _each_once(WORDS, 1), RATES, **NAMED),
}
PERSONS, SPREADS = st.integers(1, 99), st.floats(1e-6, 1e6)
ANY_NUMBER = NUMBERS | st.builds(la.Normal, NUMBERS, POSITIVE)
PEOPLE = st.lists(
    st.one_of(*NOISES.values()).filter(lambda node: node.selection == "independent" and not node.is_random_map),
    min_size=1,
    max_size=3,
    unique_by=lambda node: node.label,
)
ANNOTATORS = {
    a.OneCoin: st.builds(a.OneCoin, PERSONS, RATES),
    a.DawidSkene: st.builds(a.DawidSkene, PERSONS, st.floats(0.01, 0.99), SPREADS)
    | st.builds(a.DawidSkene, matrices=st.lists(MATRICES, min_size=1, max_size=1).map(tuple)),
    a.HammerSpammer: st.builds(
        a.HammerSpammer, PERSONS, RATES, st.none() | WORDS.map(lambda name: {name: 0.25, name + "x": 0.75})
    ),
    a.MACE: st.builds(a.MACE, PERSONS, RATES, SPREADS),
    a.GLAD: st.builds(
        a.GLAD, PERSONS, ANY_NUMBER, st.floats(0, 9), st.floats(0, 9), st.sampled_from(["softmax", "glad"])
    ),
    a.OrdinalThresholds: st.builds(a.OrdinalThresholds, PERSONS, ANY_NUMBER, SPREADS),
    a.NoiseNodes: st.builds(a.NoiseNodes, PEOPLE.map(tuple)),
}


@st.composite
def annotations(draw):
    """Any annotation that a file can hold."""
    family = draw(st.one_of(*ANNOTATORS.values()))
    shared = "features" in family.depends_on
    return a.Annotation(
        family,
        draw(st.sampled_from(["shared"] if shared else ["shared", "own"])),
        draw(st.none() | st.integers(1, family.size)),
        draw(st.none() | st.integers(1, 999)),
        draw(RATES),
        draw(st.none() | _some(UNIT)),
    )


FULL = st.sampled_from(["allowed", "refused"])
BELOW_1 = st.floats(0, 0.99) | st.builds(la.Beta, POSITIVE, POSITIVE)
PAIRS = st.lists(WORDS, min_size=2, max_size=2, unique=True).flatmap(
    lambda names: RATES.map(lambda rate: {names[0]: {names[1]: rate}})
)
OBSERVATIONS = {
    o.Missing: st.builds(o.Missing, RATES)
    | st.builds(o.Missing, rates=_some(RATES, 1))
    | st.builds(o.Missing, RATES, more_often=st.one_of(*WEIGHTS.values())),
    o.Candidates: st.builds(o.Candidates, BELOW_1, full_set=FULL) | st.builds(o.Candidates, rates=PAIRS, full_set=FULL),
    o.UniformCandidates: st.just(o.UniformCandidates()),
    o.FixedCandidates: st.builds(o.FixedCandidates, st.integers(1, 99)),
    o.LikelyCandidates: st.builds(o.LikelyCandidates, BELOW_1, FULL),
}
ON_FEATURES = {"name": NAMED["name"], "features": st.none() | _each_once(WORDS, 1)}
FEATURE_NOISES = {
    **{kind: st.builds(kind, UNIT, **ON_FEATURES) for kind in (fn.Replaced, fn.Swapped, fn.MissingValues)},
    fn.LevelFlips: st.builds(fn.LevelFlips, UNIT, st.sampled_from(["any", "neighbour"]), **ON_FEATURES),
    fn.Gaussian: st.builds(fn.Gaussian, st.floats(0, 1e9), **ON_FEATURES),
    fn.Rounded: st.builds(fn.Rounded, st.integers(1, 999), **ON_FEATURES),
}
DRAWS = {"draws": st.none() | st.integers(1, 2**30), "largest_draws": st.integers(1, 2**30)}
TARGETS = {"target_standard_error": st.none() | st.floats(1e-9, 0.99)}
EVALUATORS = {
    s.Automatic: st.builds(s.Automatic, st.integers(1, 2**30), st.integers(2, 64), **TARGETS),
    s.Exact: st.builds(s.Exact, st.integers(1, 2**30)),
    s.Preintegration: st.builds(s.Preintegration, st.integers(2, 64), **TARGETS),
    s.Bisection: st.builds(s.Bisection, st.integers(2, 64), st.integers(2, 2**16), **TARGETS),
    s.MonteCarlo: st.builds(s.MonteCarlo, **DRAWS)
    | st.builds(s.MonteCarlo, target_plurality=st.none() | st.floats(0.5, 0.999)),
    s.QuasiMonteCarlo: st.builds(s.QuasiMonteCarlo, st.integers(2, 64), **TARGETS),
}
COLUMNS = {
    "target": st.none() | WORDS,
    "row_id": st.none() | WORDS,
    "classes": st.none() | st.lists(LABELS, max_size=3).map(tuple),
    "kinds": _some(WORDS),
    "levels": _some(st.lists(LABELS, max_size=3).map(tuple)),
    "drop": _each_once(WORDS),
    "rename": _some(WORDS),
    "labels": _some(_some(WORDS)),
}
SEPARATORS = st.sampled_from([",", ";", "\t", "|", "é", "\u2028"])
PATHS = WORDS.filter(lambda text: "\0" not in text)
DATA = st.builds(Data, table=st.just("wine"), **COLUMNS) | st.builds(
    Data, path=PATHS, separator=SEPARATORS, header=st.booleans(), **COLUMNS
)
CORRELATIONS, COUNTS = st.floats(0, 0.95), st.integers(2, 200)
LAWS = {
    f.CorrelatedGaussian: st.builds(f.CorrelatedGaussian, CORRELATIONS, COUNTS),
    f.TwoClusters: st.builds(f.TwoClusters, st.floats(0, 20), st.floats(0.01, 0.99), CORRELATIONS, COUNTS),
    f.CorrelatedLogNormal: st.builds(f.CorrelatedLogNormal, CORRELATIONS, st.floats(0.01, 3), COUNTS),
    f.CategoryDriven: st.builds(f.CategoryDriven, st.floats(0, 20), st.integers(2, 26), CORRELATIONS, COUNTS),
    f.Parabola: st.builds(f.Parabola, st.floats(-100, 100), st.floats(0.01, 100), COUNTS),
}
DATA |= st.builds(Data, law=st.one_of(*LAWS.values()), rows=st.integers(1, 10**7), seed=st.integers(0, 2**32 - 1))


@st.composite
def specs(draw):
    """Any spec that a file can hold."""
    nodes = draw(st.lists(st.one_of(*NOISES.values()), max_size=3, unique_by=lambda node: node.label))
    # An order that the models can run: nodes on a soft label come last.
    nodes = sorted(nodes, key=lambda node: node.depends_on in n.ON_SOFT_LABELS)
    process = Process(
        draw(st.one_of(*GROUND_TRUTHS.values())),
        draw(_each_once(WORDS, 1)),
        draw(st.one_of(*PRIORS.values())),
        tuple(nodes),
        draw(st.sampled_from(["soft_label", "ground_truth"])),
        draw(st.none() | annotations()),
        draw(st.none() | st.one_of(*OBSERVATIONS.values())),
        tuple(draw(st.lists(st.one_of(*FEATURE_NOISES.values()), max_size=3, unique_by=lambda one: one.label))),
    )
    evaluator = draw(st.one_of(*EVALUATORS.values()))
    return Spec(draw(DATA), process, draw(st.text(max_size=9)), draw(st.integers(0, 2**63 - 1)), evaluator)
