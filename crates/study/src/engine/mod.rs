//! Steps, runs, cache, lineage.

pub mod cache;
pub mod diff;
pub mod explain;
pub mod files;
pub mod flat;
pub mod manifest;
pub mod output;
pub mod preview;
pub mod replay;
pub mod run;
pub mod step;
