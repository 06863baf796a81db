"""Draws docs/feature_hiding.png: the paper's section 5 on the vehicle table, beside the authors' numbers.

python docs/feature_hiding.py VEHICLE.csv SUMMARY.csv [FILE]

VEHICLE.csv is the authors' table (semicolons, no header, class last). SUMMARY.csv has their numbers, a row for each
`method` and `n_hidden`, with `mean_entropy_nats` and `plurality_accuracy`. Prints the curves too; takes a quarter of an
hour or more.
"""

from __future__ import annotations

import sys
from pathlib import Path

import jax
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from tqdm import tqdm

import synlabel_prob as sp
from synlabel_prob import ground_truth, priors, studies
from synlabel_prob.soft_labels import MonteCarlo
from synlabel_prob.sources import Data, read_frame

PRIORS: dict[str, priors.Prior] = {
    "uniform": priors.Uniform(),
    "histogram": priors.Histogram("fd"),
    "kernel_density": priors.KernelDensity(),
    "gaussian": priors.Gaussian(),
    "empirical": priors.Empirical(),
    "joint_kernel_density": priors.JointKernelDensity(),
    "gaussian_regression": priors.GaussianRegression(),
    "chained": priors.Chained(),
    "gaussian_copula": priors.GaussianCopula(),
    "similar_rows": priors.SimilarRows(),
    "chained, label": priors.Chained("observed_and_label"),
    "gaussian_regression, label": priors.GaussianRegression("observed_and_label"),
}
SAMPLED: dict[str, priors.Prior] = {"joint_mixture": priors.JointMixture(), "density_network": priors.DensityNetwork()}
DRAWN = ("kernel_density", "joint_kernel_density", "chained", "joint_mixture", "similar_rows", "chained, label")
# What the authors call the prior that is nearest to ours.
THEIRS = {
    "uniform_independent": "uniform",
    "marginal_histogram": "histogram",
    "marginal_KDE": "kernel_density",
    "multivariate_kde_scipy": "joint_kernel_density",
    "MICE_without_y": "chained",
    "MICE_with_y": "chained, label",
}
COLUMNS = {"n_hidden": "hidden", "mean_entropy_nats": "mean_entropy", "mtvd_vs_G": "mtvd"}


def vehicle(path: Path) -> sp.Table:
    """Their table, in the order of rows in which they fitted their forest."""
    frame = read_frame(Data(path=path.name, separator=";", header=False), path.parent)
    frame = frame.iloc[np.random.RandomState(0).permutation(len(frame))].reset_index(drop=True)
    return sp.Table.from_frame(frame, target=frame.columns[-1])


def reference(path: Path) -> pd.DataFrame:
    """Their numbers, under the names of our priors."""
    frame = pd.read_csv(path).rename(columns=COLUMNS)
    frame = frame[frame["method"].isin(THEIRS)]
    return frame.assign(prior=frame["method"].map(THEIRS)).reset_index(drop=True)


def study(table: sp.Table, chosen: dict[str, priors.Prior], repeats: int, steps: tuple[int, ...] | None = None):
    """As they did it: a forest of 100 trees as the truth, 100 draws a row."""
    forest = ground_truth.Learned(RandomForestClassifier(random_state=0))
    with tqdm(desc="hiding features", leave=False) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        options = {"repeats": repeats, "evaluator": MonteCarlo(draws=100), "progress": show}
        return studies.feature_hiding(forest, table, chosen, jax.random.key(0), steps=steps, **options)


def draw(made: pd.DataFrame, theirs: pd.DataFrame, path: Path) -> None:
    """Some of the curves, theirs dashed."""
    shown, beside = made[made["prior"].isin(DRAWN)], theirs[theirs["prior"].isin(DRAWN)]
    studies.draw_curves(shown, beside, title="Vehicle, 846 rows, the first of 18 features hidden").savefig(
        path, dpi=100
    )


if __name__ == "__main__":
    table = vehicle(Path(sys.argv[1]))
    every = pd.concat([study(table, PRIORS, 4), study(table, SAMPLED, 2)], ignore_index=True)
    print(studies.to_text(every))
    place = Path(sys.argv[3]) if len(sys.argv) > 3 else Path(__file__).with_suffix(".png")
    draw(every, reference(Path(sys.argv[2])), place)
