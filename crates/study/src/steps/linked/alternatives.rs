//! The layouts near the best one, side by side: what each is worth and where it differs.

use std::collections::BTreeSet;

use layout::regions::{Assignment, Instance};
use model::{Origin, ResultTable, RowRef};

use super::{Found, code, pairs_of, realised, share, strength, valued, worth};
use crate::inputs::links::Links;

/// The best layout at the central weight of a link as number 0, then those unlike it by what they give up: a row each,
/// and a row for every placement of each.
pub(super) fn tables(
    instance: &Instance,
    links: &Links,
    found: &Found,
    origins: &[Origin],
) -> [ResultTable; 2] {
    let best = &found.at[CENTRAL].2;
    // The layouts are those of the central weight; what a link is worth has a range all the same.
    let worth = worth(found);
    let plan = pairs_of(&best.assignment);
    let others = found.near.iter().skip(1);
    let mut layouts: Vec<(f64, &Assignment)> = others
        .map(|other| (other.objective, &other.assignment))
        .collect();
    layouts.sort_by(|a, b| b.0.total_cmp(&a.0));
    layouts.insert(0, (best.objective.value, &best.assignment));

    let mut summary = ResultTable::new(
        "layout.alternatives",
        "regional-layout",
        "layouts within a stated loss of the best one and unlike each other; given up: (best - objective) / best",
        &[
            ("layout", ""),
            ("objective", "points"),
            ("given_up", "share"),
            ("links_hosted", ""),
            ("placements_moved", ""),
        ],
    );
    let mut places = ResultTable::new(
        "layout.alternative_places",
        "regional-layout",
        "the placements of every layout; new where the best layout lacks it",
        &[
            ("layout", ""),
            ("cluster", ""),
            ("industry", ""),
            ("new_place", ""),
        ],
    );
    let regions = instance.regions();
    for (number, (objective, assignment)) in layouts.iter().enumerate() {
        let pairs: BTreeSet<_> = pairs_of(assignment);
        let hosted = realised(assignment, &regions, links).len();
        let rewarded = worth.map(|weight| weight * hosted as f64);
        let given_up = (best.objective.value - objective) / best.objective.value;
        // Two digits: keys in the order of the layouts.
        let key = format!("{number:02}");
        summary.push(
            key.clone(),
            vec![
                number.into(),
                valued(*objective, &strength(instance, &pairs), rewarded).into(),
                share(given_up.max(0.0)),
                hosted.into(),
                pairs.difference(&plan).count().into(),
            ],
            origins.to_vec(),
        );
        for pair in &pairs {
            let (cluster, industry) = pair;
            places.push(
                format!("{key}/{cluster}/{industry}"),
                vec![
                    number.into(),
                    cluster.entity().into(),
                    industry.entity().into(),
                    code(if plan.contains(pair) {
                        "linked.no"
                    } else {
                        "linked.yes"
                    }),
                ],
                vec![Origin::Result(RowRef::new(
                    "layout.alternatives",
                    key.clone(),
                ))],
            );
        }
    }
    [summary, places]
}

/// Where the layout at the central weight stands among those of `Found`.
const CENTRAL: usize = 2;
