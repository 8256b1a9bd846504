//! Complexity and relatedness against the peers, and what must hold on every table.

mod differences;
mod identities;
mod peers;

use std::path::Path;

use foundation::activity::ActivityTable;
use libtest_mimic::Trial;

pub fn trials() -> Vec<Trial> {
    let trials = [peers::trials(), identities::trials(), differences::trials()];
    trials.into_iter().flatten().collect()
}

/// A table of location, activity and value.
fn table(path: &Path) -> ActivityTable {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_path(path)
        .unwrap();
    let rows: Vec<(String, String, f64)> = reader.deserialize().map(Result::unwrap).collect();
    ActivityTable::from_rows(rows.iter().map(|(l, a, v)| (l.as_str(), a.as_str(), *v))).unwrap()
}

fn golden_table(file: &str) -> ActivityTable {
    table(
        &Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/golden")
            .join(file),
    )
}
