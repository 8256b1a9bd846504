//! Which new activities raise a location's complexity to a target at least effort (Stojkoski and Hidalgo, 2026).
//!
//! ```text
//! min Σ_a W_a x_a    s.t.  mean of PCI over the portfolio and the chosen ≥ target,   x binary
//!                    ⇔     Σ_a (PCI_a - target) x_a ≥ Σ_held (target - PCI_a) = deficit
//! ```
//!
//! Candidates are not held, have a known PCI above the target (others cannot help) and a known effort; an effort below 0
//! counts as 0. A minimum knapsack cover, solved exactly by [`cover`](super::cover) with bound and gap.

use model::{Message, Refusal};

use super::cover::cover;
use super::{StrategyError, check, length};

/// What is to be reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// A mean PCI of the portfolio.
    Eci(f64),
    /// An increase over the portfolio's mean, in the units of PCI.
    Increase(f64),
}

/// A location's problem; all slices are as long as there are activities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EciProblem<'a> {
    /// What the location has (or will have without policy).
    pub portfolio: &'a [bool],
    /// `NaN` unknown.
    pub pci: &'a [f64],
    /// `NaN` where an entry is not possible or its effort unknown.
    pub effort: &'a [f64],
    pub target: Target,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptimiseParams {
    /// States the search may look at before it stops with a gap.
    pub state_limit: usize,
}

impl Default for OptimiseParams {
    fn default() -> Self {
        Self {
            state_limit: 20_000_000,
        }
    }
}

/// The least effort found.
#[derive(Debug, Clone, PartialEq)]
pub struct EciPlan {
    /// Activities to enter, ascending; empty where the target is met already.
    pub chosen: Vec<usize>,
    /// Σ effort of the chosen (efforts below 0 as 0).
    pub effort: f64,
    /// No choice takes less; equal to `effort` when proven.
    pub lower_bound: f64,
    /// (effort - lower bound) / effort.
    pub gap: f64,
    pub eci_before: f64,
    pub eci_target: f64,
    pub eci_after: f64,
    pub candidates: usize,
}

/// Errors where the numbers do not fit; `Ok(Err(refusal))` where the portfolio is empty or no choice reaches the target: the
/// refusal names the largest ECI that can be reached.
pub fn optimise(
    problem: &EciProblem,
    params: OptimiseParams,
) -> Result<Result<EciPlan, Box<Refusal>>, StrategyError> {
    let EciProblem {
        portfolio,
        pci,
        effort,
        target,
    } = *problem;
    length("pci", pci.len(), portfolio.len())?;
    length("effort", effort.len(), portfolio.len())?;
    let (Target::Eci(number) | Target::Increase(number)) = target;
    check(number.is_finite(), "target", "a finite number")?;

    let held: Vec<f64> = (0..pci.len())
        .filter(|a| portfolio[*a] && pci[*a].is_finite())
        .map(|a| pci[a])
        .collect();
    if held.is_empty() {
        return Ok(Err(refuse(
            "strategy.eci.empty",
            Message::new("strategy.eci.empty.reason"),
            Message::new("strategy.eci.empty.needed"),
        )));
    }
    let sum: f64 = held.iter().sum();
    let eci_before = sum / held.len() as f64;
    let goal = match target {
        Target::Eci(eci) => eci,
        Target::Increase(delta) => eci_before + delta,
    };
    let deficit: f64 = held.iter().map(|p| goal - p).sum();
    let possible = |a: &usize| !portfolio[*a] && pci[*a].is_finite() && effort[*a].is_finite();
    let after = |chosen: &[usize]| {
        (sum + chosen.iter().map(|a| pci[*a]).sum::<f64>()) / (held.len() + chosen.len()) as f64
    };
    let candidates: Vec<usize> = (0..pci.len())
        .filter(|a| possible(a) && pci[*a] > goal)
        .collect();
    let plan = |chosen: Vec<usize>, cost: f64, lower_bound: f64, gap: f64| EciPlan {
        eci_after: after(&chosen),
        chosen,
        effort: cost,
        lower_bound,
        gap,
        eci_before,
        eci_target: goal,
        candidates: candidates.len(),
    };
    if deficit <= 0.0 {
        return Ok(Ok(plan(Vec::new(), 0.0, 0.0, 0.0)));
    }
    let costs: Vec<f64> = candidates.iter().map(|a| effort[*a].max(0.0)).collect();
    let yields: Vec<f64> = candidates.iter().map(|a| pci[*a] - goal).collect();
    let Some(found) = cover(&costs, &yields, deficit, params.state_limit) else {
        return Ok(Err(refuse(
            "strategy.eci.unreachable",
            Message::new("strategy.eci.unreachable.reason")
                .with("target", goal)
                .with("most", largest_reachable(sum, held.len(), pci, possible)),
            Message::new("strategy.eci.unreachable.needed"),
        )));
    };
    let gap = found.gap();
    let chosen: Vec<usize> = found.chosen.iter().map(|i| candidates[*i]).collect();
    Ok(Ok(plan(chosen, found.cost, found.lower_bound, gap)))
}

/// The largest mean: the best candidates are added while they lie above it.
fn largest_reachable(
    mut sum: f64,
    held: usize,
    pci: &[f64],
    possible: impl Fn(&usize) -> bool,
) -> f64 {
    let mut count = held as f64;
    let mut best: Vec<f64> = (0..pci.len()).filter(possible).map(|a| pci[a]).collect();
    best.sort_unstable_by(|a, b| b.total_cmp(a));
    for p in best {
        if p <= sum / count {
            break;
        }
        sum += p;
        count += 1.0;
    }
    sum / count
}

fn refuse(code: &str, reason: Message, needed: Message) -> Box<Refusal> {
    Box::new(Refusal {
        code: code.to_owned(),
        question: Message::new("strategy.eci.question"),
        reason,
        needed,
    })
}

#[cfg(test)]
mod tests {
    use model::Arg;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_entry_is_cheaper_than_two_by_hand() {
        // Held: PCI 0, 0. Target 0.5: deficit 1. Candidates yield 0.5, 0.5, 1.5 at 2, 2, 3.
        let problem = EciProblem {
            portfolio: &[true, true, false, false, false, false],
            pci: &[0.0, 0.0, 1.0, 1.0, 2.0, 9.0],
            effort: &[f64::NAN, f64::NAN, 2.0, 2.0, 3.0, f64::NAN],
            target: Target::Increase(0.5),
        };
        let plan = optimise(&problem, OptimiseParams::default())
            .expect("fits")
            .expect("reachable");
        assert_eq!(plan.chosen, [4]);
        assert!((plan.eci_after - 2.0 / 3.0).abs() < 1e-15 && plan.gap == 0.0);
        let refusal = optimise(
            &EciProblem {
                target: Target::Eci(1.2),
                ..problem
            },
            OptimiseParams::default(),
        )
        .expect("fits")
        .expect_err("out of reach");
        // (0 + 0 + 2 + 1 + 1)/5.
        assert_eq!(refusal.reason.args["most"], Arg::Number(0.8));
    }

    proptest! {
        #[test]
        fn no_other_choice_is_cheaper(
            cells in proptest::collection::vec((any::<bool>(), -2.0f64..2.0, -1.0f64..5.0), 3..13), delta in 0.01f64..0.8
        ) {
            let portfolio: Vec<bool> = cells.iter().map(|c| c.0).collect();
            let pci: Vec<f64> = cells.iter().map(|c| c.1).collect();
            let effort: Vec<f64> = cells.iter().map(|c| c.2).collect();
            let problem = EciProblem { portfolio: &portfolio, pci: &pci, effort: &effort, target: Target::Increase(delta) };
            prop_assume!(portfolio.contains(&true));
            // Brute force on the original, not linearised, question, over every absent activity.
            let free: Vec<usize> = (0..pci.len()).filter(|a| !portfolio[*a]).collect();
            let held: Vec<f64> = (0..pci.len()).filter(|a| portfolio[*a]).map(|a| pci[a]).collect();
            let before = held.iter().sum::<f64>() / held.len() as f64;
            let best = (0u32..1 << free.len()).filter_map(|set| {
                let chosen: Vec<usize> = (0..free.len()).filter(|i| set >> i & 1 == 1).map(|i| free[i]).collect();
                let mean = (held.iter().sum::<f64>() + chosen.iter().map(|a| pci[*a]).sum::<f64>()) / (held.len() + chosen.len()) as f64;
                (mean >= before + delta - 1e-12).then(|| chosen.iter().map(|a| effort[*a].max(0.0)).sum::<f64>())
            }).min_by(f64::total_cmp);
            match (optimise(&problem, OptimiseParams::default()).expect("fits"), best) {
                (Ok(plan), Some(best)) => {
                    prop_assert!((plan.effort - best).abs() < 1e-9, "{} {}", plan.effort, best);
                    prop_assert!(plan.eci_after >= plan.eci_target - 1e-9);
                }
                (Err(_), None) => {}
                (found, best) => prop_assert!(false, "{:?} {:?}", found, best),
            }
        }
    }
}
