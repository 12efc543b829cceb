// The kernels of the genetic algorithm: one warp looks after one individual.
#include "adopt.h"
#include "weights.h"

// What is known of an individual beside its timetable.
struct Individual {
    i64 hard, penalty;
    i64 best_hard, best_penalty;
    u32 unplaced, best_unplaced;
    // Weight of a hard violation.
    i64 weight;
    // The share of the budget after which it went back to the best; above ONE where it did not.
    u64 warmed;
    u64 pad;
};

// From a first temperature to a last, falling by a constant factor; shares have 32 binary places.
struct Schedule {
    u64 first, halvings;
    u64 factors[32];
};

struct Stretch {
    u64 seed;
    u64 from, until;
    u64 steps;
    Schedule schedule;
    // The second half of the names of its walks, or of its crossovers.
    u32 name;
    // This device's individuals: how many.
    u32 individuals;
    // The better of two rivals takes the place of the other.
    u32 replace;
    // The first of these individuals in the whole population, which has `all`.
    u32 first;
    // What is violated at the end of a walk weighs more from then on.
    u32 heavier;
    u32 all;
};

static const u64 ONE = 1ull << 32;
static const u64 WARM = 858993459ull; // a fifth
static const u32 SLICE = 512;         // steps at one temperature

DEVICE u64 product(u64 x, u64 y) {
#ifdef STAGECOACH_HOST
    return (u64)(((unsigned __int128)x * y) >> 32);
#else
    return __umul64hi(x, y) << 32 | (x * y) >> 32;
#endif
}

DEVICE u64 exp2_negative(const Schedule &s, u64 x) {
    u64 whole = x >> 32, power = ONE;
    if (whole >= 32) return 0;
    for (u32 k = 0; k < 32; k++) {
        if (x >> (31 - k) & 1) power = (power * s.factors[k] + (1u << 31)) >> 32;
    }
    return power >> whole;
}

// The temperature at a share of the budget.
DEVICE u64 temperature(const Stretch &t, const Individual &it, u64 used) {
    if (it.warmed <= ONE) {
        u64 left = ONE - it.warmed, since = used > it.warmed ? used - it.warmed : 0;
        since = left == 0 ? ONE : (since << 32) / left;
        used = WARM + product(ONE - WARM, since < ONE ? since : ONE);
    }
    if (used > ONE) used = ONE;
    return product(t.schedule.first, exp2_negative(t.schedule, product(t.schedule.halvings, used)));
}

DEVICE u64 slice_temperature(const Stretch &t, const Individual &it, u64 slice) {
    u64 done = slice * SLICE;
    return temperature(t, it, t.from + (t.until - t.from) * (done < t.steps ? done : t.steps) / (t.steps ? t.steps : 1));
}

// The state of a warp: its part of `states`, or, without these, shared memory.
DEVICE u32 *state_of(const Layout &layout, u32 *states) {
#ifndef STAGECOACH_HOST
    extern __shared__ uint4 shared_state[];
    if (states == 0) return (u32 *)shared_state;
#endif
    return states + (u64)warp_number() * layout.words;
}

DEVICE Board board_of(const Model &model, const Layout &layout, u32 *states, i64 hard) {
    Board b;
    b.model = &model;
    b.layout = &layout;
    b.state = state_of(layout, states);
    b.weights.hard = hard;
    b.weights.unplaced = hard * 4;
    b.weights.slack = hard / 2;
    return b;
}

// By the leader: the score of the board.
DEVICE void tell_score(const Board &b, Individual &it) {
    it.unplaced = COUNT->unplaced;
    it.hard = COUNT->hard;
    it.penalty = COUNT->penalty;
}

// Full evaluation: the score of every row.
KERNEL evaluate(const Model model, const Layout layout, u32 *states, u32 count, const u8 *rows, Individual *individuals) {
    for (u32 i = warp_number(); i < count; i += warp_count()) {
        Board b = board_of(model, layout, states, individuals[i].weight);
        read_row(b, rows + (u64)i * NUMBER(ROW_BYTES));
        LEADER tell_score(b, individuals[i]);
        MEET;
    }
}

// Everyone walks from where they are.
KERNEL walk(const Model model, const Layout layout, u32 *states, const Stretch stretch, u8 *rows, u8 *best, Individual *individuals) {
    for (u32 i = warp_number(); i < stretch.individuals; i += warp_count()) {
        Individual it = individuals[i];
        Board b = board_of(model, layout, states, it.weight);
        u8 *row = rows + (u64)i * NUMBER(ROW_BYTES);
        read_row(b, row);
        u64 slice = 0, now = slice_temperature(stretch, it, 0), after = slice_temperature(stretch, it, 1);
        for (u64 step = 0; step < stretch.steps;) {
            if (step / SLICE != slice) {
                slice = step / SLICE;
                now = slice_temperature(stretch, it, slice);
                after = slice_temperature(stretch, it, slice + 1);
            }
            u32 looked = stretch.steps - step < LANES ? (u32)(stretch.steps - step) : LANES;
            FOR_EACH_LANE(lane) {
                Draws draws;
                draws.seed = stretch.seed;
                draws.walk[0] = stretch.first + i;
                draws.walk[1] = stretch.name;
                u64 t = (step + lane) / SLICE == slice ? now : after;
                STATE(VERDICTS)[lane] = lane < looked && step_of(b, draws, step + lane, t, true);
            }
            MEET;
            LEADER {
                u32 first = 0;
                while (first < looked && !STATE(VERDICTS)[first]) first++;
                if (first < looked) {
                    Draws draws;
                    draws.seed = stretch.seed;
                    draws.walk[0] = stretch.first + i;
                    draws.walk[1] = stretch.name;
                    step_of(b, draws, step + first, (step + first) / SLICE == slice ? now : after, false);
                    first++;
                }
                COUNT->next = first;
            }
            MEET;
            step += COUNT->next;
        }
        Counts *n = COUNT;
        LEADER {
            keep_store(b);
            tell_score(b, individuals[i]);
        }
        MEET;
        write_row(b, row, STATE(SPOTS), STATE(ENROLMENT));
        if (stretch.heavier && n->hard > 0) {
            weigh_violations(b);
            write_weights(b, row);
            LEADER individuals[i].weight += it.weight * HEAVIER_BY / 64 + 1;
        }
        if (less(n->best_unplaced, n->best_hard, n->best_penalty, it.best_unplaced, it.best_hard, it.best_penalty)) {
            write_row(b, best + (u64)i * NUMBER(ROW_BYTES), STATE(BEST_SPOTS), STATE(BEST_PLACES));
            LEADER {
                individuals[i].best_unplaced = n->best_unplaced;
                individuals[i].best_hard = n->best_hard;
                individuals[i].best_penalty = n->best_penalty;
            }
        }
        MEET;
    }
}

// Everyone meets a rival, drawn by chance; the better of the two goes on in the first one's place, with those clusters of the other that it can
// afford. Without `replace` each stays in its own place. Rows and parents are everyone's, children and individuals this device's.
KERNEL breed(const Model model, const Layout layout, u32 *states, const Stretch stretch, const u8 *rows, u8 *children,
             const Individual *parents, Individual *individuals) {
    for (u32 i = warp_number(); i < stretch.individuals; i += warp_count()) {
        u32 place = stretch.first + i;
        Draws draws;
        draws.seed = stretch.seed;
        draws.walk[0] = place;
        draws.walk[1] = stretch.name;
        begin_step(draws, 0);
        u32 rival = (place + 1 + below(word(draws), stretch.all - 1)) % stretch.all;
        const Individual &me = parents[place], &other = parents[rival];
        bool loses = stretch.replace && less(other.unplaced, other.hard, other.penalty, me.unplaced, me.hard, me.penalty);
        const Individual &base = loses ? other : me;
        const u8 *mine = rows + (u64)place * model.words[model.at[NUMBERS] + ROW_BYTES];
        const u8 *theirs = rows + (u64)rival * model.words[model.at[NUMBERS] + ROW_BYTES];
        Board b = board_of(model, layout, states, base.weight);
        read_row(b, loses ? theirs : mine);
        LEADER {
            u64 t = temperature(stretch, base, stretch.until);
            for (u32 part = 0; part < NUMBER(N_PARTS); part++) {
                i64 patience = patience_of(b, t, word(draws));
                adopt(b, part, loses ? mine : theirs, patience);
            }
            tell_score(b, individuals[i]);
            individuals[i].weight = base.weight;
            individuals[i].warmed = base.warmed;
        }
        MEET;
        write_row(b, children + (u64)i * NUMBER(ROW_BYTES), STATE(SPOTS), STATE(ENROLMENT));
        write_weights(b, children + (u64)i * NUMBER(ROW_BYTES));
        MEET;
    }
}
