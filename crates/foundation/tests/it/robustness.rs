//! Fitness, universes, nestedness and intervals against peers, laws and planted worlds.

// The method pages quote what these trials print (`--nocapture`).
#![allow(clippy::print_stdout)]

mod fitness;
mod intervals;
mod laws;
mod shared;

use foundation::activity::ActivityTable;
use foundation::complexity::advantage::rca;
use foundation::complexity::presence_rule::{Rule, presence};
use foundation::presence::Presence;
use libtest_mimic::Trial;

pub fn trials() -> Vec<Trial> {
    [
        fitness::trials(),
        laws::trials(),
        intervals::trials(),
        shared::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(crate) const LOCATIONS: usize = 40;
pub(crate) const ACTIVITIES: usize = 70;

/// The synthetic table of `golden/robustness_peers.py`, from integer arithmetic.
pub(crate) fn value(l: usize, a: usize, salt: usize) -> f64 {
    let h = (l * 7919 + a * 104_729 + salt * 1_299_709) % 1_000_003;
    let h = (h * 48271 + 11) % 2_147_483_647;
    let u = ((h * 16807) % 2_147_483_647 % 1000) as i64;
    if u >= 850 - 6 * a as i64 + 12 * l as i64 {
        return 0.0;
    }
    let extra = if (a + l).is_multiple_of(7) {
        40 * l as i64
    } else {
        0
    };
    (1 + u * u % 997 + extra) as f64
}

pub(crate) fn labelled(locations: usize, activities: usize, values: Vec<f64>) -> ActivityTable {
    let labels = |n: usize| (0..n).map(|i| format!("{i:05}")).collect();
    ActivityTable::new(labels(locations), labels(activities), values).unwrap()
}

pub(crate) fn table(salt: usize) -> ActivityTable {
    let values = (0..LOCATIONS * ACTIVITIES)
        .map(|k| value(k / ACTIVITIES, k % ACTIVITIES, salt))
        .collect();
    labelled(LOCATIONS, ACTIVITIES, values)
}

pub(crate) fn present(table: &ActivityTable) -> Presence {
    presence(&rca(table), table.activities().len(), &Rule::default())
}
