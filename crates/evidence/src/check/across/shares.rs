//! Shares of one whole add up to 100 per cent at most; the rest belongs to countries that are not listed.

use std::collections::BTreeMap;

use model::Arg;

use super::{Address, Drafts};
use crate::check::findings::Findings;
use crate::finding::Place;
use crate::table::Value;

/// Published shares are rounded; the sum of a complete list may pass 100 by a rounding error of the sum itself.
const TOLERANCE: f64 = 1e-4;

/// `chain_supply`: the shares of one node on one basis in one year.
pub(super) fn at_most_100(drafts: &Drafts, findings: &mut Findings) -> Vec<Address> {
    const TABLE: &str = "chain_supply";
    let Some(draft) = drafts.get(TABLE) else {
        return Vec::new();
    };
    let group_columns: Option<Vec<usize>> = ["node_id", "basis", "year"]
        .iter()
        .map(|name| draft.position(name))
        .collect();
    let (Some(group_columns), Some(share)) = (group_columns, draft.position("share_pct")) else {
        return Vec::new();
    };
    let mut groups: BTreeMap<Vec<String>, Vec<(usize, f64)>> = BTreeMap::new();
    for (at, row) in draft.rows.iter().enumerate().filter(|(_, row)| !row.bad) {
        if let Value::Number(x) = row.values[share] {
            let group = group_columns
                .iter()
                .map(|c| row.values[*c].to_text())
                .collect();
            groups.entry(group).or_default().push((at, x));
        }
    }
    let mut rejected = Vec::new();
    for (group, mut members) in groups {
        // Summed in order of size, so that the sum does not depend on the order of the rows.
        members.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        let sum: f64 = members.iter().map(|(_, x)| x).sum();
        if sum <= 100.0 + TOLERANCE {
            continue;
        }
        members.sort_unstable_by_key(|(at, _)| *at);
        let rows: Vec<String> = members
            .iter()
            .map(|(at, _)| draft.rows[*at].number.to_string())
            .collect();
        let place = Place::cell(&draft.file, draft.rows[members[0].0].number, "share_pct");
        let args = [
            ("group", Arg::from(group.join("/"))),
            ("sum", format!("{sum:.2}").into()),
            ("rows", rows.join(", ").into()),
        ];
        findings.error("shares.above_100", place, &format!("{sum:.2}"), &args);
        rejected.extend(members.into_iter().map(|(at, _)| (TABLE.to_owned(), at)));
    }
    rejected
}
