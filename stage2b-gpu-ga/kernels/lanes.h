// What differs between a device and a processor: how the 32 lanes of a warp do their work.
//
// A warp looks after one timetable. Code outside FOR_EACH_LANE and LEADER is done by every lane alike; what lanes tell each other goes
// through memory, with MEET between writing and reading. Compiled for a processor (STAGECOACH_HOST), a warp is one thread, and the lanes
// take turns.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int i32;
typedef long long i64;

static const u32 LANES = 32;
static const u32 NONE = 0xffffffffu;

#ifdef STAGECOACH_HOST
#define DEVICE static inline
#define BODY static
#define KERNEL extern "C" void
#define FOR_EACH_LANE(lane) for (u32 lane = 0; lane < LANES; lane++)
#define LEADER
#define MEET
// The warp that a thread of the processor stands for.
struct Warp { u32 number, count; };
extern thread_local Warp warp;
DEVICE u32 warp_number() { return warp.number; }
DEVICE u32 warp_count() { return warp.count; }
DEVICE u32 ones(u32 x) { return (u32)__builtin_popcount(x); }
DEVICE u32 ones64(u64 x) { return (u32)__builtin_popcountll(x); }
DEVICE u32 lowest(u32 x) { return (u32)__builtin_ctz(x); }
DEVICE u32 lowest64(u64 x) { return (u32)__builtin_ctzll(x); }
DEVICE u32 zeros_above(u32 x) { return (u32)__builtin_clz(x); }
#else
#define DEVICE static __device__ __forceinline__
// Not copied into everything that calls it: programs stay small.
#define BODY static __device__ __noinline__
#define KERNEL extern "C" __global__ void
#define FOR_EACH_LANE(lane) for (u32 lane = threadIdx.x & 31u, once_ = 1; once_; once_ = 0)
#define LEADER if ((threadIdx.x & 31u) == 0)
#define MEET __syncwarp()
DEVICE u32 warp_number() { return blockIdx.x; }
DEVICE u32 warp_count() { return gridDim.x; }
DEVICE u32 ones(u32 x) { return (u32)__popc(x); }
DEVICE u32 ones64(u64 x) { return (u32)__popcll(x); }
DEVICE u32 lowest(u32 x) { return (u32)__ffs((int)x) - 1; }
DEVICE u32 lowest64(u64 x) { return (u32)__ffsll((long long)x) - 1; }
DEVICE u32 zeros_above(u32 x) { return (u32)__clz((int)x); }
#endif
