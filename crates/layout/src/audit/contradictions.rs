//! Targets that cannot all be kept.
//!
//! A target of amount a allows the values `[a, ∞)` (at least), `(-∞, a]` (at most) or `[a, a]` (exactly). Two targets
//! for the same quantity, place, fields and year exclude each other where these sets do not meet.

use std::collections::{BTreeMap, BTreeSet};

use model::{Estimate, Field, Year};

use super::AuditParams;
use super::finding::{Certainty, Fault, Finding};
use super::register::{Cap, Clause, Index, Level, Plan, Sense, Target, show};

/// A clause with a target, its plan and its year.
type Promise<'a> = (&'a Clause, &'a Target, &'a Plan, Year);

pub(super) fn faults(index: &Index, params: &AuditParams) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut promises = Vec::new();
    for clause in index.clauses.values() {
        let Some(target) = &clause.target else {
            continue;
        };
        let Some(year) = clause.deadline else {
            let id = clause.clause.0.as_str();
            found.push(Finding::new(
                Fault::NoDeadline,
                Certainty::Certain,
                vec![clause.origin.clone()],
                |m| m.with("clause", id),
            ));
            continue;
        };
        if let Some(plan) = index.plan_of(clause) {
            promises.push((*clause, target, plan, year));
        }
    }
    found.extend(excluding(&promises, params));
    found.extend(above_caps(index, &promises, params));
    found.extend(below_promises(index, params));
    found
}

/// The values that keep a target, by one of the three numbers of its amount.
fn allowed(target: &Target, of: fn(&Estimate) -> f64) -> (f64, f64) {
    let a = of(&target.amount);
    match target.sense {
        Sense::AtLeast => (a, f64::INFINITY),
        Sense::AtMost => (f64::NEG_INFINITY, a),
        Sense::Exactly => (a, a),
    }
}

fn excluding(promises: &[Promise], params: &AuditParams) -> Vec<Finding> {
    type Key<'a> = (&'a str, Level, &'a str, &'a BTreeSet<Field>);
    let mut groups: BTreeMap<Key, Vec<&Promise>> = BTreeMap::new();
    for promise in promises {
        let (clause, target, plan, _) = promise;
        let key = (
            target.quantity.as_str(),
            plan.level,
            plan.place.as_str(),
            &clause.fields,
        );
        groups.entry(key).or_default().push(promise);
    }
    let mut found = Vec::new();
    for ((quantity, _, place, _), group) in groups {
        for (k, a) in group.iter().enumerate() {
            for b in &group[k + 1..] {
                let rows = vec![a.0.origin.clone(), b.0.origin.clone()];
                if a.1.unit != b.1.unit {
                    let units = [a.1.unit.as_str(), b.1.unit.as_str()].join(", ");
                    found.push(Finding::new(
                        Fault::UnitsDiffer,
                        Certainty::Certain,
                        rows,
                        |m| m.with("what", quantity).with("units", units.as_str()),
                    ));
                } else if a.3 == b.3
                    && let Some(certainty) = apart(a.1, b.1, params)
                {
                    found.push(Finding::new(
                        Fault::TargetAgainstTarget,
                        certainty,
                        rows,
                        |m| {
                            m.with("a", a.0.clause.0.as_str())
                                .with("b", b.0.clause.0.as_str())
                                .with("quantity", quantity)
                                .with("place", place)
                                .with("year", a.3.to_string())
                        },
                    ));
                }
            }
        }
    }
    found
}

/// Whether no value keeps both targets.
fn apart(a: &Target, b: &Target, params: &AuditParams) -> Option<Certainty> {
    let gap = |x: f64, y: f64| x > y + params.rounding * x.abs().max(y.abs());
    let value = |e: &Estimate| e.value;
    let (va, vb) = (allowed(a, value), allowed(b, value));
    let values = gap(va.0, vb.1) || gap(vb.0, va.1);
    // Certain: even the most lenient readings of both leave a gap.
    let lenient = |t: &Target| (allowed(t, |e| e.low).0, allowed(t, |e| e.high).1);
    let (la, lb) = (lenient(a), lenient(b));
    Certainty::of(values, gap(la.0, lb.1) || gap(lb.0, la.1))
}

/// Caps, and at-most clauses of a plan, against what the plans below promise.
fn above_caps(index: &Index, promises: &[Promise], params: &AuditParams) -> Vec<Finding> {
    let mut caps: Vec<Cap> = index.register.caps.clone();
    caps.extend(
        promises
            .iter()
            .filter(|(_, target, plan, _)| {
                target.sense == Sense::AtMost && plan.level != Level::Cluster
            })
            .map(|(clause, target, plan, year)| Cap {
                quantity: target.quantity.clone(),
                unit: target.unit.clone(),
                level: plan.level,
                place: plan.place.clone(),
                year: *year,
                amount: target.amount,
                origin: clause.origin.clone(),
            }),
    );
    let mut found = Vec::new();
    for cap in &caps {
        // A level's promises repeat those of the level above, so levels are never added to each other.
        for level in Level::ALL {
            let own_clause = |c: &Clause| c.origin == cap.origin;
            let within: Vec<&Promise> = promises
                .iter()
                .filter(|(clause, target, plan, year)| {
                    plan.level == level
                        && target.quantity == cap.quantity
                        && target.sense != Sense::AtMost
                        && *year <= cap.year
                        && !own_clause(clause)
                        && inside(index, plan, cap)
                })
                .collect();
            // A clause of the very plan that sets an at-most target is a case of target against target.
            let set_by_clause = promises.iter().any(|(c, ..)| own_clause(c));
            if set_by_clause && level == cap.level {
                continue;
            }
            found.extend(over(cap, &within, params));
        }
    }
    found
}

fn inside(index: &Index, plan: &Plan, cap: &Cap) -> bool {
    match (cap.level, plan.level) {
        (Level::National, _) => true,
        (Level::Regional, Level::Cluster) => index
            .register
            .regions
            .get(&plan.place.as_str().into())
            .is_some_and(|region| region.as_str() == cap.place),
        (a, b) => a == b && plan.place == cap.place,
    }
}

fn over(cap: &Cap, within: &[&Promise], params: &AuditParams) -> Option<Finding> {
    // A place counts once, with its largest promise: targets of later years contain those of earlier ones.
    let mut by_place: BTreeMap<(&str, &BTreeSet<Field>), Estimate> = BTreeMap::new();
    let mut rows = vec![cap.origin.clone()];
    let mut units: BTreeSet<&str> = BTreeSet::from([cap.unit.as_str()]);
    for (clause, target, plan, _) in within {
        rows.push(clause.origin.clone());
        units.insert(&target.unit);
        by_place
            .entry((plan.place.as_str(), &clause.fields))
            .and_modify(|most| {
                if target.amount.value > most.value {
                    *most = target.amount;
                }
            })
            .or_insert(target.amount);
    }
    if units.len() > 1 {
        let units = units.into_iter().collect::<Vec<_>>().join(", ");
        return Some(Finding::new(
            Fault::UnitsDiffer,
            Certainty::Certain,
            rows,
            |m| {
                m.with("what", cap.quantity.as_str())
                    .with("units", units.as_str())
            },
        ));
    }
    let sum = |of: fn(&Estimate) -> f64| by_place.values().map(of).sum::<f64>();
    let more = |a: f64, b: f64| a > b + params.rounding * a.abs().max(b.abs());
    let certainty = Certainty::of(
        more(sum(|e| e.value), cap.amount.value),
        more(sum(|e| e.low), cap.amount.high),
    )?;
    Some(Finding::new(Fault::AboveCap, certainty, rows, |m| {
        m.with("quantity", cap.quantity.as_str())
            .with("sum", sum(|e| e.value))
            .with("cap", cap.amount.value)
            .with("unit", cap.unit.as_str())
            .with("place", cap.place.as_str())
    }))
}

/// An at-least clause whose serving clauses all name a number, and too little of it.
fn below_promises(index: &Index, params: &AuditParams) -> Vec<Finding> {
    let mut found = Vec::new();
    for (above, lower) in index.serving() {
        let Some(clause) = index.clauses.get(above) else {
            continue;
        };
        let Some(target) = clause.target.as_ref().filter(|t| t.sense != Sense::AtMost) else {
            continue;
        };
        let parts: Option<Vec<&Target>> = lower
            .iter()
            .map(|c| {
                c.target.as_ref().filter(|t| {
                    t.quantity == target.quantity
                        && t.unit == target.unit
                        && t.sense != Sense::AtMost
                })
            })
            .collect();
        let Some(parts) = parts else {
            continue;
        };
        let sum = |of: fn(&Estimate) -> f64| parts.iter().map(|t| of(&t.amount)).sum::<f64>();
        let less = |a: f64, b: f64| a < b - params.rounding * a.abs().max(b.abs());
        let Some(certainty) = Certainty::of(
            less(sum(|e| e.value), target.amount.value),
            less(sum(|e| e.high), target.amount.low),
        ) else {
            continue;
        };
        let mut rows: Vec<_> = lower.iter().map(|c| c.origin.clone()).collect();
        rows.push(clause.origin.clone());
        found.push(Finding::new(Fault::BelowPromise, certainty, rows, |m| {
            m.with("clause", show(&clause.origin))
                .with("sum", sum(|e| e.value))
                .with("promise", target.amount.value)
                .with("unit", target.unit.as_str())
        }));
    }
    found
}
