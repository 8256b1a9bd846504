//! A network under a model, ready for shocks.

use super::closed::{Closed, Collapsed};
use super::error::CascadeError;
use super::jacobi;
use super::lanes::{LANES, V};
use super::layout::Layout;
use super::model::Model;
use super::network::FirmNetwork;
use super::scenario::{self, FirmLosses};
use super::score::{Converged, ConvergedParams, JacobiParams, Score, Shock, Shocks};

/// A network under a model. Results are the same bits for any number of threads and any order of firms and links.
#[derive(Debug, Clone)]
pub struct Cascade {
    pub(crate) layout: Layout,
    pub(crate) collapsed: Collapsed,
    pub(crate) names: Vec<String>,
}

impl Cascade {
    /// Coefficients and closed parts; seconds for a million links.
    pub fn new(network: &FirmNetwork, model: &Model) -> Result<Self, CascadeError> {
        let layout = Layout::new(network, model)?;
        let collapsed = Collapsed::of(&layout);
        Ok(Self {
            layout,
            collapsed,
            names: network.firms.ids.clone(),
        })
    }

    /// Share of each firm in the network's sales: the largest loss that its own closure is without any cascade.
    pub fn shares(&self) -> Vec<f64> {
        let at = |number: &u32| self.layout.size[*number as usize] / self.layout.total;
        self.layout.number.iter().map(at).collect()
    }

    /// Parts of the network that losses never leave.
    pub fn closed(&self) -> Closed {
        self.collapsed.named(&self.layout)
    }

    /// The published iteration, not converged; see [`JacobiParams`]. Scores in the order of the shocks.
    pub fn published(
        &self,
        shocks: &Shocks,
        params: &JacobiParams,
    ) -> Result<Vec<Score>, CascadeError> {
        positive("the tolerance", params.tolerance)?;
        let asked = self.asked(shocks)?;
        Ok(jacobi::run(&self.layout, &asked, params))
    }

    /// The fixed point, each score with a bound of its error. Scores in the order of the shocks.
    pub fn converged(
        &self,
        shocks: &Shocks,
        params: &ConvergedParams,
    ) -> Result<Converged, CascadeError> {
        positive("the tolerance", params.tolerance)?;
        if let Some(relative) = params.relative {
            positive("the relative tolerance", relative)?;
        }
        let asked = self.asked(shocks)?;
        Ok(super::certify::run(self, &asked, params))
    }

    /// Who loses how much under one shock, each loss from below and above, in the order of the firms. `tolerance` bounds the
    /// error of the index, not of each firm.
    pub fn losses(&self, shock: &Shock, tolerance: f64) -> Result<FirmLosses, CascadeError> {
        positive("the tolerance", tolerance)?;
        let asked = self.asked(&Shocks::Scenarios(vec![shock.clone()]))?;
        Ok(scenario::losses(self, &asked, tolerance))
    }

    /// Checks the shocks and turns them into losses by firm number.
    fn asked(&self, shocks: &Shocks) -> Result<Asked, CascadeError> {
        let n = self.layout.len();
        let number = |shock: &str, firm: u32| {
            self.layout
                .number
                .get(firm as usize)
                .copied()
                .ok_or_else(|| CascadeError::ShockFirm {
                    shock: shock.to_owned(),
                    firm,
                    firms: n,
                })
        };
        let mut asked = Asked::default();
        match shocks {
            Shocks::EachFirm => {
                for number in &self.layout.number {
                    asked.push(vec![(*number, 1.0)]);
                }
            }
            Shocks::Firms(firms) => {
                for firm in firms {
                    asked.push(vec![(number("closure", *firm)?, 1.0)]);
                }
            }
            Shocks::Scenarios(scenarios) => {
                for shock in scenarios {
                    let mut losses = Vec::with_capacity(shock.remaining.len());
                    for (firm, remaining) in &shock.remaining {
                        let at = number(&shock.name, *firm)?;
                        if !(0.0..=1.0).contains(remaining) {
                            return Err(CascadeError::Capacity {
                                shock: shock.name.clone(),
                                firm: self.names[*firm as usize].clone(),
                                value: *remaining,
                            });
                        }
                        losses.push((at, 1.0 - remaining));
                    }
                    asked.push(losses);
                }
            }
        }
        Ok(asked)
    }
}

fn positive(what: &'static str, value: f64) -> Result<(), CascadeError> {
    if value.is_finite() && value > 0.0 {
        Ok(())
    } else {
        Err(CascadeError::Tolerance { what, value })
    }
}

/// Shocks as lists of firm number and loss, sorted, each firm once (the larger loss).
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    ends: Vec<u32>,
    losses: Vec<(u32, f64)>,
}

impl Asked {
    pub fn push(&mut self, mut losses: Vec<(u32, f64)>) {
        losses.retain(|(_, loss)| *loss > 0.0);
        losses.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        losses.dedup_by_key(|(firm, _)| *firm);
        self.losses.extend(losses);
        self.ends.push(self.losses.len() as u32);
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn shock(&self, at: usize) -> &[(u32, f64)] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.losses[start as usize..self.ends[at] as usize]
    }

    /// φ of a firm in each lane.
    pub fn floor(&self, firm: usize, lanes: &[Option<usize>; LANES]) -> V {
        let mut floor = V::ZERO;
        for (value, shock) in floor.0.iter_mut().zip(lanes) {
            let Some(shock) = shock else { continue };
            let losses = self.shock(*shock);
            if let Ok(at) = losses.binary_search_by_key(&(firm as u32), |(f, _)| *f) {
                *value = losses[at].1;
            }
        }
        floor
    }
}
