//! What an importer buys of a product from outside, from whom, and what the world market looks like.
//!
//! How concentrated the suppliers are, with the range that unknown origin allows: [`hhi`](super::hhi).
//!
//! The importer is a country or a group. For a group, *extra* flows cross its border, *intra* flows do not; a
//! country's flows to itself count as intra. Unknown origin counts as extra; its low end allows for intra where
//! the group has more than one member.

use std::cell::RefCell;

use model::Refusal;
use rayon::prelude::*;

use super::criterion::{Gap, Range};
use super::flows::{Flows, Rows};
use super::hhi::Tally;
use super::importer::{Home, Importer};

/// A supplier and its part of all imports from outside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct First {
    pub country: usize,
    /// 0..1.
    pub share: f64,
}

/// One product as one importer sees it. Values in the unit of the flows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Supply {
    pub imports_extra: f64,
    pub imports_intra: f64,
    /// To everyone, `NaN` where no member has a row as exporter.
    pub exports: f64,
    /// To outside, likewise.
    pub exports_extra: f64,
    /// Part of the exports that are marked as re-exports.
    pub exports_re_exported: f64,
    /// Part of `imports_extra` whose origin is unknown.
    pub unknown: f64,
    /// Part of `imports_extra` that reaches the importer as a known country's re-export.
    pub re_exported: f64,
    /// Known suppliers with a value above 0.
    pub suppliers: u32,
    /// The largest known supplier (ties: first by code).
    pub first: Option<First>,
    /// Of values; `None` without imports.
    hhi: Option<Range>,
    hhi_in_doubt: Option<Range>,
    hhi_quantity: Option<Range>,
    /// Part of `imports_extra` that has a quantity.
    pub quantity_covered: f64,
    /// More than one member: unknown origin may be intra.
    pub group: bool,
}

impl Supply {
    /// HHI of the values of suppliers outside.
    pub fn hhi(&self) -> Result<Range, Gap> {
        self.hhi.ok_or(Gap::NoImports)
    }

    /// The same where re-exports count as unknown origin.
    pub fn hhi_re_exports_in_doubt(&self) -> Result<Range, Gap> {
        self.hhi_in_doubt.ok_or(Gap::NoImports)
    }

    /// HHI of the quantities, over the flows that have one (part `quantity_covered` of the value).
    pub fn hhi_quantity(&self) -> Result<Range, Gap> {
        if self.hhi.is_none() {
            return Err(Gap::NoImports);
        }
        self.hhi_quantity.ok_or(Gap::QuantitiesNotOnRecord)
    }

    /// 0..1; `None` without imports.
    pub fn unknown_share(&self) -> Option<f64> {
        (self.imports_extra > 0.0).then(|| self.unknown / self.imports_extra)
    }

    /// 0..1; `None` without imports.
    pub fn re_export_share(&self) -> Option<f64> {
        (self.imports_extra > 0.0).then(|| self.re_exported / self.imports_extra)
    }

    /// Imports from outside, with the low end that unknown origin inside the group allows.
    pub fn extra(&self) -> Range {
        let inside = if self.group { self.unknown } else { 0.0 };
        Range::spanning(
            self.imports_extra,
            self.imports_extra - inside,
            self.imports_extra,
        )
    }
}

/// The world market of one product.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    /// All rows, intra-group flows too.
    pub exports: f64,
    /// Part of it whose exporter is unknown.
    pub unknown: f64,
    /// Known exporters with a value above 0.
    pub exporters: u32,
    pub first: Option<First>,
    /// Of the exports by country; `None` where nothing is traded.
    pub hhi: Option<Range>,
    /// Exports of every country, to everyone.
    pub by_country: Vec<f64>,
    /// Part of them marked as re-exports.
    pub re_exports: Vec<f64>,
}

/// The supply of every importer, and the world market, product by product: `each` sees the product's position, its
/// world market and one [`Supply`] per importer. In parallel over products; the result is in their order.
pub fn per_product<T: Send>(
    flows: &Flows,
    importers: &[Importer],
    each: impl Fn(usize, &World, &[Supply]) -> T + Sync,
) -> Result<Vec<T>, Box<Refusal>> {
    let homes = homes(flows, importers)?;
    Ok((0..flows.products().len())
        .into_par_iter()
        .map(|product| {
            let rows = flows.slices(product);
            let world = world(flows, rows);
            each(product, &world, &supplies(flows, rows, &homes, &world))
        })
        .collect())
}

/// World market and supplies of one product.
pub fn of_product(
    flows: &Flows,
    importers: &[Importer],
    product: usize,
) -> Result<(World, Vec<Supply>), Box<Refusal>> {
    let homes = homes(flows, importers)?;
    let rows = flows.slices(product);
    let world = world(flows, rows);
    let supplies = supplies(flows, rows, &homes, &world);
    Ok((world, supplies))
}

fn homes(flows: &Flows, importers: &[Importer]) -> Result<Vec<Home>, Box<Refusal>> {
    importers
        .iter()
        .map(|importer| Home::find(flows, importer))
        .collect()
}

pub(super) fn world(flows: &Flows, rows: Rows<'_>) -> World {
    let mut by_country = vec![0.0; flows.countries().len()];
    let mut re_exports = vec![0.0; flows.countries().len()];
    for row in 0..rows.len() {
        let exporter = rows.exporter(row);
        by_country[exporter] += rows.value[row];
        if rows.is_re_export(row) {
            re_exports[exporter] += rows.value[row];
        }
    }
    let mut unknown = 0.0;
    let mut tally = Tally::default();
    for (country, value) in by_country.iter().enumerate() {
        if flows.is_unknown(country) {
            unknown += value;
        } else {
            tally.add(country, *value);
        }
    }
    let exports = tally.sum + unknown;
    World {
        exports,
        unknown,
        exporters: tally.count,
        first: tally.first(exports),
        hhi: tally.hhi(unknown),
        by_country,
        re_exports,
    }
}

/// What one supplier sells to an importer.
#[derive(Debug, Clone, Copy, Default)]
struct Origin {
    country: usize,
    direct: f64,
    re_export: f64,
    /// Over rows that have one.
    quantity: f64,
    /// Value of those rows.
    with_quantity: f64,
}

thread_local! {
    /// Room for the suppliers of one importer, used again and again.
    static ORIGINS: RefCell<Vec<Origin>> = const { RefCell::new(Vec::new()) };
}

pub(super) fn supplies(
    flows: &Flows,
    rows: Rows<'_>,
    homes: &[Home],
    world: &World,
) -> Vec<Supply> {
    let runs = runs(flows.countries().len(), rows.importer);
    ORIGINS.with_borrow_mut(|origins| {
        homes
            .iter()
            .map(|home| supply(flows, rows, &runs, home, world, origins))
            .collect()
    })
}

/// Rows of every importer: `runs[i]..runs[i + 1]`.
fn runs(countries: usize, importer: &[u16]) -> Vec<u32> {
    let mut runs = vec![0u32; countries + 1];
    for i in importer {
        runs[usize::from(*i) + 1] += 1;
    }
    for i in 0..countries {
        runs[i + 1] += runs[i];
    }
    runs
}

fn supply(
    flows: &Flows,
    rows: Rows<'_>,
    runs: &[u32],
    home: &Home,
    world: &World,
    origins: &mut Vec<Origin>,
) -> Supply {
    origins.clear();
    for member in &home.members {
        for row in runs[*member] as usize..runs[*member + 1] as usize {
            let country = rows.exporter(row);
            // Within a member rows of one exporter follow each other.
            if origins.last().is_none_or(|o| o.country != country) {
                origins.push(Origin {
                    country,
                    ..Origin::default()
                });
            }
            let Some(origin) = origins.last_mut() else {
                continue;
            };
            let value = rows.value[row];
            if rows.is_re_export(row) {
                origin.re_export += value;
            } else {
                origin.direct += value;
            }
            let quantity = rows.quantity(row);
            if !quantity.is_nan() {
                origin.quantity += quantity;
                origin.with_quantity += value;
            }
        }
    }
    if home.only().is_none() {
        // Stable, so that members add up in a fixed order.
        origins.sort_by_key(|o| o.country);
        origins.dedup_by(|next, kept| {
            let same = next.country == kept.country;
            if same {
                kept.direct += next.direct;
                kept.re_export += next.re_export;
                kept.quantity += next.quantity;
                kept.with_quantity += next.with_quantity;
            }
            same
        });
    }
    let mut imports_intra = 0.0;
    let (mut unknown, mut re_exported) = (0.0, 0.0);
    let (mut unknown_quantity, mut with_quantity) = (0.0, 0.0);
    let (mut declared, mut direct, mut quantity) =
        (Tally::default(), Tally::default(), Tally::default());
    for o in &*origins {
        let value = o.direct + o.re_export;
        if home.has(o.country) {
            imports_intra += value;
            continue;
        }
        with_quantity += o.with_quantity;
        if flows.is_unknown(o.country) {
            unknown += value;
            unknown_quantity += o.quantity;
        } else {
            re_exported += o.re_export;
            declared.add(o.country, value);
            direct.add(o.country, o.direct);
            quantity.add(o.country, o.quantity);
        }
    }
    let imports_extra = declared.sum + unknown;
    let hhi = declared.hhi(unknown);
    let (exports, exports_re_exported) = exports(flows, home, world);
    Supply {
        imports_extra,
        imports_intra,
        exports,
        exports_extra: exports_extra(rows, home, exports, imports_intra),
        exports_re_exported,
        unknown,
        re_exported,
        suppliers: declared.count,
        first: declared.first(imports_extra),
        hhi,
        hhi_in_doubt: hhi
            .zip(direct.hhi(unknown + re_exported))
            .map(|(declared, doubt)| Range::spanning(declared.value, doubt.low, doubt.high)),
        hhi_quantity: quantity.hhi(unknown_quantity),
        quantity_covered: if imports_extra > 0.0 {
            with_quantity / imports_extra
        } else {
            0.0
        },
        group: home.only().is_none(),
    }
}

/// Exports of all members to everyone, and the part that is re-exported.
fn exports(flows: &Flows, home: &Home, world: &World) -> (f64, f64) {
    let known: Vec<usize> = home
        .members
        .iter()
        .copied()
        .filter(|m| flows.exports_on_record(*m))
        .collect();
    if known.is_empty() {
        return (f64::NAN, f64::NAN);
    }
    let sum = |of: &[f64]| known.iter().map(|m| of[*m]).sum::<f64>();
    (sum(&world.by_country), sum(&world.re_exports))
}

/// Exports that leave the importer. Summed, not a difference: a group that sells only inside exports exactly 0.
fn exports_extra(rows: Rows<'_>, home: &Home, exports: f64, intra: f64) -> f64 {
    if exports.is_nan() || home.only().is_some() && intra <= 0.0 {
        return exports;
    }
    (0..rows.len())
        .filter(|row| home.has(rows.exporter(*row)) && !home.has(usize::from(rows.importer[*row])))
        .map(|row| rows.value[row])
        .sum()
}
