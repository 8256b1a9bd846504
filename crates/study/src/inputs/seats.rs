//! Firms at the nodes of the chains, and how much of their country's supply stops with one of them.
//!
//! ```text
//! part of the country's supply that is the firm's
//!   the share row names it with a number    number / share, with the range of the source
//!   else                                    0 to 1; in the middle 1 / firms on record there, a convention, no estimate
//! ```
//!
//! A firm is known by its name without what stands in brackets, in small letters ([`firm_id`]).

use std::collections::{BTreeMap, BTreeSet};

use chain::ChainGraph;
use evidence::{Evidence, Record};
use model::{Basis, Country, Entity, Estimate, Message, Node, RowRef};

use super::rows;
use crate::config::{Config, Span};
use crate::scenario::{Event, Scenario};

/// A firm on record at a node.
#[derive(Debug, Clone, PartialEq)]
pub struct Seat {
    pub firm: String,
    /// As the first row writes it.
    pub name: String,
    pub node: Node,
    /// Where the firm has its seat.
    pub country: Country,
    pub origins: Vec<RowRef>,
}

/// What stops at a seat.
#[derive(Debug, Clone, PartialEq)]
pub struct SeatStop {
    pub seat: Seat,
    /// The firm's part of its country's supply of the node, 0..1.
    pub part: Estimate,
    /// Firms of the country on record at the node.
    pub firms: usize,
}

/// A question about firms as the chains can be asked it.
#[derive(Debug, Clone)]
pub struct BySeat {
    /// Each firm's event replaced by one for each of its seats; as it was where no firm is named or none is on record.
    pub scenario: Scenario,
    pub stops: Vec<SeatStop>,
    /// Seats at nodes without shares, or in the buyer's own country: not asked about.
    pub left: Vec<Seat>,
}

/// A firm's name without what stands in brackets, in small letters: the same firm in two tables.
pub fn firm_id(name: &str) -> String {
    let name = name.split(" (").next().unwrap_or(name);
    name.trim().to_lowercase()
}

/// All seats in the chains that the study does not exclude, by firm, node and country.
pub fn seats(evidence: &Evidence, config: &Config) -> Vec<Seat> {
    let within = |row: &&Record| {
        let chain = row.text("chain_id").unwrap_or_default();
        !config.chain.exclude.iter().any(|out| out == chain)
    };
    let nodes: BTreeSet<&str> = rows(evidence, "chain_nodes")
        .filter(within)
        .map(|row| row.key.as_str())
        .collect();
    let mut found: BTreeMap<(String, Node, Country), Seat> = BTreeMap::new();
    let present =
        rows(evidence, "chain_suppliers").map(|row| (row, row.text("firm").into_iter().collect()));
    let leading = rows(evidence, "chain_supply").map(|row| (row, row.list("leading_firms")));
    for (row, names) in present.chain(leading) {
        let (Some(node), Some(country)) = (row.text("node_id"), row.text("country")) else {
            continue;
        };
        let names: Vec<&str> = names;
        for name in names.into_iter().filter(|_| nodes.contains(node)) {
            let firm = firm_id(name);
            let seat = found
                .entry((firm.clone(), node.into(), country.into()))
                .or_insert_with(|| Seat {
                    firm,
                    name: name.split(" (").next().unwrap_or(name).trim().to_owned(),
                    node: node.into(),
                    country: country.into(),
                    origins: Vec::new(),
                });
            seat.origins.push(row.reference());
        }
    }
    found.into_values().collect()
}

/// Asks the chains about the seats of each firm that the question names.
pub fn by_seat(
    evidence: &Evidence,
    config: &Config,
    graph: &ChainGraph,
    scenario: &Scenario,
) -> BySeat {
    let mut asked = BySeat {
        scenario: scenario.clone(),
        stops: Vec::new(),
        left: Vec::new(),
    };
    if scenario.event.iter().all(|event| event.firm.is_none()) {
        return asked;
    }
    let all = seats(evidence, config);
    asked.scenario.event.clear();
    for event in &scenario.event {
        let meant = event.firm.as_deref().map(|firm| meant(&all, event, firm));
        let Some(meant) = meant.filter(|seats| !seats.is_empty()) else {
            asked.scenario.event.push(event.clone());
            continue;
        };
        let buyer = scenario.buyer.as_deref();
        let can = |seat: &&Seat| {
            let abroad = buyer.is_none_or(|buyer| seat.country.as_str() != buyer);
            abroad && chain::shock::on_record(graph, &seat.country, &seat.node)
        };
        let (mut usable, left): (Vec<&Seat>, Vec<&Seat>) = meant.into_iter().partition(can);
        if usable.is_empty() {
            // Asked as it stands, the chains say what is missing.
            usable = left;
        } else {
            asked.left.extend(left.into_iter().cloned());
        }
        for seat in usable {
            let here = |other: &&Seat| other.node == seat.node && other.country == seat.country;
            let firms = all.iter().filter(here).count();
            let part = part(evidence, config, graph, seat, firms);
            asked.scenario.event.push(at(event, seat, part));
            asked.stops.push(SeatStop {
                seat: seat.clone(),
                part,
                firms,
            });
        }
    }
    let of = |stop: &SeatStop| {
        (
            stop.seat.node.clone(),
            stop.seat.country.clone(),
            stop.seat.firm.clone(),
        )
    };
    asked.stops.sort_by_key(of);
    asked.stops.dedup_by_key(|stop| of(stop));
    asked
}

/// The seats that an event means: a country or a node beside the firm narrows them.
fn meant<'a>(all: &'a [Seat], event: &Event, firm: &str) -> Vec<&'a Seat> {
    let narrower = event.node.is_none() && (event.product.is_some() || event.industry.is_some());
    let firm = firm_id(firm);
    let fits = |seat: &&Seat| {
        seat.firm == firm
            && (event.country.as_deref()).is_none_or(|country| seat.country.as_str() == country)
            && (event.node.as_deref()).is_none_or(|node| seat.node.as_str() == node)
    };
    all.iter().filter(fits).filter(|_| !narrower).collect()
}

/// The firm's event at one of its seats.
fn at(event: &Event, seat: &Seat, part: Estimate) -> Event {
    let Span { low, value, high } = event.severity;
    Event {
        country: Some(seat.country.as_str().to_owned()),
        node: Some(seat.node.as_str().to_owned()),
        firm: None,
        severity: Span {
            low: low * part.low,
            value: value * part.value,
            high: high * part.high,
        },
        ..event.clone()
    }
}

/// The firm's part of its country's supply of the node.
fn part(
    evidence: &Evidence,
    config: &Config,
    graph: &ChainGraph,
    seat: &Seat,
    firms: usize,
) -> Estimate {
    let supply = graph.get(&seat.node).and_then(|n| n.supply.as_ref());
    let listed = supply.and_then(|supply| supply.provider(&seat.country));
    // Only the row whose share the chain uses: other rows of the node count something else.
    let used = |row: &&Record| listed.is_some_and(|p| p.origins.contains(&row.reference()));
    let stated = rows(evidence, "chain_supply").filter(used).find_map(|row| {
        let names = row.list("leading_firms").into_iter();
        let own = names
            .filter(|name| firm_id(name) == seat.firm)
            .find_map(in_brackets)?;
        let ratio = own / row.number("share_pct").filter(|share| *share > 0.0)?;
        let half = config
            .ranges
            .half_width(evidence.confidence(&row.reference()));
        let (low, high) = (ratio * (1.0 - half), ratio * (1.0 + half));
        Some(Estimate::spanning(ratio, low, high, Basis::Published).clamped(0.0, 1.0))
    });
    stated.unwrap_or_else(|| {
        let even = 1.0 / firms.max(1) as f64;
        Estimate::spanning(even, 0.0, 1.0, Basis::Assumed)
    })
}

/// The number in brackets behind a firm's name: its own share in per cent.
fn in_brackets(name: &str) -> Option<f64> {
    let (_, rest) = name.split_once(" (")?;
    let number: f64 = rest.trim_end().strip_suffix(')')?.parse().ok()?;
    (0.0..=100.0).contains(&number).then_some(number)
}

impl BySeat {
    /// What a reader of the answer must know about the firms' parts.
    pub fn notes(&self) -> Vec<Message> {
        let assumed = |stop: &&SeatStop| stop.part.basis == Basis::Assumed;
        let names: BTreeSet<&str> = (self.stops.iter().filter(assumed))
            .map(|stop| stop.seat.name.as_str())
            .collect();
        let mut notes: Vec<Message> = names
            .into_iter()
            .map(|name| {
                let of = |stop: &&SeatStop| assumed(stop) && stop.seat.name == name;
                Message::new("whatif.note.seats")
                    .with("firm", name)
                    .with("n", self.stops.iter().filter(of).count())
            })
            .collect();
        if !self.left.is_empty() {
            let nodes: BTreeSet<&Node> = self.left.iter().map(|seat| &seat.node).collect();
            let nodes: Vec<Entity> = nodes.into_iter().map(Node::entity).collect();
            notes.push(Message::new("whatif.note.seats_left").with("nodes", nodes));
        }
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::{firm_id, in_brackets};

    #[test]
    fn names_and_shares_of_firms() {
        assert_eq!(firm_id("SK hynix (50)"), "sk hynix");
        assert_eq!(firm_id(" ASML "), "asml");
        assert_eq!(in_brackets("SK hynix (50)"), Some(50.0));
        assert_eq!(in_brackets("Samsung (40.5) "), Some(40.5));
        for name in [
            "ASML",
            "CFM International (GE half)",
            "X (NaN)",
            "X (101)",
            "X ()",
        ] {
            assert_eq!(in_brackets(name), None, "{name}");
        }
    }
}
