//! Time to survive and time to recover (Simchi-Levi et al. 2014, 2015), as linear programs.
//!
//! The sub-chain of one target, in weeks of the target's normal output: `φ_i` is the normal flow of node `i` per week
//! (each input group of a user draws as much as the user makes, in equal parts from its alternatives). Over a period of
//! `t` weeks after a stop
//!
//! ```text
//! u_v  <= φ_v (1 + spare) (1 - lost_v) t        made at v
//! u_v  <= Σ_{i in g} y_iv                        for every input group g of v (AND of ORs)
//! Σ_v y_iv <= u_i + φ_i stock_i                  shipped from i
//! TTS: max t  with  t <= u_T + stock_T           nothing is lost
//! TTR: min l  with  l >= t - u_T - stock_T       lost within t weeks
//! ```
//!
//! Stock is used as serves the target best: the times are best cases under the numbers given, unlike the courses of
//! [`crate::shock`], where a stock covers everything until it is used up. Rates are constant, so the sums over the period
//! lose nothing. Tools are not used up week by week and are left out. The duals are the prices: weeks survived, or weeks
//! of output saved, per week of stock of a node.

use std::collections::BTreeMap;

use model::{Basis, Estimate, Node};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::graph::{ChainGraph, Group};
use crate::input::{Essential, Relation, coded};
use crate::problem::GraphProblem;
use crate::remedy::lp::{Limits, Outcome, Program, Solved};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SurviveParams {
    /// Capacity beyond the normal flow, as a share of it. Default 0: alternatives deliver no more than they do now.
    pub spare: f64,
    /// Longest time looked at, weeks. Default 520.
    pub longest: f64,
}

impl Default for SurviveParams {
    fn default() -> Self {
        Self {
            spare: 0.0,
            longest: 520.0,
        }
    }
}

/// A number of weeks by node: a stock, or a recovery time.
pub type Weeks = BTreeMap<Node, Estimate>;

/// What one more week of stock of a node is worth, in weeks.
#[derive(Debug, Clone, PartialEq)]
pub struct StockPrice {
    pub node: Node,
    pub weeks: f64,
}

/// How long the target delivers in full.
#[derive(Debug, Clone, PartialEq)]
pub struct Survives {
    /// Weeks; low: unfavourable reading, low stocks, high shares. The high end is the longest time looked at where the
    /// stop does not end the target or where a stock is not recorded.
    pub weeks: Estimate,
    /// Nodes upstream without a recorded stock; they count as empty in the low end and the value.
    pub unknown_stocks: Vec<Node>,
    /// The longest time was reached in the central reading: the target survives for good as far as this can tell.
    pub for_good: bool,
    /// Worth of a week of stock, central reading; nodes whose stock is worth nothing are left out.
    pub prices: Vec<StockPrice>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct RecoveryLoss {
    /// Weeks of the target's normal output lost until recovery.
    pub weeks: Estimate,
    /// Weeks of output saved per week of stock, central reading.
    pub prices: Vec<StockPrice>,
}

coded! {
    /// Whether a target stops before the supplier is back.
    Exposed {
        No => "chain.exposed.no",
        Undecided => "chain.exposed.undecided",
        Yes => "chain.exposed.yes",
    }
}

#[derive(Debug, Error, PartialEq)]
pub enum SurviveError {
    #[error("the graph does not hold what is asked for: {0:?}")]
    Graph(Vec<GraphProblem>),
    #[error("weeks and spare capacity must be finite and not below 0; the longest time above 0")]
    Range,
    #[error("the solver did not finish")]
    Solver,
}

/// TTS when every node loses the share `lost` (0..1) of its own making; nodes that are not named lose nothing.
pub fn time_to_survive(
    graph: &ChainGraph,
    target: &Node,
    lost: &BTreeMap<Node, Estimate>,
    stocks: &Weeks,
    params: &SurviveParams,
) -> Result<Survives, SurviveError> {
    let of = |reading, end| Sub::new(graph, target, reading, lost, stocks, end, params);
    let (worst, central, best) = (
        of(Essential::No, End::Worst)?,
        of(Essential::No, End::Central)?,
        of(Essential::Yes, End::Best)?,
    );
    let unknown_stocks = central.unknown_stocks.clone();
    let solved = central.longest_full(params.longest)?;
    let value = -solved.objective;
    let high = if unknown_stocks.is_empty() {
        -best.longest_full(params.longest)?.objective
    } else {
        params.longest
    };
    let low = -worst.longest_full(params.longest)?.objective;
    Ok(Survives {
        weeks: Estimate::spanning(value, low, high.max(value), Basis::Assumed),
        for_good: value >= params.longest - 1e-6,
        prices: central.prices(&solved),
        unknown_stocks,
    })
}

/// What is lost when the stop lasts `weeks` (the time to recover).
pub fn loss_until_recovery(
    graph: &ChainGraph,
    target: &Node,
    lost: &BTreeMap<Node, Estimate>,
    stocks: &Weeks,
    weeks: Estimate,
    params: &SurviveParams,
) -> Result<RecoveryLoss, SurviveError> {
    if !(weeks.low >= 0.0 && weeks.high.is_finite()) {
        return Err(SurviveError::Range);
    }
    let of = |reading, end| Sub::new(graph, target, reading, lost, stocks, end, params);
    let central = of(Essential::No, End::Central)?;
    let solved = central.least_lost(weeks.value)?;
    let high = of(Essential::No, End::Worst)?.least_lost(weeks.high)?;
    // A stock that is not recorded may cover everything.
    let low = if central.unknown_stocks.is_empty() {
        of(Essential::Yes, End::Best)?
            .least_lost(weeks.low)?
            .objective
    } else {
        0.0
    };
    Ok(RecoveryLoss {
        weeks: Estimate::spanning(solved.objective, low, high.objective, Basis::Assumed),
        prices: central.prices(&solved),
    })
}

/// Exposed when the whole range of TTS lies below the whole range of TTR.
pub fn exposed(survives: &Survives, recovers: Estimate) -> Exposed {
    if survives.weeks.high < recovers.low {
        Exposed::Yes
    } else if survives.weeks.low >= recovers.high {
        Exposed::No
    } else {
        Exposed::Undecided
    }
}

#[derive(Clone, Copy)]
enum End {
    Worst,
    Central,
    Best,
}

impl End {
    /// Of something that hurts.
    fn of_loss(self, e: Estimate) -> f64 {
        match self {
            Self::Worst => e.high,
            Self::Central => e.value,
            Self::Best => e.low,
        }
    }

    fn of_stock(self, e: Estimate) -> f64 {
        match self {
            Self::Worst => e.low,
            Self::Central => e.value,
            Self::Best => e.high,
        }
    }
}

/// The sub-chain of a target with its flows.
struct Sub<'g> {
    graph: &'g ChainGraph,
    target: usize,
    /// Inputs before users; the sub-chain only.
    nodes: Vec<usize>,
    required: Essential,
    flow: BTreeMap<usize, f64>,
    /// Making per week.
    capacity: BTreeMap<usize, f64>,
    /// In units of flow.
    stock: BTreeMap<usize, f64>,
    unknown_stocks: Vec<Node>,
}

impl<'g> Sub<'g> {
    /// `required` `No`: every group counts; `Yes`: only those judged essential.
    fn new(
        graph: &'g ChainGraph,
        target: &Node,
        required: Essential,
        lost: &BTreeMap<Node, Estimate>,
        stocks: &Weeks,
        end: End,
        params: &SurviveParams,
    ) -> Result<Self, SurviveError> {
        let fine = |x: f64| x.is_finite() && x >= 0.0;
        let sound = fine(params.spare)
            && params.longest.is_finite()
            && params.longest > 0.0
            && stocks.values().all(|s| fine(s.low) && fine(s.high))
            && lost.values().all(|l| fine(l.low) && l.high <= 1.0);
        if !sound {
            return Err(SurviveError::Range);
        }
        let target = graph
            .indices(std::slice::from_ref(target))
            .map_err(SurviveError::Graph)?[0];
        let mut sub = Self {
            graph,
            target,
            nodes: Vec::new(),
            required,
            flow: BTreeMap::from([(target, 1.0)]),
            capacity: BTreeMap::new(),
            stock: BTreeMap::new(),
            unknown_stocks: Vec::new(),
        };
        for &v in graph.order.iter().rev() {
            let Some(&flow) = sub.flow.get(&v) else {
                continue;
            };
            sub.nodes.push(v);
            for inputs in sub.groups(v) {
                for i in &inputs {
                    *sub.flow.entry(*i).or_insert(0.0) += flow / inputs.len() as f64;
                }
            }
        }
        sub.nodes.reverse();
        for &v in &sub.nodes {
            let node = &graph.nodes[v].node;
            let lost = lost.get(node).map_or(0.0, |l| end.of_loss(*l));
            let flow = sub.flow[&v];
            sub.capacity
                .insert(v, flow * (1.0 + params.spare) * (1.0 - lost));
            match stocks.get(node) {
                Some(stock) => {
                    sub.stock.insert(v, flow * end.of_stock(*stock));
                }
                None => sub.unknown_stocks.push(node.clone()),
            }
        }
        sub.unknown_stocks.sort();
        Ok(sub)
    }

    /// The input groups of a node that count, each as the positions of its consumed alternatives.
    fn groups(&self, v: usize) -> Vec<Vec<usize>> {
        let counts =
            |group: &&Group| self.required == Essential::No || group.essential == Essential::Yes;
        self.graph.nodes[v]
            .groups
            .iter()
            .filter(counts)
            .map(|group| {
                let used = |input: &&crate::graph::Input| input.relation != Relation::ToolFor;
                let inputs = group.alternatives.iter().filter(used);
                inputs.map(|input| input.index).collect::<Vec<_>>()
            })
            .filter(|inputs| !inputs.is_empty())
            .collect()
    }

    /// The common rows; `time` is a column. Row `i` is what `nodes[i]` ships.
    fn program(&self, time_cost: f64, time: (f64, f64)) -> Program {
        let mut program = Program::default();
        let t = program.column(time_cost, time.0, time.1);
        let made: BTreeMap<usize, usize> = self
            .nodes
            .iter()
            .map(|v| (*v, program.column(0.0, 0.0, f64::INFINITY)))
            .collect();
        let mut shipped: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut rows: Vec<Vec<(usize, f64)>> = Vec::new();
        for v in &self.nodes {
            rows.push(vec![(made[v], 1.0), (t, -self.capacity[v])]);
            for inputs in self.groups(*v) {
                let mut row = vec![(made[v], 1.0)];
                for i in inputs {
                    let y = program.column(0.0, 0.0, f64::INFINITY);
                    shipped.entry(i).or_default().push(y);
                    row.push((y, -1.0));
                }
                rows.push(row);
            }
        }
        for v in &self.nodes {
            let mut row = vec![(made[v], -1.0)];
            row.extend(shipped.get(v).into_iter().flatten().map(|y| (*y, 1.0)));
            if *v == self.target {
                // The target's customers: what is shipped is the demand of the period, set by the caller.
                row.push((t, 1.0));
            }
            program.at_most(row, self.stock.get(v).copied().unwrap_or(0.0));
        }
        for row in rows {
            program.at_most(row, 0.0);
        }
        program
    }

    fn longest_full(&self, longest: f64) -> Result<Solved, SurviveError> {
        let program = self.program(-1.0, (0.0, longest));
        solve(&program)
    }

    fn least_lost(&self, weeks: f64) -> Result<Solved, SurviveError> {
        let mut program = self.program(0.0, (weeks, weeks));
        let lost = program.column(1.0, 0.0, f64::INFINITY);
        let at = self.nodes.iter().position(|v| *v == self.target);
        let row = at.expect("invariant: the target is in its own sub-chain");
        program.rows[row].terms.push((lost, -1.0));
        solve(&program)
    }

    fn prices(&self, solved: &Solved) -> Vec<StockPrice> {
        let mut prices: Vec<StockPrice> = self
            .nodes
            .iter()
            .enumerate()
            .map(|(row, v)| StockPrice {
                node: self.graph.nodes[*v].node.clone(),
                // More stock lowers the objective in both programs: it saves weeks.
                weeks: -solved.duals[row] * self.flow[v],
            })
            .filter(|price| price.weeks > 1e-9)
            .collect();
        prices.sort_by(|a, b| b.weeks.total_cmp(&a.weeks).then(a.node.cmp(&b.node)));
        prices
    }
}

fn solve(program: &Program) -> Result<Solved, SurviveError> {
    match program.minimise(Limits::default()) {
        Outcome::Solved(solved) => Ok(solved),
        Outcome::Infeasible | Outcome::Limit { .. } | Outcome::Failed => Err(SurviveError::Solver),
    }
}
