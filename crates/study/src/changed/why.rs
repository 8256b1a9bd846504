//! Why each placement came or went, and what each new rule costs: the later run's question asked again.

use evidence::Evidence;
use layout::regions::{Assignment, Because, Rule, SolveParams, Sway, Sways, differing, sways};
use model::{Estimate, Industry, Message, Names, Quantity};

use super::{Placement, RuleChange, RuleKind};
use crate::engine::run::Run;
use crate::steps::regions;

/// Asks the later run's question again; where it has no answer, nothing is known of the reasons.
pub(super) fn why(
    to: &Run,
    evidence: &Evidence,
    names: &Names,
    before: &Assignment,
    after: &Assignment,
    rules: &[RuleChange],
) -> Sways {
    let set: Vec<Rule> = rules.iter().filter(|r| r.set).map(rule_of).collect();
    let instance = regions::question(to, evidence, names);
    let asked = instance
        .and_then(|instance| sways(&instance, before, after, &set, &SolveParams::default()).ok());
    asked.unwrap_or_else(|| Sways {
        pairs: (differing(before, after).into_iter())
            .map(|(cluster, industry, came)| Sway {
                cluster,
                industry,
                came,
                because: Because::NotAnswered,
            })
            .collect(),
        gains: Vec::new(),
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

pub(super) fn rule_of(change: &RuleChange) -> Rule {
    let (cluster, industry) = (change.cluster.clone(), change.industry.clone());
    match change.kind {
        RuleKind::Lock => Rule::Commitment { cluster, industry },
        RuleKind::Veto => Rule::Veto { cluster, industry },
    }
}

/// A price below what the solver tells apart is none.
pub(super) fn without_noise(price: &Quantity) -> Quantity {
    const NOISE: f64 = 1e-6;
    let snapped = |x: f64| if x.abs() < NOISE { 0.0 } else { x };
    match price {
        Quantity::Estimated(e) => Quantity::Estimated(Estimate {
            low: snapped(e.low),
            value: snapped(e.value),
            high: snapped(e.high),
            ..*e
        }),
        Quantity::NotEstimated(_) => price.clone(),
    }
}
