//! Who supplies whom with how much, which sector a firm is of, and which sectors' goods are essential.

use std::collections::HashMap;

use super::error::CascadeError;

/// How a firm needs the goods of a supplier's sector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Not needed for production (0): a missing input costs nothing.
    Irrelevant,
    /// Not essential (1): its loss costs its share of all inputs (linear).
    NotEssential,
    /// Essential (2): production falls to what is left of this sector's goods (Leontief).
    Essential,
}

impl Class {
    /// From a cell of an essentiality matrix: 0, 1 or 2.
    pub fn from_matrix(value: f64) -> Result<Self, CascadeError> {
        match value {
            0.0 => Ok(Self::Irrelevant),
            1.0 => Ok(Self::NotEssential),
            2.0 => Ok(Self::Essential),
            other => Err(CascadeError::EssentialityValue(other)),
        }
    }

    /// From a flag of the supplier's sector: 1 is essential (class 2), 0 is not essential (class 1).
    pub fn from_flag(value: f64) -> Result<Self, CascadeError> {
        match value {
            0.0 => Ok(Self::NotEssential),
            1.0 => Ok(Self::Essential),
            other => Err(CascadeError::EssentialityValue(other)),
        }
    }
}

/// Which sectors' goods are essential for which customers; in the order of [`Firms::sectors`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Essential {
    /// By the supplier's sector alone.
    Supplier(Vec<Class>),
    /// Row: sector of the supplier, column: sector of the customer; row by row.
    Matrix(Vec<Class>),
}

/// The firms of a network.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Firms {
    pub ids: Vec<String>,
    /// Position in `sectors` of each firm's sector; it is also the market on which a firm can be replaced.
    pub sector: Vec<u32>,
    pub sectors: Vec<String>,
}

impl Firms {
    /// From pairs of firm and sector. Sectors are sorted by name; firms keep their order.
    pub fn from_pairs<I, F, S>(pairs: I) -> Result<Self, CascadeError>
    where
        I: IntoIterator<Item = (F, S)>,
        F: Into<String>,
        S: Into<String>,
    {
        let (ids, names): (Vec<String>, Vec<String>) =
            pairs.into_iter().map(|(f, s)| (f.into(), s.into())).unzip();
        let mut sectors = names.clone();
        sectors.sort_unstable();
        sectors.dedup();
        let sector = names
            .iter()
            .map(|name| sectors.partition_point(|s| s < name) as u32)
            .collect();
        Ok(Self {
            ids,
            sector,
            sectors,
        })
    }

    /// Position of each firm by its id.
    pub fn positions(&self) -> Result<HashMap<&str, u32>, CascadeError> {
        let mut positions = HashMap::with_capacity(self.ids.len());
        for (at, id) in self.ids.iter().enumerate() {
            if positions.insert(id.as_str(), at as u32).is_some() {
                return Err(CascadeError::DuplicateFirm(id.clone()));
            }
        }
        Ok(positions)
    }
}

/// Links by columns: the supplier sells to the customer goods worth `weight` (any one unit of value for a period).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Links {
    pub supplier: Vec<u32>,
    pub customer: Vec<u32>,
    pub weight: Vec<f64>,
}

/// A checked network: every link has two different known firms and a weight above 0, no link is given twice.
#[derive(Debug, Clone, PartialEq)]
pub struct FirmNetwork {
    pub(crate) firms: Firms,
    pub(crate) links: Links,
    pub(crate) essential: Essential,
    /// Σ of sales to firms (out-strength).
    pub(crate) sales: Vec<f64>,
    /// Σ of purchases from firms (in-strength).
    pub(crate) purchases: Vec<f64>,
}

impl FirmNetwork {
    /// Checks the parts and puts the links into one order, so that results do not depend on the order of rows.
    pub fn new(firms: Firms, mut links: Links, essential: Essential) -> Result<Self, CascadeError> {
        let n = firms.ids.len();
        if n == 0 {
            return Err(CascadeError::NoFirms);
        }
        let length = |what, found, wanted| {
            if found == wanted {
                Ok(())
            } else {
                Err(CascadeError::Length {
                    what,
                    found,
                    wanted,
                })
            }
        };
        length("the list of firms' sectors", firms.sector.len(), n)?;
        firms.positions()?;
        let sectors = firms.sectors.len();
        if let Some(at) = firms.sector.iter().position(|s| *s as usize >= sectors) {
            return Err(CascadeError::NoSuchSector {
                firm: firms.ids[at].clone(),
                sector: firms.sector[at],
            });
        }
        match &essential {
            Essential::Supplier(flags) => length("the essentiality", flags.len(), sectors)?,
            Essential::Matrix(cells) => length("the essentiality", cells.len(), sectors * sectors)?,
        }
        length(
            "the customers of the links",
            links.customer.len(),
            links.supplier.len(),
        )?;
        length(
            "the weights of the links",
            links.weight.len(),
            links.supplier.len(),
        )?;
        if links.supplier.is_empty() {
            return Err(CascadeError::NoLinks);
        }
        check_links(&firms, &links)?;
        sort_links(&mut links);
        for at in 1..links.supplier.len() {
            if (links.supplier[at], links.customer[at])
                == (links.supplier[at - 1], links.customer[at - 1])
            {
                return Err(CascadeError::DuplicateLink {
                    supplier: firms.ids[links.supplier[at] as usize].clone(),
                    customer: firms.ids[links.customer[at] as usize].clone(),
                });
            }
        }
        let (mut sales, mut purchases) = (vec![0.0; n], vec![0.0; n]);
        for at in 0..links.weight.len() {
            sales[links.supplier[at] as usize] += links.weight[at];
            purchases[links.customer[at] as usize] += links.weight[at];
        }
        Ok(Self {
            firms,
            links,
            essential,
            sales,
            purchases,
        })
    }

    /// From rows that name firms; convenient for small networks.
    pub fn from_rows(
        firms: Firms,
        rows: &[(&str, &str, f64)],
        essential: Essential,
    ) -> Result<Self, CascadeError> {
        let positions = firms.positions()?;
        let mut links = Links::default();
        for (row, (supplier, customer, weight)) in rows.iter().enumerate() {
            let place = |firm: &str| {
                positions
                    .get(firm)
                    .copied()
                    .ok_or_else(|| CascadeError::UnknownFirm {
                        row: row + 1,
                        firm: firm.to_owned(),
                    })
            };
            links.supplier.push(place(supplier)?);
            links.customer.push(place(customer)?);
            links.weight.push(*weight);
        }
        drop(positions);
        Self::new(firms, links, essential)
    }

    pub fn firms(&self) -> &Firms {
        &self.firms
    }

    pub fn links(&self) -> &Links {
        &self.links
    }

    /// Sales to other firms of the network, by firm.
    pub fn sales(&self) -> &[f64] {
        &self.sales
    }

    /// Purchases from other firms of the network, by firm.
    pub fn purchases(&self) -> &[f64] {
        &self.purchases
    }

    /// How much a customer of one sector needs the goods of a supplier of another.
    pub fn class(&self, supplier_sector: u32, customer_sector: u32) -> Class {
        match &self.essential {
            Essential::Supplier(flags) => flags[supplier_sector as usize],
            Essential::Matrix(cells) => {
                cells
                    [supplier_sector as usize * self.firms.sectors.len() + customer_sector as usize]
            }
        }
    }
}

fn check_links(firms: &Firms, links: &Links) -> Result<(), CascadeError> {
    let n = firms.ids.len();
    for at in 0..links.supplier.len() {
        let (supplier, customer, weight) =
            (links.supplier[at], links.customer[at], links.weight[at]);
        if let Some(firm) = [supplier, customer].into_iter().find(|f| *f as usize >= n) {
            return Err(CascadeError::UnknownFirm {
                row: at + 1,
                firm: format!("number {firm}"),
            });
        }
        let name = |firm: u32| firms.ids[firm as usize].clone();
        if supplier == customer {
            return Err(CascadeError::SelfLink {
                row: at + 1,
                firm: name(supplier),
            });
        }
        if !(weight.is_finite() && weight > 0.0) {
            return Err(CascadeError::Weight {
                supplier: name(supplier),
                customer: name(customer),
                weight,
            });
        }
    }
    Ok(())
}

/// By supplier, then customer.
fn sort_links(links: &mut Links) {
    let mut order: Vec<u32> = (0..links.supplier.len() as u32).collect();
    order.sort_unstable_by_key(|at| {
        let at = *at as usize;
        (links.supplier[at], links.customer[at])
    });
    let pick = |values: &[u32]| order.iter().map(|at| values[*at as usize]).collect();
    let weight = order.iter().map(|at| links.weight[*at as usize]).collect();
    (links.supplier, links.customer) = (pick(&links.supplier), pick(&links.customer));
    links.weight = weight;
}
