//! Consortia: for each chain with stuck or open nodes a leading enterprise of home, and members that hold what the chain needs.
//!
//! A mission needs the chain's technologies, its stuck nodes (its open ones where none is stuck), and every node of it that an organisation of
//! home is on record for. Costs of taking part are not on record: distance alone decides among those that leave as little uncovered.

use std::collections::{BTreeMap, BTreeSet};

use layout::consortium::{
    Consortia, FormParams, Leaving, Mission, Need, Organisation, Place, Problem, Tie, Uncovered,
    Why, distances, form, leaving, uncovered,
};
use model::{
    Basis, Cell, Chain, Entity, Estimate, Kind, Message, Origin, Quantity, Refusal, ResultTable,
    Row, RowRef,
};
use serde_json::{Value, json};

use super::{code, evidence_rows, parameters};
use crate::config::{Config, ConsortiumSection};
use crate::engine::output::{StepOutput, cell, entity};
use crate::engine::step::Context;
use crate::inputs::rows;
use crate::scenario::Scenario;

pub const READS: [&str; 6] = [
    "organisations",
    "capabilities",
    "collaborations",
    "chains",
    "chain_nodes",
    "clusters",
];

pub fn params(config: &Config, _: &[Scenario]) -> Value {
    json!({ "home": config.study.home, "consortium": config.consortium })
}

/// What the evidence says about home's organisations.
struct Ground {
    /// Members by id, with the rows that speak of them.
    organisations: BTreeMap<String, (Organisation, Vec<RowRef>)>,
    places: BTreeMap<String, Place>,
    ties: Vec<Tie>,
    tie_rows: Vec<RowRef>,
}

/// One chain with the nodes that hold it back.
struct Asked {
    chain: String,
    needs: BTreeMap<String, Kind>,
    origins: Vec<Origin>,
}

pub fn run(context: &Context) -> StepOutput {
    let mut output = StepOutput::default();
    let Some(settings) = &context.config.consortium else {
        output.refusals.push(refusal("consortium.not_asked", |m| m));
        return output;
    };
    let ground = ground(context);
    let missions = missions(context, &ground);
    if missions.is_empty() {
        output
            .refusals
            .push(refusal("consortium.no_missions", |m| m));
        return output;
    }
    let near = near_by_technology(context);
    let mut tables = Tables::new();
    let mut without: Vec<Entity> = Vec::new();
    for asked in &missions {
        match answer(asked, &ground, settings) {
            Some(found) => tables.push(asked, &ground, &near, &found),
            None => without.push(Chain::from(asked.chain.as_str()).entity()),
        }
    }
    if !without.is_empty() {
        output.refusals.push(refusal("consortium.no_leader", |m| {
            m.with("chains", without.clone())
        }));
    }
    if tables.missions.rows.is_empty() {
        return output;
    }
    output.refusals.push(refusal("consortium.no_costs", |m| m));
    output.tables = vec![
        tables.members,
        tables.missions,
        tables.uncovered,
        tables.leaving,
    ];
    output
}

fn refusal(id: &str, fill: impl Fn(Message) -> Message) -> Refusal {
    Refusal {
        code: id.to_owned(),
        question: Message::new("consortium.question"),
        reason: fill(Message::new(id)),
        needed: Message::new(format!("{id}.needed")),
    }
}

fn ground(context: &Context) -> Ground {
    let home = context.config.study.home.as_str();
    let mut places = BTreeMap::new();
    let mut organisations = BTreeMap::new();
    for row in rows(context.evidence, "organisations") {
        if row.text("country") != Some(home) {
            continue;
        }
        let mut origins = vec![row.reference()];
        let cluster = row.text("cluster_id");
        if let Some(cluster) = cluster.and_then(|id| context.evidence.table("clusters")?.get(id))
            && let (Some(lon), Some(lat)) = (cluster.number("lon"), cluster.number("lat"))
        {
            places.insert(row.key.clone(), Place { lon, lat });
            origins.push(cluster.reference());
        }
        let organisation = Organisation {
            id: row.key.clone(),
            leads: row.boolean("leading_enterprise") == Some(true),
            kind: row.text("kind").map(str::to_owned),
            region: cluster.map(str::to_owned),
            cost: 0.0,
            load: 1,
            capabilities: BTreeMap::new(),
        };
        organisations.insert(row.key.clone(), (organisation, origins));
    }
    for row in rows(context.evidence, "capabilities") {
        if let (Some(id), Some(about)) = (
            row.text("organisation_id"),
            row.text("technology_or_node_id"),
        ) && let Some((organisation, origins)) = organisations.get_mut(id)
        {
            organisation.capabilities.insert(about.to_owned(), 1.0);
            origins.push(row.reference());
        }
    }
    let (mut ties, mut tie_rows) = (Vec::new(), Vec::new());
    for row in rows(context.evidence, "collaborations") {
        if let (Some(a), Some(b)) = (row.text("org_a"), row.text("org_b")) {
            ties.push(Tie {
                a: a.to_owned(),
                b: b.to_owned(),
            });
            tie_rows.push(row.reference());
        }
    }
    Ground {
        organisations,
        places,
        ties,
        tie_rows,
    }
}

/// Nodes to which the pairing brings an organisation or firm by a technology of their chain, with its name. A capability in a
/// technology is none at the node, so it covers nothing; but it is not nothing either.
fn near_by_technology(context: &Context) -> BTreeMap<String, Cell> {
    let pairs = context.table("chain.pairing");
    let by_technology =
        |row: &&Row| entity(&pairs, row, "nearness") == Some("readings.near.technology");
    let rows = pairs.rows.iter().filter(by_technology);
    rows.filter_map(|row| {
        let supplier = cell(&pairs, row, "domestic_supplier")?;
        Some((row.key.clone(), supplier.clone()))
    })
    .collect()
}

fn missions(context: &Context, ground: &Ground) -> Vec<Asked> {
    let necks = context.table("foundation.necks");
    let mut stuck: BTreeMap<&str, [Vec<&str>; 2]> = BTreeMap::new();
    for row in &necks.rows {
        let level = match entity(&necks, row, "verdict") {
            Some("verdict.neck") => 0,
            Some("verdict.open") => 1,
            _ => continue,
        };
        if let Some(chain) = entity(&necks, row, "chain") {
            stuck.entry(chain).or_default()[level].push(&row.key);
        }
    }
    let held: BTreeSet<&String> = ground
        .organisations
        .values()
        .flat_map(|(o, _)| o.capabilities.keys())
        .collect();
    stuck
        .into_iter()
        .filter_map(|(chain, [necks, open])| {
            let record = context.evidence.table("chains")?.get(chain)?;
            let nodes = if necks.is_empty() { open } else { necks };
            let mut origins = evidence_rows(&[record.reference()]);
            origins.extend(
                nodes
                    .iter()
                    .map(|node| Origin::Result(RowRef::new("foundation.necks", *node))),
            );
            let mut needs: BTreeMap<String, Kind> = nodes
                .iter()
                .map(|node| ((*node).to_owned(), Kind::Node))
                .collect();
            for technology in record.list("technologies") {
                needs.insert(technology.to_owned(), Kind::Technology);
            }
            for node in rows(context.evidence, "chain_nodes") {
                if node.text("chain_id") == Some(chain) && held.contains(&node.key) {
                    needs.insert(node.key.clone(), Kind::Node);
                    origins.extend(evidence_rows(&[node.reference()]));
                }
            }
            Some(Asked {
                chain: chain.to_owned(),
                needs,
                origins,
            })
        })
        .collect()
}

struct Found {
    ranked: Vec<Consortia>,
    uncovered: Vec<Uncovered>,
    leaving: Vec<Leaving>,
    /// Rows of everybody who could have taken part.
    origins: Vec<Origin>,
}

/// `None` where no leading enterprise of home is on record for the chain.
fn answer(asked: &Asked, ground: &Ground, settings: &ConsortiumSection) -> Option<Found> {
    let able: Vec<&(Organisation, Vec<RowRef>)> = ground
        .organisations
        .values()
        .filter(|(o, _)| {
            asked
                .needs
                .keys()
                .any(|need| o.capabilities.contains_key(need))
        })
        .collect();
    let organisations: Vec<Organisation> = able.iter().map(|(o, _)| o.clone()).collect();
    if !organisations.iter().any(|o| o.leads) {
        return None;
    }
    let ids: Vec<String> = organisations.iter().map(|o| o.id.clone()).collect();
    let problem = Problem {
        distance: distances(&ids, &ground.ties, &ground.places, &settings.distance),
        missions: vec![Mission {
            id: asked.chain.clone(),
            needs: asked
                .needs
                .keys()
                .map(|need| Need {
                    capability: need.clone(),
                    holders: settings.holders,
                    least: 0.0,
                })
                .collect(),
            min_members: 1,
            max_members: organisations.len(),
            kinds: BTreeMap::new(),
            regions: 0,
            budget: None,
        }],
        organisations,
        conflicts: Vec::new(),
    };
    let mut params = FormParams {
        alternatives: settings.alternatives,
        ..FormParams::default()
    };
    params.limits.time_limit_seconds = None;
    let ranked = form(&problem, &params).ok()?;
    let best = ranked.first()?;
    let mut origins = asked.origins.clone();
    origins.extend(able.iter().flat_map(|(_, rows)| evidence_rows(rows)));
    origins.extend(evidence_rows(&ground.tie_rows));
    origins.extend(parameters(&["consortium", "study.home"]));
    Some(Found {
        uncovered: uncovered(&problem, best, &params).ok()?,
        leaving: leaving(&problem, best, &params).ok()?,
        ranked,
        origins,
    })
}

struct Tables {
    members: ResultTable,
    missions: ResultTable,
    uncovered: ResultTable,
    leaving: ResultTable,
}

impl Tables {
    fn new() -> Self {
        Self {
            members: ResultTable::new(
                "layout.consortium",
                "consortium",
                "first as few missing holders as possible, then the least sum of distances to the leader; leading enterprises alone may lead",
                &[
                    ("chain", ""),
                    ("rank", ""),
                    ("organisation", ""),
                    ("consortium_role", ""),
                    ("brings", ""),
                ],
            ),
            missions: ResultTable::new(
                "layout.consortium_missions",
                "consortium",
                "distance = ties × min(hops, cap)/cap + geography × min(km, reach)/reach, from the leader to each member; between bound and value",
                &[
                    ("chain", ""),
                    ("rank", ""),
                    ("member_count", ""),
                    ("needed_count", ""),
                    ("missing_holders", ""),
                    ("leader_distance", ""),
                ],
            ),
            uncovered: ResultTable::new(
                "layout.consortium_uncovered",
                "consortium",
                "the rule whose lifting alone would cover the capability with nothing lost elsewhere",
                &[
                    ("chain", ""),
                    ("capability", ""),
                    ("why", ""),
                    ("holders_known", ""),
                    ("near", ""),
                ],
            ),
            leaving: ResultTable::new(
                "layout.consortium_leaving",
                "consortium",
                "solved again without the member: capabilities lost, or distance added",
                &[
                    ("chain", ""),
                    ("organisation", ""),
                    ("holders_lost", ""),
                    ("leaving_cost", ""),
                    ("enters", ""),
                ],
            ),
        }
    }

    fn push(
        &mut self,
        asked: &Asked,
        ground: &Ground,
        near: &BTreeMap<String, Cell>,
        found: &Found,
    ) {
        let chain = || Cell::from(Chain::from(asked.chain.as_str()).entity());
        let organisation = |id: &str| Entity::new(Kind::Organisation, id);
        let need = |id: &str| {
            let kind = asked.needs.get(id).copied().unwrap_or(Kind::Node);
            Entity::new(kind, id)
        };
        for (k, consortia) in found.ranked.iter().enumerate() {
            let key = format!("{}/{}", asked.chain, k + 1);
            for formed in &consortia.formed {
                for member in &formed.members {
                    let brings: Vec<Entity> = member.brings.iter().map(|id| need(id)).collect();
                    let mut origins = vec![Origin::Result(RowRef::new(
                        "layout.consortium_missions",
                        key.clone(),
                    ))];
                    if let Some((_, rows)) = ground.organisations.get(&member.organisation) {
                        origins.extend(evidence_rows(rows));
                    }
                    self.members.push(
                        format!("{key}/{}", member.organisation),
                        vec![
                            chain(),
                            (k + 1).into(),
                            organisation(&member.organisation).into(),
                            code(if member.leads {
                                "role.leader"
                            } else {
                                "role.member"
                            }),
                            brings.into(),
                        ],
                        origins,
                    );
                }
                let cost = consortia.cost;
                let short = consortia.short.value.round().max(0.0) as usize;
                self.missions.push(
                    key.clone(),
                    vec![
                        chain(),
                        (k + 1).into(),
                        formed.members.len().into(),
                        asked.needs.len().into(),
                        short.into(),
                        Estimate::spanning(cost.value, cost.bound, cost.value, Basis::Derived)
                            .into(),
                    ],
                    found.origins.clone(),
                );
            }
        }
        let best = vec![Origin::Result(RowRef::new(
            "layout.consortium_missions",
            format!("{}/1", asked.chain),
        ))];
        for u in &found.uncovered {
            let mut origins = best.clone();
            let near = near.get(&u.capability).filter(|_| u.why == Why::Nobody);
            if near.is_some() {
                let pair = RowRef::new("chain.pairing", u.capability.clone());
                origins.push(Origin::Result(pair));
            }
            let why = near.map_or(u.why.code(), |_| "uncovered.near_by_technology");
            self.uncovered.push(
                format!("{}/{}", asked.chain, u.capability),
                vec![
                    chain(),
                    need(&u.capability).into(),
                    code(why),
                    u.holders.into(),
                    near.cloned().unwrap_or(Cell::Empty),
                ],
                origins,
            );
        }
        for l in &found.leaving {
            let enters: Vec<Entity> = l.enters.iter().map(|(_, id)| organisation(id)).collect();
            let cost = match (&l.cost, l.lost) {
                (Some(cost), _) => Quantity::from(*cost),
                (None, 0) => Quantity::not_estimated(Message::new("consortium.no_other")),
                (None, _) => Quantity::not_estimated(Message::new("consortium.lost")),
            };
            self.leaving.push(
                format!("{}/{}", asked.chain, l.organisation),
                vec![
                    chain(),
                    organisation(&l.organisation).into(),
                    l.lost.into(),
                    cost.into(),
                    enters.into(),
                ],
                best.clone(),
            );
        }
    }
}
