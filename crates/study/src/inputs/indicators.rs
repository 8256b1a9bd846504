//! Technology indicators.

use evidence::Evidence;
use trend::lead::{Measure, Observation};

use super::{published, published_share, rows};
use crate::config::Ranges;

/// Indicator of the number of top institutions that sit in one country (of ten).
const TOP_INSTITUTIONS: &str = "aspi_top10_institutions_located_in_country";

pub fn observations(evidence: &Evidence, ranges: &Ranges) -> Vec<Observation> {
    rows(evidence, "technology_indicators")
        .filter_map(|row| {
            let indicator = row.text("indicator")?;
            let measure = match row.text("kind")? {
                _ if indicator == TOP_INSTITUTIONS => Measure::TopInstitutions,
                "share" => Measure::Share,
                "rank" => Measure::Rank,
                "count" => Measure::Count,
                _ => Measure::Other,
            };
            let value = match measure {
                Measure::Share => published_share(evidence, row, "value", ranges)?,
                // Ranks and counts of ten are whole: a doubtful source does not make them fractions.
                Measure::Rank | Measure::TopInstitutions => {
                    model::Estimate::exact(row.number("value")?, model::Basis::Published)
                }
                _ => published(evidence, row, "value", ranges)?,
            };
            Some(Observation {
                technology: row.text("technology_id")?.into(),
                indicator: indicator.into(),
                country: row.text("country")?.into(),
                year: row.year("year")?,
                measure,
                value,
                origin: row.reference(),
            })
        })
        .collect()
}
