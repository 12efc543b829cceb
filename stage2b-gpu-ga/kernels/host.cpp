// The kernels for a processor: a thread is one warp after the other.
#define STAGECOACH_HOST
#include "genetic.cu"

thread_local Warp warp = {0, 1};

// Which warp of how many the calling thread stands for from now on.
extern "C" void set_warp(u32 number, u32 count) {
    warp.number = number;
    warp.count = count;
}
