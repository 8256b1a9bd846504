//! What a kind of rule costs in a coupled layout: the question is asked again without it.
//!
//! Optima lie between objective and bound, so with z, Z of the plan and y, Y of the question without the rules the
//! gain lies in `[max(0, y - Z), Y - z]`. Where that begins at 0 no cost is proved.

use std::collections::BTreeSet;

use model::{Basis, Estimate, Quantity};

use super::search::{Certified, CertifyParams, certified};
use crate::regions::instance::{Instance, RegionalCap};
use crate::regions::price::RulePrice;
use crate::regions::program::program;
use crate::regions::rule::{Rule, RuleFamily};
use crate::regions::solve::Unsolved;

/// The price of every family of rules that the question has, each by a search of its own.
pub fn coupled_price_of_rules(
    instance: &Instance,
    plan: &Certified,
    params: &CertifyParams,
) -> Result<Vec<RulePrice>, Unsolved> {
    let rules = program(instance).rules;
    let families: BTreeSet<RuleFamily> = rules.iter().map(Rule::family).collect();
    families
        .into_iter()
        .map(|family| {
            let free = certified(&without(instance, family), params)?;
            let high = (free.bound - plan.objective).max(0.0);
            let value = (free.objective - plan.objective).clamp(0.0, high);
            let low = (free.objective - plan.bound).clamp(0.0, value);
            Ok(RulePrice {
                family,
                rules: rules.iter().filter(|r| r.family() == family).count(),
                gain: Quantity::from(Estimate::spanning(value, low, high, Basis::Derived)),
                without: Some(free.assignment),
            })
        })
        .collect()
}

/// The question without a family of rules.
fn without(instance: &Instance, family: RuleFamily) -> Instance {
    let mut free = instance.clone();
    let industries = free.industries.len();
    match family {
        RuleFamily::ClusterMin => free.clusters.iter_mut().for_each(|c| c.min = 0),
        RuleFamily::ClusterMax => free.clusters.iter_mut().for_each(|c| c.max = industries),
        RuleFamily::Floors => free.industries.iter_mut().for_each(|i| i.floor = 0),
        RuleFamily::Caps => free.industries.iter_mut().for_each(|i| i.cap = None),
        RuleFamily::RegionalCaps => free.regional_cap = RegionalCap::default(),
        RuleFamily::Vetoes => free.vetoes.clear(),
        RuleFamily::Commitments => free.commitments.clear(),
        RuleFamily::LeastSuitability => free.least = None,
        RuleFamily::Resources => free.resources.clear(),
        RuleFamily::NextDoor => free.next_door.clear(),
        RuleFamily::Leads => free.leads.clear(),
    }
    free
}
