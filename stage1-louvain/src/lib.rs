//! Stage 1: clusters of classes that conflict with each other.
