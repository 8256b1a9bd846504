//! Economic complexity of locations and activities.

pub mod fitness;
