//! The roadmap as a project of the kernel, and its activity list as a policy.
//!
//! A policy says what to do, not when: tasks in the order of the plan, each as soon as its predecessors are
//! finished and the limits allow (serial scheme; Möhring, Radermacher & Weiss 1984: earliest-start policies).
//! The plan is the policy on planned durations; a draw is the same policy on drawn ones. Money is saved by waiting in
//! some plans (a task that runs over new year spends in two years); there the policy starts nothing before its planned date.

use super::network::{Network, QUARTERS_PER_YEAR};
use super::project::serial::{Room, Serial};
use super::project::{Activity, Budget, Lag, Mode, Project, Resource, Time};
use super::task::Stage;

/// The tasks with these durations and earliest starts, in quarters.
pub(crate) fn project(network: &Network, durations: &[usize], earliest: &[usize]) -> Project {
    let mut resources = Vec::new();
    let mut of_stage = [None; 4];
    for (k, stage) in Stage::ALL.iter().enumerate() {
        if let Some(most) = network.capacity[k] {
            of_stage[k] = Some(resources.len());
            resources.push(Resource::constant(stage.code(), most as i64));
        }
    }
    let budgets = network.money.as_ref().map(|money| Budget {
        name: "money".to_owned(),
        period: QUARTERS_PER_YEAR as Time,
        limits: money.per_year.clone(),
    });
    let activities = (0..network.len())
        .map(|k| {
            let stage = network.stages[k];
            let rate = network.money.as_ref().map(|m| m.per_quarter(stage));
            Activity {
                name: network.ids[k].to_string(),
                modes: vec![Mode {
                    duration: durations[k] as Time,
                    uses: of_stage[stage as usize]
                        .map(|r| (r, 1))
                        .into_iter()
                        .collect(),
                    takes: Vec::new(),
                    spends: rate.map(|rate| (0, rate)).into_iter().collect(),
                }],
                release: earliest[k] as Time,
                deadline: None,
            }
        })
        .collect();
    let lags = network
        .before
        .iter()
        .enumerate()
        .flat_map(|(to, before)| before.iter().map(move |from| Lag::after(*from, to)))
        .collect();
    Project {
        activities,
        resources,
        stores: Vec::new(),
        budgets: budgets.into_iter().collect(),
        lags,
        horizon: None,
    }
}

/// Starts when the tasks are placed in the order of `list`; `None` where no year has the money for one of them.
pub(crate) fn follow(
    network: &Network,
    durations: &[usize],
    earliest: &[usize],
    list: &[usize],
) -> Option<Vec<usize>> {
    let project = project(network, durations, earliest);
    let serial = Serial::of(&project, project.latest_finish())?;
    let starts = serial.place(&serial.sorted_by(list), &mut Room::default())?;
    Some(starts.into_iter().map(|s| s as usize).collect())
}
