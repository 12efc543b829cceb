//! End-to-end tests over the program and real instances.
