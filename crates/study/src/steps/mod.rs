//! The steps of a study, in the order of the essay's sentence: trend, foundation (with the chains that carry
//! it), layout, and what the plan buys.
//!
//! Each file turns evidence and earlier tables into the values that a method takes, and what the method
//! returns into tables with lineage.

mod audit;
mod basics;
mod capacity;
mod cascade;
mod chain;
mod clusters;
mod complexity;
pub mod conditions;
mod consortium;
mod control;
mod coupling;
mod dependency;
mod ground;
pub mod inventory;
mod io;
mod linked;
mod neck_cards;
mod necks;
mod pairing;
pub mod plan;
mod portfolio;
mod readings;
mod record;
pub mod references;
pub(crate) mod regions;
pub mod regions_price;
mod reliability;
pub mod remedy;
mod remedy_offer;
mod remedy_tables;
mod roadmap;
pub mod roadmap_layers;
pub mod selection;
pub mod shock;
mod shock_hits;
pub mod shock_wear;
mod sites;
mod sources;
mod sovereignty;
mod space;
mod tree;
mod trend;
mod whole;

pub use chain::broken as chain_broken;
pub use selection::CRITERIA;
pub use shock::ask;

use model::{Cell, Entity, Kind, Origin, ResultTable, RowRef, Year};

use crate::engine::output::entity;
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
    Step {
        name: "foundation.clusters",
        needs: &[],
        reads: &["cluster_strengths", "clusters", "technologies", "fields"],
        params: clusters::params,
        run: clusters::run,
    },
    Step {
        name: "chain.exposure",
        needs: &[],
        reads: &CHAIN,
        params: chain::params,
        run: chain::exposures,
    },
    Step {
        name: "chain.chokepoints",
        needs: &[],
        reads: &CHAIN,
        params: chain::params,
        run: chain::cuts,
    },
    Step {
        name: "foundation.necks",
        needs: &["chain.chokepoints"],
        reads: &[
            "chain_nodes",
            "chain_links",
            "chain_supply",
            "chains",
            "gaps",
            "reference_classes",
            "technologies",
        ],
        params: necks::params,
        run: necks::run,
    },
    Step {
        name: "foundation.complexity",
        needs: &[],
        reads: &["activity", "trade", "countries"],
        params: complexity::params,
        run: complexity::run,
    },
    Step {
        name: "foundation.dependency",
        needs: &[],
        reads: &["trade", "activity", "countries"],
        params: dependency::params,
        run: dependency::run,
    },
    Step {
        name: "foundation.coupling",
        needs: &["trend.lead"],
        reads: &[
            "technologies",
            "fields",
            "chain_nodes",
            "chain_links",
            "chain_supply",
            "chains",
        ],
        params: coupling::params,
        run: coupling::run,
    },
    Step {
        name: "foundation.conditions",
        needs: &[],
        reads: &[
            "activity",
            "application_scenarios",
            "technology_indicators",
            "technologies",
            "fields",
            "clusters",
            "cluster_strengths",
            "countries",
            "chain_nodes",
            "chain_links",
            "chain_supply",
            "chains",
        ],
        params: conditions::params,
        run: conditions::run,
    },
    Step {
        name: "chain.shock",
        needs: &[],
        reads: &[
            "chain_nodes",
            "chain_links",
            "chain_supply",
            "chain_suppliers",
            "chains",
            "clusters",
            "cluster_strengths",
            "technologies",
            "fields",
        ],
        params: shock::params,
        run: shock::run,
    },
    Step {
        name: "chain.sovereignty",
        needs: &["trend.lead"],
        reads: &sovereignty::READS,
        params: ground::params,
        run: sovereignty::run,
    },
    Step {
        name: "chain.control",
        needs: &[],
        reads: &CHAIN_FIRMS,
        params: ground::params,
        run: control::run,
    },
    Step {
        name: "chain.tree",
        needs: &[],
        reads: &CHAIN,
        params: ground::params,
        run: tree::run,
    },
    Step {
        name: "chain.capacity",
        needs: &["chain.sovereignty"],
        reads: &CHAIN,
        params: ground::params,
        run: capacity::run,
    },
    Step {
        name: "chain.basics",
        needs: &[],
        reads: &CHAIN,
        params: ground::params,
        run: basics::run,
    },
    Step {
        name: "chain.sources",
        needs: &[],
        reads: &CHAIN,
        params: ground::params,
        run: sources::run,
    },
    Step {
        name: "chain.record",
        needs: &["chain.chokepoints"],
        reads: &CHAIN,
        params: ground::params,
        run: record::run,
    },
    Step {
        name: "chain.pairing",
        needs: &["chain.sovereignty", "chain.chokepoints"],
        reads: &pairing::READS,
        params: ground::params,
        run: pairing::run,
    },
    Step {
        name: "chain.references",
        needs: &[],
        reads: &[
            "chain_nodes",
            "chain_links",
            "chain_supply",
            "chains",
            "shocks",
            "reference_cases",
            "reference_classes",
            "mineral_uses",
        ],
        params: references::params,
        run: references::run,
    },
    Step {
        name: "chain.io",
        needs: &[],
        reads: &["io"],
        params: io::params,
        run: io::run,
    },
    Step {
        name: "chain.inventory",
        needs: &["chain.io"],
        reads: &["io"],
        params: inventory::params,
        run: inventory::run,
    },
    Step {
        name: "chain.cascade",
        needs: &[],
        reads: &["firms", "firm_links", "firm_sectors", "countries"],
        params: cascade::params,
        run: cascade::run,
    },
    Step {
        name: "chain.reliability",
        needs: &[],
        reads: &[
            "chain_nodes",
            "chain_links",
            "chain_supply",
            "chains",
            "reference_classes",
        ],
        params: reliability::params,
        run: reliability::run,
    },
    Step {
        name: "chain.remedy",
        needs: &[],
        reads: &[
            "chain_nodes",
            "chain_links",
            "chain_supply",
            "chain_suppliers",
            "chains",
            "reference_classes",
        ],
        params: remedy::params,
        run: remedy::run,
    },
    Step {
        name: "layout.select",
        needs: &[
            "trend.strategies",
            "trend.money",
            "trend.lead",
            "foundation.clusters",
            "foundation.necks",
            "chain.exposure",
        ],
        reads: &["fields", "technologies", "chains", "votes"],
        params: selection::params,
        run: selection::run,
    },
    Step {
        name: "layout.regions",
        needs: &["layout.select", "foundation.clusters"],
        reads: &regions::READS,
        params: regions::params,
        run: regions::run,
    },
    Step {
        name: "layout.linked",
        needs: &["layout.select", "foundation.clusters"],
        reads: &linked::READS,
        params: linked::params,
        run: linked::run,
    },
    Step {
        name: "layout.roadmap",
        needs: &["layout.regions"],
        reads: &roadmap::READS,
        params: roadmap::params,
        run: roadmap::run,
    },
    Step {
        name: "layout.sites",
        needs: &["layout.regions", "foundation.clusters"],
        reads: &["clusters"],
        params: sites::params,
        run: sites::run,
    },
    Step {
        name: "layout.portfolio",
        needs: &["layout.select", "layout.regions"],
        reads: &portfolio::READS,
        params: portfolio::params,
        run: portfolio::run,
    },
    Step {
        name: "layout.consortium",
        needs: &["foundation.necks", "chain.pairing"],
        reads: &consortium::READS,
        params: consortium::params,
        run: consortium::run,
    },
    Step {
        name: "layout.audit",
        needs: &["trend.strategies", "layout.regions", "layout.roadmap"],
        reads: &audit::READS,
        params: audit::params,
        run: audit::run,
    },
    Step {
        name: "layout.stages",
        needs: &[],
        reads: &readings::fields::STAGE_READS,
        params: readings::params,
        run: readings::fields::stage,
    },
    Step {
        name: "layout.coverage",
        needs: &[],
        reads: &readings::places::COVERAGE_READS,
        params: readings::params,
        run: readings::places::whole_chain,
    },
    Step {
        name: "layout.timing",
        needs: &["layout.roadmap"],
        reads: &readings::fields::TIMING_READS,
        params: readings::params,
        run: readings::fields::when,
    },
    Step {
        name: "layout.challenges",
        needs: &[],
        reads: &readings::fields::CHALLENGE_READS,
        params: readings::params,
        run: readings::fields::challenges,
    },
    Step {
        name: "layout.never_met",
        needs: &[],
        reads: &readings::ties::READS,
        params: readings::params,
        run: readings::ties::run,
    },
    Step {
        name: "layout.boundary",
        needs: &[],
        reads: &readings::places::BOUNDARY_READS,
        params: readings::params,
        run: readings::places::boundary,
    },
    Step {
        name: "layout.together",
        needs: &[],
        reads: &readings::fields::TOGETHER_READS,
        params: readings::params,
        run: readings::fields::together,
    },
    Step {
        name: "layout.map",
        needs: &["foundation.clusters", "layout.regions"],
        reads: &readings::map::READS,
        params: readings::map_params,
        run: readings::map::run,
    },
    Step {
        name: "layout.models",
        needs: &[],
        reads: &readings::models::READS,
        params: readings::params,
        run: readings::models::run,
    },
    Step {
        name: "layout.futures",
        needs: &[],
        reads: &readings::futures::READS,
        params: readings::params,
        run: readings::futures::run,
    },
    Step {
        name: "layout.whole",
        needs: &[
            "layout.select",
            "layout.regions",
            "layout.roadmap",
            "layout.portfolio",
            "foundation.clusters",
        ],
        reads: &whole::READS,
        params: whole::params,
        run: whole::run,
    },
    Step {
        name: "plan.effect",
        needs: &[
            "layout.regions",
            "layout.roadmap",
            "foundation.necks",
            "chain.chokepoints",
            "chain.shock",
            "chain.exposure",
        ],
        reads: &CHAIN_FIRMS,
        params: plan::params,
        run: plan::run,
    },
];

const CHAIN: [&str; 4] = ["chain_nodes", "chain_links", "chain_supply", "chains"];
/// With the firms at the nodes.
const CHAIN_FIRMS: [&str; 5] = [
    "chain_nodes",
    "chain_links",
    "chain_supply",
    "chains",
    "chain_suppliers",
];

pub(crate) fn evidence_rows(rows: &[RowRef]) -> Vec<Origin> {
    rows.iter().cloned().map(Origin::Evidence).collect()
}

pub(crate) fn parameters(paths: &[&str]) -> Vec<Origin> {
    paths
        .iter()
        .map(|path| Origin::Parameter((*path).to_owned()))
        .collect()
}

pub(crate) fn code(id: &str) -> Cell {
    Entity::new(Kind::Code, id).into()
}

pub(crate) fn year(year: Year) -> Cell {
    Cell::Count(i64::from(year.0))
}

/// The industries of the regional layout, each once, by id.
fn laid_out(layout: &ResultTable) -> Vec<&str> {
    let mut industries: Vec<&str> = layout
        .rows
        .iter()
        .filter_map(|row| entity(layout, row, "industry"))
        .collect();
    industries.sort_unstable();
    industries.dedup();
    industries
}
