// Group constraints: what moving one class changes.
#pragma once
#include "pairs.h"

struct Group {
    u32 kind, hard, from, to;
    u32 params[3], tally;
    u32 cost[2], penalty, constraint;
};

DEVICE const Group &group_row(const Board &b, u32 g) { return ((const Group *)MODEL(GROUPS))[g]; }

// Where a member is, were the class that moves at `x`.
DEVICE Spot member(const Board &b, u32 m, u32 c, const Spot &x) { return m == c ? x : spot_now(b, m); }

// The members held on a day of a week, by start: the next after `last`, which begins at 0 and is moved on. False after the last.
DEVICE bool next_member(const Board &b, const Group &g, u32 c, const Spot &x, u32 day, u32 week, u64 &last, Spot &out) {
    u64 least = ~0ull;
    for (u32 k = g.from; k < g.to; k++) {
        Spot s = member(b, MODEL(MEMBERS)[k], c, x);
        if ((s.days >> day & 1) == 0 || (s.weeks >> week & 1) == 0) continue;
        u64 key = (u64)s.start << 48 | (u64)s.end << 32 | (k - g.from + 1);
        if (key > last && key < least) {
            least = key;
            out = s;
        }
    }
    last = least;
    return least != ~0ull;
}

// The amount of one day of one week.
DEVICE i64 one_day(const Board &b, const Group &g, u32 c, const Spot &x, u32 day, u32 week) {
    i64 p0 = g.params[0], p1 = g.params[1], p2 = g.params[2];
    i64 load = 0, blocks = 0, count = 0, n = 0, from = 0, until = 0, idle = 0, free_from = p0, longest = 0;
    bool any = false, window = false;
    u64 last = 0;
    Spot s;
    while (next_member(b, g, c, x, day, week, last, s)) {
        i64 start = s.start, end = s.end;
        load += end - start;
        // Breaks and blocks: what begins within p1 slots of what was before belongs to it.
        if (any && start <= until + p1) {
            n++;
        } else {
            blocks++;
            count += n > 1 && until - from > p0;
            from = start;
            n = 1;
        }
        if (any && start > until) idle += start - until;
        if (start < p1 && end > p0) {
            window = true;
            if (start - free_from > longest) longest = start - free_from;
            if (end > free_from) free_from = end;
        }
        bool joined = any && n > 1;
        until = (joined || g.kind == GAPS) && any && until > end ? until : end;
        any = true;
    }
    switch (g.kind) {
    case MAX_DAY_LOAD: return above(load, p0);
    case MAX_BREAKS: return blocks == 0 ? 0 : above(blocks - 1, p0);
    case MAX_BLOCK: return count + (n > 1 && until - from > p0);
    case LUNCH_BREAK:
        if (p1 - free_from > longest) longest = p1 - free_from;
        return window && longest < p2;
    case GAPS: return above(idle, p0);
    default: return 0;
    }
}

// The amount of a day, summed over the weeks given: those in which the same classes are held are counted at once.
DEVICE i64 day_amount(const Board &b, const Group &g, u32 c, const Spot &x, u32 day, u64 weeks) {
    i64 total = 0;
    for (u64 left = weeks; left != 0;) {
        u32 week = lowest64(left);
        u64 same = left;
        for (u32 k = g.from; k < g.to; k++) {
            Spot s = member(b, MODEL(MEMBERS)[k], c, x);
            if ((s.days >> day & 1) == 0 || (s.weeks & weeks) == 0) continue;
            same &= (s.weeks >> week & 1) ? s.weeks : ~s.weeks;
        }
        total += one_day(b, g, c, x, day, week) * ones64(same);
        left &= ~same;
    }
    return total;
}

BODY i64 by_day_change(const Board &b, const Group &g, u32 c, const Spot &from, const Spot &to) {
    i64 change = 0;
    for (u32 days = from.days | to.days; days != 0; days &= days - 1) {
        u32 day = lowest(days);
        u64 weeks = (from.days >> day & 1 ? from.weeks : 0) | (to.days >> day & 1 ? to.weeks : 0);
        change += day_amount(b, g, c, to, day, weeks) - day_amount(b, g, c, from, day, weeks);
    }
    return change;
}

// Days used, beyond or short of the limit.
DEVICE i64 days_change(const Board &b, const Group &g, u32 c, const Spot &from, const Spot &to) {
    if (from.days == to.days) return 0;
    u32 others = 0;
    for (u32 k = g.from; k < g.to; k++) {
        u32 m = MODEL(MEMBERS)[k];
        if (m != c) others |= spot_now(b, m).days;
    }
    i64 limit = g.params[0], is = ones(others | to.days), was = ones(others | from.days);
    return g.kind == MAX_DAYS ? above(is, limit) - above(was, limit) : above(limit, is) - above(limit, was);
}

// Rooms used beyond the first.
DEVICE i64 rooms_change(const Board &b, const Group &g, u32 c, const Spot &from, const Spot &to) {
    if (from.room == to.room) return 0;
    bool any = false, from_used = false, to_used = false;
    for (u32 k = g.from; k < g.to; k++) {
        u32 m = MODEL(MEMBERS)[k];
        u32 room = STATE(ROOM_IDS)[m];
        if (m == c || room == NONE) continue;
        any = true;
        from_used |= room == from.room;
        to_used |= room == to.room;
    }
    if (!any) return 0;
    return (i64)(to.room != NONE && !to_used) - (i64)(from.room != NONE && !from_used);
}

// Lectures of one slot whose neighbouring slots on that day hold none of the group, were the class at `x`.
BODY i64 isolated_amount(const Board &b, const Group &g, u32 c, const Spot &x, u32 days) {
    i64 n = 0;
    for (u32 k = g.from; k < g.to; k++) {
        Spot s = member(b, MODEL(MEMBERS)[k], c, x);
        if (s.end - s.start != 1) continue;
        for (u32 left = s.days & days; left != 0; left &= left - 1) {
            u32 day = lowest(left);
            bool alone = true;
            for (u32 j = g.from; j < g.to && alone; j++) {
                Spot o = member(b, MODEL(MEMBERS)[j], c, x);
                if (o.days >> day & 1) alone = !(o.start < s.start && s.start <= o.end) && !(o.start <= s.end && s.end < o.end);
            }
            n += alone;
        }
    }
    return n;
}

// A pair constraint of many classes.
BODY i64 wide_change(const Board &b, const Group &g, u32 c, const Spot &from, const Spot &to) {
    if ((same_time(from, to) && !looks_at_rooms(g.kind)) || (same_room(from, to) && !looks_at_times(g.kind))) return 0;
    i32 param = (i32)(g.params[0] < 65535u ? g.params[0] : 65535u);
    i64 change = 0;
    bool after_me = false;
    for (u32 k = g.from; k < g.to; k++) {
        u32 m = MODEL(MEMBERS)[k];
        if (m == c) {
            after_me = true;
            continue;
        }
        Spot s = spot_now(b, m);
        if (!placed(s)) continue;
        change += (i64)(placed(to) && broken(b, g.kind, to, s, param, after_me));
        change -= (i64)(placed(from) && broken(b, g.kind, from, s, param, after_me));
    }
    return change;
}

BODY i64 group_change(const Board &b, const Group &g, u32 c, const Spot &from, const Spot &to) {
    switch (g.kind) {
    case ISOLATED_LECTURES: {
        if (same_time(from, to)) return 0;
        u32 days = from.days | to.days;
        return isolated_amount(b, g, c, to, days) - isolated_amount(b, g, c, from, days);
    }
    case MAX_DAYS:
    case MIN_WORKING_DAYS: return days_change(b, g, c, from, to);
    case ROOM_STABILITY: return rooms_change(b, g, c, from, to);
    case MAX_DAY_LOAD:
    case MAX_BREAKS:
    case MAX_BLOCK:
    case LUNCH_BREAK:
    case GAPS: return same_time(from, to) ? 0 : by_day_change(b, g, c, from, to);
    default: return wide_change(b, g, c, from, to);
    }
}

// Whether a penalty is divided by the number of weeks.
DEVICE bool is_per_week(u32 kind) {
    return kind == MAX_DAY_LOAD || kind == MAX_BREAKS || kind == MAX_BLOCK || kind == LUNCH_BREAK || kind == GAPS;
}

DEVICE i64 per_week(const Board &b, const Group &g, i64 total) {
    return (i64)g.penalty * total / (i64)NUMBER(N_WEEKS) * (i64)NUMBER(DISTRIBUTION_WEIGHT);
}

// Where a week of lectures is one word: the slot of a class as a bit, with a bit left free after each day.
DEVICE u64 week_bit(const Board &b, const Spot &s) {
    return placed(s) ? 1ull << (lowest(s.days) * (NUMBER(N_SLOTS) + 1) + (u32)s.start) : 0;
}

DEVICE u64 alone(u64 held) { return held & ~(held << 1) & ~(held >> 1); }

// Change of the isolated lectures of a group when a class leaves one slot for another.
DEVICE i64 week_change(const Board &b, u32 tally, u64 out, u64 into) {
    u64 held = ((const u64 *)STATE(HELD))[tally], shared = ((const u64 *)STATE(SHARED))[tally];
    u64 left = held & ~(out & ~shared), before = alone(held), after = alone(left | into);
    i64 change = (i64)ones64(after) - (i64)ones64(before);
    if ((shared | (left & into)) == 0) return change;
    // Lectures beyond the first of their slot.
    const u32 *counts = STATE(TALLY_COUNTS);
    u32 bytes = NUMBER(TALLY_BYTES), first = 64 * tally;
    for (u64 slots = after & shared; slots != 0; slots &= slots - 1) change += (i64)count_at(counts, bytes, first + lowest64(slots)) - 1;
    for (u64 slots = before & shared; slots != 0; slots &= slots - 1) change -= (i64)count_at(counts, bytes, first + lowest64(slots)) - 1;
    change -= (after & shared & out) != 0;
    change += (after & left & into) != 0;
    return change;
}

DEVICE void week_replace(const Board &b, u32 tally, u64 out, u64 into) {
    u64 &held = ((u64 *)STATE(HELD))[tally], &shared = ((u64 *)STATE(SHARED))[tally];
    u32 *counts = STATE(TALLY_COUNTS), bytes = NUMBER(TALLY_BYTES), first = 64 * tally;
    if (out != 0) {
        u32 n = add_count(counts, bytes, first + lowest64(out), ~0u);
        if (n == 0) held &= ~out;
        else if (n == 1) shared &= ~out;
    }
    if (into != 0) {
        u32 n = add_count(counts, bytes, first + lowest64(into), 1);
        held |= into;
        if (n == 2) shared |= into;
    }
}
