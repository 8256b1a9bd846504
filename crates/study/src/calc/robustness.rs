//! Ranges of every ECI, PCI and rank: thresholds, cells near them, who is in the table, and chance.

use evidence::bulk::ResultColumn;
use foundation::complexity::presence_rule::Rule;
use foundation::complexity::table::presence_of;
use foundation::robustness::intervals::{
    IntervalError, IntervalParams, Intervals, Meaning, UnitInterval, envelope,
};
use foundation::robustness::replicate::{Scheme, intervals};
use foundation::robustness::universe::Side;
use foundation::robustness::validity::{ValidityParams, validity};
use model::{Lang, Names, Seed};
use serde_json::{Value, json};

use super::CalcError;
use super::out::{Columns, Out, column, words};
use super::table::{Prepared, finite};

/// Rows of a table of ranges.
#[derive(Default)]
struct Rows {
    labels: Vec<String>,
    years: Vec<u32>,
    schemes: Vec<String>,
    meanings: Vec<String>,
    numbers: [Vec<f64>; 8],
}

/// Writes `locations_ranges.csv` and `activities_ranges.csv`; gives what the report says of the replicates.
pub fn write(
    out: &mut Out,
    prepared: &Prepared,
    scores: &[Option<(Vec<f64>, Vec<f64>)>],
    replicates: usize,
    seed: u64,
    lines: &mut Vec<String>,
    lang: Lang,
) -> Result<Value, CalcError> {
    let (mut locations, mut activities) = (Rows::default(), Rows::default());
    let mut account = Vec::new();
    let c = &prepared.convention;
    let rule = Rule {
        threshold: c.threshold,
        comparison: c.comparison,
        tie: c.tie,
    };
    let schemes: [(&str, Scheme); 5] = [
        ("thresholds", Scheme::threshold_sweep()),
        (
            "near_threshold",
            Scheme::NearThreshold {
                tolerance: 0.05,
                replicates,
            },
        ),
        (
            "bootstrap_locations",
            Scheme::Bootstrap {
                side: Side::Location,
                replicates,
            },
        ),
        (
            "bootstrap_activities",
            Scheme::Bootstrap {
                side: Side::Activity,
                replicates,
            },
        ),
        ("chance", Scheme::Null { replicates }),
    ];
    let names = Names::default();
    for (period, score) in prepared.periods.iter().zip(scores) {
        let Some((eci, pci)) = score else {
            continue;
        };
        let year = period.year.map_or(0, |y| y.0.unsigned_abs());
        let mut parts: Vec<Intervals> = Vec::new();
        let mut last = None;
        for (name, scheme) in &schemes {
            match intervals(
                &period.table,
                &rule,
                scheme,
                &IntervalParams::default(),
                Seed(seed),
            ) {
                Ok(found) => {
                    let scales = (
                        Scale::of(&found.locations, eci),
                        Scale::of(&found.activities, pci),
                    );
                    let (Some(l_scale), Some(a_scale)) = scales else {
                        // Presence by population, or another iteration: the replicates are of other numbers.
                        account.push(json!({
                            "year": period.year.map(|y| y.0), "scheme": name,
                            "refused": "replicates are by RCA and eigenvector; these ECI and PCI are not",
                        }));
                        continue;
                    };
                    last = Some((l_scale, a_scale));
                    let r = &found.replicates;
                    account.push(json!({
                        "year": period.year.map(|y| y.0), "scheme": name, "asked": r.asked, "scored": r.scored,
                        "on_largest_component": r.split, "turned": r.turned,
                        "lost": r.lost.iter().map(|(why, n)| (format!("{why:?}").to_lowercase(), *n)).collect::<std::collections::BTreeMap<_, _>>(),
                        "correlation_lowest": finite(r.correlation.0), "correlation_median": finite(r.correlation.1),
                    }));
                    locations.add(
                        period.table.locations(),
                        year,
                        name,
                        found.meaning,
                        &found.locations,
                        l_scale,
                    );
                    activities.add(
                        period.table.activities(),
                        year,
                        name,
                        found.meaning,
                        &found.activities,
                        a_scale,
                    );
                    parts.push(found);
                }
                Err(IntervalError::Refused(refusal)) => account.push(json!({
                    "year": period.year.map(|y| y.0), "scheme": name,
                    "refused": refusal.reason.render(lang, &names),
                })),
                Err(error) => {
                    return Err(CalcError::argument("--replicates", error.to_string()));
                }
            }
        }
        if let (Some((l, a)), Some((l_scale, a_scale))) = (envelope(&parts), last) {
            let meaning = Meaning::SensitivityRange;
            locations.add(period.table.locations(), year, "all", meaning, &l, l_scale);
            activities.add(period.table.activities(), year, "all", meaning, &a, a_scale);
        } else {
            lines.push("ranges: not estimated for this presence or method".to_owned());
        }
        let presence = presence_of(&period.table, c, &prepared.params(period))
            .map_err(|error| CalcError::argument("the table", error.to_string()))?;
        if let Ok(found) = validity(&presence, &ValidityParams::default(), Seed(seed)) {
            for finding in &found.findings {
                lines.push(format!(
                    "{}{}",
                    period.year.map(|y| format!("{y}: ")).unwrap_or_default(),
                    finding.message().render(lang, &names)
                ));
            }
        }
    }
    locations.write(out, "locations_ranges", "location", prepared.has_years)?;
    activities.write(out, "activities_ranges", "activity", prepared.has_years)?;
    Ok(
        json!({ "replicates": replicates, "seed": seed, "level": IntervalParams::default().level, "schemes": account }),
    )
}

/// From standardised numbers to those of the table: y = shift + factor x.
#[derive(Clone, Copy)]
struct Scale {
    shift: f64,
    factor: f64,
}

impl Scale {
    /// `None` where the table's numbers are no linear image of the replicated ones.
    fn of(units: &[UnitInterval], table: &[f64]) -> Option<Self> {
        let pairs: Vec<(f64, f64)> = units
            .iter()
            .map(|u| u.value.value)
            .zip(table.iter().copied())
            .filter(|(x, y)| x.is_finite() && y.is_finite())
            .collect();
        let by_x = |a: &&(f64, f64), b: &&(f64, f64)| a.0.total_cmp(&b.0);
        let (low, high) = (pairs.iter().min_by(by_x)?, pairs.iter().max_by(by_x)?);
        if high.0 <= low.0 {
            return None;
        }
        let factor = (high.1 - low.1) / (high.0 - low.0);
        let shift = low.1 - factor * low.0;
        let size = pairs.iter().map(|p| p.1.abs()).fold(1e-12, f64::max);
        pairs
            .iter()
            .all(|(x, y)| (shift + factor * x - y).abs() <= 1e-6 * size)
            .then_some(Self { shift, factor })
    }

    /// A convention may turn a sign round: then ranks count from the other end among `most`.
    fn of_unit(self, unit: UnitInterval, most: u32) -> UnitInterval {
        let to = |x: f64| self.shift + self.factor * x;
        let (a, b) = (to(unit.value.low), to(unit.value.high));
        let mut unit = unit;
        unit.value.value = to(unit.value.value);
        (unit.value.low, unit.value.high) = if self.factor < 0.0 { (b, a) } else { (a, b) };
        if self.factor < 0.0 {
            unit.top = f64::NAN;
            if let Some(rank) = &mut unit.rank {
                let turned = |r: u32| (most + 1).saturating_sub(r);
                (rank.best, rank.worst) = (turned(rank.worst), turned(rank.best));
                rank.value = rank.value.map(turned);
            }
        }
        unit
    }
}

impl Rows {
    fn add(
        &mut self,
        labels: &[String],
        year: u32,
        scheme: &str,
        meaning: Meaning,
        units: &[UnitInterval],
        scale: Scale,
    ) {
        let most = units
            .iter()
            .filter_map(|u| u.rank)
            .map(|r| r.worst)
            .max()
            .unwrap_or(0);
        for (label, unit) in labels.iter().zip(units) {
            let unit = &scale.of_unit(*unit, most);
            self.labels.push(label.clone());
            self.years.push(year);
            self.schemes.push(scheme.to_owned());
            self.meanings.push(
                match meaning {
                    Meaning::SensitivityRange => "sensitivity_range",
                    Meaning::SensitivityPercentile => "sensitivity_percentile",
                    Meaning::BootstrapPercentile => "bootstrap_percentile",
                    Meaning::NullBand => "null_band",
                }
                .to_owned(),
            );
            let rank = unit.rank;
            let numbers = [
                unit.value.value,
                unit.value.low,
                unit.value.high,
                rank.and_then(|r| r.value).map_or(f64::NAN, f64::from),
                rank.map_or(f64::NAN, |r| f64::from(r.best)),
                rank.map_or(f64::NAN, |r| f64::from(r.worst)),
                unit.top,
                unit.present,
            ];
            for (column, number) in self.numbers.iter_mut().zip(numbers) {
                column.push(number);
            }
        }
    }

    fn write(
        self,
        out: &mut Out,
        name: &str,
        label: &str,
        has_years: bool,
    ) -> Result<(), CalcError> {
        let mut columns: Columns = vec![column(label, words(self.labels))];
        if has_years {
            columns.push(column("year", ResultColumn::Count(self.years)));
        }
        columns.push(column("scheme", words(self.schemes)));
        columns.push(column("meaning", words(self.meanings)));
        let headings = [
            "value",
            "low",
            "high",
            "rank",
            "rank_best",
            "rank_worst",
            "top_ten",
            "in_universe",
        ];
        let numbers = self.numbers.map(ResultColumn::Number);
        columns.extend(
            headings
                .into_iter()
                .zip(numbers)
                .map(|(name, c)| column(name, c)),
        );
        out.table(name, columns)
    }
}
