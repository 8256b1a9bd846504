//! Which location has which activity: the binary matrix M, held as bits both ways.

/// M of every location (row) and activity (column), with M' beside it; a co-occurrence is a count of common bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    locations: usize,
    activities: usize,
    /// Bits of the activities, for each location.
    rows: Bits,
    /// Bits of the locations, for each activity.
    columns: Bits,
    diversity: Vec<u32>,
    ubiquity: Vec<u32>,
}

/// Rows of bits, each on whole words.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Bits {
    words: usize,
    bits: Vec<u64>,
}

impl Bits {
    fn new(rows: usize, width: usize) -> Self {
        let words = width.div_ceil(64);
        Self {
            words,
            bits: vec![0; rows * words],
        }
    }

    fn set(&mut self, row: usize, place: usize) {
        self.bits[row * self.words + place / 64] |= 1 << (place % 64);
    }

    fn counts(&self, rows: usize) -> Vec<u32> {
        (0..rows)
            .map(|row| self.row(row).iter().map(|word| word.count_ones()).sum())
            .collect()
    }

    fn row(&self, row: usize) -> &[u64] {
        &self.bits[row * self.words..(row + 1) * self.words]
    }
}

impl Presence {
    /// M_la = `has(l, a)`.
    pub fn from_fn(
        locations: usize,
        activities: usize,
        has: impl Fn(usize, usize) -> bool,
    ) -> Self {
        let mut rows = Bits::new(locations, activities);
        let mut columns = Bits::new(activities, locations);
        for l in 0..locations {
            for a in (0..activities).filter(|a| has(l, *a)) {
                rows.set(l, a);
                columns.set(a, l);
            }
        }
        let diversity = rows.counts(locations);
        let ubiquity = columns.counts(activities);
        Self {
            locations,
            activities,
            rows,
            columns,
            diversity,
            ubiquity,
        }
    }

    pub fn locations(&self) -> usize {
        self.locations
    }

    pub fn activities(&self) -> usize {
        self.activities
    }

    pub fn get(&self, location: usize, activity: usize) -> bool {
        self.rows.row(location)[activity / 64] >> (activity % 64) & 1 == 1
    }

    /// d_l = Σ_a M_la.
    pub fn diversity(&self) -> &[u32] {
        &self.diversity
    }

    /// u_a = Σ_l M_la.
    pub fn ubiquity(&self) -> &[u32] {
        &self.ubiquity
    }

    /// Number of ones.
    pub fn links(&self) -> usize {
        self.diversity.iter().map(|d| *d as usize).sum()
    }

    /// The activities of a location, ascending.
    pub fn activities_of(&self, location: usize) -> impl Iterator<Item = usize> + '_ {
        ones(self.rows.row(location))
    }

    /// The locations of an activity, ascending.
    pub fn locations_of(&self, activity: usize) -> impl Iterator<Item = usize> + '_ {
        ones(self.columns.row(activity))
    }

    /// (M'M)_ab: locations that have both activities.
    pub fn both_activities(&self, a: usize, b: usize) -> u32 {
        common(self.columns.row(a), self.columns.row(b))
    }

    /// (MM')_lk: activities that both locations have.
    pub fn both_locations(&self, l: usize, k: usize) -> u32 {
        common(self.rows.row(l), self.rows.row(k))
    }

    /// M': activities become locations.
    #[must_use]
    pub fn transposed(&self) -> Self {
        Self {
            locations: self.activities,
            activities: self.locations,
            rows: self.columns.clone(),
            columns: self.rows.clone(),
            diversity: self.ubiquity.clone(),
            ubiquity: self.diversity.clone(),
        }
    }

    /// M of the locations and activities at these positions.
    #[must_use]
    pub fn restricted(&self, locations: &[usize], activities: &[usize]) -> Self {
        Self::from_fn(locations.len(), activities.len(), |l, a| {
            self.get(locations[l], activities[a])
        })
    }
}

fn common(a: &[u64], b: &[u64]) -> u32 {
    a.iter().zip(b).map(|(x, y)| (x & y).count_ones()).sum()
}

fn ones(words: &[u64]) -> impl Iterator<Item = usize> + '_ {
    words.iter().enumerate().flat_map(|(i, word)| {
        let mut rest = *word;
        std::iter::from_fn(move || {
            (rest != 0).then(|| {
                let place = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                i * 64 + place
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bits_agree_with_a_plain_matrix(
            locations in 1usize..8, activities in 1usize..140, seed in any::<u64>()
        ) {
            let has = |l: usize, a: usize| (seed ^ (l as u64 * 7919 + a as u64 * 104_729)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 62 == 0;
            let m = Presence::from_fn(locations, activities, has);
            for l in 0..locations {
                let held: Vec<usize> = (0..activities).filter(|a| has(l, *a)).collect();
                prop_assert_eq!(m.activities_of(l).collect::<Vec<_>>(), held.clone());
                prop_assert_eq!(m.diversity()[l] as usize, held.len());
            }
            for a in 0..activities {
                for b in 0..activities {
                    let both = (0..locations).filter(|l| has(*l, a) && has(*l, b)).count();
                    prop_assert_eq!(m.both_activities(a, b) as usize, both);
                }
            }
            prop_assert_eq!(m.links(), m.transposed().links());
            prop_assert_eq!(m.transposed().transposed(), m);
        }
    }
}
