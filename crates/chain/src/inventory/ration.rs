//! Who gets how much of what was made.

use model::Seed;
use rand::RngExt;
use rand::seq::SliceRandom;

use super::options::Rationing;
use super::setting::{ROUNDING, Setting};

/// Kinds of clients: industries and consumers at home and abroad, rebuilding.
pub(crate) const KINDS: usize = 5;
pub(crate) const INDUSTRY_HOME: usize = 0;
pub(crate) const INDUSTRY_ABROAD: usize = 1;
pub(crate) const FINAL_HOME: usize = 2;
pub(crate) const FINAL_ABROAD: usize = 3;
pub(crate) const REBUILDING: usize = 4;

/// The queue of a rule that treats all clients of a kind alike.
pub(crate) fn queue(rule: Rationing) -> Option<&'static [&'static [usize]]> {
    match rule {
        Rationing::Proportional => Some(&[&[0, 1, 2, 3, 4]]),
        Rationing::IntermediateFirst => Some(&[&[0, 1], &[2, 3], &[4]]),
        Rationing::FinalFirst => Some(&[&[2, 3], &[0, 1], &[4]]),
        Rationing::HomeFirst => Some(&[&[0, 2], &[1, 3, 4]]),
        Rationing::Drawn(_) | Rationing::BestStep => None,
    }
}

/// The part of its order that each kind gets.
pub(crate) fn parts(queue: &[&[usize]], asked: &[f64; KINDS], made: f64) -> [f64; KINDS] {
    let mut parts = [0.0; KINDS];
    let mut left = made;
    for group in queue {
        let wanted: f64 = group.iter().map(|kind| asked[*kind]).sum();
        let part = if wanted <= 0.0 {
            0.0
        } else if left >= wanted * (1.0 - ROUNDING) {
            1.0
        } else {
            left / wanted
        };
        for kind in *group {
            parts[*kind] = part;
        }
        left = (left - wanted * part).max(0.0);
    }
    parts
}

/// Serves the clients of one supplier in a drawn order: links first, then the two final ones and rebuilding.
/// `asked` holds every client's order and is replaced by what each gets.
pub(crate) fn drawn(seed: Seed, step: usize, supplier: usize, asked: &mut [f64], made: f64) {
    let index = (step as u64) << 32 | supplier as u64;
    let mut stream = seed.stream("inventory.queue", index);
    let mut order: Vec<usize> = (0..asked.len()).collect();
    order.shuffle(&mut stream);
    // Half of the queues are strict, half give each client in turn a drawn part first.
    let strict: bool = stream.random();
    let mut left = made;
    let mut given = vec![0.0; asked.len()];
    if !strict {
        for client in &order {
            let part: f64 = stream.random();
            given[*client] = (asked[*client] * part).min(left);
            left -= given[*client];
        }
    }
    for client in &order {
        let more = (asked[*client] - given[*client]).min(left).max(0.0);
        given[*client] += more;
        left -= more;
    }
    asked.copy_from_slice(&given);
}

/// Orders of one kind of clients at every supplier, `[supplier][kind]`, from the orders by link.
pub(crate) fn asked_by_kind(
    setting: &Setting,
    order: impl Fn(usize, usize) -> f64,
    rebuilding: &[f64],
) -> Vec<[f64; KINDS]> {
    let layout = &setting.layout;
    let mut asked = vec![[0.0; KINDS]; setting.x0.len()];
    for key in &layout.keys {
        for row in key.rows.clone() {
            let i = layout.rows[row];
            for link in layout.links(row) {
                let cell = key.cells.start + layout.cell[link] as usize;
                let kind = if setting.home[link] {
                    INDUSTRY_HOME
                } else {
                    INDUSTRY_ABROAD
                };
                asked[i][kind] += order(link, cell);
            }
        }
    }
    for (i, asked) in asked.iter_mut().enumerate() {
        asked[FINAL_HOME] = setting.final_home[i];
        asked[FINAL_ABROAD] = (setting.final_demand[i] - setting.final_home[i]).max(0.0);
        asked[REBUILDING] = rebuilding[i];
    }
    asked
}
