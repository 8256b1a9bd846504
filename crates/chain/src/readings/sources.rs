//! Further foreign sources: what does each one add where trade data are not at hand?
//!
//! Home is taken to buy what it does not make in proportion to the shares of the sources that it uses. It starts with
//! the largest source with access and adds the next largest ones, one by one:
//!
//! ```text
//! w_j(k)       = s_j / Σ_{i ≤ k} s_i                      weights of the first k sources
//! hhi(k)       = Σ w_j(k)²                                concentration; gain(k) = hhi(k-1) - hhi(k)
//! exposure(k)  = (1 - home) max_j w_j(k)                  supply lost when the largest source stops
//! ```
//!
//! Among sources without other attributes the largest share comes first, because it has most capacity to give. The
//! exposure after the last one is the residual risk. A source may itself stand on the first one's inputs: the
//! look-through exposure says so, this table does not.

use std::collections::BTreeSet;

use model::{Basis, Country, Estimate, Node, Quantity, RowRef};
use serde::{Deserialize, Serialize};

use super::concentration::{portfolio_hhi, portfolio_largest};
use super::{foreign, needed, origins_of, share_at, sorted};
use crate::graph::ChainGraph;
use crate::problem::GraphProblem;
use crate::supply::Provider;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SourceParams {
    /// Nodes at which home's share is surely at least this need no further source. Default 0.5.
    pub home_enough: f64,
    /// A source holds at least this share. Default 0.02.
    pub source_from: f64,
    /// Sources listed. Default 5.
    pub most: usize,
}

impl Default for SourceParams {
    fn default() -> Self {
        Self {
            home_enough: 0.5,
            source_from: 0.02,
            most: 5,
        }
    }
}

/// The k-th source of a node and what the first k together give.
#[derive(Debug, Clone, PartialEq)]
pub struct AddedSource {
    pub node: Node,
    /// From 1.
    pub place: usize,
    pub country: Country,
    pub share: Estimate,
    pub hhi_before: Option<Estimate>,
    pub hhi: Estimate,
    /// Fall of the concentration by this source; 0 for the first.
    pub gain: Estimate,
    pub exposure_before: Option<Estimate>,
    pub exposure: Estimate,
    /// The last source on record or in the list: its exposure is the residual risk.
    pub last: Last,
    pub origins: Vec<RowRef>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Last {
    Yes,
    No,
}

/// The sources of every needed node that home does not make enough of, by node and place.
pub fn added_sources(
    graph: &ChainGraph,
    targets: &[Node],
    home: &Country,
    denied: &BTreeSet<Country>,
    params: &SourceParams,
) -> Result<Vec<AddedSource>, Vec<GraphProblem>> {
    let mut found = Vec::new();
    for i in needed(graph, targets)? {
        let (Some(supply), Quantity::Estimated(own)) =
            (&graph.nodes[i].supply, share_at(graph, i, home))
        else {
            continue;
        };
        if own.low >= params.home_enough {
            continue;
        }
        let mut sources: Vec<&Provider> = foreign(supply, home, &graph.blocs)
            .filter(|p| !denied.contains(&p.country))
            .filter(|p| p.share.value >= params.source_from && p.share.low > 0.0)
            .collect();
        sources.sort_by(|a, b| {
            (b.share.value.total_cmp(&a.share.value)).then_with(|| a.country.cmp(&b.country))
        });
        sources.truncate(params.most);
        let abroad = Estimate::exact(1.0, Basis::Derived)
            .minus(own)
            .clamped(0.0, 1.0);
        let mut before: Option<(Estimate, Estimate)> = None;
        let origins = sorted(origins_of(graph, i));
        for (k, source) in sources.iter().enumerate() {
            let shares: Vec<Estimate> = sources[..=k].iter().map(|p| p.share).collect();
            let (Some(hhi), Some(largest)) = (portfolio_hhi(&shares), portfolio_largest(&shares))
            else {
                break;
            };
            let exposure = largest.times(abroad);
            found.push(AddedSource {
                node: graph.nodes[i].node.clone(),
                place: k + 1,
                country: source.country.clone(),
                share: source.share,
                hhi_before: before.map(|(h, _)| h),
                hhi,
                gain: before.map_or(Estimate::exact(0.0, Basis::Derived), |(h, _)| h.minus(hhi)),
                exposure_before: before.map(|(_, e)| e),
                exposure,
                last: if k + 1 == sources.len() {
                    Last::Yes
                } else {
                    Last::No
                },
                origins: origins.clone(),
            });
            before = Some((hhi, exposure));
        }
    }
    Ok(found)
}
