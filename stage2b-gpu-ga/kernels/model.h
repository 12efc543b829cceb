// The problem as words, and the timetable that a warp works on.
#pragma once
#include "lanes.h"
#include "sections.h"

struct Model {
    const u32 *words;
    u32 at[MODEL_SECTIONS];
};

struct Layout {
    u32 at[STATE_SECTIONS];
    u32 words;
};

// What the leader counts, in the first section of the state.
struct Counts {
    i64 hard, penalty;
    i64 best_hard, best_penalty;
    u32 unplaced, best_unplaced;
    // Classes in the list of those not placed.
    u32 listed;
    // The timetable is the best, but what changed is not stored yet.
    u32 pending;
    // More changed than is listed.
    u32 overflow;
    u32 changed_classes, changed_requests;
    // The first step that has to be done, of those that the lanes looked at.
    u32 next;
};

// What a walk compares: everything weighed into one number.
struct Weights {
    i64 unplaced, hard, slack;
};

struct Board {
    const Model *model;
    const Layout *layout;
    u32 *state;
    Weights weights;
};

#define MODEL(section) (b.model->words + b.model->at[section])
#define STATE(section) (b.state + b.layout->at[section])
#define NUMBER(n) (MODEL(NUMBERS)[n])
#define COUNT ((Counts *)STATE(COUNTS))

// What is violated gets heavier by so much at a time.
static const u32 HEAVIER_BY = 4;

// What a violation of a hard constraint weighs, and a clash in a room. The state holds how often each was made heavier.
DEVICE u32 weight_of(const Board &b, u32 hard) { return 1 + HEAVIER_BY * ((const u8 *)STATE(WEIGHTS))[hard]; }
DEVICE u32 room_weight(const Board &b, u32 room) { return weight_of(b, NUMBER(N_HARD) + room); }

// Small counts, of one byte or two each.
DEVICE u32 count_at(const u32 *counts, u32 bytes, u32 k) { return bytes == 1 ? ((const u8 *)counts)[k] : ((const u16 *)counts)[k]; }
DEVICE u32 add_count(u32 *counts, u32 bytes, u32 k, u32 n) {
    if (bytes == 1) return ((u8 *)counts)[k] = (u8)(((u8 *)counts)[k] + n);
    return ((u16 *)counts)[k] = (u16)(((u16 *)counts)[k] + n);
}

DEVICE i64 wide(const u32 *low) { return (i64)((u64)low[0] | (u64)low[1] << 32); }

// A placement as one word: the position of the time, and of the room in the upper half.
static const u32 NOWHERE = 0xffffffffu;
static const u32 NO_ROOM = 0xffffu;
DEVICE u32 place(u32 time, u32 room) { return time | room << 16; }
DEVICE u32 time_of(u32 at) { return at & 0xffffu; }
DEVICE u32 room_of(u32 at) { return at >> 16; }
DEVICE bool is_placed(u32 at) { return time_of(at) != 0xffffu; }

// Where a class is, unpacked for comparing. Not placed: no weeks, so that it overlaps nothing.
struct Spot {
    u64 weeks;
    u32 days;
    i32 start, end;
    u32 cell, room, at;
};

struct Class {
    u32 times, time_count, rooms, room_count, subpart, parent, limit, pad;
};
struct Option {
    u32 id;
    i32 hard;
    u32 penalty[2];
};
struct Request {
    u32 student, course, first, count;
};
struct Ranges {
    u32 owner, first, count, pad;
};

DEVICE const Class &class_row(const Board &b, u32 c) { return ((const Class *)MODEL(CLASSES))[c]; }
DEVICE const Option &time_option(const Board &b, u32 k) { return ((const Option *)MODEL(TIME_OPTIONS))[k]; }
DEVICE const Option &room_option(const Board &b, u32 k) { return ((const Option *)MODEL(ROOM_OPTIONS))[k]; }
DEVICE const Request &request_row(const Board &b, u32 r) { return ((const Request *)MODEL(REQUESTS))[r]; }

DEVICE Spot spot_of_time(const u32 *t, u32 room, u32 at) {
    Spot s;
    s.weeks = (u64)wide(t);
    s.days = t[2] & 0xffffu;
    s.start = (i32)(t[2] >> 16);
    s.end = (i32)(t[3] & 0xffffu);
    s.cell = t[3] >> 16;
    s.room = room;
    s.at = at;
    return s;
}

DEVICE Spot nowhere() {
    Spot s;
    s.weeks = 0;
    s.days = 0;
    s.start = s.end = 0;
    s.cell = 0xffffu;
    s.room = NONE;
    s.at = NOWHERE;
    return s;
}

// Where the class would be.
DEVICE Spot spot_of(const Board &b, u32 c, u32 at) {
    if (!is_placed(at)) return nowhere();
    const Class &row = class_row(b, c);
    u32 room = room_of(at) == NO_ROOM ? NONE : room_option(b, row.rooms + room_of(at)).id;
    return spot_of_time(MODEL(TIMES) + 4 * time_option(b, row.times + time_of(at)).id, room, at);
}

// Where it is.
DEVICE Spot spot_now(const Board &b, u32 c) {
    u32 time = STATE(TIME_IDS)[c];
    if (time == NONE) return nowhere();
    return spot_of_time(MODEL(TIMES) + 4 * time, STATE(ROOM_IDS)[c], STATE(SPOTS)[c]);
}

DEVICE bool placed(const Spot &s) { return s.weeks != 0; }
DEVICE bool shares_day(const Spot &a, const Spot &b) { return (a.weeks & b.weeks) != 0 && (a.days & b.days) != 0; }
DEVICE bool overlaps(const Spot &a, const Spot &b) { return shares_day(a, b) && a.start < b.end && b.start < a.end; }
DEVICE bool same_time(const Spot &a, const Spot &b) {
    return a.weeks == b.weeks && a.days == b.days && a.start == b.start && a.end == b.end;
}
DEVICE bool same_room(const Spot &a, const Spot &b) { return a.room == b.room && placed(a) == placed(b); }
DEVICE i32 larger(i32 a, i32 b) { return a > b ? a : b; }
DEVICE i32 smaller(i32 a, i32 b) { return a < b ? a : b; }
DEVICE i64 above(i64 a, i64 b) { return a > b ? a - b : 0; }

// Whether one person cannot attend both: they overlap, or the way between the rooms is too long.
DEVICE bool apart(const Board &b, const Spot &x, const Spot &y) {
    if (!shares_day(x, y)) return false;
    i32 gap = larger(y.start - x.end, x.start - y.end);
    if (gap >= (i32)NUMBER(LONGEST_WAY)) return false;
    if (gap < 0) return true;
    if (x.room == NONE || y.room == NONE) return false;
    return gap < (i32)((const u16 *)MODEL(TRAVEL))[x.room * NUMBER(N_ROOMS) + y.room];
}
