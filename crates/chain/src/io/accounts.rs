//! Production and consumption accounts of a region: what is used up where it is made, and for whom.
//!
//! ```text
//! s_i = f_i / x_i      production_r = Σ_{i in r} f_i      consumption_r = s' L Y_r
//! ```
//!
//! f is anything that industries use: value added, workers, emissions (Miller and Blair 2022, ch. 10).

use super::leontief::{Leontief, parallel_times};
use super::table::{IoError, IoTable};

/// One region's accounts, in the unit of f.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionAccount {
    pub region: String,
    /// Used by the region's industries.
    pub production: f64,
    /// Used anywhere for the region's final demand.
    pub consumption: f64,
    /// Used elsewhere for the region's final demand.
    pub imports: f64,
    /// Used in the region for final demand elsewhere.
    pub exports: f64,
}

/// Accounts of every region that has industries or final demand, by name. `model` is the table's own.
pub fn accounts(
    model: &Leontief,
    table: &IoTable,
    used: &[f64],
) -> Result<Vec<RegionAccount>, IoError> {
    let n = model.len();
    if used.len() != n || table.len() != n {
        return Err(IoError::new("shape", format!("{} ≠ {n}", used.len())));
    }
    let x = &model.coefficients().x;
    let all = table.industries().iter().chain(table.final_demand());
    let mut names: Vec<&str> = all.map(|l| l.region.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let home = |i: usize, region: &str| table.industries()[i].region == region;
    // by[r][i]: used by i for the final demand of r.
    let by: Vec<Vec<f64>> = names
        .iter()
        .map(|region| {
            let wanted: Vec<f64> = table
                .final_demand()
                .iter()
                .map(|l| f64::from(u8::from(l.region == *region)))
                .collect();
            let output = parallel_times(model.inverse(), &table.demand().times(&wanted));
            (0..n)
                .map(|i| {
                    if x[i] > 0.0 {
                        output[i] * used[i] / x[i]
                    } else {
                        0.0
                    }
                })
                .collect()
        })
        .collect();
    Ok(names
        .iter()
        .enumerate()
        .map(|(r, region)| RegionAccount {
            region: (*region).to_owned(),
            production: (0..n).filter(|i| home(*i, region)).map(|i| used[i]).sum(),
            consumption: by[r].iter().sum(),
            imports: (0..n).filter(|i| !home(*i, region)).map(|i| by[r][i]).sum(),
            exports: (0..names.len())
                .filter(|other| *other != r)
                .flat_map(|other| (0..n).map(move |i| (other, i)))
                .filter(|(_, i)| home(*i, region))
                .map(|(other, i)| by[other][i])
                .sum(),
        })
        .collect())
}
