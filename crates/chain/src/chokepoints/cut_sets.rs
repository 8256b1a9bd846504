//! All minimal cut sets of countries or firms up to a size, by growing sets and pruning supersets.
//!
//! Stopping more countries never helps a target, so the sets that stop it are closed upwards and the minimal ones
//! describe them all. Sets are tried by size; a set is minimal for a target when it stops it and none of the
//! minimal sets found so far lies inside it.

use std::collections::BTreeSet;

use super::Certainty;
use super::works::{Reading, Works};

/// Sets are small; nobody reads larger ones and their number explodes.
const LARGEST: usize = 3;

/// By target: its minimal sets (positions in `works.actors`, ascending) in order of size, certainty, actors.
pub(crate) fn minimal(
    works: &Works,
    targets: &[usize],
    max_cut: usize,
) -> Vec<Vec<(Vec<u16>, Certainty)>> {
    let [certain, possible] = [Reading::Favourable, Reading::Unfavourable]
        .map(|reading| in_reading(works, targets, max_cut.min(LARGEST), reading));
    certain
        .into_iter()
        .zip(possible)
        .map(|(certain, possible)| {
            let only_possible = possible.difference(&certain).cloned();
            let mut sets: Vec<(Vec<u16>, Certainty)> = only_possible
                .map(|set| (set, Certainty::Possible))
                .collect();
            sets.extend(certain.into_iter().map(|set| (set, Certainty::Certain)));
            sets.sort_by(|(a, ca), (b, cb)| (a.len(), ca, a).cmp(&(b.len(), cb, b)));
            sets
        })
        .collect()
}

fn in_reading(
    works: &Works,
    targets: &[usize],
    max_cut: usize,
    reading: Reading,
) -> Vec<BTreeSet<Vec<u16>>> {
    let mut found: Vec<BTreeSet<Vec<u16>>> = vec![BTreeSet::new(); targets.len()];
    let mut scratch = works.scratch();
    let n = u16::try_from(works.actors.len()).expect("invariant: fewer than 65,536 actors");
    for size in 1..=max_cut.min(usize::from(n)) {
        let mut set: Vec<u16> = (0..size as u16).collect();
        loop {
            if let Some(down) = works.down(&set, reading, &mut scratch) {
                for (sets, &target) in found.iter_mut().zip(targets) {
                    if down[target] && !holds_a_subset(sets, &set) {
                        sets.insert(set.clone());
                    }
                }
            }
            if !advance(&mut set, n) {
                break;
            }
        }
    }
    found
}

/// The next combination in lexicographic order.
fn advance(set: &mut [u16], n: u16) -> bool {
    let size = set.len();
    for i in (0..size).rev() {
        if set[i] + ((size - i) as u16) < n {
            set[i] += 1;
            for j in i + 1..size {
                set[j] = set[j - 1] + 1;
            }
            return true;
        }
    }
    false
}

fn holds_a_subset(sets: &BTreeSet<Vec<u16>>, of: &[u16]) -> bool {
    (1_u32..(1 << of.len()) - 1).any(|mask| {
        let subset: Vec<u16> = (0..of.len())
            .filter(|i| mask & (1 << i) != 0)
            .map(|i| of[i])
            .collect();
        sets.contains(&subset)
    })
}
