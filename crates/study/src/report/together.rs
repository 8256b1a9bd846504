//! With what money, where the pilots stand, and with whom: portfolio, sites, consortia.

use std::collections::BTreeSet;

use model::{Estimate, Message};
use publish::document::{Block, Folded, NoteKind};

use super::book::Book;
use crate::engine::output::{count, entity, estimate};

/// Nothing where the study did not ask.
pub fn blocks(book: &Book) -> Vec<Block> {
    let mut blocks = portfolio(book);
    blocks.extend(sites(book));
    blocks.extend(consortia(book));
    blocks
}

fn portfolio(book: &Book) -> Vec<Block> {
    let table = book.table("layout.portfolio");
    if table.rows.is_empty() {
        return Vec::new();
    }
    let plan = book.table("layout.portfolio_plan");
    let quantity = |column: &str| estimate(&plan, plan.rows.first()?, column);
    let number = |column: &str| quantity(column).map(|e| e.value);
    let standing = |code: &str| {
        let of = |row: &&model::Row| entity(&table, row, "project_standing") == Some(code);
        table.rows.iter().filter(of).count()
    };
    let chosen = (table.rows.iter())
        .filter(|row| count(&table, row, "project_start").is_some())
        .count();
    let price = quantity("floor_price").zip(number("plan_value").filter(|worth| *worth > 0.0));
    let finding = Message::new("finding.portfolio")
        .with("chosen", chosen)
        .with("projects", table.rows.len())
        .with("must", standing("standing.must_have"))
        .with("choice", standing("standing.choice"))
        .with("avoid", standing("standing.must_avoid"));
    let own = book
        .evidence
        .table("projects")
        .is_some_and(|t| !t.rows.is_empty());
    let intro = if own {
        "layout.portfolio.intro_own"
    } else {
        "layout.portfolio.intro"
    };
    let mut blocks = vec![
        book.subheading("layout.portfolio.heading"),
        book.paragraph(Message::new(intro)),
        book.paragraph(finding),
    ];
    if let Some((price, worth)) = price {
        // Less than can be shown is nothing: the plan takes that much basic research anyway.
        let floor = if price.high / worth < 0.000_5 {
            floor_free(quantity("floor_least"), number("floor_reached"))
        } else {
            Some(
                Message::new("finding.portfolio.floor")
                    .with("price", price.value)
                    .with("low", price.low)
                    .with("high", price.high),
            )
        };
        blocks.extend(floor.map(|floor| book.paragraph(floor)));
    }
    blocks.extend(
        over_budget(quantity("over_budget")).map(|said| Block::Note {
            kind: NoteKind::Limit,
            spans: vec![book.say(said).into()],
        }),
    );
    blocks.extend([
        book.block(&plan, &[], Folded::Open),
        book.block(&table, &[], Folded::After(10)),
        book.block(&book.table("layout.portfolio_ladder"), &[], Folded::Open),
    ]);
    if number("floor_dual").is_some() {
        blocks.push(book.paragraph(Message::new("layout.portfolio.shadow_price")));
    }
    blocks.extend([
        book.block(&book.table("layout.portfolio_years"), &[], Folded::Whole),
        book.block(
            &book.table("layout.portfolio_alternatives"),
            &[],
            Folded::Whole,
        ),
    ]);
    blocks
}

/// Whether the projects are more likely than not to cost more than the budget.
fn over_budget(share: Option<Estimate>) -> Option<Message> {
    let share = share.filter(|share| share.value > 0.5)?;
    let message = Message::new("finding.portfolio.over").with("share", share.value);
    Some(message.with("low", share.low).with("high", share.high))
}

/// The floor has a range: what costs nothing at its value may ask for more at its upper end.
fn floor_free(least: Option<Estimate>, reached: Option<f64>) -> Option<Message> {
    let (least, reached) = (least?, reached?);
    let message = if reached >= least.high {
        Message::new("finding.portfolio.floor_free")
    } else {
        Message::new("finding.portfolio.floor_free_in_part").with("value", least.value)
    };
    Some(message.with("reached", reached).with("high", least.high))
}

fn sites(book: &Book) -> Vec<Block> {
    let cover = book.table("layout.sites_cover");
    let Some(settings) = &book.run.manifest.config.sites else {
        return Vec::new();
    };
    if cover.rows.is_empty() {
        return Vec::new();
    }
    let table = book.table("layout.sites");
    let clusters: BTreeSet<&str> = table
        .rows
        .iter()
        .filter_map(|row| entity(&table, row, "cluster"))
        .collect();
    let shares: Vec<f64> = cover
        .rows
        .iter()
        .filter_map(|row| estimate(&cover, row, "covered_share"))
        .map(|e| e.value)
        .collect();
    let finding = Message::new("finding.sites")
        .with("fields", cover.rows.len())
        .with("clusters", clusters.len())
        .with("most", shares.iter().copied().fold(0.0, f64::max))
        .with("least", shares.iter().copied().fold(1.0, f64::min));
    let radius = settings.radius_km;
    let intro = Message::new("layout.sites.intro")
        .with("sites", settings.sites)
        .with("least", settings.suitable_from)
        .with("low", radius.low)
        .with("radius", radius.value)
        .with("high", radius.high);
    vec![
        book.subheading("layout.sites.heading"),
        book.paragraph(intro),
        book.paragraph(finding),
        book.block(&cover, &[], Folded::Open),
        book.block(&table, &[], Folded::After(12)),
        book.block(&book.table("layout.sites_front"), &[], Folded::Whole),
        book.block(&book.table("layout.sites_uncovered"), &[], Folded::Whole),
    ]
}

fn consortia(book: &Book) -> Vec<Block> {
    let missions = book.table("layout.consortium_missions");
    if missions.rows.is_empty() {
        return Vec::new();
    }
    let table = book.table("layout.consortium");
    let best = |row: &&model::Row| count(&missions, row, "rank") == Some(1);
    let sum = |column: &str| -> usize {
        let counts = missions.rows.iter().filter(best);
        let counts = counts.filter_map(|row| count(&missions, row, column));
        counts.sum::<i64>().max(0) as usize
    };
    let open = book.table("layout.consortium_uncovered");
    let finding = Message::new("finding.consortium")
        .with("missions", missions.rows.iter().filter(best).count())
        .with("open", open.rows.len())
        .with("needed", sum("needed_count"));
    vec![
        book.subheading("layout.consortium.heading"),
        book.paragraph(Message::new("layout.consortium.intro")),
        book.paragraph(finding),
        book.block(&missions, &[], Folded::Open),
        book.block(&table, &[], Folded::After(12)),
        book.block(&open, &[], Folded::After(10)),
        book.block(&book.table("layout.consortium_leaving"), &[], Folded::Whole),
    ]
}

#[cfg(test)]
mod tests {
    use model::Basis;

    use super::*;

    #[test]
    fn the_floor_is_free_only_where_its_upper_end_is_reached() {
        let least = Estimate::spanning(1.0, 0.5, 2.0, Basis::Assumed);
        let said = |reached| floor_free(Some(least), Some(reached)).map(|message| message.id);
        assert_eq!(
            said(1.57).as_deref(),
            Some("finding.portfolio.floor_free_in_part")
        );
        assert_eq!(said(2.0).as_deref(), Some("finding.portfolio.floor_free"));
        assert_eq!(floor_free(None, Some(2.0)), None);
    }

    #[test]
    fn a_budget_that_breaks_in_most_draws_is_no_safe_one() {
        let of = |value| over_budget(Some(Estimate::exact(value, Basis::Derived)));
        assert_eq!(of(0.9).expect("said").id, "finding.portfolio.over");
        assert_eq!(of(0.2), None);
        assert_eq!(over_budget(None), None);
    }
}
