//! Tables, with what is folded away and the notes beneath.

use std::collections::BTreeSet;

use model::Basis;

use super::blocks::number;
use super::escape;
use super::writer::Writer;
use crate::code;
use crate::document::{Align, CellView, Folded, RowView, TableView};
use crate::words::{phrase, word};

/// Up to this many notes stand in the open under a folded table.
const FEW_NOTES: usize = 6;

pub(crate) fn table(w: &mut Writer<'_>, view: &TableView) {
    let id = w.id(&view.id);
    let count = view.rows.len().to_string();
    match view.folded {
        Folded::Whole => {
            let line = phrase(
                "whole_table",
                w.lang,
                &[("caption", &view.caption), ("count", &count)],
            );
            w.raw(&format!(
                "<details{id} class=\"tableblock\"><summary>{}</summary>\n",
                escape::text(&line)
            ));
            grid(w, view, &view.rows, &view.caption);
            notes(w, view);
            w.raw("</details>\n");
        }
        Folded::After(first) if first + 1 < view.rows.len() => {
            let (seen, rest) = view.rows.split_at(first);
            w.raw(&format!("<div{id} class=\"tableblock\">\n"));
            caption(w, view);
            if !seen.is_empty() {
                grid(w, view, seen, &view.caption);
            }
            let line = phrase("more_rows", w.lang, &[("count", &rest.len().to_string())]);
            w.raw(&format!(
                "<details><summary>{}</summary>\n",
                escape::text(&line)
            ));
            grid(w, view, rest, &line);
            // Many notes belong to the folded rows; a few are read beside the first ones.
            let many = view.notes.len() > FEW_NOTES;
            if many {
                notes(w, view);
            }
            w.raw("</details>\n");
            if !many {
                notes(w, view);
            }
            w.raw("</div>\n");
        }
        Folded::Open | Folded::After(_) => {
            w.raw(&format!("<div{id} class=\"tableblock\">\n"));
            caption(w, view);
            grid(w, view, &view.rows, &view.caption);
            notes(w, view);
            w.raw("</div>\n");
        }
    }
}

fn caption(w: &mut Writer<'_>, view: &TableView) {
    if !view.caption.is_empty() {
        w.raw(&format!(
            "<p class=\"caption\">{}</p>\n",
            escape::text(&view.caption)
        ));
    }
}

/// One `<table>` in a box of its own, which scrolls where the screen is narrow.
fn grid(w: &mut Writer<'_>, view: &TableView, rows: &[RowView], name: &str) {
    let label = phrase("wide", w.lang, &[("caption", name)]);
    let label = escape::attribute(&label);
    let widths = widths(view);
    // Narrower than this the box scrolls instead of squeezing the words.
    let least = widths.iter().sum::<f64>().min(54.0);
    w.raw(&format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{label}\">\
         <table aria-label=\"{}\" style=\"min-width:max(100%,{least:.1}em)\">\n",
        escape::attribute(name)
    ));
    w.raw("<colgroup>");
    for width in widths {
        w.raw(&format!("<col style=\"width:{width:.1}em\" />"));
    }
    w.raw("</colgroup>\n<thead><tr>");
    for column in &view.columns {
        let class = if column.align == Align::End {
            " class=\"end\""
        } else {
            ""
        };
        w.raw(&format!(
            "<th scope=\"col\"{class}>{}",
            escape::text(&column.heading)
        ));
        if !column.unit.is_empty() {
            w.raw(&format!(
                "<span class=\"unit\">{}</span>",
                escape::text(&column.unit)
            ));
        }
        w.raw("</th>");
    }
    w.raw("</tr></thead>\n<tbody>\n");
    for row in rows {
        w.raw("<tr>");
        for (i, cell) in row.cells.iter().take(view.columns.len()).enumerate() {
            let class = if view.columns[i].align == Align::End {
                " class=\"end\""
            } else {
                ""
            };
            let (open, close) = if i == 0 {
                ("th scope=\"row\"", "th")
            } else {
                ("td", "td")
            };
            w.raw(&format!("<{open}{class}>"));
            let target =
                cell.target
                    .as_deref()
                    .or(if i == 0 { row.target.as_deref() } else { None });
            draw_cell(w, view, cell, target);
            w.raw(&format!("</{close}>"));
        }
        for _ in row.cells.len()..view.columns.len() {
            w.raw("<td></td>");
        }
        w.raw("</tr>\n");
    }
    w.raw("</tbody></table></div>\n");
}

/// Widths in em from the longest text of each column, the same for both parts of a folded table.
fn widths(view: &TableView) -> Vec<f64> {
    use crate::figures::text_width;
    view.columns
        .iter()
        .enumerate()
        .map(|(i, column)| {
            let cells = view.rows.iter().filter_map(|r| r.cells.get(i));
            let longest = cells
                .map(|c| {
                    text_width(&c.text)
                        + c.range.as_ref().map_or(0.0, |r| 0.3 + text_width(r) * 0.82)
                })
                .fold(0.0, f64::max);
            let heading = column
                .heading
                .split(' ')
                .map(text_width)
                .fold(text_width(&column.unit).min(10.0), f64::max);
            longest.max(heading).clamp(2.0, 26.0) + 1.2
        })
        .collect()
}

fn letter(index: usize) -> String {
    let one = char::from(b'a' + (index % 26) as u8);
    if index < 26 {
        one.to_string()
    } else {
        format!("{one}{}", index / 26)
    }
}

fn mark(basis: Option<Basis>) -> &'static str {
    match basis {
        Some(Basis::Assumed) => "†",
        Some(Basis::Judged) => "‡",
        _ => "",
    }
}

fn basis_id(basis: Basis) -> &'static str {
    match basis {
        Basis::Measured => "basis.measured",
        Basis::Published => "basis.published",
        Basis::Derived => "basis.derived",
        Basis::Assumed => "basis.assumed",
        Basis::Judged => "basis.judged",
    }
}

fn draw_cell(w: &mut Writer<'_>, view: &TableView, cell: &CellView, target: Option<&str>) {
    if cell.text.is_empty() {
        return;
    }
    let note = cell
        .note
        .and_then(|i| view.notes.get(i).map(|text| (i, text)));
    let tip = match (note, cell.basis) {
        (Some((_, reason)), _) => code::plain(reason),
        (None, Some(basis)) => word(basis_id(basis), w.lang),
        (None, None) => String::new(),
    };
    if target.is_none() && tip.is_empty() && cell.range.is_none() {
        w.text(&cell.text);
    } else {
        number(w, &cell.text, cell.range.as_deref(), target, &tip);
    }
    let sign = mark(cell.basis);
    let sign = if let Some((i, _)) = note {
        format!("{sign}{}", letter(i))
    } else {
        sign.to_owned()
    };
    if !sign.is_empty() {
        w.raw(&format!("<sup>{sign}</sup>"));
    }
}

fn notes(w: &mut Writer<'_>, view: &TableView) {
    let used: BTreeSet<&str> = view
        .rows
        .iter()
        .flat_map(|r| &r.cells)
        .map(|c| mark(c.basis))
        .collect();
    let mut lines = Vec::new();
    for (sign, id) in [("†", "basis_key.assumed"), ("‡", "basis_key.judged")] {
        if used.contains(sign) {
            lines.push((sign.to_owned(), word(id, w.lang)));
        }
    }
    lines.extend(
        view.notes
            .iter()
            .enumerate()
            .map(|(i, text)| (letter(i), text.clone())),
    );
    if lines.is_empty() {
        return;
    }
    w.raw("<ul class=\"tablenotes\">\n");
    for (sign, text) in lines {
        w.raw(&format!(
            "<li><sup>{sign}</sup> {}</li>\n",
            escape::prose(&text)
        ));
    }
    w.raw("</ul>\n");
}
