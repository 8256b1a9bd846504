//! Every model answered: covering, median, centre, fronts, hubs.

use layout::sites::{
    CoveragePoint, FairnessPoint, Goal, HubCover, HubCoverParams, HubParams, Hubs, Located,
    Uncovered, Unlocated, centre, coverage_front, fairness_front, hub_cover, hub_set_cover, hubs,
    ranked, uncovered,
};
use model::{Lang, Names};

use super::{Question, Settings};
use crate::calc::CalcError;
use crate::calc::portfolio::rendered;

/// Places that the hub models take: their programs grow with the third and fourth power.
const MOST_PLACES: usize = 40;

#[derive(Default)]
pub struct Answers {
    pub cover: Vec<Located>,
    pub uncovered: Vec<Uncovered>,
    pub median: Vec<Located>,
    pub centre: Option<Located>,
    pub coverage: Vec<CoveragePoint>,
    pub fairness: Vec<FairnessPoint>,
    pub hubs: Option<Hubs>,
    pub hub_cover: Option<HubCover>,
    pub hub_set_cover: Option<HubCover>,
    pub refused: Vec<String>,
}

pub fn answers(question: &Question, settings: &Settings, lang: Lang) -> Result<Answers, CalcError> {
    let (problem, sites, limits) = (&question.problem, question.sites, &settings.limits);
    let mut found = Answers::default();
    if let Some(radius) = settings.radius {
        let goal = Goal::Cover {
            radius,
            times: settings.times,
        };
        let all = ranked(
            problem,
            goal,
            sites,
            settings.alternatives,
            settings.differ,
            limits,
        );
        found.cover = found.kept(all, "covering", lang)?.unwrap_or_default();
        if let Some(best) = found.cover.first() {
            found.uncovered = uncovered(&question.all, problem, best, radius, settings.times);
        }
        let most = settings.most.unwrap_or(sites + 3);
        let most = most.min(problem.candidates.len());
        let front = coverage_front(problem, most, radius, settings.times, limits);
        found.coverage = found
            .kept(front, "front of coverage", lang)?
            .unwrap_or_default();
    }
    let median = ranked(
        problem,
        Goal::Median,
        sites,
        settings.alternatives,
        settings.differ,
        limits,
    );
    found.median = found.kept(median, "median", lang)?.unwrap_or_default();
    found.centre = found.kept(centre(problem, sites, limits), "centre", lang)?;
    let front = fairness_front(problem, sites, limits);
    found.fairness = found
        .kept(front, "front of fairness", lang)?
        .unwrap_or_default();
    network(question, settings, &mut found, lang)?;
    Ok(found)
}

/// The models of hubs, where flows are on record.
fn network(
    question: &Question,
    settings: &Settings,
    found: &mut Answers,
    lang: Lang,
) -> Result<(), CalcError> {
    let Some(network) = &question.network else {
        if settings.hubs.is_some() || settings.hub_cover.is_some() {
            let need = "hubs: no flows are on record; add flows.csv with from,to,flow";
            found.refused.push(need.to_owned());
        }
        return Ok(());
    };
    if network.places.len() > MOST_PLACES {
        found.refused.push(format!(
            "hubs: {} places are more than the {MOST_PLACES} that the models of hubs take; name fewer candidates",
            network.places.len()
        ));
        return Ok(());
    }
    let (flow, distance) = (&network.flow, &network.distance);
    let median = HubParams {
        limits: settings.limits,
        ..settings.hubs.unwrap_or(HubParams {
            hubs: question.sites,
            ..HubParams::default()
        })
    };
    found.hubs = found.kept(hubs(flow, distance, &median), "hub median", lang)?;
    let covering = settings.hub_cover.or_else(|| {
        Some(HubCoverParams {
            hubs: question.sites,
            radius: settings.radius?,
            ..HubCoverParams::default()
        })
    });
    if let Some(covering) = covering {
        let params = HubCoverParams {
            limits: settings.limits,
            ..covering
        };
        let most = hub_cover(flow, distance, &params);
        found.hub_cover = found.kept(most, "hub covering", lang)?;
        let fewest = hub_set_cover(flow, distance, &params);
        found.hub_set_cover = found.kept(fewest, "fewest hubs", lang)?;
    }
    Ok(())
}

impl Answers {
    /// A wrong problem ends the run; a question without an answer is refused, and the others go on.
    fn kept<T>(
        &mut self,
        answer: Result<T, Unlocated>,
        what: &str,
        lang: Lang,
    ) -> Result<Option<T>, CalcError> {
        match answer {
            Ok(found) => Ok(Some(found)),
            Err(Unlocated::Invalid(messages)) => Err(rendered(&messages, lang)),
            Err(Unlocated::Infeasible(message) | Unlocated::Stopped(message)) => {
                let reason = message.render(lang, &Names::default());
                self.refused.push(format!("{what}: {reason}"));
                Ok(None)
            }
        }
    }
}
