//! What crossover exchanges: the classes of a cluster, and the requests for the courses that begin
//! in it.

use pipeline::Clusters;
use timetable::Problem;

/// Classes and requests by part.
#[derive(Debug)]
pub(crate) struct Parts {
    classes: Lists,
    requests: Lists,
}

/// Numbers by list, those of list `k` from `ends[k]` to `ends[k + 1]`.
#[derive(Debug)]
pub(crate) struct Lists {
    pub(crate) ends: Vec<u32>,
    pub(crate) items: Vec<u32>,
}

impl Lists {
    /// `0..n`, each in the list that `of` tells, in ascending order.
    fn new(lists: usize, n: usize, of: impl Fn(usize) -> u32) -> Lists {
        let mut ends = vec![0; lists + 1];
        (0..n).for_each(|i| ends[of(i) as usize + 1] += 1);
        (1..ends.len()).for_each(|k| ends[k] += ends[k - 1]);
        let mut items: Vec<u32> = (0..n as u32).collect();
        items.sort_by_key(|&i| of(i as usize));
        Lists { ends, items }
    }

    fn of(&self, k: usize) -> &[u32] {
        &self.items[self.ends[k] as usize..self.ends[k + 1] as usize]
    }
}

impl Parts {
    /// Bytes that they take at most.
    pub(crate) fn max_bytes(problem: &Problem) -> u64 {
        4 * (3 * problem.classes().len() + problem.requests().len() + 2 * problem.courses().len() + 16) as u64
    }

    /// The clusters; where there are none, or all is one, the courses.
    pub(crate) fn new(problem: &Problem, clusters: Option<&Clusters>) -> Parts {
        let classes = problem.classes().len();
        let clusters = clusters.filter(|c| c.count > 1 && c.of.len() == classes);
        let of_class: Vec<u32> = match clusters {
            Some(clusters) => clusters.of.clone(),
            None => problem.class_ids().map(|c| problem.course_of(c).0).collect(),
        };
        let n = clusters.map_or(problem.courses().len(), |c| c.count as usize);
        let mut of_course = vec![u32::MAX; problem.courses().len()];
        for class in problem.class_ids() {
            let of = &mut of_course[problem.course_of(class).index()];
            *of = (*of).min(of_class[class.index()]);
        }
        // A course without classes is taken by nobody who could change anything: any part will do.
        of_course.iter_mut().filter(|of| **of == u32::MAX).for_each(|of| *of = 0);
        let requests = problem.requests();
        Parts {
            classes: Lists::new(n, classes, |c| of_class[c]),
            requests: Lists::new(n, requests.len(), |r| of_course[requests[r].course as usize]),
        }
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> u64 {
        let bytes = |l: &Lists| 4 * (l.ends.capacity() + l.items.capacity()) as u64;
        bytes(&self.classes) + bytes(&self.requests)
    }

    /// Classes and requests by part.
    pub(crate) fn lists(&self) -> (&Lists, &Lists) {
        (&self.classes, &self.requests)
    }

    pub(crate) fn len(&self) -> usize {
        self.classes.ends.len() - 1
    }

    pub(crate) fn classes(&self, part: usize) -> &[u32] {
        self.classes.of(part)
    }

    pub(crate) fn requests(&self, part: usize) -> &[u32] {
        self.requests.of(part)
    }
}
