//! The steps of a study, in the order of the essay's sentence: trend, foundation (with the chains that carry
//! it), layout, and what the plan buys.
//!
//! Each file turns evidence and earlier tables into the values that a method takes, and what the method
//! returns into tables with lineage.

mod trend;

use model::{Cell, Entity, Kind, Origin, RowRef, Year};

use crate::engine::step::Step;

/// The graph: every step comes after those it needs.
pub static STEPS: &[Step] = &[
    Step {
        name: "trend.strategies",
        needs: &[],
        reads: &["policies", "technologies", "fields"],
        params: trend::strategies_params,
        run: trend::strategies,
    },
    Step {
        name: "trend.money",
        needs: &[],
        reads: &["policies", "technologies", "exchange_rates", "deflators"],
        params: trend::money_params,
        run: trend::money,
    },
    Step {
        name: "trend.lead",
        needs: &[],
        reads: &["technology_indicators", "technologies"],
        params: trend::lead_params,
        run: trend::lead,
    },
];

fn evidence_rows(rows: &[RowRef]) -> Vec<Origin> {
    rows.iter().cloned().map(Origin::Evidence).collect()
}

fn parameters(paths: &[&str]) -> Vec<Origin> {
    paths.iter().map(|path| Origin::Parameter((*path).to_owned())).collect()
}

fn code(id: &str) -> Cell {
    Entity::new(Kind::Code, id).into()
}

fn year(year: Year) -> Cell {
    Cell::Count(i64::from(year.0))
}
