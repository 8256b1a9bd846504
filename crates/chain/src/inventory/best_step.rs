//! The best distribution within one step: what is short goes where it serves consumers and the next step's
//! production best. It looks one step ahead, so over a whole course it need not be the best rule.
//!
//! ```text
//! max  Σ consumers' deliveries + Σ rebuilding + Σ_f x'_f
//! s.t. Σ_f d_if + consumers_i + rebuilding_i = x_i        short suppliers i; the others deliver everything
//!      0 <= d_if <= order_if,  need_kf x'_f <= stock after use + Σ_i d_if,  x'_f <= capacity_f
//! ```

use super::options::Rating;
use super::params::InventoryError;
use super::program::Program;
use super::ration::{FINAL_ABROAD, FINAL_HOME, KINDS, REBUILDING};
use super::run::Delivered;
use super::setting::Setting;

/// What is known when a step's output is handed out.
pub(crate) struct Moment<'a> {
    pub setting: &'a Setting,
    pub stock: &'a [f64],
    pub scale: &'a [f64],
    pub made: &'a [f64],
    pub demand: &'a [f64],
    pub capacity: &'a [f64],
    pub asked: &'a [[f64; KINDS]],
}

pub(crate) fn deliver(
    moment: &Moment<'_>,
    order: impl Fn(usize, usize, usize) -> f64,
) -> Result<Delivered, InventoryError> {
    let Moment {
        setting,
        stock,
        scale,
        made,
        demand,
        capacity,
        asked,
    } = *moment;
    let layout = &setting.layout;
    let n = made.len();
    let mut done = Delivered::new(setting);
    let short: Vec<bool> = (0..n).map(|i| made[i] < demand[i] * (1.0 - 1e-9)).collect();
    // Money in units of the largest output, so that the solver's tolerances mean the same everywhere.
    let unit = setting.x0.iter().copied().fold(1e-300, f64::max);
    let mut program = Program::default();
    let mut links: Vec<(usize, usize)> = Vec::new();
    let mut last: Vec<(usize, usize, usize)> = Vec::new();
    let mut terms_of_cell: Vec<(usize, usize)> = Vec::new();
    for key in &layout.keys {
        for row in key.rows.clone() {
            let i = layout.rows[row];
            let whole = asked[i][FINAL_HOME] + asked[i][FINAL_ABROAD];
            if !short[i] {
                done.last[i] = whole;
                done.rebuilt[i] = asked[i][REBUILDING];
            }
            let mut sum = Vec::new();
            for link in layout.links(row) {
                let cell = key.cells.start + layout.cell[link] as usize;
                let wanted = order(link, cell, i);
                if short[i] {
                    let variable = program.variable(0.0, wanted / unit);
                    sum.push((variable, 1.0));
                    links.push((variable, cell));
                    terms_of_cell.push((cell, variable));
                } else {
                    done.received[cell] += wanted;
                }
            }
            if short[i] {
                let consumers = program.variable(1.0, whole / unit);
                let rebuilding = program.variable(1.0, asked[i][REBUILDING] / unit);
                last.push((i, consumers, rebuilding));
                sum.extend([(consumers, 1.0), (rebuilding, 1.0)]);
                program.equal(made[i] / unit, &sum);
            }
        }
    }
    if last.is_empty() {
        return Ok(done);
    }
    terms_of_cell.sort_unstable();
    let mut next: Vec<Option<usize>> = vec![None; n];
    for block in terms_of_cell.chunk_by(|a, b| a.0 == b.0) {
        let cell = block[0].0;
        let f = layout.owner[cell] as usize;
        let need = setting.need[cell] * scale[cell];
        if setting.rating[cell] != Rating::Critical || need <= 0.0 {
            continue;
        }
        let ahead = *next[f].get_or_insert_with(|| program.variable(1.0, capacity[f] / unit));
        let used = (made[f] * setting.tech[cell] * scale[cell]).min(stock[cell]);
        let held = stock[cell] - used + done.received[cell];
        // Divided by the need, so that all coefficients are near 1.
        let mut terms = vec![(ahead, 1.0)];
        terms.extend(block.iter().map(|(_, d)| (*d, -1.0 / need)));
        program.at_most(held / need / unit, &terms);
    }
    let solution = program.maximise()?;
    let value = |variable: usize| solution.values[variable].max(0.0) * unit;
    for (variable, cell) in links {
        done.received[cell] += value(variable);
    }
    for (i, consumers, rebuilding) in last {
        done.last[i] = value(consumers);
        done.rebuilt[i] = value(rebuilding);
    }
    Ok(done)
}
