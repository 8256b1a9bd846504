//! Parts of a network that losses never leave.
//!
//! **Upstream** a loss walks from a customer to its suppliers in proportion to their sales; read from the supplier, the loss of i
//! is the probability that a walk supplier → customer ever meets the closed firm. A walk ends where something leaves the
//! network: final demand, or a firm without sales. A set of firms that sell only to each other and from which no
//! walk ends is a *closed class*: the walk meets every member for sure, so all members lose whatever the most hit of
//! them loses, and 1 when one of them closes. If the network is one such class, every upstream index is 1.
//!
//! **Downstream** without substitution a firm passes on the largest loss among its groups of inputs: a walk in which each
//! firm chooses the group. Firms that can keep the walk among themselves for ever are an *end component* (de Alfaro
//! 1997); the largest ones are found by peeling off groups that leave. A loss that enters an end component can
//! be passed in circles until it meets any member, so again all members lose the same. With
//! substitution this needs suppliers that are alone on their market.
//!
//! No bound of an error exists while such parts are there (a walk in circles has no expected length). Members of an end
//! component are therefore tied to one of them, which keeps the groups that lead out (Haddad, Monmege 2018).

use super::layout::{ALONE, Layout, Rows, sum};
use super::model::Substitution;
use super::system::{System, Tied};

/// Closed parts, as positions of firms; empty where losses leave everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Closed {
    /// Closed classes upstream.
    pub upstream: Vec<Vec<u32>>,
    /// End components downstream.
    pub downstream: Vec<Vec<u32>>,
    /// Firms that have no leak of their own upstream: all they sell, they sell to firms of the network.
    pub firms_without_leak: usize,
}

/// Both channels with closed parts tied together.
#[derive(Debug, Clone)]
pub(crate) struct Collapsed {
    pub up: System,
    pub down: System,
    without_leak: usize,
}

impl Collapsed {
    pub fn of(layout: &Layout) -> Self {
        let nobody = vec![ALONE; layout.len()];
        let market: Vec<u32> = (0..layout.len())
            .map(|i| {
                let m = layout.market[i];
                let others = &layout.members[m as usize];
                let sells = |other: &u32| *other != i as u32 && layout.size[*other as usize] > 0.0;
                let alone = layout.substitution == Substitution::None || !others.iter().any(sells);
                if alone { ALONE } else { m }
            })
            .collect();
        // Nothing leaves a closed class: its leaks are not asked for.
        let up = tied(layout, &layout.up, &[], closed_classes(layout));
        let ends = end_components(layout, &market);
        let down = tied(layout, &layout.down, &layout.leak_down, ends);
        Self {
            without_leak: layout.leaks_up.iter().filter(|leaks| !**leaks).count(),
            up: System::new(layout, up, nobody),
            down: System::new(layout, down, market),
        }
    }

    pub fn named(&self, layout: &Layout) -> Closed {
        let name = |sets: &[Vec<u32>]| {
            let mut named: Vec<Vec<u32>> = sets
                .iter()
                .map(|set| {
                    let mut firms: Vec<u32> =
                        set.iter().map(|i| layout.firm[*i as usize]).collect();
                    firms.sort_unstable();
                    firms
                })
                .collect();
            named.sort_unstable();
            named
        };
        Closed {
            upstream: name(&self.up.sets),
            downstream: name(&self.down.sets),
            firms_without_leak: self.without_leak,
        }
    }
}

/// Strongly connected sets without a leak and without a link out, among firms from which no leak can be reached.
fn closed_classes(layout: &Layout) -> Vec<Vec<u32>> {
    let n = layout.len();
    // Suppliers of each firm are its links downstream, but irrelevant inputs are not among those: turn Λu round.
    let mut suppliers = vec![Vec::new(); n];
    for i in 0..n {
        for link in layout.up.all_of(i) {
            suppliers[layout.up.from[link] as usize].push(i as u32);
        }
    }
    let mut leaks: Vec<bool> = layout.leaks_up.clone();
    let mut open: Vec<u32> = (0..n as u32).filter(|i| leaks[*i as usize]).collect();
    while let Some(j) = open.pop() {
        for i in &suppliers[j as usize] {
            if !std::mem::replace(&mut leaks[*i as usize], true) {
                open.push(*i);
            }
        }
    }
    drop(suppliers);
    let inside: Vec<bool> = leaks.iter().map(|leaks| !leaks).collect();
    let next = |i: usize| layout.up.all_of(i).map(|link| layout.up.from[link]);
    let component = components(n, &inside, &mut |i, visit| next(i).for_each(visit));
    let count = component
        .iter()
        .filter(|c| **c != ALONE)
        .max()
        .map_or(0, |c| c + 1);
    let mut last = vec![true; count as usize];
    for i in (0..n).filter(|i| inside[*i]) {
        if next(i).any(|j| component[j as usize] != component[i]) {
            last[component[i] as usize] = false;
        }
    }
    gather(&component, |c| last[c as usize])
}

/// Largest sets of firms that can each choose a group whose suppliers are all in the set and that loses nothing.
fn end_components(layout: &Layout, market: &[u32]) -> Vec<Vec<u32>> {
    let n = layout.len();
    let rows = &layout.down;
    let mut alive: Vec<bool> = (0..rows.links.len() - 1)
        .map(|group| {
            rows.links_of(group)
                .all(|link| market[rows.from[link] as usize] == ALONE)
        })
        .collect();
    for j in 0..n {
        for group in rows.groups_of(j) {
            alive[group] &= layout.leak_down[group] <= 0.0;
        }
    }
    loop {
        let inside: Vec<bool> = (0..n)
            .map(|j| rows.groups_of(j).any(|group| alive[group]))
            .collect();
        let component = components(n, &inside, &mut |j, visit| {
            for group in rows.groups_of(j).filter(|group| alive[*group]) {
                rows.links_of(group).for_each(|link| visit(rows.from[link]));
            }
        });
        let mut peeled = false;
        for j in 0..n {
            for group in rows.groups_of(j) {
                let leaves = |link: usize| component[rows.from[link] as usize] != component[j];
                if alive[group] && rows.links_of(group).any(leaves) {
                    (alive[group], peeled) = (false, true);
                }
            }
        }
        if !peeled {
            return gather(&component, |_| true);
        }
    }
}

/// Rows in which the first member of each set has all groups that leave it and the others follow it.
fn tied(layout: &Layout, rows: &Rows, leak: &[f64], sets: Vec<Vec<u32>>) -> Tied {
    let mut stand_in: Vec<u32> = (0..layout.len() as u32).collect();
    let mut members: Vec<&[u32]> = vec![&[]; layout.len()];
    for set in &sets {
        members[set[0] as usize] = set;
        for i in set {
            stand_in[*i as usize] = set[0];
        }
    }
    if sets.is_empty() {
        return Tied {
            rows: rows.clone(),
            stand_in,
            sets,
        };
    }
    let rows = Rows::build(layout.len(), |j, built| {
        let first = stand_in[j];
        if first as usize != j {
            built.push(first, 1.0);
            built.end_group();
            return;
        }
        let own = [j as u32];
        let set = if members[j].is_empty() {
            &own
        } else {
            members[j]
        };
        for group in set.iter().flat_map(|i| rows.groups_of(*i as usize)) {
            let mut links: Vec<(u32, f64)> = rows
                .links_of(group)
                .map(|link| (stand_in[rows.from[link] as usize], rows.weight[link]))
                .collect();
            links.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
            // What returns to the set is tried again until it leaves: divide by the part that leaves, added up from its parts
            // because 1 less the part that stays would keep too few digits.
            let returns = links.iter().any(|l| l.0 == first);
            links.retain(|l| l.0 != first);
            if links.is_empty() {
                continue;
            }
            let out = sum(links.iter().map(|l| l.1)) + leak.get(group).unwrap_or(&0.0);
            let factor = if returns { 1.0 / out } else { 1.0 };
            for same in links.chunk_by(|a, b| a.0 == b.0) {
                let weight = sum(same.iter().map(|l| l.1));
                built.push(same[0].0, weight * factor);
            }
            built.end_group();
        }
    });
    Tied {
        rows,
        stand_in,
        sets,
    }
}

/// Members of each kept component, in rising order.
fn gather(component: &[u32], keep: impl Fn(u32) -> bool) -> Vec<Vec<u32>> {
    let count = component
        .iter()
        .filter(|c| **c != ALONE)
        .max()
        .map_or(0, |c| c + 1);
    let mut sets = vec![Vec::new(); count as usize];
    for (i, c) in component.iter().enumerate() {
        if *c != ALONE && keep(*c) {
            sets[*c as usize].push(i as u32);
        }
    }
    sets.retain(|set| set.len() > 1);
    sets.sort_unstable();
    sets
}

type Neighbours<'a> = dyn FnMut(usize, &mut dyn FnMut(u32)) + 'a;

/// Strongly connected components of the nodes inside (Tarjan 1972, without recursion); `ALONE` outside.
fn components(n: usize, inside: &[bool], links: &mut Neighbours) -> Vec<u32> {
    let mut component = vec![ALONE; n];
    let (mut index, mut low) = (vec![ALONE; n], vec![0_u32; n]);
    let mut stack: Vec<u32> = Vec::new();
    let (mut counter, mut found) = (0_u32, 0_u32);
    let mut path: Vec<(u32, Vec<u32>)> = Vec::new();
    for root in (0..n).filter(|i| inside[*i]) {
        if index[root] != ALONE {
            continue;
        }
        let mut enter = Some(root as u32);
        loop {
            if let Some(i) = enter.take() {
                (index[i as usize], low[i as usize]) = (counter, counter);
                counter += 1;
                stack.push(i);
                let mut next = Vec::new();
                links(i as usize, &mut |j| {
                    if inside[j as usize] {
                        next.push(j);
                    }
                });
                path.push((i, next));
            }
            let Some((i, next)) = path.last_mut() else {
                break;
            };
            let i = *i as usize;
            if let Some(j) = next.pop() {
                if index[j as usize] == ALONE {
                    enter = Some(j);
                } else if component[j as usize] == ALONE {
                    low[i] = low[i].min(index[j as usize]);
                }
                continue;
            }
            if low[i] == index[i] {
                while let Some(j) = stack.pop() {
                    component[j as usize] = found;
                    if j as usize == i {
                        break;
                    }
                }
                found += 1;
            }
            path.pop();
            if let Some((above, _)) = path.last() {
                low[*above as usize] = low[*above as usize].min(low[i]);
            }
        }
    }
    component
}
