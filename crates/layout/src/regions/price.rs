//! What a kind of rule costs: the optimum without it minus the optimum with it.
//!
//! Both optima lie between objective and bound, so with z, Z of the plan and y, Y without the family the
//! gain lies in `[max(0, y - Z), Y - z]` and its value is y - z. That is what the solver leaves open; what the ranges of
//! suitability leave open is [`given_up`] between the two layouts.

use std::collections::{BTreeMap, BTreeSet};

use model::{Basis, Estimate, Industry, Message, Quantity};

use super::instance::{Instance, Link};
use super::rule::RuleFamily;
use super::solve::{
    Assignment, Found, SolveParams, Unsolved, assignment, exact_program, optimum, solve,
};
use super::sway::differing;

#[derive(Debug, Clone, PartialEq)]
pub struct RulePrice {
    pub family: RuleFamily,
    /// How many rules of this family the instance has.
    pub rules: usize,
    /// Gain in the objective if all rules of the family were lifted, as far as the solver tells it.
    pub gain: Quantity,
    /// The best layout that was found without them.
    pub without: Option<Assignment>,
}

/// What `after` gives up beside `before`, with the ranges of suitability and of links; negative where it gains. `None`
/// where a placement that only one of them has is without evidence.
///
/// ```text
/// Σ_{left} w s - Σ_{entered} w s + links before - links after
/// ```
///
/// w: weight of the industry, s: suitability of the cluster for it. Placements in both cancel, so that the range is that of
/// the change and not of two objectives: what left as weak and what entered as strong as its range allows, and the other way
/// round. Links are one assumption: all are worth little together, or all much.
pub fn given_up(instance: &Instance, before: &Assignment, after: &Assignment) -> Option<Estimate> {
    let weights: BTreeMap<_, f64> = (instance.industries.iter())
        .map(|spec| (&spec.industry, spec.weight))
        .collect();
    let [mut low, mut value, mut high] = [0.0; 3];
    for (cluster, industry, came) in differing(before, after) {
        let weight = weights.get(&industry)?;
        let worth = instance.suitability.get(&(cluster, industry))?;
        let worth = worth.map_increasing(|s| weight * s);
        if came {
            value -= worth.value;
            low -= worth.high;
            high -= worth.low;
        } else {
            value += worth.value;
            low += worth.low;
            high += worth.high;
        }
    }
    let (was, is) = (earned(instance, before), earned(instance, after));
    let [least, central, most] = [0, 1, 2].map(|at| was[at] - is[at]);
    Some(Estimate::spanning(
        value + central,
        low + least.min(most),
        high + least.max(most),
        Basis::Derived,
    ))
}

/// What the links of a layout are worth at least, in the plan and at most: each once in a circle that hosts both ends.
fn earned(instance: &Instance, layout: &Assignment) -> [f64; 3] {
    let regions = instance.regions();
    let mut present: BTreeMap<_, BTreeSet<&Industry>> = BTreeMap::new();
    for (cluster, hosted) in layout {
        let circle = (regions.get(cluster), instance.circles.get(cluster));
        present.entry(circle).or_default().extend(hosted);
    }
    let mut sum = [0.0; 3];
    for here in present.values() {
        let hosted = |link: &&Link| here.contains(&link.from) && here.contains(&link.to);
        for link in instance.links.iter().filter(hosted) {
            let [low, high] = link.range.unwrap_or([link.weight; 2]);
            for (sum, part) in sum.iter_mut().zip([low, link.weight, high]) {
                *sum += part;
            }
        }
    }
    sum
}

/// The price of every family of rules that the instance has. Missing evidence is no rule and has no price.
pub fn price_of_rules(
    instance: &Instance,
    params: &SolveParams,
) -> Result<Vec<RulePrice>, Unsolved> {
    let plan = solve(instance, params)?;
    let program = exact_program(instance, params)?;
    let (z, z_bound) = (plan.objective.value, plan.bound);
    let mut families: Vec<RuleFamily> = program.rules.iter().map(super::Rule::family).collect();
    families.sort_unstable();
    families.dedup();
    Ok(families
        .into_iter()
        .map(|family| {
            let kept = |rule: &super::Rule| rule.family() != family;
            let (gain, without) = match optimum(&program, &program.tie, &[], kept, params) {
                Found::Optimum(free) => {
                    let high = (free.bound - z).max(0.0);
                    let value = (free.objective - z).clamp(0.0, high);
                    let low = (free.objective - z_bound).clamp(0.0, value);
                    let basis = plan.objective.basis.and(Basis::Derived);
                    let gain = Estimate::spanning(value, low, high, basis).into();
                    (gain, Some(assignment(&program, &free.chosen)))
                }
                Found::Infeasible | Found::Stopped => {
                    let stopped = Message::new("regions.stopped");
                    (Quantity::not_estimated(stopped), None)
                }
            };
            RulePrice {
                family,
                rules: program
                    .rules
                    .iter()
                    .filter(|r| r.family() == family)
                    .count(),
                gain,
                without,
            }
        })
        .collect())
}
