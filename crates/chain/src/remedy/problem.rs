//! What is asked: targets with bounds, scenarios, options with costs.

use std::collections::BTreeSet;

use model::{Country, Estimate, Node, Refusal};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::graph::ChainGraph;
use crate::input::coded;
use crate::shock::{Scenario, ShockParams};

coded! {
    Over {
        /// The sum of the weekly losses, in weeks of normal output.
        Horizon => "chain.remedy.horizon",
        /// The largest weekly loss, a share of a week's output.
        Week => "chain.remedy.week",
    }
}

/// The most that a target may lose. A target may have one of each kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    pub node: Node,
    pub over: Over,
    /// Weeks over the horizon, or a share (0..1) of the worst week.
    pub most: f64,
}

/// A scenario and how likely it is. What the probabilities leave of one is a case without loss.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// It asks for the targets that it names, or for all targets of the problem where it names none.
    pub scenario: Scenario,
    /// Needed for CVaR only.
    pub probability: Option<f64>,
}

coded! {
    Kind {
        /// Weeks of normal use, at the users of the node.
        Stock => "chain.remedy.stock",
        /// Share of the node's supply from a further provider.
        Source => "chain.remedy.source",
        /// Share of the node's supply made at home.
        Home => "chain.remedy.home",
    }
}

/// Something that can be bought. Amounts are weeks for a stock and shares (0..1) for the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    pub kind: Kind,
    pub node: Node,
    /// Name of the further provider, or of the place at home; none for a stock.
    pub provider: Option<String>,
    /// Where the source lies: a stop of that country stops it too. None for a stock.
    pub country: Option<Country>,
    /// Cost of having the option at all.
    pub fixed: Estimate,
    /// Cost per week of stock, or per whole share.
    pub per_unit: Estimate,
    pub most: f64,
    /// Weeks from the decision until it works; a stock is there at once.
    pub ready_after: u32,
}

/// How losses over scenarios become one number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "risk", rename_all = "snake_case")]
pub enum Risk {
    /// The largest loss of any scenario.
    Worst,
    /// The mean of the worst `1 - alpha` of the probability.
    Cvar { alpha: f64 },
}

coded! {
    /// How far the weekly program came.
    Proof {
        /// To the gap: no plan on offer is cheaper.
        Solved => "chain.remedy.solved",
        /// To its limit of nodes: the gap says how far off the plan may be.
        Stopped => "chain.remedy.stopped",
        /// Not tried: too many yes-or-no columns. The plan is that of the over-estimate, the bound that of relaxations.
        TooLarge => "chain.remedy.too_large",
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    pub targets: Vec<Bound>,
    pub cases: Vec<Case>,
    pub choices: Vec<Choice>,
    pub risk: Risk,
}

impl Problem {
    /// The one kind that all bounds are of, if they are.
    pub fn kind(&self) -> Option<Over> {
        let first = self.targets.first()?.over;
        self.targets
            .iter()
            .all(|b| b.over == first)
            .then_some(first)
    }

    /// The scenario of a case with the targets that it asks for.
    pub(crate) fn asked(&self, case: &Case) -> Scenario {
        let mut scenario = case.scenario.clone();
        let named = |node: &Node| scenario.targets.is_empty() || scenario.targets.contains(node);
        let targets: BTreeSet<Node> = (self.targets.iter())
            .map(|bound| bound.node.clone())
            .filter(named)
            .collect();
        scenario.targets = targets.into_iter().collect();
        scenario
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RemedyParams {
    /// Weeks between the decision and week 1 of every scenario. Default 0.
    pub lead_weeks: u32,
    /// Relative gap at which the solver may stop. Default 1e-6.
    pub gap: f64,
    /// Nodes of the branching tree after which the weekly program stops, with the bound it has. Default 300.
    pub nodes: u32,
    /// Yes-or-no columns above which the weekly program is not tried. Default 400.
    pub switches: usize,
    /// Nodes of the branching tree after which the two linear estimates stop, with the bound they have. Default: no limit.
    pub tree: Option<u32>,
    /// Seconds for one program; a result then depends on the machine. Default: no limit.
    pub seconds: Option<f64>,
    pub shock: ShockParams,
}

impl Default for RemedyParams {
    fn default() -> Self {
        Self {
            lead_weeks: 0,
            gap: 1e-6,
            nodes: 300,
            switches: 400,
            tree: None,
            seconds: None,
            shock: ShockParams::default(),
        }
    }
}

/// A bound that nothing on offer can keep.
#[derive(Debug, Clone, PartialEq)]
pub struct Unreachable {
    pub target: Node,
    pub over: Over,
    pub bound: f64,
    /// The smallest loss found for this bound alone, in its unit, in the course itself.
    pub smallest: f64,
    /// No plan on offer loses less.
    pub at_least: f64,
    /// The scenario that loses most even then.
    pub scenario: String,
}

#[derive(Debug, Error, PartialEq)]
pub enum RemedyError {
    #[error("a scenario cannot be answered")]
    Refused(Vec<Refusal>),
    #[error("{0}")]
    Input(String),
    #[error("no plan on offer keeps the bounds: {}", .0.iter().map(|u| format!(
        "{} loses {:.3} {} with the best plan found, in the scenario {} (bound {:.3}; no plan on offer loses less than {:.3})",
        u.target, u.smallest, match u.over { Over::Horizon => "weeks", Over::Week => "of the output of its worst week" }, u.scenario,
        u.bound, u.at_least
    )).collect::<Vec<_>>().join("; "))]
    Unreachable(Vec<Unreachable>),
    #[error("the solver did not finish")]
    Solver,
}

/// Checks what the types cannot.
pub(crate) fn check(
    graph: &ChainGraph,
    problem: &Problem,
    params: &RemedyParams,
) -> Result<(), RemedyError> {
    let input = |text: String| Err(RemedyError::Input(text));
    let fine = |x: f64| x.is_finite() && x >= 0.0;
    if problem.targets.is_empty() || problem.cases.is_empty() {
        return input("name at least one target and one scenario".to_owned());
    }
    for bound in &problem.targets {
        if graph.index(&bound.node).is_none() {
            return input(format!("the target {} is not a node", bound.node));
        }
        if !fine(bound.most) || (bound.over == Over::Week && bound.most > 1.0) {
            return input(match bound.over {
                Over::Horizon => format!("the bound of {} must be 0 or more weeks", bound.node),
                Over::Week => format!("the worst week of {} must be a share, 0..1", bound.node),
            });
        }
    }
    for (at, bound) in problem.targets.iter().enumerate() {
        let again = |b: &Bound| b.node == bound.node && b.over == bound.over;
        if problem.targets[..at].iter().any(again) {
            return input(format!("{} has two bounds of one kind", bound.node));
        }
    }
    for choice in &problem.choices {
        let what = format!(
            "the option `{}` at {}",
            last(choice.kind.code()),
            choice.node
        );
        let Some(node) = graph.get(&choice.node) else {
            return input(format!("{what}: there is no such node"));
        };
        if choice.kind == Kind::Stock && params.shock.not_stocked.contains(&node.stage) {
            return input(format!(
                "{what}: `{}` cannot be stocked",
                last(node.stage.code())
            ));
        }
        if choice.kind != Kind::Stock && choice.country.is_none() {
            return input(format!(
                "{what}: name the country of the source, so that a stop can reach it"
            ));
        }
        let costs = [choice.fixed, choice.per_unit];
        if !fine(choice.most) || costs.iter().any(|c| !(fine(c.low) && fine(c.high))) {
            return input(format!(
                "{what}: costs and limits must be finite and not below 0"
            ));
        }
        if choice.kind != Kind::Stock && choice.most > 1.0 {
            return input(format!(
                "{what}: a share is at most 1, found {}",
                choice.most
            ));
        }
    }
    if let Risk::Cvar { alpha } = problem.risk {
        if !(0.0..1.0).contains(&alpha) {
            return input(format!("alpha must lie in 0..1, found {alpha}"));
        }
        let given: Option<Vec<f64>> = problem.cases.iter().map(|c| c.probability).collect();
        let Some(given) = given else {
            return input("CVaR needs a probability for every scenario".to_owned());
        };
        let sum: f64 = given.iter().sum();
        if given.iter().any(|p| !fine(*p)) || sum > 1.0 + 1e-9 || sum <= 0.0 {
            return input(format!(
                "the probabilities must sum to at most 1, found {sum}"
            ));
        }
    }
    let refusals: Vec<Refusal> = problem
        .cases
        .iter()
        .flat_map(|case| crate::shock::refuse::check(graph, &problem.asked(case), &params.shock))
        .collect();
    if refusals.is_empty() {
        Ok(())
    } else {
        Err(RemedyError::Refused(refusals))
    }
}

/// The word that a code ends in, as files have it.
fn last(code: &'static str) -> &'static str {
    code.rsplit('.').next().unwrap_or_default()
}
