//! The rows of the program: totals of losses along the chain, and the measure of each bound.

use std::collections::BTreeMap;

use super::lp::Program;
use super::problem::{Kind, Over, Problem, RemedyParams, Risk};
use super::state::State;
use super::weekly::Weekly;
use crate::graph::ChainGraph;
use crate::input::Relation;

/// Below this a loss is rounding.
pub(crate) const NEGLIGIBLE: f64 = 1e-9;

/// How losses of a node and of its inputs combine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Summed over the horizon and never cut: an over-estimate. It has no weeks, so it cannot keep a bound on one.
    Sum,
    /// The largest, over the horizon: an under-estimate. Bounds on a week are left out of it.
    Max,
    /// Week by week with every cut, by yes-or-no columns: the course itself.
    Weekly,
}

/// What is minimised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Goal {
    /// Cost, with every target within its bound.
    Cost,
    /// The largest measure of any bound, at no more than this cost.
    Loss { budget: f64 },
    /// Cost, with every measure at most so much.
    CostWithin { most: f64 },
    /// The largest measure as a share of its bound, whatever it costs.
    Share,
    /// The measure of one bound, whatever it costs.
    Only { bound: usize },
}

pub(crate) struct Built {
    pub program: Program,
    /// By choice: the column of its amount.
    pub amounts: Vec<usize>,
    /// By choice: the column of its switch, where it has a fixed cost.
    pub switches: Vec<Option<usize>>,
    /// By choice: the row that ties its amount to its switch.
    pub switch_rows: Vec<Option<usize>>,
    /// By bound: its row, for goals with bounds.
    pub bounds: Vec<usize>,
    /// By case: for each node, the rows through which one more week of its stock acts.
    pub stock_rows: Vec<BTreeMap<usize, Vec<usize>>>,
}

/// Central costs of each choice: fixed and per unit.
pub(crate) fn central_costs(problem: &Problem) -> Vec<(f64, f64)> {
    let choices = problem.choices.iter();
    choices.map(|c| (c.fixed.value, c.per_unit.value)).collect()
}

pub(crate) fn build(
    graph: &ChainGraph,
    problem: &Problem,
    params: &RemedyParams,
    states: &[State],
    costs: &[(f64, f64)],
    rule: Rule,
    goal: Goal,
) -> Built {
    let mut program = Program::default();
    let costly = matches!(goal, Goal::Cost | Goal::CostWithin { .. });
    let price = |cost: f64| if costly { cost } else { 0.0 };
    let mut switches = Vec::new();
    let mut switch_rows = Vec::new();
    let amounts: Vec<usize> =
        problem
            .choices
            .iter()
            .zip(costs)
            .map(|(choice, (fixed, per_unit))| {
                let amount = program.column(price(*per_unit), 0.0, choice.most);
                let switch = (*fixed > 0.0).then(|| program.switch(price(*fixed)));
                switch_rows.push(switch.map(|switch| {
                    program.at_most(vec![(amount, 1.0), (switch, -choice.most)], 0.0)
                }));
                switches.push(switch);
                amount
            })
            .collect();
    displace_at_most_one(graph, problem, &amounts, &mut program);
    if let Goal::Loss { budget } = goal
        && budget.is_finite()
    {
        let mut terms: Vec<(usize, f64)> = Vec::new();
        for (k, (fixed, per_unit)) in costs.iter().enumerate() {
            terms.push((amounts[k], *per_unit));
            terms.extend(switches[k].map(|switch| (switch, *fixed)));
        }
        program.at_most(terms, budget);
    }
    let mut stock_rows = Vec::new();
    // By case, by bound: the column of its loss, where it can lose anything.
    let losses: Vec<Vec<Option<usize>>> = states
        .iter()
        .map(|state| {
            let (columns, rows) = if rule == Rule::Weekly {
                Weekly::add(graph, problem, params, state, &amounts, &mut program)
            } else {
                let mut course = Course::new(graph, problem, params, state, &amounts, rule);
                let columns = course.add(&mut program);
                (columns, course.stock_rows)
            };
            stock_rows.push(rows);
            columns
        })
        .collect();
    let bounds = measured(problem, &losses, goal, &mut program);
    Built {
        program,
        amounts,
        switches,
        switch_rows,
        bounds,
        stock_rows,
    }
}

/// The measure of every bound, and what the goal wants of it; gives the rows of the bounds, where the goal has some.
fn measured(
    problem: &Problem,
    losses: &[Vec<Option<usize>>],
    goal: Goal,
    program: &mut Program,
) -> Vec<usize> {
    let largest = matches!(goal, Goal::Loss { .. } | Goal::Share)
        .then(|| program.column(1.0, 0.0, f64::INFINITY));
    let mut bounds = Vec::new();
    for (at, bound) in problem.targets.iter().enumerate() {
        let measure = measure_column(problem, losses, at, program);
        match goal {
            Goal::Cost => bounds.push(program.at_most(vec![(measure, 1.0)], bound.most)),
            Goal::CostWithin { most } => {
                bounds.push(program.at_most(vec![(measure, 1.0)], most));
            }
            Goal::Loss { .. } | Goal::Share => {
                let largest = largest.expect("invariant: made for these goals");
                let unit = if goal == Goal::Share { bound.most } else { 1.0 };
                program.at_least(vec![(largest, unit), (measure, -1.0)], 0.0);
            }
            Goal::Only { bound: only } if only == at => program.cost[measure] = 1.0,
            Goal::Only { .. } => {}
        }
    }
    bounds
}

/// Further sources of a node hold at most all of it.
fn displace_at_most_one(
    graph: &ChainGraph,
    problem: &Problem,
    amounts: &[usize],
    program: &mut Program,
) {
    let mut at: BTreeMap<usize, Vec<(usize, f64)>> = BTreeMap::new();
    for (choice, column) in problem.choices.iter().zip(amounts) {
        if let Some(node) = graph
            .index(&choice.node)
            .filter(|_| choice.kind != Kind::Stock)
        {
            at.entry(node).or_default().push((*column, 1.0));
        }
    }
    for terms in at.into_values().filter(|terms| terms.len() > 1) {
        program.at_most(terms, 1.0);
    }
}

/// A column that is at least the measure of the bound: the worst loss, or
/// `η + Σ p_s ξ_s / (1 - α)` with `ξ_s >= loss_s - η` (Rockafellar & Uryasev 2000).
fn measure_column(
    problem: &Problem,
    losses: &[Vec<Option<usize>>],
    at: usize,
    program: &mut Program,
) -> usize {
    let measure = program.column(0.0, 0.0, f64::INFINITY);
    match problem.risk {
        Risk::Worst => {
            for loss in losses.iter().filter_map(|case| case[at]) {
                program.at_least(vec![(measure, 1.0), (loss, -1.0)], 0.0);
            }
        }
        Risk::Cvar { alpha } => {
            // Losses are not negative, and a case without loss may remain: η is not either.
            let eta = program.column(0.0, 0.0, f64::INFINITY);
            let mut terms = vec![(measure, 1.0), (eta, -1.0)];
            for (case, losses) in problem.cases.iter().zip(losses) {
                let Some(loss) = losses[at] else { continue };
                let excess = program.column(0.0, 0.0, f64::INFINITY);
                program.at_least(vec![(excess, 1.0), (eta, 1.0), (loss, -1.0)], 0.0);
                terms.push((excess, -case.probability.unwrap_or(0.0) / (1.0 - alpha)));
            }
            program.at_least(terms, 0.0);
        }
    }
    measure
}

/// By node: whether it can lose anything that a bound asks for.
pub(crate) fn touched(graph: &ChainGraph, problem: &Problem, state: &State) -> Vec<bool> {
    let n = graph.nodes.len();
    let mut touched = vec![false; n];
    let hit = |i: usize| {
        let by_source = (problem.choices.iter().zip(&state.severity)).any(|(c, hits)| {
            c.node == graph.nodes[i].node && hits.iter().any(|t| t.worst > NEGLIGIBLE)
        });
        by_source || state.own[i].iter().any(|t| t.worst > NEGLIGIBLE)
    };
    for &i in &graph.order {
        touched[i] = hit(i) || graph.nodes[i].inputs().any(|u| touched[u.index]);
    }
    let mut wanted = vec![false; n];
    let asked = problem
        .targets
        .iter()
        .zip(&state.asked)
        .filter(|(_, a)| **a);
    for i in asked
        .filter_map(|(bound, _)| graph.index(&bound.node))
        .flat_map(|target| graph.upstream_of(target))
    {
        wanted[i] = true;
    }
    for (touched, wanted) in touched.iter_mut().zip(wanted) {
        *touched &= wanted;
    }
    touched
}

/// The totals of one case on their way into the program.
struct Course<'a> {
    graph: &'a ChainGraph,
    problem: &'a Problem,
    state: &'a State,
    amounts: &'a [usize],
    rule: Rule,
    weeks: usize,
    /// Capacity worn per week of missing tools, worst track.
    wear: f64,
    /// By node: whether it can lose anything.
    touched: Vec<bool>,
    /// By node: whether the time of its losses matters (something downstream wears for want of a tool).
    timed: Vec<bool>,
    stock_rows: BTreeMap<usize, Vec<usize>>,
}

impl<'a> Course<'a> {
    fn new(
        graph: &'a ChainGraph,
        problem: &'a Problem,
        params: &RemedyParams,
        state: &'a State,
        amounts: &'a [usize],
        rule: Rule,
    ) -> Self {
        let touched = state.touched.clone();
        let mut timed = vec![false; graph.nodes.len()];
        for &i in graph.order.iter().rev() {
            for input in graph.nodes[i].inputs() {
                let tool = input.relation == Relation::ToolFor && touched[i];
                timed[input.index] |= tool || timed[i];
            }
        }
        let life = params.shock.tool_life_years.low;
        Self {
            graph,
            problem,
            state,
            amounts,
            rule,
            weeks: state.scenario.horizon_weeks as usize,
            wear: 1.0 / (52.0 * life),
            touched,
            timed,
            stock_rows: BTreeMap::new(),
        }
    }

    /// Adds every touched node; gives the column of the total loss of each bound over the horizon.
    fn add(&mut self, program: &mut Program) -> Vec<Option<usize>> {
        let n = self.graph.nodes.len();
        // By node: totals of what it loses, of what its users lack of it, and of what they have worn, by week.
        let mut loss: Vec<BTreeMap<usize, usize>> = vec![BTreeMap::new(); n];
        let mut through: Vec<BTreeMap<usize, usize>> = vec![BTreeMap::new(); n];
        let mut worn: Vec<BTreeMap<usize, usize>> = vec![BTreeMap::new(); n];
        for &i in &self.graph.order {
            if !self.touched[i] {
                continue;
            }
            let first = if self.timed[i] { 1 } else { self.weeks };
            for week in first..=self.weeks {
                let total = program.column(0.0, 0.0, f64::INFINITY);
                loss[i].insert(week, total);
                let inputs: Vec<usize> = self.graph.nodes[i]
                    .inputs()
                    .filter(|input| self.touched[input.index])
                    .filter_map(|input| match input.relation {
                        Relation::ToolFor => worn[input.index].get(&week).copied(),
                        _ => through[input.index].get(&week).copied(),
                    })
                    .collect();
                self.total_row(program, i, week, total, &inputs);
                self.stock_row(program, i, total, week, &mut through[i]);
                self.wear_row(program, i, total, week, &mut worn[i]);
            }
        }
        let bounds = self.problem.targets.iter().zip(&self.state.asked);
        bounds
            .map(|(bound, asked)| {
                let asked = *asked && bound.over == Over::Horizon;
                let target = self.graph.index(&bound.node).filter(|_| asked)?;
                loss[target].get(&self.weeks).copied()
            })
            .collect()
    }

    /// `Λ_v(t) >= Σ own' + Σ inputs`, or at least each of them.
    fn total_row(
        &self,
        program: &mut Program,
        i: usize,
        week: usize,
        total: usize,
        inputs: &[usize],
    ) {
        let own: f64 = self.state.own[i][..week].iter().map(|t| t.worst).sum();
        let mut terms = vec![(total, 1.0)];
        for (k, choice) in self.problem.choices.iter().enumerate() {
            if choice.kind == Kind::Stock || choice.node != self.graph.nodes[i].node {
                continue;
            }
            let effect: f64 = (self.state.waits[k]..week)
                .map(|w| self.state.severity[k][w].worst - self.state.own[i][w].worst)
                .sum();
            terms.push((self.amounts[k], -effect));
        }
        match self.rule {
            Rule::Sum => {
                terms.extend(inputs.iter().map(|input| (*input, -1.0)));
                program.at_least(terms, own);
            }
            Rule::Max | Rule::Weekly => {
                program.at_least(terms, own);
                for input in inputs {
                    program.at_least(vec![(total, 1.0), (*input, -1.0)], 0.0);
                }
            }
        }
    }

    /// `C_a(t) >= Λ_a(t) - stock_a`.
    fn stock_row(
        &mut self,
        program: &mut Program,
        i: usize,
        total: usize,
        week: usize,
        through: &mut BTreeMap<usize, usize>,
    ) {
        let consumed = |user: &usize| {
            let inputs = self.graph.nodes[*user].inputs();
            inputs
                .into_iter()
                .any(|u| u.index == i && u.relation != Relation::ToolFor)
        };
        if !self.graph.nodes[i].users.iter().any(consumed) {
            return;
        }
        let short = program.column(0.0, 0.0, f64::INFINITY);
        let mut terms = vec![(short, 1.0), (total, -1.0)];
        for (k, choice) in self.problem.choices.iter().enumerate() {
            if choice.kind == Kind::Stock && choice.node == self.graph.nodes[i].node {
                terms.push((self.amounts[k], 1.0));
            }
        }
        let row = program.at_least(terms, -self.state.stock[i].worst);
        self.stock_rows.entry(i).or_default().push(row);
        through.insert(week, short);
    }

    /// `W_a(t) = W_a(t-1) + wear Λ_a(t)`.
    fn wear_row(
        &self,
        program: &mut Program,
        i: usize,
        total: usize,
        week: usize,
        worn: &mut BTreeMap<usize, usize>,
    ) {
        let nodes = &self.graph.nodes;
        let tool = |user: &usize| {
            let inputs = nodes[*user].inputs();
            inputs
                .into_iter()
                .any(|u| u.index == i && u.relation == Relation::ToolFor)
        };
        // Where the cut at full wear could matter, the under-estimate leaves the tool out.
        let cut = self.rule == Rule::Max && self.wear * self.weeks as f64 > 1.0;
        if cut || !nodes[i].users.iter().any(tool) {
            return;
        }
        let column = program.column(0.0, 0.0, f64::INFINITY);
        let mut terms = vec![(column, 1.0), (total, -self.wear)];
        terms.extend(
            week.checked_sub(1)
                .and_then(|w| worn.get(&w))
                .map(|w| (*w, -1.0)),
        );
        program.at_least(terms, 0.0);
        worn.insert(week, column);
    }
}
