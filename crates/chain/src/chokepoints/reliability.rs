//! N−1 and N−2: what is lost when any one, or any two, of the actors stop.
//!
//! The loss of a target is the one of `exposure` (Fréchet bounds along the chain, before stocks); whether it works is the
//! Horn propagation of `works` under the threshold θ, in both readings.

use std::collections::BTreeMap;

use model::{Basis, Country, Estimate, Node};
use serde::{Deserialize, Serialize};

use super::actors::Actors;
use super::works::{Reading, Works};
use crate::exposure::{through, weakest};
use crate::graph::{ChainGraph, Coverage};
use crate::input::coded;
use crate::problem::GraphProblem;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReliabilityParams {
    /// A node works while at least this share of its own providers remains. Default 0.5.
    pub theta: f64,
    /// Home's own supply never stops, and home is no attacker. Default: none.
    pub home: Option<Country>,
    /// Pairs that are kept, worst first; all are counted. Default 50.
    pub pairs: usize,
}

impl Default for ReliabilityParams {
    fn default() -> Self {
        Self {
            theta: 0.5,
            home: None,
            pairs: 50,
        }
    }
}

coded! {
    /// Whether a target outlives a stop.
    Survival {
        /// In every reading of the evidence.
        Yes => "chain.survival.yes",
        /// In some reading only.
        Undecided => "chain.survival.undecided",
        /// In none.
        No => "chain.survival.no",
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    /// One or two, sorted.
    pub actors: Vec<Country>,
    /// Share of the target's supply lost, 0..1.
    pub loss: Estimate,
    pub survives: Survival,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TargetReliability {
    pub target: Node,
    /// Every actor with a share upstream, worst first.
    pub singles: Vec<Stop>,
    /// The worst pairs; where none of the two stops the target alone, they stand before pairs as bad as one of their members.
    pub pairs: Vec<Stop>,
    /// Of all pairs: how many the target survives, may survive, does not survive.
    pub pair_counts: [usize; 3],
    pub coverage: Coverage,
}

impl TargetReliability {
    /// Of all single stops: how many the target survives, may survive, does not survive.
    pub fn single_counts(&self) -> [usize; 3] {
        self.singles.iter().fold([0; 3], |mut counts, stop| {
            counts[place(stop.survives)] += 1;
            counts
        })
    }
}

/// Every single and every joint stop of two, of each target.
pub fn reliability(
    graph: &ChainGraph,
    actors: &Actors,
    targets: &[Node],
    params: &ReliabilityParams,
) -> Result<Vec<TargetReliability>, Vec<GraphProblem>> {
    let indices = graph.indices(targets)?;
    let works = Works::new(graph, params.theta, params.home.as_ref(), actors);
    let n = u16::try_from(works.actors.len()).expect("invariant: fewer than 65,536 actors");
    Ok(indices
        .iter()
        .map(|target| of_target(&works, *target, n, params.pairs))
        .collect())
}

fn of_target(works: &Works, target: usize, n: u16, keep: usize) -> TargetReliability {
    let graph = works.graph;
    let upstream = graph.upstream_of(target);
    let basis = upstream
        .iter()
        .fold(Basis::Derived, |basis, i| basis.and(weakest(graph, *i)));
    let here: Vec<u16> = (0..n)
        .filter(|a| works.nodes_hit(*a).any(|i| upstream.contains(&i)))
        .collect();
    let stop = |set: &[u16]| Stop {
        actors: set
            .iter()
            .map(|a| works.actors[usize::from(*a)].clone())
            .collect(),
        loss: through(graph, &works.own_losses(set))[target].estimate(basis),
        survives: survival(works, target, set),
    };
    let mut singles: Vec<Stop> = here.iter().map(|a| stop(&[*a])).collect();
    let mut pairs: Vec<(Survival, bool, Stop)> = Vec::new();
    let mut pair_counts = [0; 3];
    for (i, a) in here.iter().enumerate() {
        for (j, b) in here.iter().enumerate().skip(i + 1) {
            let found = stop(&[*a, *b]);
            pair_counts[place(found.survives)] += 1;
            let alone = singles[i].survives.max(singles[j].survives);
            pairs.push((found.survives, found.survives > alone, found));
        }
        if pairs.len() > 4 * keep.max(256) {
            worst_first(&mut pairs);
            pairs.truncate(keep);
        }
    }
    worst_first(&mut pairs);
    pairs.truncate(keep);
    singles.sort_by(|a, b| {
        (b.survives.cmp(&a.survives))
            .then(b.loss.high.total_cmp(&a.loss.high))
            .then(a.actors.cmp(&b.actors))
    });
    TargetReliability {
        target: graph.nodes[target].node.clone(),
        singles,
        pairs: pairs.into_iter().map(|(_, _, stop)| stop).collect(),
        pair_counts,
        coverage: graph.coverage_of(target),
    }
}

fn worst_first(pairs: &mut [(Survival, bool, Stop)]) {
    pairs.sort_by(|(sa, ja, a), (sb, jb, b)| {
        (jb, sb)
            .cmp(&(ja, sa))
            .then(b.loss.high.total_cmp(&a.loss.high))
            .then(a.actors.cmp(&b.actors))
    });
}

pub(crate) fn survival(works: &Works, target: usize, set: &[u16]) -> Survival {
    let down = |reading| works.without_actors(set, reading).down[target];
    if down(Reading::Favourable) {
        Survival::No
    } else if down(Reading::Unfavourable) {
        Survival::Undecided
    } else {
        Survival::Yes
    }
}

fn place(survival: Survival) -> usize {
    match survival {
        Survival::Yes => 0,
        Survival::Undecided => 1,
        Survival::No => 2,
    }
}

/// What each node loses of its own making when these actors stop together; nodes that lose nothing are left out.
pub fn lost_to(
    graph: &ChainGraph,
    actors: &Actors,
    stopped: &[Country],
    home: Option<&Country>,
) -> BTreeMap<Node, Estimate> {
    let works = Works::new(graph, 0.5, home, actors);
    let set: Vec<u16> = (0..works.actors.len() as u16)
        .filter(|a| stopped.contains(&works.actors[usize::from(*a)]))
        .collect();
    let losses = works.own_losses(&set).into_iter().enumerate();
    losses
        .filter(|(_, loss)| loss.worst > 0.0)
        .map(|(i, loss)| {
            (
                graph.nodes[i].node.clone(),
                loss.estimate(weakest(graph, i)),
            )
        })
        .collect()
}

/// Links of the longest way from each node to a final use (a node without users), by node.
pub fn stages_from_use(graph: &ChainGraph) -> Vec<(Node, usize)> {
    let mut stages = vec![0_usize; graph.nodes.len()];
    for &i in graph.order.iter().rev() {
        for input in graph.nodes[i].inputs() {
            stages[input.index] = stages[input.index].max(stages[i] + 1);
        }
    }
    let nodes = graph.nodes.iter().map(|n| n.node.clone());
    nodes.zip(stages).collect()
}
