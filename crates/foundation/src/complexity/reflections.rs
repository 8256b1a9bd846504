//! The method of reflections: complexity as averages of averages.
//!
//! ```text
//! k_l,0 = d_l                       k_a,0 = u_a                              Hidalgo and Hausmann (2009)
//! k_l,N = (1/d_l) Σ_a M_la k_a,N-1   k_a,N = (1/u_a) Σ_l M_la k_l,N-1
//! ```
//!
//! Even orders of a location and odd orders of an activity measure complexity; their standardised values approach ECI and PCI
//! as (λ3/λ2)^(N/2). The values themselves approach one constant, by λ2^(N/2): after 20 steps what
//! carries the answer is a difference in the tenth digit or beyond, which plain floating point has partly lost. So the constant is taken
//! out at every step (an average of a constant is the constant): `level + deviation`, with full precision in the deviation.

use crate::presence::Presence;

/// k of one order. The value is `level + deviation`; `NaN` for a unit without any link.
#[derive(Debug, Clone, PartialEq)]
pub struct Reflection {
    pub location_level: f64,
    pub location_deviation: Vec<f64>,
    pub activity_level: f64,
    pub activity_deviation: Vec<f64>,
}

impl Reflection {
    /// k_l of this order.
    pub fn locations(&self) -> Vec<f64> {
        let level = self.location_level;
        self.location_deviation.iter().map(|d| level + d).collect()
    }

    /// k_a of this order.
    pub fn activities(&self) -> Vec<f64> {
        let level = self.activity_level;
        self.activity_deviation.iter().map(|d| level + d).collect()
    }
}

/// The reflections of order `order`; 0 gives diversity and ubiquity.
pub fn reflections(presence: &Presence, order: usize) -> Reflection {
    let start = |counts: &[u32]| {
        let numbers = counts
            .iter()
            .map(|c| if *c == 0 { f64::NAN } else { f64::from(*c) });
        centred(0.0, numbers.collect())
    };
    let mut location = start(presence.diversity());
    let mut activity = start(presence.ubiquity());
    for _ in 0..order {
        let next_location = (0..presence.locations()).map(|l| {
            let sum: f64 = presence.activities_of(l).map(|a| activity.1[a]).sum();
            sum / f64::from(presence.diversity()[l])
        });
        let next_location = centred(activity.0, next_location.collect());
        let next_activity = (0..presence.activities()).map(|a| {
            let sum: f64 = presence.locations_of(a).map(|l| location.1[l]).sum();
            sum / f64::from(presence.ubiquity()[a])
        });
        activity = centred(location.0, next_activity.collect());
        location = next_location;
    }
    Reflection {
        location_level: location.0,
        location_deviation: location.1,
        activity_level: activity.0,
        activity_deviation: activity.1,
    }
}

/// Moves the mean of the known deviations into the level.
fn centred(level: f64, mut deviation: Vec<f64>) -> (f64, Vec<f64>) {
    let known = || deviation.iter().filter(|d| !d.is_nan());
    let n = known().count();
    if n == 0 {
        return (level, deviation);
    }
    let mean = known().sum::<f64>() / n as f64;
    for value in &mut deviation {
        *value -= mean;
    }
    (level + mean, deviation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_steps_by_hand() {
        // Location 0 has both activities, location 1 the first only.
        let m = Presence::from_fn(2, 2, |l, a| l == 0 || a == 0);
        let near = |found: &[f64], wanted: &[f64]| {
            found.iter().zip(wanted).all(|(f, w)| (f - w).abs() < 1e-15)
        };
        let one = reflections(&m, 1);
        assert!(near(&one.locations(), &[1.5, 2.0]) && near(&one.activities(), &[1.5, 2.0]));
        let two = reflections(&m, 2);
        assert!(near(&two.locations(), &[1.75, 1.5]) && near(&two.activities(), &[1.75, 1.5]));
        assert!(near(&reflections(&m, 0).locations(), &[2.0, 1.0]));
    }

    #[test]
    fn many_reflections_reach_the_eigenvector() {
        let m = Presence::from_fn(8, 12, |l, a| a <= l || (l + a) % 5 == 0);
        let eigen = crate::complexity::eigen::eci_pci(&m).expect("a vector");
        // (λ3/λ2)^120 is below 1e-15.
        let many = reflections(&m, 240);
        let standard = |v: &[f64]| {
            let mean = v.iter().sum::<f64>() / v.len() as f64;
            let sd = (v.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / v.len() as f64).sqrt();
            v.iter().map(|x| (x - mean) / sd).collect::<Vec<f64>>()
        };
        for (x, y) in standard(&many.location_deviation)
            .iter()
            .zip(standard(&eigen.eci))
        {
            assert!((x - y).abs() < 1e-9, "{x} {y}");
        }
    }
}
