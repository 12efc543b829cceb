//! Many short lists in two arrays.

/// Lists of numbers, one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Lists {
    from: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    pub(super) fn of(lists: &[Vec<u32>]) -> Lists {
        let mut from = Vec::with_capacity(lists.len() + 1);
        let mut items = Vec::with_capacity(lists.iter().map(Vec::len).sum());
        from.push(0);
        for list in lists {
            items.extend_from_slice(list);
            from.push(items.len() as u32);
        }
        Lists { from, items }
    }

    #[inline(always)]
    pub(super) fn get(&self, i: usize) -> &[u32] {
        &self.items[self.from[i] as usize..self.from[i + 1] as usize]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}
