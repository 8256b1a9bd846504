//! What a run leaves behind: production day by day, and what was lost.

/// How well a run keeps its accounts; the parity run leaves it empty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Audit {
    /// Largest |output - deliveries| of a step over output.
    pub deliveries: f64,
    /// Smallest stock of any cell.
    pub least_stock: f64,
}

impl Default for Audit {
    fn default() -> Self {
        Self {
            deliveries: 0.0,
            least_stock: f64::INFINITY,
        }
    }
}

/// One run. Rows are steps, columns industries in the order of the table; money per step.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Course {
    pub industries: usize,
    /// Day of each step: 0, 1, … or multiples of the days in a step.
    pub days: Vec<u32>,
    pub production: Vec<f64>,
    /// Final demand that was not met.
    pub unmet: Vec<f64>,
    /// Output at rest, per step.
    pub at_rest: Vec<f64>,
    /// Final demand at rest, per step.
    pub demand_at_rest: Vec<f64>,
    /// The input that holds production back, as a position among the stocks of the run; `u32::MAX`: none.
    pub binding: Vec<u32>,
    /// Sector and group of suppliers of every stock that `binding` may name; group 0 where suppliers are pooled.
    pub stocks: Vec<(usize, usize)>,
    /// Why the run ended before its horizon.
    pub stopped: Option<String>,
    pub audit: Audit,
}

/// What one industry lost over the run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loss {
    /// Σ over steps of (output at rest - production), in the money of the table; below 0 where it made more.
    pub production: f64,
    /// Of output at rest over the same steps; `None` where that is 0.
    pub share: Option<f64>,
    /// Largest loss of a step over output at rest of a step.
    pub peak: f64,
    /// Day of the peak; `None` where nothing was lost.
    pub peak_day: Option<u32>,
    /// Σ over steps of final demand not met.
    pub unmet: f64,
}

impl Course {
    pub fn steps(&self) -> usize {
        self.days.len()
    }

    pub fn production_at(&self, step: usize) -> &[f64] {
        &self.production[step * self.industries..(step + 1) * self.industries]
    }

    pub fn unmet_at(&self, step: usize) -> &[f64] {
        &self.unmet[step * self.industries..(step + 1) * self.industries]
    }

    /// Output of all industries, by step.
    pub fn total(&self) -> Vec<f64> {
        (0..self.steps())
            .map(|step| self.production_at(step).iter().sum())
            .collect()
    }

    /// Output at rest less production, over all steps and industries; catching up counts against losses.
    pub fn lost_output(&self) -> f64 {
        let rest: f64 = self.at_rest.iter().sum();
        self.total().iter().map(|made| rest - made).sum()
    }

    /// Σ max(0, output at rest - production): catching up does not count.
    pub fn gross_loss(&self) -> f64 {
        self.production
            .chunks_exact(self.industries.max(1))
            .flat_map(|row| row.iter().zip(&self.at_rest))
            .map(|(made, rest)| (rest - made).max(0.0))
            .sum()
    }

    /// Final demand not met, over all steps.
    pub fn unmet_total(&self) -> f64 {
        self.unmet.iter().sum()
    }

    /// Losses by industry.
    pub fn losses(&self) -> Vec<Loss> {
        (0..self.industries)
            .map(|i| {
                let rest = self.at_rest[i];
                let mut loss = Loss {
                    production: 0.0,
                    share: None,
                    peak: 0.0,
                    peak_day: None,
                    unmet: 0.0,
                };
                for step in 0..self.steps() {
                    let lost = rest - self.production_at(step)[i];
                    loss.production += lost;
                    loss.unmet += self.unmet_at(step)[i];
                    if rest > 0.0 && lost / rest > loss.peak + 1e-12 {
                        loss.peak = lost / rest;
                        loss.peak_day = Some(self.days[step]);
                    }
                }
                let whole = rest * self.steps() as f64;
                loss.share = (whole > 0.0).then(|| loss.production / whole);
                loss
            })
            .collect()
    }
}
