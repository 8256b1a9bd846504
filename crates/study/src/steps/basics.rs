//! Basic capabilities: foreign components, materials, processes, software and tools.

use chain::readings::basics;
use model::{Estimate, ResultTable};

use super::chain::broken;
use super::code;
use super::ground::{ground, lineage, list};
use crate::engine::output::StepOutput;
use crate::engine::step::Context;

pub fn run(context: &Context) -> StepOutput {
    let Some(ground) = ground(context) else {
        return StepOutput::default();
    };
    let config = context.config;
    let found = match basics(
        &ground.graph,
        &ground.targets,
        &config.study.home,
        &config.chain.readings.basics,
    ) {
        Ok(found) => found,
        Err(problems) => {
            return StepOutput {
                tables: vec![],
                refusals: broken(&problems),
            };
        }
    };
    let mut table = ResultTable::new(
        "chain.basics",
        "basic-capabilities",
        "foreign = mean of 1 - home's share; dependent = nodes at or above the threshold / nodes; gap = mean capacity gap",
        &[
            ("scope", ""),
            ("stage", ""),
            ("nodes", ""),
            ("nodes_known", ""),
            ("foreign_mean", "share"),
            ("dependent_nodes", "share"),
            ("capacity_gap", "share"),
            ("worst_nodes", ""),
        ],
    );
    for row in found {
        let scope = row.chain.as_ref().map_or("all", |chain| chain.as_str());
        let dependent: Estimate = row.dependent;
        table.push(
            format!("{scope}/{}", row.stage.code()),
            vec![
                row.chain
                    .as_ref()
                    .map_or_else(|| code("all_chains"), |chain| chain.entity().into()),
                code(row.stage.code()),
                row.nodes.into(),
                row.nodes_known.into(),
                row.foreign.into(),
                dependent.into(),
                row.gap.into(),
                list(&row.worst),
            ],
            lineage(&row.origins, &["chain.readings"]),
        );
    }
    StepOutput {
        tables: vec![table],
        refusals: vec![],
    }
}
