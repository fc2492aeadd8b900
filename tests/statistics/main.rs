//! The statistics against answers known from the literature, by hand, or from an independent formula, and the coverage
//! they promise against what a fixed seed shows.
//!
//! A coverage test states its number of trials N and allows four standard deviations, 4 √(p(1−p)/N), about the
//! promised rate p: with another seed, a right procedure would fall outside with probability 6e-5.

mod balance;
mod common;
mod estimate;
mod fit;
mod holm;
mod kim_nelson;
mod objective;
mod paired;
mod quantile;
mod sequential;
mod truncation;
mod unseen;
mod willink;
