// What the crate `cp_sat` wants to compile against, so that it builds where OR-Tools is not installed. We take its model builder
// and its messages; solving goes through OR-Tools' C interface, in a library opened at run time (src/ortools/library.rs). What is
// declared here is compiled and linked, never called.
#ifndef STAGECOACH_CP_MODEL_H_
#define STAGECOACH_CP_MODEL_H_

#include <cassert>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

// A namespace of its own: under OR-Tools' own names these would take the place of the library's.
namespace stagecoach_stand_in {

struct Message {
  bool ParseFromArray(const void*, int) { std::abort(); }
  bool SerializeToArray(void*, int) const { std::abort(); }
  size_t ByteSizeLong() const { std::abort(); }
};
struct CpModelProto : Message {};
struct CpSolverResponse : Message {};
struct SatParameters : Message {};

inline CpSolverResponse Solve(const CpModelProto&) { std::abort(); }
inline CpSolverResponse SolveWithParameters(const CpModelProto&, const SatParameters&) { std::abort(); }
inline std::string CpModelStats(const CpModelProto&) { std::abort(); }
inline std::string CpSolverResponseStats(const CpSolverResponse&, bool) { std::abort(); }
inline std::string ValidateCpModel(const CpModelProto&) { std::abort(); }
inline bool SolutionIsFeasible(const CpModelProto&, const std::vector<int64_t>&) { std::abort(); }

}  // namespace stagecoach_stand_in

namespace operations_research {
namespace sat = ::stagecoach_stand_in;
}

#endif
