"""How fast noise is: channels on a million rows, nearest neighbours, levels that share programs, and inference."""

from __future__ import annotations

import resource
import time

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from measuring import fastest, seconds, show

from synlabel_prob import ground_truth as g
from synlabel_prob import inversion
from synlabel_prob import noise as n
from synlabel_prob import priors as p
from synlabel_prob.process import Process, fit, generate
from synlabel_prob.soft_labels import QuasiMonteCarlo
from synlabel_prob.table import Table

pytestmark = pytest.mark.benchmark

ROWS, CLASSES = 1_000_000, 4
CHANNELS = {
    "symmetric": n.Symmetric(0.2),
    "class_conditional": n.ClassConditional({"0": 0.1, "2": 0.3}),
    "flips to_next": n.Flips(0.2, towards=n.ToNext()),
    "random_matrix": n.RandomMatrix(0.2),
    "random_outcome": n.RandomOutcome(0.2),
}


def setting(rows: int, features: int = 18, classes: int = CLASSES) -> n.Setting:
    """Normal features, labels by a random linear function."""
    generator = np.random.default_rng(0)
    values = generator.standard_normal((rows, features))
    names = [f"x{place}" for place in range(features)]
    weights = {
        str(code): dict(zip(names, own, strict=True))
        for code, own in enumerate(generator.standard_normal((classes, features)).tolist())
    }
    table = Table.from_frame(pd.DataFrame(values, columns=names))
    function = g.Linear(weights).fit(table)
    return n.Setting(table, function, np.asarray(function.labels(values)))


def test_linear_channels_push_a_million_rows_a_second(capsys: pytest.CaptureFixture):
    soft = np.random.default_rng(0).dirichlet(np.ones(CLASSES), ROWS)
    own, rows = setting(500), []
    with jax.enable_x64(True):
        given = jnp.asarray(soft)
        push = jax.jit(n.push_forward)
        for name, node in CHANNELS.items():
            matrix = jnp.asarray(n.transition_at(node, own, np.full((500, CLASSES), 0.25), jax.random.key(0)))
            plain = np.asarray(matrix)
            push(given, matrix).block_until_ready()
            ours, direct = fastest(lambda m=matrix: push(given, m).block_until_ready(), lambda m=plain: soft @ m)
            rows.append(
                (name, f"{ROWS / ours / 1e6:.1f} million rows a second; {direct / ours:.1f} times NumPy's product")
            )
            assert ours < 1.0
    show(capsys, f"exact push-forward, {ROWS:,} rows x {CLASSES} classes", rows)


def test_neighbours_of_fifty_thousand_rows_take_seconds_and_little_memory(capsys: pytest.CaptureFixture):
    own = setting(50_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    node = n.Flips(0.2, n.ByNeighbours(ranked=True))
    taken = seconds(lambda: node.fit(own))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 2**10
    pairs = 50_000**2 * 8 / 2**20
    rows = [
        ("fit, rates of all rows", f"{taken:.1f} s (below 60)"),
        ("memory", f"{max(grown, 0):.0f} MiB more (below 500); all pairs would be {pairs:,.0f} MiB"),
    ]
    show(capsys, "nearest-neighbour rates, 50,000 rows x 18 features", rows)
    assert taken < 60 and grown < 500


def test_a_hundred_noise_levels_compile_once(capsys: pytest.CaptureFixture):
    own = setting(500, features=4)
    compiled: list[str] = []

    def note(event: str, duration: float, **_: object) -> None:
        if "backend_compile" in event:
            compiled.append(event)

    def run(rate: float) -> None:
        process = Process(own_truth(own), ("x0",), p.Gaussian(), (n.Flips(rate, n.ByMargin(), n.ToSecond()),))
        generate(fit(process, own.table), jax.random.key(0), QuasiMonteCarlo(draws=64))

    run(0.01)
    run(0.011)
    jax.monitoring.register_event_duration_secs_listener(note)
    start = time.perf_counter()
    for rate in np.linspace(0.01, 0.05, 100).tolist():
        run(rate)
    taken = time.perf_counter() - start
    jax.monitoring.clear_event_listeners()
    rows = [("programs compiled", f"{len(compiled)} (none)"), ("time", f"{taken / 100:.2f} s a level")]
    show(capsys, "100 rates of noise that is integrated with the label, 500 rows", rows)
    assert not compiled


def own_truth(own: n.Setting) -> g.Linear:
    """The setting's ground truth as a description."""
    weights = np.asarray(own.ground_truth.weights)
    names = own.table.feature_names
    return g.Linear({str(code): dict(zip(names, row, strict=True)) for code, row in enumerate(weights.tolist())})


def test_inference_takes_less_than_a_minute(capsys: pytest.CaptureFixture):
    generator = np.random.default_rng(0)
    features = generator.standard_normal((2000, 6))
    scores = features @ generator.standard_normal((6, CLASSES)) * 2
    soft = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    true = np.array([generator.choice(CLASSES, p=row) for row in soft])
    matrix = 0.7 * np.eye(CLASSES) + 0.1 * (1 - np.eye(CLASSES))
    labels = np.array([generator.choice(CLASSES, p=matrix[code]) for code in true])
    names, rows = [str(code) for code in range(CLASSES)], []
    given = {"known soft labels": {"soft_labels": soft}, "6 features": {"features": features}}
    for name, more in given.items():
        observed = inversion.Observed(names, hard_labels=labels, **more)
        taken = seconds(lambda observed=observed: inversion.infer(observed, jax.random.key(0)))
        rows.append((name, f"{taken:.0f} s with its compilation (below 60)"))
        assert taken < 60
    show(capsys, "inference, 2,000 rows x 4 classes, default draws", rows)
