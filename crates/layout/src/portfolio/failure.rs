//! Which failure an instrument answers: no public money where nothing has failed.
//!
//! Market failure (Arrow 1962: gains that others take), system failure (Klein Woolthuis, Lankhuizen & Gilsing 2005:
//! infrastructure, institutions, capabilities), coordination failure (Rodrik 2004: each waits for the other). The table below
//! is Forelay's own reading of that literature.

use serde::{Deserialize, Serialize};

/// What keeps the actors from doing it alone, as recorded for a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// Looked for, and none found.
    None,
    Market,
    System,
    Coordination,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Instrument {
    Grant,
    TaxCredit,
    Loan,
    Guarantee,
    Equity,
    Procurement,
    Infrastructure,
    Training,
    Standard,
    Regulation,
    Consortium,
    Roadmap,
}

impl Instrument {
    /// Money given to those who carry out the project.
    pub fn is_subsidy(self) -> bool {
        matches!(
            self,
            Self::Grant | Self::TaxCredit | Self::Loan | Self::Guarantee | Self::Equity
        )
    }

    fn answers(self) -> &'static [Failure] {
        match self {
            Self::Grant | Self::TaxCredit | Self::Loan | Self::Guarantee | Self::Equity => {
                &[Failure::Market]
            }
            Self::Procurement => &[Failure::Market, Failure::Coordination],
            Self::Infrastructure | Self::Training | Self::Regulation => &[Failure::System],
            Self::Standard => &[Failure::System, Failure::Coordination],
            Self::Consortium | Self::Roadmap => &[Failure::Coordination],
        }
    }
}

/// Whether an instrument has something to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// It answers the failure on record.
    Answers,
    /// Another kind of instrument would.
    Misses,
    /// A subsidy, and no failure: refused.
    Refused,
    /// Nothing is on record.
    Unknown,
}

impl Fit {
    /// The catalogue code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Answers => "instrument_fit.answers",
            Self::Misses => "instrument_fit.misses",
            Self::Refused => "instrument_fit.refused",
            Self::Unknown => "instrument_fit.unknown",
        }
    }
}

pub fn fit(instrument: Option<Instrument>, failure: Option<Failure>) -> Fit {
    match (instrument, failure) {
        (None, _) | (_, None) => Fit::Unknown,
        (Some(instrument), Some(Failure::None)) if instrument.is_subsidy() => Fit::Refused,
        (Some(instrument), Some(failure)) if instrument.answers().contains(&failure) => {
            Fit::Answers
        }
        _ => Fit::Misses,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_only_where_something_failed() {
        assert_eq!(
            fit(Some(Instrument::Grant), Some(Failure::None)),
            Fit::Refused
        );
        assert_eq!(
            fit(Some(Instrument::Grant), Some(Failure::Market)),
            Fit::Answers
        );
        assert_eq!(
            fit(Some(Instrument::Grant), Some(Failure::Coordination)),
            Fit::Misses
        );
        assert_eq!(
            fit(Some(Instrument::Roadmap), Some(Failure::None)),
            Fit::Misses
        );
        assert_eq!(fit(Some(Instrument::Grant), None), Fit::Unknown);
        assert_eq!(fit(None, Some(Failure::Market)), Fit::Unknown);
    }
}
