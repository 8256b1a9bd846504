//! The guess: by heading first (same, same but for case, known synonym, similar), then by what stands in the cells.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use model::Lang;

use super::Mapping;
use crate::check::fits;
use crate::read::RawTable;
use crate::schema::{ColumnSchema, TableSchema};
use crate::suggest::{fold, similarity};

/// Why a column was proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    Same,
    /// The same but for case, spaces and underscores.
    SameLetters,
    /// A known other name, English or Chinese.
    Synonym,
    Similar,
}

/// One proposed pair.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// Column of the table.
    pub target: String,
    /// Heading in the file.
    pub source: String,
    /// In [0, 1]; 1 for the same heading with cells that fit.
    pub confidence: f64,
    pub reason: Reason,
}

/// A mapping with how sure it is and what it leaves open.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    pub mapping: Mapping,
    /// In the order of the table's columns.
    pub matches: Vec<Match>,
    /// Headings without a column.
    pub unmapped: Vec<String>,
    /// Required columns without a heading.
    pub missing: Vec<String>,
    /// Columns for which two headings are equally likely: (column, headings). They are left open.
    pub ambiguous: Vec<(String, Vec<String>)>,
}

impl Proposal {
    pub fn confidence(&self, target: &str) -> Option<f64> {
        self.matches
            .iter()
            .find(|m| m.target == target)
            .map(|m| m.confidence)
    }
}

/// Below this a pair is not proposed.
const LEAST: f64 = 0.75;
/// Two candidates closer than this are equally likely.
const CLOSE: f64 = 0.02;

/// Proposes which headings of `raw` are which columns of `schema`.
pub fn propose(raw: &RawTable, schema: &TableSchema) -> Proposal {
    let mut pairs: Vec<(f64, usize, usize, Reason)> = Vec::new();
    for (target, column) in schema.columns.iter().enumerate() {
        for (source, heading) in raw.columns.iter().enumerate() {
            let Some((score, reason)) = by_heading(column, heading) else {
                continue;
            };
            let score = score * by_cells(column, raw, source);
            if score >= LEAST {
                pairs.push((score, target, source, reason));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut used_targets = BTreeSet::new();
    let mut used_sources = BTreeSet::new();
    let mut chosen: BTreeMap<usize, Match> = BTreeMap::new();
    let mut ambiguous = Vec::new();
    for (score, target, source, reason) in &pairs {
        if used_targets.contains(target) || used_sources.contains(source) {
            continue;
        }
        used_targets.insert(*target);
        let rivals: Vec<usize> = pairs
            .iter()
            .filter(|(s, t, other, _)| {
                t == target && score - s < CLOSE && !used_sources.contains(other)
            })
            .map(|(_, _, other, _)| *other)
            .collect();
        if rivals.len() > 1 && *reason != Reason::Same {
            let headings = rivals.iter().map(|at| raw.columns[*at].clone()).collect();
            ambiguous.push((schema.columns[*target].name.clone(), headings));
            continue;
        }
        used_sources.insert(*source);
        chosen.insert(
            *target,
            Match {
                target: schema.columns[*target].name.clone(),
                source: raw.columns[*source].clone(),
                confidence: *score,
                reason: *reason,
            },
        );
    }
    let matches: Vec<Match> = chosen.into_values().collect();
    let mapped = |name: &str| matches.iter().any(|m| m.target == name);
    let missing = schema
        .columns
        .iter()
        .filter(|c| c.required && !mapped(&c.name))
        .map(|c| c.name.clone())
        .collect();
    let unmapped = raw
        .columns
        .iter()
        .enumerate()
        .filter(|(at, _)| !used_sources.contains(at))
        .map(|(_, c)| c.clone())
        .collect();
    let mapping = Mapping {
        table: schema.name.clone(),
        file: raw.file.clone(),
        encoding: Some(raw.format.encoding.clone()).filter(|e| !e.is_empty()),
        delimiter: raw.format.delimiter,
        sheet: raw.format.sheet.clone(),
        columns: matches
            .iter()
            .map(|m| (m.target.clone(), m.source.clone()))
            .collect(),
    };
    Proposal {
        mapping,
        matches,
        unmapped,
        missing,
        ambiguous,
    }
}

fn by_heading(column: &ColumnSchema, heading: &str) -> Option<(f64, Reason)> {
    if heading == column.name {
        return Some((1.0, Reason::Same));
    }
    let name = fold(&column.name);
    let bare = fold(without_brackets(heading));
    if bare == name {
        return Some((0.98, Reason::SameLetters));
    }
    let known = synonyms(&column.name);
    let described = [column.description(Lang::En), column.description(Lang::Zh)]
        .map(|text| fold(first_clause(text)));
    if bare.is_empty() {
        return None;
    }
    if known.contains(&bare) || described.contains(&bare) {
        return Some((0.95, Reason::Synonym));
    }
    let near = known
        .iter()
        .chain([&name])
        .map(|word| similarity(&bare, word))
        .fold(0.0, f64::max);
    (near >= 0.85).then_some((near * 0.9, Reason::Similar))
}

/// The share of cells that fit the column's type, among the first thousand that are not empty; 1 when all are empty.
fn by_cells(column: &ColumnSchema, raw: &RawTable, source: usize) -> f64 {
    let cells = raw
        .rows
        .iter()
        .map(|row| row.cell(source))
        .filter(|cell| !cell.is_empty())
        .take(1000);
    let (mut all, mut fit) = (0_u32, 0_u32);
    for cell in cells {
        all += 1;
        fit += u32::from(fits(column, cell));
    }
    // A few bad cells are for the check to report, not a reason to doubt the heading.
    if all == 0 || f64::from(fit) >= 0.8 * f64::from(all) {
        1.0
    } else {
        f64::from(fit) / f64::from(all)
    }
}

/// `年份（年）` and `Year (calendar)` without what stands in brackets.
fn without_brackets(heading: &str) -> &str {
    let end = heading
        .find(['(', '（', '[', '【'])
        .filter(|at| *at > 0)
        .unwrap_or(heading.len());
    heading[..end].trim()
}

/// A description up to its first stop: the part that people use as a heading.
fn first_clause(text: &str) -> &str {
    text.split(['.', ';', ',', ':', '。', '；', '，', '：', '（', '('])
        .next()
        .unwrap_or(text)
}

/// Other headings for a column, folded.
fn synonyms(column: &str) -> BTreeSet<String> {
    static TABLE: OnceLock<BTreeMap<&str, Vec<String>>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let lines = include_str!("synonyms.csv")
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(','));
        lines
            .map(|(name, words)| (name, words.split(';').map(fold).collect()))
            .collect()
    });
    let mut known: BTreeSet<String> = table.get(column).into_iter().flatten().cloned().collect();
    // `gdp_year` may be headed by any word for a year that follows `gdp`.
    if let Some((stem, last)) = column.rsplit_once('_') {
        known.extend(
            table
                .get(last)
                .into_iter()
                .flatten()
                .map(|word| format!("{}{word}", fold(stem))),
        );
    }
    known
}
