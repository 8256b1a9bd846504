//! Regional layout: one or two industries per cluster, without duplication, with chain links where the study counts them.
//!
//! What this step makes is the plan: roadmap, portfolio, sites, audit and the effect of the plan follow it, and its
//! certificate, reasons, prices of rules and robustness are those of one question.

use std::collections::{BTreeMap, BTreeSet};

use evidence::Evidence;
use layout::regions::{
    Assignment, ClusterSpec, Duplication, ExplainParams, IndustrySpec, Instance, Move, Plan,
    RegionalCap, RobustnessParams, RulesFrom, SolveParams, Unsolved, Verdict, duplication, explain,
    given_up, price_of_rules, robustness, solve, uncoordinated,
};
use model::{
    Basis, Cell, Cluster, Estimate, Industry, Message, Names, Origin, Refusal, Region, ResultTable,
    RowRef,
};
use serde_json::{Value, json};

use super::regions_price::ranged;
use super::{code, linked, parameters};
use crate::config::{Config, LinkRole, LinkSection};
use crate::engine::output::{StepOutput, entity, estimate};
use crate::engine::run::{Inputs, Run};
use crate::engine::step::{Context, Extent, Pace};
use crate::folder::BulkTables;
use crate::inputs::links::{Links, links, weighed_with_range};
use crate::inputs::rows;
use crate::scenario::Scenario;

/// The settings that every layout stands on.
pub(super) const RULES: [&str; 9] = [
    "regions.min_per_cluster",
    "regions.max_per_cluster",
    "regions.floor",
    "regions.cap",
    "regions.regional_cap",
    "regions.industry",
    "regions.vetoes",
    "regions.commitments",
    "study.seed",
];

/// The settings that say which links there are and what they are worth.
pub(super) const LINKS: [&str; 2] = ["regions.links", "chain.exclude"];

pub const READS: [&str; 4] = ["clusters", "chains", "chain_nodes", "chain_links"];

pub fn params(config: &Config, _: &[Scenario]) -> Value {
    json!({
        "home": config.study.home, "regions": config.regions, "seed": config.study.seed,
        "exclude": config.chain.exclude,
    })
}

/// Links that the plan counts, if it does.
#[derive(Default)]
pub(super) struct Counted {
    pub settings: Option<LinkSection>,
    pub links: Links,
}

impl Counted {
    fn settings_read(&self) -> Vec<Origin> {
        if self.settings.is_some() {
            parameters(&LINKS)
        } else {
            Vec::new()
        }
    }

    /// The rows that show a link, and what it is worth.
    pub fn origins(&self) -> Vec<Origin> {
        let shown = self.links.values().flatten().cloned().map(Origin::Evidence);
        shown.chain(self.settings_read()).collect()
    }
}

pub(super) fn counted(context: &Context, instance: &Instance) -> Counted {
    let settings = context.config.regions.links;
    let Some(settings) = settings.filter(|s| s.role == LinkRole::Plan) else {
        return Counted::default();
    };
    Counted {
        links: known_links(context, instance),
        settings: Some(settings),
    }
}

fn known_links(context: &Context, instance: &Instance) -> Links {
    let known = instance.industries.iter().map(|i| &i.industry).collect();
    links(context.evidence, context.config, &known)
}

pub fn run(context: &Context) -> StepOutput {
    let mut output = StepOutput::default();
    let (instance, counted, refusals) = asked(context);
    output.refusals = refusals;
    if instance.clusters.is_empty() || instance.industries.is_empty() {
        output.refusals.push(Refusal {
            code: "regions.nothing_to_place".to_owned(),
            question: Message::new("regions.question"),
            reason: Message::new("regions.nothing_to_place"),
            needed: Message::new("clusters.no_evidence.needed"),
        });
        return output;
    }
    match solve(&instance, &SolveParams::default()) {
        Ok(plan) => tables(context, &instance, &counted, &plan, &mut output),
        Err(unsolved) => output.refusals.push(refused(&unsolved)),
    }
    output
}

/// The instance with the links that the plan counts.
fn asked(context: &Context) -> (Instance, Counted, Vec<Refusal>) {
    let (mut instance, refusals) = unlinked(context);
    let counted = counted(context, &instance);
    if let Some(settings) = counted.settings {
        instance.links = weighed_with_range(&counted.links, settings.weight);
    }
    (instance, counted, refusals)
}

/// The question that the layout of `run` answers; nothing where the run has not come to it.
pub(crate) fn question(run: &Run, evidence: &Evidence, names: &Names) -> Option<Instance> {
    let step = super::STEPS
        .iter()
        .find(|step| step.name == "layout.regions")?;
    let done: Option<BTreeMap<&'static str, StepOutput>> = (step.needs.iter())
        .map(|name| Some((*name, run.outputs.get(*name)?.clone())))
        .collect();
    let (bulk, done) = (BulkTables::new(), done?);
    let inputs = Inputs::of(&run.manifest, evidence, &bulk, names, &run.manifest.config);
    let (instance, _, _) = asked(&inputs.context(step, &done, Extent::Glance, Pace::UNSEEN));
    let nothing = instance.clusters.is_empty() || instance.industries.is_empty();
    (!nothing).then_some(instance)
}

fn refused(unsolved: &Unsolved) -> Refusal {
    unsolved.refusal(Message::new("regions.question"), RulesFrom::Study)
}

/// The instance without links, and what had to be left out of it.
pub(super) fn unlinked(context: &Context) -> (Instance, Vec<Refusal>) {
    let acceptability = context.table("layout.acceptability");
    let weights: BTreeMap<Industry, f64> = acceptability
        .rows
        .iter()
        .filter(|row| entity(&acceptability, row, "separation") != Some("separation.out"))
        .filter_map(|row| {
            Some((
                row.key.as_str().into(),
                estimate(&acceptability, row, "top_acceptability")?.value,
            ))
        })
        .collect();
    instance_of(context, &weights)
}

/// The rules of the study on these industries, with their weights.
pub(super) fn instance_of(
    context: &Context,
    weights: &BTreeMap<Industry, f64>,
) -> (Instance, Vec<Refusal>) {
    let settings = &context.config.regions;
    let strengths = context.table("foundation.strengths");
    let suitability: BTreeMap<(Cluster, Industry), Estimate> = strengths
        .rows
        .iter()
        .filter_map(|row| {
            let cluster: Cluster = entity(&strengths, row, "cluster")?.into();
            let industry: Industry = entity(&strengths, row, "field")?.into();
            weights.contains_key(&industry).then_some(())?;
            Some(((cluster, industry), estimate(&strengths, row, "strength")?))
        })
        .collect();
    let hosts: BTreeSet<&Cluster> = suitability.keys().map(|(cluster, _)| cluster).collect();
    let clusters: Vec<ClusterSpec> = rows(context.evidence, "clusters")
        .filter(|row| hosts.contains(&Cluster::from(row.key.as_str())))
        .map(|row| {
            let cluster: Cluster = row.key.as_str().into();
            let candidates = suitability.keys().filter(|(c, _)| *c == cluster).count();
            ClusterSpec {
                // A cluster of no region stands alone.
                region: row
                    .text("region")
                    .map_or_else(|| row.key.as_str().into(), Region::from),
                min: settings.min_per_cluster.min(candidates),
                max: settings.max_per_cluster,
                cluster,
            }
        })
        .collect();
    let mut refusals = Vec::new();
    let industries = weights
        .iter()
        .map(|(industry, weight)| {
            let wanted = settings.industry.get(industry.as_str());
            let floor = wanted.map_or(settings.floor, |w| w.floor);
            let candidates = suitability.keys().filter(|(_, i)| i == industry).count();
            if candidates < floor {
                refusals.push(Refusal {
                    code: "regions.floor_without_evidence".to_owned(),
                    question: Message::new("regions.floor_question")
                        .with("industry", industry.entity()),
                    reason: Message::new("regions.floor_without_evidence")
                        .with("industry", industry.entity())
                        .with("candidates", candidates)
                        .with("floor", floor),
                    needed: Message::new("clusters.no_evidence.needed"),
                });
            }
            IndustrySpec {
                industry: industry.clone(),
                floor: floor.min(candidates),
                cap: Some(wanted.map_or(settings.cap, |w| w.cap)),
                weight: *weight,
            }
        })
        .collect();
    let placed: BTreeSet<&Cluster> = clusters.iter().map(|spec| &spec.cluster).collect();
    let pairs = |list: &[(String, String)]| -> Vec<(Cluster, Industry)> {
        list.iter()
            .map(|(c, i)| (c.as_str().into(), i.as_str().into()))
            .collect()
    };
    // A veto on what is not in the question is kept already; a commitment to it is not.
    let mut vetoes = pairs(&settings.vetoes);
    vetoes.retain(|(c, i)| placed.contains(c) && weights.contains_key(i));
    let mut commitments = pairs(&settings.commitments);
    commitments.retain(|(cluster, industry)| {
        let reason = if !weights.contains_key(industry) {
            "regions.commitment_without_field"
        } else if !placed.contains(cluster) {
            "regions.commitment_without_evidence"
        } else {
            return true;
        };
        refusals.push(Refusal {
            code: reason.to_owned(),
            question: Message::new("regions.commitment_question")
                .with("cluster", cluster.entity())
                .with("industry", industry.entity()),
            reason: Message::new(reason)
                .with("cluster", cluster.entity())
                .with("industry", industry.entity()),
            needed: Message::new(format!("{reason}.needed")),
        });
        false
    });
    let instance = Instance {
        industries,
        suitability,
        regional_cap: RegionalCap {
            limit: Some(settings.regional_cap),
            by_region: BTreeMap::new(),
        },
        vetoes,
        commitments,
        clusters,
        ..Instance::default()
    };
    (instance, refusals)
}

fn origins(cluster: &Cluster, industry: &Industry) -> Vec<Origin> {
    let mut origins = vec![
        Origin::Result(RowRef::new(
            "foundation.strengths",
            format!("{cluster}/{industry}"),
        )),
        Origin::Result(RowRef::new("layout.acceptability", industry.as_str())),
    ];
    origins.extend(parameters(&RULES));
    origins.extend(parameters(&["regions.draws"]));
    origins
}

/// The objective spans the ranges of its strengths and of what a link is worth.
fn objective(plan: &Plan, counted: &Counted, hosted: usize) -> Estimate {
    let Estimate {
        value,
        mut low,
        mut high,
        basis,
    } = plan.objective;
    if let Some(LinkSection { weight, .. }) = counted.settings {
        low -= hosted as f64 * (weight.value - weight.low);
        high += hosted as f64 * (weight.high - weight.value);
    }
    Estimate::spanning(value, low, high, basis)
}

fn tables(
    context: &Context,
    instance: &Instance,
    counted: &Counted,
    plan: &Plan,
    output: &mut StepOutput,
) {
    let settings = &context.config.regions;
    let formula = "max Σ acceptability × strength × x + worth of a link × links hosted, where links count; 1-2 industries per cluster, national floors and caps, regional caps";
    let regions = instance.regions();
    let placements: Vec<(&Cluster, &Industry)> = plan
        .assignment
        .iter()
        .flat_map(|(c, list)| list.iter().map(move |i| (c, i)))
        .collect();
    // An optimum and its bound depend on every pair that could have been placed.
    let everything: Vec<Origin> = instance
        .suitability
        .keys()
        .map(|(c, i)| Origin::Result(RowRef::new("foundation.strengths", format!("{c}/{i}"))))
        .chain(
            instance
                .industries
                .iter()
                .map(|i| Origin::Result(RowRef::new("layout.acceptability", i.industry.as_str()))),
        )
        .chain(counted.origins())
        .collect();
    let glance = context.extent == Extent::Glance;
    let params = RobustnessParams {
        draws: settings.draws.max(1),
        ..RobustnessParams::default()
    };
    let drawn = || robustness(instance, &params, context.config.study.seed);
    let shares = match (!glance).then(drawn).transpose() {
        Ok(robustness) => robustness.map_or_else(Vec::new, |r| r.pairs),
        Err(unsolved) => return output.refusals.push(refused(&unsolved)),
    };

    let mut layout = ResultTable::new(
        "layout.regions",
        "regional-layout",
        formula,
        &[
            ("cluster", ""),
            ("region", ""),
            ("industry", ""),
            ("strength", "share"),
            ("draws_with_pair", "share"),
            ("robust", ""),
        ],
    );
    for (cluster, industry) in &placements {
        let pair = shares
            .iter()
            .find(|p| p.cluster == **cluster && p.industry == **industry);
        let strength = instance
            .suitability
            .get(&((*cluster).clone(), (*industry).clone()));
        layout.push(
            format!("{cluster}/{industry}"),
            vec![
                cluster.entity().into(),
                regions
                    .get(*cluster)
                    .map_or(Cell::Empty, |r| r.entity().into()),
                industry.entity().into(),
                strength.map_or(Cell::Empty, |s| (*s).into()),
                pair.map_or(Cell::Empty, |p| p.share.into()),
                pair.map_or(Cell::Empty, |p| code(p.strength.code())),
            ],
            [origins(cluster, industry), counted.settings_read()].concat(),
        );
    }

    let mut certificate = ResultTable::new(
        "layout.certificate",
        "regional-layout",
        "objective = Σ acceptability × strength × x + worth of a link × links hosted; gap = (bound - objective) / |objective|",
        &[
            ("status", ""),
            ("objective", "points"),
            ("bound", "points"),
            ("optimality_gap", "share"),
            ("links_hosted", ""),
        ],
    );
    let hosts = |links: &Links| linked::realised(&plan.assignment, &regions, links).len();
    let hosted = hosts(&counted.links);
    // Links that only stand beside the plan are hosted by it all the same; without any link asked for none is looked for.
    let read = context.config.regions.links.map(|settings| {
        let links = known_links(context, instance);
        let shown = links.values().flatten().cloned().map(Origin::Evidence);
        let asked = (settings.role != LinkRole::Plan).then(|| parameters(&LINKS));
        let origins: Vec<Origin> = shown.chain(asked.into_iter().flatten()).collect();
        (hosts(&links), origins)
    });
    let mut certified = everything.clone();
    certified.extend(read.iter().flat_map(|(_, origins)| origins.clone()));
    certified.sort();
    certified.dedup();
    certificate.push(
        "plan",
        vec![
            code(plan.status.code()),
            objective(plan, counted, hosted).into(),
            Estimate::exact(plan.bound, Basis::Derived).into(),
            // Rounding of the solver's own arithmetic is no gap.
            Estimate::exact(if plan.gap < 1e-9 { 0.0 } else { plan.gap }, Basis::Derived).into(),
            read.map_or(Cell::Empty, |(hosted, _)| hosted.into()),
        ],
        certified,
    );

    if glance {
        return output.tables.extend([layout, certificate]);
    }
    let mut duplicated = ResultTable::new(
        "layout.duplication",
        "regional-layout",
        "pairs of placements in different clusters with the same industry / all such pairs",
        &[
            ("layout", ""),
            ("within_region", "share"),
            ("national", "share"),
            ("placements", ""),
        ],
    );
    let alone = uncoordinated(instance);
    let mut row = |key: &str, assignment: &Assignment, origins: Vec<Origin>| {
        let Duplication {
            within_region,
            national,
        } = duplication(assignment, &regions);
        let placements: usize = assignment.values().map(Vec::len).sum();
        duplicated.push(
            key,
            vec![
                code(&format!("layout.{key}")),
                within_region.into(),
                national.into(),
                placements.into(),
            ],
            origins,
        );
    };
    let strengths: Vec<Origin> = alone
        .iter()
        .flat_map(|(c, list)| list.iter().map(move |i| format!("{c}/{i}")))
        .map(|key| Origin::Result(RowRef::new("foundation.strengths", key)))
        .collect();
    row("uncoordinated", &alone, strengths);
    row("plan", &plan.assignment, everything.clone());

    let reasons = match reasons(instance, counted, plan) {
        Ok(reasons) => reasons,
        Err(unsolved) => return output.refusals.push(refused(&unsolved)),
    };
    let mut prices = ResultTable::new(
        "layout.rule_prices",
        "regional-layout",
        "optimum without the rules of the kind - optimum with them; range: what moves as weak or as strong as its ranges allow",
        &[("rules", ""), ("count", ""), ("gain", "points")],
    );
    match price_of_rules(instance, &SolveParams::default()) {
        Ok(found) => {
            for price in found {
                let spread = (price.without.as_ref())
                    .and_then(|without| given_up(instance, without, &plan.assignment));
                prices.push(
                    price.family.code(),
                    vec![
                        code(price.family.code()),
                        price.rules.into(),
                        ranged(price.gain, spread).into(),
                    ],
                    everything.clone(),
                );
            }
        }
        Err(unsolved) => return output.refusals.push(refused(&unsolved)),
    }
    output
        .tables
        .extend([layout, certificate, duplicated, reasons, prices]);
}

fn reasons(instance: &Instance, counted: &Counted, plan: &Plan) -> Result<ResultTable, Unsolved> {
    let mut table = ResultTable::new(
        "layout.reasons",
        "regional-layout",
        "cost = optimum - optimum with the pair forced out (why this) or in (why not that); range: what moves as weak or as strong as its ranges allow",
        &[
            ("cluster", ""),
            ("question", ""),
            ("industry", ""),
            ("cost", "points"),
            ("answer", ""),
        ],
    );
    let params = ExplainParams {
        // Every industry that a cluster could host; how many of them stand on paper in full, the report decides.
        alternatives: usize::MAX,
        solve: SolveParams::default(),
    };
    for reason in explain(instance, plan, &params)? {
        let question = reason.question.code().trim_start_matches("question.");
        let (cost, answer): (Cell, Message) = match &reason.verdict {
            Verdict::Costs { cost, moves } => {
                let spread = given_up(instance, &plan.assignment, &after(plan, moves));
                let answer = moved("reasons.costs", moves, cost.value);
                (ranged((*cost).into(), spread).into(), answer)
            }
            Verdict::Equivalent { within, moves } => {
                let cost = Estimate::spanning(0.0, 0.0, *within, Basis::Derived);
                let spread = given_up(instance, &plan.assignment, &after(plan, moves));
                let answer = moved("reasons.equivalent", moves, *within);
                (ranged(cost.into(), spread).into(), answer)
            }
            Verdict::Settled { rules } => {
                // One of them alone says nothing: they cannot be kept together with the pair.
                let rule = if rules.is_empty() {
                    Message::new("reasons.rules")
                } else {
                    const SHOWN: usize = 5;
                    let shown = rules.iter().take(SHOWN).map(layout::regions::Rule::message);
                    Message::joined(&shown.collect::<Vec<_>>())
                };
                let missing = model::Quantity::not_estimated(Message::new("reasons.no_plan"));
                (
                    missing.into(),
                    Message::new("reasons.settled").with("rule", rule),
                )
            }
            Verdict::NotAnswered => {
                let missing = model::Quantity::not_estimated(reason.message());
                (missing.into(), reason.message())
            }
        };
        table.push(
            format!("{}/{question}/{}", reason.cluster, reason.industry),
            vec![
                reason.cluster.entity().into(),
                code(&format!("question.{question}")),
                reason.industry.entity().into(),
                cost,
                answer.into(),
            ],
            [
                origins(&reason.cluster, &reason.industry),
                counted.origins(),
            ]
            .concat(),
        );
    }
    Ok(table)
}

/// The layout after these moves.
fn after(plan: &Plan, moves: &[Move]) -> Assignment {
    let mut layout = plan.assignment.clone();
    for one in moves {
        let hosted = layout.entry(one.cluster.clone()).or_default();
        hosted.retain(|industry| !one.leaves.contains(industry));
        hosted.extend(one.enters.iter().cloned());
    }
    layout
}

/// The cost and the first few clusters that change with it.
fn moved(id: &str, moves: &[Move], cost: f64) -> Message {
    const SHOWN: usize = 4;
    if moves.is_empty() {
        return Message::new(format!("{id}.alone")).with("cost", cost);
    }
    let mut listed: Vec<Message> = moves.iter().take(SHOWN).map(Move::message).collect();
    if moves.len() > SHOWN {
        listed.push(Message::new("reasons.more").with("n", moves.len() - SHOWN));
    }
    Message::new(id)
        .with("cost", cost)
        .with("moves", Message::listed(&listed))
}
