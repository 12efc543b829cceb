// Weights of hard rules: what stays violated is made to weigh more.
#pragma once
#include "delta.h"

static const u32 MOST_TIMES = 127;
static const u32 MARK = 128; // of what is violated, while it is looked for

DEVICE void mark(const Board &b, u32 which) { ((u8 *)STATE(WEIGHTS))[which] |= (u8)MARK; }

// Marks what is violated where the class is.
BODY void mark_violated(const Board &b, u32 c) {
    Spot s = spot_now(b, c);
    if (!placed(s)) return;
    u32 who;
    if (s.room != NONE && (i32)in_room(b, c, s, who) + blocked(b, s) > 0) mark(b, NUMBER(N_HARD) + s.room);
    for (u32 k = MODEL(CLASH_ENDS)[c]; k < MODEL(CLASH_ENDS)[c + 1]; k++) {
        u32 source = MODEL(CLASH_SOURCES)[k];
        if (source != NONE && overlaps(s, spot_now(b, MODEL(CLASHES)[2 * k]))) mark(b, source);
    }
    for (u32 k = MODEL(RUN_ENDS)[c]; k < MODEL(RUN_ENDS)[c + 1]; k++) {
        const Run &run = ((const Run *)MODEL(RUNS))[k];
        for (u32 j = run.from; run.hard && j < run.to; j++) {
            const Pair &p = ((const Pair *)MODEL(PAIRS))[j];
            Spot o = spot_now(b, p.other);
            if (placed(o) && pair_broken(b, run, p, s, o)) mark(b, p.constraint);
        }
    }
    for (u32 k = MODEL(GROUPS_OF_ENDS)[c]; k < MODEL(GROUPS_OF_ENDS)[c + 1]; k++) {
        const Group &g = group_row(b, MODEL(GROUPS_OF)[k]);
        if (g.hard && group_change(b, g, c, s, nowhere()) < 0) mark(b, g.constraint);
    }
}

// Every constraint that is violated now, and every room with a clash, gets heavier. Lanes look at different classes and may mark the same
// byte, always in the same way.
BODY void weigh_violations(const Board &b) {
    FOR_EACH_LANE(lane) {
        for (u32 c = lane; c < NUMBER(N_CLASSES); c += LANES) mark_violated(b, c);
    }
    MEET;
    u8 *times = (u8 *)STATE(WEIGHTS);
    FOR_EACH_LANE(lane) {
        for (u32 k = lane; k < NUMBER(N_HARD) + NUMBER(N_ROOMS); k += LANES) {
            if ((times[k] & MARK) == 0) continue;
            u32 more = (times[k] & ~MARK) + 1;
            times[k] = (u8)(more < MOST_TIMES ? more : MOST_TIMES);
        }
    }
    MEET;
}
