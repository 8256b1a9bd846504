//! Chain links between the industries of a layout.
//!
//! A link between two industries is on record where a node of a chain of the one is an input to a node of a chain of the
//! other.

use std::collections::{BTreeMap, BTreeSet};

use evidence::Evidence;
use layout::regions::Link;
use model::{Industry, RowRef};

use super::rows;
use crate::config::{Config, Span};

/// `(supplier, user)` and the rows that show the link.
pub type Links = BTreeMap<(Industry, Industry), Vec<RowRef>>;

pub const READS: [&str; 3] = ["chains", "chain_nodes", "chain_links"];

/// Links between different industries of `known`, each once however many nodes show it.
pub fn links(evidence: &Evidence, config: &Config, known: &BTreeSet<&Industry>) -> Links {
    let excluded = &config.chain.exclude;
    let fields: BTreeMap<&str, Vec<&str>> = rows(evidence, "chains")
        .filter(|row| !excluded.contains(&row.key))
        .map(|row| (row.key.as_str(), row.list("fields")))
        .collect();
    let chain_of: BTreeMap<&str, &str> = rows(evidence, "chain_nodes")
        .filter_map(|row| Some((row.key.as_str(), row.text("chain_id")?)))
        .collect();
    let mut links = Links::new();
    for row in rows(evidence, "chain_links") {
        let chain = |column| row.text(column).and_then(|node| chain_of.get(node));
        let (Some(from), Some(to)) = (chain("from_node"), chain("to_node")) else {
            continue;
        };
        // A chain of several fields does not say which of them holds the node: inside one chain nothing is a link.
        if from == to {
            continue;
        }
        for supplier in fields.get(from).into_iter().flatten() {
            for user in fields.get(to).into_iter().flatten() {
                let (supplier, user) = (Industry::from(*supplier), Industry::from(*user));
                if supplier != user && known.contains(&supplier) && known.contains(&user) {
                    let shown = links.entry((supplier, user)).or_default();
                    shown.push(row.reference());
                }
            }
        }
    }
    links
}

/// Every link at one weight.
pub fn weighed(links: &Links, weight: f64) -> Vec<Link> {
    all(links, weight, None)
}

/// Every link at its central weight, with the range of what it may be worth.
pub fn weighed_with_range(links: &Links, weight: Span) -> Vec<Link> {
    all(links, weight.value, Some([weight.low, weight.high]))
}

fn all(links: &Links, weight: f64, range: Option<[f64; 2]>) -> Vec<Link> {
    links
        .keys()
        .map(|(from, to)| Link {
            from: from.clone(),
            to: to.clone(),
            weight,
            range,
        })
        .collect()
}
