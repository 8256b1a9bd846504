//! Shocks of any kind: both channels from below, each bounded; the errors of the channels add.

use super::bounded::bounded;
use super::certify::{Area, Closures, Found, Setup, summing};
use super::lanes::{LANES, V};
use super::prepared::{Asked, Cascade};
use super::score::Score;

/// Any shocks: both channels from below.
pub(super) fn climbing(
    setup: &Setup,
    asked: &Asked,
    lanes: &[Option<usize>; LANES],
    tolerance: &V,
    area: &mut Area,
) -> [Option<Found>; LANES] {
    let half = tolerance.map(|t| 0.5 * t);
    let (Some(down_area), Some(up_area)) = (&mut area.down, &mut area.up) else {
        unreachable!("invariant: an area has a solver for each channel");
    };
    let down = bounded(
        setup.down,
        &setup.down_weights,
        asked,
        lanes,
        &half,
        down_area,
    );
    let up = bounded(setup.up, &setup.up_weights, asked, lanes, &half, up_area);
    let (mut both, mut downs, mut ups) = (V::ZERO, V::ZERO, V::ZERO);
    for i in 0..setup.up.len() {
        let size = setup.up.size[i];
        both.add(size, &down_area.low[i].max(&up_area.low[i]));
        downs.add(size, &down_area.low[i]);
        ups.add(size, &up_area.low[i]);
    }
    let total = setup.up.total;
    let mut found = [None; LANES];
    for lane in 0..LANES {
        let Some(shock) = lanes[lane] else { continue };
        let nothing = asked.shock(shock).is_empty();
        let bounded = (down.holds[lane] && up.holds[lane])
            .then(|| down.error.0[lane] + up.error.0[lane] + summing(setup.up));
        found[lane] = Some(Found {
            esri: both.0[lane] / total,
            down: downs.0[lane] / total,
            up: ups.0[lane] / total,
            error: if nothing { Some(0.0) } else { bounded },
            above: summing(setup.up),
            iterations: down.rounds + up.rounds,
            alone: down.own[lane].is_some() || up.own[lane].is_some(),
        });
    }
    found
}

/// Losses of one shock by firm number: downstream and upstream from below, both from above, and the score.
pub(crate) struct Detail {
    pub down: Vec<f64>,
    pub up: Vec<f64>,
    pub high: Vec<f64>,
    pub score: Score,
}

/// One shock in full.
pub(crate) fn detail(cascade: &Cascade, asked: &Asked, tolerance: f64) -> Detail {
    let setup = Setup::new(cascade, Closures::No);
    let mut area = Area::new(&setup, Closures::No);
    let mut lanes = [None; LANES];
    lanes[0] = Some(0);
    let wanted = V::all(0.5 * tolerance);
    let (Some(down_area), Some(up_area)) = (&mut area.down, &mut area.up) else {
        unreachable!("invariant: an area has a solver for each channel");
    };
    let down = bounded(
        setup.down,
        &setup.down_weights,
        asked,
        &lanes,
        &wanted,
        down_area,
    );
    let up = bounded(setup.up, &setup.up_weights, asked, &lanes, &wanted, up_area);
    let (downs, ups) = (down_area.column(0), up_area.column(0));
    let size = &setup.up.size;
    let share = |loss: &dyn Fn(usize) -> f64| {
        (0..size.len()).map(|i| size[i] * loss(i)).sum::<f64>() / setup.up.total
    };
    let nothing = asked.shock(0).is_empty();
    let high = (0..size.len())
        .map(|i| {
            if nothing {
                return 0.0;
            }
            let d = downs[i] + down.above(&setup.down_weights, i).0[0];
            let u = ups[i] + up.above(&setup.up_weights, i).0[0];
            d.max(u).min(1.0)
        })
        .collect();
    let bounded =
        (down.holds[0] && up.holds[0]).then(|| down.error.0[0] + up.error.0[0] + summing(setup.up));
    let found = Found {
        esri: share(&|i| downs[i].max(ups[i])),
        down: share(&|i| downs[i]),
        up: share(&|i| ups[i]),
        error: if nothing { Some(0.0) } else { bounded },
        above: summing(setup.up),
        iterations: down.rounds + up.rounds,
        alone: false,
    };
    Detail {
        score: found.score(tolerance),
        down: downs,
        up: ups,
        high,
    }
}
