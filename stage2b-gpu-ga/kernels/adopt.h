// Taking over from another timetable where the classes of a cluster are, if that can be afforded.
#pragma once
#include "moves.h"
#include "rows.h"

static const u32 OTHERS = 64; // classes beyond the cluster's own that may have to move with them

// Lists who goes where; NONE where too many would have to.
BODY u32 find_adopted(const Board &b, u32 part, const u8 *from) {
    u32 *links = STATE(LINKS), count = 0;
    for (u32 k = MODEL(PART_CLASS_ENDS)[part]; k < MODEL(PART_CLASS_ENDS)[part + 1]; k++) {
        u32 c = MODEL(PART_CLASSES)[k], there = row_spot(b, from, c);
        if (there != STATE(SPOTS)[c] && is_placed(there)) links[count++] = c;
    }
    u32 most = count + OTHERS;
    for (u32 next = 0; next < count; next++) {
        u32 c = links[next];
        Spot s = spot_of(b, c, row_spot(b, from, c));
        for (u32 o = next_rival(b, c, s, NONE); o != NONE; o = next_rival(b, c, s, o)) {
            // Where the other timetable has both in each other's way, neither moves for the other.
            u32 there = row_spot(b, from, o);
            if (there == STATE(SPOTS)[o] || !is_placed(there) || contains(links, count, o)) continue;
            if (count == most) return NONE;
            links[count++] = o;
        }
    }
    return count;
}

// By the leader: one cluster, if it costs no more than `patience`.
BODY void adopt(const Board &b, u32 part, const u8 *from, i64 patience) {
    u32 count = find_adopted(b, part, from);
    if (count == NONE) return;
    Counts *n = COUNT;
    u32 unplaced = n->unplaced, *links = STATE(LINKS), *was = links + NUMBER(N_CLASSES);
    i64 hard = n->hard, penalty = n->penalty;
    keep_store(b);
    Delta sum = {0, 0, 0, 0}, d;
    for (u32 k = 0; k < count; k++) {
        u32 c = links[k], at = row_spot(b, from, c);
        was[k] = STATE(SPOTS)[c];
        delta(b, c, spot_of(b, c, at), NO_LIMIT, d);
        commit(b, c, at, d);
        add(sum, d);
    }
    u32 enrolled = 0, old = 0, *places = STATE(OLD_PLACES);
    for (u32 k = MODEL(PART_REQUEST_ENDS)[part]; NUMBER(N_ROW_PLACES) && k < MODEL(PART_REQUEST_ENDS)[part + 1]; k++) {
        u32 r = MODEL(PART_REQUESTS)[k];
        const Request &request = request_row(b, r);
        u32 to[MOST_PLACES];
        bool same = true;
        for (u32 j = 0; j < request.count; j++) {
            to[j] = row_class(b, from, request.first + j);
            same &= to[j] == STATE(ENROLMENT)[request.first + j];
        }
        if (same) continue;
        for (u32 j = 0; j < request.count; j++) places[old++] = STATE(ENROLMENT)[request.first + j];
        d = enrol_delta(b, request, to);
        enrol(b, request, to);
        n->hard += d.hard;
        n->penalty += d.penalty;
        add(sum, d);
        STATE(ENROLLED)[enrolled++] = r;
    }
    if (count == 0 && enrolled == 0) return;
    if (cost_of(b, sum) > patience) {
        while (enrolled > 0) {
            const Request &request = request_row(b, STATE(ENROLLED)[--enrolled]);
            old -= request.count;
            enrol(b, request, places + old);
        }
        Delta nothing = {0, 0, 0, 0};
        while (count > 0) {
            count--;
            commit(b, links[count], was[count], nothing);
        }
        n->unplaced = unplaced;
        n->hard = hard;
        n->penalty = penalty;
        return;
    }
    for (u32 k = 0; k < count; k++) class_changed(b, links[k]);
    for (u32 k = 0; k < enrolled; k++) request_changed(b, STATE(ENROLLED)[k]);
    if (n->listed > 0) list_unplaced(b);
    accepted(b);
}
