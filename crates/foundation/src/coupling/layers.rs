//! Two layers on the same locations, with the list of who is left out.
//!
//! A location that only one layer observes says nothing about their coupling: it is dropped from both, and
//! named, because whom the sources leave out decides what the links mean.

use std::collections::BTreeSet;

use super::error::{CouplingError, refused};
use crate::presence::Presence;

/// Which location has which activity, with labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    locations: Vec<String>,
    activities: Vec<String>,
    presence: Presence,
}

/// Why labels do not fit a presence matrix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayerError {
    #[error(
        "{locations} locations and {activities} activities for a presence of {rows} by {columns}"
    )]
    Shape {
        locations: usize,
        activities: usize,
        rows: usize,
        columns: usize,
    },
    #[error("labels must be sorted and unique; {label} is not")]
    Labels { label: String },
}

impl Layer {
    /// `locations` and `activities` are sorted and unique, as in an [`crate::activity::ActivityTable`].
    pub fn new(
        locations: Vec<String>,
        activities: Vec<String>,
        presence: Presence,
    ) -> Result<Self, LayerError> {
        for labels in [&locations, &activities] {
            if let Some(pair) = labels.windows(2).find(|pair| pair[0] >= pair[1]) {
                return Err(LayerError::Labels {
                    label: pair[1].clone(),
                });
            }
        }
        if (locations.len(), activities.len()) != (presence.locations(), presence.activities()) {
            return Err(LayerError::Shape {
                locations: locations.len(),
                activities: activities.len(),
                rows: presence.locations(),
                columns: presence.activities(),
            });
        }
        Ok(Self {
            locations,
            activities,
            presence,
        })
    }

    pub fn locations(&self) -> &[String] {
        &self.locations
    }

    pub fn activities(&self) -> &[String] {
        &self.activities
    }

    pub fn presence(&self) -> &Presence {
        &self.presence
    }

    /// The layer of the locations at these positions, ascending.
    #[must_use]
    pub fn of_locations(&self, places: &[usize]) -> Self {
        let activities: Vec<usize> = (0..self.activities.len()).collect();
        Self {
            locations: places.iter().map(|l| self.locations[*l].clone()).collect(),
            activities: self.activities.clone(),
            presence: self.presence.restricted(places, &activities),
        }
    }
}

/// Two layers on the same locations, in the same order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// Layer 1, where the walk starts.
    pub from: Layer,
    /// Layer 2, where it ends.
    pub to: Layer,
    /// Locations of layer 1 alone: dropped.
    pub only_from: Vec<String>,
    /// Locations of layer 2 alone: dropped.
    pub only_to: Vec<String>,
}

impl Matched {
    pub fn locations(&self) -> &[String] {
        self.from.locations()
    }

    /// Position of a location, if both layers have it.
    pub fn location(&self, label: &str) -> Option<usize> {
        self.locations()
            .binary_search_by(|known| known.as_str().cmp(label))
            .ok()
    }
}

/// The locations that both layers have.
///
/// # Errors
/// `Refused` (`coupling.no_common_location`) where there are none.
pub fn matched(from: &Layer, to: &Layer) -> Result<Matched, CouplingError> {
    let first: BTreeSet<&String> = from.locations.iter().collect();
    let second: BTreeSet<&String> = to.locations.iter().collect();
    let places = |layer: &Layer, other: &BTreeSet<&String>| -> Vec<usize> {
        (0..layer.locations.len())
            .filter(|l| other.contains(&layer.locations[*l]))
            .collect()
    };
    let in_first = places(from, &second);
    if in_first.is_empty() {
        return Err(refused("coupling.no_common_location", |text| {
            text.with("from", from.locations.len())
                .with("to", to.locations.len())
        }));
    }
    Ok(Matched {
        only_from: first.difference(&second).map(|l| (*l).clone()).collect(),
        only_to: second.difference(&first).map(|l| (*l).clone()).collect(),
        from: from.of_locations(&in_first),
        to: to.of_locations(&places(to, &first)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(locations: &[&str]) -> Layer {
        let n = locations.len();
        Layer::new(
            locations.iter().map(|l| (*l).to_owned()).collect(),
            vec!["x".to_owned(), "y".to_owned()],
            Presence::from_fn(n, 2, |l, a| locations[l].len() % 2 == a),
        )
        .expect("sorted labels")
    }

    #[test]
    fn who_is_dropped_is_named() {
        let found = matched(&layer(&["aa", "b", "cc", "d"]), &layer(&["b", "cc", "e"]))
            .expect("two in common");
        assert_eq!(found.locations(), ["b", "cc"]);
        assert_eq!(found.to.locations(), ["b", "cc"]);
        assert_eq!(found.only_from, ["aa", "d"]);
        assert_eq!(found.only_to, ["e"]);
        // "b" has an odd length, hence activity y; "cc" has x: rows moved with their labels.
        assert!(found.from.presence().get(0, 1) && found.from.presence().get(1, 0));
        assert!(found.to.presence().get(0, 1) && found.to.presence().get(1, 0));
        assert_eq!(found.location("cc"), Some(1));
        assert_eq!(found.location("aa"), None);
    }

    #[test]
    fn nothing_in_common_is_refused() {
        let Err(CouplingError::Refused(refusal)) = matched(&layer(&["a"]), &layer(&["b"])) else {
            panic!("nothing in common");
        };
        assert_eq!(refusal.code, "coupling.no_common_location");
    }

    #[test]
    fn labels_must_fit() {
        let m = Presence::from_fn(1, 1, |_, _| true);
        let one = || vec!["a".to_owned()];
        let two = || vec!["a".to_owned(), "b".to_owned()];
        assert!(Layer::new(two(), one(), m.clone()).is_err());
        let back = vec!["b".to_owned(), "a".to_owned()];
        assert!(Layer::new(one(), back, m).is_err());
    }
}
