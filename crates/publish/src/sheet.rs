//! Text in the cells of a workbook.

use rust_xlsxwriter::{Format, Worksheet, XlsxError};

/// Excel takes no longer text.
const LONGEST: usize = 32_767;

/// Writes `text` as a string whatever it begins with.
pub(crate) fn write_text(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    let text: String = text
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\t' | '\n'))
        .take(LONGEST)
        .collect();
    if text.is_empty() {
        return Ok(());
    }
    if text.starts_with(['=', '+', '-', '@', '\t', '\n', '\r']) {
        let safe = format.clone().set_quote_prefix();
        sheet.write_string_with_format(row, column, text, &safe)?;
    } else {
        sheet.write_string_with_format(row, column, text, format)?;
    }
    Ok(())
}
