//! What became of clusters and neighbourhoods, told as it was.

use crate::worker::Status;

/// How the attempt at a cluster or a neighbourhood ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// The solver proved its answer best, given all other classes; the board confirmed it.
    Optimal,
    /// The solver found a sound answer, maybe not the best; it was taken unless what was there cost
    /// less.
    Feasible,
    /// The solver found nothing in time.
    Timeout,
    /// The solver says that there is nothing.
    Infeasible,
    /// The solver's answer broke a rule on the board, was called best and was not, or was none for
    /// its model.
    Refused,
    /// The solver was lost.
    Lost,
    /// The solver was not asked: it is as greedy left it.
    Greedy,
}

impl Outcome {
    const ALL: [(Outcome, &'static str); 7] = [
        (Outcome::Optimal, "optimal"),
        (Outcome::Feasible, "feasible"),
        (Outcome::Timeout, "timeout"),
        (Outcome::Infeasible, "infeasible"),
        (Outcome::Refused, "refused"),
        (Outcome::Lost, "lost"),
        (Outcome::Greedy, "greedy"),
    ];

    pub(super) fn of(status: Status) -> Outcome {
        match status {
            Status::Optimal => Outcome::Optimal,
            Status::Feasible => Outcome::Feasible,
            Status::Infeasible => Outcome::Infeasible,
            Status::Unknown => Outcome::Timeout,
            Status::Invalid => Outcome::Refused,
        }
    }
}

/// What became of all.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// By cluster; `None` where the solver has not been asked.
    clusters: Vec<Option<Outcome>>,
    neighbourhoods: [u64; Outcome::ALL.len()],
    better: u64,
}

impl Tally {
    pub(super) fn new(clusters: usize) -> Tally {
        Tally { clusters: vec![None; clusters], ..Tally::default() }
    }

    /// Part of a cluster, or all of it: the worst of its parts counts.
    pub(super) fn cluster(&mut self, cluster: usize, outcome: Outcome) {
        let worst = self.clusters[cluster].map_or(outcome, |before| before.max(outcome));
        self.clusters[cluster] = Some(worst);
    }

    pub(super) fn neighbourhood(&mut self, outcome: Outcome, better: bool) {
        self.neighbourhoods[outcome as usize] += 1;
        self.better += u64::from(better);
    }

    /// How many attempts there were.
    pub(super) fn done(&self) -> u64 {
        self.clusters.iter().flatten().count() as u64 + self.neighbourhoods.iter().sum::<u64>()
    }

    /// Lines for people; of clusters none, where they were not asked for at all.
    pub(super) fn lines(&self) -> Vec<String> {
        let of = |outcome: Outcome| self.clusters.iter().filter(|c| c.unwrap_or(Outcome::Greedy) == outcome).count();
        let counts = Outcome::ALL.iter().map(|&(outcome, name)| (of(outcome) as u64, name));
        let mut lines = Vec::new();
        if !self.clusters.is_empty() {
            lines.push(format!("{} clusters: {}", self.clusters.len(), list(counts)));
        }
        let asked: u64 = self.neighbourhoods.iter().sum();
        if asked > 0 {
            let counts = Outcome::ALL.iter().map(|&(outcome, name)| (self.neighbourhoods[outcome as usize], name));
            lines.push(format!("{asked} neighbourhoods, {} of them made better: {}", self.better, list(counts)));
        }
        lines
    }
}

fn list<'a>(counts: impl Iterator<Item = (u64, &'a str)>) -> String {
    let some: Vec<String> = counts.filter(|(n, _)| *n > 0).map(|(n, name)| format!("{n} {name}")).collect();
    if some.is_empty() { "none".into() } else { some.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_is_what_its_worst_part_is_and_nothing_is_left_out() {
        let mut tally = Tally::new(3);
        tally.cluster(0, Outcome::Optimal);
        tally.cluster(0, Outcome::Timeout);
        tally.cluster(1, Outcome::Optimal);
        tally.neighbourhood(Outcome::Feasible, true);
        let lines = tally.lines();
        assert_eq!(lines[0], "3 clusters: 1 optimal, 1 timeout, 1 greedy");
        assert_eq!(lines[1], "1 neighbourhoods, 1 of them made better: 1 feasible");
    }
}
