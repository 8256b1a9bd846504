//! Values through a concordance, and what became of every part of them.

use std::collections::BTreeMap;

use model::{Basis, Estimate, Message, Quantity, Refusal};

use super::{Concordance, ConcordanceError, LinkKind};
use crate::exact_sum::Sum;

/// What to do with mass that has no counterpart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Unmatched {
    /// It is not among the rows; the report says how much and of which codes.
    #[default]
    Leave,
    /// It is kept under this code, for every group; the report says the same.
    Keep(String),
}

/// How to convert.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConvertParams {
    pub unmatched: Unmatched,
}

/// A value in the new classification.
#[derive(Debug, Clone, PartialEq)]
pub struct Converted<G> {
    pub group: G,
    pub code: String,
    /// Of the parts that are known.
    pub value: f64,
    /// If every code that could go elsewhere did.
    pub low: f64,
    /// If every code that could come here did.
    pub high: f64,
    /// Rows of unknown value (`NaN`) that go here, wholly or in part. Where there are any, the value is that of the rest.
    pub unknown: usize,
}

impl<G> Converted<G> {
    /// The value with its range; not estimated where a part is unknown.
    pub fn estimate(&self) -> Quantity {
        if self.unknown > 0 {
            let reason = Message::new("data.concordance.unknown_parts").with("n", self.unknown);
            return Quantity::not_estimated(reason);
        }
        Estimate::spanning(self.value, self.low, self.high, Basis::Derived).into()
    }
}

/// Converted rows and what became of every part of the input.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversion<G> {
    /// By group and code; only cells that some row reaches.
    pub rows: Vec<Converted<G>>,
    pub report: ConversionReport,
}

/// The books of a conversion. Masses are sums of known values; gross masses are sums of their absolute values.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversionReport {
    pub from: String,
    pub to: String,
    pub mass_in: f64,
    pub gross_in: f64,
    /// Mass under codes of the new classification.
    pub mass_out: f64,
    /// Mass without counterpart: of codes that are not in the table, and of parts that lead nowhere.
    pub mass_lost: f64,
    pub gross_lost: f64,
    /// |out + lost - in| / gross in; rounding only.
    pub imbalance: f64,
    /// Codes that are not in the table, most mass first.
    pub unmatched: Vec<LostCode>,
    /// Codes of the table of which a part leads nowhere, most lost mass first.
    pub partly_lost: Vec<LostCode>,
    /// How much of the matched mass passes which kind of links, in the order of [`LinkKind::ALL`].
    pub kinds: Vec<KindShare>,
    /// Gross mass of codes that have several counterparts or lose a part, as a fraction of all: what the weights decide.
    pub ambiguous_share: f64,
    /// Rows of unknown value.
    pub unknown_rows: usize,
}

/// Mass that found no place.
#[derive(Debug, Clone, PartialEq)]
pub struct LostCode {
    pub code: String,
    pub rows: usize,
    /// What is lost of it, not what there is of it.
    pub mass: f64,
    pub gross: f64,
}

/// Codes that occur in the values, by how they and their counterparts relate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KindShare {
    pub kind: LinkKind,
    pub codes: usize,
    pub gross: f64,
    /// Of the gross mass that came in.
    pub share: f64,
}

impl ConversionReport {
    /// Lost gross mass as a fraction of all.
    pub fn lost_share(&self) -> f64 {
        share(self.gross_lost, self.gross_in)
    }

    /// What a reader should know, in full sentences; empty where nothing is lost and nothing was split.
    pub fn messages(&self) -> Vec<Message> {
        let head = |id: &str| {
            Message::new(id)
                .with("from", self.from.as_str())
                .with("to", self.to.as_str())
        };
        let mut messages = Vec::new();
        if self.gross_lost > 0.0 || !self.unmatched.is_empty() {
            let codes = self.unmatched.iter().chain(&self.partly_lost);
            let first: Vec<&str> = codes.take(5).map(|lost| lost.code.as_str()).collect();
            messages.push(
                head("data.concordance.lost")
                    .with("share", self.lost_share())
                    .with("n", self.unmatched.len() + self.partly_lost.len())
                    .with("codes", first.join(", ")),
            );
        }
        if self.ambiguous_share > 0.0 {
            messages.push(head("data.concordance.ambiguous").with("share", self.ambiguous_share));
        }
        if self.unknown_rows > 0 {
            messages.push(head("data.concordance.unknown_rows").with("n", self.unknown_rows));
        }
        messages
    }

    /// Refuses where more than `most` of the gross mass found no place: results would speak of another whole.
    ///
    /// # Errors
    /// The refusal `data.concordance.too_much_lost`.
    pub fn carried(&self, most: f64) -> Result<(), Box<Refusal>> {
        if self.lost_share() <= most {
            return Ok(());
        }
        let text = |part: &str| {
            Message::new(format!("data.concordance.too_much_lost.{part}"))
                .with("from", self.from.as_str())
                .with("to", self.to.as_str())
                .with("share", self.lost_share())
                .with("most", most)
        };
        Err(Box::new(Refusal {
            code: "data.concordance.too_much_lost".to_owned(),
            question: text("question"),
            reason: text("reason"),
            needed: text("needed"),
        }))
    }
}

/// One target while a group is added up.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    reached: bool,
    value: Sum,
    /// Mass that surely comes here.
    sure: Sum,
    /// Mass that could come here or leave: below and above zero.
    below: Sum,
    above: Sum,
    unknown: usize,
}

#[derive(Debug, Clone, Default)]
struct Lost {
    rows: usize,
    mass: Sum,
    gross: Sum,
}

#[derive(Debug, Default)]
struct Books {
    mass_in: Sum,
    gross_in: Sum,
    mass_out: Sum,
    unmatched: BTreeMap<String, Lost>,
    partly: BTreeMap<usize, Lost>,
    /// Gross mass of each source.
    seen: BTreeMap<usize, Sum>,
    unknown_rows: usize,
}

impl Concordance {
    /// Converts rows (group, code, value) in any order; rows of the same group and code are added up. A group is whatever
    /// stays as it is: a location, a year, a pair of countries. `NaN` is unknown and stays unknown.
    ///
    /// # Errors
    /// An infinite value; sums beyond the range of numbers; a code for unmatched mass that is a code already.
    pub fn convert<G: Ord + Clone, C: AsRef<str>>(
        &self,
        rows: impl IntoIterator<Item = (G, C, f64)>,
        params: &ConvertParams,
    ) -> Result<Conversion<G>, ConcordanceError> {
        let keep = match &params.unmatched {
            Unmatched::Leave => None,
            Unmatched::Keep(code) if self.targets.binary_search(code).is_ok() => {
                return Err(ConcordanceError::Collision {
                    code: code.clone(),
                    classification: self.to.clone(),
                });
            }
            Unmatched::Keep(code) => Some(code.as_str()),
        };
        let mut known: Vec<(G, usize, f64)> = Vec::new();
        let mut foreign: Vec<(G, String, f64)> = Vec::new();
        for (group, code, value) in rows {
            let code = code.as_ref();
            if value.is_infinite() {
                return Err(ConcordanceError::NotAValue {
                    code: code.to_owned(),
                    value,
                });
            }
            match self.position(code) {
                Some(at) => known.push((group, at, value)),
                None => foreign.push((group, code.to_owned(), value)),
            }
        }
        // Sorted to the last digit, so that sums have the same bits in any order of rows.
        known.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)).then(a.2.total_cmp(&b.2)));
        foreign.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)).then(a.2.total_cmp(&b.2)));

        let mut books = Books::default();
        let mut aside: BTreeMap<G, (Sum, usize)> = BTreeMap::new();
        for (group, code, value) in foreign {
            let at_group = aside.entry(group).or_default();
            let lost = books.unmatched.entry(code).or_default();
            lost.rows += 1;
            if value.is_nan() {
                books.unknown_rows += 1;
                at_group.1 += 1;
                continue;
            }
            at_group.0.add(value);
            lost.mass.add(value);
            lost.gross.add(value.abs());
            books.mass_in.add(value);
            books.gross_in.add(value.abs());
        }
        let mut out = Vec::new();
        let mut cells = vec![Cell::default(); self.targets.len()];
        for part in known.chunk_by(|a, b| a.0 == b.0) {
            let group = &part[0].0;
            let (gone, gone_unknown) = self.add_group(part, &mut cells, &mut books);
            for (cell, code) in cells.iter_mut().zip(&self.targets) {
                if cell.reached {
                    let row = cell.row(group.clone(), code.clone());
                    books.mass_out.add(row.value);
                    out.push(row);
                    *cell = Cell::default();
                }
            }
            if gone.value() != 0.0 || gone_unknown > 0 {
                let at_group = aside.entry(group.clone()).or_default();
                at_group.0.add(gone.value());
                at_group.1 += gone_unknown;
            }
        }
        if let Some(code) = keep {
            out.extend(aside.into_iter().map(|(group, (mass, unknown))| {
                let value = mass.value();
                Converted {
                    group,
                    code: code.to_owned(),
                    value,
                    low: value,
                    high: value,
                    unknown,
                }
            }));
            out.sort_by(|a, b| (&a.group, &a.code).cmp(&(&b.group, &b.code)));
        }
        Ok(Conversion {
            rows: out,
            report: self.report(books)?,
        })
    }

    /// Adds the rows of one group (by source and value); returns what leads nowhere.
    fn add_group<G>(
        &self,
        rows: &[(G, usize, f64)],
        cells: &mut [Cell],
        books: &mut Books,
    ) -> (Sum, usize) {
        let mut gone = Sum::default();
        let mut gone_unknown = 0;
        for part in rows.chunk_by(|a, b| a.1 == b.1) {
            let source = part[0].1;
            let mut mass = Sum::default();
            let mut unknown = 0;
            for (_, _, value) in part {
                if value.is_nan() {
                    unknown += 1;
                    continue;
                }
                mass.add(*value);
                books.mass_in.add(*value);
                books.gross_in.add(value.abs());
                books.seen.entry(source).or_default().add(value.abs());
            }
            books.unknown_rows += unknown;
            let mass = mass.value();
            let lost = self.lost[source];
            if lost > 0.0 {
                let book = books.partly.entry(source).or_default();
                book.rows += part.len();
                book.mass.add(mass * lost);
                for (_, _, value) in part.iter().filter(|row| !row.2.is_nan()) {
                    book.gross.add(value.abs() * lost);
                }
                gone.add(mass * lost);
                gone_unknown += unknown;
            }
            let links = &self.links[source];
            let sure = links.len() == 1 && lost <= 0.0;
            for (target, weight) in links {
                let cell = &mut cells[*target];
                cell.reached = true;
                cell.value.add(mass * weight);
                cell.unknown += unknown;
                if sure {
                    cell.sure.add(mass);
                } else if mass < 0.0 {
                    cell.below.add(mass);
                } else {
                    cell.above.add(mass);
                }
            }
        }
        (gone, gone_unknown)
    }

    fn report(&self, books: Books) -> Result<ConversionReport, ConcordanceError> {
        let gross_in = books.gross_in.value();
        let (mass_in, mass_out) = (books.mass_in.value(), books.mass_out.value());
        let mut mass_lost = Sum::default();
        let mut gross_lost = Sum::default();
        let mut list = |lost: Vec<(String, Lost)>| {
            let mut list: Vec<LostCode> = lost
                .into_iter()
                .map(|(code, lost)| LostCode {
                    code,
                    rows: lost.rows,
                    mass: lost.mass.value(),
                    gross: lost.gross.value(),
                })
                .collect();
            for lost in &list {
                mass_lost.add(lost.mass);
                gross_lost.add(lost.gross);
            }
            list.sort_by(|a, b| {
                let most = b.gross.total_cmp(&a.gross);
                most.then_with(|| a.code.cmp(&b.code))
            });
            list
        };
        let unmatched = list(books.unmatched.into_iter().collect());
        let partly = books.partly.into_iter();
        let partly_lost = list(
            partly
                .map(|(source, lost)| (self.sources[source].clone(), lost))
                .collect(),
        );
        let (mass_lost, gross_lost) = (mass_lost.value(), gross_lost.value());
        let difference: Sum = [mass_out, mass_lost, -mass_in].into_iter().collect();
        let imbalance = share(difference.value().abs(), gross_in);
        if !gross_in.is_finite() || !imbalance.is_finite() {
            return Err(ConcordanceError::Overflow);
        }

        let mut kinds: BTreeMap<LinkKind, (usize, Sum)> = BTreeMap::new();
        let mut ambiguous = Sum::default();
        for (source, gross) in &books.seen {
            if self.links[*source].len() != 1 || self.lost[*source] > 0.0 {
                ambiguous.add(gross.value());
            }
            if let Some(kind) = self.kind(*source) {
                let entry = kinds.entry(kind).or_default();
                entry.0 += 1;
                entry.1.add(gross.value());
            }
        }
        let kinds = LinkKind::ALL.map(|kind| {
            let (codes, gross) = kinds.get(&kind).copied().unwrap_or_default();
            let gross = gross.value();
            KindShare {
                kind,
                codes,
                gross,
                share: share(gross, gross_in),
            }
        });
        Ok(ConversionReport {
            from: self.from.clone(),
            to: self.to.clone(),
            mass_in,
            gross_in,
            mass_out,
            mass_lost,
            gross_lost,
            imbalance,
            unmatched,
            partly_lost,
            kinds: kinds.to_vec(),
            ambiguous_share: share(ambiguous.value(), gross_in),
            unknown_rows: books.unknown_rows,
        })
    }
}

impl Cell {
    fn row<G>(&self, group: G, code: String) -> Converted<G> {
        let value = self.value.value();
        let sure = self.sure.value();
        Converted {
            group,
            code,
            value,
            // Rounding may push the value past a bound by an ulp.
            low: (sure + self.below.value()).min(value),
            high: (sure + self.above.value()).max(value),
            unknown: self.unknown,
        }
    }
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { part }
}
