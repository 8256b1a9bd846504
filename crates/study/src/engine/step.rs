//! A step of a study: what it reads, what it needs, what it makes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use evidence::Evidence;
use model::{Names, ResultTable};
use serde_json::Value;

use super::output::StepOutput;
use crate::config::Config;
use crate::folder::BulkTables;
use crate::scenario::Scenario;

/// One node of the graph of steps. The table [`crate::steps::STEPS`] holds them in an order in which every
/// step comes after the ones it needs.
pub struct Step {
    pub name: &'static str,
    /// Steps whose tables it reads.
    pub needs: &'static [&'static str],
    /// Evidence tables it reads (`sources` is read by all).
    pub reads: &'static [&'static str],
    /// The settings it depends on; only a change of these runs it again.
    pub params: fn(&Config, &[Scenario]) -> Value,
    pub run: fn(&Context) -> StepOutput,
}

/// What a step may look at.
pub struct Context<'a> {
    pub evidence: &'a Evidence,
    /// Large tables by name.
    pub bulk: &'a BulkTables,
    pub names: &'a Names,
    pub config: &'a Config,
    pub scenarios: &'a [Scenario],
    /// Steps whose tables it may read.
    pub needs: &'a [&'a str],
    pub done: &'a BTreeMap<&'static str, StepOutput>,
    pub extent: Extent,
    pub pace: Pace<'a>,
}

/// How a long step says how far it is, and learns that nobody waits for it any more.
#[derive(Clone, Copy)]
pub struct Pace<'a> {
    /// Takes how many parts are done, and of how many.
    pub tell: &'a (dyn Fn(usize, usize) + Sync),
    pub stop: &'a AtomicBool,
}

static NEVER: AtomicBool = AtomicBool::new(false);

impl Pace<'static> {
    /// Nobody looks on, and nobody stops it.
    pub const UNSEEN: Self = Self {
        tell: &|_, _| (),
        stop: &NEVER,
    };
}

impl Pace<'_> {
    /// What a step returns after this is thrown away.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// One more part is done.
    pub fn count(&self, done: &AtomicUsize, of: usize) {
        (self.tell)(done.fetch_add(1, Ordering::Relaxed) + 1, of);
    }
}

/// How much of its answer a step is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    Whole,
    /// What somebody waits for: the answer itself, without what explains it and takes longer.
    Glance,
}

impl Context<'_> {
    /// A table of a step that this one needs; empty where that step could make none. The cache and previews know declared
    /// needs only, so nothing else is shown.
    pub fn table(&self, name: &str) -> ResultTable {
        let found = (self.done.iter()).find_map(|(step, output)| Some((step, output.table(name)?)));
        debug_assert!(
            found.is_none_or(|(step, _)| self.needs.contains(step)),
            "invariant: a step that reads {name} declares it"
        );
        found
            .filter(|(step, _)| self.needs.contains(step))
            .map_or_else(
                || ResultTable::new(name, "", "", &[]),
                |(_, table)| table.clone(),
            )
    }
}
