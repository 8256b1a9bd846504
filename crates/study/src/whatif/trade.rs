//! The part that trade carries: who sells the code to the buyer, what stops, who else sells it.
//!
//! ```text
//! share  = imports of the code from the stopping countries / imports of the code
//!          high end: all imports of unknown origin come from them too
//! lost   = share × severity
//! ```
//!
//! A code that several nodes share, or that other goods share with a node, says nothing about each of them: the part of
//! the code that is the good asked about is unknown, 0 to 1, and said so.

use evidence::Evidence;
use evidence::bulk::{Filter, read_trade};
use foundation::dependency::flows::Flows;
use foundation::dependency::importer::Importer;
use foundation::dependency::sources::{SourceParams, sources};
use model::{
    Basis, Country, Entity, Estimate, Kind, Message, Origin, Refusal, ResultTable, RowRef,
};

use super::question::{Asked, nodes_of_code, title};
use super::{Carrier, Part, refusal};
use crate::config::Config;
use crate::folder::BulkTables;
use crate::inputs::large::of_rows;

/// Alternatives shown for each code.
const SHOWN: usize = 5;

/// `None` where no code is asked about.
pub fn part(
    evidence: &Evidence,
    bulk: &BulkTables,
    config: &Config,
    asked: &Asked,
) -> Option<Part> {
    let question = title(&asked.scenario);
    let Some(table) = bulk.get("trade") else {
        return Some(Part::refused(
            Carrier::Trade,
            refusal("no_trade", &question),
        ));
    };
    if asked.codes.is_empty() {
        return Some(Part::refused(Carrier::Trade, refusal("no_code", &question)));
    }
    let final_year = |year: &&i32| !table.provisional_years.contains(year);
    let year = *(table.years.iter().rev().find(final_year)).or(table.years.last())?;
    let filter = Filter {
        years: Some(vec![year]),
        layer: None,
    };
    let read = read_trade(&table.path, &filter)
        .map_err(|error| error.to_string())
        .and_then(|rows| of_rows(&rows));
    let flows = match read {
        Ok(flows) => flows,
        Err(problem) => {
            let mut refused = refusal("unreadable", &question);
            refused.reason = refused.reason.with("problem", problem);
            return Some(Part::refused(Carrier::Trade, refused));
        }
    };
    let mut part = Part {
        carrier: Carrier::Trade,
        tables: vec![import_table(), source_table()],
        refusals: Vec::new(),
        notes: Vec::new(),
    };
    let origin = Origin::Evidence(RowRef::new("sources", table.source.clone()));
    for code in &asked.codes {
        let goods = nodes_of_code(evidence, code);
        let goods: Vec<Entity> = goods.iter().map(model::Node::entity).collect();
        let id = match goods.len() {
            0 => "whatif.note.whole_code",
            1 => "whatif.note.wider_code",
            _ => "whatif.note.shared_code",
        };
        part.notes.push(
            Message::new(id)
                .with("code", code.as_str())
                .with("nodes", goods),
        );
        if let Err(refusal) = of_code(&mut part, &flows, config, asked, code, year, &origin) {
            part.refusals.push(*refusal);
        }
    }
    Some(part)
}

fn of_code(
    part: &mut Part,
    flows: &Flows,
    config: &Config,
    asked: &Asked,
    code: &str,
    year: i32,
    origin: &Origin,
) -> Result<(), Box<Refusal>> {
    let scenario = &asked.scenario;
    let buyer = scenario
        .buyer
        .clone()
        .unwrap_or_else(|| config.study.home.as_str().to_owned());
    let missing = |kind: &str| {
        let fill = |id: String| {
            Message::new(id)
                .with("code", code)
                .with("country", Country::from(buyer.as_str()).entity())
        };
        Box::new(Refusal {
            code: format!("whatif.{kind}"),
            question: title(scenario),
            reason: fill(format!("whatif.{kind}")),
            needed: fill(format!("whatif.{kind}.needed")),
        })
    };
    let product = flows
        .product(code)
        .ok_or_else(|| missing("code_not_traded"))?;
    let home = flows
        .country(&buyer)
        .ok_or_else(|| missing("buyer_not_trading"))?;
    let stopped: Vec<usize> = scenario
        .event
        .iter()
        .filter_map(|event| event.country.as_deref())
        .flat_map(|country| {
            let members = config.chain.graph.blocs.get(&Country::from(country));
            members.map_or_else(
                || vec![country.to_owned()],
                |members| members.iter().map(|m| m.as_str().to_owned()).collect(),
            )
        })
        .filter_map(|country| flows.country(&country))
        .collect();
    let all = scenario.event.iter().any(|event| event.country.is_none());
    let (mut total, mut from, mut unknown) = (0.0, 0.0, 0.0);
    for row in flows.rows(product).filter(|row| row.importer == home) {
        total += row.value;
        if flows.is_unknown(row.exporter) {
            unknown += row.value;
        } else if all || stopped.contains(&row.exporter) {
            from += row.value;
        }
    }
    if total <= 0.0 {
        return Err(missing("not_imported"));
    }
    let share = Estimate::spanning(
        from / total,
        from / total,
        (from + unknown) / total,
        Basis::Derived,
    );
    let severity = scenario.event.iter().map(|event| event.severity.assumed());
    let severity = severity
        .reduce(|a, b| if b.value > a.value { b } else { a })
        .unwrap_or(Estimate::exact(1.0, Basis::Assumed));
    let country = |code: &str| Entity::new(Kind::Country, code);
    part.tables[0].push(
        code,
        vec![
            code.into(),
            model::Cell::Count(i64::from(year)),
            country(&buyer).into(),
            model::Quantity::exact(total, Basis::Measured).into(),
            share.into(),
            share.times(severity).clamped(0.0, 1.0).into(),
        ],
        vec![origin.clone()],
    );
    let params = SourceParams {
        most: SHOWN,
        excluded: stopped
            .iter()
            .map(|c| flows.countries()[*c].clone())
            .collect(),
        ..SourceParams::default()
    };
    let found = sources(flows, &Importer::country(&buyer), product, &params)?;
    for candidate in &found.candidates {
        part.tables[1].push(
            format!("{code}/{}", candidate.country),
            vec![
                code.into(),
                country(&candidate.country).into(),
                model::Quantity::exact(candidate.share, Basis::Derived).into(),
                candidate.spare_reach.map_increasing(|x| x / total).into(),
            ],
            vec![origin.clone()],
        );
    }
    Ok(())
}

fn import_table() -> ResultTable {
    ResultTable::new(
        "whatif.imports",
        "shock",
        "imports of the code from the stopping countries / all imports of the code; lost: times severity",
        &[
            ("product", ""),
            ("year", ""),
            ("buyer", ""),
            ("imports", "trade_value"),
            ("share_stopped", "share"),
            ("share_lost", "share"),
        ],
    )
}

fn source_table() -> ResultTable {
    ResultTable::new(
        "whatif.sources",
        "shock",
        "other exporters outside the buyer by what they could add at once, over the buyer's imports",
        &[
            ("product", ""),
            ("country", ""),
            ("share_now", "share"),
            ("could_add", "share"),
        ],
    )
}
