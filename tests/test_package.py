"""The package's own names: all there, loaded only when asked for."""

import subprocess
import sys

import pytest

import synlabel_prob

HEAVY = ("jax", "numpyro", "sklearn", "arviz", "scipy", "matplotlib", "pandas", "pydantic")


def imported_by(code: str) -> set[str]:
    script = f"{code}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("name", synlabel_prob.__all__)
def test_every_public_name_is_there_and_documented(name):
    assert getattr(synlabel_prob, name).__doc__


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nonsense"):
        _ = synlabel_prob.nonsense


def test_importing_the_package_loads_nothing_heavy():
    assert not imported_by("import synlabel_prob").intersection(HEAVY)


def test_describing_a_process_loads_neither_jax_nor_scikit_learn():
    code = (
        "from synlabel_prob import Process, ground_truth as g, noise as n, priors as p, laws\n"
        "Process(g.Learned('RandomForestClassifier'), ('a',), p.KernelDensity(), (n.Symmetric(laws.Beta(2, 8)),))"
    )
    assert not imported_by(code).intersection({"jax", "numpyro", "sklearn", "scipy", "arviz"})


def test_importing_changes_no_global_setting_of_jax():
    code = (
        "import jax; before = dict(jax.config.values)\n"
        "import synlabel_prob as sp\n"
        "for name in sp.__all__: getattr(sp, name)\n"
        "assert dict(jax.config.values) == before"
    )
    imported_by(code)


def test_arviz_may_be_imported_first():
    # ArviZ leaves NumPyro half loaded; two copies of its handlers would not know of each other.
    code = (
        "import arviz, jax, synlabel_prob as sp\n"
        "from synlabel_prob import ground_truth as g, noise as n, priors as p\n"
        "table = sp.read_table(sp.Data(table='iris'))\n"
        "names = table.feature_names[:1]\n"
        "process = sp.Process(g.Ball(names, radius=1.0, center=(5.8,)), names, p.Uniform())\n"
        "fitted = sp.fit(process, table)\n"
        "sp.generate(fitted, jax.random.key(0), sp.soft_labels.MonteCarlo(draws=4))\n"
        "import numpyro\n"
        "numpyro.handlers.trace(numpyro.handlers.seed(fitted.model, 0)).get_trace()"
    )
    imported_by(code)
