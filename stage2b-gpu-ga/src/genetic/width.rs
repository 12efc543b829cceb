//! Numbers in the smallest integers that hold them.

/// How many bytes a number takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    One = 1,
    Two = 2,
    Four = 4,
}

/// None of the numbers: the largest integer of each width.
pub(crate) const NONE: u32 = u32::MAX;

impl Width {
    /// The smallest for numbers below `n`, and none of them.
    pub(crate) fn of(n: usize) -> Width {
        match n {
            0..=0xff => Width::One,
            0x100..=0xffff => Width::Two,
            _ => Width::Four,
        }
    }

    /// Bytes of one.
    pub(crate) fn bytes(self) -> usize {
        self as usize
    }

    /// Stores numbers one after the other, little end first.
    pub(crate) fn put(self, bytes: &mut [u8], numbers: impl Iterator<Item = u32>) {
        match self {
            Width::One => bytes.iter_mut().zip(numbers).for_each(|(b, n)| *b = n as u8),
            Width::Two => {
                bytes.chunks_exact_mut(2).zip(numbers).for_each(|(b, n)| b.copy_from_slice(&(n as u16).to_le_bytes()))
            }
            Width::Four => {
                bytes.chunks_exact_mut(4).zip(numbers).for_each(|(b, n)| b.copy_from_slice(&n.to_le_bytes()))
            }
        }
    }

    /// Calls `f` for every number, in order.
    pub(crate) fn each(self, bytes: &[u8], mut f: impl FnMut(usize, u32)) {
        let whole = |n: u32, none: u32| if n == none { NONE } else { n };
        match self {
            Width::One => bytes.iter().enumerate().for_each(|(i, &b)| f(i, whole(b.into(), 0xff))),
            Width::Two => bytes.chunks_exact(2).enumerate().for_each(|(i, b)| {
                f(i, whole(u16::from_le_bytes([b[0], b[1]]).into(), 0xffff));
            }),
            Width::Four => bytes.chunks_exact(4).enumerate().for_each(|(i, b)| {
                f(i, u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_from_the_smallest_integers_that_hold_them() {
        for (n, bytes) in [(1, 1), (255, 1), (256, 2), (65_535, 2), (65_536, 4)] {
            let width = Width::of(n);
            assert_eq!(width.bytes(), bytes, "{n}");
            let numbers = [n as u32 - 1, NONE, 0];
            let mut stored = vec![0; 3 * bytes];
            width.put(&mut stored, numbers.into_iter());
            let mut seen = Vec::new();
            width.each(&stored, |i, number| seen.push((i, number)));
            assert_eq!(seen, [(0, n as u32 - 1), (1, NONE), (2, 0)]);
        }
    }
}
