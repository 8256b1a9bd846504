//! What surrounds the stages of the roadmap: its layers of market and of policy.
//!
//! Their nodes are dated rows of evidence about a field of the layout, not tasks that are scheduled. Market: targets with a
//! deadline, and application scenarios that have begun. Policy: home's policies, standards among them, and the plans of
//! places. What ended before the study's start year is left out.

use std::collections::{BTreeMap, BTreeSet};

use evidence::Record;
use layout::roadmap::Layer;
use model::{Cell, Entity, Field, Kind, Message, ResultTable, RowRef, Year};

use super::{code, evidence_rows, parameters, year};
use crate::engine::step::Context;
use crate::inputs::plans::Subjects;
use crate::inputs::rows;

pub const TABLE: &str = "layout.roadmap_layers";

pub const READS: [&str; 6] = [
    "policies",
    "plans",
    "clauses",
    "application_scenarios",
    "technologies",
    "fields",
];

struct Node {
    layer: Layer,
    kind: &'static str,
    fields: BTreeSet<Field>,
    what: Cell,
    from: Year,
    until: Option<Year>,
    rows: Vec<RowRef>,
}

/// The nodes about any of `industries`, by `table/key` of their row.
pub fn table(context: &Context, industries: &[&str]) -> ResultTable {
    let mut table = ResultTable::new(
        TABLE,
        "roadmap",
        "dated rows about a field of the layout: targets and demand on record; policies, standards and plans of places in force",
        &[
            ("layer", ""),
            ("node_kind", ""),
            ("fields", ""),
            ("about", ""),
            ("from_year", ""),
            ("until_year", ""),
        ],
    )
    .repeating(&["about"]);
    let start = context.config.study.start_year;
    for (key, node) in nodes(context, industries) {
        if node.until.is_some_and(|last| last < start) {
            continue;
        }
        let fields: Vec<Entity> = node.fields.iter().map(Field::entity).collect();
        let mut origins = evidence_rows(&node.rows);
        origins.extend(parameters(&["study.home", "study.start_year"]));
        table.push(
            key,
            vec![
                code(node.layer.code()),
                code(node.kind),
                fields.into(),
                node.what,
                year(node.from),
                node.until.map_or(Cell::Empty, year),
            ],
            origins,
        );
    }
    table
}

fn nodes(context: &Context, industries: &[&str]) -> BTreeMap<String, Node> {
    let evidence = context.evidence;
    let subjects = Subjects::new(evidence);
    let fields = |row: &Record| -> BTreeSet<Field> {
        (row.list("technology_ids").into_iter())
            .filter_map(|t| subjects.field(t))
            .filter(|f| industries.contains(&f.as_str()))
            .collect()
    };
    let mut nodes = BTreeMap::new();
    let mut add = |row: &Record, node: Node| {
        if !node.fields.is_empty() {
            nodes.insert(key(row), node);
        }
    };
    let home = context.config.study.home.as_str();
    for row in rows(evidence, "policies").filter(|r| r.text("jurisdiction") == Some(home)) {
        let Some(from) = row.year("published") else {
            continue;
        };
        let standard = row.list("instruments").contains(&"standard");
        let node = Node {
            layer: Layer::Policy,
            kind: if standard {
                "roadmap_node.standard"
            } else {
                "roadmap_node.policy"
            },
            fields: fields(row),
            what: Entity::new(Kind::Policy, row.key.clone()).into(),
            from,
            until: row.year("horizon_year"),
            rows: vec![row.reference()],
        };
        add(row, node);
    }
    // A plan that restates a policy is there as the policy.
    let own = |row: &&Record| row.text("policy").is_none();
    for plan in rows(evidence, "plans").filter(own) {
        let Some(from) = plan.year("from_year") else {
            continue;
        };
        let mut node = Node {
            layer: Layer::Policy,
            kind: "roadmap_node.plan",
            fields: BTreeSet::new(),
            what: Entity::new(Kind::Plan, plan.key.clone()).into(),
            from,
            until: plan.year("to_year"),
            rows: vec![plan.reference()],
        };
        for clause in rows(evidence, "clauses") {
            let named = fields(clause);
            if clause.text("plan_id") == Some(plan.key.as_str()) && !named.is_empty() {
                node.fields.extend(named);
                node.rows.push(clause.reference());
            }
        }
        add(plan, node);
    }
    for row in rows(evidence, "clauses") {
        let (Some(deadline), Some(amount)) = (row.year("deadline"), row.number("amount")) else {
            continue;
        };
        let node = Node {
            layer: Layer::Market,
            kind: "roadmap_node.target",
            fields: fields(row),
            what: both(row, ["summary", "summary_zh"], |text| {
                let unit = row.text("unit").unwrap_or_default();
                format!("{} {amount} {unit}", text.trim_end_matches(['.', '。']))
                    .trim_end()
                    .to_owned()
            }),
            from: deadline,
            until: Some(deadline),
            rows: vec![row.reference()],
        };
        add(row, node);
    }
    for row in rows(evidence, "application_scenarios") {
        let Some(from) = row.year("start_year") else {
            continue;
        };
        let node = Node {
            layer: Layer::Market,
            kind: "roadmap_node.demand",
            fields: fields(row),
            what: both(row, ["name", "name_zh"], str::to_owned),
            from,
            until: None,
            rows: vec![row.reference()],
        };
        add(row, node);
    }
    nodes
}

fn key(row: &Record) -> String {
    let reference = row.reference();
    format!("{}/{}", reference.table, reference.key)
}

/// The text of a row in both languages.
fn both(row: &Record, [english, chinese]: [&str; 2], said: impl Fn(&str) -> String) -> Cell {
    let en = row.text(english).unwrap_or_default();
    let zh = row.text(chinese).unwrap_or(en);
    Message::new("roadmap.layers.text")
        .with("en", said(en))
        .with("zh", said(zh))
        .into()
}
