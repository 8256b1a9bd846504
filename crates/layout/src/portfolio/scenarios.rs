//! Draws of values, gates and costs. Each project has its own stream, so that neither the order of the rows nor another
//! project changes its fate.

use std::collections::BTreeSet;

use model::Seed;
use rand::RngExt;

use super::problem::Problem;
use super::program::positions;
use crate::triangular::triangular;

/// One course of events.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draw {
    /// By project: its value when it and all before it succeed, else 0; before the loss by waiting.
    pub values: Vec<f64>,
    /// Bonuses, then substitutes (negative), as far as all members succeed.
    pub extra: Vec<f64>,
    /// By project: the stage whose gate it fails.
    pub fails: Vec<Option<usize>>,
    /// By project: whether it and all before it succeed.
    pub succeeds: Vec<bool>,
    /// By project: factor on its costs.
    pub overrun: Vec<f64>,
}

pub(crate) fn draws(problem: &Problem, seed: Seed, label: &str, count: usize) -> Vec<Draw> {
    let lineages = problem.lineages();
    let n = problem.projects.len();
    let mut drawn: Vec<Draw> = (0..count)
        .map(|_| Draw {
            values: Vec::with_capacity(n),
            extra: Vec::new(),
            fails: Vec::with_capacity(n),
            succeeds: Vec::new(),
            overrun: Vec::with_capacity(n),
        })
        .collect();
    for project in &problem.projects {
        let mut random = seed.stream(&format!("{label}/project/{}", project.id), 0);
        for draw in &mut drawn {
            draw.values
                .push(triangular(&project.value, random.random()));
            draw.overrun
                .push(triangular(&project.overrun, random.random()));
            // Every stage takes its two numbers, whether it is reached or not: streams stay aligned.
            let mut fails = None;
            for (k, stage) in project.stages.iter().enumerate() {
                let chance = triangular(&stage.chance, random.random());
                let passes = random.random::<f64>() < chance;
                if !passes && fails.is_none() {
                    fails = Some(k);
                }
            }
            draw.fails.push(fails);
        }
    }
    let mut bonus_streams: Vec<_> = (problem.bonuses.iter())
        .map(|b| seed.stream(&format!("{label}/bonus/{}", b.id), 0))
        .collect();
    let mut pair_streams: Vec<_> = (problem.substitutes.iter())
        .map(|s| seed.stream(&format!("{label}/substitutes/{}/{}", s.first, s.second), 0))
        .collect();
    for draw in &mut drawn {
        draw.succeeds = lineages
            .iter()
            .map(|lineage| lineage.iter().all(|p| draw.fails[*p].is_none()))
            .collect();
        for (value, succeeds) in draw.values.iter_mut().zip(&draw.succeeds) {
            if !succeeds {
                *value = 0.0;
            }
        }
        let all = |members: &[usize], draw: &Draw| members.iter().all(|p| draw.succeeds[*p]);
        for (bonus, random) in problem.bonuses.iter().zip(&mut bonus_streams) {
            let value = triangular(&bonus.value, random.random());
            let members = positions(problem, &bonus.members);
            let gain = if all(&members, draw) { value } else { 0.0 };
            draw.extra.push(gain);
        }
        for (pair, random) in problem.substitutes.iter().zip(&mut pair_streams) {
            let loss = triangular(&pair.loss, random.random());
            let members: BTreeSet<usize> =
                positions(problem, &[pair.first.clone(), pair.second.clone()])
                    .into_iter()
                    .collect();
            let members: Vec<usize> = members.into_iter().collect();
            let loss = if all(&members, draw) { -loss } else { 0.0 };
            draw.extra.push(loss);
        }
    }
    drawn
}
