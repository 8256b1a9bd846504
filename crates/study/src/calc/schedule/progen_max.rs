//! ProGen/max files (Schwindt 1998): minimum and maximum time lags, `.sch`.
//!
//! The first line holds the number of activities without the two dummies and the number of renewable resources. A
//! negative lag from i to j is a maximum lag from j to i.

use layout::roadmap::project::{Activity, Gap, Lag, Mode, Project, Resource};
use model::Message;

use super::lines::{Lines, Named};

pub(super) fn read(lines: &mut Lines) -> Option<Named> {
    let filled: Vec<usize> = lines.filled();
    let head = lines.numbers(*filled.first()?)?;
    if head.len() < 2 || head[0] < 0 || head[1] < 0 {
        lines.count(filled[0], 2);
        return None;
    }
    let (jobs, kinds) = (head[0] as usize + 2, head[1] as usize);
    let wanted = 2 * jobs + 2;
    if filled.len() < wanted {
        lines.ends(filled[filled.len() - 1], ".sch", filled.len(), wanted);
        return None;
    }
    let mut project = Project::default();
    for j in 0..jobs {
        let at = filled[1 + j];
        let numbers = lines.numbers(at)?;
        let successors = numbers.get(2).map_or(0, |n| (*n).max(0) as usize);
        if numbers.len() != 3 + 2 * successors {
            lines.count(at, 3 + 2 * successors);
            continue;
        }
        ordered(lines, at, numbers[0], j);
        if numbers[1] != 1 {
            lines.finding(at, "one_mode", Message::new("check.schedule.one_mode"));
        }
        let (to, gaps) = numbers[3..].split_at(successors);
        for (to, gap) in to.iter().zip(gaps) {
            if *to < 0 || *to >= jobs as i64 {
                lines.job(at, 0, jobs - 1);
                continue;
            }
            let gap = Gap::AtLeast(lines.time(at, *gap));
            project.lags.push(Lag::start_to_start(j, *to as usize, gap));
        }
    }
    for j in 0..jobs {
        let at = filled[1 + jobs + j];
        let numbers = lines.numbers(at)?;
        if numbers.len() != 3 + kinds {
            lines.count(at, 3 + kinds);
            continue;
        }
        ordered(lines, at, numbers[0], j);
        project.activities.push(Activity {
            name: j.to_string(),
            modes: vec![Mode {
                duration: lines.time(at, numbers[2]),
                uses: numbers[3..].iter().copied().enumerate().collect(),
                ..Mode::default()
            }],
            release: 0,
            deadline: None,
        });
    }
    let at = filled[1 + 2 * jobs];
    let units = lines.numbers(at)?;
    if units.len() != kinds {
        lines.count(at, kinds);
        return None;
    }
    project.resources = units
        .iter()
        .enumerate()
        .map(|(k, units)| Resource::constant(format!("R{}", k + 1), *units))
        .collect();
    Some(Named { project, first: 0 })
}

fn ordered(lines: &mut Lines, at: usize, found: i64, expected: usize) {
    if found != expected as i64 {
        let message = Message::new("check.schedule.order").with("job", expected);
        lines.finding(at, "order", message);
    }
}
