//! A plan in a moment, with its certificate: the linear relaxation bounds it, a greedy search fills it.
//!
//! Starts enter in the order of the relaxation's values, then by worth, then by worth per money, where no rule is broken upwards; rounds go on
//! until nothing enters, so that what has to wait for another finds its place. Then each project in turn is taken out and the rest filled again,
//! as long as that gains. Where the gap is still above `accept`, branch and bound goes on from there. For draws by the thousand.

use super::plan::{Plan, PlanParams, Prepared, Unsolved};
use super::problem::Problem;
use crate::solver::{Col, Ended, Outcome, Program, Solved};

/// The plan, not necessarily the best: at most `accept` of its worth below the bound, or what the limits of `params` allow.
pub fn quick(problem: &Problem, params: &PlanParams, accept: f64) -> Result<Plan, Unsolved> {
    let prepared = Prepared::new(problem, params)?;
    let program = &prepared.model.program;
    let starts = prepared.model.starts.iter().flatten().count();
    // Money carried over, bonuses and tails have columns of their own, which a greedy search does not see.
    if starts == program.objective.len()
        && let Outcome::Solved(relaxed) = program.relaxed().maximise(&params.limits, None)
        && let Some(values) = filled(program, &relaxed.values)
    {
        let found = Solved {
            value: program.value_of(&values),
            bound: relaxed.bound.max(relaxed.value),
            values,
            ended: Ended::Work,
            duals: Vec::new(),
            reduced: Vec::new(),
        };
        if found.bound - found.value <= accept * found.value.abs() {
            return Ok(prepared.plan(&found, params));
        }
        let again = program.maximise(&params.limits, Some(&found.values));
        return Ok(match again {
            Outcome::Solved(solved) if solved.value >= found.value => {
                prepared.plan(&solved, params)
            }
            _ => prepared.plan(&found, params),
        });
    }
    let solved = prepared.solve(params)?;
    Ok(prepared.plan(&solved, params))
}

/// The best of the greedy choices that keep every rule.
fn filled(program: &Program, relaxed: &[f64]) -> Option<Vec<f64>> {
    let mut rows_of: Vec<Vec<(usize, f64)>> = vec![Vec::new(); relaxed.len()];
    for (r, row) in program.rows.iter().enumerate() {
        for (Col(c), factor) in &row.terms {
            rows_of[*c].push((r, *factor));
        }
    }
    let weight = |c: usize| {
        let used = rows_of[c].iter().filter(|(_, f)| *f > 0.0);
        let used: f64 = used
            .map(|(r, f)| f / program.rows[*r].high.clamp(1e-9, 1e9))
            .sum();
        program.objective[c] / used.max(1e-9)
    };
    let keys: [Vec<f64>; 3] = [
        (0..relaxed.len())
            .map(|c| relaxed[c] + 1e-6 * program.objective[c])
            .collect(),
        program.objective.clone(),
        (0..relaxed.len()).map(weight).collect(),
    ];
    let orders = keys.map(|key| {
        let mut order: Vec<usize> = (0..key.len())
            .filter(|c| program.bounds[*c].1 > 0.5)
            .collect();
        order.sort_by(|a, b| key[*b].total_cmp(&key[*a]).then(a.cmp(b)));
        order
    });
    let search = Search { program, rows_of };
    let mut best: Option<(f64, Vec<f64>)> = None;
    for order in &orders {
        let mut own = search.fill(order, vec![0.0; relaxed.len()], None);
        let mut worth = search.worth(&own);
        let mut gains = true;
        while gains {
            gains = false;
            for out in (0..own.len()).filter(|c| own[*c] > 0.5).collect::<Vec<_>>() {
                for refill in &orders {
                    let mut left = own.clone();
                    left[out] = 0.0;
                    let next = search.fill(refill, left, Some(out));
                    let next_worth = search.worth(&next);
                    if next_worth > worth + 1e-9 {
                        (own, worth, gains) = (next, next_worth, true);
                        break;
                    }
                }
                if gains {
                    break;
                }
            }
        }
        if worth.is_finite() && best.as_ref().is_none_or(|(most, _)| worth > *most) {
            best = Some((worth, own));
        }
    }
    best.map(|(_, values)| values)
}

struct Search<'a> {
    program: &'a Program,
    rows_of: Vec<Vec<(usize, f64)>>,
}

impl Search<'_> {
    /// Adds what breaks no upper side, in rounds until nothing enters.
    fn fill(&self, order: &[usize], mut values: Vec<f64>, barred: Option<usize>) -> Vec<f64> {
        let mut sides = self.sides(&values);
        loop {
            let mut entered = false;
            for c in order.iter().copied() {
                if values[c] > 0.5 || Some(c) == barred {
                    continue;
                }
                let fits = |(r, factor): &(usize, f64)| {
                    let high = self.program.rows[*r].high;
                    *factor <= 0.0 || sides[*r] + factor <= high + 1e-9 * high.abs().max(1.0)
                };
                if self.rows_of[c].iter().all(fits) {
                    values[c] = 1.0;
                    for (r, factor) in &self.rows_of[c] {
                        sides[*r] += factor;
                    }
                    entered = true;
                }
            }
            if !entered {
                return values;
            }
        }
    }

    fn sides(&self, values: &[f64]) -> Vec<f64> {
        let rows = self.program.rows.iter();
        rows.map(|row| row.terms.iter().map(|(c, f)| f * values[c.0]).sum())
            .collect()
    }

    /// What a choice is worth; minus infinity where it breaks a rule.
    fn worth(&self, values: &[f64]) -> f64 {
        let kept = self.program.rows.iter().zip(self.sides(values));
        let slack = |side: f64| 1e-9 * side.abs().max(1.0);
        let keeps = kept.into_iter().all(|(row, side)| {
            side <= row.high + slack(row.high) && side >= row.low - slack(row.low)
        });
        let fixed = (self.program.bounds.iter().zip(values)).all(|((low, _), x)| x >= low);
        if keeps && fixed {
            self.program.value_of(values)
        } else {
            f64::NEG_INFINITY
        }
    }
}
