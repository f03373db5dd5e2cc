//! The engine: examples of the documents, and laws over random journeys.

mod adoptions;
mod indicators;
mod laws;
mod pauses;
mod plugins;
mod replay;
mod risks;
mod stages;
mod tasks;
