"""Population stability and fraud value with numpy and pandas: the judge of `sluice drift`.

    drift.py ROWS.csv FIRST LAST FROM COLUMNS

The days FIRST to LAST are the reference; the days from FROM on are compared with it, column by column.
"""
import json
import sys

import numpy
import pandas

BINS, LEAST = 10, 1e-4


def shares(values, edges):
    """Of the bins (-inf, e1], (e1, e2], ... (em, inf), and of missing values."""
    bins = numpy.searchsorted(edges, values.dropna(), side="left")
    counts = numpy.append(numpy.bincount(bins, minlength=len(edges) + 1), values.isna().sum())
    return numpy.maximum(counts / len(values), LEAST)


def index(reference, values):
    ordered = numpy.sort(reference.dropna())
    edges = numpy.unique([ordered[max(len(ordered) * part // BINS - 1, 0)] for part in range(1, BINS)])
    expected, actual = shares(reference, edges), shares(values, edges)
    return float(numpy.sum((actual - expected) * numpy.log(actual / expected)))


def main():
    path, first, last, start, columns = sys.argv[1:]
    rows = pandas.read_csv(path, parse_dates=["tx_datetime"], float_precision="round_trip")
    rows["day"] = rows.tx_datetime.dt.normalize()
    reference = rows[(rows.day >= first) & (rows.day <= last)]
    later = rows[rows.day >= start]
    columns = columns.split(",")
    days = []
    for day, of_day in later.groupby("day"):
        window = rows[(rows.day <= day) & (rows.day > day - pandas.Timedelta(days=90))]
        fraud = window.tx_amount[window.tx_fraud == 1].sum() / window.tx_amount.sum()
        psi = [index(reference[column], of_day[column]) for column in columns]
        days.append({"day": str(day.date()), "rows": len(of_day), "fraud_value_rate": float(fraud), "psi": psi})
    overall = [{"name": column, "psi": index(reference[column], later[column])} for column in columns]
    print(json.dumps({"columns": overall, "days": days}))


main()
