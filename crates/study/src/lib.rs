//! A study on disk: steps and their graph, cache, runs, lineage, explain, diff, replay, and the report.
//!
//! Joins the rooms: rows of evidence become the values that methods take ([`inputs`]), what methods return
//! becomes tables with lineage ([`steps`]), the engine computes only what changed ([`engine`]), and tables
//! become a document ([`report`]).
//!
//! Deliberately knows nothing about terminals and sockets, and holds no method and no assumption of its own:
//! methods live in their crates, assumptions in `study.toml`.
//!
//! Start reading at [`steps::STEPS`], the graph; then [`engine::run`].

pub mod calc;
mod card;
mod chain_picture;
mod changed;
pub mod config;
pub mod data;
pub mod engine;
mod error;
mod exchange;
mod folder;
mod futures;
pub mod inputs;
mod large;
mod lock;
mod off;
mod package;
mod release;
pub mod report;
mod roadmap_file;
mod scenario;
pub mod scenario_library;
mod settings;
pub mod steps;
mod tables;
pub mod timeline;
mod variant;
mod whatif;

pub use card::{Cards, conditions};
pub use chain_picture::{ChainPicture, Switches, chain_picture};
pub use inputs::seats::{Seat, seats as firm_seats};

pub use changed::{
    Against, Changed, NumberChange, Passage, Placement, PlanValue, RuleChange, RuleKind, RunName,
    Setting, TableChange, Worth, against_study, changed,
};
pub use engine::diff::{Cause, Change, Diff, StepDiff, diff};
pub use engine::explain::{EvidenceRow, Explained, evidence_row as explained_row, explain};
pub use engine::manifest::{Manifest, mark as run_mark};
pub use engine::preview::{Preview, preview};
pub use engine::replay::{Replay, replay};
pub use engine::run::{
    CODE, Progress, Run, id_of as run_id, list as run_list, manifest_of, open as open_run, run,
    run_until,
};
pub use error::StudyError;
pub use evidence::bulk::BulkKind;
pub use exchange::{
    Added, Answer, Exported, Given, add, export, schema_json, schema_text, sql, write_file,
    write_schema_pages,
};
pub use folder::{Loaded, Study, init_empty, init_example, names};
pub use large::{AddIo, AddLarge, add_io, add_large, large_kind};
pub use off::Off;
pub use package::{Package, package};
pub use release::{released, released_key};
pub use report::{
    Format, Order, Report, ReportKind, Template, evidence_of, plain, refusal_json, report, summary,
};
pub use roadmap_file::{
    Amber, Moved, Node, Versions, roadmap_nodes, roadmap_timeline, roadmap_versions,
};
pub use scenario::{Asked as AskedFor, Event, Scenario};
pub use settings::unknown_placement;
pub use steps::regions_price::price_of_change;
pub use variant::{Variant, save_variant, variants};
pub use whatif::{
    Answer as WhatIf, Carrier, Part, Question, Short, check_scenario_name, save_scenario, what_if,
    what_if_telling,
};
