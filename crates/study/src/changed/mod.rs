//! What changed in the plan from one run to another, as a planner asks it: the plan's value, placements that came, went
//! or moved and why, locks and vetoes, industries; then settings, evidence, tables and plan-level numbers.
//!
//! Stands beside [`diff`](crate::diff), which says cell by cell which results differ and why they were computed again.

mod words;

use std::collections::{BTreeMap, BTreeSet};

use evidence::Evidence;
use layout::regions::{Assignment, Because, Rule, SolveParams, Sway, Sways, sways};
use model::{Cell, Cluster, Estimate, Industry, Lang, Message, Names, Quantity, ResultTable, Row};
use serde::Serialize;
use serde_json::Value;

pub use words::Passage;

use crate::engine::diff::{Cause, parameters};
use crate::engine::manifest::Manifest;
use crate::engine::output::{cell, entity, estimate};
use crate::engine::run::{Run, last_of_study, open};
use crate::error::StudyError;
use crate::folder::Study;
use crate::release::released;
use crate::steps::{regions, regions_price::price_of_change};

/// Tables with the numbers of the plan as a whole, the nearest to it first.
const PLAN_LEVEL: [&str; 7] = [
    "layout.duplication",
    "layout.portfolio_plan",
    "layout.schedule",
    "layout.milestones",
    "layout.whole_plan",
    "layout.sites_cover",
    "plan.effect",
];
/// Plan-level numbers that are told, and how many of them of one table.
const NUMBERS: usize = 6;
const OF_TABLE: usize = 2;

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
    /// What the plan would gain without it, the other rules kept; of rules that are set.
    pub costs: Option<Quantity>,
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
    let found = why(to, evidence, names, &before, &after, &rules);
    for rule in rules.iter_mut().filter(|rule| rule.set) {
        rule.costs = (found.gains.iter())
            .find(|(of, _)| *of == rule_of(rule))
            .map(|(_, gain)| without_noise(gain));
    }
    let placements = (found.pairs.into_iter())
        .map(|sway| placement(sway, &rules))
        .collect();
    Changed {
        from: RunName::of(&from.manifest),
        to: RunName::of(&to.manifest),
        value: value(from, to),
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

fn rule_of(change: &RuleChange) -> Rule {
    let (cluster, industry) = (change.cluster.clone(), change.industry.clone());
    match change.kind {
        RuleKind::Lock => Rule::Commitment { cluster, industry },
        RuleKind::Veto => Rule::Veto { cluster, industry },
    }
}

/// A price below what the solver tells apart is none.
fn without_noise(price: &Quantity) -> Quantity {
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

/// The plan of a run.
fn layout_of(run: &Run) -> Assignment {
    let mut layout = Assignment::new();
    if let Some(table) = run.table("layout.regions") {
        for row in &table.rows {
            if let (Some(cluster), Some(industry)) = (
                entity(table, row, "cluster"),
                entity(table, row, "industry"),
            ) {
                let hosted = layout.entry(cluster.into()).or_default();
                hosted.push(industry.into());
            }
        }
    }
    layout
}

/// Asks the later run's question again; where it has no answer, nothing is known of the reasons.
fn why(
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
    asked.unwrap_or_else(|| {
        let sides = [(before, after, false), (after, before, true)];
        let pairs = sides.into_iter().flat_map(|(layout, other, came)| {
            let pairs = layout
                .iter()
                .flat_map(|(c, list)| list.iter().map(move |i| (c, i)));
            pairs
                .filter(move |(c, i)| !other.get(*c).is_some_and(|list| list.contains(i)))
                .map(move |(cluster, industry)| Sway {
                    cluster: cluster.clone(),
                    industry: industry.clone(),
                    came,
                    because: Because::NotAnswered,
                })
        });
        Sways {
            pairs: pairs.collect(),
            gains: Vec::new(),
        }
    })
}

fn placement(sway: Sway, rules: &[RuleChange]) -> Placement {
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

fn value(from: &Run, to: &Run) -> PlanValue {
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
    let measured = ["foundation.strengths", "layout.acceptability"]
        .into_iter()
        .all(|name| rows_of(from, name) == rows_of(to, name));
    let price = measured.then(|| {
        let output = to.outputs.get("layout.regions")?;
        price_of_change(from, output, &to.manifest.config)
    });
    let difference = match (before, after, price) {
        (Some(_), Some(_), Some(Some(price))) => {
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

fn table_changes(from: &Run, to: &Run) -> Vec<TableChange> {
    let steps = to.manifest.steps.iter().chain(&from.manifest.steps);
    let mut names: Vec<&str> = Vec::new();
    for step in steps {
        for run in [to, from] {
            for table in run
                .outputs
                .get(&step.step)
                .into_iter()
                .flat_map(|o| &o.tables)
            {
                if !names.contains(&table.name.as_str()) {
                    names.push(&table.name);
                }
            }
        }
    }
    let mut changes = Vec::new();
    for name in names {
        let rows = |run| -> BTreeMap<&str, &[Cell]> {
            let rows = rows_of(run, name).into_iter().flatten();
            rows.map(|r| (r.key.as_str(), r.cells.as_slice())).collect()
        };
        let (before, after) = (rows(from), rows(to));
        let all: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
        let differing = (all.into_iter())
            .filter(|key| before.get(key) != after.get(key))
            .count();
        if differing > 0 {
            changes.push(TableChange {
                table: name.to_owned(),
                rows_before: before.len(),
                rows_after: after.len(),
                differing,
            });
        }
    }
    changes
}

/// The plan-level numbers whose values differ the most beside their size.
fn number_changes(from: &Run, to: &Run, evidence: &Evidence) -> Vec<NumberChange> {
    let mut found: Vec<(f64, NumberChange)> = Vec::new();
    for name in PLAN_LEVEL {
        let (Some(before), Some(after)) = (from.table(name), to.table(name)) else {
            continue;
        };
        let (before, after) = (released(evidence, before), released(evidence, after));
        let mut of_table: Vec<(f64, NumberChange)> = Vec::new();
        for row in &after.rows {
            let Some(old) = before.row(&row.key) else {
                continue;
            };
            for column in &after.columns {
                let cells = (
                    cell(&before, old, &column.name),
                    cell(&after, row, &column.name),
                );
                let (Some(was), Some(is)) = cells else {
                    continue;
                };
                let (Some(a), Some(b)) = (number(was), number(is)) else {
                    continue;
                };
                let size = a.abs().max(b.abs());
                // Rounding of the solver's own arithmetic is no difference.
                if (b - a).abs() <= 1e-9 * size {
                    continue;
                }
                let change = NumberChange {
                    table: name.to_owned(),
                    key: row.key.clone(),
                    about: about(&after, row),
                    column: column.name.clone(),
                    unit: column.unit.clone(),
                    from: was.clone(),
                    to: is.clone(),
                };
                of_table.push(((b - a).abs() / size, change));
            }
        }
        of_table.sort_by(|a, b| b.0.total_cmp(&a.0));
        found.extend(of_table.into_iter().take(OF_TABLE));
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.into_iter().take(NUMBERS).map(|(_, n)| n).collect()
}

fn number(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Count(n) => Some(*n as f64),
        Cell::Quantity(quantity) => Some(quantity.estimate()?.value),
        _ => None,
    }
}

/// What the first cells of a row name.
fn about(table: &ResultTable, row: &Row) -> Vec<model::Entity> {
    const NAMED: usize = 3;
    let entities = row.cells.iter().take(table.columns.len());
    entities
        .filter_map(|cell| match cell {
            Cell::Entity(entity) => Some(entity.clone()),
            _ => None,
        })
        .take(NAMED)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::run::run;

    /// The example with few draws; its run, and that of a variant with two locks.
    fn runs() -> (tempfile::TempDir, Study, Run, Run) {
        let folder = tempfile::tempdir().expect("a folder");
        crate::init_example("china-2021", folder.path()).expect("the example");
        let path = folder.path().join("study.toml");
        let text = std::fs::read_to_string(&path).expect("settings");
        let quick = text.replacen("draws = 200\n", "draws = 3\n", 1);
        assert_ne!(text, quick);
        std::fs::write(&path, quick).expect("written");
        let study = Study::open(folder.path()).expect("a study");
        let only = ["layout.regions".to_owned()];
        let own = run(&study, &only, &|_| ()).expect("a run");
        let locks = "[regions]\ncommitments = [[\"hefei\", \"quantum_information\"], [\"xian\", \"advanced_manufacturing\"]]\n";
        let settings = locks.parse().expect("settings");
        let with = study
            .with_settings("two-locks", &settings)
            .expect("laid over");
        let varied = run(&with, &only, &|_| ()).expect("a run");
        (folder, study, own, varied)
    }

    #[test]
    fn two_locks_are_told_with_value_placements_and_reasons() {
        let (_folder, study, own, varied) = runs();
        let evidence = crate::evidence_of(&study, &varied).expect("evidence");
        let names = crate::names(&evidence, &varied.manifest.scenarios);
        let found = changed(&own, &varied, &evidence, &names);

        let worth = |w: &Option<Worth>| w.expect("a plan").objective.value;
        let (before, after) = (worth(&found.value.before), worth(&found.value.after));
        let difference = found.value.difference.estimate().expect("the same measure");
        assert!((difference.value - (after - before)).abs() < 1e-9);
        assert!(difference.value < 0.0 && difference.low < difference.high);

        assert_eq!(found.rules.len(), 2);
        for rule in &found.rules {
            assert!(rule.set && rule.kind == RuleKind::Lock);
            let costs = rule.costs.as_ref().and_then(Quantity::estimate);
            let costs = costs.expect("a price").value;
            assert!(costs >= 0.0 && costs <= before - after + 1e-3);
        }
        // Both plans, and no more, stand in the placements.
        let mut plan = layout_of(&own);
        for placement in &found.placements {
            let hosted = plan.entry(placement.cluster.clone()).or_default();
            if placement.came {
                hosted.push(placement.industry.clone());
            } else {
                hosted.retain(|i| i != &placement.industry);
            }
            hosted.sort();
        }
        plan.retain(|_, hosted| !hosted.is_empty());
        let mut other = layout_of(&varied);
        for hosted in other.values_mut() {
            hosted.sort();
        }
        assert_eq!(plan, other);
        // The locked ones say so; Hefei is full, so another industry left it.
        let of = |cluster: &str, came: bool| {
            let of = |p: &&Placement| p.cluster.as_str() == cluster && p.came == came;
            found.placements.iter().find(of).expect("a placement")
        };
        assert_eq!(of("hefei", true).why.id, "changed.why.lock");
        assert!(of("hefei", true).asked && !of("hefei", false).asked);
        let left = of("hefei", false).why.render(Lang::En, &names);
        assert!(left.contains("Hefei hosts at most 2 industries"), "{left}");

        for (lang, words) in [
            (
                Lang::En,
                [
                    "Hefei hosts Quantum information (locked)",
                    "study · ",
                    "two-locks · ",
                ],
            ),
            (
                Lang::Zh,
                ["合肥承载量子信息（锁定）", "研究 · ", "two-locks · "],
            ),
        ] {
            let passages = found.passages(lang, &names);
            let about: Vec<&str> = passages.iter().map(|p| p.about).collect();
            assert_eq!(about[..3], ["value", "placements", "rules"]);
            let text = passages.iter().flat_map(|p| &p.lines).cloned();
            let text = text.collect::<Vec<String>>().join("\n");
            for word in words {
                assert!(text.contains(word), "{word}: {text}");
            }
            // Everything has a name: no id of a cluster, an industry or a table.
            for id in ["quantum_information", "hefei", "layout.", "changed."] {
                assert!(!text.contains(id), "{id}: {text}");
            }
        }

        // Backwards: the locks are lifted, and what they had placed goes.
        let back = changed(&varied, &own, &evidence, &names);
        assert!(
            back.rules
                .iter()
                .all(|rule| !rule.set && rule.costs.is_none())
        );
        let gone = (back.placements.iter()).find(|p| p.cluster.as_str() == "hefei" && !p.came);
        assert_eq!(gone.expect("it went").why.id, "changed.why.lock_lifted");
        assert!(changed(&own, &own, &evidence, &names).is_empty());

        let against = against_study(&study, &varied, &evidence, &names).expect("compared");
        assert!(matches!(against, Some(Against::Study(told)) if told.from.id == own.manifest.id));
        let none = against_study(&study, &own, &evidence, &names).expect("compared");
        assert!(none.is_none());
        std::fs::remove_dir_all(&own.folder).expect("removed");
        let alone = against_study(&study, &varied, &evidence, &names).expect("compared");
        assert!(matches!(alone, Some(Against::NoRun)));
    }
}
