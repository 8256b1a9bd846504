//! What if: weekly courses after supply stops, with stocks.
//!
//! ```text
//! loss_v(t)   = own_v(t) and the shortfalls of v's input groups, combined by `bounds::node_loss`
//! own_v(t)    = sum over providers r of share_r * severity_r(t)
//! consumed:   short_u(t) = max(0, loss_u(t) - stock_u(t)),  stock_u(t+1) = stock_u(t) - (loss_u(t) - short_u(t))
//! tool:       worn_u(t)  = worn_u(t-1) + loss_u(t) / (52 * life),  short_u(t) = min(1, worn_u(t))
//! ```
//!
//! A stock stands at the users of an input, counted in weeks of normal demand. It covers the whole shortage until
//! it is used up (a rule of behaviour, not an optimum) and is not rebuilt within the horizon. A tool is not used
//! up week by week: without it nothing is replaced, and capacity wears away. Four tracks run side by side (see
//! [`crate::bounds`]): the best one with low severities and shares, high stocks and long lives; the worst one the
//! other way round; between them both rules with the central numbers, whose midpoint is the value shown.
//!
//! With a `buyer`, exports to that country stop and its own supply is not hit. The buyer is taken to draw on each
//! node as the world does. In the lower bound makers in third countries still deliver what embodies the stopped
//! input, so that only the buyer's own production passes shortages on ([`ThirdCountries`]).

mod binding;
pub(crate) mod course;
mod draws;
mod explain;
pub(crate) mod refuse;
mod result;
mod scenario;
pub(crate) mod stopped;

pub use binding::Binding;
pub use draws::{DrawParams, FirstDrawn, Spread, TargetDraws, drawn_courses, shock_draws};
pub use refuse::on_record;
pub use result::{Cause, FirstWeek, NodeCourse, ShockResult, Step, TargetCourse};
pub use scenario::{Asked, Event, Scenario, ShockParams, ThirdCountries};

use model::Refusal;

use crate::graph::ChainGraph;

/// Follows the scenario week by week, or says why the evidence cannot carry it.
pub fn shock(
    graph: &ChainGraph,
    scenario: &Scenario,
    params: &ShockParams,
) -> Result<ShockResult, Vec<Refusal>> {
    let refusals = refuse::check(graph, scenario, params);
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let own = stopped::own_losses(graph, scenario);
    let courses = course::run(graph, scenario, params, &own);
    Ok(explain::assemble(graph, scenario, params, &own, &courses))
}
