//! The tree of a composite indicator: indicators below pillars below an index, each with its weight among its siblings.

use std::collections::BTreeMap;

use model::Criterion;

/// An indicator or an aggregate.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    pub code: Criterion,
    /// `None`: the root.
    pub parent: Option<Criterion>,
    pub weight: f64,
}

/// A tree with one root, whose leaves are indicators.
#[derive(Debug, Clone, PartialEq)]
pub struct Hierarchy {
    elements: Vec<Element>,
    /// Children before parents.
    order: Vec<usize>,
    children: Vec<Vec<usize>>,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum HierarchyError {
    #[error("`{0}` is named twice")]
    Twice(Criterion),
    #[error("`{child}` stands below `{parent}`, which is not in the list")]
    UnknownParent { child: Criterion, parent: Criterion },
    #[error("the tree needs exactly one element without a parent; found {0}")]
    Roots(usize),
    #[error("`{0}` stands below itself")]
    Cycle(Criterion),
    #[error("the weight of `{code}` is {weight}; it must be finite and at least 0")]
    Weight { code: Criterion, weight: f64 },
    #[error("all parts of `{0}` have the weight 0")]
    NoWeight(Criterion),
}

impl Hierarchy {
    pub fn new(elements: Vec<Element>) -> Result<Self, HierarchyError> {
        let mut place = BTreeMap::new();
        for (k, element) in elements.iter().enumerate() {
            if place.insert(element.code.clone(), k).is_some() {
                return Err(HierarchyError::Twice(element.code.clone()));
            }
            if !element.weight.is_finite() || element.weight < 0.0 {
                return Err(HierarchyError::Weight {
                    code: element.code.clone(),
                    weight: element.weight,
                });
            }
        }
        let mut children = vec![Vec::new(); elements.len()];
        let mut parents = vec![None; elements.len()];
        for (k, element) in elements.iter().enumerate() {
            if let Some(parent) = &element.parent {
                let Some(p) = place.get(parent) else {
                    return Err(HierarchyError::UnknownParent {
                        child: element.code.clone(),
                        parent: parent.clone(),
                    });
                };
                children[*p].push(k);
                parents[k] = Some(*p);
            }
        }
        let roots: Vec<usize> = (0..elements.len())
            .filter(|k| parents[*k].is_none())
            .collect();
        let [root] = roots[..] else {
            return Err(HierarchyError::Roots(roots.len()));
        };
        // Breadth first from the root, reversed: children before parents.
        let mut order = vec![root];
        let mut next = 0;
        while next < order.len() {
            order.extend(&children[order[next]]);
            next += 1;
        }
        if let Some(lost) = (0..elements.len()).find(|k| !order.contains(k)) {
            return Err(HierarchyError::Cycle(elements[lost].code.clone()));
        }
        order.reverse();
        for (k, parts) in children.iter().enumerate() {
            if !parts.is_empty() && parts.iter().all(|c| elements[*c].weight <= 0.0) {
                return Err(HierarchyError::NoWeight(elements[k].code.clone()));
            }
        }
        Ok(Self {
            elements,
            order,
            children,
        })
    }

    /// All indicators directly below one index.
    pub fn flat(indicators: &[Criterion]) -> Result<Self, HierarchyError> {
        let root = Criterion::from("index");
        let mut elements: Vec<Element> = indicators
            .iter()
            .map(|code| Element {
                code: code.clone(),
                parent: Some(root.clone()),
                weight: 1.0,
            })
            .collect();
        elements.push(Element {
            code: root,
            parent: None,
            weight: 1.0,
        });
        Self::new(elements)
    }

    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// Children before parents; the root is last.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    pub fn children(&self, element: usize) -> &[usize] {
        &self.children[element]
    }

    pub fn root(&self) -> usize {
        self.order.last().copied().unwrap_or_default()
    }

    /// Elements without children.
    pub fn leaves(&self) -> Vec<usize> {
        (0..self.elements.len())
            .filter(|k| self.children[*k].is_empty())
            .collect()
    }

    /// The weight of a leaf in the root: the product of its shares on the way up.
    pub fn effective_weight(&self, leaf: usize) -> f64 {
        let mut share = 1.0;
        let mut at = leaf;
        while let Some(parent) = self.children.iter().position(|c| c.contains(&at)) {
            let siblings: f64 = (self.children[parent].iter())
                .map(|c| self.elements[*c].weight)
                .sum();
            share *= self.elements[at].weight / siblings;
            at = parent;
        }
        share
    }

    /// The same tree with other weights, by element.
    pub(crate) fn with_weights(&self, weights: &[f64]) -> Self {
        let mut changed = self.clone();
        for (element, weight) in changed.elements.iter_mut().zip(weights) {
            element.weight = *weight;
        }
        changed
    }

    /// Without some leaves; a parent whose last part goes, goes too. `None` where nothing is left.
    pub(crate) fn without(&self, leaves: &[usize]) -> Option<Self> {
        let mut gone: Vec<bool> = (0..self.elements.len())
            .map(|k| leaves.contains(&k))
            .collect();
        for k in &self.order {
            let parts = &self.children[*k];
            if !parts.is_empty() && parts.iter().all(|c| gone[*c]) {
                gone[*k] = true;
            }
        }
        let kept = self.elements.iter().zip(&gone).filter(|(_, gone)| !**gone);
        Self::new(kept.map(|(e, _)| e.clone()).collect()).ok()
    }
}
