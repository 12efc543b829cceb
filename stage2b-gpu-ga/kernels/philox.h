// Philox4x32-10, and the draws of a walk: four words for each step, by its number, and more where a step needs more.
#pragma once
#include "lanes.h"

struct Words {
    u32 w[4];
};

DEVICE Words philox(u32 a, u32 b, u32 c, u32 d, u32 key, u32 key_high) {
    for (int round = 0; round < 10; round++) {
        u64 x = (u64)0xd2511f53u * a, y = (u64)0xcd9e8d57u * c;
        a = (u32)(y >> 32) ^ b ^ key;
        b = (u32)y;
        c = (u32)(x >> 32) ^ d ^ key_high;
        d = (u32)x;
        key += 0x9e3779b9u;
        key_high += 0xbb67ae85u;
    }
    Words words = {{a, b, c, d}};
    return words;
}

struct Draws {
    u64 seed, step;
    u32 walk[2];
    u32 blocks, used;
    Words words;
};

// What is drawn for each step at once.
struct Step {
    u32 which, patience, time, room, what, how;
};

DEVICE Words next_block(Draws &d) {
    u32 high = ((u32)(d.step >> 32) & 0xffffu) | d.blocks << 16;
    d.blocks++;
    return philox((u32)d.step, high, d.walk[0], d.walk[1], (u32)d.seed, (u32)(d.seed >> 32));
}

DEVICE Step further(Draws &d) {
    Words b = next_block(d);
    Step s = {b.w[0], b.w[1], b.w[2] & 0xffffu, b.w[2] >> 16, b.w[3] & 0xffffu, b.w[3] >> 16};
    return s;
}

DEVICE Step begin_step(Draws &d, u64 step) {
    d.step = step;
    d.blocks = 0;
    d.used = 4;
    return further(d);
}

DEVICE u32 word(Draws &d) {
    if (d.used == 4) {
        d.words = next_block(d);
        d.used = 0;
    }
    return d.words.w[d.used++];
}

DEVICE u32 below(u32 word, u32 n) { return (u32)(((u64)word * n) >> 32); }
DEVICE u32 below16(u32 half, u32 n) { return (half * n) >> 16; }
