//! The equations of a cascade as rows of coefficients, in one order of firms that does not depend on the order of the input.
//!
//! With L = 1 - h the loss of a firm, s_i its sales, S_m and D_m(L) = S_m - Σ_{j in m} s_j L_j the size of market m
//! before and after (Diem et al. 2022, in loss form):
//!
//! ```text
//! c_i(L)   = L_i · min(1, s_i / D_m(i)(L))                      the loss of i that reaches its customers; L_i without substitution
//! Gd(L)_j  = min(1, max(φ_j, max over groups g of Σ_{i in g} Λd_ij c_i(L)))
//! Gu(L)_i  = min(1, max(φ_i, Σ_j Λu_ij L_j))
//! Λd_ij    = W_ij / Σ_{i' of the sector of i} W_i'j   for an essential input: one group for each sector
//!            W_ij / Σ_i' W_i'j                        for an input that is not essential: all of them are one group
//!            (both times purchases/costs);            irrelevant inputs are left out
//! Λu_ij    = W_ij / revenue_i
//! ```

use std::cmp::Reverse;

use super::error::CascadeError;
use super::model::{Model, Production, Substitution};
use super::network::{Class, FirmNetwork};

/// Market of a firm that cannot be replaced at all: its loss is passed on in full.
pub(crate) const ALONE: u32 = u32::MAX;

/// Rows of groups of links: `row → groups → (from, weight)`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    /// First group of each row, and the number of groups.
    pub groups: Vec<u32>,
    /// First link of each group, and the number of links.
    pub links: Vec<u32>,
    pub from: Vec<u32>,
    pub weight: Vec<f64>,
}

impl Rows {
    #[inline(always)]
    pub fn groups_of(&self, row: usize) -> std::ops::Range<usize> {
        self.groups[row] as usize..self.groups[row + 1] as usize
    }

    #[inline(always)]
    pub fn links_of(&self, group: usize) -> std::ops::Range<usize> {
        self.links[group] as usize..self.links[group + 1] as usize
    }

    /// All links of a row.
    #[inline(always)]
    pub fn all_of(&self, row: usize) -> std::ops::Range<usize> {
        let groups = self.groups_of(row);
        self.links[groups.start] as usize..self.links[groups.end] as usize
    }

    fn begin() -> Self {
        Self {
            groups: vec![0],
            links: vec![0],
            ..Self::default()
        }
    }

    pub fn push(&mut self, from: u32, weight: f64) {
        self.from.push(from);
        self.weight.push(weight);
    }

    pub fn end_group(&mut self) {
        self.links.push(self.from.len() as u32);
    }

    pub fn end_row(&mut self) {
        self.groups.push(self.links.len() as u32 - 1);
    }
}

impl Rows {
    pub fn build(rows: usize, mut row: impl FnMut(usize, &mut Self)) -> Self {
        let mut built = Self::begin();
        for at in 0..rows {
            row(at, &mut built);
            built.end_row();
        }
        built
    }
}

/// The coefficients of a network under a model. Firms are numbered by falling number of links, then by id.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// Position in the input of each number.
    pub firm: Vec<u32>,
    /// Number of each position.
    pub number: Vec<u32>,
    /// s_i: sales to firms; weights of the scores too.
    pub size: Vec<f64>,
    pub total: f64,
    /// Market of each firm, and its members.
    pub market: Vec<u32>,
    pub market_size: Vec<f64>,
    pub members: Vec<Vec<u32>>,
    pub substitution: Substitution,
    /// Rows of suppliers: links to customers with Λu; one group each.
    pub up: Rows,
    /// Part of a firm's revenue that is not recorded as sales is a leak; no sales at all too.
    pub leaks_up: Vec<bool>,
    /// Rows of customers: links to suppliers with Λd.
    pub down: Rows,
    /// 1 - Σ Λd of each group, from what is not in it, so that no digits cancel; 0 exactly where nothing leaves.
    pub leak_down: Vec<f64>,
}

impl Layout {
    pub fn new(network: &FirmNetwork, model: &Model) -> Result<Self, CascadeError> {
        let ids = &network.firms.ids;
        let n = ids.len();
        check(network, "costs", model.costs.as_deref(), &network.purchases)?;
        check(network, "revenue", model.revenue.as_deref(), &network.sales)?;
        let links = &network.links;
        let mut degree = vec![0_u32; n];
        for firm in links.supplier.iter().chain(&links.customer) {
            degree[*firm as usize] += 1;
        }
        let mut firm: Vec<u32> = (0..n as u32).collect();
        firm.sort_unstable_by_key(|at| (Reverse(degree[*at as usize]), &ids[*at as usize]));
        let mut number = vec![0_u32; n];
        for (to, at) in firm.iter().enumerate() {
            number[*at as usize] = to as u32;
        }
        let market: Vec<u32> = firm
            .iter()
            .map(|at| network.firms.sector[*at as usize])
            .collect();
        let sold = sorted(
            links.supplier.iter().zip(&links.customer),
            &links.weight,
            &number,
        );
        let bought = sorted(
            links.customer.iter().zip(&links.supplier),
            &links.weight,
            &number,
        );
        let sums =
            |of: &Sorted| -> Vec<f64> { (0..n).map(|i| sum(of.row(i).map(|(_, w)| w))).collect() };
        let (size, spent) = (sums(&sold), sums(&bought));
        let mut market_size = vec![0.0; network.firms.sectors.len()];
        let mut members = vec![Vec::new(); market_size.len()];
        for (i, m) in market.iter().enumerate() {
            market_size[*m as usize] += size[i];
            members[*m as usize].push(i as u32);
        }
        // What is given, or the links where it does not exceed them by more than the rounding of a sum in another order.
        let scale = |given: &Option<Vec<f64>>, i: usize, links: f64| match given {
            Some(v) if v[firm[i] as usize] > links * (1.0 + 1e-12) => v[firm[i] as usize],
            _ => links,
        };
        let up = Rows::build(n, |i, rows| {
            let revenue = scale(&model.revenue, i, size[i]);
            sold.row(i).for_each(|(to, w)| rows.push(to, w / revenue));
            rows.end_group();
        });
        let leaks_up = (0..n)
            .map(|i| size[i] <= 0.0 || scale(&model.revenue, i, size[i]) > size[i])
            .collect();
        let mut leak_down = Vec::new();
        let down = Rows::build(n, |j, rows| {
            let costs = scale(&model.costs, j, spent[j]);
            groups_of(
                (network, model),
                &market,
                j,
                bought.row(j),
                (spent[j], costs),
                rows,
                &mut leak_down,
            );
        });
        Ok(Self {
            total: size.iter().sum(),
            firm,
            number,
            size,
            market,
            market_size,
            members,
            substitution: model.substitution,
            up,
            leaks_up,
            down,
            leak_down,
        })
    }

    pub fn len(&self) -> usize {
        self.size.len()
    }
}

/// One customer's inputs, by group.
fn groups_of(
    (network, model): (&FirmNetwork, &Model),
    market: &[u32],
    customer: usize,
    inputs: impl Iterator<Item = (u32, f64)>,
    (spent, costs): (f64, f64),
    rows: &mut Rows,
    leak: &mut Vec<f64>,
) {
    // Key 0: not essential; 1 + sector: essential.
    let mut irrelevant = Vec::new();
    let mut keyed: Vec<(u32, u32, f64)> = inputs
        .filter_map(|(from, w)| {
            let sector = market[from as usize];
            let class = match (network.class(sector, market[customer]), model.production) {
                (Class::Irrelevant, _) => {
                    irrelevant.push(w);
                    return None;
                }
                (class, Production::GeneralisedLeontief) => class,
                (_, Production::Linear) => Class::NotEssential,
                (_, Production::Leontief) => Class::Essential,
            };
            Some((
                if class == Class::Essential {
                    1 + sector
                } else {
                    0
                },
                from,
                w,
            ))
        })
        .collect();
    keyed.sort_unstable_by_key(|(key, from, _)| (*key, *from));
    for group in keyed.chunk_by(|a, b| a.0 == b.0) {
        let (all, missing) = if group[0].0 == 0 {
            let essential = keyed.iter().filter(|(key, _, _)| *key != 0);
            let others = essential
                .map(|(_, _, w)| *w)
                .chain(irrelevant.iter().copied());
            (spent, sum(others))
        } else {
            (sum(group.iter().map(|(_, _, w)| *w)), 0.0)
        };
        for (_, from, w) in group {
            rows.push(*from, w / all * (spent / costs));
        }
        rows.end_group();
        leak.push((missing + (costs - spent)) / costs);
    }
}

/// A sum to nearly full precision (Neumaier 1974), so that shares do not lose digits with the length of a row.
pub(crate) fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut rest) = (0.0_f64, 0.0_f64);
    for value in values {
        let next = sum + value;
        rest += if sum.abs() >= value.abs() {
            (sum - next) + value
        } else {
            (value - next) + sum
        };
        sum = next;
    }
    sum + rest
}

fn check(
    network: &FirmNetwork,
    what: &'static str,
    given: Option<&[f64]>,
    links: &[f64],
) -> Result<(), CascadeError> {
    let Some(given) = given else { return Ok(()) };
    if given.len() != links.len() {
        return Err(CascadeError::Length {
            what,
            found: given.len(),
            wanted: links.len(),
        });
    }
    // Sums of the same links in another order differ in the last digits.
    let bad = |at: &usize| !(given[*at].is_finite() && given[*at] >= links[*at] * (1.0 - 1e-9));
    match (0..given.len()).find(bad) {
        None => Ok(()),
        Some(at) => Err(CascadeError::Scale {
            what,
            firm: network.firms.ids[at].clone(),
            value: given[at],
            links: links[at],
        }),
    }
}

/// Links by row in the numbering of the layout.
struct Sorted {
    start: Vec<u32>,
    to: Vec<u32>,
    weight: Vec<f64>,
}

impl Sorted {
    fn row(&self, row: usize) -> impl Iterator<Item = (u32, f64)> {
        let range = self.start[row] as usize..self.start[row + 1] as usize;
        self.to[range.clone()]
            .iter()
            .copied()
            .zip(self.weight[range].iter().copied())
    }
}

fn sorted<'a>(
    pairs: impl Iterator<Item = (&'a u32, &'a u32)>,
    weight: &[f64],
    number: &[u32],
) -> Sorted {
    let mut keyed: Vec<(u64, u32)> = pairs
        .enumerate()
        .map(|(at, (row, to))| {
            let key = u64::from(number[*row as usize]) << 32 | u64::from(number[*to as usize]);
            (key, at as u32)
        })
        .collect();
    keyed.sort_unstable();
    let mut start = vec![0_u32; number.len() + 1];
    for (key, _) in &keyed {
        start[(key >> 32) as usize + 1] += 1;
    }
    for row in 0..number.len() {
        start[row + 1] += start[row];
    }
    Sorted {
        start,
        to: keyed.iter().map(|(key, _)| *key as u32).collect(),
        weight: keyed.iter().map(|(_, at)| weight[*at as usize]).collect(),
    }
}
