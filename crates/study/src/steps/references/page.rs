//! The reference cases as blocks of a Markdown page, for the documentation.

use std::fmt::Write;

use chain::references::Verdict;
use evidence::Evidence;
use model::{Catalogue, Cell, Estimate, Lang, Quantity, ResultTable, Row, RowRef};

use super::tally;
use crate::engine::output::{cell, entity, estimate};

/// The three blocks of the page: how many of each verdict, the tests, and what is no test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub summary: String,
    pub tests: String,
    pub others: String,
}

/// Renders the result table in English.
pub fn page(table: &ResultTable, evidence: &Evidence) -> Page {
    let mut tests = String::from(
        "| case | what was observed | ours (low, value, high) | observed | ours / observed | verdict | why |\n|---|---|---|---|---|---|---|\n",
    );
    let mut others = String::from(
        "| case | what was observed | observed | verdict | why |\n|---|---|---|---|---|\n",
    );
    for row in &table.rows {
        let verdict = entity(table, row, "verdict").unwrap_or_default();
        let tested = evidence
            .record(&RowRef::new("reference_cases", row.key.clone()))
            .is_some_and(|case| case.text("role") == Some("test"));
        let unit = entity(table, row, "measured_in").unwrap_or_default();
        let observed =
            estimate(table, row, "observed").map_or(String::new(), |e| observed(&e, unit));
        let head = format!(
            "| {} `{}` | {}",
            name(table, row, evidence),
            row.key,
            word(entity(table, row, "quantity").unwrap_or_default())
        );
        let why = why(table, row, evidence);
        let verdict = word(verdict);
        if tested {
            let centre = estimate(table, row, "centre").map_or(String::new(), |e| short(e.value));
            let ours = ours(cell(table, row, "ours"), unit, evidence);
            let _ = writeln!(
                tests,
                "{head} | {ours} | {observed} | {centre} | **{verdict}** | {why} |"
            );
        } else {
            let _ = writeln!(others, "{head} | {observed} | {verdict} | {why} |");
        }
    }
    Page {
        summary: summary(table),
        tests,
        others,
    }
}

fn summary(table: &ResultTable) -> String {
    let mut text = String::from("| verdict | cases |\n|---|---|\n");
    for (verdict, count) in tally(table) {
        let _ = writeln!(text, "| {} | {count} |", word(verdict.code()));
    }
    let of = |wanted: Verdict| {
        tally(table)
            .iter()
            .find(|(v, _)| *v == wanted)
            .map_or(0, |(_, n)| *n)
    };
    let tests = of(Verdict::InformativeHit) + of(Verdict::EmptyHit) + of(Verdict::Missed);
    let _ = write!(
        text,
        "\nOf {} observations {tests} can be held against an interval of ours: {} hit it with an interval that says something, {} lie \
         in an interval that would have held nearly anything, {} miss it.\n",
        table.rows.len(),
        of(Verdict::InformativeHit),
        of(Verdict::EmptyHit),
        of(Verdict::Missed),
    );
    text
}

fn word(code: &str) -> &'static str {
    Catalogue::builtin()
        .text(&format!("code.{code}"), Lang::En)
        .unwrap_or("?")
}

fn name(table: &ResultTable, row: &Row, evidence: &Evidence) -> String {
    let id = entity(table, row, "case").unwrap_or_default();
    let shock = evidence.record(&RowRef::new("shocks", id));
    let name = shock.and_then(|shock| shock.text("what")).unwrap_or(id);
    name.replace('|', "/")
}

/// The reason of this case, or in general where it has none of its own.
fn why(table: &ResultTable, row: &Row, evidence: &Evidence) -> String {
    let case = evidence.record(&RowRef::new("reference_cases", row.key.clone()));
    let particular = case.and_then(|case| case.text("why"));
    let general = || word(entity(table, row, "reason").unwrap_or_default());
    particular.unwrap_or_else(general).replace('|', "/")
}

fn ours(cell: Option<&Cell>, unit: &str, evidence: &Evidence) -> String {
    match cell {
        Some(Cell::Quantity(Quantity::Estimated(e))) => {
            let [low, value, high] = [e.low, e.value, e.high].map(|x| number(x, unit));
            format!("{low}, {value}, {high}{}", suffix(unit))
        }
        Some(Cell::Quantity(Quantity::NotEstimated(why))) => {
            format!("no number: {}", why.render(Lang::En, &evidence.names()))
        }
        _ => String::new(),
    }
}

fn observed(e: &Estimate, unit: &str) -> String {
    let one = e.width() <= 0.0;
    let ends = if one {
        number(e.value, unit)
    } else {
        format!(
            "{} ({} to {})",
            number(e.value, unit),
            number(e.low, unit),
            number(e.high, unit)
        )
    };
    format!("{ends}{}", suffix(unit))
}

fn suffix(unit: &str) -> String {
    match unit {
        "references.unit.share" => " %".to_owned(),
        // The question names these units.
        "" | "references.unit.months" | "references.unit.weeks" | "references.unit.tonnes" => {
            String::new()
        }
        _ => format!(" {}", word(unit)),
    }
}

fn number(x: f64, unit: &str) -> String {
    match unit {
        "references.unit.share" => short(x * 100.0),
        "references.unit.vehicles" | "references.unit.tonnes" => {
            let digits = format!("{:.0}", (x / 100.0).round() * 100.0);
            grouped(&digits)
        }
        _ => short(x),
    }
}

fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Two digits below ten, one below a hundred.
fn short(x: f64) -> String {
    let places = match x.abs() {
        y if y < 10.0 => 2,
        y if y < 100.0 => 1,
        _ => 0,
    };
    let text = format!("{x:.places$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(short(0.0), "0");
        assert_eq!(short(2.71499), "2.71");
        assert_eq!(short(19.0), "19");
        assert_eq!(short(45.25), "45.2");
        assert_eq!(number(7_700_000.0, "references.unit.vehicles"), "7,700,000");
        assert_eq!(number(0.186, "references.unit.share"), "18.6");
    }
}
