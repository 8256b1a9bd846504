//! A result table as readers see it: names, headings, units, ranges, footnotes.

use model::{Basis, Catalogue, Cell, Lang, Names, Quantity, ResultTable};

use crate::document::{Align, Amount, CellView, ColumnView, Folded, RowView, TableView};
use crate::numbers::{estimate, number};

/// How a result table is shown.
#[derive(Debug, Clone)]
pub struct TableSettings<'a> {
    /// Anchor of the shown table.
    pub id: &'a str,
    pub caption: &'a str,
    pub folded: Folded,
    /// Names of the columns to show, in this order; unknown names are passed over. Empty: all.
    pub columns: &'a [&'a str],
}

/// Renders `table` in `lang`.
///
/// `anchor_of` gives the anchor of the explanation of the row with this key. A quantity that is not
/// estimated shows those words, with the reason as a footnote (equal reasons share one).
pub fn table_view(
    table: &ResultTable,
    settings: &TableSettings<'_>,
    lang: Lang,
    names: &Names,
    anchor_of: impl Fn(&str) -> String,
) -> TableView {
    let shown: Vec<usize> = if settings.columns.is_empty() {
        (0..table.columns.len()).collect()
    } else {
        settings
            .columns
            .iter()
            .filter_map(|name| table.column(name))
            .collect()
    };
    let catalogue = Catalogue::builtin();
    let columns = shown
        .iter()
        .map(|&i| {
            let column = &table.columns[i];
            let cells = || table.rows.iter().filter_map(|row| row.cells.get(i));
            let numeric =
                cells().any(is_number) && cells().all(|c| is_number(c) || *c == Cell::Empty);
            ColumnView {
                heading: words_of(catalogue, "column", &column.name, lang),
                unit: words_of(catalogue, "unit", &column.unit, lang),
                align: if numeric { Align::End } else { Align::Start },
            }
        })
        .collect();
    let mut notes = Vec::new();
    let rows = table
        .rows
        .iter()
        .map(|row| {
            let anchor = anchor_of(&row.key);
            let cells = shown
                .iter()
                .map(|&i| {
                    let unit = table.columns[i].unit.as_str();
                    let cell = row.cells.get(i).unwrap_or(&Cell::Empty);
                    cell_view(cell, unit, &anchor, lang, names, &mut notes)
                })
                .collect();
            RowView {
                target: Some(anchor),
                cells,
            }
        })
        .collect();
    TableView {
        id: settings.id.to_owned(),
        caption: settings.caption.to_owned(),
        columns,
        rows,
        folded: settings.folded,
        notes,
        essential: Vec::new(),
    }
}

fn is_number(cell: &Cell) -> bool {
    matches!(cell, Cell::Count(_) | Cell::Quantity(_))
}

fn words_of(catalogue: &Catalogue, prefix: &str, name: &str, lang: Lang) -> String {
    if name.is_empty() {
        return String::new();
    }
    catalogue
        .text(&format!("{prefix}.{name}"), lang)
        .map_or_else(|| name.replace('_', " "), str::to_owned)
}

fn cell_view(
    cell: &Cell,
    unit: &str,
    anchor: &str,
    lang: Lang,
    names: &Names,
    notes: &mut Vec<String>,
) -> CellView {
    let linked = |text: String, range: Option<String>, basis: Option<Basis>| CellView {
        text,
        range,
        basis,
        target: Some(anchor.to_owned()),
        note: None,
        amount: None,
    };
    match cell {
        Cell::Empty => CellView::default(),
        Cell::Text(text) => text.as_str().into(),
        Cell::Count(count) => CellView {
            amount: Some(Amount {
                value: *count as f64,
                range: None,
            }),
            ..linked(number(*count as f64, unit, lang), None, None)
        },
        Cell::Entity(entity) => names.show(entity, lang).into(),
        Cell::Entities(entities) => {
            let shown: Vec<String> = entities.iter().map(|e| names.show(e, lang)).collect();
            shown
                .join(if lang == Lang::Zh { "、" } else { ", " })
                .into()
        }
        Cell::Message(message) => message.render(lang, names).into(),
        Cell::Quantity(Quantity::Estimated(e)) => {
            let (text, range) = estimate(e, unit, lang);
            CellView {
                amount: Some(Amount {
                    value: e.value,
                    range: Some((e.low, e.high)),
                }),
                ..linked(text, range, Some(e.basis))
            }
        }
        Cell::Quantity(Quantity::NotEstimated(reason)) => {
            let reason = reason.render(lang, names);
            let at = notes.iter().position(|n| *n == reason).unwrap_or_else(|| {
                notes.push(reason);
                notes.len() - 1
            });
            let text = Catalogue::builtin()
                .text("not_estimated", lang)
                .unwrap_or("not_estimated");
            CellView {
                note: Some(at),
                ..linked(text.to_owned(), None, None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{Entity, Estimate, Kind, Message};

    use super::*;

    fn view(lang: Lang) -> TableView {
        let mut table = ResultTable::new(
            "trend.consensus",
            "consensus",
            "n / N",
            &[("no_such_heading", ""), ("value", "share"), ("n", "")],
        );
        let reason = Message::new("publish.withheld");
        let e = Estimate {
            value: 0.42,
            low: 0.31,
            high: 0.55,
            basis: Basis::Judged,
        };
        table.push(
            "a",
            vec![
                Entity::new(Kind::Field, "a").into(),
                e.into(),
                3_usize.into(),
            ],
            vec![],
        );
        for key in ["b", "c"] {
            let missing = Quantity::not_estimated(reason.clone());
            table.push(key, vec![key.into(), missing.into(), Cell::Empty], vec![]);
        }
        let mut names = Names::default();
        names.insert(Entity::new(Kind::Field, "a"), "Quantum", "量子");
        let settings = TableSettings {
            id: "t",
            caption: "c",
            folded: Folded::Open,
            columns: &[],
        };
        table_view(&table, &settings, lang, &names, |key| format!("x/{key}"))
    }

    #[test]
    fn estimates_show_value_range_and_basis() {
        let cell = &view(Lang::En).rows[0].cells[1];
        assert_eq!(
            (cell.text.as_str(), cell.range.as_deref()),
            ("0.42", Some("0.31–0.55"))
        );
        assert_eq!(cell.basis, Some(Basis::Judged));
        assert_eq!(cell.target.as_deref(), Some("x/a"));
    }

    #[test]
    fn missing_is_words_with_one_shared_footnote_and_never_zero() {
        let table = view(Lang::Zh);
        assert_eq!(table.notes.len(), 1);
        for row in &table.rows[1..] {
            assert_eq!(
                (row.cells[1].text.as_str(), row.cells[1].note),
                ("未估计", Some(0))
            );
            assert_eq!(row.cells[2], CellView::default());
        }
    }

    #[test]
    fn numbers_align_right_and_names_follow_the_language() {
        let aligns: Vec<Align> = view(Lang::En).columns.iter().map(|c| c.align).collect();
        assert_eq!(aligns, [Align::Start, Align::End, Align::End]);
        assert_eq!(view(Lang::Zh).rows[0].cells[0].text, "量子");
        assert_eq!(view(Lang::En).columns[0].heading, "no such heading");
    }
}
