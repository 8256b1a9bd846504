//! Losses of groups of industries, week by week: who belongs together, what one course loses, and how courses become a
//! best, a centre, a spread and a worst.

use super::draws::quantile;
use super::economy::Economy;
use super::params::Ario;
use super::stop::Parted;
use crate::shock::Spread;

/// Parts of output (or of final demand) lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lost {
    pub best: f64,
    /// Half-way between no replacement and full replacement, central assumptions, everybody served alike.
    pub centre: f64,
    pub drawn: Spread,
    pub worst: f64,
}

/// One group over the weeks.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupCourse {
    pub weeks: Vec<Lost>,
    pub peak: Lost,
    /// In weeks of the group's output at rest.
    pub sum: Lost,
    /// First week with a loss: under the worst case, and at the centre.
    pub first_worst: Option<u32>,
    pub first_centre: Option<u32>,
    /// Output at rest in a week, in the money of the table.
    pub at_rest: f64,
}

/// A week in which a group loses less than this part of its output counts as without loss.
pub(super) const NOTHING: f64 = 1e-4;
/// Positions of the first two groups.
const WHOLE: usize = 0;
pub(super) const DEMAND: usize = 1;

/// Whose losses are added up.
pub(super) struct Groups {
    /// Groups of each industry of the parted economy.
    pub(super) of: Vec<Vec<usize>>,
    /// What each group makes at rest in a week.
    pub(super) rest: Vec<f64>,
}

impl Groups {
    pub(super) fn new(parted: &Parted, economy: &Economy, listed: &[usize]) -> Self {
        let first = 2 + economy.regions.len();
        let of: Vec<Vec<usize>> = parted
            .of
            .iter()
            .map(|i| {
                let mut groups = vec![WHOLE, 2 + economy.industries[*i].0];
                groups.extend(listed.iter().position(|l| l == i).map(|at| first + at));
                groups
            })
            .collect();
        let groups = Self {
            of,
            rest: vec![0.0; first + listed.len()],
        };
        groups.at_rest_of(&parted.economy)
    }

    /// The same groups with what they make in this economy.
    pub(super) fn at_rest_of(&self, economy: &Economy) -> Self {
        let (n, m) = (economy.len(), economy.consumers.len());
        let week = 7.0 / Ario::default().iotable_year_to_temporal_unit_factor;
        let mut rest = vec![0.0; self.rest.len()];
        for (i, groups) in self.of.iter().enumerate() {
            let demand: f64 = economy.y[i * m..(i + 1) * m].iter().sum();
            let output = economy.z[i * n..(i + 1) * n].iter().sum::<f64>() + demand;
            rest[DEMAND] += demand * week;
            for group in groups {
                rest[*group] += output * week;
            }
        }
        Self {
            of: self.of.clone(),
            rest,
        }
    }
}

/// Losses by group and week.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tally(pub(super) Vec<Vec<f64>>);

impl Tally {
    /// `part` of these losses and the rest of the other's.
    pub(super) fn mixed(&self, other: &Self, part: f64) -> Self {
        let weeks = |a: &Vec<f64>, b: &Vec<f64>| -> Vec<f64> {
            let pairs = a.iter().zip(b);
            pairs.map(|(a, b)| part * a + (1.0 - part) * b).collect()
        };
        let groups = self.0.iter().zip(&other.0);
        Self(groups.map(|(a, b)| weeks(a, b)).collect())
    }
}

pub(super) struct Ends {
    pub(super) best: Tally,
    pub(super) worst: Tally,
}

impl Ends {
    /// The worst case is at least this.
    pub(super) fn reach(&mut self, losses: &Tally) {
        let pairs = self.worst.0.iter_mut().flatten();
        for (worst, lost) in pairs.zip(losses.0.iter().flatten()) {
            *worst = worst.max(*lost);
        }
    }

    pub(super) fn widen(&mut self, other: &Self) {
        let pairs = |a: &mut Tally, b: &Tally, pick: fn(f64, f64) -> f64| {
            for (mine, theirs) in a.0.iter_mut().flatten().zip(b.0.iter().flatten()) {
                *mine = pick(*mine, *theirs);
            }
        };
        pairs(&mut self.best, &other.best, f64::min);
        pairs(&mut self.worst, &other.worst, f64::max);
    }
}

fn spread(mut values: Vec<f64>, centre: f64) -> Spread {
    if values.is_empty() {
        return Spread {
            p05: centre,
            p50: centre,
            p95: centre,
        };
    }
    values.sort_by(f64::total_cmp);
    Spread {
        p05: quantile(&values, 0.05),
        p50: quantile(&values, 0.5),
        p95: quantile(&values, 0.95),
    }
}

pub(super) fn course_of(
    g: usize,
    centre: &Tally,
    ends: &Ends,
    drawn: &[Tally],
    at_rest: f64,
) -> GroupCourse {
    let (best, worst, centre) = (&ends.best.0[g], &ends.worst.0[g], &centre.0[g]);
    let lost = |of: &dyn Fn(&[f64]) -> f64| Lost {
        best: of(best),
        centre: of(centre),
        drawn: spread(drawn.iter().map(|t| of(&t.0[g])).collect(), of(centre)),
        worst: of(worst),
    };
    let weeks: Vec<Lost> = (0..centre.len()).map(|w| lost(&|of| of[w])).collect();
    let first = |of: &[f64]| of.iter().position(|l| *l > NOTHING).map(|w| w as u32 + 1);
    GroupCourse {
        peak: lost(&|of| of.iter().copied().fold(0.0, f64::max)),
        sum: lost(&|of| of.iter().sum()),
        first_worst: first(worst),
        first_centre: first(centre),
        weeks,
        at_rest,
    }
}

/// Mean of each number; a mean of bounds bounds the mean. The drawn numbers are means of quantiles.
pub(super) fn mean(weeks: &[Lost]) -> Lost {
    let of =
        |pick: fn(&Lost) -> f64| weeks.iter().map(pick).sum::<f64>() / weeks.len().max(1) as f64;
    Lost {
        best: of(|l| l.best),
        centre: of(|l| l.centre),
        drawn: Spread {
            p05: of(|l| l.drawn.p05),
            p50: of(|l| l.drawn.p50),
            p95: of(|l| l.drawn.p95),
        },
        worst: of(|l| l.worst),
    }
}
