//! What is wrong with several sections of one course in the same way is said once.

use super::{Finding, Findings};
use timetable::CourseId;

/// The last finding, and how many like it followed.
pub(super) struct Alike<K> {
    /// What is alike: `section`, `session`.
    noun: &'static str,
    last: Option<((CourseId, K), Finding, u64)>,
}

impl<K: PartialEq> Alike<K> {
    pub(super) fn new(noun: &'static str) -> Alike<K> {
        Alike { noun, last: None }
    }

    /// Counts a finding that is like the last one, of the same course, and adds its classes to
    /// those of that one; only tables have sections.
    pub(super) fn add(&mut self, all: &mut Findings<'_>, key: (CourseId, K), finding: Finding) {
        match &mut self.last {
            Some((same, first, more)) if *same == key && all.words.is_tables() => {
                if *more == 0 {
                    all.said_with_others.push((first.check, first.classes.clone()));
                }
                all.said_with_others.push((finding.check, finding.classes.clone()));
                first.classes.extend(finding.classes);
                *more += 1;
            }
            _ => {
                self.end(all);
                self.last = Some((key, finding, 0));
            }
        }
    }

    pub(super) fn end(&mut self, all: &mut Findings<'_>) {
        let Some((_, mut finding, more)) = self.last.take() else { return };
        if let (Some(&class), true) = (finding.classes.first(), more > 0) {
            let (noun, course) = (self.noun, all.words.course_of(class));
            let plural = if more == 1 { "" } else { "s" };
            finding.text += &format!(", and so with {more} more {noun}{plural} of {course}");
        }
        all.add(finding);
    }
}
