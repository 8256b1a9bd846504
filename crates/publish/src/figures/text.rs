//! How wide text is and where it breaks, without a font file.
//!
//! Widths are those of the Helvetica family in em, with a margin for other sans-serif fonts; Chinese,
//! Japanese and Korean characters are one em.

/// Other fonts run up to this much wider.
const MARGIN: f64 = 1.07;

pub(crate) fn is_wide(c: char) -> bool {
    matches!(c as u32,
        0x1100..=0x115f | 0x2e80..=0x303e | 0x3041..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1_f300..=0x1_faff | 0x2_0000..=0x3_fffd)
}

fn em(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '\'' | '|' => 0.23,
        'I' | 't' | 'f' | ' ' | '\u{a0}' | '.' | ',' | ':' | ';' | '!' | '/' | '\\' | '[' | ']' => {
            0.28
        }
        '\u{202f}' => 0.2,
        'r' | '(' | ')' | '-' | '`' | '·' => 0.34,
        'c' | 'k' | 's' | 'v' | 'x' | 'y' | 'z' | 'J' => 0.5,
        'F' | 'T' | 'Z' | 'L' => 0.61,
        'A' | 'B' | 'E' | 'K' | 'P' | 'S' | 'V' | 'X' | 'Y' | '&' => 0.67,
        'C' | 'D' | 'H' | 'N' | 'R' | 'U' | 'w' => 0.73,
        'G' | 'O' | 'Q' => 0.78,
        'm' | 'M' => 0.84,
        '%' | 'W' => 0.95,
        '—' | '…' | '→' | '▼' | '◆' => 1.0,
        c if is_wide(c) => 1.0,
        _ => 0.58,
    }
}

/// Estimated width of one line of `text` at `size`.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    text.chars()
        .map(|c| if is_wide(c) { 1.0 } else { em(c) * MARGIN })
        .sum::<f64>()
        * size
}

/// Marks that must not begin a line.
fn closes(c: char) -> bool {
    matches!(
        c,
        '，' | '。'
            | '、'
            | '；'
            | '：'
            | '）'
            | '》'
            | '”'
            | '！'
            | '？'
            | ')'
            | ','
            | '.'
            | ';'
            | ':'
            | '%'
            | ']'
    )
}

/// Pieces that stay together: words with their following space, single wide characters.
fn pieces(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut open = false; // whether the last piece may still grow
    for c in text.chars() {
        let c = if c.is_whitespace() && c != '\u{a0}' && c != '\u{202f}' {
            ' '
        } else {
            c
        };
        match out.last_mut() {
            Some(last) if closes(c) || (open && !is_wide(c)) => last.push(c),
            _ => out.push(c.to_string()),
        }
        open = !is_wide(c) && !matches!(c, ' ' | '-' | '/' | '–');
    }
    out
}

/// Breaks `text` into lines no wider than `limit`; a word wider than a line is cut.
pub(crate) fn wrap(text: &str, limit: f64, size: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for piece in pieces(text) {
        if !line.is_empty() && width(format!("{line}{piece}").trim_end(), size) > limit {
            lines.push(line.trim_end().to_owned());
            line = String::new();
        }
        if width(piece.trim_end(), size) <= limit {
            line.push_str(&piece);
        } else {
            for c in piece.chars() {
                if !line.is_empty() && width(&format!("{line}{c}"), size) > limit {
                    lines.push(line.trim_end().to_owned());
                    line = String::new();
                }
                line.push(c);
            }
        }
    }
    if !line.trim_end().is_empty() || lines.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// As [`wrap`], with lines of about the same length.
pub(crate) fn balanced(text: &str, limit: f64, size: f64) -> Vec<String> {
    let lines = wrap(text, limit, size);
    let (mut narrow, mut wide) = (0.0, limit);
    for _ in 0..8 {
        let middle = f64::midpoint(narrow, wide);
        // A narrower limit must neither add a line nor cut a word.
        let longest = pieces(text)
            .iter()
            .map(|p| width(p.trim_end(), size))
            .fold(0.0, f64::max);
        if middle >= longest.min(limit) && wrap(text, middle, size).len() == lines.len() {
            wide = middle;
        } else {
            narrow = middle;
        }
    }
    wrap(text, wide, size)
}

/// Width of the widest line.
pub(crate) fn widest<S: AsRef<str>>(lines: &[S], size: f64) -> f64 {
    lines
        .iter()
        .map(|line| width(line.as_ref(), size))
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn chinese_breaks_anywhere_but_not_before_a_closing_mark() {
        assert_eq!(wrap("人工智能，芯片", 40.0, 10.0), ["人工智", "能，芯片"]);
    }

    #[test]
    fn words_stay_whole_where_they_fit() {
        assert_eq!(
            wrap("photoresist for logic", 80.0, 10.0),
            ["photoresist for", "logic"]
        );
        assert!(wrap("electrocardiographically", 50.0, 10.0).len() > 1);
    }

    #[test]
    fn balanced_lines_leave_no_orphan() {
        // Eight characters, six fit: six and two become four and four.
        assert_eq!(
            balanced("深紫外浸没式光刻", 60.0, 10.0),
            ["深紫外浸", "没式光刻"]
        );
    }

    proptest! {
        #[test]
        fn wrapping_loses_no_letter_and_no_line_is_too_wide(text in "[a-z 量子芯片-]{0,60}", limit in 24.0..200.0_f64) {
            let lines = wrap(&text, limit, 12.0);
            let letters = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
            for line in lines {
                prop_assert!(width(&line, 12.0) <= limit + 1e-9, "{}", line);
            }
        }
    }
}
