//! The consortia: first as little uncovered as possible, then as cheap and near as possible.
//!
//! ```text
//! y_ok member, l_ok leader of mission k
//! sum_{o holds q} y_ok + short_qk >= holders_qk           capabilities, with redundancy
//! sum_o l_ok = 1,  l_ok <= y_ok,  l only for those who may lead
//! min_k <= sum_o y_ok <= max_k,  sum_k y_ok <= load_o,  y_ak + y_bk <= 1 for conflicts
//! z_lok >= l_lk + y_ok - 1    (leader)    or    z_opk >= y_ok + y_pk - 1    (pairs)
//! first  min sum short;   then, with that sum held,  min sum c_o y_ok + w sum d z
//! ```
//!
//! Two stages, one after the other, because no weight turns a missing capability into money. Others as good are found by cuts that
//! forbid the consortia found so far.

use std::collections::BTreeMap;

use model::{Basis, Estimate, Message};
use serde::{Deserialize, Serialize};

use super::problem::{Coordination, Problem};
use crate::solver::{Col, Limits, Outcome, Program, Solved, Worth};

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FormParams {
    pub coordination: Coordination,
    /// Cost of one unit of distance.
    pub distance_weight: f64,
    /// Consortia to rank, the best included.
    pub alternatives: usize,
    /// Memberships in which any two of them differ at least.
    pub differ: usize,
    pub limits: Limits,
}

impl Default for FormParams {
    fn default() -> Self {
        Self {
            coordination: Coordination::Leader,
            distance_weight: 1.0,
            alternatives: 5,
            differ: 1,
            limits: Limits::default(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub organisation: String,
    pub leads: bool,
    /// Needed capabilities that it holds.
    pub brings: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Formed {
    pub mission: String,
    /// Leader first, then by id.
    pub members: Vec<Member>,
    pub cost: f64,
    pub distance: f64,
    /// Capabilities with the holders that are missing.
    pub uncovered: Vec<(String, usize)>,
}

/// One answer for all missions.
#[derive(Debug, Clone, PartialEq)]
pub struct Consortia {
    pub formed: Vec<Formed>,
    /// Holders missing over all missions; none could be fewer where the bound says so.
    pub short: Worth,
    /// Cost and weighted distance.
    pub cost: Worth,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Unformed {
    Invalid(Vec<Message>),
    Infeasible(Message),
    Stopped(Message),
}

impl Unformed {
    pub fn messages(&self) -> Vec<Message> {
        match self {
            Self::Invalid(messages) => messages.clone(),
            Self::Infeasible(message) | Self::Stopped(message) => vec![message.clone()],
        }
    }
}

/// The best consortia, then others in the order of their cost.
pub fn form(problem: &Problem, params: &FormParams) -> Result<Vec<Consortia>, Unformed> {
    let problem = sound(problem)?;
    let mut built = Built::new(&problem, params);
    let short = built.hold_short(params)?;
    let mut ranked: Vec<Consortia> = Vec::new();
    for _ in 0..params.alternatives.max(1) {
        match built.program.maximise(&params.limits, None) {
            Outcome::Solved(solved) => {
                ranked.push(built.read(&problem, &solved, short));
                built.forbid(&solved.values, params.differ.max(1));
            }
            Outcome::Infeasible | Outcome::Stopped { .. } if !ranked.is_empty() => break,
            Outcome::Infeasible => return Err(infeasible()),
            Outcome::Stopped { .. } => return Err(stopped()),
        }
    }
    Ok(ranked)
}

/// What happens when one member of the best answer leaves its mission.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaving {
    pub mission: String,
    pub organisation: String,
    /// Cost of doing without it; `None` where capabilities are lost or nothing can be formed: no cost makes up for that.
    pub cost: Option<Estimate>,
    /// Holders that are then missing beyond those missing now.
    pub lost: usize,
    pub enters: Vec<(String, String)>,
    pub possible: Possible,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Possible {
    Yes,
    No,
    /// The limits ended the search.
    Open,
}

pub fn leaving(
    problem: &Problem,
    best: &Consortia,
    params: &FormParams,
) -> Result<Vec<Leaving>, Unformed> {
    let problem = sound(problem)?;
    let mut answers = Vec::new();
    for formed in &best.formed {
        for member in &formed.members {
            let mut built = Built::new(&problem, params);
            let place = (problem.missions.iter().position(|m| m.id == formed.mission))
                .zip(problem.position(&member.organisation));
            let Some((k, o)) = place else {
                continue;
            };
            if let Some(column) = built.member[k][o] {
                built.program.fix(column, 0.0);
            }
            let mut answer = Leaving {
                mission: formed.mission.clone(),
                organisation: member.organisation.clone(),
                cost: None,
                lost: 0,
                enters: Vec::new(),
                possible: Possible::Yes,
            };
            let again = built.hold_short(params).and_then(|short| {
                match built.program.maximise(&params.limits, None) {
                    Outcome::Solved(solved) => Ok(built.read(&problem, &solved, short)),
                    Outcome::Infeasible => Err(infeasible()),
                    Outcome::Stopped { .. } => Err(stopped()),
                }
            });
            match again {
                Ok(other) => {
                    answer.lost = (other.short.value - best.short.value).max(0.0).round() as usize;
                    if answer.lost == 0 {
                        let low = (other.cost.bound - best.cost.value).max(0.0);
                        let high = (other.cost.value - best.cost.bound).max(low);
                        let value = (other.cost.value - best.cost.value).clamp(low, high);
                        answer.cost = Some(Estimate::spanning(value, low, high, Basis::Derived));
                    }
                    let seats = |c: &Consortia| -> Vec<(String, String)> {
                        let seats = c.formed.iter().flat_map(|f| {
                            f.members
                                .iter()
                                .map(|m| (f.mission.clone(), m.organisation.clone()))
                        });
                        seats.collect()
                    };
                    let before = seats(best);
                    answer.enters = seats(&other)
                        .into_iter()
                        .filter(|s| !before.contains(s))
                        .collect();
                }
                Err(Unformed::Infeasible(_)) => answer.possible = Possible::No,
                Err(_) => answer.possible = Possible::Open,
            }
            answers.push(answer);
        }
    }
    Ok(answers)
}

fn infeasible() -> Unformed {
    Unformed::Infeasible(Message::new("consortium.infeasible"))
}

fn stopped() -> Unformed {
    Unformed::Stopped(Message::new("consortium.stopped"))
}

/// A problem without a fault, its rows in the order of their ids: the order of the input does not matter.
pub(super) fn sound(problem: &Problem) -> Result<Problem, Unformed> {
    let problems = problem.problems();
    if !problems.is_empty() {
        return Err(Unformed::Invalid(problems));
    }
    let mut order: Vec<usize> = (0..problem.organisations.len()).collect();
    order.sort_by(|a, b| {
        problem.organisations[*a]
            .id
            .cmp(&problem.organisations[*b].id)
    });
    let mut sorted = problem.clone();
    sorted.organisations = order
        .iter()
        .map(|o| problem.organisations[*o].clone())
        .collect();
    sorted.distance = order
        .iter()
        .map(|a| order.iter().map(|b| problem.distance[*a][*b]).collect())
        .collect();
    sorted.missions.sort_by(|a, b| a.id.cmp(&b.id));
    for mission in &mut sorted.missions {
        mission
            .needs
            .sort_by(|a, b| a.capability.cmp(&b.capability));
    }
    sorted.conflicts.sort();
    Ok(sorted)
}

pub(super) struct Built {
    pub program: Program,
    /// By mission, then organisation; `None`: it can have no part in the mission.
    member: Vec<Vec<Option<Col>>>,
    leader: Vec<BTreeMap<usize, Col>>,
    /// By mission, then need.
    pub short: Vec<Vec<Col>>,
    /// Columns of pairs, with mission and distance.
    pairs: Vec<(usize, Col, f64)>,
}

impl Built {
    pub fn new(problem: &Problem, params: &FormParams) -> Self {
        let mut program = Program::default();
        let n = problem.organisations.len();
        let (mut member, mut leader, mut short, mut pairs) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (k, mission) in problem.missions.iter().enumerate() {
            let own: Vec<Option<Col>> = problem
                .organisations
                .iter()
                .map(|o| (o.load > 0).then(|| program.switch(-o.cost)))
                .collect();
            let lead: BTreeMap<usize, Col> = (0..n)
                .filter(|o| problem.organisations[*o].leads && own[*o].is_some())
                .map(|o| (o, program.switch(0.0)))
                .collect();
            program.equal(lead.values().map(|l| (*l, 1.0)).collect(), 1.0);
            for (o, l) in &lead {
                if let Some(y) = own[*o] {
                    program.at_most(vec![(*l, 1.0), (y, -1.0)], 0.0);
                }
            }
            let all: Vec<(usize, Col)> = own
                .iter()
                .enumerate()
                .filter_map(|(o, y)| y.map(|y| (o, y)))
                .collect();
            let count = all.iter().map(|(_, y)| (*y, 1.0)).collect();
            program.row(
                count,
                mission.min_members as f64,
                mission.max_members as f64,
            );
            if let Some(budget) = mission.budget {
                let costs = all
                    .iter()
                    .map(|(o, y)| (*y, problem.organisations[*o].cost));
                program.at_most(costs.collect(), budget);
            }
            let missing = mission
                .needs
                .iter()
                .map(|need| {
                    let s = program.column(0.0, 0.0, need.holders as f64);
                    program.whole[s.0] = true;
                    let mut terms = vec![(s, 1.0)];
                    terms.extend(
                        all.iter()
                            .filter(|(o, _)| problem.holds(*o, need))
                            .map(|(_, y)| (*y, 1.0)),
                    );
                    program.at_least(terms, need.holders as f64);
                    s
                })
                .collect();
            for (kind, least) in &mission.kinds {
                let of = |o: &usize| problem.organisations[*o].kind.as_ref() == Some(kind);
                let terms = all
                    .iter()
                    .filter(|(o, _)| of(o))
                    .map(|(_, y)| (*y, 1.0))
                    .collect();
                program.at_least(terms, *least as f64);
            }
            if mission.regions > 0 {
                let mut by_region: BTreeMap<&String, Vec<Col>> = BTreeMap::new();
                for (o, y) in &all {
                    if let Some(region) = &problem.organisations[*o].region {
                        by_region.entry(region).or_default().push(*y);
                    }
                }
                let mut present = Vec::new();
                for columns in by_region.values() {
                    let r = program.column(0.0, 0.0, 1.0);
                    let mut terms = vec![(r, 1.0)];
                    terms.extend(columns.iter().map(|y| (*y, -1.0)));
                    program.at_most(terms, 0.0);
                    present.push((r, 1.0));
                }
                program.at_least(present, mission.regions as f64);
            }
            for (a, b) in &problem.conflicts {
                let both: Vec<_> = [a, b]
                    .into_iter()
                    .filter_map(|id| problem.position(id).and_then(|o| own[o]))
                    .map(|y| (y, 1.0))
                    .collect();
                if both.len() == 2 && a != b {
                    program.at_most(both, 1.0);
                }
            }
            let first: Vec<(usize, Col)> = match params.coordination {
                Coordination::Leader => lead.iter().map(|(o, l)| (*o, *l)).collect(),
                Coordination::Pairs => all.clone(),
            };
            for (a, x) in &first {
                for (b, y) in &all {
                    let d = problem.distance[*a][*b];
                    let once = params.coordination == Coordination::Leader || a < b;
                    if a != b && once && d > 0.0 && params.distance_weight > 0.0 {
                        let z = program.column(-params.distance_weight * d, 0.0, 1.0);
                        program.at_most(vec![(*x, 1.0), (*y, 1.0), (z, -1.0)], 1.0);
                        pairs.push((k, z, d));
                    }
                }
            }
            member.push(own);
            leader.push(lead);
            short.push(missing);
        }
        for (o, organisation) in problem.organisations.iter().enumerate() {
            let terms: Vec<_> = member
                .iter()
                .filter_map(|own| own[o])
                .map(|y| (y, 1.0))
                .collect();
            if terms.len() > organisation.load {
                program.at_most(terms, organisation.load as f64);
            }
        }
        Self {
            program,
            member,
            leader,
            short,
            pairs,
        }
    }

    /// The first stage: as few missing holders as possible; the program then holds that number.
    fn hold_short(&mut self, params: &FormParams) -> Result<Worth, Unformed> {
        let mut first = self.program.clone();
        first.objective.fill(0.0);
        let terms: Vec<(Col, f64)> = self.short.iter().flatten().map(|s| (*s, 1.0)).collect();
        for (s, _) in &terms {
            first.objective[s.0] = -1.0;
        }
        match first.maximise(&params.limits, None) {
            Outcome::Solved(solved) => {
                self.program.at_most(terms, -solved.value + 0.5);
                Ok(Worth::from(&solved).negated())
            }
            Outcome::Infeasible => Err(infeasible()),
            Outcome::Stopped { .. } => Err(stopped()),
        }
    }

    fn seats(&self) -> impl Iterator<Item = Col> + '_ {
        self.member.iter().flatten().flatten().copied()
    }

    /// No further answer closer than `differ` memberships to this one.
    fn forbid(&mut self, values: &[f64], differ: usize) {
        let mut held = 0.0;
        let terms = self
            .seats()
            .map(|y| {
                let holds = values[y.0] > 0.5;
                held += f64::from(u8::from(holds));
                (y, if holds { -1.0 } else { 1.0 })
            })
            .collect();
        self.program.at_least(terms, differ as f64 - held);
    }

    fn read(&self, problem: &Problem, solved: &Solved, short: Worth) -> Consortia {
        let on = |column: Col| solved.values[column.0] > 0.5;
        let formed = problem
            .missions
            .iter()
            .enumerate()
            .map(|(k, mission)| {
                let seats: Vec<usize> = (0..problem.organisations.len())
                    .filter(|o| self.member[k][*o].is_some_and(on))
                    .collect();
                let mut members: Vec<Member> = seats
                    .iter()
                    .map(|o| Member {
                        organisation: problem.organisations[*o].id.clone(),
                        leads: self.leader[k].get(o).is_some_and(|l| on(*l)),
                        brings: (mission.needs.iter())
                            .filter(|need| problem.holds(*o, need))
                            .map(|need| need.capability.clone())
                            .collect(),
                    })
                    .collect();
                members.sort_by(|a, b| {
                    b.leads
                        .cmp(&a.leads)
                        .then(a.organisation.cmp(&b.organisation))
                });
                let uncovered = mission
                    .needs
                    .iter()
                    .filter_map(|need| {
                        let held = seats.iter().filter(|o| problem.holds(**o, need)).count();
                        (held < need.holders)
                            .then(|| (need.capability.clone(), need.holders - held))
                    })
                    .collect();
                Formed {
                    mission: mission.id.clone(),
                    cost: seats.iter().map(|o| problem.organisations[*o].cost).sum(),
                    distance: (self.pairs.iter())
                        .filter(|(of, z, _)| *of == k && solved.values[z.0] > 0.5)
                        .map(|(_, _, d)| d)
                        .sum(),
                    members,
                    uncovered,
                }
            })
            .collect();
        Consortia {
            formed,
            short,
            cost: Worth::from(solved).negated(),
        }
    }
}
