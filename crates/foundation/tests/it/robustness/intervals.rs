//! Coverage of the bootstrap in a planted world, and replicates that fall apart.

use foundation::complexity::presence_rule::Rule;
use foundation::presence::Presence;
use foundation::robustness::intervals::{IntervalParams, Meaning};
use foundation::robustness::replicate::{Scheme, bootstrap_presence, intervals};
use foundation::robustness::score::score;
use foundation::robustness::universe::Side;
use libtest_mimic::Trial;
use model::Seed;
use rand::RngExt;

use super::labelled;
use crate::trial;

pub fn trials() -> Vec<Trial> {
    vec![
        trial("bootstrap_over_activities_covers_a_planted_world", coverage),
        trial("replicates_that_fall_apart_are_counted", falling_apart),
    ]
}

const PLACES: usize = 30;

/// Presence of `activities` activities drawn from one world: location l has an activity of kind x with probability
/// exp(−8 (x − l/30)²) (0.2 + 0.6 l/30). Draw `index` of the world.
fn world(activities: usize, index: u64) -> Presence {
    let mut stream = Seed(11).stream("planted", index);
    let mut cells = vec![false; PLACES * activities];
    for a in 0..activities {
        let kind: f64 = stream.random::<f64>() * 1.2 - 0.1;
        for l in 0..PLACES {
            let own = l as f64 / PLACES as f64;
            let p = (-8.0 * (kind - own).powi(2)).exp() * (0.2 + 0.6 * own);
            cells[l * activities + a] = stream.random::<f64>() < p;
        }
    }
    Presence::from_fn(PLACES, activities, |l, a| cells[l * activities + a])
}

/// The truth is ECI with very many activities; a sample of 300 is asked for 90 % intervals, 40 times.
fn coverage() {
    let params = IntervalParams::default();
    let truth = score(&world(60_000, 0), 0.9).unwrap().scores.locations;
    let (mut inside, mut all) = (0, 0);
    for index in 1..=40 {
        let m = world(300, index);
        let found = bootstrap_presence(&m, Side::Activity, 200, &params, Seed(index)).unwrap();
        assert_eq!(found.meaning, Meaning::BootstrapPercentile);
        for (unit, truth) in found.locations.iter().zip(&truth) {
            all += 1;
            if unit.value.low <= *truth && *truth <= unit.value.high {
                inside += 1;
            }
        }
    }
    let covered = f64::from(inside) / f64::from(all);
    println!("coverage {covered:.3} at 0.9");
    assert!((0.82..=0.96).contains(&covered), "{covered}");
}

/// Two halves that hang together by one activity: without it a replicate is in two parts.
fn falling_apart() {
    let value = |l: usize, a: usize| {
        let near = l / 6 == a / 8 && !(l + a).is_multiple_of(3);
        let bridge = a == 0 && (l == 5 || l == 6);
        f64::from(u8::from(near || bridge)) * (5.0 + (l * 3 + a) as f64)
    };
    let table = labelled(12, 16, (0..192).map(|k| value(k / 16, k % 16)).collect());
    let scheme = Scheme::Bootstrap {
        side: Side::Activity,
        replicates: 300,
    };
    let params = IntervalParams::default();
    let run = |params| intervals(&table, &Rule::default(), &scheme, &params, Seed(2));
    let found = run(IntervalParams {
        least_scored: 0.1,
        ..params
    })
    .unwrap();
    let r = &found.replicates;
    let lost: usize = r.lost.values().sum();
    println!("{r:?}");
    // A bootstrap of 16 leaves one out with probability (15/16)^16 = 0.356.
    assert!((70..150).contains(&lost), "{r:?}");
    assert_eq!(r.scored + lost, 300);
    // With a lower demand on the largest part the same replicates are scored on it, and half of the locations say so.
    let found = run(IntervalParams {
        least_part: 0.4,
        ..params
    })
    .unwrap();
    assert!(found.replicates.split >= lost - 5);
    let least = found
        .locations
        .iter()
        .map(|u| u.present)
        .fold(1.0, f64::min);
    assert!(least < 0.9, "{least}");
    // With a demand that is not met there is no interval.
    let strict = run(IntervalParams {
        least_scored: 0.9,
        ..params
    });
    assert!(strict.is_err());
}
