//! A key names one row.

use std::collections::BTreeMap;

use model::Arg;

use super::draft::Draft;
use super::findings::Findings;

/// Rows that share a key are all left out: keeping the first would make results depend on the order of the file.
pub(super) fn unique(drafts: &mut BTreeMap<String, Draft>, findings: &mut Findings) {
    for draft in drafts.values_mut() {
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        let mut twice = Vec::new();
        for (at, row) in draft.rows.iter().enumerate() {
            // A row whose key cells have errors of their own has no key to compare.
            let incomplete = draft
                .schema
                .columns
                .iter()
                .zip(&row.values)
                .any(|(column, value)| {
                    column.key && column.required && *value == crate::table::Value::Empty
                });
            if incomplete {
                continue;
            }
            if let Some(earlier) = first.get(row.key.as_str()) {
                let args = [("first", Arg::from(draft.rows[*earlier].number.to_string()))];
                findings.error("row.duplicate_key", draft.place(at), &row.key, &args);
                twice.extend([*earlier, at]);
            } else {
                first.insert(&row.key, at);
            }
        }
        for at in twice {
            draft.rows[at].bad = true;
        }
    }
}
