//! Chokepoints: what stops a target entirely.
//!
//! A node works when the remaining share of its own providers is at least `theta` and every required input group
//! has an alternative that works (Horn propagation over the AND/OR graph). Two readings bound what is unknown:
//! the favourable one takes the low ends of the shares and leaves inputs out that were judged not essential; the
//! unfavourable one takes the high ends and requires those inputs. What stops in the favourable reading stops for
//! **certain**; what stops in the unfavourable one only stops **possibly**. Unknown countries never stop,
//! nodes without supply data count as working (see the coverage beside the result), and a bloc's row stops with
//! the bloc, not with one of its members.
//!
//! A provider is a country, or a firm that has a country: [`Actors`] says who stops together. [`reliability()`] counts
//! which single and which joint stops a target survives, [`time_to_survive`] how long it does with its stocks.

mod actors;
mod causes;
mod cut_sets;
mod nines;
mod reliability;
mod survive;
pub(crate) mod works;

pub use actors::Actors;
pub use nines::{Chance, NineParams, Nines, Protection, nines};
pub use reliability::{
    ReliabilityParams, Stop, Survival, TargetReliability, lost_to, reliability, stages_from_use,
};
pub use survive::{
    Exposed, RecoveryLoss, StockPrice, SurviveError, SurviveParams, Survives, Weeks, exposed,
    loss_until_recovery, time_to_survive,
};

use model::{Country, Node, RowRef};
use serde::{Deserialize, Serialize};

use crate::graph::{ChainGraph, Coverage};
use crate::input::coded;
use crate::problem::GraphProblem;
use works::{Reading, Works};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChokepointParams {
    /// A node works while at least this share of its own providers remains. Default 0.5.
    pub theta: f64,
    /// Largest cut set looked for, at most 3. Default 3.
    pub max_cut: usize,
    /// Home's own supply never stops, and home is no attacker. Default: none.
    pub home: Option<Country>,
}

impl Default for ChokepointParams {
    fn default() -> Self {
        Self {
            theta: 0.5,
            max_cut: 3,
            home: None,
        }
    }
}

coded! {
    Certainty {
        /// In every reading of the evidence.
        Certain => "chain.certainty.certain",
        /// In some reading of the evidence.
        Possible => "chain.certainty.possible",
    }
}

/// The most upstream cause of a stop.
#[derive(Debug, Clone, PartialEq)]
pub struct RootCause {
    pub node: Node,
    /// Links between the root and the target.
    pub stages: usize,
    /// From the root to the target.
    pub path: Vec<Node>,
}

/// A minimal set of countries whose joint stop halts the target.
#[derive(Debug, Clone, PartialEq)]
pub struct CutSet {
    /// Sorted; no proper subset halts the target in the same reading.
    pub countries: Vec<Country>,
    pub certainty: Certainty,
    /// Nodes where the stop itself leaves less than `theta`, by id.
    pub bites: Vec<Node>,
    pub root: RootCause,
    /// Shares of the countries at the bites and the links of the root's path.
    pub origins: Vec<RowRef>,
}

/// A node whose removal halts the target.
#[derive(Debug, Clone, PartialEq)]
pub struct SingleNode {
    pub node: Node,
    pub certainty: Certainty,
    /// Links of the longest path along which the stop reaches the target.
    pub stages: usize,
    pub path: Vec<Node>,
    /// The links of the path.
    pub origins: Vec<RowRef>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TargetChokepoints {
    pub target: Node,
    /// By size, certain ones first, then by countries.
    pub cut_sets: Vec<CutSet>,
    /// Single nodes upstream (the target itself is left out), by id.
    pub single_nodes: Vec<SingleNode>,
    pub coverage: Coverage,
}

impl TargetChokepoints {
    /// Countries that halt the target alone.
    pub fn single_countries(&self) -> impl Iterator<Item = (&Country, Certainty)> {
        self.cut_sets
            .iter()
            .filter(|cut| cut.countries.len() == 1)
            .map(|cut| (&cut.countries[0], cut.certainty))
    }
}

/// Single points of failure and all minimal country cut sets up to `max_cut` of every target, exactly.
pub fn chokepoints(
    graph: &ChainGraph,
    targets: &[Node],
    params: &ChokepointParams,
) -> Result<Vec<TargetChokepoints>, Vec<GraphProblem>> {
    chokepoints_of(graph, &Actors::as_recorded(graph), targets, params)
}

/// As [`chokepoints`], with the actors as they are grouped: firms by country, or each firm by itself.
pub fn chokepoints_of(
    graph: &ChainGraph,
    actors: &Actors,
    targets: &[Node],
    params: &ChokepointParams,
) -> Result<Vec<TargetChokepoints>, Vec<GraphProblem>> {
    let indices = graph.indices(targets)?;
    let works = Works::new(graph, params.theta, params.home.as_ref(), actors);
    let cuts = cut_sets::minimal(&works, &indices, params.max_cut);
    let mut single: Vec<Vec<SingleNode>> = vec![Vec::new(); indices.len()];
    for removed in 0..graph.nodes.len() {
        let possible = works.without_node(removed, Reading::Unfavourable);
        let certain = works.without_node(removed, Reading::Favourable);
        for (position, &target) in indices.iter().enumerate() {
            if target == removed || !possible.down[target] {
                continue;
            }
            let (certainty, stopped) = if certain.down[target] {
                (Certainty::Certain, &certain)
            } else {
                (Certainty::Possible, &possible)
            };
            let cause = causes::trace(graph, target, stopped);
            single[position].push(SingleNode {
                node: graph.nodes[removed].node.clone(),
                certainty,
                stages: cause.root.stages,
                path: cause.root.path,
                origins: cause.links,
            });
        }
    }
    Ok(indices
        .iter()
        .zip(cuts)
        .zip(single)
        .map(|((&target, cuts), single_nodes)| TargetChokepoints {
            target: graph.nodes[target].node.clone(),
            cut_sets: cuts
                .into_iter()
                .map(|(set, certainty)| explain(&works, target, &set, certainty))
                .collect(),
            single_nodes,
            coverage: graph.coverage_of(target),
        })
        .collect())
}

fn explain(works: &Works, target: usize, set: &[u16], certainty: Certainty) -> CutSet {
    let reading = match certainty {
        Certainty::Certain => Reading::Favourable,
        Certainty::Possible => Reading::Unfavourable,
    };
    let stopped = works.without_actors(set, reading);
    let cause = causes::trace(works.graph, target, &stopped);
    let mut origins = cause.links;
    for &bite in &cause.bites {
        origins.extend(works.rows_hit(bite, set).cloned());
    }
    origins.sort();
    origins.dedup();
    CutSet {
        countries: set
            .iter()
            .map(|c| works.actors[usize::from(*c)].clone())
            .collect(),
        certainty,
        bites: cause
            .bites
            .iter()
            .map(|i| works.graph.nodes[*i].node.clone())
            .collect(),
        root: cause.root,
        origins,
    }
}
