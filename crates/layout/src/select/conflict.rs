//! The smallest explanation of "no weights satisfy this": a deletion filter over the statements (Chinneck & Dravnieks
//! 1991), each test a small linear program.

use model::{Criterion, Message, Refusal};

use super::polytope::is_possible;
use super::preferences::{Row, Statement};
use crate::refusal;

/// Statements that cannot be kept together while every proper subset can; `None` where all can.
///
/// Strict statements ("more than") conflict when only equality would satisfy them. The order of the statements does not
/// matter; where several minimal sets exist, one of them is found.
pub(crate) fn conflict(criteria: &[Criterion], statements: &[Statement]) -> Option<Vec<Statement>> {
    let mut sorted: Vec<&Statement> = statements.iter().collect();
    sorted.sort_by_cached_key(|s| format!("{s:?}"));
    let rows: Vec<Vec<Row>> = sorted.iter().map(|s| s.rows(criteria)).collect();
    let possible = |active: &[bool]| {
        let chosen: Vec<&Row> = rows
            .iter()
            .zip(active)
            .filter(|(_, active)| **active)
            .flat_map(|(rows, _)| rows)
            .collect();
        is_possible(criteria.len(), &chosen)
    };
    let mut active = vec![true; sorted.len()];
    if possible(&active) {
        return None;
    }
    for k in 0..sorted.len() {
        active[k] = false;
        if possible(&active) {
            active[k] = true;
        }
    }
    Some(
        sorted
            .into_iter()
            .zip(active)
            .filter(|(_, active)| *active)
            .map(|(s, _)| s.clone())
            .collect(),
    )
}

/// Refuses statements that are unusable by themselves, or that contradict one another.
pub(crate) fn check(criteria: &[Criterion], statements: &[Statement]) -> Result<(), Box<Refusal>> {
    for statement in statements {
        let known = (statement.criteria().into_iter()).all(|c| criteria.binary_search(c).is_ok());
        if !known || !statement.is_sound() {
            let criteria: Vec<_> = criteria.iter().map(Criterion::entity).collect();
            return Err(refusal("select.unusable_statement", |m| {
                m.with("statement", statement.words())
                    .with("criteria", criteria.clone())
            }));
        }
    }
    if statements.is_empty() {
        return Ok(());
    }
    conflict(criteria, statements).map_or(Ok(()), |minimal| {
        let words: Vec<Message> = minimal.iter().map(Statement::words).collect();
        Err(refusal("select.conflicting_statements", |m| {
            m.with("count", minimal.len())
                .with("statements", Message::listed(&words))
        }))
    })
}
