//! Memory limits, gauges, ledger and cleanup for programs that must not die of memory.
