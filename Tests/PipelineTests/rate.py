"""Rates scores with pandas and scikit-learn, as the Fraud Detection Handbook does: the judge of `sluice backtest`.

    rate.py ROWS.csv FIRST LAST DELAY TRAIN COST

ROWS.csv is what `sluice run --all --format csv` leaves. FIRST and LAST are the days that are rated; a fraud on a day from
TRAIN on is known DELAY days later, and rows of its card are left out from the day behind that on (DELAY '-': none are).
"""
import json
import sys

import numpy
import pandas
from sklearn.metrics import average_precision_score, roc_auc_score

TOP = 100


def test_rows(rows, first, last, delay, train):
    """The rows of the test days, day by day without the cards known by then: get_train_test_set of chapter 3."""
    if delay is None:
        return rows[(rows.day >= first) & (rows.day <= last)]
    days = []
    for day in pandas.date_range(first, last):
        known = rows[(rows.day >= train) & (rows.day <= day - pandas.Timedelta(days=delay + 1)) & (rows.tx_fraud == 1)]
        of_day = rows[rows.day == day]
        days.append(of_day[~of_day.customer_id.isin(set(known.customer_id))])
    return pandas.concat(days)


def card_precision(rows):
    """card_precision_top_k of chapter 4, cards found left out; equal scores in the order in which the cards come."""
    found, precisions = set(), []
    for _, of_day in rows.groupby("day"):
        of_day = of_day[~of_day.customer_id.isin(found)]
        cards = of_day.groupby("customer_id", sort=False)[["score", "tx_fraud"]].max()
        top = cards.sort_values("score", ascending=False, kind="stable").head(TOP)
        detected = set(top[top.tx_fraud == 1].index)
        precisions.append(len(detected) / TOP)
        found |= detected
    return float(numpy.mean(precisions))


def main():
    path, first, last, delay, train, cost = sys.argv[1:]
    rows = pandas.read_csv(path, parse_dates=["tx_datetime"], float_precision="round_trip")
    rows["day"] = rows.tx_datetime.dt.normalize()
    first, last, train = (pandas.Timestamp(text) for text in (first, last, train))
    rated = test_rows(rows, first, last, None if delay == "-" else int(delay), train)
    fraud, flagged = rated.tx_fraud == 1, rated.decision != "approve"
    cost = float(cost)
    # Every score as a threshold, and one that nothing reaches.
    value = rated.tx_amount.where(fraud, 0.0)
    by_score = pandas.DataFrame({"score": rated.score, "rows": 1, "value": value}).groupby("score").sum()
    by_score = by_score.sort_index(ascending=False).cumsum()
    costs = value.sum() - by_score["value"] + by_score["rows"] * cost
    print(json.dumps({
        "rows": len(rated),
        "frauds": int(fraud.sum()),
        "flagged": int(flagged.sum()),
        "caught": int((fraud & flagged).sum()),
        "caught_value": float(value[flagged].sum()),
        "auc_roc": float(roc_auc_score(rated.tx_fraud, rated.score)),
        "average_precision": float(average_precision_score(rated.tx_fraud, rated.score)),
        "card_precision": card_precision(rated),
        "cost": float(value[~flagged].sum() + flagged.sum() * cost),
        "best_cost": float(min(costs.min(), value.sum())),
    }))


main()
