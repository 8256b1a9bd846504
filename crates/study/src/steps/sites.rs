//! Sites: where pilots of each field of the layout stand, so that most people live within reach of one.
//!
//! Served are home's clusters by population; hosts are clusters whose strength in the field is at least the study's threshold. Solved exactly at
//! the radius of the study; the people covered range over its smallest and largest radius and the populations' own ranges.

use std::collections::BTreeSet;

use layout::Limits;
use layout::consortium::{Place, kilometres};
use layout::sites::{
    Candidate, Demand, Located, Problem, centre, cover, coverage_front, median, uncovered,
};
use model::{
    Basis, Cell, Cluster, Entity, Estimate, Field, Message, Origin, Quantity, Refusal, ResultTable,
    RowRef,
};
use serde_json::{Value, json};

use super::{code, evidence_rows, laid_out, parameters};
use crate::config::{Config, SiteSection};
use crate::engine::output::{StepOutput, entity, estimate};
use crate::engine::step::Context;
use crate::inputs::rows;
use crate::scenario::Scenario;

pub fn params(config: &Config, _: &[Scenario]) -> Value {
    json!({ "home": config.study.home, "sites": config.sites, "ranges": config.ranges })
}

/// A cluster of home with people.
struct Town {
    id: String,
    place: Place,
    people: Estimate,
    origin: RowRef,
}

pub fn run(context: &Context) -> StepOutput {
    let mut output = StepOutput::default();
    let Some(settings) = &context.config.sites else {
        output.refusals.push(refusal("sites.not_asked", |m| m));
        return output;
    };
    let towns = towns(context);
    if towns.is_empty() {
        output.refusals.push(refusal("sites.no_places", |m| m));
        return output;
    }
    let layout = context.table("layout.regions");
    let fields = laid_out(&layout);
    if fields.is_empty() {
        output.refusals.push(refusal("sites.no_fields", |m| m));
        return output;
    }
    let mut tables = Tables::new();
    let (mut few, mut open): (Vec<Entity>, Vec<Entity>) = (Vec::new(), Vec::new());
    for field in fields {
        let question = question(context, settings, &towns, field);
        if question.problem.candidates.len() < settings.sites {
            few.push(Field::from(field).entity());
            continue;
        }
        match answer(&question, settings) {
            Some(found) => tables.push(field, &towns, settings, &question, &found),
            None => open.push(Field::from(field).entity()),
        }
    }
    for (id, fields) in [("sites.few_hosts", few), ("sites.unlocated", open)] {
        if !fields.is_empty() {
            output
                .refusals
                .push(refusal(id, |m| m.with("fields", fields.clone())));
        }
    }
    output.tables = vec![tables.sites, tables.cover, tables.front, tables.uncovered];
    output
}

fn refusal(id: &str, fill: impl Fn(Message) -> Message) -> Refusal {
    Refusal {
        code: id.to_owned(),
        question: Message::new("sites.question"),
        reason: fill(Message::new(id)),
        needed: Message::new(format!("{id}.needed")),
    }
}

fn towns(context: &Context) -> Vec<Town> {
    let home = context.config.study.home.as_str();
    rows(context.evidence, "clusters")
        .filter(|row| row.text("country") == Some(home))
        .filter_map(|row| {
            Some(Town {
                id: row.key.clone(),
                place: Place {
                    lon: row.number("lon")?,
                    lat: row.number("lat")?,
                },
                people: Estimate::relative(
                    row.number("population")?,
                    (context.config.ranges)
                        .half_width(context.evidence.confidence(&row.reference())),
                    Basis::Published,
                ),
                origin: row.reference(),
            })
        })
        .collect()
}

struct Question {
    /// Every town as a host.
    all: Problem,
    /// Those that are strong enough.
    problem: Problem,
    strengths: Vec<(String, Estimate)>,
}

fn question(context: &Context, settings: &SiteSection, towns: &[Town], field: &str) -> Question {
    let table = context.table("foundation.strengths");
    let strengths: Vec<(String, Estimate)> = table
        .rows
        .iter()
        .filter(|row| entity(&table, row, "field") == Some(field))
        .filter_map(|row| {
            let cluster = entity(&table, row, "cluster")?;
            Some((cluster.to_owned(), estimate(&table, row, "strength")?))
        })
        .collect();
    let strength = |id: &str| {
        strengths
            .iter()
            .find(|(c, _)| c == id)
            .map(|(_, s)| s.value)
    };
    let all = Problem {
        demands: towns
            .iter()
            .map(|town| Demand {
                id: town.id.clone(),
                weight: town.people.value,
            })
            .collect(),
        candidates: towns
            .iter()
            .map(|town| Candidate {
                id: town.id.clone(),
                suitability: strength(&town.id),
                fixed: false,
                cost: None,
            })
            .collect(),
        distance: towns
            .iter()
            .map(|a| {
                towns
                    .iter()
                    .map(|b| kilometres(&a.place, &b.place))
                    .collect()
            })
            .collect(),
        budget: None,
    };
    Question {
        problem: all.suitable(settings.suitable_from),
        all,
        strengths,
    }
}

struct Found {
    cover: Located,
    front: Vec<(usize, f64)>,
    median: Option<Located>,
    centre: Option<Located>,
}

fn answer(question: &Question, settings: &SiteSection) -> Option<Found> {
    let limits = Limits {
        time_limit_seconds: None,
        ..Limits::default()
    };
    let (problem, sites) = (&question.problem, settings.sites);
    let radius = settings.radius_km.value;
    let most = settings.most.min(problem.candidates.len());
    Some(Found {
        cover: cover(problem, sites, radius, settings.times, &limits).ok()?,
        front: coverage_front(problem, most, radius, settings.times, &limits)
            .ok()?
            .iter()
            .map(|point| (point.count, point.located.worth.value))
            .collect(),
        median: median(problem, sites, &limits).ok(),
        centre: centre(problem, sites, &limits).ok(),
    })
}

/// The share of people whom at least `times` of the sites reach within `radius`: lowest, at the values, highest of the populations.
fn covered(towns: &[Town], sites: &BTreeSet<&str>, radius: f64, times: usize) -> [f64; 3] {
    let reached = |town: &Town| {
        let open = towns.iter().filter(|t| sites.contains(t.id.as_str()));
        open.filter(|t| kilometres(&t.place, &town.place) <= radius)
            .count()
            >= times
    };
    let of = |inside: fn(&Estimate) -> f64, outside: fn(&Estimate) -> f64| {
        let (mut yes, mut all) = (0.0, 0.0);
        for town in towns {
            let here = reached(town);
            let people = if here {
                inside(&town.people)
            } else {
                outside(&town.people)
            };
            all += people;
            yes += if here { people } else { 0.0 };
        }
        if all > 0.0 { yes / all } else { 0.0 }
    };
    [
        of(|e| e.low, |e| e.high),
        of(|e| e.value, |e| e.value),
        of(|e| e.high, |e| e.low),
    ]
}

struct Tables {
    sites: ResultTable,
    cover: ResultTable,
    front: ResultTable,
    uncovered: ResultTable,
}

impl Tables {
    fn new() -> Self {
        Self {
            sites: ResultTable::new(
                "layout.sites",
                "sites",
                "the sites that cover the most people within the radius (maximal covering); hosts of the least strength or above",
                &[
                    ("field", ""),
                    ("cluster", ""),
                    ("suitability", "share"),
                    ("serves", ""),
                ],
            ),
            cover: ResultTable::new(
                "layout.sites_cover",
                "sites",
                "covered people / all people of home's clusters; range: lowest and highest radius and the populations' own; mean: p-median; farthest: p-centre",
                &[
                    ("field", ""),
                    ("site_count", ""),
                    ("covered_share", "share"),
                    ("cover_bound", "share"),
                    ("mean_km", "km"),
                    ("farthest_km", "km"),
                ],
            ),
            front: ResultTable::new(
                "layout.sites_front",
                "sites",
                "the most people that so many sites cover; numbers that add nobody are left out",
                &[
                    ("field", ""),
                    ("site_count", ""),
                    ("covered_share", "share"),
                ],
            ),
            uncovered: ResultTable::new(
                "layout.sites_uncovered",
                "sites",
                "no site within the radius: no place near enough, none suitable, or the sites go where they cover more",
                &[("field", ""), ("cluster", ""), ("why", "")],
            ),
        }
    }

    fn push(
        &mut self,
        field: &str,
        towns: &[Town],
        settings: &SiteSection,
        question: &Question,
        found: &Found,
    ) {
        let everybody: f64 = towns.iter().map(|t| t.people.value).sum();
        let mut origins =
            evidence_rows(&towns.iter().map(|t| t.origin.clone()).collect::<Vec<_>>());
        origins.extend(question.strengths.iter().map(|(cluster, _)| {
            Origin::Result(RowRef::new(
                "foundation.strengths",
                format!("{cluster}/{field}"),
            ))
        }));
        origins.extend(parameters(&["sites", "study.home"]));
        let about = || Cell::from(Field::from(field).entity());
        let row = || vec![Origin::Result(RowRef::new("layout.sites_cover", field))];
        for site in &found.cover.sites {
            let strength = question.strengths.iter().find(|(c, _)| c == site);
            let serves = (found.cover.nearest.iter())
                .filter(|(_, nearest, _)| nearest == site)
                .count();
            let suitability = strength.map_or_else(
                || Quantity::not_estimated(Message::new("sites.no_strength")),
                |(_, s)| Quantity::from(*s),
            );
            self.sites.push(
                format!("{field}/{site}"),
                vec![
                    about(),
                    Cluster::from(site.as_str()).entity().into(),
                    suitability.into(),
                    serves.into(),
                ],
                row(),
            );
        }
        let sites: BTreeSet<&str> = found.cover.sites.iter().map(String::as_str).collect();
        let radius = settings.radius_km;
        let at = |radius: f64| covered(towns, &sites, radius, settings.times);
        let share = Estimate::spanning(
            at(radius.value)[1],
            at(radius.low)[0],
            at(radius.high)[2],
            Basis::Assumed,
        );
        let exact = |x: f64| Quantity::exact(x, Basis::Derived);
        let none = || Quantity::not_estimated(Message::new("sites.stopped"));
        let span = |located: &Option<Located>, scale: f64| {
            located.as_ref().map_or_else(none, |l| {
                let (value, bound) = (l.worth.value / scale, l.worth.bound / scale);
                Quantity::from(Estimate::spanning(value, bound, value, Basis::Derived))
            })
        };
        self.cover.push(
            field,
            vec![
                about(),
                settings.sites.into(),
                share.into(),
                exact((found.cover.worth.bound / everybody).min(1.0)).into(),
                span(&found.median, everybody).into(),
                span(&found.centre, 1.0).into(),
            ],
            origins,
        );
        for (count, weight) in &found.front {
            self.front.push(
                format!("{field}/{count}"),
                vec![about(), (*count).into(), exact(weight / everybody).into()],
                row(),
            );
        }
        let missed = uncovered(
            &question.all,
            &question.problem,
            &found.cover,
            radius.value,
            settings.times,
        );
        for u in missed {
            self.uncovered.push(
                format!("{field}/{}", u.demand),
                vec![
                    about(),
                    Cluster::from(u.demand.as_str()).entity().into(),
                    code(u.why.code()),
                ],
                row(),
            );
        }
    }
}
