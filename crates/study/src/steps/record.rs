//! In how many years the tests of concentration held, and where the weaknesses of the end products start.

use std::collections::{BTreeMap, BTreeSet};

use chain::readings::held;
use model::{Basis, Cell, Entity, Estimate, Kind, Message, Origin, Quantity, ResultTable, RowRef};

use super::chain::broken;
use super::code;
use super::ground::{Ground, ground, lineage};
use crate::engine::output::{StepOutput, count, entity};
use crate::engine::step::Context;
use crate::inputs::chain::input;

/// Weaknesses further upstream than this many stages stand in one line.
const DEEPEST: i64 = 3;

pub fn run(context: &Context) -> StepOutput {
    let Some(ground) = ground(context) else {
        return StepOutput::default();
    };
    let mut output = StepOutput::default();
    match years(context, &ground) {
        Ok(table) => output.tables.push(table),
        Err(problems) => output.refusals.extend(broken(&problems)),
    }
    output.tables.extend(roots(context));
    output
}

fn years(context: &Context, ground: &Ground) -> Result<ResultTable, Vec<chain::GraphProblem>> {
    let config = context.config;
    let mut table = ResultTable::new(
        "chain.years_held",
        "chokepoints",
        "years in which the foreign share and home's share both pass / years on record of the basis",
        &[
            ("node", ""),
            ("basis", ""),
            ("years_on_record", ""),
            ("years_tested", ""),
            ("years_held", "years"),
            ("verdict_changes", ""),
            ("control_verdict", ""),
        ],
    );
    let shares = input(context.evidence, config).supply;
    let control = context.table("chain.must_control");
    for row in held(
        &ground.graph,
        &ground.targets,
        &config.study.home,
        &shares,
        (&config.chain.graph, &config.chain.must_control),
    )? {
        let found = control.row(row.node.as_str());
        let verdict = found.and_then(|found| entity(&control, found, "verdict"));
        let mut origins = lineage(&row.origins, &["chain.must_control"]);
        if found.is_some() {
            origins.push(Origin::Result(RowRef::new(
                "chain.must_control",
                row.node.as_str(),
            )));
        }
        let list: Vec<String> = row.years.iter().map(|(y, _)| y.to_string()).collect();
        table.push(
            row.node.as_str(),
            vec![
                row.node.entity().into(),
                code(row.basis.code()),
                row.years.len().into(),
                list.join(" ").into(),
                row.held.into(),
                row.changes
                    .map_or_else(
                        || Quantity::not_estimated(Message::new("readings.single_year")),
                        Quantity::from,
                    )
                    .into(),
                verdict.map_or(Cell::Empty, code),
            ],
            origins,
        );
    }
    Ok(table)
}

#[derive(Default)]
struct Root<'t> {
    targets: BTreeSet<&'t str>,
    sets: usize,
    certain: usize,
    smallest: Option<i64>,
    stages: Option<(i64, i64)>,
    rows: Vec<&'t str>,
}

/// The most upstream causes of the cut sets, and how far they lie from final use.
fn roots(context: &Context) -> Vec<ResultTable> {
    let cuts = context.table("chain.cut_sets");
    let mut roots: BTreeMap<&str, Root> = BTreeMap::new();
    let mut depth: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    for row in &cuts.rows {
        let (Some(root), Some(target), Some(size), Some(stages)) = (
            entity(&cuts, row, "root"),
            entity(&cuts, row, "target"),
            count(&cuts, row, "size"),
            count(&cuts, row, "stages"),
        ) else {
            continue;
        };
        let entry = roots.entry(root).or_default();
        entry.targets.insert(target);
        entry.sets += 1;
        let certain = entity(&cuts, row, "certainty") == Some("chain.certainty.certain");
        entry.certain += usize::from(certain);
        entry.smallest = Some(entry.smallest.map_or(size, |least| least.min(size)));
        entry.stages = Some(
            entry
                .stages
                .map_or((stages, stages), |(a, b)| (a.min(stages), b.max(stages))),
        );
        entry.rows.push(&row.key);
        depth
            .entry(stages.min(DEEPEST + 1))
            .or_default()
            .push(&row.key);
    }
    let result = |keys: &[&str]| -> Vec<Origin> {
        keys.iter()
            .map(|key| Origin::Result(RowRef::new("chain.cut_sets", *key)))
            .collect()
    };
    let mut table = ResultTable::new(
        "chain.roots",
        "chokepoints",
        "per most upstream cause: the end products and the cut sets that start there, and its distance from final use",
        &[
            ("root", ""),
            ("targets", ""),
            ("root_sets", ""),
            ("certain_sets", ""),
            ("smallest_set", ""),
            ("nearest_stages", ""),
            ("stages", ""),
        ],
    );
    let mut order: Vec<(&str, Root)> = roots.into_iter().collect();
    order.sort_by(|a, b| {
        (b.1.targets.len().cmp(&a.1.targets.len()))
            .then(b.1.certain.cmp(&a.1.certain))
            .then(a.0.cmp(b.0))
    });
    for (node, root) in order {
        let targets: Vec<Entity> = root
            .targets
            .iter()
            .map(|t| Entity::new(Kind::Node, *t))
            .collect();
        let (near, far) = root.stages.unwrap_or_default();
        table.push(
            node,
            vec![
                Entity::new(Kind::Node, node).into(),
                targets.into(),
                root.sets.into(),
                root.certain.into(),
                Cell::Count(root.smallest.unwrap_or_default()),
                Cell::Count(near),
                Cell::Count(far),
            ],
            result(&root.rows),
        );
    }
    let mut distances = ResultTable::new(
        "chain.root_distance",
        "chokepoints",
        "cut sets whose most upstream cause lies so many stages from final use / all cut sets",
        &[
            ("distance_band", ""),
            ("root_sets", ""),
            ("part_of_sets", "share"),
        ],
    );
    let all: usize = depth.values().map(Vec::len).sum();
    for (stages, rows) in depth {
        let band = if stages > DEEPEST {
            "stages.more".to_owned()
        } else {
            format!("stages.{stages}")
        };
        let part = rows.len() as f64 / all as f64;
        distances.push(
            band.clone(),
            vec![
                code(&band),
                rows.len().into(),
                Estimate::exact(part, Basis::Derived).into(),
            ],
            result(&rows),
        );
    }
    vec![table, distances]
}
