//! What home's industries hang on abroad, from the input–output table `io`.

use chain::io::look_through::look_through;
use chain::io::{Coefficients, Counted, IoTable, Leontief, LookThrough, OutputBasis, Side};
use evidence::bulk::read_io_table;
use model::{Basis, Cell, Message, Origin, Quantity, Refusal, ResultTable, RowRef};
use serde_json::{Value, json};

use super::parameters;
use crate::config::Config;
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::inputs::io as inputs;
use crate::scenario::Scenario;

/// Suppliers that are listed, largest losses first.
const LISTED: usize = 200;

pub fn params(config: &Config, _: &[Scenario]) -> Value {
    json!({ "home": config.study.home })
}

pub fn run(context: &Context) -> StepOutput {
    match answer(context) {
        Ok(tables) => StepOutput {
            tables,
            refusals: Vec::new(),
        },
        Err(refusal) => StepOutput {
            tables: vec![industries_table(), regions_table(), suppliers_table()],
            refusals: vec![*refusal],
        },
    }
}

fn answer(context: &Context) -> Result<Vec<ResultTable>, Box<Refusal>> {
    let home = context.config.study.home.as_str();
    let no_table = || refusal("no_table", Message::new("io.no_table"));
    let stored = context.bulk.get("io").ok_or_else(no_table)?;
    let year = stored.years.last().copied().ok_or_else(no_table)?;
    let unusable = |problem: String| {
        refusal(
            "unusable",
            Message::new("io.unusable").with("problem", problem),
        )
    };
    let files = read_io_table(stored, year)
        .map_err(|found| unusable(found.first().map_or_else(String::new, |f| f.found.clone())))?;
    let (table, _) = inputs::table(&files).map_err(|e| unusable(e.to_string()))?;
    let at_home = table.block(&[home], &[]);
    if at_home.is_empty() {
        return Err(refusal(
            "no_home",
            Message::new("io.no_home").with("home", home),
        ));
    }
    let model = Coefficients::of(&table, OutputBasis::Given)
        .and_then(Leontief::invert)
        .map_err(|e| unusable(e.to_string()))?;
    let mut origins = vec![Origin::Evidence(RowRef::new(
        "sources",
        stored.source.clone(),
    ))];
    origins.extend(parameters(&["study.home"]));
    let exposure = look_through(
        &model,
        table.industries(),
        Side::Supply,
        Counted::Production,
    )
    .map_err(|e| unusable(e.to_string()))?;
    let of_industries = {
        let mut out = industries_table();
        let upstreamness = model.upstreamness();
        for &k in &at_home {
            let mut cells: Vec<Cell> = vec![
                name(&table, k).into(),
                number(Some(model.output_multipliers()[k])),
                number(upstreamness[k]),
            ];
            cells.extend(shares(exposure.foreign(k, home)));
            out.push(name(&table, k), cells, origins.clone());
        }
        out
    };
    let of_regions = {
        let mut out = regions_table();
        let made = model.output();
        let total: f64 = at_home.iter().map(|k| made[*k]).sum();
        for (r, region) in exposure.regions.iter().enumerate() {
            let mean = |of: fn(&LookThrough) -> Option<f64>| {
                let parts = at_home.iter().map(|k| {
                    let share = if made[*k] == 0.0 {
                        Some(0.0)
                    } else {
                        of(&exposure.get(*k, r))
                    };
                    share.map(|s| s * made[*k])
                });
                let sum: Option<f64> = parts.sum();
                sum.filter(|_| total > 0.0).map(|s| s / total)
            };
            let whole = LookThrough {
                face_value: mean(|e| e.face_value),
                look_through: mean(|e| e.look_through),
            };
            if region != home {
                let mut cells: Vec<Cell> = vec![region.clone().into()];
                cells.extend(shares(whole));
                out.push(region.clone(), cells, origins.clone());
            }
        }
        out
    };
    Ok(vec![
        of_industries,
        of_regions,
        of_suppliers(&table, &model, &at_home, &origins),
    ])
}

/// What home loses when one industry abroad falls out: x_k Σ_{i at home} L_ik / L_kk, the share of home in the closed
/// form of full extraction.
fn of_suppliers(
    table: &IoTable,
    model: &Leontief,
    at_home: &[usize],
    origins: &[Origin],
) -> ResultTable {
    let home_output: f64 = at_home.iter().map(|k| model.output()[*k]).sum();
    let mut losses: Vec<(usize, f64, f64)> = (0..table.len())
        .filter(|k| !at_home.contains(k) && model.output()[*k] > 0.0)
        .map(|k| {
            let column = model.inverse().column(k);
            let per_unit = model.output()[k] / column[k];
            let home: f64 = at_home.iter().map(|i| column[*i]).sum();
            (k, per_unit * home, per_unit * model.output_multipliers()[k])
        })
        .collect();
    let labels = table.industries();
    losses.sort_by(|a, b| {
        b.1.total_cmp(&a.1)
            .then_with(|| labels[a.0].cmp(&labels[b.0]))
    });
    let mut out = suppliers_table();
    for (k, home, everywhere) in losses.into_iter().take(LISTED) {
        let share = (home_output > 0.0).then(|| home / home_output);
        let cells = vec![
            name(table, k).into(),
            number(Some(home)),
            number(share),
            number(Some(everywhere)),
        ];
        out.push(name(table, k), cells, origins.to_vec());
    }
    out
}

fn name(table: &IoTable, k: usize) -> String {
    let label = &table.industries()[k];
    format!("{}_{}", label.region, label.industry)
}

fn number(value: Option<f64>) -> Cell {
    value.map_or_else(
        || Cell::Quantity(Quantity::not_estimated(Message::new("io.no_output"))),
        |v| Quantity::exact(v, Basis::Derived).into(),
    )
}

fn shares(exposure: LookThrough) -> [Cell; 3] {
    [
        number(exposure.face_value),
        number(exposure.look_through),
        number(exposure.hidden()),
    ]
}

fn refusal(code: &str, reason: Message) -> Box<Refusal> {
    Box::new(Refusal {
        code: format!("io.{code}"),
        question: Message::new("io.question"),
        reason,
        needed: Message::new("io.needed"),
    })
}

fn industries_table() -> ResultTable {
    ResultTable::new(
        "chain.io",
        "io-files",
        "multiplier = 1'L; upstreamness = (L L y)/(L y); exposure = share of (I + A) at face value, of L looked through, that is abroad",
        &[
            ("industry", ""),
            ("output_multiplier", ""),
            ("upstreamness", "stages"),
            ("face_value", "share"),
            ("look_through", "share"),
            ("hidden", "share"),
        ],
    )
}

fn regions_table() -> ResultTable {
    ResultTable::new(
        "chain.io_regions",
        "io-files",
        "mean over home's industries of the share of a region in (I + A) and in L, weighted by output",
        &[
            ("region", ""),
            ("face_value", "share"),
            ("look_through", "share"),
            ("hidden", "share"),
        ],
    )
}

fn suppliers_table() -> ResultTable {
    ResultTable::new(
        "chain.io_suppliers",
        "io-files",
        "loss at home = x_k Σ over home of L_ik / L_kk, an industry abroad extracted whole",
        &[
            ("supplier_industry", ""),
            ("loss_at_home", "io_value"),
            ("loss_at_home_share", "share"),
            ("loss_everywhere", "io_value"),
        ],
    )
}
