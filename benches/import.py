"""Peers of benches/import.sh: CSV to Parquet by DuckDB or pandas, the generator, and a comparison row by row.

`import.py duckdb SOURCE OUT COMPRESSION`, `pandas SOURCE OUT`, `generate ROWS OUT`, `compare FORELAY DUCKDB`.
"""
import sys


def generate(rows, out):
    """A seeded file in BACI's layout, one row for each key, years of at most 11 million rows."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.csv as pc

    r = np.random.default_rng(1)
    countries = np.sort(r.choice(np.arange(4, 895), 226, replace=False)).astype(np.int32)
    products = np.sort(r.choice(np.arange(10121, 970600), 5000, replace=False)).astype(np.int32)
    cells = 226 * 226 * 5000
    writer = None
    year = 2023
    while rows > 0:
        n = min(rows, 11_000_000)
        # A random walk over the cells: sorted, no key twice.
        step = r.integers(1, max(2, 2 * cells // n - 1), n)
        cell = np.cumsum(step)
        n = int(np.searchsorted(cell, cells))
        cell = cell[:n]
        table = pa.table({
            "t": np.full(n, year, np.int32),
            "i": countries[cell // (226 * 5000)],
            "j": countries[cell // 5000 % 226],
            "k": products[cell % 5000],
            "v": np.round(np.exp(r.normal(3, 3, n)), 3),
            "q": np.round(np.exp(r.normal(1, 3, n)), 3),
        })
        writer = writer or pc.CSVWriter(out, table.schema)
        writer.write_table(table)
        rows -= min(rows, 11_000_000)
        year -= 1
    writer.close()


def duckdb(source, out, compression):
    import duckdb as d

    d.sql(f"COPY (SELECT * FROM read_csv('{source}', types={{'i':'VARCHAR','j':'VARCHAR','k':'VARCHAR'}})) TO '{out}' (FORMAT parquet, COMPRESSION {compression})")


def pandas(source, out):
    import pandas as pd

    codes = {"i": "category", "j": "category", "k": "category"}
    pd.read_csv(source, dtype=codes).to_parquet(out, compression="zstd", index=False)


def compare(forelay, duckdb_out):
    """Rows of either table that the other does not have."""
    import duckdb as d

    ours = f"SELECT year, exporter, importer, product, value, quantity FROM '{forelay}'"
    theirs = f"SELECT t, i, j, lpad(k, 6, '0'), round(v * 1000), q FROM '{duckdb_out}'"
    for a, b in [(ours, theirs), (theirs, ours)]:
        print(d.sql(f"SELECT count(*) FROM ({a} EXCEPT ALL {b})").fetchall()[0][0], "rows differ")


if __name__ == "__main__":
    task, *rest = sys.argv[1:]
    if task == "generate":
        generate(int(rest[0]), rest[1])
    else:
        {"duckdb": duckdb, "pandas": pandas, "compare": compare}[task](*rest)
