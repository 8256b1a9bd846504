//! Concordances: nothing is lost unseen, whatever the links.

use std::collections::BTreeMap;

use evidence::concordance::{
    AttributeTable, Concordance, ConcordanceError, ConvertParams, Link, LinkColumns, LinkKind,
    Lookup, Split, Sums, Unmatched, Weights, read_links,
};
use evidence::{RawTable, ReadOptions, read_bytes};
use model::{Catalogue, Lang, Names};
use proptest::prelude::*;

fn link(from: &str, to: &str, weight: Option<f64>) -> Link {
    Link {
        from: from.to_owned(),
        to: to.to_owned(),
        weight,
    }
}

fn links(pairs: &[(&str, &str)]) -> Vec<Link> {
    pairs.iter().map(|(a, b)| link(a, b, None)).collect()
}

fn equal(pairs: &[(&str, &str)]) -> Concordance {
    Concordance::new(
        "A",
        "B",
        &links(pairs),
        &Weights::Split(Split::Equal),
        "test",
    )
    .unwrap()
}

fn reference(values: &[(&str, f64)]) -> Split {
    Split::Reference(values.iter().map(|(c, v)| ((*c).to_owned(), *v)).collect())
}

fn table(text: &str) -> RawTable {
    read_bytes("table.csv", text.as_bytes(), &ReadOptions::default())
        .unwrap()
        .0
}

/// a1 → x; a2 → x, y; a3 → y, z; a4 → w.
const PAIRS: [(&str, &str); 6] = [
    ("a1", "x"),
    ("a2", "x"),
    ("a2", "y"),
    ("a3", "y"),
    ("a3", "z"),
    ("a4", "w"),
];

#[test]
fn a_case_computed_by_hand() {
    let made = equal(&PAIRS);
    assert_eq!(made.kind_of("a1"), Some(LinkKind::ManyToOne));
    assert_eq!(made.kind_of("a2"), Some(LinkKind::ManyToMany));
    assert_eq!(made.kind_of("a4"), Some(LinkKind::OneToOne));
    assert_eq!(made.kind_of("a9"), None);
    let rows = [
        ("here", "a3", 8.0),
        ("here", "a1", 10.0),
        ("here", "a2", 4.0),
        ("here", "q", 3.0),
        ("there", "a4", -5.0),
        ("there", "a2", -2.0),
    ];
    let found = made.convert(rows, &ConvertParams::default()).unwrap();
    let shown: Vec<(&str, &str, f64, f64, f64)> = found
        .rows
        .iter()
        .map(|r| (r.group, r.code.as_str(), r.value, r.low, r.high))
        .collect();
    assert_eq!(
        shown,
        [
            ("here", "x", 12.0, 10.0, 14.0),
            ("here", "y", 6.0, 0.0, 12.0),
            ("here", "z", 4.0, 0.0, 8.0),
            ("there", "w", -5.0, -5.0, -5.0),
            ("there", "x", -1.0, -2.0, 0.0),
            ("there", "y", -1.0, -2.0, 0.0),
        ]
    );
    let report = &found.report;
    assert_eq!((report.mass_in, report.gross_in), (18.0, 32.0));
    assert_eq!((report.mass_out, report.mass_lost), (15.0, 3.0));
    assert_eq!(report.imbalance, 0.0);
    assert_eq!(report.unmatched.len(), 1);
    assert_eq!(
        (report.unmatched[0].code.as_str(), report.unmatched[0].mass),
        ("q", 3.0)
    );
    assert_eq!(report.ambiguous_share, 14.0 / 32.0);
    let gross: Vec<f64> = report.kinds.iter().map(|k| k.gross).collect();
    assert_eq!(gross, [5.0, 10.0, 0.0, 14.0]);
}

#[test]
fn a_reference_decides_the_split_and_bayes_the_way_back() {
    let split = reference(&[("x", 1.0), ("y", 3.0), ("w", 7.0)]);
    let made = Concordance::new("A", "B", &links(&PAIRS), &Weights::Split(split), "test").unwrap();
    let of = |code: &str| -> Vec<(String, f64)> {
        let found = made.links_of(code).unwrap();
        found.map(|(c, w)| (c.to_owned(), w)).collect()
    };
    assert_eq!(of("a2"), [("x".to_owned(), 0.25), ("y".to_owned(), 0.75)]);
    // z has no mass in the reference: its link stays, with no weight and full range.
    assert_eq!(of("a3"), [("y".to_owned(), 1.0), ("z".to_owned(), 0.0)]);
    let found = made
        .convert([((), "a3", 8.0)], &ConvertParams::default())
        .unwrap();
    assert_eq!((found.rows[1].value, found.rows[1].high), (0.0, 8.0));

    // Back: of x, 10 come from a1 and 4 × 0.25 from a2.
    let back = made
        .reversed(&reference(&[("a1", 10.0), ("a2", 4.0), ("a3", 8.0)]))
        .unwrap();
    let x: Vec<(&str, f64)> = back.links_of("x").unwrap().collect();
    assert_eq!(x, [("a1", 10.0 / 11.0), ("a2", 1.0 / 11.0)]);
    // Nothing that leads to w or z has mass: split equally, and said to be.
    assert_eq!(back.steps()[0].split_equally, ["w", "z"]);
    assert_eq!(back.steps()[0].weights, "reversed reference");
}

#[test]
fn weights_that_do_not_sum_to_one_are_refused_unless_asked_for() {
    let given = [
        link("a", "x", Some(0.5)),
        link("a", "y", Some(0.3)),
        link("b", "y", Some(1.0)),
    ];
    let with = |sums| Concordance::new("A", "B", &given, &Weights::Given(sums), "test");
    let error = with(Sums::MustBeOne).unwrap_err();
    assert!(
        matches!(&error, ConcordanceError::Sums { count: 1, code, .. } if code == "a"),
        "{error}"
    );
    let made = with(Sums::Renormalise).unwrap();
    assert_eq!(made.links_of("a").unwrap().next(), Some(("x", 0.625)));
    assert_eq!(made.steps()[0].weights, "renormalised");
    let made = with(Sums::Partial).unwrap();
    assert!((made.lost_of("a") - 0.2).abs() < 1e-15);
    let found = made
        .convert([((), "a", 10.0), ((), "b", 1.0)], &ConvertParams::default())
        .unwrap();
    assert!((found.report.mass_lost - 2.0).abs() < 1e-14);
    assert_eq!(found.report.partly_lost[0].code, "a");
    // A part may be anywhere, so nothing of a is sure.
    assert_eq!(found.rows[0].low, 0.0);
    assert!(with(Sums::Partial).unwrap().lost_of("q") == 1.0);

    let too_much = [link("a", "x", Some(0.7)), link("a", "y", Some(0.7))];
    for sums in [Sums::MustBeOne, Sums::Partial] {
        assert!(Concordance::new("A", "B", &too_much, &Weights::Given(sums), "").is_err());
    }
    let twice = [link("a", "x", Some(1.0)), link("a", "x", Some(0.5))];
    let error =
        Concordance::new("A", "B", &twice, &Weights::Given(Sums::Renormalise), "").unwrap_err();
    assert!(matches!(error, ConcordanceError::Twice { .. }), "{error}");
    for (weight, wanted) in [
        (Some(-1.0), "not below 0"),
        (None, "no weight"),
        (Some(f64::NAN), "finite"),
    ] {
        let error = Concordance::new(
            "A",
            "B",
            &[link("a", "x", weight)],
            &Weights::Given(Sums::MustBeOne),
            "",
        )
        .unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
    }
    assert_eq!(
        Concordance::new("A", "B", &[], &Weights::Split(Split::Equal), ""),
        Err(ConcordanceError::Empty)
    );
}

#[test]
fn unknown_is_neither_zero_nor_lost() {
    let made = equal(&PAIRS);
    let rows = [((), "a1", f64::NAN), ((), "a2", 4.0), ((), "q", f64::NAN)];
    let found = made.convert(rows, &ConvertParams::default()).unwrap();
    let x = &found.rows[0];
    assert_eq!((x.code.as_str(), x.value, x.unknown), ("x", 2.0, 1));
    assert!(x.estimate().estimate().is_none());
    assert_eq!(found.rows[1].unknown, 0);
    assert_eq!(found.rows[1].estimate().estimate().unwrap().high, 4.0);
    assert_eq!(found.report.unknown_rows, 2);
    assert_eq!((found.report.mass_in, found.report.mass_lost), (4.0, 0.0));
    assert!(
        made.convert([((), "a1", f64::INFINITY)], &ConvertParams::default())
            .is_err()
    );
    let huge = [((), "a1", f64::MAX), ((), "a4", f64::MAX)];
    assert_eq!(
        made.convert(huge, &ConvertParams::default()).unwrap_err(),
        ConcordanceError::Overflow
    );
}

#[test]
fn what_has_no_counterpart_can_be_kept_under_a_code() {
    let made = equal(&PAIRS);
    let keep = |code: &str| ConvertParams {
        unmatched: Unmatched::Keep(code.to_owned()),
    };
    let rows = [("l", "q", 3.0), ("k", "a1", 1.0), ("l", "r", 4.0)];
    let found = made.convert(rows, &keep("unmatched")).unwrap();
    let shown: Vec<(&str, &str, f64)> = found
        .rows
        .iter()
        .map(|r| (r.group, r.code.as_str(), r.value))
        .collect();
    assert_eq!(shown, [("k", "x", 1.0), ("l", "unmatched", 7.0)]);
    assert_eq!(found.report.mass_lost, 7.0);
    assert!(matches!(
        made.convert(rows, &keep("x")),
        Err(ConcordanceError::Collision { .. })
    ));
}

#[test]
fn a_reader_is_told_and_a_result_that_lost_too_much_is_refused() {
    let found = equal(&PAIRS)
        .convert(
            [
                ((), "q", 1.0),
                ((), "a2", 8.0),
                ((), "a1", f64::NAN),
                ((), "a4", 1.0),
            ],
            &ConvertParams::default(),
        )
        .unwrap();
    for lang in Lang::ALL {
        let texts: Vec<String> = found
            .report
            .messages()
            .iter()
            .map(|m| m.render(lang, &Names::default()))
            .collect();
        assert_eq!(texts.len(), 3);
        assert!(
            texts[0].contains("10 %") && texts[0].contains('q'),
            "{}",
            texts[0]
        );
        assert!(texts[1].contains("80 %"), "{}", texts[1]);
        assert!(texts.iter().all(|t| !t.contains('{')), "{texts:?}");
    }
    assert!(found.report.carried(0.1).is_ok());
    let refusal = found.report.carried(0.05).unwrap_err();
    for message in [&refusal.question, &refusal.reason, &refusal.needed] {
        for lang in Lang::ALL {
            assert!(Catalogue::builtin().text(&message.id, lang).is_some());
        }
    }
}

#[test]
fn a_chain_is_the_matrix_product_and_says_what_it_loses() {
    let first = equal(&PAIRS);
    let second = Concordance::new(
        "B",
        "C",
        &links(&[("x", "1"), ("x", "2"), ("y", "2"), ("w", "3")]),
        &Weights::Split(Split::Equal),
        "test",
    )
    .unwrap();
    let both = first.then(&second).unwrap();
    let of = |code: &str| -> Vec<(String, f64)> {
        let found = both.links_of(code).unwrap();
        found.map(|(c, w)| (c.to_owned(), w)).collect()
    };
    assert_eq!(of("a2"), [("1".to_owned(), 0.25), ("2".to_owned(), 0.75)]);
    // z has no counterpart in C: half of a3 is lost.
    assert_eq!(of("a3"), [("2".to_owned(), 0.5)]);
    assert_eq!(both.lost_of("a3"), 0.5);
    assert_eq!(both.steps().len(), 2);
    assert!(matches!(
        second.then(&first),
        Err(ConcordanceError::Chain { .. })
    ));
}

#[test]
fn headings_are_a_concordance_too() {
    let codes = ["010121", "010129", "847130"];
    let six = Concordance::by_prefix("HS6", "HS4", codes, 4).unwrap();
    let four = Concordance::by_prefix("HS4", "HS2", ["0101", "8471"], 2).unwrap();
    let two = six.then(&four).unwrap();
    let rows = codes.map(|code| ((), code, 2.0));
    let found = two.convert(rows, &ConvertParams::default()).unwrap();
    let shown: Vec<(&str, f64, f64)> = found
        .rows
        .iter()
        .map(|r| (r.code.as_str(), r.value, r.high))
        .collect();
    assert_eq!(shown, [("01", 4.0, 4.0), ("84", 2.0, 2.0)]);
    assert!(Concordance::by_prefix("HS6", "HS4", ["01"], 4).is_err());
}

#[test]
fn a_table_is_read_with_its_zeros() {
    let raw = table(
        "hs,sitc,w\n010111,0015,0.4\n10119,0015,1\n'0101.11,00.16,0.6\n999999,NA,\n,0011,1\n",
    );
    let mut columns = LinkColumns::new("hs", "sitc");
    columns.weight = Some("w".to_owned());
    columns.from_digits = Some(6);
    let found = read_links(&raw, &columns).unwrap();
    assert_eq!(
        found.links,
        [
            link("010111", "0015", Some(0.4)),
            link("010119", "0015", Some(1.0)),
            link("010111", "0016", Some(0.6)),
        ]
    );
    assert_eq!(found.without_counterpart, ["999999"]);
    assert_eq!(found.without_code, 1);
    assert!(
        Concordance::new(
            "HS",
            "SITC",
            &found.links,
            &Weights::Given(Sums::MustBeOne),
            &found.origin
        )
        .is_ok()
    );

    let error = read_links(&raw, &LinkColumns::new("hs", "isic")).unwrap_err();
    assert!(error.to_string().contains("hs, sitc, w"), "{error}");
    let error = read_links(
        &table("hs,sitc\n10121.0,1\n"),
        &LinkColumns::new("hs", "sitc"),
    )
    .unwrap_err();
    assert!(error.to_string().contains("table.csv, line 2"), "{error}");
}

#[test]
fn attributes_join_by_prefix_and_name_what_they_lack() {
    let raw = table("iso3c,code,sigma\nAUS,010,25.0\nAUS,847,3.5\nNA,010,2.0\nAUS,999,NA\n");
    let sigma = AttributeTable::read_numbers(&raw, Some("iso3c"), "code", "sigma").unwrap();
    assert_eq!(sigma.scopes().collect::<Vec<_>>(), ["AUS", "NA"]);
    let joined = sigma.join(
        "AUS",
        [("010121", 6.0), ("847130", 3.0), ("999901", 1.0)],
        Lookup::Prefix(3),
    );
    assert_eq!(joined.values, [Some(&25.0), Some(&3.5), None]);
    assert_eq!(joined.unmatched, [("999901".to_owned(), 1.0)]);
    assert!((joined.unmatched_share - 0.1).abs() < 1e-15);
    assert_eq!(sigma.get("NA", "010", Lookup::Exact), Some(&2.0));

    let rauch = AttributeTable::read_words(
        &table("sitc,con\n0011,w\n0011,w\n0012,n\n"),
        None,
        "sitc",
        "con",
    )
    .unwrap();
    assert_eq!(rauch.of("").count(), 2);
    let two = table("sitc,con\n0011,w\n0011,n\n");
    assert!(AttributeTable::read_words(&two, None, "sitc", "con").is_err());
}

type Anything = (Vec<(u8, u8)>, Vec<f64>, Vec<(u8, u8, f64)>);

/// Links between 8 and 6 codes (most of them possible), reference values and rows.
fn anything() -> impl Strategy<Value = Anything> {
    (
        prop::collection::vec((0u8..8, 0u8..6), 1..30),
        prop::collection::vec(prop_oneof![Just(0.0), 1e-9..1e9f64], 6),
        // Codes 8 and 9 are in no table.
        prop::collection::vec((0u8..3, 0u8..10, -1e12..1e12f64), 1..60),
    )
}

fn made(pairs: &[(u8, u8)], split: Split) -> Concordance {
    let links: Vec<Link> = pairs
        .iter()
        .map(|(a, b)| link(&format!("a{a}"), &format!("b{b}"), None))
        .collect();
    Concordance::new("A", "B", &links, &Weights::Split(split), "random").unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn mass_is_conserved_and_the_range_holds_the_value(
        (pairs, weights, rows) in anything(), by_reference in any::<bool>(), keep in any::<bool>()
    ) {
        let split = if by_reference {
            Split::Reference(weights.iter().enumerate().map(|(b, w)| (format!("b{b}"), *w)).collect())
        } else {
            Split::Equal
        };
        let made = made(&pairs, split);
        for code in made.sources() {
            let sum: f64 = made.links_of(code).unwrap().map(|(_, w)| w).sum();
            prop_assert!((sum - 1.0).abs() <= 1e-12);
        }
        let params = ConvertParams {
            unmatched: if keep { Unmatched::Keep("rest".into()) } else { Unmatched::Leave },
        };
        let named = |(group, code, value): &(u8, u8, f64)| (*group, format!("a{code}"), *value);
        let found = made.convert(rows.iter().map(named), &params).unwrap();
        let gross: f64 = rows.iter().map(|r| r.2.abs()).sum();
        let mass: f64 = rows.iter().map(|r| r.2).sum();
        let out: f64 = found.rows.iter().map(|r| r.value).sum();
        let lost = if keep { 0.0 } else { found.report.mass_lost };
        prop_assert!((out + lost - mass).abs() <= 1e-9 * gross, "{out} + {lost} against {mass}");
        prop_assert!(found.report.imbalance <= 1e-12);
        let kinds: f64 = found.report.kinds.iter().map(|k| k.share).sum();
        prop_assert!((kinds + found.report.lost_share() - 1.0).abs() < 1e-9);

        // Every row by brute force: any split of the codes with several counterparts stays within the range.
        for row in &found.rows {
            prop_assert!(row.low <= row.value && row.value <= row.high);
            if row.code == "rest" { continue; }
            let target: u8 = row.code[1..].parse().unwrap();
            let (mut sure, mut below, mut above, mut value) = (0.0, 0.0, 0.0, 0.0);
            for a in 0..8u8 {
                let x: f64 = rows.iter().filter(|r| r.0 == row.group && r.1 == a).map(|r| r.2).sum();
                let to: std::collections::BTreeSet<u8> = pairs.iter().filter(|p| p.0 == a).map(|p| p.1).collect();
                if !to.contains(&target) { continue; }
                if to.len() == 1 { sure += x; } else if x < 0.0 { below += x; } else { above += x; }
                let total: f64 = to.iter().map(|b| weights[*b as usize]).sum();
                value += if by_reference && total > 0.0 { x * weights[target as usize] / total } else { x / to.len() as f64 };
            }
            let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * gross;
            prop_assert!(close(row.value, value) && close(row.low, sure + below) && close(row.high, sure + above));
        }

        // The order of rows changes no bit.
        let mut turned = rows.clone();
        turned.reverse();
        prop_assert_eq!(made.convert(turned.iter().map(named), &params).unwrap(), found);
    }

    #[test]
    fn bayes_takes_the_reference_back_to_itself(
        pairs in prop::collection::vec((0u8..8, 0u8..6), 1..30),
        masses in prop::collection::vec(0.001..1e6f64, 8),
    ) {
        let there = made(&pairs, Split::Equal);
        let reference: BTreeMap<String, f64> =
            masses.iter().enumerate().map(|(a, m)| (format!("a{a}"), *m)).collect();
        let back = there.reversed(&Split::Reference(reference.clone())).unwrap();
        let rows = there.sources().iter().map(|code| ((), code.clone(), reference[code]));
        let out = there.convert(rows, &ConvertParams::default()).unwrap().rows;
        let home = back.convert(out.into_iter().map(|r| ((), r.code, r.value)), &ConvertParams::default()).unwrap();
        prop_assert_eq!(home.rows.len(), there.sources().len());
        for row in home.rows {
            let wanted = reference[&row.code];
            prop_assert!((row.value - wanted).abs() <= 1e-9 * wanted, "{}: {} {wanted}", row.code, row.value);
        }
    }

    #[test]
    fn one_to_one_goes_there_and_back_to_the_bit(values in prop::collection::vec(-1e9..1e9f64, 1..20), seed in any::<u64>()) {
        let n = values.len() as u64;
        let pairs: Vec<Link> = (0..n)
            .map(|a| link(&format!("a{a:02}"), &format!("b{:02}", (a + seed % n) % n), None))
            .collect();
        let there = Concordance::new("A", "B", &pairs, &Weights::Split(Split::Equal), "").unwrap();
        let back = there.reversed(&Split::Equal).unwrap();
        let rows = values.iter().enumerate().map(|(a, v)| ((), format!("a{a:02}"), *v));
        let out = there.convert(rows, &ConvertParams::default()).unwrap();
        prop_assert_eq!(out.report.ambiguous_share, 0.0);
        let home = back.convert(out.rows.into_iter().map(|r| ((), r.code, r.value)), &ConvertParams::default()).unwrap();
        for (row, value) in home.rows.iter().zip(&values) {
            prop_assert_eq!((row.value, row.low, row.high), (*value, *value, *value));
        }
    }

    #[test]
    fn a_chain_gives_what_two_steps_give(
        (first, _, rows) in anything(), second in prop::collection::vec((0u8..6, 0u8..5), 1..20)
    ) {
        let one = made(&first, Split::Equal);
        let links: Vec<Link> = second.iter().map(|(b, c)| link(&format!("b{b}"), &format!("c{c}"), None)).collect();
        let two = Concordance::new("B", "C", &links, &Weights::Split(Split::Equal), "").unwrap();
        let both = one.then(&two).unwrap();
        let params = ConvertParams::default();
        let named = rows.iter().map(|(group, code, value)| (*group, format!("a{code}"), *value));
        let chained = both.convert(named.clone(), &params).unwrap();
        let halfway = one.convert(named, &params).unwrap();
        let stepped = two.convert(halfway.rows.iter().map(|r| (r.group, r.code.as_str(), r.value)), &params).unwrap();
        let gross: f64 = rows.iter().map(|r| r.2.abs()).sum();
        prop_assert!(chained.report.imbalance <= 1e-12);
        let cells = |rows: &[evidence::concordance::Converted<u8>]| -> BTreeMap<(u8, String), f64> {
            rows.iter().map(|r| ((r.group, r.code.clone()), r.value)).collect()
        };
        let (chained_cells, stepped_cells) = (cells(&chained.rows), cells(&stepped.rows));
        prop_assert_eq!(chained_cells.keys().collect::<Vec<_>>(), stepped_cells.keys().collect::<Vec<_>>());
        for (cell, value) in &chained_cells {
            prop_assert!((value - stepped_cells[cell]).abs() <= 1e-9 * gross);
        }
        let lost = halfway.report.mass_lost + stepped.report.mass_lost;
        prop_assert!((chained.report.mass_lost - lost).abs() <= 1e-9 * gross);
    }
}
