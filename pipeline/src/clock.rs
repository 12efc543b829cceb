//! Steps used and left, for stages that work in one thread.

use crate::context::Context;

/// Counts the steps of a stage, and says when they, or the time, are up; looks at the time only now
/// and then.
pub struct Clock<'a> {
    ctx: &'a Context,
    used: u64,
    most: u64,
    polled: u64,
    over: bool,
}

/// Time is looked at after this many steps (placements looked at; a few microseconds to a
/// millisecond).
const POLL: u64 = 2_000;

impl<'a> Clock<'a> {
    /// Nothing used.
    pub fn new(ctx: &'a Context) -> Clock<'a> {
        let most = ctx.stop.steps().unwrap_or(u64::MAX);
        Clock { ctx, used: 0, most, polled: 0, over: most == 0 || ctx.stop.now() }
    }

    /// Notes steps.
    pub fn count(&mut self, steps: u64) {
        self.used += steps;
        if self.used >= self.most {
            self.over = true;
        } else if self.used - self.polled >= POLL {
            self.polled = self.used;
            self.over |= self.ctx.stop.now();
        }
    }

    /// Whether to come to an end.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// Steps of the budget that were used.
    pub fn used(&self) -> u64 {
        self.used.min(self.most)
    }

    /// What it was made with.
    pub fn ctx(&self) -> &'a Context {
        self.ctx
    }
}
