//! What a kind of rule costs: the optimum without it minus the optimum with it.
//!
//! Both optima lie between objective and bound, so with z, Z of the plan and y, Y without the family the
//! gain lies in `[max(0, y - Z), Y - z]` and its value is y - z.

use model::{Basis, Estimate, Message, Quantity};

use super::instance::Instance;
use super::rule::RuleFamily;
use super::solve::{Found, SolveParams, Unsolved, exact_program, optimum, solve};

#[derive(Debug, Clone, PartialEq)]
pub struct RulePrice {
    pub family: RuleFamily,
    /// How many rules of this family the instance has.
    pub rules: usize,
    /// Gain in the objective if all rules of the family were lifted.
    pub gain: Quantity,
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
            let gain = match optimum(&program, &program.tie, &[], kept, params) {
                Found::Optimum(free) => {
                    let high = (free.bound - z).max(0.0);
                    let value = (free.objective - z).clamp(0.0, high);
                    let low = (free.objective - z_bound).clamp(0.0, value);
                    let basis = plan.objective.basis.and(Basis::Derived);
                    Estimate::spanning(value, low, high, basis).into()
                }
                Found::Infeasible | Found::Stopped => {
                    Quantity::not_estimated(Message::new("regions.stopped"))
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
            }
        })
        .collect())
}
