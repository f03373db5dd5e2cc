//! Plans: what people make of customers, and what they mean to do about it.

mod pulses;
mod success;
