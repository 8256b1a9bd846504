//! The part that trade carries: who sells the code to the buyer, what stops, who else sells it.
//!
//! ```text
//! share  = imports of the code from the stopping countries / imports of the code
//!          high end: all imports of unknown origin come from them too
//! lost   = Σ imports from each of them × its severity / imports of the code
//!          high end: all imports of unknown origin stop too, at the largest severity
//! ```
//!
//! A code that several nodes share, or that other goods share with a node, says nothing about each of them: the part of
//! the code that is the good asked about is unknown, 0 to 1, and said so.

use std::collections::BTreeMap;

use evidence::Evidence;
use evidence::bulk::{Filter, read_trade};
use foundation::dependency::flows::Flows;
use foundation::dependency::importer::Importer;
use foundation::dependency::sources::{SourceParams, Use, sources};
use model::{
    Basis, Country, Entity, Estimate, Kind, Message, Node, Origin, Refusal, ResultTable, RowRef,
};

use super::question::{AskedCode, nodes_of_code, title};
use super::{Carrier, Desk, Part, beyond, refusal};
use crate::config::Span;
use crate::folder::BulkTables;
use crate::inputs::large::of_rows;

/// Present suppliers that stop, those that go on, and new ones listed for each code.
const SHOWN: usize = 5;

/// The table `trade` of a study, its latest final year.
pub fn of_study(evidence: &Evidence, bulk: &BulkTables, desk: &Desk) -> Part {
    if let Some(part) = beyond(Carrier::Trade, desk.scenario) {
        return part;
    }
    let question = title(desk.scenario);
    let Some(table) = bulk.get("trade") else {
        return Part::refused(Carrier::Trade, refusal("no_trade", &question));
    };
    let unreadable = |problem: String| {
        let mut refused = refusal("unreadable", &question);
        refused.reason = refused.reason.with("problem", problem);
        Part::refused(Carrier::Trade, refused)
    };
    let is_final = |year: &&i32| !table.provisional_years.contains(year);
    let latest = table.years.iter().rev().find(is_final);
    let Some(year) = latest.or(table.years.last()).copied() else {
        return unreadable("no year".to_owned());
    };
    let filter = Filter {
        years: Some(vec![year]),
        layer: None,
    };
    let read = read_trade(&table.path, &filter)
        .map_err(|error| error.to_string())
        .and_then(|rows| of_rows(&rows));
    let origin = Origin::Evidence(RowRef::new("sources", table.source.clone()));
    match read {
        Ok(flows) => {
            let goods = |code: &str| nodes_of_code(evidence, code);
            let mut part = answer(desk, &flows, year, &origin, &goods);
            if part.answered() {
                part.notes.push(if table.unit.is_empty() {
                    Message::new("whatif.note.trade_no_unit")
                } else {
                    Message::new("whatif.note.trade_unit").with("unit", table.unit.as_str())
                });
            }
            part
        }
        Err(problem) => unreadable(problem),
    }
}

/// Asks the flows of one year; `goods` are the nodes that a code stands for.
pub fn answer(
    desk: &Desk,
    flows: &Flows,
    year: i32,
    origin: &Origin,
    goods: &dyn Fn(&str) -> Vec<Node>,
) -> Part {
    if let Some(part) = beyond(Carrier::Trade, desk.scenario) {
        return part;
    }
    if desk.codes.is_empty() {
        let question = title(desk.scenario);
        return Part::refused(Carrier::Trade, refusal("no_code", &question));
    }
    let mut part = Part {
        carrier: Carrier::Trade,
        tables: vec![import_table(), source_table()],
        refusals: Vec::new(),
        notes: Vec::new(),
        draws: None,
    };
    for asked in desk.codes {
        let code = asked.code.as_str();
        let goods: Vec<Entity> = goods(code).iter().map(Node::entity).collect();
        let id = match goods.len() {
            0 => "whatif.note.whole_code",
            1 => "whatif.note.wider_code",
            _ => "whatif.note.shared_code",
        };
        part.notes
            .push(Message::new(id).with("code", code).with("nodes", goods));
        if let Err(refusal) = of_code(&mut part, flows, desk, asked, year, origin) {
            part.refusals.push(*refusal);
        }
    }
    part
}

fn of_code(
    part: &mut Part,
    flows: &Flows,
    desk: &Desk,
    asked: &AskedCode,
    year: i32,
    origin: &Origin,
) -> Result<(), Box<Refusal>> {
    let (scenario, code) = (desk.scenario, asked.code.as_str());
    let buyer = scenario.buyer.as_deref().or(desk.home);
    let buyer = buyer.ok_or_else(|| Box::new(refusal("no_buyer", &title(scenario))))?;
    let missing = |kind: &str| {
        let fill = |id: String| {
            Message::new(id)
                .with("code", code)
                .with("country", Country::from(buyer).entity())
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
        .country(buyer)
        .ok_or_else(|| missing("buyer_not_trading"))?;
    // What stops of each country, and of everybody where an event names none.
    let mut stops: BTreeMap<usize, Span> = BTreeMap::new();
    let mut everywhere: Option<Span> = None;
    for event in asked.events.iter().map(|at| &scenario.event[*at]) {
        let Some(country) = event.country.as_deref() else {
            everywhere = Some(larger(everywhere, event.severity));
            continue;
        };
        let of_bloc = desk.blocs.get(&Country::from(country));
        let members = of_bloc.map_or_else(
            || vec![country],
            |members| members.iter().map(Country::as_str).collect(),
        );
        let traded: Vec<usize> = members.iter().filter_map(|c| flows.country(c)).collect();
        if traded.is_empty() {
            // A country without any row is missing, not zero.
            let mut refused = *missing("stop_not_trading");
            for message in [&mut refused.reason, &mut refused.needed] {
                *message = message
                    .clone()
                    .with("country", Country::from(country).entity());
            }
            return Err(Box::new(refused));
        }
        for at in traded {
            stops.insert(at, larger(stops.get(&at).copied(), event.severity));
        }
    }
    // What everybody stops, home's own goods on their way back do not.
    let severity = |exporter: usize| match (stops.get(&exporter).copied(), everywhere) {
        (own, Some(all)) if exporter != home => Some(larger(own, all)),
        (own, _) => own,
    };
    let most = stops.values().chain(&everywhere).map(|s| s.high);
    let most = most.fold(0.0, f64::max);
    let (mut total, mut from, mut unknown) = (0.0, 0.0, 0.0);
    let mut lost = [0.0; 3];
    // Present suppliers of known origin.
    let mut present: BTreeMap<usize, f64> = BTreeMap::new();
    for row in flows.rows(product).filter(|row| row.importer == home) {
        total += row.value;
        if row.exporter != home && !flows.is_unknown(row.exporter) {
            *present.entry(row.exporter).or_default() += row.value;
        }
        if flows.is_unknown(row.exporter) {
            unknown += row.value;
            lost[2] += row.value * most;
        } else if let Some(severity) = severity(row.exporter) {
            from += row.value;
            let ends = [severity.low, severity.value, severity.high];
            for (lost, part) in lost.iter_mut().zip(ends) {
                *lost += row.value * part;
            }
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
    let [low, value, high] = lost.map(|lost| (lost / total).clamp(0.0, 1.0));
    let country = |code: &str| model::Cell::Entity(Entity::new(Kind::Country, code));
    let stopped = |at: &usize| severity(*at).is_some();
    let params = SourceParams {
        most: usize::MAX,
        // Whoever sells already can also add.
        little: 1.0,
        excluded: stops
            .keys()
            .map(|c| flows.countries()[*c].clone())
            .collect(),
        ..SourceParams::default()
    };
    let found = sources(flows, &Importer::country(buyer), product, &params)?;
    let spare: BTreeMap<&str, Estimate> = (found.candidates.iter())
        .map(|c| (c.country.as_str(), c.spare_reach))
        .chain([(found.first.as_str(), found.first_spare)])
        .collect();
    // Where everybody stops, nobody can add anything.
    let could = |name: &str| spare.get(name).copied().filter(|_| everywhere.is_none());
    let all = |end: fn(&Estimate) -> f64| {
        let sum: f64 = spare
            .keys()
            .filter_map(|name| could(name))
            .map(|e| end(&e))
            .sum();
        (sum / total).min(1.0)
    };
    part.tables[0].push(
        code,
        vec![
            code.into(),
            model::Cell::Count(i64::from(year)),
            country(buyer),
            model::Quantity::exact(total, Basis::Measured).into(),
            share.into(),
            Estimate::spanning(value, low, high, Basis::Assumed).into(),
            Estimate::spanning(
                all(|e| e.value),
                all(|e| e.low),
                all(|e| e.high),
                Basis::Derived,
            )
            .into(),
        ],
        vec![origin.clone()],
    );
    let little = SourceParams::default().little;
    let mut push = |name: &str, share: f64, used: &str, could: Option<Estimate>| {
        let could = could.map(|e| e.map_increasing(|x| x / total));
        part.tables[1].push(
            format!("{code}/{name}"),
            vec![
                code.into(),
                country(name),
                Entity::new(Kind::Code, used).into(),
                model::Quantity::exact(share, Basis::Derived).into(),
                could.map_or(model::Cell::Empty, Into::into),
            ],
            vec![origin.clone()],
        );
    };
    // Present suppliers first, what stops before all; then who sells elsewhere, by what it could add.
    let mut in_use: Vec<(usize, f64)> = present.into_iter().collect();
    in_use.sort_by(|a, b| {
        let stop_first = stopped(&b.0).cmp(&stopped(&a.0));
        stop_first.then(b.1.total_cmp(&a.1)).then(a.0.cmp(&b.0))
    });
    let stopping = in_use.iter().filter(|(at, _)| stopped(at)).count();
    for (at, value) in in_use.iter().take(stopping.min(SHOWN) + SHOWN) {
        let name = flows.countries()[*at].as_str();
        let share = value / total;
        if stopped(at) {
            push(name, share, "whatif.source.stops", None);
        } else {
            let used = if share < little {
                Use::Little
            } else {
                Use::Used
            };
            push(name, share, used.code(), could(name));
        }
    }
    let new = found.candidates.iter();
    let new = new.filter(|c| c.share <= 0.0 && everywhere.is_none());
    for candidate in new.take(SHOWN) {
        push(
            &candidate.country,
            0.0,
            Use::NotYet.code(),
            Some(candidate.spare_reach),
        );
    }
    Ok(())
}

/// The larger of two stops of one country.
fn larger(known: Option<Span>, other: Span) -> Span {
    known.map_or(other, |known| Span {
        low: known.low.max(other.low),
        value: known.value.max(other.value),
        high: known.high.max(other.high),
    })
}

fn import_table() -> ResultTable {
    ResultTable::new(
        "whatif.imports",
        "shock",
        "imports of the code from the stopping countries / all imports of the code; lost: times severity; others: what exporters that go on could add at once / all imports of the code, at most 1",
        &[
            ("product", ""),
            ("year", ""),
            ("buyer", ""),
            ("imports", "trade_value"),
            ("share_stopped", "share"),
            ("share_lost", "share"),
            ("others_could_add", "share"),
        ],
    )
}

fn source_table() -> ResultTable {
    ResultTable::new(
        "whatif.sources",
        "shock",
        "present suppliers and other exporters outside the buyer: share of the buyer's imports now, and what they could add at once over those imports",
        &[
            ("product", ""),
            ("country", ""),
            ("source_use", ""),
            ("share_now", "share"),
            ("could_add", "share"),
        ],
    )
}
