// The steps of a walk.
//
// A step is a pure function of the timetable, the temperature and its own number, so the lanes of a warp look at as many steps as there are
// of them at once. What a look cannot reject, the leader does, in order; what comes after it is looked at again.
#pragma once
#include "keep.h"
#include "philox.h"

static const u32 LONGEST = 12; // no more classes move at once
static const u32 ROOM_LOOKS = 16;
static const u32 TAKER_LOOKS = 64;
static const u32 MOST_PLACES = 32; // of a request; with more, a problem is not for the device

// Position of a key in a sorted list of (key, position), or NONE.
DEVICE u32 position(const u32 *pairs, u32 from, u32 to, u32 key) {
    while (from < to) {
        u32 mid = (from + to) / 2;
        if (pairs[2 * mid] == key) return pairs[2 * mid + 1];
        if (pairs[2 * mid] < key) from = mid + 1;
        else to = mid;
    }
    return NONE;
}

DEVICE u32 time_position(const Board &b, u32 c, u32 time) {
    const u32 *ends = MODEL(TIME_POSITION_ENDS) + c;
    return position(MODEL(TIME_POSITIONS), ends[0], ends[1], time);
}

DEVICE u32 room_position(const Board &b, u32 c, u32 room) {
    const u32 *ends = MODEL(ROOM_POSITION_ENDS) + c;
    return position(MODEL(ROOM_POSITIONS), ends[0], ends[1], room);
}

// A random other placement: another time, another room, or both.
DEVICE u32 target(const Board &b, u32 c, u32 from, const Step &step) {
    const Class &row = class_row(b, c);
    u32 time = time_of(from), room = room_of(from);
    bool only_room = row.room_count > 1 && (row.time_count == 1 || step.what < NUMBER(MIX_ROOM));
    if (!only_room) time = below16(step.time, row.time_count);
    if (row.room_count > 1 && (only_room || step.what >= NUMBER(MIX_TIME))) room = below16(step.room, row.room_count);
    return place(time, room);
}

DEVICE bool is_taken(const Board &b, u32 c, u32 at) {
    u32 who;
    return in_room(b, c, spot_of(b, c, at), who) > 0;
}

// A room of the class in which nobody is at that time, looked for from a random one on; else NONE.
BODY u32 free_room(const Board &b, u32 c, u32 at, Draws &draws) {
    u32 n = class_row(b, c).room_count, first = below(word(draws), n);
    for (u32 k = 0; k < n && k < ROOM_LOOKS; k++) {
        u32 room = (first + k) % n;
        if (!is_taken(b, c, place(time_of(at), room))) return room;
    }
    return NONE;
}

// By the leader: a change is done and cost so much.
DEVICE void accepted(const Board &b) { keep_look(b); }

DEVICE bool worsens(const Delta &d) {
    if (d.unplaced != 0) return d.unplaced > 0;
    if (d.hard != 0) return d.hard > 0;
    return d.penalty > 0;
}

// One class goes elsewhere. With `look`, nothing is done; true where something would be.
BODY bool single(const Board &b, u32 c, u32 to, i64 patience, bool look) {
    Delta d;
    if (!delta(b, c, spot_of(b, c, to), patience + b.weights.slack, d) || cost_of(b, d) > patience) return false;
    if (look) return true;
    if (worsens(d)) keep_store(b);
    commit(b, c, to, d);
    class_changed(b, c);
    accepted(b);
    return true;
}

// Change of the clashes alone; `leaving` moves away from the new time as well.
DEVICE i32 clash_delta(const Board &b, u32 c, u32 to, u32 leaving) {
    Spot s = spot_of(b, c, to);
    i32 after = clashes_at(b, c, s);
    if (after > 0 && spot_now(b, leaving).cell == s.cell) {
        const u32 *clashes = MODEL(CLASHES);
        u32 at = position(clashes, MODEL(CLASH_ENDS)[c], MODEL(CLASH_ENDS)[c + 1], leaving);
        if (at != NONE) after -= (i32)at;
    }
    return after - clashes_at(b, c, spot_now(b, c));
}

// The class goes where another is, and that one to where the class was, as far as its own times and rooms allow.
BODY bool swap(const Board &b, u32 c, u32 from, u32 to, u32 other, i64 patience, Draws &draws, bool look) {
    u32 old = STATE(SPOTS)[other], there = old;
    u32 time = time_position(b, other, STATE(TIME_IDS)[c]), room = NONE;
    if (time != NONE) there = place(time, room_of(there));
    if (room_of(from) != NO_ROOM && room_of(old) != NO_ROOM) {
        room = room_position(b, other, STATE(ROOM_IDS)[c]);
        if (room != NONE) there = place(time_of(there), room);
    }
    if (time == NONE || room == NONE) {
        // It cannot go there: anywhere else.
        u32 wanted = there;
        Step step = further(draws);
        there = target(b, other, old, step);
        if (time != NONE && (step.how & 1) == 0) there = place(time_of(wanted), room_of(there));
        else if (room != NONE && (step.how & 2) == 0) there = place(time_of(there), room_of(wanted));
        if (there == old) return false;
    }
    if (NUMBER(N_CELLS) != 0) {
        i32 clashes = clash_delta(b, c, to, other) + clash_delta(b, other, there, c);
        if ((i64)clashes * b.weights.hard > patience + b.weights.slack) return false;
    }
    // The other's place in the room is all that may be violated at first.
    Delta first, second;
    Spot s = spot_of(b, c, to);
    if (!delta(b, c, s, patience + b.weights.slack + b.weights.hard * room_weight(b, s.room), first)) return false;
    if (look) return true;
    keep_store(b);
    commit(b, c, to, first);
    delta(b, other, spot_of(b, other, there), NO_LIMIT, second);
    Delta both = first;
    add(both, second);
    if (cost_of(b, both) > patience) {
        commit(b, c, from, negative(first));
        return false;
    }
    commit(b, other, there, second);
    class_changed(b, c);
    class_changed(b, other);
    accepted(b);
    return true;
}

// The next class after `after` (or the first, after NONE), by number, with which `c` would break a hard rule of two classes there, or
// which it would meet in the room; else NONE.
BODY u32 next_rival(const Board &b, u32 c, const Spot &s, u32 after) {
    u32 found = NONE, least = after == NONE ? 0 : after + 1;
    if (s.room != NONE) {
        for (u32 o = *room_list(b, s); o != NONE; o = STATE(ROOM_NEXT)[o]) {
            if (o >= least && o < found && meets_in_room(b, c, o, s)) found = o;
        }
    }
    if (NUMBER(N_CELLS) == 0 || clashes_at(b, c, s) > 0) {
        for (u32 k = MODEL(CLASH_ENDS)[c]; k < MODEL(CLASH_ENDS)[c + 1]; k++) {
            u32 o = MODEL(CLASHES)[2 * k];
            if (o >= least && o < found && overlaps(s, spot_now(b, o))) found = o;
        }
    }
    for (u32 k = MODEL(RUN_ENDS)[c]; k < MODEL(RUN_ENDS)[c + 1]; k++) {
        const Run &run = ((const Run *)MODEL(RUNS))[k];
        if (!run.hard || !placed(s)) continue;
        for (u32 j = run.from; j < run.to; j++) {
            const Pair &p = ((const Pair *)MODEL(PAIRS))[j];
            if (p.other < least || p.other >= found) continue;
            Spot o = spot_now(b, p.other);
            if (placed(o) && pair_broken(b, run, p, s, o)) found = p.other;
        }
    }
    return found;
}

// Several classes and where they go.
struct Links {
    u32 count;
    u32 classes[LONGEST], to[LONGEST];
};

DEVICE bool is_linked(const Links &l, u32 c) {
    for (u32 k = 0; k < l.count; k++) {
        if (l.classes[k] == c) return true;
    }
    return false;
}

// All links go where they are listed to go, one after the other, if they cost no more than that together. With `rooms`, each looks for another
// room where its own is taken.
BODY bool all_go(const Board &b, Links &l, bool rooms, i64 patience, Draws &draws) {
    keep_store(b);
    u32 was[LONGEST];
    Delta done[LONGEST], sum = {0, 0, 0, 0};
    for (u32 k = 0; k < l.count; k++) {
        u32 c = l.classes[k], to = l.to[k];
        if (rooms && is_taken(b, c, to)) {
            u32 room = free_room(b, c, to, draws);
            if (room != NONE) to = place(time_of(to), room);
        }
        was[k] = STATE(SPOTS)[c];
        delta(b, c, spot_of(b, c, to), NO_LIMIT, done[k]);
        commit(b, c, to, done[k]);
        add(sum, done[k]);
    }
    if (cost_of(b, sum) > patience) {
        for (u32 k = l.count; k-- > 0;) commit(b, l.classes[k], was[k], negative(done[k]));
        return false;
    }
    for (u32 k = 0; k < l.count; k++) class_changed(b, l.classes[k]);
    accepted(b);
    return true;
}

// The class goes to another time; whoever is in its way there goes to the time that it leaves, and so on, a few classes deep.
BODY bool kempe(const Board &b, u32 c, u32 to, i64 patience, Draws &draws, bool look) {
    u32 here = STATE(TIME_IDS)[c], there = time_option(b, class_row(b, c).times + time_of(to)).id;
    Links l;
    l.count = 1;
    l.classes[0] = c;
    l.to[0] = to;
    for (u32 k = 0; k < l.count; k++) {
        u32 link = l.classes[k];
        Spot s = spot_of(b, link, l.to[k]);
        for (u32 o = next_rival(b, link, s, NONE); o != NONE; o = next_rival(b, link, s, o)) {
            if (is_linked(l, o)) continue;
            u32 now = STATE(TIME_IDS)[o];
            if (l.count == LONGEST || (now != here && now != there)) return false;
            u32 time = time_position(b, o, now == here ? there : here);
            if (time == NONE) return false;
            l.classes[l.count] = o;
            l.to[l.count++] = place(time, room_of(STATE(SPOTS)[o]));
        }
    }
    return look || all_go(b, l, false, patience, draws);
}

static const u32 LIKE_START = 1, LIKE_TIME = 2, LIKE_DAYS = 4, LIKE_WEEKS = 8;

DEVICE bool within(u64 x, u64 y) { return (x & y) == x || (x & y) == y; }

// Whether two times have that in common.
DEVICE bool alike(u32 common, const Spot &x, const Spot &y) {
    if ((common & LIKE_START) && x.start != y.start) return false;
    if ((common & LIKE_TIME) && !((x.start >= y.start && x.end <= y.end) || (y.start >= x.start && y.end <= x.end))) return false;
    if ((common & LIKE_DAYS) && !within(x.days, y.days)) return false;
    return !(common & LIKE_WEEKS) || within(x.weeks, y.weeks);
}

DEVICE Spot time_spot(const Board &b, u32 c, u32 time) {
    return spot_of_time(MODEL(TIMES) + 4 * time_option(b, class_row(b, c).times + time).id, NONE, time);
}

// The class goes to another time, and those that shall be like it follow.
BODY bool follow(const Board &b, u32 c, u32 to, i64 patience, Draws &draws, bool look) {
    Links l;
    l.count = 1;
    l.classes[0] = c;
    l.to[0] = to;
    for (u32 k = 0; k < l.count; k++) {
        u32 link = l.classes[k];
        Spot s = time_spot(b, link, time_of(l.to[k]));
        for (u32 j = MODEL(ALIKE_ENDS)[link]; j < MODEL(ALIKE_ENDS)[link + 1]; j++) {
            u32 o = MODEL(ALIKE)[2 * j], common = MODEL(ALIKE)[2 * j + 1], at = STATE(SPOTS)[o];
            if (!is_placed(at) || is_linked(l, o)) continue;
            Spot now = time_spot(b, o, time_of(at));
            if (alike(common, s, now)) continue;
            if (l.count == LONGEST) return false;
            // The first that fits from a random one on; better one that begins when it did.
            u32 n = class_row(b, o).time_count, first = below(word(draws), n), found = NONE;
            for (u32 i = 0; i < n; i++) {
                u32 time = (first + i) % n;
                Spot then = time_spot(b, o, time);
                if (!alike(common, s, then)) continue;
                if (then.start == now.start) {
                    found = time;
                    break;
                }
                if (found == NONE) found = time;
            }
            if (found == NONE) continue;
            l.classes[l.count] = o;
            l.to[l.count++] = place(found, room_of(at));
        }
    }
    if (l.count < 2) return false;
    return look || all_go(b, l, true, patience, draws);
}

DEVICE bool contains(const u32 *places, u32 count, u32 c) {
    for (u32 k = 0; k < count; k++) {
        if (places[k] == c) return true;
    }
    return false;
}

DEVICE bool parent_taken(const Board &b, u32 c, const u32 *places, u32 count) {
    u32 parent = class_row(b, c).parent;
    return parent == NONE || contains(places, count, parent);
}

// Gives every subpart whose class is missing or lost its parent a class whose parent is taken.
DEVICE bool complete(const Board &b, u32 first, u32 n, u32 *to, u32 count, Draws &draws) {
    const Ranges *subparts = (const Ranges *)MODEL(SUBPARTS);
    for (u32 round = 0; round < n; round++) {
        bool settled = true;
        for (u32 k = 0; k < n; k++) {
            if (to[k] != NONE && parent_taken(b, to[k], to, count)) continue;
            settled = false;
            const Ranges &classes = subparts[first + k];
            u32 start = below(word(draws), classes.count), found = NONE;
            for (u32 i = 0; i < classes.count && found == NONE; i++) {
                u32 c = classes.first + (start + i) % classes.count;
                if (parent_taken(b, c, to, count)) found = c;
            }
            to[k] = found;
        }
        if (settled) return true;
    }
    for (u32 k = 0; k < n; k++) {
        if (to[k] == NONE || !parent_taken(b, to[k], to, count)) return false;
    }
    return true;
}

// Another way to meet the request, near to the present one. False where chance found none.
BODY bool another_way(const Board &b, const Request &r, u32 *to, Draws &draws) {
    const u32 *taken = STATE(ENROLMENT) + r.first;
    for (u32 k = 0; k < r.count; k++) to[k] = taken[k];
    const Ranges &course = ((const Ranges *)MODEL(COURSES))[r.course];
    const Ranges *subparts = (const Ranges *)MODEL(SUBPARTS);
    u32 config;
    if (r.count == 0 || to[0] == NONE || (course.count > 1 && below(word(draws), 4) == 0)) {
        config = course.first + below(word(draws), course.count);
        for (u32 k = 0; k < r.count; k++) to[k] = NONE;
    } else {
        config = subparts[class_row(b, to[0]).subpart].owner;
    }
    const Ranges &parts = ((const Ranges *)MODEL(CONFIGS))[config];
    u32 first = parts.first, n = parts.count;
    if (n == 0) return false;
    u32 changed = below(word(draws), n);
    const Ranges &classes = subparts[first + changed];
    u32 c = classes.first + below(word(draws), classes.count);
    if (c == to[changed] && classes.count > 1) c = classes.first + below(word(draws), classes.count);
    // The class, and its parents above it.
    for (u32 up = c; up != NONE; up = class_row(b, up).parent) {
        u32 subpart = class_row(b, up).subpart;
        if (subpart - first >= n) return false;
        to[subpart - first] = up;
    }
    if (!complete(b, first, n, to, r.count, draws)) return false;
    for (u32 k = 0; k < r.count; k++) {
        if (to[k] != taken[k]) return true;
    }
    return false;
}

// A student takes other classes of a course; where one is full, another student takes theirs in exchange.
BODY bool student(const Board &b, u32 request, i64 patience, Draws &draws, bool look) {
    const Request &r = request_row(b, request);
    u32 to[MOST_PLACES], mine[MOST_PLACES];
    if (!another_way(b, r, to, draws)) return false;
    u32 full = NONE;
    for (u32 k = 0; k < r.count && full == NONE; k++) {
        if (to[k] == STATE(ENROLMENT)[r.first + k] || to[k] == NONE) continue;
        u32 limit = class_row(b, to[k]).limit;
        if (limit != NONE && STATE(SIZES)[to[k]] >= limit) full = to[k];
    }
    if (full == NONE) {
        Delta d = enrol_delta(b, r, to);
        if (cost_of(b, d) > patience) return false;
        if (look) return true;
        if (worsens(d)) keep_store(b);
        enrol(b, r, to);
        COUNT->hard += d.hard;
        COUNT->penalty += d.penalty;
        request_changed(b, request);
        accepted(b);
        return true;
    }
    // The other is the next, in the course's list from a random one on, who takes the full class.
    u32 from = MODEL(TAKER_ENDS)[r.course], n = MODEL(TAKER_ENDS)[r.course + 1] - from, first = below(word(draws), n), partner = NONE;
    for (u32 k = 0; k < n && k < TAKER_LOOKS && partner == NONE; k++) {
        u32 other = MODEL(TAKERS)[from + (first + k) % n];
        const Request &o = request_row(b, other);
        if (contains(STATE(ENROLMENT) + o.first, o.count, full)) partner = other;
    }
    if (partner == NONE) return false;
    const Request &o = request_row(b, partner);
    if (o.student == r.student) return false;
    bool same = true;
    for (u32 k = 0; k < r.count; k++) {
        mine[k] = STATE(ENROLMENT)[r.first + k];
        to[k] = STATE(ENROLMENT)[o.first + k];
        same &= mine[k] == to[k];
    }
    if (same) return false;
    Delta d = {0, 0, 0, 0};
    if (!NUMBER(STUDENTS_IN_CLASHES)) {
        d = student_delta(b, r, to);
        add(d, student_delta(b, o, mine));
    }
    if (cost_of(b, d) > patience) return false;
    if (look) return true;
    if (worsens(d)) keep_store(b);
    enrol(b, r, to);
    enrol(b, o, mine);
    COUNT->hard += d.hard;
    COUNT->penalty += d.penalty;
    request_changed(b, request);
    request_changed(b, partner);
    accepted(b);
    return true;
}

// How much worse a step may be: -log2(u) × temperature, rounded down, for u between 0 and 1 as the word says.
DEVICE i64 patience_of(const Board &b, u64 temperature, u32 word) {
    word |= 1;
    u32 zeros = zeros_above(word), mantissa = (word << zeros << 1) >> 22;
    u32 log = ((zeros + 1) << 16) - MODEL(LOG2)[mantissa];
    return (i64)(((u64)log * temperature) >> 32);
}

// One step. With `look`, nothing is done; false where it is sure that nothing would be.
BODY bool step_of(const Board &b, Draws &draws, u64 number, u64 temperature, bool look) {
    Step step = begin_step(draws, number);
    i64 patience = patience_of(b, temperature, step.patience);
    if (step.what < NUMBER(MIX_STUDENTS)) {
        return student(b, MODEL(CHOOSABLE)[below(step.which, NUMBER(N_CHOOSABLE))], patience, draws, look);
    }
    Counts *counts = COUNT;
    if (counts->listed > 0 && (step.which & 15) == 0) {
        u32 i = below(word(draws), counts->listed), c = STATE(UNPLACED)[i];
        const Class &row = class_row(b, c);
        u32 time = below(word(draws), row.time_count);
        u32 room = row.room_count == 0 ? NO_ROOM : below(word(draws), row.room_count);
        bool done = single(b, c, place(time, room), patience, look);
        if (!look && is_placed(STATE(SPOTS)[c])) STATE(UNPLACED)[i] = STATE(UNPLACED)[--counts->listed];
        return done;
    }
    if (NUMBER(N_MOVABLE) == 0) return false;
    u32 c = MODEL(MOVABLE)[below(step.which, NUMBER(N_MOVABLE))], from = STATE(SPOTS)[c];
    if (!is_placed(from)) return false;
    u32 to = target(b, c, from, step);
    if (to == from) return false;
    if (time_of(to) != time_of(from)) {
        if (step.how < NUMBER(MIX_FOLLOW) && MODEL(ALIKE_ENDS)[c] < MODEL(ALIKE_ENDS)[c + 1]) return follow(b, c, to, patience, draws, look);
        if (step.how >= NUMBER(MIX_KEMPE)) return kempe(b, c, to, patience, draws, look);
    }
    u32 who = NONE, occupants = in_room(b, c, spot_of(b, c, to), who);
    if (occupants > 0 && time_of(to) != time_of(from) && (step.how & 255) < NUMBER(MIX_FREE)) {
        u32 room = free_room(b, c, to, draws);
        if (room != NONE) {
            to = place(time_of(to), room);
            occupants = 0;
        }
    }
    if (occupants == 1) return swap(b, c, from, to, who, patience, draws, look);
    return single(b, c, to, patience, look);
}
