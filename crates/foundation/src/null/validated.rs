//! Validated projections: which pairs share more than their sizes explain?
//!
//! Under the null model the number of locations with both activities a and b is Poisson-binomial with probabilities
//! p_la p_lb (Saracco, Straka, Di Clemente, Gabrielli, Caldarelli and Squartini, 2017); its right tail at the observed count
//! is the p-value, and pairs are accepted at α after a correction for **all** n (n - 1) / 2 tests, those without any
//! co-occurrence included.
//!
//! **Speed.** p_la depends on the ubiquity of a alone, so all pairs of the same two ubiquities share one tail: 12.5 million pairs of
//! 5,000 activities need some 20,000 tails. Counts are common bits.

use rayon::prelude::*;

use super::bicm::{Bicm, Classes};
use super::false_discovery::{Correction, Tied, adjusted, threshold};
use super::poisson_binomial::{self, Trials};
use super::{NullError, refusal};
use crate::presence::Presence;

/// How the tail of a count is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tail {
    /// The Poisson-binomial itself.
    #[default]
    Exact,
    /// What bicm and NEMtropy do unless told otherwise. Conservative: it finds fewer pairs, often none.
    Poisson,
    Normal,
    RefinedNormal,
}

/// When a pair is accepted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// Above 0 and at most 1/2.
    pub alpha: f64,
    pub correction: Correction,
    pub tail: Tail,
}

impl Default for Params {
    /// α = 0.01 after the false discovery rate, exact tails.
    fn default() -> Self {
        Self {
            alpha: 0.01,
            correction: Correction::default(),
            tail: Tail::default(),
        }
    }
}

/// Two members that share more than chance explains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// Within one layer a < b; across layers a of the first, b of the second.
    pub a: u32,
    pub b: u32,
    /// What they share.
    pub count: u32,
    /// What they share on average under the null model.
    pub expected: f64,
    /// P(count or more) under the null model.
    pub p: f64,
    /// p adjusted for the number of tests.
    pub q: f64,
}

/// The accepted pairs of one projection.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// Sorted by a, then b.
    pub links: Vec<Link>,
    /// All pairs, also those that share nothing.
    pub tests: u64,
    /// Largest accepted p-value; `None` where no pair is accepted.
    pub threshold: Option<f64>,
}

/// Pairs of activities that share more locations than chance explains.
///
/// # Errors
/// `Parameter` (α), `Shape` (another matrix than the model's), `Refused` (`null.no_freedom`: every cell is forced).
pub fn activities(m: &Presence, null: &Bicm, params: &Params) -> Result<Projection, NullError> {
    check(m, null, params)?;
    let side = Side::of_activities(null, &classes_as_groups(null.locations()));
    Ok(project(&side, None, params, |a, b| m.both_activities(a, b)))
}

/// Pairs of locations that share more activities than chance explains. Errors as for [`activities`].
pub fn locations(m: &Presence, null: &Bicm, params: &Params) -> Result<Projection, NullError> {
    activities(&m.transposed(), &null.transposed(), params)
}

/// Pairs of an activity of one layer and one of another (a technology and a product) that share more locations than
/// chance explains, each layer under its own null model. Locations must be the same, in the same order.
///
/// # Errors
/// As for [`activities`]; `Shape` also where the layers differ in their number of locations.
pub fn across(
    (first, first_null): (&Presence, &Bicm),
    (second, second_null): (&Presence, &Bicm),
    params: &Params,
) -> Result<Projection, NullError> {
    check(first, first_null, params)?;
    check(second, second_null, params)?;
    if first.locations() != second.locations() {
        return Err(NullError::Shape {
            found: (second.locations(), second.activities()),
            wanted: (first.locations(), second.activities()),
        });
    }
    let mut groups: Vec<(u32, u32)> = first_null
        .locations()
        .of()
        .iter()
        .zip(second_null.locations().of())
        .map(|(x, y)| (*x, *y))
        .collect();
    groups.sort_unstable();
    let groups: Vec<((u32, u32), u32)> = groups
        .chunk_by(|x, y| x == y)
        .map(|same| (same[0], same.len() as u32))
        .collect();
    let pick = |which: fn(&(u32, u32)) -> u32| -> Vec<Group> {
        let group = |(classes, size): &((u32, u32), u32)| Group {
            class: which(classes),
            size: *size,
        };
        groups.iter().map(group).collect()
    };
    let one = Side::of_activities(first_null, &pick(|g| g.0));
    let other = Side::of_activities(second_null, &pick(|g| g.1));
    // Both layers side by side, so that a count is again one of common bits.
    let width = first.activities();
    let joined = Presence::from_fn(first.locations(), width + second.activities(), |l, a| {
        if a < width {
            first.get(l, a)
        } else {
            second.get(l, a - width)
        }
    });
    Ok(project(&one, Some(&other), params, |a, b| {
        joined.both_activities(a, width + b)
    }))
}

fn check(m: &Presence, null: &Bicm, params: &Params) -> Result<(), NullError> {
    if !(params.alpha > 0.0 && params.alpha <= 0.5) {
        return Err(NullError::Parameter {
            name: "alpha",
            value: params.alpha,
            need: "above 0 and at most 1/2",
        });
    }
    let found = (m.locations(), m.activities());
    let wanted = (null.locations().of().len(), null.activities().of().len());
    if found != wanted {
        return Err(NullError::Shape { found, wanted });
    }
    if null.forced() == found.0 * found.1 {
        return Err(refusal("null.no_freedom", |text| {
            text.with("locations", found.0).with("activities", found.1)
        }));
    }
    Ok(())
}

/// Locations with the same probabilities.
struct Group {
    class: u32,
    size: u32,
}

fn classes_as_groups(classes: &Classes) -> Vec<Group> {
    let group = |(class, size): (usize, &u32)| Group {
        class: class as u32,
        size: *size,
    };
    classes.sizes().iter().enumerate().map(group).collect()
}

/// One side of a pair: its classes, their members, and p of every group of locations.
struct Side<'a> {
    classes: &'a Classes,
    members: Vec<Vec<u32>>,
    group_sizes: Vec<u32>,
    /// Class × group.
    probability: Vec<Vec<f64>>,
}

impl<'a> Side<'a> {
    fn of_activities(null: &'a Bicm, groups: &[Group]) -> Self {
        let classes = null.activities();
        let mut members = vec![Vec::new(); classes.count()];
        for (member, class) in classes.of().iter().enumerate() {
            members[*class as usize].push(member as u32);
        }
        let of_class = |class: usize| -> Vec<f64> {
            groups
                .iter()
                .map(|g| null.class_probability(g.class as usize, class))
                .collect()
        };
        Self {
            probability: (0..classes.count()).map(of_class).collect(),
            group_sizes: groups.iter().map(|g| g.size).collect(),
            classes,
            members,
        }
    }
}

/// Remarkable counts of the pairs of two classes.
struct ClassPair {
    expected: f64,
    /// Counts that occur, ascending, with p ≤ α; p falls with the count.
    counts: Vec<Remarkable>,
}

#[derive(Clone, Copy)]
struct Remarkable {
    count: u32,
    times: u64,
    p: f64,
    q: f64,
}

/// All pairs of `one` with `other`, or of `one` with itself.
fn project(
    one: &Side,
    other: Option<&Side>,
    params: &Params,
    count: impl Fn(usize, usize) -> u32 + Sync,
) -> Projection {
    let second = other.unwrap_or(one);
    let within = other.is_none();
    let sizes = (
        one.classes.of().len() as u64,
        second.classes.of().len() as u64,
    );
    let tests = if within {
        sizes.0 * sizes.0.saturating_sub(1) / 2
    } else {
        sizes.0 * sizes.1
    };
    let width = second.classes.count();
    let pairs: Vec<(usize, usize)> = (0..one.classes.count())
        .flat_map(|i| (if within { i } else { 0 }..width).map(move |j| (i, j)))
        .collect();
    let mut found: Vec<ClassPair> = pairs
        .par_iter()
        .map(|(i, j)| {
            let trials = trials(one, *i, second, *j);
            let mut times = vec![0_u64; one.group_sizes.iter().sum::<u32>() as usize + 1];
            for (place, a) in one.members[*i].iter().enumerate() {
                let from = if within && i == j { place + 1 } else { 0 };
                for b in &second.members[*j][from..] {
                    times[count(*a as usize, *b as usize) as usize] += 1;
                }
            }
            remarkable(&trials, &times, params)
        })
        .collect();

    let mut order: Vec<(usize, usize)> = found
        .iter()
        .enumerate()
        .flat_map(|(pair, f)| (0..f.counts.len()).map(move |k| (pair, k)))
        .collect();
    order.sort_by(|x, y| {
        let p = |(pair, k): (usize, usize)| found[pair].counts[k].p;
        p(*x).total_cmp(&p(*y)).then(x.cmp(y))
    });
    let sorted: Vec<Tied> = order
        .iter()
        .map(|(pair, k)| {
            let Remarkable { p, times, .. } = found[*pair].counts[*k];
            Tied { p, times }
        })
        .collect();
    let accepted = threshold(&sorted, tests, params.alpha, params.correction);
    for ((pair, k), q) in order
        .iter()
        .zip(adjusted(&sorted, tests, params.correction))
    {
        found[*pair].counts[*k].q = q;
    }
    drop((order, sorted));
    for f in &mut found {
        f.counts
            .retain(|r| accepted.is_some_and(|limit| r.p <= limit));
    }

    let mut places = vec![usize::MAX; one.classes.count() * width];
    for (place, (i, j)) in pairs.iter().enumerate() {
        if !found[place].counts.is_empty() {
            places[i * width + j] = place;
            if within {
                places[j * width + i] = place;
            }
        }
    }
    let total: u64 = found.iter().flat_map(|f| &f.counts).map(|r| r.times).sum();
    let mut links = Vec::with_capacity(total as usize);
    let rows: Vec<usize> = (0..sizes.0 as usize).collect();
    for block in rows.chunks(64) {
        let done: Vec<Vec<Link>> = block
            .par_iter()
            .map(|a| {
                let class = one.classes.of()[*a] as usize;
                let row = &places[class * width..(class + 1) * width];
                let first = if within { a + 1 } else { 0 };
                (first..sizes.1 as usize)
                    .filter_map(|b| {
                        let pair = found.get(row[second.classes.of()[b] as usize])?;
                        let shared = count(*a, b);
                        let k = pair.counts.binary_search_by_key(&shared, |r| r.count);
                        let r = pair.counts[k.ok()?];
                        Some(Link {
                            a: *a as u32,
                            b: b as u32,
                            count: shared,
                            expected: pair.expected,
                            p: r.p,
                            q: r.q,
                        })
                    })
                    .collect()
            })
            .collect();
        links.extend(done.into_iter().flatten());
    }
    Projection {
        links,
        tests,
        threshold: accepted,
    }
}

/// Probabilities that both have it, for every group of locations.
fn trials(one: &Side, i: usize, other: &Side, j: usize) -> Vec<Trials> {
    one.probability[i]
        .iter()
        .zip(&other.probability[j])
        .zip(&one.group_sizes)
        .map(|((x, y), count)| Trials {
            p: x * y,
            count: *count,
        })
        .collect()
}

/// The counts that occur with a tail of at most α.
fn remarkable(trials: &[Trials], times: &[u64], params: &Params) -> ClassPair {
    let expected = poisson_binomial::mean(trials);
    // The median is the mean rounded down or up (Jogdeo and Samuels, 1968): up to the mean the tail is at least 1/2 ≥ α.
    let first = match params.tail {
        Tail::Exact => expected.floor() as usize + 1,
        Tail::Poisson | Tail::Normal | Tail::RefinedNormal => 1,
    };
    let counts: Vec<u32> = (first..times.len())
        .filter(|k| times[*k] > 0)
        .map(|k| k as u32)
        .collect();
    let each = |tail: fn(&[Trials], u32) -> f64| -> Vec<f64> {
        counts.iter().map(|k| tail(trials, *k)).collect()
    };
    let tails = match params.tail {
        Tail::Exact if counts.is_empty() => Vec::new(),
        Tail::Exact => poisson_binomial::right_tails(trials, &counts),
        Tail::Poisson => each(poisson_binomial::poisson),
        Tail::Normal => each(poisson_binomial::normal),
        Tail::RefinedNormal => each(poisson_binomial::refined_normal),
    };
    let counts = counts
        .iter()
        .zip(tails)
        .filter(|(_, p)| *p <= params.alpha)
        .map(|(count, p)| Remarkable {
            count: *count,
            times: times[*count as usize],
            p,
            q: p,
        })
        .collect();
    ClassPair { expected, counts }
}
