"""Figure 1 of the paper: from one of the four datasets to the next (de Vries & Thierens, arXiv 2309.04318).

Each arrow is a pure function of a dataset. It keeps row ids, declared classes (also those that no row has) and what
is known of the hidden features, and adds its name to the provenance. Where it draws, it takes a key.

| arrow | paper | function | result |
|---|---|---|---|
| G -> PG | feature hiding | `hide_features(truth, hidden, prior, function, key)` | Monte Carlo |
| G -> PG | identity | `identity(truth, PartialGroundTruthDataset)` | exact |
| G -> OS | identity | `identity(truth, ObservedSoftDataset)` | exact |
| G -> OH | identity | `identity(truth, ObservedHardDataset)` | exact |
| PG -> G | deterministic decision | `decide(partial)` | exact |
| PG -> G | identity | `identity(partial, GroundTruthDataset)`, certain labels only | exact |
| PG -> OS | transform of x | `transform_features(partial, transform)` | exact |
| PG -> OS | noise on x | `inject_feature_noise(partial, noise, key)` | a sample |
| PG -> OS | transform of y | `inject_noise(partial, noise, truth, function, key)` | exact |
| PG -> OS | open-set noise | `inject_open_set_noise(partial, unknown)` | exact |
| PG -> OS | transform of x and y | `inject_noise(transform_features(...), ...)` | exact |
| PG -> OS | transform of the hidden part | `transform_hidden(partial, transform, function)` | exact |
| PG -> OS | identity | `identity(partial, ObservedSoftDataset)` | exact |
| PG -> OH | identity | `identity(partial, ObservedHardDataset)`, certain labels only | exact |
| OS -> G | function based | `relabel(soft, function, GroundTruthDataset)` | exact |
| OS -> PG | function based | `relabel(soft, function, PartialGroundTruthDataset)` | exact |
| OS -> G | identity | `identity(soft, GroundTruthDataset)`, certain labels only | exact |
| OS -> PG | identity | `identity(soft, PartialGroundTruthDataset)` | exact |
| OS -> OH | decision function | `decide(soft, decision)` | exact |
| OS -> OH | plurality | `decide(soft)` | exact |
| OS -> OH | sample | `draw_labels(soft, key)` | a sample |
| OS -> OH | identity | `identity(soft, ObservedHardDataset)`, certain labels only | exact |
| OH -> G | function based | `relabel(hard, function, GroundTruthDataset)` | exact |
| OH -> PG | function based | `relabel(hard, function, PartialGroundTruthDataset)` | exact |
| OH -> OS | identity (one-hot) | `identity(hard, ObservedSoftDataset)` | exact |
| any, with labels | learn f | `learn_function(dataset, estimator)` | a `LabelFunction` |
| any | expert data D^E | `expert_labels(dataset, expert)` | exact |
"""

from .feature_noise import inject_feature_noise
from .functions import LabelFunction, learn_function
from .hiding import hide_features
from .identities import identity
from .labelling import decide, draw_labels, expert_labels, relabel
from .observing import inject_noise, transform_features, transform_hidden
from .open_set import inject_open_set_noise, open_mass

__all__ = [
    "LabelFunction",
    "decide",
    "draw_labels",
    "expert_labels",
    "hide_features",
    "identity",
    "inject_feature_noise",
    "inject_noise",
    "inject_open_set_noise",
    "learn_function",
    "open_mass",
    "relabel",
    "transform_features",
    "transform_hidden",
]
