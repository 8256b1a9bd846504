//! Which industries to choose when neither the measurements nor the weights are certain: SMAA-2.
//!
//! [`smaa()`] works on given samples; [`select()`] draws the samples from ranges and says which
//! alternatives the data separate.

mod sampling;
mod selection;
mod smaa;
mod weights;

pub use selection::{
    Candidate, CentralWeights, Performance, SelectParams, Selection, Separation, select,
};
pub use smaa::{CentralWeight, Samples, SamplesError, Smaa, smaa};
pub use weights::WeightRange;
