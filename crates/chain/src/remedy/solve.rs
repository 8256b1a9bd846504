//! The cheapest plan that keeps every bound.

use model::{Basis, Estimate};

use super::lp::{Limits, Outcome, Solved};
use super::prices::{self, Prices};
use super::problem::{Choice, Over, Problem, Proof, RemedyError, RemedyParams, Unreachable, check};
use super::program::{Built, Goal, Rule, build, central_costs};
use super::state::{Evaluated, State, evaluate_states, states};
use super::trim::trim;
use crate::graph::ChainGraph;

/// Slack with which a bound counts as kept, in its unit.
pub(crate) const SLACK: f64 = 1e-6;

/// A plan that keeps every bound in the weekly course.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// By choice of the problem: weeks of stock, or a share.
    pub amounts: Vec<f64>,
    /// Of the plan, at the ends of the costs' ranges.
    pub cost: Estimate,
    /// No plan on offer that keeps the bounds costs less.
    pub at_least: f64,
    /// What the linear over-estimate alone would have cost; `None` where a bound is on a week or it finds no plan.
    pub before_trimming: Option<f64>,
    /// How far the weekly program came.
    pub proof: Proof,
    pub before: Evaluated,
    pub after: Evaluated,
    /// `None` where neither program found a plan.
    pub prices: Option<Prices>,
}

impl Plan {
    /// `(cost - at_least) / cost`, 0 where nothing is bought.
    pub fn gap(&self) -> f64 {
        if self.cost.value > 0.0 {
            ((self.cost.value - self.at_least) / self.cost.value).max(0.0)
        } else {
            0.0
        }
    }
}

/// Everything that the programs of one question are built from.
pub(crate) struct Question<'a> {
    pub graph: &'a ChainGraph,
    pub problem: &'a Problem,
    pub params: &'a RemedyParams,
    pub states: &'a [State],
    pub costs: &'a [(f64, f64)],
}

/// A program's answer: amounts, and what they rest on.
pub(crate) struct Answer {
    pub amounts: Vec<f64>,
    pub objective: f64,
    pub bound: f64,
    pub prices: Prices,
}

/// What a program says.
pub(crate) enum Said {
    Answer(Box<Answer>),
    Infeasible,
    /// It stopped before any plan; no plan has a smaller objective.
    Nothing {
        bound: f64,
    },
    /// It has more yes-or-no columns than the limit; its relaxation has no smaller objective than this.
    TooLarge {
        bound: f64,
    },
}

impl Question<'_> {
    pub fn evaluate(&self, amounts: &[f64]) -> Evaluated {
        evaluate_states(self.graph, self.problem, self.params, self.states, amounts)
    }

    pub fn trim(&self, amounts: Vec<f64>) -> Vec<f64> {
        trim(
            self.graph,
            self.problem,
            self.params,
            self.states,
            self.costs,
            amounts,
        )
    }

    pub fn cost(&self, amounts: &[f64]) -> f64 {
        cost_at(self.costs, amounts)
    }

    /// Builds the program and solves it within the limits.
    pub fn solve(&self, rule: Rule, goal: Goal) -> Result<Said, RemedyError> {
        let built = build(
            self.graph,
            self.problem,
            self.params,
            self.states,
            self.costs,
            rule,
            goal,
        );
        let weekly = rule == Rule::Weekly;
        let limits = Limits {
            gap: self.params.gap,
            nodes: if weekly {
                Some(self.params.nodes)
            } else {
                self.params.tree
            },
            seconds: self.params.seconds,
        };
        if weekly && built.program.switches() > self.params.switches {
            // What a budget buys is bounded by the under-estimate, a far smaller program; the cheapest plan by the weekly
            // relaxation, which adds up what the under-estimate takes the largest of.
            if self.problem.kind() == Some(Over::Horizon) && goal != Goal::Cost {
                return Ok(Said::TooLarge { bound: 0.0 });
            }
            return match built.program.relaxed().minimise(limits) {
                Outcome::Solved(solved) => Ok(Said::TooLarge {
                    bound: solved.bound,
                }),
                Outcome::Infeasible => Ok(Said::Infeasible),
                Outcome::Limit { bound } => Ok(Said::TooLarge { bound }),
                Outcome::Failed => Err(RemedyError::Solver),
            };
        }
        match built.program.minimise(limits) {
            Outcome::Solved(solved) => {
                // A program without whole columns has its duals already.
                let whole = built.program.switches() > 0;
                let held = whole.then(|| prices::held(&built, &solved)).flatten();
                let fixed = held.as_ref().unwrap_or(&solved);
                Ok(Said::Answer(Box::new(Answer {
                    amounts: amounts(&built, self.problem, fixed),
                    objective: solved.objective,
                    bound: solved.bound,
                    prices: prices::of(self.graph, self.problem, &built, fixed),
                })))
            }
            Outcome::Infeasible => Ok(Said::Infeasible),
            Outcome::Limit { bound } => Ok(Said::Nothing { bound }),
            Outcome::Failed => Err(RemedyError::Solver),
        }
    }
}

/// The cheapest mix of the choices on offer, or why there is none.
pub fn cheapest(
    graph: &ChainGraph,
    problem: &Problem,
    params: &RemedyParams,
) -> Result<Plan, RemedyError> {
    check(graph, problem, params)?;
    let states = states(graph, problem, params);
    let costs = central_costs(problem);
    let question = Question {
        graph,
        problem,
        params,
        states: &states,
        costs: &costs,
    };
    question.cheapest()
}

impl Question<'_> {
    pub fn cheapest(&self) -> Result<Plan, RemedyError> {
        let keeps = |amounts: &[f64]| keeps(self.problem, &self.evaluate(amounts).measures, SLACK);
        // Plans that keep the bounds, each with the prices of the program that it comes from.
        let mut found: Vec<(Vec<f64>, Option<Prices>)> = Vec::new();
        let mut before_trimming = None;
        if self.problem.kind() == Some(Over::Horizon)
            && let Said::Answer(over) = self.solve(Rule::Sum, Goal::Cost)?
        {
            before_trimming = Some(over.objective);
            if keeps(&over.amounts) {
                found.push((self.trim(over.amounts), Some(over.prices)));
            }
        }
        let weekly = self.solve(Rule::Weekly, Goal::Cost)?;
        let (proof, bound) = match weekly {
            Said::Answer(weekly) => {
                // The solver's tolerances are worth about a millionth of the cost.
                let open = weekly.objective - weekly.bound;
                let closed =
                    open <= 2.0 * self.params.gap.max(1e-6) * weekly.objective.abs() + 1e-9;
                let bound = weekly.bound;
                if keeps(&weekly.amounts) {
                    // Nothing can be taken from a plan that is proved to be the cheapest, and nothing is put beside it.
                    let amounts = if closed {
                        found.clear();
                        weekly.amounts
                    } else {
                        self.trim(weekly.amounts)
                    };
                    found.push((amounts, Some(weekly.prices)));
                }
                (
                    if closed {
                        Proof::Solved
                    } else {
                        Proof::Stopped
                    },
                    bound,
                )
            }
            Said::Infeasible => (Proof::Solved, 0.0),
            Said::Nothing { bound } => (Proof::Stopped, bound),
            Said::TooLarge { bound } => (Proof::TooLarge, bound),
        };
        if found.is_empty() {
            let most = self.least_loss()?;
            if !keeps(&most) {
                return Err(RemedyError::Unreachable(self.unreachable(&most)?));
            }
            found.push((self.trim(most), None));
        }
        let cheapest = found.into_iter().reduce(|a, b| {
            // The weekly program's plan comes last, and its prices hold for it.
            let dearer = self.cost(&b.0) > self.cost(&a.0) * (1.0 + 1e-6) + 1e-9;
            if dearer { a } else { b }
        });
        let (amounts, prices) = cheapest.expect("invariant: one was found or it is an error");
        let under = match self.solve(Rule::Max, Goal::Cost)? {
            Said::Answer(under) => under.bound,
            Said::Infeasible | Said::Nothing { .. } | Said::TooLarge { .. } => 0.0,
        };
        let cost = cost_of(&self.problem.choices, &amounts);
        let nothing = vec![0.0; amounts.len()];
        Ok(Plan {
            at_least: bound.max(under).clamp(0.0, cost.value),
            cost,
            before_trimming,
            proof,
            before: self.evaluate(&nothing),
            after: self.evaluate(&amounts),
            prices,
            amounts,
        })
    }

    /// The plan with the smallest losses that a program finds, whatever it costs.
    fn least_loss(&self) -> Result<Vec<f64>, RemedyError> {
        let goal = if self.problem.targets.iter().all(|b| b.most > 0.0) {
            Goal::Share
        } else {
            Goal::Loss {
                budget: f64::INFINITY,
            }
        };
        self.smallest(goal).map(|(amounts, _)| amounts)
    }

    /// The plan with the smallest objective of a goal about losses, and a bound for every plan on offer. The weekly
    /// program is asked only where the two linear estimates leave something open between the best plan and the bound.
    pub fn smallest(&self, goal: Goal) -> Result<(Vec<f64>, f64), RemedyError> {
        let loss = |amounts: &[f64]| self.objective(goal, &self.evaluate(amounts).measures);
        let affordable = |amounts: &[f64]| match goal {
            Goal::Loss { budget } => self.cost(amounts) <= budget * (1.0 + 1e-9) + 1e-9,
            _ => true,
        };
        // Without a program that finds one: nothing, and everything on offer, sources of a node scaled to all of it.
        let mut plans = vec![vec![0.0; self.problem.choices.len()], self.everything()];
        if self.problem.kind() == Some(Over::Horizon)
            && let Said::Answer(over) = self.solve(Rule::Sum, goal)?
        {
            plans.push(over.amounts);
        }
        let mut bound: f64 = 0.0;
        if let Said::Answer(under) = self.solve(Rule::Max, goal)? {
            bound = under.bound;
            plans.push(under.amounts);
        }
        let mut found: Vec<(f64, f64, Vec<f64>)> = plans
            .into_iter()
            .filter(|amounts| affordable(amounts))
            .map(|amounts| (loss(&amounts), self.cost(&amounts), amounts))
            .collect();
        let open = found.iter().all(|(loss, ..)| *loss > bound + SLACK);
        if open {
            bound = bound.max(match self.solve(Rule::Weekly, goal)? {
                Said::Answer(weekly) => {
                    let amounts = weekly.amounts;
                    if affordable(&amounts) {
                        found.push((loss(&amounts), self.cost(&amounts), amounts));
                    }
                    weekly.bound
                }
                Said::Infeasible => 0.0,
                Said::Nothing { bound } | Said::TooLarge { bound } => bound,
            });
        }
        let best = found.into_iter().min_by(|a, b| {
            let near = (a.0 - b.0).abs() <= SLACK;
            if near {
                a.1.total_cmp(&b.1)
            } else {
                a.0.total_cmp(&b.0)
            }
        });
        let (_, _, amounts) = best.expect("invariant: nothing is always affordable");
        Ok((amounts, bound.max(0.0)))
    }

    /// What a goal about losses looks at.
    pub fn objective(&self, goal: Goal, measures: &[f64]) -> f64 {
        match goal {
            Goal::Only { bound } => measures[bound],
            Goal::Share => {
                let pairs = measures.iter().zip(&self.problem.targets);
                pairs.map(|(m, b)| m / b.most).fold(0.0, f64::max)
            }
            Goal::Loss { .. } | Goal::Cost | Goal::CostWithin { .. } => {
                measures.iter().copied().fold(0.0, f64::max)
            }
        }
    }

    fn everything(&self) -> Vec<f64> {
        let choices = &self.problem.choices;
        choices
            .iter()
            .map(|choice| {
                if choice.country.is_none() {
                    return choice.most;
                }
                let rivals = choices
                    .iter()
                    .filter(|c| c.country.is_some() && c.node == choice.node);
                choice.most / rivals.map(|c| c.most).sum::<f64>().max(1.0)
            })
            .collect()
    }

    /// Which bounds cannot be kept, each with the smallest loss found for it alone.
    fn unreachable(&self, together: &[f64]) -> Result<Vec<Unreachable>, RemedyError> {
        let jointly = self.evaluate(together);
        let mut found = Vec::new();
        for (at, bound) in self.problem.targets.iter().enumerate() {
            if jointly.measures[at] <= bound.most + SLACK {
                continue;
            }
            let (alone, at_least) = self.smallest(Goal::Only { bound: at })?;
            let reached = self.evaluate(&alone);
            let worst = (reached.losses.iter())
                .filter(|loss| loss.bound == at)
                .max_by(|a, b| a.worst(bound.over).total_cmp(&b.worst(bound.over)));
            let smallest = reached.measures[at].min(jointly.measures[at]);
            found.push(Unreachable {
                target: bound.node.clone(),
                over: bound.over,
                bound: bound.most,
                smallest,
                at_least: at_least.min(smallest),
                scenario: worst.map_or_else(String::new, |loss| loss.scenario.clone()),
            });
        }
        Ok(found)
    }
}

/// Amounts without the solver's dust.
fn amounts(built: &Built, problem: &Problem, solved: &Solved) -> Vec<f64> {
    built
        .amounts
        .iter()
        .zip(&built.switches)
        .zip(&problem.choices)
        .map(|((column, switch), choice)| {
            let off = switch.is_some_and(|switch| solved.values[switch] < 0.5);
            let amount = solved.values[*column].clamp(0.0, choice.most);
            if off || amount < 1e-9 { 0.0 } else { amount }
        })
        .collect()
}

pub(crate) fn cost_at(costs: &[(f64, f64)], amounts: &[f64]) -> f64 {
    let bought = costs
        .iter()
        .zip(amounts)
        .filter(|(_, amount)| **amount > 0.0);
    bought
        .map(|((fixed, per_unit), amount)| fixed + per_unit * amount)
        .fold(0.0, |sum, cost| sum + cost)
}

/// Cost of the amounts with its range.
pub(crate) fn cost_of(choices: &[Choice], amounts: &[f64]) -> Estimate {
    let at = |pick: fn(&Estimate) -> f64| {
        let costs: Vec<(f64, f64)> = choices
            .iter()
            .map(|c| (pick(&c.fixed), pick(&c.per_unit)))
            .collect();
        cost_at(&costs, amounts)
    };
    Estimate::spanning(
        at(|e| e.value),
        at(|e| e.low),
        at(|e| e.high),
        Basis::Assumed,
    )
}

pub(crate) fn keeps(problem: &Problem, measures: &[f64], slack: f64) -> bool {
    let pairs = measures.iter().zip(&problem.targets);
    pairs.into_iter().all(|(m, bound)| *m <= bound.most + slack)
}
