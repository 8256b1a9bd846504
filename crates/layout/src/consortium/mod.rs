//! With whom: for each mission a leading enterprise and members that hold every needed capability, near to each other.
//!
//! Team formation after Lappas, Liu & Terzi (2009; communication cost on the network of past collaboration) and Kargar & An (2011; sum
//! of distances, distance to the leader), here solved exactly, for several missions at once.

mod distance;
mod form;
mod problem;
mod why;

pub use distance::{DistanceParams, Place, Tie, distances, kilometres};
pub use form::{Consortia, FormParams, Formed, Leaving, Member, Possible, Unformed, form, leaving};
pub use problem::{Coordination, Mission, Need, Organisation, Problem};
pub use why::{Uncovered, Why, uncovered};
