//! Entries and exits: what locations took up and gave up between years, and whether it was related to what they had.
//!
//! A cell of a year is present, absent or **unknown**. With `before` = b and `after` = f, year t of a cell holds an
//!
//! ```text
//! entry   if the years t-b .. t-1 are all absent  and t .. t+f-1 all present
//! exit    if the years t-b .. t-1 are all present and t .. t+f-1 all absent
//! undecided  if one of these years is unknown and the known ones do not speak against it
//! ```
//!
//! so a location that stops reporting never exits. b = f = 1 is the rule of EconGeo and econcomplex (who read unknown as
//! absent); more years keep noise around the threshold out (Bahar, Hausmann and Hidalgo, 2014, ask for several years on
//! either side; from memory). Years are those of the panel in their order, whatever their distance.
//!
//! Relatedness of entries (Neffke, Henning and Boschma, 2011; Pinheiro et al., 2022): density of the entered activities
//! against that of the options not taken, with the probability that an entry had the higher density (the area under the
//! curve of Mann and Whitney, ties one half).

use model::{Basis, Estimate, Message, Quantity, Year};

use super::{SpecialisationError, length, quotient::location_quotient};
use crate::activity::ActivityPanel;
use crate::complexity::presence_rule::Rule;

/// What is known about a cell in a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    Absent,
    Present,
    Unknown,
}

/// States of every cell in several years.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    pub locations: Vec<String>,
    pub activities: Vec<String>,
    pub years: Vec<Year>,
    /// One vector for each year, row-major.
    pub states: Vec<Vec<State>>,
}

impl History {
    /// Present where the location quotient of the year passes the rule; unknown where the value is unknown. A
    /// location that reports but has nothing is absent everywhere, and so is what nobody has.
    pub fn from_quotients(panel: &ActivityPanel, rule: &Rule) -> Self {
        let panel = panel.aligned();
        let (locations, activities) = panel.labels();
        let states = panel
            .years
            .values()
            .map(|table| {
                location_quotient(table)
                    .into_iter()
                    .zip(table.values())
                    .map(|(quotient, value)| {
                        match (value.is_nan(), rule.has(quotient) == Some(true)) {
                            (true, _) => State::Unknown,
                            (false, true) => State::Present,
                            (false, false) => State::Absent,
                        }
                    })
                    .collect()
            })
            .collect();
        Self {
            locations,
            activities,
            years: panel.years.keys().copied().collect(),
            states,
        }
    }
}

/// How many years a change takes to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangeParams {
    /// Years that must agree before the change, at least 1.
    pub before: usize,
    /// Years that must agree from the change on, at least 1.
    pub after: usize,
}

impl Default for ChangeParams {
    fn default() -> Self {
        Self {
            before: 1,
            after: 1,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    Entry,
    Exit,
}

/// One change; positions in the labels and years of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Change {
    /// First year of the new state.
    pub year: usize,
    pub location: usize,
    pub activity: usize,
    pub kind: ChangeKind,
}

/// Changes of a history with what could have changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// By year, location, activity.
    pub events: Vec<Change>,
    pub entries: ChangeCount,
    pub exits: ChangeCount,
}

/// How often a change happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChangeCount {
    /// Cell-years in which it could have happened and every year of the rule is known.
    pub possible: usize,
    pub happened: usize,
    /// Cell-years that unknown years leave open; in neither of the two counts.
    pub undecided: usize,
}

impl ChangeCount {
    /// happened / possible with the 95 per cent score interval (Wilson, 1927), which reads the cell-years as independent.
    pub fn rate(&self) -> Quantity {
        const Z: f64 = 1.959_963_984_540_054;
        if self.possible == 0 {
            return Quantity::not_estimated(Message::new("change.nothing_possible"));
        }
        let n = self.possible as f64;
        let p = self.happened as f64 / n;
        let centre = p + Z * Z / (2.0 * n);
        let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + Z * Z / n;
        Estimate::spanning(
            p,
            ((centre - half) / scale).max(0.0),
            ((centre + half) / scale).min(1.0),
            Basis::Derived,
        )
        .into()
    }
}

/// Every entry and exit of a history. `before` and `after` below 1 count as 1.
pub fn changes(history: &History, params: ChangeParams) -> Changes {
    let (before, after) = (params.before.max(1), params.after.max(1));
    let width = history.activities.len();
    let mut found = Changes {
        events: Vec::new(),
        entries: ChangeCount::default(),
        exits: ChangeCount::default(),
    };
    for year in before..(history.years.len() + 1).saturating_sub(after) {
        for cell in 0..history.locations.len() * width {
            let all = |years: std::ops::Range<usize>| agreement(history, cell, years);
            let old = all(year - before..year);
            let new = all(year..year + after);
            for (kind, was, becomes) in [
                (ChangeKind::Entry, State::Absent, State::Present),
                (ChangeKind::Exit, State::Present, State::Absent),
            ] {
                let count = match kind {
                    ChangeKind::Entry => &mut found.entries,
                    ChangeKind::Exit => &mut found.exits,
                };
                match (old.can_be(was), new.can_be(becomes)) {
                    (Some(true), Some(_)) => count.possible += 1,
                    (Some(false), _) | (_, Some(false)) => {}
                    _ => count.undecided += 1,
                }
                if (old.can_be(was), new.can_be(becomes)) == (Some(true), Some(true)) {
                    count.happened += 1;
                    found.events.push(Change {
                        year,
                        location: cell / width,
                        activity: cell % width,
                        kind,
                    });
                }
            }
        }
    }
    found
}

/// What several years of a cell say together.
struct Agreement {
    absent: bool,
    present: bool,
    unknown: bool,
}

impl Agreement {
    /// Whether all years are `state`; `None` where unknown years leave it open.
    fn can_be(&self, state: State) -> Option<bool> {
        let (with, against) = match state {
            State::Present => (self.present, self.absent),
            _ => (self.absent, self.present),
        };
        if against {
            Some(false)
        } else if self.unknown {
            None
        } else {
            Some(with)
        }
    }
}

fn agreement(history: &History, cell: usize, years: std::ops::Range<usize>) -> Agreement {
    let states = || history.states[years.clone()].iter().map(|year| year[cell]);
    Agreement {
        absent: states().any(|s| s == State::Absent),
        present: states().any(|s| s == State::Present),
        unknown: states().any(|s| s == State::Unknown),
    }
}

/// How related the entries of one year were to what their locations already had.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryRelatedness {
    pub year: usize,
    pub entries: usize,
    /// Options not taken: absent before and after, known.
    pub options: usize,
    /// Mean density of the entered activities the year before; `NaN` without entries.
    pub mean_entries: f64,
    pub mean_options: f64,
    /// Probability that an entry had a higher density than an option not taken, 0..1; 0.5: relatedness says nothing.
    pub auc: f64,
    /// Part of the entries with a density below the mean of their location's options: unrelated diversification.
    pub unrelated: f64,
}

/// Relatedness of the entries of `year` (a position > 0 in the history's years) by the `density` of the year before
/// (row-major, locations × activities).
pub fn entry_relatedness(
    history: &History,
    changes: &Changes,
    year: usize,
    density: &[f64],
) -> Result<EntryRelatedness, SpecialisationError> {
    let width = history.activities.len();
    let cells = history.locations.len() * width;
    length("density", density.len(), cells)?;
    if year == 0 || year >= history.years.len() {
        return Err(SpecialisationError::Length {
            what: "year",
            found: year,
            wanted: history.years.len(),
        });
    }
    let entered: std::collections::BTreeSet<usize> = changes
        .events
        .iter()
        .filter(|e| e.year == year && e.kind == ChangeKind::Entry)
        .map(|e| e.location * width + e.activity)
        .filter(|cell| !density[*cell].is_nan())
        .collect();
    let option = |cell: &usize| {
        !density[*cell].is_nan()
            && history.states[year - 1][*cell] == State::Absent
            && history.states[year][*cell] == State::Absent
    };
    let options: Vec<usize> = (0..cells).filter(option).collect();
    let mean = |of: &[usize]| of.iter().map(|c| density[*c]).sum::<f64>() / of.len() as f64;
    let taken: Vec<usize> = entered.iter().copied().collect();
    let below = taken
        .iter()
        .filter(|cell| {
            let l = *cell / width;
            let open: Vec<usize> = (l * width..(l + 1) * width)
                .filter(|c| option(c) || entered.contains(c))
                .collect();
            density[**cell] < mean(&open)
        })
        .count();
    Ok(EntryRelatedness {
        year,
        entries: taken.len(),
        options: options.len(),
        mean_entries: mean(&taken),
        mean_options: mean(&options),
        auc: auc(&taken, &options, density),
        unrelated: below as f64 / taken.len() as f64,
    })
}

fn auc(taken: &[usize], options: &[usize], density: &[f64]) -> f64 {
    let mut sorted: Vec<f64> = options.iter().map(|c| density[*c]).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let wins: f64 = taken
        .iter()
        .map(|c| {
            let below = sorted.partition_point(|x| *x < density[*c]);
            let up_to = sorted.partition_point(|x| *x <= density[*c]);
            below as f64 + (up_to - below) as f64 / 2.0
        })
        .sum();
    wins / (taken.len() * options.len()) as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn history(cells: &[&str]) -> History {
        // One activity; each location a string of years: 0, 1 or ?.
        let years = cells[0].len();
        let state = |c: u8| match c {
            b'0' => State::Absent,
            b'1' => State::Present,
            _ => State::Unknown,
        };
        History {
            locations: (0..cells.len()).map(|i| format!("l{i}")).collect(),
            activities: vec!["a".into()],
            years: (0..years).map(|y| Year(2000 + y as i32)).collect(),
            states: (0..years)
                .map(|y| cells.iter().map(|c| state(c.as_bytes()[y])).collect())
                .collect(),
        }
    }

    fn kinds(cells: &[&str], before: usize, after: usize) -> Vec<(usize, usize, ChangeKind)> {
        changes(&history(cells), ChangeParams { before, after })
            .events
            .iter()
            .map(|e| (e.location, e.year, e.kind))
            .collect()
    }

    #[test]
    fn an_unknown_year_is_no_exit() {
        assert_eq!(kinds(&["11?", "1??", "?1?"], 1, 1), []);
        assert_eq!(
            kinds(&["0110", "1?00"], 1, 1),
            [(0, 1, ChangeKind::Entry), (0, 3, ChangeKind::Exit)]
        );
        let found = changes(&history(&["1?"]), ChangeParams::default());
        assert_eq!(
            (found.exits.possible, found.exits.undecided),
            (0, 1),
            "open, not survived"
        );
    }

    #[test]
    fn two_years_on_either_side_keep_noise_out() {
        assert_eq!(
            kinds(&["01011", "00110"], 2, 2),
            [(1, 2, ChangeKind::Entry)]
        );
        let found = changes(
            &history(&["0011", "0001", "00?0", "00?1"]),
            ChangeParams {
                before: 2,
                after: 2,
            },
        );
        // Two known, one whose known year already speaks against an entry, one left open.
        assert_eq!(
            found.entries,
            ChangeCount {
                possible: 3,
                happened: 1,
                undecided: 1
            }
        );
    }

    #[test]
    fn the_rate_is_wilsons_interval() {
        // Newcombe (1998), table I, method 3: 81 of 263.
        let count = ChangeCount {
            possible: 263,
            happened: 81,
            undecided: 0,
        };
        let rate = count.rate().estimate().expect("possible");
        assert!((rate.low - 0.2553).abs() < 5e-5 && (rate.high - 0.3662).abs() < 5e-5);
        assert!(ChangeCount::default().rate().estimate().is_none());
    }

    #[test]
    fn related_entries_by_hand() {
        let mut h = history(&["01", "00", "00"]);
        h.locations = vec!["l".into()];
        h.activities = vec!["a".into(), "b".into(), "c".into()];
        let found = changes(&h, ChangeParams::default());
        let r = entry_relatedness(&h, &found, 1, &[0.5, 0.5, 0.1]).expect("fits");
        assert_eq!((r.entries, r.options), (1, 2));
        assert!((r.auc - 0.75).abs() < 1e-15 && r.unrelated.abs() < 1e-15);
        assert!((r.mean_options - 0.3).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn with_one_year_each_changes_sum_to_the_difference(
            cells in proptest::collection::vec("[01]{6}", 1..6)
        ) {
            let rows: Vec<&str> = cells.iter().map(String::as_str).collect();
            let found = changes(&history(&rows), ChangeParams::default());
            let ends: i64 = rows.iter().map(|r| i64::from(r.as_bytes()[5]) - i64::from(r.as_bytes()[0])).sum();
            prop_assert_eq!(found.entries.happened as i64 - found.exits.happened as i64, ends);
            prop_assert_eq!(found.entries.possible + found.exits.possible, rows.len() * 5);
        }

        #[test]
        fn forgetting_a_year_never_adds_a_change(
            cells in proptest::collection::vec("[01]{6}", 1..6), year in 0usize..6, before in 1usize..3, after in 1usize..3
        ) {
            let rows: Vec<&str> = cells.iter().map(String::as_str).collect();
            let all = history(&rows);
            let mut less = all.clone();
            less.states[year].fill(State::Unknown);
            let params = ChangeParams { before, after };
            let kept = changes(&less, params).events;
            let full = changes(&all, params).events;
            prop_assert!(kept.iter().all(|e| full.contains(e)));
        }
    }
}
