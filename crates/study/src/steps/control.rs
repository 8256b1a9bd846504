//! Who controls which node of a chain, and who depends on whom.

use chain::Verdict;
use chain::readings::control::Largest;
use chain::readings::{FirmSeat, control, mutual};
use model::{Cell, Country, Quantity, ResultTable};

use super::chain::broken;
use super::code;
use super::ground::{Ground, ground, lineage, list};
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::inputs::chain::input;
use crate::inputs::rows;

pub fn run(context: &Context) -> StepOutput {
    let Some(ground) = ground(context) else {
        return StepOutput::default();
    };
    match tables(context, &ground) {
        Ok(tables) => StepOutput {
            tables,
            refusals: vec![],
        },
        Err(problems) => StepOutput {
            tables: vec![],
            refusals: broken(&problems),
        },
    }
}

fn tables(
    context: &Context,
    ground: &Ground,
) -> Result<Vec<ResultTable>, Vec<chain::GraphProblem>> {
    let config = context.config;
    let home = &config.study.home;
    let limits = &config.chain.must_control;
    let shares = input(context.evidence, config).supply;
    let firms: Vec<FirmSeat> = rows(context.evidence, "chain_suppliers")
        .filter_map(|row| {
            Some(FirmSeat {
                node: row.text("node_id")?.into(),
                country: row.text("country")?.into(),
                origin: row.reference(),
            })
        })
        .collect();
    let mut held = ResultTable::new(
        "chain.control",
        "control",
        "largest holder of the supply, by plants and by seats of firms; home depends: holder at or above, home below its threshold",
        &[
            ("node", ""),
            ("chain", ""),
            ("stage", ""),
            ("largest", ""),
            ("largest_share", "share"),
            ("clearly_largest", ""),
            ("home_share", "share"),
            ("home_dependent", ""),
            ("supply_hhi", "share"),
            ("plant_holder", ""),
            ("plant_share", "share"),
            ("seat_holder", ""),
            ("seat_share", "share"),
            ("firms_on_record", ""),
            ("seats", ""),
        ],
    );
    for row in control(
        &ground.graph,
        &ground.targets,
        home,
        (&shares, &firms),
        (&config.chain.graph, limits),
    )? {
        let [chain, stage] = ground.place(&row.node);
        let [largest, largest_share] = holder(row.largest.as_ref());
        let [plant, plant_share] = holder(row.plant.as_ref());
        let [seat, seat_share] = holder(row.seat.as_ref());
        held.push(
            row.node.as_str(),
            vec![
                row.node.entity().into(),
                chain,
                stage,
                largest,
                largest_share,
                row.largest
                    .as_ref()
                    .map_or(Cell::Empty, |l| answer(l.clear)),
                row.home.clone().into(),
                answer(row.dependence),
                row.concentration.clone().into(),
                plant,
                plant_share,
                seat,
                seat_share,
                row.firms.into(),
                row.seats
                    .iter()
                    .map(|(country, _)| country.entity())
                    .collect::<Vec<_>>()
                    .into(),
            ],
            lineage(&row.origins, &["chain.must_control"]),
        );
    }
    let mut both = ResultTable::new(
        "chain.mutual",
        "control",
        "nodes at which one country holds at least the threshold and the other less than its own; certain to possible",
        &[
            ("country", ""),
            ("balance", ""),
            ("home_depends", ""),
            ("home_depends_at", ""),
            ("other_depends", ""),
            ("other_depends_at", ""),
            ("common_dependence", ""),
            ("common_at", ""),
        ],
    );
    for row in mutual(&ground.graph, &ground.targets, home, limits)? {
        both.push(
            row.country.as_str(),
            vec![
                row.country.entity().into(),
                code(row.balance.code()),
                row.home_depends.0.into(),
                list(&row.home_depends.1),
                row.other_depends.0.into(),
                list(&row.other_depends.1),
                row.common.0.into(),
                list(&row.common.1),
            ],
            lineage(&row.origins, &["chain.must_control"]),
        );
    }
    Ok(vec![held, both])
}

fn answer(verdict: Verdict) -> Cell {
    code(match verdict {
        Verdict::Pass => "yes",
        Verdict::Undecided => "test.open",
        Verdict::Fail => "no",
    })
}

fn holder(largest: Option<&Largest>) -> [Cell; 2] {
    match largest {
        Some(largest) => [
            Country::entity(&largest.country).into(),
            largest.share.into(),
        ],
        None => [
            Cell::Empty,
            Quantity::not_estimated(model::Message::new("necks.no_share")).into(),
        ],
    }
}
