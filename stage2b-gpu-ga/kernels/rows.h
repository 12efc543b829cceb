// Timetables as rows of small integers: reading one into a state, and writing one.
#pragma once
#include "moves.h"

DEVICE u32 get(const u8 *numbers, u32 bytes, u32 i) {
    if (bytes == 1) return numbers[i] == 0xffu ? NONE : numbers[i];
    if (bytes == 2) {
        u32 n = ((const u16 *)numbers)[i];
        return n == 0xffffu ? NONE : n;
    }
    return ((const u32 *)numbers)[i];
}

DEVICE void put(u8 *numbers, u32 bytes, u32 i, u32 n) {
    if (bytes == 1) numbers[i] = (u8)n;
    else if (bytes == 2) ((u16 *)numbers)[i] = (u16)n;
    else ((u32 *)numbers)[i] = n;
}

DEVICE u32 row_spot(const Board &b, const u8 *row, u32 c) {
    u32 time = get(row, NUMBER(TIME_BYTES), c), room = get(row + NUMBER(ROW_ROOMS), NUMBER(ROOM_BYTES), c);
    return place(time & 0xffffu, room & 0xffffu);
}

DEVICE u32 row_class(const Board &b, const u8 *row, u32 p) {
    u32 k = get(row + NUMBER(ROW_PLACES), NUMBER(PLACE_BYTES), p);
    return k == NONE ? NONE : MODEL(FIRSTS)[p] + k;
}

BODY void write_row(const Board &b, u8 *row, const u32 *spots, const u32 *places) {
    FOR_EACH_LANE(lane) {
        for (u32 c = lane; c < NUMBER(N_CLASSES); c += LANES) {
            put(row, NUMBER(TIME_BYTES), c, time_of(spots[c]));
            put(row + NUMBER(ROW_ROOMS), NUMBER(ROOM_BYTES), c, room_of(spots[c]));
        }
        for (u32 p = lane; p < NUMBER(N_ROW_PLACES); p += LANES) {
            put(row + NUMBER(ROW_PLACES), NUMBER(PLACE_BYTES), p, places[p] == NONE ? NONE : places[p] - MODEL(FIRSTS)[p]);
        }
    }
}

DEVICE u32 weight_words(const Board &b) { return (NUMBER(N_HARD) + NUMBER(N_ROOMS) + 3) / 4; }

// How often what was made heavier: bytes in both.
DEVICE void write_weights(const Board &b, u8 *row) {
    FOR_EACH_LANE(lane) {
        for (u32 k = lane; k < weight_words(b); k += LANES) ((u32 *)(row + NUMBER(ROW_WEIGHTS)))[k] = STATE(WEIGHTS)[k];
    }
}

// Fills a section of the state with a word.
DEVICE void fill(u32 *words, u32 count, u32 value) {
    FOR_EACH_LANE(lane) {
        for (u32 k = lane; k < count; k += LANES) words[k] = value;
    }
}

DEVICE u32 section_words(const Board &b, u32 section) {
    u32 end = section + 1 < STATE_SECTIONS ? b.layout->at[section + 1] : b.layout->words;
    return end - b.layout->at[section];
}

// A row on the board, and its score; it is the best that the walk has seen.
BODY void read_row(const Board &b, const u8 *row) {
    for (u32 section = 0; section < STATE_SECTIONS; section++) {
        bool none = section == SPOTS || section == TIME_IDS || section == ROOM_IDS || section == ROOM_HEADS || section == ENROLMENT ||
                    section == STUDENT_HEADS;
        fill(b.state + b.layout->at[section], section_words(b, section), none ? NONE : 0);
    }
    MEET;
    FOR_EACH_LANE(lane) {
        for (u32 k = lane; k < weight_words(b); k += LANES) STATE(WEIGHTS)[k] = ((const u32 *)(row + NUMBER(ROW_WEIGHTS)))[k];
    }
    MEET;
    LEADER {
        Counts *n = COUNT;
        n->unplaced = NUMBER(N_CLASSES);
        n->hard = wide(MODEL(NUMBERS) + EMPTY_HARD_LOW);
        n->penalty = wide(MODEL(NUMBERS) + EMPTY_PENALTY_LOW);
        for (u32 g = 0; g < NUMBER(N_GROUPS); g++) {
            const Group &group = group_row(b, g);
            if (group.kind == MIN_WORKING_DAYS) ((i64 *)STATE(TOTALS))[g] = group.params[0];
        }
        for (u32 r = 0; r < NUMBER(N_REQUESTS); r++) {
            const Request &request = request_row(b, r);
            u32 to[MOST_PLACES];
            for (u32 k = 0; k < request.count; k++) {
                u32 p = request.first + k;
                to[k] = NUMBER(N_ROW_PLACES) ? row_class(b, row, p) : MODEL(FIXED_PLACES)[p];
            }
            Delta d = enrol_delta(b, request, to);
            enrol(b, request, to);
            n->hard += d.hard;
            n->penalty += d.penalty;
        }
        for (u32 c = 0; c < NUMBER(N_CLASSES); c++) {
            u32 at = row_spot(b, row, c);
            if (!is_placed(at)) continue;
            Delta d;
            delta(b, c, spot_of(b, c, at), NO_LIMIT, d);
            commit(b, c, at, d);
        }
        list_unplaced(b);
        keep_begin(b);
    }
    MEET;
}
