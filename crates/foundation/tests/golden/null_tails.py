"""Exact right tails of the Poisson-binomial in 60-digit decimals. Run: python null_tails.py > null_tails.csv

Trials p_i = lo + (hi - lo) (i + 1/2) / groups, `size` of each; probabilities are the doubles that this formula gives.
"""
from decimal import Decimal, getcontext

getcontext().prec = 60
print("# Python decimal, 60 digits, by convolution; repeat: python null_tails.py > null_tails.csv")
print("lo,hi,groups,size,k,tail")
for lo, hi, groups, size, ks in [
    (0.0, 1.0, 20, 1, [0, 1, 5, 10, 15, 20]),
    (0.0, 0.5, 113, 2, [10, 56, 57, 70, 100, 150, 200, 226]),
    (0.0, 0.01, 226, 1, [1, 2, 5, 20, 60, 100, 140, 150, 200]),
    (0.9, 1.0, 226, 1, [150, 210, 215, 220, 226]),
    (0.0, 0.6, 150, 20, [700, 899, 900, 901, 950, 1100, 1400, 2000]),
    (0.02, 0.04, 50, 100, [100, 150, 151, 200, 300, 500]),
]:
    mass = [Decimal(1)]
    for i in range(groups):
        p = Decimal(lo + (hi - lo) * (i + 0.5) / groups)
        for _ in range(size):
            mass = [a * (1 - p) + b * p for a, b in zip(mass + [Decimal(0)], [Decimal(0)] + mass)]
    for k in ks:
        print(f"{lo},{hi},{groups},{size},{k},{sum(mass[k:]):.17e}")
