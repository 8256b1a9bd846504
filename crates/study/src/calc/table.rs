//! From a file to tables by year, under one convention and within one universe.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use evidence::bulk::{ColumnMap, Gaps, LongTable, read_long};
use evidence::{ReadOptions, read_raw};
use foundation::activity::{ActivityPanel, ActivityTable, CodedRows};
use foundation::complexity::convention::{Convention, Preset};
use foundation::complexity::presence_rule::Source;
use foundation::complexity::table::{Params, Parts};
use foundation::robustness::universe::{Side, Universe, UniverseParams, universe};
use model::Year;
use serde_json::{Value, json};

use super::CalcError;

/// What presence is read from, where it is not the convention's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PresenceFrom {
    Rca,
    Rpop,
    Both,
    Manual,
}

/// A table of activities and how it is to be seen.
#[derive(Debug, Clone)]
pub struct TableArgs {
    pub file: PathBuf,
    /// `location=…,activity=…,value=…[,year=…]`; a role that is not named has its own name as heading.
    pub columns: String,
    pub convention: String,
    /// Only these years; all where empty.
    pub years: Vec<i32>,
    /// Instead of the convention's RCA threshold.
    pub threshold: Option<f64>,
    pub presence: Option<PresenceFrom>,
    /// A file with the columns location, value and, where the table has years, year.
    pub population: Option<PathBuf>,
    /// Keep the largest of several components instead of refusing.
    pub largest_component: bool,
    /// Least total of a location, of an activity.
    pub least_location: Option<f64>,
    pub least_activity: Option<f64>,
    /// Leave out rows whose location, activity or year is empty, instead of refusing the file.
    pub leave_out_gaps: bool,
    /// Locations or activities left out by name.
    pub without: Vec<String>,
}

/// One period ready to be computed.
pub struct Period {
    /// `None` where the file has no years.
    pub year: Option<Year>,
    pub table: ActivityTable,
    /// By location of `table`, where presence asks for it.
    pub population: Option<Vec<f64>>,
    pub universe: Universe,
}

/// What was read.
pub struct Prepared {
    pub preset: Preset,
    pub convention: Convention,
    pub parts: Parts,
    pub periods: Vec<Period>,
    pub has_years: bool,
    /// For the report: file, hash, rows, years.
    pub input: Value,
    /// What a reader has to know before the numbers.
    pub notes: Vec<String>,
    /// Labels of `without` that the table does not have.
    pub not_found: Vec<String>,
}

impl Prepared {
    pub fn params<'a>(&self, period: &'a Period) -> Params<'a> {
        Params {
            population: period.population.as_deref(),
            parts: self.parts,
            ..Params::default()
        }
    }

    /// Locations of other periods that do not report in this one.
    pub fn missing(&self, period: &Period) -> Vec<String> {
        let here = period.table.locations();
        let mut missing: Vec<String> = self
            .periods
            .iter()
            .flat_map(|other| other.table.locations())
            .filter(|label| here.binary_search(label).is_err())
            .cloned()
            .collect();
        missing.sort_unstable();
        missing.dedup();
        missing
    }

    /// The periods as a panel; the one period of a file without years is year 0.
    pub fn panel(&self) -> ActivityPanel {
        ActivityPanel {
            years: self
                .periods
                .iter()
                .map(|p| (p.year.unwrap_or(Year(0)), p.table.clone()))
                .collect(),
        }
    }
}

pub fn prepare(args: &TableArgs) -> Result<Prepared, CalcError> {
    for (argument, floor) in [
        ("--least-location", args.least_location),
        ("--least-activity", args.least_activity),
    ] {
        if floor.is_some_and(|x| !x.is_finite() || x < 0.0) {
            return Err(CalcError::argument(argument, "need a number from 0 on"));
        }
    }
    let (preset, convention) = convention(args)?;
    let (long, hash, left_out) = read(args)?;
    let has_years = long.years.is_some();
    if !has_years && !args.years.is_empty() {
        return Err(CalcError::argument(
            "--year",
            "the file has no column of years; name it with --columns year=HEADING",
        ));
    }
    let population = args
        .population
        .as_deref()
        .map(|file| by_location(file, "--population"))
        .transpose()?;
    let needs_people = matches!(convention.source, Source::Rpop | Source::Both);
    if needs_people && population.is_none() {
        return Err(CalcError::argument(
            "--population",
            "presence per head needs the people of every location",
        ));
    }
    let mut notes = Vec::new();
    let repeated = repeated_keys(&long);
    if repeated > 0 {
        notes.push(format!(
            "{repeated} rows share location, activity{} with another row; their values were added up{}",
            if has_years { " and year" } else { "" },
            if has_years { "" } else { ". If they are of different years, name the column: --columns year=HEADING" }
        ));
    }
    let mut periods = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for (year, table) in tables(&long, &args.years, &args.file)? {
        let people = population.as_ref().map(|p| p.of(year));
        let universe = within(args, &table, people.as_ref().unwrap_or(&BTreeMap::new()));
        seen.extend(
            universe
                .dropped
                .iter()
                .filter(|d| d.needed.is_nan())
                .map(|d| d.label.clone()),
        );
        let Some(table) = universe.table(&table) else {
            continue;
        };
        let population = needs_people.then(|| {
            let people = people.unwrap_or_default();
            table
                .locations()
                .iter()
                .map(|l| people.get(l).copied().unwrap_or(f64::NAN))
                .collect()
        });
        periods.push(Period {
            year,
            table,
            population,
            universe,
        });
    }
    if periods.is_empty() {
        return Err(CalcError::Argument {
            argument: "the table",
            problem: "no cell is left".to_owned(),
            help: Some(
                "check --year, --least-location, --least-activity and --without against the file"
                    .to_owned(),
            ),
        });
    }
    let not_found = args
        .without
        .iter()
        .filter(|label| !seen.contains(label))
        .cloned()
        .collect();
    let input = json!({
        "file": args.file.file_name().unwrap_or_default().to_string_lossy(),
        "blake3": hash,
        "rows": long.value.len(),
        "findings": left_out,
        "repeated_keys": repeated,
        "years": periods.iter().filter_map(|p| p.year.map(|y| y.0)).collect::<Vec<_>>(),
    });
    Ok(Prepared {
        preset,
        convention,
        parts: if args.largest_component {
            Parts::Largest
        } else {
            Parts::Refuse
        },
        periods,
        has_years,
        input,
        notes,
        not_found,
    })
}

/// Rows that are not the first of their location, activity and year.
fn repeated_keys(long: &LongTable) -> usize {
    let mut keys: Vec<(u32, u32, i32)> = (0..long.value.len())
        .map(|row| {
            let year = long.years.as_ref().map_or(0, |years| years[row]);
            (long.location.numbers[row], long.activity.numbers[row], year)
        })
        .collect();
    keys.sort_unstable();
    keys.windows(2).filter(|pair| pair[0] == pair[1]).count()
}

/// Reads a file whose columns are named as in `--columns`; with the hash of its bytes and what was left out.
fn read(args: &TableArgs) -> Result<(LongTable, String, Vec<String>), CalcError> {
    let file = &args.file;
    let map = column_map(&args.columns)?;
    let gaps = if args.leave_out_gaps {
        Gaps::LeaveOut
    } else {
        Gaps::Refuse
    };
    let (long, findings) =
        read_long(file, &map, gaps, &ReadOptions::default()).map_err(|findings| {
            CalcError::Input {
                file: file.display().to_string(),
                findings,
            }
        })?;
    let said = findings.iter().map(|f| {
        let row = f.row.map(|row| format!("row {row}: ")).unwrap_or_default();
        let names = model::Names::default();
        format!("{row}{}", f.expected.render(model::Lang::En, &names))
    });
    Ok((long, hash(file)?, said.collect()))
}

pub fn column_map(columns: &str) -> Result<ColumnMap, CalcError> {
    columns
        .parse()
        .map_err(|message: model::Message| CalcError::Argument {
            argument: "--columns",
            problem: message.render(model::Lang::En, &model::Names::default()),
            help: Some(
                "for example --columns location=country,activity=product,value=export_value,year=year"
                    .to_owned(),
            ),
        })
}

/// BLAKE3 of a file's bytes.
pub fn hash(file: &Path) -> Result<String, CalcError> {
    let mut hasher = blake3::Hasher::new();
    std::fs::File::open(file)
        .and_then(|source| hasher.update_reader(source).map(|_| ()))
        .map_err(|error| CalcError::Write {
            doing: "read",
            path: file.display().to_string(),
            problem: error.to_string(),
        })?;
    Ok(hasher.finalize().to_hex().to_string())
}

fn convention(args: &TableArgs) -> Result<(Preset, Convention), CalcError> {
    let preset = preset(&args.convention)?;
    let mut convention = Convention::of(preset);
    if let Some(threshold) = args.threshold {
        convention.threshold = threshold;
    }
    if let Some(from) = args.presence {
        convention.source = match from {
            PresenceFrom::Rca => Source::Rca,
            PresenceFrom::Rpop => Source::Rpop,
            PresenceFrom::Both => Source::Both,
            PresenceFrom::Manual => Source::Manual,
        };
    }
    Ok((preset, convention))
}

pub fn preset(name: &str) -> Result<Preset, CalcError> {
    Preset::from_code(name).ok_or_else(|| CalcError::Argument {
        argument: "--convention",
        problem: format!("there is no convention `{name}`"),
        help: Some(format!(
            "one of: {}",
            Preset::ALL.map(Preset::code).join(", ")
        )),
    })
}

/// One table for each wanted year, in order of years.
pub fn tables(
    long: &LongTable,
    wanted: &[i32],
    file: &Path,
) -> Result<Vec<(Option<Year>, ActivityTable)>, CalcError> {
    let problem = |error: foundation::activity::ActivityError| CalcError::Argument {
        argument: "the table",
        problem: format!("{}: {error}", file.display()),
        help: None,
    };
    let labels = (
        long.location.values.as_slice(),
        long.activity.values.as_slice(),
    );
    let Some(years) = &long.years else {
        let rows = CodedRows {
            locations: &long.location.numbers,
            activities: &long.activity.numbers,
            values: &long.value,
        };
        return Ok(vec![(
            None,
            ActivityTable::from_codes(labels, rows).map_err(problem)?,
        )]);
    };
    let mut by_year: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
    for (row, year) in years.iter().enumerate() {
        if wanted.is_empty() || wanted.contains(year) {
            by_year.entry(*year).or_default().push(row);
        }
    }
    if let Some(year) = wanted.iter().find(|year| !by_year.contains_key(year)) {
        return Err(CalcError::argument(
            "--year",
            format!("the file has no row of {year}"),
        ));
    }
    by_year
        .into_iter()
        .map(|(year, rows)| {
            let codes = |all: &[u32]| rows.iter().map(|row| all[*row]).collect::<Vec<u32>>();
            let values: Vec<f64> = rows.iter().map(|row| long.value[*row]).collect();
            let table = ActivityTable::from_codes(
                labels,
                CodedRows {
                    locations: &codes(&long.location.numbers),
                    activities: &codes(&long.activity.numbers),
                    values: &values,
                },
            )
            .map_err(problem)?;
            Ok((Some(Year(year)), table))
        })
        .collect()
}

fn within(args: &TableArgs, table: &ActivityTable, people: &BTreeMap<String, f64>) -> Universe {
    let named = |labels: &[String]| {
        args.without
            .iter()
            .filter(|label| labels.binary_search(label).is_ok())
            .cloned()
            .collect()
    };
    let params = UniverseParams {
        excluded_locations: named(table.locations()),
        excluded_activities: named(table.activities()),
        location_floor: args.least_location.unwrap_or(0.0),
        activity_floor: args.least_activity.unwrap_or(0.0),
        ..UniverseParams::default()
    };
    if args.least_location.is_none() && args.least_activity.is_none() && args.without.is_empty() {
        // Nothing is asked: units without any value stay, conventions differ in what they make of them.
        return Universe {
            locations: (0..table.locations().len()).collect(),
            activities: (0..table.activities().len()).collect(),
            missing: Vec::new(),
            dropped: Vec::new(),
            passes: 0,
        };
    }
    universe(table, people, &params)
}

/// The audit list of a universe.
pub fn audit(period: &Period) -> Vec<Value> {
    period
        .universe
        .dropped
        .iter()
        .map(|d| {
            json!({
                "year": period.year.map(|y| y.0),
                "side": match d.side { Side::Location => "location", Side::Activity => "activity" },
                "label": d.label, "rule": format!("{:?}", d.rule).to_lowercase(),
                "value": finite(d.value), "needed": finite(d.needed), "pass": d.pass,
            })
        })
        .collect()
}

/// A number for JSON; what is not a number is null.
pub fn finite(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}

/// A number above 0 by year and location.
pub struct ByLocation(BTreeMap<Option<i32>, BTreeMap<String, f64>>);

impl ByLocation {
    /// Of the year, else of the file that has no years.
    pub fn of(&self, year: Option<Year>) -> BTreeMap<String, f64> {
        self.0
            .get(&year.map(|y| y.0))
            .or_else(|| self.0.get(&None))
            .cloned()
            .unwrap_or_default()
    }
}

/// Reads people or income by location.
pub fn by_location(file: &Path, argument: &'static str) -> Result<ByLocation, CalcError> {
    let wrong = |findings| CalcError::Input {
        file: file.display().to_string(),
        findings,
    };
    let (raw, _) = read_raw(file, &ReadOptions::default()).map_err(wrong)?;
    let (Some(location), Some(value)) = (raw.position("location"), raw.position("value")) else {
        return Err(CalcError::Argument {
            argument,
            problem: format!(
                "{} has the columns {}",
                file.display(),
                raw.columns.join(", ")
            ),
            help: Some(
                "it needs the columns location and value, and year where people change over time"
                    .to_owned(),
            ),
        });
    };
    let year = raw.position("year");
    let mut people: BTreeMap<Option<i32>, BTreeMap<String, f64>> = BTreeMap::new();
    for row in &raw.rows {
        let bad = |column: &str, found: &str| CalcError::Argument {
            argument,
            problem: format!(
                "{}:{} [{column}]: `{found}` is not a number above 0",
                file.display(),
                row.number
            ),
            help: Some("leave out locations whose number is not known".to_owned()),
        };
        let number: f64 = row
            .cell(value)
            .parse()
            .ok()
            .filter(|n: &f64| n.is_finite() && *n > 0.0)
            .ok_or_else(|| bad("value", row.cell(value)))?;
        let at = year
            .map(|year| {
                row.cell(year)
                    .parse()
                    .map_err(|_| bad("year", row.cell(year)))
            })
            .transpose()?;
        people
            .entry(at)
            .or_default()
            .insert(row.cell(location).to_owned(), number);
    }
    Ok(ByLocation(people))
}
