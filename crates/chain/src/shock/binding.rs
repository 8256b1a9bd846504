//! Which input binds, week by week.

use model::{Estimate, Node};

use super::course::{Courses, NEGLIGIBLE};
use super::result::Cause;
use crate::bounds::{self, Tracks};
use crate::graph::ChainGraph;

/// Weeks in a row in which the same cause takes most of a target's output.
#[derive(Debug, Clone, PartialEq)]
pub struct Binding {
    /// First and last week, counted from 1.
    pub weeks: (u32, u32),
    pub cause: Cause,
    /// The node at the beginning of it, whose own providers stop.
    pub source: Node,
    /// Largest loss of the target in these weeks.
    pub loss: Estimate,
}

/// The stretches of `target`. Central numbers decide, or the worst ones in weeks in which the centre loses nothing.
pub(crate) fn stretches(
    graph: &ChainGraph,
    own: &[Vec<Tracks>],
    courses: &Courses,
    target: usize,
    basis: model::Basis,
) -> Vec<Binding> {
    let mut found: Vec<(Binding, Tracks)> = Vec::new();
    for (week, loss) in courses.loss[target].iter().enumerate() {
        if loss.worst <= NEGLIGIBLE {
            continue;
        }
        let pick: fn(&Tracks) -> f64 = if loss.central() > NEGLIGIBLE {
            Tracks::central
        } else {
            |t| t.worst
        };
        let cause = cause(graph, own, courses, target, week, pick);
        let source = source(graph, own, courses, target, week, pick);
        let number = week as u32 + 1;
        match found.last_mut() {
            Some((last, peak))
                if last.cause == cause && last.source == source && last.weeks.1 + 1 == number =>
            {
                last.weeks.1 = number;
                *peak = peak.zip(*loss, f64::max);
                last.loss = peak.estimate(basis);
            }
            _ => found.push((
                Binding {
                    weeks: (number, number),
                    cause,
                    source,
                    loss: loss.estimate(basis),
                },
                *loss,
            )),
        }
    }
    found.into_iter().map(|(binding, _)| binding).collect()
}

fn cause(
    graph: &ChainGraph,
    own: &[Vec<Tracks>],
    courses: &Courses,
    at: usize,
    week: usize,
    pick: fn(&Tracks) -> f64,
) -> Cause {
    let mut largest = pick(&own[at][week]);
    let mut cause = Cause::Own;
    for group in &graph.nodes[at].groups {
        let inputs = group.alternatives.iter();
        let lack = bounds::alternatives(inputs.map(|input| courses.lacking(input, week)));
        if pick(&lack) > largest {
            largest = pick(&lack);
            cause = Cause::Inputs(group.alternatives.iter().map(|u| u.node.clone()).collect());
        }
    }
    cause
}

/// Follows what takes most upstream. Every step goes to an input, and the graph has no ring, so it ends.
fn source(
    graph: &ChainGraph,
    own: &[Vec<Tracks>],
    courses: &Courses,
    target: usize,
    week: usize,
    pick: fn(&Tracks) -> f64,
) -> Node {
    let mut at = target;
    loop {
        let Cause::Inputs(inputs) = cause(graph, own, courses, at, week, pick) else {
            return graph.nodes[at].node.clone();
        };
        let next = graph.nodes[at]
            .inputs()
            .filter(|input| inputs.contains(&input.node))
            .max_by(|a, b| {
                let lack = |input| pick(&courses.lacking(input, week));
                lack(a).total_cmp(&lack(b)).then(b.node.cmp(&a.node))
            });
        match next {
            Some(input) => at = input.index,
            None => return graph.nodes[at].node.clone(),
        }
    }
}
