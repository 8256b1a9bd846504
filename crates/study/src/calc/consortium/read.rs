//! The question from tables in a folder.
//!
//! `organisations` (organisation[,leads,kind,region,cost,load,lon,lat]), `capabilities` (organisation,capability[,level]), `needs`
//! (mission,capability[,holders,least]); where they are there also `missions` (mission[,min_members,max_members,kinds,regions,budget]),
//! `collaborations` and `conflicts` (a,b), `distances` (a,b,distance), and the settings `consortium.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use layout::consortium::{
    DistanceParams, Mission, Need, Organisation, Place, Problem, Tie, distances,
};

use super::super::CalcError;
use super::super::lines::{Line, Lines};
use super::super::plain::{Wanted, hashes, open};
use super::{Costs, Question};

const YES_NO: [(&str, Lead); 6] = [
    ("no", Lead::No),
    ("yes", Lead::Yes),
    ("false", Lead::No),
    ("true", Lead::Yes),
    ("0", Lead::No),
    ("1", Lead::Yes),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lead {
    Yes,
    No,
}

pub(super) fn read(folder: &Path, params: &DistanceParams) -> Result<Question, CalcError> {
    let tables = open(
        folder,
        &[
            ("organisations", Wanted::Needed, &["organisation"]),
            (
                "capabilities",
                Wanted::Needed,
                &["organisation", "capability"],
            ),
            ("needs", Wanted::Needed, &["mission", "capability"]),
            ("missions", Wanted::Optional, &["mission"]),
            ("collaborations", Wanted::Optional, &["a", "b"]),
            ("conflicts", Wanted::Optional, &["a", "b"]),
            ("distances", Wanted::Optional, &["a", "b", "distance"]),
        ],
    )?;
    let [
        organisations,
        capabilities,
        needs,
        missions,
        collaborations,
        conflicts,
        given,
    ] = tables.as_slice()
    else {
        return Err(CalcError::argument("PATH", "the tables cannot be read"));
    };
    let mut problem = Problem::default();
    let mut places = BTreeMap::new();
    let costs = members(organisations.as_ref(), &mut problem, &mut places);
    abilities(capabilities.as_ref(), &mut problem);
    missions_of(missions.as_ref(), needs.as_ref(), &mut problem);
    let known: BTreeSet<String> = problem.organisations.iter().map(|o| o.id.clone()).collect();
    let ties: Vec<Tie> = pairs(collaborations.as_ref(), &known)
        .into_iter()
        .map(|(a, b)| Tie { a, b })
        .collect();
    problem.conflicts = pairs(conflicts.as_ref(), &known);
    let ids: Vec<String> = problem.organisations.iter().map(|o| o.id.clone()).collect();
    problem.distance = match given {
        Some(given) => stated(given, &ids),
        None => distances(&ids, &ties, &places, params),
    };
    let all: Vec<&Lines> = tables.iter().flatten().collect();
    Lines::sound(&all)?;
    let names = [
        "organisations",
        "capabilities",
        "needs",
        "missions",
        "collaborations",
        "conflicts",
        "distances",
    ];
    let raw: Vec<_> = names
        .into_iter()
        .zip(&tables)
        .map(|(name, table)| (name, table.as_ref().map(|t| &t.raw)))
        .collect();
    Ok(Question {
        costs,
        places: places.len(),
        read: hashes(&raw),
        problem,
    })
}

/// Costs are on record for all or for none: a cost that is missing is not a cost of zero.
fn members(
    lines: Option<&Lines>,
    problem: &mut Problem,
    places: &mut BTreeMap<String, Place>,
) -> Costs {
    let mut seen = BTreeSet::new();
    let priced = lines.into_iter().flat_map(Lines::rows);
    let costs = if priced.into_iter().any(|row| row.text("cost").is_some()) {
        Costs::OnRecord
    } else {
        Costs::None
    };
    for row in lines.into_iter().flat_map(Lines::rows) {
        let id = row.needed("organisation");
        let (leads, cost) = (row.one_of("leads", &YES_NO), row.amount("cost"));
        let (load, place) = (row.whole("load"), row.place());
        if costs == Costs::OnRecord && row.text("cost").is_none() {
            row.problem("cost", "calc.rows.some_costs", |m| m);
        }
        let Some(id) = id else { continue };
        if !seen.insert(id.to_owned()) {
            row.problem("organisation", "calc.rows.twice", |m| m);
            continue;
        }
        places.extend(place.map(|place| (id.to_owned(), place)));
        problem.organisations.push(Organisation {
            id: id.to_owned(),
            leads: leads == Some(Lead::Yes),
            kind: row.text("kind").map(str::to_owned),
            region: row.text("region").map(str::to_owned),
            cost: cost.unwrap_or_default(),
            load: load.unwrap_or(1),
            capabilities: BTreeMap::new(),
        });
    }
    costs
}

fn abilities(lines: Option<&Lines>, problem: &mut Problem) {
    for row in lines.into_iter().flat_map(Lines::rows) {
        let level = row.amount("level");
        let (Some(id), Some(what)) = (row.needed("organisation"), row.needed("capability")) else {
            continue;
        };
        let Some(o) = problem.position(id) else {
            row.problem("organisation", "calc.rows.unknown", |m| {
                m.with("table", "organisations")
            });
            continue;
        };
        let held = &mut problem.organisations[o].capabilities;
        if held.insert(what.to_owned(), level.unwrap_or(1.0)).is_some() {
            row.problem("capability", "calc.rows.twice", |m| m);
        }
    }
}

fn missions_of(missions: Option<&Lines>, needs: Option<&Lines>, problem: &mut Problem) {
    for row in missions.into_iter().flat_map(Lines::rows) {
        let (least, most) = (row.whole("min_members"), row.whole("max_members"));
        let (regions, budget, kinds) = (row.whole("regions"), row.amount("budget"), kinds(&row));
        let Some(id) = row.needed("mission") else {
            continue;
        };
        if problem.missions.iter().any(|m| m.id == id) {
            row.problem("mission", "calc.rows.twice", |m| m);
            continue;
        }
        problem.missions.push(Mission {
            id: id.to_owned(),
            needs: Vec::new(),
            min_members: least.unwrap_or(1),
            max_members: most.unwrap_or(MOST_MEMBERS),
            kinds,
            regions: regions.unwrap_or(0),
            budget,
        });
    }
    for row in needs.into_iter().flat_map(Lines::rows) {
        let (holders, least) = (row.whole("holders"), row.amount("least"));
        let (Some(id), Some(what)) = (row.needed("mission"), row.needed("capability")) else {
            continue;
        };
        let k = problem.missions.iter().position(|m| m.id == id);
        let k = match k {
            Some(k) => k,
            None if missions.is_some() => {
                row.problem("mission", "calc.rows.unknown", |m| {
                    m.with("table", "missions")
                });
                continue;
            }
            None => {
                problem.missions.push(Mission {
                    id: id.to_owned(),
                    needs: Vec::new(),
                    min_members: 1,
                    max_members: MOST_MEMBERS,
                    kinds: BTreeMap::new(),
                    regions: 0,
                    budget: None,
                });
                problem.missions.len() - 1
            }
        };
        let own = &mut problem.missions[k].needs;
        if own.iter().any(|n| n.capability == what) {
            row.problem("capability", "calc.rows.twice", |m| m);
            continue;
        }
        own.push(Need {
            capability: what.to_owned(),
            holders: holders.unwrap_or(1),
            least: least.unwrap_or(0.0),
        });
    }
}

/// Members of a mission that names no most.
const MOST_MEMBERS: usize = 1000;

/// `university:1;institute:2`.
fn kinds(row: &Line) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    for part in row.list("kinds") {
        match part
            .split_once(':')
            .map(|(k, n)| (k.trim(), n.trim().parse()))
        {
            Some((kind, Ok(least))) if !kind.is_empty() => {
                kinds.insert(kind.to_owned(), least);
            }
            _ => row.problem("kinds", "calc.rows.kinds", |m| m),
        }
    }
    kinds
}

fn pairs(lines: Option<&Lines>, known: &BTreeSet<String>) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for row in lines.into_iter().flat_map(Lines::rows) {
        let ends = ["a", "b"].map(|end| {
            let id = row.needed(end)?;
            if known.contains(id) {
                return Some(id.to_owned());
            }
            row.problem(end, "calc.rows.unknown", |m| {
                m.with("table", "organisations")
            });
            None
        });
        if let [Some(a), Some(b)] = ends {
            if a == b {
                row.problem("b", "calc.rows.itself", |m| m);
            } else {
                pairs.push((a, b));
            }
        }
    }
    pairs
}

/// One distance for every pair.
fn stated(lines: &Lines, ids: &[String]) -> Vec<Vec<f64>> {
    let mut matrix: Vec<Vec<Option<f64>>> = (0..ids.len())
        .map(|a| (0..ids.len()).map(|b| (a == b).then_some(0.0)).collect())
        .collect();
    let mut last = None;
    for row in lines.rows() {
        let far = row.needed("distance").and_then(|_| row.amount("distance"));
        let ends = ["a", "b"].map(|end| {
            let id = row.needed(end)?;
            let at = ids.iter().position(|known| known == id);
            if at.is_none() {
                row.problem(end, "calc.rows.unknown", |m| {
                    m.with("table", "organisations")
                });
            }
            at
        });
        if let ([Some(a), Some(b)], Some(far)) = (ends, far) {
            if matrix[a][b].is_some_and(|before| (before - far).abs() > 1e-9) {
                row.problem("distance", "calc.rows.twice", |m| m);
            }
            matrix[a][b] = Some(far);
            matrix[b][a] = Some(far);
        }
        last = Some(row);
    }
    let open: Vec<String> = (0..ids.len())
        .flat_map(|a| (0..a).map(move |b| (b, a)))
        .filter(|(a, b)| matrix[*a][*b].is_none())
        .map(|(a, b)| format!("{} – {}", ids[a], ids[b]))
        .collect();
    if let (Some(row), false) = (last, open.is_empty()) {
        row.problem("distance", "calc.rows.no_distance", |m| {
            m.with("pairs", open.join(", "))
        });
    }
    matrix
        .into_iter()
        .map(|row| row.into_iter().map(Option::unwrap_or_default).collect())
        .collect()
}
