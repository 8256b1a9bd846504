//! Firm cascades: the economic systemic risk index of every firm of a supply network, converged and certified.
//!
//! A firm that stops takes output from its customers (downstream, through their production functions) and orders from
//! its suppliers (upstream). The index of a firm is the share of the network's output that is lost when it closes (Diem,
//! Borsos, Reisch, Kertész, Thurner 2022). Two ways to compute it:
//!
//! - [`Cascade::published`]: the published iteration (Jacobi, stopped when the largest step is at most a tolerance), with
//!   equal numbers of iterations. At the published tolerance of 1e-2 it is not converged and understates the index.
//! - [`Cascade::converged`]: the fixed point itself, each score with a bound on its distance from it. A firm whose
//!   bound misses the wanted tolerance is reported as not certified, never silently.
//!
//! Loss form: L = 1 - h, from below. Downstream is an optimistic value iteration (a guess of an upper bound is verified
//! by one application of the operator); upstream is a hitting probability of a random walk, solved with one matrix
//! for every firm and certified by its residual. Parts of the network from which losses never leave are found in
//! advance ([`Closed`]) and collapsed.
//!
//! Start reading at [`network`], then `layout` (equations), `closed`, `ascent` and `columns` (the two solvers), `certify`, `closing`, `climbing`.

// Kernels are compiled for the instructions of the machine only where they are inlined into the dispatch; loops over lanes and
// rows go by index because several arrays share it.
#![allow(clippy::inline_always, clippy::needless_range_loop)]

mod ascent;
mod bounded;
mod certify;
mod climbing;
mod closed;
mod closing;
mod columns;
mod error;
mod jacobi;
mod lanes;
mod layout;
mod model;
pub mod network;
mod prepared;
#[cfg(test)]
mod raised;
mod scalar;
mod scenario;
mod score;
mod system;
mod walk;
mod zeta;

pub use closed::Closed;
pub use error::CascadeError;
pub use model::{Model, Production, Substitution};
pub use network::{Class, Essential, FirmNetwork, Firms, Links};
pub use prepared::Cascade;
pub use scenario::FirmLosses;
pub use score::{
    Certainty, Converged, ConvergedParams, JacobiParams, Score, Shock, Shocks, Summary,
};
