//! Stage 3: conflicts resolved.
