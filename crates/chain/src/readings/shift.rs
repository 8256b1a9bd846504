//! Where production moves: reshoring, near-shoring, partner-shoring.
//!
//! For a node with shares of one basis in two years or more, from the first to the last year on record:
//!
//! ```text
//! change_g = share_g(last) - share_g(first)      home, near countries, partners, others (listed), not listed
//! ```
//!
//! A country that one of the two lists leaves out holds an unknown part of that year's rest. A direction is named
//! where the whole range of a change lies on one side of zero; the monitor follows the idea of the European
//! Commission's reallocation tables [from memory].

use std::collections::{BTreeMap, BTreeSet};

use model::{Basis, Country, Estimate, Message, Node, Quantity, RowRef, Year};
use serde::{Deserialize, Serialize};

use super::sorted;
use crate::input::{SupplyBasis, SupplySpec, coded};

coded! {
    /// Whose share changes.
    Group {
        Home => "readings.group.home",
        Near => "readings.group.near",
        Partner => "readings.group.partner",
        Other => "readings.group.other",
    }
}
coded! {
    /// What the changes together show.
    Direction {
        Reshoring => "readings.shift.reshoring",
        NearShoring => "readings.shift.near_shoring",
        PartnerShoring => "readings.shift.partner_shoring",
        Offshoring => "readings.shift.offshoring",
        Open => "readings.shift.open",
    }
}

/// The change at one node.
#[derive(Debug, Clone, PartialEq)]
pub struct Shift {
    pub node: Node,
    pub basis: SupplyBasis,
    pub from: Year,
    pub to: Year,
    /// In the order of [`Group::ALL`]; a group without countries is "not estimated".
    pub changes: [Quantity; 4],
    pub direction: Direction,
    pub origins: Vec<RowRef>,
}

/// One row per node and basis with two years on record, by node, basis. The order of `rows` does not matter.
pub fn shift(
    rows: &[SupplySpec],
    home: &Country,
    near: &BTreeSet<Country>,
    partners: &BTreeSet<Country>,
) -> Vec<Shift> {
    let mut series: BTreeMap<(&Node, SupplyBasis), BTreeMap<Year, Vec<&SupplySpec>>> =
        BTreeMap::new();
    for row in rows {
        series
            .entry((&row.node, row.basis))
            .or_default()
            .entry(row.year)
            .or_default()
            .push(row);
    }
    series
        .into_iter()
        .filter_map(|((node, basis), mut years)| {
            let (to, mut last) = years.pop_last()?;
            let (from, mut first) = years.pop_first()?;
            for list in [&mut last, &mut first] {
                list.sort_by(|a, b| (&a.country, &a.origin).cmp(&(&b.country, &b.origin)));
            }
            let group_of = |country: &Country| {
                if country == home {
                    Group::Home
                } else if near.contains(country) {
                    Group::Near
                } else if partners.contains(country) {
                    Group::Partner
                } else {
                    Group::Other
                }
            };
            let empty = |group: Group| match group {
                Group::Near => near.is_empty(),
                Group::Partner => partners.is_empty(),
                Group::Home | Group::Other => false,
            };
            let changes: [Quantity; 4] = std::array::from_fn(|g| {
                let group = Group::ALL[g];
                if empty(group) {
                    return Quantity::not_estimated(Message::new("readings.no_group"));
                }
                let size = match group {
                    Group::Home => 1,
                    Group::Near => near.len(),
                    Group::Partner => partners.difference(near).count(),
                    Group::Other => usize::MAX,
                };
                let held = |list: &[&SupplySpec]| held(list, |c| group_of(c) == group, size);
                held(&last).minus(held(&first)).into()
            });
            let origins = first.iter().chain(&last).map(|r| r.origin.clone());
            Some(Shift {
                node: node.clone(),
                basis,
                from,
                to,
                direction: direction(&changes),
                origins: sorted(origins.collect()),
                changes,
            })
        })
        .collect()
}

/// The share of a group of `size` countries: its listed members, and up to the whole rest where a member is not
/// listed. The value counts the listed ones only.
fn held(list: &[&SupplySpec], member: impl Fn(&Country) -> bool, size: usize) -> Estimate {
    let sum = |rows: &[&SupplySpec], pick: fn(&Estimate) -> f64| -> f64 {
        rows.iter().fold(0.0, |sum, r| sum + pick(&r.share))
    };
    let own: Vec<&SupplySpec> = list
        .iter()
        .copied()
        .filter(|r| member(&r.country))
        .collect();
    let rest = (1.0 - sum(list, |e| e.low)).clamp(0.0, 1.0);
    let hidden = if own.len() < size { rest } else { 0.0 };
    Estimate::spanning(
        sum(&own, |e| e.value),
        sum(&own, |e| e.low),
        sum(&own, |e| e.high) + hidden,
        Basis::Derived,
    )
    .clamped(0.0, 1.0)
}

/// Home's own change comes first; where it falls, or does not rise for certain, the group that gains for certain.
fn direction(changes: &[Quantity; 4]) -> Direction {
    let rises = |g: usize| changes[g].estimate().is_some_and(|e| e.low > 0.0);
    let falls = |g: usize| changes[g].estimate().is_some_and(|e| e.high < 0.0);
    if rises(0) {
        Direction::Reshoring
    } else if rises(1) {
        Direction::NearShoring
    } else if rises(2) {
        Direction::PartnerShoring
    } else if falls(0) {
        Direction::Offshoring
    } else {
        Direction::Open
    }
}
