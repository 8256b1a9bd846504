//! Who is in the table: floors and minima applied until nothing more falls out, with every dropped unit on a list.
//!
//! A published ranking rests on such a filter (the Atlas keeps countries above a population and a trade floor), and most
//! "differences between packages" are differences of universe. One pass asks every rule of the units that are left;
//! totals, advantage and presence are then taken anew, because leaving a unit out moves the advantage of all others. With
//! only `minimum_diversity` and `minimum_ubiquity` this is `trim_core` of econcomplex.
//!
//! **A location that reports nothing is missing, not dropped**: it is listed apart from those that report and have zero.

use std::collections::{BTreeMap, BTreeSet};

use crate::activity::ActivityTable;
use crate::complexity::advantage;
use crate::complexity::presence_rule::{Rule as PresenceRule, presence};

#[derive(Debug, Clone, PartialEq)]
pub struct UniverseParams {
    /// Locations and activities left out by name.
    pub excluded_locations: BTreeSet<String>,
    pub excluded_activities: BTreeSet<String>,
    /// Least population of a location; a location of unknown population then falls out, under a rule of its own.
    pub population_floor: Option<f64>,
    /// Least total of a location over all activities that are left; 0 asks nothing.
    pub location_floor: f64,
    /// Least total of an activity over all locations that are left; 0 asks nothing.
    pub activity_floor: f64,
    /// Least number of activities with presence.
    pub minimum_diversity: u32,
    /// Least number of locations with presence.
    pub minimum_ubiquity: u32,
    pub presence: PresenceRule,
}

impl Default for UniverseParams {
    /// Only units without any presence fall out.
    fn default() -> Self {
        Self {
            excluded_locations: BTreeSet::new(),
            excluded_activities: BTreeSet::new(),
            population_floor: None,
            location_floor: 0.0,
            activity_floor: 0.0,
            minimum_diversity: 1,
            minimum_ubiquity: 1,
            presence: PresenceRule::default(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    Location,
    Activity,
}

/// Why a unit fell out; the first that applies, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    Excluded,
    PopulationUnknown,
    PopulationFloor,
    /// Total below the floor, or zero.
    Total,
    Diversity,
    Ubiquity,
}

/// A unit that is not in the universe.
#[derive(Debug, Clone, PartialEq)]
pub struct Dropped {
    pub side: Side,
    pub label: String,
    pub rule: Rule,
    /// What the rule looked at, at the time; `NaN` for an exclusion or an unknown population.
    pub value: f64,
    /// What the rule asks for; `NaN` for an exclusion.
    pub needed: f64,
    /// Pass in which it fell out, from 1.
    pub pass: usize,
}

/// What is left, with the audit list.
#[derive(Debug, Clone, PartialEq)]
pub struct Universe {
    /// Positions in the table, ascending.
    pub locations: Vec<usize>,
    pub activities: Vec<usize>,
    /// Locations of which no cell is known.
    pub missing: Vec<String>,
    /// By pass, side and label.
    pub dropped: Vec<Dropped>,
    /// Passes until nothing fell out.
    pub passes: usize,
}

impl Universe {
    /// The table of what is left; `None` where nothing is.
    pub fn table(&self, table: &ActivityTable) -> Option<ActivityTable> {
        let some = !self.locations.is_empty() && !self.activities.is_empty();
        some.then(|| table.restricted(&self.locations, &self.activities))
    }
}

/// The universe of `table` under `params`; `population` by location is asked only where there is a floor.
pub fn universe(
    table: &ActivityTable,
    population: &BTreeMap<String, f64>,
    params: &UniverseParams,
) -> Universe {
    let (locations, missing): (Vec<usize>, Vec<usize>) =
        (0..table.locations().len()).partition(|l| table.row(*l).iter().any(|v| !v.is_nan()));
    let mut found = Universe {
        locations,
        activities: (0..table.activities().len()).collect(),
        missing: missing
            .into_iter()
            .map(|l| table.locations()[l].clone())
            .collect(),
        dropped: Vec::new(),
        passes: 0,
    };
    while let Some(now) = found.table(table) {
        found.passes += 1;
        let out = falls_out(&now, population, params, found.passes);
        if out.is_empty() {
            break;
        }
        let gone: BTreeSet<(Side, &str)> = out.iter().map(|d| (d.side, d.label.as_str())).collect();
        found
            .locations
            .retain(|l| !gone.contains(&(Side::Location, table.locations()[*l].as_str())));
        found
            .activities
            .retain(|a| !gone.contains(&(Side::Activity, table.activities()[*a].as_str())));
        drop(gone);
        found.dropped.extend(out);
    }
    found
}

/// The largest part of the table in which every location has at least `diversity` activities and every activity at least
/// `ubiquity` locations, found as econcomplex does.
pub fn trim_core(
    table: &ActivityTable,
    diversity: u32,
    ubiquity: u32,
    rule: PresenceRule,
) -> Universe {
    let params = UniverseParams {
        minimum_diversity: diversity,
        minimum_ubiquity: ubiquity,
        presence: rule,
        ..UniverseParams::default()
    };
    universe(table, &BTreeMap::new(), &params)
}

fn falls_out(
    table: &ActivityTable,
    population: &BTreeMap<String, f64>,
    params: &UniverseParams,
    pass: usize,
) -> Vec<Dropped> {
    let mut out = Vec::new();
    let mut drop = |side, label: &str, rule, value, needed| {
        out.push(Dropped {
            side,
            label: label.to_owned(),
            rule,
            value,
            needed,
            pass,
        });
    };
    let cells = advantage::rca(table);
    let m = presence(&cells, table.activities().len(), &params.presence);
    let short = |total: f64, floor: f64| total < floor || total <= 0.0;
    for (l, total) in table.location_totals().into_iter().enumerate() {
        let label = &table.locations()[l];
        let people = population.get(label).copied().filter(|n| n.is_finite());
        let diversity = m.diversity()[l];
        if params.excluded_locations.contains(label) {
            drop(Side::Location, label, Rule::Excluded, f64::NAN, f64::NAN);
        } else if let (Some(floor), None) = (params.population_floor, people) {
            drop(
                Side::Location,
                label,
                Rule::PopulationUnknown,
                f64::NAN,
                floor,
            );
        } else if let (Some(floor), Some(people)) = (
            params.population_floor,
            people.filter(|n| params.population_floor.is_some_and(|floor| *n < floor)),
        ) {
            drop(Side::Location, label, Rule::PopulationFloor, people, floor);
        } else if short(total, params.location_floor) {
            drop(
                Side::Location,
                label,
                Rule::Total,
                total,
                params.location_floor,
            );
        } else if diversity < params.minimum_diversity {
            let needed = f64::from(params.minimum_diversity);
            drop(
                Side::Location,
                label,
                Rule::Diversity,
                f64::from(diversity),
                needed,
            );
        }
    }
    for (a, total) in table.activity_totals().into_iter().enumerate() {
        let label = &table.activities()[a];
        let ubiquity = m.ubiquity()[a];
        if params.excluded_activities.contains(label) {
            drop(Side::Activity, label, Rule::Excluded, f64::NAN, f64::NAN);
        } else if short(total, params.activity_floor) {
            drop(
                Side::Activity,
                label,
                Rule::Total,
                total,
                params.activity_floor,
            );
        } else if ubiquity < params.minimum_ubiquity {
            let needed = f64::from(params.minimum_ubiquity);
            drop(
                Side::Activity,
                label,
                Rule::Ubiquity,
                f64::from(ubiquity),
                needed,
            );
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table() -> ActivityTable {
        let n = f64::NAN;
        let values = vec![
            8.0, 4.0, 0.0, 0.0, // a
            4.0, 8.0, 1.0, 0.0, // b
            0.0, 0.0, 0.1, 0.0, // c: tiny
            0.0, 0.0, 0.0, 0.0, // d: reports and has nothing
            n, n, n, n, // e: does not report
        ];
        let labels = |s: &str| s.chars().map(String::from).collect::<Vec<_>>();
        ActivityTable::new(labels("abcde"), labels("wxyz"), values).expect("a table")
    }

    #[test]
    fn a_missing_reporter_is_listed_apart_from_a_zero_exporter() {
        let found = universe(&table(), &BTreeMap::new(), &UniverseParams::default());
        assert_eq!(found.missing, ["e"]);
        assert_eq!(found.locations, [0, 1, 2]);
        let d = &found.dropped;
        assert_eq!((d[0].label.as_str(), d[0].rule), ("d", Rule::Total));
        assert_eq!((d[1].label.as_str(), d[1].rule), ("z", Rule::Total));
        assert_eq!((d.len(), found.passes), (2, 2));
    }

    #[test]
    fn leaving_one_out_can_drop_the_next() {
        let params = UniverseParams {
            excluded_locations: ["b".to_owned()].into(),
            population_floor: Some(1e6),
            location_floor: 0.05,
            activity_floor: 0.2,
            ..UniverseParams::default()
        };
        let people = [("a".to_owned(), 2e6), ("c".to_owned(), 2e6)].into();
        let found = universe(&table(), &people, &params);
        let list: Vec<(&str, Rule, usize)> = found
            .dropped
            .iter()
            .map(|d| (d.label.as_str(), d.rule, d.pass))
            .collect();
        assert_eq!(
            list,
            [
                ("b", Rule::Excluded, 1),
                ("d", Rule::PopulationUnknown, 1),
                ("z", Rule::Total, 1),
                // Without b, y is worth 0.1; without y, c has nothing.
                ("y", Rule::Total, 2),
                ("c", Rule::Total, 3),
            ]
        );
        assert_eq!(found.locations, [0]);
        let few = [("a".to_owned(), 5e5)].into();
        let found = universe(&table(), &few, &params);
        let d = &found.dropped[0];
        assert_eq!(
            (d.rule, d.value, d.needed),
            (Rule::PopulationFloor, 5e5, 1e6)
        );
        assert!(found.table(&table()).is_none());
    }

    proptest! {
        #[test]
        fn the_core_meets_its_minima_and_the_list_is_complete(
            values in proptest::collection::vec(prop_oneof![Just(0.0), 0.1f64..9.0], 42), minimum in 1u32..4
        ) {
            let labels = |n: usize| (0..n).map(|i| format!("{i}")).collect::<Vec<_>>();
            let table = ActivityTable::new(labels(6), labels(7), values).expect("a table");
            let found = trim_core(&table, minimum, minimum, PresenceRule::default());
            prop_assert_eq!(found.dropped.len() + found.locations.len() + found.activities.len(), 13);
            if let Some(core) = found.table(&table) {
                let m = presence(&advantage::rca(&core), core.activities().len(), &PresenceRule::default());
                prop_assert!(m.diversity().iter().chain(m.ubiquity()).all(|k| *k >= minimum));
            }
        }
    }
}
