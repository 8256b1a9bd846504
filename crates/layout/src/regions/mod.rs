//! Which cluster hosts which industries, exactly: one integer program for all clusters together.
//!
//! [`solve`] finds the plan with its bound, or the minimal set of rules that conflict; [`uncoordinated`]
//! and [`duplication`] say what happens without coordination; [`explain`] costs each choice and its
//! alternatives; [`near_best`] finds layouts that give up little and are unlike each other; [`robustness`] says how often a placement survives the ranges; [`price_of_rules`] what
//! each kind of rule costs; [`given_up`] what one layout gives up beside another; [`sways`] which rule makes two layouts differ.

mod conflict;
mod coupled;
mod duplication;
mod exact;
mod explain;
mod instance;
mod near_best;
mod price;
mod program;
mod robustness;
mod rule;
mod solve;
mod sway;

pub use coupled::{
    Alternative, Alternatives, AlternativesParams, Answers, CERTIFICATE_FORMAT, Certificate,
    Certified, CertifyParams, Checked, Ended, Neighbourly, Wishes, Worth, certified,
    certified_telling, certified_with, check, coupled_price_of_rules,
};
pub use duplication::{Duplication, duplication, uncoordinated};
pub use explain::{ExplainParams, Move, Question, Reason, Verdict, explain};
pub use instance::{
    ClusterSpec, IndustrySpec, Instance, LARGEST_FAIRNESS, Link, RegionalCap, Resource,
};
pub use near_best::{NearBestParams, NearLayout, near_best};
pub use price::{RulePrice, given_up, price_of_rules};
pub use robustness::{PairShare, Robustness, RobustnessParams, Strength, robustness};
pub use rule::{Rule, RuleFamily};
pub use solve::{Assignment, Infeasible, Plan, RulesFrom, SolveParams, Status, Unsolved, solve};
pub use sway::{Because, Lifted, Sway, Sways, differing, sways};
