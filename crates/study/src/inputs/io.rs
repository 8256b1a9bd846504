//! From a published input–output table to the table of the engine.

use chain::io::{Dense, Finding, IoError, IoTable, Label, TableParts};
use evidence::io::IoFiles;

/// Labels of the engine: region and industry of the file.
pub fn labels(of: &[evidence::io::Label]) -> Vec<Label> {
    of.iter()
        .map(|label| Label::new(label.region.clone(), label.name.clone()))
        .collect()
}

/// The table, and what the engine had to put right.
pub fn table(files: &IoFiles) -> Result<(IoTable, Vec<Finding>), IoError> {
    let industries = labels(&files.industries);
    let n = industries.len();
    let m = files.finals.len();
    let dense = |columns: usize, values: &[f64]| {
        Dense::from_row_major(n, columns, values)
            .expect("invariant: a table that was read has a number for every cell")
    };
    let pairs = |values: &Option<Vec<f64>>| {
        let values = values.as_ref()?;
        Some(
            industries
                .iter()
                .cloned()
                .zip(values.iter().copied())
                .collect(),
        )
    };
    let output = pairs(&files.x);
    let value_added = pairs(&files.value_added);
    IoTable::build(TableParts {
        flows: dense(n, &files.z),
        demand: dense(m, &files.y),
        demand_columns: labels(&files.finals),
        rows: industries.clone(),
        columns: industries.clone(),
        demand_rows: industries,
        output,
        value_added,
        unit: files.unit.clone(),
        year: None,
    })
}
