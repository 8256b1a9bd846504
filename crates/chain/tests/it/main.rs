//! Hand cases, brute force and properties of the chain methods.
#![allow(clippy::unwrap_used, clippy::float_cmp, clippy::print_stdout)]

mod build;
mod chokepoints;
mod draws;
mod exposure;
mod plans;
mod random;
mod readings;
mod refusals;
mod shocks;
mod size;
mod weekly;
