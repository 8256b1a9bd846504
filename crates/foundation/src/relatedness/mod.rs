//! Relatedness of activities, and what a location is near to.

pub mod density;
pub mod layout;
pub mod leave_out;
pub mod neighbours;
pub mod outlook;
pub mod proximity;
pub mod space;
pub mod subnational;
pub mod taxonomy;
