//! Strategy: which activity next, by relatedness and complexity, at what effort, and in which order.
//!
//! * [`quadrants`]: relatedness against complexity of what a location does not have (smart specialisation);
//! * [`optimise`]: the least effort that raises complexity to a target, by the exact cover in [`cover`];
//! * [`stepping_stone`]: what an entry needs (effort) and what comes without policy (forecast), fitted by [`fit`];
//! * [`growth_target`]: the complexity that a growth rate asks for;
//! * [`contagion`], [`diffusion`], [`sequence`]: in which order to enter related activities.
//!
//! An optimum carries its lower bound and gap. What the data cannot carry is refused.

pub mod contagion;
pub mod cover;
pub mod diffusion;
pub mod fit;
pub mod growth_target;
pub mod optimise;
pub mod options;
pub mod quadrants;
pub mod sequence;
pub mod stepping_stone;

/// Why arguments do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StrategyError {
    #[error("{what}: {found} numbers for {wanted}")]
    Length {
        what: &'static str,
        found: usize,
        wanted: usize,
    },
    #[error("{what}: {need}")]
    Value {
        what: &'static str,
        need: &'static str,
    },
}

fn length(what: &'static str, found: usize, wanted: usize) -> Result<(), StrategyError> {
    if found == wanted {
        Ok(())
    } else {
        Err(StrategyError::Length {
            what,
            found,
            wanted,
        })
    }
}

fn check(ok: bool, what: &'static str, need: &'static str) -> Result<(), StrategyError> {
    if ok {
        Ok(())
    } else {
        Err(StrategyError::Value { what, need })
    }
}
