//! Whole runs of the program, and the shape of the workspace.
#![allow(clippy::unwrap_used)]

mod architecture;
mod calc;
mod commands;
mod data;
mod determinism;
mod kill;
mod large;
mod network;
mod program;
mod traps;
