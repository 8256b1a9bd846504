//! Why each placement came or went, and what each new rule costs: the later run's question asked again.

use layout::regions::{
    Assignment, Because, Instance, Rule, SolveParams, Sway, Sways, differing, given_up, sways,
};
use model::{Basis, Estimate, Industry, Message, Quantity};

use super::{Costs, Placement, RuleChange, RuleKind, layout_of};
use crate::engine::output::quantity;
use crate::engine::run::Run;
use crate::steps::regions_price::ranged;

/// Asks the later run's question again; where it has no answer, nothing is known of the reasons.
pub(super) fn why(
    instance: Option<&Instance>,
    before: &Assignment,
    after: &Assignment,
    rules: &[RuleChange],
) -> Sways {
    let set: Vec<Rule> = rules.iter().filter(|r| r.set).map(rule_of).collect();
    let asked = instance
        .and_then(|instance| sways(instance, before, after, &set, &SolveParams::default()).ok());
    asked.unwrap_or_else(|| Sways {
        pairs: (differing(before, after).into_iter())
            .map(|(cluster, industry, came)| Sway {
                cluster,
                industry,
                came,
                because: Because::NotAnswered,
            })
            .collect(),
        lifted: Vec::new(),
    })
}

pub(super) fn placement(sway: Sway, rules: &[RuleChange]) -> Placement {
    let of_pair = rules
        .iter()
        .find(|rule| rule.cluster == sway.cluster && rule.industry == sway.industry);
    let lifted = of_pair.filter(|rule| !rule.set);
    // A lock that was lifted let the placement go, a veto let it come.
    let let_go = lifted.filter(|rule| (rule.kind == RuleKind::Veto) == sway.came);
    let why = match (let_go, &sway.because) {
        (Some(rule), _) => Message::new(match rule.kind {
            RuleKind::Lock => "changed.why.lock_lifted",
            RuleKind::Veto => "changed.why.veto_lifted",
        }),
        (None, Because::Asked(Rule::Veto { .. })) => Message::new("changed.why.veto"),
        (None, Because::Asked(_)) => Message::new("changed.why.lock"),
        (None, Because::Rules(rules)) => {
            const SHOWN: usize = 4;
            let shown: Vec<Message> = rules.iter().take(SHOWN).map(Rule::message).collect();
            let id = if shown.len() > 1 {
                "changed.why.rules"
            } else {
                "changed.why.rule"
            };
            Message::new(id).with("rules", Message::joined(&shown))
        }
        (None, Because::Links(industries)) => {
            let industries: Vec<_> = industries.iter().map(Industry::entity).collect();
            Message::new("changed.why.links").with("industries", industries)
        }
        (None, Because::Equal) => Message::new("changed.why.equal"),
        (None, Because::NoCandidate) => Message::new("changed.why.no_candidate"),
        (None, Because::Whole) => Message::new("changed.why.whole"),
        (None, Because::NotAnswered) => Message::new("changed.why.not_answered"),
    };
    Placement {
        asked: of_pair.is_some(),
        cluster: sway.cluster,
        industry: sway.industry,
        came: sway.came,
        why,
    }
}

fn rule_of(change: &RuleChange) -> Rule {
    let (cluster, industry) = (change.cluster.clone(), change.industry.clone());
    match change.kind {
        RuleKind::Lock => Rule::Commitment { cluster, industry },
        RuleKind::Veto => Rule::Veto { cluster, industry },
    }
}

/// What each rule that was set gives up.
pub(super) fn prices(
    rules: &mut [RuleChange],
    found: &Sways,
    from: &Run,
    instance: &Instance,
    after: &Assignment,
) {
    for rule in rules.iter_mut().filter(|rule| rule.set) {
        let asked = rule_of(rule);
        let lifted = found.lifted.iter().find(|lifted| lifted.rule == asked);
        rule.costs = lifted.map(|lifted| {
            let spread =
                (lifted.without.as_ref()).and_then(|without| given_up(instance, without, after));
            Costs {
                alone: alone(rule, from),
                beside: ranged(lifted.gain.clone(), spread),
            }
        });
    }
}

/// The price of a rule beside the plan before: the reasons of that run hold it, and a rule that its plan keeps has none.
fn alone(rule: &RuleChange, from: &Run) -> Quantity {
    let placed =
        (layout_of(from).get(&rule.cluster)).is_some_and(|hosted| hosted.contains(&rule.industry));
    let (question, kept) = match rule.kind {
        RuleKind::Lock => ("why_not_that", placed),
        RuleKind::Veto => ("why_this", !placed),
    };
    if kept {
        return Estimate::exact(0.0, Basis::Derived).into();
    }
    let key = format!("{}/{question}/{}", rule.cluster, rule.industry);
    let table = from.table("layout.reasons");
    let cost = table.and_then(|table| quantity(table, table.row(&key)?, "cost"));
    cost.unwrap_or_else(|| Quantity::not_estimated(Message::new("changed.no_reason")))
}
