//! The evidence that comes with the program passes its own check.

use std::path::Path;

use evidence::sql::{evidence_sources, query};
use evidence::{CheckParams, ReadOptions, Schema, check_folder, export_gate};

use crate::helpers::errors;

#[test]
fn the_embedded_study_has_no_errors() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../studies/china-2021/evidence");
    let checked = check_folder(
        Schema::builtin(),
        &folder,
        &[],
        &ReadOptions::default(),
        &CheckParams::default(),
    );
    let shown: Vec<String> = errors(&checked)
        .iter()
        .take(40)
        .map(|d| {
            format!(
                "{} row {:?} {:?} {} {:?}",
                d.file, d.row, d.column, d.code, d.found
            )
        })
        .collect();
    assert!(
        shown.is_empty(),
        "{} errors:\n{}",
        errors(&checked).len(),
        shown.join("\n")
    );
    assert!(
        checked.evidence.tables.len() >= 10,
        "{:?}",
        checked.evidence.tables.keys()
    );
    let counted = query(
        "SELECT count(*) FROM sources",
        &evidence_sources(&checked.evidence),
    )
    .unwrap();
    assert_eq!(
        counted.texts()[0][0],
        checked.evidence.rows("sources").len().to_string()
    );
    // The study that is given away holds nothing that may not be.
    let rows = checked
        .evidence
        .tables
        .values()
        .flat_map(|table| &table.rows)
        .map(evidence::Record::reference);
    if let Err(refused) = export_gate(&checked.evidence, rows) {
        panic!("{} rows, first {:?}", refused.rows.len(), refused.rows[0]);
    }
}
