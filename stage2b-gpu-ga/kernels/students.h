// What students take: who meets whom, what their days look like, and what another choice changes.
#pragma once
#include "model.h"

struct Delta {
    i32 unplaced, hard;
    // Hard violations, each times its weight.
    i64 weighted, penalty;
};

DEVICE void add(Delta &d, const Delta &o) {
    d.unplaced += o.unplaced;
    d.hard += o.hard;
    d.weighted += o.weighted;
    d.penalty += o.penalty;
}

DEVICE void add_hard(Delta &d, i32 change, u32 weight) {
    d.hard += change;
    d.weighted += (i64)change * weight;
}

DEVICE void add_conflicts(const Board &b, i64 change, Delta &d) {
    if (NUMBER(STUDENT_CONFLICTS_HARD)) add_hard(d, (i32)change, 1);
    else d.penalty += change * (i64)NUMBER(STUDENT_WEIGHT);
}

DEVICE bool counts_days(const Board &b) {
    return wide(MODEL(NUMBERS) + SINGLE_DAY_LOW) != 0 || NUMBER(SINGLE_DAY_HARD) != 0 || wide(MODEL(NUMBERS) + LONG_RUN_LOW) != 0 ||
           NUMBER(LONG_RUN_HARD) != 0;
}

struct DayAmounts {
    i64 single, run;
};

// One place of a student, or all of one request, taken as if it were otherwise.
struct Otherwise {
    // Places from here, so many, hold these classes.
    u32 first, count;
    const u32 *classes;
    // This place's class is there.
    u32 place;
    Spot spot;
};

// What the student's days in `days` amount to.
BODY DayAmounts day_amounts(const Board &b, u32 student, u32 days, const Otherwise &o) {
    DayAmounts sum = {0, 0};
    const u32 *ends = MODEL(STUDENT_PLACES) + student;
    for (; days != 0; days &= days - 1) {
        u32 day = lowest(days), classes = 0;
        u64 held = 0;
        for (u32 p = ends[0]; p < ends[1]; p++) {
            u32 c = p - o.first < o.count ? o.classes[p - o.first] : STATE(ENROLMENT)[p];
            if (c == NONE) continue;
            Spot s = p == o.place ? o.spot : spot_now(b, c);
            if ((s.days >> day & 1) == 0) continue;
            classes++;
            for (i32 slot = s.start; slot < s.end; slot++) held |= 1ull << (slot & 63);
        }
        sum.single += classes == 1;
        u64 run = held;
        for (u32 k = 1; k <= NUMBER(LONG_RUN_LENGTH); k++) run &= held << (k & 63);
        sum.run += ones64(run);
    }
    return sum;
}

DEVICE void add_days(const Board &b, const DayAmounts &before, const DayAmounts &after, Delta &d) {
    i64 single = after.single - before.single, run = after.run - before.run;
    d.penalty += single * wide(MODEL(NUMBERS) + SINGLE_DAY_LOW) + run * wide(MODEL(NUMBERS) + LONG_RUN_LOW);
    add_hard(d, (i32)single * (i32)NUMBER(SINGLE_DAY_HARD) + (i32)run * (i32)NUMBER(LONG_RUN_HARD), 1);
}

// What a class's students feel of it when it moves.
BODY void student_change(const Board &b, u32 c, const Spot &from, const Spot &to, Delta &d) {
    if (NUMBER(N_PLACES) == 0) return;
    bool meet = !NUMBER(STUDENTS_IN_CLASHES) && !(same_time(from, to) && (same_room(from, to) || NUMBER(LONGEST_WAY) == 0));
    bool days = counts_days(b) && !same_time(from, to);
    if (!meet && !days) return;
    i64 change = 0;
    for (u32 p = STATE(STUDENT_HEADS)[c]; p != NONE; p = STATE(PLACE_NEXT)[p]) {
        u32 student = MODEL(PLACE_STUDENTS)[p];
        const u32 *ends = MODEL(STUDENT_PLACES) + student;
        for (u32 q = ends[0]; meet && q < ends[1]; q++) {
            u32 other = STATE(ENROLMENT)[q];
            if (other == NONE || other == c) continue;
            Spot s = spot_now(b, other);
            change += (i64)apart(b, to, s) - (i64)apart(b, from, s);
        }
        if (days) {
            Otherwise was = {0, 0, 0, p, from}, is = {0, 0, 0, p, to};
            u32 touched = from.days | to.days;
            add_days(b, day_amounts(b, student, touched, was), day_amounts(b, student, touched, is), d);
        }
    }
    add_conflicts(b, change, d);
}

// Whether the places of a request hold one configuration, one class of each of its subparts, each with its parent.
BODY bool is_proper(const Board &b, const Request &r, const u32 *places) {
    if (r.count == 0 || places[0] == NONE) return false;
    const Ranges *subparts = (const Ranges *)MODEL(SUBPARTS);
    const Ranges &config = ((const Ranges *)MODEL(CONFIGS))[subparts[class_row(b, places[0]).subpart].owner];
    if (config.owner != r.course) return false;
    for (u32 k = 0; k < r.count; k++) {
        u32 c = places[k];
        if (k >= config.count) {
            if (c != NONE) return false;
            continue;
        }
        if (c == NONE || class_row(b, c).subpart != config.first + k) return false;
        u32 parent = class_row(b, c).parent;
        bool taken = parent == NONE;
        for (u32 j = 0; j < r.count; j++) taken |= places[j] == parent;
        if (!taken) return false;
    }
    return true;
}

// Conflicts of a class with the student's classes outside the request.
DEVICE i64 meets(const Board &b, const Request &r, u32 c) {
    Spot s = spot_now(b, c);
    if (!placed(s)) return 0;
    const u32 *ends = MODEL(STUDENT_PLACES) + r.student;
    i64 n = 0;
    for (u32 q = ends[0]; q < ends[1]; q++) {
        u32 other = STATE(ENROLMENT)[q];
        if (q - r.first < r.count || other == NONE || other == c) continue;
        n += apart(b, s, spot_now(b, other));
    }
    return n;
}

// Conflicts among the classes of one request.
DEVICE i64 inside(const Board &b, const u32 *places, u32 count) {
    i64 n = 0;
    for (u32 k = 0; k < count; k++) {
        for (u32 j = k + 1; j < count; j++) {
            u32 x = places[k], y = places[j];
            if (x != NONE && y != NONE && x != y) n += apart(b, spot_now(b, x), spot_now(b, y));
        }
    }
    return n;
}

// The part of a request's change that is about the student: all but the sizes of classes.
BODY Delta student_delta(const Board &b, const Request &r, const u32 *to) {
    const u32 *from = STATE(ENROLMENT) + r.first;
    Delta d = {0, 0, 0, 0};
    bool same = true;
    for (u32 k = 0; k < r.count; k++) same &= from[k] == to[k];
    if (same) return d;
    add_hard(d, (i32)is_proper(b, r, from) - (i32)is_proper(b, r, to), 1);
    i64 conflicts = 0;
    u32 touched = 0;
    for (u32 k = 0; k < r.count; k++) {
        if (from[k] != NONE) touched |= spot_now(b, from[k]).days;
        if (to[k] != NONE) touched |= spot_now(b, to[k]).days;
        if (from[k] == to[k]) continue;
        if (from[k] != NONE) conflicts -= meets(b, r, from[k]);
        if (to[k] != NONE) conflicts += meets(b, r, to[k]);
    }
    conflicts += inside(b, to, r.count) - inside(b, from, r.count);
    add_conflicts(b, conflicts, d);
    if (counts_days(b)) {
        Otherwise was = {0, 0, 0, NONE, nowhere()}, is = {r.first, r.count, to, NONE, nowhere()};
        add_days(b, day_amounts(b, r.student, touched, was), day_amounts(b, r.student, touched, is), d);
    }
    return d;
}

DEVICE i32 beyond_limit(const Board &b, u32 c, i32 change) {
    u32 limit = class_row(b, c).limit;
    if (limit == NONE) return 0;
    i32 size = (i32)STATE(SIZES)[c];
    return larger(size + change - (i32)limit, 0) - larger(size - (i32)limit, 0);
}

// The exact difference of a request taking these classes instead.
BODY Delta enrol_delta(const Board &b, const Request &r, const u32 *to) {
    Delta d = {0, 0, 0, 0};
    if (NUMBER(STUDENTS_IN_CLASHES)) return d;
    const u32 *from = STATE(ENROLMENT) + r.first;
    for (u32 k = 0; k < r.count; k++) {
        if (from[k] == to[k]) continue;
        if (from[k] != NONE) add_hard(d, beyond_limit(b, from[k], -1), 1);
        if (to[k] != NONE) add_hard(d, beyond_limit(b, to[k], 1), 1);
    }
    add(d, student_delta(b, r, to));
    return d;
}

// By the leader: what the request takes from now on.
BODY void enrol(const Board &b, const Request &r, const u32 *to) {
    u32 *enrolment = STATE(ENROLMENT), *heads = STATE(STUDENT_HEADS), *next = STATE(PLACE_NEXT), *before = STATE(PLACE_BEFORE);
    u32 *sizes = STATE(SIZES);
    for (u32 k = 0; k < r.count; k++) {
        u32 p = r.first + k, old = enrolment[p], c = to[k];
        if (old == c) continue;
        if (old != NONE) {
            if (before[p] == NONE) heads[old] = next[p];
            else next[before[p]] = next[p];
            if (next[p] != NONE) before[next[p]] = before[p];
            sizes[old]--;
        }
        enrolment[p] = c;
        if (c != NONE) {
            before[p] = NONE;
            next[p] = heads[c];
            if (heads[c] != NONE) before[heads[c]] = p;
            heads[c] = p;
            sizes[c]++;
        }
    }
}
