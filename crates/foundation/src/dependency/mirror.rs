//! Dependence on one customer: the mirror of every supply-side question (CEPII's GeoDep_X).
//!
//! Exchange the roles of exporter and importer ([`Flows::transposed`]) and ask the same questions: C1 becomes the
//! HHI of exports by destination, C2 the HHI of world imports, C3 exports/imports, and the first supplier the first
//! customer. That the published mirror table is built this way is from memory. Customers that are not known make the
//! same ranges as unknown suppliers do.

use super::flows::{FlowPanel, Flows};

/// Flows in which every question about suppliers is one about customers.
#[must_use]
pub fn customers(flows: &Flows) -> Flows {
    flows.transposed()
}

/// [`customers`] of every year.
#[must_use]
pub fn customers_of_years(panel: &FlowPanel) -> FlowPanel {
    panel
        .iter()
        .map(|(year, flows)| (*year, customers(flows)))
        .collect()
}
