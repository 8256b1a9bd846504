//! Which domestic supplier for which weak link: a bipartite matching over evidence.
//!
//! ```text
//! weight of a pair = weakness of the link × fit of the offer            both 0..1 with ranges
//! pairs            = matching of largest weight (values); a supplier takes part in at most `links` links
//! margin           = total weight - total weight without this pair      what the pair is worth
//! ```
//!
//! A pair stands on evidence that names both sides: an offer without a row of evidence is not made. The fit says how
//! near the evidence comes to the link (at the node, beside it, in its technology); it is a judgement of the study,
//! not a probability of success. Upstream and downstream are brought together by the users that stand beside a pair.

use std::collections::{BTreeMap, BTreeSet};

use model::{Entity, Estimate, Message, Node, RowRef};
use serde::{Deserialize, Serialize};

use super::matching::heaviest;
use super::sorted;
use crate::input::coded;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PairingParams {
    /// Links that one supplier can work on. Default 2.
    pub links: usize,
    /// Fit of evidence at the node itself, where a source calls it major. Default 1.
    pub at_node: f64,
    /// Fit of a minor or announced presence at the node. Default 0.7.
    pub minor: f64,
    /// Fit of evidence at an input, a user or a substitute of the node. Default 0.4.
    pub beside: f64,
    /// Fit of evidence in a technology of the chain. Default 0.15.
    pub technology: f64,
    /// Half width of every fit. Default 0.1.
    pub half_width: f64,
}

impl Default for PairingParams {
    fn default() -> Self {
        Self {
            links: 2,
            at_node: 1.0,
            minor: 0.7,
            beside: 0.4,
            technology: 0.15,
            half_width: 0.1,
        }
    }
}

coded! {
    /// How near the evidence of an offer comes to the link.
    Nearness {
        AtNode => "readings.near.at_node",
        Minor => "readings.near.minor",
        Beside => "readings.near.beside",
        Technology => "readings.near.technology",
    }
}

impl PairingParams {
    /// The fit of an offer, 0..1.
    pub fn fit(&self, nearness: Nearness) -> Estimate {
        let value = match nearness {
            Nearness::AtNode => self.at_node,
            Nearness::Minor => self.minor,
            Nearness::Beside => self.beside,
            Nearness::Technology => self.technology,
        };
        Estimate::spanning(
            value,
            value - self.half_width,
            value + self.half_width,
            model::Basis::Judged,
        )
        .clamped(0.0, 1.0)
    }
}

/// A link that home should strengthen.
#[derive(Debug, Clone, PartialEq)]
pub struct WeakLink {
    pub node: Node,
    /// 0..1; how much hangs on it times how little of it home makes.
    pub weakness: Estimate,
    pub origins: Vec<RowRef>,
}

/// A domestic supplier that evidence brings near to a link.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    pub node: Node,
    pub supplier: Supplier,
    pub nearness: Nearness,
    pub origins: Vec<RowRef>,
}

/// An organisation of the evidence, or a firm that only the list of firms names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Supplier {
    Organisation(Entity),
    Firm(String),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    pub node: Node,
    pub supplier: Supplier,
    pub nearness: Nearness,
    pub weight: Estimate,
    /// What the whole loses without it, 0 where another pair replaces it.
    pub margin: f64,
    pub origins: Vec<RowRef>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Pairing {
    /// By weight, then by node.
    pub pairs: Vec<Pair>,
    /// Weak links without a pair, with the reason; the weakest first.
    pub unmatched: Vec<(WeakLink, Message)>,
    pub total: f64,
    /// No pairing weighs more (dual certificate).
    pub bound: f64,
}

/// The pairing of largest weight. The order of `links` and `offers` does not matter; of several offers of one supplier
/// to one link the nearest counts, with the evidence of all of them.
pub fn pairing(links: &[WeakLink], offers: &[Offer], params: &PairingParams) -> Pairing {
    let mut links: Vec<&WeakLink> = links.iter().collect();
    links.sort_by(|a, b| a.node.cmp(&b.node));
    links.dedup_by(|b, a| a.node == b.node);
    let mut near: BTreeMap<(usize, &Supplier), (Nearness, Vec<RowRef>)> = BTreeMap::new();
    for offer in offers {
        let Ok(link) = links.binary_search_by(|l| l.node.cmp(&offer.node)) else {
            continue;
        };
        let entry = near
            .entry((link, &offer.supplier))
            .or_insert_with(|| (offer.nearness, Vec::new()));
        entry.0 = entry.0.min(offer.nearness);
        entry.1.extend(offer.origins.iter().cloned());
    }
    let suppliers: Vec<&Supplier> = near
        .keys()
        .map(|(_, s)| *s)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let places = params.links.max(1);
    let weight = |link: usize, nearness: Nearness| links[link].weakness.times(params.fit(nearness));
    let matrix = |without: Option<(usize, usize)>| -> Vec<Vec<f64>> {
        (0..links.len())
            .map(|link| {
                let row = suppliers.iter().enumerate().map(|(s, supplier)| {
                    near.get(&(link, *supplier))
                        .filter(|_| without != Some((link, s)))
                        .map_or(0.0, |(nearness, _)| weight(link, *nearness).value)
                });
                row.flat_map(|w| std::iter::repeat_n(w, places)).collect()
            })
            .collect()
    };
    let best = heaviest(&matrix(None));
    let mut pairs = Vec::new();
    let mut unmatched = Vec::new();
    for (link, column) in best.columns.iter().enumerate() {
        let found = column.and_then(|c| {
            let s = c / places;
            Some((s, near.get(&(link, suppliers[s]))?))
        });
        if let Some((s, (nearness, origins))) = found {
            let without = heaviest(&matrix(Some((link, s))));
            let mut origins = origins.clone();
            origins.extend(links[link].origins.iter().cloned());
            pairs.push(Pair {
                node: links[link].node.clone(),
                supplier: suppliers[s].clone(),
                nearness: *nearness,
                weight: weight(link, *nearness),
                margin: (best.total - without.total).max(0.0),
                origins: sorted(origins),
            });
        } else {
            let offered = near.keys().any(|(l, _)| *l == link);
            let reason = Message::new(if offered {
                "readings.pair.elsewhere"
            } else {
                "readings.pair.nobody"
            });
            unmatched.push((links[link].clone(), reason));
        }
    }
    pairs.sort_by(|a, b| {
        (b.weight.value.total_cmp(&a.weight.value)).then_with(|| a.node.cmp(&b.node))
    });
    unmatched.sort_by(|a, b| {
        (b.0.weakness.value.total_cmp(&a.0.weakness.value)).then_with(|| a.0.node.cmp(&b.0.node))
    });
    Pairing {
        pairs,
        unmatched,
        total: best.total,
        bound: best.bound,
    }
}
