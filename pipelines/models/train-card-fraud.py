#!/usr/bin/env python3
"""Trains card-fraud.json with XGBoost on features that Sluice itself produced.

    sluice generate transactions --customers 3000 --terminals 6000 --days 120 --seed 7 > train.csv
    sluice run pipelines/card-fraud.yaml --input train.csv --all --format csv > features.csv
    python3 pipelines/models/train-card-fraud.py features.csv

The training data comes from another seed than datasets/card-transactions.csv, so what the demo's summary says of the
scores is said of cards and terminals that the model has never seen. The first 40 days only fill the windows.

Made with xgboost 3.2.0, pandas 3.1.1, numpy 2.4.6 on Python 3.11 (pip install xgboost pandas).
"""
import pathlib
import sys

import pandas
import xgboost

INPUTS = (
    ["tx_amount", "during_weekend", "during_night"]
    + [f"customer_{what}_{days}d" for days in (1, 7, 30) for what in ("count", "mean")]
    + [f"terminal_{what}_{days}d" for days in (1, 7, 30) for what in ("count", "risk")]
)
PARAMETERS = {
    "objective": "binary:logistic",
    "max_depth": 4,
    "eta": 0.1,
    "subsample": 0.8,
    "tree_method": "hist",
    "seed": 1,
    "nthread": 1,
}
WARM_UP_DAYS = 40
ROUNDS = 100


def main(features: str) -> None:
    rows = pandas.read_csv(features, parse_dates=["tx_datetime"])
    first_day = rows["tx_datetime"].min().normalize()
    rows = rows[rows["tx_datetime"] >= first_day + pandas.Timedelta(days=WARM_UP_DAYS)]
    matrix = xgboost.DMatrix(rows[INPUTS], label=rows["tx_fraud"])
    model = xgboost.train(PARAMETERS, matrix, ROUNDS)
    path = pathlib.Path(__file__).with_name("card-fraud.json")
    model.save_model(path)
    print(f"{path}: {ROUNDS} trees from {len(rows)} rows, {int(rows['tx_fraud'].sum())} of them fraud")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
