//! Relatedness of activities, and what a location is near to.
