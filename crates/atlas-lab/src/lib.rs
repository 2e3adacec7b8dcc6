//! The paper's experiments, each a small declared spec plus how to score it.
//!
//! Empty so far: the room is here so that its place in the order of crates is settled. What will be
//! built in it runs on `atlas-session` nowhere and on `atlas-probe` only, and shows every steered
//! figure beside that of random vectors of the same length.
