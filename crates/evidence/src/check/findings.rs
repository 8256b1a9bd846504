//! The findings of a check, without end only in their count.

use std::collections::BTreeMap;

use model::{Arg, Diagnostic, Severity};

use crate::finding::{self, Place};

/// At least one error was found in a cell or a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rejected;

pub(super) struct Findings {
    list: Vec<Diagnostic>,
    /// By file, code and column; a file with a million bad cells must not fill the memory with findings.
    counts: BTreeMap<(String, String, Option<String>), usize>,
    most: usize,
}

impl Findings {
    pub fn new(most: usize) -> Self {
        Self {
            list: Vec::new(),
            counts: BTreeMap::new(),
            most: most.max(1),
        }
    }

    pub fn error(
        &mut self,
        code: &str,
        place: Place,
        found: &str,
        args: &[(&str, Arg)],
    ) -> Rejected {
        self.push(finding::error(code, place, found, args));
        Rejected
    }

    pub fn warning(&mut self, code: &str, place: Place, found: &str, args: &[(&str, Arg)]) {
        self.push(finding::warning(code, place, found, args));
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        let of = (
            diagnostic.file.clone(),
            diagnostic.code.clone(),
            diagnostic.column.clone(),
        );
        let count = self.counts.entry(of).or_insert(0);
        *count += 1;
        if *count <= self.most {
            self.list.push(diagnostic);
        }
    }

    pub fn finish(mut self) -> Vec<Diagnostic> {
        for ((file, code, column), count) in &self.counts {
            let Some(more) = count.checked_sub(self.most).filter(|more| *more > 0) else {
                continue;
            };
            let place = Place {
                file,
                row: None,
                column: column.as_deref(),
            };
            let mut note = finding::note("more", place, code, &[("count", more.into())]);
            note.severity = Severity::Note;
            self.list.push(note);
        }
        self.list
    }
}
