//! Input–output tables: Leontief and Ghosh, multipliers, upstreamness, exposure, extraction, inoperability.
