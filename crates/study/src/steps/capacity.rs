//! Local capacity against home's own need, and where production has moved.

use chain::readings::{ShiftGroup, capacity, shift};
use model::{Entity, Message, Refusal, ResultTable};

use super::chain::broken;
use super::ground::{Ground, ground, lineage};
use super::{code, year};
use crate::engine::output::{StepOutput, quantity};
use crate::engine::step::Context;
use crate::inputs::chain::input;

pub fn run(context: &Context) -> StepOutput {
    let Some(ground) = ground(context) else {
        return StepOutput::default();
    };
    let mut output = StepOutput::default();
    match gaps(context, &ground) {
        Ok(table) => output.tables.push(table),
        Err(problems) => output.refusals.extend(broken(&problems)),
    }
    let (table, refusal) = shifts(context, &ground);
    output.tables.push(table);
    output.refusals.extend(refusal);
    output
}

fn gaps(context: &Context, ground: &Ground) -> Result<ResultTable, Vec<chain::GraphProblem>> {
    let mut table = ResultTable::new(
        "chain.capacity",
        "local-capacity",
        "need = home's share of the users' output (smallest to largest); gap = max(0, need - home's share)",
        &[
            ("node", ""),
            ("chain", ""),
            ("stage", ""),
            ("home_share", "share"),
            ("home_need", "share"),
            ("capacity_gap", "share"),
            ("users", ""),
            ("users_known", ""),
            ("substitute_years", "years"),
        ],
    );
    let cards = context.table("chain.sovereignty");
    for row in capacity(&ground.graph, &ground.targets, &context.config.study.home)? {
        let [chain, stage] = ground.place(&row.node);
        let card = cards.row(row.node.as_str());
        let years = card.and_then(|card| quantity(&cards, card, "substitute_years"));
        let mut origins = lineage(&row.origins, &[]);
        if card.is_some() {
            origins.push(model::Origin::Result(model::RowRef::new(
                "chain.sovereignty",
                row.node.as_str(),
            )));
        }
        table.push(
            row.node.as_str(),
            vec![
                row.node.entity().into(),
                chain,
                stage,
                row.share.into(),
                row.need.into(),
                row.gap.into(),
                row.users.into(),
                row.users_known.into(),
                years
                    .unwrap_or_else(|| {
                        model::Quantity::not_estimated(Message::new("readings.no_years"))
                    })
                    .into(),
            ],
            origins,
        );
    }
    Ok(table)
}

fn shifts(context: &Context, ground: &Ground) -> (ResultTable, Option<Refusal>) {
    let config = context.config;
    let readings = &config.chain.readings;
    let mut table = ResultTable::new(
        "chain.shift",
        "local-capacity",
        "share in the last year on record - share in the first, by group of countries; one basis",
        &[
            ("node", ""),
            ("chain", ""),
            ("basis", ""),
            ("from_year", ""),
            ("to_year", ""),
            ("direction_of_shift", ""),
            ("home_change", "share"),
            ("near_change", "share"),
            ("partner_change", "share"),
            ("other_change", "share"),
        ],
    );
    let rows = input(context.evidence, config).supply;
    let found = shift(
        &rows,
        &config.study.home,
        &readings.near,
        &readings.partners,
    );
    for row in &found {
        let [chain, _] = ground.place(&row.node);
        let [home, near, partner, other] = row.changes.clone();
        debug_assert_eq!(ShiftGroup::ALL.len(), row.changes.len());
        table.push(
            format!("{}/{}", row.node, row.basis.code()),
            vec![
                row.node.entity().into(),
                chain,
                code(row.basis.code()),
                year(row.from),
                year(row.to),
                code(row.direction.code()),
                home.into(),
                near.into(),
                partner.into(),
                other.into(),
            ],
            lineage(&row.origins, &["chain.readings"]),
        );
    }
    let single: Vec<Entity> = ground
        .graph
        .nodes()
        .iter()
        .filter(|n| n.supply.is_some() && found.iter().all(|s| s.node != n.node))
        .map(|n| n.node.entity())
        .collect();
    let refusal = (!single.is_empty()).then(|| Refusal {
        code: "readings.one_year".to_owned(),
        question: Message::new("readings.question.shift"),
        reason: Message::new("readings.one_year")
            .with("count", single.len())
            .with("nodes", single),
        needed: Message::new("readings.one_year.needed"),
    });
    (table, refusal)
}
