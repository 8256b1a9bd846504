//! What a reader should know about a table before trusting its numbers.
//!
//! ```text
//! rows      x_i − (Σ_j Z_ij + Σ_f Y_if)        columns   x_j − (Σ_i Z_ij + v_j)
//! ```
//!
//! Nothing is repaired here. Negative cells, industries without output, imbalance, columns of coefficients at or
//! above one and a table that looks transposed are counted, summed and named.

use std::cmp::Ordering;

use model::Severity;

use super::coefficients::{Coefficients, OutputBasis};
use super::dense::Dense;
use super::leontief::parallel_times;
use super::table::{Finding, IoTable, Label};

/// How many worst places each report names.
const WORST: usize = 10;
/// A side of the balance fits the given output if its gaps sum to less than this part of output…
const FITS: f64 = 0.05;
/// …and it fits in place of the other side if its gaps are less than this part of the other's.
const INSTEAD: f64 = 0.1;

/// Gap of one industry: given minus summed.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    pub industry: usize,
    pub given: f64,
    pub summed: f64,
}

impl Gap {
    pub fn gap(&self) -> f64 {
        self.given - self.summed
    }
}

/// Balance of all industries on one side of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Balance {
    /// Σ of the given output.
    pub given: f64,
    /// Σ of the row or column sums.
    pub summed: f64,
    /// Σ |gap| / Σ |given|; 0 where nothing is given.
    pub relative: f64,
    /// Largest |gap| first, at most ten.
    pub worst: Vec<Gap>,
}

/// Negative cells of one part of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Negatives {
    /// `Z`, `Y`, `x` or `value added`.
    pub part: &'static str,
    pub count: usize,
    /// Their sum, below zero.
    pub sum: f64,
    /// Row, column (an industry for Z, a column of demand for Y) and value of the lowest, at most ten.
    pub worst: Vec<(usize, usize, f64)>,
}

/// An industry without output (or without sales where no output is given).
#[derive(Debug, Clone, PartialEq)]
pub struct NoOutput {
    pub industry: usize,
    /// What the flows say it buys from industries: dropped, its column of A is zero.
    pub purchases: f64,
    /// What the flows say it sells: kept in the columns of its customers, so that its model output is not zero.
    pub sales: f64,
}

/// Findings as data.
#[derive(Debug, Clone, PartialEq)]
pub struct TableReport {
    /// Given output against Z1 + Y1; `None` where no output is given.
    pub rows: Option<Balance>,
    /// Given output (else Z1 + Y1) against 1'Z + value added; `None` without value added.
    pub columns: Option<Balance>,
    pub negatives: Vec<Negatives>,
    pub no_output: Vec<NoOutput>,
    /// Largest column sum of A, with its industry.
    pub largest_column: Option<(usize, f64)>,
    /// Industries whose purchases from industries reach or pass their output.
    pub columns_at_one: Vec<usize>,
    /// Lower and upper bound of the spectral radius of A (Collatz 1942); `None` where A has negative cells.
    pub spectral_radius: Option<(f64, f64)>,
    /// The given output fits the other side of the flows.
    pub looks_transposed: bool,
    /// The same as messages, worst first.
    pub findings: Vec<Finding>,
}

/// Checks a table; costs some passes over its cells.
pub fn report(table: &IoTable) -> TableReport {
    let sales = table.sales();
    let purchases = table.flows().column_sums();
    let output = table.given_output().unwrap_or(&sales);
    let rows = table.given_output().map(|x| balance(x, &sales));
    let columns = table.value_added().map(|v| {
        let summed: Vec<f64> = purchases.iter().zip(v).map(|(p, v)| p + v).collect();
        balance(output, &summed)
    });
    let no_output = no_output(table, output, &purchases);
    let negatives = negatives(table);
    let shares: Vec<f64> = (0..table.len())
        .map(|j| {
            if output[j] > 0.0 {
                purchases[j] / output[j]
            } else {
                0.0
            }
        })
        .collect();
    let largest_column = (0..table.len())
        .reduce(|best, j| if shares[j] > shares[best] { j } else { best })
        .map(|j| (j, shares[j]));
    let columns_at_one = (0..table.len()).filter(|j| shares[*j] >= 1.0).collect();
    let spectral_radius = Coefficients::of(table, OutputBasis::Given)
        .ok()
        .and_then(|c| spectral_radius(&c.a));
    let looks_transposed = looks_transposed(table, rows.as_ref(), columns.as_ref(), &purchases);
    let mut report = TableReport {
        rows,
        columns,
        negatives,
        no_output,
        largest_column,
        columns_at_one,
        spectral_radius,
        looks_transposed,
        findings: Vec::new(),
    };
    report.findings = findings(table, &report);
    report
}

/// Bounds of the spectral radius of a non-negative matrix, min and max of (Mv)_i / v_i over a few steps of the power
/// method with v > 0 (Collatz 1942; Wielandt 1950). The 1-norm and the ∞-norm bound it too.
pub fn spectral_radius(m: &Dense) -> Option<(f64, f64)> {
    let n = m.rows();
    if n == 0 || m.values().iter().any(|v| *v < 0.0) {
        return None;
    }
    let (mut low, mut high) = (0.0_f64, m.norm1());
    let mut v = vec![1.0; n];
    for _ in 0..30 {
        let mv = parallel_times(m, &v);
        let ratio = |k: usize| mv[k] / v[k];
        low = low.max((0..n).map(ratio).fold(f64::INFINITY, f64::min));
        high = high.min((0..n).map(ratio).fold(0.0, f64::max));
        if high - low <= 1e-3 * high {
            break;
        }
        // Half of v stays, so that no entry becomes zero and a cycle does not swing.
        let whole: f64 = v.iter().sum::<f64>() + mv.iter().sum::<f64>();
        for (v, mv) in v.iter_mut().zip(mv) {
            *v = (*v + mv) / whole * n as f64;
        }
    }
    Some((low.min(high), high))
}

fn balance(given: &[f64], summed: &[f64]) -> Balance {
    let mut gaps: Vec<Gap> = given
        .iter()
        .zip(summed)
        .enumerate()
        .map(|(industry, (given, summed))| Gap {
            industry,
            given: *given,
            summed: *summed,
        })
        .collect();
    gaps.sort_by(|a, b| {
        let by_size = b.gap().abs().total_cmp(&a.gap().abs());
        by_size.then(a.industry.cmp(&b.industry))
    });
    let absolute: f64 = gaps.iter().map(|g| g.gap().abs()).sum();
    let whole: f64 = given.iter().map(|v| v.abs()).sum();
    gaps.truncate(WORST);
    Balance {
        given: given.iter().sum(),
        summed: summed.iter().sum(),
        relative: if whole > 0.0 { absolute / whole } else { 0.0 },
        worst: gaps,
    }
}

fn negatives(table: &IoTable) -> Vec<Negatives> {
    let part = |part: &'static str, values: &[f64], rows: usize| {
        let mut cells: Vec<(usize, usize, f64)> = values
            .iter()
            .enumerate()
            .filter(|(_, v)| **v < 0.0)
            .map(|(k, v)| (k % rows, k / rows, *v))
            .collect();
        let (count, sum) = (cells.len(), cells.iter().map(|c| c.2).sum());
        let order = |a: &(usize, usize, f64), b: &(usize, usize, f64)| -> Ordering {
            a.2.total_cmp(&b.2).then((a.0, a.1).cmp(&(b.0, b.1)))
        };
        cells.sort_by(order);
        cells.truncate(WORST);
        Negatives {
            part,
            count,
            sum,
            worst: cells,
        }
    };
    let n = table.len();
    [
        part("Z", table.flows().values(), n),
        part("Y", table.demand().values(), n),
        part("x", table.given_output().unwrap_or_default(), n),
        part("value added", table.value_added().unwrap_or_default(), n),
    ]
    .into_iter()
    .filter(|negatives| negatives.count > 0)
    .collect()
}

fn no_output(table: &IoTable, output: &[f64], purchases: &[f64]) -> Vec<NoOutput> {
    let sales = table.sales();
    (0..table.len())
        .filter(|k| output[*k] == 0.0)
        .map(|industry| NoOutput {
            industry,
            purchases: purchases[industry],
            sales: sales[industry],
        })
        .collect()
}

/// The given output fits Z' 1 + Y 1 (sales of the turned table), or with value added Z 1 + v, far better than the
/// table as it stands.
fn looks_transposed(
    table: &IoTable,
    rows: Option<&Balance>,
    columns: Option<&Balance>,
    purchases: &[f64],
) -> bool {
    let instead = |here: &Balance, given: &[f64], turned: &[f64]| {
        let turned = balance(given, turned).relative;
        turned < FITS && turned < INSTEAD * here.relative
    };
    let Some(given) = table.given_output() else {
        return false;
    };
    let plus = |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a + b).collect() };
    let by_rows =
        rows.is_some_and(|rows| instead(rows, given, &plus(purchases, &table.total_demand())));
    let by_columns = columns
        .zip(table.value_added())
        .is_some_and(|(columns, v)| instead(columns, given, &plus(&table.flows().row_sums(), v)));
    by_rows || by_columns
}

fn findings(table: &IoTable, report: &TableReport) -> Vec<Finding> {
    let name = |k: usize| table.industries()[k].to_string();
    let mut findings = Vec::new();
    if report.looks_transposed {
        findings.push(Finding::new("transposed", Severity::Error));
    }
    if let Some((worst, share)) = report.largest_column
        && share >= 1.0
    {
        findings.push(
            Finding::new("column_at_one", Severity::Warning)
                .with("count", report.columns_at_one.len())
                .with("industry", name(worst))
                .with("share", share),
        );
    }
    let sides = [("rows_off", &report.rows), ("columns_off", &report.columns)];
    for (code, side) in sides {
        let Some(balance) = side else { continue };
        let Some(worst) = balance.worst.first() else {
            continue;
        };
        let severity = if balance.relative > 0.01 {
            Severity::Warning
        } else {
            Severity::Note
        };
        findings.push(
            Finding::new(code, severity)
                .with("relative", balance.relative)
                .with("gap", balance.given - balance.summed)
                .with("industry", name(worst.industry))
                .with("worst", worst.gap()),
        );
    }
    if report.rows.is_none() {
        findings.push(Finding::new("no_output_given", Severity::Note));
    }
    if report.columns.is_none() {
        findings.push(Finding::new("no_value_added", Severity::Note));
    }
    for negative in &report.negatives {
        let (row, column, value) = negative.worst[0];
        let column_label: Option<&Label> = match negative.part {
            "Z" => table.industries().get(column),
            "Y" => table.final_demand().get(column),
            _ => None,
        };
        let place = column_label.map_or_else(|| name(row), |c| format!("{} → {c}", name(row)));
        findings.push(
            Finding::new("negative", Severity::Warning)
                .with("part", negative.part)
                .with("count", negative.count)
                .with("sum", negative.sum)
                .with("place", place)
                .with("value", value),
        );
    }
    if let Some(first) = report.no_output.first() {
        let sum = |of: fn(&NoOutput) -> f64| report.no_output.iter().map(of).sum::<f64>();
        findings.push(
            Finding::new("zero_output", Severity::Warning)
                .with("count", report.no_output.len())
                .with("industry", name(first.industry))
                .with("purchases", sum(|z| z.purchases))
                .with("sales", sum(|z| z.sales)),
        );
    }
    if let Some((low, high)) = report.spectral_radius
        && high >= 1.0
    {
        let severity = if low >= 1.0 {
            Severity::Error
        } else {
            Severity::Warning
        };
        findings.push(
            Finding::new("spectral_radius", severity)
                .with("low", low)
                .with("high", high),
        );
    }
    findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
    findings
}
