#!/usr/bin/env python3
"""Trains card-fraud.json with XGBoost on features that Sluice itself produced.

    sluice generate transactions --customers 3000 --terminals 6000 --days 120 --seed 7 > train.csv
    sluice run pipelines/card-fraud.yaml --input train.csv --all --format csv > features.csv
    python3 pipelines/models/train-card-fraud.py features.csv

The models of the benchmarks come from the same features:

    python3 pipelines/models/train-card-fraud.py features.csv --depth 6 --output Benchmarks/Models/trees.json
    python3 pipelines/models/train-card-fraud.py features.csv --depth 3 --output Benchmarks/Models/depth3.ubj
    python3 pipelines/models/train-card-fraud.py features.csv --linear --output Benchmarks/Models/linear.json
    python3 pipelines/models/train-card-fraud.py features.csv --depth 6 --lightgbm --output Benchmarks/Models/trees.txt

The training data comes from another seed than datasets/card-transactions.csv, so what the demo's summary says of the
scores is said of cards and terminals that the model has never seen. The first 40 days only fill the windows.

Made with xgboost 3.2.0, lightgbm 4.7.0, pandas 3.1.1, numpy 2.4.6 on Python 3.11 (pip install xgboost lightgbm pandas).
"""
import argparse
import pathlib

import pandas
import xgboost

INPUTS = (
    ["tx_amount", "during_weekend", "during_night"]
    + [f"customer_{what}_{days}d" for days in (1, 7, 30) for what in ("count", "mean")]
    + [f"terminal_{what}_{days}d" for days in (1, 7, 30) for what in ("count", "risk")]
)
COMMON = {"objective": "binary:logistic", "seed": 1, "nthread": 1}
TREES = {"eta": 0.1, "subsample": 0.8, "tree_method": "hist"}
LINEAR = {"booster": "gblinear", "updater": "coord_descent", "eta": 0.05, "reg_lambda": 0.01}
LIGHTGBM = {"objective": "binary", "num_leaves": 31, "seed": 1, "num_threads": 1, "deterministic": True, "verbose": -1}
WARM_UP_DAYS = 40
ROUNDS = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("features", help="what the pipeline writes with --all --format csv")
    parser.add_argument("--depth", type=int, default=4, help="of the trees")
    parser.add_argument("--linear", action="store_true", help="a linear model instead of trees")
    parser.add_argument("--lightgbm", action="store_true", help="train with LightGBM instead of XGBoost")
    parser.add_argument("--output", default=pathlib.Path(__file__).with_name("card-fraud.json"))
    options = parser.parse_args()
    rows = pandas.read_csv(options.features, parse_dates=["tx_datetime"])
    first_day = rows["tx_datetime"].min().normalize()
    rows = rows[rows["tx_datetime"] >= first_day + pandas.Timedelta(days=WARM_UP_DAYS)]
    if options.lightgbm:
        import lightgbm

        data = lightgbm.Dataset(rows[INPUTS], rows["tx_fraud"])
        lightgbm.train(LIGHTGBM | {"max_depth": options.depth}, data, ROUNDS).save_model(options.output)
        return
    matrix = xgboost.DMatrix(rows[INPUTS], label=rows["tx_fraud"])
    parameters = COMMON | (LINEAR if options.linear else TREES | {"max_depth": options.depth})
    xgboost.train(parameters, matrix, ROUNDS).save_model(options.output)
    print(f"{options.output}: {ROUNDS} rounds on {len(rows)} rows, {int(rows['tx_fraud'].sum())} of them fraud")


if __name__ == "__main__":
    main()
