// The exact difference of placing, moving or taking away a class, and doing it.
#pragma once
#include "groups.h"
#include "students.h"


// The list of classes in a room: by room and slot of the week where all times are single slots, otherwise by room.
DEVICE u32 *room_list(const Board &b, const Spot &s) {
    u32 cells = NUMBER(N_CELLS);
    return STATE(ROOM_HEADS) + (cells != 0 ? s.room * cells + s.cell : s.room);
}

// Whether a class in a room's list is another one, held when the spot is.
DEVICE bool meets_in_room(const Board &b, u32 c, u32 other, const Spot &s) {
    return other != c && (NUMBER(N_CELLS) != 0 || overlaps(spot_now(b, other), s));
}

// How many classes other than `c` overlap with the spot in its room; the last seen in `who`.
DEVICE u32 in_room(const Board &b, u32 c, const Spot &s, u32 &who) {
    u32 n = 0;
    if (s.room == NONE) return 0;
    for (u32 o = *room_list(b, s); o != NONE; o = STATE(ROOM_NEXT)[o]) {
        if (!meets_in_room(b, c, o, s)) continue;
        who = o;
        n++;
    }
    return n;
}

// How many of its room's unavailable times a spot overlaps.
DEVICE i32 blocked(const Board &b, const Spot &s) {
    if (NUMBER(N_CELLS) != 0) return ((const u8 *)MODEL(BLOCKED))[s.room * NUMBER(N_CELLS) + s.cell];
    i32 n = 0;
    for (u32 k = MODEL(UNAVAILABLE_ENDS)[s.room]; k < MODEL(UNAVAILABLE_ENDS)[s.room + 1]; k++) {
        n += overlaps(spot_of_time(MODEL(UNAVAILABLE) + 4 * k, NONE, NOWHERE), s);
    }
    return n;
}

// What a choice costs by itself, and what is in its room.
DEVICE void add_own(const Board &b, u32 c, const Spot &s, i32 sign, Delta &d) {
    if (!placed(s)) return;
    const Class &row = class_row(b, c);
    const Option &time = time_option(b, row.times + time_of(s.at));
    d.penalty += sign * wide(time.penalty);
    add_hard(d, sign * time.hard, 1);
    if (s.room == NONE) return;
    const Option &room = room_option(b, row.rooms + room_of(s.at));
    d.penalty += sign * wide(room.penalty);
    add_hard(d, sign * room.hard, 1);
    u32 who;
    add_hard(d, sign * ((i32)in_room(b, c, s, who) + blocked(b, s)), room_weight(b, s.room));
}

DEVICE i32 clashes_at(const Board &b, u32 c, const Spot &s) {
    return placed(s) ? (i32)count_at(STATE(CLASH_TABLE), NUMBER(CLASH_BYTES), c * NUMBER(N_CELLS) + s.cell) : 0;
}

// Clashes in the table have no weight.
DEVICE void add_clashes(const Board &b, u32 c, const Spot &from, const Spot &to, Delta &d) {
    if (NUMBER(N_CELLS) != 0) {
        add_hard(d, clashes_at(b, c, to) - clashes_at(b, c, from), 1);
        return;
    }
    for (u32 k = MODEL(CLASH_ENDS)[c]; k < MODEL(CLASH_ENDS)[c + 1]; k++) {
        Spot s = spot_now(b, MODEL(CLASHES)[2 * k]);
        i32 change = (i32)overlaps(to, s) - (i32)overlaps(from, s);
        if (change == 0) continue;
        u32 source = MODEL(CLASH_SOURCES)[k];
        add_hard(d, change * (i32)MODEL(CLASHES)[2 * k + 1], source == NONE ? 1 : weight_of(b, source));
    }
}

BODY void add_run(const Board &b, const Run &run, const Spot &from, const Spot &to, Delta &d) {
    if ((same_time(from, to) && !looks_at_rooms(run.kind)) || (same_room(from, to) && !looks_at_times(run.kind))) return;
    bool was = placed(from), is = placed(to);
    for (u32 k = run.from; k < run.to; k++) {
        const Pair &p = ((const Pair *)MODEL(PAIRS))[k];
        Spot s = spot_now(b, p.other);
        if (!placed(s)) continue;
        i32 change = (i32)(is && pair_broken(b, run, p, to, s)) - (i32)(was && pair_broken(b, run, p, from, s));
        if (change == 0) continue;
        if (run.hard) add_hard(d, change * (i32)p.cost, weight_of(b, p.constraint));
        else d.penalty += (i64)change * p.cost;
    }
}

DEVICE i64 cost_of(const Board &b, const Delta &d) {
    return d.unplaced * b.weights.unplaced + d.weighted * b.weights.hard + d.penalty;
}

// The difference; false as soon as what is known of it, cheap terms first, costs more than `limit`.
BODY bool delta(const Board &b, u32 c, const Spot &to, i64 limit, Delta &d) {
    Spot from = spot_now(b, c);
    d.unplaced = (i32)!placed(to) - (i32)!placed(from);
    d.hard = 0;
    d.weighted = d.penalty = 0;
    add_own(b, c, from, -1, d);
    add_own(b, c, to, 1, d);
    if (cost_of(b, d) > limit) return false;
    bool same = same_time(from, to);
    if (!same) {
        add_clashes(b, c, from, to, d);
        if (cost_of(b, d) > limit) return false;
    }
    for (u32 k = MODEL(RUN_ENDS)[c]; k < MODEL(RUN_ENDS)[c + 1]; k++) {
        const Run &run = ((const Run *)MODEL(RUNS))[k];
        add_run(b, run, from, to, d);
        if (run.hard && cost_of(b, d) > limit) return false;
    }
    if (!same && NUMBER(WEEK_IS_WORD)) {
        u64 out = week_bit(b, from), into = week_bit(b, to);
        for (u32 k = MODEL(ISOLATED_ENDS)[c]; k < MODEL(ISOLATED_ENDS)[c + 1]; k++) {
            const u32 *g = MODEL(ISOLATED) + 4 * k;
            i64 change = week_change(b, g[0], out, into);
            if (g[1] != NONE) add_hard(d, (i32)change, weight_of(b, g[1]));
            else d.penalty += change * wide(g + 2);
        }
    }
    for (u32 k = MODEL(OTHER_GROUPS_ENDS)[c]; k < MODEL(OTHER_GROUPS_ENDS)[c + 1]; k++) {
        u32 i = MODEL(OTHER_GROUPS)[k];
        const Group &g = group_row(b, i);
        i64 change = group_change(b, g, c, from, to);
        if (change == 0) continue;
        if (g.hard) add_hard(d, (i32)change, weight_of(b, g.constraint));
        else if (is_per_week(g.kind)) {
            i64 total = ((const i64 *)STATE(TOTALS))[i];
            d.penalty += per_week(b, g, total + change) - per_week(b, g, total);
        } else d.penalty += change * wide(g.cost);
    }
    if (cost_of(b, d) > limit) return false;
    student_change(b, c, from, to, d);
    return true;
}

static const i64 NO_LIMIT = 0x7fffffffffffffffll;

// By the leader: does a change whose difference is known.
BODY void commit(const Board &b, u32 c, u32 at, const Delta &d) {
    Spot from = spot_now(b, c), to = spot_of(b, c, at);
    bool same = same_time(from, to);
    u32 cells = NUMBER(N_CELLS);
    for (u32 k = MODEL(GROUPS_OF_ENDS)[c]; k < MODEL(GROUPS_OF_ENDS)[c + 1]; k++) {
        u32 i = MODEL(GROUPS_OF)[k];
        const Group &g = group_row(b, i);
        if (!same && is_per_week(g.kind) && !g.hard) ((i64 *)STATE(TOTALS))[i] += group_change(b, g, c, from, to);
        if (g.tally != NONE && NUMBER(WEEK_IS_WORD)) week_replace(b, g.tally, week_bit(b, from), week_bit(b, to));
    }
    u32 *next = STATE(ROOM_NEXT);
    if (from.room != NONE) {
        u32 *link = room_list(b, from);
        while (*link != c) link = next + *link;
        *link = next[c];
    }
    if (to.room != NONE) {
        u32 *head = room_list(b, to);
        next[c] = *head;
        *head = c;
    }
    if (cells != 0 && from.cell != to.cell) {
        u32 *table = STATE(CLASH_TABLE), bytes = NUMBER(CLASH_BYTES);
        for (u32 k = MODEL(CLASH_ENDS)[c]; k < MODEL(CLASH_ENDS)[c + 1]; k++) {
            u32 other = MODEL(CLASHES)[2 * k], n = MODEL(CLASHES)[2 * k + 1];
            if (placed(from)) add_count(table, bytes, other * cells + from.cell, 0 - n);
            if (placed(to)) add_count(table, bytes, other * cells + to.cell, n);
        }
    }
    STATE(SPOTS)[c] = at;
    STATE(ROOM_IDS)[c] = to.room;
    STATE(TIME_IDS)[c] = placed(to) ? time_option(b, class_row(b, c).times + time_of(at)).id : NONE;
    COUNT->unplaced += (u32)d.unplaced;
    COUNT->hard += d.hard;
    COUNT->penalty += d.penalty;
}

DEVICE Delta negative(const Delta &d) {
    Delta n = {-d.unplaced, -d.hard, -d.weighted, -d.penalty};
    return n;
}
