//! Text from anywhere, made safe for markup.
//!
//! Characters that XML cannot carry (control characters except tab and line feed, lone non-characters) are
//! dropped, so the output is well-formed both as HTML and as XML.

use std::fmt::Write as _;

use crate::code;

fn allowed(c: char) -> bool {
    (!c.is_control() || matches!(c, '\t' | '\n')) && !matches!(c as u32, 0xfffe | 0xffff)
}

fn escape(text: &str, quotes: &[(char, &str)]) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars().filter(|c| allowed(*c)) {
        match quotes.iter().find(|(q, _)| *q == c) {
            Some((_, entity)) => out.push_str(entity),
            None => out.push(c),
        }
    }
    out
}

/// For element content.
pub(crate) fn text(text: &str) -> String {
    escape(text, &[('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;")])
}

/// For element content that may hold code.
pub(crate) fn prose(said: &str) -> String {
    (code::pieces(said).into_iter())
        .map(|(code, piece)| {
            if code {
                format!("<code>{}</code>", text(piece))
            } else {
                text(piece)
            }
        })
        .collect()
}

/// For a value between double quotes.
pub(crate) fn attribute(text: &str) -> String {
    escape(
        text,
        &[
            ('&', "&amp;"),
            ('<', "&lt;"),
            ('>', "&gt;"),
            ('"', "&quot;"),
            ('\'', "&#39;"),
            ('\n', "&#10;"),
            ('\t', "&#9;"),
        ],
    )
}

/// An identifier for an anchor: letters, digits and `-_./:` stay, all other bytes become `~hh`. Different
/// anchors give different identifiers.
pub(crate) fn identifier(anchor: &str) -> String {
    let mut out = String::with_capacity(anchor.len());
    for byte in anchor.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "~{byte:02x}");
        }
    }
    if out.is_empty() { "~".to_owned() } else { out }
}

/// The address as an attribute value if it is plain `http` or `https`.
pub(crate) fn web_address(url: &str) -> Option<String> {
    let url = url.trim();
    let scheme = url.split_once("://").map(|(s, _)| s.to_ascii_lowercase());
    let safe = matches!(scheme.as_deref(), Some("http" | "https"))
        && !url.chars().any(|c| c.is_whitespace() || c.is_control());
    safe.then(|| attribute(url))
}

/// A CSS string with every character escaped.
pub(crate) fn css_string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars().filter(|c| !c.is_control()) {
        let _ = write!(out, "\\{:06x}", c as u32);
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hostile_strings() {
        assert_eq!(text("<script>&\u{0}\u{b}"), "&lt;script&gt;&amp;");
        assert_eq!(attribute("\" onload='x'"), "&quot; onload=&#39;x&#39;");
        assert_eq!(web_address("javascript:alert(1)"), None);
        assert_eq!(web_address("JavaScript://x%0aalert(1)"), None);
        assert_eq!(
            web_address(" https://a.b/?x=1&y=\"2"),
            Some("https://a.b/?x=1&amp;y=&quot;2".to_owned())
        );
        assert_eq!(css_string("a\"}"), "\"\\000061\\000022\\00007d\"");
    }

    proptest! {
        #[test]
        fn identifiers_are_one_to_one(anchors in proptest::collection::btree_set("[ -~量]{0,6}", 0..30)) {
            let mut seen = BTreeMap::new();
            for anchor in &anchors {
                if anchor.is_empty() || anchor == "~" { continue; }
                prop_assert_eq!(seen.insert(identifier(anchor), anchor), None);
            }
        }
    }
}
