//! Events on their way: pending, happening, then recovering or rebuilding, then over.

use super::economy::Economy;
use super::event::{Event, EventKind, Recovery};
use super::params::{Ario, InventoryError};

/// Whose conventions hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conventions {
    /// `BoARIO` 0.7.2: a cut of capacity reaches production one step late; losses are rounded to decimals that
    /// follow the event's unit of money; recovery may overshoot when a step has several days; the demand for
    /// rebuilding is not converted to the table's money.
    Boario,
    Forelay,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Pending,
    Happening,
    Recovering,
    Rebuilding,
    Over,
}

/// What rebuilding still asks: rows are rebuilding industries, columns damaged ones.
#[derive(Debug)]
struct Rebuild {
    rows: Vec<usize>,
    /// Position of the damaged industry; `None`: a household column.
    columns: Vec<Option<usize>>,
    left: Vec<f64>,
    /// Asked in the present step.
    asked: Vec<f64>,
    tau: f64,
    factor: f64,
}

#[derive(Debug)]
struct Tracker {
    event: Event,
    status: Status,
    /// Capacity lost by impact, or capital in the table's money.
    start: Vec<f64>,
    now: Vec<f64>,
    decimals: i32,
    rebuild: Option<Rebuild>,
}

pub(crate) struct Damages {
    conventions: Conventions,
    days_in_step: f64,
    trackers: Vec<Tracker>,
    capital: Vec<f64>,
    arbitrary: Vec<f64>,
    /// Part of capacity lost, by industry.
    delta: Vec<f64>,
    names: Vec<String>,
}

impl Damages {
    pub fn new(
        economy: &Economy,
        params: &Ario,
        events: &[Event],
        conventions: Conventions,
    ) -> Self {
        let n = economy.len();
        let trackers = events
            .iter()
            .map(|event| Tracker::new(economy, params, event, conventions))
            .collect();
        Self {
            conventions,
            days_in_step: f64::from(params.temporal_units_by_step),
            trackers,
            capital: params.capital_of(economy),
            arbitrary: vec![0.0; n],
            delta: vec![0.0; n],
            names: (0..n)
                .map(|i| {
                    let (region, sector) = economy.label(i);
                    format!("{region} {sector}")
                })
                .collect(),
        }
    }

    /// Opens the step of `day`: events happen, start to recover or to rebuild.
    pub fn begin(&mut self, day: u32) -> Result<(), InventoryError> {
        let mut rebuilding = false;
        for tracker in &mut self.trackers {
            let event = &tracker.event;
            if tracker.status == Status::Pending && day >= event.occurrence {
                tracker.status = Status::Happening;
            }
            if tracker.status == Status::Happening && day >= event.occurrence + event.duration {
                tracker.status = if tracker.rebuild.is_some() {
                    Status::Rebuilding
                } else if event.kind == EventKind::Stop {
                    Status::Over
                } else {
                    Status::Recovering
                };
            }
            rebuilding |= tracker.status == Status::Rebuilding;
        }
        self.capacity_lost()?;
        // BoARIO leaves the last demand standing once nothing is rebuilt any more.
        if rebuilding || self.conventions == Conventions::Forelay {
            for tracker in &mut self.trackers {
                let building = tracker.status == Status::Rebuilding;
                if let Some(rebuild) = &mut tracker.rebuild {
                    let mut part = self.days_in_step / rebuild.tau;
                    if self.conventions == Conventions::Forelay {
                        part = part.min(1.0);
                    }
                    for (asked, left) in rebuild.asked.iter_mut().zip(&rebuild.left) {
                        *asked = if building { left * part } else { 0.0 };
                    }
                }
            }
        }
        Ok(())
    }

    /// Part of capacity that every industry has lost.
    pub fn delta(&self) -> &[f64] {
        &self.delta
    }

    /// Adds what rebuilding asks of every industry in this step.
    pub fn add_demand(&self, to: &mut [f64]) {
        for rebuild in self.trackers.iter().filter_map(|t| t.rebuild.as_ref()) {
            let width = rebuild.columns.len();
            for (at, row) in rebuild.rows.iter().enumerate() {
                to[*row] += rebuild.asked[at * width..(at + 1) * width]
                    .iter()
                    .sum::<f64>();
            }
        }
    }

    /// Industry i delivers the part `served[i]` of what rebuilding asks of it.
    pub fn deliver(&mut self, served: &[f64]) {
        for tracker in &mut self.trackers {
            let Some(rebuild) = &mut tracker.rebuild else {
                continue;
            };
            let width = rebuild.columns.len();
            let building = tracker.status == Status::Rebuilding;
            for (at, row) in rebuild.rows.iter().enumerate() {
                for cell in at * width..(at + 1) * width {
                    let got = rebuild.asked[cell] * served[*row];
                    rebuild.asked[cell] -= got;
                    if building {
                        rebuild.left[cell] -= got;
                    }
                }
            }
            if !building {
                continue;
            }
            for left in &mut rebuild.left {
                *left = match self.conventions {
                    Conventions::Boario => rounded(*left, tracker.decimals).max(0.0),
                    // What is left of a day's rounding errors is no damage.
                    Conventions::Forelay => left.max(0.0),
                };
            }
            let done = rebuild.left.iter().all(|left| *left == 0.0);
            for (k, impact) in tracker.event.impacts.iter().enumerate() {
                let column = rebuild
                    .columns
                    .iter()
                    .position(|c| *c == Some(impact.industry))
                    .expect("invariant: every damaged industry has a column");
                let sum: f64 = (0..rebuild.rows.len())
                    .map(|at| rebuild.left[at * width + column])
                    .sum();
                tracker.now[k] = sum / rebuild.factor;
            }
            if done {
                tracker.status = Status::Over;
            }
        }
    }

    /// Closes the step of `day`: what recovers by itself moves on.
    pub fn recover(&mut self, day: u32) {
        for tracker in &mut self.trackers {
            if tracker.status != Status::Recovering {
                continue;
            }
            let (tau, curve) = tracker.curve();
            let event = &tracker.event;
            let elapsed = f64::from(day - event.occurrence - event.duration);
            let mut left = curve.left(elapsed, tau);
            if self.conventions == Conventions::Forelay {
                // Counted in days that are over, so that a linear recovery of `tau` days ends after `tau` days.
                left = curve.left(elapsed + self.days_in_step, tau).clamp(0.0, 1.0);
            }
            for (now, start) in tracker.now.iter_mut().zip(&tracker.start) {
                *now = match self.conventions {
                    Conventions::Boario => rounded(start * left, tracker.decimals),
                    Conventions::Forelay => start * left,
                };
            }
            if tracker.now.iter().all(|v| *v == 0.0) {
                tracker.status = Status::Over;
            }
        }
    }

    fn capacity_lost(&mut self) -> Result<(), InventoryError> {
        let n = self.delta.len();
        let mut destroyed = vec![0.0; n];
        let mut arbitrary = vec![0.0_f64; n];
        for tracker in &self.trackers {
            if matches!(tracker.status, Status::Pending | Status::Over) {
                continue;
            }
            for (impact, now) in tracker.event.impacts.iter().zip(&tracker.now) {
                if matches!(
                    tracker.event.kind,
                    EventKind::Arbitrary { .. } | EventKind::Stop
                ) {
                    // Several cuts of one industry: the largest counts.
                    let at = &mut arbitrary[impact.industry];
                    *at = if *at == 0.0 { *now } else { at.max(*now) };
                } else {
                    destroyed[impact.industry] += now;
                }
            }
        }
        let seen = match self.conventions {
            Conventions::Boario => std::mem::replace(&mut self.arbitrary, arbitrary),
            Conventions::Forelay => {
                self.arbitrary.clone_from(&arbitrary);
                arbitrary
            }
        };
        for i in 0..n {
            let capital = self.capital[i];
            if destroyed[i] > capital {
                return Err(InventoryError::scenario(
                    "event impact",
                    format!(
                        "{} loses capital of {:.6e} and has {capital:.6e}, both in the table's money",
                        self.names[i], destroyed[i]
                    ),
                    "lower the impact, set event_monetary_factor to the impact's unit of money, or give \
                     productive_capital_vector",
                ));
            }
            let of_capital = if capital == 0.0 {
                0.0
            } else {
                destroyed[i] / capital
            };
            let capital_event = destroyed[i] != 0.0;
            self.delta[i] = if capital_event || seen[i] >= 0.0 {
                of_capital.max(seen[i])
            } else {
                // Overshooting recovery of BoARIO, where no capital is lost.
                seen[i]
            };
        }
        Ok(())
    }
}

impl Tracker {
    fn new(economy: &Economy, params: &Ario, event: &Event, conventions: Conventions) -> Self {
        let (money, rebuild) = match &event.kind {
            EventKind::Arbitrary { .. } | EventKind::Stop => (None, None),
            EventKind::Capital {
                event_monetary_factor,
                ..
            } => (Some(*event_monetary_factor), None),
            EventKind::Rebuild {
                rebuild_tau,
                rebuilding_sectors,
                rebuilding_factor,
                event_monetary_factor,
                households,
            } => {
                let to_table = event_monetary_factor / params.monetary_factor;
                let industry_money = match conventions {
                    Conventions::Boario => 1.0,
                    Conventions::Forelay => to_table,
                };
                let damages: Vec<(Option<usize>, usize, f64)> = event
                    .impacts
                    .iter()
                    .map(|i| (Some(i.industry), i.industry, i.value * industry_money))
                    .chain(households.iter().map(|(c, v)| (None, *c, v * to_table)))
                    .collect();
                let rebuild = Rebuild::new(
                    economy,
                    &damages,
                    rebuilding_sectors,
                    *rebuilding_factor,
                    rebuild_tau.unwrap_or(params.rebuild_tau),
                );
                (Some(*event_monetary_factor), Some(rebuild))
            }
        };
        let to_table = money.map_or(1.0, |factor| {
            if (factor - params.monetary_factor).abs() > 0.0 {
                factor / params.monetary_factor
            } else {
                1.0
            }
        });
        let start: Vec<f64> = event.impacts.iter().map(|i| i.value * to_table).collect();
        Self {
            event: event.clone(),
            status: Status::Pending,
            now: start.clone(),
            start,
            decimals: money.map_or(6, |factor| libm::log10(factor) as i32 + 1),
            rebuild,
        }
    }

    fn curve(&self) -> (f64, Recovery) {
        match self.event.kind {
            EventKind::Arbitrary {
                recovery_tau,
                recovery_function,
            }
            | EventKind::Capital {
                recovery_tau,
                recovery_function,
                ..
            } => (recovery_tau, recovery_function),
            EventKind::Rebuild { .. } | EventKind::Stop => (1.0, Recovery::Linear),
        }
    }
}

impl Rebuild {
    /// Demand of each damage on each rebuilding sector, split over regions as the damaged one buys from them.
    fn new(
        economy: &Economy,
        damages: &[(Option<usize>, usize, f64)],
        sectors: &[(usize, f64)],
        factor: f64,
        tau: f64,
    ) -> Self {
        let n = economy.len();
        let m = economy.consumers.len();
        let mut rows = Vec::new();
        let mut left = Vec::new();
        for (sector, share) in sectors {
            let makers: Vec<usize> = (0..n)
                .filter(|i| economy.industries[*i].1 == *sector)
                .collect();
            let bought = |maker: usize, damaged: Option<usize>, at: usize| match damaged {
                Some(_) => economy.z[maker * n + at],
                None => economy.y[maker * m + at],
            };
            let sums: Vec<f64> = damages
                .iter()
                .map(|(d, at, _)| makers.iter().map(|i| bought(*i, *d, *at)).sum())
                .collect();
            for maker in &makers {
                rows.push(*maker);
                for ((damaged, at, value), sum) in damages.iter().zip(&sums) {
                    let part = if *sum == 0.0 {
                        0.0
                    } else {
                        bought(*maker, *damaged, *at) / sum
                    };
                    left.push(share * value * factor * part);
                }
            }
        }
        Self {
            rows,
            columns: damages.iter().map(|(d, _, _)| *d).collect(),
            asked: vec![0.0; left.len()],
            left,
            tau,
            factor,
        }
    }
}

/// Rounds half to even at `decimals` (may be negative), the way numpy does.
fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = libm::pow(10.0, f64::from(decimals.abs()));
    if decimals >= 0 {
        (value * scale).round_ties_even() / scale
    } else {
        (value / scale).round_ties_even() * scale
    }
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn rounding_is_half_to_even_at_any_decimal() {
        assert!((rounded(0.125, 2) - 0.12).abs() < 1e-15);
        assert!((rounded(0.375, 2) - 0.38).abs() < 1e-15);
        assert!((rounded(250.0, -2) - 200.0).abs() < 1e-12);
        assert!((rounded(-0.05, 1) - -0.0).abs() < 1e-15);
    }
}
