//! How good a row is among those of its group: the share that it beats. The second pass counts.

use super::survey::{Group, Key};
use crate::columns::MISSING;

/// The best 1, 5, 10, 25 and 50 percent.
pub(super) const LEVELS: [u64; 5] = [1, 5, 10, 25, 50];
/// The share that a row beats is counted in millionths, so that sums are exact.
pub(super) const MILLION: u64 = 1_000_000;

/// Finds the part of a group that a key lies in.
#[derive(Debug)]
pub(super) struct Ruler {
    coarse: Vec<u64>,
    edges: Vec<Key>,
    /// Edges before each of some thousand equal steps from the first edge to the last.
    steps: Vec<u32>,
    shift: u32,
}

/// Steps of a ruler, as a power of two.
const STEPS: u32 = 13;

/// What a part of a group is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Worth {
    /// The share of the group that is worse, half of the equal ones included, in millionths.
    pub(super) beats: u32,
    /// In how many of the [`LEVELS`] it is: those from `5 - levels` on.
    pub(super) levels: u8,
}

impl Ruler {
    pub(super) fn new(group: &mut Group) -> Ruler {
        let edges = std::mem::take(&mut group.edges);
        let coarse: Vec<u64> = edges.iter().map(|key| key[0].coarse()).collect();
        let (first, last) = (coarse.first().copied().unwrap_or(0), coarse.last().copied().unwrap_or(0));
        let shift = (u64::BITS - (last - first).leading_zeros()).saturating_sub(STEPS);
        let steps = (0..=((last - first) >> shift) + 1)
            .map(|step| coarse.partition_point(|&edge| (edge - first) >> shift < step) as u32)
            .collect();
        Ruler { coarse, edges, steps, shift }
    }

    /// How many parts there are: what lacks a key, what is below all edges, and what lies from each
    /// on.
    pub(super) fn parts(&self) -> usize {
        self.edges.len() + 2
    }

    /// The part of a key.
    #[inline]
    pub(super) fn part(&self, key: &Key) -> usize {
        if key[0] == MISSING {
            return 0;
        }
        let coarse = key[0].coarse();
        let from = match (self.coarse.first(), self.coarse.last()) {
            (Some(&first), Some(&last)) if first <= coarse && coarse <= last => {
                let step = ((coarse - first) >> self.shift) as usize;
                let (low, high) = (self.steps[step] as usize, self.steps[step + 1] as usize);
                low + self.coarse[low..high].partition_point(|&edge| edge < coarse)
            }
            (Some(&first), _) if coarse > first => return self.parts() - 1,
            _ => return 1,
        };
        let to = from + self.coarse[from..].partition_point(|&edge| edge == coarse);
        from + self.edges[from..to].partition_point(|edge| edge <= key) + 1
    }
}

/// What the parts of a group are worth, by how many rows lie in each, the worst first.
pub(super) fn worths(counts: &[u64]) -> Vec<Worth> {
    let n: u64 = counts.iter().sum();
    let mut worths = vec![Worth { beats: 0, levels: 0 }; counts.len()];
    let mut worse = 0_u64;
    for (worth, &own) in worths.iter_mut().zip(counts) {
        let doubled = u128::from(2 * worse + own) * u128::from(MILLION);
        worth.beats = (doubled / u128::from(2 * n.max(1))) as u32;
        worse += own;
    }
    // From the best on, until there are enough; a part belongs to a level as a whole, and what
    // lacks a key to none.
    let mut better = 0_u64;
    for (part, (worth, &own)) in worths.iter_mut().zip(counts).enumerate().rev() {
        let within = |level: u64| better * 100 < n * level;
        worth.levels = if part == 0 { 0 } else { LEVELS.iter().filter(|level| within(**level)).count() as u8 };
        better += own;
    }
    worths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::Rank;

    fn key(x: i64, y: i64) -> Key {
        [Rank::of_i64(x, true), Rank::of_i64(y, true), MISSING, MISSING]
    }

    #[test]
    fn a_key_lies_from_the_last_edge_that_is_not_better_on() {
        let edges = vec![key(1, 5), key(2, 1), key(2, 3), key(4, 0)];
        let ruler = Ruler::new(&mut Group { edges, ..Group::default() });
        let parts = [key(0, 9), key(1, 4), key(1, 5), key(2, 0), key(2, 1), key(2, 2), key(2, 9), key(3, 0), key(4, 0)];
        assert_eq!(parts.map(|key| ruler.part(&key)), [1, 1, 2, 2, 3, 3, 4, 4, 5]);
        assert_eq!(ruler.part(&key(i64::MIN, 0)), 1);
        assert_eq!(ruler.part(&key(i64::MAX, 0)), 5);
        assert_eq!(ruler.part(&[MISSING; 4]), 0);
        assert_eq!(ruler.parts(), 6);
    }

    #[test]
    fn the_best_percent_are_those_from_the_top_and_ties_stay_together() {
        // 10 without a key, 50, 30, 6 and 4 rows: 100.
        let worths = worths(&[10, 50, 30, 6, 4]);
        assert_eq!(worths.iter().map(|worth| worth.levels).collect::<Vec<_>>(), [0, 1, 2, 4, 5]);
        // The best 4 hold the best 1 %, and the next 6 are needed for 5 %; together they are the
        // best 10 %.
        assert_eq!(worths[4].beats, 980_000);
        assert_eq!(worths[0].beats, 50_000);
        assert_eq!(worths[1].beats, 350_000);
    }
}
