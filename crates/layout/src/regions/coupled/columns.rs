//! Plans of single regions, and the two programs that combine one of each region into a national plan.

use std::collections::BTreeSet;

use super::block::{FIXED, Prices};
use super::dense::{Dense, Hosts};
use crate::regions::exact::{Outcome, maximise};
use crate::regions::program::Row;
use crate::regions::solve::SolveParams;
use crate::solver::live::{LiveLp, LpStatus, Sparse, Strategy};

/// A plan of one region.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Column {
    /// Industries by cluster of the region, in its order, ascending.
    pub hosts: Vec<Vec<u16>>,
    /// Suitability and links, in the unit of the scores.
    pub value: i64,
    /// Suitability alone.
    pub suitability: i64,
    /// Sites by industry, of those that are present.
    pub sites: Vec<(usize, usize)>,
}

impl Column {
    pub fn new(dense: &Dense, g: usize, hosts: &Hosts) -> Self {
        let members = &dense.clusters_of_region[g];
        let mut count = vec![0; dense.ni()];
        let mut suitability = 0;
        for c in members {
            for i in &hosts[*c] {
                count[usize::from(*i)] += 1;
                suitability += dense.score[c * dense.ni() + usize::from(*i)];
            }
        }
        Self {
            hosts: members.iter().map(|c| hosts[*c].clone()).collect(),
            value: dense.value(members.iter().copied(), hosts),
            suitability,
            sites: (0..dense.ni())
                .filter(|i| count[*i] > 0)
                .map(|i| (i, count[i]))
                .collect(),
        }
    }

    /// Value at the prices, in 1 / FIXED, rounded up as the block's gains are.
    pub fn priced(&self, dense: &Dense, g: usize, prices: &Prices) -> i128 {
        let members = &dense.clusters_of_region[g];
        let mut total = i128::from(self.value - self.suitability) * i128::from(FIXED);
        for (c, list) in members.iter().zip(&self.hosts) {
            for i in list {
                total += i128::from(prices.gain(dense, *c, usize::from(*i)));
            }
        }
        total
    }

    /// Puts the region's plan into a national one.
    pub fn place(&self, dense: &Dense, g: usize, hosts: &mut Hosts) {
        for (c, list) in dense.clusters_of_region[g].iter().zip(&self.hosts) {
            hosts[*c].clone_from(list);
        }
    }
}

/// Columns by region, each once.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    pub columns: Vec<Vec<Column>>,
    seen: Vec<BTreeSet<Vec<Vec<u16>>>>,
}

impl Pool {
    pub fn new(dense: &Dense) -> Self {
        let n = dense.regions.len();
        Self {
            columns: vec![Vec::new(); n],
            seen: vec![BTreeSet::new(); n],
        }
    }

    /// False if the region's plan was known.
    pub fn add(&mut self, dense: &Dense, g: usize, hosts: &Hosts) -> bool {
        let column = Column::new(dense, g, hosts);
        let new = self.seen[g].insert(column.hosts.clone());
        if new {
            self.columns[g].push(column);
        }
        new
    }

    pub fn add_all(&mut self, dense: &Dense, hosts: &Hosts) {
        for g in 0..dense.regions.len() {
            self.add(dense, g, hosts);
        }
    }

    /// Best column of a region at the prices; the first of equals.
    pub fn best(&self, dense: &Dense, g: usize, prices: &Prices) -> Option<(i128, &Column)> {
        let mut best: Option<(i128, &Column)> = None;
        for column in &self.columns[g] {
            let value = column.priced(dense, g, prices);
            if best.as_ref().is_none_or(|b| value > b.0) {
                best = Some((value, column));
            }
        }
        best
    }

    /// The columns of each region that lose least against its best at the prices, within `loss` and `most`.
    pub fn near_best(
        &self,
        dense: &Dense,
        prices: &Prices,
        loss: i128,
        most: usize,
    ) -> Vec<(usize, &Column)> {
        let mut kept = Vec::new();
        for g in 0..dense.regions.len() {
            let mut list: Vec<(i128, usize)> = self.columns[g]
                .iter()
                .enumerate()
                .map(|(n, c)| (c.priced(dense, g, prices), n))
                .collect();
            list.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
            let best = list.first().map_or(0, |b| b.0);
            kept.extend(
                list.iter()
                    .take(most)
                    .take_while(|(v, _)| best - v <= loss)
                    .map(|(_, n)| (g, &self.columns[g][*n])),
            );
        }
        kept
    }
}

/// The linear program over columns, with prices kept in a box around a centre (Marsten, Hogan & Blankenship
/// 1975): `min -Σ v θ`, one column per region, national floors and caps, fairness.
#[derive(Debug)]
pub(crate) struct Master {
    lp: LiveLp,
    scale: f64,
    /// Columns of the pool that stand in the program, by region.
    taken: Vec<usize>,
    fair: bool,
    pub iterations: u64,
}

impl Master {
    pub fn new(dense: &Dense) -> Self {
        let (ng, ni) = (dense.regions.len(), dense.ni());
        let mut lp = LiveLp::new(Strategy::Primal);
        let mut rows = Sparse::default();
        for _ in 0..ng {
            rows.push(&[], 1.0, 1.0, 0.0);
        }
        for i in 0..ni {
            rows.push(&[], dense.floor[i] as f64, dense.cap[i] as f64, 0.0);
        }
        let fair = dense.fairness > 0.0;
        if fair {
            for _ in 0..ng {
                rows.push(&[], f64::NEG_INFINITY, 0.0, 0.0);
            }
        }
        lp.add_rows(&rows);
        let largest = dense
            .score
            .iter()
            .fold(1.0_f64, |m, s| m.max(s.abs() as f64));
        let scale = (128.0 / largest).log2().ceil().exp2();
        let mut columns = Sparse::default();
        for i in 0..ni {
            for sign in [1.0, -1.0] {
                columns.push(&[(ng + i, sign)], 0.0, f64::INFINITY, 0.0);
            }
        }
        if fair {
            let terms: Vec<(usize, f64)> = (0..ng).map(|g| (ng + ni + g, 1.0)).collect();
            columns.push(
                &terms,
                f64::NEG_INFINITY,
                f64::INFINITY,
                -dense.fairness * scale,
            );
        }
        lp.add_columns(&columns);
        Self {
            lp,
            scale,
            taken: vec![0; ng],
            fair,
            iterations: 0,
        }
    }

    /// Prices that the columns so far support, within `width` of the centre.
    pub fn prices(
        &mut self,
        dense: &Dense,
        pool: &Pool,
        centre: &[f64],
        width: f64,
    ) -> Option<(Vec<f64>, Vec<f64>)> {
        let (ng, ni) = (dense.regions.len(), dense.ni());
        let mut new = Sparse::default();
        for g in 0..ng {
            for column in &pool.columns[g][self.taken[g]..] {
                let mut terms = vec![(g, 1.0)];
                terms.extend(column.sites.iter().map(|(i, n)| (ng + i, *n as f64)));
                if self.fair {
                    let n = dense.clusters_of_region[g].len() as f64;
                    terms.push((ng + ni + g, -(column.suitability as f64) / n));
                }
                new.push(
                    &terms,
                    0.0,
                    f64::INFINITY,
                    -(column.value as f64) * self.scale,
                );
            }
            self.taken[g] = pool.columns[g].len();
        }
        self.lp.add_columns(&new);
        for (i, centre) in centre.iter().enumerate().take(ni) {
            // +e_i: the price is at least centre - width; -e_i: at most centre + width.
            self.lp.set_cost(2 * i, -(centre - width) * self.scale);
            self.lp.set_cost(2 * i + 1, (centre + width) * self.scale);
        }
        let status = self.lp.solve();
        self.iterations += self.lp.iterations;
        if status != LpStatus::Optimal {
            return None;
        }
        let duals = &self.lp.row_dual;
        let industry = (0..ni).map(|i| -duals[ng + i] / self.scale).collect();
        let region = if self.fair {
            (0..ng)
                .map(|g| (-duals[ng + ni + g] / self.scale).max(0.0))
                .collect()
        } else {
            vec![0.0; ng]
        };
        Some((industry, region))
    }
}

/// One column for each region that together keep the national rules and are worth most: an integer program.
pub(crate) fn combine(
    dense: &Dense,
    columns: &[(usize, &Column)],
    value: impl Fn(usize, &Column) -> f64,
    further: &[Row],
    params: &SolveParams,
) -> Option<Hosts> {
    let (ng, ni) = (dense.regions.len(), dense.ni());
    let objective: Vec<f64> = columns.iter().map(|(g, c)| value(*g, c)).collect();
    let mut rows: Vec<Row> = (0..ng)
        .map(|g| Row {
            rule: None,
            pairs: (0..columns.len()).filter(|n| columns[*n].0 == g).collect(),
            need: Vec::new(),
            low: 1,
            high: Some(1),
        })
        .collect();
    for i in 0..ni {
        let (pairs, need): (Vec<usize>, Vec<u32>) = columns
            .iter()
            .enumerate()
            .filter_map(|(n, (_, c))| {
                let at = c.sites.binary_search_by_key(&i, |s| s.0).ok()?;
                Some((n, c.sites[at].1 as u32))
            })
            .unzip();
        rows.push(Row {
            rule: None,
            pairs,
            need,
            low: dense.floor[i],
            high: Some(dense.cap[i]),
        });
    }
    rows.extend(over_borders(dense, columns));
    rows.extend(further.iter().cloned());
    let rows: Vec<&Row> = rows.iter().collect();
    let Outcome::Solved { chosen, .. } = maximise(&objective, &rows, &[], params) else {
        return None;
    };
    let mut hosts: Hosts = vec![Vec::new(); dense.nc()];
    for (n, (g, column)) in columns.iter().enumerate() {
        if chosen[n] {
            column.place(dense, *g, &mut hosts);
        }
    }
    Some(hosts)
}

/// Clusters next door to each other in two regions: at most one of the columns that put i beside i.
fn over_borders(dense: &Dense, columns: &[(usize, &Column)]) -> Vec<Row> {
    let mut rows = Vec::new();
    let holders = |c: usize, i: u16| -> Vec<usize> {
        let g = dense.region[c];
        let l = dense.clusters_of_region[g].binary_search(&c).unwrap_or(0);
        (0..columns.len())
            .filter(|n| columns[*n].0 == g && columns[*n].1.hosts[l].contains(&i))
            .collect()
    };
    for c in 0..dense.nc() {
        for d in &dense.next_door[c] {
            if *d < c || dense.region[c] == dense.region[*d] {
                continue;
            }
            for i in 0..dense.ni() as u16 {
                let mut pairs = holders(c, i);
                let others = holders(*d, i);
                if pairs.is_empty() || others.is_empty() {
                    continue;
                }
                pairs.extend(others);
                rows.push(Row {
                    rule: None,
                    pairs,
                    need: Vec::new(),
                    low: 0,
                    high: Some(1),
                });
            }
        }
    }
    rows
}
