//! The cheapest mix of stock, second sources and home capacity that keeps a loss under a bound.
