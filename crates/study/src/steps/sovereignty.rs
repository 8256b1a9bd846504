//! Technological sovereignty as ability to act: a card per node, and per technology of the chains.

use std::collections::{BTreeMap, BTreeSet};

use chain::readings::{Ability, Card, Means, sovereignty};
use evidence::Record;
use model::{
    Basis, Cell, Chain, Country, Entity, Estimate, Kind, Message, Node, Origin, Quantity, Refusal,
    ResultTable, RowRef, Technology,
};

use super::chain::{broken, tested};
use super::code;
use super::ground::{Ground, ground, lineage};
use crate::engine::output::{StepOutput, cell, entity, quantity};
use crate::engine::step::Context;
use crate::inputs::seats::firm_id;
use crate::inputs::{durations, rows};

pub const READS: [&str; 9] = [
    "chain_nodes",
    "chain_links",
    "chain_supply",
    "chains",
    "chain_suppliers",
    "capabilities",
    "organisations",
    "gaps",
    "reference_classes",
];

pub fn run(context: &Context) -> StepOutput {
    let Some(ground) = ground(context) else {
        return StepOutput::default();
    };
    let config = context.config;
    let means = means(context, &ground);
    let cards = match sovereignty(
        &ground.graph,
        &ground.targets,
        &config.study.home,
        &means,
        &config.chain.readings.sovereignty,
    ) {
        Ok(cards) => cards,
        Err(problems) => {
            return StepOutput {
                tables: vec![],
                refusals: broken(&problems),
            };
        }
    };
    let mut output = StepOutput {
        tables: vec![
            node_table(context, &ground, &cards),
            technology_table(context, &ground, &cards),
        ],
        refusals: vec![],
    };
    let silent: Vec<Entity> = cards
        .iter()
        .filter(|c| c.own.quantity.estimate().is_none())
        .map(|c| c.node.entity())
        .collect();
    if !silent.is_empty() {
        output.refusals.push(Refusal {
            code: "readings.no_shares".to_owned(),
            question: Message::new("readings.question.sovereignty"),
            reason: Message::new("chain.step.no_shares").with("nodes", silent),
            needed: Message::new("chain.step.no_shares.needed"),
        });
    }
    output
}

/// Whose access is in doubt at a node, and how long a substitute takes. A published chokepoint about home puts the
/// countries that it names in doubt; reference classes that name the node come before those of its chain.
fn means(context: &Context, ground: &Ground) -> BTreeMap<Node, Means> {
    let config = context.config;
    let claims: Vec<&Record> = if config.necks.claims_about == config.study.home {
        rows(context.evidence, "gaps").collect()
    } else {
        Vec::new()
    };
    let classes: Vec<&Record> = rows(context.evidence, "reference_classes").collect();
    ground
        .graph
        .nodes()
        .iter()
        .map(|node| {
            let id = node.node.as_str();
            let mut origins: Vec<RowRef> = Vec::new();
            let mut doubtful = BTreeSet::new();
            for claim in claims.iter().filter(|c| c.list("node_ids").contains(&id)) {
                doubtful.extend(
                    claim
                        .list("holder_countries")
                        .into_iter()
                        .map(Country::from),
                );
                origins.push(claim.reference());
            }
            let named: Vec<String> = classes
                .iter()
                .filter(|row| row.list("technology_or_node_ids").contains(&id))
                .map(|row| row.key.clone())
                .collect();
            let years = |of: &[String]| durations::years(context.evidence, of, &config.ranges);
            let of_chain = || {
                let list = config.necks.hardness.get(node.chain.as_str())?;
                years(list)
            };
            let years = match years(&named).or_else(of_chain) {
                Some((years, rows)) => {
                    origins.extend(rows);
                    years.into()
                }
                None => Quantity::not_estimated(Message::new("readings.no_years")),
            };
            let means = Means {
                doubtful,
                years,
                origins,
            };
            (node.node.clone(), means)
        })
        .collect()
}

/// Home's organisations and firms on record at a node, by name, with their rows.
pub fn domestic(context: &Context) -> BTreeMap<String, BTreeMap<String, Vec<RowRef>>> {
    let home = context.config.study.home.as_str();
    let organisations: BTreeMap<&str, &Record> = rows(context.evidence, "organisations")
        .filter(|row| row.text("country") == Some(home))
        .map(|row| (row.key.as_str(), row))
        .collect();
    let mut found: BTreeMap<String, BTreeMap<String, Vec<RowRef>>> = BTreeMap::new();
    let mut add = |node: &str, name: &str, row: RowRef| {
        found
            .entry(node.to_owned())
            .or_default()
            .entry(firm_id(name))
            .or_default()
            .push(row);
    };
    for row in rows(context.evidence, "capabilities") {
        let organisation = row
            .text("organisation_id")
            .and_then(|id| organisations.get(id));
        if let (Some(organisation), Some(node)) = (organisation, row.text("technology_or_node_id"))
        {
            add(
                node,
                organisation.text("name").unwrap_or(&organisation.key),
                row.reference(),
            );
        }
    }
    for row in rows(context.evidence, "chain_suppliers") {
        if let (Some(node), Some(firm), Some(country)) =
            (row.text("node_id"), row.text("firm"), row.text("country"))
            && country == home
        {
            add(node, firm, row.reference());
        }
    }
    found
}

fn node_table(context: &Context, ground: &Ground, cards: &[Card]) -> ResultTable {
    let mut table = ResultTable::new(
        "chain.sovereignty",
        "sovereignty",
        "able = own share, or access to enough independent sources, or substitution in time; each a range against its threshold",
        &[
            ("node", ""),
            ("chain", ""),
            ("stage", ""),
            ("ability", ""),
            ("home_share", "share"),
            ("own_test", ""),
            ("access_share", "share"),
            ("access_test", ""),
            ("independent_sources", "countries"),
            ("sources_test", ""),
            ("substitute_years", "years"),
            ("years_test", ""),
            ("supply_hhi", "share"),
            ("domestic_firms", ""),
            ("would_change", ""),
        ],
    );
    let domestic = domestic(context);
    for card in cards {
        let firms = domestic.get(card.node.as_str());
        let mut origins = lineage(
            &card.origins,
            &["chain.readings", "necks.claims_about", "necks.hardness"],
        );
        origins.extend(
            firms
                .iter()
                .flat_map(|f| f.values().flatten())
                .cloned()
                .map(Origin::Evidence),
        );
        let [chain, stage] = ground.place(&card.node);
        table.push(
            card.node.as_str(),
            vec![
                card.node.entity().into(),
                chain,
                stage,
                code(card.ability.code()),
                card.own.quantity.clone().into(),
                tested(card.own.verdict),
                card.access.quantity.clone().into(),
                tested(card.access.verdict),
                card.sources.quantity.clone().into(),
                tested(card.sources.verdict),
                card.years.quantity.clone().into(),
                tested(card.years.verdict),
                card.concentration.clone().into(),
                firms.map_or(0, BTreeMap::len).into(),
                if card.would_change.is_empty() {
                    Cell::Empty
                } else {
                    Message::joined(&card.would_change).into()
                },
            ],
            origins,
        );
    }
    table
}

/// A technology stands on every node of the chains that carry it: one exposed node is enough to be exposed.
fn technology_table(context: &Context, ground: &Ground, cards: &[Card]) -> ResultTable {
    let mut table = ResultTable::new(
        "chain.sovereignty_technologies",
        "sovereignty",
        "nodes at which home is able / nodes of the chains that carry the technology; low: able, high: able or open",
        &[
            ("technology", ""),
            ("chains", ""),
            ("ability", ""),
            ("distance", "share"),
            ("able_nodes", "share"),
            ("nodes", ""),
            ("exposed_nodes", ""),
        ],
    );
    let mut chains: BTreeMap<Technology, Vec<(Chain, RowRef)>> = BTreeMap::new();
    for row in rows(context.evidence, "chains") {
        let chain = Chain::from(row.key.as_str());
        if ground.chains.contains_key(&chain) {
            for technology in row.list("technologies") {
                let list = chains.entry(technology.into()).or_default();
                list.push((chain.clone(), row.reference()));
            }
        }
    }
    for (technology, carriers) in chains {
        let mut needed: BTreeSet<&Node> = BTreeSet::new();
        for (chain, _) in &carriers {
            for target in ground.chains.get(chain).iter().flat_map(|c| &c.targets) {
                needed.extend(ground.graph.upstream(target).into_iter().flatten());
            }
        }
        let own: Vec<&Card> = cards.iter().filter(|c| needed.contains(&c.node)).collect();
        if own.is_empty() {
            continue;
        }
        let (distance, lead) = distance(context, &technology);
        let of = |wanted: &[Ability]| own.iter().filter(|c| wanted.contains(&c.ability)).count();
        let able = of(&[Ability::Own, Ability::Access, Ability::Time]);
        let open = of(&[Ability::Open]);
        let part = |n: usize| n as f64 / own.len() as f64;
        let (low, high) = (part(able), part(able + open));
        let exposed: Vec<Entity> = own
            .iter()
            .filter(|c| c.ability == Ability::Exposed)
            .map(|c| c.node.entity())
            .collect();
        let verdict = if !exposed.is_empty() {
            "readings.technology.exposed"
        } else if open > 0 {
            "readings.technology.open"
        } else {
            "readings.technology.able"
        };
        let mut origins = lineage(
            &carriers
                .iter()
                .map(|(_, row)| row.clone())
                .collect::<Vec<_>>(),
            &["chain.readings"],
        );
        origins.extend(lead);
        origins.extend(
            own.iter()
                .map(|c| Origin::Result(RowRef::new("chain.sovereignty", c.node.as_str()))),
        );
        table.push(
            technology.as_str(),
            vec![
                technology.entity().into(),
                carriers
                    .iter()
                    .map(|(chain, _)| chain.entity())
                    .collect::<Vec<_>>()
                    .into(),
                code(verdict),
                distance.into(),
                Estimate::spanning(f64::midpoint(low, high), low, high, Basis::Derived).into(),
                own.len().into(),
                exposed.into(),
            ],
            origins,
        );
    }
    table
}

/// Home's distance to the leader by the primary indicator of the technology.
fn distance(context: &Context, technology: &Technology) -> (Quantity, Option<Origin>) {
    let table = context.table("trend.lead");
    let primary = Cell::Entity(Entity::new(Kind::Code, "yes"));
    let found = table.rows.iter().find(|row| {
        entity(&table, row, "technology") == Some(technology.as_str())
            && cell(&table, row, "primary") == Some(&primary)
    });
    match found.and_then(|row| Some((quantity(&table, row, "distance")?, row))) {
        Some((distance, row)) => (
            distance,
            Some(Origin::Result(RowRef::new("trend.lead", row.key.clone()))),
        ),
        None => (
            Quantity::not_estimated(Message::new("readings.no_indicator")),
            None,
        ),
    }
}

/// Nodes at which home is exposed or it is open, with home's share where it is estimated.
pub fn weak(context: &Context) -> Vec<(Node, Estimate)> {
    let table = context.table("chain.sovereignty");
    let weak = [Ability::Exposed.code(), Ability::Open.code()];
    table
        .rows
        .iter()
        .filter(|row| entity(&table, row, "ability").is_some_and(|a| weak.contains(&a)))
        .filter_map(|row| {
            let share = quantity(&table, row, "home_share")?.estimate()?;
            Some((Node::from(row.key.as_str()), share))
        })
        .collect()
}
