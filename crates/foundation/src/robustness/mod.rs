//! How firm is a rank? Diagnostics of the table and intervals of every result.
