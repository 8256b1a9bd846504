//! Bilateral trade of one year, compact: who sold what to whom.
//!
//! Rows lie product by product (compressed rows), within a product by importer, exporter and kind, in columns of
//! 2 + 2 + 8 bytes (+ 8 with quantities): a year of 11 million rows takes 132 MB, or 220 MB with quantities.
//!
//! Three things stay visible that trade files like to hide. **Unknown partners** ("areas not elsewhere
//! specified") keep their rows under their own codes and are marked. **Re-exports** keep their own rows beside
//! direct flows of the same pair. **Missing reporters**: a country without a row on one side (as importer, as
//! exporter) is unknown on that side, not zero.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::Year;
use rayon::prelude::*;

/// Whether goods come from the exporter's own production or only pass through it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlowKind {
    /// Also where the source does not say.
    Direct,
    ReExport,
}

/// One row of a trade file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flow<'a> {
    pub exporter: &'a str,
    pub importer: &'a str,
    pub product: &'a str,
    /// Money, any unit, ≥ 0.
    pub value: f64,
    /// Mass or pieces, one unit within a product, ≥ 0; `None` where it is not recorded.
    pub quantity: Option<f64>,
    pub kind: FlowKind,
}

/// UN Comtrade area codes whose country is not known (from memory: check against the source's own list). 490
/// ("Other Asia, not elsewhere specified") is left out: it stands for one economy.
pub const UNKNOWN_PARTNERS: [&str; 14] = [
    "_X", "290", "471", "472", "473", "492", "527", "568", "577", "636", "837", "838", "839", "899",
];

/// Why rows do not make flows.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FlowsError {
    #[error("no rows")]
    Empty,
    #[error(
        "{column} {value} of product {product} from {exporter} to {importer}: need a finite number not below 0"
    )]
    NotAValue {
        column: &'static str,
        exporter: String,
        importer: String,
        product: String,
        value: f64,
    },
    #[error("more than {} countries", MOST_COUNTRIES)]
    TooManyCountries,
}

const MOST_COUNTRIES: usize = 0x7FFF;
/// Bit of the exporter's id that marks a re-export.
const RE_EXPORT: u16 = 0x8000;

/// Takes rows in any order; holds 24 bytes a row until [`FlowsBuilder::build`].
#[derive(Debug, Default)]
pub struct FlowsBuilder {
    unknown: BTreeSet<String>,
    countries: HashMap<String, u16>,
    products: HashMap<String, u32>,
    /// Key: product << 32 | importer << 16 | exporter with its mark, in ids of first appearance.
    rows: Vec<(u64, f64, f64)>,
    with_quantity: usize,
}

impl FlowsBuilder {
    /// `unknown`: codes of partners whose country is not known, e.g. [`UNKNOWN_PARTNERS`].
    pub fn new(unknown: &[&str]) -> Self {
        Self {
            unknown: unknown.iter().map(|code| (*code).to_owned()).collect(),
            ..Self::default()
        }
    }

    pub fn push(&mut self, flow: Flow<'_>) -> Result<(), FlowsError> {
        let quantity = flow.quantity.unwrap_or(0.0);
        for (column, value) in [("value", flow.value), ("quantity", quantity)] {
            if !value.is_finite() || value < 0.0 {
                return Err(FlowsError::NotAValue {
                    column,
                    exporter: flow.exporter.to_owned(),
                    importer: flow.importer.to_owned(),
                    product: flow.product.to_owned(),
                    value,
                });
            }
        }
        let importer = self.country(flow.importer)?;
        let mut exporter = self.country(flow.exporter)?;
        if flow.kind == FlowKind::ReExport {
            exporter |= RE_EXPORT;
        }
        let product = if let Some(id) = self.products.get(flow.product) {
            *id
        } else {
            let id = self.products.len() as u32;
            self.products.insert(flow.product.to_owned(), id);
            id
        };
        self.with_quantity += usize::from(flow.quantity.is_some());
        let key = u64::from(product) << 32 | u64::from(importer) << 16 | u64::from(exporter);
        self.rows
            .push((key, flow.value, flow.quantity.unwrap_or(f64::NAN)));
        Ok(())
    }

    fn country(&mut self, code: &str) -> Result<u16, FlowsError> {
        if let Some(id) = self.countries.get(code) {
            return Ok(*id);
        }
        let id = self.countries.len();
        if id >= MOST_COUNTRIES {
            return Err(FlowsError::TooManyCountries);
        }
        self.countries.insert(code.to_owned(), id as u16);
        Ok(id as u16)
    }

    /// Sorted flows. Rows of the same pair, product and kind are added up; their quantity is then known only if
    /// each of them has one.
    pub fn build(self) -> Result<Flows, FlowsError> {
        let Self {
            unknown,
            countries,
            products,
            mut rows,
            with_quantity,
        } = self;
        if rows.is_empty() {
            return Err(FlowsError::Empty);
        }
        let (countries, country_place) = ranked(countries.into_iter().map(|(k, v)| (k, v.into())));
        let (products, product_place) = ranked(products.into_iter().map(|(k, v)| (k, v as usize)));
        rows.par_iter_mut().for_each(|(key, _, _)| {
            let product = product_place[(*key >> 32) as usize] as u64;
            let importer = country_place[(*key >> 16 & 0xFFFF) as usize] as u64;
            let exporter = country_place[(*key & 0x7FFF) as usize] as u64;
            *key = product << 32 | importer << 16 | exporter | *key & u64::from(RE_EXPORT);
        });
        // Values too, so that a sum of repeated rows has the same bits in any order of rows. A re-export sorts
        // behind the direct flow of its exporter, not behind all exporters.
        rows.par_sort_unstable_by(|a, b| {
            order(a.0)
                .cmp(&order(b.0))
                .then_with(|| a.1.total_cmp(&b.1))
                .then_with(|| a.2.total_cmp(&b.2))
        });
        let mut flows = Flows {
            unknown: countries.iter().map(|c| unknown.contains(c)).collect(),
            imports_on_record: vec![false; countries.len()],
            exports_on_record: vec![false; countries.len()],
            starts: vec![0; products.len() + 1],
            countries,
            products,
            importer: Vec::with_capacity(rows.len()),
            exporter: Vec::with_capacity(rows.len()),
            value: Vec::with_capacity(rows.len()),
            quantity: (with_quantity > 0).then(|| Vec::with_capacity(rows.len())),
        };
        let mut last = None;
        for (key, value, quantity) in rows {
            if last == Some(key) {
                if let Some(sum) = flows.value.last_mut() {
                    *sum += value;
                }
                if let Some(sum) = flows.quantity.as_mut().and_then(|q| q.last_mut()) {
                    *sum += quantity;
                }
                continue;
            }
            last = Some(key);
            let (importer, exporter) = ((key >> 16) as u16, key as u16);
            flows.starts[(key >> 32) as usize + 1] += 1;
            flows.imports_on_record[usize::from(importer)] = true;
            flows.exports_on_record[usize::from(exporter & !RE_EXPORT)] = true;
            flows.importer.push(importer);
            flows.exporter.push(exporter);
            flows.value.push(value);
            if let Some(column) = &mut flows.quantity {
                column.push(quantity);
            }
        }
        for p in 0..flows.products.len() {
            flows.starts[p + 1] += flows.starts[p];
        }
        Ok(flows)
    }
}

/// Sort key of a row: re-exports right behind the direct flow of the same exporter.
fn order(key: u64) -> u64 {
    let exporter = key & 0xFFFF;
    key & !0xFFFF | (exporter & 0x7FFF) << 1 | exporter >> 15
}

/// Labels in order, and the place of each earlier id among them.
fn ranked(ids: impl Iterator<Item = (String, usize)>) -> (Vec<String>, Vec<usize>) {
    let mut pairs: Vec<(String, usize)> = ids.collect();
    pairs.sort_unstable();
    let mut place = vec![0; pairs.len()];
    for (rank, (_, id)) in pairs.iter().enumerate() {
        place[*id] = rank;
    }
    (pairs.into_iter().map(|(label, _)| label).collect(), place)
}

/// Bilateral flows of one year. Countries and products are positions in sorted lists of their codes.
#[derive(Debug, Clone, PartialEq)]
pub struct Flows {
    countries: Vec<String>,
    products: Vec<String>,
    unknown: Vec<bool>,
    imports_on_record: Vec<bool>,
    exports_on_record: Vec<bool>,
    /// Rows of product p: `starts[p]..starts[p + 1]`.
    starts: Vec<usize>,
    importer: Vec<u16>,
    /// With the mark of a re-export.
    exporter: Vec<u16>,
    value: Vec<f64>,
    /// `NaN` where not recorded.
    quantity: Option<Vec<f64>>,
}

/// Flows of several years.
pub type FlowPanel = BTreeMap<Year, Flows>;

/// One row with positions for codes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FlowRow {
    pub importer: usize,
    pub exporter: usize,
    pub kind: FlowKind,
    pub value: f64,
    /// `NaN` where not recorded.
    pub quantity: f64,
}

impl Flows {
    /// Flows from rows in any order; `unknown` as in [`FlowsBuilder::new`].
    pub fn from_rows<'a>(
        rows: impl IntoIterator<Item = Flow<'a>>,
        unknown: &[&str],
    ) -> Result<Self, FlowsError> {
        let mut builder = FlowsBuilder::new(unknown);
        for row in rows {
            builder.push(row)?;
        }
        builder.build()
    }

    pub fn countries(&self) -> &[String] {
        &self.countries
    }

    pub fn products(&self) -> &[String] {
        &self.products
    }

    pub fn country(&self, code: &str) -> Option<usize> {
        self.countries
            .binary_search_by(|known| known.as_str().cmp(code))
            .ok()
    }

    pub fn product(&self, code: &str) -> Option<usize> {
        self.products
            .binary_search_by(|known| known.as_str().cmp(code))
            .ok()
    }

    /// Whether this partner stands for no known country.
    pub fn is_unknown(&self, country: usize) -> bool {
        self.unknown[country]
    }

    /// Whether the country has any row as importer.
    pub fn imports_on_record(&self, country: usize) -> bool {
        self.imports_on_record[country]
    }

    /// Whether the country has any row as exporter.
    pub fn exports_on_record(&self, country: usize) -> bool {
        self.exports_on_record[country]
    }

    pub fn has_quantities(&self) -> bool {
        self.quantity.is_some()
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.value.len()
    }

    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// Bytes that the columns take.
    pub fn bytes(&self) -> usize {
        self.len() * if self.has_quantities() { 20 } else { 12 } + self.starts.len() * 8
    }

    /// Rows of a product, by importer, exporter and kind.
    pub fn rows(&self, product: usize) -> impl Iterator<Item = FlowRow> + '_ {
        self.slices(product).iter()
    }

    pub(super) fn slices(&self, product: usize) -> Rows<'_> {
        let range = self.starts[product]..self.starts[product + 1];
        Rows {
            importer: &self.importer[range.clone()],
            exporter: &self.exporter[range.clone()],
            value: &self.value[range.clone()],
            quantity: self.quantity.as_ref().map(|q| &q[range]),
        }
    }

    /// The same flows with the two roles exchanged: who buys what from whom. Dependence on a customer is dependence
    /// on a supplier in the exchanged flows.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let order: Vec<u32> = (0..self.products.len())
            .into_par_iter()
            .flat_map_iter(|p| {
                let rows = self.slices(p);
                let mut order: Vec<u32> = (0..rows.value.len() as u32).collect();
                order.sort_unstable_by_key(|k| {
                    let (e, i) = (rows.exporter[*k as usize], rows.importer[*k as usize]);
                    (e & !RE_EXPORT, i, e & RE_EXPORT)
                });
                order
            })
            .collect();
        let mut flows = Self {
            imports_on_record: self.exports_on_record.clone(),
            exports_on_record: self.imports_on_record.clone(),
            ..self.clone()
        };
        for p in 0..self.products.len() {
            let rows = self.slices(p);
            let start = self.starts[p];
            for (k, from) in order[start..self.starts[p + 1]].iter().enumerate() {
                let from = *from as usize;
                flows.importer[start + k] = rows.exporter[from] & !RE_EXPORT;
                flows.exporter[start + k] = rows.importer[from] | rows.exporter[from] & RE_EXPORT;
                flows.value[start + k] = rows.value[from];
                if let (Some(to), Some(q)) = (&mut flows.quantity, rows.quantity) {
                    to[start + k] = q[from];
                }
            }
        }
        flows
    }
}

/// Rows of one product.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows<'a> {
    pub importer: &'a [u16],
    exporter: &'a [u16],
    pub value: &'a [f64],
    quantity: Option<&'a [f64]>,
}

impl<'a> Rows<'a> {
    pub fn len(&self) -> usize {
        self.value.len()
    }

    pub fn exporter(&self, row: usize) -> usize {
        usize::from(self.exporter[row] & !RE_EXPORT)
    }

    pub fn is_re_export(&self, row: usize) -> bool {
        self.exporter[row] & RE_EXPORT != 0
    }

    /// `NaN` where not recorded.
    pub fn quantity(&self, row: usize) -> f64 {
        self.quantity.map_or(f64::NAN, |q| q[row])
    }

    /// The same rows with other values and no quantities.
    pub fn with_values(self, value: &'a [f64]) -> Self {
        Self {
            value,
            quantity: None,
            ..self
        }
    }

    pub fn iter(self) -> impl Iterator<Item = FlowRow> + 'a {
        (0..self.len()).map(move |row| FlowRow {
            importer: usize::from(self.importer[row]),
            exporter: self.exporter(row),
            kind: if self.is_re_export(row) {
                FlowKind::ReExport
            } else {
                FlowKind::Direct
            },
            value: self.value[row],
            quantity: self.quantity(row),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;

    fn flow(exporter: &'static str, importer: &'static str, value: f64) -> Flow<'static> {
        Flow {
            exporter,
            importer,
            product: "p",
            value,
            quantity: Some(1.0),
            kind: FlowKind::Direct,
        }
    }

    #[test]
    fn rows_in_any_order_make_the_same_flows() {
        let mut rows = vec![
            flow("b", "a", 0.1),
            flow("b", "a", 0.2),
            flow("b", "a", 0.3),
            flow("c", "b", 2.0),
            Flow {
                kind: FlowKind::ReExport,
                ..flow("b", "a", 5.0)
            },
            Flow {
                product: "o",
                quantity: None,
                ..flow("a", "899", 1.0)
            },
        ];
        let one = Flows::from_rows(rows.clone(), &UNKNOWN_PARTNERS).expect("flows");
        rows.reverse();
        let two = Flows::from_rows(rows, &UNKNOWN_PARTNERS).expect("flows");
        assert_eq!(format!("{one:?}"), format!("{two:?}"));
        assert_eq!(one.countries(), ["899", "a", "b", "c"]);
        assert!(one.is_unknown(0) && !one.is_unknown(1));
        let rows: Vec<FlowRow> = one.rows(one.product("p").expect("traded")).collect();
        assert_eq!(rows.len(), 3);
        assert_eq!((rows[0].value, rows[0].quantity), (0.1 + 0.2 + 0.3, 3.0));
        assert_eq!((rows[1].value, rows[1].kind), (5.0, FlowKind::ReExport));
        assert!(one.imports_on_record(1) && !one.exports_on_record(0));
        assert!(!one.imports_on_record(3), "c only sells");
    }

    #[test]
    fn a_quantity_that_is_partly_recorded_is_unknown() {
        let rows = [
            flow("b", "a", 1.0),
            Flow {
                quantity: None,
                ..flow("b", "a", 1.0)
            },
        ];
        let flows = Flows::from_rows(rows, &[]).expect("flows");
        let row = flows.rows(0).next().expect("one row");
        assert!(row.quantity.is_nan() && row.value == 2.0);
    }

    #[test]
    fn exchanging_the_roles_twice_changes_nothing() {
        let rows = [
            flow("b", "a", 1.0),
            Flow {
                kind: FlowKind::ReExport,
                ..flow("b", "a", 4.0)
            },
            flow("c", "a", 2.0),
            flow("a", "c", 3.0),
        ];
        let flows = Flows::from_rows(rows, &[]).expect("flows");
        let other = flows.transposed();
        let pairs: Vec<(usize, usize, f64)> = other
            .rows(0)
            .map(|r| (r.importer, r.exporter, r.value))
            .collect();
        assert_eq!(pairs, [(0, 2, 3.0), (1, 0, 1.0), (1, 0, 4.0), (2, 0, 2.0)]);
        assert_eq!(other.transposed(), flows);
    }

    #[test]
    fn what_is_no_value_is_named() {
        let error = Flows::from_rows([flow("b", "a", -1.0)], &[]).expect_err("below zero");
        assert!(
            error.to_string().contains("product p from b to a"),
            "{error}"
        );
    }
}
