//! Problems of rows as findings: some are shown, all are counted.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use model::{Arg, Diagnostic, Severity};

use super::scan::{Plan, Scanned};
use crate::finding::{Place, error, note};

pub(super) struct Tally {
    list: Vec<Diagnostic>,
    /// Shown and counted, by file, code and column.
    counts: BTreeMap<(String, &'static str, Option<String>), (usize, u64)>,
    most: usize,
}

impl Tally {
    pub fn new(most: usize) -> Self {
        Self {
            list: Vec::new(),
            counts: BTreeMap::new(),
            most,
        }
    }

    /// A finding of a file as a whole.
    pub fn push(&mut self, finding: Diagnostic) {
        self.list.push(finding);
    }

    /// The problems of a chunk, in the order of the file.
    pub fn problems(
        &mut self,
        scanned: &Scanned,
        plan: &Plan,
        file: &str,
        years: &RangeInclusive<i32>,
    ) {
        let heading = |column: Option<usize>| column.map(|at| plan.wanted[at].heading.clone());
        for ((code, column), count) in &scanned.counts {
            let of = (file.to_owned(), *code, heading(*column));
            self.counts.entry(of).or_default().1 += count;
        }
        for problem in &scanned.problems {
            let column = heading(problem.column);
            let of = (file.to_owned(), problem.code, column.clone());
            let shown = &mut self.counts.entry(of).or_default().0;
            if *shown >= self.most {
                continue;
            }
            *shown += 1;
            let args: Vec<(&str, Arg)> = match problem.code {
                "row.ragged" => vec![
                    ("cells", problem.cells.into()),
                    ("columns", plan.width.into()),
                ],
                // As text, so that a year is not shown like a quantity.
                "bulk.year_range" => vec![
                    ("from", years.start().to_string().into()),
                    ("to", years.end().to_string().into()),
                ],
                "value.missing" => vec![("column", column.clone().unwrap_or_default().into())],
                _ => Vec::new(),
            };
            let place = Place {
                file,
                row: Some(problem.line),
                column: column.as_deref(),
            };
            self.list
                .push(error(problem.code, place, &problem.found, &args));
        }
    }

    /// All findings. Where rows may be rejected, their findings are warnings.
    pub fn finish(&mut self, rows_may_fail: bool) -> Vec<Diagnostic> {
        let mut list = std::mem::take(&mut self.list);
        if rows_may_fail {
            for finding in list
                .iter_mut()
                .filter(|f| f.row.is_some() && is_of_a_row(&f.code))
            {
                finding.severity = Severity::Warning;
            }
        }
        for ((file, code, column), (shown, all)) in &self.counts {
            if *all > *shown as u64 {
                let place = Place {
                    file,
                    row: None,
                    column: column.as_deref(),
                };
                let more = Arg::Number((*all - *shown as u64) as f64);
                list.push(note("more", place, code, &[("count", more)]));
            }
        }
        list
    }
}

/// Not a fault that ended the reading of a file, which may have a line as well.
fn is_of_a_row(code: &str) -> bool {
    code == "row.ragged"
        || ["value.", "number.", "year.", "bulk."]
            .iter()
            .any(|family| code.starts_with(family))
}
