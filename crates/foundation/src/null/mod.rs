//! Null models of the presence matrix: what would chance alone show?
