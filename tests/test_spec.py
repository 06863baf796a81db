"""Specs: the file form and back, single values over it, the schema, and what is said about wrong files."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import jsonschema
import pytest
import specs
from hypothesis import HealthCheck, given, settings

from synlabel_prob import annotators as a
from synlabel_prob import feature_laws as f
from synlabel_prob import feature_noise as fn
from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n
from synlabel_prob import observations as o
from synlabel_prob import priors as p
from synlabel_prob import soft_labels as s
from synlabel_prob.errors import InputError
from synlabel_prob.spec import (
    check,
    describe_parts,
    from_toml,
    json_schema,
    read_spec,
    ready_models,
    spec_path,
    to_toml,
)

BASE = """
title = "t"
hidden = ["alcohol", "proline"]

[data]
table = "wine"

[ground_truth]
kind = "learned"
estimator = "RandomForestClassifier"

[prior]
kind = "gaussian_regression"

[[noise]]
kind = "symmetric"
rate = 0.1

[[noise]]
kind = "class_conditional"
rates = { class_0 = 0.1, class_2 = 0.3 }
"""
TRUTH = 'kind = "learned"\nestimator = "RandomForestClassifier"'
PRIOR = 'kind = "gaussian_regression"'
SCHEMA = jsonschema.Draft202012Validator(json_schema())


def problems(text: str, overrides: tuple[str, ...] = ()) -> list[str]:
    """Every sentence about a spec, whether the file or its table is wrong; continuation lines left out."""
    try:
        return check(from_toml(text, overrides), Path(__file__).parent).sentences
    except InputError as error:
        return [line for line in str(error).splitlines() if not line.startswith(" ")]


# --- there and back ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("generated", "registered"),
    [
        (specs.GROUND_TRUTHS, set(g.DESCRIPTIONS) - {g.PythonFunction}),
        (specs.PRIORS, set(p.DESCRIPTIONS)),
        (specs.NOISES, set(n.DESCRIPTIONS)),
        (specs.ANNOTATORS, set(a.DESCRIPTIONS)),
        (specs.OBSERVATIONS, set(o.DESCRIPTIONS)),
        (specs.FEATURE_NOISES, set(fn.DESCRIPTIONS)),
        (specs.EVALUATORS, set(s.DESCRIPTIONS)),
        (specs.LAWS, set(f.LAWS)),
    ],
)
def test_every_registered_part_is_generated(generated, registered):
    assert set(generated) == registered


@given(specs.specs())
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_spec_comes_back_from_its_file(spec):
    text = to_toml(spec)
    assert from_toml(text) == spec
    truth = spec.process.ground_truth
    if not isinstance(truth, g.Learned):  # tables compare without their order, which is that of conditions and classes
        assert repr(from_toml(text).process.ground_truth) == repr(truth)
    assert to_toml(from_toml(text)) == text
    assert list(SCHEMA.iter_errors(tomllib.loads(text))) == []


def test_keys_stand_in_their_order():
    spec = from_toml(f"{BASE}\n[soft_labels]\ndraws = 8\n", ["hard_from=ground_truth"])
    text = to_toml(spec)
    assert list(tomllib.loads(text)) == [
        *("title", "seed", "hidden", "hard_from"),
        *("data", "ground_truth", "prior", "noise", "soft_labels"),
    ]
    assert text.count("\n[[noise]]\n") == 2
    tables = re.split(r"\n\n\[+\w+\]+\n", text)[2:6]
    assert [table.splitlines()[0].partition(" ")[0] for table in tables] == ["kind"] * 4


def test_noise_on_features_stands_beside_that_on_labels():
    text = to_toml(
        from_toml(_measured('kind = "rounded"\nsteps = 4') + "[[feature_noise]]\nkind = 'swapped'\nrate = 1")
    )
    assert list(tomllib.loads(text))[-2:] == ["noise", "feature_noise"]
    assert text.count("\n[[feature_noise]]\nkind = ") == 2


class Mine(p.Uniform):
    """A class of a user's own."""


class Worn(fn.Replaced):
    """Noise of a user's own."""


def a_function(frame):
    """A function of a user's own."""


def _with(**parts):
    spec = from_toml(BASE)
    return dataclasses.replace(spec, process=dataclasses.replace(spec.process, **parts))


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (
            lambda: {"ground_truth": g.PythonFunction(a_function, ("a", "b"))},
            "`ground_truth.function` is the Python function a_function",
        ),
        (lambda: {"ground_truth": g.Learned(_estimator())}, "`ground_truth.estimator` is a GaussianNB object"),
        (lambda: {"prior": Mine()}, "`prior` is a Mine, a class of your own"),
        (lambda: {"feature_noise": (Worn(0.5),)}, "`feature_noise[0]` is a Worn, a class of your own"),
        (
            lambda: {"noise": (n.Expert(g.PythonFunction(a_function, ("a", "b"))),)},
            "`noise[0].function.function` is the Python function a_function",
        ),
        (
            lambda: {"ground_truth": g.Learned("SVC", {"class_weight": {0: 1}})},
            "`ground_truth.parameters.class_weight` has the key 0",
        ),
        (lambda: {"ground_truth": g.Learned("SVC", {"gamma": None})}, "`ground_truth.parameters.gamma` holds None"),
        (lambda: {"ground_truth": g.Learned("SVC", {"gamma": 1j})}, "`ground_truth.parameters.gamma` is a complex"),
        (lambda: {"ground_truth": g.Learned("SVC", {"C": float("nan")})}, "This spec cannot be written without loss"),
        (lambda: {"hidden": ("\ud800",)}, "`hidden[0]` is text that no file can hold"),
    ],
)
def test_what_a_file_cannot_hold_is_refused_by_one_sentence(parts, sentence):
    with pytest.raises(InputError) as caught:
        to_toml(_with(**parts()))
    (line,) = str(caught.value).splitlines()
    assert line.startswith(sentence) and line.endswith((".", "?"))


def _estimator():
    from sklearn.naive_bayes import GaussianNB

    return GaussianNB()


# --- single values -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("seed=7", lambda spec: spec.seed == 7),
        ("title=two words", lambda spec: spec.title == "two words"),
        ("title=a # b", lambda spec: spec.title == "a # b"),
        ("title=2024-01-01", lambda spec: spec.title == "2024-01-01"),
        ('title="7"', lambda spec: spec.title == "7"),
        ("title=", lambda spec: spec.title == ""),
        ("title=a=b", lambda spec: spec.title == "a=b"),
        (" prior.conditions_on = observed_and_label ", lambda spec: "label" in spec.process.prior.conditions_on),
        ("noise.symmetric.rate=.3", lambda spec: spec.process.noise[0].rate == 0.3),
        ("noise.symmetric.name=second", lambda spec: spec.process.noise[0].name == "second"),
        ("noise.class_conditional.rates.class_1=1e-1", lambda spec: spec.process.noise[1].rates["class_1"] == 0.1),
        ("noise=[]", lambda spec: spec.process.noise == ()),
        ('prior={kind="uniform"}', lambda spec: spec.process.prior == p.Uniform()),
        ('hidden=["ash"]', lambda spec: spec.process.hidden == ("ash",)),
        ("soft_labels.draws=64", lambda spec: spec.soft_labels == s.Automatic(draws=64)),
        ('data.kinds."a=b"=ordinal', lambda spec: spec.data.kinds == {"a=b": "ordinal"}),
        ("ground_truth.random_state=3", lambda spec: spec.process.ground_truth.random_state == 3),
    ],
)
def test_one_value_changes(override, value):
    assert value(from_toml(BASE, [override]))


def test_the_last_override_wins():
    assert from_toml(BASE, ["seed=1", "seed=2"]).seed == 2


def test_noise_on_features_goes_by_its_name():
    text = _measured('kind = "gaussian"\nscale = 0.5')
    assert from_toml(text, ["feature_noise.gaussian.scale=1"]).process.feature_noise == (fn.Gaussian(1.0),)


def test_a_node_goes_by_its_name():
    named = BASE.replace('kind = "symmetric"', 'kind = "symmetric"\nname = "typing"')
    assert from_toml(named, ["noise.typing.rate=0.2"]).process.noise[0].rate == 0.2


# --- wrong files ---------------------------------------------------------------------------------------


def _changed(old: str, new: str) -> str:
    assert old in BASE
    return BASE.replace(old, new, 1)


def _node(text: str) -> str:
    return f"{BASE}\n[[noise]]\n{text}\n"


def _people(family: str, annotation: str = "") -> str:
    return f"{BASE}\n[annotation]\n{annotation}\n[annotation.annotators]\n{family}\n"


def _recorded(text: str) -> str:
    return f"{BASE}\n[observation]\n{text}\n"


def _measured(text: str) -> str:
    return f"{BASE}\n[[feature_noise]]\n{text}\n"


RULES = 'kind = "rules"\notherwise = "low"\nwhen = '
WRONG: dict[str, tuple[str, ...]] = {
    "no_such_top_key": (BASE.replace("hidden", "hiden"), "`hiden` is not known: did you mean 'hidden'?"),
    "no_such_table": (_changed("[prior]", "[priro]"), "`priro` is not known: did you mean 'prior'?"),
    "process": (f"process = 1\n{BASE}", "`process` is not known: there is title, seed, hidden,"),
    "data_key": (_changed("table =", "tabel ="), "`data.tabel` is not known: did you mean 'table'?"),
    "data_table": (_changed('"wine"', '"wien"'), "`data.table` is 'wien', which is not shipped: did you mean 'wine'?"),
    "data_neither": (
        _changed('table = "wine"', ""),
        "Data must have exactly one of `data.table`, `data.path` and `data.law`; got none",
    ),
    "data_law_kind": (
        _changed('table = "wine"', 'law = { kind = "parabole" }'),
        "`data.law.kind` is 'parabole', which is",
    ),
    "data_law_key": (
        _changed('table = "wine"', 'law = { kind = "parabola", noize = 1 }'),
        "`data.law.noize` is not known: did you mean 'noise'?",
    ),
    "data_law_beside": (
        _changed('table = "wine"', 'law = { kind = "parabola" }\ntarget = "h"\ndrop = ["x2"]'),
        "`data.target`, `data.drop` are for a table that is read, and `data.law` draws one of features alone: remove.",
    ),
    "data_rows": (
        _changed('table = "wine"', 'table = "wine"\nrows = 9'),
        "`data.rows` is for a table that `data.law` draws",
    ),
    "data_separator": (
        _changed('"wine"', '"wine"\nseparator = ";;"'),
        "`data.separator` and `data.header` are for a CSV file, and `data.table` is none: remove them.",
        "`data.separator` must be one character, such as ';'; got ';;'.",
    ),
    "data_kinds": (
        _changed('"wine"', '"wine"\nkinds = { ash = "ordinl" }'),
        "`data.kinds` gives 'ordinl' for 'ash', which is no kind: did you mean 'ordinal'?",
    ),
    "data_climbs": (_changed('table = "wine"', 'path = "../x.csv"'), "`data.path` in a spec must stay inside"),
    "data_absolute": (_changed('table = "wine"', 'path = "/x.csv"'), "`data.path` in a spec must stay inside"),
    "data_gone": (_changed('table = "wine"', 'path = "gone.csv"'), "`data.path`: There is no file 'gone.csv'"),
    "hidden_unknown": (_changed("proline", "prolin"), "`hidden`: 'prolin' is not a feature of the table: did you"),
    "hidden_text": (
        _changed('["alcohol", "proline"]', '"ash"'),
        "`hidden` must be a list; got 'ash': put it into brackets, ['ash'].",
    ),
    "hidden_none": (_changed('["alcohol", "proline"]', "[]"), "`hidden` must name at least one feature; got none."),
    "hidden_twice": (_changed("proline", "alcohol"), "`hidden` names 'alcohol' twice: name each feature once."),
    "hidden_number": (_changed('"alcohol"', "1"), "`hidden[0]` must be text (between quotes); got 1."),
    "seed_float": (f"seed = 1.5\n{BASE}", "`seed` must be a whole number; got 1.5."),
    "seed_text": (f'seed = "a"\n{BASE}', "`seed` must be a whole number; got 'a'."),
    "seed_true": (f"seed = true\n{BASE}", "`seed` must be a whole number; got true."),
    "seed_negative": (f"seed = -1\n{BASE}", "`seed` must be at least 0; got -1."),
    "seed_large": (f"seed = {2**63}\n{BASE}", f"`seed` must be below {2**63}; got {2**63}."),
    "title": (_changed('"t"', "3"), "`title` must be text (between quotes); got 3."),
    "hard_from": (
        f'hard_from = "ground_trth"\n{BASE}',
        "`hard_from` must be one of 'soft_label' or 'ground_truth'; got 'ground_trth': did you mean 'ground_truth'?",
    ),
    "prior_kind": (
        _changed("gaussian_regression", "gausian"),
        "`prior.kind` is 'gausian', which is not known: did you mean 'gaussian'?",
    ),
    "prior_key": (_changed(PRIOR, f'{PRIOR}\nfit = "exact"'), "`prior.fit` is not known: did you mean 'fit_by'?"),
    "prior_value": (
        _changed(PRIOR, f'{PRIOR}\nconditions_on = "nothing"'),
        "`prior.conditions_on` must be one of 'observed' or 'observed_and_label'; got 'nothing'.",
    ),
    "prior_missing": (_changed(f"[prior]\n{PRIOR}", ""), "`prior` is missing: it has no default, so give it."),
    "prior_text": (
        'prior = "uniform"\n' + _changed(f"[prior]\n{PRIOR}", ""),
        "`prior` must be a table of key = value; got 'uniform': write [prior] and its keys below.",
    ),
    "prior_twice": (
        _changed("[prior]", "[[prior]]"),
        "`prior` must be a table of key = value; got [{'kind': 'gaussian_regression'}]: write [prior] with one pair",
    ),
    "prior_takes": (_changed(PRIOR, 'kind = "categorical"'), "The prior 'categorical' takes categorical and ordinal"),
    "prior_union": (
        _changed(PRIOR, 'kind = "histogram"\nbins = "autp"'),
        "`prior.bins` must be a whole number or one of 'auto', 'fd',",
    ),
    "prior_ranges": (
        _changed(PRIOR, 'kind = "uniform"\nranges = { alcohol = [2, 1, 3], proline = [1] }'),
        "`prior.ranges.alcohol` must be a list of at most 2; got [2, 1, 3].",
        "`prior.ranges.proline[1]` is missing",
    ),
    "prior_range": (
        _changed(PRIOR, 'kind = "uniform"\nranges = { alcohol = [2, 1] }'),
        "`prior.ranges.alcohol` must be [low, high] with low below high; got [2, 1].",
    ),
    "prior_blocks": (
        _changed(PRIOR, 'kind = "product"\nblocks = [{ feature = ["ash"], prior = { kind = "unform" } }]'),
        "`prior.blocks[0].feature` is not known: did you mean 'features'?",
        "`prior.blocks[0].prior.kind` is 'unform', which is not known: did you mean 'uniform'?",
    ),
    "rate_above": (_changed("0.1", "1.5"), "`noise.symmetric.rate` must be a number from 0 to 1, or a law"),
    "rate_negative": (_changed("0.1", "-0.1"), "`noise.symmetric.rate` must be a number from 0 to 1, or a law"),
    "rate_text": (_changed("0.1", '"a"'), "`noise.symmetric.rate` must be a number or a law such as"),
    "rate_nan": (_changed("0.1", "nan"), "`noise.symmetric.rate` must be a number from 0 to 1, or a law"),
    "rate_missing": (_changed("rate = 0.1", ""), "`noise.symmetric.rate` is missing: it has no default, so give it."),
    "rate_law": (
        _changed("rate = 0.1", 'rate = { dist = "Bta" }'),
        "`noise.symmetric.rate` names the law 'Bta', which is not known: did you mean 'Beta'?",
    ),
    "rate_law_value": (
        _changed("rate = 0.1", 'rate = { dist = "Beta", concentration1 = 1, concentration0 = 0 }'),
        "`noise.symmetric.rate.concentration0` must be above 0; got 0.",
    ),
    "rates_class": (_changed("class_0", "clas_0"), "`noise.class_conditional.rates` names the class 'clas_0': did you"),
    "noise_one_bracket": (
        _changed("[[noise]]", "[noise]").partition("[[noise]]")[0],
        "`noise` must be a list; got {'kind': 'symmetric', 'rate': 0.1}: write [[noise]] with two brackets",
    ),
    "noise_no_kind": (_node("rate = 0.1"), "`noise[2]` needs a `kind`: there is symmetric,"),
    "noise_twice": (_node('kind = "symmetric"\nrate = 0.2'), "`noise` has two nodes called 'symmetric': give each a"),
    "noise_site": (_node('kind = "flips"\nname = "label"\nrate = 0.1'), "`noise` has a node called 'label'"),
    "noise_name": (
        _node('kind = "flips"\nname = "a b"\nrate = 0.1'),
        "`noise.a b.name` must be letters, digits and _, starting with a letter; got 'a b'.",
    ),
    "matrix_shape": (
        _node('kind = "matrix"\ntransition = [[1, 0], [0, 1]]'),
        "`noise.matrix.transition` must be 3",
    ),
    "matrix_ragged": (
        _node('kind = "matrix"\ntransition = [[1, 0]]'),
        "`noise.matrix.transition` must have as many columns as rows",
    ),
    "matrix_transposed": (
        _node('kind = "matrix"\ntransition = [[0.9, 0.2], [0.1, 0.8]]'),
        "`noise.matrix.transition` must have rows that sum to 1; they sum to 1.1, 0.9: its columns do, so give its",
    ),
    "estimator": (
        _changed("RandomForestClassifier", "RandomForest"),
        "`ground_truth.estimator` is 'RandomForest', which is not on the list: did you mean 'RandomForestClassifier'?",
    ),
    "estimator_object": (
        _changed("RandomForestClassifier", "os.system"),
        "`ground_truth.estimator` is 'os.system', which is not on the list",
    ),
    "parameters": (
        _changed(TRUTH, f"{TRUTH}\nparameters = {{ n_estimator = 9 }}"),
        "`ground_truth.parameters` name 'n_estimator', which RandomForestClassifier lacks: did you mean",
    ),
    "python": (
        _changed(TRUTH, 'kind = "python_function"\nfunction = "os:system"\nclasses = ["a", "b"]'),
        "`ground_truth` names a Python function, and a spec never runs code: write the rule as conditions",
    ),
    "python_expert": (
        _node('kind = "expert"\nfunction = { kind = "python_function", function = "a:b" }\nshar = 1'),
        "`noise.expert.function` names a Python function, and a spec never runs code",
        "`noise.expert.shar` is not known: did you mean 'share'?",
    ),
    "rules_syntax": (_changed(TRUTH, f'{RULES}{{ high = "ash >" }}'), "`ground_truth.when.high`: The expression fails"),
    "rules_call": (
        _changed(TRUTH, f"{RULES}{{ high = \"__import__('os')\" }}"),
        "`ground_truth.when.high`: The expression fails at column 1: there is no function '__import__'",
    ),
    "rules_name": (_changed(TRUTH, f'{RULES}{{ high = "ahs > 1" }}'), "`ground_truth.when.high`: "),
    "rules_division": (_changed(TRUTH, f'{RULES}{{ high = "1 / (ash - ash) > 1" }}'), "`ground_truth.when.high`: "),
    "ball_center": (
        _changed(TRUTH, 'kind = "ball"\nfeatures = ["ash", "hue"]\nradius = 1\ncenter = [1]'),
        "`ground_truth.center` must have one number a feature (2); got 1.",
    ),
    "annotators_missing": (f"{BASE}[annotation]\nlabels_a_row = 2\n", "`annotation.annotators` is missing"),
    "annotators_kind": (
        _people('kind = "one_coins"'),
        "`annotation.annotators.kind` is 'one_coins', which is not known",
    ),
    "annotators_key": (
        _people('kind = "one_coin"\ncount = 3\nrte = 0.1'),
        "`annotation.annotators.rte` is not known: did you mean 'rate'?",
    ),
    "annotators_count": (
        _people('kind = "one_coin"\ncount = 2.5\nrate = 0.1'),
        "`annotation.annotators.count` must be a whole number; got 2.5.",
    ),
    "annotators_matrices": (
        _people('kind = "dawid_skene"\nmatrices = [[[0.9, 0.1], [0.2, 0.8]]]'),
        "`annotation.annotators.matrices` must be 3 x 3 each",
    ),
    "annotators_rows": (
        _people('kind = "one_coin"\ncount = 5\nrate = 0.1', "labels_a_row = 6"),
        "`annotation.labels_a_row` must be at most the number of annotators, 5; got 6.",
    ),
    "annotators_work": (
        _people('kind = "one_coin"\ncount = 5\nrate = 0.1', "labels_an_annotator = 100"),
        "`annotation.labels_an_annotator` must be at least 178, because 5 annotators give 5 labels to each of 178 rows",
    ),
    "annotators_answers": (
        _people('kind = "one_coin"\ncount = 5\nrate = 0.1', "answers = { clas_0 = 0.5 }"),
        "`annotation.answers` names the class 'clas_0': did you mean 'class_0'?",
    ),
    "annotators_node": (
        _people('kind = "noise_nodes"\nnodes = [{ kind = "class_conditional", rates = { clas_0 = 0.1 } }]'),
        "`annotation.annotators.nodes.class_conditional.rates` names the class 'clas_0': did you mean",
    ),
    "annotators_python": (
        _people('kind = "noise_nodes"\nnodes = [{ kind = "expert", function = { kind = "python_function" } }]'),
        "`annotation.annotators.nodes[0].function` names a Python function, and a spec never runs code",
    ),
    "annotation_key": (
        _people('kind = "one_coin"\ncount = 5\nrate = 0.1', "label_a_row = 2"),
        "`annotation.label_a_row` is not known: did you mean 'labels_a_row'?",
    ),
    "observation_kind": (_recorded('kind = "candidate"'), "`observation.kind` is 'candidate', which is not known"),
    "observation_key": (
        _recorded('kind = "missing"\nrate = 0.1\nlargst_rate = 0.5'),
        "`observation.largst_rate` is not known: did you mean 'largest_rate'?",
    ),
    "observation_both": (
        _recorded('kind = "missing"\nrate = 0.1\nrates = { class_0 = 0.5 }'),
        "`observation.rate` must be given for all labels, or `observation.rates` by class; got both.",
    ),
    "observation_none": (
        _recorded('kind = "candidates"'),
        "`observation.rate` must be given for all classes, or `observation.rates` by pairs of them; got none.",
    ),
    "observation_cap": (
        _recorded('kind = "missing"\nrate = 0.1\nlargest_rate = 0.5'),
        "`observation.largest_rate` must be left out without `observation.more_often`, which it caps",
    ),
    "observation_rate": (
        _recorded('kind = "missing"\nrate = 1.5'),
        "`observation.rate` must be a number from 0 to 1, or a law on [0, 1]; got 1.5.",
    ),
    "observation_class": (
        _recorded('kind = "missing"\nrates = { clas_0 = 0.5 }'),
        "`observation.rates` names the class 'clas_0': did you mean 'class_0'?",
    ),
    "observation_hidden": (
        _recorded('kind = "missing"\nrate = 0.1\nmore_often = { kind = "by_margin" }'),
        "`observation.more_often` = 'by_margin' goes by",
    ),
    "observation_size": (
        _recorded('kind = "fixed_candidates"\nsize = 4'),
        "`observation.size` must be at most the number of classes, 3; got 4.",
    ),
    "observation_full": (
        _recorded('kind = "candidates"\nrate = 1.0\nfull_set = "refused"'),
        '`observation.rate` must be below 1 with full_set = "refused", or no set is left; got 1.',
    ),
    "feature_noise_kind": (
        _measured('kind = "gausian"\nscale = 1'),
        "`feature_noise.gausian.kind` is 'gausian', which is not known: did you mean 'gaussian'?",
    ),
    "feature_noise_no_kind": (_measured("scale = 1"), "`feature_noise[0]` needs a `kind`: there is replaced, swapped"),
    "feature_noise_key": (
        _measured('kind = "gaussian"\nscael = 1'),
        "`feature_noise.gaussian.scael` is not known: did you mean 'scale'?",
    ),
    "feature_noise_value": (
        _measured('kind = "swapped"\nname = "typing"\nrate = 1.5'),
        "`feature_noise.typing.rate` must be at most 1; got 1.5.",
    ),
    "feature_noise_name": (
        _measured('kind = "swapped"\nname = "a.b"\nrate = 1'),
        "`feature_noise.a.b.name` must be letters, digits and _, starting with a letter; got 'a.b'.",
    ),
    "feature_noise_twice": (
        _measured('kind = "swapped"\nrate = 0.1\n[[feature_noise]]\nkind = "swapped"\nrate = 0.2'),
        "`feature_noise` has two parts called 'swapped': give each a `name` of its own.",
    ),
    "feature_noise_features": (
        _measured('kind = "swapped"\nrate = 0.1\nfeatures = ["ash", "ash"]'),
        "`feature_noise.swapped.features` names 'ash' twice: name each feature once.",
    ),
    "feature_noise_text": (
        _measured('kind = "swapped"\nrate = 0.1\nfeatures = "ash"'),
        "`feature_noise.swapped.features` must be a list; got 'ash': put it into brackets, ['ash'].",
    ),
    "feature_noise_none": (
        _measured('kind = "swapped"\nrate = 0.1\nfeatures = []'),
        "`feature_noise.swapped.features` must be a list of at least 1; got [].",
    ),
    "feature_noise_hidden": (
        _measured('kind = "swapped"\nrate = 0.1\nfeatures = ["proline", "ahs"]'),
        "`feature_noise.swapped.features` names 'proline', which is hidden, and noise is on what is observed: leave",
        "`feature_noise.swapped.features`: 'ahs' is not a feature of the table: did you mean 'ash'?",
    ),
    "feature_noise_takes": (
        _measured('kind = "level_flips"\nrate = 0.1\nfeatures = ["ash"]'),
        "`feature_noise.level_flips` takes ordinal or categorical features, but 'ash' is continuous: leave it out of",
    ),
    "feature_noise_nothing": (
        _measured('kind = "level_flips"\nrate = 0.1'),
        "`feature_noise.level_flips` takes ordinal or categorical features, of which none is observed: leave it out.",
    ),
    "feature_noise_one_bracket": (
        f'{BASE}\n[feature_noise]\nkind = "swapped"\nrate = 0.1\n',
        "`feature_noise` must be a list; got {'kind': 'swapped', 'rate': 0.1}: write [[feature_noise]] with two",
    ),
    "draws": (f"{BASE}[soft_labels]\ndraws = 0\n", "`soft_labels.draws` must be at least 1; got 0."),
    "draws_and_target": (
        f"{BASE}[soft_labels]\ndraws = 9\ntarget_standard_error = 0.1\n",
        "`soft_labels.draws` and target_standard_error exclude each other: give one of them.",
    ),
    "evaluator": (f'{BASE}[soft_labels]\nkind = "monte"\n', "`soft_labels.kind` is 'monte', which is not known: did"),
    "toml_value": ("title = t", "It must be TOML; reading it fails at line 1, column 9: invalid value (text goes"),
    "toml_quotes": ('seed = 1\ntitle = "t\n', "It must be TOML; reading it fails at line 2, column 11: illegal"),
    "toml_twice": ("seed = 1\nseed = 2", "It must be TOML; reading it fails at its end: cannot overwrite a value"),
    "toml_end": ("seed =", "It must be TOML; reading it fails"),
    "toml_deep": ("x = " + "[" * 9999, "It must be TOML; it is nested too deeply"),
    "toml_digits": ("seed = " + "1" * 9999, "It must be TOML; reading it fails: a number has too many digits."),
    "nothing": ("", "`data` is missing", "`ground_truth` is missing", "`hidden` is missing", "`prior` is missing"),
    "much": (
        BASE.replace("proline", "alcohol").replace("rate = 0.1", "rate = 2").replace("gaussian", "gausian"),
        "`prior.kind` is 'gausian_regression', which is not known: did you mean 'gaussian_regression'?",
        "`noise.symmetric.rate` must be a number from 0 to 1",
        "`hidden` names 'alcohol' twice",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_everything_wrong_is_said_in_a_sentence_each(name):
    text, *expected = WRONG[name]
    found = problems(text)
    assert len(found) == len(expected), found
    for sentence in expected:
        assert any(line.startswith(sentence) for line in found), found
    assert all(line.endswith((".", "?", "...")) or line.count("\n") for line in found), found


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("seed", "--set seed: write key=value"),
        ("=3", "--set =3: write key=value"),
        ("noise.symetric.rate=0.2", "--set noise.symetric.rate=0.2: no noise node is called 'symetric': did you mean"),
        ("noise.symmetric=3", "--set noise.symmetric=3: name a key of the node as well"),
        ("feature_noise.x.rate=1", "--set feature_noise.x.rate=1: no noise on features is called 'x': "),
        ("hidden.a=3", "--set hidden.a=3: `hidden` is a list"),
        ("prior.kind.x=3", "--set prior.kind.x=3: `prior.kind` is a single value"),
        ("hidden=[1", "--set hidden=[1: the value [1 is not TOML"),
        ("data.kinds.my column=ordinal", "--set data.kinds.my column=ordinal: the key is not a path of names"),
        ("priro.kind=uniform", "`priro` is not known: did you mean 'prior'?"),
        ("noise.symmetric.rte=0.2", "`noise.symmetric.rte` is not known: did you mean 'rate'?"),
        ("seed=abc", "`seed` must be a whole number; got 'abc'."),
    ],
)
def test_wrong_overrides(override, sentence):
    (found,) = problems(BASE, (override,))
    assert found.startswith(sentence) and found.endswith((".", "?"))


def test_overrides_and_the_file_are_reported_together():
    assert len(problems(_changed("0.1", "2"), ("seed", "hidden=3"))) == 3


FILES = {
    "empty": (b" \n", "The spec file '{}' is empty: start from a ready model (anes96, "),
    "binary": (b"\x00\x01", "The spec file '{}' must be text in UTF-8; it is binary or UTF-16: save it so."),
    "latin": (b'seed = 1\ntitle = "\xe9"', "The spec file '{}' must be text in UTF-8; line 2 is in another encoding"),
    "large": (b"#" * 2**21, "The spec file '{}' is larger than 1 MiB, which no spec is: name the right file."),
    "one_problem": (_changed("0.1", "2").encode(), "{}: `noise.symmetric.rate` must be a number from 0 to 1"),
    "toml": (b"a = b", "{}: It must be TOML; reading it fails at line 1, column 5: "),
}


@pytest.mark.parametrize("name", FILES)
def test_wrong_files(tmp_path, name):
    content, sentence = FILES[name]
    path = tmp_path / "a.toml"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_spec(path)
    assert str(caught.value).startswith(sentence.format(path)) and "\n" not in str(caught.value)


def test_the_file_is_named_once(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text(BASE.replace("0.1", "2"))
    with pytest.raises(InputError) as caught:
        read_spec(path)
    first, *others = str(caught.value).splitlines()
    assert first == f"{path} has 2 problems:"
    assert [line[:4] for line in others] == ["  `n", "  `n"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("modle.toml", "There is no spec file '{}': did you mean the file '{folder}/model.toml'?"),
        ("wien", "There is no spec file '{}': did you mean the ready model 'wine'?"),
        ("nothing", "There is no spec file '{}', and no ready model is called 'nothing': there is anes96, "),
        ("", "A spec must be a TOML file; '{}' is a directory: name one in it, such as '{folder}/model.toml'."),
        ("no/where.toml", "There is no spec file '{}', and no ready model is called 'where': there is "),
        ("a" * 300, "The spec file '{}' cannot be read: File name too long."),
    ],
)
def test_files_that_are_not_there(tmp_path, name, sentence):
    (tmp_path / "model.toml").write_text(BASE)
    path = tmp_path / name
    with pytest.raises(InputError) as caught:
        read_spec(path)
    assert str(caught.value).startswith(sentence.format(path, folder=tmp_path))


def test_a_file_that_editors_mark_as_utf_8_is_read(tmp_path):
    path = tmp_path / "a.toml"
    path.write_bytes(b"\xef\xbb\xbf" + BASE.replace("\n", "\r\n").encode())
    assert read_spec(path) == from_toml(BASE)


def test_a_file_comes_before_a_ready_model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert spec_path("wine") == ready_models()["wine"]
    (tmp_path / "wine").mkdir()
    assert spec_path("wine") == ready_models()["wine"]
    (tmp_path / "wine").rmdir()
    (tmp_path / "wine").write_text(BASE)
    assert spec_path("wine") == Path("wine")


def test_a_path_that_the_user_gives_may_lead_anywhere(tmp_path):
    (tmp_path / "a.csv").write_text("x,z,y\n1,2,a\n2,1,b\n3,5,a\n")
    spec = from_toml(
        _changed('table = "wine"', f'path = "{tmp_path}/a.csv"\ntarget = "y"')
        .replace('["alcohol", "proline"]', '["x"]')
        .partition("[[noise]]")[0]
    )
    assert check(spec, allow_outside=True).sentences == []
    assert check(spec, tmp_path / "elsewhere").sentences != []


# --- schema, list, imports -----------------------------------------------------------------------------


def test_the_schema_is_one_and_refuses_what_is_wrong():
    jsonschema.Draft202012Validator.check_schema(json_schema())
    assert list(SCHEMA.iter_errors(tomllib.loads(BASE))) == []
    for name in ("no_such_top_key", "data_key", "seed_float", "prior_kind", "prior_key", "rate_above", "rate_missing"):
        assert list(SCHEMA.iter_errors(tomllib.loads(WRONG[name][0]))), name
    assert list(SCHEMA.iter_errors(tomllib.loads(WRONG["python"][0])))


def test_schema_has_defaults_and_descriptions():
    schema = json_schema()
    assert schema["properties"]["seed"]["default"] == 0
    data = schema["$defs"]["Data"]["properties"]
    assert data["separator"]["default"] == ","
    assert data["target"]["description"] == "the column of labels; a shipped table has its own."
    rate = schema["$defs"]["Symmetric"]["properties"]["rate"]
    assert rate["description"].startswith("`rate` is the share of labels that change")
    assert "'type': 'null'" not in str(schema)
    assert {"priors.Gaussian", "feature_noise.Gaussian"} <= set(schema["$defs"])
    assert not any("__" in name for name in schema["$defs"])


def test_list_has_every_part_with_a_line():
    sections = describe_parts()
    assert list(sections) == [
        *("ground_truth", "prior", "noise", "noise.more_often", "noise.towards", "feature_noise"),
        *("annotation.annotators", "observation", "soft_labels"),
        *("data.table", "data.law", "ready models"),
    ]
    assert list(sections["annotation.annotators"]) == [part.kind for part in a.DESCRIPTIONS]
    assert list(sections["noise"]) == [part.kind for part in n.DESCRIPTIONS]
    assert list(sections["feature_noise"]) == [part.kind for part in fn.DESCRIPTIONS]
    assert "python_function" not in sections["ground_truth"]
    lines = [line for section in sections.values() for line in section.values()]
    assert all(lines) and not any("\n" in line for line in lines)


def test_checking_imports_nothing_heavy():
    code = """
import sys
from synlabel_prob import spec
assert spec.check(spec.read_spec("wine")).sentences == []
assert spec.check(spec.read_spec("anes96")).sentences == []
spec.json_schema(), spec.describe_parts(), spec.to_toml(spec.read_spec("ring"))
print(*sorted({"jax", "numpyro", "sklearn", "scipy", "arviz", "matplotlib"} & set(sys.modules)))
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == ""
