//! The portfolio of one draw of the plan as a whole: costs, chances, worths and the budget drawn, fields weighed by their scores.
//!
//! Each draw is a greedy search with the bound of the linear relaxation; where the gap is above 5 %, branch and bound to 1 % or 50 nodes goes on.
//! Every draw keeps its certified gap.

use std::collections::BTreeMap;

use layout::Limits;
use layout::portfolio::{Least, PlanParams, quick};
use model::{Basis, Estimate};

use super::{on_layout, plan_params, problem};
use crate::config::Config;
use crate::engine::step::Context;
use crate::inputs::projects::{Candidate, Weighs};

/// What is drawn, and the projects that the fields could have.
pub struct Uncertain {
    /// Names of inputs with their ranges, in a fixed order.
    pub ranges: Vec<(String, Estimate)>,
    candidates: Vec<Candidate>,
    at: BTreeMap<String, usize>,
}

/// Gap of a draw's greedy portfolio to its bound that is small beside what the draws vary.
const ACCEPT: f64 = 0.05;

const PARTS: [&str; 3] = ["cost", "value", "chance"];

/// `None` where the study asks for no portfolio, or none was found.
pub fn uncertain(context: &Context, fields: &[&str]) -> Option<Uncertain> {
    let settings = context.config.portfolio.as_ref()?;
    if context.table("layout.portfolio_plan").rows.is_empty() {
        return None;
    }
    let whole = Estimate::exact(1.0, Basis::Derived);
    let weights = fields.iter().map(|f| ((*f).to_owned(), whole)).collect();
    let candidates = on_layout(context, settings, &weights).list;
    let mut ranges = vec![("budget".to_owned(), settings.budget_bn.assumed())];
    for candidate in &candidates {
        for (part, range) in
            PARTS
                .into_iter()
                .zip([candidate.cost, candidate.worth, candidate.chance])
        {
            let name = format!("{part}/{}", candidate.drawn_as);
            if !ranges.iter().any(|(known, _)| *known == name) {
                ranges.push((name, range));
            }
        }
    }
    let at = ranges
        .iter()
        .enumerate()
        .map(|(k, (name, _))| (name.clone(), k))
        .collect();
    Some(Uncertain {
        ranges,
        candidates,
        at,
    })
}

impl Uncertain {
    /// The projects begun in a draw, and the gap of their worth to the bound; `None` where the rules cannot be kept. `drawn` stands in
    /// the order of the ranges.
    pub fn chosen(
        &self,
        config: &Config,
        weights: &BTreeMap<&str, f64>,
        drawn: &[f64],
    ) -> Option<(Vec<String>, f64)> {
        let settings = config.portfolio.as_ref()?;
        let value = |part: &str, of: &str| {
            let at = self.at.get(&format!("{part}/{of}"))?;
            drawn.get(*at).copied()
        };
        let exact = |x: f64| Estimate::exact(x, Basis::Assumed);
        let candidates: Vec<Candidate> = self
            .candidates
            .iter()
            .filter_map(|candidate| {
                let weight = match candidate.weighs {
                    Weighs::Alone => 1.0,
                    Weighs::WithField => *weights.get(candidate.field.as_deref()?)?,
                };
                let of = candidate.drawn_as.as_str();
                Some(Candidate {
                    cost: exact(value("cost", of)?),
                    worth: exact(value("value", of)? * weight),
                    chance: exact(value("chance", of)?),
                    origins: Vec::new(),
                    ..candidate.clone()
                })
            })
            .collect();
        if candidates.is_empty() {
            return None;
        }
        let mut asked = problem(settings, &candidates);
        asked.budget = Some(vec![*drawn.first()?; settings.years]);
        // A floor that the projects at hand cannot fill is lowered to what they can take: it never empties the plan.
        for floor in &mut asked.floors {
            let most: f64 = (asked.projects.iter())
                .filter(|p| p.kind == Some(layout::portfolio::ResearchKind::Basic))
                .map(|p| p.public_cost().iter().sum::<f64>())
                .sum();
            let least = settings.basic_floor.value * drawn.first()? * settings.years as f64;
            floor.least = Least::Spending(least.min(most));
        }
        let params = PlanParams {
            limits: Limits {
                relative_gap: 0.01,
                node_limit: Some(50),
                time_limit_seconds: None,
            },
            ..plan_params(config)
        };
        let found = quick(&asked, &params, ACCEPT).ok()?;
        let projects = found.starts.keys().map(|id| id.0.clone()).collect();
        Some((projects, found.worth.gap()))
    }
}
