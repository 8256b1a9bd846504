//! In how many of the years on record a node passes the two tests of concentration, and how likely that is to last.
//!
//! Each year of the basis that the graph uses is tested by itself, as in [`crate::must_control()`]: the largest foreign
//! share above its threshold, home's share below its own. Dependence lists ask for two of three years (ECIPE 2023 for
//! trade); a chain rarely has three, so the years are shown, not filled in.

use std::collections::BTreeMap;

use model::{Country, Estimate, Node, RowRef, Year};

use super::{basis_of, foreign, needed, share_in, sorted, tally};
use crate::graph::{ChainGraph, GraphParams};
use crate::input::{SupplyBasis, SupplySpec};
use crate::must_control::{MustControlParams, Verdict, above, below};
use crate::problem::GraphProblem;
use crate::supply::{Supply, choose};

/// A node over the years on record.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    pub node: Node,
    pub basis: SupplyBasis,
    /// By year, both tests together.
    pub years: Vec<(Year, Verdict)>,
    /// Years in which both tests pass, certain to possible.
    pub held: Estimate,
    /// Pairs of neighbouring years with another verdict, certain to possible; `None` for a single year.
    pub changes: Option<Estimate>,
    pub origins: Vec<RowRef>,
}

/// One row per node with shares that a target needs, by id.
pub fn held(
    graph: &ChainGraph,
    targets: &[Node],
    home: &Country,
    rows: &[SupplySpec],
    params: (&GraphParams, &MustControlParams),
) -> Result<Vec<Held>, Vec<GraphProblem>> {
    let (graph_params, limits) = params;
    let mut found = Vec::new();
    for i in needed(graph, targets)? {
        let node = &graph.nodes[i];
        let Some((basis, _)) = node.supply.as_ref().and_then(|s| s.group) else {
            continue;
        };
        let mut by_year: BTreeMap<Year, Vec<&SupplySpec>> = BTreeMap::new();
        for row in rows
            .iter()
            .filter(|r| r.node == node.node && r.basis == basis)
        {
            by_year.entry(row.year).or_default().push(row);
        }
        let mut years = Vec::new();
        let mut origins = vec![node.origin.clone()];
        for (year, list) in by_year {
            if let Some(supply) = choose(&list, graph_params)? {
                years.push((year, test(graph, &supply, home, limits)));
                origins.extend(list.iter().map(|r| r.origin.clone()));
            }
        }
        let changes = years.windows(2).map(|pair| change(pair[0].1, pair[1].1));
        found.push(Held {
            node: node.node.clone(),
            basis,
            held: tally(years.iter().map(|(_, v)| *v)),
            changes: (years.len() > 1).then(|| tally(changes)),
            years,
            origins: sorted(origins),
        });
    }
    Ok(found)
}

fn test(
    graph: &ChainGraph,
    supply: &Supply,
    home: &Country,
    limits: &MustControlParams,
) -> Verdict {
    let max = |pick: fn(&Estimate) -> f64| {
        foreign(supply, home, &graph.blocs)
            .map(|p| pick(&p.share))
            .fold(0.0, f64::max)
    };
    let largest = Estimate::spanning(
        max(|e| e.value),
        max(|e| e.low),
        max(|e| e.high).max(supply.unknown.high),
        basis_of(supply),
    );
    let own = share_in(supply, home, &graph.blocs);
    let tests = [
        above(largest.into(), limits.foreign_share).verdict,
        below(own.into(), limits.home_share).verdict,
    ];
    if tests.contains(&Verdict::Fail) {
        Verdict::Fail
    } else {
        super::both(tests[0], tests[1])
    }
}

fn change(a: Verdict, b: Verdict) -> Verdict {
    match (a, b) {
        (Verdict::Undecided, _) | (_, Verdict::Undecided) => Verdict::Undecided,
        (a, b) if a == b => Verdict::Fail,
        _ => Verdict::Pass,
    }
}
