//! The portfolio as a file: TOML or JSON, with its projects inside or in tables beside it.

use std::collections::BTreeMap;
use std::path::Path;

use layout::portfolio::{
    AlternativesParams, Bonus, BudgetBasis, CarryOver, Exclusion, Failure, Floor, FloorPeriod,
    Instrument, LadderParams, Least, Members, PlanParams, Precedence, Problem, Project, ProjectId,
    ResearchKind, Resource, SimulateParams, Stage, Substitutes, WaitingParams, Will,
};
use model::{Basis, Estimate, Seed};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::calc::CalcError;
use crate::calc::chain_files::{Sheet, SheetRow};
use crate::config::{Span, parse};

const FILE: &str = "FILE";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// Number of periods.
    periods: usize,
    /// What the first period is called, e.g. a year.
    #[serde(default)]
    pub first: i64,
    /// What money is counted in.
    pub money: String,
    /// What value is counted in.
    pub value: String,
    budget: Option<Vec<f64>>,
    #[serde(default)]
    budget_basis: BudgetBasis,
    #[serde(default)]
    carry_over: CarryOver,
    /// A table of projects beside this file.
    projects: Option<String>,
    /// A table of their stages.
    stages: Option<String>,
    #[serde(default)]
    project: Vec<ProjectEntry>,
    #[serde(default)]
    resource: Vec<ResourceEntry>,
    #[serde(default)]
    precedence: Vec<PrecedenceEntry>,
    #[serde(default)]
    bonus: Vec<BonusEntry>,
    #[serde(default)]
    substitutes: Vec<SubstitutesEntry>,
    #[serde(default)]
    exclusion: Vec<ExclusionEntry>,
    #[serde(default)]
    floor: Vec<FloorEntry>,
    #[serde(default)]
    objective: Objective,
    pub alternatives: Option<AlternativesParams>,
    pub ladder: Option<LadderParams>,
    pub waiting: Option<WaitingParams>,
    pub simulate: Option<SimulateParams>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Objective {
    beta: f64,
    alpha: f64,
    scenarios: usize,
    seed: u64,
}

impl Default for Objective {
    fn default() -> Self {
        let PlanParams {
            beta,
            alpha,
            scenarios,
            seed,
            ..
        } = PlanParams::default();
        Self {
            beta,
            alpha,
            scenarios,
            seed: seed.0,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProjectEntry {
    id: String,
    value: Span,
    field: Option<String>,
    kind: Option<ResearchKind>,
    instrument: Option<Instrument>,
    failure: Option<Failure>,
    #[serde(default = "whole")]
    public_share: f64,
    #[serde(default)]
    decay: f64,
    #[serde(default = "as_planned")]
    overrun: Span,
    #[serde(default)]
    earliest: usize,
    latest: Option<usize>,
    #[serde(default)]
    will: Will,
    /// Either stages, or cost (and needs, chance) of the only one.
    #[serde(default)]
    stage: Vec<StageEntry>,
    cost: Option<Vec<f64>>,
    #[serde(default)]
    needs: BTreeMap<String, f64>,
    chance: Option<Span>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StageEntry {
    cost: Vec<f64>,
    #[serde(default)]
    needs: BTreeMap<String, f64>,
    #[serde(default = "as_planned")]
    chance: Span,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResourceEntry {
    id: String,
    capacity: Vec<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PrecedenceEntry {
    before: ProjectId,
    after: ProjectId,
    #[serde(default)]
    lag: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BonusEntry {
    id: String,
    members: Vec<ProjectId>,
    value: Span,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SubstitutesEntry {
    first: ProjectId,
    second: ProjectId,
    loss: Span,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExclusionEntry {
    members: Vec<ProjectId>,
    #[serde(default = "one")]
    most: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FloorEntry {
    id: String,
    members: Members,
    least: Least,
    #[serde(default)]
    period: FloorPeriod,
}

fn whole() -> f64 {
    1.0
}

fn as_planned() -> Span {
    Span::exactly(1.0)
}

fn one() -> usize {
    1
}

/// A TOML or JSON file; the first character tells which.
pub(in crate::calc) fn parsed<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, CalcError> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text)
            .map_err(|error| CalcError::argument(FILE, format!("{name}: {error}")));
    }
    parse(name, text).map_err(|error| CalcError::Argument {
        argument: FILE,
        problem: error.to_string(),
        help: error.help,
    })
}

impl File {
    /// The problem and how to solve it; every fault of the tables at once.
    pub fn problem(&self, folder: &Path) -> Result<(Problem, PlanParams), CalcError> {
        let mut faults = Vec::new();
        let mut projects: Vec<Project> = self.project.iter().map(ProjectEntry::project).collect();
        if let Some(table) = &self.projects {
            let stages = match &self.stages {
                Some(stages) => self.stages(&folder.join(stages), &mut faults)?,
                None => BTreeMap::new(),
            };
            self.table(&folder.join(table), stages, &mut projects, &mut faults)?;
        } else if self.stages.is_some() {
            faults.push("stages need a table of projects".to_owned());
        }
        if !faults.is_empty() {
            return Err(CalcError::argument(FILE, faults.join("\n")));
        }
        let problem = Problem {
            periods: self.periods,
            projects,
            budget: self.budget.clone(),
            budget_basis: self.budget_basis,
            carry_over: self.carry_over,
            resources: self
                .resource
                .iter()
                .map(|r| Resource {
                    id: r.id.clone(),
                    capacity: r.capacity.clone(),
                })
                .collect(),
            precedence: self
                .precedence
                .iter()
                .map(|p| Precedence {
                    before: p.before.clone(),
                    after: p.after.clone(),
                    lag: p.lag,
                })
                .collect(),
            bonuses: self
                .bonus
                .iter()
                .map(|b| Bonus {
                    id: b.id.clone(),
                    members: b.members.clone(),
                    value: b.value.assumed(),
                })
                .collect(),
            substitutes: self
                .substitutes
                .iter()
                .map(|s| Substitutes {
                    first: s.first.clone(),
                    second: s.second.clone(),
                    loss: s.loss.assumed(),
                })
                .collect(),
            exclusions: self
                .exclusion
                .iter()
                .map(|e| Exclusion {
                    members: e.members.clone(),
                    most: e.most,
                })
                .collect(),
            floors: self
                .floor
                .iter()
                .map(|f| Floor {
                    id: f.id.clone(),
                    members: f.members.clone(),
                    least: f.least,
                    period: f.period,
                })
                .collect(),
        };
        let params = PlanParams {
            beta: self.objective.beta,
            alpha: self.objective.alpha,
            scenarios: self.objective.scenarios,
            seed: Seed(self.objective.seed),
            ..PlanParams::default()
        };
        Ok((problem, params))
    }

    /// `project,stage,cost[,chance,low,high]` and a column for each resource; cost by period, separated by semicolons.
    fn stages(
        &self,
        path: &Path,
        faults: &mut Vec<String>,
    ) -> Result<BTreeMap<String, Vec<(f64, Stage)>>, CalcError> {
        let sheet = Sheet::open(path, FILE, &["project", "stage", "cost"])?;
        let mut stages: BTreeMap<String, Vec<(f64, Stage)>> = BTreeMap::new();
        for row in sheet.rows() {
            let read = || -> Result<(String, f64, Stage), CalcError> {
                let order = row
                    .number("stage")?
                    .ok_or_else(|| row.wrong("stage", "the cell is empty"))?;
                let stage = Stage {
                    cost: costs(&row)?,
                    needs: self.needs(&row)?,
                    chance: row
                        .range("chance")?
                        .unwrap_or_else(|| Estimate::exact(1.0, Basis::Assumed)),
                };
                Ok((row.needed("project")?.to_owned(), order, stage))
            };
            match read() {
                Ok((project, order, stage)) => {
                    stages.entry(project).or_default().push((order, stage));
                }
                Err(fault) => faults.push(fault.to_string()),
            }
        }
        for list in stages.values_mut() {
            list.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        Ok(stages)
    }

    fn needs(&self, row: &SheetRow) -> Result<BTreeMap<String, f64>, CalcError> {
        let mut needs = BTreeMap::new();
        for resource in &self.resource {
            if let Some(need) = row.number(&resource.id)? {
                needs.insert(resource.id.clone(), need);
            }
        }
        Ok(needs)
    }

    /// `project,value[,low,high,field,kind,instrument,failure,public_share,decay,earliest,latest,will,overrun_low,overrun,
    /// overrun_high]`, and cost, chance and needs of projects of one stage.
    fn table(
        &self,
        path: &Path,
        mut stages: BTreeMap<String, Vec<(f64, Stage)>>,
        projects: &mut Vec<Project>,
        faults: &mut Vec<String>,
    ) -> Result<(), CalcError> {
        let sheet = Sheet::open(path, FILE, &["project", "value"])?;
        for row in sheet.rows() {
            let mut read = || -> Result<Project, CalcError> {
                let id = row.needed("project")?;
                let value = row
                    .range("value")?
                    .ok_or_else(|| row.wrong("value", "the cell is empty: missing is not zero"))?;
                let stages = match stages.remove(id) {
                    Some(stages) => stages.into_iter().map(|(_, stage)| stage).collect(),
                    None => vec![Stage {
                        cost: costs(&row)?,
                        needs: self.needs(&row)?,
                        chance: Estimate::exact(
                            row.number("chance")?.unwrap_or(1.0),
                            Basis::Assumed,
                        ),
                    }],
                };
                let overrun = row.number("overrun")?.unwrap_or(1.0);
                let low = row.number("overrun_low")?.unwrap_or(overrun);
                let high = row.number("overrun_high")?.unwrap_or(overrun);
                Ok(Project {
                    id: id.into(),
                    field: row.text("field").map(str::to_owned),
                    kind: coded(&row, "kind")?,
                    instrument: coded(&row, "instrument")?,
                    failure: coded(&row, "failure")?,
                    public_share: row.number("public_share")?.unwrap_or(1.0),
                    value,
                    decay: row.number("decay")?.unwrap_or(0.0),
                    stages,
                    overrun: Estimate::new(overrun, low, high, Basis::Assumed).map_err(|_| {
                        row.wrong("overrun", "low, value and high must stand in that order")
                    })?,
                    earliest: count(&row, "earliest")?.unwrap_or(0),
                    latest: count(&row, "latest")?,
                    will: coded(&row, "will")?.unwrap_or_default(),
                })
            };
            match read() {
                Ok(project) => projects.push(project),
                Err(fault) => faults.push(fault.to_string()),
            }
        }
        for project in stages.keys() {
            faults.push(format!(
                "stages name the project `{project}`, which the table of projects does not have"
            ));
        }
        Ok(())
    }
}

impl ProjectEntry {
    fn project(&self) -> Project {
        let single = self.cost.iter().map(|cost| Stage {
            cost: cost.clone(),
            needs: self.needs.clone(),
            chance: self.chance.unwrap_or(Span::exactly(1.0)).assumed(),
        });
        let stages = self.stage.iter().map(|stage| Stage {
            cost: stage.cost.clone(),
            needs: stage.needs.clone(),
            chance: stage.chance.assumed(),
        });
        Project {
            id: self.id.as_str().into(),
            field: self.field.clone(),
            kind: self.kind,
            instrument: self.instrument,
            failure: self.failure,
            public_share: self.public_share,
            value: self.value.assumed(),
            decay: self.decay,
            stages: single.chain(stages).collect(),
            overrun: self.overrun.assumed(),
            earliest: self.earliest,
            latest: self.latest,
            will: self.will,
        }
    }
}

/// Costs by period: `4;3;2`.
fn costs(row: &SheetRow) -> Result<Vec<f64>, CalcError> {
    row.needed("cost")?
        .split(';')
        .map(|part| {
            let cost: Option<f64> = part.trim().parse().ok();
            cost.filter(|c| c.is_finite()).ok_or_else(|| {
                row.wrong(
                    "cost",
                    &format!("`{part}` is not a number; periods are separated by semicolons"),
                )
            })
        })
        .collect()
}

/// A code as it is written in TOML.
fn coded<T: DeserializeOwned>(row: &SheetRow, column: &str) -> Result<Option<T>, CalcError> {
    let Some(text) = row.text(column) else {
        return Ok(None);
    };
    serde_json::from_value(Value::String(text.to_owned()))
        .map(Some)
        .map_err(|error| row.wrong(column, &error.to_string()))
}

fn count(row: &SheetRow, column: &str) -> Result<Option<usize>, CalcError> {
    let Some(number) = row.number(column)? else {
        return Ok(None);
    };
    if number >= 0.0 && number.fract() == 0.0 && number < 1e6 {
        Ok(Some(number as usize))
    } else {
        Err(row.wrong(column, "a period is a whole number from 0"))
    }
}
