//! Plans: what people make of customers, and what they mean to do about it.

mod deferred;
mod growth;
mod handoffs;
mod pulses;
mod risks;
mod success;
