//! Projects with costs and years: those on record, else one of each kind for each field, from reference classes.

use std::collections::BTreeMap;

use layout::portfolio::ResearchKind;
use model::{Basis, Estimate, Origin, RowRef};

use super::{costs, durations, rows, strategies};
use crate::config::PortfolioSection;
use crate::engine::step::Context;

/// What a project takes and may bring. Money in billions of constant dollars.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub id: String,
    pub field: Option<String>,
    pub kind: ResearchKind,
    pub cost: Estimate,
    pub years: Estimate,
    /// Share of the cost that the budget bears.
    pub public_share: Estimate,
    pub chance: Estimate,
    pub worth: Estimate,
    pub weighs: Weighs,
    /// What it shares its uncertain numbers with: its kind where they are assumed, nobody where it is on record.
    pub drawn_as: String,
    pub origins: Vec<Origin>,
}

/// Whether the worth is its own, or a kind's worth times the weight of the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weighs {
    Alone,
    WithField,
}

/// Candidates, and what could not become one: kinds without a class, rows that lack something.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Candidates {
    pub list: Vec<Candidate>,
    pub kinds_without: Vec<ResearchKind>,
    pub incomplete: Vec<String>,
}

/// Whether the evidence holds projects of its own.
pub fn on_record(context: &Context) -> bool {
    rows(context.evidence, "projects").next().is_some()
}

fn evidence(rows: &[RowRef]) -> Vec<Origin> {
    rows.iter().cloned().map(Origin::Evidence).collect()
}

/// The projects on record. A row without a worth takes that of its kind and field; one without a cost, a convertible sum or a duration is
/// incomplete.
pub fn recorded(
    context: &Context,
    settings: &PortfolioSection,
    weights: &BTreeMap<String, Estimate>,
) -> Candidates {
    let config = context.config;
    let rates = strategies::rates(context.evidence);
    let mut found = Candidates::default();
    for row in rows(context.evidence, "projects") {
        let kind = row.text("kind").and_then(ResearchKind::of);
        let section = kind.and_then(|kind| settings.kinds.get(&kind));
        let field = row.text("field").map(str::to_owned);
        let whole = || -> Option<Candidate> {
            let kind = kind?;
            let (factor, used) = costs::factor(row, &rates, config)?;
            let half = (config.ranges).half_width(context.evidence.confidence(&row.reference()));
            let spread = |column: &str| {
                Some(Estimate::relative(
                    row.number(column)?,
                    half,
                    Basis::Published,
                ))
            };
            let amount = spread("cost")?;
            let amount = Estimate::spanning(
                amount.value,
                row.number("low").unwrap_or(amount.low),
                row.number("high").unwrap_or(amount.high),
                Basis::Published,
            );
            let cost = amount.times(Estimate::exact(factor, Basis::Derived));
            let share = |column: &str| {
                let share = spread(column)?.times(Estimate::exact(0.01, Basis::Derived));
                Some(share.clamped(0.0, 1.0))
            };
            let own = match (row.number("worth_low"), row.number("worth_high")) {
                (Some(low), Some(high)) => {
                    let middle = row.number("worth").unwrap_or(f64::midpoint(low, high));
                    Some(Estimate::spanning(middle, low, high, Basis::Published))
                }
                _ => spread("worth"),
            };
            let weight = field.as_ref().and_then(|f| weights.get(f));
            let weighs = if own.is_some() {
                Weighs::Alone
            } else {
                Weighs::WithField
            };
            let worth = own.or_else(|| Some(section?.worth.assumed().times(*weight?)))?;
            let mut origins = evidence(&[row.reference()]);
            origins.extend(evidence(&used));
            Some(Candidate {
                id: row.key.clone(),
                field: field.clone(),
                kind,
                cost,
                years: spread("duration_years")?,
                public_share: share("public_share_pct")
                    .or_else(|| Some(section?.public_share.assumed()))?,
                chance: share("success_pct").or_else(|| Some(section?.chance.assumed()))?,
                worth,
                weighs,
                drawn_as: row.key.clone(),
                origins,
            })
        };
        match whole() {
            Some(candidate) => found.list.push(candidate),
            None => found.incomplete.push(row.key.clone()),
        }
    }
    found
}

/// One project of each kind for each field.
pub fn assumed(
    context: &Context,
    settings: &PortfolioSection,
    weights: &BTreeMap<String, Estimate>,
) -> Candidates {
    let (evidence_of, config) = (context.evidence, context.config);
    let mut found = Candidates::default();
    for (kind, section) in &settings.kinds {
        let cost = costs::billions(evidence_of, &section.cost, config);
        let years = durations::years(evidence_of, &section.years, &config.ranges);
        let (Some((cost, cost_rows)), Some((years, year_rows))) = (cost, years) else {
            found.kinds_without.push(*kind);
            continue;
        };
        for (field, weight) in weights {
            let mut origins = evidence(&cost_rows);
            origins.extend(evidence(&year_rows));
            found.list.push(Candidate {
                id: format!("{field}/{}", kind.word()),
                field: Some(field.clone()),
                kind: *kind,
                cost,
                years,
                public_share: section.public_share.assumed(),
                chance: section.chance.assumed(),
                worth: section.worth.assumed().times(*weight),
                weighs: Weighs::WithField,
                drawn_as: kind.word().to_owned(),
                origins,
            });
        }
    }
    found.list.sort_by(|a, b| a.id.cmp(&b.id));
    found
}
