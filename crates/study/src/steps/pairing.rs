//! Domestic suppliers paired with the weak links of the chains.

use std::collections::{BTreeMap, BTreeSet};

use chain::readings::pairing::{Nearness, Supplier};
use chain::readings::{Offer, Pairing, WeakLink, pairing};
use evidence::Record;
use model::{
    Basis, Cell, Entity, Estimate, Kind, Message, Node, Origin, Quantity, Refusal, ResultTable,
    RowRef,
};

use super::code;
use super::ground::{Ground, ground, lineage};
use super::sovereignty::{domestic, weak};
use crate::engine::output::{StepOutput, estimate};
use crate::engine::step::Context;
use crate::inputs::rows;
use crate::inputs::seats::firm_id;

pub const READS: [&str; 8] = [
    "chain_nodes",
    "chain_links",
    "chain_supply",
    "chains",
    "chain_suppliers",
    "capabilities",
    "organisations",
    "clusters",
];

pub fn run(context: &Context) -> StepOutput {
    let Some(ground) = ground(context) else {
        return StepOutput::default();
    };
    let links = links(context);
    let offers = offers(context, &ground);
    let found = pairing(&links, &offers, &context.config.chain.readings.pairing);
    let mut output = StepOutput::default();
    if links.is_empty() || offers.is_empty() {
        output.refusals.push(Refusal {
            code: "readings.no_pairing".to_owned(),
            question: Message::new("readings.question.pairing"),
            reason: Message::new(if links.is_empty() {
                "readings.no_weak_links"
            } else {
                "readings.no_domestic"
            }),
            needed: Message::new("readings.no_pairing.needed"),
        });
    }
    output.tables.push(pair_table(context, &ground, &found));
    output.tables.push(total_table(&found));
    output
}

/// Nodes where home is not able to act for certain: what hangs on them times what home does not make.
fn links(context: &Context) -> Vec<WeakLink> {
    let reach = context.table("chain.node_reach");
    weak(context)
        .into_iter()
        .filter_map(|(node, own)| {
            let row = reach.row(node.as_str())?;
            let hanging = estimate(&reach, row, "own_chain")?;
            let foreign = Estimate::exact(1.0, Basis::Derived).minus(own);
            let weakness = hanging.times(foreign).clamped(0.0, 1.0);
            (weakness.value > 0.0).then_some(WeakLink {
                node,
                weakness,
                origins: Vec::new(),
            })
        })
        .collect()
}

/// What the evidence says that home's organisations can do, brought to every node that it is near to.
fn offers(context: &Context, ground: &Ground) -> Vec<Offer> {
    let home = context.config.study.home.as_str();
    let organisations: BTreeMap<&str, &Record> = rows(context.evidence, "organisations")
        .filter(|row| row.text("country") == Some(home))
        .map(|row| (row.key.as_str(), row))
        .collect();
    let by_name: BTreeMap<String, &str> = organisations
        .iter()
        .map(|(id, row)| (firm_id(row.text("name").unwrap_or(id)), *id))
        .collect();
    let supplier = |firm: &str| match by_name.get(&firm_id(firm)) {
        Some(id) => organisation(id),
        None => Supplier::Firm(firm.to_owned()),
    };
    let mut offers = Vec::new();
    let beside = beside(context, ground);
    for row in rows(context.evidence, "chain_suppliers") {
        if let (Some(node), Some(firm), Some(presence)) =
            (row.text("node_id"), row.text("firm"), row.text("presence"))
            && row.text("country") == Some(home)
        {
            let nearness = if presence == "major" {
                Nearness::AtNode
            } else {
                Nearness::Minor
            };
            offers.extend(at_node(&beside, node, &supplier(firm), nearness, row));
        }
    }
    let carried = carried(context, ground);
    for row in rows(context.evidence, "capabilities") {
        let (Some(id), Some(what)) = (
            row.text("organisation_id"),
            row.text("technology_or_node_id"),
        ) else {
            continue;
        };
        if !organisations.contains_key(id) {
            continue;
        }
        // A capability says that somebody is there, not how large.
        let own = organisation(id);
        offers.extend(at_node(&beside, what, &own, Nearness::Minor, row));
        for node in carried.get(what).into_iter().flatten() {
            offers.push(Offer {
                node: node.clone(),
                supplier: organisation(id),
                nearness: Nearness::Technology,
                origins: vec![row.reference()],
            });
        }
    }
    offers
}

/// An offer at a node, and one at every node beside it.
fn at_node<'a>(
    beside: &'a BTreeMap<String, BTreeSet<String>>,
    node: &'a str,
    supplier: &'a Supplier,
    nearness: Nearness,
    row: &'a Record,
) -> impl Iterator<Item = Offer> + 'a {
    let offer = move |node: &str, nearness: Nearness| Offer {
        node: node.into(),
        supplier: supplier.clone(),
        nearness,
        origins: vec![row.reference()],
    };
    let near = beside.get(node).into_iter().flatten();
    std::iter::once(offer(node, nearness)).chain(near.map(move |n| offer(n, Nearness::Beside)))
}

fn organisation(id: &str) -> Supplier {
    Supplier::Organisation(Entity::new(Kind::Organisation, id))
}

/// Inputs, users and substitutes of each node.
fn beside(context: &Context, ground: &Ground) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut join = |a: &str, b: &str| {
        found.entry(a.to_owned()).or_default().insert(b.to_owned());
        found.entry(b.to_owned()).or_default().insert(a.to_owned());
    };
    for node in ground.graph.nodes() {
        for group in &node.groups {
            for input in &group.alternatives {
                join(input.node.as_str(), node.node.as_str());
            }
        }
    }
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in rows(context.evidence, "chain_nodes") {
        if let Some(group) = row.text("substitute_group") {
            groups.entry(group).or_default().push(&row.key);
        }
    }
    for members in groups.values() {
        for (i, a) in members.iter().enumerate() {
            for b in &members[i + 1..] {
                join(a, b);
            }
        }
    }
    found
}

/// Nodes of the chains that carry a technology.
fn carried(context: &Context, ground: &Ground) -> BTreeMap<String, Vec<Node>> {
    let mut found: BTreeMap<String, Vec<Node>> = BTreeMap::new();
    for row in rows(context.evidence, "chains") {
        for technology in row.list("technologies") {
            let nodes = ground
                .graph
                .nodes()
                .iter()
                .filter(|n| n.chain.as_str() == row.key)
                .map(|n| n.node.clone());
            found
                .entry(technology.to_owned())
                .or_default()
                .extend(nodes);
        }
    }
    found
}

fn pair_table(context: &Context, ground: &Ground, found: &Pairing) -> ResultTable {
    let mut table = ResultTable::new(
        "chain.pairing",
        "pairing",
        "pairs of largest total weight; weight = weakness of the link × fit of the evidence; margin = loss without the pair",
        &[
            ("node", ""),
            ("chain", ""),
            ("stage", ""),
            ("domestic_supplier", ""),
            ("cluster", ""),
            ("nearness", ""),
            ("pair_weight", "weight"),
            ("pair_margin", "weight"),
            ("domestic_users", ""),
            ("unpaired", ""),
        ],
    );
    let seats: BTreeMap<&str, &Record> = rows(context.evidence, "organisations")
        .map(|row| (row.key.as_str(), row))
        .collect();
    let domestic = domestic(context);
    let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for node in ground.graph.nodes() {
        for input in node.groups.iter().flat_map(|g| &g.alternatives) {
            users
                .entry(input.node.as_str())
                .or_default()
                .insert(node.node.as_str());
        }
    }
    let by_name: BTreeMap<String, &str> = seats
        .iter()
        .map(|(id, row)| (firm_id(row.text("name").unwrap_or(id)), *id))
        .collect();
    // Home's organisations at the users of a node, with their rows.
    let at_users = |node: &Node| -> (Vec<Entity>, Vec<RowRef>) {
        let mut names = BTreeSet::new();
        let mut origins = Vec::new();
        for user in users.get(node.as_str()).into_iter().flatten() {
            for (name, rows) in domestic.get(*user).into_iter().flatten() {
                if let Some(id) = by_name.get(name) {
                    names.insert(Entity::new(Kind::Organisation, *id));
                    origins.extend(rows.iter().cloned());
                }
            }
        }
        (names.into_iter().collect(), origins)
    };
    let weakness = |node: &Node| {
        ["chain.sovereignty", "chain.node_reach"]
            .map(|table| Origin::Result(RowRef::new(table, node.as_str())))
    };
    for pair in &found.pairs {
        let [chain, stage] = ground.place(&pair.node);
        let (lead, rows) = at_users(&pair.node);
        let (name, cluster): (Cell, Cell) = match &pair.supplier {
            Supplier::Organisation(entity) => {
                let cluster = seats
                    .get(entity.id.as_str())
                    .and_then(|r| r.text("cluster_id"));
                (
                    entity.clone().into(),
                    cluster.map_or(Cell::Empty, |c| Entity::new(Kind::Cluster, c).into()),
                )
            }
            Supplier::Firm(name) => (name.clone().into(), Cell::Empty),
        };
        let mut origins = lineage(&pair.origins, &["chain.readings"]);
        origins.extend(rows.into_iter().map(Origin::Evidence));
        origins.extend(weakness(&pair.node));
        table.push(
            pair.node.as_str(),
            vec![
                pair.node.entity().into(),
                chain,
                stage,
                name,
                cluster,
                code(pair.nearness.code()),
                pair.weight.into(),
                Quantity::exact(pair.margin, Basis::Judged).into(),
                lead.into(),
                Cell::Empty,
            ],
            origins,
        );
    }
    for (link, reason) in &found.unmatched {
        let [chain, stage] = ground.place(&link.node);
        let (lead, rows) = at_users(&link.node);
        let mut origins = lineage(&rows, &["chain.readings"]);
        origins.extend(weakness(&link.node));
        table.push(
            link.node.as_str(),
            vec![
                link.node.entity().into(),
                chain,
                stage,
                Cell::Empty,
                Cell::Empty,
                Cell::Empty,
                Cell::Empty,
                Cell::Empty,
                lead.into(),
                reason.clone().into(),
            ],
            origins,
        );
    }
    table
}

fn total_table(found: &Pairing) -> ResultTable {
    let mut table = ResultTable::new(
        "chain.pairing_total",
        "pairing",
        "total weight of the pairing, and the bound that no pairing exceeds (dual)",
        &[
            ("pairs", ""),
            ("unpaired_links", ""),
            ("pairing_total", "weight"),
            ("pairing_bound", "weight"),
        ],
    );
    let pairs = found
        .pairs
        .iter()
        .map(|pair| Origin::Result(RowRef::new("chain.pairing", pair.node.as_str())));
    let mut origins: Vec<Origin> = pairs.collect();
    origins.extend(super::parameters(&["chain.readings"]));
    let exact = |x: f64| Quantity::exact(x, Basis::Judged);
    table.push(
        "all",
        vec![
            found.pairs.len().into(),
            found.unmatched.len().into(),
            exact(found.total).into(),
            exact(found.bound).into(),
        ],
        origins,
    );
    table
}
