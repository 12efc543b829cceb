//! Many short lists in two arrays.

/// Lists of numbers, one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Lists {
    pub(super) from: Vec<u32>,
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

/// For each of many, others, each with a cost.
#[derive(Clone, Debug, Default)]
pub(super) struct Pairs {
    others: Lists,
    costs: Vec<i64>,
}

impl Pairs {
    pub(super) fn of(pairs: &[Vec<(u32, i64)>]) -> Pairs {
        let others: Vec<Vec<u32>> = pairs.iter().map(|list| list.iter().map(|pair| pair.0).collect()).collect();
        Pairs { others: Lists::of(&others), costs: pairs.iter().flatten().map(|pair| pair.1).collect() }
    }

    #[inline(always)]
    pub(super) fn get(&self, i: usize) -> impl Iterator<Item = (usize, i64)> + '_ {
        let from = self.others.from[i] as usize;
        self.others.get(i).iter().zip(&self.costs[from..]).map(|(&other, &cost)| (other as usize, cost))
    }

    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.costs.is_empty()
    }
}
