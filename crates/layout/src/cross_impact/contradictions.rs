//! States that no consistent scenario holds together.

use std::collections::BTreeSet;

use super::judgments::{CrossImpacts, Scenario};

/// States, as descriptor and position: one that occurs in no scenario, or two or three that occur in none together
/// although every smaller part of them does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contradiction(pub Vec<(usize, usize)>);

/// The smallest contradictory sets of up to three states, given the complete list of consistent scenarios.
pub fn contradictions(impacts: &CrossImpacts, scenarios: &[Scenario]) -> Vec<Contradiction> {
    let mut ones = BTreeSet::new();
    let mut twos = BTreeSet::new();
    let mut threes = BTreeSet::new();
    for scenario in scenarios {
        let states: Vec<(usize, usize)> = scenario.iter().copied().enumerate().collect();
        for (i, a) in states.iter().enumerate() {
            ones.insert(*a);
            for (k, b) in states.iter().enumerate().skip(i + 1) {
                twos.insert((*a, *b));
                threes.extend(states[k + 1..].iter().map(|c| (*a, *b, *c)));
            }
        }
    }
    let all: Vec<(usize, usize)> = (0..impacts.len())
        .flat_map(|d| (0..impacts.states(d)).map(move |s| (d, s)))
        .collect();
    let mut found: Vec<Contradiction> = all
        .iter()
        .filter(|a| !ones.contains(*a))
        .map(|a| Contradiction(vec![*a]))
        .collect();
    let alive: Vec<(usize, usize)> = all.into_iter().filter(|a| ones.contains(a)).collect();
    for (i, a) in alive.iter().enumerate() {
        for (k, b) in alive.iter().enumerate().skip(i + 1) {
            if a.0 == b.0 {
                continue;
            }
            if !twos.contains(&(*a, *b)) {
                found.push(Contradiction(vec![*a, *b]));
                continue;
            }
            for c in &alive[k + 1..] {
                let pairs = b.0 != c.0 && twos.contains(&(*a, *c)) && twos.contains(&(*b, *c));
                if pairs && !threes.contains(&(*a, *b, *c)) {
                    found.push(Contradiction(vec![*a, *b, *c]));
                }
            }
        }
    }
    found.sort_by(|a, b| a.0.len().cmp(&b.0.len()).then_with(|| a.cmp(b)));
    found
}
