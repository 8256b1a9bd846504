//! Firms at the nodes of the chains, and how much of their country's supply stops with one of them.
//!
//! ```text
//! part of the country's supply that is the firm's
//!   the share row names it with a number    number / share, each with the range of the source
//!   else                                    0 to 1; in the middle 1 / firms on record there, a convention, no estimate
//! ```
//!
//! A firm is known by its name without what stands in brackets, in small letters ([`firm_id`]).

use std::collections::{BTreeMap, BTreeSet};

use chain::ChainGraph;
use evidence::{Evidence, Record, may_leave};
use model::{Basis, Country, Entity, Estimate, Message, Node, RowRef};

use super::{firms, published, rows};
use crate::config::{Config, Span};
use crate::scenario::{Event, Scenario};

/// A firm on record at a node.
#[derive(Debug, Clone, PartialEq)]
pub struct Seat {
    pub firm: String,
    /// As the first row that may leave writes it.
    pub name: String,
    pub node: Node,
    /// Where the firm has its seat.
    pub country: Country,
    /// The row behind [`Self::name`] first.
    pub origins: Vec<RowRef>,
    /// Whether a row that names it may leave.
    pub open: bool,
}

/// What a firm's stop means at one of its seats.
#[derive(Debug, Clone, PartialEq)]
pub struct SeatStop {
    pub seat: Seat,
    /// Its name where that may leave, else as the question writes it.
    pub name: String,
    /// The firm's part of its country's supply of the node, 0..1; `None` where the chains are not asked about it.
    pub part: Option<Estimate>,
    /// Firms of the country on record at the node.
    pub firms: usize,
}

/// A question about firms as the chains can be asked it.
#[derive(Debug, Clone)]
pub struct BySeat {
    /// The firms' events replaced by one for each node, country and time; as they were where no firm is named or none is
    /// on record.
    pub scenario: Scenario,
    /// By node, country and firm.
    pub stops: Vec<SeatStop>,
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
    let present = rows(evidence, "chain_suppliers")
        .map(|row| (row, row.text("firm").into_iter().collect::<Vec<_>>()));
    let leading = rows(evidence, "chain_supply").map(|row| (row, row.list("leading_firms")));
    for (row, names) in present.chain(leading) {
        let (Some(node), Some(country)) = (row.text("node_id"), row.text("country")) else {
            continue;
        };
        let open = may_leave(evidence, &row.reference());
        for name in names.into_iter().filter(|_| nodes.contains(node)) {
            let firm = firm_id(name);
            let name = name.split(" (").next().unwrap_or(name).trim().to_owned();
            let seat = found
                .entry((firm.clone(), node.into(), country.into()))
                .or_insert_with(|| Seat {
                    firm,
                    name: name.clone(),
                    node: node.into(),
                    country: country.into(),
                    origins: Vec::new(),
                    open,
                });
            if open && !seat.open {
                (seat.open, seat.name) = (true, name);
                seat.origins.insert(0, row.reference());
            } else {
                seat.origins.push(row.reference());
            }
        }
    }
    found.into_values().collect()
}

/// What stops at one place and time, and how much each firm takes of it.
type Stops = BTreeMap<(String, String, u32, u32), (Event, BTreeMap<String, Span>)>;

/// Asks the chains about the seats of each firm that the question names.
///
/// A firm that is named twice stops once, with the larger severity; different firms of a country are apart from each other, so
/// their parts add up, to all of it at most.
pub fn by_seat(
    evidence: &Evidence,
    config: &Config,
    graph: &ChainGraph,
    scenario: &Scenario,
) -> BySeat {
    let mut asked = BySeat {
        scenario: scenario.clone(),
        stops: Vec::new(),
    };
    if scenario.event.iter().all(|event| event.firm.is_none()) {
        return asked;
    }
    let all = seats(evidence, config);
    let mut events = Vec::new();
    let mut stops: Stops = BTreeMap::new();
    for event in &scenario.event {
        let meant = event
            .firm
            .as_deref()
            .map(|firm| meant(&all, event, evidence, firm));
        let Some(meant) = meant.filter(|seats| !seats.is_empty()) else {
            events.push(event.clone());
            continue;
        };
        let (usable, left) = usable(graph, config, scenario, event, meant);
        for (seat, used) in usable
            .into_iter()
            .map(|s| (s, true))
            .chain(left.into_iter().map(|s| (s, false)))
        {
            let here = |other: &&Seat| other.node == seat.node && other.country == seat.country;
            let firms = all.iter().filter(here).count();
            let part = used.then(|| part(evidence, config, graph, seat, firms));
            if let Some(part) = part {
                stop(&mut stops, event, seat, part);
            }
            let written = event.firm.clone().unwrap_or_default();
            asked.stops.push(SeatStop {
                name: if seat.open {
                    seat.name.clone()
                } else {
                    written
                },
                seat: seat.clone(),
                part,
                firms,
            });
        }
    }
    events.extend(stops.into_values().map(|(event, firms)| Event {
        severity: together(&firms),
        ..event
    }));
    asked.scenario.event = events;
    let place = |s: &SeatStop| {
        let Seat {
            node,
            country,
            firm,
            ..
        } = &s.seat;
        (node.clone(), country.clone(), firm.clone())
    };
    asked.stops.sort_by_key(|s| (place(s), s.part.is_none()));
    asked.stops.dedup_by_key(|s| place(s));
    asked
}

/// The seats that an event means: a country or a node beside the firm narrows them.
fn meant<'a>(all: &'a [Seat], event: &Event, evidence: &Evidence, firm: &str) -> Vec<&'a Seat> {
    let narrower = event.node.is_none() && (event.product.is_some() || event.industry.is_some());
    // The network of firms knows it by an id, and may write its name otherwise.
    let named = firms::find(evidence, firm).map_or(firm, firms::name);
    let ids = [firm_id(firm), firm_id(named)];
    let fits = |seat: &&Seat| {
        ids.contains(&seat.firm)
            && (event.country.as_deref()).is_none_or(|country| seat.country.as_str() == country)
            && (event.node.as_deref()).is_none_or(|node| seat.node.as_str() == node)
    };
    all.iter().filter(fits).filter(|_| !narrower).collect()
}

/// The seats that the chains can be asked about, and the others: at nodes without shares, in the buyer's own country, or in the
/// second of two views of one industry, where the question names no node. Where none can be asked about, all are: the chains then
/// say what is missing.
fn usable<'a>(
    graph: &ChainGraph,
    config: &Config,
    scenario: &Scenario,
    event: &Event,
    seats: Vec<&'a Seat>,
) -> (Vec<&'a Seat>, Vec<&'a Seat>) {
    let chain_of = |node: &Node| graph.get(node).map(|n| &n.chain);
    let buyer = scenario.buyer.as_deref();
    let (mut can, mut left): (Vec<&Seat>, Vec<&Seat>) = seats.into_iter().partition(|seat| {
        let abroad = buyer.is_none_or(|buyer| seat.country.as_str() != buyer);
        abroad && chain::shock::on_record(graph, &seat.country, &seat.node)
    });
    if can.is_empty() {
        return (left, can);
    }
    if event.node.is_none() {
        for (first, second) in &config.chain.shock.exclusive_views {
            let has = |view| can.iter().any(|s| chain_of(&s.node) == Some(view));
            if !has(first) || !has(second) {
                continue;
            }
            let targets = scenario.targets.iter().map(|t| Node::from(t.as_str()));
            let wanted = targets.into_iter().any(|t| chain_of(&t) == Some(second));
            let out = if wanted { first } else { second };
            let (other, kept) = (can.into_iter()).partition(|s| chain_of(&s.node) == Some(out));
            can = kept;
            left.extend::<Vec<&Seat>>(other);
        }
    }
    (can, left)
}

/// Adds a firm's stop at one of its seats.
fn stop(stops: &mut Stops, event: &Event, seat: &Seat, part: Estimate) {
    let (country, node) = (seat.country.as_str(), seat.node.as_str());
    let at = Event {
        country: Some(country.to_owned()),
        node: Some(node.to_owned()),
        firm: None,
        ..event.clone()
    };
    let key = (
        node.to_owned(),
        country.to_owned(),
        event.start_week,
        event.weeks,
    );
    let (_, firms) = stops.entry(key).or_insert_with(|| (at, BTreeMap::new()));
    let Span { low, value, high } = event.severity;
    let span = firms.entry(seat.firm.clone()).or_insert(Span {
        low: 0.0,
        value: 0.0,
        high: 0.0,
    });
    span.low = span.low.max(low * part.low);
    span.value = span.value.max(value * part.value);
    span.high = span.high.max(high * part.high);
}

/// Parts of different firms of one country.
fn together(firms: &BTreeMap<String, Span>) -> Span {
    let sum = |end: fn(&Span) -> f64| firms.values().map(end).sum::<f64>().min(1.0);
    Span {
        low: sum(|s| s.low),
        value: sum(|s| s.value),
        high: sum(|s| s.high),
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
        // The source is as exact about the firm as about its country.
        let share = published(evidence, row, "share_pct", &config.ranges)?;
        let positive = share.low > 0.0 && share.value > 0.0;
        let ratio = |own_end: f64, end: f64| (own / share.value) * (own_end / end);
        positive.then(|| {
            let [low, high] = [ratio(share.low, share.high), ratio(share.high, share.low)];
            Estimate::spanning(own / share.value, low, high, Basis::Derived).clamped(0.0, 1.0)
        })
    });
    stated.unwrap_or_else(|| {
        let even = 1.0 / firms.max(1) as f64;
        Estimate::spanning(even, 0.0, 1.0, Basis::Assumed)
    })
}

/// The number in the last brackets behind a firm's name: its own share in per cent.
fn in_brackets(name: &str) -> Option<f64> {
    let (_, rest) = name.rsplit_once(" (")?;
    let number: f64 = rest.trim_end().strip_suffix(')')?.parse().ok()?;
    (0.0..=100.0).contains(&number).then_some(number)
}

impl BySeat {
    /// What a reader of the answer must know about the firms' parts.
    pub fn notes(&self) -> Vec<Message> {
        let assumed = |stop: &&SeatStop| stop.part.is_some_and(|p| p.basis == Basis::Assumed);
        let names: BTreeSet<&str> = (self.stops.iter().filter(assumed))
            .map(|stop| stop.name.as_str())
            .collect();
        let mut notes: Vec<Message> = names
            .into_iter()
            .map(|name| {
                let of = |stop: &&SeatStop| assumed(stop) && stop.name == name;
                let nodes: BTreeSet<&Node> = (self.stops.iter().filter(of))
                    .map(|stop| &stop.seat.node)
                    .collect();
                Message::new("whatif.note.seats")
                    .with("firm", name)
                    .with("n", nodes.len())
            })
            .collect();
        let left = self.stops.iter().filter(|stop| stop.part.is_none());
        let nodes: BTreeSet<&Node> = left.map(|stop| &stop.seat.node).collect();
        if !nodes.is_empty() {
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
        assert_eq!(in_brackets("Mentor (Siemens EDA) (20)"), Some(20.0));
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
