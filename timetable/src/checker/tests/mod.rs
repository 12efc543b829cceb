//! The rules on problems small enough to check by hand.

mod campus;
mod each;
mod groups;
mod itc_pairs;
mod penalties;
mod placed;
mod random;
mod spots;
mod students;
