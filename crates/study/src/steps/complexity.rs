//! Complexity of every location and the options of home, with ranges, from the large tables.

use std::collections::{BTreeMap, BTreeSet};

use foundation::activity::ActivityTable;
use foundation::complexity::convention::Convention;
use foundation::complexity::presence_rule::Rule;
use foundation::complexity::table::{Complexity, ComplexityError, Params};
use foundation::robustness::around::Around;
use foundation::robustness::intervals::{IntervalError, IntervalParams, UnitInterval, envelope};
use foundation::robustness::replicate::{Scheme, intervals};
use foundation::robustness::universe::{Side, UniverseParams, universe};
use foundation::strategy::options::options;
use model::{Basis, Cell, Entity, Estimate, Kind, Message, Origin, Quantity, Refusal, ResultTable};
use serde_json::{Value, json};

use super::{code, parameters, space};
use crate::config::{ComplexitySection, Config};
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::inputs::large::{Activities, activities_or_exports};
use crate::inputs::rows;
use crate::scenario::Scenario;

pub fn params(config: &Config, _: &[Scenario]) -> Value {
    json!({ "home": config.study.home, "complexity": config.complexity, "seed": config.study.seed })
}

pub fn run(context: &Context) -> StepOutput {
    let section = &context.config.complexity;
    let refused = |refusal: Refusal| {
        let mut tables = vec![locations_table(), options_table()];
        tables.extend(space::empty());
        StepOutput {
            tables,
            refusals: vec![refusal],
        }
    };
    let found = match activities_or_exports(context.bulk, &section.layer) {
        None => {
            return refused(refusal(
                "complexity.no_table",
                Message::new("complexity.no_table"),
            ));
        }
        Some(Err(problem)) => {
            let reason = Message::new("complexity.unusable").with("problem", problem);
            return refused(refusal("complexity.unusable", reason));
        }
        Some(Ok(found)) => found,
    };
    let kept = universe(
        &found.table,
        &BTreeMap::new(),
        &UniverseParams {
            location_floor: section.least_location,
            activity_floor: section.least_activity,
            ..UniverseParams::default()
        },
    );
    let Some(table) = kept.table(&found.table) else {
        return refused(refusal(
            "complexity.no_table",
            Message::new("complexity.no_table"),
        ));
    };
    let convention = Convention::default();
    let around = match Around::of(&table, &convention, &Params::default()) {
        Ok(around) => around,
        Err(ComplexityError::Refused(refusal)) => return refused(*refusal),
        Err(error) => {
            let reason = Message::new("complexity.unusable").with("problem", error.to_string());
            return refused(refusal("complexity.unusable", reason));
        }
    };
    let mut refusals = Vec::new();
    let locations = match ranges(&table, &convention, section, context.config.study.seed) {
        Ok(ranges) => ranges,
        Err(refusal) => {
            refusals.push(*refusal);
            Vec::new()
        }
    };
    let mut output = StepOutput {
        tables: vec![of_locations(
            context,
            &found,
            &table,
            &around.base,
            &locations,
        )],
        refusals,
    };
    let home = if section.location.is_empty() {
        context.config.study.home.as_str()
    } else {
        &section.location
    };
    let at = table.location(home);
    if let Some(home) = at {
        let (listed, refused) = of_options(&found, &table, &around, home, section);
        output.tables.push(listed);
        output.refusals.extend(refused);
    } else {
        output.tables.push(options_table());
        let reason = Message::new("complexity.no_home").with("home", home);
        output.refusals.push(refusal("complexity.no_home", reason));
    }
    let space = space::tables(&table, &around, at, &origins(&found));
    output.tables.extend(space);
    output
}

fn refusal(code: &str, reason: Message) -> Refusal {
    Refusal {
        code: code.to_owned(),
        question: Message::new("complexity.question"),
        reason,
        needed: Message::new("complexity.needed"),
    }
}

/// Ranges of every unit over all choices: thresholds, cells near them, who is in the table.
fn ranges(
    table: &ActivityTable,
    convention: &Convention,
    section: &ComplexitySection,
    seed: model::Seed,
) -> Result<Vec<UnitInterval>, Box<Refusal>> {
    let rule = Rule {
        threshold: convention.threshold,
        comparison: convention.comparison,
        tie: convention.tie,
    };
    let replicates = section.replicates.max(20);
    let schemes = [
        Scheme::threshold_sweep(),
        Scheme::NearThreshold {
            tolerance: 0.05,
            replicates,
        },
        Scheme::Bootstrap {
            side: Side::Location,
            replicates,
        },
    ];
    let mut parts = Vec::new();
    for scheme in &schemes {
        match intervals(table, &rule, scheme, &IntervalParams::default(), seed) {
            Ok(found) => parts.push(found),
            Err(IntervalError::Refused(refusal)) => return Err(refusal),
            Err(error) => {
                let reason = Message::new("complexity.unusable").with("problem", error.to_string());
                return Err(Box::new(refusal("complexity.unusable", reason)));
            }
        }
    }
    let all = envelope(&parts).map(|(locations, _)| locations);
    all.ok_or_else(|| {
        Box::new(refusal(
            "complexity.no_table",
            Message::new("complexity.no_table"),
        ))
    })
}

fn locations_table() -> ResultTable {
    ResultTable::new(
        "foundation.complexity",
        "complexity",
        "ECI: second eigenvector of D⁻¹ M U⁻¹ M', mean PCI of what a location has; ranges over thresholds, cells near them, and who is in the table",
        &[
            ("location", ""),
            ("year", ""),
            ("diversity", ""),
            ("eci", "standard_deviations"),
            ("eci_rank", "rank"),
            ("top_ten", "share"),
        ],
    )
}

fn of_locations(
    context: &Context,
    found: &Activities,
    table: &ActivityTable,
    base: &Complexity,
    ranges: &[UnitInterval],
) -> ResultTable {
    let countries: BTreeSet<&str> = rows(context.evidence, "countries")
        .map(|row| row.key.as_str())
        .collect();
    let mut out = locations_table();
    for (l, label) in table.locations().iter().enumerate() {
        let unit = ranges.get(l);
        let rank = unit.and_then(|u| {
            let rank = u.rank?;
            Some(Estimate::spanning(
                f64::from(rank.value?),
                f64::from(rank.best),
                f64::from(rank.worst),
                Basis::Derived,
            ))
        });
        out.push(
            label.clone(),
            vec![
                if countries.contains(label.as_str()) {
                    Entity::new(Kind::Country, label.clone()).into()
                } else {
                    label.clone().into()
                },
                Cell::Count(i64::from(found.year.0)),
                (base.presence.diversity()[l] as usize).into(),
                with_range(base.eci[l], unit).into(),
                rank.map_or_else(unknown, Quantity::from).into(),
                unit.filter(|u| u.top.is_finite())
                    .map_or_else(unknown, |u| Quantity::exact(u.top, Basis::Derived))
                    .into(),
            ],
            origins(found),
        );
    }
    out
}

fn options_table() -> ResultTable {
    ResultTable::new(
        "foundation.options",
        "smart-specialisation",
        "relatedness density = Σ M φ / Σ φ of what home does not have, beside PCI; quadrants cut at the means, ranges over RCA thresholds 0.75 to 1.25",
        &[
            ("activity", ""),
            ("density", "share"),
            ("pci", "standard_deviations"),
            ("outlook_gain", "standard_deviations"),
            ("quadrant", ""),
            ("possible_quadrants", ""),
        ],
    )
}

/// What home does not have, the nearest first.
fn of_options(
    found: &Activities,
    table: &ActivityTable,
    around: &Around,
    home: usize,
    section: &ComplexitySection,
) -> (ResultTable, Vec<Refusal>) {
    let mut out = options_table();
    let width = table.activities().len();
    let placed = match options(around, home) {
        Ok(found) => found.placed,
        Err(refusal) => return (out, vec![*refusal]),
    };
    for option in placed.into_iter().take(section.options) {
        let a = option.candidate.activity;
        let label = &table.activities()[a];
        let possible: Vec<Entity> = option
            .possible
            .iter()
            .map(|q| Entity::new(Kind::Code, q.code()))
            .collect();
        out.push(
            label.clone(),
            vec![
                label.clone().into(),
                option.candidate.relatedness.into(),
                option.candidate.complexity.into(),
                around
                    .range(|c| c.cog[home * width + a])
                    .map_or_else(unknown, Quantity::from)
                    .into(),
                code(option.quadrant.code()),
                possible.into(),
            ],
            origins(found),
        );
    }
    (out, Vec::new())
}

fn with_range(value: f64, unit: Option<&UnitInterval>) -> Quantity {
    let band = unit.map(|u| u.value);
    match band {
        Some(band) if value.is_finite() && band.low.is_finite() && band.high.is_finite() => {
            Estimate::spanning(value, band.low, band.high, Basis::Derived).into()
        }
        _ => unknown(),
    }
}

fn unknown() -> Quantity {
    Quantity::not_estimated(Message::new("complexity.no_number"))
}

fn origins(found: &Activities) -> Vec<Origin> {
    let mut origins = vec![found.origin.clone()];
    origins.extend(parameters(&["complexity", "study.seed"]));
    origins
}
