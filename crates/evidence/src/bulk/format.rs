//! What the program knows about the files of publishers: data under `schema/bulk`, read here and nowhere else.
//!
//! The set of headings is the fingerprint of a format: a file fits when every required column is there once and no
//! heading is unknown. A format that its publisher changes is noticed at the first import.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// The large tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkKind {
    /// year, exporter, importer, product, value, quantity, reexport.
    Trade,
    /// layer, year, location, activity, value.
    Activity,
    /// year, seller_region, seller, buyer_region, buyer, value: flows of an input–output table.
    Io,
}

impl BulkKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trade => "trade",
            Self::Activity => "activity",
            Self::Io => "io",
        }
    }
}

/// What a column of a publisher's file is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Year,
    Exporter,
    Importer,
    Product,
    Layer,
    Location,
    Activity,
    Value,
    Quantity,
    Reexport,
    /// Who reports a flow, and with whom; `Flow` says which of them exports.
    Reporter,
    Partner,
    Flow,
    /// Only rows with certain words are used.
    Keep,
    /// Known and not used.
    Ignore,
    /// Who sells and who buys in an input–output table.
    SellerRegion,
    Seller,
    BuyerRegion,
    Buyer,
}

impl Role {
    const ALL: [(&'static str, Self); 19] = [
        ("year", Self::Year),
        ("exporter", Self::Exporter),
        ("importer", Self::Importer),
        ("product", Self::Product),
        ("layer", Self::Layer),
        ("location", Self::Location),
        ("activity", Self::Activity),
        ("value", Self::Value),
        ("quantity", Self::Quantity),
        ("reexport", Self::Reexport),
        ("reporter", Self::Reporter),
        ("partner", Self::Partner),
        ("flow", Self::Flow),
        ("keep", Self::Keep),
        ("ignore", Self::Ignore),
        ("seller_region", Self::SellerRegion),
        ("seller", Self::Seller),
        ("buyer_region", Self::BuyerRegion),
        ("buyer", Self::Buyer),
    ];

    pub fn as_str(self) -> &'static str {
        Self::ALL[self as usize].0
    }

    fn parse(word: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(name, _)| *name == word);
        found.map(|(_, role)| *role)
    }

    /// Is the column a text code of the table?
    pub(super) fn is_code(self) -> bool {
        use Role::{Activity, Exporter, Importer, Layer, Location, Partner, Product, Reporter};
        matches!(
            self,
            Exporter | Importer | Product | Layer | Location | Activity | Reporter | Partner
        )
    }
}

/// What the codes of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeKind {
    Code,
    /// ISO 3166-1 alpha-3.
    Country,
    /// The publisher's own numbers; a code list translates them.
    CountryNumber,
}

/// A column of a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatColumn {
    pub role: Role,
    /// Any of them; case does not matter.
    pub headings: Vec<String>,
    pub required: bool,
    pub kind: CodeKind,
    /// Digits of every code, where the publisher states it: zeros lost at the front are put back.
    pub width: Option<usize>,
    /// The file's numbers times 10^this are in `unit`.
    pub power_of_ten: i32,
    pub unit: String,
    /// Words that mean not known (numbers), that are left out (codes), or that are kept (`keep`, `flow`).
    pub words: Vec<String>,
}

/// Where data come from and what may be done with them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenceRecord {
    pub publisher: String,
    pub url: String,
    pub licence: String,
    /// `yes`, `facts_only` or `no`, as in the table of sources.
    pub redistributable: String,
    /// When the description of the format was last compared with files of the publisher or code that reads them.
    pub last_verified: String,
    /// With what it was compared.
    pub basis: String,
}

/// A format of a publisher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    pub id: String,
    pub kind: BulkKind,
    /// English, Chinese.
    pub name: [String; 2],
    /// How files are named, with `{revision}`, `{year}` and `{release}`.
    pub file_pattern: Option<String>,
    /// The layer of an activity table that has no column for it.
    pub layer: String,
    pub licence: LicenceRecord,
    /// The last year is provisional; it is the year of the release less this number.
    pub provisional_years: Option<i32>,
    pub columns: Vec<FormatColumn>,
}

impl Format {
    /// The formats that the program knows, the particular before the general.
    ///
    /// # Panics
    /// When a description is malformed, which the tests rule out.
    pub fn all() -> &'static [Self] {
        static ALL: OnceLock<Vec<Format>> = OnceLock::new();
        ALL.get_or_init(|| {
            parse(
                include_str!("../../schema/bulk/formats.csv"),
                include_str!("../../schema/bulk/columns.csv"),
            )
            .expect("invariant: the formats under schema/bulk are well formed")
        })
    }

    pub fn by_id(id: &str) -> Option<&'static Self> {
        Self::all().iter().find(|format| format.id == id)
    }

    /// A short hash of the description; it changes when the reading of files does.
    pub fn fingerprint(&self) -> String {
        let text = format!("{:?}", (&self.id, self.kind, &self.layer, &self.columns));
        blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
    }

    /// The headings of the columns that are used.
    pub(super) fn expected(&self) -> String {
        let used = self.columns.iter().filter(|c| c.role != Role::Ignore);
        let shown = |c: &FormatColumn| {
            let heading = c.headings.join("|");
            if c.required {
                heading
            } else {
                format!("[{heading}]")
            }
        };
        used.map(shown).collect::<Vec<_>>().join(", ")
    }
}

/// The heading of the codes and of their names in a publisher's list of codes.
pub(super) fn code_lists() -> impl Iterator<Item = (&'static str, &'static str, Vec<&'static str>)>
{
    include_str!("../../schema/bulk/code_lists.csv")
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut cells = line.split(',');
            Some((
                cells.next()?,
                cells.next()?,
                cells.next()?.split('|').collect(),
            ))
        })
}

fn parse(formats: &str, columns: &str) -> Result<Vec<Format>, String> {
    let mut all = Vec::new();
    let mut reader = csv::Reader::from_reader(formats.as_bytes());
    for record in reader.records() {
        let record = record.map_err(|e| e.to_string())?;
        let cell = |at: usize| record.get(at).unwrap_or_default().to_owned();
        all.push(Format {
            id: cell(0),
            kind: match &*cell(1) {
                "trade" => BulkKind::Trade,
                "activity" => BulkKind::Activity,
                other => return Err(format!("table {other}")),
            },
            name: [cell(2), cell(3)],
            file_pattern: Some(cell(4)).filter(|pattern| !pattern.is_empty()),
            layer: cell(5),
            licence: LicenceRecord {
                publisher: cell(6),
                url: cell(7),
                licence: cell(8),
                redistributable: cell(9),
                last_verified: cell(11),
                basis: cell(12),
            },
            provisional_years: cell(10).parse().ok(),
            columns: Vec::new(),
        });
    }
    let mut reader = csv::Reader::from_reader(columns.as_bytes());
    for record in reader.records() {
        let record = record.map_err(|e| e.to_string())?;
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let format = all
            .iter_mut()
            .find(|format| format.id == cell(0))
            .ok_or_else(|| format!("format {}", cell(0)))?;
        let list = |text: &str, separator: char| -> Vec<String> {
            let parts = text.split(separator).filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect()
        };
        format.columns.push(FormatColumn {
            role: Role::parse(cell(1)).ok_or_else(|| format!("role {}", cell(1)))?,
            headings: list(cell(2), '|'),
            required: cell(3) == "true",
            kind: match cell(4) {
                "" | "code" => CodeKind::Code,
                "country" => CodeKind::Country,
                "country_number" => CodeKind::CountryNumber,
                other => return Err(format!("kind {other}")),
            },
            width: cell(5).parse().ok(),
            power_of_ten: cell(6).parse().unwrap_or(0),
            unit: cell(7).to_owned(),
            words: list(cell(8), ';'),
        });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_fills_its_table() {
        assert!(Format::all().len() >= 9);
        for format in Format::all() {
            let has = |role: Role| format.columns.iter().any(|c| c.role == role && c.required);
            let needed: &[Role] = match format.kind {
                BulkKind::Trade if has(Role::Reporter) => {
                    &[Role::Partner, Role::Flow, Role::Product]
                }
                BulkKind::Trade => &[Role::Exporter, Role::Importer, Role::Product],
                BulkKind::Activity => &[Role::Location, Role::Activity],
                // Tables come through `evidence::io`, not through a format of rows.
                BulkKind::Io => &[Role::Seller],
            };
            for role in needed.iter().chain(&[Role::Year, Role::Value]) {
                assert!(has(*role), "{} has no {}", format.id, role.as_str());
            }
            if format.kind == BulkKind::Activity {
                assert!(!format.layer.is_empty(), "{}", format.id);
            }
            let licence = &format.licence;
            assert!(!licence.licence.is_empty(), "{}", format.id);
            assert!(["yes", "facts_only", "no"].contains(&&*licence.redistributable));
            let mut headings: Vec<String> = format
                .columns
                .iter()
                .flat_map(|c| c.headings.iter().map(|h| h.to_lowercase()))
                .collect();
            headings.sort();
            let all = headings.len();
            headings.dedup();
            assert_eq!(headings.len(), all, "{}: a heading twice", format.id);
        }
    }
}
