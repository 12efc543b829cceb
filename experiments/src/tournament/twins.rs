//! Configurations that come to the same everywhere.

use super::race::{Known, Standing};

/// Drops those that came to the same as one before them on every block that both have run on, so
/// many at least: they would be parents of the same children. Who, as whom, on how many blocks.
pub(super) fn drop_twins(standing: &mut Vec<Standing>, known: &Known, least: usize) -> Vec<(u32, u32, usize)> {
    let mut kept: Vec<u32> = Vec::new();
    let mut dropped = Vec::new();
    let same = |one: u32, other: u32| {
        let (one, other) = (known.get(&one)?, known.get(&other)?);
        let both = || one.iter().filter_map(|(block, cost)| Some((cost, other.get(block)?)));
        (both().count() >= least && both().all(|(a, b)| a == b)).then(|| both().count())
    };
    standing.retain(|one| {
        let number = one.configuration;
        match kept.iter().find_map(|&other| Some((number, other, same(number, other)?))) {
            Some(twin) => dropped.push(twin),
            None => kept.push(number),
        }
        kept.last() == Some(&number)
    });
    dropped
}

#[cfg(test)]
mod tests {
    use super::*;
    use timetable::Score;

    #[test]
    fn of_those_that_come_to_the_same_everywhere_the_first_stays() {
        let score = |penalty| Some(Score { unplaced: 0, hard: 0, penalty });
        let costs = |last| (0..6).map(|block| (block, score(if block == 5 { last } else { 7 }))).collect();
        let mut known: Known = [(0, costs(1)), (1, costs(2)), (2, costs(1)), (3, costs(2))].into_iter().collect();
        // It has run on too few blocks to tell.
        known.insert(4, [(0, score(7)), (1, score(7))].into_iter().collect());
        let mut standing: Vec<Standing> = (0..5).map(|configuration| Standing { configuration, rank: 1.0 }).collect();
        assert_eq!(drop_twins(&mut standing, &known, 5), [(2, 0, 6), (3, 1, 6)]);
        let left: Vec<u32> = standing.iter().map(|one| one.configuration).collect();
        assert_eq!(left, [0, 1, 4]);
    }
}
