#!/usr/bin/env python3
"""Makes Fixtures/: models of XGBoost and LightGBM, with the predictions and contributions of these libraries themselves as
little-endian float32.

Made with xgboost 3.2.0, lightgbm 4.7.0, pandas 3.1.1 and numpy 2.4.6; run it in this folder. With `old`, it makes those of
an old XGBoost: run it so with 1.7.6 and with 2.1.4. The rows are not stored: Swift's tests generate the same ones
(`GeneratedRows.swift`).
"""

import os
import sys

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


MIXED = 8
CATEGORICAL = [6, 7]
MANY_ROWS = 10_000
EXPLAINED_ROWS = 150


def mixed_rows(seed, count, has_odd_categories=True):
    """Features 0: small integers, often 0; 1, 2: fractions of 24 bits; 3, 4, 5: of 52 bits, which single precision rounds;
    6, 7: categories, of which rows of another kind than those of the training have some that it never saw."""
    z = draws(seed, count * MIXED).reshape(count, MIXED)
    values = ((z >> np.uint64(12)).astype(np.int64) - (1 << 51)).astype(np.float64) * 2.0**-50
    values[:, 0] = ((z[:, 0] >> np.uint64(8)) % np.uint64(5)).astype(np.float64) - 2
    values[:, 1:3] = values[:, 1:3].astype(np.float32)
    values[:, 6] = ((z[:, 6] >> np.uint64(8)) % np.uint64(40)).astype(np.float64)
    values[:, 7] = ((z[:, 7] >> np.uint64(8)) % np.uint64(4)).astype(np.float64)
    if has_odd_categories:
        odd = (z[:, 6] >> np.uint64(20)) % np.uint64(16) == 0
        values[odd, 6] = np.array([90.0, 1000.0])[((z[odd, 6] >> np.uint64(30)) & np.uint64(1)).astype(int)]
    values[(z & np.uint64(7)) == 0] = np.nan
    return values


def mixed_labels(x, seed):
    v = np.nan_to_num(x, nan=0.3)
    noise = (draws(seed, len(x)) >> np.uint64(40)).astype(np.float64) * 2.0**-24 - 0.5
    category = ((v[:, 6].astype(np.int64) * 37) % 11 - 5) / 4
    return v[:, 3] * v[:, 4] + 0.3 * v[:, 0] + category * (1 + v[:, 1]) + (v[:, 7] == 2) - v[:, 5] + noise


def old():
    """One model with splits by category of the XGBoost at hand."""
    x = mixed_rows(11, TRAINING_ROWS, has_odd_categories=False)
    types = ["c" if i in CATEGORICAL else "float" for i in range(MIXED)]
    training = xgb.DMatrix(x, (mixed_labels(x, 12) > 0.5).astype(float), feature_types=types, enable_categorical=True)
    settings = {"objective": "binary:logistic", "tree_method": "hist", "max_depth": 4, "nthread": 1, "seed": 5}
    model = xgb.train({**settings, "max_cat_to_onehot": 1}, training, 4)
    major = xgb.__version__.split(".")[0]
    name = "x-old1.json" if major == "1" else "x-old2.ubj"
    model.save_model(f"Fixtures/{name}")
    rows = xgb.DMatrix(mixed_rows(13, MANY_ROWS), feature_types=types, enable_categorical=True)
    store(name, model.predict(rows), model.predict(rows.slice(range(EXPLAINED_ROWS)), pred_contribs=True))


def frames():
    """Models of a pandas frame with categories that are texts, and that are whole numbers."""
    import lightgbm as lgb
    import pandas

    x = mixed_rows(11, TRAINING_ROWS, has_odd_categories=False)
    texts, numbers = ["red", "blue", "green", "a b"], [10, 20, -5, 7, 30]
    text = [texts[int(v)] if v == v else None for v in x[:, 7]]
    number = [numbers[int(v) % 5] if v == v else None for v in x[:, 6]]
    frame = pandas.DataFrame({"amount": x[:, 3], "colour": pandas.Categorical(text), "size": pandas.Categorical(number)})
    label = ((frame["colour"] == "blue") | (x[:, 6] % 5 == 2)).astype(float)
    xgb.train({"max_depth": 2, "nthread": 1}, xgb.DMatrix(frame, label, enable_categorical=True), 2).save_model(
        "Fixtures/x-pandas.json"
    )
    lgb.train({"num_leaves": 4, "verbose": -1, "num_threads": 1}, lgb.Dataset(frame, label), 2).save_model(
        "Fixtures/l-pandas.txt"
    )


def mixed():
    import lightgbm as lgb

    x = mixed_rows(11, TRAINING_ROWS, has_odd_categories=False)
    y = mixed_labels(x, 12)
    labels = {"binary": (y > 0.5).astype(float), "positive": np.exp(y / 3), "share": 1 / (1 + np.exp(-y)), "any": y}
    test = mixed_rows(13, MANY_ROWS)
    types = ["c" if i in CATEGORICAL else "float" for i in range(MIXED)]
    partition, one_hot = {"max_cat_to_onehot": 1}, {"max_cat_to_onehot": 100}
    # The name, the label, the parameters, and how many rounds.
    xgboost_models = [
        ("x-logistic6.ubj", "binary", {"objective": "binary:logistic", "max_depth": 6, "eta": 0.2, **partition}, 8),
        ("x-logistic3.json", "share", {"objective": "reg:logistic", "max_depth": 3, "eta": 0.4, **one_hot}, 12),
        ("x-poisson.ubj", "positive", {"objective": "count:poisson", "max_depth": 4, **partition}, 8),
        ("x-gamma.ubj", "positive", {"objective": "reg:gamma", "max_depth": 2, **partition}, 8),
        ("x-tweedie.ubj", "positive", {"objective": "reg:tweedie", "max_depth": 3, **one_hot}, 6),
        ("x-hinge.ubj", "binary", {"objective": "binary:hinge", "max_depth": 3, **partition}, 6),
        ("x-absolute.ubj", "any", {"objective": "reg:absoluteerror", "max_depth": 9, **partition}, 2),
        ("x-rank.ubj", "binary", {"objective": "rank:pairwise", "max_depth": 3, **partition}, 6),
        ("x-dart.ubj", "binary", {"objective": "binary:logistic", "booster": "dart", "rate_drop": 0.4, **partition}, 6),
    ]
    for name, label, parameters, rounds in xgboost_models:
        groups = {"group": [500] * (TRAINING_ROWS // 500)} if "rank" in name else {}
        training = xgb.DMatrix(x, labels[label], feature_types=types, enable_categorical=True, **groups)
        model = xgb.train({"nthread": 1, "seed": 5, **parameters}, training, rounds)
        model.save_model(f"Fixtures/{name}")
        rows = xgb.DMatrix(test, feature_types=types, enable_categorical=True)
        store(name, model.predict(rows), model.predict(rows.slice(range(EXPLAINED_ROWS)), pred_contribs=True))
    rough = {"min_data_in_leaf": 5, "min_data_per_group": 10, "cat_smooth": 1}
    lightgbm_models = [
        ("l-binary.txt", "binary", {"objective": "binary", "num_leaves": 31, **rough}, 10),
        ("l-sigmoid.txt", "binary", {"objective": "binary", "sigmoid": 0.7, "zero_as_missing": True, "num_leaves": 9}, 8),
        ("l-nomissing.txt", "any", {"objective": "regression", "use_missing": False, "num_leaves": 12, **rough}, 6),
        ("l-l1.txt", "any", {"objective": "regression_l1", "num_leaves": 15, "max_cat_to_onehot": 64}, 6),
        ("l-huber.txt", "any", {"objective": "huber", "max_depth": 3}, 8),
        ("l-sqrt.txt", "positive", {"objective": "regression", "reg_sqrt": True, "num_leaves": 6}, 6),
        ("l-poisson.txt", "positive", {"objective": "poisson", "num_leaves": 8, **rough}, 6),
        ("l-tweedie.txt", "positive", {"objective": "tweedie", "num_leaves": 8, "zero_as_missing": True}, 6),
        ("l-entropy.txt", "share", {"objective": "cross_entropy", "num_leaves": 16, **rough}, 6),
        ("l-rf.txt", "binary", {"objective": "binary", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}, 5),
        ("l-dart.txt", "binary", {"objective": "binary", "boosting": "dart", "drop_rate": 0.4, "num_leaves": 8}, 8),
        ("l-deep.txt", "binary", {"objective": "binary", "num_leaves": 150, "min_data_in_leaf": 2, "cat_l2": 1}, 2),
        ("l-constant.txt", "any", {"objective": "regression", "min_data_in_leaf": 5000}, 2),
    ]
    for name, label, parameters, rounds in lightgbm_models:
        training = lgb.Dataset(x, labels[label], categorical_feature=CATEGORICAL)
        settings = {"num_threads": 1, "seed": 5, "verbose": -1, "deterministic": True, **parameters}
        model = lgb.train(settings, training, rounds)
        model.save_model(f"Fixtures/{name}")
        store(name, model.predict(test), model.predict(test[:EXPLAINED_ROWS], pred_contrib=True))
    mixed_rows(13, 4).astype("<f8").tofile("Fixtures/mixed.rows")


def store(name, predictions, contributions):
    stem = name.split(".")[0]
    # All rows of some, for files are many.
    count = MANY_ROWS if stem in ("x-logistic6", "x-poisson", "l-binary", "l-sigmoid") else ROWS
    predictions[:count].astype("<f4").tofile(f"Fixtures/{stem}.predictions")
    contributions.astype("<f4").tofile(f"Fixtures/{stem}.contributions")


def main():
    os.makedirs("Fixtures", exist_ok=True)
    mixed()
    frames()
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
        tested = xgb.DMatrix(test, feature_names=names)
        model.predict(tested).astype("<f4").tofile(f"Fixtures/{name}.predictions")
        explained = model.predict(tested.slice(range(EXPLAINED_ROWS)), pred_contribs=True)
        explained.astype("<f4").tofile(f"Fixtures/{name}.contributions")
    model.save_model("Fixtures/binary.ubj")
    # So that a generator that differs is found as such.
    test[:4].tofile("Fixtures/first.rows")


if __name__ == "__main__":
    old() if sys.argv[1:] == ["old"] else main()
