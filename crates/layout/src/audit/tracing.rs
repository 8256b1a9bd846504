//! From clause to item to budget, and back.

use std::collections::{BTreeMap, BTreeSet};

use model::Estimate;

use super::AuditParams;
use super::finding::{Certainty, Fault, Finding};
use super::register::{Clause, ClauseId, Index, Item, ItemId, Money, Register, show};

/// What becomes of one clause.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    pub clause: ClauseId,
    /// Clauses of lower plans that carry it out, directly or through others.
    pub through: Vec<ClauseId>,
    /// Items that carry it out, directly or through those clauses.
    pub items: Vec<ItemId>,
    /// Money by currency: at the clause itself, or at its items where it has none. An item that serves several clauses
    /// may bring any part of its budget, so the range runs from nothing.
    pub money: BTreeMap<String, Estimate>,
}

/// The traces of all clauses, by clause.
pub fn traces(register: &Register) -> Vec<Trace> {
    let index = Index::new(register);
    let carrying = index.carrying();
    let serving = index.serving();
    index
        .clauses
        .values()
        .map(|clause| {
            let below = below(clause, &serving);
            let items = items(&below, &carrying);
            Trace {
                clause: clause.clause.clone(),
                through: below.iter().skip(1).map(|c| c.clause.clone()).collect(),
                items: items.iter().map(|i| i.item.clone()).collect(),
                money: money(clause, &below, &items),
            }
        })
        .collect()
}

/// The clause and all clauses that carry it out; a circle of clauses ends where it began.
fn below<'a>(
    clause: &'a Clause,
    serving: &BTreeMap<&'a ClauseId, Vec<&'a Clause>>,
) -> Vec<&'a Clause> {
    let mut seen: BTreeSet<&ClauseId> = BTreeSet::from([&clause.clause]);
    let mut found = vec![clause];
    let mut next = 0;
    while next < found.len() {
        for lower in serving.get(&found[next].clause).into_iter().flatten() {
            if seen.insert(&lower.clause) {
                found.push(lower);
            }
        }
        next += 1;
    }
    found
}

fn items<'a>(
    clauses: &[&'a Clause],
    carrying: &BTreeMap<&'a ClauseId, Vec<&'a Item>>,
) -> Vec<&'a Item> {
    let all: BTreeMap<&ItemId, &Item> = clauses
        .iter()
        .flat_map(|c| carrying.get(&c.clause).into_iter().flatten())
        .map(|item| (&item.item, *item))
        .collect();
    all.into_values().collect()
}

fn money(clause: &Clause, below: &[&Clause], items: &[&Item]) -> BTreeMap<String, Estimate> {
    if let Some(own) = &clause.budget {
        return [(own.currency.clone(), own.amount)].into();
    }
    let here: BTreeSet<&ClauseId> = below.iter().map(|c| &c.clause).collect();
    let mut total: BTreeMap<String, Estimate> = BTreeMap::new();
    let mut add = |money: &Money, whole: bool| {
        let mut amount = money.amount;
        if !whole {
            amount = Estimate::spanning(amount.value, 0.0, amount.high, amount.basis);
        }
        total
            .entry(money.currency.clone())
            .and_modify(|sum| *sum = sum.plus(amount))
            .or_insert(amount);
    };
    // A lower clause with a budget of its own speaks for its items.
    let mut spoken: BTreeSet<&ClauseId> = BTreeSet::new();
    for lower in below.iter().skip(1) {
        if let Some(own) = &lower.budget {
            spoken.insert(&lower.clause);
            add(own, true);
        }
    }
    for item in items {
        let covered = item.clauses.iter().any(|c| spoken.contains(c));
        if let (Some(own), false) = (&item.budget, covered) {
            add(own, item.clauses.iter().all(|c| here.contains(c)));
        }
    }
    total
}

pub(super) fn faults(index: &Index, params: &AuditParams) -> Vec<Finding> {
    let carrying = index.carrying();
    let serving = index.serving();
    let mut found = Vec::new();
    for clause in index.clauses.values() {
        let below = below(clause, &serving);
        let items = items(&below, &carrying);
        if items.is_empty() {
            found.push(at(Fault::OrphanClause, clause));
        }
        let costs = clause.instruments.iter().any(|i| params.costly.contains(i));
        if costs && money(clause, &below, &items).is_empty() {
            found.push(at(Fault::NoMoney, clause));
        }
        let own: Vec<_> = carrying
            .get(&clause.clause)
            .into_iter()
            .flatten()
            .filter(|item| item.clauses.len() == 1)
            .filter_map(|item| Some((item.budget.as_ref()?, &item.origin)))
            .collect();
        let budget = clause.budget.as_ref().map(|b| (b, &clause.origin));
        found.extend(spent(budget, &own, params));
    }
    for plan in index.plans.values() {
        let own: Vec<_> = index
            .clauses
            .values()
            .filter(|clause| clause.plan == plan.plan)
            .filter_map(|clause| Some((clause.budget.as_ref()?, &clause.origin)))
            .collect();
        let budget = plan.budget.as_ref().map(|b| (b, &plan.origin));
        found.extend(spent(budget, &own, params));
    }
    for item in index.items.values() {
        if item.clauses.is_empty() {
            let fault = match item.budget {
                Some(_) => Fault::MoneyWithoutClause,
                None => Fault::OrphanItem,
            };
            let id = item.item.0.as_str();
            found.push(Finding::new(
                fault,
                Certainty::Certain,
                vec![item.origin.clone()],
                |m| m.with("item", id),
            ));
        }
    }
    found
}

fn at(fault: Fault, clause: &Clause) -> Finding {
    let id = clause.clause.0.as_str();
    Finding::new(
        fault,
        Certainty::Certain,
        vec![clause.origin.clone()],
        |m| m.with("clause", id).with("plan", clause.plan.0.as_str()),
    )
}

/// Parts that cost more than the whole has, or that cannot be added up.
fn spent(
    whole: Option<(&Money, &model::RowRef)>,
    parts: &[(&Money, &model::RowRef)],
    params: &AuditParams,
) -> Option<Finding> {
    let (budget, origin) = whole?;
    if parts.is_empty() {
        return None;
    }
    let mut rows: Vec<_> = parts.iter().map(|(_, row)| (*row).clone()).collect();
    rows.push(origin.clone());
    if parts.iter().any(|(m, _)| m.currency != budget.currency) {
        let names: BTreeSet<&str> = parts
            .iter()
            .map(|(m, _)| m.currency.as_str())
            .chain([budget.currency.as_str()])
            .collect();
        let names = names.into_iter().collect::<Vec<_>>().join(", ");
        return Some(Finding::new(
            Fault::UnitsDiffer,
            Certainty::Certain,
            rows,
            |m| m.with("what", show(origin)).with("units", names.as_str()),
        ));
    }
    let sum = |of: fn(&Estimate) -> f64| parts.iter().map(|(m, _)| of(&m.amount)).sum::<f64>();
    let more = |a: f64, b: f64| a > b + params.rounding * a.abs().max(b.abs());
    let certainty = Certainty::of(
        more(sum(|e| e.value), budget.amount.value),
        more(sum(|e| e.low), budget.amount.high),
    )?;
    Some(Finding::new(Fault::Overspent, certainty, rows, |m| {
        m.with("what", show(origin))
            .with("sum", sum(|e| e.value))
            .with("budget", budget.amount.value)
            .with("currency", budget.currency.as_str())
    }))
}
