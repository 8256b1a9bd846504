//! Import dependency of home, and what home could do about each dependent product, from the table `trade`.

use foundation::complexity::convention::Convention;
use foundation::complexity::table::Params;
use foundation::dependency::capability::{Answer, Crossing, Place, Product, cross};
use foundation::dependency::churn::curve;
use foundation::dependency::cover::{CoverParams, Exposure, one_each, smallest_cover};
use foundation::dependency::criterion::Reading;
use foundation::dependency::importer::Importer;
use foundation::dependency::record::{List, list};
use foundation::dependency::sources::{SourceParams, sources};
use foundation::robustness::around::Around;
use model::{
    Basis, Cell, Country, Entity, Estimate, Kind, Message, Origin, Quantity, Refusal, ResultTable,
    RowRef,
};
use serde_json::{Value, json};

use super::{code, parameters};
use crate::config::Config;
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::inputs::large::{activities_or_exports, flows};
use crate::scenario::Scenario;

pub fn params(config: &Config, _: &[Scenario]) -> Value {
    json!({
        "home": config.study.home, "dependency": config.dependency,
        "layer": config.complexity.layer, "location": config.complexity.location,
    })
}

pub fn run(context: &Context) -> StepOutput {
    let config = context.config;
    let section = &config.dependency;
    let empty = |refusal: Refusal| StepOutput {
        tables: vec![
            list_table(),
            churn_table(),
            capability_table(),
            cover_table(),
        ],
        refusals: vec![refusal],
    };
    let (panel, origin) = match flows(context.bulk, section.years) {
        None => return empty(refusal("no_trade", Message::new("dependency.no_trade"))),
        Some(Err(problem)) => {
            let reason = Message::new("complexity.unusable").with("problem", problem);
            return empty(refusal("unusable", reason));
        }
        Some(Ok(found)) => found,
    };
    let home = Importer::country(config.study.home.as_str());
    let found = match list(&panel, &home, section.method, &section.params) {
        Ok(found) => found,
        Err(refusal) => return empty(*refusal),
    };
    let mut refusals = Vec::new();
    let origins = |more: &[&str]| {
        let mut origins = vec![origin.clone()];
        origins.extend(parameters(&["dependency", "study.home"]));
        origins.extend(parameters(more));
        origins
    };
    let mut churn = churn_table();
    match curve(&found.margins) {
        Ok(points) => {
            for p in points.iter().filter(|p| p.start.is_none()) {
                churn.push(
                    p.lag.to_string(),
                    vec![
                        Cell::Count(i64::from(p.lag)),
                        p.dependent.into(),
                        p.still.into(),
                        p.survival.clone().into(),
                    ],
                    origins(&[]),
                );
            }
        }
        Err(refusal) => refusals.push(Refusal {
            question: Message::new("dependency.churn.question"),
            ..*refusal
        }),
    }
    let crossings = crossings(context, &panel, &home, &found);
    let exposures: Vec<Exposure> = crossings
        .iter()
        .map(|c| Exposure {
            product: c.product.clone(),
            exposure: c.exposure.clone(),
        })
        .collect();
    let mut cover = cover_table();
    if !exposures.is_empty() {
        let params = CoverParams {
            share: section.cover,
            ..CoverParams::default()
        };
        match smallest_cover(&exposures, &one_each(&exposures), &params) {
            Ok(set) => cover.push(
                "smallest",
                vec![
                    Quantity::exact(section.cover, Basis::Assumed).into(),
                    set.products.len().into(),
                    set.products.join(", ").into(),
                    Quantity::exact(set.gap, Basis::Derived).into(),
                ],
                origins(&[]),
            ),
            Err(refusal) => refusals.push(*refusal),
        }
    }
    StepOutput {
        tables: vec![
            of_list(&found, &origins(&[])),
            churn,
            of_crossings(&crossings, &origins(&["complexity.layer"])),
            cover,
        ],
        refusals,
    }
}

fn refusal(code: &str, reason: Message) -> Refusal {
    Refusal {
        code: format!("dependency.{code}"),
        question: Message::new("dependency.question"),
        reason,
        needed: Message::new("dependency.no_trade.needed"),
    }
}

fn list_table() -> ResultTable {
    ResultTable::new(
        "foundation.dependency",
        "dependency",
        "dependent: every criterion above its threshold (HHI of imports, HHI of world exports or share from outside, imports over exports)",
        &[
            ("product", ""),
            ("year", ""),
            ("imports", "trade_value"),
            ("verdict", ""),
            ("criterion_1", ""),
            ("criterion_2", ""),
            ("criterion_3", ""),
            ("at_cliff", ""),
            ("change_probability", "share"),
            ("years_held", ""),
            ("years_known", ""),
            ("first_origin", ""),
            ("first_share", "share"),
            ("unknown_origin", "share"),
        ],
    )
}

/// Every product that home buys: dependent ones first, then those that are not decided, each by imports.
fn of_list(found: &List, origins: &[Origin]) -> ResultTable {
    let mut table = list_table();
    let mut records: Vec<_> = found.records.iter().collect();
    records.sort_by(|a, b| {
        let order = |r: &foundation::dependency::record::Record| match r.dependent {
            Some(true) => 0,
            None => 1,
            Some(false) => 2,
        };
        order(a)
            .cmp(&order(b))
            .then(b.imports.total_cmp(&a.imports))
            .then(a.product.cmp(&b.product))
    });
    for record in records {
        let mut criteria = record.criteria.iter().map(|c| match &c.reading {
            Reading::Known(r) => {
                Cell::Quantity(Estimate::spanning(r.value, r.low, r.high, Basis::Derived).into())
            }
            Reading::NoExports => Message::new("dependency.no_exports").into(),
            Reading::Missing(gap) => Cell::Quantity(Quantity::not_estimated(gap.message())),
        });
        let mut next = || criteria.next().unwrap_or(Cell::Empty);
        let (one, two, three) = (next(), next(), next());
        table.push(
            record.product.clone(),
            vec![
                record.product.clone().into(),
                Cell::Count(i64::from(found.year.0)),
                Quantity::exact(record.imports, Basis::Measured).into(),
                code(record.verdict.code()),
                one,
                two,
                three,
                code(if record.verdict_at_cliff { "yes" } else { "no" }),
                record.change.clone().into(),
                record.held.into(),
                record.known.into(),
                record.first.as_ref().map_or(Cell::Empty, |f| country(&f.0)),
                record
                    .first
                    .as_ref()
                    .map_or(Cell::Empty, |f| Quantity::exact(f.1, Basis::Derived).into()),
                Quantity::exact(record.unknown_share, Basis::Derived).into(),
            ],
            origins.to_vec(),
        );
    }
    table
}

fn country(id: &str) -> Cell {
    Cell::Text(Country::from(id).to_string())
}

fn churn_table() -> ResultTable {
    ResultTable::new(
        "foundation.churn",
        "dependency",
        "survival = products still dependent k years later / products dependent and known later (Wilson interval)",
        &[
            ("years_later", ""),
            ("dependent", ""),
            ("still_dependent", ""),
            ("survival", "share"),
        ],
    )
}

/// Dependent products beside what home is near to and who else could supply.
fn crossings(
    context: &Context,
    panel: &foundation::dependency::flows::FlowPanel,
    home: &Importer,
    found: &List,
) -> Vec<Crossing> {
    let config = context.config;
    let Some(flows) = panel.get(&found.year) else {
        return Vec::new();
    };
    let table = activities_or_exports(context.bulk, &config.complexity.layer)
        .and_then(Result::ok)
        .map(|a| a.table);
    let around = table
        .as_ref()
        .and_then(|table| Around::of(table, &Convention::default(), &Params::default()).ok());
    let place = if config.complexity.location.is_empty() {
        config.study.home.as_str()
    } else {
        &config.complexity.location
    };
    let mut products = Vec::new();
    for record in found.records.iter().filter(|r| r.dependent == Some(true)) {
        let Some(position) = flows.product(&record.product) else {
            continue;
        };
        let Ok(supply) = sources(flows, home, position, &SourceParams::default()) else {
            continue;
        };
        let mut product = Product::from_sources(record.verdict, &supply);
        if let (Some(around), Some(table)) = (&around, &table)
            && let Some(l) = table.location(place)
            && let Some(a) = table.activity(&record.product)
        {
            let k = l * table.activities().len() + a;
            if let Some(density) = around.range(|c| c.density[k]) {
                product.places.push(Place {
                    name: place.to_owned(),
                    density: density.into(),
                    distance: Estimate::spanning(
                        1.0 - density.value,
                        1.0 - density.low,
                        1.0 - density.high,
                        density.basis,
                    )
                    .into(),
                });
            }
            if let Some(pci) = around.range(|c| c.pci[a]) {
                product.pci = pci.into();
            }
        }
        products.push(product);
    }
    cross(&products, &config.dependency.capability)
}

fn capability_table() -> ResultTable {
    ResultTable::new(
        "foundation.capability",
        "dependency-capability",
        "dependent product × relatedness density of home × other sources: build, technologies first, replace, or exposed",
        &[
            ("product", ""),
            ("imports", "trade_value"),
            ("way", ""),
            ("pci", "standard_deviations"),
            ("within_reach", ""),
            ("worst_stop", "share"),
            ("worst_stop_after", "share"),
            ("other_sources", ""),
        ],
    )
}

fn of_crossings(crossings: &[Crossing], origins: &[Origin]) -> ResultTable {
    let mut table = capability_table();
    for c in crossings {
        let mut own = origins.to_vec();
        own.push(Origin::Result(RowRef::new(
            "foundation.dependency",
            c.product.clone(),
        )));
        let sources: Vec<Entity> = c
            .replacements
            .iter()
            .take(5)
            .map(|id| Entity::new(Kind::Country, id.clone()))
            .collect();
        table.push(
            c.product.clone(),
            vec![
                c.product.clone().into(),
                c.exposure.clone().into(),
                code(c.way.code()),
                c.pci.clone().into(),
                code(match c.buildable {
                    Answer::Yes => "yes",
                    Answer::No => "no",
                    Answer::Open => "verdict.open",
                    Answer::NotEstimated => "not_estimated",
                }),
                c.worst_stop.clone().into(),
                c.worst_stop_after.clone().into(),
                sources.into(),
            ],
            own,
        );
    }
    table
}

fn cover_table() -> ResultTable {
    ResultTable::new(
        "foundation.cover",
        "dependency-capability",
        "fewest products whose exposure adds up to the wanted share at the low end of the ranges; gap = number - proved bound",
        &[
            ("wanted_share", "share"),
            ("products_needed", ""),
            ("product_list", ""),
            ("gap_left", ""),
        ],
    )
}
