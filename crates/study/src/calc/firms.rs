//! Firm networks from plain files: links, firms, essentiality, shocks.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use chain::cascade::{CascadeError, Class, Essential, FirmNetwork, Firms, Links, Model, Shock};
use evidence::bulk::{ColumnMap, Gaps, MISSING, read_long};
use evidence::{Corner, RawTable, ReadOptions, read_raw};

use super::CalcError;
use super::cascade::{CascadeArgs, exists};

/// What the files hold.
pub struct Inputs {
    pub network: FirmNetwork,
    pub costs: Option<Vec<f64>>,
    pub revenue: Option<Vec<f64>>,
    /// Name, country and region of each firm, empty where the file has none.
    pub about: Vec<[String; 3]>,
}

/// Reads and checks a network.
pub fn read_network(args: &CascadeArgs) -> Result<Inputs, CalcError> {
    exists("--edges", &args.edges)?;
    let table = raw("--firms", &args.firms)?;
    let (firm, sector) = (
        needed("--firms", &args.firms, &table, "firm")?,
        needed("--firms", &args.firms, &table, "sector")?,
    );
    let mut pairs = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let (firm, sector) = (row.cell(firm), row.cell(sector));
        if firm.is_empty() || sector.is_empty() {
            return Err(bad(
                "--firms",
                &args.firms,
                row.number,
                "firm or sector is empty",
            ));
        }
        pairs.push((firm.to_owned(), sector.to_owned()));
    }
    let wrong = |argument: &'static str| {
        move |e: CascadeError| CalcError::argument(argument, e.to_string())
    };
    let firms = Firms::from_pairs(pairs).map_err(wrong("--firms"))?;
    let essential = read_essential(&args.essential, &firms.sectors)?;
    let links = read_links(&args.edges, &firms)?;
    let network = FirmNetwork::new(firms, links, essential).map_err(wrong("--edges"))?;
    let numbers = |argument, heading: &Option<String>| match heading {
        None => Ok(None),
        Some(heading) => by_firm(argument, &args.firms, &table, heading).map(Some),
    };
    let costs = numbers("--costs", &args.costs)?;
    let revenue = match (&args.final_demand, numbers("--revenue", &args.revenue)?) {
        (Some(_), Some(_)) => {
            return Err(CalcError::Argument {
                argument: "--final-demand",
                problem: "--revenue is given too".to_owned(),
                help: Some("one of the two says how much leaves the network".to_owned()),
            });
        }
        (None, revenue) => revenue,
        (Some(share), None) => Some(if let Ok(share) = share.parse::<f64>() {
            Model::final_demand(&network, share).map_err(wrong("--final-demand"))?
        } else {
            let shares = by_firm("--final-demand", &args.firms, &table, share)?;
            let mut revenue = Vec::with_capacity(shares.len());
            for (share, sales) in shares.iter().zip(network.sales()) {
                if !(0.0..1.0).contains(share) {
                    return Err(wrong("--final-demand")(CascadeError::FinalDemand(*share)));
                }
                revenue.push(sales / (1.0 - share));
            }
            revenue
        }),
    };
    let about = ["name", "country", "region"].map(|heading| table.position(heading));
    let cell = |row: &evidence::RawRow, at: Option<usize>| {
        at.map_or_else(String::new, |at| row.cell(at).to_owned())
    };
    let rows = table.rows.iter();
    Ok(Inputs {
        network,
        costs,
        revenue,
        about: rows.map(|row| about.map(|at| cell(row, at))).collect(),
    })
}

/// Shocks by name, in the order in which they first appear.
pub fn read_shocks(file: &Path, network: &FirmNetwork) -> Result<Vec<Shock>, CalcError> {
    let table = raw("--shock", file)?;
    let firm = needed("--shock", file, &table, "firm")?;
    let (name, remaining) = (table.position("shock"), table.position("remaining"));
    let positions = network
        .firms()
        .positions()
        .map_err(|e| CalcError::argument("--firms", e.to_string()))?;
    let mut shocks: Vec<Shock> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for row in &table.rows {
        let id = row.cell(firm);
        let Some(at) = positions.get(id) else {
            return Err(bad(
                "--shock",
                file,
                row.number,
                &format!("`{id}` is not in the list of firms"),
            ));
        };
        let rest = match remaining.map(|c| row.cell(c)) {
            None => 0.0,
            Some(cell) => number("--shock", file, row.number, "remaining", cell)?,
        };
        let name = name.map_or(id, |c| row.cell(c)).to_owned();
        let place = *places.entry(name.clone()).or_insert_with(|| {
            shocks.push(Shock {
                name,
                remaining: Vec::new(),
            });
            shocks.len() - 1
        });
        shocks[place].remaining.push((*at, rest));
    }
    if shocks.is_empty() {
        return Err(CalcError::argument(
            "--shock",
            format!("{} has no row", file.display()),
        ));
    }
    Ok(shocks)
}

fn raw(argument: &'static str, file: &Path) -> Result<RawTable, CalcError> {
    raw_with(argument, file, &ReadOptions::default())
}

fn raw_with(
    argument: &'static str,
    file: &Path,
    options: &ReadOptions,
) -> Result<RawTable, CalcError> {
    exists(argument, file)?;
    let (table, _) = read_raw(file, options).map_err(|findings| CalcError::Input {
        file: file.display().to_string(),
        findings,
    })?;
    match table.unreadable.first() {
        Some(row) => Err(bad(
            argument,
            file,
            *row,
            "the row has too few or too many cells",
        )),
        None => Ok(table),
    }
}

fn needed(
    argument: &'static str,
    file: &Path,
    table: &RawTable,
    heading: &str,
) -> Result<usize, CalcError> {
    table.position(heading).ok_or_else(|| CalcError::Argument {
        argument,
        problem: format!(
            "{} has the columns {}",
            file.display(),
            table.columns.join(", ")
        ),
        help: Some(format!("it needs a column {heading}")),
    })
}

fn bad(argument: &'static str, file: &Path, row: u64, problem: &str) -> CalcError {
    CalcError::argument(argument, format!("{}:{row}: {problem}", file.display()))
}

fn number(
    argument: &'static str,
    file: &Path,
    row: u64,
    heading: &str,
    cell: &str,
) -> Result<f64, CalcError> {
    cell.parse()
        .ok()
        .filter(|x: &f64| x.is_finite())
        .ok_or_else(|| {
            bad(
                argument,
                file,
                row,
                &format!("[{heading}] `{cell}` is not a number"),
            )
        })
}

fn by_firm(
    argument: &'static str,
    file: &Path,
    table: &RawTable,
    heading: &str,
) -> Result<Vec<f64>, CalcError> {
    let at = needed(argument, file, table, heading)?;
    table
        .rows
        .iter()
        .map(|row| number(argument, file, row.number, heading, row.cell(at)))
        .collect()
}

/// A flag for each supplier's sector (1 essential, 0 not), or a matrix of classes 0, 1, 2 whose first column names the
/// supplier's sector and whose headings name the customer's. Sectors without firms may be there.
fn read_essential(file: &Path, sectors: &[String]) -> Result<Essential, CalcError> {
    const WHAT: &str = "--essential";
    let options = ReadOptions {
        corner: Corner::MayBeEmpty,
        ..ReadOptions::default()
    };
    let table = raw_with(WHAT, file, &options)?;
    let wrong = |e: CascadeError| CalcError::argument(WHAT, format!("{}: {e}", file.display()));
    let label = table.position("sector").unwrap_or(0);
    let mut rows: HashMap<&str, usize> = HashMap::new();
    for (at, row) in table.rows.iter().enumerate() {
        if rows.insert(row.cell(label), at).is_some() {
            return Err(wrong(CascadeError::DuplicateSector(
                row.cell(label).to_owned(),
            )));
        }
    }
    let row_of = |sector: &String| {
        rows.get(sector.as_str())
            .copied()
            .ok_or_else(|| wrong(CascadeError::NoEssentiality(sector.clone())))
    };
    if let Some(flag) = table.position("essential") {
        let mut flags = Vec::with_capacity(sectors.len());
        for sector in sectors {
            let row = &table.rows[row_of(sector)?];
            let value = number(WHAT, file, row.number, "essential", row.cell(flag))?;
            flags.push(Class::from_flag(value).map_err(wrong)?);
        }
        return Ok(Essential::Supplier(flags));
    }
    let mut columns = Vec::with_capacity(sectors.len());
    for sector in sectors {
        let at = (0..table.columns.len()).find(|c| *c != label && table.columns[*c] == *sector);
        columns.push(at.ok_or_else(|| wrong(CascadeError::NoEssentiality(sector.clone())))?);
    }
    let mut cells = Vec::with_capacity(sectors.len() * sectors.len());
    for sector in sectors {
        let row = &table.rows[row_of(sector)?];
        for (at, customer) in columns.iter().zip(sectors) {
            let value = number(WHAT, file, row.number, customer, row.cell(*at))?;
            cells.push(Class::from_matrix(value).map_err(wrong)?);
        }
    }
    Ok(Essential::Matrix(cells))
}

fn read_links(file: &Path, firms: &Firms) -> Result<Links, CalcError> {
    const WHAT: &str = "--edges";
    let map: ColumnMap = "location=supplier,activity=customer,value=weight"
        .parse()
        .map_err(|_| CalcError::argument(WHAT, "invariant: the columns have names"))?;
    let (long, _) =
        read_long(file, &map, Gaps::Refuse, &ReadOptions::default()).map_err(|findings| {
            CalcError::Input {
                file: file.display().to_string(),
                findings,
            }
        })?;
    let wrong = |e: CascadeError| CalcError::argument(WHAT, format!("{}: {e}", file.display()));
    let positions = firms.positions().map_err(wrong)?;
    // Each code is looked up once, not once for each link.
    let places = |codes: &[String]| -> Vec<u32> {
        let place = |code: &String| positions.get(code.as_str()).copied().unwrap_or(MISSING);
        codes.iter().map(place).collect()
    };
    let (suppliers, customers) = (places(&long.location.values), places(&long.activity.values));
    let mut links = Links::default();
    for row in 0..long.value.len() {
        let find = |places: &[u32], column: &evidence::bulk::CodeColumn| {
            let code = column.numbers[row];
            match places.get(code as usize) {
                Some(place) if *place != MISSING => Ok(*place),
                _ => Err(wrong(CascadeError::UnknownFirm {
                    row: row + 1,
                    firm: column.get(row).to_owned(),
                })),
            }
        };
        links.supplier.push(find(&suppliers, &long.location)?);
        links.customer.push(find(&customers, &long.activity)?);
    }
    links.weight = long.value;
    Ok(links)
}
