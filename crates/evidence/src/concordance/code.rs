//! Codes are text: leading zeros count, and what a spreadsheet made of them is put right or refused.

/// A code that is no longer one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    #[error(
        "{found} is a number, not a code: leading zeros are lost; store the column as text and read it again"
    )]
    Number { found: String },
    #[error("{code} has fewer than {digits} characters")]
    Short { code: String, digits: usize },
}

/// The code as one word: without white space, a leading apostrophe, or the dots that only make it readable
/// (`0101.21` is `010121`).
///
/// # Errors
/// [`CodeError::Number`] for what a spreadsheet saved as a number (`10121.0`, `1.0121E+04`): a dot after five or more
/// digits never stands in a code.
pub fn normal(text: &str) -> Result<String, CodeError> {
    let trimmed = text.trim_matches(crate::read::is_space);
    let bare = trimmed.strip_prefix('\'').unwrap_or(trimmed);
    let number = || CodeError::Number {
        found: trimmed.to_owned(),
    };
    if let Some((whole, fraction)) = bare.split_once('.') {
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.len() >= 5 && digits(whole) && fraction.bytes().all(|b| b == b'0') {
            return Err(number());
        }
        if let Some((mantissa, exponent)) = fraction.split_once(['e', 'E']) {
            let exponent = exponent.trim_start_matches(['+', '-']);
            if digits(whole) && digits(mantissa) && !exponent.is_empty() && digits(exponent) {
                return Err(number());
            }
        }
    }
    Ok(bare
        .chars()
        .filter(|c| *c != '.' && !c.is_whitespace())
        .collect())
}

/// The code with the zeros that a spreadsheet cut off its front; only digits shorter than `digits` change.
///
/// Ask for this only where every code of the column has `digits` digits: else `0101` (a heading) becomes `000101`.
#[must_use]
pub fn with_zeros(code: &str, digits: usize) -> String {
    if !code.is_empty() && code.len() < digits && code.bytes().all(|b| b.is_ascii_digit()) {
        format!("{code:0>digits$}")
    } else {
        code.to_owned()
    }
}

/// The first `digits` characters: the heading that a code belongs to.
///
/// # Errors
/// [`CodeError::Short`].
pub fn cut(code: &str, digits: usize) -> Result<&str, CodeError> {
    match code.char_indices().nth(digits) {
        Some((end, _)) => Ok(&code[..end]),
        None if code.chars().count() == digits => Ok(code),
        None => Err(CodeError::Short {
            code: code.to_owned(),
            digits,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_keep_their_zeros_and_lose_their_dress() {
        for (text, code) in [
            ("010121", "010121"),
            (" 0101.21 ", "010121"),
            ("0101.21.00", "01012100"),
            ("'0011", "0011"),
            ("001.11", "00111"),
            ("\u{feff}A", "A"),
            ("84 71", "8471"),
        ] {
            assert_eq!(normal(text).as_deref(), Ok(code), "{text}");
        }
    }

    #[test]
    fn a_number_is_no_code() {
        for text in ["10121.0", "10121.00", "1.0121E+04", "1.0e5"] {
            assert!(normal(text).is_err(), "{text}");
        }
    }

    #[test]
    fn zeros_come_back_only_where_asked() {
        assert_eq!(with_zeros("10121", 6), "010121");
        assert_eq!(with_zeros("010121", 6), "010121");
        assert_eq!(with_zeros("A", 4), "A");
        assert_eq!(with_zeros("", 4), "");
    }

    #[test]
    fn headings() {
        assert_eq!(cut("010121", 4), Ok("0101"));
        assert_eq!(cut("0101", 4), Ok("0101"));
        assert!(cut("01", 4).is_err());
        assert_eq!(cut("农业01", 2), Ok("农业"));
    }
}
