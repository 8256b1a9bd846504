//! What changed in the plan from one run to another, as a planner asks it: the plan's value, placements that came, went
//! or moved and why, locks and vetoes, industries; then settings, evidence, tables and plan-level numbers.
//!
//! Stands beside [`diff`](crate::diff), which says cell by cell which results differ and why they were computed again.

mod results;
mod why;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use evidence::Evidence;
use layout::regions::{Assignment, Instance, given_up};
use model::{Cell, Cluster, Estimate, Industry, Lang, Message, Names, Quantity, Row};
use serde::Serialize;
use serde_json::Value;

pub use words::Passage;

use results::{number_changes, table_changes};
use why::{placement, prices, why};

use crate::engine::diff::{Cause, parameters};
use crate::engine::manifest::Manifest;
use crate::engine::output::{entity, estimate};
use crate::engine::run::{Run, last_of_study, open};
use crate::error::StudyError;
use crate::folder::Study;
use crate::steps::regions;
use crate::steps::regions_price::{layout_in, same_measure};

/// What changed in the plan of `to` beside that of `from`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Changed {
    pub from: RunName,
    pub to: RunName,
    pub value: PlanValue,
    /// Locks and vetoes.
    pub rules: Vec<RuleChange>,
    pub industries: Industries,
    pub placements: Vec<Placement>,
    /// Settings that differ beside locks and vetoes.
    pub settings: Vec<Setting>,
    /// Tables of evidence that differ.
    pub evidence: Vec<String>,
    /// Another version of the program computed the one than the other.
    pub other_code: bool,
    /// Result tables that differ, in the order of the steps.
    pub tables: Vec<TableChange>,
    /// The plan-level numbers that differ the most.
    pub numbers: Vec<NumberChange>,
}

/// A run as readers know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunName {
    pub id: String,
    /// Without one, it is the study's own.
    pub variant: Option<String>,
}

/// The value of the plan before and after.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanValue {
    pub before: Option<Worth>,
    pub after: Option<Worth>,
    /// After minus before, with the range of the change itself.
    pub difference: Quantity,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Worth {
    pub objective: Estimate,
    /// How far the best plan can lie above it.
    pub gap: Option<Estimate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    Lock,
    Veto,
}

/// A lock or veto that only one of the runs has.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleChange {
    pub kind: RuleKind,
    /// Set; otherwise lifted.
    pub set: bool,
    pub cluster: Cluster,
    pub industry: Industry,
    /// What it gives up; of rules that are set.
    pub costs: Option<Costs>,
}

/// What a lock or veto gives up, with the ranges of what moves.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Costs {
    /// Alone, beside the plan before.
    pub alone: Quantity,
    /// Beside the other rules that were set: what the plan after would gain without it.
    pub beside: Quantity,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Industries {
    /// Among those to lay out since, and no longer.
    pub selected: Vec<Industry>,
    pub dropped: Vec<Industry>,
    /// Placed somewhere since, and nowhere any more.
    pub placed: Vec<Industry>,
    pub placed_nowhere: Vec<Industry>,
}

/// A placement that only one of the plans has.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Placement {
    pub cluster: Cluster,
    pub industry: Industry,
    /// It is in the later plan; otherwise it was in the earlier one.
    pub came: bool,
    /// A lock or veto that was set or lifted speaks of it.
    pub asked: bool,
    pub why: Message,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Setting {
    pub path: String,
    pub from: Value,
    pub to: Value,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableChange {
    pub table: String,
    pub rows_before: usize,
    pub rows_after: usize,
    /// Rows that only one of the runs has, or whose cells differ.
    pub differing: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NumberChange {
    pub table: String,
    pub key: String,
    /// What the row is about.
    pub about: Vec<model::Entity>,
    pub column: String,
    pub unit: String,
    pub from: Cell,
    pub to: Cell,
}

/// What a variant is compared with.
#[derive(Debug, Clone)]
pub enum Against {
    Study(Box<Changed>),
    /// The study has no run without a variant.
    NoRun,
}

/// What the variant of `run` changed against the last run of the study without one; nothing for a run of the study itself.
pub fn against_study(
    study: &Study,
    run: &Run,
    evidence: &Evidence,
    names: &Names,
) -> Result<Option<Against>, StudyError> {
    if run.manifest.variant.is_none() {
        return Ok(None);
    }
    let Some(id) = last_of_study(study) else {
        return Ok(Some(Against::NoRun));
    };
    let base = open(study, &id)?;
    Ok(Some(Against::Study(Box::new(changed(
        &base, run, evidence, names,
    )))))
}

/// Compares the plans of two runs; `evidence` and `names` are those of the later one.
pub fn changed(from: &Run, to: &Run, evidence: &Evidence, names: &Names) -> Changed {
    let mut rules = rule_changes(&from.manifest, &to.manifest);
    let (before, after) = (layout_of(from), layout_of(to));
    let instance = regions::question(to, evidence, names);
    let found = why(instance.as_ref(), &before, &after, &rules);
    if let Some(instance) = &instance {
        prices(&mut rules, &found, from, instance, &after);
    }
    let placements = (found.pairs.into_iter())
        .map(|sway| placement(sway, &rules))
        .collect();
    Changed {
        from: RunName::of(&from.manifest),
        to: RunName::of(&to.manifest),
        value: value([from, to], [&before, &after], instance.as_ref()),
        industries: industries(from, to, &before, &after),
        rules,
        placements,
        settings: settings(&from.manifest, &to.manifest),
        evidence: evidence_changes(&from.manifest, &to.manifest),
        other_code: from.manifest.code != to.manifest.code,
        tables: table_changes(from, to),
        numbers: number_changes(from, to, evidence),
    }
}

impl Changed {
    /// Nothing of the plan and of the results differs.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.placements.is_empty() && self.tables.is_empty()
    }

    /// The whole comparison in words, the plan first.
    pub fn passages(&self, lang: Lang, names: &Names) -> Vec<Passage> {
        words::passages(self, lang, names)
    }

    /// The plan in one sentence: its value before and after, and how many placements came and went.
    pub fn sentence(&self, lang: Lang, names: &Names) -> String {
        words::sentence(self, lang, names)
    }
}

impl RunName {
    fn of(manifest: &Manifest) -> Self {
        Self {
            id: manifest.id.clone(),
            variant: manifest.variant.as_ref().map(|v| v.name.clone()),
        }
    }
}

/// Locks and vetoes that only one of the runs has.
fn rule_changes(from: &Manifest, to: &Manifest) -> Vec<RuleChange> {
    let (before, after) = (&from.config.regions, &to.config.regions);
    let lists = [
        (RuleKind::Lock, &before.commitments, &after.commitments),
        (RuleKind::Veto, &before.vetoes, &after.vetoes),
    ];
    let mut changes = Vec::new();
    for (kind, before, after) in lists {
        let of = |list: &[(String, String)]| list.iter().cloned().collect::<BTreeSet<_>>();
        let (before, after) = (of(before), of(after));
        let mut add = |of: &BTreeSet<(String, String)>, but: &BTreeSet<(String, String)>, set| {
            changes.extend(of.difference(but).map(|(cluster, industry)| RuleChange {
                kind,
                set,
                cluster: cluster.as_str().into(),
                industry: industry.as_str().into(),
                costs: None,
            }));
        };
        add(&after, &before, true);
        add(&before, &after, false);
    }
    changes
}

/// The plan of a run; empty where it has none.
fn layout_of(run: &Run) -> Assignment {
    let output = run.outputs.get("layout.regions");
    output.and_then(layout_in).unwrap_or_default()
}

fn value(
    [from, to]: [&Run; 2],
    [was, is]: [&Assignment; 2],
    instance: Option<&Instance>,
) -> PlanValue {
    let worth = |run: &Run| {
        let table = run.table("layout.certificate")?;
        let row = table.rows.first()?;
        Some(Worth {
            objective: estimate(table, row, "objective")?,
            gap: estimate(table, row, "optimality_gap"),
        })
    };
    let (before, after) = (worth(from), worth(to));
    // Other strengths or other weights make other units: the two values are then no measure of each other.
    let measured = same_measure(&from.manifest.config, &to.manifest.config)
        && ["foundation.strengths", "layout.acceptability"]
            .into_iter()
            .all(|name| rows_of(from, name) == rows_of(to, name));
    let price = (instance.filter(|_| measured)).and_then(|instance| given_up(instance, was, is));
    let difference = match (before, after, price) {
        (Some(_), Some(_), Some(price)) => {
            let Estimate {
                value,
                low,
                high,
                basis,
            } = price;
            Estimate::spanning(-value, -high, -low, basis).into()
        }
        (Some(_), Some(_), _) => Quantity::not_estimated(Message::new("changed.other_measure")),
        _ => Quantity::not_estimated(Message::new("changed.no_plan")),
    };
    PlanValue {
        before,
        after,
        difference,
    }
}

fn rows_of<'a>(run: &'a Run, table: &str) -> Option<&'a Vec<Row>> {
    Some(&run.table(table)?.rows)
}

fn industries(from: &Run, to: &Run, before: &Assignment, after: &Assignment) -> Industries {
    let selected = |run: &Run| -> BTreeSet<Industry> {
        let table = run.table("layout.acceptability");
        let rows = table.iter().flat_map(|table| {
            let inside =
                move |row: &&Row| entity(table, row, "separation") != Some("separation.out");
            table.rows.iter().filter(inside)
        });
        rows.map(|row| row.key.as_str().into()).collect()
    };
    let placed = |layout: &Assignment| -> BTreeSet<Industry> {
        layout.values().flatten().cloned().collect()
    };
    let but = |of: &BTreeSet<Industry>, but: &BTreeSet<Industry>| -> Vec<Industry> {
        of.difference(but).cloned().collect()
    };
    let (was, is) = (selected(from), selected(to));
    let (stood, stands) = (placed(before), placed(after));
    Industries {
        selected: but(&is, &was),
        dropped: but(&was, &is),
        placed: but(&stands, &stood),
        placed_nowhere: but(&stood, &stands),
    }
}

fn settings(from: &Manifest, to: &Manifest) -> Vec<Setting> {
    let value = |manifest: &Manifest| serde_json::to_value(&manifest.config).unwrap_or_default();
    let mut causes = Vec::new();
    parameters("", &value(from), &value(to), &mut causes);
    let told = ["regions.commitments", "regions.vetoes"];
    let settings = causes.into_iter().filter_map(|cause| match cause {
        Cause::Parameter { path, from, to } if !told.contains(&path.as_str()) => {
            Some(Setting { path, from, to })
        }
        _ => None,
    });
    settings.collect()
}

fn evidence_changes(from: &Manifest, to: &Manifest) -> Vec<String> {
    let contents = |manifest: &Manifest| -> BTreeMap<String, String> {
        let inputs = manifest.inputs.iter();
        inputs
            .map(|i| (i.table.clone(), i.content.clone()))
            .collect()
    };
    let (before, after) = (contents(from), contents(to));
    let tables: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    tables
        .into_iter()
        .filter(|table| before.get(*table) != after.get(*table))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests;
