//! `calc consortium`: who leads, who takes part, and what stays uncovered, from tables in a folder.
//!
//! `organisations` (organisation[,leads,kind,region,cost,load,lon,lat]), `capabilities` (organisation,capability[,level]), `needs`
//! (mission,capability[,holders,least]); where they are there also `missions` (mission[,min_members,max_members,kinds,regions,budget]),
//! `collaborations` and `conflicts` (a,b), `distances` (a,b,distance), and the settings `consortium.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use evidence::bulk::ResultColumn;
use layout::Limits;
use layout::consortium::{
    Consortia, DistanceParams, FormParams, Leaving, Mission, Need, Organisation, Place, Problem,
    Tie, Uncovered, Unformed, distances, form, leaving, uncovered,
};
use model::{Estimate, Lang, Message, Names};
use serde::Deserialize;
use serde_json::{Value, json};

use super::CalcError;
use super::lines::{Line, Lines};
use super::out::{CalcReport, Out, column, words};
use super::plain::{Wanted, hashes, open, settings};
use super::portfolio::{rendered, report, worth};

#[derive(Debug, Clone)]
pub struct ConsortiumArgs {
    /// A folder of tables, or the file of settings beside them.
    pub path: PathBuf,
    /// Consortia to rank, instead of what the settings say.
    pub alternatives: Option<usize>,
    pub time_limit: Option<f64>,
    pub nodes: Option<usize>,
    /// Where tables go; without it the answer is printed only.
    pub out: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    form: FormParams,
    distance: DistanceParams,
}

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

/// What is known of costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Costs {
    OnRecord,
    None,
}

struct Question {
    problem: Problem,
    costs: Costs,
    places: usize,
    read: Value,
}

/// Writes `members.csv`, `missions.csv`, `uncovered.csv`, `leaving.csv` and `report.json`.
pub fn consortium(args: &ConsortiumArgs, lang: Lang) -> Result<CalcReport, CalcError> {
    let (settings, folder): (Settings, _) = settings(&args.path, "consortium.toml")?;
    let question = read(&folder, &settings.distance)?;
    let mut params = settings.form;
    params.alternatives = args.alternatives.unwrap_or(params.alternatives);
    params.limits = Limits {
        time_limit_seconds: args.time_limit,
        node_limit: args.nodes.or(params.limits.node_limit),
        ..params.limits
    };
    let say = |error: Unformed| rendered(&error.messages(), lang);
    let ranked = form(&question.problem, &params).map_err(say)?;
    let (missing, left) = match ranked.first() {
        Some(best) => (
            uncovered(&question.problem, best, &params).map_err(say)?,
            leaving(&question.problem, best, &params).map_err(say)?,
        ),
        None => (Vec::new(), Vec::new()),
    };
    let mut out = args.out.as_deref().map(Out::new).transpose()?;
    if let Some(out) = &mut out {
        write(out, &question, &ranked, &missing, &left)?;
    }
    let json = document(
        &question,
        &params,
        &settings.distance,
        &ranked,
        &missing,
        &left,
    );
    let lines = lines(&question, &ranked, &missing, &left, lang);
    report(out, json, lines, Vec::new())
}

fn read(folder: &std::path::Path, params: &DistanceParams) -> Result<Question, CalcError> {
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

fn range(e: &Estimate) -> Value {
    json!({"value": e.value, "low": e.low, "high": e.high})
}

fn document(
    question: &Question,
    params: &FormParams,
    distance: &DistanceParams,
    ranked: &[Consortia],
    missing: &[Uncovered],
    left: &[Leaving],
) -> Value {
    let cost = |cost: f64| match question.costs {
        Costs::OnRecord => json!(cost),
        Costs::None => json!("not estimated: no costs are on record"),
    };
    let answers: Vec<Value> = ranked
        .iter()
        .enumerate()
        .map(|(rank, found)| {
            let formed: Vec<Value> = found
                .formed
                .iter()
                .map(|f| {
                    let members: Vec<Value> = f
                        .members
                        .iter()
                        .map(|m| {
                            json!({"organisation": m.organisation, "leads": m.leads, "brings": m.brings})
                        })
                        .collect();
                    let open: Vec<Value> = f
                        .uncovered
                        .iter()
                        .map(|(c, n)| json!({"capability": c, "missing": n}))
                        .collect();
                    json!({
                        "mission": f.mission, "members": members, "cost": cost(f.cost), "distance": f.distance,
                        "uncovered": open,
                    })
                })
                .collect();
            json!({
                "rank": rank + 1, "missing_holders": worth(&found.short), "objective": worth(&found.cost), "missions": formed,
            })
        })
        .collect();
    json!({
        "schema": "forelay.calc.consortium/1",
        "input": question.read,
        "organisations_with_place": question.places,
        "parameters": {"form": params, "distance": distance},
        "consortia": answers,
        "uncovered": missing.iter().map(|u| json!({
            "mission": u.mission, "capability": u.capability, "missing": u.missing, "holders_on_record": u.holders, "why": u.why,
        })).collect::<Vec<_>>(),
        "leaving": left.iter().map(|l| json!({
            "mission": l.mission, "organisation": l.organisation, "possible": l.possible, "lost": l.lost,
            "cost": l.cost.as_ref().map(range), "enters": l.enters.iter().map(|(m, o)| json!({"mission": m, "organisation": o})).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "conventions": "first as few missing holders as possible, then least cost plus weighted distance; each optimum lies between value and \
            bound; an organisation without a place counts as beyond reach; why: the rule whose lifting alone would cover the need with \
            nothing lost elsewhere",
    })
}

fn said(id: &str, lang: Lang) -> String {
    Message::new(id).render(lang, &Names::default())
}

fn lines(
    question: &Question,
    ranked: &[Consortia],
    missing: &[Uncovered],
    left: &[Leaving],
    lang: Lang,
) -> Vec<String> {
    let mut lines = Vec::new();
    for (rank, found) in ranked.iter().enumerate() {
        lines.push(format!(
            "{}: {} holders missing (at least {}), cost and distance {:.4}, bound {:.4}, gap {:.4} %",
            rank + 1,
            found.short.value,
            found.short.bound.max(0.0).ceil(),
            found.cost.value,
            found.cost.bound,
            100.0 * found.cost.gap(),
        ));
        for formed in &found.formed {
            let members: Vec<String> = formed
                .members
                .iter()
                .map(|m| {
                    let role = if m.leads { " (leads)" } else { "" };
                    format!("{}{role}", m.organisation)
                })
                .collect();
            lines.push(format!("   {}: {}", formed.mission, members.join(", ")));
        }
    }
    if question.costs == Costs::None {
        lines.push("costs: not estimated, none are on record; distance alone decides".to_owned());
    }
    for u in missing {
        lines.push(format!(
            "uncovered in {}: {} ({} missing): {}",
            u.mission,
            u.capability,
            u.missing,
            said(&format!("code.{}", u.why.code()), lang)
        ));
    }
    for l in left.iter().filter(|l| l.lost > 0) {
        lines.push(format!(
            "without {} the mission {} loses {} holders",
            l.organisation, l.mission, l.lost
        ));
    }
    lines
}

fn write(
    out: &mut Out,
    question: &Question,
    ranked: &[Consortia],
    missing: &[Uncovered],
    left: &[Leaving],
) -> Result<(), CalcError> {
    let number = |of: Vec<f64>| ResultColumn::Number(of);
    let mut members = Vec::new();
    let mut missions = Vec::new();
    for (rank, found) in ranked.iter().enumerate() {
        for f in &found.formed {
            missions.push((rank + 1, found, f));
            members.extend(f.members.iter().map(|m| (rank + 1, f, m)));
        }
    }
    out.table(
        "members",
        vec![
            column("rank", number(members.iter().map(|m| m.0 as f64).collect())),
            column(
                "mission",
                words(members.iter().map(|m| m.1.mission.clone())),
            ),
            column(
                "organisation",
                words(members.iter().map(|m| m.2.organisation.clone())),
            ),
            column(
                "role",
                words(
                    members
                        .iter()
                        .map(|m| if m.2.leads { "leader" } else { "member" }.to_owned()),
                ),
            ),
            column(
                "brings",
                words(members.iter().map(|m| m.2.brings.join(";"))),
            ),
        ],
    )?;
    let open = |f: &layout::consortium::Formed| f.uncovered.iter().map(|(_, n)| *n).sum::<usize>();
    let priced = |cost: f64| {
        if question.costs == Costs::OnRecord {
            cost
        } else {
            f64::NAN
        }
    };
    out.table(
        "missions",
        vec![
            column(
                "rank",
                number(missions.iter().map(|m| m.0 as f64).collect()),
            ),
            column(
                "mission",
                words(missions.iter().map(|m| m.2.mission.clone())),
            ),
            column(
                "members",
                number(missions.iter().map(|m| m.2.members.len() as f64).collect()),
            ),
            column(
                "cost",
                number(missions.iter().map(|m| priced(m.2.cost)).collect()),
            ),
            column(
                "distance",
                number(missions.iter().map(|m| m.2.distance).collect()),
            ),
            column(
                "missing_holders",
                number(missions.iter().map(|m| open(m.2) as f64).collect()),
            ),
            column(
                "objective_of_all",
                number(missions.iter().map(|m| m.1.cost.value).collect()),
            ),
            column(
                "bound_of_all",
                number(missions.iter().map(|m| m.1.cost.bound).collect()),
            ),
        ],
    )?;
    out.table(
        "uncovered",
        vec![
            column("mission", words(missing.iter().map(|u| u.mission.clone()))),
            column(
                "capability",
                words(missing.iter().map(|u| u.capability.clone())),
            ),
            column(
                "missing",
                number(missing.iter().map(|u| u.missing as f64).collect()),
            ),
            column(
                "holders_on_record",
                number(missing.iter().map(|u| u.holders as f64).collect()),
            ),
            column(
                "why",
                words(missing.iter().map(|u| {
                    let code = u.why.code();
                    code.rsplit('.').next().unwrap_or_default().to_owned()
                })),
            ),
        ],
    )?;
    let cost = |of: fn(&Estimate) -> f64| {
        number(
            left.iter()
                .map(|l| l.cost.as_ref().map_or(f64::NAN, of))
                .collect(),
        )
    };
    out.table(
        "leaving",
        vec![
            column("mission", words(left.iter().map(|l| l.mission.clone()))),
            column(
                "organisation",
                words(left.iter().map(|l| l.organisation.clone())),
            ),
            column(
                "possible",
                words(left.iter().map(|l| {
                    let text = json!(l.possible);
                    text.as_str().unwrap_or_default().to_owned()
                })),
            ),
            column("lost", number(left.iter().map(|l| l.lost as f64).collect())),
            column("cost", cost(|e| e.value)),
            column("cost_low", cost(|e| e.low)),
            column("cost_high", cost(|e| e.high)),
            column(
                "enters",
                words(left.iter().map(|l| {
                    let enter: Vec<String> =
                        l.enters.iter().map(|(m, o)| format!("{m}/{o}")).collect();
                    enter.join(";")
                })),
            ),
        ],
    )
}
