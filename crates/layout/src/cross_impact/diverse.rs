//! A few scenarios that differ as much as possible.
//!
//! Max-min dispersion (Erkut 1990, *European Journal of Operational Research* 46): the smallest number of descriptors in
//! which any two of the chosen scenarios differ is as large as possible. Exact by search for a clique at each distance,
//! from the largest down; a search that stops keeps the bound that it has proven.

use super::judgments::Scenario;

#[derive(Debug, Clone, PartialEq)]
pub struct Diverse {
    /// Positions in the list given.
    pub chosen: Vec<usize>,
    /// Smallest number of descriptors in which two of them differ.
    pub least_distance: usize,
    /// No choice of this size has a larger smallest distance.
    pub bound: usize,
}

/// Number of descriptors in which two scenarios differ.
pub fn distance(a: &[usize], b: &[usize]) -> usize {
    a.iter().zip(b).filter(|(x, y)| x != y).count()
}

/// `choose` of `scenarios` (or all, where there are fewer); those that stand earlier in the list are preferred, so the
/// caller sorts by worth.
pub fn diverse(scenarios: &[Scenario], choose: usize, max_choices: u64) -> Diverse {
    let n = scenarios.len();
    let widest = scenarios.first().map_or(0, Vec::len);
    if choose < 2 || n <= choose {
        let chosen: Vec<usize> = (0..n.min(choose)).collect();
        let least = least(scenarios, &chosen);
        return Diverse {
            least_distance: least,
            bound: least,
            chosen,
        };
    }
    let mut left = max_choices;
    let mut bound = None;
    for goal in (1..=widest).rev() {
        let mut clique = Vec::new();
        match extend(scenarios, choose, goal, 0, &mut clique, &mut left) {
            Found::Yes => {
                let least_distance = least(scenarios, &clique);
                return Diverse {
                    chosen: clique,
                    least_distance,
                    bound: bound.unwrap_or(least_distance),
                };
            }
            Found::No => {}
            // From here on the larger goal may be reachable: its distance stays the bound.
            Found::Stopped => {
                bound.get_or_insert(goal);
                left = max_choices;
            }
        }
    }
    // Equal scenarios only.
    let chosen: Vec<usize> = (0..choose).collect();
    Diverse {
        least_distance: least(scenarios, &chosen),
        bound: bound.unwrap_or(0),
        chosen,
    }
}

fn least(scenarios: &[Scenario], chosen: &[usize]) -> usize {
    let pairs = chosen
        .iter()
        .enumerate()
        .flat_map(|(k, a)| chosen[k + 1..].iter().map(move |b| (a, b)));
    pairs
        .map(|(a, b)| distance(&scenarios[*a], &scenarios[*b]))
        .min()
        .unwrap_or(0)
}

enum Found {
    Yes,
    No,
    Stopped,
}

fn extend(
    scenarios: &[Scenario],
    choose: usize,
    goal: usize,
    from: usize,
    clique: &mut Vec<usize>,
    left: &mut u64,
) -> Found {
    if clique.len() == choose {
        return Found::Yes;
    }
    for next in from..scenarios.len() {
        if scenarios.len() - next < choose - clique.len() {
            break;
        }
        if *left == 0 {
            return Found::Stopped;
        }
        *left -= 1;
        let far = clique
            .iter()
            .all(|k| distance(&scenarios[*k], &scenarios[next]) >= goal);
        if far {
            clique.push(next);
            match extend(scenarios, choose, goal, next + 1, clique, left) {
                Found::No => {
                    clique.pop();
                }
                done => return done,
            }
        }
    }
    Found::No
}
