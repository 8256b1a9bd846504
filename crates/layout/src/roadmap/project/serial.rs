//! Serial schedule generation (Kelley 1963; Kolisch 1996) and double justification (Valls et al. 2005) on
//! whole projects: one mode, minimum lags without cycles.

use super::problem::{Anchor, Budget, Gap, Project, Time};

/// The part of a project that lists can schedule.
#[derive(Debug, Clone)]
pub(crate) struct Serial {
    pub durations: Vec<Time>,
    /// Start-to-start gaps from predecessors.
    before: Vec<Vec<(usize, Time)>>,
    pub after: Vec<Vec<usize>>,
    uses: Vec<Vec<(usize, i64)>>,
    spends: Vec<Vec<(usize, i64)>>,
    release: Vec<Time>,
    capacity: Vec<Vec<(Time, i64)>>,
    budgets: Vec<Budget>,
    /// Rank in a topological order: breaks ties.
    pub rank: Vec<usize>,
    /// The same project with time running backwards; `None` where limits depend on the time.
    mirror: Option<Box<Serial>>,
    horizon: Time,
}

/// What is left of every resource at every time.
#[derive(Debug, Default)]
pub(crate) struct Room {
    free: Vec<i64>,
    spent: Vec<Vec<i64>>,
}

impl Serial {
    /// `None` where a project has maximum lags, cycles or several modes: lists alone cannot keep those.
    pub fn of(project: &Project, horizon: Time) -> Option<Self> {
        let n = project.activities.len();
        if project.activities.iter().any(|a| a.modes.len() != 1) {
            return None;
        }
        let durations: Vec<Time> = project
            .activities
            .iter()
            .map(|a| a.modes[0].duration)
            .collect();
        let mut before: Vec<Vec<(usize, Time)>> = vec![Vec::new(); n];
        let mut after = vec![Vec::new(); n];
        for lag in &project.lags {
            let Gap::AtLeast(gap) = lag.gap else {
                return None;
            };
            let gap = match lag.anchor {
                Anchor::Start => gap,
                Anchor::Finish => gap + durations[lag.from],
            };
            if gap < 0 {
                return None;
            }
            if let Some(known) = before[lag.to].iter_mut().find(|b| b.0 == lag.from) {
                known.1 = known.1.max(gap);
            } else {
                before[lag.to].push((lag.from, gap));
                after[lag.from].push(lag.to);
            }
        }
        let order = topological(&before, &after)?;
        let mut rank = vec![0; n];
        for (r, j) in order.iter().enumerate() {
            rank[*j] = r;
        }
        let capacity: Vec<Vec<(Time, i64)>> = project
            .resources
            .iter()
            .map(|r| r.capacity.clone())
            .collect();
        let mut uses = Vec::with_capacity(n);
        for a in &project.activities {
            let mut of: Vec<(usize, i64)> = Vec::new();
            for (k, units) in &a.modes[0].uses {
                match of.iter_mut().find(|u| u.0 == *k) {
                    Some(known) => known.1 += units,
                    None if *units > 0 => of.push((*k, *units)),
                    None => {}
                }
            }
            uses.push(of);
        }
        let mut serial = Self {
            spends: project
                .activities
                .iter()
                .map(|a| a.modes[0].spends.clone())
                .collect(),
            release: project
                .activities
                .iter()
                .map(|a| a.release.max(0))
                .collect(),
            durations,
            before,
            after,
            uses,
            capacity,
            budgets: project.budgets.clone(),
            rank,
            mirror: None,
            horizon,
        };
        let timeless = serial.budgets.is_empty()
            && serial.capacity.iter().all(|c| c.len() == 1)
            && serial.release.iter().all(|r| *r == 0);
        if timeless {
            serial.mirror = Some(Box::new(serial.mirrored()));
        }
        Some(serial)
    }

    pub fn len(&self) -> usize {
        self.durations.len()
    }

    fn mirrored(&self) -> Self {
        let n = self.len();
        let mut mirror = self.clone();
        mirror.before = vec![Vec::new(); n];
        mirror.after = vec![Vec::new(); n];
        for (j, list) in self.before.iter().enumerate() {
            for (i, gap) in list {
                // H - s_i - d_i >= H - s_j - d_j + gap'  with  s_j - s_i >= gap
                let back = gap + self.durations[j] - self.durations[*i];
                mirror.before[*i].push((j, back));
                mirror.after[j].push(*i);
            }
        }
        let last = n.saturating_sub(1);
        mirror.rank = self.rank.iter().map(|r| last - r).collect();
        mirror
    }

    /// Longest way from each start to the end of the project.
    pub fn tails(&self) -> Vec<Time> {
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by_key(|j| std::cmp::Reverse(self.rank[*j]));
        let mut tails = self.durations.clone();
        for j in order {
            for (i, gap) in &self.before[j] {
                tails[*i] = tails[*i].max(tails[j] + gap);
            }
        }
        tails
    }

    /// Starts when the activities are placed in the order of `list`, which holds every activity behind its
    /// predecessors; `None` when one finds no place before the horizon.
    pub fn place(&self, list: &[usize], room: &mut Room) -> Option<Vec<Time>> {
        let kinds = self.capacity.len();
        room.free.clear();
        room.spent.clear();
        room.spent.resize(self.budgets.len(), Vec::new());
        let mut starts = vec![0; self.len()];
        for j in list {
            let j = *j;
            let duration = self.durations[j];
            let mut start = self.before[j]
                .iter()
                .map(|(i, gap)| starts[*i] + gap)
                .max()
                .unwrap_or(0)
                .max(self.release[j]);
            if duration > 0 {
                loop {
                    if start + duration > self.horizon {
                        return None;
                    }
                    self.reach(room, (start + duration) as usize);
                    let lacking = (start..start + duration).rev().find(|t| {
                        let at = *t as usize * kinds;
                        self.uses[j].iter().any(|(k, u)| room.free[at + k] < *u)
                    });
                    match lacking {
                        Some(t) => start = t + 1,
                        None if self.affords(room, j, start) => break,
                        None => start += 1,
                    }
                }
                for t in start..start + duration {
                    let at = t as usize * kinds;
                    for (k, u) in &self.uses[j] {
                        room.free[at + k] -= u;
                    }
                }
                self.pay(room, j, start);
            }
            starts[j] = start;
        }
        Some(starts)
    }

    /// Fills in the capacities up to `end`.
    fn reach(&self, room: &mut Room, end: usize) {
        let kinds = self.capacity.len();
        if kinds == 0 {
            return;
        }
        for t in room.free.len() / kinds..end {
            for steps in &self.capacity {
                let units = if steps.len() == 1 {
                    steps[0].1
                } else {
                    let after = steps.partition_point(|s| s.0 as usize <= t);
                    steps[after - 1].1
                };
                room.free.push(units);
            }
        }
    }

    fn shares(&self, j: usize, start: Time) -> impl Iterator<Item = (usize, usize, i64)> + '_ {
        let end = start + self.durations[j];
        self.spends[j].iter().flat_map(move |(b, rate)| {
            let period = self.budgets[*b].period;
            (start / period..=(end - 1) / period).map(move |y| {
                let overlap = end.min((y + 1) * period) - start.max(y * period);
                (*b, y as usize, rate * i64::from(overlap))
            })
        })
    }

    fn affords(&self, room: &Room, j: usize, start: Time) -> bool {
        self.shares(j, start).all(|(b, y, amount)| {
            let limits = &self.budgets[b].limits;
            let spent = room.spent[b].get(y).copied().unwrap_or(0);
            spent + amount <= limits[y.min(limits.len() - 1)]
        })
    }

    fn pay(&self, room: &mut Room, j: usize, start: Time) {
        for (b, y, amount) in self.shares(j, start) {
            let spent = &mut room.spent[b];
            if spent.len() <= y {
                spent.resize(y + 1, 0);
            }
            spent[y] += amount;
        }
    }

    pub fn makespan(&self, starts: &[Time]) -> Time {
        starts
            .iter()
            .zip(&self.durations)
            .map(|(s, d)| s + d)
            .max()
            .unwrap_or(0)
    }

    /// Everything as late as possible, then everything as early as possible: never longer than before.
    pub fn justify(&self, starts: Vec<Time>, room: &mut Room) -> Vec<Time> {
        let Some(mirror) = &self.mirror else {
            return starts;
        };
        let mut list: Vec<usize> = (0..self.len()).collect();
        list.sort_by_key(|j| {
            (
                std::cmp::Reverse(starts[*j] + self.durations[*j]),
                mirror.rank[*j],
            )
        });
        if self.negative_gaps(mirror) {
            list = mirror.sorted_by(&list);
        }
        let Some(back) = mirror.place(&list, room) else {
            return starts;
        };
        list.sort_by_key(|j| {
            (
                std::cmp::Reverse(back[*j] + self.durations[*j]),
                self.rank[*j],
            )
        });
        let Some(forth) = self.place(&self.sorted_by(&list), room) else {
            return starts;
        };
        if self.makespan(&forth) <= self.makespan(&starts) {
            forth
        } else {
            starts
        }
    }

    fn negative_gaps(&self, mirror: &Self) -> bool {
        mirror.before.iter().flatten().any(|(_, gap)| *gap < 0)
            || self.before.iter().flatten().any(|(_, gap)| *gap < 0)
    }

    /// The list in which every activity stands behind its predecessors and otherwise as in `list`.
    pub fn sorted_by(&self, list: &[usize]) -> Vec<usize> {
        let mut wish = vec![0; self.len()];
        let mut sorted = true;
        for (r, j) in list.iter().enumerate() {
            wish[*j] = r;
        }
        for (j, before) in self.before.iter().enumerate() {
            sorted &= before.iter().all(|(i, _)| wish[*i] < wish[j]);
        }
        if sorted {
            return list.to_vec();
        }
        let mut open: Vec<usize> = self.before.iter().map(Vec::len).collect();
        let mut ready: std::collections::BTreeSet<(usize, usize)> = (0..self.len())
            .filter(|j| open[*j] == 0)
            .map(|j| (wish[j], j))
            .collect();
        let mut result = Vec::with_capacity(self.len());
        while let Some((_, j)) = ready.pop_first() {
            result.push(j);
            for next in &self.after[j] {
                open[*next] -= 1;
                if open[*next] == 0 {
                    ready.insert((wish[*next], *next));
                }
            }
        }
        result
    }
}

fn topological(before: &[Vec<(usize, Time)>], after: &[Vec<usize>]) -> Option<Vec<usize>> {
    let mut open: Vec<usize> = before.iter().map(Vec::len).collect();
    let mut order: Vec<usize> = (0..before.len()).filter(|j| open[*j] == 0).collect();
    let mut next = 0;
    while next < order.len() {
        for j in &after[order[next]] {
            open[*j] -= 1;
            if open[*j] == 0 {
                order.push(*j);
            }
        }
        next += 1;
    }
    (order.len() == before.len()).then_some(order)
}
