//! Coupling of layers: science, technology and production.
