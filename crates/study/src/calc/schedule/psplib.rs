//! PSPLIB files (Kolisch & Sprecher 1997): `.sm` with one mode, `.mm` with several and stores.

use layout::roadmap::project::{Activity, Lag, Mode, Project, Resource};
use model::Message;

use super::lines::{Lines, Named};

const PRECEDENCE: &str = "PRECEDENCE RELATIONS";
const REQUESTS: &str = "REQUESTS/DURATIONS";
const AVAILABLE: &str = "RESOURCEAVAILABILITIES";

/// The project and the names of its activities, or findings in `lines`.
pub(super) fn read(lines: &mut Lines) -> Option<Named> {
    let kinds = [("renewable", 0), ("nonrenewable", 1)].map(|(word, _)| resources(lines, word));
    let [renewable, stores] = kinds;
    let (renewable, stores) = (renewable?, stores?);
    let starts = [PRECEDENCE, REQUESTS, AVAILABLE].map(|s| lines.section(s));
    let [Some(precedence), Some(requests), Some(available)] = starts else {
        return None;
    };
    let mut project = Project::default();
    let mut names = Vec::new();
    let mut modes = Vec::new();
    let mut successors: Vec<(usize, Vec<i64>)> = Vec::new();
    for at in lines.block(precedence) {
        let numbers = lines.numbers(at)?;
        if numbers.len() < 3 || numbers.len() != 3 + numbers[2].max(0) as usize {
            lines.count(at, 3 + numbers.get(2).map_or(0, |n| (*n).max(0) as usize));
            continue;
        }
        if numbers[0] != names.len() as i64 + 1 {
            let expected = Message::new("check.schedule.order").with("job", names.len() + 1);
            lines.finding(at, "order", expected);
        }
        names.push(numbers[0].to_string());
        modes.push(numbers[1].max(1) as usize);
        successors.push((at, numbers[3..].to_vec()));
    }
    let count = names.len();
    for (j, (at, after)) in successors.into_iter().enumerate() {
        for s in after {
            if s < 1 || s > count as i64 {
                lines.job(at, 1, count);
            } else {
                project.lags.push(Lag::after(j, s as usize - 1));
            }
        }
    }
    let rows = lines.block(requests);
    let wanted: usize = modes.iter().sum();
    if rows.len() != wanted {
        lines.ends(requests, REQUESTS, rows.len(), wanted);
        return None;
    }
    let mut rows = rows.into_iter();
    for (j, count) in modes.into_iter().enumerate() {
        let mut of_job = Vec::new();
        for m in 0..count {
            let at = rows.next()?;
            let numbers = lines.numbers(at)?;
            // The number of the job stands on the line of its first mode only.
            let skip = if m == 0 { 2 } else { 1 };
            if numbers.len() != skip + 1 + renewable + stores {
                lines.count(at, skip + 1 + renewable + stores);
                continue;
            }
            if m == 0 && numbers[0] != j as i64 + 1 {
                let expected = Message::new("check.schedule.order").with("job", j + 1);
                lines.finding(at, "order", expected);
            }
            let amounts = &numbers[skip + 1..];
            of_job.push(Mode {
                duration: lines.time(at, numbers[skip]),
                uses: amounts[..renewable].iter().copied().enumerate().collect(),
                takes: amounts[renewable..].iter().copied().enumerate().collect(),
                spends: Vec::new(),
            });
        }
        project.activities.push(Activity {
            name: names[j].clone(),
            modes: of_job,
            release: 0,
            deadline: None,
        });
    }
    let Some(at) = lines.block(available).first().copied() else {
        lines.ends(available, AVAILABLE, 0, 1);
        return None;
    };
    let amounts = lines.numbers(at)?;
    if amounts.len() != renewable + stores {
        lines.count(at, renewable + stores);
        return None;
    }
    project.resources = amounts[..renewable]
        .iter()
        .enumerate()
        .map(|(k, units)| Resource::constant(format!("R{}", k + 1), *units))
        .collect();
    project.stores = amounts[renewable..].to_vec();
    Some(Named { project, first: 1 })
}

/// How many resources of a kind the head of the file declares.
fn resources(lines: &mut Lines, word: &str) -> Option<usize> {
    let head = format!("- {word}");
    let found = lines.find(|line| line.trim_start().starts_with(&head));
    let Some(at) = found else {
        lines.missing(&format!("RESOURCES, {word}"));
        return None;
    };
    let text = lines.text(at).split(':').nth(1).unwrap_or_default();
    let number = text.split_whitespace().next().unwrap_or_default();
    let count = number.parse().ok();
    if count.is_none() {
        lines.finding(at, "number", Message::new("check.schedule.number"));
    }
    count
}
