//! From materials to sectors: the tree of what each end product needs.

use std::collections::{BTreeMap, BTreeSet};

use chain::Stage;
use chain::readings::{Branch, tree};
use model::{Cell, Chain, Entity, Message, Node, Quantity, ResultTable, Technology};

use super::chain::broken;
use super::code;
use super::ground::{Ground, ground, lineage, list};
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::inputs::rows;

pub fn run(context: &Context) -> StepOutput {
    let Some(ground) = ground(context) else {
        return StepOutput::default();
    };
    match tree(&ground.graph, &ground.targets, &context.config.study.home) {
        Ok(branches) => StepOutput {
            tables: vec![
                branch_table(&branches),
                stage_table(context, &ground, &branches),
            ],
            refusals: vec![],
        },
        Err(problems) => StepOutput {
            tables: vec![],
            refusals: broken(&problems),
        },
    }
}

fn branch_table(branches: &[Branch]) -> ResultTable {
    let mut table = ResultTable::new(
        "chain.tree",
        "chain-tree",
        "every node once, on a shortest way to the end product; ways = number of all ways",
        &[
            ("target", ""),
            ("node", ""),
            ("stage", ""),
            ("depth", ""),
            ("deepest", ""),
            ("ways", ""),
            ("path", ""),
            ("home_share", "share"),
            ("top_supplier", ""),
            ("top_share", "share"),
        ],
    );
    for branch in branches {
        let [supplier, share] = match &branch.supplier {
            Some((country, share)) => [country.entity().into(), (*share).into()],
            None => [
                Cell::Empty,
                Quantity::not_estimated(Message::new("necks.no_foreign_share")).into(),
            ],
        };
        table.push(
            format!("{}/{}", branch.target, branch.node),
            vec![
                branch.target.entity().into(),
                branch.node.entity().into(),
                code(branch.stage.code()),
                branch.depth.into(),
                branch.deepest.into(),
                Quantity::exact(branch.ways, model::Basis::Derived).into(),
                list(&branch.path),
                branch.home.clone().into(),
                supplier,
                share,
            ],
            lineage(&branch.origins, &[]),
        );
    }
    table
}

fn stage_table(context: &Context, ground: &Ground, branches: &[Branch]) -> ResultTable {
    let mut table = ResultTable::new(
        "chain.tree_stages",
        "chain-tree",
        "nodes of one stage that the end product needs: the one with home's smallest share, and the largest foreign share",
        &[
            ("target", ""),
            ("technologies", ""),
            ("fields", ""),
            ("stage", ""),
            ("nodes", ""),
            ("nodes_known", ""),
            ("depth", ""),
            ("deepest", ""),
            ("weakest_node", ""),
            ("home_share", "share"),
            ("top_node", ""),
            ("top_supplier", ""),
            ("top_share", "share"),
        ],
    );
    let carried = carried(context, ground);
    let mut groups: BTreeMap<(&Node, Stage), Vec<&Branch>> = BTreeMap::new();
    for branch in branches {
        groups
            .entry((&branch.target, branch.stage))
            .or_default()
            .push(branch);
    }
    for ((target, stage), own) in groups {
        let (technologies, fields) = carried.get(target).cloned().unwrap_or_default();
        let weakest = own
            .iter()
            .filter_map(|b| Some((b.home.estimate()?, *b)))
            .min_by(|a, b| (a.0.value.total_cmp(&b.0.value)).then_with(|| a.1.node.cmp(&b.1.node)));
        let top = own
            .iter()
            .filter_map(|b| Some((b.supplier.as_ref()?, *b)))
            .max_by(|a, b| {
                (a.0.1.value.total_cmp(&b.0.1.value)).then_with(|| b.1.node.cmp(&a.1.node))
            });
        let missing = || Quantity::not_estimated(Message::new("readings.no_stage_shares"));
        let rows: Vec<model::RowRef> = own.iter().flat_map(|b| b.origins.clone()).collect();
        table.push(
            format!("{target}/{}", stage.code()),
            vec![
                target.entity().into(),
                technologies
                    .iter()
                    .map(Technology::entity)
                    .collect::<Vec<_>>()
                    .into(),
                fields.into(),
                code(stage.code()),
                own.len().into(),
                own.iter()
                    .filter(|b| b.home.estimate().is_some())
                    .count()
                    .into(),
                own.iter().map(|b| b.depth).min().unwrap_or(0).into(),
                own.iter().map(|b| b.deepest).max().unwrap_or(0).into(),
                weakest.map_or(Cell::Empty, |(_, b)| b.node.entity().into()),
                weakest.map_or_else(|| missing().into(), |(share, _)| share.into()),
                top.map_or(Cell::Empty, |(_, b)| b.node.entity().into()),
                top.map_or(Cell::Empty, |((country, _), _)| country.entity().into()),
                top.map_or_else(|| missing().into(), |((_, share), _)| (*share).into()),
            ],
            lineage(&rows, &[]),
        );
    }
    table
}

type Carried = (BTreeSet<Technology>, Vec<Entity>);

/// The technologies and fields of the chains that name a node as their end product.
fn carried(context: &Context, ground: &Ground) -> BTreeMap<Node, Carried> {
    let mut found: BTreeMap<Node, Carried> = BTreeMap::new();
    for row in rows(context.evidence, "chains") {
        let Some(info) = ground.chains.get(&Chain::from(row.key.as_str())) else {
            continue;
        };
        for target in &info.targets {
            let entry = found.entry(target.clone()).or_default();
            entry
                .0
                .extend(row.list("technologies").into_iter().map(Technology::from));
            for field in &info.fields {
                if !entry.1.contains(&field.entity()) {
                    entry.1.push(field.entity());
                }
            }
        }
    }
    found
}
