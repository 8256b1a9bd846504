//! The worst track of the weekly course as a mixed program: no over-estimate, no under-estimate.
//!
//! ```text
//! l_v(t) = min(1, own'_v(t) + Σ_g max_{a in g} lacking_a(t))      the loss of a node in a week
//! c_a(t) = min(l_a(t), max(0, Λ_a(t) - S_a))                      what users of a lack once S_a weeks are used up
//! w_a(t) = min(1, Λ_a(t) / (52 life))                             what users have worn for want of the tool a
//! ```
//!
//! with `Λ` the sum of `l` up to a week. Every right side grows with every loss and shrinks with every stock, so whatever
//! satisfies the rows with `>=` loses at least what the course loses, and the course itself satisfies them. Each `min` takes a
//! yes-or-no column, and only where neither branch is known beforehand:
//!
//! ```text
//! l >= raw - (U - 1) w,  l >= w                                   U: the most that raw can be
//! c >= l - u z,          c >= Λ(t) - S - (U(t-1) - stock)(1 - z)  z(t+1) <= z(t): the stock lasts up to t
//! Σ c >= Λ - S                                                    true for every z: what the relaxation stands on
//! ```
//!
//! Losses have no upper limits of their own: with limits that the course reaches exactly `HiGHS` 1.16 cut off optimal plans.
//!
//! A stock in front of which only sums matter (no bound on a week, no cut, no alternatives downstream) needs no `z`.

use std::collections::BTreeMap;

use super::lp::Program;
use super::problem::{Kind, Over, Problem, RemedyParams};
use super::program::NEGLIGIBLE;
use super::state::State;
use crate::graph::{ChainGraph, Input};
use crate::input::Relation;
use crate::shock::course::WEEKS_PER_YEAR;

type StockRows = BTreeMap<usize, Vec<usize>>;

/// One case on its way into the program. Weeks count from 0.
pub(crate) struct Weekly<'a> {
    graph: &'a ChainGraph,
    problem: &'a Problem,
    state: &'a State,
    amounts: &'a [usize],
    weeks: usize,
    wear: f64,
    touched: Vec<bool>,
    most: Most,
    /// By node: whether it matters in which weeks its users lack it, not only how much of it by when.
    shaped: Vec<bool>,
    /// By node and week.
    loss: Vec<Vec<Option<usize>>>,
    sum: Vec<Vec<Option<usize>>>,
    short: Vec<Vec<Option<usize>>>,
    worn: Vec<Vec<Option<usize>>>,
    stock_rows: StockRows,
}

/// The most that each number can be under any plan, by node and week.
struct Most {
    /// Own loss and inputs before the cut at one.
    raw: Vec<Vec<f64>>,
    loss: Vec<Vec<f64>>,
    sum: Vec<Vec<f64>>,
    short: Vec<Vec<f64>>,
    worn: Vec<Vec<f64>>,
}

impl<'a> Weekly<'a> {
    /// Adds the case; gives the column of the loss that each bound looks at, and the rows in which stocks stand.
    pub fn add(
        graph: &'a ChainGraph,
        problem: &'a Problem,
        params: &RemedyParams,
        state: &'a State,
        amounts: &'a [usize],
        program: &mut Program,
    ) -> (Vec<Option<usize>>, StockRows) {
        let weeks = state.scenario.horizon_weeks as usize;
        let touched = state.touched.clone();
        let wear = 1.0 / (WEEKS_PER_YEAR * params.shock.tool_life_years.low);
        let most = Most::of(graph, problem, state, &touched, wear);
        let shaped = shaped(graph, problem, state, &touched, &most);
        let none = vec![vec![None; weeks]; graph.nodes.len()];
        let mut case = Self {
            graph,
            problem,
            state,
            amounts,
            weeks,
            wear,
            touched,
            most,
            shaped,
            loss: none.clone(),
            sum: none.clone(),
            short: none.clone(),
            worn: none,
            stock_rows: BTreeMap::new(),
        };
        for &i in &graph.order {
            if case.touched[i] {
                case.node(i, program);
            }
        }
        let columns = case.bounds(program);
        (columns, case.stock_rows)
    }

    fn node(&mut self, i: usize, program: &mut Program) {
        for week in 0..self.weeks {
            self.loss_row(i, week, program);
            self.sum_row(i, week, program);
        }
        let users = &self.graph.nodes[i].users;
        let relations = users
            .iter()
            .filter(|user| self.touched[**user])
            .flat_map(|user| self.graph.nodes[*user].inputs())
            .filter(|input| input.index == i)
            .map(|input| input.relation == Relation::ToolFor);
        let (tool, consumed) = relations.fold((false, false), |(tool, consumed), is_tool| {
            (tool || is_tool, consumed || !is_tool)
        });
        if consumed {
            self.stock(i, program);
        }
        if tool {
            for week in 0..self.weeks {
                self.wear_row(i, week, program);
            }
        }
    }

    /// What a user lacks of an input in a week.
    fn lacking(&self, input: &Input, week: usize) -> Option<usize> {
        match input.relation {
            Relation::ToolFor => self.worn[input.index][week],
            Relation::InputTo | Relation::MaterialFor => self.short[input.index][week],
        }
    }

    fn loss_row(&mut self, i: usize, week: usize, program: &mut Program) {
        if self.most.loss[i][week] <= NEGLIGIBLE {
            return;
        }
        let loss = program.column(0.0, 0.0, f64::INFINITY);
        self.loss[i][week] = Some(loss);
        // own' = own + Σ x_k (severity_k - own)
        let own = self.state.own[i][week].worst;
        let mut of_own: Vec<(usize, f64)> = Vec::new();
        for (k, choice) in self.problem.choices.iter().enumerate() {
            let here = choice.kind != Kind::Stock && choice.node == self.graph.nodes[i].node;
            if here && week >= self.state.waits[k] {
                of_own.push((self.amounts[k], own - self.state.severity[k][week].worst));
            }
        }
        let mut groups: Vec<usize> = Vec::new();
        for group in &self.graph.nodes[i].groups {
            let alternatives: Vec<usize> = (group.alternatives.iter())
                .filter_map(|input| self.lacking(input, week))
                .collect();
            match alternatives.as_slice() {
                [] => {}
                [one] => groups.push(*one),
                several => {
                    let largest = program.column(0.0, 0.0, f64::INFINITY);
                    for lacking in several {
                        program.at_least(vec![(largest, 1.0), (*lacking, -1.0)], 0.0);
                    }
                    groups.push(largest);
                }
            }
        }
        let mut terms = vec![(loss, 1.0)];
        terms.extend(&of_own);
        terms.extend(groups.iter().map(|g| (*g, -1.0)));
        let over = self.most.raw[i][week] - 1.0;
        if over > NEGLIGIBLE {
            let full = program.switch(0.0);
            terms.push((full, over));
            program.at_least(vec![(loss, 1.0), (full, -1.0)], 0.0);
            // True anyway; they keep the relaxation at least as high as the under-estimate.
            let mut alone = vec![(loss, 1.0)];
            alone.extend(&of_own);
            program.at_least(alone, own);
            for group in &groups {
                program.at_least(vec![(loss, 1.0), (*group, -1.0)], 0.0);
            }
        }
        program.at_least(terms, own);
    }

    fn sum_row(&mut self, i: usize, week: usize, program: &mut Program) {
        let before = week.checked_sub(1).and_then(|w| self.sum[i][w]);
        self.sum[i][week] = running(before, self.loss[i][week], program);
    }

    /// What the users of `i` lack, after their stock.
    fn stock(&mut self, i: usize, program: &mut Program) {
        let held = self.state.stock[i].worst;
        let node = &self.graph.nodes[i].node;
        let bought: Vec<(usize, f64)> = (self.problem.choices.iter().zip(self.amounts))
            .filter(|(choice, _)| choice.kind == Kind::Stock && choice.node == *node)
            .map(|(_, column)| (*column, 1.0))
            .collect();
        if held <= 0.0 && bought.is_empty() {
            self.short[i].clone_from(&self.loss[i]);
            return;
        }
        let mut lacked = None;
        let mut lasts_before = None;
        let mut rows = Vec::new();
        for week in 0..self.weeks {
            let most = self.most.short[i][week];
            let short = (most > NEGLIGIBLE).then(|| program.column(0.0, 0.0, f64::INFINITY));
            self.short[i][week] = short;
            lacked = running(lacked, short, program);
            let (Some(short), Some(sum), Some(lacked), Some(loss)) =
                (short, self.sum[i][week], lacked, self.loss[i][week])
            else {
                continue;
            };
            let beyond = |column: usize| {
                let mut terms = vec![(column, 1.0), (sum, -1.0)];
                terms.extend(&bought);
                terms
            };
            rows.push(program.at_least(beyond(lacked), -held));
            if !self.shaped[i] {
                continue;
            }
            // Before this week the stock may be used up: then all of the week's loss is lacking.
            let slack = week
                .checked_sub(1)
                .map_or(0.0, |before| self.most.sum[i][before] - held);
            if slack <= NEGLIGIBLE {
                rows.push(program.at_least(beyond(short), -held));
                continue;
            }
            let lasts = program.switch(0.0);
            let all = vec![(short, 1.0), (loss, -1.0), (lasts, self.most.loss[i][week])];
            program.at_least(all, 0.0);
            let mut rest = beyond(short);
            rest.push((lasts, -slack));
            rows.push(program.at_least(rest, -held - slack));
            if let Some(before) = lasts_before {
                program.at_most(vec![(lasts, 1.0), (before, -1.0)], 0.0);
            }
            lasts_before = Some(lasts);
        }
        self.stock_rows.insert(i, rows);
    }

    fn wear_row(&mut self, i: usize, week: usize, program: &mut Program) {
        let Some(sum) = self.sum[i][week].filter(|_| self.most.worn[i][week] > NEGLIGIBLE) else {
            return;
        };
        let worn = program.column(0.0, 0.0, f64::INFINITY);
        let mut terms = vec![(worn, 1.0), (sum, -self.wear)];
        let over = self.wear * self.most.sum[i][week] - 1.0;
        if over > NEGLIGIBLE {
            let all = program.switch(0.0);
            program.at_least(vec![(worn, 1.0), (all, -1.0)], 0.0);
            terms.push((all, over));
        }
        program.at_least(terms, 0.0);
        self.worn[i][week] = Some(worn);
    }

    fn bounds(&self, program: &mut Program) -> Vec<Option<usize>> {
        let bounds = self.problem.targets.iter().zip(&self.state.asked);
        bounds
            .map(|(bound, asked)| {
                let target = self.graph.index(&bound.node).filter(|_| *asked)?;
                match bound.over {
                    Over::Horizon => *self.sum[target].last()?,
                    Over::Week => {
                        let losses: Vec<usize> =
                            self.loss[target].iter().flatten().copied().collect();
                        if losses.is_empty() {
                            return None;
                        }
                        let peak = program.column(0.0, 0.0, f64::INFINITY);
                        for loss in losses {
                            program.at_least(vec![(peak, 1.0), (loss, -1.0)], 0.0);
                        }
                        Some(peak)
                    }
                }
            })
            .collect()
    }
}

/// A column that is the sum so far.
fn running(before: Option<usize>, now: Option<usize>, program: &mut Program) -> Option<usize> {
    match (before, now) {
        (before, None) => before,
        (None, now) => now,
        (Some(before), Some(now)) => {
            let sum = program.column(0.0, 0.0, f64::INFINITY);
            program.equal(vec![(sum, 1.0), (before, -1.0), (now, -1.0)], 0.0);
            Some(sum)
        }
    }
}

impl Most {
    fn of(
        graph: &ChainGraph,
        problem: &Problem,
        state: &State,
        touched: &[bool],
        wear: f64,
    ) -> Self {
        let weeks = state.scenario.horizon_weeks as usize;
        let zero = vec![vec![0.0; weeks]; graph.nodes.len()];
        let mut most = Self {
            raw: zero.clone(),
            loss: zero.clone(),
            sum: zero.clone(),
            short: zero.clone(),
            worn: zero,
        };
        for &i in graph.order.iter().filter(|i| touched[**i]) {
            let node = &graph.nodes[i];
            let mut sum = 0.0;
            for week in 0..weeks {
                // Further sources displace parts of the supply: at most all of it is as badly hit as the worst of them.
                let sources = problem.choices.iter().enumerate().filter(|(k, c)| {
                    c.kind != Kind::Stock && c.node == node.node && week >= state.waits[*k]
                });
                let own = sources.fold(state.own[i][week].worst, |own, (k, _)| {
                    own.max(state.severity[k][week].worst)
                });
                let lacking = |input: &Input| match input.relation {
                    Relation::ToolFor => most.worn[input.index][week],
                    _ => most.short[input.index][week],
                };
                let groups = node.groups.iter().map(|group| {
                    let alternatives = group.alternatives.iter().map(lacking);
                    alternatives.fold(0.0, f64::max)
                });
                most.raw[i][week] = own + groups.sum::<f64>();
                most.loss[i][week] = most.raw[i][week].min(1.0);
                sum += most.loss[i][week];
                most.sum[i][week] = sum;
                let left = (sum - state.stock[i].worst).max(0.0);
                most.short[i][week] = most.loss[i][week].min(left);
                most.worn[i][week] = (wear * sum).min(1.0);
            }
        }
        most
    }
}

/// By node: whether some user minds in which weeks it goes short.
fn shaped(
    graph: &ChainGraph,
    problem: &Problem,
    state: &State,
    touched: &[bool],
    most: &Most,
) -> Vec<bool> {
    let n = graph.nodes.len();
    let mut shaped = vec![false; n];
    // By node: whether it matters in which weeks it loses.
    let mut minds = vec![false; n];
    for (bound, asked) in problem.targets.iter().zip(&state.asked) {
        if let Some(target) = graph.index(&bound.node).filter(|_| *asked) {
            minds[target] |= bound.over == Over::Week;
        }
    }
    for &i in graph.order.iter().rev().filter(|i| touched[**i]) {
        let node = &graph.nodes[i];
        minds[i] |= shaped[i] || most.raw[i].iter().any(|raw| *raw > 1.0 + NEGLIGIBLE);
        for group in &node.groups {
            let hit = group.alternatives.iter().filter(|u| touched[u.index]);
            let several = hit.clone().count() > 1;
            for input in hit.filter(|u| u.relation != Relation::ToolFor) {
                shaped[input.index] |= minds[i] || several;
            }
        }
    }
    shaped
}
