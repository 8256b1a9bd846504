//! Years that stand in the wrong order.

use std::collections::{BTreeMap, BTreeSet};

use model::RowRef;

use super::finding::{Certainty, Fault, Finding};
use super::register::{Index, Item, ItemId};

pub(super) fn faults(index: &Index) -> Vec<Finding> {
    let mut found = Vec::new();
    for clause in index.clauses.values() {
        let Some(deadline) = clause.deadline else {
            continue;
        };
        let id = clause.clause.0.as_str();
        if let Some(plan) = index.plan_of(clause)
            && (deadline < plan.from || plan.to.is_some_and(|to| deadline > to))
        {
            let rows = vec![clause.origin.clone(), plan.origin.clone()];
            found.push(Finding::new(
                Fault::OutsidePlan,
                Certainty::Certain,
                rows,
                |m| {
                    m.with("clause", id)
                        .with("year", deadline.to_string())
                        .with("from", plan.from.to_string())
                        .with(
                            "to",
                            plan.to.map_or_else(|| "…".to_owned(), |to| to.to_string()),
                        )
                },
            ));
        }
        let above = clause.serves.as_ref().and_then(|c| index.clauses.get(c));
        if let Some(above) = above
            && let Some(limit) = above.deadline
            && deadline > limit
        {
            found.push(late(
                id,
                deadline.0,
                &above.clause.0,
                limit.0,
                [&clause.origin, &above.origin],
            ));
        }
    }
    for item in index.items.values() {
        for clause in item.clauses.iter().filter_map(|c| index.clauses.get(c)) {
            if let (Some(end), Some(limit)) = (item.end, clause.deadline)
                && end > limit
            {
                let rows = [&item.origin, &clause.origin];
                found.push(late(&item.item.0, end.0, &clause.clause.0, limit.0, rows));
            }
        }
        for before in item.after.iter().filter_map(|i| index.items.get(i)) {
            if let (Some(start), Some(end)) = (item.start, before.end)
                && start < end
                && !waits_for(index, before, &item.item)
            {
                let rows = vec![item.origin.clone(), before.origin.clone()];
                found.push(Finding::new(
                    Fault::WrongOrder,
                    Certainty::Certain,
                    rows,
                    |m| {
                        m.with("item", item.item.0.as_str())
                            .with("start", start.to_string())
                            .with("before", before.item.0.as_str())
                            .with("end", end.to_string())
                    },
                ));
            }
        }
    }
    found.extend(circles(index));
    found
}

fn late(name: &str, year: i32, clause: &str, limit: i32, rows: [&RowRef; 2]) -> Finding {
    Finding::new(
        Fault::TooLate,
        Certainty::Certain,
        rows.map(RowRef::clone).to_vec(),
        |m| {
            m.with("name", name)
                .with("year", year.to_string())
                .with("clause", clause)
                .with("limit", limit.to_string())
        },
    )
}

/// Everything that an item waits for, directly or through others.
fn ahead<'a>(index: &Index<'a>, item: &'a Item) -> BTreeSet<&'a ItemId> {
    let mut seen = BTreeSet::new();
    let mut open = vec![item];
    while let Some(next) = open.pop() {
        for before in next.after.iter().filter_map(|i| index.items.get(i)) {
            if seen.insert(&before.item) {
                open.push(before);
            }
        }
    }
    seen
}

fn waits_for(index: &Index, item: &Item, other: &ItemId) -> bool {
    ahead(index, item).contains(other)
}

/// Items that wait for themselves, each circle once: members reach the same items.
fn circles(index: &Index) -> Vec<Finding> {
    let mut groups: BTreeMap<BTreeSet<&ItemId>, Vec<RowRef>> = BTreeMap::new();
    for item in index.items.values() {
        let reach = ahead(index, item);
        if reach.contains(&item.item) {
            let members = reach
                .iter()
                .copied()
                .filter(|i| waits_for(index, index.items[*i], &item.item))
                .collect();
            groups.entry(members).or_default().push(item.origin.clone());
        }
    }
    groups
        .into_iter()
        .map(|(members, rows)| {
            let names: Vec<&str> = members.iter().map(|i| i.0.as_str()).collect();
            let names = names.join(", ");
            Finding::new(Fault::Circle, Certainty::Certain, rows, |m| {
                m.with("items", names.as_str())
            })
        })
        .collect()
}
