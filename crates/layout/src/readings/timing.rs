//! Act now, hold, or watch: how long a promise can wait.
//!
//! ```text
//! slack = deadline - finish,  finish = [P50, P80] of the roadmap when started now
//! ```
//!
//! A rule of our own, not a real-options value: it says when waiting breaks a promise, not what waiting would earn.

use model::{Estimate, Year};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Even P50 comes after the deadline: the promise is late already.
    Late,
    /// P80 leaves less than the margin.
    ActNow,
    /// There is time until the trigger.
    Hold,
    /// No deadline, or no date of the roadmap.
    Watch,
}

impl Call {
    pub fn code(self) -> &'static str {
        match self {
            Self::Late => "call.late",
            Self::ActNow => "call.act_now",
            Self::Hold => "call.hold",
            Self::Watch => "call.watch",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Timing {
    pub call: Call,
    /// From the P80 finish (low) to the P50 finish (high).
    pub slack: Option<Estimate>,
    /// The last moment to start so that the promise holds with 80 %.
    pub latest_start: Option<f64>,
}

/// `p50` and `p80` are dates when work starts at `now`; `margin` in years.
pub fn timing(
    deadline: Option<Year>,
    p50: Option<f64>,
    p80: Option<f64>,
    now: f64,
    margin: f64,
) -> Timing {
    let (Some(deadline), Some(p50), Some(p80)) = (deadline, p50, p80) else {
        return Timing {
            call: Call::Watch,
            slack: None,
            latest_start: None,
        };
    };
    // A deadline of a year is kept on its last day.
    let end = f64::from(deadline.0) + 1.0;
    let (least, middle) = (end - p80, end - p50);
    let call = if middle < 0.0 {
        Call::Late
    } else if least < margin {
        Call::ActNow
    } else {
        Call::Hold
    };
    Timing {
        call,
        slack: Some(Estimate::spanning(
            middle,
            least,
            middle,
            model::Basis::Derived,
        )),
        latest_start: Some(now + least),
    }
}
