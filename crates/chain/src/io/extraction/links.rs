//! Every single link: all n² losses are known after the inverse; the largest are returned, any one on request.

use std::cmp::Ordering;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::super::leontief::Leontief;
use super::super::table::IoError;
use super::check_theta;

/// Loss of output when supplier stops delivering to customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinkLoss {
    pub supplier: usize,
    pub customer: usize,
    /// Flow in the model, a_ij x_j.
    pub flow: f64,
    pub loss: f64,
    /// Loss over Σ x.
    pub share: f64,
}

/// Loss of the one link, θ in 0..=1 of it.
pub fn link_loss(
    model: &Leontief,
    supplier: usize,
    customer: usize,
    theta: f64,
) -> Result<LinkLoss, IoError> {
    check_theta(theta)?;
    let n = model.len();
    if supplier >= n || customer >= n {
        return Err(IoError::new(
            "no_such_industry",
            format!("{supplier}, {customer}"),
        ));
    }
    Ok(one(model, supplier, customer, theta, total(model)))
}

/// The `k` links with the largest loss, largest first; ties by supplier, then customer.
pub fn top_links(model: &Leontief, k: usize, theta: f64) -> Result<Vec<LinkLoss>, IoError> {
    check_theta(theta)?;
    let total = total(model);
    let columns: Vec<Vec<LinkLoss>> = (0..model.len())
        .into_par_iter()
        .map(|j| {
            let links = (0..model.len()).map(|i| one(model, i, j, theta, total));
            largest(links.filter(|l| l.loss != 0.0).collect(), k)
        })
        .collect();
    Ok(largest(columns.concat(), k))
}

fn total(model: &Leontief) -> f64 {
    model.output().iter().sum()
}

fn one(model: &Leontief, i: usize, j: usize, theta: f64, total: f64) -> LinkLoss {
    let a = model.coefficients().a.get(i, j);
    let flow = a * model.output()[j];
    let back = 1.0 + theta * a * model.inverse().get(j, i);
    let loss = theta * model.output_multipliers()[i] * flow / back;
    LinkLoss {
        supplier: i,
        customer: j,
        flow,
        loss,
        share: if total == 0.0 { 0.0 } else { loss / total },
    }
}

fn largest(mut links: Vec<LinkLoss>, k: usize) -> Vec<LinkLoss> {
    let order = |a: &LinkLoss, b: &LinkLoss| -> Ordering {
        b.loss
            .total_cmp(&a.loss)
            .then(a.supplier.cmp(&b.supplier))
            .then(a.customer.cmp(&b.customer))
    };
    if k < links.len() && k > 0 {
        links.select_nth_unstable_by(k - 1, order);
    }
    links.truncate(k);
    links.sort_by(order);
    links
}
