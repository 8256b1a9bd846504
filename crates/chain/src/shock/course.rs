//! The weekly recursion, inputs before users.

use model::Country;

use super::scenario::{Scenario, ShockParams, ThirdCountries};
use super::stopped::OwnLosses;
use crate::bounds::{self, Tracks};
use crate::graph::{Blocs, ChainGraph, GraphNode, Input};
use crate::input::{Essential, Relation};
use crate::stop;
use crate::supply::Supply;

pub(crate) const WEEKS_PER_YEAR: f64 = 52.0;
/// Below this a loss is rounding.
pub(crate) const NEGLIGIBLE: f64 = 1e-9;

/// All courses, by node and week (from 0).
pub(crate) struct Courses {
    pub loss: Vec<Vec<Tracks>>,
    /// Shortage of the node at users who use it up, after their stocks.
    pub short: Vec<Vec<Tracks>>,
    /// Capacity that users have lost for want of the node as a tool.
    pub worn: Vec<Vec<Tracks>>,
    pub stock_start: Vec<Tracks>,
    pub stock_left: Vec<Tracks>,
}

impl Courses {
    /// What the user of `input` lacks in a week.
    pub fn lacking(&self, input: &Input, week: usize) -> Tracks {
        match input.relation {
            Relation::ToolFor => self.worn[input.index][week],
            Relation::InputTo | Relation::MaterialFor => self.short[input.index][week],
        }
    }
}

pub(crate) fn run(
    graph: &ChainGraph,
    scenario: &Scenario,
    params: &ShockParams,
    own: &OwnLosses,
) -> Courses {
    run_over(graph, scenario, params, &own.weekly, &graph.order)
}

/// The courses of the nodes of `order` (inputs before users) alone; all others lose nothing.
pub(crate) fn run_over(
    graph: &ChainGraph,
    scenario: &Scenario,
    params: &ShockParams,
    own: &[Vec<Tracks>],
    order: &[usize],
) -> Courses {
    let n = graph.nodes.len();
    let weeks = scenario.horizon_weeks as usize;
    let stock_start: Vec<Tracks> = graph
        .nodes
        .iter()
        .map(|node| stock(node, scenario, params))
        .collect();
    let none = || vec![vec![Tracks::ZERO; weeks]; n];
    let mut courses = Courses {
        loss: none(),
        short: none(),
        worn: none(),
        stock_left: stock_start.clone(),
        stock_start,
    };
    let pass: Vec<Tracks> = (0..n)
        .map(|i| {
            let supply = graph.nodes[i].supply.as_ref();
            let buyer = scenario.buyer.as_ref();
            passed_on(supply, buyer, params.third_countries, &graph.blocs)
        })
        .collect();
    let wear = Tracks::falling(params.tool_life_years).map(|life| 1.0 / (WEEKS_PER_YEAR * life));
    let mut worn = vec![Tracks::ZERO; n];
    let of_own = |i: usize, week: usize| own[i][week];
    for week in 0..weeks {
        for &i in order {
            let groups: Vec<(Essential, Tracks)> = graph.nodes[i]
                .groups
                .iter()
                .map(|group| {
                    let lacking = group.alternatives.iter().map(|u| courses.lacking(u, week));
                    (group.essential, bounds::alternatives(lacking))
                })
                .collect();
            let loss = bounds::node_loss(of_own(i, week), &groups, pass[i]);
            let short = loss.zip(courses.stock_left[i], |loss, stock| (loss - stock).max(0.0));
            let drawn = loss.zip(short, |loss, short| loss - short);
            courses.stock_left[i] =
                courses.stock_left[i].zip(drawn, |stock, drawn| (stock - drawn).max(0.0));
            worn[i] = wear_on(worn[i], loss, wear, params.catch_up);
            courses.loss[i][week] = loss;
            courses.short[i][week] = short;
            courses.worn[i][week] = worn[i];
        }
    }
    courses
}

/// Weeks of normal demand at the users; large stocks are good, so they stand in the best track.
pub(crate) fn stock(node: &GraphNode, scenario: &Scenario, params: &ShockParams) -> Tracks {
    let listed = scenario.stocks.get(&node.node);
    if listed.is_none() && params.not_stocked.contains(&node.stage) {
        return Tracks::ZERO;
    }
    let stock = listed
        .or_else(|| scenario.stage_stocks.get(&node.stage))
        .unwrap_or(&scenario.default_stock);
    Tracks::falling(*stock)
}

/// Capacity lost after another week. It grows while the tool falls short and comes back only once the tool is
/// supplied in full: at `catch_up` times the rate of a full stop under the lower rule, not at all under the upper.
fn wear_on(worn: Tracks, loss: Tracks, wear: Tracks, catch_up: f64) -> Tracks {
    let step = |pick: fn(&Tracks) -> f64, catch_up: f64| {
        let change = if pick(&loss) > NEGLIGIBLE {
            pick(&loss)
        } else {
            -catch_up
        };
        (pick(&worn) + change * pick(&wear)).clamp(0.0, 1.0)
    };
    let best = step(|t| t.best, catch_up);
    // A central tool life far below the longest one would also recover far faster: the tracks keep their order.
    let mild = step(|t| t.mild, catch_up).max(best);
    let severe = step(|t| t.severe, 0.0).max(mild);
    Tracks::new(best, mild, severe, step(|t| t.worst, 0.0).max(severe))
}

/// The part of a node's supply that needs its inputs, for the lower bound: all of it, or under an export stop to
/// one buyer what that buyer makes itself.
pub(crate) fn passed_on(
    supply: Option<&Supply>,
    buyer: Option<&Country>,
    third: ThirdCountries,
    blocs: &Blocs,
) -> Tracks {
    match (buyer, third) {
        (None, _) | (_, ThirdCountries::Follow) => Tracks::ONE,
        (Some(buyer), ThirdCountries::MayDeliver) => {
            // The lower bound needs the low end of the buyer's own share.
            supply.map_or(Tracks::ZERO, |supply| {
                stop::home_of(supply, buyer, blocs).reversed()
            })
        }
    }
}
