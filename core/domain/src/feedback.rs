//! Feedback: what customers are asked, what they answer, and what the answers add up to.

pub mod response;
pub mod score;
pub mod survey;
