//! An input–output table with labels, built only from parts that fit together.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use model::{Message, Severity};

use super::dense::Dense;

/// A region with an industry, or with a category of final demand. National tables have one region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label {
    pub region: String,
    pub industry: String,
}

impl Label {
    pub fn new(region: impl Into<String>, industry: impl Into<String>) -> Self {
        Self {
            region: region.into(),
            industry: industry.into(),
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.region.is_empty() {
            f.write_str(&self.industry)
        } else {
            write!(f, "{} {}", self.region, self.industry)
        }
    }
}

/// Something a reader should know about a table. `message` has the id `io.finding.<code>`.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub code: &'static str,
    pub severity: Severity,
    pub message: Message,
}

impl Finding {
    pub(super) fn new(code: &'static str, severity: Severity) -> Self {
        Self {
            code,
            severity,
            message: Message::new(format!("io.finding.{code}")),
        }
    }

    #[must_use]
    pub(super) fn with(mut self, name: &str, arg: impl Into<model::Arg>) -> Self {
        self.message = self.message.with(name, arg);
        self
    }
}

/// Why a table, a map or a question is refused. `message()` has the id `io.refused.<code>` and says what to do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct IoError {
    pub code: &'static str,
    /// Which cells, labels or numbers.
    pub detail: String,
}

impl IoError {
    pub(super) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }

    pub fn message(&self) -> Message {
        Message::new(format!("io.refused.{}", self.code)).with("detail", self.detail.as_str())
    }
}

/// What a reader found in files, before any check.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TableParts {
    /// Sellers: labels of the rows of `flows`.
    pub rows: Vec<Label>,
    /// Buyers: labels of the columns of `flows`.
    pub columns: Vec<Label>,
    /// Z, rows sell to columns, in `unit` per year.
    pub flows: Dense,
    /// Labels of the rows of `demand`.
    pub demand_rows: Vec<Label>,
    /// Region and category of each column of `demand`.
    pub demand_columns: Vec<Label>,
    /// Y, rows sell to final users.
    pub demand: Dense,
    /// Total output by industry where the source gives it.
    pub output: Option<Vec<(Label, f64)>>,
    /// Value added (with taxes less subsidies, if the source counts them) by industry.
    pub value_added: Option<Vec<(Label, f64)>>,
    pub unit: String,
    pub year: Option<i32>,
}

/// A table whose rows and columns are the same industries in the same order. All values are finite.
#[derive(Debug, Clone, PartialEq)]
pub struct IoTable {
    pub(super) industries: Vec<Label>,
    pub(super) final_demand: Vec<Label>,
    pub(super) z: Dense,
    pub(super) y: Dense,
    pub(super) x: Option<Vec<f64>>,
    pub(super) value_added: Option<Vec<f64>>,
    pub(super) unit: String,
    pub(super) year: Option<i32>,
}

impl IoTable {
    /// Puts rows and columns into the order of the rows and says so; refuses labels that do not match, that occur
    /// twice, and values that are not numbers. Demand whose columns carry the industries is turned, and reported.
    pub fn build(parts: TableParts) -> Result<(Self, Vec<Finding>), IoError> {
        let mut findings = Vec::new();
        let TableParts {
            rows,
            columns,
            flows,
            mut demand_rows,
            mut demand_columns,
            mut demand,
            output,
            value_added,
            unit,
            year,
        } = parts;
        if rows.is_empty() {
            return Err(IoError::new("empty", "0"));
        }
        shape("Z", &flows, rows.len(), columns.len())?;
        shape("Y", &demand, demand_rows.len(), demand_columns.len())?;
        let known = position(&rows)?;
        position(&columns)?;
        let z = match order("Z", &known, &columns)? {
            None => flows,
            Some(from) => {
                findings.push(Finding::new("reordered", Severity::Warning).with("part", "Z"));
                let all: Vec<usize> = (0..rows.len()).collect();
                flows.reordered(&all, &from)
            }
        };
        let fits = |labels: &[Label]| labels.iter().filter(|l| known.contains_key(l)).count();
        if fits(&demand_rows) == 0 && fits(&demand_columns) == rows.len() {
            findings.push(Finding::new("demand_turned", Severity::Warning));
            demand = demand.transposed();
            std::mem::swap(&mut demand_rows, &mut demand_columns);
        }
        position(&demand_rows)?;
        position(&demand_columns)?;
        let y = match order("Y", &known, &demand_rows)? {
            None => demand,
            Some(from) => {
                findings.push(Finding::new("reordered", Severity::Warning).with("part", "Y"));
                let all: Vec<usize> = (0..demand_columns.len()).collect();
                demand.reordered(&from, &all)
            }
        };
        let mut vector = |part: &str, given: Option<Vec<(Label, f64)>>| {
            let Some((labels, values)) = given.map(|pairs| pairs.into_iter().unzip()) else {
                return Ok(None);
            };
            let labels: Vec<Label> = labels;
            let values: Vec<f64> = values;
            position(&labels)?;
            Ok(Some(match order(part, &known, &labels)? {
                None => values,
                Some(from) => {
                    findings.push(Finding::new("reordered", Severity::Warning).with("part", part));
                    from.iter().map(|k| values[*k]).collect()
                }
            }))
        };
        let x = vector("x", output)?;
        let value_added = vector("value added", value_added)?;
        let table = Self {
            industries: rows,
            final_demand: demand_columns,
            z,
            y,
            x,
            value_added,
            unit,
            year,
        };
        table.all_finite()?;
        Ok((table, findings))
    }

    /// Number of industries.
    pub fn len(&self) -> usize {
        self.industries.len()
    }

    /// Never: [`IoTable::build`] refuses an empty table.
    pub fn is_empty(&self) -> bool {
        self.industries.is_empty()
    }

    pub fn industries(&self) -> &[Label] {
        &self.industries
    }

    /// Region and category of each column of final demand.
    pub fn final_demand(&self) -> &[Label] {
        &self.final_demand
    }

    /// Z: intermediate flows, row sells to column.
    pub fn flows(&self) -> &Dense {
        &self.z
    }

    /// Y: final demand, industries by columns.
    pub fn demand(&self) -> &Dense {
        &self.y
    }

    /// y = Y 1: final demand by industry.
    pub fn total_demand(&self) -> Vec<f64> {
        self.y.row_sums()
    }

    /// Output as the source gives it.
    pub fn given_output(&self) -> Option<&[f64]> {
        self.x.as_deref()
    }

    pub fn value_added(&self) -> Option<&[f64]> {
        self.value_added.as_deref()
    }

    /// Z 1 + Y 1.
    pub fn sales(&self) -> Vec<f64> {
        let demand = self.total_demand();
        let mut sales = self.z.row_sums();
        sales.iter_mut().zip(demand).for_each(|(s, d)| *s += d);
        sales
    }

    pub fn unit(&self) -> &str {
        &self.unit
    }

    pub fn year(&self) -> Option<i32> {
        self.year
    }

    /// Index of an industry.
    pub fn position(&self, label: &Label) -> Option<usize> {
        self.industries.iter().position(|l| l == label)
    }

    /// Industries of a block: those whose region and whose industry are named; an empty list names all.
    pub fn block(&self, regions: &[&str], industries: &[&str]) -> Vec<usize> {
        let named = |list: &[&str], name: &str| list.is_empty() || list.contains(&name);
        (0..self.len())
            .filter(|k| {
                let label = &self.industries[*k];
                named(regions, &label.region) && named(industries, &label.industry)
            })
            .collect()
    }

    /// The same table with Z turned: for a table that [`super::checks`] finds transposed.
    #[must_use]
    pub fn with_flows_turned(mut self) -> Self {
        self.z = self.z.transposed();
        self
    }

    /// Every value is a number: refused otherwise, with the count and the first cell.
    fn all_finite(&self) -> Result<(), IoError> {
        let bad = |part: &str, values: &[f64], rows: usize, columns: &[Label]| {
            let mut places = values.iter().enumerate().filter(|(_, v)| !v.is_finite());
            let Some((first, value)) = places.next() else {
                return Ok(());
            };
            let count = 1 + places.count();
            let row = &self.industries[first % rows];
            let place = columns
                .get(first / rows)
                .map_or_else(|| row.to_string(), |column| format!("{row} → {column}"));
            let detail = format!("{part}: {count} × ({place}: {value})");
            Err(IoError::new("not_finite", detail))
        };
        let n = self.len();
        bad("Z", self.z.values(), n, &self.industries)?;
        bad("Y", self.y.values(), n, &self.final_demand)?;
        bad("x", self.x.as_deref().unwrap_or_default(), n, &[])?;
        let added = self.value_added.as_deref().unwrap_or_default();
        bad("value added", added, n, &[])
    }
}

fn shape(part: &str, m: &Dense, rows: usize, columns: usize) -> Result<(), IoError> {
    if (m.rows(), m.columns()) == (rows, columns) {
        return Ok(());
    }
    let detail = format!("{part}: {}×{} ≠ {rows}×{columns}", m.rows(), m.columns());
    Err(IoError::new("shape", detail))
}

/// Labels with their positions; refused where one occurs twice.
fn position(labels: &[Label]) -> Result<BTreeMap<Label, usize>, IoError> {
    let mut known = BTreeMap::new();
    for (k, label) in labels.iter().enumerate() {
        if known.insert(label.clone(), k).is_some() {
            return Err(IoError::new("label_twice", label.to_string()));
        }
    }
    Ok(known)
}

/// Where each known label stands in `labels`; `None` if they already stand in that order.
fn order(
    part: &str,
    known: &BTreeMap<Label, usize>,
    labels: &[Label],
) -> Result<Option<Vec<usize>>, IoError> {
    let here: BTreeSet<&Label> = labels.iter().collect();
    let missing: Vec<&Label> = known.keys().filter(|l| !here.contains(l)).collect();
    let extra: Vec<&Label> = labels.iter().filter(|l| !known.contains_key(l)).collect();
    if !missing.is_empty() || !extra.is_empty() {
        let some = |list: &[&Label]| {
            let first: Vec<String> = list.iter().take(5).map(ToString::to_string).collect();
            let dots = if list.len() > 5 { ", …" } else { "" };
            format!("{} ({}{dots})", list.len(), first.join(", "))
        };
        let detail = format!("{part}: −{}; +{}", some(&missing), some(&extra));
        return Err(IoError::new("labels_differ", detail));
    }
    let mut from = vec![0; labels.len()];
    for (k, label) in labels.iter().enumerate() {
        from[known[label]] = k;
    }
    let same = from.iter().enumerate().all(|(k, f)| k == *f);
    Ok((!same).then_some(from))
}
