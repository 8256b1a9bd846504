//! Log-supermodularity: do the more complex locations lean towards the more complex activities?
//!
//! ECI ranks as theory says if the productivities behind the table are log-supermodular (Schetter, 2019; Hausmann et al.,
//! from memory). What can be counted on the observed matrix A, over locations i < i' by ECI and activities j < j' by PCI:
//!
//! ```text
//! agrees     A_i'j' A_ij > A_i'j A_ij'
//! disagrees  A_i'j' A_ij < A_i'j A_ij'
//! share      agrees / (agrees + disagrees)          0.5 where order says nothing
//! ```
//!
//! Counted exactly over **all** pairs, without sampling: on bits by running counts, on values as a Kendall count of
//! ln(A_i'j / A_ij) by merge sort, O(locations² · activities · log activities).
//!
//! What this is not (the discussion of py-ecomplexity issue 47, and 49 and 51): the share is taken on the observed
//! matrix, not on what produced it; the order comes from the same matrix, so the share is above 0.5 even by chance
//! (compare with random matrices sorted by *their* ECI: [`super::validity`]); a sufficient condition that fails
//! refutes nothing; ties and 0/0 are not violations (that package counts them so); unranked units are left out (there
//! they sort first).

use rayon::prelude::*;

use crate::presence::Presence;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Supermodularity {
    pub agrees: u64,
    pub disagrees: u64,
    /// Both sides equal, or not comparable.
    pub ties: u64,
}

impl Supermodularity {
    /// `None` where nothing is comparable.
    pub fn share(&self) -> Option<f64> {
        let decided = self.agrees + self.disagrees;
        (decided > 0).then(|| self.agrees as f64 / decided as f64)
    }

    fn plus(self, other: Self) -> Self {
        Self {
            agrees: self.agrees + other.agrees,
            disagrees: self.disagrees + other.disagrees,
            ties: self.ties + other.ties,
        }
    }
}

/// On presence, in the order of `eci` and `pci` (`NaN`: left out; units of equal value are never compared).
pub fn supermodularity(m: &Presence, eci: &[f64], pci: &[f64]) -> Supermodularity {
    let (locations, activities) = (grouped(eci), grouped(pci));
    // Bits of every location in the order of PCI.
    let sorted = Presence::from_fn(locations.len(), activities.len(), |l, a| {
        m.get(locations[l].0, activities[a].0)
    });
    let rows: Vec<Vec<u64>> = (0..locations.len())
        .map(|l| {
            let mut words = vec![0_u64; activities.len().div_ceil(64)];
            sorted
                .activities_of(l)
                .for_each(|a| words[a / 64] |= 1 << (a % 64));
            words
        })
        .collect();
    let mut start = 0;
    let mut tied = Vec::new();
    for group in activities.chunk_by(|a, b| a.1 == b.1) {
        if group.len() > 1 {
            tied.push(start..start + group.len());
        }
        start += group.len();
    }
    let pairs = |n: usize| n as u64 * (n as u64).saturating_sub(1) / 2;
    let all = pairs(activities.len()) - tied.iter().map(|t| pairs(t.len())).sum::<u64>();
    over_pairs(&locations, |low, high| {
        let (x, y) = (&rows[low], &rows[high]);
        // Over pairs j < j': a = x_j y_j', b = y_j x_j', both = x_j y_j x_j' y_j'.
        let (mut a, mut b) = (before(x, y), before(y, x));
        let mut both = pairs(
            x.iter()
                .zip(y)
                .map(|(x, y)| (x & y).count_ones() as usize)
                .sum(),
        );
        for group in &tied {
            let (mut seen_x, mut seen_y, mut seen_both) = (0, 0, 0);
            for j in group.clone() {
                let bit = |row: &[u64]| row[j / 64] >> (j % 64) & 1;
                let (xj, yj) = (bit(x), bit(y));
                a -= seen_x * yj;
                b -= seen_y * xj;
                both -= seen_both * xj * yj;
                seen_x += xj;
                seen_y += yj;
                seen_both += xj * yj;
            }
        }
        Supermodularity {
            agrees: a - both,
            disagrees: b - both,
            ties: all + 2 * both - a - b,
        }
    })
}

/// Pairs j < j' with x_j = 1 and y_j' = 1.
fn before(x: &[u64], y: &[u64]) -> u64 {
    let (mut found, mut seen) = (0, 0);
    for (x, y) in x.iter().zip(y) {
        let mut rest = *y;
        while rest != 0 {
            let below = (rest & rest.wrapping_neg()) - 1;
            found += seen + u64::from((x & below).count_ones());
            rest &= rest - 1;
        }
        seen += u64::from(x.count_ones());
    }
    found
}

/// On values (row-major, advantage or raw), where all four are known and above zero.
pub fn supermodularity_of_values(cells: &[f64], eci: &[f64], pci: &[f64]) -> Supermodularity {
    let (locations, activities) = (grouped(eci), grouped(pci));
    let rows: Vec<Vec<f64>> = locations
        .iter()
        .map(|(l, _)| {
            activities
                .iter()
                .map(|(a, _)| cells[l * pci.len() + a].ln())
                .collect()
        })
        .collect();
    let pairs = |n: usize| n as u64 * (n as u64).saturating_sub(1) / 2;
    let groups = activities.chunk_by(|a, b| a.1 == b.1);
    let all = pairs(activities.len()) - groups.map(|g| pairs(g.len())).sum::<u64>();
    over_pairs(&locations, |low, high| {
        let ratios: Vec<(f64, usize)> = rows[low]
            .iter()
            .zip(&rows[high])
            .zip(&activities)
            .filter(|((low, high), _)| low.is_finite() && high.is_finite())
            .map(|((low, high), (_, group))| (high - low, *group))
            .collect();
        let mut found = kendall(&ratios);
        found.ties = all - found.agrees - found.disagrees;
        found
    })
}

/// Sums `of` over pairs of locations of unequal ECI, the lower first.
fn over_pairs(
    locations: &[(usize, usize)],
    of: impl Fn(usize, usize) -> Supermodularity + Sync,
) -> Supermodularity {
    (0..locations.len())
        .into_par_iter()
        .map(|high| {
            (0..high)
                .filter(|low| locations[*low].1 != locations[high].1)
                .map(|low| of(low, high))
                .fold(Supermodularity::default(), Supermodularity::plus)
        })
        .reduce(Supermodularity::default, Supermodularity::plus)
}

/// (position, group of equal values), ascending; unknown left out.
fn grouped(values: &[f64]) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..values.len()).filter(|i| !values[*i].is_nan()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]).then(a.cmp(b)));
    let mut group = 0;
    let mut last = f64::NAN;
    order
        .into_iter()
        .map(|i| {
            if values[i] > last {
                group += 1;
            }
            last = values[i];
            (i, group)
        })
        .collect()
}

/// Pairs in order of (value, group) with groups ascending: rising and falling values over pairs of different groups.
fn kendall(items: &[(f64, usize)]) -> Supermodularity {
    // Each group is sorted first, so that no pair within it is counted; falls of −x are rises of x.
    let falls = |sign: f64| {
        let mut v: Vec<(f64, usize)> = items.iter().map(|(x, g)| (sign * x, *g)).collect();
        for group in v.chunk_by_mut(|a, b| a.1 == b.1) {
            group.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        let mut values: Vec<f64> = v.into_iter().map(|(x, _)| x).collect();
        let mut spare = values.clone();
        inversions(&mut values, &mut spare)
    };
    Supermodularity {
        agrees: falls(-1.0),
        disagrees: falls(1.0),
        ties: 0,
    }
}

/// Pairs (i < j) with v_i > v_j; sorts `v`.
fn inversions(v: &mut [f64], spare: &mut [f64]) -> u64 {
    if v.len() < 2 {
        return 0;
    }
    let middle = v.len() / 2;
    let mut found = {
        let (left, right) = v.split_at_mut(middle);
        inversions(left, &mut spare[..middle]) + inversions(right, &mut spare[middle..])
    };
    let (mut i, mut j) = (0, middle);
    for place in spare.iter_mut() {
        if j == v.len() || (i < middle && v[i] <= v[j]) {
            *place = v[i];
            i += 1;
        } else {
            *place = v[j];
            j += 1;
            found += (middle - i) as u64;
        }
    }
    v.copy_from_slice(spare);
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn small_cases_by_hand() {
        let order = [0.0, 1.0];
        let nested = Presence::from_fn(2, 2, |l, a| l == a);
        let found = supermodularity(&nested, &order, &order);
        assert_eq!((found.agrees, found.disagrees, found.ties), (1, 0, 0));
        let against = Presence::from_fn(2, 2, |l, a| l != a);
        assert_eq!(supermodularity(&against, &order, &order).share(), Some(0.0));
        let full = Presence::from_fn(2, 2, |_, _| true);
        assert_eq!(supermodularity(&full, &order, &order).share(), None);
        // exp(e_i p_j) is log-supermodular whatever the scale of rows and columns.
        let cells: Vec<f64> = (0..12)
            .map(|k| (f64::from(k / 4) * f64::from(k % 4) + 0.3 * f64::from(k % 4)).exp())
            .collect();
        let rise = |n: usize| (0..n).map(|i| i as f64).collect::<Vec<_>>();
        assert_eq!(
            supermodularity_of_values(&cells, &rise(3), &rise(4)).share(),
            Some(1.0)
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn counts_agree_with_all_quadruples(
            cells in proptest::collection::vec(prop_oneof![Just(0.0), Just(1.0), Just(2.0), Just(3.5)], 30),
            eci in proptest::collection::vec(prop_oneof![Just(f64::NAN), (-2i8..2).prop_map(f64::from)], 5)
        ) {
            let eci: Vec<f64> = eci;
            let pci = [0.5, 0.1, 0.5, f64::NAN, 0.9, -1.0];
            let m = Presence::from_fn(5, 6, |l, a| cells[l * 6 + a] > 0.0);
            let brute = |value: &dyn Fn(usize, usize) -> f64, zero_counts: bool| {
                let mut sum = Supermodularity::default();
                for i in 0..5 { for k in 0..5 { for j in 0..6 { for q in 0..6 {
                    if !(eci[i] < eci[k] && pci[j] < pci[q]) { continue; }
                    let four = [value(k, q), value(i, j), value(k, j), value(i, q)];
                    let (a, b) = (four[0] * four[1], four[2] * four[3]);
                    if !zero_counts && four.contains(&0.0) || (a - b).abs() < 1e-9 { sum.ties += 1; }
                    else if a > b { sum.agrees += 1; } else { sum.disagrees += 1; }
                }}}}
                sum
            };
            let bits = |l: usize, a: usize| f64::from(u8::from(m.get(l, a)));
            prop_assert_eq!(supermodularity(&m, &eci, &pci), brute(&bits, true));
            // Logarithms of products that are equal may differ by rounding: values are chosen so that they do not tie.
            let value = |l: usize, a: usize| cells[l * 6 + a] * (1.0 + 0.01 * ((l * 6 + a) as f64).sin());
            let shaken: Vec<f64> = (0..30).map(|k| value(k / 6, k % 6)).collect();
            prop_assert_eq!(supermodularity_of_values(&shaken, &eci, &pci), brute(&value, false));
        }
    }
}
