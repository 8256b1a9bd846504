//! The answer as tables.

use evidence::bulk::ResultColumn;
use layout::consortium::{Consortia, Leaving, Uncovered};
use model::{Estimate, short};
use serde_json::json;

use super::super::CalcError;
use super::super::out::{Out, column, words};
use super::{Costs, Question};

pub(super) fn write(
    out: &mut Out,
    question: &Question,
    ranked: &[Consortia],
    missing: &[Uncovered],
    left: &[Leaving],
) -> Result<(), CalcError> {
    let number = |of: Vec<f64>| ResultColumn::Number(of);
    let mut members = Vec::new();
    let mut missions = Vec::new();
    for (rank, found) in ranked.iter().enumerate() {
        for f in &found.formed {
            missions.push((rank + 1, found, f));
            members.extend(f.members.iter().map(|m| (rank + 1, f, m)));
        }
    }
    out.table(
        "members",
        vec![
            column("rank", number(members.iter().map(|m| m.0 as f64).collect())),
            column(
                "mission",
                words(members.iter().map(|m| m.1.mission.clone())),
            ),
            column(
                "organisation",
                words(members.iter().map(|m| m.2.organisation.clone())),
            ),
            column(
                "role",
                words(
                    members
                        .iter()
                        .map(|m| if m.2.leads { "leader" } else { "member" }.to_owned()),
                ),
            ),
            column(
                "brings",
                words(members.iter().map(|m| m.2.brings.join(";"))),
            ),
        ],
    )?;
    let open = |f: &layout::consortium::Formed| f.uncovered.iter().map(|(_, n)| *n).sum::<usize>();
    let priced = |cost: f64| {
        if question.costs == Costs::OnRecord {
            cost
        } else {
            f64::NAN
        }
    };
    out.table(
        "missions",
        vec![
            column(
                "rank",
                number(missions.iter().map(|m| m.0 as f64).collect()),
            ),
            column(
                "mission",
                words(missions.iter().map(|m| m.2.mission.clone())),
            ),
            column(
                "members",
                number(missions.iter().map(|m| m.2.members.len() as f64).collect()),
            ),
            column(
                "cost",
                number(missions.iter().map(|m| priced(m.2.cost)).collect()),
            ),
            column(
                "distance",
                number(missions.iter().map(|m| m.2.distance).collect()),
            ),
            column(
                "missing_holders",
                number(missions.iter().map(|m| open(m.2) as f64).collect()),
            ),
            column(
                "objective_of_all",
                number(missions.iter().map(|m| m.1.cost.value).collect()),
            ),
            column(
                "bound_of_all",
                number(missions.iter().map(|m| m.1.cost.bound).collect()),
            ),
        ],
    )?;
    out.table(
        "uncovered",
        vec![
            column("mission", words(missing.iter().map(|u| u.mission.clone()))),
            column(
                "capability",
                words(missing.iter().map(|u| u.capability.clone())),
            ),
            column(
                "missing",
                number(missing.iter().map(|u| u.missing as f64).collect()),
            ),
            column(
                "holders_on_record",
                number(missing.iter().map(|u| u.holders as f64).collect()),
            ),
            column(
                "why",
                words(missing.iter().map(|u| short(u.why.code()).to_owned())),
            ),
        ],
    )?;
    let cost = |of: fn(&Estimate) -> f64| {
        number(
            left.iter()
                .map(|l| l.cost.as_ref().map_or(f64::NAN, of))
                .collect(),
        )
    };
    out.table(
        "leaving",
        vec![
            column("mission", words(left.iter().map(|l| l.mission.clone()))),
            column(
                "organisation",
                words(left.iter().map(|l| l.organisation.clone())),
            ),
            column(
                "possible",
                words(left.iter().map(|l| {
                    let text = json!(l.possible);
                    text.as_str().unwrap_or_default().to_owned()
                })),
            ),
            column("lost", number(left.iter().map(|l| l.lost as f64).collect())),
            column("cost", cost(|e| e.value)),
            column("cost_low", cost(|e| e.low)),
            column("cost_high", cost(|e| e.high)),
            column(
                "enters",
                words(left.iter().map(|l| {
                    let enter: Vec<String> =
                        l.enters.iter().map(|(m, o)| format!("{m}/{o}")).collect();
                    enter.join(";")
                })),
            ),
        ],
    )
}
