//! Technology lead: who leads, by how much, how concentrated, and how far home is behind.
//!
//! For the countries of one technology, indicator and year with shares s_c (fractions of the world):
//!
//! ```text
//! lead ratio     = s_1 / s_2
//! concentration  = Σ s_c² (Herfindahl–Hirschman), unknown rest r = 1 - Σ s_c:
//!                  low = Σ s_c² (the rest is atomistic), high = Σ s_c² + r² (the rest is one country)
//! distance       = 1 - s_home / s_1   (0: home leads; 1: home has nothing)
//! rank of home   = 1 + #{c : s_c > s_home}, from best to worst over the ranges; worst: also the countries
//!                  not listed that may hold more than home within the rest
//! ```
//!
//! The first of the listed countries leads only where no country that is not listed can hold more: s_1 > r for shares,
//! place 1 for ranks, several countries for counts. Else nobody leads, and nothing is measured against the leader: the share
//! of one firm alone, say, ranks nobody unless it is more than all the rest. The second is known in the same way.
//!
//! Shares of research or patents follow the ASPI Critical Technology Tracker (Gaida, Wong-Leung, Robin
//! and Cave, 2023), which also defines the monopoly-risk verdict in [`monopoly_risk`].

use std::collections::{BTreeMap, BTreeSet};

use model::{Basis, Country, Estimate, Indicator, Message, Quantity, RowRef, Technology, Year};
use serde::{Deserialize, Serialize};

/// What an indicator's numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Fraction of a world total.
    Share,
    /// An absolute number.
    Count,
    /// 1 is first.
    Rank,
    /// Top institutions (of ten) that sit in the country.
    TopInstitutions,
    /// Not comparable across countries.
    Other,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    pub technology: Technology,
    pub indicator: Indicator,
    pub country: Country,
    pub year: Year,
    pub measure: Measure,
    /// Share: 0..1; others: as published.
    pub value: Estimate,
    pub origin: RowRef,
}

/// A country with its figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    pub country: Country,
    pub value: Estimate,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Lead {
    pub technology: Technology,
    pub indicator: Indicator,
    pub year: Year,
    pub measure: Measure,
    /// The indicator that stands for its technology: one that knows the leader first, then shares, then most countries,
    /// then latest.
    pub primary: bool,
    /// The leader, or why the figures on record do not say who leads.
    pub leader: Result<Held, Message>,
    /// The second, or why the figures on record do not say who it is.
    pub second: Result<Held, Message>,
    /// Home's own figure; not estimated where home is not listed, with the most it can hold in the reason.
    pub home_value: Quantity,
    /// Best and worst rank of home.
    pub home_rank: Quantity,
    pub lead_ratio: Quantity,
    pub concentration: Quantity,
    pub distance: Quantity,
    /// Countries listed.
    pub countries: usize,
    /// Part of the world total that the listed countries hold.
    pub covered: Quantity,
    pub origins: Vec<RowRef>,
}

/// Leads of every technology, indicator and year that names at least one country.
pub fn leads(observations: &[Observation], home: &Country) -> Vec<Lead> {
    let mut groups: BTreeMap<(&Technology, &Indicator, Year), Vec<&Observation>> = BTreeMap::new();
    for o in observations
        .iter()
        .filter(|o| matches!(o.measure, Measure::Share | Measure::Count | Measure::Rank))
    {
        groups
            .entry((&o.technology, &o.indicator, o.year))
            .or_default()
            .push(o);
    }
    let mut leads: Vec<Lead> = groups
        .into_values()
        .map(|group| lead(&group, home))
        .collect();
    mark_primary(&mut leads);
    leads
}

fn lead(group: &[&Observation], home: &Country) -> Lead {
    let measure = group[0].measure;
    let mut ranked: Vec<&Observation> = group.to_vec();
    let first_is_largest = measure != Measure::Rank;
    ranked.sort_by(|a, b| {
        let order = a.value.value.total_cmp(&b.value.value);
        let order = if first_is_largest {
            order.reverse()
        } else {
            order
        };
        order.then_with(|| a.country.cmp(&b.country))
    });
    let at_home = ranked.iter().find(|o| &o.country == home);
    // Europe beside one of its members would be counted twice.
    let rest = rest_of_world(&ranked, measure);
    let leader = leader(&ranked, measure, rest);
    let second = second(&ranked, measure, rest);

    // Where home is not listed only its bounds are known: the number between them serves `distance` and stands nowhere.
    let home_within = match (at_home, rest) {
        (Some(o), _) => Some(o.value),
        (None, Some(rest)) => {
            let most = most_of_one(rest, leader.as_ref().ok());
            Some(Estimate::spanning(most / 2.0, 0.0, most, Basis::Derived))
        }
        (None, None) => None,
    };
    let home_value = match (at_home, home_within) {
        (Some(o), _) => Quantity::Estimated(o.value),
        (None, Some(within)) => {
            Quantity::not_estimated(Message::new("lead.home_at_most").with("most", within.high))
        }
        (None, None) => Quantity::not_estimated(Message::new("lead.home_not_listed")),
    };
    let home_rank = match (&leader, at_home) {
        (Err(reason), _) => Quantity::not_estimated(reason.clone()),
        (Ok(_), None) => Quantity::not_estimated(Message::new("lead.home_not_listed")),
        (Ok(_), Some(o)) if measure == Measure::Rank => Quantity::Estimated(o.value),
        (Ok(_), Some(o)) => rank_of_home(o, &ranked, rest).into(),
    };
    let lead_ratio = match (&leader, &second) {
        (Err(reason), _) | (_, Err(reason)) => Quantity::not_estimated(reason.clone()),
        (Ok(_), Ok(_)) if measure == Measure::Rank => {
            Quantity::not_estimated(Message::new("lead.ranks_have_no_ratio"))
        }
        (Ok(first), Ok(second)) => first.value.over(second.value).map_or_else(
            || Quantity::not_estimated(Message::new("lead.second_may_be_zero")),
            Quantity::from,
        ),
    };
    let (concentration, covered) = if let Some(rest) = rest {
        let known = group
            .iter()
            .map(|o| o.value.times(o.value))
            .fold(Estimate::exact(0.0, Basis::Derived), Estimate::plus);
        let high = known.high + rest.high.max(0.0).powi(2);
        let hhi = Estimate::spanning(known.value, known.low, high.min(1.0), known.basis);
        let covered = Estimate::exact(1.0, Basis::Derived)
            .minus(rest)
            .clamped(0.0, 1.0);
        (
            Quantity::from(hhi.clamped(0.0, 1.0)),
            Quantity::from(covered),
        )
    } else {
        let reason = || {
            let id = if measure == Measure::Share {
                "lead.shares_overlap"
            } else {
                "lead.not_shares"
            };
            Quantity::not_estimated(Message::new(id))
        };
        (reason(), reason())
    };
    let distance = match (&leader, home_within) {
        (Err(reason), _) => Quantity::not_estimated(reason.clone()),
        (Ok(_), _) if measure == Measure::Rank => {
            Quantity::not_estimated(Message::new("lead.ranks_have_no_ratio"))
        }
        // Home leads: there is no distance, whatever the ranges.
        (Ok(first), _) if first.country == *home => Quantity::exact(0.0, Basis::Derived),
        (Ok(first), Some(h)) => h.over(first.value).map_or_else(
            || Quantity::not_estimated(Message::new("lead.second_may_be_zero")),
            |ratio| {
                Estimate::exact(1.0, Basis::Derived)
                    .minus(ratio)
                    .clamped(0.0, 1.0)
                    .into()
            },
        ),
        (Ok(_), None) => Quantity::not_estimated(Message::new("lead.home_not_listed")),
    };
    let mut origins: Vec<RowRef> = group.iter().map(|o| o.origin.clone()).collect();
    origins.sort();
    Lead {
        technology: group[0].technology.clone(),
        indicator: group[0].indicator.clone(),
        year: group[0].year,
        measure,
        primary: false,
        leader,
        second,
        home_value,
        home_rank,
        lead_ratio,
        concentration,
        distance,
        countries: group.len(),
        covered,
        origins,
    }
}

fn held(o: &Observation) -> Held {
    Held {
        country: o.country.clone(),
        value: o.value,
    }
}

/// The first of the listed countries where no other can be before it.
fn leader(
    ranked: &[&Observation],
    measure: Measure,
    rest: Option<Estimate>,
) -> Result<Held, Message> {
    let first = ranked[0];
    match (measure, rest) {
        (Measure::Rank, _) if first.value.value > 1.0 => {
            Err(Message::new("lead.first_place_not_listed"))
        }
        (Measure::Count, _) if ranked.len() == 1 => Err(Message::new("lead.only_one_country")),
        (Measure::Share, Some(rest)) if first.value.value <= rest.value => {
            Err(Message::new("lead.shares_too_few")
                .with("country", first.country.entity())
                .with("covered", 1.0 - rest.value))
        }
        _ => Ok(held(first)),
    }
}

/// The second of the listed countries where no other can be between it and the first.
fn second(
    ranked: &[&Observation],
    measure: Measure,
    rest: Option<Estimate>,
) -> Result<Held, Message> {
    let Some(second) = ranked.get(1) else {
        return Err(Message::new("lead.only_one_country"));
    };
    match (measure, rest) {
        (Measure::Rank, _) if second.value.value > 2.0 => {
            Err(Message::new("lead.second_place_not_listed"))
        }
        (Measure::Share, Some(rest)) if second.value.value <= rest.value => {
            Err(Message::new("lead.second_too_small")
                .with("country", second.country.entity())
                .with("covered", 1.0 - rest.value))
        }
        _ => Ok(held(second)),
    }
}

/// The most that one country that is not listed can hold: no more than the rest and no more than the leader. The leader at its
/// least and the rest at its most make up what the other listed countries leave, of which the smaller part is at most half.
fn most_of_one(rest: Estimate, leader: Option<&Held>) -> f64 {
    let rest = rest.high.max(0.0);
    leader.map_or(rest, |leader| {
        rest.min(f64::midpoint(rest, leader.value.low.max(0.0)))
            .max(0.0)
    })
}

fn rank_of_home(home: &Observation, ranked: &[&Observation], rest: Option<Estimate>) -> Estimate {
    let others: Vec<&Observation> = ranked
        .iter()
        .copied()
        .filter(|o| o.country != home.country)
        .collect();
    let h = home.value;
    let surely = others.iter().filter(|o| o.value.low > h.high).count();
    let maybe = others.iter().filter(|o| o.value.high > h.low).count();
    let value = others.iter().filter(|o| o.value.value > h.value).count();
    let unlisted = rest.map_or(0.0, |rest| unlisted_ahead(rest.value, h.value));
    Estimate::spanning(
        1.0 + value as f64,
        1.0 + surely as f64,
        1.0 + maybe as f64 + unlisted,
        Basis::Derived,
    )
}

/// How many countries could each hold more than `share` within the `rest` that nobody listed holds.
fn unlisted_ahead(rest: f64, share: f64) -> f64 {
    if share > 0.0 {
        // More than the share each, so a rest that is a whole multiple of it holds one less.
        ((rest / share - 1e-9).ceil() - 1.0).max(0.0)
    } else {
        0.0
    }
}

/// What no listed country holds; `None` where the numbers are no shares of one whole.
fn rest_of_world(group: &[&Observation], measure: Measure) -> Option<Estimate> {
    let sum = group
        .iter()
        .map(|o| o.value)
        .fold(Estimate::exact(0.0, Basis::Derived), Estimate::plus);
    let whole = measure == Measure::Share && sum.low <= 1.0 + 1e-9;
    whole.then(|| {
        Estimate::exact(1.0, Basis::Derived)
            .minus(sum)
            .clamped(0.0, 1.0)
    })
}

fn mark_primary(leads: &mut [Lead]) {
    let mut best: BTreeMap<Technology, usize> = BTreeMap::new();
    let quality = |l: &Lead| {
        let whole = l.covered.estimate().is_some();
        (
            l.leader.is_ok(),
            whole && l.countries > 1,
            l.measure == Measure::Share,
            l.measure == Measure::Count,
            l.countries,
            l.year,
        )
    };
    for (i, lead) in leads.iter().enumerate() {
        match best.get(&lead.technology) {
            Some(j) if quality(&leads[*j]) >= quality(lead) => {}
            _ => {
                best.insert(lead.technology.clone(), i);
            }
        }
    }
    for i in best.into_values() {
        leads[i].primary = true;
    }
}

/// How much of the technologies the indicators cover.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    pub technologies: usize,
    /// With any indicator.
    pub observed: BTreeSet<Technology>,
    /// With shares of a world total.
    pub with_shares: BTreeSet<Technology>,
    pub missing: BTreeSet<Technology>,
}

/// The coverage meter over `technologies`.
pub fn coverage(technologies: &BTreeSet<Technology>, leads: &[Lead]) -> Coverage {
    let observed: BTreeSet<Technology> = leads.iter().map(|l| l.technology.clone()).collect();
    let with_shares = leads
        .iter()
        .filter(|l| l.covered.estimate().is_some())
        .map(|l| l.technology.clone())
        .collect();
    Coverage {
        technologies: technologies.len(),
        missing: technologies.difference(&observed).cloned().collect(),
        observed,
        with_shares,
    }
}

/// Cut-offs of the monopoly-risk verdict, as published by ASPI (Gaida et al., 2023).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MonopolyParams {
    pub high_institutions: f64,
    pub high_lead: f64,
    pub medium_institutions: f64,
    pub medium_lead: f64,
}

impl Default for MonopolyParams {
    fn default() -> Self {
        Self {
            high_institutions: 8.0,
            high_lead: 3.0,
            medium_institutions: 5.0,
            medium_lead: 2.0,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    Low,
    Medium,
    High,
}

impl Risk {
    pub fn code(self) -> &'static str {
        match self {
            Self::Low => "risk.low",
            Self::Medium => "risk.medium",
            Self::High => "risk.high",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct MonopolyRisk {
    pub technology: Technology,
    pub country: Country,
    pub institutions: Estimate,
    /// What the lead is measured by.
    pub indicator: Option<Indicator>,
    /// The lead over the second country, where the evidence holds both shares.
    pub lead: Quantity,
    /// Lowest and highest verdict over the ranges; `None` where an input of the definition is missing.
    pub verdict: Option<(Risk, Risk)>,
    pub origins: Vec<RowRef>,
}

/// The verdict for every technology whose number of top institutions in one country is on record.
///
/// High: at least 8 of the top 10 institutions in the lead country **and** at least three times the second
/// country's high-impact papers; medium: at least 5 and twice; low otherwise. Both inputs must exist.
pub fn monopoly_risk(observations: &[Observation], params: &MonopolyParams) -> Vec<MonopolyRisk> {
    let mut verdicts = Vec::new();
    for top in observations
        .iter()
        .filter(|o| o.measure == Measure::TopInstitutions)
    {
        let papers: Vec<&Observation> = observations
            .iter()
            .filter(|o| {
                o.technology == top.technology
                    && o.measure == Measure::Share
                    && o.indicator.as_str().contains("top10pct_papers")
            })
            .collect();
        let mut groups: BTreeMap<(&Indicator, Year), Vec<&Observation>> = BTreeMap::new();
        for o in papers {
            groups.entry((&o.indicator, o.year)).or_default().push(o);
        }
        // The latest indicator that names the country and a second one.
        let pair = groups
            .into_iter()
            .filter_map(|((indicator, year), group)| {
                let own = group.iter().find(|o| o.country == top.country)?;
                let second = group
                    .iter()
                    .filter(|o| o.country != top.country)
                    .max_by(|a, b| a.value.value.total_cmp(&b.value.value))?;
                Some((year, indicator.clone(), *own, *second))
            })
            .max_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        let mut origins = vec![top.origin.clone()];
        let indicator = pair.as_ref().map(|(_, indicator, _, _)| indicator.clone());
        let lead = match pair {
            Some((_, _, own, second)) => {
                origins.extend([own.origin.clone(), second.origin.clone()]);
                own.value.over(second.value).map_or_else(
                    || Quantity::not_estimated(Message::new("lead.second_may_be_zero")),
                    Quantity::from,
                )
            }
            None => Quantity::not_estimated(Message::new("lead.second_not_on_record")),
        };
        let verdict = lead.estimate().map(|lead| {
            (
                risk(top.value.low, lead.low, params),
                risk(top.value.high, lead.high, params),
            )
        });
        verdicts.push(MonopolyRisk {
            technology: top.technology.clone(),
            country: top.country.clone(),
            institutions: top.value,
            indicator,
            lead,
            verdict,
            origins,
        });
    }
    verdicts.sort_by(|a, b| (&a.technology, &a.country).cmp(&(&b.technology, &b.country)));
    verdicts
}

fn risk(institutions: f64, lead: f64, params: &MonopolyParams) -> Risk {
    if institutions >= params.high_institutions && lead >= params.high_lead {
        Risk::High
    } else if institutions >= params.medium_institutions && lead >= params.medium_lead {
        Risk::Medium
    } else {
        Risk::Low
    }
}

#[cfg(test)]
mod tests;
