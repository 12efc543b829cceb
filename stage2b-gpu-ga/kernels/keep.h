// The best timetable that a walk has seen, kept up to date by what changed since, not by copying it whole.
#pragma once
#include "delta.h"

static const u32 CHANGES = 256;

DEVICE bool less(u32 unplaced_a, i64 hard_a, i64 penalty_a, u32 unplaced_b, i64 hard_b, i64 penalty_b) {
    if (unplaced_a != unplaced_b) return unplaced_a < unplaced_b;
    if (hard_a != hard_b) return hard_a < hard_b;
    return penalty_a < penalty_b;
}

DEVICE void class_changed(const Board &b, u32 c) {
    Counts *n = COUNT;
    if (n->changed_classes < CHANGES) STATE(CHANGED_CLASSES)[n->changed_classes++] = c;
    else n->overflow = 1;
}

DEVICE void request_changed(const Board &b, u32 r) {
    Counts *n = COUNT;
    if (n->changed_requests < CHANGES) STATE(CHANGED_REQUESTS)[n->changed_requests++] = r;
    else n->overflow = 1;
}

// Remembers that the timetable is the best; stored before it gets worse.
DEVICE void keep_look(const Board &b) {
    Counts *n = COUNT;
    if (!less(n->unplaced, n->hard, n->penalty, n->best_unplaced, n->best_hard, n->best_penalty)) return;
    n->best_unplaced = n->unplaced;
    n->best_hard = n->hard;
    n->best_penalty = n->penalty;
    n->pending = 1;
}

// Stores the timetable if it is the best and not stored yet.
BODY void keep_store(const Board &b) {
    Counts *n = COUNT;
    if (!n->pending) return;
    if (n->overflow) {
        for (u32 c = 0; c < NUMBER(N_CLASSES); c++) STATE(BEST_SPOTS)[c] = STATE(SPOTS)[c];
        for (u32 p = 0; p < NUMBER(N_ROW_PLACES); p++) STATE(BEST_PLACES)[p] = STATE(ENROLMENT)[p];
    } else {
        for (u32 k = 0; k < n->changed_classes; k++) {
            u32 c = STATE(CHANGED_CLASSES)[k];
            STATE(BEST_SPOTS)[c] = STATE(SPOTS)[c];
        }
        for (u32 k = 0; k < n->changed_requests; k++) {
            const Request &r = request_row(b, STATE(CHANGED_REQUESTS)[k]);
            for (u32 p = r.first; p < r.first + r.count; p++) STATE(BEST_PLACES)[p] = STATE(ENROLMENT)[p];
        }
    }
    n->changed_classes = n->changed_requests = 0;
    n->overflow = n->pending = 0;
}

// The timetable as it is now is the best.
DEVICE void keep_begin(const Board &b) {
    Counts *n = COUNT;
    n->best_unplaced = n->unplaced;
    n->best_hard = n->hard;
    n->best_penalty = n->penalty;
    n->pending = n->overflow = 1;
    keep_store(b);
}

BODY void list_unplaced(const Board &b) {
    Counts *n = COUNT;
    n->listed = 0;
    for (u32 c = 0; c < NUMBER(N_CLASSES); c++) {
        if (!is_placed(STATE(SPOTS)[c])) STATE(UNPLACED)[n->listed++] = c;
    }
}
