//! The plan of one draw: values drawn in the order of the question, scores, rules on what is left, what is in time.

use std::collections::{BTreeMap, BTreeSet};

use super::super::selection;
use super::{BASE, Question};
use crate::config::Aggregation;
use layout::regions::{Instance, SolveParams, Unsolved, solve};
use layout::roadmap::{ScheduleParams, Stage, Task, schedule};
use layout::whole::{self, Drawn};
use model::{Basis, Cluster, Estimate, Industry, Quantity, Seed};

/// What one draw took, in the order of the question.
pub(super) struct Values {
    pub weights: [f64; 3],
    pub aggregation: usize,
    pub strengths: Vec<f64>,
    /// `[field][criterion][indicator]`.
    pub indicators: Vec<[Vec<f64>; 3]>,
    /// The criterion itself where no indicator is on record.
    pub unknown: Vec<[Option<f64>; 3]>,
    /// What a chain link is worth, where the plan counts links.
    pub link: Option<f64>,
    pub correlation: f64,
    pub durations: Vec<f64>,
    /// In the order of the names of [`portfolio::Uncertain`].
    pub money: Vec<f64>,
    /// Gap of the draw's layout, and of its portfolio, to the bound.
    pub layout_gap: f64,
    pub gap: Option<f64>,
}

/// The plan of draw `d`, or why it has no layout.
pub(super) fn draw(
    question: &Question,
    aggregations: &[Aggregation],
    seed: Seed,
    d: usize,
) -> (Result<Drawn, Unsolved>, Values) {
    let mut values = values(question, aggregations.len(), seed, d);
    let scores: Vec<f64> = (0..question.fields.len())
        .map(|f| score(question, aggregations[values.aggregation], &values, f))
        .collect();
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    order.truncate(question.context.config.selection.top);
    let best: BTreeSet<&Industry> = order.iter().map(|f| &question.fields[*f]).collect();
    let mut plan: Drawn = best
        .iter()
        .map(|field| format!("industry/{field}"))
        .collect();
    let instance = laid_out(question, &best, &values);
    let layout = match solve(&instance, &SolveParams::default()) {
        Ok(layout) => layout,
        Err(unsolved) => return (Err(unsolved), values),
    };
    values.layout_gap = layout.gap;
    let mut placed: BTreeSet<&Industry> = BTreeSet::new();
    for (cluster, industries) in &layout.assignment {
        for industry in industries {
            plan.insert(format!("pair/{cluster}/{industry}"));
            placed.insert(industry);
        }
    }
    plan.extend(
        in_time(question, &placed, &values.durations)
            .into_iter()
            .map(|industry| format!("milestone/{industry}")),
    );
    if let Some(money) = &question.money {
        let weights: BTreeMap<&str, f64> = question
            .fields
            .iter()
            .zip(&scores)
            .filter(|(field, _)| placed.contains(field))
            .map(|(field, score)| (field.as_str(), *score))
            .collect();
        let settings = question.context.config;
        if let Some((projects, gap)) = money.chosen(settings, &weights, &values.money) {
            plan.extend(projects.into_iter().map(|id| format!("project/{id}")));
            values.gap = Some(gap);
        }
    }
    (Ok(plan), values)
}

fn values(question: &Question, aggregations: usize, seed: Seed, d: usize) -> Values {
    let uniform = |name: &str| whole::uniform(seed, name, d);
    let from = |range: &Estimate, name: &str| whole::from(range, seed, name, d);
    let strengths = question
        .strengths
        .iter()
        .map(|((cluster, field), range)| from(range, &format!("whole/strength/{cluster}/{field}")))
        .collect();
    let indicators = question
        .fields
        .iter()
        .zip(&question.indicators)
        .map(|(field, criteria)| {
            criteria.each_ref().map(|known| {
                let one = |(name, range): &(&str, Estimate)| {
                    from(range, &format!("whole/indicator/{field}/{name}"))
                };
                known.iter().map(one).collect()
            })
        })
        .collect();
    let unknown = question
        .fields
        .iter()
        .zip(&question.indicators)
        .map(|(field, criteria)| {
            [0, 1, 2].map(|j: usize| {
                let name = selection::CRITERIA[j];
                criteria[j]
                    .is_empty()
                    .then(|| uniform(&format!("whole/criterion/{field}/{name}")))
            })
        })
        .collect();
    let correlation = from(&question.correlation, "whole/correlation");
    Values {
        weights: question.weights[d],
        aggregation: (uniform("whole/aggregation") * aggregations as f64) as usize,
        strengths,
        indicators,
        unknown,
        link: question.counted.settings.map(|settings| {
            let weight = settings.weight;
            let range = Estimate::spanning(weight.value, weight.low, weight.high, Basis::Judged);
            from(&range, "whole/link")
        }),
        durations: (question.durations.iter())
            .flat_map(|durations| durations.draw(correlation, seed, d as u64))
            .collect(),
        correlation,
        money: (question.money.iter().flat_map(|money| &money.ranges))
            .map(|(name, range)| from(range, &format!("whole/{name}")))
            .collect(),
        layout_gap: 0.0,
        gap: None,
    }
}

/// The score of field `f`: its criteria, each the mean of its indicators, under weights and the way of aggregation.
fn score(question: &Question, aggregation: Aggregation, values: &Values, f: usize) -> f64 {
    let criteria: [f64; 3] = [0, 1, 2].map(|j: usize| {
        if let Some(unknown) = values.unknown[f][j] {
            return unknown;
        }
        let known = &question.indicators[f][j];
        let sum: f64 = known
            .iter()
            .zip(&values.indicators[f][j])
            .map(|((name, _), drawn)| {
                let strongest = &question.strongest[f];
                if *name == BASE && !strongest.is_empty() {
                    let sum: f64 = strongest.iter().map(|k| values.strengths[*k]).sum();
                    sum / strongest.len() as f64
                } else {
                    *drawn
                }
            })
            .sum();
        (sum / known.len() as f64).clamp(0.0, 1.0)
    });
    let weighted = criteria.iter().zip(values.weights);
    match aggregation {
        Aggregation::Arithmetic => weighted.map(|(x, w)| w * x).sum(),
        Aggregation::Geometric => weighted.map(|(x, w)| x.powf(w)).product(),
        Aggregation::Worst => criteria.into_iter().fold(f64::INFINITY, f64::min),
    }
}

/// The rules of the plan on the fields of this draw alone. A floor that counted on fields that are out falls with them.
fn laid_out(question: &Question, best: &BTreeSet<&Industry>, values: &Values) -> Instance {
    let mut instance = question.instance.clone();
    instance
        .industries
        .retain(|spec| best.contains(&spec.industry));
    instance
        .links
        .retain(|link| best.contains(&link.from) && best.contains(&link.to));
    for link in &mut instance.links {
        link.weight = values.link.unwrap_or(link.weight);
    }
    instance.suitability = question
        .strengths
        .iter()
        .zip(&values.strengths)
        .filter(|(((_, field), _), _)| best.contains(field))
        .map(|((pair, range), drawn)| (pair.clone(), Estimate::exact(*drawn, range.basis)))
        .collect();
    instance.vetoes.retain(|(_, field)| best.contains(field));
    instance
        .commitments
        .retain(|(_, field)| best.contains(field));
    let hosts: BTreeSet<&Cluster> = instance
        .suitability
        .keys()
        .chain(&instance.commitments)
        .map(|(cluster, _)| cluster)
        .collect();
    let mut clusters = std::mem::take(&mut instance.clusters);
    clusters.retain(|spec| hosts.contains(&spec.cluster));
    for spec in &mut clusters {
        let candidates = instance
            .suitability
            .keys()
            .filter(|(c, _)| *c == spec.cluster)
            .count();
        spec.min = spec.min.min(candidates);
    }
    instance
        .vetoes
        .retain(|(cluster, _)| clusters.iter().any(|c| c.cluster == *cluster));
    instance.clusters = clusters;
    instance
}

/// Industries whose capacity stage ends within the horizon when the durations of the draw are scheduled.
fn in_time(question: &Question, placed: &BTreeSet<&Industry>, durations: &[f64]) -> Vec<Industry> {
    let tasks: Vec<Task> = question
        .tasks
        .iter()
        .zip(durations)
        .filter(|((task, _), _)| placed.contains(&task.industry))
        .map(|((task, years), drawn)| Task {
            duration_years: Quantity::from(Estimate::exact(*drawn, years.basis)),
            ..task.clone()
        })
        .collect();
    if tasks.is_empty() {
        return Vec::new();
    }
    // Little work: the draws vary far more than the schedules of one draw.
    let params = ScheduleParams {
        conflicts: 30,
        schedules: 60,
    };
    let seed = question.context.config.study.seed;
    let Ok(plan) = schedule(&tasks, &question.limits, &params, seed) else {
        return Vec::new();
    };
    let horizon = f64::from(question.context.config.study.horizon_year.0) + 1.0;
    tasks
        .iter()
        .filter(|task| task.stage == Stage::Capacity)
        .filter(|task| (plan.placed(&task.id)).is_some_and(|dates| dates.finish <= horizon))
        .map(|task| task.industry.clone())
        .collect()
}
