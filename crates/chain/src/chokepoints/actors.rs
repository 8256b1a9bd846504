//! Who stops together: countries as they are recorded, or firms under their countries.

use std::collections::{BTreeMap, BTreeSet};

use model::Country;

use crate::graph::ChainGraph;

/// Names of actors, each with the providers that stop with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Actors(BTreeMap<Country, BTreeSet<Country>>);

impl Actors {
    /// Every provider with a share, each by itself.
    pub fn as_recorded(graph: &ChainGraph) -> Self {
        let alone = |provider: &Country| (provider.clone(), BTreeSet::from([provider.clone()]));
        Self(graph.countries().into_iter().map(alone).collect())
    }

    /// Providers under the country that `country_of` names; a provider without one stands by itself.
    pub fn grouped(graph: &ChainGraph, country_of: &BTreeMap<Country, Country>) -> Self {
        let mut actors: BTreeMap<Country, BTreeSet<Country>> = BTreeMap::new();
        for provider in graph.countries() {
            let actor = country_of.get(provider).unwrap_or(provider);
            actors
                .entry(actor.clone())
                .or_default()
                .insert(provider.clone());
        }
        Self(actors)
    }

    /// By name.
    pub fn iter(&self) -> impl Iterator<Item = (&Country, &BTreeSet<Country>)> {
        self.0.iter()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
