"""scikit-learn's figures of score lists. Reads [{"scores": [number], "fake": [0 or 1]}] as JSON and prints, for each, the figures by name; higher scores
mean fake. `eerDeepfakebench` as in its training/metrics/utils.py, `eerBrentq` by the root of 1 - x - TPR(x) on the interpolated ROC. For every fifth case
further ones, slow here, those of probabilities where all scores lie in [0, 1]."""

import json
import sys

import numpy as np
import sklearn
from scipy.interpolate import interp1d
from scipy.optimize import brentq
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score, roc_curve


def figures(fake, scores, further):
    alarms, found, _ = roc_curve(fake, scores)
    joined = interp1d(alarms, found)
    own = {
        "auc": roc_auc_score(fake, scores),
        "ap": average_precision_score(fake, scores),
        "eerDeepfakebench": alarms[np.nanargmin(np.absolute(1 - found - alarms))],
        "eerBrentq": brentq(lambda x: 1.0 - x - joined(x), 0.0, 1.0, xtol=1e-15),
    }
    if further:
        own["partialAuc"] = roc_auc_score(fake, scores, max_fpr=0.3)
    if further and scores.min() >= 0 and scores.max() <= 1:
        own["logLoss"] = log_loss(fake, scores, labels=[0, 1])
        own["brier"] = brier_score_loss(fake, scores)
    return {name: float(value) for name, value in own.items()}


cases = json.load(sys.stdin)
sklearn.set_config(assume_finite=True, skip_parameter_validation=True)
answers = [
    figures(np.array(case["fake"]), np.array(case["scores"], float), further=i % 5 == 0)
    for i, case in enumerate(cases)
]
json.dump(answers, sys.stdout)
