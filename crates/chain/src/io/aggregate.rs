//! Fewer regions, fewer industries, fewer categories of demand: sums, with the account of what was mapped.
//!
//! ```text
//! Z' = P Z P',   Y' = P Y Q',   x' = P x,   v' = P v       P, Q hold one 1 in each column
//! ```
//!
//! Sums conserve mass; the account says how exactly. Labels that a map does not name are kept under their own name or
//! refused, never dropped.

use std::collections::{BTreeMap, BTreeSet};

use super::dense::Dense;
use super::table::{IoError, IoTable, Label};

/// What becomes of a label that a non-empty map does not name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Unmatched {
    /// It keeps its name, and is reported.
    #[default]
    Keep,
    /// It keeps its name: the map names only what changes.
    Unchanged,
    /// It goes under this name, and is reported.
    Under(String),
    /// The map is refused.
    Refuse,
}

/// Old names and the names they are summed under. An empty map changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Aggregation {
    pub regions: BTreeMap<String, String>,
    pub industries: BTreeMap<String, String>,
    /// Categories of final demand.
    pub categories: BTreeMap<String, String>,
    /// Single industries of single regions; they go before the two maps.
    pub pairs: BTreeMap<Label, Label>,
    pub unmatched: Unmatched,
}

impl Aggregation {
    /// The OECD splits China (CN1, CN2) and Mexico (MX1, MX2) by kind of firm in ICIO tables; their final demand
    /// stands under CHN and MEX. Sums the parts; other regions keep their names.
    pub fn icio_split_countries() -> Self {
        let parts = [
            ("CN1", "CHN"),
            ("CN2", "CHN"),
            ("MX1", "MEX"),
            ("MX2", "MEX"),
        ];
        Self {
            regions: parts.map(|(a, b)| (a.to_owned(), b.to_owned())).into(),
            unmatched: Unmatched::Unchanged,
            ..Self::default()
        }
    }

    fn name(&self, map: &BTreeMap<String, String>, name: &str) -> String {
        match (map.get(name), &self.unmatched) {
            (Some(new), _) => new.clone(),
            (None, Unmatched::Under(rest)) if !map.is_empty() => rest.clone(),
            _ => name.to_owned(),
        }
    }

    fn industry(&self, label: &Label) -> Label {
        self.pairs.get(label).cloned().unwrap_or_else(|| Label {
            region: self.name(&self.regions, &label.region),
            industry: self.name(&self.industries, &label.industry),
        })
    }

    fn demand(&self, label: &Label) -> Label {
        Label {
            region: self.name(&self.regions, &label.region),
            industry: self.name(&self.categories, &label.industry),
        }
    }
}

/// Mass of one part before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct Mass {
    /// `Z`, `Y`, `x` or `value added`.
    pub part: &'static str,
    pub before: f64,
    pub after: f64,
    /// |after − before| over the sum of absolute values before.
    pub error: f64,
}

/// A name that the map does not hold.
#[derive(Debug, Clone, PartialEq)]
pub struct UnmatchedName {
    /// `region`, `industry` or `category`.
    pub kind: &'static str,
    pub name: String,
    /// Sum of absolute flows and demand in its rows (for a category: in its columns).
    pub mass: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Aggregated {
    pub table: IoTable,
    /// New position of each old industry.
    pub industries: Vec<usize>,
    pub mass: Vec<Mass>,
    pub unmatched: Vec<UnmatchedName>,
    /// Names in the maps that the table does not have.
    pub unused: Vec<String>,
}

/// Sums a table. New labels stand in the order in which they first occur.
pub fn aggregate(table: &IoTable, map: &Aggregation) -> Result<Aggregated, IoError> {
    let unmatched = unmatched(table, map);
    if map.unmatched == Unmatched::Refuse && !unmatched.is_empty() {
        let names: Vec<&str> = unmatched.iter().take(5).map(|u| u.name.as_str()).collect();
        let detail = format!("{}: {}", unmatched.len(), names.join(", "));
        return Err(IoError::new("unmatched", detail));
    }
    let (industries, rows) = groups(table.industries().iter().map(|l| map.industry(l)));
    let (final_demand, columns) = groups(table.final_demand().iter().map(|l| map.demand(l)));
    let sum = |v: &[f64]| {
        let mut sums = vec![0.0; industries.len()];
        for (value, to) in v.iter().zip(&rows) {
            sums[*to] += value;
        }
        sums
    };
    let new = IoTable {
        z: summed(
            table.flows(),
            &rows,
            industries.len(),
            &rows,
            industries.len(),
        ),
        y: summed(
            table.demand(),
            &rows,
            industries.len(),
            &columns,
            final_demand.len(),
        ),
        x: table.given_output().map(sum),
        value_added: table.value_added().map(sum),
        industries: industries.clone(),
        final_demand,
        unit: table.unit().to_owned(),
        year: table.year(),
    };
    let none: &[f64] = &[];
    let parts = |t: &IoTable| {
        [
            t.flows().values().to_vec(),
            t.demand().values().to_vec(),
            t.given_output().unwrap_or(none).to_vec(),
            t.value_added().unwrap_or(none).to_vec(),
        ]
    };
    let mass = ["Z", "Y", "x", "value added"]
        .into_iter()
        .zip(parts(table).iter().zip(&parts(&new)))
        .filter(|(_, (before, _))| !before.is_empty())
        .map(|(part, (before, after))| {
            let absolute: f64 = before.iter().map(|v| v.abs()).sum();
            let (before, after) = (exact_sum(before), exact_sum(after));
            let gap = (after - before).abs();
            Mass {
                part,
                before,
                after,
                error: if gap == 0.0 { 0.0 } else { gap / absolute },
            }
        })
        .collect();
    Ok(Aggregated {
        table: new,
        industries: rows,
        mass,
        unmatched,
        unused: unused(table, map),
    })
}

/// Distinct labels in the order of their first occurrence, and where each old one goes.
fn groups(labels: impl Iterator<Item = Label>) -> (Vec<Label>, Vec<usize>) {
    let mut known = BTreeMap::new();
    let mut list = Vec::new();
    let to = labels
        .map(|label| {
            *known.entry(label.clone()).or_insert_with(|| {
                list.push(label);
                list.len() - 1
            })
        })
        .collect();
    (list, to)
}

fn summed(m: &Dense, rows: &[usize], n: usize, columns: &[usize], k: usize) -> Dense {
    let mut sums = Dense::zeros(n, k);
    for (j, to) in columns.iter().enumerate() {
        let column = sums.column_mut(*to);
        for (value, row) in m.column(j).iter().zip(rows) {
            column[*row] += value;
        }
    }
    sums
}

/// Neumaier's (1974) compensated sum.
fn exact_sum(values: &[f64]) -> f64 {
    let (mut sum, mut rest) = (0.0_f64, 0.0_f64);
    for v in values {
        let next = sum + v;
        rest += if sum.abs() >= v.abs() {
            (sum - next) + v
        } else {
            (v - next) + sum
        };
        sum = next;
    }
    sum + rest
}

fn unmatched(table: &IoTable, map: &Aggregation) -> Vec<UnmatchedName> {
    if map.unmatched == Unmatched::Unchanged {
        return Vec::new();
    }
    let mut masses: BTreeMap<(&'static str, &str), f64> = BTreeMap::new();
    let mut row_mass = vec![0.0; table.len()];
    for m in [table.flows(), table.demand()] {
        for j in 0..m.columns() {
            for (mass, value) in row_mass.iter_mut().zip(m.column(j)) {
                *mass += value.abs();
            }
        }
    }
    for (label, mass) in table.industries().iter().zip(row_mass) {
        if map.pairs.contains_key(label) {
            continue;
        }
        let missing = [
            ("region", &map.regions, &label.region),
            ("industry", &map.industries, &label.industry),
        ]
        .into_iter()
        .filter(|(_, map, name)| !map.is_empty() && !map.contains_key(*name));
        for (kind, _, name) in missing {
            *masses.entry((kind, name)).or_default() += mass;
        }
    }
    for (j, label) in table.final_demand().iter().enumerate() {
        let name = &label.industry;
        if !map.categories.is_empty() && !map.categories.contains_key(name) {
            let mass: f64 = table.demand().column(j).iter().map(|v| v.abs()).sum();
            *masses.entry(("category", name)).or_default() += mass;
        }
    }
    masses
        .into_iter()
        .map(|((kind, name), mass)| UnmatchedName {
            kind,
            name: name.to_owned(),
            mass,
        })
        .collect()
}

fn unused(table: &IoTable, map: &Aggregation) -> Vec<String> {
    let all = || table.industries().iter().chain(table.final_demand());
    let regions: BTreeSet<&str> = all().map(|l| l.region.as_str()).collect();
    let names: BTreeSet<&str> = all().map(|l| l.industry.as_str()).collect();
    let industries: BTreeSet<&Label> = table.industries().iter().collect();
    let absent = |map: &BTreeMap<String, String>, known: &BTreeSet<&str>| -> Vec<String> {
        let absent = map.keys().filter(|k| !known.contains(k.as_str()));
        absent.cloned().collect()
    };
    let pairs = map.pairs.keys().filter(|l| !industries.contains(l));
    [
        absent(&map.regions, &regions),
        absent(&map.industries, &names),
        absent(&map.categories, &names),
        pairs.map(ToString::to_string).collect(),
    ]
    .concat()
}
