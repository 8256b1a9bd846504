//! What a firm network, its model or its shocks can be wrong in.

/// Why a cascade cannot be computed; the remedy stands in the text.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CascadeError {
    #[error("the network has no firm")]
    NoFirms,
    #[error("firm `{0}` is named twice; give each firm once, with one sector")]
    DuplicateFirm(String),
    #[error("sector number {sector} of firm `{firm}` is not in the list of sectors")]
    NoSuchSector { firm: String, sector: u32 },
    #[error("{what} has {found} entries, {wanted} are needed")]
    Length {
        what: &'static str,
        found: usize,
        wanted: usize,
    },
    #[error("link {row} names a firm that is not in the list of firms: `{firm}`")]
    UnknownFirm { row: usize, firm: String },
    #[error("link {row}: `{firm}` supplies itself; leave such links out")]
    SelfLink { row: usize, firm: String },
    #[error("the link from `{supplier}` to `{customer}` is given twice; add the weights up first")]
    DuplicateLink { supplier: String, customer: String },
    #[error(
        "the link from `{supplier}` to `{customer}` has the weight {weight}; need a finite number above 0"
    )]
    Weight {
        supplier: String,
        customer: String,
        weight: f64,
    },
    #[error("the network has no link, so no firm has sales and the index has no weights")]
    NoLinks,
    #[error(
        "sector `{0}` has no essentiality; state for each sector of a supplier whether it is essential"
    )]
    NoEssentiality(String),
    #[error("sector `{0}` is in the list of essentialities twice")]
    DuplicateSector(String),
    #[error("essentiality must be 0, 1 or 2, found {0}")]
    EssentialityValue(f64),
    #[error(
        "{what} of firm `{firm}` is {value}, but its recorded links sum to {links}; \
         it cannot be less than what is recorded, else more would be lost than there is"
    )]
    Scale {
        what: &'static str,
        firm: String,
        value: f64,
        links: f64,
    },
    #[error("the share of final demand must be at least 0 and below 1, found {0}")]
    FinalDemand(f64),
    #[error(
        "shock `{shock}`: the remaining capacity of firm {firm} is {value}; need 0 (closed) to 1 (untouched)"
    )]
    Capacity {
        shock: String,
        firm: String,
        value: f64,
    },
    #[error("shock `{shock}` names firm number {firm}, the network has {firms} firms")]
    ShockFirm {
        shock: String,
        firm: u32,
        firms: usize,
    },
    #[error("{what} must be a finite number above 0, found {value}")]
    Tolerance { what: &'static str, value: f64 },
}
