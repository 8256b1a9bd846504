//! Stepping stones: what an entry takes, and what comes without policy (Stojkoski and Hidalgo, 2026).
//!
//! With r = ln(1 + RCA), relatedness ω (density, diagonal 0) and relative relatedness ω̃ (z of ω over the options):
//!
//! ```text
//! r(t + Δ) = b1 r(t + τ) + b2 r(t) + b3 ω(t) + b4 ω̃(t) + b0         entries: absent at t; exits: present at t
//! W        = exp[ (ln 2 - b0 - b2 r - b3 ω - b4 ω̃) / b1 ] - 1 - RCA   effort: RCA to add by t + τ for RCA = 1 at t + Δ
//! r̂(t + Δ) = b0 + (b1 + b2) r + b3 ω + b4 ω̃                           forecast without policy
//! ```
//!
//! Fitted by least squares for every initial year t; coefficients are averaged over the initial years, as in econcomplex
//! 1.0.1, from whose source the formulas were read. Forelay adds standard errors, clustered by location. Years overlap, so
//! the covariance of the average is taken as if they were the same observations (mean of the covariances): too wide
//! rather than too narrow. Cells that are unknown in one of the three years take no part; econcomplex reads them as 0.

use model::{Message, Refusal, Year};

use super::fit::{Fit, least_squares};
use crate::activity::{ActivityPanel, ActivityTable};
use crate::complexity::advantage::rca;
use crate::complexity::presence_rule::{Rule, presence};
use crate::presence::Presence;
use crate::relatedness::density::{RelativeCells, RelativeParams, density, relative_relatedness};
use crate::relatedness::proximity::{Diagonal, Measure, Phi};

#[derive(Debug, Clone, PartialEq)]
pub struct SteppingStoneParams {
    /// Δ: years from the start to the forecast.
    pub horizon: i32,
    /// τ < Δ: years from the start to the stepping stone.
    pub stepping_stone: i32,
    pub rule: Rule,
    pub measure: Measure,
}

impl Default for SteppingStoneParams {
    /// 10 and 5 years, RCA ≥ 1, minimum of the conditional probabilities.
    fn default() -> Self {
        Self {
            horizon: 10,
            stepping_stone: 5,
            rule: Rule::default(),
            measure: Measure::MinConditional,
        }
    }
}

/// Terms of the equation, in the order of the coefficients.
pub const TERMS: [&str; 5] = [
    "stepping_stone",
    "initial",
    "relatedness",
    "relative_relatedness",
    "intercept",
];

/// One averaged equation.
#[derive(Debug, Clone, PartialEq)]
pub struct Equation {
    /// b1, b2, b3, b4, b0.
    pub coefficients: [f64; 5],
    /// Row-major, clustered by location.
    pub covariance: [f64; 25],
    /// Over all initial years.
    pub observations: usize,
}

impl Equation {
    pub fn standard_error(&self, term: usize) -> f64 {
        self.covariance[term * 6].sqrt()
    }
}

/// The calibrated model.
#[derive(Debug, Clone, PartialEq)]
pub struct SteppingStone {
    pub entry: Equation,
    pub exit: Equation,
    pub initial_years: Vec<Year>,
    pub params: SteppingStoneParams,
}

/// Fits both equations to a panel.
///
/// Refused where no year has both its stepping stone and its horizon in the panel, or where too few cells are known.
pub fn calibrate(
    panel: &ActivityPanel,
    params: &SteppingStoneParams,
) -> Result<SteppingStone, Box<Refusal>> {
    let panel = panel.aligned();
    let at = |year: &Year, years: i32| panel.years.get(&Year(year.0 + years));
    let mut entries = Vec::new();
    let mut exits = Vec::new();
    let mut initial_years = Vec::new();
    for (year, table) in &panel.years {
        let (Some(stone), Some(end)) = (at(year, params.stepping_stone), at(year, params.horizon))
        else {
            continue;
        };
        let start = Features::of(table, params);
        let (stone, end) = (rca(stone), rca(end));
        let width = table.activities().len();
        let fit = |absent: bool| {
            let cells: Vec<usize> = (0..end.len())
                .filter(|c| {
                    start.known(*c)
                        && !stone[*c].is_nan()
                        && !end[*c].is_nan()
                        && start.presence.get(c / width, c % width) != absent
                })
                .collect();
            let column = |of: &dyn Fn(usize) -> f64| cells.iter().map(|c| of(*c)).collect();
            let columns: Vec<Vec<f64>> = vec![
                column(&|c| stone[c].ln_1p()),
                column(&|c| start.rca[c].ln_1p()),
                column(&|c| start.relatedness[c]),
                column(&|c| start.relative[c]),
                vec![1.0; cells.len()],
            ];
            let y: Vec<f64> = cells.iter().map(|c| end[*c].ln_1p()).collect();
            let clusters: Vec<usize> = cells.iter().map(|c| c / width).collect();
            least_squares(&columns, &y, &clusters)
        };
        // A year without enough entries or exits is left out of that equation.
        entries.extend(fit(true));
        exits.extend(fit(false));
        initial_years.push(*year);
    }
    if initial_years.is_empty() {
        return Err(refuse(
            "strategy.stepping.no_year",
            Message::new("strategy.stepping.no_year.reason")
                .with("stone", params.stepping_stone)
                .with("horizon", params.horizon),
            "strategy.stepping.no_year.needed",
        ));
    }
    let too_few = || {
        refuse(
            "strategy.stepping.too_few",
            Message::new("strategy.stepping.too_few.reason"),
            "strategy.stepping.too_few.needed",
        )
    };
    Ok(SteppingStone {
        entry: averaged(&entries).ok_or_else(too_few)?,
        exit: averaged(&exits).ok_or_else(too_few)?,
        initial_years,
        params: params.clone(),
    })
}

/// Efforts of every cell, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Efforts {
    /// RCA to add by the stepping stone; ≤ 0: the model already foresees the entry; `NaN` for what the location has and for
    /// what is unknown.
    pub effort: Vec<f64>,
    /// By the delta method from the covariance of the coefficients.
    pub standard_error: Vec<f64>,
}

/// What entries would take from the state in `table`.
///
/// Refused where the stepping stone's coefficient is not above zero by two standard errors: the division by it means nothing.
pub fn efforts(table: &ActivityTable, model: &SteppingStone) -> Result<Efforts, Box<Refusal>> {
    let b = &model.entry.coefficients;
    let b1 = b[0];
    if b1 - 2.0 * model.entry.standard_error(0) <= 0.0 || b1.is_nan() {
        return Err(refuse(
            "strategy.effort.no_lever",
            Message::new("strategy.effort.no_lever.reason")
                .with("b", b1)
                .with("se", model.entry.standard_error(0)),
            "strategy.effort.no_lever.needed",
        ));
    }
    let now = Features::of(table, &model.params);
    let width = table.activities().len();
    let (effort, standard_error) = (0..now.rca.len())
        .map(|c| {
            if !now.known(c) || now.presence.get(c / width, c % width) {
                return (f64::NAN, f64::NAN);
            }
            let x = [now.rca[c].ln_1p(), now.relatedness[c], now.relative[c], 1.0];
            let others: f64 = (0..4).map(|k| b[k + 1] * x[k]).sum();
            let lever = (std::f64::consts::LN_2 - others) / b1;
            // Derivatives of the lever by b1, b2, b3, b4, b0.
            let slopes = [-lever / b1, -x[0] / b1, -x[1] / b1, -x[2] / b1, -x[3] / b1];
            let variance: f64 = (0..25)
                .map(|k| slopes[k / 5] * model.entry.covariance[k] * slopes[k % 5])
                .sum();
            (
                lever.exp() - 1.0 - now.rca[c],
                lever.exp() * variance.max(0.0).sqrt(),
            )
        })
        .unzip();
    Ok(Efforts {
        effort,
        standard_error,
    })
}

/// What the model foresees at the horizon without policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// Row-major, ≥ 0; `NaN` where unknown.
    pub rca: Vec<f64>,
    pub presence: Presence,
}

/// The forecast from the state in `table`.
pub fn forecast(table: &ActivityTable, model: &SteppingStone) -> Forecast {
    let now = Features::of(table, &model.params);
    let width = table.activities().len();
    let rca: Vec<f64> = (0..now.rca.len())
        .map(|c| {
            if !now.known(c) {
                return f64::NAN;
            }
            let b = if now.presence.get(c / width, c % width) {
                &model.exit.coefficients
            } else {
                &model.entry.coefficients
            };
            let r = b[4]
                + (b[0] + b[1]) * now.rca[c].ln_1p()
                + b[2] * now.relatedness[c]
                + b[3] * now.relative[c];
            r.max(0.0).exp_m1()
        })
        .collect();
    Forecast {
        presence: presence(&rca, width, &model.params.rule),
        rca,
    }
}

/// Mean of a number of the activities over what each location has; activities without the number take no part.
pub fn portfolio_mean(presence: &Presence, number: &[f64]) -> Vec<f64> {
    (0..presence.locations())
        .map(|l| {
            let known: Vec<f64> = presence
                .activities_of(l)
                .map(|a| number[a])
                .filter(|v| !v.is_nan())
                .collect();
            known.iter().sum::<f64>() / known.len() as f64
        })
        .collect()
}

struct Features {
    rca: Vec<f64>,
    presence: Presence,
    relatedness: Vec<f64>,
    relative: Vec<f64>,
}

impl Features {
    fn of(table: &ActivityTable, params: &SteppingStoneParams) -> Self {
        let rca = rca(table);
        let presence = presence(&rca, table.activities().len(), &params.rule);
        let phi = Phi::of_presence(&presence, params.measure, Diagonal::Zero);
        let relatedness = density(&presence, &phi);
        let relative = relative_relatedness(
            &relatedness,
            &presence,
            RelativeParams {
                cells: RelativeCells::All,
                ddof: 0,
            },
        );
        Self {
            rca,
            presence,
            relatedness,
            relative,
        }
    }

    fn known(&self, cell: usize) -> bool {
        !(self.rca[cell].is_nan()
            || self.relatedness[cell].is_nan()
            || self.relative[cell].is_nan())
    }
}

fn averaged(fits: &[Fit]) -> Option<Equation> {
    if fits.is_empty() {
        return None;
    }
    let mean = |of: &dyn Fn(&Fit) -> f64| fits.iter().map(of).sum::<f64>() / fits.len() as f64;
    Some(Equation {
        coefficients: std::array::from_fn(|k| mean(&|f| f.coefficients[k])),
        covariance: std::array::from_fn(|k| mean(&|f| f.covariance[k])),
        observations: fits.iter().map(|f| f.observations).sum(),
    })
}

fn refuse(code: &str, reason: Message, needed: &str) -> Box<Refusal> {
    Box::new(Refusal {
        code: code.to_owned(),
        question: Message::new("strategy.stepping.question"),
        reason,
        needed: Message::new(needed),
    })
}
