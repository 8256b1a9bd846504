//! A chain runs from materials to products: its links form no circle.

use std::collections::{BTreeMap, BTreeSet};

use model::Arg;

use super::{Address, Drafts};
use crate::check::draft::Draft;
use crate::check::findings::Findings;
use crate::finding::Place;
use crate::table::Value;

const TABLE: &str = "chain_links";

/// A node does not supply itself.
pub(super) fn self_links(drafts: &Drafts, findings: &mut Findings) -> Vec<Address> {
    let Some(draft) = drafts.get(TABLE) else {
        return Vec::new();
    };
    let mut rejected = Vec::new();
    for (from, to, at) in links(draft) {
        if from == to {
            let place = Place::cell(&draft.file, draft.rows[at].number, "to_node");
            findings.error("links.self", place, to, &[]);
            rejected.push((TABLE.to_owned(), at));
        }
    }
    rejected
}

/// At least one circle of every knot of circles is reported, with its nodes in order.
pub(super) fn cycles(drafts: &Drafts, findings: &mut Findings) -> Vec<Address> {
    let Some(draft) = drafts.get(TABLE) else {
        return Vec::new();
    };
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut rows: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (from, to, at) in links(draft).filter(|(from, to, _)| from != to) {
        next.entry(from).or_default().insert(to);
        rows.entry((from, to)).or_default().push(at);
    }
    let mut rejected = Vec::new();
    for circle in circles(&next) {
        let pairs = circle.iter().zip(circle.iter().cycle().skip(1));
        let members: BTreeSet<usize> = pairs
            .flat_map(|(a, b)| rows.get(&(*a, *b)).cloned().unwrap_or_default())
            .collect();
        let path = circle
            .iter()
            .chain(circle.first())
            .copied()
            .collect::<Vec<_>>()
            .join(" → ");
        let numbers: Vec<String> = members
            .iter()
            .map(|at| draft.rows[*at].number.to_string())
            .collect();
        let first = members.first().map(|at| draft.rows[*at].number);
        let place = Place {
            file: &draft.file,
            row: first,
            column: Some("to_node"),
        };
        let args = [
            ("path", Arg::from(path.clone())),
            ("rows", numbers.join(", ").into()),
        ];
        findings.error("links.cycle", place, &path, &args);
        rejected.extend(members.into_iter().map(|at| (TABLE.to_owned(), at)));
    }
    rejected
}

fn links(draft: &Draft) -> impl Iterator<Item = (&str, &str, usize)> {
    let columns = draft.position("from_node").zip(draft.position("to_node"));
    draft
        .rows
        .iter()
        .enumerate()
        .filter(|(_, row)| !row.bad)
        .filter_map(move |(at, row)| {
            let (from, to) = columns?;
            match (&row.values[from], &row.values[to]) {
                (Value::Text(from), Value::Text(to)) => Some((from.as_str(), to.as_str(), at)),
                _ => None,
            }
        })
}

/// Depth-first search in order of names; a link back to a node on the path closes a circle. The search keeps its
/// own stack: a chain of a hundred thousand nodes must not exhaust the program's.
fn circles<'a>(next: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Vec<Vec<&'a str>> {
    let targets =
        |node: &str| -> Vec<&'a str> { next.get(node).into_iter().flatten().copied().collect() };
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut found = Vec::new();
    for start in next.keys().copied() {
        if done.contains(start) {
            continue;
        }
        let mut path: Vec<&str> = vec![start];
        let mut on_path: BTreeMap<&str, usize> = BTreeMap::from([(start, 0)]);
        let mut open = vec![targets(start).into_iter()];
        while let Some(targets_left) = open.last_mut() {
            if let Some(node) = targets_left.next() {
                if let Some(begin) = on_path.get(node) {
                    found.push(path[*begin..].to_vec());
                } else if !done.contains(node) {
                    on_path.insert(node, path.len());
                    path.push(node);
                    open.push(targets(node).into_iter());
                }
            } else {
                open.pop();
                if let Some(node) = path.pop() {
                    on_path.remove(node);
                    done.insert(node);
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(
        links: &[(&'static str, &'static str)],
    ) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
        let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (from, to) in links {
            next.entry(from).or_default().insert(to);
        }
        next
    }

    #[test]
    fn circles_are_found_and_diamonds_are_none() {
        assert!(circles(&graph(&[("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")])).is_empty());
        assert_eq!(
            circles(&graph(&[("a", "b"), ("b", "c"), ("c", "b")])),
            [vec!["b", "c"]]
        );
        assert_eq!(
            circles(&graph(&[("a", "b"), ("b", "a"), ("x", "y"), ("y", "x")])).len(),
            2
        );
    }
}
