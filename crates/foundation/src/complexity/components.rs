//! Does the matrix hang together? Connected components of the network of locations and activities.
//!
//! A location and an activity are linked where M_la = 1. With two or more components the second eigenvalue of the
//! complexity problem is 1 as well and "ECI" is nothing but the sign of the component, so that complexity is
//! comparable within a component only.

use crate::presence::Presence;

/// Locations and activities that are linked with each other, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    pub locations: Vec<usize>,
    pub activities: Vec<usize>,
}

/// Components with at least one link, the largest (by members) first, ties by first location. Units without any link
/// are in none.
pub fn components(presence: &Presence) -> Vec<Component> {
    let mut seen_location = vec![false; presence.locations()];
    let mut seen_activity = vec![false; presence.activities()];
    let mut found = Vec::new();
    for start in 0..presence.locations() {
        if seen_location[start] || presence.diversity()[start] == 0 {
            continue;
        }
        seen_location[start] = true;
        let mut component = Component {
            locations: vec![start],
            activities: Vec::new(),
        };
        let (mut next_location, mut next_activity) = (0, 0);
        while next_location < component.locations.len() {
            let l = component.locations[next_location];
            next_location += 1;
            for a in presence.activities_of(l) {
                if !std::mem::replace(&mut seen_activity[a], true) {
                    component.activities.push(a);
                }
            }
            while next_activity < component.activities.len() {
                let a = component.activities[next_activity];
                next_activity += 1;
                for l in presence.locations_of(a) {
                    if !std::mem::replace(&mut seen_location[l], true) {
                        component.locations.push(l);
                    }
                }
            }
        }
        component.locations.sort_unstable();
        component.activities.sort_unstable();
        found.push(component);
    }
    found.sort_by_key(|c| {
        (
            std::cmp::Reverse(c.locations.len() + c.activities.len()),
            c.locations[0],
        )
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_blocks_and_a_lonely_unit() {
        // Locations 0, 2 with activities 0, 1; locations 1, 3, 4 with 2, 3; location 5 and activity 4 with nobody.
        let links = [(0, 0), (0, 1), (2, 1), (1, 2), (3, 2), (3, 3), (4, 3)];
        let m = Presence::from_fn(6, 5, |l, a| links.contains(&(l, a)));
        let found = components(&m);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].locations, [1, 3, 4]);
        assert_eq!(found[0].activities, [2, 3]);
        assert_eq!(found[1].locations, [0, 2]);
        assert_eq!(found[1].activities, [0, 1]);
    }
}
