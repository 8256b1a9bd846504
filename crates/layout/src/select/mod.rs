//! Which industries to choose when neither the measurements nor the weights are certain.
//!
//! [`smaa()`] works on given samples, [`sets()`] on whole sets; [`select()`] draws the samples from ranges and from what is
//! said about weights ([`Statement`]), and says which alternatives the data separate. [`topsis()`] and [`promethee()`] are there
//! for comparison; [`sobol()`] says which input drives a result.

pub mod composite;
mod conflict;
mod decision;
mod drivers;
mod hit_and_run;
mod limits;
mod polytope;
mod preferences;
mod promethee;
mod reversal;
mod sampling;
mod selection;
mod sets;
mod smaa;
mod sobol;
mod topsis;
mod votes;
mod weight_region;
mod weights;

pub use decision::{Decision, DecisionError, Sense, ranks};
pub use drivers::{Drivers, drivers};
pub use hit_and_run::Mixing;
pub use limits::{Group, SetLimits};
pub use preferences::{Said, SaidError, Side, Statement};
pub use promethee::{Flow, Preference, promethee};
pub use reversal::{Reversal, reversals};
pub use selection::{
    BestSet, Candidate, CentralWeights, Performance, SelectParams, Selection, Separation, select,
    select_samples, weights,
};
pub use sets::{SetRule, SetShare, Sets, loss, sets};
pub use smaa::{CentralWeight, RankInterval, Samples, SamplesError, Smaa, smaa};
pub use sobol::{Index, Input, Sobol, SobolParams, sobol};
pub use topsis::topsis;
pub use votes::{Agreement, Spread, Vote, agreements, drawn_votes, spreads};
pub use weights::{Exact, Sampler, WeightRange};
