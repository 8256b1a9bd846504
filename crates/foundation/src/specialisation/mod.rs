//! Specialisation, concentration and change of a location's activities.
