//! The cheapest mix of stock, second sources and home capacity that keeps the loss of targets under a bound.
//!
//! ```text
//! min  Σ c_k x_k + Σ f_k y_k      x_k <= m_k y_k,  y_k in {0, 1}
//! s.t. ρ(loss_T(x, s)) <= b_T     for every target T; ρ: the worst scenario, or CVaR_α (Rockafellar & Uryasev 2000)
//! ```
//!
//! `loss_T` is the weekly course of [`crate::shock`] in its worst track, summed over the horizon (weeks of normal output). The
//! sum over weeks of what a stock lets through is `max(0, Σ loss - stock)`, exactly, so the totals up to a week obey
//!
//! ```text
//! Λ_v(t) <= Σ own'_v + Σ_g Σ_{a in g} C_a(t),   C_a(t) = max(0, Λ_a(t) - stock_a)    used up
//!                                              W_a(t) = W_a(t-1) + Λ_a(t) / (52 life) tools
//! own'_v = own_v (1 - Σ x_k) + Σ x_k severity_k      a further source displaces all others alike, once it works
//! ```
//!
//! with equality but for two cuts that the course makes and the program does not: a weekly loss is at most one, and a group of
//! alternatives lacks the largest of their shortages, not their sum. Every cut lowers the loss: the program is a **linear
//! over-estimate**, and a plan that keeps the bound in it keeps the bound in the course. Read with `max` instead of every
//! sum it is an under-estimate, whose cheapest plan costs no more than any plan that keeps the bound: a **certificate**.
//! The plan is then trimmed: each option is lowered as far as the course itself still keeps the bound.
//!
//! Read [`Problem`] first, then `program` (the rows), [`cheapest`], [`best_for`] and [`frontier`].

pub(crate) mod lp;

mod draws;
mod frontier;
mod prices;
mod problem;
mod program;
mod solve;
mod state;
mod trim;
mod weekly;

pub use draws::{DrawParams, Robustness, robustness};
pub use frontier::{Point, Step, best_for, cost_curve, frontier};
pub use prices::{OptionPrice, Prices};
pub use problem::{
    Bound, Case, Choice, Kind, Over, Problem, Proof, RemedyError, RemedyParams, Risk, Unreachable,
};
pub use solve::{Plan, cheapest};
pub use state::{CaseLoss, Evaluated, evaluate};
