//! Actions that slipped, or that nobody can check.

use model::Message;

use super::date::Date;
use super::finding::{Certainty, Fault, Finding};
use super::register::{Action, Index, Status};

pub(super) fn faults(index: &Index, today: Date) -> Vec<Finding> {
    let mut found = Vec::new();
    for action in &index.register.actions {
        if action.status == Status::Dropped {
            continue;
        }
        let done = action.status == Status::Done;
        let mut add = |fault: Fault| {
            found.push(Finding::new(
                fault,
                Certainty::Certain,
                vec![action.origin.clone()],
                |m| filled(m, action),
            ));
        };
        if action.owner.is_none() {
            add(Fault::NoOwner);
        }
        match action.due {
            None if !done => add(Fault::NoDate),
            Some(due) if !done && due.before(today) => add(Fault::Slipped),
            Some(due) if done && action.done.is_some_and(|day| due.before(day)) => {
                add(Fault::DoneLate);
            }
            _ => {}
        }
        if done && action.evidence.is_none() {
            add(Fault::NoEvidence);
        }
    }
    found
}

fn filled(message: Message, action: &Action) -> Message {
    let date = |date: Option<Date>| date.map(|d| d.to_string()).unwrap_or_default();
    message
        .with("action", action.action.0.as_str())
        .with("owner", action.owner.as_deref().unwrap_or(""))
        .with("due", date(action.due))
        .with("done", date(action.done))
}
