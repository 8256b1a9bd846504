//! Sixteen shocks side by side: one row of the network is read once for all of them.

use std::sync::Mutex;

use pulp::Arch;

/// Shocks in a batch; sixteen f64 fill two cache lines (4, 8: slower; 32: slower again).
pub(crate) const LANES: usize = 16;

/// One number for each shock of a batch.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(128))]
pub(crate) struct V(pub [f64; LANES]);

impl V {
    pub const ZERO: Self = Self([0.0; LANES]);

    #[inline(always)]
    pub fn all(x: f64) -> Self {
        Self([x; LANES])
    }

    #[inline(always)]
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        let mut out = self;
        for l in 0..LANES {
            out.0[l] = f(self.0[l]);
        }
        out
    }

    #[inline(always)]
    pub fn with(self, other: &Self, f: impl Fn(f64, f64) -> f64) -> Self {
        let mut out = self;
        for l in 0..LANES {
            out.0[l] = f(self.0[l], other.0[l]);
        }
        out
    }

    /// `self += factor · other`. Not `mul_add`: without the instruction it is a library call for each element.
    #[inline(always)]
    pub fn add(&mut self, factor: f64, other: &Self) {
        for l in 0..LANES {
            self.0[l] += factor * other.0[l];
        }
    }

    #[inline(always)]
    pub fn minus(self, other: &Self) -> Self {
        self.with(other, |a, b| a - b)
    }

    #[inline(always)]
    pub fn max(self, other: &Self) -> Self {
        self.with(other, larger)
    }

    #[inline(always)]
    pub fn at_most_one(self) -> Self {
        self.map(|a| smaller(a, 1.0))
    }

    /// Whether any lane of `self` is above that of `other`.
    #[inline(always)]
    pub fn any_above(&self, other: &Self) -> bool {
        // Halves against halves: one after the other would wait sixteen times.
        let mut most = self.minus(other).0;
        let mut width = LANES / 2;
        while width > 0 {
            for l in 0..width {
                most[l] = larger(most[l], most[l + width]);
            }
            width /= 2;
        }
        most[0] > 0.0
    }
}

/// How a column keeps its numbers: whole, or in half the memory. Sums are made of whole numbers either way.
pub(crate) trait Kept: Copy {
    const ZERO: Self;
    fn wide(&self) -> V;
    fn narrow(v: &V) -> Self;
}

impl Kept for V {
    const ZERO: Self = V::ZERO;

    #[inline(always)]
    fn wide(&self) -> V {
        *self
    }

    #[inline(always)]
    fn narrow(v: &V) -> Self {
        *v
    }
}

/// One number for each shock in single precision: one cache line instead of two.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Half(pub [f32; LANES]);

impl Kept for Half {
    const ZERO: Self = Self([0.0; LANES]);

    #[inline(always)]
    fn wide(&self) -> V {
        let mut out = V::ZERO;
        for l in 0..LANES {
            out.0[l] = f64::from(self.0[l]);
        }
        out
    }

    #[inline(always)]
    fn narrow(v: &V) -> Self {
        let mut out = Self::ZERO;
        for l in 0..LANES {
            out.0[l] = v.0[l] as f32;
        }
        out
    }
}

/// Compiles to one instruction, which `f64::max` with its rule for NaN does not.
#[inline(always)]
pub(crate) fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

#[inline(always)]
pub(crate) fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// Runs `kernel` with the widest vector instructions of this machine.
/// The closure and all it calls must be `#[inline(always)]`, else it is compiled for the oldest machine.
#[inline(always)]
pub(crate) fn widest<R>(kernel: impl FnOnce() -> R) -> R {
    Arch::new().dispatch(kernel)
}

/// Work areas that threads hand on to each other, so that there are no more of them than threads at work.
pub(crate) struct Areas<T>(Mutex<Vec<T>>);

impl<T> Areas<T> {
    pub fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    pub fn with<R>(&self, make: impl FnOnce() -> T, work: impl FnOnce(&mut T) -> R) -> R {
        let kept = self.0.lock().map_or(None, |mut areas| areas.pop());
        let mut area = kept.unwrap_or_else(make);
        let done = work(&mut area);
        if let Ok(mut areas) = self.0.lock() {
            areas.push(area);
        }
        done
    }
}
