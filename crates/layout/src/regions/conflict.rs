//! The smallest explanation of "impossible": a deletion filter over the rules (Chinneck & Dravnieks 1991).

use super::exact::{Outcome, maximise};
use super::program::{Program, Row};
use super::rule::{Rule, RuleFamily};
use super::solve::SolveParams;

/// A minimal set of rules that cannot be kept together (with `extra`): every proper subset can.
///
/// Whole families are tried first, then rule by rule. A rule is dropped for good when the rest still
/// conflicts; a rule that stays was needed when it was tried, hence is needed in the smaller set too.
/// A test that the limits cut short keeps its rule, so the set still conflicts but may not be minimal.
pub(crate) fn minimal_conflict(
    program: &Program,
    extra: &[Row],
    params: &SolveParams,
) -> Vec<Rule> {
    let mut active = vec![true; program.rules.len()];
    let mut drop_if_still_impossible = |candidates: &[usize]| {
        for r in candidates {
            active[*r] = false;
        }
        if !impossible(program, &active, extra, params) {
            for r in candidates {
                active[*r] = true;
            }
            return false;
        }
        true
    };
    let families = [
        RuleFamily::NextDoor,
        RuleFamily::Resources,
        RuleFamily::LeastSuitability,
        RuleFamily::Leads,
        RuleFamily::RegionalCaps,
        RuleFamily::Caps,
        RuleFamily::Floors,
        RuleFamily::Vetoes,
        RuleFamily::Commitments,
        RuleFamily::ClusterMax,
        RuleFamily::ClusterMin,
    ];
    for family in families {
        let members: Vec<usize> = (0..program.rules.len())
            .filter(|r| program.rules[*r].family() == family)
            .collect();
        if !members.is_empty() && !drop_if_still_impossible(&members) && members.len() > 1 {
            for r in members {
                drop_if_still_impossible(&[r]);
            }
        }
    }
    (0..program.rules.len())
        .filter(|r| active[*r])
        .map(|r| program.rules[r].clone())
        .collect()
}

fn impossible(program: &Program, active: &[bool], extra: &[Row], params: &SolveParams) -> bool {
    let rows: Vec<&Row> = program
        .rows
        .iter()
        .filter(|row| row.rule.is_none_or(|r| active[r]))
        .chain(extra)
        .collect();
    let nothing = vec![0.0; program.pairs.len()];
    matches!(maximise(&nothing, &rows, &[], params), Outcome::Infeasible)
}
