//! One channel of a cascade, closed parts tied: rows, who reads whom, markets.

use super::layout::{ALONE, Layout, Rows};

/// Rows with closed sets tied to their first members.
pub(crate) struct Tied {
    pub rows: Rows,
    pub stand_in: Vec<u32>,
    pub sets: Vec<Vec<u32>>,
}

/// One channel: L_j = min(1, max(φ_j, max_g Σ w_i c_i(L))).
#[derive(Debug, Clone)]
pub(crate) struct System {
    pub rows: Rows,
    /// Rows that read firm i: `readers[first_reader[i]..first_reader[i + 1]]`.
    pub first_reader: Vec<u32>,
    pub readers: Vec<u32>,
    /// The firm that stands for each: itself outside of closed sets.
    pub stand_in: Vec<u32>,
    pub sets: Vec<Vec<u32>>,
    /// Market of each firm, `ALONE` where c_i = L_i.
    pub market: Vec<u32>,
    /// Σ s of the firms of each market that are not alone.
    pub market_size: Vec<f64>,
    pub size: Vec<f64>,
    pub total: f64,
}

impl System {
    pub fn new(layout: &Layout, tied: Tied, market: Vec<u32>) -> Self {
        let n = layout.len();
        let rows = tied.rows;
        let mut first_reader = vec![0_u32; n + 1];
        for from in &rows.from {
            first_reader[*from as usize + 1] += 1;
        }
        for i in 0..n {
            first_reader[i + 1] += first_reader[i];
        }
        let mut next = first_reader.clone();
        let mut readers = vec![0_u32; rows.from.len()];
        for row in 0..n {
            for link in rows.all_of(row) {
                let place = &mut next[rows.from[link] as usize];
                readers[*place as usize] = row as u32;
                *place += 1;
            }
        }
        let mut market_size = vec![0.0; layout.market_size.len()];
        for (i, m) in market.iter().enumerate() {
            if *m != ALONE {
                market_size[*m as usize] += layout.size[i];
            }
        }
        Self {
            rows,
            first_reader,
            readers,
            stand_in: tied.stand_in,
            sets: tied.sets,
            market,
            market_size,
            size: layout.size.clone(),
            total: layout.total,
        }
    }

    pub fn len(&self) -> usize {
        self.size.len()
    }

    #[inline(always)]
    pub fn readers_of(&self, firm: usize) -> &[u32] {
        &self.readers[self.first_reader[firm] as usize..self.first_reader[firm + 1] as usize]
    }

    /// No choice between groups and nothing replaced: a random walk, for which closed forms hold.
    pub fn is_walk(&self) -> bool {
        (0..self.len()).all(|row| self.rows.groups_of(row).len() <= 1)
            && self.market.iter().all(|m| *m == ALONE)
    }
}

/// Relative rounding of a sum of `length` products of coefficients that were rounded themselves.
#[inline(always)]
pub(crate) fn rounding(length: usize) -> f64 {
    (2 * length + 10) as f64 * f64::EPSILON
}

/// A set of rows that gives them back in order.
#[derive(Debug, Clone)]
pub(crate) struct Marked(Vec<u64>);

impl Marked {
    pub fn new(rows: usize) -> Self {
        Self(vec![0; rows.div_ceil(64)])
    }

    #[inline(always)]
    pub fn mark(&mut self, row: usize) {
        self.0[row >> 6] |= 1 << (row & 63);
    }

    #[inline(always)]
    pub fn has(&self, row: usize) -> bool {
        self.0[row >> 6] >> (row & 63) & 1 == 1
    }

    #[inline(always)]
    pub fn mark_all(&mut self, rows: &[u32]) {
        for row in rows {
            self.mark(*row as usize);
        }
    }

    pub fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub fn clear(&mut self) {
        self.0.fill(0);
    }

    pub fn fill(&mut self, rows: usize) {
        self.0.fill(u64::MAX);
        let rest = rows % 64;
        if rest > 0
            && let Some(last) = self.0.last_mut()
        {
            *last = (1 << rest) - 1;
        }
    }

    /// The first marked row of a word at or after `word`; the mark is taken away.
    #[inline(always)]
    pub fn take(&mut self, word: &mut usize) -> Option<usize> {
        while *word < self.0.len() {
            let bits = self.0[*word];
            if bits != 0 {
                self.0[*word] = bits & (bits - 1);
                return Some((*word << 6) + bits.trailing_zeros() as usize);
            }
            *word += 1;
        }
        None
    }
}
