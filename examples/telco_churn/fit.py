r"""Fits the model of the plugin `telco-churn-health`: the chance that a customer stays.

    python3 examples/telco_churn/fit.py examples/data/telco_customers.csv \
        > plugins/telco-churn-health/src/model.rs

A logistic regression with a small ridge penalty, by Newton's method, in plain Python: nothing has
to be installed. Seven of ten customers are used to fit, told apart by a hash of their ids; the
other three only to measure. There is no randomness in it: the same file always gives the same
model, to the last digit that is printed.

It prints the module `model.rs` of the plugin: the coefficients, the means that scores are explained
against, and how well the model orders the customers that it has not seen. A test of the plugin
measures the latter again, through the plugin itself.
"""

import csv
import hashlib
import math
import sys

RIDGE = 1.0
ROUNDS = 25

# Each input of the model: its name, and how it is read from a row.
INPUTS = [
    ("tenure", lambda row: math.log1p(float(row["tenure"]))),
    ("monthly charges", lambda row: float(row["monthly_charges"]) / 100),
    ("contract: one year", lambda row: row["contract"] == "One year"),
    ("contract: two years", lambda row: row["contract"] == "Two year"),
    ("internet: DSL", lambda row: row["internet_service"] == "DSL"),
    ("internet: fiber", lambda row: row["internet_service"] == "Fiber optic"),
    ("online security", lambda row: row["online_security"] == "Yes"),
    ("tech support", lambda row: row["tech_support"] == "Yes"),
    ("electronic check", lambda row: row["payment_method"] == "Electronic check"),
    ("paperless billing", lambda row: row["paperless_billing"] == "1"),
    ("senior citizen", lambda row: row["senior_citizen"] == "1"),
    ("dependents", lambda row: row["dependents"] == "1"),
]


def is_for_fitting(row):
    """Seven of ten, by the first byte of a hash, so that no order of the file matters."""
    digest = hashlib.sha256(row["customer_id"].encode()).digest()
    return digest[0] % 10 < 7


def chance(weights, x):
    """The chance that a customer stays."""
    return 1 / (1 + math.exp(-sum(w * v for w, v in zip(weights, x))))


def solve(matrix, right):
    """Gaussian elimination with pivoting."""
    size = len(right)
    rows = [list(line) + [value] for line, value in zip(matrix, right)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda n: abs(rows[n][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for n in range(size):
            if n != column:
                factor = rows[n][column] / rows[column][column]
                rows[n] = [a - factor * b for a, b in zip(rows[n], rows[column])]
    return [rows[n][size] / rows[n][n] for n in range(size)]


def fit(data):
    """The weights at which the penalised likelihood is greatest; the first is the intercept."""
    size = len(data[0][0])
    weights = [0.0] * size
    for _ in range(ROUNDS):
        gradient = [0.0] * size
        hessian = [[0.0] * size for _ in range(size)]
        for x, stays in data:
            p = chance(weights, x)
            for i in range(size):
                gradient[i] += (stays - p) * x[i]
                for j in range(i + 1):
                    hessian[i][j] += p * (1 - p) * x[i] * x[j]
        for i in range(size):
            for j in range(i):
                hessian[j][i] = hessian[i][j]
            if i > 0:  # The intercept is not held back.
                gradient[i] -= RIDGE * weights[i]
                hessian[i][i] += RIDGE
        weights = [w + step for w, step in zip(weights, solve(hessian, gradient))]
    return weights


def auc(weights, data):
    """The chance that one who stays scores above one who leaves; ties count half."""
    ranked = sorted((chance(weights, x), stays) for x, stays in data)
    rank_sum, n = 0.0, 0
    while n < len(ranked):
        end = n
        while end < len(ranked) and ranked[end][0] == ranked[n][0]:
            end += 1
        rank = (n + end + 1) / 2
        rank_sum += rank * sum(stays for _, stays in ranked[n:end])
        n = end
    good = sum(stays for _, stays in data)
    return (rank_sum - good * (good + 1) / 2) / (good * (len(data) - good))


def numbers(values):
    """A line for each number, with the name of its input, as `cargo fmt` leaves it."""
    printed = [f"{value:.6f}," for value in values]
    width = max(map(len, printed))
    lines = (f"        {n:<{width}} // {name}" for (name, _), n in zip(INPUTS, printed))
    return "\n".join(lines)


MODULE = """\
//! The model, as `examples/telco_churn/fit.py` prints it: run it to change anything here.

use jornada_plugin_sdk::logistic::Logistic;

/// Fitted on {fitted} customers, whom it orders with an AUC of {auc_fitted:.4f}.
pub(crate) const MODEL: Logistic<{count}> = Logistic {{
    intercept: {intercept:.6f},
    weights: [
{weights}
    ],
    means: [
{means}
    ],
}};

/// Customers that it has not seen, and the AUC with which it orders them.
#[cfg(test)]
pub(crate) const UNSEEN: (usize, f64) = ({unseen}, {auc_unseen:.4f});
"""


def main(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    parts = {True: [], False: []}
    for row in rows:
        x = [1.0] + [float(read(row)) for _, read in INPUTS]
        parts[is_for_fitting(row)].append((x, float(row["churn"] == "No")))
    fitted, unseen = parts[True], parts[False]
    weights = fit(fitted)
    means = [sum(x[n] for x, _ in fitted) / len(fitted) for n in range(1, len(weights))]
    module = MODULE.format(
        fitted=len(fitted),
        auc_fitted=auc(weights, fitted),
        count=len(INPUTS),
        intercept=weights[0],
        weights=numbers(weights[1:]),
        means=numbers(means),
        unseen=len(unseen),
        auc_unseen=auc(weights, unseen),
    )
    sys.stdout.write(module)


if __name__ == "__main__":
    main(sys.argv[1])
