//! Rules that hold between cells of a row or rows of a table; one small function each, all alike: it reads the
//! drafts, reports, and names the rows that cannot stay.

mod cycle;
mod range;
mod shares;

use std::collections::BTreeMap;

use super::draft::Draft;
use super::findings::Findings;

type Drafts = BTreeMap<String, Draft>;

/// A row by table and position in its draft.
type Address = (String, usize);

const RULES: [fn(&Drafts, &mut Findings) -> Vec<Address>; 5] = [
    range::low_value_high,
    range::from_to,
    shares::at_most_100,
    cycle::self_links,
    cycle::cycles,
];

pub(super) fn check(drafts: &mut Drafts, findings: &mut Findings) {
    for rule in RULES {
        for (table, row) in rule(drafts, findings) {
            if let Some(draft) = drafts.get_mut(&table) {
                draft.rows[row].bad = true;
            }
        }
    }
}
