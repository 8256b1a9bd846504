//! Whole runs of the program, and the shape of the workspace.
#![allow(clippy::unwrap_used, clippy::float_cmp, clippy::format_collect)]

mod answered;
mod architecture;
mod calc;
mod calc_cascade;
mod calc_inventory;
mod calc_io;
mod calc_regions;
mod calc_remedy;
mod calc_schedule;
mod calc_select;
mod calc_together;
mod commands;
mod data;
mod desk;
mod determinism;
mod documents;
mod firms;
mod hinges;
mod io_runs;
mod kill;
mod languages;
mod large;
mod linked;
mod network;
mod plans;
mod program;
mod projects;
mod readings;
mod references;
mod roadmap;
mod shock;
mod traps;
mod whatif_parts;
mod whatif_trade;
