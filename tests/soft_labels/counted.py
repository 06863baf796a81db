"""Soft labels from counts alone."""

from __future__ import annotations

import numpy as np

from synlabel_prob import soft_labels as s
from synlabel_prob.soft_labels.estimates import standard_error


def of_counts(counts, *, exact: bool = False) -> s.SoftLabels:
    """Soft labels from counts (rows, groups, classes)."""
    counts = np.asarray(counts)
    points = counts[:, 0].sum(-1)
    nothing = np.zeros((len(counts), 0, counts.shape[-1]))
    return s.SoftLabels(
        probabilities=counts.sum(1) / counts.sum((1, 2))[:, None],
        standard_error=standard_error(counts, points),
        counts=counts,
        points=points,
        method="counted",
        exact=np.full(len(counts), exact),
        stages=nothing,
        changes=nothing[..., 0],
        stage_standard_error=nothing,
        reached=np.ones(len(counts), dtype=bool),
    )
