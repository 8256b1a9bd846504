//! `calc portfolio`: which projects when, on a file of our own or one of the OR-Library.

mod file;
mod orlib;

use std::path::{Path, PathBuf};

use evidence::bulk::ResultColumn;
use layout::portfolio::knapsack::{KnapsackParams, Sense, assign, pack};
use layout::portfolio::{
    Alternatives, Fit, FloorPrice, Plan, PlanParams, Problem, Rung, SimulateParams, Simulation,
    Unsolved, WaitingValue, Will, alternatives, fit, floor_prices, ladder, plan, simulate, waiting,
};
use layout::{Limits, Worth};
use model::{Estimate, Lang, Message, Names, short};
use serde_json::{Value, json};

use self::file::File;
use self::orlib::Instance;
use super::CalcError;
use super::out::{CalcReport, Out, column, words};

pub(in crate::calc) use self::file::parsed;

#[derive(Debug, Clone)]
pub struct PortfolioArgs {
    pub file: PathBuf,
    /// Seconds of each search; without them the work limits alone count.
    pub time_limit: Option<f64>,
    /// Nodes of each search.
    pub nodes: Option<usize>,
    /// Rounds of the local search of knapsacks.
    pub rounds: Option<usize>,
    /// Of assignments.
    pub sense: Sense,
    /// Where tables go; without it the answer is printed only.
    pub out: Option<PathBuf>,
}

/// Writes `plan.csv`, `periods.csv`, `floors.csv`, `ladder.csv`, `alternatives.csv`, `projects.csv` and `report.json`.
pub fn portfolio(args: &PortfolioArgs, lang: Lang) -> Result<CalcReport, CalcError> {
    let text = text_of(&args.file)?;
    let limits = Limits {
        time_limit_seconds: args.time_limit,
        node_limit: args.nodes.or(Limits::default().node_limit),
        ..Limits::default()
    };
    match orlib::read(&text, args.sense) {
        Some(instances) => {
            let name = args.file.display();
            let instances = instances
                .map_err(|problem| CalcError::argument("FILE", format!("{name}: {problem}")))?;
            published(args, &instances, limits, lang)
        }
        None => own(args, &text, limits, lang),
    }
}

pub(in crate::calc) fn text_of(path: &Path) -> Result<String, CalcError> {
    std::fs::read_to_string(path).map_err(|error| CalcError::Write {
        doing: "read",
        path: path.display().to_string(),
        problem: error.to_string(),
    })
}

/// What is said where no folder for tables is named.
pub(in crate::calc) fn report(
    out: Option<Out>,
    json: Value,
    lines: Vec<String>,
    refused: Vec<String>,
) -> Result<CalcReport, CalcError> {
    match out {
        Some(out) => out.report(json, lines, refused),
        None => Ok(CalcReport {
            json,
            files: Vec::new(),
            lines,
            refused,
            found: 0,
        }),
    }
}

pub(in crate::calc) fn rendered(messages: &[Message], lang: Lang) -> CalcError {
    let names = Names::default();
    let texts: Vec<String> = messages.iter().map(|m| m.render(lang, &names)).collect();
    CalcError::argument("FILE", texts.join("\n"))
}

fn failed(error: &Unsolved, lang: Lang) -> CalcError {
    rendered(&error.messages(), lang)
}

pub(in crate::calc) fn worth(worth: &Worth) -> Value {
    json!({"value": worth.value, "bound": worth.bound, "gap": worth.gap(), "ended": worth.ended})
}

fn range(e: &Estimate) -> Value {
    json!({"value": e.value, "low": e.low, "high": e.high})
}

fn published(
    args: &PortfolioArgs,
    instances: &[Instance],
    limits: Limits,
    lang: Lang,
) -> Result<CalcReport, CalcError> {
    let (mut answers, mut lines) = (Vec::new(), Vec::new());
    for (k, instance) in instances.iter().enumerate() {
        let answer = match instance {
            Instance::Knapsack { knapsack, stated } => {
                let params = KnapsackParams {
                    limits: Limits {
                        relative_gap: 0.0,
                        ..limits
                    },
                    rounds: args.rounds.unwrap_or(KnapsackParams::default().rounds),
                    ..KnapsackParams::default()
                };
                let packed = pack(knapsack, &params).map_err(|e| failed(&e, lang))?;
                let mut answer = worth(&packed.worth);
                // Items are counted from 1, as their authors do.
                answer["chosen"] = packed.chosen.iter().map(|j| j + 1).collect();
                answer["relaxation"] = packed.relaxation.into();
                answer["local_search"] = packed.searched.into();
                answer["stated"] = stated.map_or(Value::Null, Value::from);
                lines.push(line(k, &packed.worth));
                answer
            }
            Instance::Assignment(problem) => {
                let assigned = assign(problem, &limits).map_err(|e| failed(&e, lang))?;
                let mut answer = worth(&assigned.worth);
                answer["gap"] = ((assigned.worth.bound - assigned.worth.value).abs()
                    / assigned.worth.value.abs().max(f64::MIN_POSITIVE))
                .into();
                answer["chosen"] = assigned.agent.iter().map(|a| a + 1).collect();
                lines.push(line(k, &assigned.worth));
                answer
            }
        };
        answers.push(answer);
    }
    let mut json = match &answers[..] {
        [only] => only.clone(),
        _ => json!({"instances": answers}),
    };
    json["schema"] = "forelay.calc.portfolio/1".into();
    json["kind"] = match instances.first() {
        Some(Instance::Assignment(_)) => "assignment",
        _ => "knapsack",
    }
    .into();
    let out = args.out.as_deref().map(Out::new).transpose()?;
    report(out, json, lines, Vec::new())
}

fn line(k: usize, worth: &Worth) -> String {
    format!(
        "{}: value {}, bound {}, gap {:.4} %, {:?}",
        k + 1,
        worth.value,
        worth.bound,
        100.0 * (worth.bound - worth.value).abs() / worth.value.abs().max(f64::MIN_POSITIVE),
        worth.ended
    )
}

/// Everything that was asked for, answered.
struct Answers {
    plan: Plan,
    prices: Vec<FloorPrice>,
    rungs: Vec<Rung>,
    near: Option<Alternatives>,
    waiting: Option<WaitingValue>,
    drawn: Option<Simulation>,
}

fn own(
    args: &PortfolioArgs,
    text: &str,
    limits: Limits,
    lang: Lang,
) -> Result<CalcReport, CalcError> {
    let file: File = parsed(&args.file.display().to_string(), text)?;
    let folder = args.file.parent().unwrap_or(Path::new("."));
    let (mut problem, params) = file.problem(folder)?;
    let params = PlanParams { limits, ..params };
    let mut refused = Vec::new();
    refuse_subsidies(&mut problem, &mut refused);
    let say = |error: Unsolved| failed(&error, lang);
    let plan = plan(&problem, &params).map_err(say)?;
    let answers = Answers {
        prices: if problem.floors.is_empty() {
            Vec::new()
        } else {
            floor_prices(&problem, &params).map_err(say)?
        },
        rungs: match &file.ladder {
            Some(steps) => ladder(&problem, &params, steps).map_err(say)?,
            None => Vec::new(),
        },
        near: match &file.alternatives {
            Some(wanted) => Some(alternatives(&problem, &params, wanted).map_err(say)?),
            None => None,
        },
        waiting: match &file.waiting {
            Some(asked) => Some(waiting(&problem, &params, asked).map_err(say)?),
            None => None,
        },
        drawn: simulate(
            &problem,
            &plan.starts,
            &file.simulate.unwrap_or(SimulateParams {
                alpha: params.alpha,
                ..SimulateParams::default()
            }),
        ),
        plan,
    };
    let mut out = args.out.as_deref().map(Out::new).transpose()?;
    if let Some(out) = &mut out {
        write(out, &file, &problem, &answers)?;
    }
    let lines = lines(&file, &answers);
    let json = document(&file, &problem, &params, &answers, &refused);
    report(out, json, lines, refused)
}

/// A subsidy where no failure is on record is refused: the project stays out of the plan.
fn refuse_subsidies(problem: &mut Problem, refused: &mut Vec<String>) {
    for project in &mut problem.projects {
        if fit(project.instrument, project.failure) == Fit::Refused && project.will != Will::Never {
            refused.push(format!(
                "{}: a subsidy where no failure is on record; name the failure it answers, or another instrument",
                project.id
            ));
            project.will = Will::Never;
        }
    }
}

fn document(
    file: &File,
    problem: &Problem,
    params: &PlanParams,
    answers: &Answers,
    refused: &[String],
) -> Value {
    let plan = &answers.plan;
    let period = |t: usize| file.first + t as i64;
    let starts =
        |starts: &std::collections::BTreeMap<layout::portfolio::ProjectId, usize>| -> Value {
            starts
                .iter()
                .map(|(id, s)| (id.0.clone(), json!(period(*s))))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
    let mut json = worth(&plan.worth);
    json["schema"] = "forelay.calc.portfolio/1".into();
    json["kind"] = "portfolio".into();
    json["money"] = file.money.as_str().into();
    json["value_unit"] = file.value.as_str().into();
    json["chosen"] = plan.starts.keys().map(|id| id.0.as_str()).collect();
    json["starts"] = starts(&plan.starts);
    json["expected"] = plan.expected.into();
    json["tail"] = plan.tail.map_or_else(
        || json!("not estimated: the objective holds no tail"),
        Value::from,
    );
    json["objective"] = json!({"beta": params.beta, "alpha": params.alpha, "scenarios": params.scenarios, "seed": params.seed.0});
    json["public"] = plan.public.clone().into();
    json["total"] = plan.total.clone().into();
    json["floors"] = answers
        .prices
        .iter()
        .zip(&plan.floors)
        .map(|(price, used)| {
            json!({
                "floor": price.id, "least": used.least, "reached": used.reached, "price": range(&price.price),
                "without": worth(&price.without), "relaxation_dual": price.relaxation_dual,
            })
        })
        .collect();
    json["ladder"] = answers
        .rungs
        .iter()
        .map(|rung| {
            json!({
                "added": rung.added, "worth": worth(&rung.worth), "gain": rung.gain.as_ref().map(range),
                "enter": rung.enter, "leave": rung.leave,
            })
        })
        .collect();
    json["alternatives"] = answers.near.as_ref().map_or(Value::Null, |near| {
        json!({
            "threshold": near.threshold, "complete": near.complete,
            "plans": near.found.iter().map(|a| json!({"value": a.value, "differs": a.differs, "starts": starts(&a.starts)})).collect::<Vec<_>>(),
            "standing": near.standing.iter().map(|(id, s)| (id.0.clone(), json!(s))).collect::<serde_json::Map<_, _>>(),
        })
    });
    json["waiting"] = answers.waiting.as_ref().map_or(Value::Null, |found| {
        json!({
            "here_and_now": worth(&found.here_and_now), "answered": worth(&found.answered),
            "two_stage": worth(&found.two_stage), "perfect_information": worth(&found.perfect),
            "value_of_waiting": range(&found.waiting), "value_of_the_stochastic_solution": range(&found.stochastic_solution),
            "value_of_perfect_information": range(&found.perfect_information),
            "early": starts(&found.early),
            "late": found.late.iter().map(|(passed, chance, late)| json!({"passed": passed, "chance": chance, "starts": starts(late)})).collect::<Vec<_>>(),
        })
    });
    json["simulation"] = answers.drawn.as_ref().map_or_else(
        || json!("not estimated: no draws are asked for"),
        |drawn| {
            json!({
                "mean": drawn.mean, "p05": range(&drawn.p05), "median": range(&drawn.median), "p95": range(&drawn.p95),
                "tail": drawn.tail, "over_budget": drawn.over_budget.as_ref().map(range), "freed_by_gates": drawn.freed,
            })
        },
    );
    json["instruments"] = problem
        .projects
        .iter()
        .map(|p| (p.id.0.clone(), json!(fit(p.instrument, p.failure))))
        .collect::<serde_json::Map<_, _>>()
        .into();
    json["refused"] = refused.to_vec().into();
    json["conventions"] = "the optimum lies between value and bound; costs as planned, every gate passed, unless budget_basis is expected; \
        a failed gate ends the project and all that build on it; price of a floor: optimum without it, less with it; \
        relaxation_dual: per unit of the floor in the linear relaxation"
        .into();
    json
}

fn lines(file: &File, answers: &Answers) -> Vec<String> {
    let plan = &answers.plan;
    let mut lines = vec![format!(
        "value {:.4} {}, bound {:.4}, gap {:.4} %; {} projects, {:.2} {} of the budget",
        plan.worth.value,
        file.value,
        plan.worth.bound,
        100.0 * plan.worth.gap(),
        plan.starts.len(),
        plan.public.iter().sum::<f64>(),
        file.money
    )];
    for price in &answers.prices {
        lines.push(format!(
            "floor {}: costs {:.4} ({:.4} to {:.4}) {}",
            price.id, price.price.value, price.price.low, price.price.high, file.value
        ));
    }
    for rung in answers.rungs.iter().skip(1) {
        let enter: Vec<String> = rung.enter.iter().map(ToString::to_string).collect();
        let gain = rung.gain.map_or("not estimated".to_owned(), |g| {
            format!("{:.4} ({:.4} to {:.4})", g.value, g.low, g.high)
        });
        lines.push(format!(
            "with {} {} more: gains {gain}; enters {}",
            rung.added,
            file.money,
            if enter.is_empty() {
                "nothing".to_owned()
            } else {
                enter.join(", ")
            }
        ));
    }
    if let Some(near) = &answers.near {
        lines.push(format!(
            "{} plans worth {:.4} or more",
            near.found.len(),
            near.threshold
        ));
    }
    if let Some(found) = &answers.waiting {
        lines.push(format!(
            "waiting for what the review teaches is worth {:.4} ({:.4} to {:.4}) {}",
            found.waiting.value, found.waiting.low, found.waiting.high, file.value
        ));
    }
    if let Some(drawn) = &answers.drawn {
        lines.push(format!(
            "over the draws: mean {:.4}, 5 % to 95 % {:.4} to {:.4}, worst tail {:.4}",
            drawn.mean, drawn.p05.value, drawn.p95.value, drawn.tail
        ));
    }
    lines
}

fn write(
    out: &mut Out,
    file: &File,
    problem: &Problem,
    answers: &Answers,
) -> Result<(), CalcError> {
    let plan = &answers.plan;
    let period = |t: usize| (file.first + t as i64) as f64;
    let numbers = |of: Vec<f64>| ResultColumn::Number(of);
    let standing = |id: &layout::portfolio::ProjectId| {
        answers
            .near
            .as_ref()
            .and_then(|n| n.standing.get(id))
            .map_or_else(String::new, |s| short(s.code()).to_owned())
    };
    let success = |id: &layout::portfolio::ProjectId| {
        answers
            .drawn
            .as_ref()
            .and_then(|d| d.success.get(id).copied())
    };
    let each = |of: &dyn Fn(&layout::portfolio::Project) -> f64| {
        numbers(problem.projects.iter().map(of).collect())
    };
    out.table(
        "projects",
        vec![
            column(
                "project",
                words(problem.projects.iter().map(|p| p.id.0.clone())),
            ),
            column(
                "start",
                each(&|p| plan.starts.get(&p.id).map_or(f64::NAN, |s| period(*s))),
            ),
            column("public_cost", each(&|p| p.public_cost().iter().sum())),
            column("value", each(&|p| p.value.value)),
            column("value_low", each(&|p| p.value.low)),
            column("value_high", each(&|p| p.value.high)),
            column(
                "success",
                each(&|p| success(&p.id).map_or(f64::NAN, |e| e.value)),
            ),
            column(
                "standing",
                words(problem.projects.iter().map(|p| standing(&p.id))),
            ),
            column(
                "instrument_fit",
                words(
                    problem
                        .projects
                        .iter()
                        .map(|p| short(fit(p.instrument, p.failure).code()).to_owned()),
                ),
            ),
        ],
    )?;
    let spend = |of: fn(&Estimate) -> f64| {
        let drawn = answers.drawn.as_ref();
        numbers(
            (0..problem.periods)
                .map(|t| drawn.map_or(f64::NAN, |d| of(&d.spending[t])))
                .collect(),
        )
    };
    out.table(
        "periods",
        vec![
            column(
                "period",
                numbers((0..problem.periods).map(period).collect()),
            ),
            column(
                "budget",
                numbers(
                    (0..problem.periods)
                        .map(|t| problem.budget.as_ref().map_or(f64::NAN, |b| b[t]))
                        .collect(),
                ),
            ),
            column("public", numbers(plan.public.clone())),
            column("total", numbers(plan.total.clone())),
            column("spent_mean", spend(|e| e.value)),
            column("spent_p05", spend(|e| e.low)),
            column("spent_p95", spend(|e| e.high)),
        ],
    )?;
    if !answers.prices.is_empty() {
        let of = |of: &dyn Fn(&FloorPrice) -> f64| numbers(answers.prices.iter().map(of).collect());
        out.table(
            "floors",
            vec![
                column("floor", words(answers.prices.iter().map(|p| p.id.clone()))),
                column(
                    "least",
                    numbers(plan.floors.iter().map(|f| f.least.iter().sum()).collect()),
                ),
                column(
                    "reached",
                    numbers(plan.floors.iter().map(|f| f.reached.iter().sum()).collect()),
                ),
                column("price", of(&|p| p.price.value)),
                column("price_low", of(&|p| p.price.low)),
                column("price_high", of(&|p| p.price.high)),
                column(
                    "relaxation_dual",
                    of(&|p| p.relaxation_dual.unwrap_or(f64::NAN)),
                ),
            ],
        )?;
    }
    if !answers.rungs.is_empty() {
        let of = |of: &dyn Fn(&Rung) -> f64| numbers(answers.rungs.iter().map(of).collect());
        let gain =
            |part: fn(&Estimate) -> f64| of(&move |r| r.gain.as_ref().map_or(f64::NAN, part));
        let list = |ids: &[layout::portfolio::ProjectId]| {
            ids.iter()
                .map(|id| id.0.as_str())
                .collect::<Vec<_>>()
                .join(";")
        };
        out.table(
            "ladder",
            vec![
                column("added", of(&|r| r.added)),
                column("value", of(&|r| r.worth.value)),
                column("bound", of(&|r| r.worth.bound)),
                column("gain", gain(|e| e.value)),
                column("gain_low", gain(|e| e.low)),
                column("gain_high", gain(|e| e.high)),
                column("enter", words(answers.rungs.iter().map(|r| list(&r.enter)))),
                column("leave", words(answers.rungs.iter().map(|r| list(&r.leave)))),
            ],
        )?;
    }
    if let Some(near) = &answers.near {
        let rows: Vec<(usize, &str, usize)> = (near.found.iter().enumerate())
            .flat_map(|(k, a)| a.starts.iter().map(move |(id, s)| (k, id.0.as_str(), *s)))
            .collect();
        out.table(
            "alternatives",
            vec![
                column("plan", numbers(rows.iter().map(|r| r.0 as f64).collect())),
                column(
                    "value",
                    numbers(rows.iter().map(|r| near.found[r.0].value).collect()),
                ),
                column("project", words(rows.iter().map(|r| r.1.to_owned()))),
                column("start", numbers(rows.iter().map(|r| period(r.2)).collect())),
            ],
        )?;
    }
    Ok(())
}
