//! What moves of groups bring beside other changes, and how often they are worth it.

/// Shares are in 65,536ths.
const ALL: i128 = 65_536;

/// What moves of groups and other changes brought.
#[derive(Clone, Copy, Debug, Default)]
pub struct Brought {
    groups: Gain,
    others: Gain,
}

/// Penalty that was taken away, and placements that were looked at for it.
#[derive(Clone, Copy, Debug, Default)]
struct Gain {
    penalty: i64,
    looks: u64,
}

impl Brought {
    /// A change, of a group or not, took so much of the penalty away, or added to it.
    #[inline]
    pub fn add(&mut self, of_group: bool, penalty: i64, looks: u64) {
        let gain = if of_group { &mut self.groups } else { &mut self.others };
        gain.penalty = gain.penalty.saturating_add(penalty.max(0));
        gain.looks += looks;
    }

    /// Of 65,536 changes of a class with a group, so many should be of the whole group: half the
    /// square of what a look for a group brings beside another look, between one and sixty of a
    /// hundred. Squared, as where it brings little it had better be hardly ever.
    pub fn group_share(&self) -> u32 {
        let of_groups = i128::from(self.groups.penalty) * i128::from(self.others.looks);
        let of_others = i128::from(self.others.penalty) * i128::from(self.groups.looks);
        let ratio = (ALL.saturating_mul(of_groups) / of_others.max(1)).min(2 * ALL);
        (ratio * ratio / ALL / 2).clamp(ALL / 100, ALL * 3 / 5) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::Brought;

    fn share(groups: (i64, u64), others: (i64, u64)) -> u32 {
        let mut brought = Brought::default();
        brought.add(true, groups.0, groups.1);
        brought.add(false, others.0, others.1);
        brought.group_share()
    }

    #[test]
    fn follows_what_a_look_brings() {
        assert_eq!(share((0, 0), (0, 0)), 655, "nothing is known");
        assert_eq!(share((0, 1000), (50, 1000)), 655, "groups bring nothing");
        assert_eq!(share((50, 1000), (100, 1000)), 8192, "half as much: an eighth");
        assert_eq!(share((100, 1000), (100, 1000)), 32_768, "as much: half");
        assert_eq!(share((300, 1000), (100, 1000)), 39_321, "never more than sixty of a hundred");
        assert_eq!(share((300, 1000), (0, 1000)), 39_321, "others bring nothing");
        assert_eq!(share((1 << 50, 1 << 55), (1 << 50, 1 << 55)), 32_768, "much of everything");
    }

    #[test]
    fn what_adds_to_the_penalty_takes_nothing_back() {
        let mut brought = Brought::default();
        brought.add(true, 10, 10);
        brought.add(true, -10, 0);
        brought.add(false, 10, 10);
        assert_eq!(brought.group_share(), 32_768);
    }
}
