//! `calc adoption`: the Bass model from a series or from ranges, with a backtest and a fan.

use std::path::{Path, PathBuf};

use evidence::bulk::ResultColumn;
use layout::adoption::{AdoptionParams, FitTo, Ranges, backtest, fit, forecast};
use model::{Basis, Estimate, Lang, Names, Seed};
use serde_json::json;

use super::CalcError;
use super::lines::Lines;
use super::out::{CalcReport, Out, column};

#[derive(Debug, Clone)]
pub struct AdoptionArgs {
    /// `period,value`: adopters of each period, without a gap.
    pub series: Option<PathBuf>,
    /// low..value..high of m, p and q from reference classes.
    pub ranges: Option<[String; 3]>,
    pub to: FitTo,
    /// Periods of the fan, counted from the first.
    pub periods: usize,
    pub ahead: usize,
    pub draws: usize,
    pub seed: u64,
    pub out: PathBuf,
}

pub fn adoption(args: &AdoptionArgs, lang: Lang) -> Result<CalcReport, CalcError> {
    let params = AdoptionParams {
        to: args.to,
        ahead: args.ahead.max(1),
        draws: args.draws.max(1),
        ..AdoptionParams::default()
    };
    let seed = Seed(args.seed);
    let series = args.series.as_deref().map(read).transpose()?;
    let mut lines = Vec::new();
    let mut refused = Vec::new();
    let mut json = json!({
        "schema": "forelay.calc.adoption/1", "experimental": true, "params": params, "seed": args.seed,
    });
    let mut ranges = match &args.ranges {
        Some([m, p, q]) => Some(Ranges {
            m: span("--m", m)?,
            p: span("--p", p)?,
            q: span("--q", q)?,
        }),
        None => None,
    };
    if let Some(series) = &series {
        json["periods"] = series.len().into();
        match fit(series, &params) {
            Ok(found) => {
                lines.push(format!(
                    "m {:.4} ({:.4} to {:.4}), p {:.5} ({:.5} to {:.5}), q {:.4} ({:.4} to {:.4})",
                    found.m.value,
                    found.m.low,
                    found.m.high,
                    found.p.value,
                    found.p.low,
                    found.p.high,
                    found.q.value,
                    found.q.low,
                    found.q.high
                ));
                json["fit"] = json!({
                    "m": found.m, "p": found.p, "q": found.q, "standard_errors": found.standard_errors,
                    "residual": found.residual, "peak": found.curve.peak(),
                });
                // Ranges that the user gives go before those of the fit.
                ranges = ranges.or(Some(Ranges {
                    m: found.m,
                    p: found.p,
                    q: found.q,
                }));
            }
            Err(why) => {
                let names = Names::default();
                refused.push(format!(
                    "{} {}",
                    why.reason.render(lang, &names),
                    why.needed.render(lang, &names)
                ));
            }
        }
        let tested = backtest(series, &params, seed);
        json["backtest"] = json!({
            "origins": tested.origins, "refused": tested.refused, "model_error": tested.model_error,
            "naive_error": tested.naive_error, "ratio": tested.ratio,
            "verdict": tested.verdict.code().trim_start_matches("backtest."),
        });
        lines.push(format!(
            "backtest: {} origins, {} refused; verdict: {}",
            tested.origins,
            tested.refused,
            tested
                .verdict
                .code()
                .trim_start_matches("backtest.")
                .replace('_', " ")
        ));
    }
    let mut out = Out::new(&args.out)?;
    if let Some(ranges) = ranges {
        let bands = forecast(&ranges, args.periods, params.draws, seed);
        let of = |value: fn(&layout::adoption::Band) -> f64| {
            ResultColumn::Number(bands.iter().map(value).collect())
        };
        out.table(
            "fan",
            vec![
                column(
                    "period",
                    ResultColumn::Count(bands.iter().map(|b| b.period as u32).collect()),
                ),
                column("adopters", of(|b| b.increment.value)),
                column("adopters_p10", of(|b| b.increment.low)),
                column("adopters_p90", of(|b| b.increment.high)),
                column("cumulative", of(|b| b.cumulative.value)),
                column("cumulative_p10", of(|b| b.cumulative.low)),
                column("cumulative_p90", of(|b| b.cumulative.high)),
            ],
        )?;
        json["ranges"] = json!({ "m": ranges.m, "p": ranges.p, "q": ranges.q });
    } else if series.is_none() {
        return Err(CalcError::argument(
            "--series",
            "give a series, or --m, --p and --q as low..value..high from reference classes",
        ));
    }
    out.report(json, lines, refused)
}

fn span(argument: &'static str, text: &str) -> Result<Estimate, CalcError> {
    let parts: Option<Vec<f64>> = text.split("..").map(|p| p.trim().parse().ok()).collect();
    let range = match parts.as_deref() {
        Some([value]) => Estimate::new(*value, *value, *value, Basis::Assumed).ok(),
        Some([low, value, high]) => Estimate::new(*value, *low, *high, Basis::Assumed).ok(),
        _ => None,
    };
    range.filter(|e| e.low > 0.0).ok_or_else(|| {
        CalcError::argument(
            argument,
            format!(
                "`{text}` is no range above 0; write low..value..high, such as 0.01..0.03..0.05"
            ),
        )
    })
}

fn read(file: &Path) -> Result<Vec<f64>, CalcError> {
    let lines = Lines::open(file, &["period", "value"])?;
    let mut rows: Vec<(i64, f64)> = Vec::new();
    for row in lines.rows() {
        let period = row.needed("period").and_then(|_| row.number("period"));
        let value = row.needed("value").and_then(|_| row.number("value"));
        if value.is_some_and(|v| v < 0.0) {
            row.problem("value", "value.below", |m| m.with("limit", 0.0));
        }
        if let (Some(period), Some(value)) = (period, value) {
            let whole = period as i64;
            if period.fract() != 0.0 || rows.iter().any(|(p, _)| *p == whole) {
                row.problem("period", "calc.adoption.period", |m| m);
            }
            rows.push((whole, value));
        }
    }
    Lines::sound(&[&lines])?;
    rows.sort_by_key(|(period, _)| *period);
    if let Some(gap) = rows.windows(2).find(|w| w[1].0 != w[0].0 + 1) {
        return Err(CalcError::argument(
            "--series",
            format!(
                "period {} is followed by {}: fill the gap, or start after it; a missing period is not a zero",
                gap[0].0, gap[1].0
            ),
        ));
    }
    Ok(rows.into_iter().map(|(_, value)| value).collect())
}
