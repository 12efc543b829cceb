// Pair constraints: whether two placed classes break one.
#pragma once
#include "kinds.h"
#include "model.h"

// `first` tells whether `x` stands before `y` in the constraint's list.
DEVICE bool broken(const Board &b, u32 kind, const Spot &x, const Spot &y, i32 param, bool first) {
    switch (kind) {
    case SAME_START: return x.start != y.start;
    case SAME_TIME: return !((x.start <= y.start && y.end <= x.end) || (y.start <= x.start && x.end <= y.end));
    case DIFFERENT_TIME: return x.start < y.end && y.start < x.end;
    case SAME_DAYS: return (x.days | y.days) != x.days && (x.days | y.days) != y.days;
    case DIFFERENT_DAYS: return (x.days & y.days) != 0;
    case SAME_WEEKS: return (x.weeks | y.weeks) != x.weeks && (x.weeks | y.weeks) != y.weeks;
    case DIFFERENT_WEEKS: return (x.weeks & y.weeks) != 0;
    case SAME_ROOM: return x.room != y.room;
    case DIFFERENT_ROOM: return x.room == y.room;
    case OVERLAP: return !overlaps(x, y);
    case NOT_OVERLAP:
    case TEACHER_CLASH:
    case CURRICULUM_CLASH: return overlaps(x, y);
    case SAME_ATTENDEES: return apart(b, x, y);
    case PRECEDENCE: {
        const Spot &p = first ? x : y, &q = first ? y : x;
        u32 week_p = lowest64(p.weeks), week_q = lowest64(q.weeks), day_p = lowest(p.days), day_q = lowest(q.days);
        if (week_p != week_q) return week_p > week_q;
        if (day_p != day_q) return day_p > day_q;
        return p.end > q.start;
    }
    case WORK_DAY: return shares_day(x, y) && larger(x.end, y.end) - smaller(x.start, y.start) > param;
    case MIN_GAP: return shares_day(x, y) && x.end + param > y.start && y.end + param > x.start;
    default: return false;
    }
}

DEVICE bool looks_at_rooms(u32 kind) { return kind == SAME_ROOM || kind == DIFFERENT_ROOM || kind == SAME_ATTENDEES; }
DEVICE bool looks_at_times(u32 kind) { return kind != SAME_ROOM && kind != DIFFERENT_ROOM; }

struct Run {
    u32 kind, hard, from, to;
};
struct Pair {
    // In the highest bit of `how`, whether the class is the first of the two; in the lowest 16, a parameter.
    u32 other, cost, how, constraint;
};

DEVICE bool pair_broken(const Board &b, const Run &run, const Pair &p, const Spot &x, const Spot &y) {
    return broken(b, run.kind, x, y, (i32)(p.how & 0xffffu), p.how >> 31 != 0);
}
