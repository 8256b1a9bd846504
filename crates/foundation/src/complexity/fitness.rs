//! Fitness of locations and complexity of activities (Tacchella et al., 2012).
