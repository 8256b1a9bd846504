//! From any number back to evidence rows, formula and parameters.

use std::collections::{HashMap, HashSet};

use evidence::Evidence;
use model::{Cell, Origin, ResultTable, Row, RowRef};
use serde::Serialize;
use serde_json::Value;

use super::run::Run;
use crate::error::StudyError;
use crate::release::{released_key, released_row};

/// Where a number comes from, as a tree.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explained {
    /// `table/row#column`, or `table/row`.
    pub id: String,
    pub table: String,
    pub row: String,
    pub cells: Vec<NamedCell>,
    pub method: String,
    pub formula: String,
    pub parameters: Vec<(String, Value)>,
    pub evidence: Vec<EvidenceRow>,
    pub results: Vec<Explained>,
    /// Its own origins stand elsewhere in the tree already.
    pub shown_before: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NamedCell {
    pub column: String,
    pub unit: String,
    pub value: Cell,
}

/// A row of evidence with its source. The fields of a row that its licence forbids to republish are left out, and hashes stand
/// for texts in its key.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EvidenceRow {
    pub table: String,
    pub key: String,
    pub fields: Vec<(String, String)>,
    pub withheld: bool,
    pub source: Option<SourceRow>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SourceRow {
    pub id: String,
    pub publisher: String,
    pub url: String,
    pub licence: String,
    pub redistributable: String,
    pub confidence: String,
}

/// Splits `table/row#column`; the row may itself hold `/`, the column is optional.
pub fn parse(id: &str) -> Option<(&str, &str, Option<&str>)> {
    let (table, rest) = id.split_once('/')?;
    match rest.rsplit_once('#') {
        Some((row, column)) => Some((table, row, Some(column))),
        None => Some((table, rest, None)),
    }
}

/// Explains a number of a run.
pub fn explain(run: &Run, evidence: &Evidence, id: &str) -> Result<Explained, StudyError> {
    let unknown = |problem: &str, near: Vec<String>| StudyError::UnknownId {
        id: id.to_owned(),
        problem: problem.to_owned(),
        near,
    };
    let (table, key, column) =
        parse(id).ok_or_else(|| unknown("an id is table/row#column", Vec::new()))?;
    let names: Vec<String> = run.tables().map(|t| t.name.clone()).collect();
    let found = run.table(table).ok_or_else(|| {
        unknown(
            &format!("this run has no table `{table}`"),
            near(table, names.iter().map(String::as_str)),
        )
    })?;
    let row = found.row(key).ok_or_else(|| {
        let keys = near(key, found.rows.iter().map(|row| row.key.as_str()));
        unknown(
            &format!("table `{table}` has no row `{key}`"),
            keys.into_iter()
                .map(|key| format!("{table}/{key}"))
                .collect(),
        )
    })?;
    if let Some(column) = column
        && found.column(column).is_none()
    {
        let columns = near(column, found.columns.iter().map(|c| c.name.as_str()));
        return Err(unknown(
            &format!("table `{table}` has no column `{column}`"),
            columns
                .into_iter()
                .map(|c| format!("{table}/{key}#{c}"))
                .collect(),
        ));
    }
    let mut walk = Walk {
        run,
        evidence,
        shown: HashSet::new(),
        rows: HashMap::new(),
        parameters: HashMap::new(),
    };
    Ok(walk.node(found, row, column))
}

/// The way back through a run. What thousands of numbers share is looked up once.
struct Walk<'a> {
    run: &'a Run,
    evidence: &'a Evidence,
    /// Rows whose origins stand in the tree already, by table and key.
    shown: HashSet<(&'a str, &'a str)>,
    /// Rows by key, of the tables met so far.
    rows: HashMap<&'a str, HashMap<&'a str, &'a Row>>,
    parameters: HashMap<&'a str, Value>,
}

fn near<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut scored: Vec<(f64, &str)> = known
        .map(|name| (strsim::jaro_winkler(wanted, name), name))
        .filter(|(s, _)| *s > 0.7)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored
        .into_iter()
        .take(3)
        .map(|(_, name)| name.to_owned())
        .collect()
}

impl<'a> Walk<'a> {
    fn node(&mut self, table: &'a ResultTable, row: &'a Row, column: Option<&str>) -> Explained {
        let first_time = self.shown.insert((&table.name, &row.key));
        let id = match column {
            Some(column) => format!("{}/{}#{column}", table.name, row.key),
            None => format!("{}/{}", table.name, row.key),
        };
        let mut explained = Explained {
            id,
            table: table.name.clone(),
            row: row.key.clone(),
            cells: table
                .columns
                .iter()
                .zip(&released_row(self.evidence, table, row).cells)
                .filter(|(c, _)| column.is_none_or(|wanted| wanted == c.name))
                .map(|(c, value)| NamedCell {
                    column: c.name.clone(),
                    unit: c.unit.clone(),
                    value: value.clone(),
                })
                .collect(),
            method: table.method.clone(),
            formula: table.formula.clone(),
            parameters: Vec::new(),
            evidence: Vec::new(),
            results: Vec::new(),
            shown_before: !first_time,
        };
        if !first_time {
            return explained;
        }
        for origin in &row.origins {
            match origin {
                Origin::Evidence(reference) => {
                    explained
                        .evidence
                        .push(evidence_row(self.evidence, reference));
                }
                Origin::Parameter(path) => {
                    let run = self.run;
                    let value = self
                        .parameters
                        .entry(path)
                        .or_insert_with(|| parameter(run, path).unwrap_or(Value::Null));
                    explained.parameters.push((path.clone(), value.clone()));
                }
                Origin::Result(reference) => {
                    if let Some((earlier, row)) = self.find(reference) {
                        explained.results.push(self.node(earlier, row, None));
                    }
                }
            }
        }
        explained
    }

    fn find(&mut self, reference: &'a RowRef) -> Option<(&'a ResultTable, &'a Row)> {
        let table = self.run.table(&reference.table)?;
        let rows = self.rows.entry(&table.name).or_insert_with(|| {
            let rows = table.rows.iter();
            // Of rows with one key the first, as in a search from the top.
            rows.rev().map(|row| (row.key.as_str(), row)).collect()
        });
        Some((table, rows.get(reference.key.as_str())?))
    }
}

/// The value of a parameter: a path in `study.toml`, or `scenarios/NAME` followed by a path.
pub fn parameter(run: &Run, path: &str) -> Option<Value> {
    match path.strip_prefix("scenarios/") {
        Some(rest) => {
            let (name, inner) = rest.split_once('.').unwrap_or((rest, ""));
            let scenario = run.manifest.scenarios.iter().find(|s| s.id == name)?;
            let json = serde_json::to_value(scenario).ok()?;
            inner
                .split('.')
                .filter(|p| !p.is_empty())
                .try_fold(json, |v, p| v.get(p).cloned())
        }
        None => run.manifest.config.at(path),
    }
}

/// A row of evidence with its source, as far as its licence allows.
pub fn evidence_row(evidence: &Evidence, reference: &RowRef) -> EvidenceRow {
    let source = evidence.source_of(reference).map(|record| SourceRow {
        id: record.key.clone(),
        publisher: record.text("publisher").unwrap_or_default().to_owned(),
        url: record.text("url").unwrap_or_default().to_owned(),
        licence: record.text("licence").unwrap_or_default().to_owned(),
        redistributable: record
            .text("redistributable")
            .unwrap_or_default()
            .to_owned(),
        confidence: record.text("confidence").unwrap_or_default().to_owned(),
    });
    // The gate looks at every source of the row; without a known one nothing says that it may leave.
    let withheld = source.is_none() || !evidence::may_leave(evidence, reference);
    let fields = if withheld {
        Vec::new()
    } else {
        crate::tables::fields(evidence, reference)
    };
    EvidenceRow {
        table: reference.table.clone(),
        key: released_key(evidence, reference),
        fields,
        withheld,
        source,
    }
}
