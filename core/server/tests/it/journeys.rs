//! Journeys: how they start, move, wait and end, and what customers and colleagues do to them.

mod counts;
mod migration;
mod moves;
mod pauses;
mod people;
mod start;
mod status;
mod waiting;
