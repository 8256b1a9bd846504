//! Names of tables and settings: sentences hold them between back-ticks, documents set them as code.

/// Pieces of a text in their order, and whether each is code. A back-tick without its pair is text.
pub(crate) fn pieces(text: &str) -> Vec<(bool, &str)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((code, beyond)) = after.split_once('`').filter(|(code, _)| !code.is_empty())
        else {
            break;
        };
        if !before.is_empty() {
            pieces.push((false, before));
        }
        pieces.push((true, code));
        rest = beyond;
    }
    if !rest.is_empty() {
        pieces.push((false, rest));
    }
    pieces
}

/// The text without its back-ticks, for places that hold one kind of letter.
pub(crate) fn plain(text: &str) -> String {
    pieces(text).into_iter().map(|(_, piece)| piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_code_and_single_back_ticks_are_text() {
        assert_eq!(
            pieces("in `trade`, `a b`."),
            [
                (false, "in "),
                (true, "trade"),
                (false, ", "),
                (true, "a b"),
                (false, ".")
            ]
        );
        assert_eq!(pieces("5` long"), [(false, "5` long")]);
        assert_eq!(pieces("``"), [(false, "``")]);
        assert_eq!(pieces(""), []);
        assert_eq!(plain("no table (`io`)."), "no table (io).");
    }
}
