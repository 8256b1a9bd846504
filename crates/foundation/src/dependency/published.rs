//! Published headline counts, to print beside a count of one's own. A count is comparable only with the same data
//! edition, classification and product filter: the filter of each is named by a message.

/// Whether a figure was read in a source or comes from memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Seen,
    FromMemory,
}

/// Dependent products on a published list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Headline {
    /// (Author, year).
    pub source: &'static str,
    pub count: u32,
    /// Products looked at, about.
    pub of: u32,
    /// Message: which products were counted.
    pub filter: &'static str,
    pub standing: Standing,
}

/// All for the EU 27 as importer.
pub const HEADLINES: [Headline; 4] = [
    Headline {
        source: "European Commission SWD(2021) 352",
        count: 137,
        of: 5200,
        filter: "dependency.filter.sensitive",
        standing: Standing::Seen,
    },
    Headline {
        source: "European Commission SWD(2021) 352",
        count: 390,
        of: 5200,
        filter: "dependency.filter.before_sensitive",
        standing: Standing::FromMemory,
    },
    Headline {
        source: "Arjona, Connell and Herghelegiu (2023)",
        count: 204,
        of: 5400,
        filter: "dependency.filter.refined",
        standing: Standing::Seen,
    },
    Headline {
        source: "Guinea and Sharma (2022)",
        count: 233,
        of: 9000,
        filter: "dependency.filter.ecipe",
        standing: Standing::Seen,
    },
];

/// Share of the Commission's list still on it k years later (Vicard and Wibaux, 2023): "1 in 5" lost after one year,
/// "close to half" after five.
pub const SURVIVAL: [(i32, f64); 2] = [(1, 0.8), (5, 0.5)];
