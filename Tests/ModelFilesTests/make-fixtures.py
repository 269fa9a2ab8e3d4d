#!/usr/bin/env python3
"""Makes Fixtures/: XGBoost models as JSON, and the predictions of XGBoost itself as little-endian float32.

Made with xgboost 3.2.0 and numpy; run it in this folder. The rows are not stored: Swift's tests generate the same ones
(`GeneratedRows.swift`).
"""

import os

import numpy as np
import xgboost as xgb

FEATURES = 9
TRAINING_ROWS = 3000
ROWS = 2500


def draws(seed, count):
    """splitmix64 at positions 1...count."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def rows(seed, count):
    """Features 0, 3, 6: small integers, which meet thresholds exactly; the others: 24-bit fractions around 0. One value
    in eight is missing."""
    z = draws(seed, count * FEATURES).reshape(count, FEATURES)
    whole = ((z >> np.uint64(8)) & np.uint64(15)).astype(np.float32) - np.float32(4)
    fraction = ((z >> np.uint64(40)).astype(np.int64) - (1 << 23)).astype(np.float32) * np.float32(2.0**-22)
    values = np.where(np.arange(FEATURES) % 3 == 0, whole, fraction)
    values[(z & np.uint64(7)) == 0] = np.nan
    return values.astype(np.float32)


def labels(x, seed):
    v = np.nan_to_num(x, nan=0.7)
    noise = (draws(seed, len(x)) >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24) - np.float32(0.5)
    return v[:, 1] * v[:, 2] + 0.2 * v[:, 0] - v[:, 4] + 0.1 * v[:, 3] * v[:, 5] + np.sin(3 * v[:, 7]) + 2 * noise


def main():
    os.makedirs("Fixtures", exist_ok=True)
    x = rows(1, TRAINING_ROWS)
    y = labels(x, 2)
    binary = (y > 0.8).astype(np.float32)
    test = rows(3, ROWS)
    logistic = {"objective": "binary:logistic"}
    models = {
        "depth1": ({**logistic, "max_depth": 1, "eta": 0.4}, 60),
        "depth3": ({**logistic, "max_depth": 3, "eta": 0.3}, 40),
        "depth6": ({**logistic, "max_depth": 6, "eta": 0.1}, 24),
        "depth10": ({**logistic, "max_depth": 10, "eta": 0.3, "min_child_weight": 2}, 5),
        "dart": ({**logistic, "booster": "dart", "max_depth": 4, "eta": 0.3, "rate_drop": 0.3}, 20),
        "linear": ({**logistic, "booster": "gblinear", "updater": "coord_descent"}, 20),
        "squarederror": ({"objective": "reg:squarederror", "max_depth": 5, "eta": 0.3}, 12),
        "logitraw": ({"objective": "binary:logitraw", "max_depth": 3, "base_score": 0.2, "gamma": 5}, 12),
        "constant": (logistic, 1),
    }
    for name, (parameters, rounds) in models.items():
        label = {"squarederror": y, "constant": np.ones_like(y)}.get(name, binary)
        names = [f"f_{i}" for i in range(FEATURES)] if name == "depth3" else None
        training = xgb.DMatrix(x, label, feature_names=names)
        model = xgb.train({"nthread": 1, "seed": 5, **parameters}, training, rounds)
        model.save_model(f"Fixtures/{name}.json")
        model.predict(xgb.DMatrix(test, feature_names=names)).astype("<f4").tofile(f"Fixtures/{name}.predictions")
    model.save_model("Fixtures/binary.ubj")
    # So that a generator that differs is found as such.
    test[:4].tofile("Fixtures/first.rows")


if __name__ == "__main__":
    main()
