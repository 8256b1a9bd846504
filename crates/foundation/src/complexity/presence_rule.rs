//! Who counts as having an activity: a threshold on the advantage, in one year or over several.
//!
//! ```text
//! M_la = 1  where advantage_la > threshold (or ≥)
//! ```
//!
//! A value within [`TIE`] of the threshold is equal to it: the world's basket has RCA = 1 up to rounding, and rounding must
//! not decide presence. Unknown cells are absent from M and listed by their number.

use model::Year;

use super::advantage;
use crate::activity::ActivityPanel;
use crate::presence::Presence;

/// Relative difference below which an advantage equals its threshold.
pub const TIE: f64 = 1e-12;

/// Which side of the threshold has the activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Strictly above.
    Above,
    /// At the threshold or above.
    AtLeast,
}

/// What is taken for the advantage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Rca,
    Rpop,
    /// RCA or RpOP (the union, as in the Stata package).
    Both,
    /// The values of the table are 0 and 1 already; 0.5 and more is present.
    Manual,
}

/// A rule of presence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    pub threshold: f64,
    pub comparison: Comparison,
    /// Relative tolerance of a tie: 0 compares the bits as they are.
    pub tie: f64,
}

impl Default for Rule {
    /// RCA ≥ 1 (Hausmann et al., 2014), ties within [`TIE`].
    fn default() -> Self {
        Self {
            threshold: 1.0,
            comparison: Comparison::AtLeast,
            tie: TIE,
        }
    }
}

impl Rule {
    /// `None` where the value is unknown.
    pub fn has(&self, value: f64) -> Option<bool> {
        if value.is_nan() {
            return None;
        }
        let tied = (value - self.threshold).abs() <= self.tie * self.threshold.abs();
        Some(match self.comparison {
            Comparison::Above => value > self.threshold && !tied,
            Comparison::AtLeast => value >= self.threshold || tied,
        })
    }
}

/// M of cells in row-major order; unknown cells are absent.
pub fn presence(cells: &[f64], activities: usize, rule: &Rule) -> Presence {
    Presence::from_fn(cells.len() / activities.max(1), activities, |l, a| {
        rule.has(cells[l * activities + a]) == Some(true)
    })
}

/// A cell whose presence hangs on a small change of its advantage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NearThreshold {
    pub location: usize,
    pub activity: usize,
    pub advantage: f64,
    pub present: bool,
}

/// Cells within `tolerance` (relative) of the threshold, by location and activity.
pub fn near_threshold(
    cells: &[f64],
    activities: usize,
    rule: &Rule,
    tolerance: f64,
) -> Vec<NearThreshold> {
    cells
        .iter()
        .enumerate()
        .filter(|(_, r)| (*r - rule.threshold).abs() <= tolerance * rule.threshold.abs())
        .map(|(k, r)| NearThreshold {
            location: k / activities,
            activity: k % activities,
            advantage: *r,
            present: rule.has(*r) == Some(true),
        })
        .collect()
}

/// How several years make one presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Years {
    /// RCA of the values averaged over the years in which the cell is known.
    MeanValue,
    /// RCA averaged over the years in which it is known.
    MeanAdvantage,
    /// Present in at least so many years.
    AtLeast(usize),
}

/// Presence over several years, on the labels of all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct OverYears {
    pub locations: Vec<String>,
    pub activities: Vec<String>,
    pub presence: Presence,
    /// Cells (location, activity) on which the known years cannot decide; absent from `presence`.
    pub undecided: Vec<(usize, usize)>,
    pub years: Vec<Year>,
}

/// Presence by RCA over the years of a panel. With [`Years::AtLeast`] a cell is present as soon as enough years have it,
/// absent as soon as the unknown years can no longer make up the number, undecided in between.
pub fn over_years(panel: &ActivityPanel, rule: &Rule, years: Years) -> OverYears {
    let panel = panel.aligned();
    let (locations, activities) = panel.labels();
    let (height, width) = (locations.len(), activities.len());
    let verdict: Vec<Option<bool>> = match years {
        Years::MeanValue => {
            let values = mean(
                panel.years.values().map(|t| t.values().to_vec()),
                height * width,
            );
            crate::activity::ActivityTable::new(locations.clone(), activities.clone(), values)
                .map(|table| {
                    advantage::rca(&table)
                        .iter()
                        .map(|r| rule.has(*r))
                        .collect()
                })
                .unwrap_or_default()
        }
        Years::MeanAdvantage => mean(panel.years.values().map(advantage::rca), height * width)
            .iter()
            .map(|r| rule.has(*r))
            .collect(),
        Years::AtLeast(needed) => {
            let mut yes = vec![0; height * width];
            let mut open = vec![0; height * width];
            for table in panel.years.values() {
                for (k, r) in advantage::rca(table).iter().enumerate() {
                    match rule.has(*r) {
                        Some(true) => yes[k] += 1,
                        Some(false) => {}
                        None => open[k] += 1,
                    }
                }
            }
            yes.iter()
                .zip(&open)
                .map(|(yes, open)| match (*yes >= needed, yes + open >= needed) {
                    (true, _) => Some(true),
                    (false, true) => None,
                    (false, false) => Some(false),
                })
                .collect()
        }
    };
    let has = |l: usize, a: usize| verdict.get(l * width + a).copied().flatten();
    let undecided = (0..height)
        .flat_map(|l| (0..width).map(move |a| (l, a)))
        .filter(|(l, a)| has(*l, *a).is_none())
        .collect();
    OverYears {
        presence: Presence::from_fn(height, width, |l, a| has(l, a) == Some(true)),
        undecided,
        years: panel.years.keys().copied().collect(),
        locations,
        activities,
    }
}

/// Mean over the tables of every cell, of those in which it is known.
fn mean(tables: impl Iterator<Item = Vec<f64>>, cells: usize) -> Vec<f64> {
    let mut sums = vec![0.0; cells];
    let mut known = vec![0u32; cells];
    for table in tables {
        for (k, value) in table.iter().enumerate().filter(|(_, v)| !v.is_nan()) {
            sums[k] += value;
            known[k] += 1;
        }
    }
    sums.iter()
        .zip(&known)
        .map(|(sum, n)| {
            if *n == 0 {
                f64::NAN
            } else {
                sum / f64::from(*n)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activity::ActivityTable;

    #[test]
    fn rounding_does_not_decide_presence() {
        let above = Rule {
            comparison: Comparison::Above,
            ..Rule::default()
        };
        let at_least = Rule::default();
        for value in [1.0, 1.0 + 4e-16, 1.0 - 4e-16] {
            assert_eq!(above.has(value), Some(false));
            assert_eq!(at_least.has(value), Some(true));
        }
        assert_eq!(at_least.has(f64::NAN), None);
        let near = near_threshold(&[0.995, 1.02, 1.0, f64::NAN], 2, &at_least, 0.01);
        assert_eq!(near.len(), 2);
        assert!(!near[0].present && near[1].present);
        assert_eq!((near[1].location, near[1].activity), (1, 0));
    }

    #[test]
    fn a_year_without_a_report_leaves_the_question_open() {
        let year = |rows: &[(&str, &str, f64)]| {
            ActivityTable::from_rows(rows.iter().copied()).expect("a table")
        };
        let full = [
            ("a", "x", 3.0),
            ("a", "y", 1.0),
            ("b", "x", 1.0),
            ("b", "y", 3.0),
        ];
        let panel = ActivityPanel {
            years: [
                (Year(2000), year(&full)),
                (Year(2001), year(&full)),
                (Year(2002), year(&full[..2])),
            ]
            .into(),
        };
        // b does not report in 2002, where a alone makes the world: RCA 1 in both activities.
        let rule = Rule::default();
        let two = over_years(&panel, &rule, Years::AtLeast(2));
        assert!(two.undecided.is_empty());
        assert!(two.presence.get(0, 0) && two.presence.get(1, 1) && !two.presence.get(1, 0));
        let three = over_years(&panel, &rule, Years::AtLeast(3));
        assert_eq!(three.undecided, [(1, 1)]);
        assert!(three.presence.get(0, 0) && !three.presence.get(1, 1));
        let mean = over_years(&panel, &rule, Years::MeanValue);
        assert_eq!(mean.presence, two.presence);
        let mean = over_years(&panel, &rule, Years::MeanAdvantage);
        assert!(mean.presence.get(0, 0) && !mean.presence.get(0, 1) && mean.presence.get(1, 1));
    }
}
