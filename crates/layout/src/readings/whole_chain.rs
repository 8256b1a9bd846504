//! Training, research, pilot, industrialisation: which links of the whole chain are on record where.
//!
//! An empty cell means that nothing is on record, not that nothing is there.

use std::collections::{BTreeMap, BTreeSet};

use model::{Cluster, Field, RowRef};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    Training,
    Research,
    Pilot,
    Industrialisation,
}

impl Link {
    pub const ALL: [Self; 4] = [
        Self::Training,
        Self::Research,
        Self::Pilot,
        Self::Industrialisation,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Training => "link.training",
            Self::Research => "link.research",
            Self::Pilot => "link.pilot",
            Self::Industrialisation => "link.industrialisation",
        }
    }
}

/// One row that shows a link of a field in a cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    pub field: Field,
    pub cluster: Cluster,
    pub link: Link,
    pub origin: RowRef,
}

/// A field in a cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    pub field: Field,
    pub cluster: Cluster,
    /// Rows on record, in the order of [`Link::ALL`].
    pub rows: [usize; 4],
    pub origins: Vec<RowRef>,
}

impl Coverage {
    pub fn empty(&self) -> Vec<Link> {
        let cells = Link::ALL.into_iter().zip(self.rows);
        cells
            .filter(|(_, n)| *n == 0)
            .map(|(link, _)| link)
            .collect()
    }

    fn mask(&self) -> usize {
        (0..4).filter(|k| self.rows[*k] > 0).map(|k| 1 << k).sum()
    }
}

/// What it takes to have a field's whole chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Together {
    pub field: Field,
    /// The fewest clusters that have all links that anybody has; the first such set by name.
    pub clusters: Vec<Cluster>,
    /// Links that no cluster has on record.
    pub nowhere: Vec<Link>,
}

/// Every field and cluster with at least one row.
pub fn coverage(shown: &[Shown]) -> Vec<Coverage> {
    #[allow(
        clippy::type_complexity,
        reason = "links on record, and rows that name none"
    )]
    let mut found: BTreeMap<
        (&Field, &Cluster),
        (BTreeSet<(Link, &RowRef)>, BTreeSet<&RowRef>),
    > = BTreeMap::new();
    for row in shown {
        let (links, origins) = found.entry((&row.field, &row.cluster)).or_default();
        links.insert((row.link, &row.origin));
        origins.insert(&row.origin);
    }
    found
        .into_iter()
        .map(|((field, cluster), (links, origins))| Coverage {
            field: field.clone(),
            cluster: cluster.clone(),
            rows: Link::ALL.map(|link| links.iter().filter(|(l, _)| *l == link).count()),
            origins: origins.into_iter().cloned().collect(),
        })
        .collect()
}

/// For each field the smallest set of clusters that together have its chain: exact, over the sixteen sets of links.
pub fn together(coverage: &[Coverage]) -> Vec<Together> {
    let mut by_field: BTreeMap<&Field, Vec<&Coverage>> = BTreeMap::new();
    for row in coverage {
        by_field.entry(&row.field).or_default().push(row);
    }
    by_field
        .into_iter()
        .map(|(field, mut rows)| {
            rows.sort_by(|a, b| a.cluster.cmp(&b.cluster));
            let mut reached: [Option<Vec<&Cluster>>; 16] = Default::default();
            reached[0] = Some(Vec::new());
            // Best sets of one more cluster at a time: four steps reach every set of links.
            for _ in 0..4 {
                for row in &rows {
                    for from in 0..16 {
                        let Some(set) = reached[from].clone() else {
                            continue;
                        };
                        let to = from | row.mask();
                        if to == from {
                            continue;
                        }
                        let mut longer = set;
                        longer.push(&row.cluster);
                        longer.sort();
                        let better = reached[to]
                            .as_ref()
                            .is_none_or(|known| (longer.len(), &longer) < (known.len(), known));
                        if better {
                            reached[to] = Some(longer);
                        }
                    }
                }
            }
            let all = rows.iter().fold(0, |mask, row| mask | row.mask());
            let clusters = reached[all].take().unwrap_or_default();
            Together {
                field: field.clone(),
                clusters: clusters.into_iter().cloned().collect(),
                nowhere: Link::ALL
                    .into_iter()
                    .enumerate()
                    .filter(|(k, _)| all & (1 << k) == 0)
                    .map(|(_, link)| link)
                    .collect(),
            }
        })
        .collect()
}
