//! Which rule makes a placement differ between two layouts.
//!
//! The question of the later layout is solved again without one rule. A placement that then stands as it did in the
//! earlier layout is *swayed* by that rule: it alone makes the difference. Asked are the rules that the two questions
//! differ in (new commitments and vetoes), and the rules that the placement itself falls under. Among equally good
//! answers the one that keeps the most of the earlier layout is taken, so that a difference which no rule asks for is
//! seen as one.

use std::collections::{BTreeMap, BTreeSet};

use model::{Basis, Cluster, Estimate, Industry, Message, Quantity};
use rayon::prelude::*;

use super::explain::{positions, staying};
use super::instance::Instance;
use super::program::{Bonus, Program};
use super::rule::Rule;
use super::solve::{
    Assignment, Found, Optimum, SolveParams, Unsolved, assignment, exact_program, optimum,
};

/// A placement that only one of two layouts has, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Sway {
    pub cluster: Cluster,
    pub industry: Industry,
    /// It is in the later layout; otherwise it was in the earlier one.
    pub came: bool,
    pub because: Because,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Because {
    /// A new rule speaks of this very pair.
    Asked(Rule),
    /// Without any one of these rules it stands as before. The new ones come first.
    Rules(Vec<Rule>),
    /// Without its links to these industries it stands as before.
    Links(Vec<Industry>),
    /// An equally good layout has it as before.
    Equal,
    /// The pair is none of the later question: its industry is not laid out, or there is no evidence.
    NoCandidate,
    /// No rule alone: it follows from the best layout as a whole.
    Whole,
    /// The limits ended a search before an answer.
    NotAnswered,
}

/// Why two layouts differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Sways {
    pub pairs: Vec<Sway>,
    /// Each new rule, lifted while the others are kept.
    pub lifted: Vec<Lifted>,
}

/// A rule that is lifted.
#[derive(Debug, Clone, PartialEq)]
pub struct Lifted {
    pub rule: Rule,
    /// What the plan would gain, as far as the solver tells it.
    pub gain: Quantity,
    /// The best layout that was found without it.
    pub without: Option<Assignment>,
}

/// Why `after`, a best layout of `instance`, differs from `before`; `asked` are the rules that the earlier question did
/// not have.
pub fn sways(
    instance: &Instance,
    before: &Assignment,
    after: &Assignment,
    asked: &[Rule],
    params: &SolveParams,
) -> Result<Sways, Unsolved> {
    let program = exact_program(instance, params)?;
    let (was, now) = (positions(&program, before), positions(&program, after));
    let tie = staying(&program, &was);
    let differing: Vec<usize> = was.symmetric_difference(&now).copied().collect();
    let solve = |program: &Program, without: Option<&Rule>| {
        optimum(program, &tie, &[], |rule| Some(rule) != without, params)
    };
    let whole = solve(&program, None);
    let new: Vec<&Rule> = (program.rules.iter())
        .filter(|rule| asked.contains(rule))
        .collect();
    let own: BTreeMap<usize, Vec<&Rule>> = differing
        .iter()
        .map(|k| (*k, rules_of(&program, *k)))
        .collect();
    let tried: BTreeSet<&Rule> = new.iter().chain(own.values().flatten()).copied().collect();
    let without: BTreeMap<&Rule, Found> = tried
        .into_par_iter()
        .map(|rule| (rule, solve(&program, Some(rule))))
        .collect();
    let pairs = differing.par_iter().map(|k| {
        let (cluster, industry) = program.pair(*k);
        let fixing = new.iter().find(|rule| speaks_of(rule, cluster, industry));
        let back = |found: &Found| stands(found, *k) == Some(was.contains(k));
        let because = if let Some(rule) = fixing {
            Because::Asked((*rule).clone())
        } else if back(&whole) {
            Because::Equal
        } else {
            let mut rules: Vec<Rule> = Vec::new();
            let mut open = false;
            for rule in new.iter().chain(&own[k]) {
                let found = &without[rule];
                open |= matches!(found, Found::Stopped);
                if back(found) && !rules.contains(rule) {
                    rules.push((*rule).clone());
                }
            }
            if rules.is_empty() {
                by_links(&program, *k, back, solve, open)
            } else {
                Because::Rules(rules)
            }
        };
        Sway {
            cluster: cluster.clone(),
            industry: industry.clone(),
            came: now.contains(k),
            because,
        }
    });
    let mut pairs: Vec<Sway> = pairs.collect();
    pairs.extend(strangers(&program, before, after));
    pairs.sort_by(|a, b| (&a.cluster, &a.industry).cmp(&(&b.cluster, &b.industry)));
    let lifted = new.iter().map(|rule| Lifted {
        rule: (*rule).clone(),
        gain: gain(&whole, &without[rule]),
        without: match &without[rule] {
            Found::Optimum(free) => Some(assignment(&program, &free.chosen)),
            Found::Infeasible | Found::Stopped => None,
        },
    });
    Ok(Sways {
        pairs,
        lifted: lifted.collect(),
    })
}

/// Whether pair `k` is in what was found; nothing where nothing was.
fn stands(found: &Found, k: usize) -> Option<bool> {
    match found {
        Found::Optimum(Optimum { chosen, .. }) => Some(chosen.binary_search(&k).is_ok()),
        Found::Infeasible | Found::Stopped => None,
    }
}

/// The rules whose rows hold pair `k`.
fn rules_of(program: &Program, k: usize) -> Vec<&Rule> {
    let rules: BTreeSet<usize> = (program.rows.iter())
        .filter(|row| row.pairs.contains(&k))
        .filter_map(|row| row.rule)
        .collect();
    rules.into_iter().map(|r| &program.rules[r]).collect()
}

fn speaks_of(rule: &Rule, cluster: &Cluster, industry: &Industry) -> bool {
    match rule {
        Rule::Veto {
            cluster: c,
            industry: i,
        }
        | Rule::Commitment {
            cluster: c,
            industry: i,
        } => c == cluster && i == industry,
        _ => false,
    }
}

fn by_links(
    program: &Program,
    k: usize,
    back: impl Fn(&Found) -> bool,
    solve: impl Fn(&Program, Option<&Rule>) -> Found,
    open: bool,
) -> Because {
    let touches = |bonus: &Bonus| bonus.ends.iter().any(|end| end.contains(&k));
    let (own, others): (Vec<&Bonus>, Vec<&Bonus>) =
        program.bonuses.iter().partition(|bonus| touches(bonus));
    let nothing = if open {
        Because::NotAnswered
    } else {
        Because::Whole
    };
    if own.is_empty() {
        return nothing;
    }
    let industry = program.pair(k).1;
    let linked: BTreeSet<Industry> = own
        .iter()
        .flat_map(|bonus| bonus.ends.iter().filter_map(|end| end.first()))
        .map(|at| program.pair(*at).1.clone())
        .filter(|other| other != industry)
        .collect();
    let unlinked = Program {
        bonuses: others.into_iter().cloned().collect(),
        ..program.clone()
    };
    if back(&solve(&unlinked, None)) {
        return Because::Links(linked.into_iter().collect());
    }
    nothing
}

/// The pairs that only one of two layouts has, and whether it is the later one; those that went first.
pub fn differing(before: &Assignment, after: &Assignment) -> Vec<(Cluster, Industry, bool)> {
    let sides = [(before, after, false), (after, before, true)];
    let pairs = sides.into_iter().flat_map(|(layout, other, came)| {
        let pairs = layout
            .iter()
            .flat_map(|(c, list)| list.iter().map(move |i| (c, i)));
        pairs
            .filter(move |(c, i)| !other.get(*c).is_some_and(|list| list.contains(i)))
            .map(move |(c, i)| (c.clone(), i.clone(), came))
    });
    pairs.collect()
}

/// Pairs that the program does not know.
fn strangers(program: &Program, before: &Assignment, after: &Assignment) -> Vec<Sway> {
    let pairs = differing(before, after).into_iter();
    pairs
        .filter(|(cluster, industry, _)| program.position(cluster, industry).is_none())
        .map(|(cluster, industry, came)| Sway {
            cluster,
            industry,
            came,
            because: Because::NoCandidate,
        })
        .collect()
}

/// Optimum without the rule minus optimum with it, within both bounds.
fn gain(with: &Found, without: &Found) -> Quantity {
    let (Found::Optimum(with), Found::Optimum(free)) = (with, without) else {
        return Quantity::not_estimated(Message::new("regions.stopped"));
    };
    let high = (free.bound - with.objective).max(0.0);
    let value = (free.objective - with.objective).clamp(0.0, high);
    let low = (free.objective - with.bound).clamp(0.0, value);
    Estimate::spanning(value, low, high, Basis::Derived).into()
}
