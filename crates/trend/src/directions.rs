//! Direction shares: how strategies split over digital, health and low carbon.
//!
//! A strategy with n directions carries weight 1/n in each (weights sum to one). Any other split is
//! possible, so the range holds all of them: from "only strategies with this direction alone" to "every
//! strategy that names it, and every cross-cutting one".

use std::collections::{BTreeMap, BTreeSet};

use model::{Basis, Estimate, Jurisdiction, RowRef};

use crate::Strategy;

/// Directions that hold no direction of their own: their weight could belong to any.
pub const CROSS: &str = "cross";

#[derive(Debug, Clone, PartialEq)]
pub struct DirectionShare {
    /// `None` is the whole registry.
    pub jurisdiction: Option<Jurisdiction>,
    pub direction: String,
    pub documents: usize,
    /// Share of the jurisdiction's strategies, 0..1.
    pub share: Estimate,
    pub origins: Vec<RowRef>,
}

/// Shares per jurisdiction and for the whole registry. Over all directions the values sum to one.
pub fn direction_shares(strategies: &[Strategy]) -> Vec<DirectionShare> {
    let directions: BTreeSet<&String> = strategies.iter().flat_map(|s| &s.directions).collect();
    let mut groups: BTreeMap<Option<&Jurisdiction>, Vec<&Strategy>> = BTreeMap::new();
    for strategy in strategies.iter().filter(|s| !s.directions.is_empty()) {
        groups.entry(None).or_default().push(strategy);
        groups
            .entry(Some(&strategy.jurisdiction))
            .or_default()
            .push(strategy);
    }
    let mut shares = Vec::new();
    for (jurisdiction, group) in &groups {
        let all = group.len() as f64;
        for direction in &directions {
            let naming: Vec<&&Strategy> = group
                .iter()
                .filter(|s| s.directions.contains(*direction))
                .collect();
            let value: f64 = naming.iter().map(|s| 1.0 / s.directions.len() as f64).sum();
            let alone = naming.iter().filter(|s| s.directions.len() == 1).count();
            let cross = group
                .iter()
                .filter(|s| s.directions.contains(CROSS) && !s.directions.contains(*direction))
                .count();
            let (low, high) = if direction.as_str() == CROSS {
                (0.0, naming.len() as f64)
            } else {
                (alone as f64, (naming.len() + cross) as f64)
            };
            shares.push(DirectionShare {
                jurisdiction: jurisdiction.cloned(),
                direction: (*direction).clone(),
                documents: naming.len(),
                share: Estimate::spanning(value / all, low / all, high / all, Basis::Derived),
                origins: naming.iter().map(|s| s.origin.clone()).collect(),
            });
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use model::Year;

    use super::*;

    fn strategy(id: &str, directions: &[&str]) -> Strategy {
        Strategy {
            policy: id.into(),
            jurisdiction: "A".into(),
            published: Year(2020),
            subjects: BTreeSet::new(),
            directions: directions.iter().map(|d| (*d).to_owned()).collect(),
            instruments: BTreeSet::new(),
            money: None,
            origin: RowRef::new("policies", id),
        }
    }

    #[test]
    fn weights_sum_to_one_and_the_range_holds_every_split() {
        let strategies = [
            strategy("1", &["digital"]),
            strategy("2", &["digital", "health"]),
            strategy("3", &["cross"]),
            strategy("4", &["low_carbon", "digital"]),
        ];
        let shares = direction_shares(&strategies);
        let whole: Vec<&DirectionShare> =
            shares.iter().filter(|s| s.jurisdiction.is_none()).collect();
        assert!((whole.iter().map(|s| s.share.value).sum::<f64>() - 1.0).abs() < 1e-12);
        let digital = whole
            .iter()
            .find(|s| s.direction == "digital")
            .expect("a row");
        // 1 + 1/2 + 1/2 of 4; alone in one; named by three and one cross-cutting.
        assert!((digital.share.value - 0.5).abs() < 1e-12);
        assert!((digital.share.low - 0.25).abs() < 1e-12);
        assert!((digital.share.high - 1.0).abs() < 1e-12);
    }
}
