//! The engine: examples of the documents, and laws over random journeys.
