//! Treat: outliers and skew, by the rule of the JRC: an indicator with |skewness| > 2 and kurtosis > 3.5 is winsorised
//! point by point; if too many points would be needed, it is transformed instead.
//!
//! ```text
//! skewness g1·√(n(n-1))/(n-2),  kurtosis ((n+1) g2 + 6)(n-1)/((n-2)(n-3))       (type 2: Joanes & Gill 1998)
//! winsorise: the outermost value takes the value of its neighbour, on the side the skew points to, until the rule is kept
//! log (COINr's CT): ln(x - min + (max - min)/100)
//! Box-Cox: (x'^λ - 1)/λ, x' = x - min + (max - min)/100, λ in [-2, 2] by maximum likelihood (Box & Cox 1964)
//! ```

use serde::{Deserialize, Serialize};

use super::table::Table;

/// What happens to an indicator that winsorising cannot mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    #[default]
    Log,
    BoxCox,
    /// The indicator stays as it was.
    Nothing,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Treatment {
    /// Largest |skewness| that needs no treatment.
    pub skewness: f64,
    /// Largest kurtosis (excess) that needs no treatment.
    pub kurtosis: f64,
    /// Most points that may be winsorised.
    pub most_points: usize,
    pub otherwise: Transform,
}

impl Default for Treatment {
    fn default() -> Self {
        Self {
            skewness: 2.0,
            kurtosis: 3.5,
            most_points: 5,
            otherwise: Transform::Log,
        }
    }
}

/// What was done to one indicator.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "done")]
pub enum Treated {
    /// The rule was kept.
    Nothing,
    Winsorised {
        points: usize,
    },
    Log,
    BoxCox {
        lambda: f64,
    },
    /// The rule is broken and the settings allow no remedy.
    Left,
}

/// The treated table and what was done to each indicator.
pub fn treat(table: &Table, treatment: &Treatment) -> (Table, Vec<Treated>) {
    let (columns, done) = (0..table.indicators().len())
        .map(|j| treat_one(table.values(j), treatment))
        .unzip();
    (table.with_values(columns), done)
}

fn treat_one(values: Vec<Option<f64>>, t: &Treatment) -> (Vec<Option<f64>>, Treated) {
    if keeps(&values, t) {
        return (values, Treated::Nothing);
    }
    let mut winsorised = values.clone();
    let mut touched = vec![false; values.len()];
    loop {
        let known: Vec<f64> = winsorised.iter().flatten().copied().collect();
        let high = skewness(&known).unwrap_or(0.0) > 0.0;
        let outer = known
            .iter()
            .copied()
            .reduce(|a, b| if (a > b) == high { a } else { b });
        let Some(outer) = outer else { break };
        let inside = |x: &f64| if high { *x < outer } else { *x > outer };
        let next = known
            .iter()
            .copied()
            .filter(inside)
            .reduce(|a, b| if (a > b) == high { a } else { b });
        let Some(next) = next else { break };
        for (x, touched) in winsorised.iter_mut().zip(&mut touched) {
            if x.is_some_and(|x| !inside(&x)) {
                *x = Some(next);
                *touched = true;
            }
        }
        let points = touched.iter().filter(|t| **t).count();
        if points > t.most_points {
            break;
        }
        if keeps(&winsorised, t) {
            return (winsorised, Treated::Winsorised { points });
        }
    }
    transformed(values, t.otherwise)
}

fn keeps(values: &[Option<f64>], t: &Treatment) -> bool {
    let known: Vec<f64> = values.iter().flatten().copied().collect();
    match (skewness(&known), kurtosis(&known)) {
        (Some(skewness), Some(kurtosis)) => skewness.abs() <= t.skewness || kurtosis <= t.kurtosis,
        // Too few values, or all equal: nothing sticks out.
        _ => true,
    }
}

fn transformed(values: Vec<Option<f64>>, how: Transform) -> (Vec<Option<f64>>, Treated) {
    let known: Vec<f64> = values.iter().flatten().copied().collect();
    let low = known.iter().copied().fold(f64::INFINITY, f64::min);
    let high = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let shifted = |x: f64| x - low + 0.01 * (high - low);
    let all = |f: &dyn Fn(f64) -> f64| values.iter().map(|x| x.map(f)).collect();
    match how {
        Transform::Nothing => (values, Treated::Left),
        Transform::Log => (all(&|x| shifted(x).ln()), Treated::Log),
        Transform::BoxCox => {
            let positive: Vec<f64> = known.iter().map(|x| shifted(*x)).collect();
            let lambda = likeliest_lambda(&positive);
            let done = Treated::BoxCox { lambda };
            (all(&|x| box_cox(shifted(x), lambda)), done)
        }
    }
}

fn box_cox(x: f64, lambda: f64) -> f64 {
    if lambda.abs() < 1e-9 {
        x.ln()
    } else {
        (x.powf(lambda) - 1.0) / lambda
    }
}

/// Golden-section search of the profile likelihood -n/2 ln σ²(λ) + (λ - 1) Σ ln x.
fn likeliest_lambda(x: &[f64]) -> f64 {
    let n = x.len() as f64;
    let logs: f64 = x.iter().map(|x| x.ln()).sum();
    let likelihood = |lambda: f64| {
        let y: Vec<f64> = x.iter().map(|x| box_cox(*x, lambda)).collect();
        let mean = y.iter().sum::<f64>() / n;
        let variance = y.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / n;
        -0.5 * n * variance.max(f64::MIN_POSITIVE).ln() + (lambda - 1.0) * logs
    };
    let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (-2.0_f64, 2.0_f64);
    for _ in 0..80 {
        let width = ratio * (high - low);
        if likelihood(high - width) < likelihood(low + width) {
            low = high - width;
        } else {
            high = low + width;
        }
    }
    f64::midpoint(low, high)
}

fn moments(x: &[f64]) -> Option<(f64, f64, f64, f64)> {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let about = |power: i32| x.iter().map(|x| (x - mean).powi(power)).sum::<f64>() / n;
    let second = about(2);
    (second > 0.0).then(|| (n, second, about(3), about(4)))
}

/// Type 2; `None` for fewer than three values or without spread.
pub fn skewness(x: &[f64]) -> Option<f64> {
    let (n, m2, m3, _) = moments(x)?;
    (n > 2.0).then(|| m3 / m2.powf(1.5) * (n * (n - 1.0)).sqrt() / (n - 2.0))
}

/// Excess, type 2; `None` for fewer than four values or without spread.
pub fn kurtosis(x: &[f64]) -> Option<f64> {
    let (n, m2, _, m4) = moments(x)?;
    (n > 3.0).then(|| {
        let g2 = m4 / (m2 * m2) - 3.0;
        ((n + 1.0) * g2 + 6.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0))
    })
}
