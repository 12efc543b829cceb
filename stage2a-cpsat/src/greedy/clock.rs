//! Steps used and left.

use pipeline::Context;

/// Counts steps, and says when they, or the time, are up.
pub(super) struct Clock<'a> {
    ctx: &'a Context,
    used: u64,
    most: u64,
    polled: u64,
    over: bool,
}

/// Time is looked at after this many steps (placements looked at; a few microseconds to a millisecond).
const POLL: u64 = 2_000;

impl<'a> Clock<'a> {
    pub(super) fn new(ctx: &'a Context) -> Clock<'a> {
        let most = ctx.stop.steps().unwrap_or(u64::MAX);
        Clock { ctx, used: 0, most, polled: 0, over: most == 0 || ctx.stop.now() }
    }

    /// Notes steps.
    pub(super) fn count(&mut self, steps: u64) {
        self.used += steps;
        if self.used >= self.most {
            self.over = true;
        } else if self.used - self.polled >= POLL {
            self.polled = self.used;
            self.over |= self.ctx.stop.now();
        }
    }

    /// Whether to come to an end.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// Steps of the budget that were used.
    pub(super) fn used(&self) -> u64 {
        self.used.min(self.most)
    }

    pub(super) fn ctx(&self) -> &'a Context {
        self.ctx
    }
}
