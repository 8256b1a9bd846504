//! Numbers at the speed of their digits, exact to the last bit.
//!
//! A decimal of at most 2⁵³ times a power of ten of at most 10²² is one correctly rounded multiplication or
//! division (Clinger 1990, fast path); anything longer goes to the standard library. A power of ten of the unit
//! (thousand dollars, kilograms for tonnes) moves the decimal point, so it costs no second rounding.

/// The number in `text` times 10^`shift`; `None` where the text is no plain, finite number.
///
/// Plain: `[+-]digits[.digits][e[+-]digits]`, with at least one digit before or after the point.
pub(super) fn parse(text: &[u8], shift: i32) -> Option<f64> {
    let (negative, unsigned) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let mut mantissa = 0_u64;
    let mut digits = 0_usize;
    let mut at = 0;
    while let Some(digit) = digit(unsigned, at) {
        mantissa = mantissa.wrapping_mul(10).wrapping_add(digit);
        at += 1;
    }
    digits += at;
    let mut exponent = shift;
    if unsigned.get(at) == Some(&b'.') {
        at += 1;
        let point = at;
        while let Some(digit) = digit(unsigned, at) {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(digit);
            at += 1;
        }
        digits += at - point;
        exponent -= i32::try_from(at - point).ok()?;
    }
    if digits == 0 {
        return None;
    }
    if at < unsigned.len() {
        if !matches!(unsigned[at], b'e' | b'E') {
            return None;
        }
        exponent = exponent.checked_add(power(&unsigned[at + 1..])?)?;
    }
    // Nineteen digits fit into 64 bits.
    let value = if digits <= 19 {
        exact(mantissa, exponent)
    } else {
        None
    };
    let value = match value {
        Some(value) => value,
        None => slow(unsigned, shift)?,
    };
    Some(if negative { -value } else { value })
}

fn digit(text: &[u8], at: usize) -> Option<u64> {
    let byte = text.get(at)?.wrapping_sub(b'0');
    (byte < 10).then_some(u64::from(byte))
}

fn power(text: &[u8]) -> Option<i32> {
    let text = std::str::from_utf8(text).ok()?;
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // Beyond a million any number is zero or infinite.
    let size = digits.parse::<i32>().unwrap_or(1_000_000).min(1_000_000);
    Some(if text.starts_with('-') { -size } else { size })
}

fn exact(mantissa: u64, exponent: i32) -> Option<f64> {
    const TENS: [f64; 23] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];
    if mantissa > 1 << 53 {
        return None;
    }
    let ten = TENS.get(exponent.unsigned_abs() as usize)?;
    Some(if exponent < 0 {
        mantissa as f64 / ten
    } else {
        mantissa as f64 * ten
    })
}

/// The standard library's correctly rounded reading, with the shift put into the exponent.
fn slow(unsigned: &[u8], shift: i32) -> Option<f64> {
    let text = std::str::from_utf8(unsigned).ok()?;
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent = power(exponent.as_bytes())?.saturating_add(shift);
    let value: f64 = format!("{mantissa}e{exponent}").parse().ok()?;
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_numbers_only() {
        for (text, value) in [
            ("0", 0.0),
            (".094", 0.094),
            ("5.", 5.0),
            ("+2.5E-1", 0.25),
            ("123456789012345678901234567890", 1.234_567_890_123_456_8e29),
            ("0.1", 0.1),
            ("9007199254740993", 9_007_199_254_740_992.0),
            ("1e-400", 0.0),
        ] {
            assert_eq!(parse(text.as_bytes(), 0), Some(value), "{text}");
        }
        for text in [
            "", ".", "-", "+-1", "1e", "1e+", "1,5", "nan", "inf", "1e999", "1_0", "0x1", " 1",
            "1 ", "１",
        ] {
            assert_eq!(parse(text.as_bytes(), 0), None, "{text}");
        }
    }

    #[test]
    fn the_unit_moves_the_point_without_a_second_rounding() {
        assert_eq!(parse(b"123.456", 3), Some(123_456.0));
        assert_eq!(parse(b"0.001", 3), Some(1.0));
        assert_eq!(parse(b"1234", -3), Some(1.234));
        // Multiplying after the fact rounds twice: 4.35 * 100 gives 434.99999999999994.
        assert_eq!(parse(b"4.35", 2), Some(435.0));
    }

    proptest! {
        #[test]
        fn as_the_standard_library(text in "[+-]?[0-9]{0,24}(\\.[0-9]{0,24})?([eE][+-]?[0-9]{1,3})?") {
            let ours = parse(text.as_bytes(), 0);
            let theirs = text.parse::<f64>().ok().filter(|x| x.is_finite());
            prop_assert_eq!(ours, theirs, "{}", text);
        }

        #[test]
        fn shifted_as_the_standard_library(x in any::<u64>(), places in 0_usize..12, shift in -9_i32..10) {
            let digits = format!("{x:013}");
            let (whole, fraction) = digits.split_at(digits.len() - places);
            let text = format!("{whole}.{fraction}");
            let theirs: f64 = format!("{text}e{shift}").parse().expect("a number");
            prop_assert_eq!(parse(text.as_bytes(), shift), Some(theirs));
        }
    }
}
