//! What of a run may be shown or handed over: cells that repeat rows of the evidence, names and keys of these rows, as far as
//! the licences of their sources allow.
//!
//! Numbers that are computed from a restricted row are the study's own and stay. What such a row says does not: its cells
//! say that they are withheld, what it names is shown by its id, and a key that holds its text becomes a hash.

use std::borrow::Cow;

use evidence::schema::{ColumnType, SOURCES};
use evidence::store::sha256_hex;
use evidence::{Evidence, Value, may_leave};
use model::{Cell, Message, Names, Origin, Quantity, ResultTable, Row, RowRef};

/// Digits of the hash that stands for a text of a key.
const DIGITS: usize = 16;

/// The table as it may leave.
pub fn released<'a>(evidence: &Evidence, table: &'a ResultTable) -> Cow<'a, ResultTable> {
    if !repeats(table) {
        return Cow::Borrowed(table);
    }
    let rows = (table.rows.iter()).map(|row| released_row(evidence, table, row).into_owned());
    Cow::Owned(ResultTable {
        name: table.name.clone(),
        method: table.method.clone(),
        formula: table.formula.clone(),
        columns: table.columns.clone(),
        rows: rows.collect(),
    })
}

/// One row of `table` as it may leave.
pub(crate) fn released_row<'a>(
    evidence: &Evidence,
    table: &ResultTable,
    row: &'a Row,
) -> Cow<'a, Row> {
    if !repeats(table) || repeated(row).all(|origin| may_leave(evidence, origin)) {
        return Cow::Borrowed(row);
    }
    let cells = table.columns.iter().zip(&row.cells);
    let cells = cells.map(|(column, cell)| {
        if column.repeats_evidence {
            withheld(cell)
        } else {
            cell.clone()
        }
    });
    Cow::Owned(Row {
        key: row.key.clone(),
        cells: cells.collect(),
        origins: row.origins.clone(),
    })
}

/// Does any column of the table repeat the evidence?
pub(crate) fn repeats(table: &ResultTable) -> bool {
    table.columns.iter().any(|column| column.repeats_evidence)
}

/// The rows of evidence that a row of such a table repeats.
pub(crate) fn repeated(row: &Row) -> impl Iterator<Item = &RowRef> {
    row.origins.iter().filter_map(|origin| match origin {
        Origin::Evidence(reference) => Some(reference),
        _ => None,
    })
}

/// A number stays one that is not estimated, so that its column keeps its kind.
fn withheld(cell: &Cell) -> Cell {
    let word = Message::new("release.withheld");
    match cell {
        Cell::Empty => Cell::Empty,
        Cell::Quantity(_) => Cell::Quantity(Quantity::not_estimated(word)),
        _ => Cell::Message(word),
    }
}

/// Names of what the rows name that may leave; the rest is shown by its id. A source is always named: that is its citation.
pub(crate) fn released_names(evidence: &Evidence) -> Names {
    evidence.names_of(|record| {
        let reference = record.reference();
        reference.table == SOURCES || may_leave(evidence, &reference)
    })
}

/// The key of a row: where the row may not leave, a hash stands for each of its parts that is free text.
pub fn released_key(evidence: &Evidence, reference: &RowRef) -> String {
    let Some(record) = evidence.record(reference) else {
        return reference.key.clone();
    };
    let columns = record.schema().columns.iter().zip(&record.values);
    let keys: Vec<_> = columns.filter(|(column, _)| column.key).collect();
    let free = |kind: ColumnType| matches!(kind, ColumnType::Text | ColumnType::Texts);
    let texts = (keys.iter()).any(|(column, _)| free(column.kind) && column.accepted.is_empty());
    if !texts || may_leave(evidence, reference) {
        return reference.key.clone();
    }
    let parts = keys.iter().map(|(column, value)| {
        let text = value.to_text();
        if free(column.kind) && column.accepted.is_empty() && **value != Value::Empty {
            let hash = sha256_hex(text.as_bytes());
            format!("sha256:{}", hash.get(..DIGITS).unwrap_or(&hash))
        } else {
            text
        }
    });
    parts.collect::<Vec<_>>().join("/")
}

/// `table/key` of a row, as it may be shown.
pub(crate) fn released_label(evidence: &Evidence, reference: &RowRef) -> String {
    format!("{}/{}", reference.table, released_key(evidence, reference))
}
