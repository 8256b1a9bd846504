//! Firm cascades: the economic systemic risk index (Diem et al. 2022), converged and certified.
