#![allow(clippy::float_cmp)]
use proptest::prelude::*;

use super::*;

fn share(
    technology: &str,
    indicator: &str,
    country: &str,
    low: f64,
    v: f64,
    high: f64,
) -> Observation {
    Observation {
        technology: technology.into(),
        indicator: indicator.into(),
        country: country.into(),
        year: Year(2020),
        measure: Measure::Share,
        value: Estimate::new(v, low, high, Basis::Published).expect("a range"),
        origin: RowRef::new(
            "technology_indicators",
            format!("{technology}/{country}/{indicator}"),
        ),
    }
}

#[test]
fn one_technology_by_hand() {
    let observations = [
        share("t", "patents", "AAA", 0.45, 0.5, 0.55),
        share("t", "patents", "BBB", 0.2, 0.25, 0.3),
        share("t", "patents", "CCC", 0.1, 0.1, 0.1),
    ];
    let found = leads(&observations, &"BBB".into());
    let l = &found[0];
    assert!(l.primary);
    let leader = l.leader.as_ref().expect("more than the rest");
    let second = l.second.as_ref().expect("more than the rest");
    assert_eq!((leader.country.as_str(), l.countries), ("AAA", 3));
    assert_eq!((second.country.as_str(), second.value.high), ("BBB", 0.3));
    let ratio = l.lead_ratio.estimate().expect("two countries");
    assert!((ratio.value - 2.0).abs() < 1e-12 && (ratio.low - 1.5).abs() < 1e-12);
    assert!((ratio.high - 2.75).abs() < 1e-12);
    let hhi = l.concentration.estimate().expect("shares");
    // 0.25 + 0.0625 + 0.01; low 0.2025 + 0.04 + 0.01; high 0.3025 + 0.09 + 0.01 + (1 - 0.75)².
    assert!((hhi.value - 0.3225).abs() < 1e-12);
    assert!((hhi.low - 0.2525).abs() < 1e-12);
    assert!((hhi.high - 0.465).abs() < 1e-12);
    assert!((l.distance.estimate().expect("home listed").value - 0.5).abs() < 1e-12);
    let rank = l.home_rank.estimate().expect("home listed");
    assert_eq!((rank.low, rank.value, rank.high), (2.0, 2.0, 2.0));
}

/// The id of the reason where something is not estimated.
fn why<T>(found: &Result<T, Message>) -> Option<&str> {
    found.as_ref().err().map(|reason| reason.id.as_str())
}

#[test]
fn home_that_is_not_listed_has_a_bound_and_no_value() {
    let found = leads(&[share("t", "p", "AAA", 0.6, 0.6, 0.6)], &"HOM".into());
    let Quantity::NotEstimated(reason) = &found[0].home_value else {
        panic!("home has no figure of its own");
    };
    assert_eq!(reason.id, "lead.home_at_most");
    let Some(model::Arg::Number(most)) = reason.args.get("most") else {
        panic!("the bound");
    };
    assert!((most - 0.4).abs() < 1e-12);
    // The distance keeps the whole interval: 1 - 0.4 / 0.6 up to 1.
    let distance = found[0].distance.estimate().expect("the rest bounds it");
    assert!((distance.low - 1.0 / 3.0).abs() < 1e-12 && distance.high == 1.0);
    assert!(matches!(found[0].home_rank, Quantity::NotEstimated(_)));
    assert!(matches!(found[0].lead_ratio, Quantity::NotEstimated(_)));
}

#[test]
fn home_that_is_not_listed_cannot_hold_more_than_the_leader() {
    // The rest is up to 0.61 with the leader at 0.39; at most half of the whole is left for home beside a leader.
    let found = leads(&[share("t", "p", "AAA", 0.39, 0.52, 0.65)], &"HOM".into());
    let Quantity::NotEstimated(reason) = &found[0].home_value else {
        panic!("home has no figure of its own");
    };
    let Some(model::Arg::Number(most)) = reason.args.get("most") else {
        panic!("the bound");
    };
    assert!((most - 0.5).abs() < 1e-12);
}

#[test]
fn the_share_of_one_firm_ranks_nobody_unless_it_is_more_than_all_the_rest() {
    let observations = [
        share("memory", "firm_a", "AAA", 0.248, 0.248, 0.248),
        share("memory", "firm_b", "BBB", 0.705, 0.705, 0.705),
    ];
    let found = leads(&observations, &"AAA".into());
    let (a, b) = (&found[0], &found[1]);
    assert_eq!(why(&a.leader), Some("lead.shares_too_few"));
    for quantity in [&a.home_rank, &a.lead_ratio, &a.distance] {
        assert!(matches!(quantity, Quantity::NotEstimated(_)));
    }
    // What is on record of home stays on record.
    assert_eq!(a.home_value.estimate().map(|e| e.value), Some(0.248));
    let leader = b.leader.as_ref().expect("0.705 is more than 0.295");
    assert_eq!(leader.country.as_str(), "BBB");
    assert_eq!(why(&b.second), Some("lead.only_one_country"));
    // The indicator that knows the leader stands for the technology.
    assert!(!a.primary && b.primary);
}

#[test]
fn a_second_that_an_unlisted_country_can_pass_is_not_known() {
    let observations = [
        share("cars", "sales", "AAA", 0.6, 0.6, 0.6),
        share("cars", "sales", "BBB", 0.1, 0.1, 0.1),
    ];
    let l = &leads(&observations, &"BBB".into())[0];
    assert!(l.leader.is_ok());
    assert_eq!(why(&l.second), Some("lead.second_too_small"));
    assert!(matches!(l.lead_ratio, Quantity::NotEstimated(_)));
    // The rest of 0.3 has room for two countries with more than 0.1 each, not for three.
    let rank = l.home_rank.estimate().expect("home is listed");
    assert_eq!((rank.low, rank.value, rank.high), (2.0, 2.0, 4.0));
}

#[test]
fn ranks_and_counts_name_a_leader_only_where_they_can() {
    let one = |indicator: &str, country: &str, measure: Measure, value: f64| Observation {
        measure,
        value: Estimate::exact(value, Basis::Published),
        ..share("t", indicator, country, 0.0, 0.0, 0.0)
    };
    let observations = [
        one("count_of_one", "AAA", Measure::Count, 17.0),
        one("counts", "AAA", Measure::Count, 17.0),
        one("counts", "BBB", Measure::Count, 20.0),
        one("first", "AAA", Measure::Rank, 1.0),
        one("second_alone", "AAA", Measure::Rank, 2.0),
    ];
    let found = leads(&observations, &"AAA".into());
    let leaders: Vec<Result<&str, &str>> = found
        .iter()
        .map(|l| match &l.leader {
            Ok(held) => Ok(held.country.as_str()),
            Err(reason) => Err(reason.id.as_str()),
        })
        .collect();
    assert_eq!(
        leaders,
        [
            Err("lead.only_one_country"),
            Ok("BBB"),
            Ok("AAA"),
            Err("lead.first_place_not_listed"),
        ]
    );
}

#[test]
fn shares_that_overlap_have_no_concentration() {
    let observations = [
        share("t", "articles", "AAA", 0.7, 0.7, 0.7),
        share("t", "articles", "BBB", 0.6, 0.6, 0.6),
    ];
    assert!(matches!(
        leads(&observations, &"AAA".into())[0].concentration,
        Quantity::NotEstimated(_)
    ));
}

fn top(technology: &str, country: &str, of_ten: f64) -> Observation {
    Observation {
        measure: Measure::TopInstitutions,
        value: Estimate::exact(of_ten, Basis::Published),
        ..share(
            technology,
            "aspi_top10_institutions_located_in_country",
            country,
            0.0,
            0.0,
            0.0,
        )
    }
}

#[test]
fn monopoly_risk_only_with_all_inputs_of_its_definition() {
    let observations = [
        top("a", "AAA", 9.0),
        share("a", "aspi_share_top10pct_papers_a", "AAA", 0.6, 0.6, 0.6),
        share("a", "aspi_share_top10pct_papers_a", "BBB", 0.1, 0.1, 0.1),
        top("b", "AAA", 10.0),
        top("c", "AAA", 6.0),
        share("c", "aspi_share_top10pct_papers_c", "AAA", 0.45, 0.5, 0.55),
        share("c", "aspi_share_top10pct_papers_c", "BBB", 0.24, 0.24, 0.24),
    ];
    let found = monopoly_risk(&observations, &MonopolyParams::default());
    assert_eq!(found[0].verdict, Some((Risk::High, Risk::High)));
    assert_eq!(found[1].verdict, None);
    assert_eq!(found[1].indicator, None);
    let measured = found[0].indicator.as_ref().map(Indicator::as_str);
    assert_eq!(measured, Some("aspi_share_top10pct_papers_a"));
    // 0.45 / 0.24 = 1.9 < 2, 0.55 / 0.24 = 2.3: low or medium.
    assert_eq!(found[2].verdict, Some((Risk::Low, Risk::Medium)));
}

proptest! {
    #[test]
    fn concentration_and_distance_stay_in_their_ranges_whatever_the_order(
        shares in proptest::collection::vec(0.0f64..0.2, 1..5)
    ) {
        let mut observations: Vec<Observation> = shares.iter().enumerate()
            .map(|(i, s)| share("t", "p", &format!("C{i}"), s * 0.9, *s, s * 1.1)).collect();
        let a = leads(&observations, &"C0".into());
        observations.reverse();
        let b = leads(&observations, &"C0".into());
        prop_assert_eq!(a.len(), b.len());
        prop_assert_eq!(&a[0].leader, &b[0].leader);
        if let Some(h) = a[0].concentration.estimate() {
            prop_assert!(0.0 <= h.low && h.low <= h.value && h.value <= h.high && h.high <= 1.0);
        }
        if let Some(d) = a[0].distance.estimate() {
            prop_assert!((0.0..=1.0).contains(&d.low) && d.high <= 1.0);
        }
    }
}
