//! Where stocks lie: a stock key is a product, or a product of one group of supplier regions; a cell is one key in
//! the store of one industry. Only cells that the table fills exist, and only links with sales are kept.
//!
//! Links are sorted by supplier row within its key, so that one pass over a key reads its suppliers in order and
//! writes to one strip of cells.

use std::ops::Range;

use super::economy::Economy;

#[derive(Debug, Clone)]
pub(crate) struct Key {
    /// Position of the product's sector.
    pub product: usize,
    /// Group of supplier regions; 0 where suppliers are pooled.
    pub group: usize,
    /// Positions in [`Layout::rows`].
    pub rows: Range<usize>,
    pub cells: Range<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub keys: Vec<Key>,
    /// Supplier industry of each row.
    pub rows: Vec<usize>,
    /// Links of a row: `starts[row]..starts[row + 1]`.
    pub starts: Vec<usize>,
    /// Cell of each link, counted from the first cell of its key.
    pub cell: Vec<u32>,
    /// Sales of each link, per step.
    pub sales: Vec<f64>,
    /// Industry that keeps each cell.
    pub owner: Vec<u32>,
    /// Sales into each cell, per step.
    pub bought: Vec<f64>,
}

impl Layout {
    /// `group_of[region]` says which suppliers share a key; `None` pools all suppliers of a product.
    pub fn new(economy: &Economy, group_of: Option<&[usize]>, step_of_year: f64) -> Self {
        let n = economy.len();
        let mut order: Vec<(usize, usize, usize)> = economy
            .industries
            .iter()
            .enumerate()
            .map(|(i, (region, sector))| (*sector, group_of.map_or(0, |g| g[*region]), i))
            .collect();
        order.sort_unstable();
        let mut layout = Self {
            keys: Vec::new(),
            rows: Vec::with_capacity(n),
            starts: vec![0],
            cell: Vec::new(),
            sales: Vec::new(),
            owner: Vec::new(),
            bought: Vec::new(),
        };
        let mut cell_of = vec![u32::MAX; n];
        for block in order.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let first_cell = layout.owner.len();
            let first_row = layout.rows.len();
            cell_of.fill(u32::MAX);
            for (industry, slot) in cell_of.iter_mut().enumerate() {
                if block
                    .iter()
                    .any(|(_, _, i)| economy.z[i * n + industry] != 0.0)
                {
                    *slot = (layout.owner.len() - first_cell) as u32;
                    layout.owner.push(industry as u32);
                    layout.bought.push(0.0);
                }
            }
            for (_, _, i) in block {
                layout.rows.push(*i);
                for (industry, sales) in economy.z[i * n..(i + 1) * n].iter().enumerate() {
                    if *sales != 0.0 {
                        let cell = cell_of[industry];
                        layout.cell.push(cell);
                        layout.sales.push(sales * step_of_year);
                        layout.bought[first_cell + cell as usize] += sales * step_of_year;
                    }
                }
                layout.starts.push(layout.cell.len());
            }
            layout.keys.push(Key {
                product: block[0].0,
                group: block[0].1,
                rows: first_row..layout.rows.len(),
                cells: first_cell..layout.owner.len(),
            });
        }
        layout
    }

    pub fn cells(&self) -> usize {
        self.owner.len()
    }

    pub fn links(&self, row: usize) -> Range<usize> {
        self.starts[row]..self.starts[row + 1]
    }

    /// Sector and group of each key.
    pub fn stocks(&self) -> Vec<(usize, usize)> {
        self.keys
            .iter()
            .map(|key| (key.product, key.group))
            .collect()
    }
}
