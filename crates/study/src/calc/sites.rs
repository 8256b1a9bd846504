//! `calc sites`: where pilots, institutes and hubs go, from tables in a folder.
//!
//! `demands` (demand[,weight,lon,lat]), `candidates` (candidate[,suitability,fixed,cost,lon,lat]); where they are there also `distances`
//! (from,to,distance), `flows` (from,to,flow) between candidates, and the settings `sites.toml`.

mod answer;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use layout::Limits;
use layout::consortium::{Place, kilometres};
use layout::sites::{Candidate, Demand, HubCoverParams, HubParams, Problem};
use model::Lang;
use serde::Deserialize;
use serde_json::Value;

use self::answer::answers;
use self::written::{document, lines, write};
use super::CalcError;
use super::lines::Lines;
use super::out::{CalcReport, Out};
use super::plain::{Wanted, hashes, open, settings};
use super::portfolio::report;

#[derive(Debug, Clone)]
pub struct SitesArgs {
    /// A folder of tables, or the file of settings beside them.
    pub path: PathBuf,
    /// Number of sites, radius and times, instead of what the settings say.
    pub sites: Option<usize>,
    pub radius: Option<f64>,
    pub times: Option<usize>,
    pub time_limit: Option<f64>,
    pub nodes: Option<usize>,
    /// Where tables go; without it the answer is printed only.
    pub out: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    /// Sites to open.
    sites: Option<usize>,
    /// Distance within which a site serves; without it nothing is asked of covering.
    radius: Option<f64>,
    /// Sites that have to serve a demand.
    times: usize,
    /// Largest number of sites of the front.
    most: Option<usize>,
    /// Least suitability of a host.
    suitable_from: Option<f64>,
    /// Money for opening; `sites` is then the most that may be opened.
    budget: Option<f64>,
    /// Choices to rank, the best included, and places in which any two differ at least.
    alternatives: usize,
    differ: usize,
    limits: Limits,
    hubs: Option<HubParams>,
    hub_cover: Option<HubCoverParams>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            sites: None,
            radius: None,
            times: 1,
            most: None,
            suitable_from: None,
            budget: None,
            alternatives: 3,
            differ: 2,
            limits: Limits::default(),
            hubs: None,
            hub_cover: None,
        }
    }
}

/// Flows and distances between the candidates, in the order of their ids.
struct Network {
    places: Vec<String>,
    flow: Vec<Vec<f64>>,
    distance: Vec<Vec<f64>>,
}

struct Question {
    /// Every candidate.
    all: Problem,
    /// Those that are suitable.
    problem: Problem,
    network: Option<Network>,
    sites: usize,
    read: Value,
    weighted: Weighted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weighted {
    OnRecord,
    /// Every demand counts alike.
    Alike,
}

/// Writes `sites.csv`, `nearest.csv`, `uncovered.csv`, `front_coverage.csv`, `front_fairness.csv`, `hubs.csv` and `report.json`.
pub fn sites(args: &SitesArgs, lang: Lang) -> Result<CalcReport, CalcError> {
    let (mut settings, folder): (Settings, _) = settings(&args.path, "sites.toml")?;
    settings.sites = args.sites.or(settings.sites);
    settings.radius = args.radius.or(settings.radius);
    settings.times = args.times.unwrap_or(settings.times).max(1);
    settings.limits.time_limit_seconds = args.time_limit;
    settings.limits.node_limit = args.nodes.or(settings.limits.node_limit);
    if settings.radius.is_some_and(|r| !r.is_finite() || r < 0.0) {
        return Err(CalcError::argument("--radius", "a radius is 0 or more"));
    }
    let Some(count) = settings.sites else {
        return Err(CalcError::Argument {
            argument: "--sites",
            problem: "the number of sites is not stated".to_owned(),
            help: Some("name it, or write `sites = 2` into sites.toml".to_owned()),
        });
    };
    let question = read(&folder, &settings, count)?;
    let found = answers(&question, &settings, lang)?;
    let mut out = args.out.as_deref().map(Out::new).transpose()?;
    if let Some(out) = &mut out {
        write(out, &question, &found)?;
    }
    let json = document(&question, &settings, &found);
    report(
        out,
        json,
        lines(&question, &found, lang),
        found.refused.clone(),
    )
}

const YES_NO: [(&str, Stands); 6] = [
    ("no", Stands::No),
    ("yes", Stands::Yes),
    ("false", Stands::No),
    ("true", Stands::Yes),
    ("0", Stands::No),
    ("1", Stands::Yes),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    Yes,
    No,
}

fn read(folder: &Path, settings: &Settings, sites: usize) -> Result<Question, CalcError> {
    let tables = open(
        folder,
        &[
            ("demands", Wanted::Needed, &["demand"]),
            ("candidates", Wanted::Needed, &["candidate"]),
            ("distances", Wanted::Optional, &["from", "to", "distance"]),
            ("flows", Wanted::Optional, &["from", "to", "flow"]),
        ],
    )?;
    let [Some(demands), Some(candidates), distances, flows] = tables.as_slice() else {
        return Err(CalcError::argument("PATH", "the tables cannot be read"));
    };
    let mut all = Problem {
        budget: settings.budget,
        ..Problem::default()
    };
    let mut places: BTreeMap<String, Place> = BTreeMap::new();
    let weighted = if demands.raw.position("weight").is_some() {
        Weighted::OnRecord
    } else {
        Weighted::Alike
    };
    for row in demands.rows() {
        let place = row.place();
        let weight = match weighted {
            Weighted::OnRecord => row.needed("weight").and_then(|_| row.amount("weight")),
            Weighted::Alike => Some(1.0),
        };
        let Some(id) = row.needed("demand") else {
            continue;
        };
        if all.demands.iter().any(|d| d.id == id) {
            row.problem("demand", "calc.rows.twice", |m| m);
            continue;
        }
        place_of(&row, id, place, &mut places);
        all.demands.push(Demand {
            id: id.to_owned(),
            weight: weight.unwrap_or_default(),
        });
    }
    for row in candidates.rows() {
        let (place, suitability) = (row.place(), row.number("suitability"));
        let (cost, stands) = (row.amount("cost"), row.one_of("fixed", &YES_NO));
        if settings.budget.is_some() && row.text("cost").is_none() {
            row.problem("cost", "calc.rows.some_costs", |m| m);
        }
        let Some(id) = row.needed("candidate") else {
            continue;
        };
        if all.candidates.iter().any(|c| c.id == id) {
            row.problem("candidate", "calc.rows.twice", |m| m);
            continue;
        }
        place_of(&row, id, place, &mut places);
        all.candidates.push(Candidate {
            id: id.to_owned(),
            suitability,
            fixed: stands == Some(Stands::Yes),
            cost,
        });
    }
    let known: BTreeSet<&str> = (all.demands.iter().map(|d| d.id.as_str()))
        .chain(all.candidates.iter().map(|c| c.id.as_str()))
        .collect();
    let hosts: BTreeSet<&str> = all.candidates.iter().map(|c| c.id.as_str()).collect();
    let stated = triples(distances.as_ref(), "distance", &known);
    let flow = triples(flows.as_ref(), "flow", &hosts);
    let far = |from: &str, to: &str| -> Option<f64> {
        let key = |a: &str, b: &str| stated.get(&(a.to_owned(), b.to_owned())).copied();
        key(from, to).or_else(|| key(to, from)).or_else(|| {
            if from == to {
                return Some(0.0);
            }
            Some(kilometres(places.get(from)?, places.get(to)?))
        })
    };
    for row in demands.rows() {
        let Some(from) = row.text("demand") else {
            continue;
        };
        let open: Vec<&str> = hosts
            .iter()
            .copied()
            .filter(|to| far(from, to).is_none())
            .collect();
        if !open.is_empty() {
            row.problem("demand", "calc.rows.no_way", |m| {
                m.with("places", open.join(", "))
            });
        }
        all.distance.push(
            all.candidates
                .iter()
                .map(|c| far(from, &c.id).unwrap_or_default())
                .collect(),
        );
    }
    let network = flows.as_ref().map(|lines| {
        let ids: Vec<String> = hosts.iter().map(|id| (*id).to_owned()).collect();
        // A way from hub to hub may lead by any pair of them.
        let open: Vec<String> = hosts
            .iter()
            .flat_map(|a| hosts.range(..*a).map(move |b| (*b, *a)))
            .filter(|(a, b)| far(a, b).is_none() || far(b, a).is_none())
            .map(|(a, b)| format!("{a} – {b}"))
            .collect();
        if let (Some(row), false) = (lines.rows().last(), open.is_empty()) {
            row.problem("to", "calc.rows.no_distance", |m| {
                m.with("pairs", open.join(", "))
            });
        }
        let matrix = |of: &dyn Fn(&str, &str) -> f64| -> Vec<Vec<f64>> {
            ids.iter()
                .map(|a| ids.iter().map(|b| of(a, b)).collect())
                .collect()
        };
        Network {
            flow: matrix(&|a, b| {
                let found = flow.get(&(a.to_owned(), b.to_owned()));
                found.copied().unwrap_or_default()
            }),
            // A pair without a distance has been said above: nothing is computed then.
            distance: matrix(&|a, b| far(a, b).unwrap_or_default()),
            places: ids.clone(),
        }
    });
    let sheets: Vec<&Lines> = tables.iter().flatten().collect();
    Lines::sound(&sheets)?;
    let names = ["demands", "candidates", "distances", "flows"];
    let raw: Vec<_> = names
        .into_iter()
        .zip(&tables)
        .map(|(name, table)| (name, table.as_ref().map(|t| &t.raw)))
        .collect();
    let problem = match settings.suitable_from {
        Some(least) => all.suitable(least),
        None => all.clone(),
    };
    Ok(Question {
        read: hashes(&raw),
        all,
        problem,
        network,
        sites,
        weighted,
    })
}

/// A place may stand in both tables; its coordinates are the same in both.
fn place_of(
    row: &super::lines::Line,
    id: &str,
    place: Option<Place>,
    places: &mut BTreeMap<String, Place>,
) {
    let Some(place) = place else { return };
    if let Some(before) = places.insert(id.to_owned(), place)
        && before != place
    {
        row.problem("lon", "calc.rows.two_places", |m| m.with("id", id));
    }
}

/// Numbers by pair; each pair stands once.
fn triples(
    lines: Option<&Lines>,
    column: &str,
    known: &BTreeSet<&str>,
) -> BTreeMap<(String, String), f64> {
    let mut found = BTreeMap::new();
    for row in lines.into_iter().flat_map(Lines::rows) {
        let number = row.needed(column).and_then(|_| row.amount(column));
        let ends = ["from", "to"].map(|end| {
            let id = row.needed(end)?;
            if known.contains(id) {
                return Some(id.to_owned());
            }
            row.problem(end, "calc.rows.unknown", |m| m.with("table", "candidates"));
            None
        });
        if let ([Some(from), Some(to)], Some(number)) = (ends, number)
            && found.insert((from, to), number).is_some()
        {
            row.problem(column, "calc.rows.twice", |m| m);
        }
    }
    found
}
