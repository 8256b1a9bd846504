//! The curve itself.

/// Market potential `m`, coefficient of innovation `p`, coefficient of imitation `q`; periods count from 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bass {
    pub m: f64,
    pub p: f64,
    pub q: f64,
}

impl Bass {
    /// Share of the potential that has adopted by `t`.
    ///
    /// ```text
    /// F(t) = (1 - e^{-(p+q)t}) / (1 + (q/p) e^{-(p+q)t})
    /// ```
    pub fn cumulative_share(&self, t: f64) -> f64 {
        let e = (-(self.p + self.q) * t).exp();
        (1.0 - e) / (1.0 + self.q / self.p * e)
    }

    /// Adopters per period at the moment `t`: `m f(t)`, `f = (p + q)²/p · e / (1 + (q/p) e)²`.
    pub fn rate(&self, t: f64) -> f64 {
        let s = self.p + self.q;
        let e = (-s * t).exp();
        let d = 1.0 + self.q / self.p * e;
        self.m * s * s / self.p * e / (d * d)
    }

    /// Adopters of period `t`: `m (F(t) - F(t-1))` (Srinivasan & Mason 1986, *Marketing Science* 5, 169-178).
    pub fn increment(&self, t: f64) -> f64 {
        self.m * (self.cumulative_share(t) - self.cumulative_share(t - 1.0))
    }

    /// `t* = ln(q/p) / (p+q)`: when most adopt; before the start where imitation is weaker than innovation.
    pub fn peak(&self) -> f64 {
        (self.q / self.p).ln() / (self.p + self.q)
    }
}
