//! The workbook behind a chart: what "edit data" opens.
//!
//! Column A holds the categories, then a column for each series; to their right low and high of each series and, as
//! formulas, how far the range reaches below and above the value, which the error bars of the chart point at.

use model::Lang;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, Formula, Workbook, XlsxError, utility::row_col_to_cell,
};

use crate::charts::Chart;
use crate::sheet::write_text;
use crate::words::phrase;

pub(super) const SHEET: &str = "Data";

/// Columns of a series: its value, and where it has ranges, how far they reach below and above.
pub(super) struct Columns {
    pub value: u16,
    pub reach: Option<(u16, u16)>,
}

pub(super) fn columns(chart: &Chart) -> Vec<Columns> {
    let mut next = chart.series.len() as u16 + 1;
    (chart.series.iter().zip(1_u16..))
        .map(|(series, value)| {
            let ranged = series.points.iter().flatten().any(|p| p.range.is_some());
            let reach = ranged.then(|| {
                next += 4;
                (next - 2, next - 1)
            });
            Columns { value, reach }
        })
        .collect()
}

pub(super) fn workbook(chart: &Chart, lang: Lang) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let sheet = book.add_worksheet();
    sheet.set_name(SHEET)?;
    let plain = Format::new();
    sheet.set_column_width(0, 30)?;
    for (row, category) in chart.categories.iter().enumerate() {
        write_text(sheet, row as u32 + 1, 0, category, &plain)?;
    }
    for (series, at) in chart.series.iter().zip(columns(chart)) {
        write_text(sheet, 0, at.value, &series.name, &plain)?;
        for (row, point) in series.points.iter().enumerate() {
            let (row, Some(point)) = (row as u32 + 1, point) else {
                continue;
            };
            if !point.value.is_finite() {
                continue;
            }
            sheet.write_number(row, at.value, point.value)?;
            let (Some((below, above)), Some((low, high))) = (at.reach, point.range) else {
                continue;
            };
            let (low_at, high_at) = (below - 2, below - 1);
            sheet.write_number(row, low_at, low)?;
            sheet.write_number(row, high_at, high)?;
            let cell = |column| row_col_to_cell(row, column);
            let reach =
                |formula: String, result: f64| Formula::new(formula).set_result(result.to_string());
            let (value, low_cell, high_cell) = (cell(at.value), cell(low_at), cell(high_at));
            sheet.write_formula(
                row,
                below,
                reach(format!("={value}-{low_cell}"), point.value - low),
            )?;
            sheet.write_formula(
                row,
                above,
                reach(format!("={high_cell}-{value}"), high - point.value),
            )?;
        }
        if let Some((below, _)) = at.reach {
            for (column, id) in (below - 2..).zip(["low_of", "high_of", "below_of", "above_of"]) {
                let head = phrase(id, lang, &[("name", &series.name)]);
                write_text(sheet, 0, column, &head, &plain)?;
            }
        }
    }
    book.save_to_buffer()
}
