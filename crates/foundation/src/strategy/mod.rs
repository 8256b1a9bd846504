//! Which new activities to aim at, and in which order.
