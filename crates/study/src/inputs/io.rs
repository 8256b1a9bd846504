//! From a published input–output table to the table of the engine, and from a scenario to the industries that stop.

use chain::inventory::{Economy, EconomyInput, InventoryError, Stop, StopQuestion};
use chain::io::{Dense, Finding, IoError, IoTable, Label, TableParts};
use evidence::io::IoFiles;
use model::{Entity, Kind, Message, Refusal};

use crate::scenario::{Event, Scenario};

/// Names that a refusal lists.
const NAMES: usize = 60;

/// Labels of the engine: region and industry of the file.
pub fn labels(of: &[evidence::io::Label]) -> Vec<Label> {
    of.iter()
        .map(|label| Label::new(label.region.clone(), label.name.clone()))
        .collect()
}

/// The table, and what the engine had to put right.
pub fn table(files: &IoFiles) -> Result<(IoTable, Vec<Finding>), IoError> {
    let industries = labels(&files.industries);
    let n = industries.len();
    let m = files.finals.len();
    let dense = |columns: usize, values: &[f64]| {
        Dense::from_row_major(n, columns, values)
            .expect("invariant: a table that was read has a number for every cell")
    };
    let pairs = |values: &Option<Vec<f64>>| {
        let values = values.as_ref()?;
        Some(
            industries
                .iter()
                .cloned()
                .zip(values.iter().copied())
                .collect(),
        )
    };
    let output = pairs(&files.x);
    let value_added = pairs(&files.value_added);
    IoTable::build(TableParts {
        flows: dense(n, &files.z),
        demand: dense(m, &files.y),
        demand_columns: labels(&files.finals),
        rows: industries.clone(),
        columns: industries.clone(),
        demand_rows: industries,
        output,
        value_added,
        unit: files.unit.clone(),
        year: None,
    })
}

/// The same table as the economy of the model with stocks; industries keep their order.
pub fn economy(files: &IoFiles) -> Result<Economy, InventoryError> {
    let pairs = |labels: &[evidence::io::Label]| {
        let pair = |l: &evidence::io::Label| (l.region.clone(), l.name.clone());
        labels.iter().map(pair).collect()
    };
    Economy::new(EconomyInput {
        industries: pairs(&files.industries),
        z: files.z.clone(),
        consumers: pairs(&files.finals),
        y: files.y.clone(),
        x: files.x.clone(),
    })
}

/// Industries of the World Input-Output Database, release of 2013 (Timmer and others 2015): `c1` to `c35`.
const WIOD_2013: usize = 35;

/// The name of an industry, where the codes of the table are all of a classification whose names are known.
pub fn names(industries: &[Label]) -> impl Fn(&str) -> Option<Message> + use<> {
    let mut codes: Vec<&str> = industries.iter().map(|l| l.industry.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    let of_wiod = |code: &&str| {
        let number = code.strip_prefix('c').and_then(|n| n.parse::<usize>().ok());
        number.is_some_and(|n| (1..=WIOD_2013).contains(&n))
    };
    let known = codes.len() == WIOD_2013 && codes.iter().all(of_wiod);
    move |code| known.then(|| Message::new(format!("industry.wiod2013.{code}")))
}

/// The industries that a scenario stops: those named, in the countries that stop; all of a country where an event names
/// neither an industry nor a good.
/// The longest course of industries, in weeks: ten years.
const MOST_WEEKS: u32 = 520;

pub fn stops(industries: &[Label], scenario: &Scenario) -> Result<StopQuestion, Box<Refusal>> {
    let title = Message::new("shock.question.scenario")
        .with("scenario", Entity::new(Kind::Scenario, scenario.id.clone()));
    let refuse = |kind: &str, arg: &str, known: Vec<&str>| {
        let fill = |id: String| {
            Message::new(id)
                .with("name", arg)
                .with("known", known.join(", "))
        };
        Box::new(Refusal {
            code: format!("whatif.{kind}"),
            question: title.clone(),
            reason: fill(format!("whatif.{kind}")),
            needed: fill(format!("whatif.{kind}.needed")),
        })
    };
    let names = |of: fn(&Label) -> &String| {
        let mut names: Vec<&str> = industries.iter().map(|l| of(l).as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names.truncate(NAMES);
        names
    };
    let of_industry = |e: &&Event| e.industry.is_some();
    let named = scenario.event.iter().any(|e| e.industry.is_some());
    let whole = |e: &&Event| e.node.is_none() && e.product.is_none() && e.firm.is_none();
    let asked: Vec<&Event> = scenario
        .event
        .iter()
        .filter(|e| if named { of_industry(e) } else { whole(e) })
        .collect();
    if asked.is_empty() {
        return Err(refuse("good_in_industry", "", names(|l| &l.industry)));
    }
    if scenario.horizon_weeks > MOST_WEEKS {
        let weeks = scenario.horizon_weeks.to_string();
        return Err(refuse("io_weeks", &weeks, Vec::new()));
    }
    let mut stops = Vec::new();
    for event in asked {
        let known =
            |of: fn(&Label) -> &String, name: &str| industries.iter().any(|l| of(l) == name);
        if let Some(region) = event
            .country
            .as_deref()
            .filter(|r| !known(|l| &l.region, r))
        {
            return Err(refuse("io_region", region, names(|l| &l.region)));
        }
        if let Some(industry) = event.industry.as_deref()
            && !known(|l| &l.industry, industry)
        {
            return Err(refuse("io_industry", industry, names(|l| &l.industry)));
        }
        let hit = |wanted: Option<&String>, name: &String| wanted.is_none_or(|w| w == name);
        let members: Vec<usize> = (0..industries.len())
            .filter(|i| {
                let label = &industries[*i];
                hit(event.country.as_ref(), &label.region)
                    && hit(event.industry.as_ref(), &label.industry)
                    // What the buyer makes itself is no delivery from abroad.
                    && scenario.buyer.as_ref() != Some(&label.region)
            })
            .collect();
        if members.is_empty() {
            let own = event.country.as_ref().is_some() && event.country == scenario.buyer;
            let (kind, name) = if own {
                ("io_own_supply", event.country.as_deref())
            } else {
                ("io_industry", event.industry.as_deref())
            };
            return Err(refuse(
                kind,
                name.unwrap_or_default(),
                names(|l| &l.industry),
            ));
        }
        stops.push(Stop {
            industries: members,
            severity: event.severity.assumed(),
            from_week: event.start_week,
            weeks: event.weeks,
        });
    }
    if let Some(buyer) = scenario.buyer.as_deref()
        && !industries.iter().any(|l| l.region == buyer)
    {
        return Err(refuse("io_region", buyer, names(|l| &l.region)));
    }
    Ok(StopQuestion {
        stops,
        buyer: scenario.buyer.clone(),
        horizon_weeks: scenario.horizon_weeks,
    })
}
