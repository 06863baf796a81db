import pytest
from contracts import margin, next_class

from synlabel_prob import annotators, explain, feature_noise, ground_truth, noise, observations, priors
from synlabel_prob.errors import InputError
from synlabel_prob.process import Process
from synlabel_prob.soft_labels import Exact, MonteCarlo, QuasiMonteCarlo

TRUTH = ground_truth.Learned("LogisticRegression")


def process(*nodes, **options):
    prior = options.pop("prior", priors.GaussianRegression())
    return Process(TRUTH, ("alcohol", "hue"), prior, nodes, **options)


def how(made, name):
    return next(node for node in explain.graph(made, QuasiMonteCarlo()) if node.name == name)


def test_every_parent_comes_before_its_child():
    made = process(noise.Symmetric(0.1), margin(0.05), margin(0.1, name="late", source="soft_label"))
    seen = set()
    for node in explain.graph(made, QuasiMonteCarlo()):
        assert seen.issuperset(node.parents), node
        assert node.name not in seen
        seen.add(node.name)


def test_noise_before_a_hidden_dependent_node_is_averaged_and_after_it_exact():
    made = process(noise.Symmetric(0.1), margin(0.05), next_class(0.1))
    assert how(made, "symmetric.soft_label").how == "averaged"
    assert how(made, "margin.soft_label").how == "averaged"
    assert how(made, "next_class.soft_label").how == "exact"
    assert "hidden" in how(made, "margin").parents
    assert how(made, "drawn_label").parents == ("label",)


def test_an_exact_average_is_exact():
    graph = {node.name: node for node in explain.graph(process(noise.Symmetric(0.1), margin(0.05)), Exact())}
    assert graph["soft_label"].how == graph["margin.soft_label"].how == "exact"
    assert "theta by an exact route" in graph["soft_label"].words


@pytest.mark.parametrize(
    ("prior", "parents"),
    [
        (priors.KernelDensity(), ("theta",)),
        (priors.GaussianRegression(), ("theta", "observed")),
        (priors.GaussianRegression(conditions_on="observed_and_label"), ("theta", "observed", "recorded_label")),
    ],
)
def test_hidden_features_depend_on_what_the_prior_conditions_on(prior, parents):
    assert how(process(prior=prior), "hidden").parents == parents


def test_where_hard_labels_start_is_said():
    assert how(process(), "noisy_hard_label").parents == ("drawn_label",)
    assert how(process(hard_from="ground_truth"), "noisy_hard_label").parents == ("ground_truth_label",)


def test_the_text_names_every_part_and_the_evaluator():
    text = explain.to_text("wine", process(noise.Symmetric(0.1)), MonteCarlo(draws=50))
    for words in ("wine", "alcohol, hue", "LogisticRegression", "0.1", "Monte Carlo, 50 evaluations a row"):
        assert words in " ".join(text.split())
    assert max(len(line) for line in text.splitlines()) <= 110


def test_conditioning_on_the_label_is_warned_of():
    seeing = process(prior=priors.GaussianRegression(conditions_on="observed_and_label"))
    assert "do not rank" in " ".join(explain.to_text("", seeing, QuasiMonteCarlo()).split())
    assert "not rank" not in explain.to_text("", process(), QuasiMonteCarlo())


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_graph_is_drawn_without_graphviz(tmp_path, ending):
    path = tmp_path / f"graph.{ending}"
    explain.draw(process(noise.Symmetric(0.1)), QuasiMonteCarlo(), path)
    assert path.stat().st_size > 2000


def test_an_ending_that_is_no_picture_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"`--graph` must end in one of .*png"):
        explain.draw(process(), QuasiMonteCarlo(), tmp_path / "graph.txt")
    assert not list(tmp_path.iterdir())


def test_votes_come_last_and_say_what_they_start_from():
    people = annotators.OneCoin(3, 0.1)
    shared = process(noise.Symmetric(0.1), annotation=annotators.Annotation(people))
    assert how(shared, "votes").parents == ("noisy_hard_label",)
    assert "start from its noisy hard label" in how(shared, "votes").words
    own = process(annotation=annotators.Annotation(annotators.GLAD(3, entropy_weight=1.0), "own"))
    assert how(own, "votes").parents == ("noisy_soft_label", "soft_label")
    assert how(own, "drawn_label").parents == ("soft_label",)


def test_experts_need_one_draw_of_the_hidden_features():
    people = annotators.NoiseNodes((noise.Expert(TRUTH),))
    made = process(annotation=annotators.Annotation(people))
    assert how(made, "drawn_label").parents == ("label",)
    assert set(how(made, "votes").parents) == {"noisy_hard_label", "observed", "hidden"}


def test_observed_sets_come_from_the_noisy_hard_label():
    plain = process(noise.Symmetric(0.1), observation=observations.Missing(0.3))
    assert how(plain, "observed_set").parents == ("noisy_hard_label",)
    assert "a share 0.3 of labels is missing, completely at random" in how(plain, "observed_set").words
    likely = process(observation=observations.LikelyCandidates(0.3))
    assert how(likely, "observed_set").parents == ("noisy_hard_label", "soft_label")
    weighted = observations.Missing(0.3, more_often=noise.ByEntropy("soft_label"))
    assert how(process(observation=weighted), "observed_set").parents[1:] == ("noisy_soft_label", "soft_label")


def test_noise_on_features_is_a_branch_of_its_own():
    errors = (feature_noise.Gaussian(0.3, features=("ash",)), feature_noise.Rounded(5))
    made = process(noise.Symmetric(0.1), noise.GaussianPerturbation(0.1), feature_noise=errors)
    first, second = how(made, "feature_noise.gaussian"), how(made, "feature_noise.rounded")
    assert (first.how, first.parents) == ("sampled", ("observed",))
    assert "on features (ash): normal noise of 0.3 standard deviations" in first.words
    assert (second.how, second.parents) == ("exact", ("feature_noise.gaussian",))
    assert "(all observed ones that it takes): numbers are rounded to 5 equal steps" in second.words
    assert how(made, "noisy_feature").parents == ("feature_noise.rounded",)
    assert "labels that stay those at the true features" in how(made, "noisy_feature").words
    names = [node.name for node in explain.graph(made, QuasiMonteCarlo())]
    assert len(set(names)) == len(names)
    assert all(node.name != "noisy_feature" for node in explain.graph(process(), QuasiMonteCarlo()))


def test_no_two_nodes_of_the_picture_are_on_one_another():
    errors = tuple(feature_noise.Swapped(0.1, name=f"n{number}") for number in range(9))
    made = process(noise.Symmetric(0.1), observation=observations.Missing(0.3), feature_noise=errors)
    places = [(node.column, node.lane) for node in explain.graph(made, QuasiMonteCarlo())]
    assert len(set(places)) == len(places)
    assert all(abs(x - u) >= 1 or abs(y - v) >= 0.5 for x, y in places for u, v in places if (x, y) != (u, v))
